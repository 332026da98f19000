import { blockCount } from '../commitment/blocks.ts';
import { auditSource } from './audit/circuit.ts';
import { circomInferenceSource } from './circom/inferenceCircuit.ts';
import { predictRows } from './circuitCosts.ts';
import type { CircuitInstance } from './circuitInstance.ts';
import { noirInferenceSource } from './inference/noirCircuit.ts';
import { membershipSource } from './membership/circuit.ts';
import { wellFormedSource } from './wellFormed/circuit.ts';
import { windowCircuitSource } from './windowCircuit.ts';

/** What building and using a circuit takes on two cores, before anything is compiled. Within a quarter for sizes, a factor of two for times. */
export type CircuitEstimate = {
  /** Weights and biases of the model, and the blocks that its checkpoint is committed in. */
  readonly parameters: number;
  readonly blocks: number;
  /** Gates (UltraHonk) or constraints (Groth16). */
  readonly rows: number;
  /** They pad to 2^power. */
  readonly power: number;
  /** Points of the SRS: of the proof system and of the commitments. */
  readonly srsPoints: number;
  readonly compile: { readonly seconds: number; readonly memoryMb: number };
  /** Keys under the dev ceremony, and their size on disk. */
  readonly setup: { readonly seconds: number; readonly memoryMb: number; readonly diskMb: number };
  /** One proof, its opening included. */
  readonly prove: { readonly seconds: number; readonly memoryMb: number };
  /** Gas of a whole transaction that has one proof verified, its opening included; within a tenth. */
  readonly gas: number;
};

/**
 * Estimates a circuit from its sizes.
 *
 * @param rows gates or constraints, where the circuit is compiled already; otherwise they are predicted
 * @throws those of the circuit's generator, which refuses sizes that cannot be proved
 */
export async function estimateCircuit(instance: CircuitInstance, rows?: number): Promise<CircuitEstimate> {
  assertGenerates(instance);
  const { sizes, blockLog } = instance;
  // Membership opens no checkpoint: its sizes are of data.
  const model = instance.statement !== 'membership';
  const parameters = !model ? 0 : sizes.slice(1).reduce((sum, m, l) => sum + m * ((sizes[l] as number) + 1), 0);
  const blocks = model ? blockCount(sizes, blockLog) : 0;
  const size = rows ?? (await predictRows(instance));
  const power = Math.max(1, Math.ceil(Math.log2(size + 1)));
  const padded = 2 ** power;
  // Committing and opening: about 9 microseconds a weight, and the mask.
  const openSeconds = model ? 0.3 + parameters * 1e-5 : 0;
  // A window opens its parent and its child.
  const opened = instance.statement === 'train-window' ? 2 * blocks : blocks;
  const shared = { parameters, blocks, rows: size, power };
  if (instance.system === 'circom') {
    return {
      ...shared,
      srsPoints: 2 ** blockLog + 1,
      compile: { seconds: 4 + size * 6e-4, memoryMb: Math.ceil(250 + size * 0.0075) },
      setup: { seconds: 1.2 + padded * 1.6e-4, memoryMb: Math.ceil(200 + padded * 0.0045), diskMb: Math.ceil(padded * 1.15e-3) },
      prove: { seconds: 0.8 + size * 4.5e-5 + openSeconds, memoryMb: Math.ceil(350 + padded * 0.0035) },
      gas: 402_000 + 8_800 * blocks,
    };
  }
  return {
    ...shared,
    srsPoints: 2 ** Math.max(power, blockLog) + 1,
    compile: { seconds: 2 + size * 6e-5, memoryMb: Math.ceil(350 + size * 0.002) },
    setup: { seconds: 1 + padded * 4e-5, memoryMb: Math.ceil(500 + padded * 0.001), diskMb: Math.ceil((padded * 64) / 2 ** 20) },
    prove: { seconds: 0.3 + size * 1.8e-5 + openSeconds, memoryMb: Math.ceil(800 + padded * 0.0015) },
    gas: 689_000 + 25_500 * power + (model ? 8_500 * opened : -150_000),
  };
}

/** The generator's own limits: widths, classes, layers, blocks. */
function assertGenerates(instance: CircuitInstance): void {
  if (instance.statement === 'train-window') windowCircuitSource(instance);
  else if (instance.statement === 'well-formed') wellFormedSource(instance);
  else if (instance.statement === 'audit') auditSource(instance);
  else if (instance.statement === 'membership') membershipSource(instance);
  else if (instance.system === 'circom') circomInferenceSource(instance);
  else noirInferenceSource(instance);
}
