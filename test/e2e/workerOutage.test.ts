import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Hex, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Anvil, startAnvil } from '../../src/chain/anvil.ts';
import { windowVerifierDeployedBytecode } from '../../src/chain/generated/WindowVerifier.ts';
import { getLineage } from '../../src/chain/getLineage.ts';
import { lease } from '../../src/chain/lease.ts';
import { releaseLease } from '../../src/chain/releaseLease.ts';
import { blobId } from '../../src/commitment/blobId.ts';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { encodeDatasetBlob } from '../../src/data/datasetBlob.ts';
import { circuitIdOf } from '../../src/proof/circuitIdOf.ts';
import { getWindowCircuit } from '../../src/proof/circuitInstance.ts';
import { buildWindowArtifacts, type WindowArtifacts } from '../../src/proof/windowArtifacts.ts';
import { openStore } from '../../src/store/openStore.ts';
import {
  adversaryCache,
  adversaryCircuit,
  checkpointBlob,
  enrol,
  openRoundOn,
  type Party,
  prepareChain,
  type Round,
} from '../utils/adversaryDevnet.ts';
import { startRpcProxy } from '../utils/rpcProxy.ts';
import { type StartedWorker, startWorker } from '../utils/startWorker.ts';
import { useScratch } from '../utils/useScratch.ts';
import type { WorkerProgramSettings } from '../utils/workerProgram.ts';

const scratch = useScratch('outage');

let artifacts: WindowArtifacts;
let kzg: Kzg;
let anvil: Anvil;
let parties: { readonly honest: Party; readonly other: Party };
let chain: Awaited<ReturnType<typeof prepareChain>>;

beforeAll(async () => {
  const cache = adversaryCache();
  artifacts = await buildWindowArtifacts({
    instance: await getWindowCircuit(adversaryCircuit),
    ceremony: cache.ceremony,
    cacheDirectory: cache.circuitDirectory,
  });
  kzg = await createKzg(artifacts.srs);
  anvil = await startAnvil({ state: join(scratch.path, 'chain', 'state.json') });
  chain = await prepareChain(anvil.rpcUrl, artifacts);
  parties = { honest: await enrol(chain.requester, chain.deployment, 1), other: await enrol(chain.requester, chain.deployment, 3) };
});

afterAll(async () => {
  await anvil?.stop();
  await kzg?.close();
});

/** Stops the node, and starts it again with what it had kept; what waited for a block is forgotten. */
async function afterOutage(whileDown: () => Promise<void>): Promise<void> {
  const { port } = anvil;
  await anvil.stop();
  try {
    await whileDown();
  } finally {
    anvil = await startAnvil({ port, state: join(scratch.path, 'chain', 'state.json') });
  }
}

async function openJobFor(name: string, windows: number): Promise<{ round: Round; settings: WorkerProgramSettings }> {
  const { deployment, requester } = chain;
  const p2 = await loadPoseidon2();
  const circuitId = circuitIdOf(artifacts, windowVerifierDeployedBytecode);
  const round = await openRoundOn({ artifacts, circuitId, deployment, kzg, p2, requester }, `outage ${name}`, windows);
  const storeDirectory = join(scratch.path, name);
  mkdirSync(storeDirectory, { mode: 0o700 });
  // The blobs are there: this is about the chain.
  const store = await openStore(storeDirectory);
  for (const bytes of [encodeDatasetBlob(round.dataset), checkpointBlob(artifacts, round.genesis)])
    expect(await store.blobs.put(bytes)).toBe(blobId(bytes));
  await store.close();
  const settings: WorkerProgramSettings = {
    ...adversaryCache(),
    rpcUrl: anvil.rpcUrl,
    deployment,
    jobId: Number(round.jobId),
    account: 2,
    storeDirectory,
    peers: [],
    attestationTimeoutMs: 100,
  };
  return { round, settings };
}

/** A worker that an outage may end with exit code 5 and nothing else. */
async function expectEndedByOutage(worker: StartedWorker): Promise<void> {
  const { code, lines, stderr } = await worker.ended;
  expect({ code, last: lines.at(-1)?.code, stderr }).toEqual({ code: 5, last: 'CHAIN_RPC_UNREACHABLE', stderr: '' });
}

async function expectCompleted(settings: WorkerProgramSettings, round: Round, windows: number): Promise<void> {
  const { code, lines } = await startWorker(settings).ended;
  expect(lines.at(-1)).toMatchObject({ event: 'ended', state: 'completed' });
  expect(code).toBe(0);
  const lineage = await getLineage(chain.requester, chain.deployment, round.jobId);
  expect(lineage.windows).toHaveLength(windows);
}

const rpc = (method: string, params: readonly unknown[]): Promise<unknown> => chain.requester.client.request({ method, params } as never);

