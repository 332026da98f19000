import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import type { LayerReport, ModelComparison } from '../../model/quantise.ts';
import type { ArithmeticSpec } from '../../quant/spec.ts';
import { defineCommand } from '../framework/command.ts';
import { fileExists } from '../framework/fileExists.ts';
import { ceremonyOf } from '../framework/folders.ts';
import { showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import { buildModelCircuits, type ModelCircuit, modelCircuits, renderCircuits } from './modelCircuits.ts';
import { loadTable, rangesOf, type SampleInput, sampleOptions, toSamples } from './sampleOptions.ts';

type Input = SampleInput & {
  readonly file: string;
  readonly output: string | undefined;
  readonly calibrate: string;
  readonly labels: string | undefined;
  readonly test: string | undefined;
  readonly testLabels: string | undefined;
  readonly limit: number;
  readonly maxLoss: number;
  readonly batchLog: number;
  readonly lrk: number;
  readonly featureBits: number;
  readonly activationBits: number;
  readonly blockLog: number;
  readonly private: boolean;
  readonly open: boolean;
  readonly circuit: boolean;
};

type Imported = {
  readonly folder: string;
  readonly sizes: readonly number[];
  readonly modelId: Hex;
  readonly checkpointId: Hex;
  readonly ceremony: 'dev' | 'public';
  readonly private: boolean;
  readonly blocks: number;
  readonly spec: ArithmeticSpec;
  /** Bits of each layer's sums: what they cost in a circuit. */
  readonly sumBits: readonly number[];
  readonly percentile: number;
  readonly logitScale: number;
  readonly layers: readonly LayerReport[];
  readonly calibration: ModelComparison;
  readonly test: ModelComparison | null;
  readonly classLabels: readonly (number | string)[] | null;
  readonly passedOver: readonly string[];
  readonly notes: readonly string[];
  readonly circuits: readonly ModelCircuit[];
};

const whole = (low: number, high: number) => z.coerce.number().int().min(low).max(high);
const path = z.string().min(1);

export const modelImport = defineCommand<Input, Imported>({
  name: 'model import',
  summary: 'quantise a float ONNX classifier and commit to it',
  description:
    'Takes a multilayer perceptron with ReLU as PyTorch and scikit-learn export it, puts it into the integer arithmetic that circuits prove (docs/use/models.md), measures what that ' +
    'loses, commits to the weights and writes a folder that `assay infer` proves with. Weights stay private behind a random factor a block, unless --open.',
  arguments: { file: { flags: '<model.onnx>', description: 'float model', schema: path } },
  options: {
    output: {
      flags: '--output <folder>',
      description: 'where to write the model; must not exist (default: the name of the file, without its ending, in the working directory)',
      schema: path.optional(),
    },
    calibrate: {
      flags: '--calibrate <file>',
      description: 'typical samples, some hundreds: IDX, .npy, CSV, or mnist; they set the range of every neuron',
      schema: path,
    },
    labels: {
      flags: '--labels <file>',
      description: 'their labels (IDX, .npy): accuracy is measured, not only agreement',
      schema: path.optional(),
    },
    test: { flags: '--test <file>', description: 'other samples to measure with', schema: path.optional() },
    testLabels: { flags: '--test-labels <file>', description: 'their labels (IDX, .npy)', schema: path.optional() },
    ...sampleOptions,
    limit: {
      flags: '--limit <count>',
      description: 'calibration samples to use, evenly over the file (default 2000)',
      schema: whole(16, 100_000).default(2000),
    },
    maxLoss: {
      flags: '--max-loss <points>',
      description: 'refuse a model that loses more points of accuracy (of agreement, without labels; default 5)',
      schema: z.coerce.number().min(0).max(100).default(5),
    },
    featureBits: {
      flags: '--feature-bits <bits>',
      description: 'bits of a feature (default 4); more resolve inputs better, and add as many bits to every sum and weight',
      schema: whole(1, 8).default(4),
    },
    activationBits: {
      flags: '--activation-bits <bits>',
      description: 'bits of a hidden activation (default 7); each more adds a range-checked bit a neuron and one to the next sums',
      schema: whole(1, 15).default(7),
    },
    batchLog: {
      flags: '--batch-log <lb>',
      description: 'fractional bits of weights, with --lrk (default 4; as a circuit for training asks: minibatches of 2^lb)',
      schema: whole(0, 10).default(4),
    },
    lrk: {
      flags: '--lrk <k>',
      description: 'fractional bits of weights, with --batch-log (default 1; in training: a rate of 2^-k)',
      schema: whole(0, 16).default(1),
    },
    blockLog: {
      flags: '--block-log <bits>',
      description: 'a commitment holds up to 2^bits weights (default 15)',
      schema: whole(4, 15).default(15),
    },
    private: { flags: '--private', description: 'weights stay private; this is the default', schema: z.boolean().default(false) },
    circuit: { flags: '--no-circuit', description: 'name the circuits, build none', schema: z.boolean().default(true) },
    open: { flags: '--open', description: 'weights are open: anyone can recompute the commitment', schema: z.boolean().default(false) },
  },
  examples: [
    'assay model import mlp.onnx --calibrate mnist --pool 28x28:2 --divide 255 --test mnist --output ./digits',
    'assay model import pipeline.onnx --calibrate train.csv --header --label-column label --test test.csv --output ./cancer',
  ],
  async run(context, input) {
    const { progress, settings, cleanup } = context;
    if (input.private && input.open)
      throw new AssayError('CLI_BAD_OPTION', '--private and --open exclude each other', { exitCode: exitCodes.usage });
    const folder = input.output ?? basename(input.file, extname(input.file));
    if (await fileExists(folder)) {
      throw new AssayError('MODEL_FOLDER_EXISTS', `${folder} exists already`, {
        hint: 'Choose another folder; a model is never overwritten.',
      });
    }
    const { blockCount } = await import('../../commitment/blocks.ts');
    const { createKzg } = await import('../../commitment/kzg.ts');
    const { importOnnx } = await import('../../model/importOnnx.ts');
    const { sizesOf } = await import('../../model/floatModel.ts');
    const { writeModelFolder } = await import('../../model/modelFolder.ts');
    const { compareModels, quantiseModel } = await import('../../model/quantise.ts');
    const { ensureSrs } = await import('../../proof/ceremony.ts');
    const { randomScalar } = await import('../../proof/randomScalar.ts');
    const { defaultSpec, weightBits } = await import('../../quant/spec.ts');
    const { inferenceBounds } = await import('../../quant/inferenceBounds.ts');

    const bytes = await readInputFile(input.file);
    const float = await progress.step('read the model', async () => importOnnx(bytes));
    const sizes = sizesOf(float);
    const bits = { ...defaultSpec(input.batchLog, input.lrk), fx: input.featureBits, fa: input.featureBits, actBits: input.activationBits };
    const spec = { ...bits, wmax: Math.min(2 ** (weightBits(bits) + 2), 2 ** 31 - 1) };
    const { zBits } = inferenceBounds(spec, sizes);
    const blocks = blockCount(sizes, input.blockLog);

    const model = { inputs: sizes[0] as number, classes: sizes.at(-1) as number, classLabels: float.classLabels };
    const { calibration, test, ranges } = await progress.step('read the samples', async () => {
      const table = await loadTable(
        { features: input.calibrate, labels: input.labels, part: 'train' },
        input,
        float.classLabels,
        input.limit,
      );
      const scale = await rangesOf(table, input.range);
      const samples = await toSamples(table, scale, spec.fx, input, model);
      if (input.test === undefined) return { calibration: samples, test: undefined, ranges: scale };
      const other = await loadTable(
        { features: input.test, labels: input.testLabels, part: 't10k' },
        input,
        float.classLabels,
        Number.POSITIVE_INFINITY,
      );
      return { calibration: samples, test: await toSamples(other, scale, spec.fx, input, model), ranges: scale };
    });
    const quantised = await progress.step('quantise', async () => quantiseModel(float, spec, calibration, ranges.length > 1));
    const compared = await progress.step('measure', async () => ({
      calibration: compareModels(float, spec, quantised.weights, calibration),
      test: test === undefined ? null : compareModels(float, spec, quantised.weights, test),
    }));
    assertLoss(compared, input.maxLoss);

    const srs = await progress.step('ceremony files', () => ensureSrs({ ...ceremonyOf(settings), points: 2 ** input.blockLog + 1 }));
    const kzg = await createKzg(srs);
    cleanup.add('the committer', kzg.close);
    const sigmas = input.open ? undefined : Array.from({ length: blocks }, randomScalar);
    const points = await progress.step('commit', () => kzg.commitCheckpoint(sizes, input.blockLog, quantised.weights, sigmas));
    const facts = {
      sizes,
      ceremony: srs.profile,
      private: !input.open,
      blocks,
      spec,
      sumBits: zBits,
      percentile: quantised.percentile,
      logitScale: quantised.logitScale,
      layers: quantised.layers,
      ...compared,
      classLabels: float.classLabels ?? null,
      passedOver: float.passedOver,
      notes: notesOn(compared, input, model.classes, float.binary, calibration.inputs),
    };
    const { modelId, checkpointId } = await writeModelFolder(folder, {
      spec,
      sizes,
      blockLog: input.blockLog,
      ceremony: srs.profile,
      srsId: srs.id,
      points,
      weights: quantised.weights,
      sigmas,
      input: { ranges, pool: input.pool ?? null },
      classLabels: float.classLabels ?? null,
      logitScale: quantised.logitScale,
      report: {
        source: { file: basename(input.file), sha256: createHash('sha256').update(bytes).digest('hex') },
        inputShape: float.inputShape,
        normalisation: { divide: input.divide, mean: input.mean, std: input.std },
        ...facts,
      },
    });
    const committed = { spec, sizes, blockLog: input.blockLog };
    const circuits = await (input.circuit ? buildModelCircuits(context, committed) : modelCircuits(context, committed));
    return { folder, modelId, checkpointId: showId(checkpointId), ...facts, circuits };
  },
  render: (value) =>
    [
      columns([
        ['folder', value.folder],
        ['model', `${value.modelId} (${value.sizes.join('-')})`],
        ['checkpoint', `${value.checkpointId} (${value.private ? 'private' : 'open'}, ${value.blocks} blocks, ${value.ceremony} ceremony)`],
        ...value.layers.map((layer, l) => [
          `layer ${l}`,
          describeLayer(layer, value.spec, value.sumBits[l] as number, l === value.layers.length - 1),
        ]),
        ['calibration', describeComparison(value.calibration)],
        ...(value.test === null ? [] : [['test', describeComparison(value.test)]]),
      ]),
      ...value.notes.map((note) => `note: ${note}`),
      ...renderCircuits(value.circuits),
    ].join('\n'),
});

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function describeComparison({ samples, floatAccuracy, integerAccuracy, agreement, loss }: ModelComparison): string {
  const accuracy =
    floatAccuracy === null || integerAccuracy === null
      ? ''
      : `float ${percent(floatAccuracy)}, integer ${percent(integerAccuracy)} right; `;
  return `${accuracy}same class for ${percent(agreement)} of ${samples} samples; ${loss.toFixed(2)} points lost`;
}

function describeLayer(layer: LayerReport, spec: ArithmeticSpec, sumBits: number, last: boolean): string {
  const [least, median, largest] = layer.scale.map((value) => value.toPrecision(3));
  const scale = last
    ? `${median} a unit of logit`
    : `${least} to ${largest} (median ${median}) a unit of activation, ${percent(layer.saturatedActivations)} cut off`;
  return `${scale}; largest |W| ${layer.largestWeight} of ${spec.wmax}; sums of ${sumBits} bits`;
}

type Compared = { readonly calibration: ModelComparison; readonly test: ModelComparison | null };

/** @throws MODEL_IMPORT_LOSS */
function assertLoss({ calibration, test }: Compared, maxLoss: number): void {
  const worst = test !== null && test.loss > calibration.loss ? test : calibration;
  if (worst.loss <= maxLoss) return;
  throw new AssayError('MODEL_IMPORT_LOSS', `the integers lose ${worst.loss.toFixed(2)} points, allowed are ${maxLoss} (--max-loss)`, {
    details: `${worst === test ? 'test' : 'calibration'}: ${describeComparison(worst)}`,
    hint: 'Try --feature-bits 6 and --activation-bits 9, more calibration samples, or a --range that fits them; a model with weight decay quantises better.',
  });
}

function notesOn({ calibration, test }: Compared, input: Input, classes: number, binary: boolean, inputs: Float64Array): string[] {
  const accuracy = (test ?? calibration).floatAccuracy;
  const raw = input.divide === 1 && input.mean === 0 && input.std === 1 && ranges255(inputs);
  return [
    ...(accuracy !== null && accuracy < Math.max(0.5, 1.5 / classes)
      ? [`the float model itself classifies only ${percent(accuracy)} right: are --divide, --mean and --std those of its training?`]
      : []),
    ...(raw ? ['the model is given bytes as they are, 0 to 255: one that was trained behind ToTensor needs --divide 255'] : []),
    ...(calibration.samples < 100 ? [`${calibration.samples} calibration samples are few: rare activations may be cut off`] : []),
    ...(test === null ? ['measured on the calibration samples alone; --test says more'] : []),
    ...(binary ? ['one logistic output became two logits: 0 for class 0, and the output for class 1'] : []),
    ...(input.open ? [] : ['secrets.json and weights.checkpoint open the commitment: keep a copy, and show only model.json']),
  ];
}

/** Bytes of images that nothing has scaled. */
const ranges255 = (inputs: Float64Array): boolean => inputs.some((x) => x > 127) && inputs.every((x) => x >= 0 && x <= 255);
