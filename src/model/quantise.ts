import { AssayError } from '../errors.ts';
import { largestWeight } from '../quant/exact.ts';
import { firstLargest, forwardPass, type LayerForward } from '../quant/forwardPass.ts';
import { inferenceBounds } from '../quant/inferenceBounds.ts';
import { type ArithmeticSpec, assertSpec, weightBits } from '../quant/spec.ts';
import { assertArchitecture } from './architecture.ts';
import { type DenseLayer, type FloatModel, runFloatModel, sizesOf } from './floatModel.ts';

/** Samples twice: as the integer model takes them, and as the float model does. */
export type ModelSamples = {
  /** samples x inputs, each in [0, 2^fx). */
  readonly features: Uint8Array;
  /** samples x inputs. */
  readonly inputs: Float64Array;
  /** A class number a sample. */
  readonly labels: Uint8Array | undefined;
};

export type LayerReport = {
  /** Integer units of an activation (of z in the last layer) that one unit of the float model's became: least, median, largest over the neurons. */
  readonly scale: readonly [least: number, median: number, largest: number];
  /** Share of the hidden activations of the calibration samples that the integer range cut off. */
  readonly saturatedActivations: number;
  /** Neurons that wmax kept from using the whole range. */
  readonly limitedNeurons: number;
  /** Share of the weights at +-wmax; none is cut off there, scales give way. */
  readonly weightsAtLimit: number;
  readonly largestWeight: number;
};

export type QuantisedModel = {
  readonly sizes: readonly number[];
  /** Layer l row-major, (sizes[l] + 1) x sizes[l+1], bias row last; |W| <= wmax. */
  readonly weights: readonly Int32Array[];
  /** z of the last layer is about this times the float model's logit. */
  readonly logitScale: number;
  /** Share of the calibration samples whose activations were to fit, per neuron: the one that lost least. */
  readonly percentile: number;
  readonly layers: readonly LayerReport[];
};

/** How much of the activations of a neuron must fit its range. All are tried; saturating few often resolves the others better. */
const percentiles = [1, 0.999, 0.995, 0.98] as const;

/** Samples that run at a time. */
const chunk = 1000;

/** Samples that are enough to compare them by. */
const trialSamples = 1000;
const leastSamples = 16;

/** A neuron is not blown up by more than this over its layer: what calibration saw little of may be larger elsewhere. */
const largestBoost = 4;

/** What bias correction may still add to a bias row that fills wmax. */
const biasReserve = 0.98;

/** What one level of a feature is in the float model's input: input = factor * level + shift, by least squares over the samples. */
type LevelMap = { readonly factor: Float64Array; readonly shift: Float64Array };

function fitLevels({ features, inputs }: ModelSamples, width: number, perColumn: boolean): LevelMap {
  const groups = perColumn ? width : 1;
  const sums = Array.from({ length: groups }, () => ({ n: 0, q: 0, x: 0, qq: 0, qx: 0 }));
  for (let at = 0; at < features.length; at++) {
    const sum = sums[perColumn ? at % width : 0] as (typeof sums)[number];
    const q = features[at] as number;
    const x = inputs[at] as number;
    sum.n++;
    sum.q += q;
    sum.x += x;
    sum.qq += q * q;
    sum.qx += q * x;
  }
  const lines = sums.map(({ n, q, x, qq, qx }) => {
    const spread = n * qq - q * q;
    // A column with one level says nothing; its mean goes into the bias.
    const factor = spread > 0 ? (n * qx - q * x) / spread : 0;
    return { factor, shift: (x - factor * q) / n };
  });
  const line = (i: number) => lines[perColumn ? i : 0] as (typeof lines)[number];
  return {
    factor: Float64Array.from({ length: width }, (_, i) => line(i).factor),
    shift: Float64Array.from({ length: width }, (_, i) => line(i).shift),
  };
}

/** The first layer on levels in place of the float model's inputs. */
function onLevels(layer: DenseLayer, { factor, shift }: LevelMap): DenseLayer {
  const { outputs } = layer;
  const bias = Float64Array.from(layer.bias);
  const weights = layer.weights.map((w, at) => {
    const i = Math.floor(at / outputs);
    bias[at % outputs] = (bias[at % outputs] as number) + w * (shift[i] as number);
    return w * (factor[i] as number);
  });
  return { ...layer, weights, bias };
}

