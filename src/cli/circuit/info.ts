import type { CircuitEstimate } from '../../proof/estimateCircuit.ts';
import type { ArithmeticSpec } from '../../quant/spec.ts';
import { defineCommand } from '../framework/command.ts';
import { circuitCacheDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';
import { type CircuitFacts, describeCircuit, showSeconds, unitOf } from './describeCircuit.ts';
import { circuitArgument, circuitLimits, type InstanceInput, instanceOptions, resolveInstance } from './instanceOptions.ts';

type Info = CircuitFacts & {
  readonly arithmetic: ArithmeticSpec;
  readonly blockLog: number;
  readonly estimate: CircuitEstimate;
  /** What keeps it from being built here; empty where it fits. */
  readonly problems: readonly string[];
  /** sha256 of the artifacts that circuits/artifacts.lock.json knows; null for a circuit that is not locked. */
  readonly locked: Readonly<Record<string, string>> | null;
};

export const circuitInfo = defineCommand<InstanceInput, Info>({
  name: 'circuit info',
  summary: 'what a circuit proves, what it would take, whether it fits here',
  description:
    'Sizes are predicted from measured costs of a pixel, a neuron, an output and so on (circuits/costs.json); times and memory are of two cores. Where the circuit is compiled ' +
    'already its true size is taken. Nothing is compiled.',
  arguments: circuitArgument,
  options: instanceOptions,
  examples: [
    'assay circuit info train-window-196-64-10',
    'assay circuit info 784-1024-1024-10 --system groth16',
    'assay circuit info 196-25-10 --inputs 50 --json',
  ],
  async run({ settings }, input) {
    const { readArtifactLock } = await import('../../proof/artifactLock.ts');
    const { circuitProblems } = await import('../../proof/assertCircuitFits.ts');
    const { listCircuits } = await import('../../proof/circuitInstance.ts');
    const { estimateCircuit } = await import('../../proof/estimateCircuit.ts');
    const cacheDirectory = circuitCacheDirectory(settings);
    const instance = await resolveInstance(input, cacheDirectory);
    const registered = (await listCircuits()).some(({ name }) => name === instance.name);
    const facts = await describeCircuit(instance, registered, cacheDirectory);
    const estimate = await estimateCircuit(instance, facts.rows ?? undefined);
    const locked = (await readArtifactLock()).circuits[instance.name];
    return {
      ...facts,
      arithmetic: instance.spec,
      blockLog: instance.blockLog,
      estimate,
      problems: circuitProblems(estimate, await circuitLimits(settings)),
      locked:
        locked === undefined
          ? null
          : (Object.fromEntries(Object.entries(locked).filter(([, v]) => v !== undefined)) as Record<string, string>),
    };
  },
  render(info) {
    const { estimate: e, arithmetic: spec } = info;
    const step = ({ seconds, memoryMb }: { seconds: number; memoryMb: number }): string => `${showSeconds(seconds)}, ${memoryMb} MB`;
    return columns([
      ['circuit', `${info.name}${info.registered ? '' : ' (not of the registry)'}`],
      ['proves', `${info.statement}, ${info.details}, by ${info.system}`],
      [
        'model',
        `${info.sizes.join('-')}: ${e.parameters} parameters in ${e.blocks} ${e.blocks === 1 ? 'block' : 'blocks'} of up to 2^${info.blockLog}`,
      ],
      [
        'arithmetic',
        `${spec.fx}-bit inputs, activations below ${2 ** spec.actBits}, ${spec.fx + spec.fd + spec.lrk + spec.lb} bits behind the point of a weight, |W| <= ${spec.wmax}`,
      ],
      [
        'size',
        `${info.rows === null ? 'about ' : ''}${e.rows} ${unitOf(info.system)}, padded to 2^${e.power}; SRS of ${e.srsPoints} points`,
      ],
      ['compiled', info.compiled ? 'yes' : `no: about ${step(e.compile)}`],
      ['keys', `about ${step(e.setup)}, ${e.setup.diskMb} MB on disk`],
      ['one proof', `about ${step(e.prove)}; verified on chain for about ${(e.gas / 1e6).toFixed(2)} million gas`],
      ['locked', info.locked === null ? 'no' : Object.keys(info.locked).join(', ')],
      ['fits here', info.problems.length === 0 ? 'yes' : `no: ${info.problems.join('; ')}`],
    ]);
  },
});
