import { AssayError } from '../errors.ts';

/**
 * The checkpoint that contributions from one parent are merged into: `base + sum (child_c - base)`, weight by weight. The contract merges their
 * commitments the same way, so the result needs no proof of its own.
 *
 * @param base each layer's weights, row by row
 * @param children of one shape with `base`, in any order
 * @throws TRAIN_MERGE_SHAPE where they differ in shape; TRAIN_MERGE_OVERFLOW where a sum leaves int32
 */
export function mergeContributions(base: readonly Int32Array[], children: readonly (readonly Int32Array[])[]): Int32Array[] {
  return base.map((layer, l) => {
    const merged = Int32Array.from(layer);
    const layers = children.map((child) => child[l]);
    if (children.some((child) => child.length !== base.length) || layers.some((other) => other?.length !== layer.length))
      throw new AssayError('TRAIN_MERGE_SHAPE', 'contributions to one window have the shape of their parent');
    for (let i = 0; i < merged.length; i++) {
      const own = layer[i] as number;
      let sum = own;
      for (const other of layers) sum += ((other as Int32Array)[i] as number) - own;
      if (sum !== (sum | 0)) throw new AssayError('TRAIN_MERGE_OVERFLOW', `the merged weight ${i} of layer ${l} is ${sum}`);
      merged[i] = sum;
    }
    return merged;
  });
}
