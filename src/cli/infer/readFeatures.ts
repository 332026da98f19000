import { AssayError, exitCodes } from '../../errors.ts';
import type { ModelFolder } from '../../model/modelFolder.ts';
import { readInputFile } from '../framework/readInputFile.ts';

/**
 * The samples that the user named, as the model takes them: `mnist` (its test images), a JSON array of samples, or an IDX, .npy or CSV file.
 * Raw values are scaled as the model's calibration was; JSON, and files for a model without a scale of its own, hold levels in [0, 2^fx) already.
 *
 * @param indices which samples, counted from 0; none for all
 * @returns indices x sizes[0] integers
 * @throws CLI_FILE_UNREADABLE, CLI_INPUT_INVALID, DATA_*
 */
export async function readFeatures(
  named: string,
  indices: readonly number[],
  model: Pick<ModelFolder, 'spec' | 'sizes' | 'input'>,
): Promise<Uint8Array> {
  const width = model.sizes[0] as number;
  const all = await readAll(named, model, width);
  const count = all.length / width;
  const chosen = indices.length === 0 ? Array.from({ length: count }, (_, i) => i) : indices;
  const features = new Uint8Array(chosen.length * width);
  for (const [k, index] of chosen.entries()) {
    if (index >= count) throw invalid(`${named} has ${count} samples, there is none with number ${index}`);
    features.set(all.subarray(index * width, (index + 1) * width), k * width);
  }
  return features;
}

async function readAll(named: string, { spec, input }: Pick<ModelFolder, 'spec' | 'input'>, width: number): Promise<Uint8Array> {
  if (named === 'mnist') {
    if (width !== 784 && width !== 196) throw invalid(`the model takes ${width} features, MNIST has 784 (or 196, pooled)`);
    const { loadMnist } = await import('../../data/loadMnist.ts');
    return (await loadMnist({ pool: width === 784 ? 1 : 2, fx: spec.fx, limit: 1 })).test.features;
  }
  if (named.endsWith('.json')) return levels(readJson(await readInputFile(named), named), spec.fx, width, named);
  const { readSamples } = await import('../../data/readSamples.ts');
  const table = await readSamples({ features: named });
  if (input === null) return levels(Array.from(table.values), spec.fx, width, named);
  const { scaleSamples } = await import('../../data/scaleSamples.ts');
  const scaled = scaleSamples(table, input, spec.fx);
  if (scaled.length % width !== 0) throw invalid(`samples in ${named} have ${table.width} values, the model takes ${width} features`);
  return scaled;
}

function readJson(bytes: Uint8Array, named: string): number[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw invalid(`${named} is not JSON`);
  }
  const values = Array.isArray(parsed) ? parsed.flat() : [];
  if (!values.every((value) => typeof value === 'number')) throw invalid(`${named} is not an array of integers, or of such arrays`);
  return values as number[];
}

function levels(values: readonly number[], fx: number, width: number, named: string): Uint8Array {
  if (values.length === 0 || values.length % width !== 0) throw invalid(`${named} holds ${values.length} values: not samples of ${width}`);
  if (values.some((value) => !Number.isInteger(value) || value < 0 || value >= 2 ** fx)) {
    throw invalid(`a value in ${named} is no integer from 0 to ${2 ** fx - 1}`);
  }
  return Uint8Array.from(values);
}

function invalid(message: string): AssayError {
  return new AssayError('CLI_INPUT_INVALID', message, {
    exitCode: exitCodes.usage,
    hint: 'Give mnist, an IDX, .npy or CSV file of raw samples, or JSON with integers as the circuit takes them.',
  });
}
