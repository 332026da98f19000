import { join } from 'node:path';
import type { Settings } from './settings.ts';

/** Where the SRS of the dev ceremony is kept. */
export function ceremonyDirectory(settings: Pick<Settings, 'cache'>): string {
  return join(settings.cache, 'ceremony');
}

/** Where compiled circuits and their keys are kept. */
export function circuitCacheDirectory(settings: Pick<Settings, 'cache'>): string {
  return join(settings.cache, 'circuits');
}

/** Where keystores are kept. */
export function keyDirectory(settings: Pick<Settings, 'home'>): string {
  return join(settings.home, 'keys');
}
