import { type Address, concat, encodeDeployData, type Hex, keccak256, numberToHex, pad, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Anvil, devnetAccount, startAnvil } from '../../src/chain/anvil.ts';
import { cancelJob } from '../../src/chain/cancelJob.ts';
import { captureSeed, seedDelay } from '../../src/chain/captureSeed.ts';
import { claim } from '../../src/chain/claim.ts';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import { type ChainWriter, connectChain } from '../../src/chain/connectChain.ts';
import { deployCode } from '../../src/chain/deployCode.ts';
import { deployContracts } from '../../src/chain/deployContracts.ts';
import { assertDeployment, type Deployment, parseDeployment } from '../../src/chain/deployment.ts';
import { expireLease } from '../../src/chain/expireLease.ts';
import { assayTokenAbi, assayTokenBytecode } from '../../src/chain/generated/AssayToken.ts';
import { verifierRouterAbi } from '../../src/chain/generated/VerifierRouter.ts';
import { getCircuit } from '../../src/chain/getCircuit.ts';
import { getClaimable } from '../../src/chain/getClaimable.ts';
import { getDataset } from '../../src/chain/getDataset.ts';
import { getEvents } from '../../src/chain/getEvents.ts';
import { getHotKeyOwner } from '../../src/chain/getHotKeyOwner.ts';
import { getJob } from '../../src/chain/getJob.ts';
import { getLease } from '../../src/chain/getLease.ts';
import { getLineage } from '../../src/chain/getLineage.ts';
import { getNode } from '../../src/chain/getNode.ts';
import { getStake } from '../../src/chain/getStake.ts';
import { getTokenBalance } from '../../src/chain/getTokenBalance.ts';
import { lease } from '../../src/chain/lease.ts';
import { listJobs } from '../../src/chain/listJobs.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { type JobTerms, openJob } from '../../src/chain/openJob.ts';
import { pauseJob } from '../../src/chain/pauseJob.ts';
import { recoverAnnouncement } from '../../src/chain/recoverAnnouncement.ts';
import { refundUnseeded } from '../../src/chain/refundUnseeded.ts';
import { registerCircuit } from '../../src/chain/registerCircuit.ts';
import { registerDataset } from '../../src/chain/registerDataset.ts';
import { registerGenesis } from '../../src/chain/registerGenesis.ts';
import { registerModel } from '../../src/chain/registerModel.ts';
import { registerNode } from '../../src/chain/registerNode.ts';
import { releaseLease } from '../../src/chain/releaseLease.ts';
import { resumeJob } from '../../src/chain/resumeJob.ts';
import { sendTransaction } from '../../src/chain/sendTransaction.ts';
import { signAnnouncement } from '../../src/chain/signAnnouncement.ts';
import { slashByEvidence } from '../../src/chain/slashByEvidence.ts';
import { stake } from '../../src/chain/stake.ts';
import { submitWindow } from '../../src/chain/submitWindow.ts';
import { transferToken } from '../../src/chain/transferToken.ts';
import { unbond } from '../../src/chain/unbond.ts';
import { watchEvents } from '../../src/chain/watchEvents.ts';
import { withdrawStake } from '../../src/chain/withdrawStake.ts';
import {
  batchSeedOf,
  checkpointId,
  circuitId,
  contextOf,
  encodeShape,
  modelId,
  proofHash,
  specId,
  statementHash,
  submissionId,
} from '../../src/commitment/ids.ts';
import { ignitionSrsId, srsIdOf } from '../../src/commitment/srs.ts';
import type { AssayError } from '../../src/errors.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { runtimeCode } from '../utils/evm.ts';

const codeOf = async (action: Promise<unknown>): Promise<string> => {
  try {
    await action;
  } catch (error) {
    return (error as AssayError).code;
  }
  return 'no error';
};

