import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { AssayError, exitCodes } from '../../src/errors.ts';
import { getWindowCircuit } from '../../src/proof/circuitInstance.ts';
import { buildWindowArtifacts } from '../../src/proof/windowArtifacts.ts';
import { useScratch } from '../utils/useScratch.ts';
import { testCeremony, testInstance } from '../utils/windowFixture.ts';

const scratch = useScratch('artifacts');
const instance = testInstance([2, 2, 2], { lb: 0, treeDepth: 1 });
const build = (of = instance): ReturnType<typeof buildWindowArtifacts> =>
  buildWindowArtifacts({ instance: of, ceremony: { directory: testCeremony() }, cacheDirectory: scratch.path });

async function refusal(action: () => Promise<unknown>): Promise<{ code: string; exitCode: number } | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof AssayError) return { code: error.code, exitCode: error.exitCode };
    throw error;
  }
}

let honest: Awaited<ReturnType<typeof build>>;

beforeAll(async () => {
  honest = await build();
});

describe('a cache with one byte flipped is refused, and works again once it is put right', () => {
  /** Changes one character inside the value of `field`, to another that leaves the file JSON. */
  const cases: readonly (readonly [string, RegExp, string])[] = [
    ['program', /-[0-9a-f]{32}\.json$/, '"bytecode":"'],
    ['program interface', /-[0-9a-f]{32}\.json$/, '"name":"'],
    ['size', /\.size\.json$/, '"gates":'],
    ['verifying key', /\.keys\.json$/, '"verifyingKey":"0x'],
    ['creation code', /\.keys\.json$/, '"creation":"0x'],
    ['runtime code of the verifier', /\.keys\.json$/, '"runtime":"0x'],
  ];

  test.each(cases)('%s', async (_name, file, field) => {
    const found = (await readdir(scratch.path)).filter((name) => file.test(name));
    expect(found).toHaveLength(1);
    const path = join(scratch.path, found[0] as string);
    const text = await readFile(path, 'utf8');
    const at = text.indexOf(field) + field.length + (field.endsWith(':') ? 0 : 3);
    expect(text.indexOf(field)).toBeGreaterThan(0);
    const flipped = `${text.slice(0, at)}${text[at] === '1' ? '2' : '1'}${text.slice(at + 1)}`;
    await writeFile(path, flipped);
    expect(await refusal(build)).toEqual({ code: 'ARTIFACT_CORRUPT', exitCode: exitCodes.artifactMismatch });
    await writeFile(path, text.slice(0, text.length / 2));
    expect(await refusal(build)).toEqual({ code: 'ARTIFACT_CORRUPT', exitCode: exitCodes.artifactMismatch });
    await writeFile(path, text);
    expect((await build()).program.hash).toBe(honest.program.hash);
  });
});

test('a circuit that differs from the lock is refused, however well it hashes', async () => {
  // The name of a locked circuit over another circuit: as if its sources had been changed after the lock was made.
  const named = { ...instance, name: (await getWindowCircuit('train-window-16-8-4')).name };
  expect(await refusal(() => build(named))).toEqual({ code: 'ARTIFACT_MISMATCH', exitCode: exitCodes.artifactMismatch });
});
