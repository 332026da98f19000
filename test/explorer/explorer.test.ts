import { join } from 'node:path';
import { zeroAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import { demandProof } from '../../src/chain/demandProof.ts';
import { finalize } from '../../src/chain/finalize.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { settle } from '../../src/chain/settle.ts';
import { slashWithheld } from '../../src/chain/slashWithheld.ts';
import { stake } from '../../src/chain/stake.ts';
import { proofHash, statementHash } from '../../src/commitment/ids.ts';
import type { Explorer } from '../../src/explorer/explorer.ts';
import { openExplorer } from '../../src/explorer/openExplorer.ts';
import * as views from '../../src/explorer/views.ts';
import { openChainIndex } from '../../src/store/chainIndex.ts';
import { codeOf } from '../utils/codeOf.ts';
import { ether, genesisId, opening, type SettlementStage, salt, startSettlementStage } from '../utils/settlementStage.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('explorer');
const id = (value: bigint): string => `0x${value.toString(16).padStart(64, '0')}`;
const { pageOf } = views;

let stage: SettlementStage;
let explorer: Explorer;
let [eager, optimistic] = [0n, 0n];
let [first, second, third, fourth] = ['', '', '', ''];

const open = (name: string): Promise<Explorer> =>
  openExplorer({
    rpcUrl: stage.anvil.rpcUrl,
    deployment: stage.deployment,
    directory: join(scratch.path, name),
    version: 'test',
    pollingInterval: 20,
  });

beforeAll(async () => {
  stage = await startSettlementStage();
  const { alice, bob, carol, finder, deployment, requester } = stage;
  explorer = await open('main');
  eager = await stage.activeJob({ ...stage.eagerTerms, fee: ether });
  await stage.proveNext(alice, eager, 701n);
  await stage.proveNext(bob, eager, 702n);
  optimistic = await stage.activeJob({ ...stage.optimisticTerms, validators: 0, validatorBps: 0 });
  const one = await stage.submitNext(alice, optimistic, 711n);
  const two = await stage.submitNext(bob, optimistic, 712n, false);
  const three = await stage.submitNext(carol, optimistic, 713n);
  const { submissionId, statement, proof } = two;
  await commitEvidence(finder, deployment, {
    submissionId,
    statementHash: statementHash('train-window', statement),
    proofHash: proofHash(proof, opening),
    salt,
  });
  await mineBlocks(requester, 1);
  await settle(finder, deployment, { submissionId, statement, proof, opening, salt });
  const four = await stage.submitNext(alice, optimistic, 714n);
  await demandProof(finder, deployment, four.submissionId);
  await mineBlocks(requester, 31);
  await slashWithheld(finder, deployment, four.submissionId);
  await mineBlocks(requester, 41);
  await finalize(finder, deployment, optimistic);
  [first, second, third, fourth] = [one.submissionId, two.submissionId, three.submissionId, four.submissionId];
  await explorer.ready();
});

afterAll(async () => {
  await explorer?.close();
  await stage?.close();
});

describe('views', () => {
  it('are of their shapes, and say what has happened', async () => {
    const status = views.statusView.parse(await explorer.status());
    expect(status).toMatchObject({ chainId: 31337, behind: 0, error: null, version: 'test', blobs: false });

    const jobs = pageOf(views.jobRow).parse(await explorer.jobs());
    expect(jobs.items.map((job) => [job.id, job.state, job.finalized, job.mode])).toEqual([
      [String(optimistic), 'active', 1, 'optimistic'],
      [String(eager), 'completed', 2, 'eager'],
    ]);
    const job = views.jobView.parse(await explorer.job(String(eager)));
    expect(job.payouts).toMatchObject({ workers: String(10n * ether), feeBurned: String(2n * ether), emitted: String(ether / 2n) });
    expect(job.workers.map(({ units }) => units)).toEqual([1, 1]);
    expect(job.terms.find(({ name }) => name === 'price')).toEqual({
      name: 'price',
      value: String(5n * ether),
      text: '5 ASSAY for a unit',
    });
    expect([job.genesisId, job.finalId, job.escrow]).toEqual([id(genesisId), id(702n), '0']);
    expect(job.token).toMatchObject({ symbol: 'ASSAY', decimals: 18 });

    const windows = pageOf(views.windowRow).parse(await explorer.windows(String(eager)));
    expect(windows.items.map(({ index, checkpointId, lossSum, reward }) => [index, checkpointId, lossSum, reward])).toEqual([
      [0, id(701n), '88', String(5n * ether)],
      [1, id(702n), '88', String(5n * ether)],
    ]);
    for (const { gas, final } of windows.items) expect([gas !== null && gas > 100_000, final.time !== null]).toEqual([true, true]);
    const newest = await explorer.windows(String(eager), { newestFirst: true });
    expect(newest.items.map(({ index }) => index)).toEqual([1, 0]);
    const window = views.windowView.parse(await explorer.window(String(optimistic), 1));
    expect(window.leases.map(({ submissionId, state }) => [submissionId, state])).toEqual([
      [second, 'rejected'],
      [fourth, 'rejected'],
    ]);
    const curve = views.curveView.parse(await explorer.curve(String(eager)));
    expect(curve.points.map(({ window: at, lossSum, paid }) => [at, lossSum, paid])).toEqual([
      [0, '88', String(5n * ether)],
      [1, '88', String(5n * ether)],
    ]);
    // Receipts come in the background.
    await expect.poll(async () => (await explorer.curve(String(eager))).points.map(({ gas }) => gas !== null)).toEqual([true, true]);
  });

  it('tell of proofs what they state, what became of them, and how to verify', async () => {
    const proofs = pageOf(views.proofRow).parse(await explorer.proofs({ jobId: String(optimistic) }));
    expect(proofs.items.map(({ submissionId, state }) => [submissionId, state])).toEqual([
      [fourth, 'rejected'],
      [third, 'orphaned'],
      [second, 'rejected'],
      [first, 'finalized'],
    ]);
    const silent = views.proofView.parse(await explorer.proof(first));
    expect(silent.words.map(({ name }) => name)).toEqual([
      'context',
      'parentId',
      'childId',
      'maskId',
      'datasetRoot',
      'batchSeed',
      'firstStep',
      'lossSum',
    ]);
    expect(silent.words[2]).toMatchObject({ value: id(711n) });
    expect(silent.text.join(' ')).toContain('final by silence');
    expect([silent.proved, silent.final?.proved, silent.gas]).toEqual([null, false, null]);
    expect(silent.verifyCommand).toBe(`assay explore proof ${first} --verify`);
    expect(silent.latency?.blocks).toBeGreaterThan(40);
    const wrong = views.proofView.parse(await explorer.proof(second));
    expect(wrong.over).toMatchObject({ what: 'rejected', finder: stage.finder.account.address });
    expect(wrong.slashes).toMatchObject([{ operator: stage.bob.cold.account.address, reason: 'false', submissionId: second }]);
    expect(wrong.gas).toBeGreaterThan(100_000);
    const withheld = views.proofView.parse(await explorer.proof(fourth));
    expect(withheld.demands).toMatchObject([{ challenger: stage.finder.account.address }]);
    expect(withheld.slashes).toMatchObject([{ reason: 'withheld' }]);
    expect(views.circuitView.parse(await explorer.circuit(stage.circuitId))).toMatchObject({ statement: 'train-window' });
  });

  it('tell of nodes, slashes, checkpoints and transactions', async () => {
    const { alice, bob, carol } = stage;
    const page = pageOf(views.nodeRow).parse(await explorer.nodes({ limit: 2 }));
    const rest = pageOf(views.nodeRow).parse(await explorer.nodes({ limit: 2, cursor: page.next ?? undefined }));
    expect([...page.items, ...rest.items].map(({ operator }) => operator)).toEqual(
      [carol, bob, alice].map(({ cold }) => cold.account.address),
    );
    expect(rest.next).toBeNull();
    const node = views.nodeView.parse(await explorer.node(bob.cold.account.address));
    expect(node).toMatchObject({ units: 1, slashes: 1, rejected: 1 });
    // By events, and by the contract.
    expect(BigInt(node.now?.active ?? 0) + BigInt(node.now?.unbonding ?? 0)).toBe(BigInt(node.stake));
    expect(node.now?.jailedUntil).toBeGreaterThan(0);
    expect((await explorer.node(bob.hotKey.address)).operator).toBe(node.operator);
    expect(node.rewards).toMatchObject([{ amount: String(5n * ether + ether / 4n) }]);

    const slashes = pageOf(views.slashRow).parse(await explorer.slashes());
    expect(slashes.items.map(({ operator, reason, finder }) => [operator, reason, finder])).toEqual([
      [alice.cold.account.address, 'withheld', stage.finder.account.address],
      [bob.cold.account.address, 'false', stage.finder.account.address],
    ]);

    const checkpoints = pageOf(views.checkpointRow).parse(await explorer.checkpoints({ jobId: String(eager) }));
    expect(checkpoints.items.map(({ id: at, parentId, version }) => [at, parentId, version])).toEqual([
      [id(702n), id(701n), 2],
      [id(701n), id(genesisId), 1],
    ]);
    const checkpoint = views.checkpointView.parse(await explorer.checkpoint(id(701n)));
    expect(checkpoint.next.map(({ id: at }) => at)).toEqual([id(702n)]);
    const genesis = views.checkpointView.parse(await explorer.checkpoint(id(genesisId)));
    expect(genesis.genesis[0]).toMatchObject({ licence: 'CC0-1.0', registrant: stage.requester.account.address });
    const whole = views.lineageView.parse(await explorer.lineage(id(702n)));
    expect(whole.nodes.map(({ id: at, kind, depth }) => [at, kind, depth])).toEqual([
      [id(702n), 'window', 0],
      [id(701n), 'window', 1],
      [id(genesisId), 'genesis', 2],
    ]);
    expect(whole.edges.map(({ from, to }) => [from, to])).toEqual([
      [id(701n), id(702n)],
      [id(genesisId), id(701n)],
    ]);
    // Part by part the same.
    const parts: views.LineageView['nodes'] = [];
    for (let cursor: string | undefined, next: string | null = ''; next !== null; cursor = next ?? undefined) {
      const part: views.LineageView = await explorer.lineage(id(702n), { depth: 1, cursor });
      parts.push(...part.nodes);
      next = part.next;
    }
    expect(parts).toEqual(whole.nodes);

    const { proved } = await explorer.proof((await explorer.windows(String(eager))).items[0]?.submissionId as string);
    const transaction = views.transactionView.parse(await explorer.transaction(proved?.at.transaction as string));
    expect(transaction.call).toMatchObject({ module: 'windowManager', function: 'submitAndSettle' });
    expect(transaction.events.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['WindowSubmitted', 'WindowProved', 'WindowFinalized', 'UnitPaid']),
    );
    expect(transaction.gasUsed).toBeGreaterThan(100_000);
    expect(pageOf(views.auditRow).parse(await explorer.audits())).toEqual({ items: [], next: null });
  });

  it('are found by numbers, addresses and the first digits of ids', async () => {
    const hits = async (text: string) => views.searchView.parse(await explorer.search(text)).hits.map(({ type, id: at }) => [type, at]);
    expect(await hits(String(eager))).toEqual([['job', String(eager)]]);
    expect(await hits(`${optimistic}/1`)).toEqual([['window', `${optimistic}/1`]]);
    expect(await hits(first.slice(0, 8))).toEqual([['proof', first]]);
    expect(await hits(first.slice(2, 12).toUpperCase())).toEqual([['proof', first]]);
    const { address } = stage.alice.cold.account;
    expect(await hits(address)).toEqual([['node', address]]);
    expect(await hits(stage.alice.hotKey.address)).toEqual([['node', address]]);
    expect(await hits(id(702n))).toEqual([['checkpoint', id(702n)]]);
    const [event] = (await explorer.events({ limit: 1 })).items;
    expect(await hits(event?.at.transaction as string)).toEqual([['transaction', event?.at.transaction]]);
    expect(await hits('0x12345')).toEqual([]);
    expect(await hits('<script>')).toEqual([]);
  });

  it('refuse what is none, and change nothing', async () => {
    const refused: readonly [string, () => Promise<unknown>][] = [
      ['EXPLORER_NOT_FOUND', () => explorer.job('999')],
      ['EXPLORER_ID_INVALID', () => explorer.job('0x1')],
      ['EXPLORER_NOT_FOUND', () => explorer.proof(`0x${'00'.repeat(32)}`)],
      ['EXPLORER_ID_INVALID', () => explorer.proof('0x12')],
      ['EXPLORER_NOT_FOUND', () => explorer.node(zeroAddress)],
      ['EXPLORER_NOT_FOUND', () => explorer.checkpoint(id(1n))],
      ['EXPLORER_NOT_FOUND', () => explorer.lineage(id(1n))],
      ['EXPLORER_NOT_FOUND', () => explorer.audit(id(1n))],
      ['EXPLORER_NOT_FOUND', () => explorer.window(String(eager), 77)],
      ['EXPLORER_NOT_FOUND', () => explorer.transaction(id(1n))],
      ['CHAIN_CURSOR_INVALID', () => explorer.proofs({ cursor: 'x' })],
      ['CHAIN_CURSOR_INVALID', () => explorer.nodes({ cursor: 'x' })],
      ['CHAIN_CURSOR_INVALID', () => explorer.lineage(id(702n), { cursor: 'x' })],
      ['CHAIN_LIMIT_OUT_OF_RANGE', () => explorer.jobs({ limit: 201 })],
      ['CHAIN_LIMIT_OUT_OF_RANGE', () => explorer.nodes({ limit: 0 })],
      ['CHAIN_QUERY_INVALID', () => explorer.proofs({ jobId: '1', operator: zeroAddress })],
      ['CHAIN_QUERY_INVALID', () => explorer.events({ name: 'Nothing' })],
      ['EXPLORER_PERIOD', () => explorer.metrics({ period: 0 })],
      ['EXPLORER_NO_CIRCUITS', () => explorer.verifyStored(first)],
    ];
    for (const [code, ask] of refused) expect([code, await codeOf(ask)]).toEqual([code, code]);
  });

  it('page through everything once, whatever the limit', async () => {
    const pages: readonly ((query: { limit: number; cursor?: string | undefined }) => Promise<views.PageView<unknown>>)[] = [
      (query) => explorer.events(query),
      (query) => explorer.events({ ...query, newestFirst: false }),
      (query) => explorer.events({ ...query, operator: stage.alice.cold.account.address }),
      (query) => explorer.proofs(query),
      (query) => explorer.checkpoints(query),
      (query) => explorer.nodes(query),
    ];
    for (const ask of pages) {
      const all = (await ask({ limit: 200 })).items;
      for (const limit of [1, 7]) {
        const found: unknown[] = [];
        let cursor: string | undefined;
        do {
          const page = await ask({ limit, cursor });
          found.push(...page.items);
          cursor = page.next ?? undefined;
        } while (cursor !== undefined);
        expect(found).toEqual(all);
      }
    }
  });
});

