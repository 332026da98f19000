import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const source = (path: string): string => JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));

const program = `
import { defaultSpec } from ${source('quant/spec.ts')};
import { evaluate } from ${source('train/evaluate.ts')};
import { createOnnxEngine } from ${source('train/createOnnxEngine.ts')};
const spec = defaultSpec(0);
const engine = await createOnnxEngine(spec, [2, 3]).then(() => 'made', (error) => [error.code, error.exitCode]);
const weights = [Int32Array.of(10, 0, 0, 0, 10, 0, 0, 0, -1)];
const evaluation = await evaluate(spec, [2, 3], weights, Uint8Array.of(9, 3, 3, 9, 5, 5, 1, 0), Uint8Array.of(0, 1, 1, 2));
console.log(JSON.stringify({ engine, evaluation }));
`;

/** As on a machine where the optional package could not be installed. */
const withoutRuntime = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) {
  if (name === 'onnxruntime-node') throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(name, context);
} });`)}`;

function runProgram(flags: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', program]);
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => {
      output.stdout += text;
    });
    child.stderr.on('data', (text) => {
      output.stderr += text;
    });
    child.once('error', fail);
    child.once('close', () => done(output));
  });
}

describe('without ONNX Runtime', () => {
  const counts = { correct: 2, total: 4, accuracy: 0.5 };

  test('the engine is refused with a typed error; evaluating goes on in plain integers, and says so', async () => {
    const { stdout, stderr } = await runProgram(['--import', withoutRuntime]);
    expect(JSON.parse(stdout)).toEqual({ engine: ['TRAIN_ONNXRUNTIME_MISSING', 1], evaluation: { ...counts, engine: 'reference' } });
    expect(stderr).toContain('[TRAIN_ONNXRUNTIME_MISSING]');
    expect(stderr).toContain('npm install onnxruntime-node');
  });

  test('control: with it, both run it, silently', async () => {
    const { stdout, stderr } = await runProgram([]);
    expect(JSON.parse(stdout)).toEqual({ engine: 'made', evaluation: { ...counts, engine: 'onnxruntime' } });
    expect(stderr).toBe('');
  });
});