const ether = 10n ** 18n;
const bond = 100n * ether;
const sizes = [64, 32, 10];
const tau = [1n, 2n, 3n, 4n] as const;
const spec = defaultSpec(4);
const blockLog = 10;
const srs = srsIdOf(tau);
const model = modelId({ specId: specId(spec), srsId: srs, blockLog, sizes });
const shape = encodeShape({
  specId: specId(spec),
  srsId: srs,
  blockLog,
  sizes,
  batch: 16,
  steps: 4,
  treeDepth: 3,
  honkProofBytes: 64,
  g2Tau: tau,
});
const points = [
  [1n, 2n],
  [0n, 0n],
] as const;
const genesisId = checkpointId(model, points);
const cid = Uint8Array.from([1, 0x55, 0x12, 0x20, ...new Uint8Array(32).fill(7)]);
const peerId = (n: number): Uint8Array => Uint8Array.from([0, 36, 8, 1, 18, 32, ...new Uint8Array(32).fill(n)]);
const hotKey = (n: number) => privateKeyToAccount(pad(numberToHex(0xa000 + n), { size: 32 }));
const salt = keccak256('0x5a17');
const proof = new Uint8Array(64).fill(9);
const opening = new Uint8Array(32).fill(3);

/** Code of a contract that answers every call with the word `answer`. */
const answering = (answer: number): Hex => concat(['0x60', numberToHex(answer, { size: 1 }), '0x60005260206000f3']);