describe('numbers', () => {
  it('are the same when they are made anew from the chain, and a forged one is found', async () => {
    const metrics = views.metricsView.parse(await explorer.metrics());
    expect(metrics.counts).toMatchObject({ jobs: 2, jobsRunning: 1, windows: 3, submissions: 6, operators: 3, slashes: 2 });
    const fair = views.recomputeView.parse(await explorer.recompute());
    expect(fair.pairs.filter(({ equal }) => !equal)).toEqual([]);
    expect([fair.equal, fair.pairs.length > 15]).toEqual([true, true]);

    // An index in which one payment is told twice.
    const other = await open('forged');
    await other.ready();
    await other.close();
    const index = await openChainIndex(join(scratch.path, 'forged', 'index'));
    const [paid] = await index.list({ key: 'UnitPaid', limit: 1, newestFirst: true });
    const state = await index.state();
    if (paid === undefined || state === undefined) throw new Error('nothing was indexed');
    await index.append([{ ...paid, logIndex: 9_999, keys: ['UnitPaid'] }], state);
    await index.close();
    const forged = await open('forged');
    const found = await forged.recompute();
    await forged.close();
    expect(found.equal).toBe(false);
    expect(found.pairs.filter(({ equal }) => !equal).map(({ id: at }) => at)).toEqual(expect.arrayContaining(['paid-workers']));
  });

  it('are the same after a reorganisation as from scratch', async () => {
    const seen: number[] = [];
    const stop = explorer.onBlock((block) => void seen.push(block));
    const before = await stage.rpc('evm_snapshot');
    const metrics = await explorer.metrics();
    await stake(stage.carol.cold, stage.deployment, 5n);
    await stake(stage.carol.cold, stage.deployment, 7n);
    await explorer.ready();
    const undone = await explorer.node(stage.carol.cold.account.address);
    await stage.rpc('evm_revert', [before]);
    await stake(stage.carol.cold, stage.deployment, 11n);
    await mineBlocks(stage.requester, 3);
    await expect.poll(async () => BigInt((await explorer.node(stage.carol.cold.account.address)).stake) - BigInt(undone.stake)).toBe(-1n);
    await explorer.ready();
    const fresh = await open('fresh');
    await fresh.ready();
    const [now, scratchMade] = [await explorer.metrics(), await fresh.metrics()];
    // Gas is read bit by bit.
    const told = ({ metrics: all, ...rest }: views.MetricsView) => ({ ...rest, metrics: all.filter(({ id: at }) => at !== 'gas-proof') });
    expect(told(now)).toEqual(told(scratchMade));
    expect(now.counts.events).not.toBe(metrics.counts.events);
    await fresh.close();
    // And from where it was when it was closed.
    const again = await open('fresh');
    expect(told(await again.metrics())).toEqual(told(scratchMade));
    await again.close();
    stop();
    expect(seen.length).toBeGreaterThan(0);
  });
});
