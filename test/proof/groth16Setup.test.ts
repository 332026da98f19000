import { fork } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { AssayError, exitCodes } from '../../src/errors.ts';
import { readArtifactLock } from '../../src/proof/artifactLock.ts';
import type { CircomProgram } from '../../src/proof/circom/compileCircom.ts';
import { openBinaryFile } from '../../src/proof/groth16/binaryFile.ts';
import { contribute } from '../../src/proof/groth16/contribute.ts';
import { ensureDevPtau } from '../../src/proof/groth16/devPtau.ts';
import { groth16Profile } from '../../src/proof/groth16/groth16Profile.ts';
import { readR1cs } from '../../src/proof/groth16/readR1cs.ts';
import { readZkey, setupIdOf } from '../../src/proof/groth16/readZkey.ts';
import { runGroth16Worker } from '../../src/proof/groth16/runGroth16Worker.ts';
import { installKey, setUpGroth16, verifyKey } from '../../src/proof/groth16/setup.ts';
import { flipByte, r1csOf, sha256Of, tinyProgram } from '../utils/groth16Fixture.ts';
import { integers } from '../utils/random.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('groth16');
const power = 5;
/** Damaged files of each kind. */
const mutations = Number(process.env['ASSAY_MALFORMED'] ?? 150);
let program: CircomProgram;
let r1cs: string;
let ptau: string;

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

beforeAll(async () => {
  program = await tinyProgram();
  r1cs = r1csOf(program);
  ptau = (await ensureDevPtau({ directory: join(scratch.path, 'ptau'), power })).path;
});

const setUp = (folder: string): ReturnType<typeof setUpGroth16> =>
  setUpGroth16({ name: program.name, r1cs, cacheDirectory: join(scratch.path, folder), profile: 'dev' });

describe('dev powers of tau', () => {
  test('are the same bytes on every machine', async () => {
    expect(await sha256Of(ptau)).toBe('ee7c0bf51b8118f2dc83fe884d5127b1329d8a510681c70ba25649797caf2bfb');
  });

  test('are refused once a byte is flipped, and made again where the run was cut off', async () => {
    const directory = join(scratch.path, 'cut');
    const find = () => ensureDevPtau({ directory, power: 3 });
    // A run that died left half a file under its working name, and a whole one without its hash.
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'dev_03.ptau.partial'), 'half');
    await writeFile(join(directory, 'dev_03.ptau'), 'not yet recorded');
    const { path, sha256 } = await find();
    expect(await sha256Of(path)).toBe(sha256);
    expect((await find()).sha256).toBe(sha256);
    await flipByte(path, 500);
    expect(await refusal(find)).toEqual(corrupt);
    await flipByte(path, 500);
    expect(await refusal(find)).toBeUndefined();
  });

  test('have limits', async () => {
    expect(await refusal(() => ensureDevPtau({ directory: scratch.path, power: 21 }))).toEqual({
      code: 'CEREMONY_TOO_LARGE',
      exitCode: exitCodes.failure,
    });
  });
});

