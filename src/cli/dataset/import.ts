import { randomBytes } from 'node:crypto';
import type { Hex } from 'viem';
import { z } from 'zod';
import type { ImportedDataset, ImportOptions } from '../../data/importDataset.ts';
import type { CutOptions } from '../../data/minibatchSet.ts';
import type { TableSource } from '../../data/readTable.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { poolOption, rangeOption } from '../framework/sampleShapes.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';
import { type DatasetFacts, describeSet, renderFacts } from './describeSet.ts';

const formats = ['mnist', 'idx', 'npy', 'csv'] as const;

type Input = {
  readonly format: (typeof formats)[number];
  readonly out: string;
  readonly features: string | undefined;
  readonly labels: string | undefined;
  readonly testFeatures: string | undefined;
  readonly testLabels: string | undefined;
  readonly labelColumn: string | undefined;
  readonly classNames: readonly string[] | undefined;
  readonly header: boolean;
  readonly heldOut: number;
  readonly classes: number | undefined;
  readonly bits: number;
  readonly range: ImportOptions['range'] | undefined;
  readonly pool: ImportOptions['pool'] | undefined;
  readonly seed: Hex | undefined;
  readonly limit: number | undefined;
  readonly batch: number;
  readonly depth: number | undefined;
  readonly private: boolean;
};

type Imported = DatasetFacts & {
  readonly shuffleSeed: Hex;
  readonly private: boolean;
  readonly ranges: readonly (readonly [number, number])[];
  readonly test: { readonly samples: number; readonly features: string; readonly labels: string } | null;
};

const whole = (low: number, high: number) => z.coerce.number().int().min(low).max(high);
const path = z.string().min(1).optional();

export const datasetImport = defineCommand<Input, Imported>({
  name: 'dataset import',
  summary: 'make a dataset blob of minibatches from IDX, .npy or CSV files',
  description:
    'Reads labelled samples, shuffles them once, scales every value to a few bits and cuts them into minibatches under a Merkle root. Test samples ' +
    '(files of their own, or held out of the shuffle) are scaled alike and written beside the blob as .npy arrays.',
  arguments: { format: { flags: '<format>', description: formats.join(', '), schema: z.enum(formats) } },
  options: {
    out: { flags: '--out <file>', description: 'where to write the blob', schema: z.string().min(1) },
    features: { flags: '--features <file>', description: 'training samples (csv: the table itself)', schema: path },
    labels: { flags: '--labels <file>', description: 'training labels (idx, npy)', schema: path },
    testFeatures: { flags: '--test-features <file>', description: 'test samples in a file of their own', schema: path },
    testLabels: { flags: '--test-labels <file>', description: 'their labels (idx, npy)', schema: path },
    labelColumn: {
      flags: '--label-column <column>',
      description: 'csv: name or number (from 0) of the label',
      schema: z.string().optional(),
    },
    classNames: {
      flags: '--class-names <names...>',
      description: 'csv: labels as text, in the order of their class numbers',
      schema: z.array(z.string()).optional(),
    },
    header: { flags: '--header', description: 'csv: the first row names the columns', schema: z.boolean().default(false) },
    heldOut: { flags: '--held-out <count>', description: 'shuffled samples to keep for testing', schema: whole(0, 2 ** 31).default(0) },
    classes: { flags: '--classes <count>', description: 'number of classes (mnist: 10)', schema: whole(2, 256).optional() },
    bits: { flags: '--bits <count>', description: 'bits of a value, fx of the arithmetic (default 4)', schema: whole(1, 8).default(4) },
    range: { flags: '--range <low:high>', description: 'raw values that cover the bits, or: columns (each its own)', schema: rangeOption },
    pool: {
      flags: '--pool <shape>',
      description: 'average squares of images, as 28x28:2; mnist: 28x28:1 or 28x28:2 (default)',
      schema: poolOption,
    },
    seed: {
      flags: '--seed <hex>',
      description: '32 bytes that fix the shuffle (default: random; mnist: a published one)',
      schema: z
        .string()
        .regex(/^0x[0-9a-f]{64}$/, 'expected 0x and 64 lower-case hex digits')
        .transform((text) => text as Hex)
        .optional(),
    },
    limit: { flags: '--limit <count>', description: 'keep only so many shuffled training samples', schema: whole(1, 2 ** 31).optional() },
    batch: {
      flags: '--batch <count>',
      description: 'samples of a minibatch, a power of two (default 16)',
      schema: whole(1, 1024).default(16),
    },
    depth: { flags: '--depth <levels>', description: 'depth of the tree (default: the least)', schema: whole(0, 24).optional() },
    private: { flags: '--private', description: 'salt every minibatch, so that digests tell nothing', schema: z.boolean().default(false) },
  },
  examples: [
    'assay dataset import mnist --out mnist.dataset',
    'assay dataset import csv --features iris.csv --header --label-column species --class-names setosa versicolor virginica --range columns --held-out 30 --out iris.dataset',
  ],
  async run({ progress }, input) {
    const { encodeDatasetBlob } = await import('../../data/datasetBlob.ts');
    const { cutMinibatches } = await import('../../data/minibatchSet.ts');
    const { encodeNpy } = await import('../../data/npy.ts');
    const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');

    const { imported, shuffleSeed } = await progress.step('read and scale the samples', () => read(input));
    const options: CutOptions = {
      batch: input.batch,
      ...(input.depth === undefined ? {} : { depth: input.depth }),
      // 31 random bytes are below the field's order.
      ...(input.private ? { salt: () => BigInt(`0x${randomBytes(31).toString('hex')}`) } : {}),
    };
    const p2 = await loadPoseidon2();
    const set = await progress.step('commit the minibatches', async () => cutMinibatches(p2, imported.train, options));
    const blob = encodeDatasetBlob(set);
    const facts = await progress.step('build the tree', () => describeSet(input.out, blob, set));
    let test: Imported['test'] = null;
    if (imported.test !== undefined) {
      const { count, width, features, labels } = imported.test;
      test = { samples: count, features: `${input.out}.test-features.npy`, labels: `${input.out}.test-labels.npy` };
      await writeWholeFile(test.features, encodeNpy(features, [count, width]));
      await writeWholeFile(test.labels, encodeNpy(labels, [count]));
    }
    await writeWholeFile(input.out, blob);
    return { ...facts, shuffleSeed, private: input.private, ranges: imported.ranges, test };
  },
  render(value) {
    const test = value.test === null ? 'none' : `${value.test.samples} samples in ${value.test.features}`;
    return `${renderFacts(value)}\nshuffle      ${value.shuffleSeed}\ntest         ${test}`;
  },
});

