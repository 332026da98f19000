import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { loadCurve } from '../../src/commitment/curve.ts';
import { AssayError, exitCodes } from '../../src/errors.ts';
import { openBinaryFile } from '../../src/proof/groth16/binaryFile.ts';
import { contribute } from '../../src/proof/groth16/contribute.ts';
import { ensureDevPtau } from '../../src/proof/groth16/devPtau.ts';
import { countContributions, groth16Profile } from '../../src/proof/groth16/groth16Profile.ts';
import { hashFile } from '../../src/proof/groth16/hashFile.ts';
import { publishedPtau } from '../../src/proof/groth16/publishedPtau.ts';
import { readZkey } from '../../src/proof/groth16/readZkey.ts';
import { installKey, keyPath, setUpGroth16 } from '../../src/proof/groth16/setup.ts';
import { r1csOf, sha256Of, tinyProgram } from '../utils/groth16Fixture.ts';
import { useScratch } from '../utils/useScratch.ts';

// Published powers of tau are megabytes that cannot lie here: in this file the list holds those of the tests' own, and nothing else is changed.
vi.mock('../../src/proof/groth16/publishedPtau.ts', () => ({ publishedPtau: [] }));

const scratch = useScratch('installKey');
const beacon = { hash: `0x${'42'.repeat(32)}`, iterationsExp: 10 } as const;
let name: string;
let r1cs: string;
let ptau: string;
let first: string;
let second: string;

beforeAll(async () => {
  const program = await tinyProgram();
  name = program.name;
  r1cs = r1csOf(program);
  ptau = (await ensureDevPtau({ directory: join(scratch.path, 'ptau'), power: 5 })).path;
  (publishedPtau as { power: number; blake2b: string }[]).push({ power: 5, blake2b: await hashFile(ptau, 'blake2b512') });
  [first, second] = ['first.zkey', 'second.zkey'].map((file) => join(scratch.path, file)) as [string, string];
  for (const path of [first, second]) await contribute({ from: { r1cs, ptau }, path, name: 'alice', beacon });
});

async function refusal(action: () => Promise<unknown>): Promise<{ code: string; exitCode: number } | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof AssayError) return { code: error.code, exitCode: error.exitCode };
    throw error;
  }
}
const corrupt = { code: 'ARTIFACT_CORRUPT', exitCode: exitCodes.artifactMismatch };
const folder = (of: string): string => join(scratch.path, of);
const publicKey = (of: string) => setUpGroth16({ name, r1cs, cacheDirectory: folder(of), profile: 'public' });

describe('installing a key', () => {
  test('keeps what was verified, whatever is put in its place meanwhile', async () => {
    const zkey = join(scratch.path, 'moving.zkey');
    await copyFile(first, zkey);
    const powers = join(scratch.path, 'moving.ptau');
    await copyFile(ptau, powers);
    const swap = join(scratch.path, 'swap');
    let swapped = 0;
    let swappedBy: Promise<void> | undefined;
    const made = await installKey({
      name,
      r1cs,
      zkey,
      ptau: powers,
      cacheDirectory: folder('swapped'),
      // Verifying has begun.
      onProgress: () => {
        if (swapped++ > 0) return;
        swappedBy = copyFile(second, swap).then(() => rename(swap, zkey));
      },
    });
    await swappedBy;
    expect(swapped).toBeGreaterThan(0);
    expect(await sha256Of(zkey)).toBe(await sha256Of(second));
    expect(made.sha256).toBe(await sha256Of(first));
    expect((await publicKey('swapped')).setupId).toBe((await readZkey(first)).setupId);
    expect((await readdir(folder('swapped'))).filter((file) => /partial|lock/.test(file))).toEqual([]);
  });

  test('refuses a copy that is written to while it is verified', async () => {
    const path = await keyPath(name, r1cs, folder('tampered'), 'public');
    const other = await readFile(second);
    let writing: Promise<void> | undefined;
    const action = () =>
      installKey({
        name,
        r1cs,
        zkey: first,
        ptau,
        cacheDirectory: folder('tampered'),
        onProgress: () => {
          writing ??= writeFile(`${path}.partial`, other);
        },
      });
    expect(await refusal(action)).toEqual(corrupt);
    expect(writing).toBeDefined();
    expect(existsSync(`${path}.json`)).toBe(false);
    expect(await refusal(() => installKey({ name, r1cs, zkey: first, ptau, cacheDirectory: folder('tampered') }))).toBeUndefined();
  });

  test('does not replace another one unless it is asked to', async () => {
    const install = (zkey: string, replace?: boolean) =>
      installKey({ name, r1cs, zkey, ptau, cacheDirectory: folder('replaced'), ...(replace !== undefined && { replace }) });
    const one = await install(first);
    expect((await install(first)).setupId).toBe(one.setupId);
    expect(await refusal(() => install(second))).toEqual({ code: 'GROTH16_KEY_EXISTS', exitCode: exitCodes.artifactMismatch });
    expect((await publicKey('replaced')).setupId).toBe(one.setupId);
    const two = await install(second, true);
    expect(two.setupId).toBe((await readZkey(second)).setupId);
    expect((await publicKey('replaced')).setupId).toBe(two.setupId);
  });
});

