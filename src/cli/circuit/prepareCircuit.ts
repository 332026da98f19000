import type { CircuitInstance } from '../../proof/circuitInstance.ts';
import type { CircuitEstimate } from '../../proof/estimateCircuit.ts';
import type { CommandContext } from '../framework/command.ts';
import { circuitCacheDirectory } from '../framework/folders.ts';
import { describeCircuit, showSeconds, unitOf } from './describeCircuit.ts';
import { circuitLimits, type InstanceInput, resolveInstance } from './instanceOptions.ts';

/**
 * The circuit that a command is about to build: refused where it will not fit, its cost said, its name remembered.
 *
 * @param keys whether its keys are made, too, where they are not there
 * @throws CIRCUIT_TOO_LARGE and those of the circuit's generator
 */
export async function prepareCircuit(
  { settings, progress }: CommandContext,
  input: InstanceInput,
  { keys }: { readonly keys: boolean },
): Promise<CircuitInstance> {
  const { assertCircuitFits } = await import('../../proof/assertCircuitFits.ts');
  const { rememberCircuit } = await import('../../proof/knownCircuits.ts');
  const cacheDirectory = circuitCacheDirectory(settings);
  const asked = await resolveInstance(input, cacheDirectory);
  const facts = await describeCircuit(asked, true, cacheDirectory).catch(() => undefined);
  const estimate = await assertCircuitFits(asked, await circuitLimits(settings), facts?.rows ?? undefined);
  const instance = await rememberCircuit(asked, cacheDirectory);
  const compiled = facts?.compiled === true;
  if (!compiled || keys)
    progress.note(`${instance.name}: ${expected(estimate, facts?.system === 'groth16' ? 'groth16' : 'ultrahonk', compiled, keys)}`);
  return instance;
}

function expected({ rows, compile, setup }: CircuitEstimate, system: 'groth16' | 'ultrahonk', compiled: boolean, keys: boolean): string {
  const steps = [
    ...(compiled ? [] : [{ ...compile, said: `${showSeconds(compile.seconds)} to compile` }]),
    ...(keys ? [{ ...setup, said: `${showSeconds(setup.seconds)} for its keys${compiled ? ', where they are not there' : ''}` }] : []),
  ];
  const peak = Math.max(...steps.map(({ memoryMb }) => memoryMb));
  return `${compiled ? '' : 'about '}${rows} ${unitOf(system)}; about ${steps.map(({ said }) => said).join(', ')}, up to ${peak} MB of memory`;
}
