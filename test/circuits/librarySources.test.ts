import { expect, test } from 'vitest';
import { getCircuit } from '../../src/proof/circuitInstance.ts';
import { librarySources, noirSource } from '../../src/proof/compileCircuit.ts';
import { codeOf } from '../utils/codeOf.ts';

const modulesOf = async (source: string): Promise<string[]> =>
  Object.keys(await librarySources(source)).flatMap((name) => /^src\/(?!lib\.)(\w+)\.nr$/.exec(name)?.slice(1) ?? []);

test('a circuit depends on the modules that it reaches, and on no other', async () => {
  const reached = async (name: string): Promise<string[]> => modulesOf(noirSource(await getCircuit(name)));
  const window = await reached('train-window-16-8-4');
  expect(window).toEqual(expect.arrayContaining(['fixed', 'merkle', 'minibatch', 'packing', 'sketch', 'sponge']));
  expect(window).not.toContain('inference');
  const inference = await reached('inference-16-8-4');
  // fixed is named by inference.nr alone.
  expect(inference).toEqual(expect.arrayContaining(['fixed', 'inference', 'packing', 'sketch', 'sponge']));
  expect(inference).not.toContain('merkle');
  expect(await reached('well-formed-16-8-4')).not.toContain('inference');
  expect(await reached('membership-16')).toEqual(['audit', 'membership', 'packing', 'sponge']);
});

test('modules are found however they are named', async () => {
  const lib = await librarySources('use assay::merkle; // use assay::inference;\nfn main() {}');
  expect(lib['src/lib.nr']).toBe('pub mod merkle;\npub mod sponge;\n');
  expect(await modulesOf('fn main() { assay::sponge::hash(1, [1]); }')).toEqual(['sponge']);
  expect(await modulesOf('use assay::{packing::pack, sponge};')).toEqual(['packing', 'sponge']);
});

test('circom is not compiled as Noir', async () => {
  const instance = await getCircuit('inference-groth16-16-8-4');
  expect(await codeOf(async () => noirSource(instance))).toBe('CIRCUIT_SYSTEM');
});
