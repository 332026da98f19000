import { z } from 'zod';
import { defineCommand } from '../framework/command.ts';
import { circuitCacheDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';
import { type CircuitFacts, describeCircuit, unitOf } from './describeCircuit.ts';

type Input = {
  readonly statement: 'audit' | 'inference' | 'membership' | 'train-window' | 'well-formed' | undefined;
  readonly system: 'groth16' | 'ultrahonk' | undefined;
};

export const circuitList = defineCommand<Input, { readonly circuits: readonly CircuitFacts[] }>({
  name: 'circuit list',
  summary: 'circuits of the registry, and those made on demand here',
  description: 'Names, what they prove, and which of them are compiled in the cache of this machine. Nothing is compiled.',
  options: {
    statement: {
      flags: '--statement <name>',
      description: 'only those of audit, inference, membership, train-window or well-formed',
      schema: z.enum(['audit', 'inference', 'membership', 'train-window', 'well-formed']).optional(),
    },
    system: {
      flags: '--system <name>',
      description: 'only those of groth16 or ultrahonk',
      schema: z.enum(['groth16', 'ultrahonk']).optional(),
    },
  },
  examples: ['assay circuit list', 'assay circuit list --statement inference --system groth16 --json'],
  async run({ settings }, { statement, system }) {
    const { listCircuits } = await import('../../proof/circuitInstance.ts');
    const { listKnownCircuits } = await import('../../proof/knownCircuits.ts');
    const cacheDirectory = circuitCacheDirectory(settings);
    const registered = new Set((await listCircuits()).map(({ name }) => name));
    const circuits: CircuitFacts[] = [];
    for (const instance of await listKnownCircuits(cacheDirectory)) {
      const facts = await describeCircuit(instance, registered.has(instance.name), cacheDirectory);
      if ((statement ?? facts.statement) === facts.statement && (system ?? facts.system) === facts.system) circuits.push(facts);
    }
    return { circuits };
  },
  render: ({ circuits }) =>
    columns([
      ['NAME', 'SYSTEM', 'WHAT', 'SIZE'],
      ...circuits.map(({ name, system, details, rows, registered }) => [
        name,
        system,
        `${details}${registered ? '' : ' (made here)'}`,
        rows === null ? 'not compiled' : `${rows} ${unitOf(system)}`,
      ]),
    ]),
});
