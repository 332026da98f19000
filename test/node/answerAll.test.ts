import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Hex, keccak256, toHex } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addInputs } from '../../src/chain/addInputs.ts';
import { type Anvil, devnetAccount, startAnvil } from '../../src/chain/anvil.ts';
import { cancelJob } from '../../src/chain/cancelJob.ts';
import { type ChainWriter, connectChain } from '../../src/chain/connectChain.ts';
import { deployCode } from '../../src/chain/deployCode.ts';
import { deployContracts } from '../../src/chain/deployContracts.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import type { Job } from '../../src/chain/getJob.ts';
import { type InferenceTerms, openInferenceJob } from '../../src/chain/openInferenceJob.ts';
import { registerCircuit } from '../../src/chain/registerCircuit.ts';
import { registerGenesis } from '../../src/chain/registerGenesis.ts';
import { registerModel } from '../../src/chain/registerModel.ts';
import { judgingGas, verifyingGas } from '../../src/chain/verifyingGas.ts';
import { checkpointId as checkpointIdOf, encodeInferenceShape, modelId, specId } from '../../src/commitment/ids.ts';
import { srsIdOf } from '../../src/commitment/srs.ts';
import { AssayError } from '../../src/errors.ts';
import { type AnswerSteps, type AnswerTerms, answerAll } from '../../src/node/answerAll.ts';
import { refuseDevKey } from '../../src/node/refuseDevKey.ts';
import type { RoleEvent } from '../../src/node/roleEvent.ts';
import { refusedTerms } from '../../src/node/workerTerms.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import type { Store } from '../../src/store/openStore.ts';
import { openStore } from '../../src/store/openStore.ts';
import { useScratch } from '../utils/useScratch.ts';

// Which jobs a service of answers takes, and what it does when something fails. Leases and proofs are steps of the test's own; e2e/answers has real ones.

const scratch = useScratch('answerAll');
const ether = 10n ** 18n;
const tau = [1n, 2n, 3n, 4n] as const;
const spec = defaultSpec(4);
const shared = { specId: specId(spec), srsId: srsIdOf(tau), blockLog: 10, sizes: [16, 8, 4], g2Tau: tau };
const model = modelId(shared);
const points = [[1n, 2n]] as const;
const checkpointId = checkpointIdOf(model, points);
const cid = Uint8Array.from([1, 0x55, 0x12, 0x20, ...new Uint8Array(32).fill(7)]);
const operator = devnetAccount(1).address;

let anvil: Anvil;
let requester: ChainWriter;
let deployment: Deployment;
let store: Store;
let classes: Hex;
let logits: Hex;

beforeAll(async () => {
  anvil = await startAnvil();
  requester = await connectChain({ rpcUrl: anvil.rpcUrl, account: devnetAccount(0), pollingInterval: 20 });
  deployment = await deployContracts(requester);
  const { address: proofVerifier } = await deployCode(requester, '0x00');
  const register = async (output: 'class' | 'logits', outputBits: number): Promise<Hex> => {
    const shape = encodeInferenceShape({ ...shared, inputs: 1, output, outputBits, proofBytes: 64, setupId: `0x${'00'.repeat(32)}` });
    const statementVerifier = deployment.addresses.honkInferenceVerifier;
    return (await registerCircuit(requester, deployment, { vkHash: keccak256('0x01'), proofVerifier, statementVerifier, shape })).circuitId;
  };
  classes = await register('class', 8);
  logits = await register('logits', 30);
  await registerModel(requester, deployment, shared);
  await registerGenesis(requester, deployment, { modelId: model, points, cid, licence: 'CC0-1.0' });
  const directory = join(scratch.path, 'store');
  mkdirSync(directory, { mode: 0o700 });
  store = await openStore(directory);
});

afterAll(async () => {
  await store?.close();
  await anvil?.stop();
});

async function openJob(change: Partial<InferenceTerms> = {}, inputs = 1): Promise<bigint> {
  const { jobId } = await openInferenceJob(requester, deployment, {
    circuitId: classes,
    checkpointId,
    answers: 1,
    open: true,
    worker: operator,
    price: ether / 10n,
    bond: 5n * ether,
    lapsePenalty: ether / 10n,
    leaseBlocks: 60,
    freeReleaseBlocks: 5,
    evidenceBlocks: 50,
    ...change,
  });
  if (inputs > 0) await addInputs(requester, deployment, jobId, [{ inputId: 5n, cid }]);
  return jobId;
}

