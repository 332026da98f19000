import { defineCommand } from '../framework/command.ts';
import { circuitCacheDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';
import { type CircuitFacts, describeCircuit, unitOf } from './describeCircuit.ts';
import { circuitArgument, type InstanceInput, instanceOptions } from './instanceOptions.ts';
import { prepareCircuit } from './prepareCircuit.ts';

type Built = CircuitFacts & { readonly seconds: number };

export const circuitBuild = defineCommand<InstanceInput, Built>({
  name: 'circuit build',
  summary: 'compile a circuit, of the registry or of your own sizes',
  description:
    'What will not fit (memory of this machine, points of a public SRS, 64 blocks of a checkpoint) is refused before it starts, with the nearest that would. A compiled circuit is kept by ' +
    'the hash of its sources; a run that was cut off is begun again. A circuit of your own sizes is known by its name afterwards.',
  arguments: circuitArgument,
  options: instanceOptions,
  examples: [
    'assay circuit build inference-groth16-196-25-10',
    'assay circuit build 196-32-10 --inputs 20',
    'assay circuit build 64-16-10 --statement train-window --steps 2',
  ],
  async run(context, input) {
    const cacheDirectory = circuitCacheDirectory(context.settings);
    const instance = await prepareCircuit(context, input, { keys: false });
    const { listCircuits } = await import('../../proof/circuitInstance.ts');
    const started = performance.now();
    await context.progress.step(`compile ${instance.name}`, async () => {
      if (instance.statement === 'inference' && instance.system === 'circom') {
        const { buildCircomProgram } = await import('../../proof/circom/compileCircom.ts');
        await buildCircomProgram({ instance, cacheDirectory });
      } else {
        const { compileCircuit } = await import('../../proof/compileCircuit.ts');
        await compileCircuit({ instance, cacheDirectory });
      }
    });
    const seconds = (performance.now() - started) / 1000;
    const registered = (await listCircuits()).some(({ name }) => name === instance.name);
    return { ...(await describeCircuit(instance, registered, cacheDirectory)), seconds };
  },
  render: ({ name, rows, system, seconds }) => columns([[name, `${rows} ${unitOf(system)}`, `${seconds.toFixed(1)} s`]]),
});
