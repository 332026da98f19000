import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import { datasetTree, type MinibatchSet, minibatchAt } from '../../data/minibatchSet.ts';
import { AssayError } from '../../errors.ts';
import { solveBuilt } from '../solveWitness.ts';
import type { StatementProof } from '../statementProof.ts';
import type { UltraHonk } from '../ultrahonk.ts';
import type { MembershipArtifacts } from './artifacts.ts';
import { buildMembershipWitness } from './witness.ts';

export type ProveMembershipParameters = {
  readonly artifacts: MembershipArtifacts;
  readonly honk: UltraHonk;
  readonly p2: Poseidon2;
  /** The data set, with its salts where it is private. */
  readonly set: MinibatchSet;
  /** Which sample, counted from 0 in the order of the minibatches. */
  readonly sample: number;
  /** Of the record's digest: 0 where the record is public, else a secret random field element. */
  readonly recordSalt: bigint;
  /** `presentationContext`: for whom, and until when. */
  readonly context: bigint;
  readonly onStage?: (stage: 'witness' | 'proof') => void;
};

export type ProveMembershipReturnType = StatementProof & {
  readonly statementName: 'membership';
  readonly seconds: { readonly witness: number; readonly proof: number };
};

/**
 * Proves that a data set contains one of its records, without showing the rest of its minibatch, nor where it stands.
 *
 * @throws MEMBERSHIP_SET_MISMATCH for a set of another cut than the circuit's, or a sample that it has not; DATA_LEAF_MISMATCH; PROVE_FAILED; those of
 *   buildMembershipWitness
 */
export async function proveMembership(parameters: ProveMembershipParameters): Promise<ProveMembershipReturnType> {
  const { artifacts, honk, p2, set, sample, recordSalt, context, onStage } = parameters;
  const { instance, program, verifyingKey } = artifacts;
  const same =
    set.features === instance.sizes[0] &&
    set.batch === 2 ** instance.spec.lb &&
    set.depth === instance.treeDepth &&
    set.featureBits === instance.spec.fx;
  if (!same || !Number.isSafeInteger(sample) || sample < 0 || sample >= set.batch * set.minibatches.length) {
    throw new AssayError('MEMBERSHIP_SET_MISMATCH', `${instance.name} does not fit this data set, or the set has no sample ${sample}`);
  }
  const started = performance.now();
  onStage?.('witness');
  const tree = datasetTree(p2, set);
  const index = Math.floor(sample / set.batch);
  const built = buildMembershipWitness(p2, {
    instance,
    context,
    root: tree.root,
    index,
    path: tree.path(index),
    place: sample % set.batch,
    recordSalt,
    ...minibatchAt(p2, set, index),
  });
  const { witness } = await solveBuilt(program, built, 'the circuit disagrees with the data set: this is a bug, please report it');
  const witnessed = performance.now();
  onStage?.('proof');
  const { proof } = await honk.prove(program, verifyingKey, witness);
  const proved = performance.now();
  return {
    statementName: 'membership',
    statement: [context, tree.root, ...built.outputs],
    proof,
    // No checkpoint takes part, so nothing is opened.
    opening: new Uint8Array(0),
    seconds: { witness: (witnessed - started) / 1000, proof: (proved - witnessed) / 1000 },
  };
}
