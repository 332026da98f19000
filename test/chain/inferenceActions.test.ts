import { concat, encodePacked, type Hex, hexToBytes, keccak256, numberToHex, pad, toHex, zeroAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addInputs } from '../../src/chain/addInputs.ts';
import { type Anvil, devnetAccount, startAnvil } from '../../src/chain/anvil.ts';
import { cancelJob } from '../../src/chain/cancelJob.ts';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import { type ChainWriter, connectChain } from '../../src/chain/connectChain.ts';
import { deployCode } from '../../src/chain/deployCode.ts';
import { deployContracts } from '../../src/chain/deployContracts.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { getAnswer } from '../../src/chain/getAnswer.ts';
import { getAnswers } from '../../src/chain/getAnswers.ts';
import { getCircuit } from '../../src/chain/getCircuit.ts';
import { getInputs } from '../../src/chain/getInputs.ts';
import { getJob } from '../../src/chain/getJob.ts';
import { getLineage } from '../../src/chain/getLineage.ts';
import { isWellFormed } from '../../src/chain/isWellFormed.ts';
import { type LeaseReturnType, lease } from '../../src/chain/lease.ts';
import { type InferenceTerms, openInferenceJob } from '../../src/chain/openInferenceJob.ts';
import { proveWellFormed } from '../../src/chain/proveWellFormed.ts';
import { registerCircuit } from '../../src/chain/registerCircuit.ts';
import { registerGenesis } from '../../src/chain/registerGenesis.ts';
import { registerModel } from '../../src/chain/registerModel.ts';
import { registerNode } from '../../src/chain/registerNode.ts';
import { signAnnouncement } from '../../src/chain/signAnnouncement.ts';
import { slashByEvidence } from '../../src/chain/slashByEvidence.ts';
import { stake } from '../../src/chain/stake.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { transferToken } from '../../src/chain/transferToken.ts';
import {
  checkpointId as checkpointIdOf,
  contextOf,
  encodeShape,
  encodeWellFormedShape,
  modelId,
  proofHash,
  specId,
  statementHash,
  wellFormedContext,
} from '../../src/commitment/ids.ts';
import { srsIdOf } from '../../src/commitment/srs.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { codeOf } from '../utils/codeOf.ts';
import { runtimeCode } from '../utils/evm.ts';

// What surrounds the proofs: the verifiers here accept what carries the hash of its own statement. Real proofs are in test/e2e/answers.test.ts.

const ether = 10n ** 18n;
const bond = 100n * ether;
const sizes = [64, 32, 10];
const tau = [1n, 2n, 3n, 4n] as const;
const spec = defaultSpec(4);
const blockLog = 10;
const shared = { specId: specId(spec), srsId: srsIdOf(tau), blockLog, sizes, g2Tau: tau };
const model = modelId(shared);
const windowShape = encodeShape({ ...shared, batch: 16, steps: 4, treeDepth: 3, honkProofBytes: 64 });
const boundsShape = encodeWellFormedShape({ ...shared, blocksPerProof: 2, wmax: spec.wmax, proofBytes: 64 });
const points = [[1n, 2n]] as const;
const checkpointId = checkpointIdOf(model, points);
const cid = Uint8Array.from([1, 0x55, 0x12, 0x20, ...new Uint8Array(32).fill(7)]);
const hotKey = (n: number) => privateKeyToAccount(pad(numberToHex(0xb000 + n), { size: 32 }));
const opening = new TextEncoder().encode('opening');
const input = (n: bigint) => ({ inputId: 900n + n, cid });

/** What the scripted verifier takes for a proof of exactly this. */
function bound(circuitId: Hex, statement: readonly bigint[]): Uint8Array {
  return hexToBytes(concat(['0x01', keccak256(encodePacked(['bytes32', 'uint256', 'uint256[]'], [circuitId, 0n, statement]))]));
}