type Trial = { readonly weights: Int32Array[]; readonly scales: Float64Array[]; readonly limited: number[] };

/** Activations of each hidden layer's neurons, sorted, zeros and all. */
type Ranges = readonly Float64Array[][];

const at = (sorted: Float64Array, percentile: number): number => sorted[Math.max(0, Math.ceil(percentile * sorted.length) - 1)] ?? 0;

function wantedScales(neurons: readonly Float64Array[], percentile: number, top: number): Float64Array {
  const reach = neurons.map((sorted) => at(sorted, percentile));
  const live = reach.filter((x) => x > 0);
  const layer = top / (live.length === 0 ? 1 : Math.max(...live));
  return Float64Array.from(reach, (x) => (x > 0 ? Math.min(top / x, largestBoost * layer) : layer));
}

/** Weights in integers, layer by layer, for activations that are to fit up to `percentile`. */
function roundWeights(spec: ArithmeticSpec, layers: readonly DenseLayer[], ranges: Ranges, percentile: number): Trial {
  const one = 2 ** weightBits(spec);
  const biasInput = 2 ** spec.fa;
  const top = 2 ** spec.actBits - 0.5;
  let before = new Float64Array((layers[0] as DenseLayer).inputs).fill(1);
  const trial: Trial = { weights: [], scales: [], limited: [] };
  layers.forEach(({ inputs, outputs, weights, bias, relu }, l) => {
    // Largest scale at which every weight of a neuron stays within wmax.
    const limit = Float64Array.from({ length: outputs }, (_, j) => {
      let largest = 0;
      for (let i = 0; i < inputs; i++) largest = Math.max(largest, Math.abs((weights[i * outputs + j] as number) / (before[i] as number)));
      const forWeights = spec.wmax / (one * largest);
      // Half a unit goes on top of the bias of a hidden layer: floor becomes rounding.
      const room = biasReserve * spec.wmax * biasInput - (relu ? one / 2 : 0);
      return Math.min(forWeights, room / (one * Math.abs(bias[j] as number)));
    });
    // One scale for all logits: it keeps their order.
    const shared = Math.min(...limit);
    const wanted = relu
      ? wantedScales(ranges[l] as Float64Array[], percentile, top)
      : new Float64Array(outputs).fill(Number.isFinite(shared) ? shared : 1);
    const scale = wanted.map((c, j) => Math.min(c, limit[j] as number));
    trial.limited.push(relu ? scale.filter((c, j) => c < (wanted[j] as number)).length : 0);
    const rounded = new Int32Array((inputs + 1) * outputs);
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < outputs; j++) {
        rounded[i * outputs + j] = clipTo(
          spec.wmax,
          (one * (scale[j] as number) * (weights[i * outputs + j] as number)) / (before[i] as number),
        );
      }
    }
    for (let j = 0; j < outputs; j++) {
      rounded[inputs * outputs + j] = clipTo(
        spec.wmax,
        (one * (scale[j] as number) * (bias[j] as number) + (relu ? one / 2 : 0)) / biasInput,
      );
    }
    trial.weights.push(rounded);
    trial.scales.push(scale);
    before = scale;
  });
  return trial;
}

const clipTo = (limit: number, value: number): number => Math.max(-limit, Math.min(limit, Math.round(value)));

/**
 * Moves each bias so that the mean of z over the samples is the float model's: rounding features and activations shifts it otherwise. Layer by layer, as
 * a corrected layer changes what the next one sees.
 *
 * @param means mean of each neuron of the float model before its ReLU
 */
