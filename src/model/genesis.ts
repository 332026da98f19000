import { concatBytes, hexToBytes, keccak256, numberToBytes, toHex } from 'viem';
import { AssayError } from '../errors.ts';
import { type ArithmeticSpec, assertSpec, weightBits } from '../quant/spec.ts';
import { assertArchitecture } from './architecture.ts';

const domain = keccak256(toHex('assay.genesis.v1'), 'bytes');

/** Floor of the square root of a non-negative integer (Newton). */
function integerSqrt(x: bigint): bigint {
  if (x < 2n) return x;
  let root = 1n << BigInt((x.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + x / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/**
 * Largest |W| that the genesis draws in layer `l`, at most wmax: He's uniform limit `sqrt(6 / inputs)` in the layer's fixed point, times `gain` in the
 * hidden layers, a quarter of it in the last one, so that its hard sigmoids start where they learn.
 */
export function genesisLimit(spec: ArithmeticSpec, sizes: readonly number[], l: number, gain = 1): number {
  const last = l === sizes.length - 2;
  const factor = last ? 1n : BigInt(gain);
  const he = integerSqrt((6n * factor * factor * (1n << BigInt(2 * weightBits(spec)))) / BigInt(sizes[l] as number));
  const limit = last ? he / 4n : he;
  return Number(limit < BigInt(spec.wmax) ? limit : BigInt(spec.wmax));
}

/**
 * The first weights of a model, the same on every machine (docs/reference/encodings.md, Genesis): uniform integers in
 * [-limit, limit] from a 32-byte seed; bias rows are zero.
 *
 * @param sizes neurons per layer, inputs first
 * @param seed 32 bytes, hex
 * @param gain 1 to 16. 1 ends best after epochs; sparse inputs and few steps start faster with more (a rehearsal of 24 steps on MNIST: 4)
 * @returns layer l row-major, (sizes[l] + 1) x sizes[l+1], bias row last
 * @throws QUANT_SPEC_INVALID, MODEL_ARCHITECTURE_INVALID, MODEL_GENESIS_INVALID
 */
export function genesisWeights(spec: ArithmeticSpec, sizes: readonly number[], seed: `0x${string}`, gain = 1): Int32Array[] {
  assertSpec(spec);
  assertArchitecture(sizes);
  if (!/^0x[0-9a-fA-F]{64}$/.test(seed))
    throw new AssayError('MODEL_GENESIS_INVALID', 'a genesis seed is 32 bytes in hex with 0x in front');
  if (!Number.isSafeInteger(gain) || gain < 1 || gain > 16)
    throw new AssayError('MODEL_GENESIS_INVALID', `a genesis gain of ${gain}, allowed are integers from 1 to 16`);
  const seedBytes = hexToBytes(seed);
  return Array.from({ length: sizes.length - 1 }, (_, l) => {
    const inputs = sizes[l] as number;
    const outputs = sizes[l + 1] as number;
    const limit = genesisLimit(spec, sizes, l, gain);
    const span = BigInt(2 * limit + 1);
    const layer = new Int32Array((inputs + 1) * outputs);
    const drawn = inputs * outputs;
    for (let block = 0; block * 8 < drawn; block++) {
      const digest = keccak256(concatBytes([domain, seedBytes, numberToBytes(l, { size: 4 }), numberToBytes(block, { size: 8 })]), 'bytes');
      const view = new DataView(digest.buffer, digest.byteOffset, 32);
      for (let i = 0; i < 8 && block * 8 + i < drawn; i++) {
        layer[block * 8 + i] = Number((BigInt(view.getUint32(4 * i)) * span) >> 32n) - limit;
      }
    }
    return layer;
  });
}
