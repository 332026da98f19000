import { keccak256, numberToHex } from 'viem';
import { blockCount } from '../commitment/blocks.ts';
import { specId } from '../commitment/ids.ts';
import { packThresholds } from '../commitment/marginThresholds.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { defaultSpec } from '../quant/spec.ts';
import type { CircuitInstance } from './circuitInstance.ts';
import { byteLabels } from './membership/circuit.ts';

/** What a circuit on demand may be asked to be; sizes first, the rest has defaults. */
export type MakeInstanceParameters = {
  /** Of membership, only the first one counts: the features of a sample. */
  readonly sizes: readonly number[];
  readonly statement: CircuitInstance['statement'];
  /** Of inference; the others are Noir's. */
  readonly system?: 'noir' | 'circom';
  /** SGD steps of a window (default 4). */
  readonly steps?: number;
  /** Minibatches, and with them the precision of weights, are of 2^lb samples (default 4); the learning rate is 2^-lrk (default 1). */
  readonly lb?: number;
  readonly lrk?: number;
  /** Depth of the data set of a window, or of membership (default 12). */
  readonly treeDepth?: number;
  /** Inputs that one inference proof answers (default 1). */
  readonly inputs?: number;
  readonly output?: 'class' | 'logits';
  /** Samples of an audit's chunk (default 100), its groups (default 1), the depth of the set's tree (default 8), and what is public (default the counts). */
  readonly samples?: number;
  readonly groups?: number;
  readonly setDepth?: number;
  readonly counts?: 'counts' | 'committed';
  /** Margins that an audit tells answers apart by (default none). */
  readonly thresholds?: readonly number[];
  /** Checkpoint blocks have at most 2^blockLog weights (default 15). */
  readonly blockLog?: number;
  /** Blocks that a well-formed proof covers (default: all, at most 5). */
  readonly blocksPerProof?: number;
};

/** The circuit that was asked for, under the name that says what it is. @throws CIRCUIT_SHAPE, COMMITMENT_SIZES */
export function makeInstance(parameters: MakeInstanceParameters): CircuitInstance {
  const {
    sizes,
    statement,
    system = 'noir',
    steps = 4,
    lb = 4,
    lrk = 1,
    treeDepth = 12,
    inputs = 1,
    output = 'class',
    blockLog = 15,
  } = parameters;
  const common = { name: '', sizes, spec: defaultSpec(lb, lrk), blockLog };
  if (system === 'circom' && statement !== 'inference') {
    throw new AssayError('CIRCUIT_SHAPE', `${statement} is proved by UltraHonk only`, { exitCode: exitCodes.usage });
  }
  let instance: CircuitInstance;
  if (statement === 'train-window') instance = { ...common, statement, system: 'noir', steps, treeDepth };
  else if (statement === 'inference') instance = { ...common, statement, system, inputs, output };
  else if (statement === 'audit') {
    const { samples = 100, groups = 1, setDepth = 8, counts = 'counts', thresholds = [] } = parameters;
    instance = { ...common, statement, system: 'noir', samples, groups, treeDepth: setDepth, output: counts, thresholds };
  } else if (statement === 'membership') {
    instance = { ...common, sizes: [sizes[0] as number, byteLabels], statement, system: 'noir', treeDepth };
  } else {
    const blocksPerProof = parameters.blocksPerProof ?? Math.min(blockCount(sizes, blockLog), 5);
    instance = { ...common, statement, system: 'noir', blocksPerProof };
  }
  return { ...instance, name: circuitName(instance) };
}

/** The name that says what a circuit is. */
export function circuitName(instance: CircuitInstance): string {
  const { sizes, spec, blockLog } = instance;
  const suffixes: string[] = [];
  const add = (text: string, unless: boolean): void => void (unless || suffixes.push(text));
  if (instance.statement === 'train-window') {
    add(`k${instance.steps}`, instance.steps === 4);
    add(`t${instance.treeDepth}`, instance.treeDepth === 12);
  } else if (instance.statement === 'inference') {
    add(`x${instance.inputs}`, instance.inputs === 1);
    add('logits', instance.output === 'class');
  } else if (instance.statement === 'audit') {
    add(`x${instance.samples}`, false);
    add(`g${instance.groups}`, instance.groups === 1);
    add(`t${instance.treeDepth}`, instance.treeDepth === 8);
    add('committed', instance.output === 'counts');
    add(`m${instance.thresholds.length}-${thresholdsTag(instance.thresholds)}`, instance.thresholds.length === 0);
  } else if (instance.statement === 'membership') add(`t${instance.treeDepth}`, instance.treeDepth === 12);
  else add(`p${instance.blocksPerProof}`, instance.blocksPerProof === Math.min(blockCount(sizes, blockLog), 5));
  add(`b${2 ** spec.lb}`, spec.lb === 4);
  add(`r${spec.lrk}`, spec.lrk === 1);
  add(`n${blockLog}`, blockLog === 15);
  // An arithmetic that an imported model brings.
  add(`s${specId(spec).slice(2, 10)}`, specId(spec) === specId(defaultSpec(spec.lb, spec.lrk)));
  const system = instance.system === 'circom' ? ['groth16'] : [];
  // All of membership have the same second size.
  const told = instance.statement === 'membership' ? sizes.slice(0, 1) : sizes;
  return [instance.statement, ...system, ...told, ...suffixes].join('-');
}

function thresholdsTag(thresholds: readonly number[]): string {
  return keccak256(numberToHex(packThresholds(thresholds), { size: 32 })).slice(2, 10);
}
