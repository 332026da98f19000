import { access, chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { modelId, specId } from '../../src/commitment/ids.ts';
import { encodeCheckpoint } from '../../src/model/checkpoint.ts';
import { genesisWeights } from '../../src/model/genesis.ts';
import { readModelFolder } from '../../src/model/modelFolder.ts';
import { ceremonySrsId } from '../../src/proof/ceremony.ts';
import { getWindowCircuit } from '../../src/proof/circuitInstance.ts';
import { forwardPass, type LayerForward } from '../../src/quant/forwardPass.ts';
import { onnxFixturePath } from '../utils/onnxModels.ts';
import { runCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('model');
const cli = (...args: string[]) => runCli(args, { home: scratch.path });
const calibrate = [
  ...['--calibrate', onnxFixturePath('digits-calibrate.idx'), '--labels', onnxFixturePath('digits-calibrate-labels.idx')],
  ...['--test', onnxFixturePath('digits-test.idx'), '--test-labels', onnxFixturePath('digits-test-labels.idx')],
];
// Small blocks keep the ceremony small.
const small = ['--block-log', '12', '--no-circuit'];

describe('model', () => {
  test('import, show, export: a scikit-learn pipeline becomes a committed model that ONNX Runtime agrees with', async () => {
    const made = await cli(
      'model',
      'import',
      onnxFixturePath('sklearn-digits.onnx'),
      ...calibrate,
      ...small,
      '--output',
      'digits',
      '--json',
    );
    expect(made.stderr).not.toContain('error');
    const facts = JSON.parse(made.stdout) as Record<string, unknown> & {
      test: { loss: number; floatAccuracy: number };
      circuits: { name: string }[];
    };
    expect(facts).toMatchObject({ sizes: [64, 32, 10], private: true, ceremony: 'dev', blocks: 2 });
    expect(facts.test.floatAccuracy).toBeGreaterThan(0.95);
    expect(facts.test.loss).toBeLessThan(1.5);
    expect(facts.circuits.map(({ name }) => name).sort()).toEqual([
      'inference-64-32-10-n12',
      'inference-groth16-64-32-10-n12',
      'well-formed-64-32-10-n12',
    ]);
    expect((await stat(join(scratch.path, 'digits', 'secrets.json'))).mode & 0o777).toBe(0o600);

    const shown = await cli('model', 'show', 'digits', '--verify', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ checkpointId: facts['checkpointId'], verified: true, private: true });

    const exported = await cli('model', 'export', 'digits', '--output', 'digits.onnx', '--json');
    expect(exported.code).toBe(0);
    const { spec, sizes, weights, sigmas } = await readModelFolder(join(scratch.path, 'digits'));
    expect(sigmas).toHaveLength(2);
    const features = Uint8Array.from({ length: 50 * 64 }, (_, i) => (i * 7919 + (i >> 6)) % 16);
    const session = await InferenceSession.create(await readFile(join(scratch.path, 'digits.onnx')));
    const { logits } = await session.run({ features: new Tensor('uint8', features, [50, 64]) });
    await session.release();
    expect(Array.from(logits?.data as BigInt64Array, Number)).toEqual(
      Array.from((forwardPass(spec, sizes, weights, features).at(-1) as LayerForward).z),
    );

    // Blinded anew: the same weights under another checkpoint id.
    const again = await cli(
      'model',
      'import',
      onnxFixturePath('sklearn-digits.onnx'),
      ...calibrate,
      ...small,
      '--output',
      'again',
      '--json',
    );
    const second = JSON.parse(again.stdout) as Record<string, unknown>;
    expect(second['modelId']).toBe(facts['modelId']);
    expect(second['checkpointId']).not.toBe(facts['checkpointId']);
    expect((await readModelFolder(join(scratch.path, 'again'))).weights).toEqual(weights);
  });

  test('a CSV, a range a column, and open weights', async () => {
    const csv = [
      '--calibrate',
      onnxFixturePath('cancer-calibrate.csv'),
      '--header',
      '--label-column',
      'label',
      '--test',
      onnxFixturePath('cancer-test.csv'),
    ];
    const made = await cli(
      'model',
      'import',
      onnxFixturePath('sklearn-cancer.onnx'),
      ...csv,
      ...small,
      '--open',
      '--output',
      'cancer',
      '--json',
    );
    const facts = JSON.parse(made.stdout) as Record<string, unknown> & { test: { integerAccuracy: number } };
    expect(facts).toMatchObject({ sizes: [30, 16, 2], private: false });
    expect(facts.test.integerAccuracy).toBeGreaterThan(0.93);
    const folder = await readModelFolder(join(scratch.path, 'cancer'));
    expect(folder.sigmas).toBeUndefined();
    expect(folder.input?.ranges).toHaveLength(30);
  });

  test("an answer that scikit-learn's own file gives is proved of the committed weights", async () => {
    // The first samples of the test file, without their labels.
    const rows = (await readFile(onnxFixturePath('cancer-test.csv'), 'utf8')).trim().split('\n').slice(1, 5);
    const samples = rows.map((row) => row.split(',').slice(0, 30));
    await writeFile(join(scratch.path, 'samples.csv'), samples.map((row) => `${row.join(',')}\n`).join(''));
    const session = await InferenceSession.create(await readFile(onnxFixturePath('sklearn-cancer.onnx')), { logSeverityLevel: 3 });
    const input = new Tensor('float32', Float32Array.from(samples.flat(), Number), [4, 30]);
    const { output_label: labels } = await session.run({ X: input }, ['output_label']);
    await session.release();
    const expected = Array.from(labels?.data as BigInt64Array, Number);
    expect(new Set(expected).size).toBe(2);

    const csv = ['--calibrate', onnxFixturePath('cancer-calibrate.csv'), '--header', '--label-column', 'label'];
    const made = await cli('model', 'import', onnxFixturePath('sklearn-cancer.onnx'), ...csv, ...small, '--output', 'answers', '--json');
    const { checkpointId } = JSON.parse(made.stdout) as { checkpointId: string };
    const index = String(expected.indexOf(1));
    const proved = await cli(
      'infer',
      'prove',
      '--model',
      'answers',
      '--input',
      'samples.csv',
      '--index',
      index,
      '--out',
      'answer.proof',
      '--json',
    );
    expect(proved.stderr).not.toContain('error');
    expect(JSON.parse(proved.stdout)).toMatchObject({ answers: [1], checkpointId });
    const verified = await cli('infer', 'verify', 'answer.proof', '--checkpoint', checkpointId, '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject({ verified: true, answers: [1] });
    expect(verified.code).toBe(0);
    const other = await cli('infer', 'verify', 'answer.proof', '--checkpoint', '0x01', '--json');
    expect([other.code, other.stdout]).toEqual([3, expect.stringContaining('it is of checkpoint')]);
  });

  test('refusals: an operator by name, a loss, a folder that exists, samples of another width', async () => {
    const tanh = await cli('model', 'import', onnxFixturePath('torch-tanh.onnx'), ...calibrate, '--output', 'no1');
    expect(tanh).toMatchObject({ code: 1, stdout: '' });
    expect(tanh.stderr).toMatch(/MODEL_ONNX_UNSUPPORTED: Tanh \(node '\/1\/Tanh'\)/);
    const coarse = ['--feature-bits', '1', '--activation-bits', '1'];
    const lossy = await cli(
      'model',
      'import',
      onnxFixturePath('sklearn-digits.onnx'),
      ...calibrate,
      ...coarse,
      ...small,
      '--output',
      'no2',
    );
    expect(lossy.stderr).toMatch(/MODEL_IMPORT_LOSS/);
    expect(lossy.stderr).toMatch(/--feature-bits/);
    await expect(access(join(scratch.path, 'no2'))).rejects.toThrow('ENOENT');
    await writeFile(join(scratch.path, 'taken'), '');
    const taken = await cli('model', 'import', onnxFixturePath('sklearn-digits.onnx'), ...calibrate, '--output', 'taken');
    expect(taken.stderr).toMatch(/MODEL_FOLDER_EXISTS/);
    // Without --output the folder is named as the file.
    await writeFile(join(scratch.path, 'sklearn-digits'), '');
    const named = await cli('model', 'import', onnxFixturePath('sklearn-digits.onnx'), ...calibrate);
    expect(named.stderr).toMatch(/MODEL_FOLDER_EXISTS: sklearn-digits exists/);
    const narrow = await cli('model', 'import', onnxFixturePath('sklearn-cancer.onnx'), ...calibrate, '--output', 'no3');
    expect(narrow.stderr).toMatch(/MODEL_INPUT_INVALID.*64 values.*30/);
    expect(narrow.code).toBe(2);
    const both = await cli(
      'model',
      'import',
      onnxFixturePath('sklearn-digits.onnx'),
      ...calibrate,
      '--private',
      '--open',
      '--output',
      'no4',
    );
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('CLI_BAD_OPTION: --private and --open')]);
  });

  test('from-checkpoint: a training checkpoint keeps its id, or gets a blinded one; an edited folder is exit code 6', async () => {
    const { spec, sizes, blockLog } = await getWindowCircuit('train-window-16-8-4');
    const srsId = await ceremonySrsId({});
    const id = modelId({ specId: specId(spec), srsId, blockLog, sizes });
    await writeFile(
      join(scratch.path, 'a.checkpoint'),
      encodeCheckpoint({ modelId: id, sizes, weights: genesisWeights(spec, sizes, `0x${'01'.repeat(32)}`) }),
    );
    const known = JSON.parse((await cli('checkpoint', 'show', 'a.checkpoint', '--json')).stdout) as Record<string, unknown>;
    const open = JSON.parse(
      (await cli('model', 'from-checkpoint', 'a.checkpoint', '--no-circuit', '--output', 'open', '--json')).stdout,
    ) as Record<string, unknown>;
    expect(open).toMatchObject({ modelId: id, checkpointId: known['checkpointId'], private: false });
    expect(open['circuits']).toContainEqual(expect.objectContaining({ statement: 'inference', name: 'inference-16-8-4' }));
    const hidden = JSON.parse(
      (await cli('model', 'from-checkpoint', 'a.checkpoint', '--private', '--no-circuit', '--output', 'hidden', '--json')).stdout,
    ) as Record<string, unknown>;
    expect(hidden['modelId']).toBe(id);
    expect(hidden['checkpointId']).not.toBe(known['checkpointId']);

    const weights = join(scratch.path, 'hidden', 'weights.checkpoint');
    await chmod(weights, 0o644);
    expect(await cli('model', 'show', 'hidden')).toMatchObject({ code: 4, stdout: '' });
    await chmod(weights, 0o600);
    const bytes = await readFile(weights);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
    await writeFile(weights, bytes);
    expect(await cli('model', 'show', 'hidden')).toMatchObject({ code: 6, stdout: '' });
    expect(await cli('model', 'show', 'open')).toMatchObject({ code: 0 });
  });
});
