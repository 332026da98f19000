import { AssayError } from '../errors.ts';
import type { CircuitInstance } from './circuitInstance.ts';
import { type CircuitEstimate, estimateCircuit } from './estimateCircuit.ts';
import { circuitName } from './makeInstance.ts';

export type CircuitLimits = {
  /** Memory that a step may take, in MB. */
  readonly memoryMb: number;
  /** Points of the user's public SRS; undefined under the dev ceremony, which makes as many as are wanted. */
  readonly srsPoints?: number;
};

/** Compilers are WASM modules: 4 GB, whatever the machine has. */
const compilerMemoryMb = 4_096;
/** Domains above are made neither by the dev ceremony nor in the tests. */
const largestPower = 20;

/** What keeps a circuit from being built here; nothing where it fits. */
export function circuitProblems(estimate: CircuitEstimate, limits: CircuitLimits): string[] {
  const problems: string[] = [];
  const { power, compile, setup, prove, srsPoints } = estimate;
  if (power > largestPower) problems.push(`it pads to 2^${power}, the largest is 2^${largestPower}`);
  const compiler = Math.min(compilerMemoryMb, limits.memoryMb);
  if (compile.memoryMb > compiler) problems.push(`compiling takes about ${compile.memoryMb} MB, there are ${Math.floor(compiler)}`);
  for (const [step, { memoryMb }] of [
    ['the set-up', setup],
    ['proving', prove],
  ] as const) {
    if (memoryMb > limits.memoryMb) problems.push(`${step} takes about ${memoryMb} MB, there are ${Math.floor(limits.memoryMb)}`);
  }
  if (limits.srsPoints !== undefined && srsPoints > limits.srsPoints) {
    problems.push(`it needs an SRS of ${srsPoints} points, the public one that was given has ${limits.srsPoints}`);
  }
  return problems;
}

/**
 * Refuses a circuit that cannot be built here, before anything starts, and says which one could.
 *
 * @param rows gates or constraints where they are known
 * @throws CIRCUIT_TOO_LARGE, or the generator's own refusal; its hint names the nearest circuit that fits
 */
export async function assertCircuitFits(instance: CircuitInstance, limits: CircuitLimits, rows?: number): Promise<CircuitEstimate> {
  let refused: AssayError;
  try {
    const estimate = await estimateCircuit(instance, rows);
    const problems = circuitProblems(estimate, limits);
    if (problems.length === 0) return estimate;
    const unit = instance.system === 'circom' ? 'constraints' : 'gates';
    refused = new AssayError('CIRCUIT_TOO_LARGE', `${instance.name} does not fit: about ${estimate.rows} ${unit}`, {
      details: problems.join('\n'),
    });
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    refused = error;
  }
  const smaller = await nextThatFits(instance, limits);
  const hint = smaller === undefined ? (refused.hint ?? 'No smaller circuit of this kind fits either.') : `This would fit: ${smaller}.`;
  const { code, message, details, exitCode } = refused;
  throw new AssayError(code, message, { hint, exitCode, ...(details !== undefined && { details }) });
}

async function nextThatFits(instance: CircuitInstance, limits: CircuitLimits): Promise<string | undefined> {
  for (const candidate of smaller(instance)) {
    try {
      if (circuitProblems(await estimateCircuit(candidate), limits).length === 0) return circuitName(candidate);
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
    }
  }
  return undefined;
}

/** The same model with less work a proof, then the same with narrower hidden layers. */
function* smaller(instance: CircuitInstance): Generator<CircuitInstance> {
  const least = function* (of: CircuitInstance): Generator<CircuitInstance> {
    yield of;
    if (of.statement === 'train-window') for (let steps = of.steps - 1; steps >= 1; steps--) yield { ...of, steps };
    else if (of.statement === 'well-formed') for (let k = of.blocksPerProof - 1; k >= 1; k--) yield { ...of, blocksPerProof: k };
    else if (of.statement === 'audit') for (let n = Math.floor(of.samples / 2); n >= 1; n = Math.floor(n / 2)) yield { ...of, samples: n };
    // Of membership, nothing can be left out: the minibatch is that of the data set.
    else if (of.statement === 'membership') return;
    else for (let inputs = Math.floor(of.inputs / 2); inputs >= 1; inputs = Math.floor(inputs / 2)) yield { ...of, inputs };
  };
  let { sizes } = instance;
  for (let round = 0; round < 16; round++) {
    yield* least({ ...instance, sizes });
    const last = sizes.length - 1;
    const narrower = sizes.map((n, l) => (l === 0 || l === last ? n : Math.max(1, Math.floor(n / 2))));
    if (narrower.join() === sizes.join()) return;
    sizes = narrower;
  }
}