describe('dev keys', () => {
  test('begin with the key that snarkjs makes of the same circuit and powers of tau, byte for byte', async () => {
    const ours = join(scratch.path, 'ours.zkey');
    const theirs = join(scratch.path, 'theirs.zkey');
    await runGroth16Worker({ operation: 'dev-zkey', r1cs, path: ours, contribute: false });
    await runGroth16Worker({ operation: 'zkey-new', r1cs, ptau, path: theirs });
    const [a, b] = [await openBinaryFile(ours, 'zkey'), await openBinaryFile(theirs, 'zkey')];
    try {
      for (let id = 1; id <= 10; id++) {
        const [x, y] = [a.section(id), b.section(id)];
        expect([id, Buffer.compare(await a.read(x, 0, x.size), await b.read(y, 0, y.size))]).toEqual([id, 0]);
      }
    } finally {
      await a.close();
      await b.close();
    }
  });

  test('end with a contribution and a beacon, are the same on every machine, and snarkjs verifies them', async () => {
    const made = await setUp('one');
    expect(made.profile).toBe('dev');
    expect(made.contributions.map(({ kind, dev }) => [kind, dev])).toEqual([
      ['contribution', true],
      ['beacon', false],
    ]);
    expect(made.keyBytes).toHaveLength(448 + 64 * (1 + program.publicInputs));
    expect(made.setupId).toBe(setupIdOf(made.circuitHash, made.contributions));
    expect(made.sha256).toBe('406389c63bc98acff3fd33d54153b10bb43b65e8e2bbfa741b5cce3b9d87f361');
    expect((await setUp('two')).setupId).toBe(made.setupId);
    await verifyKey({ r1cs, ptau, zkey: made.zkeyPath });
  });

  test('are verified against circuit and powers of tau: no part of them can be exchanged', async () => {
    const { zkeyPath } = await setUp('one');
    const file = await openBinaryFile(zkeyPath, 'zkey');
    const other = join(scratch.path, 'other.zkey');
    const invalid = { code: 'CEREMONY_INVALID', exitCode: exitCodes.proofInvalid };
    // A point of the private inputs, one of H, a coefficient: the next point or value in place of this one.
    for (const [id, from, to, bytes] of [
      [8, 64, 0, 64],
      [9, 64, 0, 64],
      [4, 4 + 44, 4, 44],
    ] as const) {
      const section = file.section(id);
      const whole = await readFile(zkeyPath);
      whole.copy(whole, section.at + to, section.at + from, section.at + from + bytes);
      await writeFile(other, whole);
      expect([id, await refusal(() => verifyKey({ r1cs, ptau, zkey: other }))]).toEqual([id, invalid]);
    }
    await file.close();
    const { directory } = await tinyProgram(10);
    expect(await refusal(() => verifyKey({ r1cs: join(directory, 'circuit.r1cs'), ptau, zkey: zkeyPath }))).toEqual(invalid);
  });

  test('are refused from the cache once a byte is flipped, anywhere', async () => {
    const { zkeyPath, sha256 } = await setUp('flip');
    const { length } = await readFile(zkeyPath);
    for (const at of [3, 100, Math.floor(length / 2), length - 1]) {
      await flipByte(zkeyPath, at);
      expect([at, await refusal(() => setUp('flip'))]).toEqual([at, corrupt]);
      await flipByte(zkeyPath, at);
    }
    await truncate(zkeyPath, length - 1);
    expect(await refusal(() => setUp('flip'))).toEqual(corrupt);
    // A record that says otherwise.
    const record = await readFile(`${zkeyPath}.json`, 'utf8');
    await writeFile(`${zkeyPath}.json`, '{}');
    expect(await refusal(() => setUp('flip'))).toEqual(corrupt);
    await copyFile((await setUp('one')).zkeyPath, zkeyPath);
    await writeFile(`${zkeyPath}.json`, record);
    expect((await setUp('flip')).sha256).toBe(sha256);
  });

  test('are refused where the lock knows another key of that name', async () => {
    // The name of a locked circuit over another circuit: as if its sources, or the ceremony, had changed after the lock was made.
    const { circuits } = await readArtifactLock();
    const name = Object.keys(circuits).find((locked) => circuits[locked]?.devProvingKey !== undefined);
    expect(name).toBeDefined();
    const posing = () => setUpGroth16({ name: name as string, r1cs, cacheDirectory: join(scratch.path, 'posing'), profile: 'dev' });
    expect(await refusal(posing)).toEqual({ code: 'ARTIFACT_MISMATCH', exitCode: exitCodes.artifactMismatch });
  });

  test('that a killed run left behind are not used', async () => {
    const folder = join(scratch.path, 'killed');
    const child = fork(fileURLToPath(new URL('./groth16Setup.child.ts', import.meta.url)), [r1cs, folder, program.name], {
      execArgv: ['--no-warnings'],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      // The key is on its way.
      if (output.includes('progress')) child.kill('SIGKILL');
    });
    await new Promise((ended) => child.once('close', ended));
    expect(output).toContain('progress');
    expect(output).not.toContain('made');
    expect((await readdir(folder)).some((name) => name.endsWith('.lock'))).toBe(true);
    expect((await readdir(folder)).some((name) => name.endsWith('.json'))).toBe(false);
    expect((await setUp('killed')).sha256).toBe((await setUp('one')).sha256);
  });
});

