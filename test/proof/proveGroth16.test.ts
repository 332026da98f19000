import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Q, R } from '../../src/commitment/field.ts';
import { AssayError } from '../../src/errors.ts';
import type { CircomProgram } from '../../src/proof/circom/compileCircom.ts';
import { checkProof } from '../../src/proof/groth16/checkProof.ts';
import { decodeProof } from '../../src/proof/groth16/decodeProof.ts';
import { proveGroth16 } from '../../src/proof/groth16/proveGroth16.ts';
import { type Groth16Setup, setUpGroth16 } from '../../src/proof/groth16/setup.ts';
import { r1csOf, tinyProgram, tinyWitness } from '../utils/groth16Fixture.ts';
import { useScratch } from '../utils/useScratch.ts';
import { testCache } from '../utils/windowFixture.ts';

const scratch = useScratch('prove-groth16');
let program: CircomProgram;
let setup: Groth16Setup;
let wtns: Uint8Array;
let honest: Awaited<ReturnType<typeof proveGroth16>>;

async function code(action: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
}

beforeAll(async () => {
  program = await tinyProgram();
  setup = await setUpGroth16({ name: program.name, r1cs: r1csOf(program), cacheDirectory: join(testCache(), 'artifacts'), profile: 'dev' });
  wtns = await tinyWitness(program);
  honest = await proveGroth16({ zkey: setup.zkeyPath, wtns });
});

describe('proofs', () => {
  test('of an honest witness are true, for these public inputs and this key alone', async () => {
    expect(honest.proof).toHaveLength(256);
    // z, then x.
    expect(honest.publicSignals[1]).toBe(3n);
    expect(await checkProof(setup.keyBytes, honest.publicSignals, honest.proof)).toBe(true);
    const [z, x] = honest.publicSignals as [bigint, bigint];
    expect(await checkProof(setup.keyBytes, [z + 1n, x], honest.proof)).toBe(false);
    expect(await checkProof(setup.keyBytes, [x, z], honest.proof)).toBe(false);
    const otherKey = setup.keyBytes.slice();
    otherKey.set(setup.keyBytes.subarray(448, 512), 512);
    expect(await checkProof(otherKey, honest.publicSignals, honest.proof)).toBe(false);
    expect(await code(() => checkProof(setup.keyBytes, [z + R, x], honest.proof))).toBe('GROTH16_PUBLIC_INPUTS');
    expect(await code(() => checkProof(setup.keyBytes, [z], honest.proof))).toBe('GROTH16_PUBLIC_INPUTS');
  });

  test('of the same witness differ, and both are true', async () => {
    const again = await proveGroth16({ zkey: setup.zkeyPath, wtns });
    expect(again.proof).not.toEqual(honest.proof);
    expect(await checkProof(setup.keyBytes, again.publicSignals, again.proof)).toBe(true);
  });

  test('of an edited witness are not handed out', async () => {
    const edited = wtns.slice();
    edited[76 + 32 * 5] = (edited[76 + 32 * 5] as number) ^ 1;
    expect(await code(() => proveGroth16({ zkey: setup.zkeyPath, wtns: edited }))).toBe('PROVE_FAILED');
    for (const bad of [wtns.slice(1), wtns.slice(0, -1), new Uint8Array([...wtns, 0]), new Uint8Array()]) {
      expect(await code(() => proveGroth16({ zkey: setup.zkeyPath, wtns: bad }))).toBe('WITNESS_MALFORMED');
    }
  });
});

