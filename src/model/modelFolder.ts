import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import { blockCount } from '../commitment/blocks.ts';
import { Q, R } from '../commitment/field.ts';
import { checkpointId as checkpointIdOf, modelId as modelIdOf, specId } from '../commitment/ids.ts';
import type { Point } from '../commitment/kzg.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { largestWeight } from '../quant/exact.ts';
import { type ArithmeticSpec, assertSpec } from '../quant/spec.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';

/** How raw samples become features: pooled where they are images, then scaled as `dataset import` does. */
export type ModelInput = {
  /** [low, high) of the raw values: one for all columns, or one a column. */
  readonly ranges: readonly (readonly [low: number, high: number])[];
  readonly pool: { readonly height: number; readonly width: number; readonly factor: number } | null;
};

/** A committed model with its weights: what `assay infer` proves with. */
export type ModelFolder = {
  readonly spec: ArithmeticSpec;
  /** Neurons per layer, inputs first. */
  readonly sizes: readonly number[];
  readonly blockLog: number;
  readonly ceremony: 'dev' | 'public';
  readonly srsId: Hex;
  readonly modelId: Hex;
  readonly checkpointId: bigint;
  /** Commitments of the blocks, layer by layer, block by block. */
  readonly points: readonly Point[];
  /** Layer l row-major, (sizes[l] + 1) x sizes[l+1], bias row last. */
  readonly weights: readonly Int32Array[];
  /** One secret a block; undefined where the weights are open. */
  readonly sigmas: readonly bigint[] | undefined;
  /** Null where it is not known: a training checkpoint takes features as its data set has them. */
  readonly input: ModelInput | null;
  /** What the classes are called, in order; null where they have no names. */
  readonly classLabels: readonly (number | string)[] | null;
  /** A logit of the proof divided by this is about a logit of the float model; null where there was none. */
  readonly logitScale: number | null;
};

const files = { model: 'model.json', weights: 'weights.checkpoint', secrets: 'secrets.json', report: 'report.json' } as const;

const hex32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as Hex);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const finite = z.number();
const whole = z.number().int();

const modelSchema = z.strictObject({
  format: z.literal('assay-model'),
  version: z.literal(1),
  spec: z.strictObject({ fx: whole, fa: whole, fd: whole, lrk: whole, lb: whole, actBits: whole, wmax: whole }),
  sizes: z.array(whole).min(2).max(17),
  blockLog: whole,
  ceremony: z.enum(['dev', 'public']),
  srsId: hex32,
  modelId: hex32,
  checkpointId: hex32,
  points: z.array(z.tuple([hex32, hex32])).max(64),
  /** Null where the weights are private: a digest would let anyone test guesses. */
  weightsSha256: sha256.nullable(),
  input: z
    .strictObject({
      ranges: z
        .array(z.tuple([finite, finite]))
        .min(1)
        .max(65535),
      pool: z.strictObject({ height: whole, width: whole, factor: whole }).nullable(),
    })
    .nullable(),
  classLabels: z.array(z.union([finite, z.string()])).nullable(),
  logitScale: finite.nullable(),
});

const secretsSchema = z.strictObject({
  format: z.literal('assay-model-secrets'),
  version: z.literal(1),
  checkpointId: hex32,
  weightsSha256: sha256,
  sigmas: z.array(hex32).max(64),
});

const digest = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;
const canonical = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export type WriteModelFolderParameters = Omit<ModelFolder, 'modelId' | 'checkpointId'> & {
  /** What is known of how the model came to be; nothing reads it but people. */
  readonly report: Readonly<Record<string, unknown>>;
};

/**
 * Writes a committed model: model.json (may be shown to anyone), weights.checkpoint, report.json and, where the weights are private, secrets.json with the
 * blinding factors. All of it or nothing, never over another; what is private has mode 0600.
 *
 * @returns the ids of what was written
 * @throws MODEL_FOLDER_EXISTS, MODEL_FOLDER_WRITE, MODEL_WEIGHTS_INVALID
 */