type Ran = { leased: bigint[]; carried: bigint[]; events: RoleEvent[]; closed: bigint[] };

/** Runs the service until `done`, and says what it did. */
async function run(done: (ran: Ran) => boolean, steps: Partial<AnswerSteps> = {}, terms: AnswerTerms = {}): Promise<Ran> {
  const ran: Ran = { leased: [], carried: [], events: [], closed: [] };
  const end = new AbortController();
  const ended = new Error('that was all');
  const check = setInterval(() => done(ran) && end.abort(ended), 5);
  const parameters = {
    role: { chain: requester, deployment, store },
    operator,
    checkpointId,
    terms,
    counts: { settled: 0 },
    signal: end.signal,
    idleMs: 5,
    retryMs: 10,
    emit: (event: RoleEvent) => ran.events.push(event),
    steps: {
      async leaseNext(job: Job) {
        ran.leased.push(job.jobId);
        return steps.leaseNext?.(job);
      },
      async carryOn(submission: Parameters<AnswerSteps['carryOn']>[0]) {
        ran.carried.push(BigInt(submission.jobId));
        return (await steps.carryOn?.(submission)) ?? 0;
      },
      async close(jobId: bigint) {
        ran.closed.push(jobId);
      },
      collect: steps.collect ?? (async () => {}),
    },
  };
  try {
    await expect(answerAll(parameters)).rejects.toBe(ended);
  } finally {
    clearInterval(check);
  }
  return ran;
}

const warnings = ({ events }: Ran): string[] => events.flatMap((event) => (event.event === 'warning' ? [event.code] : []));
const fail = (code: string) => new AssayError(code, 'it fails');
const times = (list: readonly bigint[], jobId: bigint): number => list.filter((one) => one === jobId).length;

it('takes a job by its terms, and says once which it does not take', async () => {
  const changes: [Partial<InferenceTerms>, AnswerTerms][] = [
    [{ price: 1n }, { minPrice: 1n }],
    [{ bond: 101n * ether }, { maxBond: 101n * ether }],
    [{ lapsePenalty: 5n * ether }, { maxLapsePenalty: 5n * ether }],
    [{ leaseBlocks: 6 }, { minLeaseBlocks: 6 }],
    [{ circuitId: logits }, { logits: true }],
  ];
  const strange: bigint[] = [];
  for (const [change] of changes) strange.push(await openJob(change));
  const fair = await openJob();
  const ran = await run(({ leased }) => times(leased, fair) > 3);
  expect(new Set(ran.leased)).toEqual(new Set([fair]));
  expect(warnings(ran)).toEqual(strange.map(() => 'WORKER_TERMS'));
  // Each is taken by a worker that says so.
  for (const [k, [, terms]] of changes.entries()) {
    const jobId = strange[k] as bigint;
    const { leased } = await run(({ leased: so }) => times(so, jobId) > 0 && times(so, fair) > 0, {}, terms);
    expect(new Set(leased)).toEqual(new Set([jobId, fair]));
  }
  for (const jobId of [...strange, fair]) await cancelJob(requester, deployment, jobId);
});

it('is paid in the token of the deployment, or the one that is named', () => {
  const terms = { price: ether, bond: ether, lapsePenalty: 0n, leaseBlocks: 100 };
  const other = devnetAccount(5).address;
  const { token } = deployment.addresses;
  expect(refusedTerms({ ...terms, token: other }, {}, token)).toContain('--token');
  expect(refusedTerms({ ...terms, token: other }, { token: other }, token)).toBeUndefined();
  expect(refusedTerms({ ...terms, token }, {}, token)).toBeUndefined();
});

it('finds a job behind a hundred others, and opens nothing before an input waits', async () => {
  const jobId = await openJob({}, 0);
  for (let k = 0; k < 101; k++) await openJob({ worker: devnetAccount(6).address }, 0);
  let looks = 0;
  let early: readonly bigint[] = [];
  const ran = await run(({ leased }) => {
    if (++looks === 100) {
      early = [...leased];
      void addInputs(requester, deployment, jobId, [{ inputId: 5n, cid }]);
    }
    return looks > 100 && leased.length > 0;
  });
  expect(early).toEqual([]);
  expect(new Set(ran.leased)).toEqual(new Set([jobId]));
  await cancelJob(requester, deployment, jobId);
}, 60_000);

