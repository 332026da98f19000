import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadCurve } from '../../src/commitment/curve.ts';
import { pow } from '../../src/commitment/field.ts';
import { ignitionSrsId, knownIgnitionPoints, readSrs } from '../../src/commitment/srs.ts';
import { AssayError, exitCodes } from '../../src/errors.ts';
import { devTau, ensureSrs } from '../../src/proof/ceremony.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('ceremony');
const twoChunks = 2 ** 15 + 1;

function start(directory: string, points: number): { child: ChildProcess; output: () => string; done: Promise<number | null> } {
  const child = fork(fileURLToPath(new URL('./ceremony.child.ts', import.meta.url)), [directory, String(points)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: ['--no-warnings'],
  });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { child, output: () => text, done: new Promise((ended) => child.once('close', ended)) };
}

const flip = async (path: string, at: number): Promise<void> => {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] as number) ^ 1;
  await file.write(byte, 0, 1, at);
  await file.close();
};

async function refusal(directory: string, points: number): Promise<{ code: string; exitCode: number } | undefined> {
  try {
    await ensureSrs({ directory, points });
    return undefined;
  } catch (error) {
    if (error instanceof AssayError) return { code: error.code, exitCode: error.exitCode };
    throw error;
  }
}

describe('the dev ceremony', () => {
  test('two processes that race for one folder end with one good file, and one of them made it', async () => {
    const directory = join(scratch.path, 'race');
    const racers = [start(directory, 100), start(directory, 100)];
    expect(await Promise.all(racers.map(({ done }) => done))).toEqual([0, 0]);
    const ids = racers.map(({ output }) => /id (\S+) 100/.exec(output())?.[1]);
    expect(ids[0]).toMatch(/^0x[0-9a-f]{64}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(racers.filter(({ output }) => output().includes('progress'))).toHaveLength(1);
    expect(
      (await readdir(directory)).filter((name) => name.includes('lock') || name.startsWith('manifest.') === (name !== 'manifest.json')),
    ).toEqual([]);
    // The points are powers of the published tau.
    const srs = await ensureSrs({ directory, points: 100 });
    const { G1 } = await loadCurve();
    for (const i of [0, 1, 99]) {
      const point = new Uint8Array(64);
      G1.toRprUncompressed(point, 0, G1.toAffine(G1.timesScalar(G1.g, pow(devTau, BigInt(i)))));
      expect(Uint8Array.from(srs.g1.subarray(64 * i, 64 * i + 64))).toEqual(point);
    }
  });

  test('a run that is killed is resumed by the next one, from the last whole chunk', async () => {
    const directory = join(scratch.path, 'killed');
    const killed = start(directory, twoChunks);
    while (!killed.output().includes('progress 1') && killed.child.exitCode === null) await new Promise((wait) => setTimeout(wait, 5));
    killed.child.kill('SIGKILL');
    await killed.done;
    expect(killed.output()).not.toContain('id ');
    const chunks = async (): Promise<string[]> =>
      (JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')) as { chunks: string[] }).chunks;
    const before = await chunks();
    expect(before).toHaveLength(1);
    // The lock of the dead process is taken over.
    expect(existsSync(join(directory, 'lock'))).toBe(true);
    const resumed = start(directory, twoChunks);
    expect(await resumed.done).toBe(0);
    expect(resumed.output()).toContain('progress 1');
    expect(resumed.output()).not.toContain('progress 0');
    expect((await chunks())[0]).toBe(before[0]);

    // Damage, anywhere in what is used, is refused; what lies beyond is not read.
    const g1 = join(directory, 'bn254_g1.dat');
    const damaged = { code: 'SRS_CORRUPT', exitCode: exitCodes.artifactMismatch };
    expect(await refusal(directory, twoChunks)).toBeUndefined();
    await flip(g1, 64 * 2 ** 15 + 7);
    expect(await refusal(directory, twoChunks)).toEqual(damaged);
    expect(await refusal(directory, 100)).toBeUndefined();
    await flip(g1, 64 * 2 ** 15 + 7);
    await flip(g1, 64);
    expect(await refusal(directory, 100)).toEqual(damaged);
    await flip(g1, 64);
    expect(await refusal(directory, twoChunks)).toBeUndefined();
    await flip(join(directory, 'manifest.json'), 3);
    expect(await refusal(directory, 100)).toEqual(damaged);
  });
});

describe('the public ceremony', () => {
  test('a dev SRS is not taken for a public one', async () => {
    const directory = join(scratch.path, 'posing');
    await ensureSrs({ directory, points: 10 });
    const action = ensureSrs({ directory: scratch.path, points: 10, publicDirectory: directory });
    await expect(action).rejects.toMatchObject({ code: 'SRS_NOT_PUBLIC', exitCode: exitCodes.artifactMismatch });
  });

  // Aztec's tau in G2 as its file has it: x_0, x_1, y_0, y_1.
  const ignitionG2 = Buffer.from(
    '0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1' +
      '22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e5504fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4',
    'hex',
  );
  const foreign = { code: 'SRS_CORRUPT', exitCode: exitCodes.artifactMismatch };

  test("points of a known secret beside Ignition's tau in G2 are refused, in files of every size", async () => {
    const dev = join(scratch.path, 'planted-from');
    await ensureSrs({ directory: dev, points: twoChunks });
    const planted = await readFile(join(dev, 'bn254_g1.dat'));
    const folder = async (name: string, points: number): Promise<string> => {
      const directory = join(scratch.path, name);
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, 'bn254_g2.dat'), ignitionG2);
      await writeFile(join(directory, 'bn254_g1.dat'), planted.subarray(0, 64 * points));
      return directory;
    };
    const small = await folder('planted-small', 100);
    expect(await readSrs(small, 100)).toMatchObject({ id: ignitionSrsId, count: 100 });
    await expect(ensureSrs({ directory: dev, points: 100, publicDirectory: small })).rejects.toMatchObject(foreign);
    const large = await folder('planted-large', twoChunks + 1);
    // Nothing above reads all of it, and refuses it all the same.
    await expect(ensureSrs({ directory: dev, points: 2, publicDirectory: large })).rejects.toMatchObject(foreign);
    await expect(readSrs(large, 2)).rejects.toMatchObject(foreign);
    // What all ceremonies share, the generator, is nothing to refuse.
    const one = await folder('planted-one', 1);
    expect(await ensureSrs({ directory: dev, points: 1, publicDirectory: one })).toMatchObject({ id: ignitionSrsId, count: 1 });
  });

  test('genuine points pass, whole and cut; a foreign one behind them is refused, also where it is planted later', async (context) => {
    const genuine = resolve(import.meta.dirname, '../../../shared/crs');
    if (!existsSync(join(genuine, 'bn254_g1.dat'))) return context.skip("no folder ../shared/crs with Aztec's Ignition points");
    const directory = join(scratch.path, 'ignition');
    const path = join(directory, 'bn254_g1.dat');
    const points = (await readFile(join(genuine, 'bn254_g1.dat'))).subarray(0, 64 * knownIgnitionPoints);
    expect(await readFile(join(genuine, 'bn254_g2.dat'))).toEqual(ignitionG2);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'bn254_g2.dat'), ignitionG2);
    const ensure = (count: number) => ensureSrs({ directory: scratch.path, points: count, publicDirectory: directory });

    // Fewer than are known by their hash: by pairing, and again once the file is another.
    await writeFile(path, points.subarray(0, 64 * 200));
    expect(await ensure(200)).toMatchObject({ profile: 'public', count: 200 });
    const swapped = Buffer.from(points.subarray(0, 64 * 200));
    points.copy(swapped, 64 * 150, 64 * 151, 64 * 152);
    await rm(path);
    await writeFile(path, swapped);
    await utimes(path, 1, 1);
    await expect(ensure(200)).rejects.toMatchObject(foreign);
    expect((await ensure(150)).count).toBe(150);

    await writeFile(path, Buffer.concat([points, points.subarray(0, 64)]));
    expect(await ensure(knownIgnitionPoints)).toMatchObject({ profile: 'public', count: knownIgnitionPoints });
    await expect(ensure(knownIgnitionPoints + 1)).rejects.toMatchObject(foreign);
    await flip(path, 64 * 5 + 40);
    await expect(ensure(10)).rejects.toMatchObject(foreign);
  });
});
