import { type Hex, zeroHash } from 'viem';
import { blocksOf } from '../../src/commitment/blocks.ts';
import { mod, pow } from '../../src/commitment/field.ts';
import {
  checkpointId,
  type InferenceShape,
  inferenceWords,
  type ModelShape,
  maskId,
  modelId,
  specId,
  type WellFormedShape,
} from '../../src/commitment/ids.ts';
import type { Kzg, Point, Weights } from '../../src/commitment/kzg.ts';
import { openInference } from '../../src/commitment/openInference.ts';
import type { OpenCheckpointParameters } from '../../src/commitment/opening.ts';
import { openWellFormed } from '../../src/commitment/openWellFormed.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { fixtureSpec, fixtureVerifier, someWeights } from './openingFixture.ts';
import { fieldElements } from './random.ts';

/** Everything that an honest prover of one checkpoint puts into an opening. */
export type OneCheckpointFixture = OpenCheckpointParameters & {
  readonly open: false;
  readonly weights: Weights;
  readonly sigmas?: readonly bigint[] | undefined;
  readonly points: readonly Point[];
} & (
    | { readonly kind: 'inference'; readonly shape: InferenceShape }
    | { readonly kind: 'well-formed'; readonly shape: WellFormedShape; readonly segment: number; readonly blocksPerProof: number }
  );

export type OneCheckpointOptions = {
  readonly sizes?: readonly number[];
  readonly blockLog?: number;
  /** The commitments have sigmas; true unless said otherwise. */
  readonly blinded?: boolean;
  readonly weights?: Weights;
  readonly mask?: readonly bigint[];
  readonly outputs?: readonly [bigint, bigint];
  readonly label?: string;
  /** Of well-formed: 0 unless said otherwise, of segments of 2 blocks. */
  readonly segment?: number;
  readonly blocksPerProof?: number;
};

/** E of an inference proof by its definition. */
export function inferenceClaimOf(sizes: readonly number[], weights: Weights, mask: readonly bigint[], a: bigint, b: bigint): bigint {
  const claims = weights.map((layer, l) => {
    const columns = sizes[l + 1] as number;
    const rows = Array.from({ length: layer.length / columns }, (_, i) => horner(layer.subarray(i * columns, (i + 1) * columns), b));
    return horner(rows, a);
  });
  return horner([...claims, maskClaimOf(mask, b)], pow(a, 65536n));
}

/** E of a well-formed proof by its definition. */
export function wellFormedClaimOf(
  layout: { readonly sizes: readonly number[]; readonly blockLog: number; readonly segment: number; readonly blocksPerProof: number },
  weights: Weights,
  mask: readonly bigint[],
  a: bigint,
  b: bigint,
): bigint {
  const { segment, blocksPerProof } = layout;
  const rho = pow(a, 65536n);
  const blocks = blocksOf(layout.sizes, layout.blockLog).slice(segment * blocksPerProof, (segment + 1) * blocksPerProof);
  const claims = blocks.map(({ layer, firstRow, rows, columns }) =>
    horner((weights[layer] as Int32Array).subarray(firstRow * columns, (firstRow + rows) * columns), b),
  );
  return mod(horner(claims, rho) + pow(rho, BigInt(blocksPerProof)) * maskClaimOf(mask, b));
}

/** `sum values_i x^i`. */
function horner(values: ArrayLike<number | bigint>, x: bigint): bigint {
  let sum = 0n;
  for (let i = values.length - 1; i >= 0; i--) sum = mod(sum * x + BigInt(values[i] as number | bigint));
  return sum;
}

function maskClaimOf(mask: readonly bigint[], b: bigint): bigint {
  return mask.reduce((sum, r, k) => sum + r * pow(b, BigInt(Math.floor(k / 4) + (k % 4))), 0n);
}

/** An honest inference or well-formed proof's commitments, statement and outputs. b and a stand for the circuit's challenges. */
export async function oneCheckpointFixture(
  kzg: Kzg,
  srs: Srs,
  kind: 'inference' | 'well-formed',
  options: OneCheckpointOptions = {},
): Promise<OneCheckpointFixture> {
  const { sizes = [6, 5, 3], blockLog = 4, blinded = true, label = kind, segment = 0, blocksPerProof = 2 } = options;
  const weights = options.weights ?? someWeights(`${label} weights`, sizes);
  const mask = options.mask ?? fieldElements(`${label} mask`, 16);
  const sigmas = blinded ? fieldElements(`${label} sigma`, blocksOf(sizes, blockLog).length) : undefined;
  const points = await kzg.commitCheckpoint(sizes, blockLog, weights, sigmas);
  const model: ModelShape = { specId: specId(fixtureSpec), srsId: srs.id, blockLog, sizes, g2Tau: srs.g2Tau };
  const [b, a] = options.outputs ?? (fieldElements(`${label} challenges`, 2) as [bigint, bigint]);
  const claim =
    kind === 'inference'
      ? inferenceClaimOf(sizes, weights, mask, a, b)
      : wellFormedClaimOf({ sizes, blockLog, segment, blocksPerProof }, weights, mask, a, b);
  const words = fieldElements(`${label} statement`, 64);
  const ids = [words[0] as bigint, checkpointId(modelId(model), points), maskId(await kzg.commitMask(mask))];
  const common = {
    chainId: 31337n,
    verifier: fixtureVerifier,
    circuitId: `0x${'c2'.repeat(32)}` as Hex,
    open: false,
    sizes,
    blockLog,
    weights,
    sigmas,
    points,
    mask,
    outputs: [b, a, claim],
  } as const;
  if (kind === 'well-formed') {
    const shape = { ...model, blocksPerProof, wmax: fixtureSpec.wmax, proofBytes: 64 };
    return { ...common, kind, shape, segment, blocksPerProof, statement: [...ids, BigInt(segment)] };
  }
  // Six logits of 53 bits are two words.
  const shape: InferenceShape = { ...model, inputs: 2, output: 'logits', outputBits: 53, proofBytes: 64, setupId: zeroHash };
  return { ...common, kind, shape, statement: [...ids, ...words.slice(3, inferenceWords(shape))] };
}

/** The opening that the honest prover makes. */
export function openFixture(kzg: Kzg, fixture: OneCheckpointFixture): Promise<Uint8Array> {
  return fixture.kind === 'inference' ? openInference(kzg, fixture) : openWellFormed(kzg, fixture);
}
