import type { Hex } from 'viem';
import { z } from 'zod';
import type { CircuitInstance } from '../../proof/circuitInstance.ts';
import { describeCircuit, showSeconds } from '../circuit/describeCircuit.ts';
import { circuitLimits } from '../circuit/instanceOptions.ts';
import { type CommandContext, defineCommand } from '../framework/command.ts';
import { circuitCacheDirectory } from '../framework/folders.ts';
import { showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { type AskedClaim, type CountsFacts, claimOption, countsFacts, countsRows, resolveClaims, sayClaim } from './claims.ts';
import { openQuestion, type QuestionInput, questionOptions } from './openQuestion.ts';

type Input = QuestionInput & { readonly claim: readonly AskedClaim[]; readonly draws: number | undefined };

/** What proofs of one circuit take. */
type Part = {
  readonly circuit: string;
  readonly proofs: number;
  readonly gates: number;
  readonly compiled: boolean;
  readonly compileSeconds: number;
  readonly proveSeconds: number;
  readonly memoryMb: number;
  /** Of one transaction that proves one; estimated. */
  readonly gas: number;
  readonly bytes: number;
  /** What keeps it from being built here. */
  readonly problems: readonly string[];
};

type Plan = {
  readonly checkpointId: Hex;
  readonly setId: Hex;
  readonly chunks: { readonly taken: number; readonly of: number; readonly samples: number };
  /** Of the whole set, as this model answers it now. */
  readonly counts: CountsFacts;
  readonly claims: readonly { readonly claim: string; readonly holds: boolean; readonly problem: string | null }[];
  readonly wellFormed: Part;
  readonly audit: Part;
  readonly total: { readonly seconds: number; readonly memoryMb: number; readonly gas: number; readonly bytes: number };
};

export const auditPlan = defineCommand<Input, Plan>({
  name: 'audit plan',
  summary: 'what an audit will count and what it takes, before anything is proved',
  description:
    'Answers the whole set in integers, as the circuit does, and says which claims hold; estimates time, memory, gas and size of the certificate. Nothing is compiled, proved or sent. ' +
    'Times and memory are of two cores; gas is estimated from sizes, without deploying verifiers: receipts say what is burned. Of a draw, the counts are those of the whole set: which chunks are drawn is not known before.',
  options: {
    ...questionOptions,
    claim: claimOption,
    draws: {
      flags: '--draws <count>',
      description: 'chunks that a block will draw (default: the whole set)',
      schema: z.coerce.number().int().min(1).max(255).optional(),
    },
  },
  examples: ['assay audit plan --model ./digits --set mnist-1000.audit --claim accuracy:900/1000 recall:8:90%'],
  async run(context, input) {
    const { blockCount } = await import('../../commitment/blocks.ts');
    const { claimProblem } = await import('../../audit/claims.ts');
    const { planAudit } = await import('../../audit/planAudit.ts');
    const { auditLayout } = await import('../../proof/audit/circuit.ts');
    const { wellFormedLayout } = await import('../../proof/wellFormed/circuit.ts');
    const { assertDraws } = await import('./assertDraws.ts');
    const question = await openQuestion(context, input);
    const { model, set, circuit, wellFormed } = question;
    assertDraws(input.draws, set.chunks.length);
    const all = set.chunks.map((_, i) => i);
    const counts = await context.progress.step('answer the set', async () => ({
      classes: set.classes,
      groups: set.groups,
      bins: circuit.thresholds.length + 1,
      counts: planAudit(circuit, model.weights, set, all),
    }));
    const facts = countsFacts(counts);
    const claims = resolveClaims(input.claim, counts, model.classLabels).map((claim) => {
      const problem = claimProblem(claim, counts) ?? null;
      return { claim: `${claim.kind}: ${sayClaim(claim)}`, holds: problem === null, problem };
    });
    const taken = input.draws ?? set.chunks.length;
    const sumWords = Math.ceil(auditLayout(circuit).counts / 8);
    const blocks = blockCount(model.sizes, model.blockLog);
    // Sums of counts are stored: words that are new once, then words that change.
    const audit = await partOf(context, circuit, taken, blocks, 60_000 + 5_000 * sumWords);
    const shown = await partOf(context, wellFormed, wellFormedLayout(wellFormed).segments, blocks, 60_000);
    const parts = [shown, audit];
    const sum = (of: (part: Part) => number): number => parts.reduce((total, part) => total + of(part), 0);
    return {
      checkpointId: showId(model.checkpointId),
      setId: showId(set.id),
      chunks: { taken, of: set.chunks.length, samples: set.samples },
      counts: facts,
      claims,
      wellFormed: shown,
      audit,
      total: {
        seconds: sum((part) => (part.compiled ? 0 : part.compileSeconds) + part.proofs * part.proveSeconds),
        memoryMb: Math.max(...parts.map((part) => part.memoryMb)),
        gas: sum((part) => part.proofs * part.gas) + openingGas + (input.draws === undefined ? 0 : drawGas) + 17_100 * sumWords,
        // Hex in JSON.
        bytes: 4_000 + sum((part) => part.proofs * (2 * part.bytes + 400)),
      },
    };
  },
  render(plan) {
    const part = ({ circuit, proofs, gates, compiled, compileSeconds, proveSeconds, memoryMb }: Part): string =>
      `${circuit}, ${compiled ? '' : 'about '}${gates} gates: ${proofs} ${proofs === 1 ? 'proof' : 'proofs'} of ${showSeconds(proveSeconds)}, ${memoryMb} MB` +
      (compiled ? '' : `; compiled once, ${showSeconds(compileSeconds)}`);
    const problems = [...plan.wellFormed.problems, ...plan.audit.problems];
    return [
      columns([
        ['checkpoint', plan.checkpointId],
        ['set', plan.setId],
        ...countsRows(plan.counts),
        ['chunks', `${plan.chunks.taken} of ${plan.chunks.of}, ${plan.chunks.samples} samples each`],
        ['well-formed', part(plan.wellFormed)],
        ['audit', part(plan.audit)],
        [
          'total',
          `about ${showSeconds(plan.total.seconds)}, ${plan.total.memoryMb} MB; a certificate of ${Math.ceil(plan.total.bytes / 1000)} kB`,
        ],
        ['on chain', `estimated at ${(plan.total.gas / 1e6).toFixed(1)} million gas, without deploying verifiers`],
        ...(problems.length === 0 ? [] : [['does not fit', problems.join('; ')]]),
      ]),
      ...plan.claims.map(({ claim, holds, problem }) => `${holds ? 'holds' : 'FALSE'}  ${claim}${problem === null ? '' : ` (${problem})`}`),
    ].join('\n');
  },
});

/** Registering a set, opening an audit of it; drawing: rounded from single transactions. Estimates, as all gas here. */
const openingGas = 130_000 + 250_000;
const drawGas = 110_000;

async function partOf(
  { settings }: CommandContext,
  instance: CircuitInstance,
  proofs: number,
  blocks: number,
  more: number,
): Promise<Part> {
  const { circuitProblems } = await import('../../proof/assertCircuitFits.ts');
  const { estimateCircuit } = await import('../../proof/estimateCircuit.ts');
  const { readMeasurement } = await import('../../proof/measurements.ts');
  const { honkProofBytes } = await import('../../proof/ultrahonk.ts');
  const facts = await describeCircuit(instance, false, circuitCacheDirectory(settings));
  const measured = await readMeasurement(instance.name);
  const estimate = await estimateCircuit(instance, facts.rows ?? measured?.size);
  const bytes = honkProofBytes(estimate.power) + 448 + 64 * blocks;
  return {
    circuit: instance.name,
    proofs,
    gates: estimate.rows,
    compiled: facts.compiled,
    compileSeconds: measured?.buildSeconds ?? estimate.compile.seconds + estimate.setup.seconds,
    proveSeconds: measured === undefined ? estimate.prove.seconds : measured.witnessSeconds + measured.proveSeconds + measured.openSeconds,
    memoryMb: Math.ceil(measured?.memory ?? estimate.prove.memoryMb),
    // Verifying grows with the log of the gates and with the points of the commitment (docs/reference/gas.md).
    gas: (measured?.transactionGas ?? estimate.gas) + more,
    bytes,
    problems: circuitProblems(estimate, await circuitLimits(settings)),
  };
}