describe('inference jobs on anvil', () => {
  let anvil: Anvil;
  let requester: ChainWriter;
  let owner: ChainWriter;
  let other: ChainWriter;
  let finder: ChainWriter;
  let deployment: Deployment;
  let circuitId: Hex;
  let boundsCircuit: Hex;
  let terms: InferenceTerms;

  const connect = (account: ChainWriter['account']): Promise<ChainWriter> =>
    connectChain({ rpcUrl: anvil.rpcUrl, account, chainId: 31337, pollingInterval: 20 });

  beforeAll(async () => {
    anvil = await startAnvil();
    requester = await connect(devnetAccount(0));
    owner = await connect(devnetAccount(1));
    other = await connect(devnetAccount(2));
    finder = await connect(devnetAccount(3));
    deployment = await deployContracts(requester, { unbondingBlocks: 400n });
    const { address: proofVerifier } = await deployCode(requester, '0x00');
    const scripted = async (name: string, shape: Hex): Promise<Hex> => {
      const { address: statementVerifier } = await deployCode(requester, runtimeCode('test/utils/ScriptedStatements.sol', name));
      return (await registerCircuit(requester, deployment, { vkHash: keccak256('0x01'), proofVerifier, statementVerifier, shape }))
        .circuitId;
    };
    circuitId = await scripted('ScriptedInference', windowShape);
    boundsCircuit = await scripted('ScriptedWellFormed', boundsShape);
    await registerModel(requester, deployment, { specId: shared.specId, srsId: shared.srsId, blockLog, sizes });
    await registerGenesis(owner, deployment, { modelId: model, points, cid, licence: 'all rights reserved' });
    for (const [n, party] of [owner, other].entries()) {
      await transferToken(requester, deployment.addresses.token, party.account.address, 1000n * ether);
      await stake(party, deployment, 300n * ether);
      await registerNode(party, deployment, {
        hotKey: hotKey(n),
        peerId: Uint8Array.from([0, 36, 8, 1, 18, 32, ...new Uint8Array(32).fill(n)]),
      });
    }
    terms = {
      circuitId,
      checkpointId,
      answers: 2,
      worker: owner.account.address,
      wellFormedCircuit: boundsCircuit,
      price: 5n * ether,
      bond,
      lapsePenalty: ether,
      leaseBlocks: 20,
      freeReleaseBlocks: 5,
      evidenceBlocks: 50,
    };
  });

  afterAll(async () => {
    await anvil?.stop();
  });

  const statementOf = (jobId: bigint, leased: LeaseReturnType, inputId: bigint, outputs: readonly bigint[]): bigint[] => {
    const ids = { chainId: 31337n, jobManager: deployment.addresses.jobManager, jobId, circuitId };
    return [contextOf('inference', { ...leased, ...ids }), checkpointId, 55n, inputId, ...outputs];
  };

  it('a checkpoint is well-formed once each of its segments is proved, and only then asked', async () => {
    expect(await codeOf(() => openInferenceJob(requester, deployment, terms))).toBe('CHAIN_NOT_WELL_FORMED');
    const context = wellFormedContext(31337n, deployment.addresses.modelRegistry, boundsCircuit);
    for (const segment of [1n, 0n]) {
      expect(await isWellFormed(other, deployment, boundsCircuit, checkpointId)).toBe(false);
      const prove = (proof: Uint8Array) =>
        proveWellFormed(other, deployment, { circuitId: boundsCircuit, checkpointId, segment, maskId: 9n, proof, opening });
      expect(await codeOf(() => prove(bound(boundsCircuit, [context, checkpointId, 9n, 1n - segment])))).toBe('CHAIN_PROOF_REJECTED');
      await prove(bound(boundsCircuit, [context, checkpointId, 9n, segment]));
    }
    expect(await isWellFormed(other, deployment, boundsCircuit, checkpointId)).toBe(true);
    expect(await isWellFormed(other, deployment, boundsCircuit, checkpointId + 1n)).toBe(false);
  });

  it('runs from question to paid answer', async () => {
    expect((await getCircuit(other, deployment, circuitId)).statementType).toBe(keccak256(toHex('inference')));
    const refusals: [Partial<InferenceTerms>, string][] = [
      [{ worker: zeroAddress }, 'CHAIN_INVALID_TERMS'],
      [{ worker: other.account.address }, 'CHAIN_NOT_THE_OWNER'],
      [{ open: true }, 'CHAIN_NOT_A_START'],
      [{ circuitId: boundsCircuit }, 'CHAIN_UNSUPPORTED_STATEMENT'],
    ];
    for (const [change, code] of refusals)
      expect(await codeOf(() => openInferenceJob(requester, deployment, { ...terms, ...change }))).toBe(code);

    const { jobId } = await openInferenceJob(requester, deployment, terms);
    expect(await getJob(other, deployment, jobId)).toMatchObject({
      statementName: 'inference',
      state: 'active',
      genesisId: checkpointId,
      worker: owner.account.address,
      wellFormedCircuit: boundsCircuit,
      open: false,
      escrow: 10n * ether,
    });
    expect(await codeOf(() => getLineage(other, deployment, jobId))).toBe('CHAIN_NOT_A_TRAINING_JOB');
    expect(await codeOf(() => lease(owner, deployment, jobId, 0n, 900n))).toBe('CHAIN_INPUT_MISSING');
    expect(await codeOf(() => addInputs(owner, deployment, jobId, [input(0n)]))).toBe('CHAIN_NOT_ALLOWED');
    expect(await codeOf(() => addInputs(requester, deployment, jobId, []))).toBe('CHAIN_INPUT_COUNT');
    expect(await codeOf(() => addInputs(requester, deployment, jobId, [0n, 1n, 2n].map(input)))).toBe('CHAIN_INPUT_COUNT');
    await addInputs(requester, deployment, jobId, [0n, 1n].map(input));
    expect(await getInputs(other, deployment, jobId)).toEqual([0n, 1n].map(input));

    for (const index of [0n, 1n]) {
      const { inputId } = input(index);
      expect(await codeOf(() => lease(owner, deployment, jobId, 0n, inputId + 1n))).toBe('CHAIN_START_MOVED');
      expect(await codeOf(() => lease(other, deployment, jobId, 0n, inputId))).toBe('CHAIN_NOT_THE_WORKER');
      const leased = await lease(owner, deployment, jobId, 0n, inputId);
      expect(await codeOf(() => getAnswer(other, deployment, jobId, index))).toBe('CHAIN_NO_ANSWER');
      const outputs = [11n + index, 22n];
      const statement = statementOf(jobId, leased, inputId, outputs);
      const { submissionId } = leased;
      const answer = { submissionId, results: [55n, ...outputs], proof: bound(circuitId, statement), opening };
      expect(await codeOf(() => submitAndSettle(owner, deployment, { ...answer, results: [55n, 11n, 23n] }))).toBe('CHAIN_PROOF_REJECTED');
      expect(await codeOf(() => submitAndSettle(owner, deployment, { ...answer, results: [55n, 11n] }))).toBe('CHAIN_RESULT_COUNT');
      expect(await codeOf(() => submitAndSettle(owner, deployment, { ...answer, results: [55n] }))).toBe('CHAIN_RESULT_COUNT');
      const done = await submitAndSettle(owner, deployment, answer);
      expect(done).toMatchObject({ submissionId: leased.submissionId, reward: 5n * ether });
      expect(await getAnswer(other, deployment, jobId, index)).toEqual(outputs);
      expect((await getAnswers(other, deployment, jobId)).at(-1)).toMatchObject({ windowIndex: index, statement, inputId, outputs });
    }
    expect(await getJob(other, deployment, jobId)).toMatchObject({ state: 'completed', headId: checkpointId, escrow: 0n });
  });

  it('adds more inputs than one transaction takes', async () => {
    const { jobId } = await openInferenceJob(requester, deployment, { ...terms, answers: 130 });
    const inputs = Array.from({ length: 130 }, (_, n) => input(BigInt(n)));
    expect(await addInputs(requester, deployment, jobId, inputs)).toHaveLength(3);
    expect(await getInputs(other, deployment, jobId)).toEqual(inputs);
    await cancelJob(requester, deployment, jobId);
    expect((await getJob(other, deployment, jobId)).escrow).toBe(0n);
  });

  it('slashes a false answer that was announced, and no true one', async () => {
    const { jobId } = await openInferenceJob(requester, deployment, terms);
    await addInputs(requester, deployment, jobId, [input(0n)]);
    const leased = await lease(owner, deployment, jobId, 0n, 900n);
    const statement = statementOf(jobId, leased, 900n, [1n, 2n]);
    const evidenceOf = async (proof: Uint8Array, signedAs: 'inference' | 'train-window') => {
      const tag = keccak256(toHex(`assay.statement.${signedAs}.v1`));
      const message = {
        submissionId: leased.submissionId,
        statementHash: keccak256(encodePacked(['bytes32', 'uint256[]'], [tag, statement])),
        proofHash: proofHash(proof, opening),
      };
      const signature = await signAnnouncement(hotKey(0), { chainId: 31337, jobManager: deployment.addresses.jobManager, message });
      await commitEvidence(finder, deployment, {
        ...message,
        statementHash: statementHash('inference', statement),
        salt: keccak256('0x5a17'),
      });
      const { submissionId } = leased;
      return { submissionId, statementName: 'inference' as const, statement, proof, opening, signature, salt: keccak256('0x5a17') };
    };
    const lie = new Uint8Array(33);
    const truth = await evidenceOf(bound(circuitId, statement), 'inference');
    expect(await codeOf(() => slashByEvidence(finder, deployment, truth))).toBe('CHAIN_EVIDENCE_IS_TRUE');
    // Signed as a window's it says nothing about an answer.
    const misread = await evidenceOf(lie, 'train-window');
    expect(await codeOf(() => slashByEvidence(finder, deployment, misread))).toBe('CHAIN_UNKNOWN_SIGNER');
    expect((await slashByEvidence(finder, deployment, await evidenceOf(lie, 'inference'))).slashed).toBe(bond);
  });
});
