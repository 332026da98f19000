import { type Hex, keccak256, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addInputs } from '../../src/chain/addInputs.ts';
import { cancelJob } from '../../src/chain/cancelJob.ts';
import { commitAttestation } from '../../src/chain/commitAttestation.ts';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import type { ChainWriter } from '../../src/chain/connectChain.ts';
import { demandProof } from '../../src/chain/demandProof.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { enrolValidator } from '../../src/chain/enrolValidator.ts';
import { exposeDigest } from '../../src/chain/exposeDigest.ts';
import { finalize } from '../../src/chain/finalize.ts';
import { getAnswer } from '../../src/chain/getAnswer.ts';
import { getAnswers } from '../../src/chain/getAnswers.ts';
import { getClaimable } from '../../src/chain/getClaimable.ts';
import { getCommittedBlock } from '../../src/chain/getCommittedBlock.ts';
import { getDemand } from '../../src/chain/getDemand.ts';
import { getDemandBond } from '../../src/chain/getDemandBond.ts';
import { getDrawn } from '../../src/chain/getDrawn.ts';
import { getEvents } from '../../src/chain/getEvents.ts';
import { getHead } from '../../src/chain/getHead.ts';
import { getInput } from '../../src/chain/getInput.ts';
import { getJob } from '../../src/chain/getJob.ts';
import { getLease } from '../../src/chain/getLease.ts';
import { getLineage } from '../../src/chain/getLineage.ts';
import { getOwed } from '../../src/chain/getOwed.ts';
import { getProgress } from '../../src/chain/getProgress.ts';
import { getSeat } from '../../src/chain/getSeat.ts';
import { getStake } from '../../src/chain/getStake.ts';
import { getStatement } from '../../src/chain/getStatement.ts';
import { getSubmission } from '../../src/chain/getSubmission.ts';
import { getSubmissionAt } from '../../src/chain/getSubmissionAt.ts';
import { getTotalWeight } from '../../src/chain/getTotalWeight.ts';
import { getWeight } from '../../src/chain/getWeight.ts';
import { isCommitted } from '../../src/chain/isCommitted.ts';
import { isSlashed } from '../../src/chain/isSlashed.ts';
import { lease } from '../../src/chain/lease.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { openInferenceJob } from '../../src/chain/openInferenceJob.ts';
import { retireValidator } from '../../src/chain/retireValidator.ts';
import { revealAttestation } from '../../src/chain/revealAttestation.ts';
import { settle } from '../../src/chain/settle.ts';
import { settleSeat } from '../../src/chain/settleSeat.ts';
import { signAnnouncement } from '../../src/chain/signAnnouncement.ts';
import { slashByEquivocation } from '../../src/chain/slashByEquivocation.ts';
import { slashWithheld } from '../../src/chain/slashWithheld.ts';
import { submit } from '../../src/chain/submit.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { unjail } from '../../src/chain/unjail.ts';
import { withdrawOwed } from '../../src/chain/withdrawOwed.ts';
import { proofHash, statementHash } from '../../src/commitment/ids.ts';
import { codeOf } from '../utils/codeOf.ts';
import {
  boundProof,
  ether,
  genesisId,
  opening,
  type SettlementStage,
  type StageParty,
  salt,
  stageCid,
  startSettlementStage,
  trained,
  windowShape,
} from '../utils/settlementStage.ts';

const bond = 100n * ether;

