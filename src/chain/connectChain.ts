import {
  type Account,
  type Chain,
  type Client,
  createClient,
  defineChain,
  type Hex,
  http,
  type PublicActions,
  publicActions,
  type Transport,
} from 'viem';
import { AssayError, exitCodes } from '../errors.ts';
import { toChainError } from './toChainError.ts';

/** A connection that reads. */
export type ChainReader = {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly client: Client<Transport, Chain> & PublicActions<Transport, Chain>;
};

/** A connection that also sends transactions of one account, one at a time. */
export type ChainWriter = ChainReader & {
  readonly account: Account;
  /** Runs `send` after every earlier one has been handed to the node, so that nonces do not collide. */
  readonly inTurn: <T>(send: () => Promise<T>) => Promise<T>;
};

export type ConnectChainParameters = {
  readonly rpcUrl: string;
  /** Refuses any other chain. */
  readonly chainId?: number;
  /** Milliseconds between polls for receipts. Default 100 on devnet chain ids, 2,000 elsewhere. */
  readonly pollingInterval?: number;
  /** Milliseconds until a request is given up. Default 20,000. */
  readonly timeout?: number;
};

/** Chain ids on which the `dev` ceremony profile is accepted; the same list as in JobManager. */
export const devnetChainIds: readonly number[] = [31337, 1337];

/**
 * Connects to an EVM node and checks which chain it is.
 *
 * @throws CHAIN_RPC_UNREACHABLE, CHAIN_WRONG_CHAIN (both exit code 5), CHAIN_RPC_URL_INVALID (exit code 2)
 */
export function connectChain(parameters: ConnectChainParameters & { readonly account: Account }): Promise<ChainWriter>;
export function connectChain(parameters: ConnectChainParameters): Promise<ChainReader>;
export async function connectChain(
  parameters: ConnectChainParameters & { readonly account?: Account },
): Promise<ChainReader | ChainWriter> {
  const { rpcUrl, account, timeout = 20_000 } = parameters;
  if (!URL.canParse(rpcUrl) || !['http:', 'https:'].includes(new URL(rpcUrl).protocol)) {
    throw new AssayError('CHAIN_RPC_URL_INVALID', `not an http(s) URL: ${rpcUrl}`, { exitCode: exitCodes.usage });
  }
  const transport = http(rpcUrl, { timeout, retryCount: 2, retryDelay: 150 });
  let chainId: number;
  try {
    chainId = Number((await createClient({ transport }).request({ method: 'eth_chainId' })) as Hex);
  } catch (error) {
    throw toChainError(error, rpcUrl);
  }
  if (parameters.chainId !== undefined && parameters.chainId !== chainId) {
    throw new AssayError('CHAIN_WRONG_CHAIN', `${rpcUrl} is chain ${chainId}, not ${parameters.chainId}`, {
      hint: 'Point --rpc at a node of the chain that the deployment is on.',
      exitCode: exitCodes.network,
    });
  }
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  const pollingInterval = parameters.pollingInterval ?? (devnetChainIds.includes(chainId) ? 100 : 2_000);
  const client = createClient({ chain, transport, pollingInterval, cacheTime: 0 }).extend(publicActions);
  if (account === undefined) return { rpcUrl, chainId, client };
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(send: () => Promise<T>): Promise<T> => {
    const result = last.then(send);
    last = result.catch(() => undefined);
    return result;
  };
  return { rpcUrl, chainId, client, account, inTurn };
}