describe('decoding', () => {
  const edit = (change: (words: bigint[]) => void): Uint8Array => {
    const words = Array.from({ length: 8 }, (_, i) =>
      BigInt(`0x${Buffer.from(honest.proof.subarray(32 * i, 32 * i + 32)).toString('hex')}`),
    );
    change(words);
    return Buffer.from(words.map((word) => word.toString(16).padStart(64, '0')).join(''), 'hex');
  };
  const at = (words: bigint[], i: number, value: (old: bigint) => bigint): void => {
    words[i] = value(words[i] as bigint);
  };
  test('takes exactly the canonical encoding of three points', async () => {
    expect(await code(() => decodeProof(honest.proof))).toBeUndefined();
    expect(await code(() => decodeProof(edit(() => undefined)))).toBeUndefined();
    const malformed: Record<string, Uint8Array> = {
      short: honest.proof.slice(1),
      long: new Uint8Array([...honest.proof, 0]),
      empty: new Uint8Array(),
      zeros: new Uint8Array(256),
    };
    for (let i = 0; i < 8; i++) {
      malformed[`word ${i} + q`] = edit((words) => at(words, i, (old) => old + Q));
      malformed[`word ${i} + 1`] = edit((words) => at(words, i, (old) => (old + 1n) % Q));
      malformed[`word ${i} with the highest bit`] = edit((words) => at(words, i, (old) => old | (1n << 255n)));
      malformed[`word ${i} with the bit below`] = edit((words) => at(words, i, (old) => old | (1n << 254n)));
    }
    for (const [name, first, count] of [
      ['A', 0, 2],
      ['B', 2, 4],
      ['C', 6, 2],
    ] as const) {
      malformed[`${name} at infinity`] = edit((words) => words.fill(0n, first, first + count));
    }
    for (const [name, bytes] of Object.entries(malformed))
      expect([name, await code(() => decodeProof(bytes))]).toEqual([name, 'GROTH16_PROOF_MALFORMED']);
  });

  test('refuses a point of the twist outside of the group', async () => {
    const { loadCurve } = await import('../../src/commitment/curve.ts');
    const { G2 } = await loadCurve();
    const F2 = (
      G2 as unknown as {
        F: Record<'mul' | 'add', (a: Uint8Array, b: Uint8Array) => Uint8Array> & {
          sqrt(a: Uint8Array): Uint8Array;
          isSquare(a: Uint8Array): boolean;
          fromObject(a: unknown): Uint8Array;
        };
      }
    ).F;
    const b = (G2 as unknown as { b: Uint8Array }).b;
    let found: Uint8Array | undefined;
    for (let i = 1n; found === undefined; i++) {
      const x = F2.fromObject([i, 1n]);
      const right = F2.add(F2.mul(F2.mul(x, x), x), b);
      if (!F2.isSquare(right)) continue;
      const point = new Uint8Array(128);
      point.set(x);
      point.set(F2.sqrt(right), 64);
      if (!G2.isZero(G2.timesScalar(point, R))) found = point;
    }
    expect(G2.isValid(found)).toBe(true);
    const encoded = new Uint8Array(128);
    G2.toRprUncompressed(encoded, 0, found);
    const proof = honest.proof.slice();
    proof.set(encoded, 64);
    expect(await code(() => decodeProof(proof))).toBe('GROTH16_PROOF_MALFORMED');
    // The control: another point of the group decodes.
    const inGroup = new Uint8Array(128);
    G2.toRprUncompressed(inGroup, 0, G2.toAffine(G2.timesScalar(G2.g, 5n)));
    proof.set(inGroup, 64);
    expect(await code(() => decodeProof(proof))).toBeUndefined();
  });
});

describe("a prover of the user's own", () => {
  const script = new URL('../utils/fakeProver.ts', import.meta.url).pathname;
  const prove = async (behaviour: string, timeoutMs?: number) => {
    await mkdir(scratch.path, { recursive: true });
    const prover = join(scratch.path, `prover-${behaviour}`);
    await writeFile(prover, `#!/bin/sh\nFAKE_PROVER=${behaviour} exec '${process.execPath}' --no-warnings '${script}' "$@"\n`);
    await chmod(prover, 0o755);
    return proveGroth16({ zkey: setup.zkeyPath, wtns, prover, ...(timeoutMs !== undefined && { timeoutMs }) });
  };
  const leftovers = async (): Promise<string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith('assay-prove-'));
  let before: string[] = [];
  beforeAll(async () => {
    before = await leftovers();
  });
  afterEach(async () => {
    // The witness is secret: it does not stay on disk.
    expect((await leftovers()).filter((name) => !before.includes(name))).toEqual([]);
  });

  test('that is honest proves', async () => {
    const { proof, publicSignals } = await prove('honest');
    expect(publicSignals).toEqual(honest.publicSignals);
    expect(await checkProof(setup.keyBytes, publicSignals, proof)).toBe(true);
  });

  test.each([
    ['fail', 'PROVER_FAILED'],
    ['silent', 'PROVER_OUTPUT_INVALID'],
    ['junk', 'PROVER_OUTPUT_INVALID'],
    ['huge', 'PROVER_OUTPUT_INVALID'],
    ['lie', 'PROVE_FAILED'],
    ['above', 'PROVER_OUTPUT_INVALID'],
    ['off-curve', 'GROTH16_PROOF_MALFORMED'],
    ['other-inputs', 'PROVER_OUTPUT_INVALID'],
  ])('that does %s: %s', async (behaviour, expected) => {
    expect(await code(() => prove(behaviour))).toBe(expected);
  });

  test('that hangs is ended, and its children with it', async () => {
    const started = performance.now();
    expect(await code(() => prove('hang', 700))).toBe('PROVER_TIMEOUT');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('that is not there', async () => {
    expect(await code(() => proveGroth16({ zkey: setup.zkeyPath, wtns, prover: join(scratch.path, 'nothing') }))).toBe(
      'PROVER_UNAVAILABLE',
    );
  });
});
