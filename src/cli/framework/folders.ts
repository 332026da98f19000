import { join } from 'node:path';
import type { Deployment } from '../../chain/deployment.ts';
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

export type RoleName = 'requester' | 'validator' | 'worker';

/** Where a role keeps its database, its blobs and its libp2p identity, where no folder is given. */
export function roleDirectory(settings: Pick<Settings, 'home'>, role: RoleName): string {
  return join(settings.home, role);
}

/** Where the explorer of a deployment keeps its index. */
export function explorerDirectory(
  settings: Pick<Settings, 'home'>,
  { chainId, addresses }: Pick<Deployment, 'chainId' | 'addresses'>,
): string {
  return join(settings.home, 'explorer', `${chainId}-${addresses.jobManager.toLowerCase()}`);
}

/** The ceremony that the settings choose. */
export function ceremonyOf(settings: Pick<Settings, 'cache' | 'ceremony' | 'srs'>): { directory: string; publicDirectory?: string } {
  const directory = ceremonyDirectory(settings);
  return settings.ceremony === 'public' && settings.srs !== undefined ? { directory, publicDirectory: settings.srs } : { directory };
}
