import type { Hex } from 'viem';
import { blocksOf } from '../../src/commitment/blocks.ts';
import { mod, pow } from '../../src/commitment/field.ts';
import { checkpointId, maskId, modelId, type Shape, specId } from '../../src/commitment/ids.ts';
import type { Kzg, Point, Weights } from '../../src/commitment/kzg.ts';
import type { OpenWindowParameters } from '../../src/commitment/opening.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { fieldElements, integers } from './random.ts';

/** The spec of every opening fixture. */
export const fixtureSpec = { fx: 4, fa: 4, fd: 4, lrk: 1, lb: 4, actBits: 7, wmax: 2 ** 15 };

/** Integers of 17 bits with sign, in a checkpoint's shape. */
export function someWeights(label: string, sizes: readonly number[]): Int32Array[] {
  return sizes.slice(1).map((columns, l) => {
    const count = ((sizes[l] as number) + 1) * columns;
    return Int32Array.from(integers(`${label} ${l}`, count), (x) => Number(BigInt.asIntN(17, x)));
  });
}

export function zeroWeights(sizes: readonly number[]): Int32Array[] {
  return sizes.slice(1).map((columns, l) => new Int32Array(((sizes[l] as number) + 1) * columns));
}

/** The masked claim E by its definition: the sketches y and u of the running circuit, and the mask's claim. */
export function claimOf(sizes: readonly number[], parent: Weights, child: Weights, mask: readonly bigint[], a: bigint, b: bigint): bigint {
  const layers = sizes.length - 1;
  const rho = pow(a, 65536n);
  const y = (weights: Weights, l: number): bigint => {
    const columns = sizes[l + 1] as number;
    let sum = 0n;
    for (let i = 0; i <= (sizes[l] as number); i++) {
      for (let j = 0; j < columns; j++) {
        sum += pow(a, BigInt(i)) * BigInt((weights[l] as Int32Array)[i * columns + j] as number) * pow(b, BigInt(j));
      }
    }
    return mod(sum);
  };
  const u = (weights: Weights, l: number): bigint => {
    const columns = sizes[l + 1] as number;
    let sum = 0n;
    for (let i = 0; i < (sizes[l] as number); i++) {
      for (let j = 0; j < columns; j++) {
        sum += pow(b, BigInt(i)) * BigInt((weights[l] as Int32Array)[i * columns + j] as number) * pow(a, BigInt(j));
      }
    }
    return mod(sum);
  };
  const claims = [
    ...Array.from({ length: layers }, (_, l) => y(parent, l)),
    ...Array.from({ length: layers }, (_, l) => y(child, l)),
    ...Array.from({ length: layers - 1 }, (_, l) => u(parent, l + 1)),
    mask.reduce((sum, r, k) => sum + r * pow(b, BigInt(Math.floor(k / 4) + (k % 4))), 0n),
  ];
  return mod(claims.reduce((sum, claim, t) => sum + pow(rho, BigInt(t)) * claim, 0n));
}

export type Fixture = OpenWindowParameters & {
  readonly kind: 'train-window';
  readonly shape: Shape;
  readonly parentPoints: readonly Point[];
  readonly childPoints: readonly Point[];
};

export type FixtureOptions = {
  readonly sizes?: readonly number[];
  readonly blockLog?: number;
  readonly open?: boolean;
  readonly parent?: Weights;
  readonly child?: Weights;
  readonly mask?: readonly bigint[];
  readonly outputs?: readonly [bigint, bigint];
  readonly label?: string;
};

export const fixtureVerifier = '0x00000000000000000000000000000000000a55a7' as const;

/** Everything an honest prover puts into an opening. b and a stand for the circuit's challenges. */
export async function windowFixture(kzg: Kzg, srs: Srs, options: FixtureOptions = {}): Promise<Fixture> {
  const { sizes = [6, 5, 3], blockLog = 4, open = true, label = 'window' } = options;
  const parent = options.parent ?? someWeights(`${label} parent`, sizes);
  const child = options.child ?? someWeights(`${label} child`, sizes);
  const mask = options.mask ?? fieldElements(`${label} mask`, 16);
  const blocks = blocksOf(sizes, blockLog).length;
  const sigmas = open
    ? {}
    : { parentSigmas: fieldElements(`${label} parent sigma`, blocks), childSigmas: fieldElements(`${label} child sigma`, blocks) };
  const parentPoints = await kzg.commitCheckpoint(sizes, blockLog, parent, sigmas.parentSigmas);
  const childPoints = await kzg.commitCheckpoint(sizes, blockLog, child, sigmas.childSigmas);
  const shape: Shape = {
    specId: specId(fixtureSpec),
    srsId: srs.id,
    blockLog,
    sizes,
    batch: 16,
    steps: 2,
    treeDepth: 5,
    honkProofBytes: 64,
    g2Tau: srs.g2Tau,
  };
  const model = modelId(shape);
  const [context, datasetRoot, batchSeed] = fieldElements(`${label} statement`, 3) as [bigint, bigint, bigint];
  const statement = [
    context,
    checkpointId(model, parentPoints),
    checkpointId(model, childPoints),
    maskId(await kzg.commitMask(mask)),
    datasetRoot,
    batchSeed,
    7n,
    123456n,
  ];
  const [b, a] = options.outputs ?? (fieldElements(`${label} challenges`, 2) as [bigint, bigint]);
  return {
    kind: 'train-window',
    chainId: 31337n,
    verifier: fixtureVerifier,
    circuitId: `0x${'c1'.repeat(32)}` as Hex,
    open,
    statement,
    sizes,
    blockLog,
    parent,
    child,
    ...sigmas,
    parentPoints,
    childPoints,
    mask,
    outputs: [b, a, claimOf(sizes, parent, child, mask, a, b)],
    shape,
  };
}
