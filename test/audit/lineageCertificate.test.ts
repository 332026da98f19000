import { join } from 'node:path';
import { bytesToHex, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeCertificate, encodeCertificate } from '../../src/audit/encodeCertificate.ts';
import type { LineageCertificate } from '../../src/audit/lineage/lineageCertificate.ts';
import { verifyLineageCertificate } from '../../src/audit/lineage/verifyLineageCertificate.ts';
import { nameCircuit } from '../../src/audit/nameCircuit.ts';
import { permits } from '../../src/audit/permits.ts';
import { wordOf } from '../../src/audit/verdict.ts';
import { windowVerifierDeployedBytecode as code } from '../../src/chain/generated/WindowVerifier.ts';
import { checkpointId, contextOf, modelId } from '../../src/commitment/ids.ts';
import { createKzg, type Kzg, type Point } from '../../src/commitment/kzg.ts';
import { mergePoints } from '../../src/commitment/mergePoints.ts';
import { batchIndex, buildTree } from '../../src/commitment/merkle.ts';
import { circuitIdOf } from '../../src/proof/circuitIdOf.ts';
import type { WindowInstance } from '../../src/proof/circuitInstance.ts';
import { rememberCircuit } from '../../src/proof/knownCircuits.ts';
import { proveWindow } from '../../src/proof/proveWindow.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import type { WindowArtifacts } from '../../src/proof/windowArtifacts.ts';
import { referenceStep } from '../../src/train/referenceStep.ts';
import { flip, plusOne } from '../utils/forgedHex.ts';
import { testCache, testCeremony, testInstance, windowArtifactsOf, windowCase } from '../utils/windowFixture.ts';

const build = { ceremony: { directory: testCeremony() }, cacheDirectory: join(testCache(), 'artifacts') };
const jobManager: Hex = `0x${'0b'.repeat(20)}`;
const operators = [`0x${'c1'.repeat(20)}`, `0x${'c2'.repeat(20)}`] as const;
const statementVerifier: Hex = `0x${'a4'.padStart(40, '0')}`;

type Job = LineageCertificate['jobs'][number];
type Part = Job['windows'][number][number];
type Checkpoint = { readonly id: bigint; readonly weights: readonly Int32Array[]; readonly points: readonly Point[] };

let kzg: Kzg;
let honk: UltraHonk;
let artifacts: WindowArtifacts;
/** Two windows of job 7, whose weights are hidden, from its fourth on; then one window of job 9, of two contributions. */
let good: LineageCertificate;
let between: Checkpoint;