it('tries again after whatever may pass, and not after what cannot', async () => {
  const passing = await openJob();
  const broken = await openJob();
  const errors = [fail('CHAIN_RPC_UNREACHABLE'), new TypeError('socket'), fail('NET_BLOB_NOT_FOUND'), fail('CHAIN_RPC_FAILED')];
  const ran = await run(({ leased }) => times(leased, passing) > 5, {
    async leaseNext({ jobId }) {
      const error = jobId === broken ? fail('INPUT_MISMATCH') : errors.shift();
      if (error !== undefined) throw error;
      return undefined;
    },
  });
  expect(times(ran.leased, broken)).toBe(1);
  expect(ran.closed).toEqual([broken]);
  const codes = ['CHAIN_RPC_UNREACHABLE', 'UNEXPECTED', 'NET_BLOB_NOT_FOUND', 'CHAIN_RPC_FAILED', 'INPUT_MISMATCH'];
  expect(warnings(ran).sort()).toEqual(codes.sort());
  await cancelJob(requester, deployment, passing);
  await cancelJob(requester, deployment, broken);
});

it('goes on when a claim fails', async () => {
  const jobId = await openJob();
  let claims = 0;
  let cancelled = false;
  const ran = await run(() => claims > 1, {
    async leaseNext() {
      if (!cancelled) await cancelJob(requester, deployment, jobId);
      cancelled = true;
      return undefined;
    },
    async collect() {
      if (++claims === 1) throw fail('CHAIN_RPC_UNREACHABLE');
    },
  });
  expect(ran.events.filter(({ event }) => event === 'jobEnded')).toHaveLength(1);
  expect(warnings(ran)).toEqual(['CHAIN_RPC_UNREACHABLE']);
});

it('finishes what is journaled first, also of jobs that it would not take, and leases none of theirs before', async () => {
  const cheap = await openJob({ price: 1n });
  const fair = await openJob();
  for (const jobId of [cheap, fair]) {
    await store.submissions.lease({
      submissionId: keccak256(toHex(`lease of ${jobId}`)),
      chainId: requester.chainId,
      jobManager: deployment.addresses.jobManager.toLowerCase() as Hex,
      jobId: Number(jobId),
      windowIndex: 0,
      contributionIndex: 0,
      leaseNonce: 1,
      operator: operator.toLowerCase() as Hex,
    });
  }
  let failures = 2;
  const before: number[] = [];
  const ran = await run(({ leased }) => leased.length > 0, {
    async carryOn({ submissionId, jobId }) {
      if (BigInt(jobId) === fair && failures-- > 0) throw fail('CHAIN_RPC_UNREACHABLE');
      await store.submissions.advance(submissionId, { type: 'abandoned', reason: 'LEASE_RELEASED' });
      return 0;
    },
    async leaseNext() {
      before.push((await store.submissions.unfinished()).length);
      return undefined;
    },
  });
  expect([times(ran.carried, cheap), times(ran.carried, fair)]).toEqual([1, 3]);
  expect(before[0]).toBe(0);
  expect(new Set(ran.leased)).toEqual(new Set([fair]));
});

it('a dev key is for devnets', () => {
  const artifacts = { profile: 'dev', instance: { name: 'inference-16-8-4' } } as const;
  expect(() => refuseDevKey(1, artifacts)).toThrow('published');
  expect(() => refuseDevKey(1, { ...artifacts, profile: 'public' })).not.toThrow();
  for (const devnet of [31337, 1337]) expect(() => refuseDevKey(devnet, artifacts)).not.toThrow();
});

it('gas for the largest answer fits into a transaction', () => {
  // EIP-7825; a proof of 65,536 bytes, an opening of 64 blocks.
  expect(verifyingGas(65_536 + 20_000, 257)).toBeLessThan(2n ** 24n);
  expect(judgingGas(65_536 + 20_000, 260)).toBeLessThan(2n ** 24n);
  // What a stranger's circuit may have is more than the estimate allows for, and still no more than a transaction.
  expect([verifyingGas(131_072, 4_096), judgingGas(131_072, 4_096)]).toEqual([2n ** 24n, 2n ** 24n]);
  expect(verifyingGas(20_000, 65) - verifyingGas(20_000, 1)).toBe(64n * 25_000n);
});
