import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getCircuit } from '../../src/chain/getCircuit.ts';
import { getJob } from '../../src/chain/getJob.ts';
import { encodeDatasetBlob } from '../../src/data/datasetBlob.ts';
import { openStore } from '../../src/store/openStore.ts';
import { type AdversaryDevnet, adversaryCache, checkpointBlob, startAdversaryDevnet } from '../utils/adversaryDevnet.ts';
import { startWorker } from '../utils/startWorker.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('verifierCopy');
let devnet: AdversaryDevnet;

beforeAll(async () => {
  devnet = await startAdversaryDevnet(31337, true);
});

afterAll(() => devnet?.close());

it('an honest window is paid where somebody has registered the circuit with a copy of the verifier', async () => {
  const { artifacts, circuitId, deployment, requester, rpcUrl } = devnet;
  const { statementVerifier } = await getCircuit(requester, deployment, circuitId);
  expect(statementVerifier.toLowerCase()).not.toBe(deployment.addresses.windowVerifier.toLowerCase());
  const round = await devnet.openRound('verifier copy', 1);
  const storeDirectory = join(scratch.path, 'worker');
  mkdirSync(storeDirectory, { mode: 0o700 });
  const store = await openStore(storeDirectory);
  for (const bytes of [encodeDatasetBlob(round.dataset), checkpointBlob(artifacts, round.genesis)]) await store.blobs.put(bytes);
  await store.close();
  const settings = { ...adversaryCache(), rpcUrl, deployment, jobId: Number(round.jobId), account: 2, storeDirectory, peers: [] };
  const { lines } = await startWorker({ ...settings, attestationTimeoutMs: 100 }).ended;
  expect(lines.at(-1)).toMatchObject({ event: 'ended', state: 'completed', settled: 1 });
  expect((await getJob(requester, deployment, round.jobId)).finalized).toBe(1);
});
