import { randomBytes } from 'node:crypto';
import { bytesToHex, type Hex, zeroHash } from 'viem';
import type { Sent as Receipt } from '../src/chain/call.ts';
import { cancelJob } from '../src/chain/cancelJob.ts';
import { claim } from '../src/chain/claim.ts';
import { claimMany } from '../src/chain/claimMany.ts';
import { commitAttestation } from '../src/chain/commitAttestation.ts';
import { commitEvidence } from '../src/chain/commitEvidence.ts';
import type { ChainWriter } from '../src/chain/connectChain.ts';
import { demandProof } from '../src/chain/demandProof.ts';
import { enrolValidator } from '../src/chain/enrolValidator.ts';
import { expireLease } from '../src/chain/expireLease.ts';
import { finalize } from '../src/chain/finalize.ts';
import { getHead } from '../src/chain/getHead.ts';
import { lease } from '../src/chain/lease.ts';
import { merge } from '../src/chain/merge.ts';
import { mineBlocks } from '../src/chain/mineBlocks.ts';
import { rebond } from '../src/chain/rebond.ts';
import { releaseLease } from '../src/chain/releaseLease.ts';
import { retireValidator } from '../src/chain/retireValidator.ts';
import { revealAttestation } from '../src/chain/revealAttestation.ts';
import { settle } from '../src/chain/settle.ts';
import { settleSeat } from '../src/chain/settleSeat.ts';
import { slashByEvidence } from '../src/chain/slashByEvidence.ts';
import { slashWithheld } from '../src/chain/slashWithheld.ts';
import { submit } from '../src/chain/submit.ts';
import { submitAndSettle } from '../src/chain/submitAndSettle.ts';
import { unbond } from '../src/chain/unbond.ts';
import { proofHash, statementHash } from '../src/commitment/ids.ts';
import { commitWeights } from '../src/node/jobMaterial.ts';
import { mergeContributions } from '../src/train/mergeContributions.ts';
import { openRoundOn, type Party, startAdversaryDevnet } from '../test/utils/adversaryDevnet.ts';
import { announcementOf, type Entry, evidenceOf, submission } from '../test/utils/adversaryHandIn.ts';
import { leaseRecord, proveStory } from '../test/utils/adversaryProofs.ts';
import { honestStory } from '../test/utils/adversaryTraining.ts';

type Row = { readonly call: string; readonly at: string; readonly gas: number };

/** EIP-7825: no transaction has more. */
const transactionLimit = 16_777_216;

/**
 * Gas of every call that users make, whole transactions on anvil, small and at the largest sizes that the terms allow; and what one honest window costs in
 * each mode, with real proofs of the smallest circuit. What verification itself costs at other sizes is `bench -- prove`'s to say.
 */
