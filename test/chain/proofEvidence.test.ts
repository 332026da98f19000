import { encodeFunctionData, type Hex, numberToHex, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import { challengeManagerAbi } from '../../src/chain/generated/ChallengeManager.ts';
import { windowManagerAbi } from '../../src/chain/generated/WindowManager.ts';
import { getJob } from '../../src/chain/getJob.ts';
import type { LeaseRecord } from '../../src/chain/getLease.ts';
import { getStake } from '../../src/chain/getStake.ts';
import { lease } from '../../src/chain/lease.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { sendTransaction } from '../../src/chain/sendTransaction.ts';
import { evidenceArgument, type SlashByEvidenceParameters, slashByEvidence } from '../../src/chain/slashByEvidence.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { decodeRevert } from '../../src/chain/toChainError.ts';
import { verifyingGas } from '../../src/chain/verifyingGas.ts';
import { proofHash, statementHash } from '../../src/commitment/ids.ts';
import { walkCauses } from '../../src/errors.ts';
import type { Stage } from '../utils/adversaryCheats.ts';
import { type AdversaryDevnet, adversaryTerms, type Party, startAdversaryDevnet } from '../utils/adversaryDevnet.ts';
import {
  announcementOf,
  type Entry,
  evidenceOf,
  judge,
  leaseState,
  pursueEvidence,
  submission,
  wealthOf,
} from '../utils/adversaryHandIn.ts';
import { leaseRecord, proveStory } from '../utils/adversaryProofs.ts';
import { openStage } from '../utils/adversaryRun.ts';
import { honestStory } from '../utils/adversaryTraining.ts';
import { codeOf } from '../utils/codeOf.ts';

let devnet: AdversaryDevnet;
let stage: Stage;
/** The adversary's lease of the second window, a true proof for it, and one of another loss. */
let held: LeaseRecord;
let truth: Entry;
let lie: Entry;

beforeAll(async () => {
  devnet = await startAdversaryDevnet();
  stage = await openStage(devnet, 'evidence');
  const { adversary, deployment } = devnet;
  const { submissionId } = await lease(adversary.hot, deployment, stage.round.jobId, 0n, stage.head.id);
  held = await leaseRecord(devnet, submissionId);
  const story = await honestStory(devnet, stage.round, held, stage.head);
  truth = { ...(await proveStory(devnet, story)), child: story.child };
  lie = { ...truth, statement: truth.statement.with(7, (truth.statement[7] as bigint) + 1n) };
});

afterAll(() => devnet?.close());

const stakeOf = async (party: Party): Promise<bigint> =>
  (await getStake(devnet.requester, devnet.deployment, party.operator.account.address)).active;

async function evidenceFor(entry: Entry): Promise<SlashByEvidenceParameters> {
  return evidenceOf((await announcementOf(devnet, devnet.adversary, stage.round, held, entry)).message, entry);
}

const commit = (evidence: SlashByEvidenceParameters, chain = devnet.validator.hot) =>
  commitEvidence(chain, devnet.deployment, {
    submissionId: evidence.submissionId,
    statementHash: statementHash('train-window', evidence.statement),
    proofHash: proofHash(evidence.proof, evidence.opening),
    salt: evidence.salt,
  });

const slashData = (evidence: SlashByEvidenceParameters): Hex =>
  encodeFunctionData({ abi: challengeManagerAbi, functionName: 'slashByEvidence', args: [evidenceArgument(evidence)] });

const submitData = (entry: Entry): Hex => {
  const { submissionId, results } = submission(held.submissionId, entry);
  const args = [submissionId, results, toHex(entry.proof), toHex(entry.opening)] as const;
  return encodeFunctionData({ abi: windowManagerAbi, functionName: 'submitAndSettle', args });
};

/** Calls with exactly this gas. @returns `success`, the name of the typed error, or `out of gas` */
async function callWith(gas: bigint, from: Hex, to: Hex, data: Hex): Promise<string> {
  try {
    await devnet.requester.client.request({ method: 'eth_call', params: [{ from, to, data, gas: numberToHex(gas) }, 'pending'] } as never);
    return 'success';
  } catch (error) {
    const found = walkCauses(error, (e) => typeof (e as { data?: unknown }).data === 'string') as { data?: Hex } | undefined;
    const name = found?.data === undefined || found.data === '0x' ? undefined : decodeRevert(found.data)?.name;
    if (name !== undefined) return name;
    if (/out ?of ?gas|intrinsic gas|gas too low|gas floor|revert/i.test(String((error as Error).message))) return 'out of gas';
    throw error;
  }
}

describe('evidence of a true proof', () => {
  it('slashes nobody, and its maker is paid', async () => {
    await devnet.scratch(async () => {
      const { adversary, validator } = devnet;
      const before = await stakeOf(adversary);
      const evidence = await evidenceFor(truth);
      await commit(evidence);
      expect(await codeOf(() => slashByEvidence(validator.hot, devnet.deployment, evidence))).toBe('CHAIN_EVIDENCE_IS_TRUE');
      const receipt = await sendTransaction(validator.hot, {
        to: devnet.deployment.addresses.challengeManager,
        data: slashData(evidence),
        gas: verifyingGas(20_000),
      });
      expect(receipt.status).toBe('reverted');
      expect(await stakeOf(adversary)).toBe(before);
      const wealth = await wealthOf(devnet, adversary);
      await submitAndSettle(adversary.hot, devnet.deployment, submission(held.submissionId, truth));
      expect((await wealthOf(devnet, adversary)) - wealth).toBe(adversaryTerms.price);
    });
  });

  it('slashes nobody with any gas', async () => {
    await devnet.scratch(async () => {
      const { validator, deployment } = devnet;
      const evidence = await evidenceFor(truth);
      await commit(evidence);
      const outcomes = new Set<string>();
      for (let gas = 400_000n; gas <= 6_400_000n; gas += 100_000n) {
        outcomes.add(await callWith(gas, validator.hotKey.address, deployment.addresses.challengeManager, slashData(evidence)));
      }
      outcomes.delete('out of gas');
      expect([...outcomes].sort()).toEqual(['EvidenceIsTrue', 'InsufficientGas']);
    });
  });
});

describe('evidence of a lie', () => {
  it('with little gas reverts and slashes nobody; with enough it slashes once', async () => {
    await devnet.scratch(async () => {
      const { adversary, validator, deployment } = devnet;
      const evidence = await evidenceFor(lie);
      await commit(evidence);
      const before = await stakeOf(adversary);
      const outcomes = new Set<string>();
      for (let gas = 400_000n; gas <= 6_400_000n; gas += 100_000n) {
        outcomes.add(await callWith(gas, validator.hotKey.address, deployment.addresses.challengeManager, slashData(evidence)));
      }
      outcomes.delete('out of gas');
      expect([...outcomes].sort()).toEqual(['InsufficientGas', 'success']);
      for (const gas of [1_000_000n, 3_000_000n, 4_000_000n]) {
        const receipt = await sendTransaction(validator.hot, { to: deployment.addresses.challengeManager, data: slashData(evidence), gas });
        expect(receipt.status).toBe('reverted');
        expect(await stakeOf(adversary)).toBe(before);
      }
      expect((await slashByEvidence(validator.hot, deployment, evidence)).slashed).toBe(adversaryTerms.bond);
      expect(await codeOf(() => slashByEvidence(validator.hot, deployment, evidence))).toBe('CHAIN_ALREADY_SLASHED');
      expect(before - (await stakeOf(adversary))).toBe(adversaryTerms.bond);
    });
  });

  it.each([
    ['the statement', (e) => ({ ...e, statement: truth.statement }), 'StatementMismatch'],
    ['the circuit proof', (e) => ({ ...e, proof: e.proof.with(100, (e.proof[100] as number) ^ 1) }), 'ProofMismatch'],
    ['the opening', (e) => ({ ...e, opening: e.opening.slice(0, -32) }), 'ProofMismatch'],
    ['the salt', (e) => ({ ...e, salt: toHex(1, { size: 32 }) }), 'NotCommitted'],
  ] as readonly [string, (e: SlashByEvidenceParameters) => SlashByEvidenceParameters, string][])(
    'that differs from what was signed and committed in %s reverts',
    async (_name, change, expected) => {
      await devnet.scratch(async () => {
        const { adversary, validator, deployment } = devnet;
        const evidence = await evidenceFor(lie);
        await commit(evidence);
        const before = await stakeOf(adversary);
        // With the hashes of what was signed: evidenceArgument would compute those of what is shown.
        const signed = evidenceArgument(evidence);
        const shown = evidenceArgument(change(evidence));
        const data = encodeFunctionData({
          abi: challengeManagerAbi,
          functionName: 'slashByEvidence',
          args: [{ ...shown, announcement: signed.announcement }],
        });
        const to = deployment.addresses.challengeManager;
        expect(await callWith(6_400_000n, validator.hotKey.address, to, data)).toBe(expected);
        expect((await sendTransaction(validator.hot, { to, data, gas: verifyingGas(20_000) })).status).toBe('reverted');
        expect(await stakeOf(adversary)).toBe(before);
        expect((await slashByEvidence(validator.hot, deployment, evidence)).slashed).toBe(adversaryTerms.bond);
      });
    },
  );

  it('by hashes that nobody signed reverts: the signer is then nobody', async () => {
    await devnet.scratch(async () => {
      const { adversary, validator, deployment } = devnet;
      const honestEvidence = await evidenceFor(truth);
      // The adversary signed the truth; the finder shows a lie of its own making under that signature.
      const made = { ...honestEvidence, statement: lie.statement };
      await commit(made);
      const before = await stakeOf(adversary);
      expect(await codeOf(() => slashByEvidence(validator.hot, deployment, made))).toBe('CHAIN_UNKNOWN_SIGNER');
      expect(await stakeOf(adversary)).toBe(before);
    });
  });

  it('shown in the block of its commitment, or after its window, reverts', async () => {
    await devnet.scratch(async () => {
      const { adversary, validator, deployment } = devnet;
      const evidence = await evidenceFor(lie);
      expect(await codeOf(() => slashByEvidence(validator.hot, deployment, evidence))).toBe('CHAIN_NOT_COMMITTED');
      const to = deployment.addresses.challengeManager;
      const { client, hotKey } = { client: validator.hot.client, hotKey: validator.hotKey };
      const rpc = (method: string, params: readonly unknown[]): Promise<unknown> => client.request({ method, params } as never);
      // Commitment and evidence in one block: what a thief who saw the evidence would do.
      const { commitment } = await devnet.scratch(() => commit(evidence));
      await rpc('evm_setAutomine', [false]);
      const hashes: Hex[] = [];
      const calls = [
        encodeFunctionData({ abi: challengeManagerAbi, functionName: 'commitEvidence', args: [commitment] }),
        slashData(evidence),
      ];
      const nonce = await client.getTransactionCount({ address: hotKey.address });
      for (const [i, data] of calls.entries()) {
        const request = await client.prepareTransactionRequest({ to, data, account: hotKey, gas: 6_500_000n, nonce: nonce + i } as never);
        const raw = await hotKey.signTransaction(request as never);
        hashes.push((await rpc('eth_sendRawTransaction', [raw])) as Hex);
      }
      await rpc('evm_mine', []);
      await rpc('evm_setAutomine', [true]);
      const [committed, shown] = await Promise.all(hashes.map((hash) => client.getTransactionReceipt({ hash })));
      expect([committed?.status, shown?.status]).toEqual(['success', 'reverted']);
      expect(shown?.blockNumber).toBe(committed?.blockNumber);

      await devnet.scratch(async () => {
        // The lease lapses and is over only when the next is taken.
        await mineBlocks(devnet.requester, adversaryTerms.leaseBlocks + 1);
        await lease(devnet.honest.hot, deployment, stage.round.jobId, 0n, stage.head.id);
        await mineBlocks(devnet.requester, adversaryTerms.evidenceBlocks + 1);
        expect(await codeOf(() => slashByEvidence(validator.hot, deployment, evidence))).toBe('CHAIN_EVIDENCE_WINDOW_OVER');
      });
      const before = await stakeOf(adversary);
      await slashByEvidence(validator.hot, deployment, evidence);
      expect(before - (await stakeOf(adversary))).toBe(adversaryTerms.bond);
    });
  });

  it('frees the lease, and the job goes on to its end with an honest worker', async () => {
    await devnet.scratch(async () => {
      const { adversary, honest, validator, requester, deployment } = devnet;
      const jobId = stage.round.jobId;
      const { message } = await announcementOf(devnet, adversary, stage.round, held, lie);
      const finder = await wealthOf(devnet, validator);
      await pursueEvidence(devnet, validator.hot, message, lie);
      const { bond, price } = adversaryTerms;
      expect((await wealthOf(devnet, validator)) - finder).toBe((bond * 30n) / 100n);
      expect(await leaseState(devnet, held.submissionId)).toBe('revoked');
      // Even its true proof comes too late.
      expect(await codeOf(() => submitAndSettle(adversary.hot, deployment, submission(held.submissionId, truth)))).toBe(
        'CHAIN_WRONG_LEASE_STATE',
      );
      const before = await wealthOf(devnet, honest);
      let parent = stage.head;
      for (;;) {
        const { submissionId } = await lease(honest.hot, deployment, jobId, 0n, parent.id);
        const story = await honestStory(devnet, stage.round, await leaseRecord(devnet, submissionId), parent);
        await submitAndSettle(honest.hot, deployment, submission(submissionId, await proveStory(devnet, story)));
        parent = story.child;
        if ((await getJob(requester, deployment, jobId)).state === 'completed') break;
      }
      const job = await getJob(requester, deployment, jobId);
      expect([job.finalized, job.headId, job.escrow]).toEqual([job.windows, parent.id, 0n]);
      expect((await wealthOf(devnet, honest)) - before).toBe(price * BigInt(job.windows - 1));
    });
  });

  it('of one operator does not touch the lease of another that it names', async () => {
    await devnet.scratch(async () => {
      const { adversary, colluder, validator } = devnet;
      const before = [await stakeOf(adversary), await stakeOf(colluder)];
      // Signed by somebody who holds no lease at all.
      const { message } = await announcementOf(devnet, colluder, stage.round, held, lie);
      await pursueEvidence(devnet, validator.hot, message, lie);
      expect(await stakeOf(adversary)).toBe(before[0]);
      expect((before[1] as bigint) - (await stakeOf(colluder))).toBe(adversaryTerms.bond);
      expect(await leaseState(devnet, held.submissionId)).toBe('held');
      await submitAndSettle(adversary.hot, devnet.deployment, submission(held.submissionId, truth));
    });
  });

  it('found by its own signer brings nothing back', async () => {
    await devnet.scratch(async () => {
      const { adversary } = devnet;
      const before = await wealthOf(devnet, adversary);
      const { message } = await announcementOf(devnet, adversary, stage.round, held, lie);
      await pursueEvidence(devnet, adversary.hot, message, lie);
      expect(await wealthOf(devnet, adversary)).toBe(before);
    });
  });
});

describe('a proof made to burn gas', () => {
  const flips: readonly [string, (entry: Entry) => Entry][] = [
    ['the last byte of the circuit proof', (e) => ({ ...e, proof: e.proof.with(-1, (e.proof.at(-1) as number) ^ 1) })],
    ['the first byte of the circuit proof', (e) => ({ ...e, proof: e.proof.with(0, (e.proof[0] as number) ^ 0x80) })],
    ['a commitment of the circuit proof', (e) => ({ ...e, proof: e.proof.with(20 * 32 + 31, (e.proof[20 * 32 + 31] as number) ^ 1) })],
    ['a circuit proof of ones', (e) => ({ ...e, proof: new Uint8Array(e.proof.length).fill(0xff) })],
    ['a circuit proof of zeros', (e) => ({ ...e, proof: new Uint8Array(e.proof.length) })],
    ['the last byte of the opening', (e) => ({ ...e, opening: e.opening.with(-1, (e.opening.at(-1) as number) ^ 1) })],
    ['a long circuit proof', (e) => ({ ...e, proof: Uint8Array.from({ length: 60_000 }, (_, i) => i) })],
    ['an empty proof', (e) => ({ ...e, proof: new Uint8Array(), opening: new Uint8Array() })],
  ];

  it.each(flips)('%s: refused by the validator, slashed under the cap', async (_name, change) => {
    await devnet.scratch(async () => {
      const { adversary, validator, deployment } = devnet;
      const entry = change(truth);
      const announced = await announcementOf(devnet, adversary, stage.round, held, entry);
      expect(await judge(devnet, stage.round, held, announced)).toBe('PROOF_FALSE');
      expect(await callWith(6_400_000n, adversary.hotKey.address, deployment.addresses.windowManager, submitData(entry))).toBe(
        'ProofRejected',
      );
      const { slashed, gasUsed } = await pursueEvidence(devnet, validator.hot, announced.message, entry);
      expect(slashed).toBe(adversaryTerms.bond);
      expect(gasUsed).toBeLessThan(verifyingGas(entry.proof.length + entry.opening.length));
    });
  });
});

describe('a true proof submitted with little gas', () => {
  it('reverts without harm, and can be submitted again', async () => {
    await devnet.scratch(async () => {
      const { adversary, deployment } = devnet;
      const outcomes = new Set<string>();
      for (let gas = 400_000n; gas <= 6_400_000n; gas += 150_000n) {
        outcomes.add(await callWith(gas, adversary.hotKey.address, deployment.addresses.windowManager, submitData(truth)));
      }
      // Never ProofRejected: a shortage of gas must not look like a lie.
      outcomes.delete('out of gas');
      expect([...outcomes].sort()).toEqual(['InsufficientGas', 'success']);
      const poor = await sendTransaction(adversary.hot, {
        to: deployment.addresses.windowManager,
        data: submitData(truth),
        gas: 2_000_000n,
      });
      expect(poor.status).toBe('reverted');
      expect(await leaseState(devnet, held.submissionId)).toBe('held');
      await submitAndSettle(adversary.hot, deployment, submission(held.submissionId, truth));
      expect(await leaseState(devnet, held.submissionId)).toBe('finalized');
    });
  });
});
