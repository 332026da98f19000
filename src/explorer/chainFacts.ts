import { type Address, erc20Abi, type Hex } from 'viem';
import { getBlock, getTransactionReceipt } from 'viem/actions';
import { read } from '../chain/call.ts';
import type { ChainEvent } from '../chain/chainEvent.ts';
import type { ChainReader } from '../chain/connectChain.ts';
import type { Deployment } from '../chain/deployment.ts';
import { type Circuit, getCircuit } from '../chain/getCircuit.ts';
import type { TokenView } from './views.ts';

type Facts = { setFact(key: string, value: Uint8Array): Promise<void>; fact(key: string): Promise<Uint8Array | undefined> };

export type Receipt = {
  readonly gasUsed: number;
  readonly gasPrice: string;
  readonly success: boolean;
  readonly from: Address;
  readonly to: Address | null;
};

/** What the index has not got and the node knows; asked for once. Whatever the node does not say is undefined, and asked for again next time. */
export type ChainFacts = {
  /** ISO 8601. */
  time(event: Pick<ChainEvent, 'blockHash' | 'time'>): Promise<string | null>;
  receipt(event: Pick<ChainEvent, 'blockHash' | 'transactionHash'>): Promise<Receipt | undefined>;
  /** Of a receipt that was asked for before; does not ask. */
  knownReceipt(event: Pick<ChainEvent, 'blockHash' | 'transactionHash'>): Promise<Receipt | undefined>;
  token(address: Address): Promise<TokenView>;
  circuit(circuitId: Hex): Promise<Circuit | undefined>;
  /** Of ASSAY, not older than half a minute. */
  supply(): Promise<bigint | undefined>;
};

/** Milliseconds until what the node did not tell is asked for again. */
const forgetAfter = 30_000;

export function chainFacts(chain: ChainReader, deployment: Deployment, stored: Facts): ChainFacts {
  const text = new TextEncoder();
  const remembered = new Map<string, Promise<unknown>>();
  /** In memory, else stored, else asked for and stored. Failures are not kept. */
  const once = <T>(key: string, ask: (() => Promise<T>) | undefined, keep: boolean): Promise<T | undefined> => {
    const known = remembered.get(key);
    if (known !== undefined) return known as Promise<T | undefined>;
    const found = (async (): Promise<T | undefined> => {
      const bytes = keep ? await stored.fact(key) : undefined;
      if (bytes !== undefined) return JSON.parse(Buffer.from(bytes).toString()) as T;
      const told = await ask?.();
      if (told !== undefined && keep) await stored.setFact(key, new Uint8Array(text.encode(JSON.stringify(told))));
      return told;
    })();
    // What the node does not tell is not asked for with every page: a token need not have a name.
    const forget = (): undefined => {
      setTimeout(() => remembered.delete(key), ask === undefined ? 0 : forgetAfter).unref();
      return undefined;
    };
    const settled = found.then((value) => value ?? forget(), forget);
    remembered.set(key, settled);
    if (remembered.size > 20_000) for (const old of [...remembered.keys()].slice(0, 5_000)) remembered.delete(old);
    return settled;
  };
  const receiptKey = ({ blockHash, transactionHash }: Pick<ChainEvent, 'blockHash' | 'transactionHash'>): string =>
    `receipt/${blockHash}/${transactionHash}`;
  return {
    async time({ blockHash, time }) {
      const seconds =
        time ?? (await once(`time/${blockHash}`, async () => Number((await getBlock(chain.client, { blockHash })).timestamp), true));
      return seconds === undefined ? null : new Date(seconds * 1000).toISOString();
    },
    receipt: (event) =>
      once(
        receiptKey(event),
        async (): Promise<Receipt | undefined> => {
          const receipt = await getTransactionReceipt(chain.client, { hash: event.transactionHash });
          // Of another block: the chain was reorganised under the question.
          if (receipt.blockHash !== event.blockHash) return undefined;
          const { gasUsed, effectiveGasPrice, status, from, to } = receipt;
          return { gasUsed: Number(gasUsed), gasPrice: String(effectiveGasPrice), success: status === 'success', from, to };
        },
        true,
      ),
    knownReceipt: (event) => once(receiptKey(event), undefined, true),
    async token(address) {
      const [symbol, decimals] = await Promise.all([
        once(`symbol/${address}`, () => read(chain, erc20Abi, address, 'symbol', []), false),
        once(`decimals/${address}`, () => read(chain, erc20Abi, address, 'decimals', []), false),
      ]);
      return { address, symbol: symbol?.slice(0, 40) ?? null, decimals: decimals ?? null };
    },
    supply() {
      const now = Math.floor(Date.now() / 30_000);
      return once(`supply/${now}`, () => read(chain, erc20Abi, deployment.addresses.token, 'totalSupply', []), false);
    },
    circuit: (circuitId) => once(`circuit/${circuitId}`, () => getCircuit(chain, deployment, circuitId), false),
  };
}