export async function benchGas(args: readonly string[]): Promise<void> {
  const devnet = await startAdversaryDevnet();
  const rows: Row[] = [];
  const row = async <T extends Pick<Receipt, 'gasUsed'>>(call: string, at: string, sent: Promise<T>): Promise<T> => {
    const done = await sent;
    rows.push({ call, at, gas: Number(done.gasUsed) });
    return done;
  };
  const { deployment, honest, adversary, colluder, validator, requester, artifacts } = devnet;
  const optimistic = {
    mode: 'optimistic',
    finalityBlocks: 40,
    answerBlocks: 40,
    validators: 3,
    validatorBps: 600,
    fee: 10n ** 18n,
  } as const;
  const fresh = (): Hex => bytesToHex(randomBytes(32));

  /** Leases and proves a window, or a contribution to it. */
  const prepare = async (party: Party, round: Awaited<ReturnType<typeof openRoundOn>>, parent = round.genesis, c = 0n) => {
    const taken = await lease(party.hot, deployment, round.jobId, c, await getHead(devnet.requester, deployment, round.jobId));
    const held = await leaseRecord(devnet, taken.submissionId);
    const story = await honestStory(devnet, round, held, parent);
    const proof = await proveStory(devnet, story);
    return { taken, held, story, entry: { ...proof, child: story.child } satisfies Entry };
  };
  const give = (submissionId: Hex, entry: Entry) => submission(submissionId, entry);
  const bytesOf = (entry: Entry) => ({ proof: entry.proof, opening: entry.opening });
  const waitBlocks = (count: number): Promise<unknown> => mineBlocks(requester as ChainWriter, count);

  try {
    // Stake.
    await row('StakeManager.unbond', '1', unbond(colluder.operator, deployment, 10n ** 18n));
    await row('StakeManager.rebond', '1', rebond(colluder.operator, deployment, 10n ** 18n));
    for (const [k, party] of [honest, colluder, validator].entries()) {
      await row('ValidatorManager.enrol', `${k} before it`, enrolValidator(party.hot, deployment));
    }

    // One eager window.
    const eager = await openRoundOn(devnet, 'gas eager', 2, {}, { fee: 10n ** 18n });
    const first = await prepare(honest, eager);
    const eagerLease = await row('WindowManager.lease', 'first', Promise.resolve(first.taken));
    const eagerSettle = await row(
      'WindowManager.submitAndSettle',
      'eager, first window',
      submitAndSettle(honest.hot, deployment, give(first.taken.submissionId, first.entry)),
    );
    const released = await lease(honest.hot, deployment, eager.jobId, 0n, first.story.child.id);
    await row('WindowManager.release', 'free', releaseLease(honest.hot, deployment, released.submissionId));
    const second = await prepare(honest, eager, first.story.child);
    await row(
      'WindowManager.submitAndSettle',
      'eager, last window',
      submitAndSettle(honest.hot, deployment, give(second.taken.submissionId, second.entry)),
    );
    await row('RewardDistributor.claim', 'one token', claim(honest.hot, deployment, { account: honest.operator.account.address }));

    // A lapse.
    const lapsing = await openRoundOn(devnet, 'gas lapse', 1);
    const lapsed = await lease(honest.hot, deployment, lapsing.jobId, 0n, lapsing.genesis.id);
    await waitBlocks(101);
    await row('WindowManager.expire', 'a lapse', expireLease(honest.hot, deployment, lapsed.submissionId));
    await row('JobManager.cancel', 'nothing pending', cancelJob(requester, deployment, lapsing.jobId));

    // Contributions.
    for (const contributions of [2, 8]) {
      const shared = await openRoundOn(devnet, `gas ${contributions}`, 1, {}, { contributions });
      const children: { weights: readonly Int32Array[]; points: (typeof shared.genesis)['points'] }[] = [];
      for (let c = 0; c < contributions; c++) {
        const made = await prepare(honest, shared, shared.genesis, BigInt(c));
        const settled = submitAndSettle(honest.hot, deployment, give(made.taken.submissionId, made.entry));
        await (c === 0 ? row('WindowManager.submitAndSettle', `eager, contribution of ${contributions}`, settled) : settled);
        children.push(made.story.child);
      }
      const merged = await row(
        'WindowManager.merge',
        `${contributions} contributions, ${shared.genesis.points.length} blocks`,
        merge(requester, deployment, { jobId: shared.jobId, base: shared.genesis.points, children: children.map(({ points }) => points) }),
      );
      const weights = mergeContributions(
        shared.genesis.weights,
        children.map((child) => child.weights),
      );
      if ((await commitWeights(devnet.kzg, artifacts, weights)).id !== merged.mergedId) throw new Error('the chain merged something else');
    }

    // One optimistic window, with attestations, by silence.
    const calm = await openRoundOn(devnet, 'gas optimistic', 8, {}, optimistic);
    const silent = await prepare(adversary, calm);
    const silentHash = proofHash(silent.entry.proof, silent.entry.opening);
    const submitted = await row(
      'WindowManager.submit',
      'optimistic',
      submit(adversary.hot, deployment, { ...give(silent.taken.submissionId, silent.entry), proofHash: silentHash }),
    );
    await waitBlocks(2);
    const { getDrawn } = await import('../src/chain/getDrawn.ts');
    const seats: { seat: bigint; digest: Hex; salt: Hex; party: Party }[] = [];
    for (let seat = 0n; seat < 3n; seat++) {
      const drawn = await getDrawn(requester, deployment, silent.taken.submissionId, seat);
      const party = [honest, colluder, validator].find(({ operator }) => operator.account.address === drawn);
      if (party === undefined) continue;
      const salt = fresh();
      const about = {
        submissionId: silent.taken.submissionId,
        seat,
        operator: party.operator.account.address,
        salt,
        ...bytesOf(silent.entry),
      };
      const { digest } = await row('ValidatorManager.commitAttestation', '3 enrolled', commitAttestation(party.hot, deployment, about));
      seats.push({ seat, digest, salt, party });
    }
    await waitBlocks(20);
    for (const { seat, digest, salt, party } of seats) {
      await row(
        'ValidatorManager.revealAttestation',
        '',
        revealAttestation(party.hot, deployment, { submissionId: silent.taken.submissionId, seat, digest, salt }),
      );
    }
    await waitBlocks(40);
    const silenced = await row('WindowManager.finalize', '1 window by silence', finalize(requester, deployment, calm.jobId, 1));
    await waitBlocks(41);
    for (const { seat } of seats)
      await row('ValidatorManager.settleSeat', 'paid', settleSeat(requester, deployment, silent.taken.submissionId, seat));

    // Settled by a proof, by anyone.
    const asked = await prepare(honest, calm, silent.story.child);
    await submit(honest.hot, deployment, {
      ...give(asked.taken.submissionId, asked.entry),
      proofHash: proofHash(asked.entry.proof, asked.entry.opening),
    });
    await row('ChallengeManager.demand', '', demandProof(requester, deployment, asked.taken.submissionId));
    await row(
      'WindowManager.settle',
      'true, demanded, next to be final',
      settle(colluder.hot, deployment, {
        submissionId: asked.taken.submissionId,
        statement: asked.entry.statement,
        ...bytesOf(asked.entry),
      }),
    );

    // False windows, one on the other, and the lowest shown.
    for (const above of [0, 7]) {
      await devnet.scratch(async () => {
        const round = await openRoundOn(devnet, `gas false ${above}`, 20, {}, optimistic);
        const lie = await prepare(adversary, round);
        const opening = lie.entry.opening.slice();
        opening[5] = (opening[5] as number) ^ 1;
        const entry = { ...lie.entry, opening };
        const hash = proofHash(entry.proof, entry.opening);
        await submit(adversary.hot, deployment, { ...give(lie.taken.submissionId, entry), proofHash: hash });
        for (let k = 0; k < above; k++) {
          const built = await lease(honest.hot, deployment, round.jobId, 0n, await getHead(requester, deployment, round.jobId));
          await submit(honest.hot, deployment, { submissionId: built.submissionId, results: [BigInt(k + 5), 1n, 0n], proofHash: zeroHash });
        }
        const salt = fresh();
        const hashes = {
          submissionId: lie.taken.submissionId,
          statementHash: statementHash('train-window', entry.statement),
          proofHash: hash,
        };
        await row('ChallengeManager.commitEvidence', '', commitEvidence(colluder.hot, deployment, { ...hashes, salt }));
        await waitBlocks(1);
        await row(
          'WindowManager.settle',
          `false, ${above} orphans`,
          settle(colluder.hot, deployment, { submissionId: lie.taken.submissionId, statement: entry.statement, salt, ...bytesOf(entry) }),
        );
      });
    }
    await devnet.scratch(async () => {
      const round = await openRoundOn(devnet, 'gas withheld', 20, {}, optimistic);
      for (let k = 0; k < 8; k++) {
        const built = await lease(honest.hot, deployment, round.jobId, 0n, await getHead(requester, deployment, round.jobId));
        await submit(honest.hot, deployment, { submissionId: built.submissionId, results: [BigInt(k + 5), 1n, 0n], proofHash: zeroHash });
        if (k === 0) await demandProof(requester, deployment, built.submissionId);
        if (k === 7) {
          await waitBlocks(60);
          const { getSubmissionAt } = await import('../src/chain/getSubmissionAt.ts');
          const lowest = (await getSubmissionAt(requester, deployment, round.jobId, 0n)) as Hex;
          await row('ChallengeManager.slashWithheld', '7 orphans', slashWithheld(requester, deployment, lowest));
        }
      }
    });
    await devnet.scratch(async () => {
      const round = await openRoundOn(devnet, 'gas finalize', 8, {}, optimistic);
      for (let k = 0; k < 8; k++) {
        const built = await lease(honest.hot, deployment, round.jobId, 0n, await getHead(requester, deployment, round.jobId));
        await submit(honest.hot, deployment, { submissionId: built.submissionId, results: [BigInt(k + 5), 1n, 0n], proofHash: zeroHash });
      }
      await waitBlocks(60);
      await row('WindowManager.finalize', '8 windows by silence', finalize(requester, deployment, round.jobId, 8));
    });
    // A signed lie in an eager job.
    await devnet.scratch(async () => {
      const round = await openRoundOn(devnet, 'gas evidence', 1);
      const lie = await prepare(adversary, round);
      const opening = lie.entry.opening.slice();
      opening[5] = (opening[5] as number) ^ 1;
      const entry = { ...lie.entry, opening };
      const { message } = await announcementOf(devnet, adversary, round, lie.held, entry);
      const salt = fresh();
      const evidence = evidenceOf(message, entry, salt);
      await commitEvidence(colluder.hot, deployment, {
        submissionId: evidence.submissionId,
        statementHash: statementHash('train-window', entry.statement),
        proofHash: proofHash(entry.proof, entry.opening),
        salt,
      });
      await waitBlocks(1);
      await row('ChallengeManager.slashByEvidence', '', slashByEvidence(colluder.hot, deployment, evidence));
    });
    const owed = [honest, colluder, validator].map(({ operator }) => ({
      token: deployment.addresses.token,
      account: operator.account.address,
    }));
    await row('RewardDistributor.claimMany', `${owed.length} accounts`, claimMany(requester, deployment, owed));
    await row('ValidatorManager.retire', '', retireValidator(validator.hot, deployment));

    const gas = ({ gasUsed }: Pick<Receipt, 'gasUsed'>): number => Number(gasUsed);
    const windows = {
      eager: gas(eagerLease) + gas(eagerSettle),
      optimistic: gas(silent.taken) + gas(submitted) + gas(silenced),
    };
    const over = rows.filter((one) => one.gas > transactionLimit);
    if (args.includes('--json'))
      console.log(JSON.stringify({ circuit: artifacts.instance.name, transactionLimit, windows, rows }, undefined, 2));
    else {
      const width = Math.max(...rows.map(({ call }) => call.length));
      for (const one of rows) console.log(`${one.call.padEnd(width)}  ${one.gas.toLocaleString('en').padStart(10)}  ${one.at}`);
      console.log(
        `\none honest window (${artifacts.instance.name}): eager ${windows.eager.toLocaleString('en')} gas (lease, submitAndSettle)`,
      );
      console.log(
        `optimistic ${windows.optimistic.toLocaleString('en')} gas (lease, submit, finalize), ${(windows.optimistic / windows.eager).toFixed(2)} of that`,
      );
    }
    if (over.length > 0) throw new Error(`beyond ${transactionLimit} gas: ${over.map(({ call, at }) => `${call} (${at})`).join(', ')}`);
  } finally {
    await devnet.close();
  }
}
