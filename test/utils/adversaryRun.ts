import { lease } from '../../src/chain/lease.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import type { Verdict } from '../../src/node/judgeAnnouncement.ts';
import type { Attempt, Cheat, Stage } from './adversaryCheats.ts';
import type { AdversaryDevnet } from './adversaryDevnet.ts';
import { adversaryTerms } from './adversaryDevnet.ts';
import {
  announcementOf,
  halvesOf,
  isTrue,
  judge,
  leaseState,
  pursueEvidence,
  submission,
  submitAnyway,
  wealthOf,
} from './adversaryHandIn.ts';
import { leaseRecord, proveStory } from './adversaryProofs.ts';
import { honestStory } from './adversaryTraining.ts';
import { codeOf } from './codeOf.ts';

/** What became of one thing that was handed in. */
export type AttemptResult = {
  readonly what: string;
  /** Why it is a real attack: a half is true for the claim, or all of it is true of something else. */
  readonly strength: readonly ('circuit proof' | 'opening' | 'true of another statement')[];
  readonly submitted: { readonly status: 'success' | 'reverted'; readonly code: string | undefined };
  readonly verdict: Verdict;
  /** Bond that the signed announcement cost. */
  readonly slashed: bigint;
  /** What the adversary gained by it. */
  readonly gain: bigint;
};

export type CheatResult = { readonly name: string; readonly refusals: readonly string[]; readonly attempts: readonly AttemptResult[] };

/** Opens a job whose first window the honest worker does and is paid for. */
export async function openStage(devnet: AdversaryDevnet, label: string): Promise<Stage & { readonly paid: bigint }> {
  const { honest, deployment } = devnet;
  const round = await devnet.openRound(label);
  const before = await wealthOf(devnet, honest);
  const { submissionId } = await lease(honest.hot, deployment, round.jobId, 0n, round.genesis.id);
  const story = await honestStory(devnet, round, await leaseRecord(devnet, submissionId), round.genesis);
  const proof = await proveStory(devnet, story);
  const first = { ...proof, child: story.child };
  await submitAndSettle(honest.hot, deployment, submission(submissionId, first));
  return { devnet, round, head: story.child, first, firstSubmission: submissionId, paid: (await wealthOf(devnet, honest)) - before };
}

/** Runs a cheat from a stage, hands in all that it made, and takes everything back. */
export function runCheat(stage: Stage, cheat: Cheat): Promise<CheatResult> {
  const { devnet, round } = stage;
  const { adversary, validator } = devnet;
  return devnet.scratch(async () => {
    const before = await wealthOf(devnet, adversary);
    const { lease: held, refusals, attempts } = await cheat.run(stage);
    const results: AttemptResult[] = [];
    for (const attempt of attempts) {
      const { what, entry, submissionId = held.submissionId, sender = adversary.hot } = attempt;
      results.push(
        await devnet.scratch(async () => {
          const submitted = await submitAnyway(devnet, sender, submissionId, entry);
          const announced = await announcementOf(devnet, adversary, round, held, entry);
          const verdict = await judge(devnet, round, held, announced);
          const { slashed } = await pursueEvidence(devnet, validator.hot, announced.message, entry);
          if ((await leaseState(devnet, held.submissionId)) !== 'revoked') throw new Error('the lease outlived the slash');
          const gain = (await wealthOf(devnet, adversary)) - before;
          return { what, strength: await strengthOf(devnet, attempt), submitted, verdict, slashed, gain };
        }),
      );
    }
    return { name: cheat.name, refusals, attempts: results };
  });
}

async function strengthOf(devnet: AdversaryDevnet, { entry, trueOf }: Attempt): Promise<AttemptResult['strength']> {
  const halves = await halvesOf(devnet, entry);
  const elsewhere = trueOf !== undefined && (await isTrue(devnet, { ...entry, statement: trueOf.statement }, trueOf.binding));
  return [
    ...(halves.honk ? (['circuit proof'] as const) : []),
    ...(halves.opening ? (['opening'] as const) : []),
    ...(elsewhere ? (['true of another statement'] as const) : []),
  ];
}

/** The control: the adversary, with the same tools and for once honest, is paid for the window that it cheated on. */
export function runHonestly(
  stage: Stage,
): Promise<{ readonly verdict: Verdict; readonly gain: bigint; readonly evidence: string | undefined }> {
  const { devnet, round, head } = stage;
  const { adversary, deployment, validator } = devnet;
  return devnet.scratch(async () => {
    const before = await wealthOf(devnet, adversary);
    const { submissionId } = await lease(adversary.hot, deployment, round.jobId, 0n, head.id);
    const held = await leaseRecord(devnet, submissionId);
    const story = await honestStory(devnet, round, held, head);
    const entry = { ...(await proveStory(devnet, story)), child: story.child };
    const announced = await announcementOf(devnet, adversary, round, held, entry);
    const verdict = await judge(devnet, round, held, announced);
    const evidence = await codeOf(() => pursueEvidence(devnet, validator.hot, announced.message, entry));
    await submitAndSettle(adversary.hot, deployment, submission(submissionId, entry));
    return { verdict, evidence, gain: (await wealthOf(devnet, adversary)) - before };
  });
}

/** What is wrong with a cheat's outcome; empty where the cheat happened, was refused everywhere and cost its bond. */
export function faultsOf({ name, refusals, attempts }: CheatResult): string[] {
  const faults: string[] = [];
  if (attempts.length === 0) faults.push(`${name}: nothing was handed in`);
  if (refusals.some((code) => !expectedRefusals.has(code))) faults.push(`${name}: the prover ended with ${refusals.join(', ')}`);
  for (const { what, strength, submitted, verdict, slashed, gain } of attempts) {
    const fault = (text: string): number => faults.push(`${name}, ${what}: ${text}`);
    if (strength.length === 0) fault('nothing in it is true, so nothing was attacked');
    if (strength.includes('circuit proof') && strength.includes('opening')) fault('both halves are true');
    if (submitted.status !== 'reverted' || !expectedReverts.has(submitted.code ?? ''))
      fault(`submitting ended with ${submitted.status} ${submitted.code}`);
    if (verdict !== 'PROOF_FALSE') fault(`the validator said ${verdict}`);
    if (slashed !== adversaryTerms.bond) fault(`slashed ${slashed}`);
    if (gain !== 0n) fault(`paid ${gain}`);
  }
  return faults;
}

/** The prover's refusals, and those of the chain before anything could be proved. */
const expectedRefusals = new Set(['WITNESS_UNSATISFIED', 'OPENING_CLAIM_MISMATCH', 'CHAIN_START_MOVED', 'CHAIN_NOT_LEASE_HOLDER']);
const expectedReverts = new Set(['CHAIN_PROOF_REJECTED', 'CHAIN_WRONG_LEASE_STATE']);