async function read(input: Input): Promise<{ imported: ImportedDataset; shuffleSeed: Hex }> {
  const { importDataset } = await import('../../data/importDataset.ts');
  if (input.format === 'mnist') {
    const { loadMnist, mnistShuffleSeed } = await import('../../data/loadMnist.ts');
    const { height = 28, width = 28, factor = 2 } = input.pool ?? {};
    if (height !== 28 || width !== 28 || (factor !== 1 && factor !== 2)) throw usage('--pool of mnist is 28x28:1 or 28x28:2');
    const given = ['features', 'labels', 'testFeatures', 'testLabels', 'labelColumn', 'classNames', 'range', 'classes'] as const;
    const strange = given.find((name) => input[name] !== undefined);
    if (strange !== undefined || input.heldOut > 0 || input.header)
      throw usage('mnist brings its own files, classes, range and test samples');
    const shuffleSeed = input.seed ?? mnistShuffleSeed;
    const limit = input.limit === undefined ? {} : { limit: input.limit };
    return { imported: { ...(await loadMnist({ pool: factor, fx: input.bits, shuffleSeed, ...limit })), ranges: [[0, 256]] }, shuffleSeed };
  }
  if (input.classes === undefined && input.classNames === undefined) throw usage('--classes is missing');
  if (input.range === undefined) throw usage('--range is missing');
  const shuffleSeed = input.seed ?? (`0x${randomBytes(32).toString('hex')}` as Hex);
  const source = sourceOf(input, input.features, input.labels, '');
  const imported = await importDataset({
    source,
    ...(input.testFeatures === undefined ? {} : { test: sourceOf(input, input.testFeatures, input.testLabels, 'test-') }),
    heldOut: input.heldOut,
    classes: input.classes ?? (input.classNames as readonly string[]).length,
    featureBits: input.bits,
    range: input.range,
    ...(input.pool === undefined ? {} : { pool: input.pool }),
    shuffleSeed,
    ...(input.limit === undefined ? {} : { limit: input.limit }),
  });
  return { imported, shuffleSeed };
}

function sourceOf(input: Input, features: string | undefined, labels: string | undefined, prefix: string): TableSource {
  if (features === undefined) throw usage(`--${prefix}features is missing`);
  if (input.format === 'csv') {
    if (input.labelColumn === undefined) throw usage('--label-column is missing');
    return {
      format: 'csv',
      path: features,
      labelColumn: /^\d+$/.test(input.labelColumn) ? Number(input.labelColumn) : input.labelColumn,
      header: input.header,
      ...(input.classNames === undefined ? {} : { classNames: input.classNames }),
    };
  }
  if (labels === undefined) throw usage(`--${prefix}labels is missing`);
  return { format: input.format as 'idx' | 'npy', features, labels };
}

function usage(message: string): AssayError {
  return new AssayError('CLI_BAD_OPTION', message, { hint: 'assay dataset import --help', exitCode: exitCodes.usage });
}
