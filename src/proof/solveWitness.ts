import { Noir } from '@noir-lang/noir_js';
import { AssayError } from '../errors.ts';

/** The part of a compiled circuit that solver and prover use. */
export type CompiledProgram = { readonly bytecode: string; readonly abi: unknown };

/**
 * Solves a circuit's witness from its inputs.
 *
 * @returns the gzipped witness map, and the circuit's return value as field elements
 * @throws WITNESS_UNSATISFIED where a constraint does not hold: the message of that constraint is in `details`
 */
export async function solveWitness(
  program: CompiledProgram,
  inputs: Record<string, unknown>,
): Promise<{ witness: Uint8Array; outputs: bigint[] }> {
  const noir = new Noir(program as never);
  try {
    const { witness, returnValue } = await noir.execute(inputs as never);
    return { witness, outputs: (returnValue as string[]).map((word) => BigInt(word)) };
  } catch (cause) {
    throw new AssayError('WITNESS_UNSATISFIED', 'the statement is false: its witness breaks a constraint', {
      cause,
      details: String((cause as Error).message),
    });
  }
}

/** Inputs of a circuit, and what it must return for them. */
type BuiltWitness = { readonly inputs: Record<string, unknown>; readonly outputs: readonly bigint[] };

/**
 * Solves a witness whose outputs are known beforehand.
 *
 * @param disagrees what to say where the circuit returns others
 * @throws WITNESS_UNSATISFIED
 */
export async function solveBuilt<Built extends BuiltWitness>(
  program: CompiledProgram,
  built: Built,
  disagrees: string,
): Promise<Built & { readonly witness: Uint8Array }> {
  const { witness, outputs } = await solveWitness(program, built.inputs);
  if (outputs.some((output, i) => output !== built.outputs[i])) throw new AssayError('WITNESS_UNSATISFIED', disagrees);
  return { ...built, witness };
}
