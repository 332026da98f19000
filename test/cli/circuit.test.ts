import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keccak256 } from 'viem';
import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/errors.ts';
import { listCircuits } from '../../src/proof/circuitInstance.ts';
import { openBinaryFile } from '../../src/proof/groth16/binaryFile.ts';
import { flipByte } from '../utils/groth16Fixture.ts';
import { type CliResult, runCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';
import { testCeremony } from '../utils/windowFixture.ts';

const scratch = useScratch('circuit-cli');
/** As large as a public SRS of 32,769 points; what is tested here ends before a point is read. */
let publicDirectory: string;
beforeAll(async () => {
  publicDirectory = join(scratch.path, 'srs');
  await mkdir(publicDirectory);
  await writeFile(join(publicDirectory, 'bn254_g1.dat'), new Uint8Array(32_769 * 64));
});
/** The smallest circuits there are: compiled in seconds. */
const tiny = ['2-2-2', '--block-log', '4', '--batch', '2'];

const assay = (args: readonly string[]): Promise<CliResult> =>
  runCli([...args, '--json'], { home: scratch.path, environment: { ASSAY_CACHE: join(scratch.path, 'cache') } });
async function good<T>(args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await assay(args);
  expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as T;
}
type Refused = { code: number | null; error: { code: string; hint?: string; details?: string } };
async function refused(args: readonly string[]): Promise<Refused> {
  const { code, stdout } = await assay(args);
  return { code, error: (JSON.parse(stdout) as Refused).error };
}

type Facts = { name: string; compiled: boolean; registered: boolean; rows: number | null };
type Info = Facts & {
  estimate: { rows: number; power: number; srsPoints: number };
  problems: string[];
  locked: Record<string, string> | null;
};

describe('assay circuit list and info', () => {
  test('show the registry, and what is in the lock', async () => {
    const { circuits } = await good<{ circuits: Facts[] }>(['circuit', 'list']);
    expect(circuits.map(({ name }) => name)).toEqual((await listCircuits()).map(({ name }) => name));
    expect(circuits.every(({ compiled, registered, rows }) => !compiled && registered && rows === null)).toBe(true);
    const groth16 = await good<{ circuits: Facts[] }>(['circuit', 'list', '--system', 'groth16']);
    expect(groth16.circuits.length).toBeGreaterThan(0);
    expect(groth16.circuits.every(({ name }) => name.includes('groth16'))).toBe(true);
    const info = await good<Info>(['circuit', 'info', 'train-window-196-64-10']);
    expect(Object.keys(info.locked ?? {}).sort()).toEqual(['devVerifierCode', 'devVerifyingKey', 'program']);
  });

  test('name sizes that the registry has by its name, others by what they are', async () => {
    expect((await good<Info>(['circuit', 'info', '196-25-10', '--system', 'groth16'])).name).toBe('inference-groth16-196-25-10');
    const other = ['circuit', 'info', '30-20-10', '--inputs', '7', '--output', 'logits', '--batch', '8'];
    expect((await good<Info>(other)).name).toBe('inference-30-20-10-x7-logits-b8');
    expect(await refused(['circuit', 'info', 'train-window-196-64-10', '--steps', '3'])).toMatchObject({
      code: exitCodes.usage,
      error: { code: 'CLI_BAD_OPTION' },
    });
    expect(await refused(['circuit', 'info', '30-20-10', '--steps', '3'])).toMatchObject({
      code: exitCodes.usage,
      error: { code: 'CLI_BAD_OPTION' },
    });
    expect(await refused(['circuit', 'info', 'train-window-1-2-3'])).toMatchObject({
      code: exitCodes.failure,
      error: { code: 'CIRCUIT_UNKNOWN' },
    });
  });
});

describe('assay circuit build', () => {
  test('refuses what will not fit before it starts, and says what would', async () => {
    const large = await refused(['circuit', 'build', '784-2048-10', '--statement', 'train-window']);
    expect(large).toMatchObject({ code: exitCodes.failure, error: { code: 'CIRCUIT_TOO_LARGE' } });
    const fitting = /This would fit: train-window-(\d+(?:-\d+)+)-k(\d+)\./.exec(large.error.hint ?? '');
    expect(fitting).not.toBeNull();
    const [, sizes = '', steps = ''] = fitting ?? [];
    expect((await good<Info>(['circuit', 'info', sizes, '--statement', 'train-window', '--steps', steps])).problems).toEqual([]);

    const blocks = await refused(['circuit', 'build', '4096-4096-10']);
    expect(blocks).toMatchObject({ error: { code: 'COMMITMENT_SIZES' } });
    expect(blocks.error.hint).toMatch(/This would fit: inference-4096-\d+-10\./);

    const half = await refused([
      'circuit',
      'build',
      '784-128-10',
      '--statement',
      'train-window',
      '--ceremony',
      'public',
      '--srs',
      publicDirectory,
    ]);
    expect(half.error.code).toBe('CIRCUIT_TOO_LARGE');
    expect(half.error.details).toContain('points');
  });

  test('compiles sizes of your own, whose name works afterwards; a damaged one is refused', async () => {
    const built = await good<Facts>(['circuit', 'build', ...tiny]);
    expect(built).toMatchObject({ name: 'inference-2-2-2-b2-n4', compiled: true, registered: false });
    const info = await good<Info>(['circuit', 'info', built.name]);
    expect(info).toMatchObject({ compiled: true, rows: built.rows, estimate: { rows: built.rows } });
    expect((await good<{ circuits: Facts[] }>(['circuit', 'list'])).circuits.at(-1)).toMatchObject({ name: built.name, compiled: true });
    // Again, from the cache.
    expect((await good<Facts & { seconds: number }>(['circuit', 'build', built.name])).rows).toBe(built.rows);

    const remembered = join(scratch.path, 'cache/circuits/instances', `${built.name}.json`);
    const text = await readFile(remembered, 'utf8');
    await writeFile(remembered, text.replace('"inputs":1', '"inputs":0'));
    expect(await refused(['circuit', 'list'])).toMatchObject({ code: exitCodes.artifactMismatch, error: { code: 'ARTIFACT_CORRUPT' } });
    await writeFile(remembered, text);
    await good(['circuit', 'list']);
  });
});

describe('Groth16, from sizes to a verifier', () => {
  const sizes = [...tiny, '--system', 'groth16'];
  const name = 'inference-groth16-2-2-2-b2-n4';

  test('set up, contributed to, exported; a flipped byte of any file is refused', async () => {
    type SetUp = { circuit: string; profile: string; setupId: string; provingKey: string; contributions: number };
    const made = await good<SetUp>(['circuit', 'setup', ...sizes]);
    expect(made).toMatchObject({ circuit: name, profile: 'dev', contributions: 2 });

    const out = join(scratch.path, 'verifier');
    const exported = await good<{ files: string[]; proofVerifierCodeHash: string; setupId: string }>([
      'circuit',
      'export-verifier',
      name,
      '--out',
      out,
    ]);
    expect(exported.setupId).toBe(made.setupId);
    const key = await readFile(join(out, 'key.bin'));
    expect(keccak256(new Uint8Array([0, ...key]))).toBe(exported.proofVerifierCodeHash);
    expect(await readFile(join(out, 'Groth16InferenceVerifier.sol'), 'utf8')).toContain('contract Groth16InferenceVerifier');
    const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({ format: 'assay-verifier-v1', circuit: name, profile: 'dev', setupId: made.setupId });

    type Status = { profile: string; keys: { setupId: string; contributions: { dev: boolean }[] }[]; damaged: string[] };
    const status = await good<Status>(['ceremony', 'status']);
    expect(status.keys.map(({ setupId }) => setupId)).toEqual([made.setupId]);
    expect(status.keys[0]?.contributions.map(({ dev }) => dev)).toEqual([true, false]);

    const folder = made.provingKey.slice(0, made.provingKey.lastIndexOf('/'));
    const compiled = (await readdir(folder)).find((entry) => new RegExp(`^${name}-[0-9a-f]{32}$`).test(entry)) ?? '';
    for (const [path, at] of [
      [made.provingKey, 5000],
      [join(folder, compiled, 'circuit.r1cs'), 500],
      [join(folder, compiled, 'circuit.wasm'), 500],
    ] as const) {
      await flipByte(path, at);
      expect([path, await refused(['circuit', 'setup', name])]).toMatchObject([
        path,
        { code: exitCodes.artifactMismatch, error: { code: 'ARTIFACT_CORRUPT' } },
      ]);
      await flipByte(path, at);
    }
    expect((await good<SetUp>(['circuit', 'setup', name])).setupId).toBe(made.setupId);

    const zkey = join(scratch.path, 'one.zkey');
    const entropy = join(scratch.path, 'dice');
    await writeFile(entropy, '3 1 4 1 5 9 2 6');
    const beacon = `0x${'ab'.repeat(32)}`;
    const contribute = [
      'ceremony',
      'contribute',
      '--circuit',
      name,
      '--name',
      'alice',
      '--entropy-file',
      entropy,
      '--beacon',
      beacon,
      '--out',
      zkey,
    ];
    type Contributed = { contribution: string; number: number; setupId: string; attestation: string; sha256: string };
    const contributed = await good<Contributed>(contribute);
    expect(contributed.number).toBe(1);
    expect(contributed.setupId).not.toBe(made.setupId);
    expect(JSON.parse(await readFile(contributed.attestation, 'utf8'))).toMatchObject({
      contribution: contributed.contribution,
      sha256: contributed.sha256,
    });

    type Verified = {
      valid: boolean;
      powersOfTau: { file: string; origin: string };
      key: { profile: string; finished: boolean; setupId: string };
    };
    const verified = await good<Verified>(['ceremony', 'verify', '--circuit', name, '--zkey', zkey]);
    expect(verified).toMatchObject({
      valid: true,
      powersOfTau: { origin: 'dev' },
      key: { profile: 'dev', finished: true, setupId: contributed.setupId },
    });
    const ptau = verified.powersOfTau.file;
    // A ceremony that goes on, and a key that does not follow from its own: both have no profile.
    const begun = join(scratch.path, 'begun.zkey');
    await good(['ceremony', 'contribute', '--circuit', name, '--name', 'alice', '--out', begun]);
    const unfinished = await assay(['ceremony', 'verify', '--circuit', name, '--zkey', begun]);
    expect([unfinished.code, JSON.parse(unfinished.stdout)]).toMatchObject([
      exitCodes.proofInvalid,
      { valid: false, key: { consistent: true, finished: false, profile: null, counted: 1 } },
    ]);
    expect(await good<Verified>(['ceremony', 'verify', '--circuit', name, '--zkey', begun, '--unfinished'])).toMatchObject({
      valid: true,
      key: { consistent: true, finished: false, profile: null, counted: 1 },
    });
    const foreign = join(scratch.path, 'foreign.zkey');
    const bytes = await readFile(zkey);
    const hidden = await openBinaryFile(zkey, 'zkey');
    const { at } = hidden.section(9);
    await hidden.close();
    bytes.copy(bytes, at, at + 64, at + 128);
    await writeFile(foreign, bytes);
    const inconsistent = await assay(['ceremony', 'verify', '--circuit', name, '--zkey', foreign, '--unfinished']);
    expect([inconsistent.code, JSON.parse(inconsistent.stdout)]).toMatchObject([
      exitCodes.proofInvalid,
      { valid: false, key: { consistent: false, finished: true, profile: null } },
    ]);
    const asPublic = ['--ceremony', 'public', '--srs', publicDirectory];
    // Nobody published these powers of tau.
    const unknown = await assay(['ceremony', 'verify', '--ptau', ptau]);
    expect([unknown.code, JSON.parse(unknown.stdout)]).toMatchObject([
      exitCodes.artifactMismatch,
      { valid: false, powersOfTau: { origin: 'unknown' } },
    ]);
    expect(await refused(['circuit', 'setup', name, '--zkey', zkey, '--ptau', ptau, ...asPublic])).toMatchObject({
      code: exitCodes.artifactMismatch,
      error: { code: 'CEREMONY_NOT_PUBLIC' },
    });
    await flipByte(ptau, 500);
    expect(await refused(['ceremony', 'verify', '--circuit', name])).toMatchObject({
      code: exitCodes.artifactMismatch,
      error: { code: 'ARTIFACT_CORRUPT' },
    });
    await flipByte(ptau, 500);
  }, 480_000);
});

describe('assay ceremony', () => {
  test('asks what to verify, and refuses an SRS that is not the public one', async () => {
    expect(await refused(['ceremony', 'verify'])).toMatchObject({ code: exitCodes.usage, error: { code: 'CLI_BAD_OPTION' } });
    expect(await refused(['ceremony', 'verify', '--ceremony', 'public', '--srs', testCeremony()])).toMatchObject({
      code: exitCodes.artifactMismatch,
      error: { code: 'SRS_NOT_PUBLIC' },
    });
    expect(await refused(['ceremony', 'contribute', '--circuit', 'train-window-16-8-4', '--out', join(scratch.path, 'x')])).toMatchObject({
      code: exitCodes.usage,
    });
  });
});
