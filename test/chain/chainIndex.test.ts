import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelJob } from '../../src/chain/cancelJob.ts';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import { type ChainReader, connectChain } from '../../src/chain/connectChain.ts';
import { demandProof } from '../../src/chain/demandProof.ts';
import { finalize } from '../../src/chain/finalize.ts';
import { getEvents } from '../../src/chain/getEvents.ts';
import { indexEvents } from '../../src/chain/indexEvents.ts';
import { indexReader } from '../../src/chain/indexReader.ts';
import type { IndexEntry, IndexStorage } from '../../src/chain/indexStorage.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { openJob } from '../../src/chain/openJob.ts';
import { readLogs } from '../../src/chain/readLogs.ts';
import { settle } from '../../src/chain/settle.ts';
import { slashWithheld } from '../../src/chain/slashWithheld.ts';
import { type ReadAhead, type Reorg, type SyncIndexParameters, syncIndex } from '../../src/chain/syncIndex.ts';
import { transferToken } from '../../src/chain/transferToken.ts';
import { unbond } from '../../src/chain/unbond.ts';
import { proofHash, statementHash } from '../../src/commitment/ids.ts';
import type { AssayError } from '../../src/errors.ts';
import { type ChainIndex, openChainIndex } from '../../src/store/chainIndex.ts';
import { codeOf } from '../utils/codeOf.ts';
import { memoryIndex } from '../utils/memoryIndex.ts';
import { ether, opening, type SettlementStage, salt, startSettlementStage } from '../utils/settlementStage.ts';
import { useScratch } from '../utils/useScratch.ts';

let stage: SettlementStage;

beforeAll(async () => {
  stage = await startSettlementStage();
});

afterAll(() => stage?.close());

const catchUp = async (
  storage: IndexStorage,
  parameters: Omit<SyncIndexParameters, 'storage'> = {},
  chain: ChainReader = stage.requester,
) => {
  let span = parameters.span ?? 5_000;
  const ahead = {};
  for (let steps = 0; ; steps++) {
    if (steps > 10_000) throw new Error('it does not come to an end');
    const { caughtUp, block, span: granted } = await syncIndex(chain, stage.deployment, { storage, ahead, ...parameters, span });
    span = granted;
    if (caughtUp) return { block, steps };
  }
};

/** What an index would hold that was made from scratch now. */
const rebuilt = async (parameters: Omit<SyncIndexParameters, 'storage'> = {}): Promise<readonly IndexEntry[]> => {
  const fresh = memoryIndex();
  await catchUp(fresh, parameters);
  return fresh.entries();
};

/** What the chain itself says, read in another way. */
const expectComplete = async (entries: readonly IndexEntry[], toBlock?: number): Promise<void> => {
  const events = await getEvents(stage.requester, stage.deployment, toBlock === undefined ? {} : { toBlock: BigInt(toBlock) });
  expect(entries.map(({ block, logIndex, blockHash }) => [block, logIndex, blockHash])).toEqual(
    events.map(({ blockNumber, logIndex, blockHash }) => [Number(blockNumber), logIndex, blockHash]),
  );
};

/** One block with some event that no other block has. */
let nonce = 0n;
const somethingHappens = async (): Promise<void> => {
  nonce++;
  if (nonce % 3n === 0n) await unbond(stage.carol.cold, stage.deployment, nonce);
  else if (nonce % 3n === 1n)
    await commitEvidence(stage.finder, stage.deployment, {
      submissionId: salt,
      statementHash: salt,
      proofHash: salt,
      salt: `0x${nonce.toString(16).padStart(64, '0')}`,
    });
  // A block whose logs are none of the deployment's: the token is not indexed.
  else await transferToken(stage.requester, stage.deployment.addresses.token, stage.finder.account.address, nonce);
};

const head = async (): Promise<number> => Number(await stage.requester.client.getBlockNumber({ cacheTime: 0 }));

/** Puts other blocks in the place of the last `depth`, and `more` on top. */
const reorganise = async (depth: number, more: number, before: { readonly id: unknown }): Promise<void> => {
  await stage.rpc('evm_revert', [before.id]);
  for (let i = 0; i < depth + more; i++) await somethingHappens();
};

