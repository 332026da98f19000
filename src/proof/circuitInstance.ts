import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AssayError } from '../errors.ts';
import { type ArithmeticSpec, assertSpec, defaultSpec } from '../quant/spec.ts';
import { packagePath } from './packagePath.ts';

/** One compiled size of a statement's circuit: an entry of circuits/circuits.json. */
export type CircuitInstance = {
  readonly name: string;
  readonly statement: 'train-window';
  /** Neurons per layer, inputs first, outputs last. */
  readonly sizes: readonly number[];
  readonly spec: ArithmeticSpec;
  /** SGD steps of a window. */
  readonly steps: number;
  /** Checkpoint blocks have at most 2^blockLog weights. */
  readonly blockLog: number;
  /** Depth of the data set's tree. */
  readonly treeDepth: number;
};

const entrySchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  statement: z.literal('train-window'),
  system: z.literal('noir'),
  sizes: z.array(z.int().min(1).max(65535)).min(3),
  lb: z.int(),
  lrk: z.int(),
  steps: z.int().min(1).max(64),
  blockLog: z.int().min(4).max(15),
  treeDepth: z.int().min(1).max(32),
});
const registrySchema = z.strictObject({ version: z.literal(1), instances: z.array(entrySchema) });

/** Every instance of the registry. @throws CIRCUIT_REGISTRY_INVALID */
export async function listCircuits(): Promise<CircuitInstance[]> {
  const path = packagePath('circuits/circuits.json');
  const parsed = registrySchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.success)
    throw new AssayError('CIRCUIT_REGISTRY_INVALID', 'circuits/circuits.json is invalid', { details: z.prettifyError(parsed.error) });
  return parsed.data.instances.map(({ name, statement, sizes, lb, lrk, steps, blockLog, treeDepth }) => {
    const spec = defaultSpec(lb, lrk);
    assertSpec(spec);
    return { name, statement, sizes, spec, steps, blockLog, treeDepth };
  });
}

/** The instance of that name. @throws CIRCUIT_UNKNOWN */
export async function getCircuit(name: string): Promise<CircuitInstance> {
  const all = await listCircuits();
  const found = all.find((instance) => instance.name === name);
  if (found === undefined) {
    throw new AssayError('CIRCUIT_UNKNOWN', `there is no circuit ${name}`, { hint: `Known are: ${all.map((c) => c.name).join(', ')}.` });
  }
  return found;
}