describe('the node stops and starts again', () => {
  it('while the worker waits for another one’s lease', async () => {
    const { round, settings } = await openJobFor('waiting', 1);
    const { submissionId } = await lease(parties.other.hot, chain.deployment, round.jobId, 0n, round.genesis.id);
    const worker = startWorker(settings);
    await worker.says('listening');
    await afterOutage(() => expectEndedByOutage(worker));
    await releaseLease(parties.other.hot, chain.deployment, submissionId);
    await expectCompleted(settings, round, 1);
  });

  it('while the worker waits for a validator’s word', async () => {
    const { round, settings } = await openJobFor('announced', 1);
    const worker = startWorker({ ...settings, attestationTimeoutMs: 1_500 });
    await worker.says('announced');
    await afterOutage(() => expectEndedByOutage(worker));
    await expectCompleted(settings, round, 1);
  });

  it('while the submission waits for a block: the node forgets it, the worker does not', async () => {
    const { round, settings } = await openJobFor('pending', 1);
    const worker = startWorker({ ...settings, attestationTimeoutMs: 1_500 });
    await worker.says('announced');
    await rpc('evm_setAutomine', [false]);
    for (;;) {
      const { pending } = (await rpc('txpool_status', [])) as { pending: Hex };
      if (Number(pending) > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await afterOutage(() => expectEndedByOutage(worker));
    expect((await getLineage(chain.requester, chain.deployment, round.jobId)).windows).toHaveLength(0);
    await expectCompleted(settings, round, 1);
  });
});

it('a submission whose fee has become too low is replaced by a dearer one, and settles once', async () => {
  const { round, settings } = await openJobFor('too cheap', 1);
  const worker = startWorker({ ...settings, attestationTimeoutMs: 1_500, replaceAfterMs: 500 });
  await worker.says('announced');
  await rpc('evm_setAutomine', [false]);
  try {
    for (;;) {
      const { pending } = (await rpc('txpool_status', [])) as { pending: Hex };
      if (Number(pending) > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { baseFeePerGas } = await chain.requester.client.getBlock();
    await rpc('anvil_setNextBlockBaseFeePerGas', [toHex((baseFeePerGas ?? 0n) * 8n + 2_000_000_000n * 4n)]);
    await rpc('evm_mine', []);
    await worker.says('replaced');
    await rpc('evm_mine', []);
  } finally {
    await rpc('evm_setAutomine', [true]);
  }
  const { code, lines } = await worker.ended;
  expect([code, lines.at(-1)]).toMatchObject([0, { event: 'ended', state: 'completed', settled: 1 }]);
  const replaced = lines.find(({ event }) => event === 'replaced');
  expect(lines.find(({ event }) => event === 'submitted')?.['transactionHash']).toBe(replaced?.['transactionHash']);
  expect((await getLineage(chain.requester, chain.deployment, round.jobId)).windows).toHaveLength(1);
});

it('an endpoint of another chain is refused', async () => {
  const { settings } = await openJobFor('other-chain', 1);
  const other = await startAnvil({ chainId: 1337 });
  try {
    const { code, lines } = await startWorker({ ...settings, rpcUrl: other.rpcUrl }).ended;
    expect([code, lines.at(-1)?.code]).toEqual([5, 'CHAIN_WRONG_CHAIN']);
  } finally {
    await other.stop();
  }
});

it('an endpoint that loses requests and answers ends the job with each window once, over restarts with exit code 5 at most', {
  timeout: 120_000,
}, async () => {
  const windows = 2;
  const { round, settings } = await openJobFor('flaky', windows);
  const proxy = await startRpcProxy(anvil.rpcUrl);
  let cuts = 0;
  let calls = 0;
  const lost = { before: 0, after: 0 };
  proxy.hook = ({ method }, when) => {
    if (when === 'before') calls++;
    // Each seventh is lost on its way there or back; of what is sent, every answer but the fourth.
    const cut = when === 'before' ? calls % 7 === 3 : method === 'eth_sendRawTransaction' && ++cuts % 4 !== 0;
    if (cut) lost[when]++;
    return cut ? 'hang up' : 'go on';
  };
  try {
    for (let restarts = 0; ; restarts++) {
      expect(restarts).toBeLessThan(12);
      const { code, lines, stderr } = await startWorker({ ...settings, rpcUrl: proxy.url }).ended;
      if (code === 0) break;
      expect({ code, last: lines.at(-1), stderr }).toMatchObject({
        stderr: '',
        code: 5,
        last: { event: 'failed', code: expect.stringMatching(/^CHAIN_RPC_/) },
      });
    }
  } finally {
    await proxy.close();
  }
  expect(lost.before).toBeGreaterThan(0);
  expect(lost.after).toBeGreaterThan(0);
  const lineage = await getLineage(chain.requester, chain.deployment, round.jobId);
  expect(lineage.windows).toHaveLength(windows);
});
