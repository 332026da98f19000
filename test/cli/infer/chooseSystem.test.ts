import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type ChooseSystemParameters, chooseSystem } from '../../../src/cli/infer/chooseSystem.ts';
import { AssayError } from '../../../src/errors.ts';
import { compiledCircomPath } from '../../../src/proof/circom/compileCircom.ts';
import { listKnownCircuits } from '../../../src/proof/knownCircuits.ts';
import { makeInstance } from '../../../src/proof/makeInstance.ts';
import { useScratch } from '../../utils/useScratch.ts';

// What contributions an installed key has; a ceremony of people takes minutes, and test/proof/installKey.test.ts holds them.
const ceremonies = vi.hoisted(() => ({ secret: undefined as readonly boolean[] | undefined }));
vi.mock('../../../src/proof/groth16/setup.ts', async () => {
  const { AssayError } = await import('../../../src/errors.ts');
  return {
    setUpGroth16: async () => {
      if (ceremonies.secret === undefined) throw new AssayError('GROTH16_KEY_MISSING', 'none');
      const made = ceremonies.secret.map((secret) => ({ kind: 'contribution', dev: false, guessable: !secret }));
      return { contributions: [...made, { kind: 'beacon', dev: false, guessable: false }] };
    },
  };
});

const scratch = useScratch('chooseSystem');
const { spec, sizes, blockLog } = makeInstance({ sizes: [196, 25, 10], statement: 'inference' });
const open = { spec, sizes, blockLog, sigmas: undefined };
const hidden = { ...open, sigmas: [1n, 2n] };

const choose = async (changes: Partial<ChooseSystemParameters>) => {
  const { instance, because } = await chooseSystem({
    model: open,
    inputs: 1,
    output: 'class',
    ceremony: { directory: scratch.path },
    cacheDirectory: scratch.path,
    purpose: 'chain',
    ...changes,
  });
  return [instance.name, because] as const;
};
const asPublic = { ceremony: { directory: scratch.path, publicDirectory: scratch.path } };

beforeEach(() => {
  ceremonies.secret = undefined;
});

describe('without --system', () => {
  test('the estimate chooses: least gas on chain, least seconds for a file', async () => {
    const [onChain, gas] = await choose({});
    expect([onChain, gas]).toEqual([
      'inference-groth16-196-25-10',
      expect.stringMatching(/^estimated at 0\.42 million gas, ultrahonk at 1\.\d\d/),
    ]);
    const [asFile, seconds] = await choose({ purpose: 'file' });
    expect([asFile, seconds]).toEqual(['inference-196-25-10', expect.stringMatching(/^estimated at 0\.\d s, groth16 at 1\.\d s$/)]);
    // What was weighed and not taken is not remembered.
    await choose({ model: { ...open, sizes: [196, 26, 10] } });
    expect((await listKnownCircuits(scratch.path)).filter(({ sizes }) => sizes[1] === 26)).toHaveLength(1);
  });

  test('several inputs go into one proof', async () => {
    expect(await choose({ inputs: 10 })).toEqual(['inference-196-25-10-x10', 'one proof for all inputs']);
  });

  test('private weights are not proved under a key that may be of their owner alone', async () => {
    const honk = 'inference-196-25-10';
    expect(await choose({ model: hidden })).toEqual([honk, expect.stringContaining('nobody else')]);
    expect(await choose({ model: hidden, ...asPublic })).toEqual([honk, expect.stringContaining('no Groth16 key')]);
    const path = await compiledCircomPath(makeInstance({ sizes, statement: 'inference', system: 'circom' }) as never, scratch.path);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'circuit.r1cs'), '');
    expect(await choose({ ...asPublic })).toEqual([honk, expect.stringContaining('no Groth16 key')]);
    // One contribution serves where weights are open; a guessable one counts for nothing.
    for (const secret of [[true], [true, false]]) {
      ceremonies.secret = secret;
      expect(await choose({ model: hidden, ...asPublic })).toEqual([honk, expect.stringContaining('of its prover alone')]);
      expect((await choose(asPublic))[0]).toBe('inference-groth16-196-25-10');
    }
    ceremonies.secret = [true, true];
    expect((await choose({ model: hidden, ...asPublic }))[0]).toBe('inference-groth16-196-25-10');
  });
});

test('with --system it is that one; Groth16 answers one input', async () => {
  expect(await choose({ model: hidden, system: 'groth16' })).toEqual(['inference-groth16-196-25-10', 'asked for']);
  expect(await choose({ system: 'ultrahonk' })).toEqual(['inference-196-25-10', 'asked for']);
  const refused = await choose({ system: 'groth16', inputs: 2 }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AssayError);
  expect((refused as AssayError).code).toBe('CIRCUIT_INPUTS');
});
