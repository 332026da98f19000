import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { encodeAbiParameters, type Hex, hexToBigInt, keccak256, numberToHex } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getJob } from '../../src/chain/getJob.ts';
import { getLease } from '../../src/chain/getLease.ts';
import { lease } from '../../src/chain/lease.ts';
import { encodeDatasetBlob } from '../../src/data/datasetBlob.ts';
import { openStore } from '../../src/store/openStore.ts';
import {
  type AdversaryDevnet,
  adversaryCache,
  checkpointBlob,
  openRoundOn,
  type Round,
  startAdversaryDevnet,
} from '../utils/adversaryDevnet.ts';
import { startWorker } from '../utils/startWorker.ts';
import { useScratch } from '../utils/useScratch.ts';
import type { WorkerProgramSettings } from '../utils/workerProgram.ts';

// A worker whose journal and chain disagree: the chain holds more than it has written down, or has changed under what it did.

const scratch = useScratch('resumes');
let devnet: AdversaryDevnet;

beforeAll(async () => {
  devnet = await startAdversaryDevnet();
});

afterAll(() => devnet?.close());

/** The honest worker's settings for a round, with the round's blobs in its store. */
async function settingsFor(name: string, round: Round): Promise<WorkerProgramSettings> {
  const storeDirectory = join(scratch.path, name);
  mkdirSync(storeDirectory, { mode: 0o700 });
  const store = await openStore(storeDirectory);
  for (const bytes of [encodeDatasetBlob(round.dataset), checkpointBlob(devnet.artifacts, round.genesis)]) await store.blobs.put(bytes);
  await store.close();
  const { rpcUrl, deployment } = devnet;
  const jobId = Number(round.jobId);
  return { ...adversaryCache(), rpcUrl, deployment, jobId, account: 2, storeDirectory, peers: [], attestationTimeoutMs: 100 };
}

it('adopts a lease that was mined after it was killed: its bond is locked, only the journal does not know', async () => {
  const { honest, deployment, requester } = devnet;
  const round = await devnet.openRound('adopted', 1);
  const { submissionId } = await lease(honest.hot, deployment, round.jobId, 0n, round.genesis.id);
  const { lines, code } = await startWorker(await settingsFor('adopted', round)).ended;
  expect(lines.at(-1)).toMatchObject({ event: 'ended', state: 'completed', settled: 1 });
  expect(code).toBe(0);
  expect(lines.map(({ event }) => event)).not.toContain('leased');
  expect((await getLease(requester, deployment, submissionId))?.state).toBe('finalized');
  expect((await getJob(requester, deployment, round.jobId)).leaseNonce).toBe(1n);
});

/** Where the contract keeps a job's seed. */
async function seedSlot(round: Round): Promise<Hex> {
  const { client } = devnet.requester;
  const address = devnet.deployment.addresses.jobManager;
  for (let mapping = 0n; mapping < 8n; mapping++) {
    const types = [{ type: 'uint256' }, { type: 'uint256' }] as const;
    const first = hexToBigInt(keccak256(encodeAbiParameters(types, [round.jobId, mapping])));
    for (let offset = 0n; offset < 40n; offset++) {
      const slot = numberToHex(first + offset, { size: 32 });
      if (hexToBigInt((await client.getStorageAt({ address, slot })) ?? '0x0') === round.batchSeed) return slot;
    }
  }
  throw new Error('the seed is nowhere');
}

it('submits no answer to a question that the chain has changed: that would be a fault, and nobody would look before it is found', async () => {
  const { honest, deployment, requester } = devnet;
  const round = await openRoundOn(devnet, 'moved', 1, {}, { mode: 'optimistic', finalityBlocks: 40, answerBlocks: 40 });
  const slot = await seedSlot(round);
  const worker = startWorker({ ...(await settingsFor('moved', round)), attestationTimeoutMs: 3_000 });
  await worker.says('announced');
  const sent = await requester.client.getTransactionCount({ address: honest.hotKey.address });
  // As after a reorganisation in which the seed's block has another hash.
  const value = numberToHex(round.batchSeed - 1n, { size: 32 });
  await requester.client.request({ method: 'anvil_setStorageAt', params: [deployment.addresses.jobManager, slot, value] } as never);
  expect((await getJob(requester, deployment, round.jobId)).batchSeed).toBe(round.batchSeed - 1n);
  expect(await worker.says('abandoned')).toMatchObject({ reason: 'QUESTION_MOVED' });
  worker.child.kill('SIGKILL');
  await worker.ended;
  expect(worker.lines.map(({ event }) => event)).not.toContain('submitted');
  expect(await requester.client.getTransactionCount({ address: honest.hotKey.address })).toBe(sent);
  expect((await getJob(requester, deployment, round.jobId)).submitted).toBe(0);
});
