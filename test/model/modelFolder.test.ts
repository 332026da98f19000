import { chmod, cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createKzg, type Point } from '../../src/commitment/kzg.ts';
import { genesisWeights } from '../../src/model/genesis.ts';
import { readModelFolder, type WriteModelFolderParameters, writeModelFolder } from '../../src/model/modelFolder.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { codeOf } from '../utils/codeOf.ts';
import { fieldElements } from '../utils/random.ts';
import { testSrs } from '../utils/srs.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('modelfolder');
const spec = defaultSpec(4);
const sizes = [6, 4, 3];
const weights = genesisWeights(spec, sizes, `0x${'07'.repeat(32)}`);
const sigmas = fieldElements('sigmas', 3);

let base: Omit<WriteModelFolderParameters, 'points' | 'sigmas'>;
let pure: Point[];
let blinded: Point[];

beforeAll(async () => {
  const srs = await testSrs(2 ** 4 + 1);
  const kzg = await createKzg(srs);
  pure = await kzg.commitCheckpoint(sizes, 4, weights);
  blinded = await kzg.commitCheckpoint(sizes, 4, weights, sigmas);
  await kzg.close();
  base = {
    spec,
    sizes,
    blockLog: 4,
    ceremony: 'dev',
    srsId: srs.id,
    weights,
    input: { ranges: [[0, 256]], pool: null },
    classLabels: ['a', 'b', 'c'],
    logitScale: 0.1 + 0.2,
    report: { from: 'a test' },
  };
});

