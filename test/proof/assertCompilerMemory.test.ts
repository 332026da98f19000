import { afterEach, expect, test, vi } from 'vitest';
import { AssayError } from '../../src/errors.ts';
import { compileCircom } from '../../src/proof/circom/compileCircom.ts';
import { compileCircuit } from '../../src/proof/compileCircuit.ts';
import { testMembership } from '../utils/membershipFixture.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('compiler-memory');
afterEach(() => {
  vi.unstubAllEnvs();
});

const instance = testMembership(1, { lb: 0, treeDepth: 1 });
const square = {
  'main.circom': 'pragma circom 2.2.2;\ntemplate Square() { signal input x; signal output y <== x * x; }\ncomponent main = Square();\n',
};

test.each([
  ['Noir', () => compileCircuit({ instance, cacheDirectory: scratch.path })],
  ['circom', () => compileCircom({ name: 'square', sources: square, cacheDirectory: scratch.path })],
] as const)(
  'a circuit that takes its compiler (%s) more memory than CI allows is not compiled; others are',
  async (_name, compile) => {
    // What the test runner sets, for every compiler that is started by a test or by what it starts.
    expect(process.env['COMPILER_MEMORY_MB']).toBe('4096');
    vi.stubEnv('COMPILER_MEMORY_MB', '20');
    const refused = await compile().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AssayError);
    const { code, details } = refused as AssayError;
    expect([code, details]).toEqual(['CIRCUIT_COMPILE_FAILED', expect.stringMatching(/compiling took \d+ MB/)]);
    vi.unstubAllEnvs();
    expect((await compile()).hash).toMatch(/^[0-9a-f]{64}$/);
  },
  120_000,
);