beforeAll(async () => {
  const instance = (await rememberCircuit(testInstance([4, 3, 2]), build.cacheDirectory)) as WindowInstance;
  artifacts = await windowArtifactsOf(instance);
  kzg = await createKzg(artifacts.srs);
  honk = await createUltraHonk({ srs: artifacts.srs });
  const { spec, sizes, blockLog, treeDepth, steps } = instance;
  const given = await windowCase({ instance, label: 'lineage' });
  const { p2, dataset, leaves } = given;
  const tree = buildTree(p2, leaves, treeDepth);
  const model = modelId(artifacts.shape);
  const circuitId = circuitIdOf(artifacts, code);
  const batchSeed = 77n;
  const commit = async (weights: readonly Int32Array[]): Promise<Checkpoint> => {
    const points = await kzg.commitCheckpoint(sizes, blockLog, weights);
    return { weights, points, id: checkpointId(model, points) };
  };
  /** Contribution `index` of `count` to a window, from `parent`. */
  const contribute = async (job: number, windowIndex: number, index: number, count: number, parent: Checkpoint) => {
    const firstStep = (windowIndex * count + index) * steps;
    const leaf = batchIndex(p2, batchSeed, firstStep, treeDepth);
    const batch = dataset[leaf % dataset.length] as (typeof dataset)[number];
    const trace = referenceStep(spec, sizes, parent.weights, batch);
    const child = await commit(trace.weights);
    const operator = operators[index] as Hex;
    const lease = { operator, leaseNonce: 3n, registrationNonce: 1n };
    const context = contextOf('train-window', {
      ...lease,
      chainId: 31337n,
      jobManager,
      jobId: BigInt(job),
      windowIndex: BigInt(windowIndex),
      contributionIndex: BigInt(index),
      circuitId,
    });
    const { statement, proof, opening } = await proveWindow({
      artifacts,
      p2,
      kzg,
      honk,
      statement: { context, parentId: parent.id, childId: child.id, datasetRoot: tree.root, batchSeed, firstStep, lossSum: trace.loss },
      parent: parent.weights,
      child: child.weights,
      parentPoints: parent.points,
      childPoints: child.points,
      steps: [{ layers: trace.layers, loss: trace.loss, ...batch, path: tree.path(leaf) }],
      open: job !== 7,
      chainId: 31337n,
      statementVerifier,
      circuitId,
    });
    const part: Part = {
      operator,
      leaseNonce: 3,
      registrationNonce: 1,
      childId: wordOf(child.id),
      maskId: wordOf(statement[3] as bigint),
      lossSum: wordOf(BigInt(trace.loss)),
      proof: bytesToHex(proof),
      opening: bytesToHex(opening),
    };
    return { child, part };
  };
  const parent = await commit(given.parent);
  const one = await contribute(7, 3, 0, 1, parent);
  const two = await contribute(7, 4, 0, 1, one.child);
  between = two.child;
  const halves = [await contribute(9, 0, 0, 2, between), await contribute(9, 0, 1, 2, between)];
  const merged = await mergePoints(
    between.points,
    halves.map(({ child }) => child.points),
  );
  const job = (jobId: number, firstWindow: number, windows: Part[][]): Job => ({
    jobId,
    circuit: nameCircuit({ address: statementVerifier, code }, circuitId, artifacts.shapeBytes, artifacts.honkVerifier.runtime),
    open: jobId !== 7,
    datasetRoot: wordOf(tree.root),
    batchSeed: wordOf(batchSeed),
    firstWindow,
    windows,
  });
  good = {
    format: 'assay-audit-certificate',
    version: 1,
    kind: 'lineage',
    parentId: wordOf(parent.id),
    childId: wordOf(checkpointId(model, merged)),
    chainId: 31337,
    jobManager,
    jobs: [job(7, 3, [[one.part], [two.part]]), job(9, 0, [halves.map(({ part }) => part)])],
    ceremony: 'dev',
    tools: { assay: '0.0.0', noir: '0', barretenberg: '0' },
    permits: [...permits.lineage],
  };
}, 600_000);

afterAll(async () => {
  await honk.close();
  await kzg.close();
});

const verify = (certificate: LineageCertificate) => verifyLineageCertificate({ certificate, ...build });

test('an honest certificate is valid, and says what only a chain can show', async () => {
  expect(await verify(good)).toEqual({ valid: true, failures: [], open: [expect.stringContaining('job 7, 9')], ceremony: 'dev' });
  expect(decodeCertificate(encodeCertificate(good))).toEqual(good);
  // A part of the way is a way, too.
  const [first] = good.jobs as [Job];
  const half = { ...good, jobs: [first], childId: wordOf(between.id) };
  expect((await verify(half)).valid).toBe(true);
});

type Lie = readonly [name: string, why: readonly string[], change: (c: LineageCertificate) => void];
const lie = (...one: Lie): Lie => one;
const endDiffers = 'its windows do not end in the child';
const refused = (of: number, window: number, ...contributions: number[]): string[] =>
  contributions.map((index) => `job ${of}, window ${window}, contribution ${index}: the verifier refuses its proof`);
