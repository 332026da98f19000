import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex, type Hex, hexToBytes, numberToHex, zeroHash } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addInputs } from '../../src/chain/addInputs.ts';
import { devnetAccount } from '../../src/chain/anvil.ts';
import { type ChainWriter, connectChain } from '../../src/chain/connectChain.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { getAnswer } from '../../src/chain/getAnswer.ts';
import { getClaimable } from '../../src/chain/getClaimable.ts';
import { getEvents } from '../../src/chain/getEvents.ts';
import { getJob, type Job } from '../../src/chain/getJob.ts';
import { getLease, type LeaseRecord } from '../../src/chain/getLease.ts';
import { lease } from '../../src/chain/lease.ts';
import { openInferenceJob } from '../../src/chain/openInferenceJob.ts';
import { registerGenesis } from '../../src/chain/registerGenesis.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { blobId } from '../../src/commitment/blobId.ts';
import { contextOf, inputIdOf, modelId, proofHash, specId } from '../../src/commitment/ids.ts';
import { createKzg } from '../../src/commitment/kzg.ts';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { encodeInputBlob } from '../../src/data/inputBlob.ts';
import { encodeCheckpoint } from '../../src/model/checkpoint.ts';
import { genesisWeights } from '../../src/model/genesis.ts';
import { readModelFolder } from '../../src/model/modelFolder.ts';
import type { Announcement } from '../../src/net/messages.ts';
import { inferenceVerifierOf, openInferenceJob as openAnswerJob } from '../../src/node/inferenceJob.ts';
import { judgeAnswer } from '../../src/node/judgeAnswer.ts';
import { blobIdToBytes, type FetchLimits } from '../../src/node/openRole.ts';
import type { RoleEvent } from '../../src/node/roleEvent.ts';
import { ceremonySrsId } from '../../src/proof/ceremony.ts';
import { getCircuit, type InferenceInstance } from '../../src/proof/circuitInstance.ts';
import { buildInferenceArtifacts, type InferenceArtifacts } from '../../src/proof/inference/inferenceArtifacts.ts';
import { proveInference } from '../../src/proof/inference/proveInference.ts';
import { encodeProofFile, type ProofFile } from '../../src/proof/proofFile.ts';
import type { StatementProof } from '../../src/proof/statementProof.ts';
import { createUltraHonk } from '../../src/proof/ultrahonk.ts';
import { classify } from '../../src/train/classify.ts';
import { codeOf } from '../utils/codeOf.ts';
import { runCli, type StartedCli, startCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';
import { testCache, testCeremony } from '../utils/windowFixture.ts';

// A private model answers for pay, in real processes: its owner, a validator, and whoever asks.

const scratch = useScratch('answers');
const ether = 10n ** 18n;
const sizes = [16, 8, 4];
/** Two samples of different classes. */
const features = Uint8Array.from({ length: 32 }, (_, i) => ((13 * i * (i + 7)) % 61) % 16);
const first = features.subarray(0, 16);
const second = features.subarray(16);

let home = '';
let environment: Record<string, string> = {};
let devnet: StartedCli;
let owner: StartedCli;
let validator: StartedCli;
let ownerAddresses: readonly string[] = [];
let named: readonly string[] = [];
let deployment: Deployment;
let rpc = '';
let instance: InferenceInstance;
let weights: Int32Array[];
let checkpointId: Hex;
let wellFormedCircuit: Hex;

const start = (...args: string[]): StartedCli => startCli(args, { home, environment, cwd: home });
async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await runCli([...args, '--json'], { home, environment, cwd: home });
  if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

const events = (cli: StartedCli): RoleEvent[] =>
  cli.output.stderr
    .split('\n')
    .filter((line) => line.startsWith('{"event"') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as RoleEvent);

async function event<N extends RoleEvent['event']>(cli: StartedCli, name: N, count = 1): Promise<Extract<RoleEvent, { event: N }>> {
  for (;;) {
    const found = events(cli).filter((e) => e.event === name)[count - 1];
    if (found !== undefined) return found as Extract<RoleEvent, { event: N }>;
    if (cli.child.exitCode !== null) throw new Error(`ended without ${name}:\n${cli.output.stdout}${cli.output.stderr}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

const writer = (account: number): Promise<ChainWriter> =>
  connectChain({ rpcUrl: rpc, account: devnetAccount(account), chainId: 31337, pollingInterval: 100 });

beforeAll(async () => {
  home = join(scratch.path, 'home');
  await mkdir(home);
  instance = (await getCircuit('inference-16-8-4')) as InferenceInstance;
  const { spec, blockLog } = instance;
  weights = genesisWeights(spec, sizes, `0x${'17'.repeat(32)}`, 4);
  const srsId = await ceremonySrsId({});
  const model = modelId({ specId: specId(spec), srsId, blockLog, sizes });
  await writeFile(join(home, 'trained.checkpoint'), encodeCheckpoint({ modelId: model, sizes, weights }));
  await writeFile(join(home, 'first.json'), JSON.stringify([...first]));
  await writeFile(join(home, 'both.json'), JSON.stringify([[...first], [...second]]));

  environment = { ASSAY_CACHE: join(testCache(), 'artifacts') };
  devnet = start('devnet', 'up', '--port', '0', '--block-time', '1', '--json');
  await devnet.stdoutHas('\n');
  const up = JSON.parse(devnet.output.stdout) as { rpc: string; accounts: string[]; deployment: Deployment };
  ({ rpc, deployment } = up);
  environment = { ...environment, ASSAY_RPC: rpc };
  for (const account of [1, 3]) await json('devnet', 'fund', up.accounts[account] as string, '--tokens', '100');
  const register = ['register', '--stake', '20', '--operator-devnet-account'];
  await json('worker', ...register, '1', '--hot-devnet-account', '2');
  await json('validator', ...register, '3', '--hot-devnet-account', '4');

  await json('model', 'from-checkpoint', 'trained.checkpoint', '--private', '--no-circuit', '--output', 'secret');
  ({ checkpointId } = await json<{ checkpointId: Hex }>('model', 'show', 'secret'));
});

afterAll(async () => {
  for (const cli of [owner, validator, devnet]) {
    cli?.child.kill('SIGINT');
    await cli?.ended;
  }
});

const ask = (circuit: string, input: string, ...more: string[]) =>
  json<{ jobId: number; state: string; answers: number[][] }>(
    ...['job', 'ask', '--circuit', circuit, '--checkpoint', checkpointId, '--input', input, '--price', '2.5', '--bond', '5'],
    ...['--devnet-account', '0', ...named, ...(ownerAddresses.length > 0 ? ['--peers', ...ownerAddresses] : []), ...more],
  );

it('is not asked before its owner has proved it well-formed', async () => {
  await expect(ask('inference-16-8-4', 'first.json')).rejects.toThrow('CHAIN_UNKNOWN_GENESIS');
  await expect(ask('inference-16-8-4', 'first.json', '--worker', devnetAccount(1).address)).rejects.toThrow('REQUEST_NOT_WELL_FORMED');
  const published = await json<{ proved: number; checkpointId: Hex; wellFormedCircuit: Hex }>(
    ...['model', 'publish', 'secret', '--devnet-account', '1'],
  );
  expect(published).toMatchObject({ proved: 2, checkpointId });
  ({ wellFormedCircuit } = published);
  // Somebody who has seen the points registers them, too: who is asked is the requester's to say.
  const stranger = await writer(5);
  const [registered] = await getEvents(stranger, deployment, { names: ['GenesisRegistered'] });
  if (registered?.name !== 'GenesisRegistered') throw new Error('not registered');
  const { modelId: asked, cid, points } = registered.args;
  const copied = hexToBytes(points);
  const pairs = Array.from({ length: copied.length / 64 }, (_, i) => {
    const word = (at: number) => BigInt(bytesToHex(copied.subarray(64 * i + at, 64 * i + at + 32)));
    return [word(0), word(32)] as const;
  });
  await registerGenesis(stranger, deployment, { modelId: asked, points: pairs, cid: hexToBytes(cid), licence: 'mine' });
  await expect(ask('inference-16-8-4', 'first.json')).rejects.toThrow(/REQUEST_WORKER_UNCLEAR[\s\S]*--worker/);
  // Again: everything is there already.
  expect(await json('model', 'publish', 'secret', '--devnet-account', '1')).toMatchObject({ proved: 0, wellFormedCircuit });
});

it('answers by UltraHonk, judged by a validator, and its owner is paid', async () => {
  owner = start('worker', 'run', '--model', 'secret', '--devnet-account', '2', '--json');
  ownerAddresses = (await event(owner, 'listening')).addresses;
  validator = start('validator', 'run', '--devnet-account', '4', '--json', '--peers', ...ownerAddresses);
  await event(validator, 'listening');
  const before = await getClaimable(await writer(0), deployment, devnetAccount(1).address);
  named = ['--worker', devnetAccount(1).address];
  const asked = await ask('inference-16-8-4', 'both.json');
  const expected = [...classify(instance.spec, sizes, weights, features)];
  expect(asked).toMatchObject({ jobId: 1, state: 'completed', answers: expected.map((value) => [value]) });
  expect(await event(owner, 'attested', 2)).toMatchObject({ verdict: 'accept' });
  expect(events(owner).filter((e) => e.event === 'answered')).toHaveLength(2);
  const { worker, finalized, escrow } = await getJob(await writer(0), deployment, 1n);
  expect([worker, finalized, escrow]).toEqual([devnetAccount(1).address, 2, 0n]);
  // The owner claims as soon as it sees that the job has ended.
  await event(owner, 'claimed');
  expect((await event(owner, 'claimed')).amount).toBe((before + 5n * ether).toString());
  const shown = await json<{ statement: string; answers: { reward: string }[] }>('job', 'show', '1');
  expect(shown).toMatchObject({ statement: 'inference', answers: [{ reward: '2.5' }, { reward: '2.5' }] });
});

it('answers by Groth16, from the same commitment', async () => {
  const asked = await ask('inference-groth16-16-8-4', 'first.json');
  expect(asked).toMatchObject({ state: 'completed', answers: [[...classify(instance.spec, sizes, weights, first)]] });
  const answered = events(owner).flatMap((e) => (e.event === 'answered' ? [e.system] : []));
  expect(answered).toEqual(['ultrahonk', 'ultrahonk', 'groth16']);
});

it('pays no wrong answer, and none of anybody but the owner', async () => {
  owner.child.kill('SIGINT');
  await owner.ended;
  const requester = await writer(0);
  const hot = await writer(2);
  const artifacts: InferenceArtifacts = await buildInferenceArtifacts({
    instance,
    ceremony: { directory: testCeremony() },
    cacheDirectory: join(testCache(), 'artifacts'),
  });
  const { circuitId } = await getJob(requester, deployment, 1n);
  const terms = { circuitId, checkpointId: BigInt(checkpointId), answers: 1, wellFormedCircuit, price: ether, bond: 5n * ether };
  const blocks = { leaseBlocks: 100, freeReleaseBlocks: 5, evidenceBlocks: 50 };
  const stranger = devnetAccount(3).address;
  expect(await codeOf(() => openInferenceJob(requester, deployment, { ...terms, ...blocks, worker: stranger }))).toBe(
    'CHAIN_NOT_THE_OWNER',
  );
  const { jobId } = await openInferenceJob(requester, deployment, { ...terms, ...blocks, worker: devnetAccount(1).address });
  const p2 = await loadPoseidon2();
  const inputId = inputIdOf(p2, first, instance.spec.fx, 0n);
  await addInputs(requester, deployment, jobId, [{ inputId, cid: blobIdToBytes(blobId(first)) }]);

  await fetchesWithinBounds(jobId);
  expect(await codeOf(async () => lease(await writer(4), deployment, jobId, 0n, inputId))).toBe('CHAIN_NOT_THE_WORKER');
  const leased = await lease(hot, deployment, jobId, 0n, inputId);
  const { statementVerifier } = inferenceVerifierOf(deployment, 'noir');
  const kzg = await createKzg(artifacts.srs);
  const honk = await createUltraHonk({ srs: artifacts.srs });
  try {
    const { weights: held, points, sigmas } = await readModelFolder(join(home, 'secret'));
    const ids = { chainId: 31337n, jobManager: deployment.addresses.jobManager, jobId, contributionIndex: 0n, circuitId };
    const prove = (asked: Uint8Array) =>
      proveInference({
        artifacts,
        prover: { system: 'noir', honk },
        p2,
        kzg,
        model: { weights: held, points, checkpointId: BigInt(checkpointId), ...(sigmas === undefined ? {} : { sigmas }) },
        features: asked,
        salt: 0n,
        context: contextOf('inference', { ...leased, ...ids }),
        chainId: 31337n,
        verifier: statementVerifier,
        circuitId,
      });
    const made = await prove(first);
    await judgeAll(artifacts, jobId, leased.submissionId, made, await prove(second));
    const [, , maskId, , output] = made.statement as [bigint, bigint, bigint, bigint, bigint];
    const answer = { submissionId: leased.submissionId, results: [maskId, output], proof: made.proof, opening: made.opening };
    const wrong = { ...answer, results: [maskId, (output + 1n) % 4n] };
    expect(await codeOf(() => submitAndSettle(hot, deployment, wrong))).toBe('CHAIN_PROOF_REJECTED');
    expect(await codeOf(async () => submitAndSettle(await writer(4), deployment, answer))).toBe('CHAIN_NOT_LEASE_HOLDER');
    // The control: the true one is taken.
    await submitAndSettle(hot, deployment, answer);
    expect(await getAnswer(requester, deployment, jobId, 0n)).toEqual([output]);
    const { state }: Job = await getJob(requester, deployment, jobId);
    expect(state).toBe('completed');
  } finally {
    await honk.close();
    await kzg.close();
  }
});

/** A stranger names the input's blob: no more is received than an input has, and nothing else is kept. */
async function fetchesWithinBounds(jobId: bigint): Promise<void> {
  const blobOf = (asked: Uint8Array) => encodeInputBlob({ featureBits: instance.spec.fx, width: 16, features: asked, salt: 0n });
  const limits: FetchLimits[] = [];
  const fetch = async (_id: string, _first?: readonly string[], limit?: FetchLimits): Promise<Uint8Array> => {
    if (limit !== undefined) limits.push(limit);
    return blobOf(first);
  };
  const settings = { ceremony: { directory: testCeremony() }, circuitDirectory: join(testCache(), 'artifacts'), emit: () => undefined };
  const job = await openAnswerJob({ chain: await writer(0), deployment, fetch }, settings, jobId);
  expect((await job.input(0))?.blob.features).toEqual(first);
  const [limit] = limits as [FetchLimits];
  expect([limits.length, limit.maxBytes]).toEqual([1, blobOf(first).length]);
  expect(() => limit.check(blobOf(second))).toThrow('not the committed input');
  expect(() => limit.check(blobOf(features))).toThrow('not the committed input');
  expect(() => limit.check(blobOf(first))).not.toThrow();
}

/** What a validator says of announcements of one true answer, changed in each of its parts. */
async function judgeAll(artifacts: InferenceArtifacts, jobId: bigint, submissionId: Hex, truth: StatementProof, elsewhere: StatementProof) {
  const chain = await writer(4);
  const state = await getJob(chain, deployment, jobId);
  const leased = (await getLease(chain, deployment, submissionId)) as LeaseRecord;
  const { circuitId } = state;
  const verifier = inferenceVerifierOf(deployment, 'noir');
  const fileOf = (proof: StatementProof, change: Partial<ProofFile> = {}): ProofFile => ({
    ...proof,
    ...verifier,
    chainId: 31337n,
    circuitId,
    open: false,
    shapeBytes: artifacts.shapeBytes,
    statementVerifierCodeHash: zeroHash,
    proofVerifierCodeHash: zeroHash,
    contextPreimage: '0x',
    ...change,
  });
  type Changed = { state?: Job; leased?: LeaseRecord; message?: Partial<Announcement>; bytes?: Uint8Array };
  const judge = async (file: ProofFile, changed: Changed = {}): Promise<string> => {
    const bytes = changed.bytes ?? encodeProofFile(file);
    const message = {
      statement: file.statement.map((word) => numberToHex(word, { size: 32 })),
      proofHash: proofHash(file.proof, file.opening),
      proofCid: blobId(bytes),
      ...changed.message,
    } as Announcement;
    const fetch = async (id: string): Promise<Uint8Array> => {
      if (id !== blobId(bytes)) throw new Error('nobody has it');
      return bytes;
    };
    const job = { artifacts, circuitId, ...verifier };
    const role = { chain, deployment, fetch };
    return (await judgeAnswer(role, job, changed.state ?? state, changed.leased ?? leased, message, 'peer')).verdict;
  };
  const file = fileOf(truth);
  const opening = file.opening.slice();
  opening[5] = (opening[5] as number) ^ 1;
  const [context, checkpoint, mask, input, output] = truth.statement as [bigint, bigint, bigint, bigint, bigint];
  expect(await judge(file)).toBe('accept');
  expect(await judge({ ...file, opening })).toBe('PROOF_FALSE');
  expect(await judge({ ...file, statement: [context, checkpoint, mask, input, output + 1n] })).toBe('PROOF_FALSE');
  expect(await judge({ ...file, statement: [...file.statement, 0n] })).toBe('PROOF_FALSE');
  // False under this circuit, but not said of this lease: no lie.
  expect(await judge({ ...file, opening, statement: [context + 1n, checkpoint, mask, input, output] })).toBe('STATEMENT_CONTEXT');
  expect(await judge(file, { leased: { ...leased, leaseNonce: leased.leaseNonce + 1n } })).toBe('STATEMENT_CONTEXT');
  expect(await judge(file, { state: { ...state, genesisId: 1n } })).toBe('STATEMENT_CHECKPOINT');
  // A true answer, but to a question that nobody asked.
  expect(await judge(fileOf(elsewhere))).toBe('STATEMENT_INPUT');
  expect(await judge({ ...file, open: true })).toBe('PROOF_FILE_MISMATCH');
  expect(await judge(file, { message: { proofHash: zeroHash } })).toBe('PROOF_FILE_MISMATCH');
  expect(await judge(file, { message: { statement: file.statement.slice(0, 4).map((word) => numberToHex(word, { size: 32 })) } })).toBe(
    'PROOF_FILE_MISMATCH',
  );
  expect(await judge(file, { bytes: encodeProofFile(file).subarray(1) })).toBe('PROOF_FILE_MALFORMED');
  expect(await judge(file, { message: { proofCid: blobId(new Uint8Array(1)) } })).toBe('PROOF_UNAVAILABLE');
}