describe('files that are not what they should be', () => {
  test('end in one typed error, whatever is wrong with them', async () => {
    const { zkeyPath } = await setUp('one');
    let drawn = 0;
    const random = integers('damaged files', mutations * 32);
    const below = (n: number): number => Number((random[drawn++ % random.length] as bigint) % BigInt(n));
    for (const [path, read] of [
      [zkeyPath, readZkey],
      [
        r1cs,
        async (file: string) => {
          (await readR1cs(file)).visit(() => undefined);
        },
      ],
    ] as const) {
      const whole = await readFile(path);
      const other = join(scratch.path, 'fuzzed');
      let refused = 0;
      for (let i = 0; i < mutations; i++) {
        const bytes = Buffer.from(whole);
        // Lengths and counts stand at the beginning.
        for (let k = below(3); k >= 0; k--) bytes[below(below(2) === 0 ? 120 : bytes.length)] = below(256);
        await writeFile(other, below(4) === 0 ? bytes.subarray(0, below(bytes.length)) : bytes);
        const found = await refusal(() => read(other));
        if (found === undefined) continue;
        expect(found).toEqual(corrupt);
        refused++;
      }
      expect(refused).toBeGreaterThan(mutations / 4);
    }
  });
});

describe('a ceremony of people', () => {
  const profileOf = async (path: string, published: boolean) => groth16Profile(published, (await readZkey(path)).contributions);

  test('contributions follow on each other, a beacon ends them, snarkjs verifies the result', async () => {
    const [first, second, third] = ['1.zkey', '2.zkey', '3.zkey'].map((name) => join(scratch.path, name)) as [string, string, string];
    const one = await contribute({ from: { r1cs, ptau }, path: first, name: 'alice\u001b[2J' });
    expect(one.contributions).toHaveLength(1);
    expect(one.contribution).toMatchObject({ kind: 'contribution', name: 'alice?[2J', dev: false });
    const beacon = { hash: `0x${'42'.repeat(32)}`, iterationsExp: 10 } as const;
    const two = await contribute({ from: first, path: second, name: 'bob', entropy: 'dice', beacon });
    expect(two.contributions.map(({ kind }) => kind)).toEqual(['contribution', 'contribution', 'beacon']);
    expect(two.contributions[0]).toEqual(one.contribution);
    expect(two.contributions[1]).toEqual(two.contribution);
    expect(two.contributions[2]?.beacon).toEqual(beacon);
    expect(two.circuitHash).toBe(one.circuitHash);
    expect(two.setupId).not.toBe(one.setupId);
    await verifyKey({ r1cs, ptau, zkey: second });
    // The secret is random: the same hands make another key.
    const other = await contribute({ from: first, path: third, name: 'bob', entropy: 'dice', beacon });
    expect(other.setupId).not.toBe(two.setupId);
    expect(await refusal(() => contribute({ from: second, path: third, name: 'late' }))).toEqual({
      code: 'GROTH16_FINISHED',
      exitCode: exitCodes.usage,
    });

    expect(await profileOf(second, true)).toBe('public');
    // Under powers of tau that nobody published, everything can be forged.
    expect(await profileOf(second, false)).toBe('dev');
    const install = (zkey: string) => installKey({ name: program.name, r1cs, zkey, ptau, cacheDirectory: join(scratch.path, 'public') });
    expect(await refusal(() => install(second))).toEqual({ code: 'CEREMONY_NOT_PUBLIC', exitCode: exitCodes.artifactMismatch });
    expect(await refusal(() => install(first))).toEqual({ code: 'GROTH16_UNFINISHED', exitCode: exitCodes.failure });
    expect(
      await refusal(() => setUpGroth16({ name: program.name, r1cs, cacheDirectory: join(scratch.path, 'public'), profile: 'public' })),
    ).toEqual({ code: 'GROTH16_KEY_MISSING', exitCode: exitCodes.failure });
  });

  test('a key with the dev contribution alone is a dev key, whatever its powers of tau are', async () => {
    expect(await profileOf((await setUp('one')).zkeyPath, true)).toBe('dev');
  });

  test('a contribution that somebody altered is refused', async () => {
    const { zkeyPath } = await setUp('one');
    const file = await openBinaryFile(zkeyPath, 'zkey');
    const { at } = file.section(10);
    await file.close();
    const other = join(scratch.path, 'altered.zkey');
    await copyFile(zkeyPath, other);
    // Off the curve; a transcript; the kind of the contribution.
    await flipByte(other, at + 68 + 70);
    expect(await refusal(() => readZkey(other))).toEqual(corrupt);
    await copyFile(zkeyPath, other);
    await flipByte(other, at + 68 + 330);
    expect(await refusal(() => verifyKey({ r1cs, ptau, zkey: other }))).toEqual({
      code: 'CEREMONY_INVALID',
      exitCode: exitCodes.proofInvalid,
    });
    await copyFile(zkeyPath, other);
    await flipByte(other, at + 68 + 384);
    expect(await refusal(() => readZkey(other))).toEqual(corrupt);
  });
});
