import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { maxThreshold, maxThresholds } from '../commitment/marginThresholds.ts';
import { AssayError } from '../errors.ts';
import { type ArithmeticSpec, assertSpec, defaultSpec } from '../quant/spec.ts';
import { packagePath } from './packagePath.ts';

/** What every compiled size of a statement's circuit has. */
type Instance = {
  readonly name: string;
  /** Neurons per layer, inputs first, outputs last. */
  readonly sizes: readonly number[];
  readonly spec: ArithmeticSpec;
  /** Checkpoint blocks have at most 2^blockLog weights. */
  readonly blockLog: number;
};

/** K steps of SGD. */
export type WindowInstance = Instance & {
  readonly statement: 'train-window';
  readonly system: 'noir';
  /** SGD steps of a window. */
  readonly steps: number;
  /** Depth of the data set's tree. */
  readonly treeDepth: number;
};

/** Answers of a committed model. */
export type InferenceInstance = Instance & {
  readonly statement: 'inference';
  readonly system: 'noir' | 'circom';
  /** Inputs that one proof answers; 1 in circom. */
  readonly inputs: number;
  /** What is public of an answer: the class, or every logit. */
  readonly output: 'class' | 'logits';
};

/** Every weight of a segment of a checkpoint is within wmax. */
export type WellFormedInstance = Instance & {
  readonly statement: 'well-formed';
  readonly system: 'noir';
  /** Blocks of a segment: what one proof covers. */
  readonly blocksPerProof: number;
};

/** Counts of a committed model's answers to one chunk of an audit set. */
export type AuditInstance = Instance & {
  readonly statement: 'audit';
  readonly system: 'noir';
  /** Samples of a chunk. */
  readonly samples: number;
  /** Groups that samples are told apart by; 1 where there are none. */
  readonly groups: number;
  /** Depth of the set's tree. */
  readonly treeDepth: number;
  /** What is public: the counts, or a commitment to them. */
  readonly output: 'counts' | 'committed';
  /** Margins that counts are told apart by, in units of the logits, rising; none for counts by label and answer alone. */
  readonly thresholds: readonly number[];
};

/** A record of a data set, its minibatch hidden: `sizes` are the features and 256 labels, a minibatch has 2^lb samples. */
export type MembershipInstance = Instance & {
  readonly statement: 'membership';
  readonly system: 'noir';
  /** Depth of the data set's tree. */
  readonly treeDepth: number;
};

/** One compiled size of a statement's circuit: an entry of circuits/circuits.json, or made on demand. */
export type CircuitInstance = WindowInstance | InferenceInstance | WellFormedInstance | AuditInstance | MembershipInstance;

/** What a circuit file may hold of an instance; its arithmetic is told by `specShape`, as each file tells it. */
export function instanceSchema<Spec extends z.ZodRawShape>(specShape: Spec) {
  const common = {
    name: z.string().regex(/^[a-z0-9-]{1,100}$/),
    sizes: z.array(z.int().min(1).max(65535)).min(2).max(17),
    blockLog: z.int().min(4).max(15),
    ...specShape,
  };
  return z.discriminatedUnion('statement', [
    z.strictObject({
      ...common,
      statement: z.literal('train-window'),
      system: z.literal('noir'),
      steps: z.int().min(1).max(64),
      treeDepth: z.int().min(1).max(32),
    }),
    z.strictObject({
      ...common,
      statement: z.literal('inference'),
      system: z.enum(['noir', 'circom']),
      inputs: z.int().min(1).max(1024),
      output: z.enum(['class', 'logits']),
    }),
    z.strictObject({ ...common, statement: z.literal('well-formed'), system: z.literal('noir'), blocksPerProof: z.int().min(1).max(64) }),
    z.strictObject({
      ...common,
      statement: z.literal('audit'),
      system: z.literal('noir'),
      samples: z.int().min(1).max(1024),
      groups: z.int().min(1).max(127),
      treeDepth: z.int().min(1).max(8),
      output: z.enum(['counts', 'committed']),
      thresholds: z.array(z.int().min(1).max(maxThreshold)).max(maxThresholds).default([]),
    }),
    z.strictObject({ ...common, statement: z.literal('membership'), system: z.literal('noir'), treeDepth: z.int().min(1).max(32) }),
  ]);
}

const registrySchema = z.strictObject({ version: z.literal(1), instances: z.array(instanceSchema({ lb: z.int(), lrk: z.int() })) });

/** Every instance of the registry. @throws CIRCUIT_REGISTRY_INVALID */
export async function listCircuits(): Promise<CircuitInstance[]> {
  const path = packagePath('circuits/circuits.json');
  const parsed = registrySchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.success)
    throw new AssayError('CIRCUIT_REGISTRY_INVALID', 'circuits/circuits.json is invalid', { details: z.prettifyError(parsed.error) });
  return parsed.data.instances.map(({ lb, lrk, ...rest }) => {
    const spec = defaultSpec(lb, lrk);
    assertSpec(spec);
    return { ...rest, spec };
  });
}

/** Every train-window instance of the registry. */
export async function listWindowCircuits(): Promise<WindowInstance[]> {
  return (await listCircuits()).filter((instance) => instance.statement === 'train-window');
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

/** The train-window instance of that name. @throws CIRCUIT_UNKNOWN */
export async function getWindowCircuit(name: string): Promise<WindowInstance> {
  const found = await getCircuit(name);
  if (found.statement === 'train-window') return found;
  const known = (await listWindowCircuits()).map((c) => c.name);
  throw new AssayError('CIRCUIT_UNKNOWN', `${name} is no train-window circuit`, { hint: `Known are: ${known.join(', ')}.` });
}
