import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import type { ModelInput } from '../../model/modelFolder.ts';
import type { ModelSamples } from '../../model/quantise.ts';
import type { InputSpecs } from '../framework/command.ts';
import { poolOption, rangeOption } from '../framework/sampleShapes.ts';

/** How samples are read and what the float model makes of them. */
export type SampleInput = {
  readonly labelColumn: string | undefined;
  readonly header: boolean;
  readonly classNames: readonly string[] | undefined;
  readonly pool: ModelInput['pool'] | undefined;
  readonly range: 'columns' | readonly [number, number] | undefined;
  readonly divide: number;
  readonly mean: number;
  readonly std: number;
};

const nonZero = z.coerce.number().refine((value) => Number.isFinite(value) && value !== 0, 'expected a number that is not 0');

export const sampleOptions: InputSpecs<SampleInput> = {
  labelColumn: {
    flags: '--label-column <column>',
    description: 'CSV: name or number (from 0) of the label',
    schema: z.string().min(1).optional(),
  },
  header: { flags: '--header', description: 'CSV: the first row names the columns', schema: z.boolean().default(false) },
  classNames: {
    flags: '--class-names <names...>',
    description: 'CSV: labels as text, in the order of their class numbers (default: as the model names them)',
    schema: z.array(z.string()).optional(),
  },
  pool: { flags: '--pool <shape>', description: 'average squares of images before anything else, as 28x28:2', schema: poolOption },
  range: {
    flags: '--range <low:high>',
    description:
      "raw values that the features' levels cover, or: columns, each its own (default: 0:256 for bytes beyond 127, else columns)",
    schema: rangeOption,
  },
  divide: {
    flags: '--divide <number>',
    description: 'the float model takes (raw / divide - mean) / std: 255 after ToTensor (default 1)',
    schema: nonZero.default(1),
  },
  mean: {
    flags: '--mean <number>',
    description: 'mean of a normalisation that stands outside the model (default 0)',
    schema: z.coerce.number().default(0),
  },
  std: { flags: '--std <number>', description: 'its standard deviation (default 1)', schema: nonZero.default(1) },
};

/** Samples by name: `mnist`, or files. */
export type SampleNames = {
  readonly features: string;
  readonly labels: string | undefined;
  readonly part: 'train' | 't10k';
  /** CSV: a column that tells groups. */
  readonly group?: { readonly column: string; readonly isFeature: boolean };
};

export type Table = {
  readonly count: number;
  readonly width: number;
  readonly values: Uint8Array | Float64Array;
  readonly labels: ArrayLike<number>;
  /** True where the file holds bytes, as images do. */
  readonly bytes: boolean;
  /** What the group column says of each sample, where there is one. */
  readonly groups?: readonly string[];
};

/**
 * Reads raw samples, and at most `limit` of them, evenly over the file.
 *
 * @throws what readSamples and poolImages throw
 */
export async function loadTable(
  { features, labels, part, group }: SampleNames,
  input: SampleInput,
  classLabels: readonly (number | string)[] | undefined,
  limit: number,
): Promise<Table> {
  const { mnistFiles } = await import('../../data/loadMnist.ts');
  const { poolImages } = await import('../../data/poolImages.ts');
  const { readSamples } = await import('../../data/readSamples.ts');
  const named = classLabels?.every((name) => typeof name === 'string') === true ? (classLabels as readonly string[]) : undefined;
  const classNames = input.classNames ?? named;
  const column = (name: string | undefined): string | number | undefined =>
    name !== undefined && /^\d+$/.test(name) ? Number(name) : name;
  const groupColumn = column(group?.column);
  const csv = {
    labelColumn: column(input.labelColumn),
    header: input.header,
    ...(classNames !== undefined && { classNames }),
    ...(groupColumn !== undefined && { groupColumn, groupIsFeature: group?.isFeature === true }),
  };
  const table = await readSamples(features === 'mnist' ? mnistFiles(part) : { features, labels, csv });
  const kept = Math.min(limit, table.count);
  const from = Array.from({ length: kept }, (_, i) => Math.floor((i * table.count) / kept));
  const values = new Float64Array(kept * table.width);
  from.forEach((s, i) => {
    values.set(table.values.subarray(s * table.width, (s + 1) * table.width), i * table.width);
  });
  const picked = {
    count: kept,
    width: table.width,
    values: table.values instanceof Uint8Array ? Uint8Array.from(values) : values,
    labels: table.labels.length === 0 ? [] : from.map((s) => table.labels[s] as number),
  };
  const { groups } = table;
  const pooled = input.pool === undefined || input.pool === null ? picked : poolImages(picked, input.pool);
  return {
    ...pooled,
    bytes: table.values instanceof Uint8Array,
    ...(groups !== undefined && { groups: from.map((s) => groups[s] as string) }),
  };
}

/** The range of every column, or of all; the user's, or what the samples suggest. */
export async function rangesOf(table: Table, range: SampleInput['range']): Promise<readonly (readonly [number, number])[]> {
  const { columnRanges } = await import('../../data/scaleTable.ts');
  const image = table.bytes && table.values.some((value) => value > 127);
  const wanted = range ?? (image ? ([0, 256] as const) : 'columns');
  return wanted === 'columns'
    ? columnRanges(
        table,
        Uint32Array.from({ length: table.count }, (_, i) => i),
      )
    : [wanted];
}

/**
 * The samples as both models take them.
 *
 * @throws MODEL_INPUT_INVALID, DATA_RANGE_INVALID, DATA_INVALID
 */
export async function toSamples(
  table: Table,
  ranges: readonly (readonly [number, number])[],
  featureBits: number,
  { divide, mean, std }: Pick<SampleInput, 'divide' | 'mean' | 'std'>,
  model: { readonly inputs: number; readonly classes: number; readonly classLabels: readonly (number | string)[] | undefined },
): Promise<ModelSamples> {
  const { scaleSamples } = await import('../../data/scaleSamples.ts');
  if (table.width !== model.inputs) {
    throw new AssayError('MODEL_INPUT_INVALID', `the samples have ${table.width} values, the model takes ${model.inputs}`, {
      hint: 'Are these the samples of the model? --pool averages images; a label column of a CSV is named with --label-column.',
      exitCode: exitCodes.usage,
    });
  }
  // A model that was trained on the labels 3 and 8 says so: its class 0 is the label 3.
  const numbers = model.classLabels?.every((label) => typeof label === 'number') === true ? model.classLabels : undefined;
  const labels = Uint8Array.from(table.labels, (label) => {
    const found = numbers === undefined ? label : numbers.indexOf(label);
    if (found >= 0 && found < model.classes) return found;
    throw new AssayError('MODEL_INPUT_INVALID', `the label ${label} is none of the model's ${model.classes} classes`, {
      ...(model.classLabels === undefined ? {} : { details: `they are ${model.classLabels.join(', ')}` }),
      hint: 'Are these the labels of the samples?',
    });
  });
  return {
    features: scaleSamples(table, { ranges, pool: null }, featureBits),
    inputs: Float64Array.from(table.values, (value) => (value / divide - mean) / std),
    labels: table.labels.length === 0 ? undefined : labels,
  };
}
