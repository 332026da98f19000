import { join } from 'node:path';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import type { Minibatch } from '../../src/data/minibatch.ts';
import { cutMinibatches, datasetTree, type MinibatchSet } from '../../src/data/minibatchSet.ts';
import type { MembershipInstance } from '../../src/proof/circuitInstance.ts';
import { buildMembershipArtifacts, type MembershipArtifacts } from '../../src/proof/membership/artifacts.ts';
import { byteLabels } from '../../src/proof/membership/circuit.ts';
import type { MembershipWitnessParameters } from '../../src/proof/membership/witness.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { fieldElements } from './random.ts';
import { between, testCache, testCeremony } from './windowFixture.ts';

/** A membership instance that circuits.json does not have. */
export function testMembership(features: number, options: { lb?: number; treeDepth?: number } = {}): MembershipInstance {
  const { lb = 1, treeDepth = 2 } = options;
  const name = `test-membership-${features}-b${2 ** lb}-t${treeDepth}`;
  return { name, statement: 'membership', system: 'noir', sizes: [features, byteLabels], spec: defaultSpec(lb), blockLog: 9, treeDepth };
}

/** Program, key and verifier of an instance under the dev ceremony, from the tests' cache where they are there. */
export function membershipArtifactsOf(instance: MembershipInstance): Promise<MembershipArtifacts> {
  return buildMembershipArtifacts({ instance, ceremony: { directory: testCeremony() }, cacheDirectory: join(testCache(), 'artifacts') });
}

/** Everything that a membership circuit is told about one record, and the set that it is of. */
export type MembershipCase = MembershipWitnessParameters & {
  readonly p2: Poseidon2;
  readonly set: MinibatchSet;
  readonly minibatches: readonly Minibatch[];
};

/** A salted set of three minibatches (or two, where the tree has no more leaves). */
export async function membershipSet(instance: MembershipInstance, label: string): Promise<{ p2: Poseidon2; set: MinibatchSet }> {
  const p2 = await loadPoseidon2();
  const { sizes, spec, treeDepth } = instance;
  const width = sizes[0] as number;
  const batch = 2 ** spec.lb;
  const count = Math.min(3, 2 ** treeDepth) * batch;
  const salts = fieldElements(`${label} salts`, 3);
  const set = cutMinibatches(
    p2,
    {
      count,
      width,
      classes: 3,
      featureBits: spec.fx,
      features: Uint8Array.from(between(`${label} features`, count * width, 0, 2 ** spec.fx - 1)),
      labels: Uint8Array.from(between(`${label} labels`, count, 0, 2)),
    },
    { batch, depth: treeDepth, salt: (i) => salts[i] as bigint },
  );
  return { p2, set };
}

/** An honest record: sample `place` of minibatch `index`. */
export async function membershipCase(
  instance: MembershipInstance,
  label: string,
  { index = 1, place = 1 }: { index?: number; place?: number } = {},
): Promise<MembershipCase> {
  const { p2, set } = await membershipSet(instance, label);
  const tree = datasetTree(p2, set);
  const [context, recordSalt] = fieldElements(`${label} fields`, 2) as [bigint, bigint];
  const minibatch = set.minibatches[index % set.minibatches.length] as Minibatch;
  return {
    p2,
    set,
    minibatches: set.minibatches,
    instance,
    context,
    root: tree.root,
    index,
    path: tree.path(index),
    place,
    recordSalt,
    ...minibatch,
  };
}
