import { join } from 'node:path';
import { buildTree, leafDigest, type MerkleTree } from '../../src/commitment/merkle.ts';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import type { Minibatch } from '../../src/data/minibatch.ts';
import { type AuditArtifacts, buildAuditArtifacts } from '../../src/proof/audit/artifacts.ts';
import { auditLayout } from '../../src/proof/audit/circuit.ts';
import type { AuditWitnessParameters } from '../../src/proof/audit/witness.ts';
import type { AuditInstance } from '../../src/proof/circuitInstance.ts';
import { defaultSpec, weightBits } from '../../src/quant/spec.ts';
import { fieldElements } from './random.ts';
import { between, testCache, testCeremony } from './windowFixture.ts';

/** An audit instance that circuits.json does not have. */
export function testAudit(
  sizes: readonly number[],
  options: { samples?: number; groups?: number; treeDepth?: number; output?: 'counts' | 'committed'; thresholds?: readonly number[] } = {},
): AuditInstance {
  const { samples = 3, groups = 2, treeDepth = 2, output = 'counts', thresholds = [] } = options;
  const name = `test-audit-${sizes.join('-')}-x${samples}-g${groups}-t${treeDepth}-${output}${thresholds.map((t) => `-m${t}`).join('')}`;
  return {
    name,
    statement: 'audit',
    system: 'noir',
    sizes,
    spec: defaultSpec(1),
    blockLog: 7,
    samples,
    groups,
    treeDepth,
    output,
    thresholds,
  };
}

/** Program, key and verifier of an instance under the dev ceremony, from the tests' cache where they are there. */
export function auditArtifactsOf(instance: AuditInstance): Promise<AuditArtifacts> {
  return buildAuditArtifacts({
    instance,
    ceremony: { directory: testCeremony() },
    cacheDirectory: join(testCache(), 'artifacts'),
  });
}

/** Everything that an audit circuit is told about one honest chunk, and the set that it is of. */
export type AuditCase = AuditWitnessParameters & {
  readonly p2: Poseidon2;
  readonly chunks: readonly Minibatch[];
  readonly tree: MerkleTree;
};

/** An honest chunk of a salted set of three. The last sample of the last chunk only fills. */
export async function auditCase(instance: AuditInstance, label: string, chunk = 1): Promise<AuditCase> {
  const p2 = await loadPoseidon2();
  const { sizes, spec, samples, treeDepth, output } = instance;
  const { labels } = auditLayout(instance);
  const largest = Math.ceil(2 ** weightBits(spec));
  const weights = sizes
    .slice(1)
    .map((m, l) => Int32Array.from(between(`${label} weights ${l}`, ((sizes[l] as number) + 1) * m, -largest, largest)));
  const [binding, blinder, countSalt, ...rest] = fieldElements(`${label} fields`, 22) as [bigint, bigint, bigint, ...bigint[]];
  const chunks = Array.from({ length: Math.min(3, 2 ** treeDepth) }, (_, i) => ({
    features: Uint8Array.from(between(`${label} features ${i}`, samples * (sizes[0] as number), 0, 2 ** spec.fx - 1)),
    labels: Uint8Array.from(between(`${label} labels ${i}`, samples, 0, labels - 1)),
    salt: rest[16 + i] as bigint,
  }));
  (chunks.at(-1) as Minibatch).labels[samples - 1] = labels;
  const leaves = chunks.map((one) => leafDigest(p2, one.features, spec.fx, one.labels, one.salt));
  const tree = buildTree(p2, leaves, treeDepth);
  return {
    p2,
    instance,
    binding,
    blinder,
    ...(output === 'committed' && { countSalt }),
    weights,
    mask: rest.slice(0, 16),
    root: tree.root,
    chunk,
    path: tree.path(chunk),
    ...(chunks[chunk] as Minibatch),
    chunks,
    tree,
  };
}
