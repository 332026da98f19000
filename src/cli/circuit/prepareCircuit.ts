import type { CircuitInstance } from '../../proof/circuitInstance.ts';
import type { CircuitEstimate } from '../../proof/estimateCircuit.ts';
import type { CommandContext } from '../framework/command.ts';
import { circuitCacheDirectory } from '../framework/folders.ts';
import { describeCircuit, showSeconds, unitOf } from './describeCircuit.ts';
import { circuitLimits, type InstanceInput, resolveInstance } from './instanceOptions.ts';

/**
 * The circuit that a command is about to build: refused where it will not fit, its cost said, its name remembered.
 *
 * @throws CIRCUIT_TOO_LARGE and those of the circuit's generator
 */
export async function prepareCircuit({ settings, progress }: CommandContext, input: InstanceInput): Promise<CircuitInstance> {
  const { assertCircuitFits } = await import('../../proof/assertCircuitFits.ts');
  const { rememberCircuit } = await import('../../proof/knownCircuits.ts');
  const cacheDirectory = circuitCacheDirectory(settings);
  const asked = await resolveInstance(input, cacheDirectory);
  const facts = await describeCircuit(asked, true, cacheDirectory).catch(() => undefined);
  const estimate = await assertCircuitFits(asked, await circuitLimits(settings), facts?.rows ?? undefined);
  const instance = await rememberCircuit(asked, cacheDirectory);
  if (facts?.compiled !== true)
    progress.note(`${instance.name}: ${expected(estimate, facts?.system === 'groth16' ? 'groth16' : 'ultrahonk')}`);
  return instance;
}

function expected({ rows, compile, setup }: CircuitEstimate, system: 'groth16' | 'ultrahonk'): string {
  const peak = Math.max(compile.memoryMb, setup.memoryMb);
  return `about ${rows} ${unitOf(system)}; ${showSeconds(compile.seconds)} to compile, ${showSeconds(setup.seconds)} for its keys, up to ${peak} MB of memory`;
}