test('a key of the dev profile, or without a contribution that counts, is not taken for a public one from the cache', async () => {
  const made = await setUpGroth16({ name, r1cs, cacheDirectory: folder('posing'), profile: 'dev' });
  const path = await keyPath(name, r1cs, folder('posing'), 'public');
  await mkdir(folder('posing'), { recursive: true });
  for (const profile of ['dev', 'public']) {
    await copyFile(made.zkeyPath, path);
    await writeFile(`${path}.json`, JSON.stringify({ version: 1, sha256: made.sha256, profile }));
    expect([profile, await refusal(() => publicKey('posing'))]).toEqual([profile, corrupt]);
  }
  await copyFile(first, path);
  await writeFile(`${path}.json`, JSON.stringify({ version: 1, sha256: await sha256Of(first), profile: 'public' }));
  expect((await publicKey('posing')).profile).toBe('public');
});

test('a contribution with a secret that anybody tries first counts for nothing', async () => {
  const { G1, Fr } = await loadCurve();
  const file = await openBinaryFile(first, 'zkey');
  const at = file.section(10).at + 68;
  await file.close();
  const whole = await readFile(first);
  const base = G1.fromRprLEM(new Uint8Array(whole), at + 64);
  const path = join(scratch.path, 'guessable.zkey');
  /** The key whose contribution says of itself that its secret is this one. */
  const withSecret = async (secret: Uint8Array) => {
    const bytes = new Uint8Array(whole);
    G1.toRprLEM(bytes, at + 128, G1.toAffine(G1.timesFr(base, secret)));
    await writeFile(path, bytes);
    return (await readZkey(path)).contributions;
  };
  const one = Fr.e(1n);
  for (const [what, secret, counts] of [
    ['1', one, 0],
    ['-1', Fr.neg(one), 0],
    ['4096', Fr.e(4096n), 0],
    ['-2/4095', Fr.mul(Fr.e(-2n), Fr.inv(Fr.e(4095n))), 0],
    ['2^253', Fr.e(1n << 253n), 0],
    ['drawn', Fr.e(0x1f3a6b9c04d7e2855b7c1d9e0f6a43b28c7d5e4f3a2b1c0d9e8f7a6b5c4d3e2fn >> 4n), 1],
  ] as const) {
    const contributions = await withSecret(secret);
    expect([what, countContributions(contributions), groth16Profile(true, contributions)]).toEqual([
      what,
      counts,
      counts === 0 ? 'dev' : 'public',
    ]);
    expect(contributions[0]).toMatchObject({ dev: false, guessable: counts === 0 });
  }
  await withSecret(one);
  expect(await refusal(() => installKey({ name, r1cs, zkey: path, ptau, cacheDirectory: folder('guessable') }))).toEqual({
    code: 'CEREMONY_NOT_PUBLIC',
    exitCode: exitCodes.artifactMismatch,
  });
});