const scratch = useScratch('chain-index');
let directories = 0;

/** Each kind of storage, empty. */
const storages: Readonly<
  Record<string, () => Promise<{ storage: IndexStorage; all(): Promise<readonly IndexEntry[]>; close(): Promise<void> }>>
> = {
  memory: async () => {
    const storage = memoryIndex();
    return { storage, all: async () => storage.entries(), close: async () => undefined };
  },
  disk: async () => {
    const storage = await openChainIndex(join(scratch.path, `index-${directories++}`));
    const all = async (): Promise<readonly IndexEntry[]> => {
      // By what every event is found by: its name.
      const names = new Set((await getEvents(stage.requester, stage.deployment)).map(({ name }) => name));
      const found = await Promise.all([...names].map((key) => storage.list({ key, limit: 100_000 })));
      const entries = found.flat().sort((a, b) => a.block - b.block || a.logIndex - b.logIndex);
      expect(await storage.count()).toBe(entries.length);
      return entries;
    };
    return { storage, all, close: () => storage.close() };
  },
};

describe.each(Object.entries(storages))('row 30: an index in %s', (_name, open) => {
  it('equals a rebuild from scratch after reorganisations of depth 1 to 12', async () => {
    const { storage, all, close } = await open();
    const reorgs: Reorg[] = [];
    const onReorg = (reorg: Reorg): void => void reorgs.push(reorg);
    for (let depth = 1; depth <= 12; depth++) {
      const before = { id: await stage.rpc('evm_snapshot') };
      const ancestor = await head();
      for (let i = 0; i < depth; i++) await somethingHappens();
      await catchUp(storage, { onReorg });
      const undone = await all();
      // As long as before, or longer.
      await reorganise(depth, depth % 2, before);
      const { block } = await catchUp(storage, { onReorg });
      expect(block).toBe(await head());
      expect(reorgs.at(-1)).toEqual({ from: ancestor + depth, ancestor });
      const now = await all();
      expect(now).not.toEqual(undone);
      expect(now).toEqual(await rebuilt());
      await expectComplete(now);
    }
    expect(reorgs).toHaveLength(12);
    await close();
  });

  it('starts over after a reorganisation that is deeper than the hashes it kept', async () => {
    const { storage, all, close } = await open();
    const reorgs: Reorg[] = [];
    const parameters = { kept: 4, onReorg: (reorg: Reorg): void => void reorgs.push(reorg) };
    const before = { id: await stage.rpc('evm_snapshot') };
    for (let i = 0; i < 9; i++) await somethingHappens();
    const from = await head();
    await catchUp(storage, parameters);
    expect(reorgs).toEqual([]);
    await reorganise(9, 2, before);
    await catchUp(storage, parameters);
    expect(reorgs).toEqual([{ from, ancestor: undefined }]);
    expect(await all()).toEqual(await rebuilt(parameters));
    await expectComplete(await all());
    await close();
  });

  it('waits for confirmations', async () => {
    const { storage, all, close } = await open();
    for (let i = 0; i < 6; i++) await somethingHappens();
    const before = { id: await stage.rpc('evm_snapshot') };
    for (let i = 0; i < 5; i++) await somethingHappens();
    const reorgs: Reorg[] = [];
    const parameters = { confirmations: 5, onReorg: (reorg: Reorg): void => void reorgs.push(reorg) };
    const { block } = await catchUp(storage, parameters);
    expect(block).toBe((await head()) - 5);
    await expectComplete(await all(), block);
    // What is not confirmed may change without being noticed.
    await reorganise(5, 3, before);
    expect((await catchUp(storage, parameters)).block).toBe((await head()) - 5);
    expect(reorgs).toEqual([]);
    await expectComplete(await all(), (await head()) - 5);
    await close();
  });

  it('forgets another deployment', async () => {
    const { storage, all, close } = await open();
    await catchUp(storage);
    const state = await storage.state();
    await storage.reset({ deployment: '1/0x00', anchor: { number: 0, hash: salt }, blocks: [] });
    expect(await storage.list({ key: 'JobOpened', limit: 10 })).toEqual([]);
    await catchUp(storage);
    expect(await storage.state()).toMatchObject({ deployment: state?.deployment, anchor: state?.anchor });
    await expectComplete(await all());
    await close();
  });
});