function correctBiases(
  spec: ArithmeticSpec,
  sizes: readonly number[],
  trial: Trial,
  features: Uint8Array,
  means: readonly Float64Array[],
): void {
  const one = 2 ** weightBits(spec);
  const count = features.length / (sizes[0] as number);
  for (let l = 0; l < trial.weights.length; l++) {
    const outputs = sizes[l + 1] as number;
    const inputs = sizes[l] as number;
    const layer = trial.weights[l] as Int32Array;
    const hidden = l < trial.weights.length - 1;
    const sums = new Float64Array(outputs);
    const { z } = forwardPass(spec, sizes.slice(0, l + 2), trial.weights.slice(0, l + 1), features).at(-1) as LayerForward;
    for (let i = 0; i < z.length; i++) sums[i % outputs] = (sums[i % outputs] as number) + (z[i] as number);
    for (let j = 0; j < outputs; j++) {
      const target =
        one * ((trial.scales[l] as Float64Array)[j] as number) * ((means[l] as Float64Array)[j] as number) + (hidden ? one / 2 : 0);
      const bias = (layer[inputs * outputs + j] as number) + (target - (sums[j] as number) / count) / 2 ** spec.fa;
      layer[inputs * outputs + j] = clipTo(spec.wmax, bias);
    }
  }
}

/**
 * A float model in the integers of `spec`. ReLU is homogeneous, so every hidden neuron has a scale of its own: the one at which its activations on the
 * calibration samples fill [0, 2^actBits) without |W| leaving wmax. All logits share one scale, so the class is that of the float model, up to rounding.
 *
 * @param samples at least 16, typical ones; their labels are not used
 * @param perColumn true where every column of the features has a range of its own
 * @throws QUANT_SPEC_INVALID, QUANT_BOUND_EXCEEDED, MODEL_ARCHITECTURE_INVALID, MODEL_CALIBRATION_SMALL, MODEL_INPUT_INVALID
 */
export function quantiseModel(model: FloatModel, spec: ArithmeticSpec, samples: ModelSamples, perColumn: boolean): QuantisedModel {
  assertSpec(spec);
  const sizes = sizesOf(model);
  assertArchitecture(sizes);
  inferenceBounds(spec, sizes);
  const width = sizes[0] as number;
  const count = samples.features.length / width;
  if (!Number.isSafeInteger(count) || samples.inputs.length !== samples.features.length || !samples.inputs.every(Number.isFinite)) {
    throw new AssayError('MODEL_INPUT_INVALID', `the calibration samples are no samples of ${width} values`);
  }
  if (count < leastSamples) {
    throw new AssayError('MODEL_CALIBRATION_SMALL', `${count} calibration samples, at least ${leastSamples} are needed`, {
      hint: 'Give some hundreds of typical samples; they set the range of every neuron.',
    });
  }
  const layers = model.layers.map((layer, l) => (l === 0 ? onLevels(layer, fitLevels(samples, width, perColumn)) : layer));
  const last = layers.length - 1;
  const ranges: Float64Array[][] = [];
  const means: Float64Array[] = [];
  // Without their ReLU the layers show what bias correction aims at; the ReLU is applied to what is sorted.
  const logits = runFloatModel(model, samples.inputs, (l, outputs) => {
    if (l === last) return;
    const m = sizes[l + 1] as number;
    ranges.push(Array.from({ length: m }, (_, j) => Float64Array.from({ length: count }, (_, s) => outputs[s * m + j] as number).sort()));
  });
  means.push(...meansBeforeRelu(model, samples.inputs, count));
  const trialCount = Math.min(count, trialSamples);
  const trialFeatures = samples.features.subarray(0, trialCount * width);
  const classes = sizes.at(-1) as number;
  const wanted = firstLargest(logits.subarray(0, trialCount * classes), classes);
  let best: { trial: Trial; percentile: number; agreed: number; error: number } | undefined;
  for (const percentile of layers.length > 1 ? percentiles : [1]) {
    const trial = roundWeights(spec, layers, ranges, percentile);
    correctBiases(spec, sizes, trial, samples.features, means);
    const { z } = forwardPass(spec, sizes, trial.weights, trialFeatures).at(-1) as LayerForward;
    const scale = (trial.scales[last] as Float64Array)[0] as number;
    const unit = scale * 2 ** weightBits(spec);
    const found = firstLargest(z, classes);
    const agreed = wanted.reduce((sum, c, s) => sum + (found[s] === c ? 1 : 0), 0);
    const error = z.reduce((sum, value, i) => sum + (value / unit - (logits[i] as number)) ** 2, 0);
    if (best === undefined || agreed > best.agreed || (agreed === best.agreed && error < best.error))
      best = { trial, percentile, agreed, error };
  }
  const { trial, percentile } = best as NonNullable<typeof best>;
  const saturated = saturatedShares(spec, sizes, trial.weights, samples.features);
  return {
    sizes,
    weights: trial.weights,
    logitScale: ((trial.scales[last] as Float64Array)[0] as number) * 2 ** weightBits(spec),
    percentile,
    layers: trial.weights.map((weights, l) => {
      const sorted = Float64Array.from(trial.scales[l] as Float64Array, (c) => (l === last ? c * 2 ** weightBits(spec) : c)).sort();
      return {
        scale: [sorted[0] as number, sorted[sorted.length >> 1] as number, sorted.at(-1) as number],
        saturatedActivations: saturated[l] ?? 0,
        limitedNeurons: trial.limited[l] as number,
        weightsAtLimit: weights.filter((w) => Math.abs(w) === spec.wmax).length / weights.length,
        largestWeight: largestWeight([weights]),
      };
    }),
  };
}