const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe('model folder', () => {
  test('what is written is read again, private and open', async () => {
    for (const [name, points, secrets] of [
      ['private', blinded, sigmas],
      ['open', pure, undefined],
    ] as const) {
      const path = join(scratch.path, name);
      const { modelId, checkpointId } = await writeModelFolder(path, { ...base, points, sigmas: secrets });
      const { report: _, ...facts } = base;
      expect(await readModelFolder(path)).toEqual({ ...facts, points, sigmas: secrets, modelId, checkpointId });
    }
    expect(blinded).not.toEqual(pure);
  });

  test('secrets are for their owner alone, and nothing of them is in what may be shown', async () => {
    const path = join(scratch.path, 'modes');
    await writeModelFolder(path, { ...base, points: blinded, sigmas });
    expect((await readdir(path)).sort()).toEqual(['model.json', 'report.json', 'secrets.json', 'weights.checkpoint']);
    for (const file of ['secrets.json', 'weights.checkpoint', 'report.json']) expect(await mode(join(path, file))).toBe(0o600);
    expect(await mode(path)).toBe(0o700);
    const shown = JSON.parse(await readFile(join(path, 'model.json'), 'utf8')) as Record<string, unknown>;
    expect(shown['weightsSha256']).toBe(null);
    for (const file of ['secrets.json', 'weights.checkpoint']) {
      await chmod(join(path, file), 0o640);
      expect(await codeOf(() => readModelFolder(path))).toBe('MODEL_PERMISSIONS');
      await chmod(join(path, file), 0o600);
      expect(await codeOf(() => readModelFolder(path))).toBeUndefined();
    }
  });

  test('nothing is overwritten, and a failed write leaves nothing', async () => {
    const path = join(scratch.path, 'twice');
    await writeModelFolder(path, { ...base, points: blinded, sigmas });
    const before = await readFile(join(path, 'model.json'), 'utf8');
    expect(await codeOf(() => writeModelFolder(path, { ...base, points: pure, sigmas: undefined }))).toBe('MODEL_FOLDER_EXISTS');
    expect(await readFile(join(path, 'model.json'), 'utf8')).toBe(before);
    await mkdir(join(scratch.path, 'room'));
    await writeFile(join(scratch.path, 'room', 'file'), '');
    expect(await codeOf(() => writeModelFolder(join(scratch.path, 'room', 'file'), { ...base, points: pure, sigmas: undefined }))).toBe(
      'MODEL_FOLDER_EXISTS',
    );
    expect(await readdir(join(scratch.path, 'room'))).toEqual(['file']);
  });

  test('every edit is found', async () => {
    const good = join(scratch.path, 'good');
    await writeModelFolder(good, { ...base, points: blinded, sigmas });
    type Json = Record<string, unknown>;
    const other = `0x${'01'.padStart(64, '0')}`;
    const edits: [string, string, (json: Json) => Json][] = [
      ['a field more', 'model.json', (json) => ({ ...json, more: 1 })],
      ['another order', 'model.json', ({ format, ...json }) => ({ ...json, format })],
      ['another arithmetic', 'model.json', (json) => ({ ...json, spec: { ...spec, lrk: 2 } })],
      ['an arithmetic that is none', 'model.json', (json) => ({ ...json, spec: { ...spec, fa: 3 } })],
      ['other sizes', 'model.json', (json) => ({ ...json, sizes: [6, 3, 3] })],
      ['huge sizes', 'model.json', (json) => ({ ...json, sizes: [65535, 65535, 65535] })],
      ['another SRS', 'model.json', (json) => ({ ...json, srsId: other })],
      ['another model id', 'model.json', (json) => ({ ...json, modelId: other })],
      ['another checkpoint id', 'model.json', (json) => ({ ...json, checkpointId: other })],
      ['points swapped', 'model.json', (json) => ({ ...json, points: (json['points'] as unknown[]).toReversed() })],
      ['a point less', 'model.json', (json) => ({ ...json, points: (json['points'] as unknown[]).slice(1) })],
      ['said to be open', 'model.json', (json) => ({ ...json, weightsSha256: 'ab'.repeat(32) })],
      [
        'ranges for other inputs',
        'model.json',
        (json) => ({
          ...json,
          input: {
            ranges: [
              [0, 1],
              [0, 1],
            ],
            pool: null,
          },
        }),
      ],
      ['a class more', 'model.json', (json) => ({ ...json, classLabels: ['a', 'b', 'c', 'd'] })],
      ['a sigma less', 'secrets.json', (json) => ({ ...json, sigmas: (json['sigmas'] as unknown[]).slice(1) })],
      [
        'a sigma beyond the field',
        'secrets.json',
        (json) => ({ ...json, sigmas: (json['sigmas'] as unknown[]).map(() => `0x${'ff'.repeat(32)}`) }),
      ],
      ['secrets of another checkpoint', 'secrets.json', (json) => ({ ...json, checkpointId: other })],
      ['another hash of the weights', 'secrets.json', (json) => ({ ...json, weightsSha256: '00'.repeat(32) })],
    ];
    expect(await codeOf(() => readModelFolder(good))).toBeUndefined();
    for (const [i, [, file, edit]] of edits.entries()) {
      const path = join(scratch.path, `edit${i}`);
      await cp(good, path, { recursive: true });
      const json = JSON.parse(await readFile(join(path, file), 'utf8')) as Json;
      await writeFile(join(path, file), `${JSON.stringify(edit(json), null, 2)}\n`);
      expect([edits[i]?.[0], await codeOf(() => readModelFolder(path))]).toEqual([edits[i]?.[0], 'MODEL_FOLDER_CORRUPT']);
    }
    // A byte of the weights; text that is not JSON; another spelling of the same JSON.
    const flips: [string, (bytes: Buffer) => Uint8Array][] = [
      ['weights.checkpoint', (bytes) => Uint8Array.from(bytes, (b, i) => (i === bytes.length - 1 ? b ^ 1 : b))],
      ['weights.checkpoint', (bytes) => bytes.subarray(0, -1)],
      ['model.json', (bytes) => bytes.subarray(0, -3)],
      ['model.json', (bytes) => Buffer.from(JSON.stringify(JSON.parse(bytes.toString())))],
    ];
    for (const [i, [file, edit]] of flips.entries()) {
      const path = join(scratch.path, `flip${i}`);
      await cp(good, path, { recursive: true });
      await writeFile(join(path, file), edit(await readFile(join(path, file))));
      expect(await codeOf(() => readModelFolder(path))).toBe('MODEL_FOLDER_CORRUPT');
    }
    expect(await codeOf(() => readModelFolder(join(scratch.path, 'nowhere')))).toBe('MODEL_FOLDER_MISSING');
  });
});
