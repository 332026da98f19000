// The demo's cheating worker: a program of its own, which no command of `assay` reaches. It leases a window, trains nothing, and announces - signed,
// bonded - a window whose child is its parent, with the best proof that it can make of that: one that cannot be true.
import { readFileSync } from 'node:fs';
import { type Hex, keccak256, numberToHex } from 'viem';
import { readDeployment } from '../../chain/deployment.ts';
import { windowVerifierDeployedBytecode } from '../../chain/generated/WindowVerifier.ts';
import { getEvents } from '../../chain/getEvents.ts';
import { getHotKeyOwner } from '../../chain/getHotKeyOwner.ts';
import { getLease } from '../../chain/getLease.ts';
import { getSlot } from '../../chain/getSlot.ts';
import { lease } from '../../chain/lease.ts';
import { signAnnouncement } from '../../chain/signAnnouncement.ts';
import { submit } from '../../chain/submit.ts';
import { contextOf, modelId, proofHash, statementHash } from '../../commitment/ids.ts';
import { AssayError } from '../../errors.ts';
import { encodeCheckpoint } from '../../model/checkpoint.ts';
import { unlockKey } from '../../node/keys.ts';
import { openRole } from '../../node/openRole.ts';
import { pause } from '../../node/pause.ts';
import { loadPeerKey } from '../../node/peerKey.ts';
import type { RoleEvent } from '../../node/roleEvent.ts';
import { openWindowJob } from '../../node/windowJob.ts';
import { encodeProofFile } from '../../proof/proofFile.ts';
import { proveWindow } from '../../proof/proveWindow.ts';
import { createUltraHonk } from '../../proof/ultrahonk.ts';

/** What the demo writes for this program. */
export type CheatSettings = {
  readonly rpcUrl: string;
  readonly deploymentFile: string;
  readonly keyDirectory: string;
  readonly key: string;
  readonly passwordFile: string;
  readonly storeDirectory: string;
  readonly ceremony: { readonly directory: string; readonly publicDirectory?: string };
  readonly circuitDirectory: string;
  readonly peers: readonly string[];
  readonly jobId: number;
  /** Cheat on the first window from this one on. */
  readonly fromWindow: number;
};

