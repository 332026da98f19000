import type { ModelFolder } from '../../model/modelFolder.ts';
import type { InferenceInstance } from '../../proof/circuitInstance.ts';

export type ChooseSystemParameters = {
  readonly model: Pick<ModelFolder, 'spec' | 'sizes' | 'blockLog' | 'sigmas'>;
  readonly inputs: number;
  readonly output: 'class' | 'logits';
  readonly cacheDirectory: string;
  /** What the user asked for. */
  readonly system?: 'groth16' | 'ultrahonk';
};

/**
 * The circuit for a proof, known already or made on demand, and why it is this one.
 *
 * Groth16 is cheaper for one answer (a tenth of the proof's bytes, under half of its gas), but whoever ran its phase 2 alone can forge: it is the default only where that
 * cannot be the prover of a private model.
 *
 * @throws those of rememberCircuit; CIRCUIT_INPUTS where Groth16 is asked for several inputs
 */
export async function chooseSystem(
  parameters: ChooseSystemParameters,
): Promise<{ readonly instance: InferenceInstance; readonly because: string }> {
  const { model, inputs, output, cacheDirectory, system } = parameters;
  const { AssayError, exitCodes } = await import('../../errors.ts');
  const { circuitName } = await import('../../proof/makeInstance.ts');
  const { rememberCircuit } = await import('../../proof/knownCircuits.ts');
  if (system === 'groth16' && inputs > 1) {
    throw new AssayError('CIRCUIT_INPUTS', `a Groth16 proof answers one input, not ${inputs}`, {
      exitCode: exitCodes.usage,
      hint: 'Prove them one by one (--index), or all at once with --system ultrahonk.',
    });
  }
  const [chosen, because] =
    system !== undefined
      ? [system, 'asked for']
      : inputs > 1
        ? (['ultrahonk', 'one proof for all inputs'] as const)
        : model.sigmas === undefined
          ? (['groth16', 'one answer of an open model'] as const)
          : (['ultrahonk', 'a private model, and nobody else is known to have taken part in a Groth16 ceremony'] as const);
  const { spec, sizes, blockLog } = model;
  const asked: InferenceInstance = {
    name: '',
    statement: 'inference',
    system: chosen === 'groth16' ? 'circom' : 'noir',
    sizes,
    spec,
    blockLog,
    inputs,
    output,
  };
  const instance = await rememberCircuit({ ...asked, name: circuitName(asked) }, cacheDirectory);
  return { instance: instance as InferenceInstance, because };
}