function meansBeforeRelu(model: FloatModel, inputs: Float64Array, count: number): Float64Array[] {
  const means: Float64Array[] = [];
  // Layer by layer on the one before it, whose outputs have their ReLU.
  let values = inputs;
  for (const layer of model.layers) {
    const sums = new Float64Array(layer.outputs);
    const before = runFloatModel({ layers: [{ ...layer, relu: false }] }, values);
    for (let i = 0; i < before.length; i++) sums[i % layer.outputs] = (sums[i % layer.outputs] as number) + (before[i] as number);
    means.push(sums.map((sum) => sum / count));
    values = layer.relu ? before.map((x) => Math.max(0, x)) : before;
  }
  return means;
}

function saturatedShares(spec: ArithmeticSpec, sizes: readonly number[], weights: readonly Int32Array[], features: Uint8Array): number[] {
  const end = 2 ** (weightBits(spec) + spec.actBits);
  return forwardPass(spec, sizes, weights, features)
    .slice(0, -1)
    .map(({ z }) => z.reduce((sum, value) => sum + (value >= end ? 1 : 0), 0) / z.length);
}

export type ModelComparison = {
  readonly samples: number;
  /** Share of the samples that the float model classifies right; null without labels. */
  readonly floatAccuracy: number | null;
  readonly integerAccuracy: number | null;
  /** Share of the samples that both put into the same class. */
  readonly agreement: number;
  /** Points lost: of accuracy, or of agreement where there are no labels. */
  readonly loss: number;
};

/** Runs the float and the integer model on the same samples. @throws MODEL_INPUT_INVALID, QUANT_FORWARD_INVALID */
export function compareModels(
  model: FloatModel,
  spec: ArithmeticSpec,
  weights: readonly Int32Array[],
  samples: ModelSamples,
): ModelComparison {
  const sizes = sizesOf(model);
  const classes = sizes.at(-1) as number;
  const width = sizes[0] as number;
  const count = samples.features.length / width;
  const float = new Uint8Array(count);
  const integer = new Uint8Array(count);
  // In parts: every layer's values are held at once.
  for (let from = 0; from < count; from += chunk) {
    const part = [from * width, Math.min(count, from + chunk) * width] as const;
    float.set(firstLargest(runFloatModel(model, samples.inputs.subarray(...part)), classes), from);
    const { z } = forwardPass(spec, sizes, weights, samples.features.subarray(...part)).at(-1) as LayerForward;
    integer.set(firstLargest(z, classes), from);
  }
  const share = (found: Uint8Array, wanted: Uint8Array): number =>
    found.reduce((sum, c, s) => sum + (c === wanted[s] ? 1 : 0), 0) / found.length;
  const agreement = share(integer, float);
  const { labels } = samples;
  const floatAccuracy = labels === undefined ? null : share(float, labels);
  const integerAccuracy = labels === undefined ? null : share(integer, labels);
  const loss = 100 * (floatAccuracy === null || integerAccuracy === null ? 1 - agreement : Math.max(0, floatAccuracy - integerAccuracy));
  return { samples: float.length, floatAccuracy, integerAccuracy, agreement, loss };
}
