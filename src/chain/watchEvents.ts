import { getBlockNumber } from 'viem/actions';
import type { AssayError } from '../errors.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { type ChainEvent, getEvents } from './getEvents.ts';
import { toChainError } from './toChainError.ts';

export type WatchEventsParameters = {
  /** Default: the block after the latest. */
  readonly fromBlock?: bigint;
  readonly names?: readonly ChainEvent['name'][];
  /** Called for each event in order, one at a time. What it throws goes to `onError`; the event is not repeated. */
  readonly onEvent: (event: ChainEvent) => void | Promise<void>;
  /** Called when the node cannot be asked; polling goes on. */
  readonly onError: (error: AssayError) => void;
  /** Milliseconds. Default: the connection's. */
  readonly pollingInterval?: number;
};

/** Follows a deployment's events by polling. Returns a function that stops it. */
export function watchEvents(chain: ChainReader, deployment: Deployment, parameters: WatchEventsParameters): () => void {
  const { names, onEvent, onError, pollingInterval = chain.client.pollingInterval } = parameters;
  let next = parameters.fromBlock;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const poll = async (): Promise<void> => {
    try {
      const latest = await getBlockNumber(chain.client, { cacheTime: 0 });
      next ??= latest + 1n;
      if (latest >= next) {
        const events = await getEvents(chain, deployment, { fromBlock: next, toBlock: latest, ...(names === undefined ? {} : { names }) });
        next = latest + 1n;
        for (const event of events) {
          if (stopped) return;
          try {
            await onEvent(event);
          } catch (error) {
            onError(toChainError(error, chain.rpcUrl));
          }
        }
      }
    } catch (error) {
      if (!stopped) onError(toChainError(error, chain.rpcUrl));
    }
    if (!stopped) timer = setTimeout(() => void poll(), pollingInterval);
  };
  void poll();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
