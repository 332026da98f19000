import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { keccak256, toHex } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { devnetAccount } from '../../src/chain/anvil.ts';
import { deployVerifier } from '../../src/chain/deployVerifier.ts';
import { getJob } from '../../src/chain/getJob.ts';
import { registerCircuit } from '../../src/chain/registerCircuit.ts';
import { registerNode } from '../../src/chain/registerNode.ts';
import { encodeDatasetBlob } from '../../src/data/datasetBlob.ts';
import { openStore } from '../../src/store/openStore.ts';
import {
  type AdversaryDevnet,
  adversaryCache,
  adversaryTerms,
  checkpointBlob,
  openRoundOn,
  type Round,
  startAdversaryDevnet,
} from '../utils/adversaryDevnet.ts';
import { startWorker } from '../utils/startWorker.ts';
import { useScratch } from '../utils/useScratch.ts';
import type { WorkerProgramSettings } from '../utils/workerProgram.ts';

const scratch = useScratch('refusals');
let devnet: AdversaryDevnet;

beforeAll(async () => {
  devnet = await startAdversaryDevnet();
});

afterAll(() => devnet?.close());

/** A worker's settings for a round, with the round's blobs in its store. */
async function settingsFor(name: string, round: Round, account = 2): Promise<WorkerProgramSettings> {
  const storeDirectory = join(scratch.path, name);
  mkdirSync(storeDirectory, { mode: 0o700 });
  const store = await openStore(storeDirectory);
  for (const bytes of [encodeDatasetBlob(round.dataset), checkpointBlob(devnet.artifacts, round.genesis)]) await store.blobs.put(bytes);
  await store.close();
  const { rpcUrl, deployment } = devnet;
  return {
    ...adversaryCache(),
    rpcUrl,
    deployment,
    jobId: Number(round.jobId),
    account,
    storeDirectory,
    peers: [],
    attestationTimeoutMs: 100,
  };
}

/** The worker ends with this code and exit code, and has taken no lease. */
async function expectRefused(settings: WorkerProgramSettings, code: string, exitCode: number): Promise<void> {
  const ended = await startWorker(settings).ended;
  expect({ code: ended.lines.at(-1)?.code, exitCode: ended.code, stderr: ended.stderr }).toEqual({ code, exitCode, stderr: '' });
  expect((await getJob(devnet.requester, devnet.deployment, BigInt(settings.jobId))).leaseNonce).toBe(0n);
}

it('a key that serves no operator', async () => {
  await expectRefused(await settingsFor('unregistered', await devnet.openRound('unregistered'), 9), 'WORKER_NOT_REGISTERED', 4);
});

it('terms that it was told not to take', async () => {
  const settings = await settingsFor('terms', await devnet.openRound('terms', 1));
  await expectRefused({ ...settings, minLeaseBlocks: adversaryTerms.leaseBlocks + 1 }, 'WORKER_TERMS', 2);
  // The control: one block less, and it is taken.
  const { lines } = await startWorker({ ...settings, minLeaseBlocks: adversaryTerms.leaseBlocks }).ended;
  expect(lines.at(-1)).toMatchObject({ event: 'ended', state: 'completed' });
});

it('a circuit that this package does not rebuild', async () => {
  const { deployment, requester, artifacts } = devnet;
  const { address } = await deployVerifier(requester, artifacts.honkVerifier.creation);
  // The same verifier, said to belong to another key.
  const { circuitId } = await registerCircuit(requester, deployment, {
    vkHash: keccak256(toHex('another key')),
    proofVerifier: address,
    statementVerifier: deployment.addresses.windowVerifier,
    shape: artifacts.shapeBytes,
  });
  const round = await openRoundOn({ ...devnet, circuitId }, 'unknown circuit', 1);
  await expectRefused(await settingsFor('circuit', round), 'CIRCUIT_MISMATCH', 6);
});

it('a genesis beyond wmax', async () => {
  const { instance } = devnet.artifacts;
  const weights = instance.sizes.slice(1).map((m, l) => new Int32Array(((instance.sizes[l] as number) + 1) * m));
  (weights[0] as Int32Array)[3] = instance.spec.wmax + 1;
  const round = await openRoundOn(devnet, 'large genesis', 1, { weights });
  await expectRefused(await settingsFor('genesis', round), 'TRAIN_WEIGHTS_TOO_LARGE', 1);
  // The control: at wmax it is taken.
  (weights[0] as Int32Array)[3] = instance.spec.wmax;
  const fair = await openRoundOn(devnet, 'largest genesis', 1, { weights });
  expect((await startWorker(await settingsFor('largest', fair)).ended).lines.at(-1)).toMatchObject({ event: 'ended', state: 'completed' });
});

it('a data set that does not have the root on chain', async () => {
  const round = await openRoundOn(devnet, 'other root', 1, { root: 5n });
  await expectRefused(await settingsFor('root', round), 'DATASET_MISMATCH', 3);
});

it('a submission that cannot get through is not paid for: the hot key was changed meanwhile', async () => {
  const { deployment, honest } = devnet;
  const round = await devnet.openRound('rotated', 1);
  const settings = await settingsFor('rotated', round);
  const worker = startWorker({ ...settings, attestationTimeoutMs: 2_000 });
  await worker.says('announced');
  const peerId = new Uint8Array(38).fill(1);
  await registerNode(honest.operator, deployment, { hotKey: devnetAccount(42), peerId });
  const sent = await devnet.requester.client.getTransactionCount({ address: honest.hotKey.address });
  const { code, lines } = await worker.ended;
  expect([code, lines.at(-1)?.code]).toEqual([1, 'CHAIN_NOT_LEASE_HOLDER']);
  expect(await devnet.requester.client.getTransactionCount({ address: honest.hotKey.address })).toBe(sent);
  // Back again, it goes on with what it had announced.
  await registerNode(honest.operator, deployment, { hotKey: honest.hotKey, peerId });
  const again = await startWorker(settings).ended;
  expect(again.lines.map(({ event }) => event)).not.toContain('proved');
  expect(again.lines.at(-1)).toMatchObject({ event: 'ended', state: 'completed', settled: 1 });
});