export async function writeModelFolder(
  path: string,
  { report, ...model }: WriteModelFolderParameters,
): Promise<{ readonly modelId: Hex; readonly checkpointId: bigint }> {
  const { spec, sizes, blockLog, srsId, points, weights, sigmas } = model;
  const modelId = modelIdOf({ specId: specId(spec), srsId, blockLog, sizes });
  const checkpointId = checkpointIdOf(modelId, points);
  const blob = encodeCheckpoint({ modelId, sizes, weights });
  const text = canonical({
    format: 'assay-model',
    version: 1,
    spec: { fx: spec.fx, fa: spec.fa, fd: spec.fd, lrk: spec.lrk, lb: spec.lb, actBits: spec.actBits, wmax: spec.wmax },
    sizes,
    blockLog,
    ceremony: model.ceremony,
    srsId,
    modelId,
    checkpointId: word(checkpointId),
    points: points.map(([x, y]) => [word(x), word(y)]),
    weightsSha256: sigmas === undefined ? digest(blob) : null,
    input: model.input === null ? null : { ranges: model.input.ranges, pool: model.input.pool },
    classLabels: model.classLabels,
    logitScale: model.logitScale,
  });
  const target = resolve(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
  const mode = sigmas === undefined ? 0o644 : 0o600;
  try {
    await mkdir(temporary, { recursive: true, mode: sigmas === undefined ? 0o755 : 0o700 });
    await writeFile(join(temporary, files.model), text);
    await writeFile(join(temporary, files.weights), blob, { mode });
    await writeFile(join(temporary, files.report), canonical(report), { mode });
    if (sigmas !== undefined) {
      const secrets = {
        format: 'assay-model-secrets',
        version: 1,
        checkpointId: word(checkpointId),
        weightsSha256: digest(blob),
        sigmas: sigmas.map(word),
      };
      await writeFile(join(temporary, files.secrets), canonical(secrets), { mode });
      // The umask may have taken bits away, it never adds any; this is for a folder that stood there with others.
      await chmod(join(temporary, files.secrets), 0o600);
    }
    // Fails where the name is taken by a file or by a folder that holds something.
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') {
      throw new AssayError('MODEL_FOLDER_EXISTS', `${path} exists already`, {
        cause,
        hint: 'Choose another folder; a model is never overwritten.',
      });
    }
    throw new AssayError('MODEL_FOLDER_WRITE', `cannot write ${path}`, {
      cause,
      details: message,
      hint: 'May this user write there, and is there room?',
    });
  }
  return { modelId, checkpointId };
}

const refuse = (path: string, what: string, cause?: unknown): AssayError =>
  new AssayError('MODEL_FOLDER_CORRUPT', `${path} is not a model as Assay wrote it: ${what}`, {
    cause,
    exitCode: exitCodes.artifactMismatch,
    hint: 'Restore the folder from a copy, or import the model again (which commits to it anew).',
  });

async function read(folder: string, name: string): Promise<Uint8Array> {
  const path = join(folder, name);
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new AssayError('MODEL_FOLDER_MISSING', `cannot read ${path}`, {
      cause,
      details: (cause as Error).message,
      hint: 'A model folder is what `assay model import` or `assay model from-checkpoint` writes.',
    });
  }
}

async function assertPrivate(folder: string, name: string): Promise<void> {
  // Windows has no such bits.
  if (process.platform === 'win32') return;
  const path = join(folder, name);
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  throw new AssayError('MODEL_PERMISSIONS', `${path} can be read by others (mode ${(mode & 0o777).toString(8)})`, {
    hint: `Take it as known to others, or run: chmod 600 ${path}`,
    exitCode: exitCodes.keysNeeded,
  });
}

function parse<T>(folder: string, name: string, bytes: Uint8Array, schema: z.ZodType<T>): T {
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    parsed = JSON.parse(text);
  } catch (cause) {
    throw refuse(folder, `${name} is not JSON`, cause);
  }
  const result = schema.safeParse(parsed);
  if (!result.success) throw refuse(folder, `${name}: ${z.prettifyError(result.error)}`);
  // One text for one model: no doubled keys, no reordering, no spelling of numbers of one's own.
  if (canonical(result.data) !== text) throw refuse(folder, `${name} is not written canonically`);
  return result.data;
}

/** The identity, or a point of the curve. */
const onCurve = ([x, y]: Point): boolean => (x === 0n && y === 0n) || (x < Q && y < Q && (y * y - x * x * x - 3n) % Q === 0n);