describe('row 30: a node that lags or fails', () => {
  type Call = { readonly method: string; readonly params: readonly unknown[] };
  type Answer = { readonly status: number; readonly body: unknown };
  let server: Server;
  let chain: ChainReader;
  let calls: Call[] = [];
  /** What is answered instead; undefined lets the call through. */
  let fault: ((call: Call, n: number) => Answer | undefined) | undefined;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const sent = JSON.parse(Buffer.concat(chunks).toString()) as { id: number; method: string; params?: readonly unknown[] };
      const call = { ...sent, params: sent.params ?? [] };
      calls.push(call);
      const instead = fault?.(call, calls.length);
      const answer =
        instead === undefined
          ? await fetch(stage.anvil.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(sent) })
          : undefined;
      const body =
        answer === undefined ? JSON.stringify({ jsonrpc: '2.0', id: call.id, ...(instead?.body as object) }) : await answer.text();
      response.writeHead(answer?.status ?? (instead?.status as number), { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    chain = await connectChain({ rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, pollingInterval: 10 });
  });

  afterAll(() => {
    server?.closeAllConnections();
    server?.close();
  });

  beforeEach(() => {
    fault = undefined;
    calls = [];
  });

  const result = (value: unknown): Answer => ({ status: 200, body: { result: value } });
  const rpcError = (code: number, message: string): Answer => ({ status: 200, body: { error: { code, message } } });

  it('goes on after 5xx and refusals, at any call, without loss and without a double', async () => {
    const storage = memoryIndex();
    const errors: AssayError[] = [];
    let faults = 0;
    // As often in a row as the transport tries by itself.
    fault = (_call, n) => {
      if (n % 13 > 2) return undefined;
      faults++;
      return n % 2 === 0 ? { status: 503, body: {} } : rpcError(-32000, 'try again');
    };
    const index = indexEvents(chain, stage.deployment, {
      storage,
      kept: 16,
      onError: (error) => void errors.push(error),
      pollingInterval: 5,
    });
    for (let i = 0; i < 12; i++) await somethingHappens();
    const target = await head();
    await expect.poll(async () => (await storage.state())?.blocks.at(-1)?.number, { timeout: 40_000 }).toBe(target);
    await index.stop();
    expect(faults).toBeGreaterThan(10);
    expect(errors.length).toBeGreaterThan(0);
    for (const { code } of errors) expect(['CHAIN_RPC_UNREACHABLE', 'CHAIN_RPC_FAILED']).toContain(code);
    await expectComplete(storage.entries());
  });

  it('halves ranges that are refused, and refuses to leave out a block', async () => {
    await mineBlocks(stage.requester, 60);
    const ranges: number[] = [];
    fault = ({ method, params }) => {
      const filter = params[0] as { fromBlock?: string; toBlock?: string };
      if (method !== 'eth_getLogs' || filter.fromBlock === undefined) return undefined;
      const blocks = Number(filter.toBlock) - Number(filter.fromBlock) + 1;
      ranges.push(blocks);
      return blocks > 30 ? rpcError(-32005, 'query returned more than 10000 results') : undefined;
    };
    const storage = memoryIndex();
    await catchUp(storage, { kept: 8, span: 64 }, chain);
    await expectComplete(storage.entries());
    expect([Math.max(...ranges), ranges.some((blocks) => blocks <= 30)]).toEqual([64, true]);
    const events = await getEvents(chain, stage.deployment, { fromBlock: BigInt((await head()) - 40) });
    expect(events.length).toBeLessThan(storage.entries().length);
    fault = ({ method }) => (method === 'eth_getLogs' ? rpcError(-32005, 'never') : undefined);
    const query = { address: [stage.deployment.addresses.jobManager], fromBlock: 1n, toBlock: 50n, span: 50 };
    expect(await codeOf(() => readLogs(chain, query))).toBe('CHAIN_RPC_FAILED');
    expect(await codeOf(() => catchUp(memoryIndex(), {}, chain))).toBe('CHAIN_RPC_FAILED');
  });

  it('waits for a node that lags, and takes nothing back for it', async () => {
    const storage = memoryIndex();
    const reorgs: Reorg[] = [];
    await catchUp(storage);
    const before = storage.entries();
    const indexed = await head();
    const late = indexed - 5;
    const shown = (params: readonly unknown[]): boolean => typeof params[0] !== 'string' || Number(params[0]) <= late;
    fault = ({ method, params }) => {
      if (method === 'eth_blockNumber') return result(`0x${late.toString(16)}`);
      return method === 'eth_getBlockByNumber' && !shown(params) ? result(null) : undefined;
    };
    const onReorg = (reorg: Reorg): void => void reorgs.push(reorg);
    expect((await catchUp(storage, { onReorg }, chain)).block).toBe(indexed);
    // A node that says that it is at the head, and has not got the blocks.
    await somethingHappens();
    const now = await head();
    fault = ({ method, params }) => (method === 'eth_getBlockByNumber' && Number(params[0]) === now ? result(null) : undefined);
    expect((await catchUp(storage, { onReorg }, chain)).block).toBe(indexed);
    // One that has not got the logs says so by an error.
    fault = ({ method }) => (method === 'eth_getLogs' ? rpcError(-32000, 'unknown block') : undefined);
    expect(await codeOf(() => catchUp(storage, { onReorg }, chain))).toBe('CHAIN_RPC_FAILED');
    expect(storage.entries()).toEqual(before);
    fault = undefined;
    await catchUp(storage, { onReorg }, chain);
    expect(reorgs).toEqual([]);
    await expectComplete(storage.entries());
  });

  it('writes nothing of a block that was reorganised while it was read', async () => {
    const storage = memoryIndex();
    await catchUp(storage);
    const before = { id: await stage.rpc('evm_snapshot') };
    for (let i = 0; i < 3; i++) await somethingHappens();
    let undone = 0;
    // The chain changes under the second block that is read.
    const reorganised = new Promise<void>((resolve, reject) => {
      fault = ({ method, params }) => {
        if (undone > 0 || method !== 'eth_getLogs' || !Object.hasOwn(params[0] as object, 'blockHash')) return undefined;
        undone++;
        reorganise(3, 1, before).then(resolve, reject);
        return rpcError(-32000, 'unknown block');
      };
    });
    await codeOf(() => catchUp(storage, {}, chain));
    await reorganised;
    expect(undone).toBe(1);
    await catchUp(storage, {}, chain);
    await expectComplete(storage.entries());
  });

  it.each([
    ['takes what was read ahead, where it stands', false],
    ['reads anew what was read ahead of blocks that were reorganised meanwhile', true],
  ])('%s', async (_what, undone) => {
    const storage = memoryIndex();
    await catchUp(storage);
    for (let i = 0; i < 2; i++) await somethingHappens();
    const before = { id: await stage.rpc('evm_snapshot') };
    const stands = await head();
    for (let i = 0; i < 3; i++) await somethingHappens();
    const ahead: ReadAhead = {};
    const logsAsked: unknown[] = [];
    fault = ({ method, params }) => {
      if (method === 'eth_getLogs') logsAsked.push(params[0]);
      return undefined;
    };
    const onReorg = (): never => {
      throw new Error('nothing that was written is taken back');
    };
    // With one hash kept nearly every block is old: two are written while the next two are read.
    const parameters = { storage, ahead, kept: 1, span: 2, onReorg };
    expect(await syncIndex(chain, stage.deployment, parameters)).toMatchObject({ block: stands });
    const readAhead = await ahead.pending?.read;
    expect(readAhead?.blocks.map(({ number }) => number)).toEqual([stands + 2]);
    const asked = logsAsked.length;
    if (undone) await reorganise(3, 1, before);
    await syncIndex(chain, stage.deployment, parameters);
    expect((await storage.state())?.blocks.at(-1)?.hash === readAhead?.blocks[0]?.hash).toBe(!undone);
    if (!undone) expect(logsAsked.length - asked).toBeLessThanOrEqual(1);
    await ahead.pending?.read;
    await catchUp(storage, { kept: 1, onReorg }, chain);
    await expectComplete(storage.entries());
  });
});