const job = (c: LineageCertificate, i: number): Job => c.jobs[i] as Job;
const part = (c: LineageCertificate, j: number, k: number, index = 0): Part => job(c, j).windows[k]?.[index] as Part;
const forged = [
  lie('another parent', refused(7, 3, 0), (c) => {
    c.parentId = plusOne(c.parentId);
  }),
  lie('another child', [endDiffers], (c) => {
    c.childId = plusOne(c.childId);
  }),
  lie('one contribution in the place of their merge', [endDiffers], (c) => {
    c.childId = part(c, 1, 0).childId;
  }),
  lie('a window left out', refused(7, 4, 0), (c) => {
    job(c, 0).windows.shift();
    job(c, 0).firstWindow = 4;
  }),
  lie('a window left out, and its child told as parent', refused(7, 3, 0), (c) => {
    c.parentId = part(c, 0, 0).childId;
    job(c, 0).windows.shift();
  }),
  lie('the last window left out', [...refused(9, 0, 0, 1), endDiffers], (c) => void job(c, 0).windows.pop()),
  lie('a window twice', refused(7, 5, 0), (c) => void job(c, 0).windows.push(structuredClone(job(c, 0).windows[1]) as never)),
  lie('windows in another order', refused(7, 3, 0), (c) => void job(c, 0).windows.reverse()),
  lie('jobs in another order', [...refused(9, 0, 0, 1), 'job 7 does not begin with its first window'], (c) => void c.jobs.reverse()),
  lie('a contribution left out', [endDiffers], (c) => void job(c, 1).windows[0]?.pop()),
  lie('a contribution twice', [...refused(9, 0, 2), endDiffers], (c) => void job(c, 1).windows[0]?.push(structuredClone(part(c, 1, 0)))),
  lie('contributions in another order', [...refused(9, 0, 0, 1), endDiffers], (c) => void job(c, 1).windows[0]?.reverse()),
  lie('a second job from its second window on', ['job 9 does not begin with its first window'], (c) => {
    job(c, 1).firstWindow = 1;
  }),
  lie('other numbers of windows', refused(7, 2, 0), (c) => {
    job(c, 0).firstWindow = 2;
  }),
  lie('hidden weights told to be open', refused(7, 3, 0), (c) => {
    job(c, 0).open = true;
  }),
  lie('open weights told to be hidden', ['job 9 merges contributions, which only jobs of open weights do'], (c) => {
    job(c, 1).open = false;
  }),
  lie('another operator', refused(7, 3, 0), (c) => {
    part(c, 0, 0).operator = `0x${'11'.repeat(20)}`;
  }),
  lie('another lease', refused(7, 4, 0), (c) => {
    part(c, 0, 1).leaseNonce = 4;
  }),
  lie('another registration', refused(7, 4, 0), (c) => {
    part(c, 0, 1).registrationNonce = 0;
  }),
  lie('a smaller loss', refused(7, 3, 0), (c) => {
    part(c, 0, 0).lossSum = wordOf(0n);
  }),
  lie('another data set', refused(7, 3, 0), (c) => {
    job(c, 0).datasetRoot = plusOne(job(c, 0).datasetRoot);
  }),
  lie('another batch seed', refused(7, 3, 0), (c) => {
    job(c, 0).batchSeed = plusOne(job(c, 0).batchSeed);
  }),
  lie('another job', refused(8, 3, 0), (c) => {
    job(c, 0).jobId = 8;
  }),
  lie('another chain', refused(7, 3, 0), (c) => {
    c.chainId = 1;
  }),
  lie('another job manager', refused(7, 3, 0), (c) => {
    c.jobManager = `0x${'11'.repeat(20)}`;
  }),
  lie('another circuit', ['job 7 names another window circuit, or other verifier code, than this package builds'], (c) => {
    job(c, 0).circuit.circuitId = plusOne(job(c, 0).circuit.circuitId);
  }),
  lie('other verifier code', ['job 9 names another window circuit, or other verifier code, than this package builds'], (c) => {
    job(c, 1).circuit.statementVerifierCodeHash = plusOne(job(c, 1).circuit.statementVerifierCodeHash);
  }),
  lie('a shape that is none', ['the shape of the circuit of job 9 is not the encoding of one'], (c) => {
    job(c, 1).circuit.shape = '0x';
  }),
  lie('a proof', [...refused(9, 0, 1), endDiffers], (c) => {
    part(c, 1, 0, 1).proof = flip(part(c, 1, 0, 1).proof, 500);
  }),
  lie("points of a contribution's child", [...refused(9, 0, 1), endDiffers], (c) => {
    const { opening } = part(c, 1, 0, 1);
    part(c, 1, 0, 1).opening = flip(opening, 2 + 64 * 8);
  }),
  lie('the public ceremony', ['its proofs are of the dev ceremony, it says public'], (c) => {
    c.ceremony = 'public';
  }),
];

describe('a forged certificate of lineage is refused', () => {
  test.each(forged)(
    '%s',
    async (_name, why, change) => {
      const copy = structuredClone(good);
      change(copy);
      expect(decodeCertificate(encodeCertificate(copy))).toEqual(copy);
      const { valid, failures } = await verify(copy);
      expect([valid, failures]).toEqual([false, why]);
    },
    600_000,
  );
});
