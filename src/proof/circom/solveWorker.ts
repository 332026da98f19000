// Child process of solveCircomWitness: takes { wasm, inputs } as its one message, answers { witness } or { code, message, details }.
import { AssayError } from '../../errors.ts';
import { type CircomInputs, createWitnessCalculator } from './witnessCalculator.ts';

process.once('message', async ({ wasm, inputs }: { wasm: Uint8Array; inputs: CircomInputs }) => {
  let answer: object;
  try {
    answer = { witness: (await createWitnessCalculator(wasm))(inputs) };
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    answer = { code: error.code, message: error.message, details: error.details };
  }
  process.send?.(answer, () => process.exit(0));
});
