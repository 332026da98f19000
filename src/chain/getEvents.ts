import { getBlockNumber } from 'viem/actions';
import { type ChainEvent, decodeEvent, eventAddresses } from './chainEvent.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { readLogs, widerSpan, widestSpan } from './readLogs.ts';
import { toChainError } from './toChainError.ts';

export type { ChainEvent } from './chainEvent.ts';

export type GetEventsParameters = {
  /** Default: the deployment's first block. */
  readonly fromBlock?: bigint;
  /** Default: the latest block. */
  readonly toBlock?: bigint;
  /** Only these. */
  readonly names?: readonly ChainEvent['name'][];
};

/** Every event of a deployment's contracts in a range of blocks, in order. The range may be empty. */
export async function getEvents(
  chain: ChainReader,
  deployment: Deployment,
  parameters: GetEventsParameters = {},
): Promise<readonly ChainEvent[]> {
  const { names, fromBlock = BigInt(deployment.firstBlock) } = parameters;
  const last = parameters.toBlock ?? (await latestBlock(chain));
  const found: ChainEvent[] = [];
  let span = widestSpan;
  for (let from = fromBlock; from <= last; ) {
    const read = await readLogs(chain, { address: eventAddresses(deployment), fromBlock: from, toBlock: last, span });
    for (const log of read.logs) {
      const event = decodeEvent(deployment, log);
      if (event !== undefined && (names === undefined || names.includes(event.name))) found.push(event);
    }
    from = read.toBlock + 1n;
    span = widerSpan(read.span);
  }
  return found;
}

async function latestBlock(chain: ChainReader): Promise<bigint> {
  try {
    return await getBlockNumber(chain.client, { cacheTime: 0 });
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}