describe('row 28: an index that is ended anywhere', () => {
  /** A storage whose write number `at` fails: before it is done, or after. */
  const failing = (storage: IndexStorage, at: number, when: 'before' | 'after'): IndexStorage => {
    let writes = 0;
    const guard = async (write: () => Promise<void>): Promise<void> => {
      writes++;
      if (writes === at && when === 'before') throw new Error('killed');
      await write();
      if (writes === at) throw new Error('killed');
    };
    return {
      state: () => storage.state(),
      list: (query) => storage.list(query),
      scan: (query) => storage.scan(query),
      keys: (query) => storage.keys(query),
      append: (entries, state) => guard(() => storage.append(entries, state)),
      rollBack: (above, state, keysOf) => guard(() => storage.rollBack(above, state, keysOf)),
      reset: (state) => guard(() => storage.reset(state)),
    };
  };

  it('loses nothing and doubles nothing, whichever write it was', async () => {
    const parameters = { kept: 5 };
    for (let i = 0; i < 6; i++) await somethingHappens();
    let injected = 0;
    for (const when of ['before', 'after'] as const) {
      // Until there is no such write.
      for (let at = 1, killed = true; killed; at++) {
        killed = false;
        const directory = join(scratch.path, `killed-${when}-${at}`);
        const before = { id: await stage.rpc('evm_snapshot') };
        for (let i = 0; i < 3; i++) await somethingHappens();
        let disk: ChainIndex = await openChainIndex(directory);
        let storage = failing(disk, at, when);
        const run = async (): Promise<void> => {
          try {
            await catchUp(storage, parameters);
          } catch (error) {
            expect((error as Error).message).toBe('killed');
            killed = true;
            injected++;
            await disk.close();
            disk = await openChainIndex(directory);
            storage = failing(disk, 0, when);
            await catchUp(storage, parameters);
          }
        };
        await run();
        // And through a reorganisation.
        await reorganise(3, 1, before);
        await run();
        const names = new Set((await getEvents(stage.requester, stage.deployment)).map(({ name }) => name));
        const entries = (await Promise.all([...names].map((key) => disk.list({ key, limit: 10_000 })))).flat();
        await expectComplete(entries.sort((a, b) => a.block - b.block || a.logIndex - b.logIndex));
        expect(await disk.count()).toBe(entries.length);
        await disk.close();
        await rm(directory, { recursive: true, force: true });
      }
    }
    // Of each kind: the first state, a range, blocks, a rollback, blocks.
    expect(injected).toBeGreaterThanOrEqual(10);
  }, 180_000);
});

