import { z } from 'zod';
import type { CircuitInstance } from '../../proof/circuitInstance.ts';
import type { InputSpecs } from '../framework/command.ts';
import type { Settings } from '../framework/settings.ts';

/** What a command that takes NAME|SIZES is given. */
export type InstanceInput = {
  readonly circuit: string;
  readonly statement: CircuitInstance['statement'] | undefined;
  readonly system: 'groth16' | 'ultrahonk' | undefined;
  readonly steps: number | undefined;
  readonly batch: number | undefined;
  readonly treeDepth: number | undefined;
  readonly inputs: number | undefined;
  readonly output: 'class' | 'logits' | undefined;
  readonly blockLog: number | undefined;
  readonly blocksPerProof: number | undefined;
};

export const circuitArgument: InputSpecs<Pick<InstanceInput, 'circuit'>> = {
  circuit: {
    flags: '<circuit>',
    description: 'name of a circuit, or sizes of layers, inputs first, as 196-25-10',
    schema: z.string().regex(/^[a-z0-9-]{1,100}$/, 'expected a name or sizes, as 196-25-10'),
  },
};

const integer = (low: number, high: number) => z.coerce.number().int().min(low).max(high).optional();

/** For circuits on demand: with a name they say nothing, and are refused. */
export const instanceOptions: InputSpecs<Omit<InstanceInput, 'circuit'>> = {
  statement: {
    flags: '--statement <name>',
    description: 'of sizes: inference (default), membership (the first size counts), train-window or well-formed',
    schema: z.enum(['inference', 'membership', 'train-window', 'well-formed']).optional(),
  },
  system: {
    flags: '--system <name>',
    description: 'of sizes: ultrahonk (default) or, for inference, groth16',
    schema: z.enum(['groth16', 'ultrahonk']).optional(),
  },
  steps: { flags: '--steps <count>', description: 'of train-window: SGD steps of a window (default 4)', schema: integer(1, 64) },
  batch: {
    flags: '--batch <count>',
    description: 'of sizes: samples of a minibatch, a power of two (default 16); weights get its bits',
    schema: integer(1, 1024).refine((value) => value === undefined || Number.isInteger(Math.log2(value)), 'expected a power of two'),
  },
  treeDepth: {
    flags: '--tree-depth <levels>',
    description: "of train-window and membership: depth of the data set's tree (default 12)",
    schema: integer(1, 32),
  },
  inputs: { flags: '--inputs <count>', description: 'of inference: inputs that one proof answers (default 1)', schema: integer(1, 1024) },
  output: {
    flags: '--output <kind>',
    description: 'of inference: class (default) or logits',
    schema: z.enum(['class', 'logits']).optional(),
  },
  blockLog: {
    flags: '--block-log <power>',
    description: 'of sizes: checkpoint blocks of 2^power weights (default 15)',
    schema: integer(4, 15),
  },
  blocksPerProof: {
    flags: '--blocks-per-proof <count>',
    description: 'of well-formed: blocks that one proof covers (default: all, at most 5)',
    schema: integer(1, 64),
  },
};

/** The circuit of that name, or the one of these sizes (not remembered yet). @throws CIRCUIT_UNKNOWN, CLI_BAD_OPTION, those of makeInstance */
export async function resolveInstance(input: InstanceInput, cacheDirectory: string): Promise<CircuitInstance> {
  const { AssayError, exitCodes } = await import('../../errors.ts');
  const { circuit, statement = 'inference', system, batch, ...rest } = input;
  const given = <T extends object>(values: T): Partial<T> =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
  if (!/^\d+(-\d+)+$/.test(circuit)) {
    const { getKnownCircuit } = await import('../../proof/knownCircuits.ts');
    const { steps, treeDepth, inputs, output, blockLog, blocksPerProof } = rest;
    const options = given({ statement: input.statement, system, batch, steps, treeDepth, inputs, output, blockLog, blocksPerProof });
    if (Object.keys(options).length > 0) {
      throw new AssayError('CLI_BAD_OPTION', `${Object.keys(options).join(', ')} cannot be chosen for a circuit that has a name`, {
        hint: 'Give sizes, as 196-25-10, to make a circuit.',
        exitCode: exitCodes.usage,
      });
    }
    return getKnownCircuit(circuit, cacheDirectory);
  }
  const { makeInstance } = await import('../../proof/makeInstance.ts');
  const { listKnownCircuits, sameCircuit } = await import('../../proof/knownCircuits.ts');
  const { steps, treeDepth, inputs, output, blockLog, blocksPerProof } = rest;
  const foreign: Record<CircuitInstance['statement'], object> = {
    inference: { steps, treeDepth, blocksPerProof },
    'train-window': { inputs, output, blocksPerProof },
    'well-formed': { steps, treeDepth, inputs, output },
    membership: { steps, inputs, output, blockLog, blocksPerProof },
    // Not made by this command: see `assay audit`.
    audit: {},
  };
  const strange = Object.keys(given(foreign[statement]));
  if (strange.length > 0) {
    throw new AssayError('CLI_BAD_OPTION', `a circuit of ${statement} has no ${strange.join(', ')}`, { exitCode: exitCodes.usage });
  }
  const made = makeInstance({
    sizes: circuit.split('-').map(Number),
    statement,
    system: system === 'groth16' ? 'circom' : 'noir',
    ...given({ steps, treeDepth, inputs, output, blockLog, blocksPerProof, lb: batch === undefined ? undefined : Math.log2(batch) }),
  } as Parameters<typeof makeInstance>[0]);
  // Where the registry has it already, its name is the registry's.
  return (await listKnownCircuits(cacheDirectory)).find((known) => sameCircuit(known, made)) ?? made;
}

/** What this machine, and the ceremony of the settings, allow. */
export async function circuitLimits(settings: Settings): Promise<{ memoryMb: number; srsPoints?: number }> {
  const memoryMb = process.availableMemory() / 2 ** 20;
  if (settings.ceremony !== 'public' || settings.srs === undefined) return { memoryMb };
  const { stat } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const { size } = await stat(join(settings.srs, 'bn254_g1.dat')).catch(() => ({ size: 0 }));
  return { memoryMb, srsPoints: Math.floor(size / 64) };
}
