import { getLogs } from 'viem/actions';
import { walkCauses } from '../errors.ts';
import type { ChainLog } from './chainEvent.ts';
import type { ChainReader } from './connectChain.ts';
import { toChainError } from './toChainError.ts';

export type ReadLogsParameters = {
  readonly address: readonly `0x${string}`[];
  readonly fromBlock: bigint;
  /** The last block that is wanted; not below `fromBlock`. */
  readonly toBlock: bigint;
  /** Blocks to ask for at once. */
  readonly span: number;
};

export type ReadLogsReturnType = {
  readonly logs: readonly ChainLog[];
  /** The last block that was read; fewer than were wanted where the node refuses so many. */
  readonly toBlock: bigint;
  /** What the node granted. */
  readonly span: number;
};

/** Blocks asked for at once where nothing is known of the node. */
export const widestSpan = 5_000;

/** What to ask for after a node has granted `span`: a little more, because where there was too much there may be less further on. */
export function widerSpan(span: number): number {
  return Math.min(widestSpan, Math.ceil(span * 1.25));
}

/** Most nodes refuse more blocks or logs at once than some number of their own: that comes as an error, as a refusal to send it, or as silence. What is longer than 10 MiB is not taken. */
function mayBeTooMuch(error: unknown): boolean {
  return (
    walkCauses(error, (e) => {
      const { name, status } = e as { name?: string; status?: number };
      return (
        name === 'RpcRequestError' ||
        name === 'TimeoutError' ||
        name === 'ResponseBodyTooLargeError' ||
        (name === 'HttpRequestError' && (status === 400 || status === 413))
      );
    }) !== undefined
  );
}

/** Whether a node tells the time of a log's block with the log is its own affair. */
function timed(log: ChainLog & { readonly blockTimestamp?: bigint | null | undefined }): ChainLog {
  return log.blockTimestamp == null ? log : Object.assign(log, { time: Number(log.blockTimestamp) });
}

/**
 * Reads logs from `fromBlock` on, of half as many blocks as long as the node refuses.
 *
 * @throws what the node answers where it refuses even one block; CHAIN_RPC_UNREACHABLE
 */
export async function readLogs(chain: ChainReader, parameters: ReadLogsParameters): Promise<ReadLogsReturnType> {
  const { address, fromBlock } = parameters;
  for (let span = parameters.span; ; span = Math.floor(span / 2)) {
    const end = fromBlock + BigInt(span) - 1n;
    const toBlock = end < parameters.toBlock ? end : parameters.toBlock;
    try {
      const logs = await getLogs(chain.client, { address: [...address], fromBlock, toBlock });
      return { logs: logs.map(timed), toBlock, span };
    } catch (error) {
      if (toBlock === fromBlock || !mayBeTooMuch(error)) throw toChainError(error, chain.rpcUrl);
    }
  }
}
