import { blockCount } from '../commitment/blocks.ts';
import { specId } from '../commitment/ids.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { defaultSpec } from '../quant/spec.ts';
import type { CircuitInstance } from './circuitInstance.ts';

/** What a circuit on demand may be asked to be; sizes first, the rest has defaults. */
export type MakeInstanceParameters = {
  readonly sizes: readonly number[];
  readonly statement: CircuitInstance['statement'];
  /** Of inference; the others are Noir's. */
  readonly system?: 'noir' | 'circom';
  /** SGD steps of a window (default 4). */
  readonly steps?: number;
  /** Minibatches, and with them the precision of weights, are of 2^lb samples (default 4); the learning rate is 2^-lrk (default 1). */
  readonly lb?: number;
  readonly lrk?: number;
  /** Depth of a window's data set (default 12). */
  readonly treeDepth?: number;
  /** Inputs that one inference proof answers (default 1). */
  readonly inputs?: number;
  readonly output?: 'class' | 'logits';
  /** Samples of an audit's chunk (default 100), its groups (default 1), the depth of the set's tree (default 8), and what is public (default the counts). */
  readonly samples?: number;
  readonly groups?: number;
  readonly setDepth?: number;
  readonly counts?: 'counts' | 'committed';
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
    const { samples = 100, groups = 1, setDepth = 8, counts = 'counts' } = parameters;
    instance = { ...common, statement, system: 'noir', samples, groups, treeDepth: setDepth, output: counts };
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
  } else add(`p${instance.blocksPerProof}`, instance.blocksPerProof === Math.min(blockCount(sizes, blockLog), 5));
  add(`b${2 ** spec.lb}`, spec.lb === 4);
  add(`r${spec.lrk}`, spec.lrk === 1);
  add(`n${blockLog}`, blockLog === 15);
  // An arithmetic that an imported model brings.
  add(`s${specId(spec).slice(2, 10)}`, specId(spec) === specId(defaultSpec(spec.lb, spec.lrk)));
  const system = instance.system === 'circom' ? ['groth16'] : [];
  return [instance.statement, ...system, ...sizes, ...suffixes].join('-');
}