/** What anyone may see of a model: `model.json`. */
export type ModelCard = Omit<ModelFolder, 'weights' | 'sigmas'> & {
  /** Null where the weights are private. */
  readonly weightsSha256: string | null;
};

/**
 * Reads what `model.json` of a folder says, strictly: ids recomputed from what they are ids of, points on the curve. Weights are not looked at.
 *
 * @throws MODEL_FOLDER_MISSING, MODEL_FOLDER_CORRUPT (exit 6)
 */
export async function readModelCard(path: string): Promise<ModelCard> {
  const model = parse(path, files.model, await read(path, files.model), modelSchema);
  const { spec, sizes, blockLog, ceremony, srsId, modelId, input, classLabels, logitScale, weightsSha256 } = model;
  const points = model.points.map(([x, y]): Point => [BigInt(x), BigInt(y)]);
  let blocks: number;
  try {
    assertSpec(spec);
    blocks = blockCount(sizes, blockLog);
  } catch (cause) {
    throw refuse(path, (cause as Error).message, cause);
  }
  if (modelId !== modelIdOf({ specId: specId(spec), srsId, blockLog, sizes })) throw refuse(path, 'its model id is of another model');
  if (points.length !== blocks || !points.every(onCurve))
    throw refuse(path, `${points.length} points for ${blocks} blocks, or one not on the curve`);
  const checkpointId = checkpointIdOf(modelId, points);
  if (model.checkpointId !== word(checkpointId)) throw refuse(path, 'its checkpoint id is of other points');
  if (input !== null && input.ranges.length !== 1 && input.ranges.length !== sizes[0])
    throw refuse(path, `${input.ranges.length} ranges for ${sizes[0]} inputs`);
  if (classLabels !== null && classLabels.length !== sizes.at(-1))
    throw refuse(path, `${classLabels.length} class names for ${sizes.at(-1)} classes`);
  return { spec, sizes, blockLog, ceremony, srsId, modelId, checkpointId, points, input, classLabels, logitScale, weightsSha256 };
}

/**
 * Reads a model folder strictly: ids recomputed from what they are ids of, points on the curve, weights by their hash, their model id and wmax, secrets
 * readable by their owner alone. That the points commit to the weights is checked by `assay model show --verify`, and by every opening.
 *
 * @throws MODEL_FOLDER_MISSING, MODEL_FOLDER_CORRUPT (exit 6), MODEL_PERMISSIONS (exit 4)
 */
export async function readModelFolder(path: string): Promise<ModelFolder> {
  const { weightsSha256, ...model } = await readModelCard(path);
  const { spec, sizes, modelId, points } = model;

  const open = weightsSha256 !== null;
  const blob = await read(path, files.weights);
  let sigmas: bigint[] | undefined;
  let expected = weightsSha256;
  if (!open) {
    const bytes = await read(path, files.secrets);
    await assertPrivate(path, files.secrets);
    await assertPrivate(path, files.weights);
    const secrets = parse(path, files.secrets, bytes, secretsSchema);
    if (secrets.checkpointId !== word(model.checkpointId)) throw refuse(path, `${files.secrets} is of another checkpoint`);
    sigmas = secrets.sigmas.map(BigInt);
    if (sigmas.length !== points.length || sigmas.some((sigma) => sigma >= R))
      throw refuse(path, `${files.secrets} does not hold ${points.length} field elements`);
    expected = secrets.weightsSha256;
  }
  if (digest(blob) !== expected) throw refuse(path, `${files.weights} differs from its hash`);
  let weights: readonly Int32Array[];
  try {
    const checkpoint = decodeCheckpoint(blob);
    if (checkpoint.modelId !== modelId || checkpoint.sizes.join() !== sizes.join())
      throw refuse(path, `${files.weights} is of another model`);
    weights = checkpoint.weights;
  } catch (cause) {
    if (cause instanceof AssayError && cause.code === 'MODEL_FOLDER_CORRUPT') throw cause;
    throw refuse(path, `${files.weights}: ${(cause as Error).message}`, cause);
  }
  if (largestWeight(weights) > spec.wmax) throw refuse(path, `${files.weights} has a weight beyond wmax`);
  return { ...model, weights, sigmas };
}
