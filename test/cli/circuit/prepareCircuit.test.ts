import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { prepareCircuit } from '../../../src/cli/circuit/prepareCircuit.ts';
import type { CommandContext } from '../../../src/cli/framework/command.ts';
import { useScratch } from '../../utils/useScratch.ts';

const scratch = useScratch('prepareCircuit');
const state = vi.hoisted(() => ({ compiled: false }));
vi.mock('../../../src/cli/circuit/describeCircuit.ts', async (real) => ({
  ...(await real<object>()),
  describeCircuit: async () => ({ compiled: state.compiled, rows: state.compiled ? 5_000 : null, system: 'groth16' }),
}));

async function notes(keys: boolean): Promise<string[]> {
  const said: string[] = [];
  const context = { settings: { cache: join(scratch.path), ceremony: 'dev' }, progress: { note: (text: string) => said.push(text) } };
  const asked = {
    circuit: '30-20-10',
    system: 'groth16',
    statement: undefined,
    steps: undefined,
    batch: undefined,
    treeDepth: undefined,
  } as const;
  const more = { inputs: undefined, output: undefined, blockLog: undefined, blocksPerProof: undefined } as const;
  await prepareCircuit(context as unknown as CommandContext, { ...asked, ...more }, { keys });
  return said;
}

test('what is about to be made is estimated before it starts, and nothing else', async () => {
  state.compiled = false;
  expect(await notes(false)).toEqual([expect.stringMatching(/: about \d+ constraints; about \d+ s to compile, up to \d+ MB of memory$/)]);
  expect(await notes(true)).toEqual([expect.stringMatching(/; about \d+ s to compile, \d+ s for its keys, up to \d+ MB of memory$/)]);
  state.compiled = true;
  expect(await notes(false)).toEqual([]);
  expect(await notes(true)).toEqual([
    expect.stringMatching(/: 5000 constraints; about \d+ s for its keys, where they are not there, up to \d+ MB of memory$/),
  ]);
});
