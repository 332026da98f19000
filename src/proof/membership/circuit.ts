import { tripleCount } from '../../commitment/merkle.ts';
import { AssayError } from '../../errors.ts';
import type { MembershipInstance } from '../circuitInstance.ts';
import { packedLength } from '../windowCircuit.ts';

/** Static facts of a membership circuit, derived once from its instance and shared by generator and witness builder. */
export type MembershipLayout = {
  /** Samples of a minibatch. */
  readonly batch: number;
  readonly triples: number;
  /** Fields that a minibatch's features and labels pack into. */
  readonly featureFields: number;
  readonly labelFields: number;
  /** Fields that one sample's features pack into. */
  readonly rowFields: number;
};

/** Labels that a byte has: the second size of every membership circuit. */
export const byteLabels = 256;
const maxBatch = 1024;
const maxDepth = 32;

/** @throws CIRCUIT_SHAPE for sizes that are not features and 256, or a minibatch or a depth beyond the limits */
export function membershipLayout(instance: MembershipInstance): MembershipLayout {
  const { name, sizes, spec, treeDepth } = instance;
  const batch = 2 ** spec.lb;
  const [features, labels] = sizes;
  if (
    sizes.length !== 2 ||
    labels !== byteLabels ||
    !Number.isSafeInteger(batch) ||
    batch > maxBatch ||
    !Number.isSafeInteger(treeDepth) ||
    treeDepth < 1 ||
    treeDepth > maxDepth
  ) {
    throw new AssayError(
      'CIRCUIT_SHAPE',
      `${name}: membership is of features and ${byteLabels} labels, minibatches of up to ${maxBatch} and a tree of depth 1 to ${maxDepth}`,
    );
  }
  const triples = tripleCount(features as number);
  return {
    batch,
    triples,
    featureFields: packedLength(3 * spec.fx, batch * triples),
    labelFields: packedLength(8, batch),
    rowFields: packedLength(3 * spec.fx, triples),
  };
}

/** Noir source of an instance's `main.nr`: sizes and calls only, the constraints are in circuits/noir/lib. */
export function membershipSource(instance: MembershipInstance): string {
  const { sizes, spec, treeDepth } = instance;
  const { batch, triples, featureFields, labelFields, rowFields } = membershipLayout(instance);
  return `// Generated for ${instance.name} (${sizes[0]} features, minibatches of ${batch}, depth ${treeDepth}): do not edit.
// Statement, inputs and ranges: circuits/README.md. Constraints: circuits/noir/lib.
use assay::{audit, membership};

fn main(
    context: pub Field,
    root: pub Field,
    triples: [[Field; ${triples}]; ${batch}],
    labels: [Field; ${batch}],
    salt: Field,
    index: Field,
    siblings: [Field; ${treeDepth}],
    one_hot: [Field; ${batch}],
    record_salt: Field,
) -> pub [Field; 1] {
    // It says what the proof is for, and nothing depends on it: as a public input it is part of the proof.
    let _ = context;
    membership::assert_triples::<${triples}, ${batch}, ${spec.fx}>(triples);
    let leaf = audit::leaf::<${[triples, batch, spec.fx, featureFields, labelFields].join(', ')}>(triples, labels, salt);
    audit::assert_leaf(root, index, leaf, siblings);
    [membership::record::<${[triples, batch, spec.fx, rowFields].join(', ')}>(triples, labels, one_hot, record_salt)]
}
`;
}
