import type { ModelFolder } from '../../model/modelFolder.ts';
import type { EnsureSrsParameters } from '../../proof/ceremony.ts';
import type { InferenceInstance } from '../../proof/circuitInstance.ts';
import type { CircuitEstimate } from '../../proof/estimateCircuit.ts';

export type ChooseSystemParameters = {
  readonly model: Pick<ModelFolder, 'spec' | 'sizes' | 'blockLog' | 'sigmas'>;
  readonly inputs: number;
  readonly output: 'class' | 'logits';
  readonly ceremony: Omit<EnsureSrsParameters, 'points'>;
  readonly cacheDirectory: string;
  /** A proof that a contract will judge costs gas, one that is shown as a file the seconds of its maker. */
  readonly purpose: 'chain' | 'file';
  /** What the user asked for. */
  readonly system?: 'groth16' | 'ultrahonk';
};

/**
 * The circuit for a proof, known already or made on demand, and why it is this one.
 *
 * Where nothing is asked for it is the one that the estimate says is cheaper for the purpose. Groth16 takes part in this only for a single answer, and where its key convinces
 * anybody: whoever ran phase 2 alone can forge.
 *
 * @throws those of rememberCircuit and estimateCircuit, ARTIFACT_CORRUPT; CIRCUIT_INPUTS where Groth16 is asked for several inputs
 */
export async function chooseSystem(
  parameters: ChooseSystemParameters,
): Promise<{ readonly instance: InferenceInstance; readonly because: string }> {
  const { model, inputs, output, cacheDirectory, purpose, system } = parameters;
  const { AssayError, exitCodes } = await import('../../errors.ts');
  const { circuitName } = await import('../../proof/makeInstance.ts');
  const { rememberCircuit } = await import('../../proof/knownCircuits.ts');
  if (system === 'groth16' && inputs > 1) {
    throw new AssayError('CIRCUIT_INPUTS', `a Groth16 proof answers one input, not ${inputs}`, {
      exitCode: exitCodes.usage,
      hint: 'Prove them one by one (--index), or all at once with --system ultrahonk.',
    });
  }
  const { spec, sizes, blockLog } = model;
  const circuitOf = (chosen: 'circom' | 'noir'): InferenceInstance => {
    const asked: InferenceInstance = { name: '', statement: 'inference', system: chosen, sizes, spec, blockLog, inputs, output };
    return { ...asked, name: circuitName(asked) };
  };
  const taken = async (chosen: 'circom' | 'noir', because: string) => ({
    instance: (await rememberCircuit(circuitOf(chosen), cacheDirectory)) as InferenceInstance,
    because,
  });
  if (system !== undefined) return taken(system === 'groth16' ? 'circom' : 'noir', 'asked for');
  if (inputs > 1) return taken('noir', 'one proof for all inputs');
  const doubt = await doubtOf(parameters, circuitOf('circom'));
  if (doubt !== undefined) return taken('noir', doubt);
  const { estimateCircuit } = await import('../../proof/estimateCircuit.ts');
  const [one, other] = (
    await Promise.all((['circom', 'noir'] as const).map(async (name) => ({ name, ...(await estimateCircuit(circuitOf(name))) })))
  ).sort((a, b) => (purpose === 'chain' ? a.gas - b.gas : a.prove.seconds - b.prove.seconds)) as [Estimated, Estimated];
  const cost = ({ gas, prove }: Estimated): string =>
    purpose === 'chain' ? `${(gas / 1e6).toFixed(2)} million gas` : `${prove.seconds.toFixed(1)} s`;
  const systemName = { circom: 'groth16', noir: 'ultrahonk' }[other.name];
  return taken(one.name, `estimated at ${cost(one)}, ${systemName} at ${cost(other)}`);
}

type Estimated = CircuitEstimate & { readonly name: 'circom' | 'noir' };

/**
 * Why a Groth16 proof of this circuit should not be made without being asked for; undefined where nothing speaks against it.
 *
 * The owner of private weights is the one whom the proof is to hold: a key with a single contribution may be theirs alone. Whether several are of several people a key does not say.
 */
async function doubtOf(
  { model, ceremony, cacheDirectory }: ChooseSystemParameters,
  groth16: InferenceInstance,
): Promise<string | undefined> {
  const isPrivate = model.sigmas !== undefined;
  if (ceremony.publicDirectory === undefined) {
    return isPrivate ? 'a private model, and nobody else is known to have taken part in a Groth16 ceremony' : undefined;
  }
  const { join } = await import('node:path');
  const { AssayError } = await import('../../errors.ts');
  const { compiledCircomPath } = await import('../../proof/circom/compileCircom.ts');
  const { countContributions } = await import('../../proof/groth16/groth16Profile.ts');
  const { setUpGroth16 } = await import('../../proof/groth16/setup.ts');
  const { listKnownCircuits, sameCircuit } = await import('../../proof/knownCircuits.ts');
  const { fileExists } = await import('../framework/fileExists.ts');
  const known = (await listKnownCircuits(cacheDirectory)).find((circuit) => sameCircuit(circuit, groth16)) as InferenceInstance | undefined;
  const instance = known ?? groth16;
  const r1cs = join(await compiledCircomPath(instance, cacheDirectory), 'circuit.r1cs');
  const none = 'no Groth16 key of a public ceremony is installed';
  if (!(await fileExists(r1cs))) return none;
  try {
    const { contributions } = await setUpGroth16({ name: instance.name, r1cs, cacheDirectory, profile: 'public' });
    const enough = countContributions(contributions) >= (isPrivate ? 2 : 1);
    return enough ? undefined : 'a private model, whose Groth16 key may be of its prover alone';
  } catch (error) {
    if (error instanceof AssayError && error.code === 'GROTH16_KEY_MISSING') return none;
    throw error;
  }
}