describe('optimistic jobs on anvil', () => {
  let stage: SettlementStage;
  let requester: ChainWriter;
  let finder: ChainWriter;
  let deployment: Deployment;
  let alice: StageParty;
  let bob: StageParty;
  let carol: StageParty;

  beforeAll(async () => {
    stage = await startSettlementStage();
    ({ requester, finder, deployment, alice, bob, carol } = stage);
  });

  afterAll(() => stage?.close());

  const stateOf = async (submissionId: Hex): Promise<string | undefined> => (await getLease(finder, deployment, submissionId))?.state;

  /** Lets a jailed operator work again. */
  const release = async (party: StageParty): Promise<void> => {
    const { jailedUntil } = await getStake(finder, deployment, party.cold.account.address);
    const now = await finder.client.getBlockNumber({ cacheTime: 0 });
    if (jailedUntil > now) await mineBlocks(requester, Number(jailedUntil - now));
    await unjail(party.cold, deployment);
  };

  it('silence makes windows final, in order', async () => {
    const jobId = await stage.activeJob({ ...stage.optimisticTerms, windows: 2, validators: 0, validatorBps: 0 });
    const first = await stage.submitNext(alice, jobId, 11n);
    expect(await getJob(finder, deployment, jobId)).toMatchObject({
      mode: 'optimistic',
      submitted: 1,
      finalized: 0,
      headId: 11n,
      finalId: genesisId,
    });
    expect(await getHead(finder, deployment, jobId)).toBe(11n);
    expect(await getSubmission(finder, deployment, first.submissionId)).toEqual({
      submissionId: first.submissionId,
      statementHash: statementHash('train-window', first.statement),
      proofHash: proofHash(first.proof, opening),
      resultId: 11n,
      submittedAt: first.blockNumber,
      proved: false,
      withheld: false,
    });
    expect(await getSubmissionAt(finder, deployment, jobId, 0n)).toBe(first.submissionId);
    expect(await getSubmissionAt(finder, deployment, jobId, 1n)).toBeUndefined();
    expect(await getLease(finder, deployment, first.submissionId)).toMatchObject({ state: 'submitted', locked: bond, ended: undefined });
    const second = await stage.submitNext(bob, jobId, 12n);
    expect(await codeOf(() => finalize(finder, deployment, jobId))).toBe('CHAIN_NOT_FINAL_YET');
    expect(await getLineage(finder, deployment, jobId)).toMatchObject({ windows: [], headId: genesisId });
    await mineBlocks(requester, 40);
    await finalize(finder, deployment, jobId, 2);
    expect(await stateOf(second.submissionId)).toBe('finalized');
    const { windows, headId } = await getLineage(finder, deployment, jobId);
    expect(windows.map(({ childId, proved, reward, operator }) => [childId, proved, reward, operator])).toEqual([
      [11n, false, 5n * ether, alice.cold.account.address],
      [12n, false, 5n * ether, bob.cold.account.address],
    ]);
    expect(headId).toBe(12n);
    expect(await getJob(finder, deployment, jobId)).toMatchObject({ state: 'completed', escrow: 0n });
    expect(await codeOf(() => finalize(finder, deployment, jobId))).toBe('CHAIN_NOTHING_TO_FINALIZE');
  });

  it('row 18: anyone settles; the verifier alone decides', async () => {
    const jobId = await stage.activeJob({ ...stage.optimisticTerms, validators: 0, validatorBps: 0 });
    const first = await stage.submitNext(alice, jobId, 21n);
    const second = await stage.submitNext(bob, jobId, 22n);
    const settled = { submissionId: second.submissionId, statement: second.statement, proof: second.proof, opening };
    expect(await codeOf(() => settle(finder, deployment, { ...settled, statement: first.statement }))).toBe('CHAIN_STATEMENT_MISMATCH');
    expect(await codeOf(() => settle(finder, deployment, { ...settled, proof: first.proof }))).toBe('CHAIN_PROOF_MISMATCH');
    expect(await settle(finder, deployment, settled)).toMatchObject({ proved: true, slashed: 0n });
    expect(await getSubmission(finder, deployment, second.submissionId)).toMatchObject({ proved: true });
    expect(await codeOf(() => settle(finder, deployment, settled))).toBe('CHAIN_WRONG_LEASE_STATE');
    // The first is not final, so neither is the second.
    expect(await stateOf(second.submissionId)).toBe('submitted');
    const { statement, proof, submissionId } = first;
    await settle(finder, deployment, { submissionId, statement, proof, opening });
    expect(await stateOf(submissionId)).toBe('finalized');
    await finalize(finder, deployment, jobId);
    expect(await getProgress(finder, deployment, jobId)).toMatchObject({ submitted: 2, finalized: 2, epoch: 0, finalId: 22n });
    // Proved at once, by whoever wants to be paid at once.
    expect((await stage.proveNext(alice, jobId, 23n)).reward).toBe(5n * ether);
    expect((await getLineage(finder, deployment, jobId)).windows.map(({ proved }) => proved)).toEqual([true, true, true]);
    await cancelJob(requester, deployment, jobId);
  });

  it('row 23a: a false window is rejected; those above it are orphaned, not slashed, and compensated', async () => {
    const jobId = await stage.activeJob({ ...stage.optimisticTerms, validators: 0, validatorBps: 0 });
    const good = await stage.submitNext(alice, jobId, 31n);
    const bad = await stage.submitNext(bob, jobId, 32n, false);
    const above = await stage.submitNext(carol, jobId, 33n);
    const { submissionId, statement, proof } = bad;
    const about = {
      submissionId,
      statementHash: statementHash('train-window', statement),
      proofHash: proofHash(proof, opening),
      salt,
    };
    expect(await isCommitted(finder, deployment, about, finder.account.address)).toBe(false);
    const { commitment, blockNumber } = await commitEvidence(finder, deployment, about);
    expect(await getCommittedBlock(finder, deployment, commitment)).toBe(blockNumber);
    await mineBlocks(requester, 1);
    expect(await isCommitted(finder, deployment, about, finder.account.address)).toBe(true);
    const before = {
      bob: await getStake(finder, deployment, bob.cold.account.address),
      carol: await getStake(finder, deployment, carol.cold.account.address),
      carolOwed: await getClaimable(finder, deployment, carol.cold.account.address),
      finder: await getClaimable(finder, deployment, finder.account.address),
    };
    expect(await settle(finder, deployment, { submissionId, statement, proof, opening, salt })).toMatchObject({
      proved: false,
      slashed: bond,
    });
    expect(await isSlashed(finder, deployment, bob.cold.account.address, submissionId)).toBe(true);
    expect(await Promise.all([good, bad, above].map((one) => stateOf(one.submissionId)))).toEqual(['submitted', 'rejected', 'orphaned']);
    expect(before.bob.active - (await getStake(finder, deployment, bob.cold.account.address)).active).toBe(bond);
    const carolAfter = await getStake(finder, deployment, carol.cold.account.address);
    expect([carolAfter.active, carolAfter.locked]).toEqual([before.carol.active, 0n]);
    expect((await getClaimable(finder, deployment, carol.cold.account.address)) - before.carolOwed).toBe(10n * ether);
    expect((await getClaimable(finder, deployment, finder.account.address)) - before.finder).toBe(30n * ether);
    expect(await getJob(finder, deployment, jobId)).toMatchObject({ submitted: 1, finalized: 0, epoch: 1, headId: 31n });
    // The same window again, from the same parent.
    const again = await stage.submitNext(alice, jobId, 34n);
    expect([again.statement[1], again.statement[6]]).toEqual([31n, statement[6]]);
    await mineBlocks(requester, 41);
    await finalize(finder, deployment, jobId, 2);
    expect((await getLineage(finder, deployment, jobId)).headId).toBe(34n);
    await cancelJob(requester, deployment, jobId);
    await release(bob);
  });

  it('row 11: a demanded proof is posted for the bond, or its absence is slashed', async () => {
    const jobId = await stage.activeJob({ ...stage.optimisticTerms, validators: 0, validatorBps: 0 });
    const honest = await stage.submitNext(alice, jobId, 41n);
    const { submissionId } = honest;
    expect(await getDemand(finder, deployment, submissionId)).toBeUndefined();
    expect(await codeOf(() => demandProof(finder, deployment, submissionId, 1n))).toBe('CHAIN_DEMAND_BOND_TOO_SMALL');
    const value = await getDemandBond(finder);
    const { bond: demandBond, deadline, blockNumber } = await demandProof(finder, deployment, submissionId);
    expect(deadline).toBe(blockNumber + 30n);
    const { baseFeePerGas } = await finder.client.getBlock({ blockNumber });
    expect(demandBond).toBe(15_000_000n * ((baseFeePerGas as bigint) + 10n ** 9n));
    expect(demandBond).toBeLessThanOrEqual(value);
    expect(await getDemand(finder, deployment, submissionId)).toEqual({
      challenger: finder.account.address,
      bond: demandBond,
      deadline,
      open: true,
    });
    expect(await codeOf(() => demandProof(finder, deployment, submissionId))).toBe('CHAIN_ALREADY_DEMANDED');
    expect(await codeOf(() => slashWithheld(finder, deployment, submissionId))).toBe('CHAIN_DEMAND_NOT_OVERDUE');
    // Anyone who has the bytes posts them, for the bond.
    await settle(carol.hot, deployment, { submissionId, statement: honest.statement, proof: honest.proof, opening });
    expect(await getOwed(finder, deployment, carol.hotKey.address)).toBe(demandBond);
    expect((await withdrawOwed(carol.hot, deployment)).amount).toBe(demandBond);
    expect(await codeOf(() => withdrawOwed(carol.hot, deployment))).toBe('CHAIN_NOTHING_TO_WITHDRAW');

    const silent = await stage.submitNext(bob, jobId, 42n);
    const demanded = await demandProof(finder, deployment, silent.submissionId);
    await mineBlocks(requester, 30);
    // Its silence is over, but the demand is not answered.
    await mineBlocks(requester, 11);
    expect(await codeOf(() => finalize(finder, deployment, jobId))).toBe('CHAIN_PROOF_DEMANDED');
    const owed = await getOwed(finder, deployment, finder.account.address);
    expect(await slashWithheld(carol.hot, deployment, silent.submissionId)).toMatchObject({
      operator: bob.cold.account.address,
      slashed: bond,
    });
    expect((await getOwed(finder, deployment, finder.account.address)) - owed).toBe(demanded.bond);
    expect(await stateOf(silent.submissionId)).toBe('rejected');
    expect(await getSubmission(finder, deployment, silent.submissionId)).toMatchObject({ withheld: true });
    expect(await codeOf(() => demandProof(finder, deployment, silent.submissionId))).toBe('CHAIN_NOT_DEMANDABLE');
    await cancelJob(requester, deployment, jobId);
    await release(bob);
  });

  it('slashes who signed two results of one window', async () => {
    const jobId = await stage.activeJob({ ...stage.optimisticTerms, validators: 0, validatorBps: 0 });
    const { submissionId } = await stage.leaseNext(bob, jobId);
    const signed = async (childId: bigint) => {
      const statement = await getStatement(finder, deployment, submissionId, trained(childId));
      const hash = proofHash(new TextEncoder().encode(`proof ${childId}`), opening);
      const message = { submissionId, statementHash: statementHash('train-window', statement), proofHash: hash };
      const signature = await signAnnouncement(bob.hotKey, { chainId: 31337, jobManager: deployment.addresses.jobManager, message });
      return { statement, proofHash: hash, signature, message };
    };
    const [first, second] = [await signed(51n), await signed(52n)];
    await commitEvidence(finder, deployment, { ...first.message, salt });
    const evidence = { submissionId, statementName: 'train-window' as const, first, second, salt };
    expect(await codeOf(() => slashByEquivocation(finder, deployment, { ...evidence, second: first }))).toBe('CHAIN_NO_EQUIVOCATION');
    expect(await slashByEquivocation(finder, deployment, evidence)).toMatchObject({ operator: bob.cold.account.address, slashed: bond });
    expect(await stateOf(submissionId)).toBe('revoked');
    await cancelJob(requester, deployment, jobId);
    await release(bob);
  });

  describe('seats', () => {
    it('are drawn by stake, paid for true attestations; a digest of other bytes is exposed', async () => {
      for (const party of [alice, bob, carol]) await enrolValidator(party.hot, deployment);
      expect(await codeOf(() => enrolValidator(alice.hot, deployment))).toBe('CHAIN_ALREADY_ENROLLED');
      const weights = await Promise.all([alice, bob, carol].map(({ cold }) => getWeight(finder, deployment, cold.account.address)));
      expect(await getTotalWeight(finder, deployment)).toBe(weights.reduce((sum, weight) => sum + weight, 0n));

      const jobId = await stage.activeJob({ ...stage.optimisticTerms, windows: 8 });
      const byAddress = new Map([alice, bob, carol].map((party) => [party.cold.account.address, party]));
      // Until two others than the worker are drawn: the draw is the chain's.
      let window = await stage.submitNext(alice, jobId, 61n);
      let drawn: (StageParty | undefined)[] = [];
      for (let childId = 62n; ; childId++) {
        expect(await codeOf(() => getDrawn(finder, deployment, window.submissionId, 0n))).toBe('CHAIN_DRAW_UNAVAILABLE');
        await mineBlocks(requester, 2);
        drawn = await Promise.all(
          [0n, 1n].map(async (seat) => {
            const operator = await getDrawn(finder, deployment, window.submissionId, seat);
            return operator === undefined ? undefined : byAddress.get(operator);
          }),
        );
        if (drawn[0] !== undefined && drawn[1] !== undefined) break;
        window = await stage.submitNext(alice, jobId, childId);
      }
      const { submissionId, proof } = window;
      const [first, second] = drawn as [StageParty, StageParty];
      expect(await codeOf(() => getDrawn(finder, deployment, submissionId, 2n))).toBe('CHAIN_NO_SUCH_SEAT');
      const attest = (party: StageParty, seat: bigint, bytes: Uint8Array) =>
        commitAttestation(party.hot, deployment, {
          submissionId,
          seat,
          operator: party.cold.account.address,
          proof: bytes,
          opening,
          salt,
        });
      expect(await codeOf(() => attest(alice, 0n, proof))).toBe('CHAIN_NOT_DRAWN');
      const locked = (await getStake(finder, deployment, first.cold.account.address)).locked;
      const attested = await attest(first, 0n, proof);
      expect((await getStake(finder, deployment, first.cold.account.address)).locked - locked).toBe(bond);
      const lie = await attest(second, 1n, new Uint8Array(33).fill(9));
      expect(await getSeat(finder, deployment, submissionId, 0n)).toMatchObject({
        state: 'committed',
        operator: first.cold.account.address,
        bond,
        commitment: attested.commitment,
      });
      const reveal = { submissionId, seat: 0n, digest: attested.digest, salt };
      expect(await codeOf(() => revealAttestation(first.hot, deployment, reveal))).toBe('CHAIN_REVEAL_TOO_EARLY');
      await mineBlocks(requester, 20);
      expect(await codeOf(() => revealAttestation(first.hot, deployment, { ...reveal, digest: lie.digest }))).toBe(
        'CHAIN_COMMITMENT_MISMATCH',
      );
      await revealAttestation(first.hot, deployment, reveal);
      await revealAttestation(second.hot, deployment, { ...reveal, seat: 1n, digest: lie.digest });
      expect(await codeOf(() => exposeDigest(finder, deployment, { submissionId, seat: 0n, proof, opening }))).toBe('CHAIN_DIGEST_IS_TRUE');
      const { active } = await getStake(finder, deployment, second.cold.account.address);
      await exposeDigest(finder, deployment, { submissionId, seat: 1n, proof, opening });
      expect(active - (await getStake(finder, deployment, second.cold.account.address)).active).toBe(bond);
      expect(await codeOf(() => settleSeat(finder, deployment, submissionId, 0n))).toBe('CHAIN_SEAT_NOT_OVER');
      await mineBlocks(requester, 41);
      await finalize(finder, deployment, jobId);
      await mineBlocks(requester, 30);
      const owed = await getClaimable(finder, deployment, first.cold.account.address);
      expect((await settleSeat(finder, deployment, submissionId, 0n)).outcome).toBe('paid');
      expect((await getClaimable(finder, deployment, first.cold.account.address)) - owed).toBe(ether / 4n);
      expect((await settleSeat(finder, deployment, submissionId, 1n)).outcome).toBe('unpaid');
      expect(await getSeat(finder, deployment, submissionId, 0n)).toMatchObject({ state: 'settled', bond: 0n });
      expect(await codeOf(() => settleSeat(finder, deployment, submissionId, 0n))).toBe('CHAIN_WRONG_SEAT_STATE');
      await cancelJob(requester, deployment, jobId);
      // Whoever was slashed has left the draw by its weight; the others retire.
      expect(await getWeight(finder, deployment, second.cold.account.address)).toBe(0n);
      await retireValidator(alice.hot, deployment);
      expect(await getWeight(finder, deployment, alice.cold.account.address)).toBe(0n);
      expect(await codeOf(() => retireValidator(alice.hot, deployment))).toBe('CHAIN_NOT_ENROLLED');
      await release(second);
    });
  });

  it('answers that silence made final can be read', async () => {
    const circuitId = await stage.circuitOf('ScriptedStatements.sol', 'ScriptedInference', windowShape);
    const { datasetId: _datasetId, genesisId: checkpointId, windows: _windows, ...payment } = stage.optimisticTerms;
    const terms = { ...payment, circuitId, checkpointId, answers: 2, open: true, validators: 0, validatorBps: 0 };
    const { jobId } = await openInferenceJob(requester, deployment, terms);
    await addInputs(
      requester,
      deployment,
      jobId,
      [900n, 901n].map((inputId) => ({ inputId, cid: stageCid })),
    );
    expect(await getInput(finder, deployment, jobId, 1n)).toBe(901n);
    const leased = await lease(alice.hot, deployment, jobId, 0n, 900n);
    const results = [55n, 11n, 22n];
    const unproved = {
      submissionId: leased.submissionId,
      results,
      statementHash: statementHash('inference', await getStatement(finder, deployment, leased.submissionId, results)),
      proofHash: keccak256(toHex('bytes that nobody asked for')),
    };
    // Of another question, as after a reorganisation.
    const moved = { ...unproved, statementHash: keccak256('0x01') };
    expect(await codeOf(() => submit(alice.hot, deployment, moved))).toBe('CHAIN_STATEMENT_MISMATCH');
    const { statement } = await submit(alice.hot, deployment, unproved);
    expect(statement.slice(1)).toEqual([checkpointId, 55n, 900n, 11n, 22n]);
    expect(await codeOf(() => getAnswer(finder, deployment, jobId, 0n))).toBe('CHAIN_NO_ANSWER');
    const next = await lease(bob.hot, deployment, jobId, 0n, 901n);
    const words = await getStatement(finder, deployment, next.submissionId, results);
    const proof = boundProof(circuitId, false, words);
    const proved = await submitAndSettle(bob.hot, deployment, { submissionId: next.submissionId, results, proof, opening });
    // Proved, but the first is not final.
    expect(proved.reward).toBeUndefined();
    await mineBlocks(requester, 40);
    await finalize(finder, deployment, jobId);
    expect(await getAnswer(finder, deployment, jobId, 0n)).toEqual([11n, 22n]);
    const answers = await getAnswers(finder, deployment, jobId);
    expect(answers.map(({ inputId, outputs, proved: byProof }) => [inputId, outputs, byProof])).toEqual([
      [900n, [11n, 22n], false],
      [901n, [11n, 22n], true],
    ]);
    const submitted = (await getEvents(finder, deployment, { names: ['WindowSubmitted'] })).filter(
      (event) => event.name === 'WindowSubmitted' && event.args.jobId === jobId,
    );
    expect(submitted).toHaveLength(2);
  });
});
