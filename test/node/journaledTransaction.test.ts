import { type Hex, parseGwei, toHex } from 'viem';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Anvil, devnetAccount, startAnvil } from '../../src/chain/anvil.ts';
import { type ChainWriter, connectChain } from '../../src/chain/connectChain.ts';
import { awaitOutcome, sendJournaled, type TransactionTerms } from '../../src/node/journaledTransaction.ts';
import type { RoleEvent } from '../../src/node/roleEvent.ts';
import { openStore, type Store } from '../../src/store/openStore.ts';
import type { Attempt, Submission, Transaction } from '../../src/store/submissionState.ts';
import { codeOf } from '../utils/codeOf.ts';
import { eventsOf, leaseOf } from '../utils/storeFixtures.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('journaled');
const target: Hex = `0x${'77'.repeat(20)}`;

let anvil: Anvil;
let chain: ChainWriter;
let store: Store;
let events: RoleEvent[];
let windowIndex = 0;
let id: Hex;

beforeAll(async () => {
  anvil = await startAnvil();
  store = await openStore(scratch.path);
});

afterAll(async () => {
  await store?.close();
  await anvil?.stop();
});

const rpc = (method: string, params: readonly unknown[] = []): Promise<unknown> => chain.client.request({ method, params } as never);
const journalled = async (): Promise<Submission & { state: 'submitting' }> =>
  (await store.submissions.get(id)) as Submission & { state: 'submitting' };
const mine = async (baseFee: bigint): Promise<void> => {
  await rpc('anvil_setNextBlockBaseFeePerGas', [toHex(baseFee)]);
  await rpc('evm_mine');
};
const isMined = (hash: Hex): Promise<boolean> =>
  chain.client.getTransactionReceipt({ hash }).then(
    () => true,
    () => false,
  );
const nonceNow = (): Promise<number> => chain.client.getTransactionCount({ address: chain.account.address });

/** A worker that waits, and mends nothing on its own. */
const wait = (
  terms: TransactionTerms,
  journal?: (replacement: { readonly nonce: number; readonly transactionHash: Hex; readonly raw: Hex }) => Promise<unknown>,
) => {
  const keep = (replacement: object) => store.submissions.advance(id, { type: 'replaced', ...replacement } as never);
  return journalled().then(({ transaction }) =>
    awaitOutcome(chain, transaction, { replaceAfterMs: 0, ...terms, signal, emit: (event) => events.push(event) }, async (replacement) => {
      await (journal ?? keep)(replacement);
    }),
  );
};
const { signal } = new AbortController();

/** The base fee is ten times what it was when the transaction was signed: it stays where it is. */
const raisedFee = parseGwei('10');
const lowFee = parseGwei('1');

beforeEach(async () => {
  events = [];
  // An account of its own for each test: what one leaves unmined is no other's matter.
  chain = await connectChain({ rpcUrl: anvil.rpcUrl, account: devnetAccount(windowIndex + 1) });
  await rpc('evm_setAutomine', [false]);
  await mine(lowFee);
  const lease = leaseOf(windowIndex);
  id = lease.submissionId;
  await store.submissions.lease(lease);
  for (const event of eventsOf(windowIndex, 0).slice(0, 3)) await store.submissions.advance(id, event);
  windowIndex++;
  await sendJournaled(chain, { to: target, data: toHex(windowIndex, { size: 1 }) }, ({ sender, ...transaction }) =>
    store.submissions.advance(id, { type: 'submitting', sender: sender.toLowerCase() as Hex, ...transaction }),
  );
});

it('what the chain takes at once is not replaced', async () => {
  await mine(lowFee);
  const { status, transactionHash } = await wait({});
  const { attempts } = (await journalled()).transaction;
  expect({ status, attempts: attempts.map((attempt) => attempt.transactionHash), events }).toEqual({
    status: 'success',
    attempts: [transactionHash],
    events: [],
  });
});

it('one whose fee has become too low is replaced once, journaled first, and takes effect once', async () => {
  await mine(raisedFee);
  const first = (await journalled()).transaction;
  expect(await isMined(first.attempts[0]?.transactionHash as Hex)).toBe(false);
  const before = await nonceNow();
  let known: unknown;
  const outcome = wait({}, async (replacement) => {
    await store.submissions.advance(id, { type: 'replaced', ...replacement });
    // Journaled, and the node has not seen it.
    known = await chain.client.getTransaction({ hash: replacement.transactionHash }).catch(() => 'unknown');
  });
  while (!events.some(({ event }) => event === 'replaced')) await new Promise((resolve) => setTimeout(resolve, 20));
  await mine(raisedFee);
  const { transactionHash, status } = await outcome;
  const { attempts, nonce } = (await journalled()).transaction as Transaction;
  expect({ known, status, nonce, hashes: attempts.map((attempt) => attempt.transactionHash) }).toEqual({
    known: 'unknown',
    status: 'success',
    nonce: first.nonce,
    hashes: [first.attempts[0]?.transactionHash, transactionHash],
  });
  expect(events.map(({ event }) => event)).toEqual(['replaced']);
  expect(await nonceNow()).toBe(before + 1);
  await mine(lowFee);
  expect(await isMined(first.attempts[0]?.transactionHash as Hex)).toBe(false);
});

it('killed between journal and broadcast it goes on with the replacement', async () => {
  await mine(raisedFee);
  const killed = wait({}, async (replacement) => {
    await store.submissions.advance(id, { type: 'replaced', ...replacement });
    throw new Error('killed');
  });
  await expect(killed).rejects.toThrow('killed');
  const { attempts } = (await journalled()).transaction;
  expect(attempts).toHaveLength(2);
  const dearer = attempts[1]?.transactionHash as Hex;
  await expect(chain.client.getTransaction({ hash: dearer })).rejects.toThrow('could not be found');
  const outcome = wait({ replaceAfterMs: 60_000 });
  for (;;) {
    if (await chain.client.getTransaction({ hash: dearer }).catch(() => undefined)) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // Offered once more, when the node has the dearer one: no error.
  const again = wait({ replaceAfterMs: 60_000 });
  await mine(raisedFee);
  expect([(await outcome).transactionHash, (await again).transactionHash]).toEqual([dearer, dearer]);
});

it('the first being mined after all is its outcome', async () => {
  await mine(raisedFee);
  const { transactionHash: first, raw } = (await journalled()).transaction.attempts[0] as Attempt;
  const { transactionHash } = await wait({}, async (replacement) => {
    await store.submissions.advance(id, { type: 'replaced', ...replacement });
    // The node of the test forgets what it could not mine; another has it still.
    await mine(lowFee);
    await rpc('eth_sendRawTransaction', [raw]);
    await mine(lowFee);
  });
  expect(transactionHash).toBe(first);
  const dearer = (await journalled()).transaction.attempts[1]?.transactionHash as Hex;
  expect(await isMined(dearer)).toBe(false);
});

it('no more is offered than is allowed', async () => {
  await mine(raisedFee);
  expect(await codeOf(() => wait({ maxFeePerGas: parseGwei('2'), transactionTimeoutMs: 300 }))).toBe('CHAIN_TRANSACTION_PENDING');
  expect((await journalled()).transaction.attempts).toHaveLength(1);
  expect(events).toMatchObject([{ event: 'warning', code: 'FEE_LIMIT' }]);
  // Started again without the limit it gets through.
  const outcome = wait({});
  while (!events.some(({ event }) => event === 'replaced')) await new Promise((resolve) => setTimeout(resolve, 20));
  await mine(raisedFee);
  expect((await outcome).status).toBe('success');
});