describe('a reader of the index', () => {
  it('tells jobs, windows, submissions, slashes and checkpoints, page by page', async () => {
    const { alice, bob, carol, finder, deployment, requester } = stage;
    const eager = await stage.activeJob({ ...stage.eagerTerms, fee: ether });
    await stage.proveNext(alice, eager, 701n);
    await stage.proveNext(bob, eager, 702n);
    const optimistic = await stage.activeJob({ ...stage.optimisticTerms, validators: 0, validatorBps: 0 });
    const first = await stage.submitNext(alice, optimistic, 711n);
    const second = await stage.submitNext(bob, optimistic, 712n, false);
    const third = await stage.submitNext(carol, optimistic, 713n);
    const { submissionId, statement, proof } = second;
    await commitEvidence(finder, deployment, {
      submissionId,
      statementHash: statementHash('train-window', statement),
      proofHash: proofHash(proof, opening),
      salt,
    });
    await mineBlocks(requester, 1);
    await settle(finder, deployment, { submissionId, statement, proof, opening, salt });
    const fourth = await stage.submitNext(alice, optimistic, 714n);
    await demandProof(finder, deployment, fourth.submissionId);
    await mineBlocks(requester, 31);
    await slashWithheld(finder, deployment, fourth.submissionId);
    await mineBlocks(requester, 41);
    await finalize(finder, deployment, optimistic);
    const { jobId: open } = await openJob(requester, deployment, stage.eagerTerms);
    await cancelJob(requester, deployment, open);

    const storage = memoryIndex();
    await catchUp(storage);
    const reader = indexReader(storage, deployment);
    expect((await reader.indexed())?.number).toBe(await head());

    const jobs = await reader.jobs({ limit: 2 });
    expect(jobs.items.map(({ jobId, state, finalized }) => [jobId, state, finalized])).toEqual([
      [open, 'cancelled', 0],
      [optimistic, 'active', 1],
    ]);
    const older = await reader.jobs({ limit: 1, cursor: jobs.next });
    expect(older.items[0]).toMatchObject({ jobId: eager, state: 'completed', finalized: 2, requester: requester.account.address });
    expect(older.items[0]?.terms.price).toBe(5n * ether);
    expect((await reader.jobs({ requester: finder.account.address })).items).toEqual([]);
    expect(await reader.job(eager)).toMatchObject({ jobId: eager, finalized: 2 });
    expect(await reader.job(10_000n)).toBeUndefined();

    const windows = await reader.windows(eager, { limit: 1 });
    expect(windows.items[0]).toMatchObject({ windowIndex: 0n, resultId: 701n, proved: true, operator: alice.cold.account.address });
    expect(windows.items[0]?.paid).toMatchObject({ workerPart: 5n * ether, feeBurned: ether, emitted: ether / 4n });
    const rest = await reader.windows(eager, { limit: 1, cursor: windows.next });
    expect(rest.items.map(({ resultId }) => resultId)).toEqual([702n]);
    expect(rest.next).toBeUndefined();
    expect((await reader.windows(optimistic)).items.map(({ resultId, proved }) => [resultId, proved])).toEqual([[711n, false]]);

    const submissions = await reader.submissions({ jobId: optimistic });
    expect(submissions.items.map((one) => [one.submissionId, one.state])).toEqual([
      [fourth.submissionId, 'rejected'],
      [third.submissionId, 'orphaned'],
      [second.submissionId, 'rejected'],
      [first.submissionId, 'finalized'],
    ]);
    expect(await reader.submission(second.submissionId)).toMatchObject({ statement, windowIndex: 1n, state: 'rejected' });
    expect((await reader.submissions({ operator: carol.cold.account.address, limit: 1 })).items[0]?.submissionId).toBe(third.submissionId);

    const slashes = await reader.slashes();
    expect(slashes.items.map(({ operator, reason, submissionId: about }) => [operator, reason, about])).toEqual([
      [alice.cold.account.address, 'withheld', fourth.submissionId],
      [bob.cold.account.address, 'false', second.submissionId],
    ]);
    expect(slashes.items[1]).toMatchObject({ finder: finder.account.address, finderPart: 30n * ether, harmedPart: 20n * ether });
    expect((await reader.slashes({ operator: carol.cold.account.address })).items).toEqual([]);

    const checkpoints = await reader.checkpoints({ jobId: eager });
    expect(checkpoints.items.map(({ checkpointId, parentId, version }) => [checkpointId, parentId, version])).toEqual([
      [702n, 701n, 2n],
      [701n, checkpoints.items[1]?.parentId, 1n],
    ]);
    expect((await reader.checkpoints({ circuitId: stage.circuitId })).items).toHaveLength(3);
    expect((await reader.seats()).items).toEqual([]);

    const about = await reader.events({ about: ['submissionId', fourth.submissionId] });
    expect(about.items.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['LeaseTaken', 'WindowSubmitted', 'ProofDemanded', 'OperatorSlashed', 'WindowRejected']),
    );
    expect((await reader.events({ name: 'JobCancelled' })).items).toHaveLength(1);
    expect(await codeOf(() => reader.jobs({ cursor: 'x' }))).toBe('CHAIN_CURSOR_INVALID');
    expect(await codeOf(() => reader.jobs({ limit: 0 }))).toBe('CHAIN_LIMIT_OUT_OF_RANGE');
    expect(await codeOf(() => reader.submissions({ jobId: 1n, operator: finder.account.address }))).toBe('CHAIN_QUERY_INVALID');
  });
});
