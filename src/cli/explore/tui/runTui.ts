import { render } from 'ink';
import { createElement } from 'react';
import type { Explorer } from '../../../explorer/explorer.ts';
import { App } from './app.ts';

/** Shows the live view until it is quit, or the signal. */
export async function runTui(explorer: Explorer, colours: boolean, signal: AbortSignal): Promise<void> {
  const { unmount, waitUntilExit } = render(createElement(App, { explorer, colours }), {
    alternateScreen: true,
    incrementalRendering: true,
  });
  const stop = (): void => unmount();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await waitUntilExit();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