describe('chain actions on anvil', () => {
  let anvil: Anvil;
  let owner: ChainWriter;
  let alice: ChainWriter;
  let aliceHot: ChainWriter;
  let bob: ChainWriter;
  let finder: ChainWriter;
  let deployment: Deployment;
  let strictCircuit: Hex;
  /** With a verifier that accepts everything: what is real is tested with real proofs elsewhere. */
  let lenientCircuit: Hex;
  let datasetId: Hex;
  let terms: JobTerms;

  const connect = (account: ChainWriter['account']): Promise<ChainWriter> =>
    connectChain({ rpcUrl: anvil.rpcUrl, account, chainId: 31337, pollingInterval: 20 });

  const activeJob = async (changes: Partial<JobTerms> = {}): Promise<bigint> => {
    const { jobId } = await openJob(owner, deployment, { ...terms, ...changes });
    await mineBlocks(owner, Number(seedDelay));
    await captureSeed(bob, deployment, jobId);
    return jobId;
  };

  beforeAll(async () => {
    anvil = await startAnvil();
    owner = await connect(devnetAccount(0));
    alice = await connect(devnetAccount(1));
    bob = await connect(devnetAccount(2));
    finder = await connect(devnetAccount(3));
    aliceHot = await connect(hotKey(1));
    deployment = await deployContracts(owner, { unbondingBlocks: 400n });
    const { address: proofVerifier } = await deployCode(owner, answering(1));
    const lenientCode = runtimeCode('test/utils/LenientVerifier.sol', 'LenientVerifier');
    const { address: lenientVerifier } = await deployCode(owner, lenientCode);
    const circuit = { vkHash: keccak256('0x01'), proofVerifier, shape };
    strictCircuit = (await registerCircuit(owner, deployment, { ...circuit, statementVerifier: deployment.addresses.windowVerifier }))
      .circuitId;
    lenientCircuit = (await registerCircuit(owner, deployment, { ...circuit, statementVerifier: lenientVerifier })).circuitId;
    await registerModel(owner, deployment, { specId: specId(spec), srsId: srs, blockLog, sizes });
    await registerGenesis(owner, deployment, { modelId: model, points, cid, licence: 'CC0-1.0' });
    ({ datasetId } = await registerDataset(owner, deployment, { root: 77n, depth: 3, minibatches: 5, cid, licence: 'CC-BY-4.0' }));
    terms = {
      circuitId: lenientCircuit,
      datasetId,
      genesisId,
      windows: 2,
      price: 5n * ether,
      bond,
      lapsePenalty: ether,
      leaseBlocks: 20,
      freeReleaseBlocks: 5,
      evidenceBlocks: 50,
    };
    for (const [n, worker] of [alice, bob].entries()) {
      await transferToken(owner, deployment.addresses.token, worker.account.address, 1000n * ether);
      await stake(worker, deployment, 300n * ether);
      await registerNode(worker, deployment, { hotKey: hotKey(n + 1), peerId: peerId(n) });
      await sendTransactionValue(owner, hotKey(n + 1).address);
    }
  });

  afterAll(async () => {
    await anvil?.stop();
  });

  /** Native coins for gas. */
  async function sendTransactionValue(from: ChainWriter, to: Address): Promise<void> {
    await from.client.request({ method: 'anvil_setBalance', params: [to, numberToHex(10n ** 20n)] } as never);
  }

  it('computes the ids that TypeScript computes', async () => {
    const { address: proofVerifier } = await deployCode(owner, answering(1));
    const registered = await registerCircuit(owner, deployment, {
      vkHash: keccak256('0xaa'),
      proofVerifier,
      statementVerifier: deployment.addresses.windowVerifier,
      shape,
    });
    const codeHash = async (address: Address): Promise<Hex> => keccak256((await owner.client.getCode({ address })) as Hex);
    const proofVerifierCodeHash = await codeHash(proofVerifier);
    const statementVerifierCodeHash = await codeHash(deployment.addresses.windowVerifier);
    expect(registered.circuitId).toBe(
      circuitId('train-window', { verifyingKey: Uint8Array.from([0xaa]), proofVerifierCodeHash, statementVerifierCodeHash, shape }),
    );
    const router = { abi: verifierRouterAbi, address: deployment.addresses.verifierRouter } as const;
    expect(await owner.client.readContract({ ...router, functionName: 'PUBLIC_SRS_ID' })).toBe(ignitionSrsId);
    const circuit = await getCircuit(owner, deployment, registered.circuitId);
    expect(circuit).toMatchObject({ modelId: model, srsId: srs, steps: 4, treeDepth: 3, shape });
    expect((await registerGenesis(owner, deployment, { modelId: model, points, cid, licence: 'CC0-1.0' })).checkpointId).toBe(genesisId);
    expect(await getDataset(bob, deployment, datasetId)).toMatchObject({ root: 77n, depth: 3, minibatches: 5, cid, licence: 'CC-BY-4.0' });
  });

  it('runs a job from opening to claim, with the statement and ids of the encodings', async () => {
    const jobId = await activeJob();
    const opened = await getJob(owner, deployment, jobId);
    expect(opened).toMatchObject({
      state: 'active',
      headId: genesisId,
      escrow: 10n * ether,
      modelId: model,
      datasetRoot: 77n,
      steps: 4,
      leaseId: undefined,
    });
    const seedBlock = await owner.client.getBlock({ blockNumber: opened.openBlock + seedDelay });
    expect(opened.batchSeed).toBe(batchSeedOf(seedBlock.hash, jobId));
    const before = await getClaimable(owner, deployment, alice.account.address);
    let parentId = genesisId;
    for (const [index, worker] of [aliceHot, alice].entries()) {
      const leased = await lease(worker, deployment, jobId, parentId);
      const ids = {
        chainId: 31337n,
        jobManager: deployment.addresses.jobManager,
        jobId,
        windowIndex: BigInt(index),
        contributionIndex: 0n,
      };
      expect(leased).toMatchObject({ operator: alice.account.address, windowIndex: BigInt(index), registrationNonce: 1n });
      expect(leased.submissionId).toBe(submissionId({ ...ids, leaseNonce: leased.leaseNonce }));
      expect(await getLease(bob, deployment, leased.submissionId)).toMatchObject({ state: 'held', ended: undefined, jobId });
      expect((await getStake(bob, deployment, alice.account.address)).locked).toBe(bond);
      const childId = 1000n + BigInt(index);
      const submission = { jobId, windowIndex: BigInt(index), childId, maskId: 5n, lossSum: 6n, proof, opening };
      expect(await codeOf(submitWindow(bob, deployment, submission))).toBe('CHAIN_NOT_LEASE_HOLDER');
      const done = await submitWindow(worker, deployment, submission);
      expect(done).toMatchObject({ submissionId: leased.submissionId, reward: 5n * ether });
      const { windows } = await getLineage(bob, deployment, jobId);
      const context = contextOf('train-window', {
        ...ids,
        leaseNonce: leased.leaseNonce,
        registrationNonce: 1n,
        operator: alice.account.address,
        circuitId: lenientCircuit,
      });
      const statement = [context, parentId, childId, 5n, 77n, opened.batchSeed, 4n * BigInt(index), 6n];
      expect(windows[index]).toMatchObject({ statement, proofHash: proofHash(proof, opening), operator: alice.account.address });
      parentId = childId;
    }
    expect(await getJob(owner, deployment, jobId)).toMatchObject({ state: 'completed', finalized: 2, headId: parentId, escrow: 0n });
    expect(await codeOf(lease(bob, deployment, jobId, parentId))).toBe('CHAIN_WRONG_JOB_STATE');
    expect((await getStake(bob, deployment, alice.account.address)).locked).toBe(0n);
    expect((await getClaimable(owner, deployment, alice.account.address)) - before).toBe(10n * ether);
    const balance = await getTokenBalance(owner, deployment.addresses.token, alice.account.address);
    // Anyone may send the claim; the operator is paid.
    const { amount } = await claim(finder, deployment, { account: alice.account.address });
    expect((await getTokenBalance(owner, deployment.addresses.token, alice.account.address)) - balance).toBe(amount);
    expect(await codeOf(claim(finder, deployment, { account: alice.account.address }))).toBe('CHAIN_NOTHING_TO_CLAIM');
    expect((await listJobs(owner, deployment, { limit: 1 })).map((job) => job.jobId)).toEqual([jobId]);
  });

  it('leases one at a time; releases free of charge early, expires with a penalty late', async () => {
    const jobId = await activeJob();
    expect(await codeOf(lease(alice, deployment, jobId, 1n))).toBe('CHAIN_PARENT_MOVED');
    expect(await codeOf(lease(finder, deployment, jobId, genesisId))).toBe('CHAIN_NOT_REGISTERED');
    await lease(alice, deployment, jobId, genesisId);
    expect(await codeOf(lease(bob, deployment, jobId, genesisId))).toBe('CHAIN_LEASE_HELD');
    expect(await codeOf(releaseLease(bob, deployment, jobId))).toBe('CHAIN_NOT_LEASE_HOLDER');
    await releaseLease(aliceHot, deployment, jobId);
    const active = (await getStake(bob, deployment, bob.account.address)).active;
    await lease(bob, deployment, jobId, genesisId);
    await mineBlocks(owner, 6);
    expect(await codeOf(releaseLease(bob, deployment, jobId))).toBe('CHAIN_RELEASE_TOO_LATE');
    expect(await codeOf(expireLease(finder, deployment, jobId))).toBe('CHAIN_LEASE_NOT_EXPIRED');
    await mineBlocks(owner, 15);
    await expireLease(finder, deployment, jobId);
    expect(await getStake(bob, deployment, bob.account.address)).toMatchObject({ active: active - ether, locked: 0n });
    await pauseJob(owner, deployment, jobId);
    expect(await codeOf(lease(alice, deployment, jobId, genesisId))).toBe('CHAIN_WRONG_JOB_STATE');
    await resumeJob(owner, deployment, jobId);
    await lease(alice, deployment, jobId, genesisId);
    expect(await codeOf(cancelJob(alice, deployment, jobId))).toBe('CHAIN_NOT_ALLOWED');
    await cancelJob(owner, deployment, jobId);
    expect(await getJob(owner, deployment, jobId)).toMatchObject({ state: 'cancelled', escrow: terms.price });
    await releaseLease(alice, deployment, jobId);
    expect((await getJob(owner, deployment, jobId)).escrow).toBe(0n);
    await claim(owner, deployment);
  });

  it('refuses a false proof, and slashes who announced it', async () => {
    const jobId = await activeJob({ circuitId: strictCircuit });
    const leased = await lease(aliceHot, deployment, jobId, genesisId);
    const submission = { jobId, windowIndex: 0n, childId: 1n, maskId: 2n, lossSum: 3n, proof, opening };
    const refused = await submitWindow(aliceHot, deployment, submission).catch((error: AssayError) => error);
    expect(refused).toMatchObject({ code: 'CHAIN_PROOF_REJECTED', exitCode: 3 });
    const statement = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n];
    const message = {
      submissionId: leased.submissionId,
      statementHash: statementHash('train-window', statement),
      proofHash: proofHash(proof, opening),
    };
    const signing = { chainId: 31337, jobManager: deployment.addresses.jobManager, message };
    const signature = await signAnnouncement(hotKey(1), signing);
    expect(await recoverAnnouncement({ ...signing, signature })).toBe(hotKey(1).address);
    expect(await getHotKeyOwner(finder, deployment, hotKey(1).address)).toBe(alice.account.address);
    expect(await codeOf(recoverAnnouncement({ ...signing, signature: `${signature.slice(0, -2)}1d` as Hex }))).toBe(
      'CHAIN_SIGNATURE_INVALID',
    );
    const evidence = {
      submissionId: leased.submissionId,
      jobId,
      windowIndex: 0n,
      contributionIndex: 0n,
      leaseNonce: leased.leaseNonce,
      statementName: 'train-window' as const,
      statement,
      proof,
      opening,
      signature,
      salt,
    };
    expect(await codeOf(slashByEvidence(finder, deployment, evidence))).toBe('CHAIN_NOT_COMMITTED');
    await commitEvidence(finder, deployment, { ...message, salt });
    expect(await codeOf(slashByEvidence(bob, deployment, evidence))).toBe('CHAIN_NOT_COMMITTED');
    const active = (await getStake(owner, deployment, alice.account.address)).active;
    const { operator, slashed } = await slashByEvidence(finder, deployment, evidence);
    expect({ operator, slashed }).toEqual({ operator: alice.account.address, slashed: bond });
    expect(await getStake(owner, deployment, alice.account.address)).toMatchObject({ active: active - bond, locked: 0n });
    expect(await getClaimable(owner, deployment, finder.account.address)).toBe(30n * ether);
    expect(await getClaimable(owner, deployment, owner.account.address)).toBe(20n * ether);
    expect(await codeOf(slashByEvidence(finder, deployment, evidence))).toBe('CHAIN_ALREADY_SLASHED');
    expect(await getLease(owner, deployment, leased.submissionId)).toMatchObject({ state: 'revoked' });
    // The job goes on.
    await lease(bob, deployment, jobId, genesisId);
    await releaseLease(bob, deployment, jobId);
    await cancelJob(owner, deployment, jobId);
  });

  it('never slashes for a proof that the verifier accepts', async () => {
    const jobId = await activeJob();
    const leased = await lease(bob, deployment, jobId, genesisId);
    const statement = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n];
    const message = {
      submissionId: leased.submissionId,
      statementHash: statementHash('train-window', statement),
      proofHash: proofHash(proof, opening),
    };
    const signature = await signAnnouncement(hotKey(2), { chainId: 31337, jobManager: deployment.addresses.jobManager, message });
    await commitEvidence(finder, deployment, { ...message, salt });
    const evidence = {
      submissionId: leased.submissionId,
      jobId,
      windowIndex: 0n,
      contributionIndex: 0n,
      leaseNonce: leased.leaseNonce,
      statementName: 'train-window' as const,
      statement,
      proof,
      opening,
      signature,
      salt,
    };
    expect(await codeOf(slashByEvidence(finder, deployment, evidence))).toBe('CHAIN_EVIDENCE_IS_TRUE');
    await releaseLease(bob, deployment, jobId);
  });

  it('refunds a job whose seed was missed', async () => {
    const { jobId } = await openJob(owner, deployment, terms);
    expect(await codeOf(captureSeed(bob, deployment, jobId))).toBe('CHAIN_SEED_TOO_EARLY');
    expect(await codeOf(refundUnseeded(bob, deployment, jobId))).toBe('CHAIN_SEED_NOT_MISSED');
    await mineBlocks(owner, 265);
    expect(await codeOf(captureSeed(bob, deployment, jobId))).toBe('CHAIN_SEED_MISSED');
    await refundUnseeded(bob, deployment, jobId);
    expect(await getJob(owner, deployment, jobId)).toMatchObject({ state: 'cancelled', escrow: 0n });
  });

  it('unbonds and withdraws stake', async () => {
    await unbond(bob, deployment, ether);
    expect(await codeOf(withdrawStake(bob, deployment))).toBe('CHAIN_STILL_UNBONDING');
    await mineBlocks(owner, 400);
    expect((await withdrawStake(bob, deployment)).amount).toBe(ether);
  });

  it('binds a hot key for ever and counts registrations', async () => {
    const registered = await registerNode(bob, deployment, { hotKey: hotKey(9), peerId: peerId(9) });
    expect(registered.registrationNonce).toBe(2n);
    expect(await getNode(owner, deployment, bob.account.address)).toMatchObject({
      hotKey: hotKey(9).address,
      peerIdHash: keccak256(toHex(peerId(9))),
    });
    expect(await getHotKeyOwner(owner, deployment, hotKey(2).address)).toBe(bob.account.address);
    expect(await codeOf(registerNode(alice, deployment, { hotKey: hotKey(2), peerId: peerId(3) }))).toBe('CHAIN_HOT_KEY_TAKEN');
  });

  it('watches events in order', async () => {
    const seen: string[] = [];
    const errors: AssayError[] = [];
    const stop = watchEvents(owner, deployment, {
      fromBlock: (await owner.client.getBlockNumber({ cacheTime: 0 })) + 1n,
      onEvent: (event) => void seen.push(event.name),
      onError: (error) => void errors.push(error),
      pollingInterval: 20,
    });
    const { jobId } = await openJob(owner, deployment, terms);
    await cancelJob(owner, deployment, jobId);
    await expect.poll(() => seen.includes('EscrowRefunded'), { timeout: 5_000 }).toBe(true);
    stop();
    expect(seen.filter((name) => name.startsWith('Job'))).toEqual(['JobOpened', 'JobCancelled']);
    expect(errors).toEqual([]);
    const all = await getEvents(owner, deployment, { names: ['NodeRegistered'] });
    expect(all.length).toBeGreaterThanOrEqual(3);
  });

  it('refuses a deployment of another chain or of nothing', async () => {
    await assertDeployment(owner, deployment);
    expect(parseDeployment(JSON.parse(JSON.stringify(deployment)))).toEqual(deployment);
    expect(await codeOf(assertDeployment(owner, { ...deployment, chainId: 1 }))).toBe('CHAIN_WRONG_CHAIN');
    const addresses = { ...deployment.addresses, jobManager: '0x00000000000000000000000000000000000000aa' as Address };
    expect(await codeOf(assertDeployment(owner, { ...deployment, addresses }))).toBe('CHAIN_NOT_DEPLOYED');
    expect(() => parseDeployment({ ...deployment, addresses: { ...addresses, token: '0x12' } })).toThrow(/addresses.token/);
  });

  it('says what is wrong with an endpoint or a port in a typed error', async () => {
    expect(await codeOf(connectChain({ rpcUrl: anvil.rpcUrl, chainId: 1 }))).toBe('CHAIN_WRONG_CHAIN');
    const dead = await connectChain({ rpcUrl: 'http://127.0.0.1:9', timeout: 2_000 }).catch((error: AssayError) => error);
    expect(dead).toMatchObject({ code: 'CHAIN_RPC_UNREACHABLE', exitCode: 5 });
    expect(await codeOf(connectChain({ rpcUrl: 'nonsense' }))).toBe('CHAIN_RPC_URL_INVALID');
    expect(await codeOf(startAnvil({ port: anvil.port }))).toBe('CHAIN_PORT_TAKEN');
    const poor = await connect(hotKey(77));
    expect(await codeOf(transferToken(poor, deployment.addresses.token, owner.account.address, 1n))).toMatch(
      /CHAIN_(OUT_OF_FUNDS|ERC20_INSUFFICIENT_BALANCE)/,
    );
    const second = await sendTransaction(owner, {
      data: encodeDeployData({ abi: assayTokenAbi, bytecode: assayTokenBytecode, args: [owner.account.address, 1n] }),
    });
    expect(second.status).toBe('success');
  });
});

describe('dev profile', () => {
  it('is refused where the chain is not a devnet', async () => {
    const anvil = await startAnvil({ chainId: 1 });
    try {
      const owner = await connectChain({ rpcUrl: anvil.rpcUrl, account: devnetAccount(0), pollingInterval: 20 });
      const deployment = await deployContracts(owner);
      const { address: proofVerifier } = await deployCode(owner, answering(1));
      const registered = await registerCircuit(owner, deployment, {
        vkHash: keccak256('0x01'),
        proofVerifier,
        statementVerifier: deployment.addresses.windowVerifier,
        shape,
      });
      const { datasetId } = await registerDataset(owner, deployment, { root: 77n, depth: 3, minibatches: 5, cid, licence: 'CC0-1.0' });
      const terms = {
        circuitId: registered.circuitId,
        datasetId,
        genesisId,
        windows: 1,
        price: 1n,
        bond,
        leaseBlocks: 9,
        freeReleaseBlocks: 1,
        evidenceBlocks: 9,
      };
      expect(await codeOf(openJob(owner, deployment, terms))).toBe('CHAIN_DEV_PROFILE_REFUSED');
    } finally {
      await anvil.stop();
    }
  });
});
