import { leafDigest, recordDigest, rootFromPath, tripleFeatures } from '../../commitment/merkle.ts';
import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import type { Minibatch } from '../../data/minibatch.ts';
import { AssayError } from '../../errors.ts';
import type { MembershipInstance } from '../circuitInstance.ts';
import { fieldInput } from '../inference/forwardWitness.ts';
import type { CircuitInputs } from '../windowWitness.ts';
import { membershipLayout } from './circuit.ts';

export type MembershipWitnessParameters = Minibatch & {
  readonly instance: MembershipInstance;
  readonly context: bigint;
  /** Root of the data set. */
  readonly root: bigint;
  /** Index of the minibatch's leaf. */
  readonly index: number;
  /** Siblings of that leaf, from the leaf up. */
  readonly path: readonly bigint[];
  /** The record's place in the minibatch, from 0. */
  readonly place: number;
  /** Of the record's digest; 0 where the record is public. */
  readonly recordSalt: bigint;
};

export type MembershipWitness = {
  readonly inputs: CircuitInputs;
  /** The record's digest. */
  readonly outputs: readonly [bigint];
};

/**
 * Builds the inputs of a membership circuit, and its one output.
 *
 * @throws PROOF_INPUTS_INVALID for other numbers of features, labels or siblings than the circuit takes, or a place or an index that there is not;
 *   MEMBERSHIP_NOT_SHOWN where the minibatch is not that leaf under the root; COMMITMENT_PACK_RANGE; those of membershipLayout
 */
export function buildMembershipWitness(p2: Poseidon2, parameters: MembershipWitnessParameters): MembershipWitness {
  const { instance, context, root, index, path, place, recordSalt, features, labels, salt } = parameters;
  const { name, sizes, spec, treeDepth } = instance;
  const { batch, triples } = membershipLayout(instance);
  const width = sizes[0] as number;
  const within = (value: number, end: number): boolean => Number.isSafeInteger(value) && value >= 0 && value < end;
  if (
    features.length !== batch * width ||
    labels.length !== batch ||
    path.length !== treeDepth ||
    !within(place, batch) ||
    !within(index, 2 ** treeDepth)
  ) {
    throw new AssayError(
      'PROOF_INPUTS_INVALID',
      `${name} takes a place in a minibatch of ${batch} samples of ${width} features, and one of ${2 ** treeDepth} leaves`,
    );
  }
  const leaf = leafDigest(p2, features, spec.fx, labels, salt);
  if (rootFromPath(p2, leaf, index, path) !== root) {
    throw new AssayError('MEMBERSHIP_NOT_SHOWN', 'the minibatch is not that leaf of the data set: there is no proof of its records');
  }
  const record = recordDigest(p2, features.subarray(place * width, (place + 1) * width), spec.fx, labels[place] as number, recordSalt);
  const flat = tripleFeatures(features, spec.fx, batch);
  return {
    inputs: {
      context: fieldInput(context),
      root: fieldInput(root),
      triples: Array.from({ length: batch }, (_, s) => flat.slice(s * triples, (s + 1) * triples)),
      labels: Array.from(labels),
      salt: fieldInput(salt),
      index,
      siblings: path.map(fieldInput),
      one_hot: Array.from({ length: batch }, (_, s) => (s === place ? 1 : 0)),
      record_salt: fieldInput(recordSalt),
    },
    outputs: [record],
  };
}
