import type { CircuitInstance } from '../../proof/circuitInstance.ts';
import { fileExists } from '../framework/fileExists.ts';

export type SystemName = 'groth16' | 'ultrahonk';

/** What every command says of a circuit. */
export type CircuitFacts = {
  readonly name: string;
  readonly statement: CircuitInstance['statement'];
  readonly system: SystemName;
  readonly sizes: readonly number[];
  /** What beside the sizes tells it from others: steps, inputs, ... */
  readonly details: string;
  /** True for an entry of circuits/circuits.json. */
  readonly registered: boolean;
  /** True where the compiled circuit lies in the cache. */
  readonly compiled: boolean;
  /** Gates or constraints; null where it was not compiled here. */
  readonly rows: number | null;
};

export const systemOf = ({ system }: CircuitInstance): SystemName => (system === 'circom' ? 'groth16' : 'ultrahonk');

/** Facts of a circuit, from the cache as far as they are not in the instance; nothing is compiled. @throws ARTIFACT_CORRUPT, ARTIFACT_MISMATCH */
export async function describeCircuit(instance: CircuitInstance, registered: boolean, cacheDirectory: string): Promise<CircuitFacts> {
  const compiled = await compiledHere(instance, cacheDirectory);
  return {
    name: instance.name,
    statement: instance.statement,
    system: systemOf(instance),
    sizes: instance.sizes,
    details: detailsOf(instance),
    registered,
    compiled,
    rows: compiled ? await rowsOf(instance, cacheDirectory) : null,
  };
}

async function compiledHere(instance: CircuitInstance, cacheDirectory: string): Promise<boolean> {
  if (instance.statement === 'inference' && instance.system === 'circom') {
    const { compiledCircomPath } = await import('../../proof/circom/compileCircom.ts');
    return fileExists(await compiledCircomPath(instance, cacheDirectory));
  }
  const { compiledCircuitPath } = await import('../../proof/compileCircuit.ts');
  return fileExists(await compiledCircuitPath(instance, cacheDirectory));
}

/** Gates or constraints of a circuit that is in the cache. */
async function rowsOf(instance: CircuitInstance, cacheDirectory: string): Promise<number> {
  if (instance.statement === 'inference' && instance.system === 'circom') {
    const { buildCircomProgram } = await import('../../proof/circom/compileCircom.ts');
    return (await buildCircomProgram({ instance, cacheDirectory })).constraints;
  }
  const { compileCircuit } = await import('../../proof/compileCircuit.ts');
  const { sizeOfCompiled } = await import('../../proof/honkArtifacts.ts');
  return (await sizeOfCompiled(await compileCircuit({ instance, cacheDirectory }), cacheDirectory)).gates;
}

function detailsOf(instance: CircuitInstance): string {
  if (instance.statement === 'train-window')
    return `${instance.steps} ${instance.steps === 1 ? 'step' : 'steps'} of ${2 ** instance.spec.lb}`;
  if (instance.statement === 'inference') return `${instance.inputs} ${instance.inputs === 1 ? 'input' : 'inputs'}, ${instance.output}`;
  if (instance.statement === 'audit') {
    const groups = instance.groups === 1 ? '' : `, ${instance.groups} groups`;
    return `${instance.samples} samples a chunk${groups}, ${instance.output}`;
  }
  if (instance.statement === 'membership') return `minibatches of ${2 ** instance.spec.lb}, depth ${instance.treeDepth}`;
  return `${instance.blocksPerProof} ${instance.blocksPerProof === 1 ? 'block' : 'blocks'} a proof`;
}

export const unitOf = (system: SystemName): string => (system === 'groth16' ? 'constraints' : 'gates');
export const showSeconds = (value: number): string => (value < 120 ? `${value.toFixed(0)} s` : `${(value / 60).toFixed(1)} min`);