/** Cheats once, and returns the submission that it announced once the chain has taken its bond. */
async function cheat(settings: CheatSettings, signal: AbortSignal): Promise<Hex> {
  const emit = (event: RoleEvent): void => {
    process.stderr.write(`${JSON.stringify(event)}\n`);
  };
  const account = await unlockKey({
    directory: settings.keyDirectory,
    name: settings.key,
    password: readFileSync(settings.passwordFile, 'utf8').trimEnd(),
  });
  const deployment = readDeployment(settings.deploymentFile);
  const roleSettings = {
    ...settings,
    deployment,
    account,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    peerKey: await loadPeerKey(settings.storeDirectory),
    emit,
    signal,
  };
  const role = await openRole(roleSettings, {});
  const { chain, store, net } = role;
  const jobId = BigInt(settings.jobId);
  const job = await openWindowJob(role, roleSettings, jobId);
  const honk = await createUltraHonk({ srs: job.artifacts.srs });
  try {
    const operator = await getHotKeyOwner(chain, deployment, account.address);
    if (operator === undefined) throw new AssayError('WORKER_NOT_REGISTERED', 'the cheating worker is not registered');
    const taken = await leaseSoon(settings.fromWindow);
    emit({ event: 'leased', jobId: settings.jobId, windowIndex: Number(taken.windowIndex), submissionId: taken.submissionId });
    const leased = await getLease(chain, deployment, taken.submissionId);
    if (leased === undefined) throw new AssayError('CHAIN_LEASE_UNKNOWN', 'the lease is gone');

    const state = await job.state();
    const parent = await job.checkpoint(state.headId);
    const window = job.train(Number(taken.windowIndex), 0, parent, state.batchSeed);
    const binding = { chainId: BigInt(chain.chainId), statementVerifier: job.statementVerifier, circuitId: job.circuitId };
    const { jobManager } = deployment.addresses;
    // The steps are computed, so the circuit is satisfied; but the child it is announced with is the parent, and the opening cannot know it.
    const proof = await proveWindow({
      ...binding,
      artifacts: job.artifacts,
      p2: job.p2,
      kzg: job.kzg,
      honk,
      statement: {
        context: contextOf('train-window', { ...leased, ...binding, jobManager }),
        parentId: parent.id,
        childId: parent.id,
        datasetRoot: job.tree.root,
        batchSeed: state.batchSeed,
        firstStep: job.firstStep(Number(taken.windowIndex), 0),
        lossSum: window.lossSum,
      },
      parent: parent.weights,
      child: window.child,
      parentPoints: parent.points,
      childPoints: parent.points,
      steps: window.steps,
    });
    const proofCid = await store.blobs.put(
      encodeProofFile({
        ...proof,
        ...binding,
        open: true,
        shapeBytes: job.artifacts.shapeBytes,
        statementVerifierCodeHash: keccak256(windowVerifierDeployedBytecode),
        proofVerifierCodeHash: keccak256(job.artifacts.honkVerifier.runtime),
        contextPreimage: '0x',
      }),
    );
    const checkpointCid = await store.blobs.put(
      encodeCheckpoint({ modelId: modelId(job.artifacts.shape), sizes: job.artifacts.instance.sizes, weights: parent.weights }),
    );
    const message = {
      submissionId: taken.submissionId,
      statementHash: statementHash('train-window', proof.statement),
      proofHash: proofHash(proof.proof, proof.opening),
    };
    // An optimistic job takes it on its word, for a while.
    if (state.mode === 'optimistic') {
      const [, , childId, maskId, , , , lossSum] = proof.statement;
      const results = [childId as bigint, maskId as bigint, lossSum as bigint];
      await submit(chain, deployment, { ...message, results });
    }
    const signature = await signAnnouncement(account, { chainId: chain.chainId, jobManager, message });
    const announcement = {
      chainId: chain.chainId,
      jobManager: jobManager.toLowerCase() as Hex,
      jobId: settings.jobId,
      windowIndex: Number(taken.windowIndex),
      contributionIndex: 0,
      leaseNonce: Number(taken.leaseNonce),
      operator: operator.toLowerCase() as Hex,
      submissionId: taken.submissionId.toLowerCase() as Hex,
      statement: proof.statement.map((word) => numberToHex(word, { size: 32 })),
      proofHash: message.proofHash,
      proofCid,
      checkpointCid,
      signature,
    };
    for (;;) {
      const listeners = await net.announce(announcement);
      emit({
        event: 'announced',
        jobId: settings.jobId,
        windowIndex: announcement.windowIndex,
        submissionId: taken.submissionId,
        listeners,
      });
      for (let look = 0; look < 10; look++) {
        await pause(500, signal);
        const slashes = await getEvents(chain, deployment, { names: ['OperatorSlashed'] });
        if (slashes.some((e) => e.name === 'OperatorSlashed' && e.args.submissionId === taken.submissionId)) return taken.submissionId;
      }
    }
  } finally {
    await honk.close();
    await job.close();
    await role.close();
  }

  /** Leases the first window from `fromWindow` on that it gets. */
  async function leaseSoon(fromWindow: number) {
    for (;;) {
      const state = await job.state();
      if (state.state === 'completed' || state.state === 'cancelled')
        throw new AssayError('CHEAT_TOO_LATE', 'the job ended before a lease was free');
      if (state.state === 'active' && state.submitted >= fromWindow) {
        const { holder } = await getSlot(chain, deployment, jobId);
        const current = holder === undefined ? undefined : await getLease(chain, deployment, holder);
        if (current?.state !== 'held') {
          try {
            return await lease(chain, deployment, jobId, 0n, state.headId);
          } catch (error) {
            if (!(error instanceof AssayError)) throw error;
          }
        }
      }
      await pause(50, signal);
    }
  }
}

const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
try {
  const settings = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as CheatSettings;
  const submissionId = await cheat(settings, controller.signal);
  process.stdout.write(`${JSON.stringify({ submissionId })}\n`);
  process.exit(0);
} catch (error) {
  if (controller.signal.aborted) process.exit(130);
  const { code, message } = error as AssayError;
  process.stderr.write(`${JSON.stringify({ event: 'warning', code: code ?? 'UNEXPECTED', message })}\n`);
  process.exit(1);
}
