import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeCircomSources } from '../../src/proof/circom/compileCircom.ts';
import { runCircom } from '../../src/proof/circom/runCircom.ts';
import { listCircuits } from '../../src/proof/circuitInstance.ts';
import { circomInstance, gadgetSources, sourcesOf } from '../utils/circomFixture.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('circom-inspect');

/** The codes of what `circom2 --inspect` has to say of a circuit. */
async function warnings(name: string, sources: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = join(scratch.path, name);
  await mkdir(folder);
  await writeCircomSources(folder, sources);
  const said = await runCircom(folder, ['main.circom', '--inspect', '--O0', '-l', '.']);
  console.log(`circom2 --inspect ${name}: ${said.trim().replace(/\s+/g, ' ')}`);
  // It inspected: a run that says nothing shows nothing.
  expect(said).toContain('Everything went okay');
  return [...said.matchAll(/(?:warning|error)\[(\w+)\]/g)].map(([, code]) => code as string);
}

test('every generated circuit is clean', async () => {
  const registered = (await listCircuits()).flatMap((instance) =>
    instance.statement === 'inference' && instance.system === 'circom' ? [instance] : [],
  );
  // The largest differ from these in the arguments of the same calls, and take minutes.
  const quick = registered.filter(({ sizes }) => sizes.reduce((sum, n) => sum + n) < 500);
  const shapes = [circomInstance([4, 3, 2]), circomInstance([5, 4, 3, 3], 'logits'), circomInstance([64, 10])];
  expect(quick.length).toBeGreaterThan(0);
  for (const instance of [...shapes, ...quick]) expect(await warnings(instance.name, await sourcesOf(instance))).toEqual([]);
});

test.each([
  ['a signal that nothing constrains', 'signal input in;\n  signal free;\n  free <-- in + 1;\n  signal output out <== in * in;', 'CA01'],
  [
    'an output of a component that nobody reads',
    'signal input in;\n  signal output out;\n  component hash = Poseidon2Permutation();\n  for (var i = 0; i < 4; i++) {\n    hash.in[i] <== in;\n  }\n  out <== hash.out[0];',
    'CA02',
  ],
])('%s is found', async (_what, body, code) => {
  const name = `planted-${code}`;
  expect(await warnings(name, await gadgetSources(`template Planted() {\n  ${body}\n}\ncomponent main = Planted();`))).toContain(code);
});
