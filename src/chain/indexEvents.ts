import type { AssayError } from '../errors.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { type ReadAhead, type SyncIndexParameters, syncIndex } from './syncIndex.ts';
import { toChainError } from './toChainError.ts';

export type IndexEventsParameters = SyncIndexParameters & {
  /** Called after every write with the last indexed block. */
  readonly onProgress?: (block: number) => void;
  /** Called when the node cannot be asked or the storage cannot be written; it goes on after a pause. */
  readonly onError: (error: AssayError) => void;
  /** Milliseconds. Default: the connection's. */
  readonly pollingInterval?: number;
};

/** Keeps an index of a deployment's events at the head of the chain until it is stopped. */
export function indexEvents(
  chain: ChainReader,
  deployment: Deployment,
  parameters: IndexEventsParameters,
): { readonly stop: () => Promise<void> } {
  const { onProgress, onError, pollingInterval = chain.client.pollingInterval } = parameters;
  let stopped = false;
  let wake = (): void => undefined;
  const ahead: ReadAhead = {};
  const run = async (): Promise<void> => {
    let reported: number | undefined;
    let span = parameters.span;
    while (!stopped) {
      try {
        const {
          caughtUp,
          block,
          span: granted,
        } = await syncIndex(chain, deployment, { ...parameters, ahead, ...(span === undefined ? {} : { span }) });
        span = granted;
        if (block !== undefined && block !== reported) onProgress?.(block);
        reported = block;
        if (!caughtUp) continue;
      } catch (error) {
        if (!stopped) onError(toChainError(error, chain.rpcUrl));
      }
      if (stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollingInterval);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const done = run();
  return {
    /** Resolves when the last write is done, and nothing is asked of the node any more. */
    async stop() {
      stopped = true;
      wake();
      await done;
      await ahead.pending?.read.catch(() => undefined);
    },
  };
}
