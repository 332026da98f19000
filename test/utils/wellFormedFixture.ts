import { join } from 'node:path';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import type { WellFormedInstance } from '../../src/proof/circuitInstance.ts';
import { buildWellFormedArtifacts, type WellFormedArtifacts } from '../../src/proof/wellFormed/artifacts.ts';
import type { WellFormedWitnessParameters } from '../../src/proof/wellFormed/witness.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { fieldElements } from './random.ts';
import { between, testCache, testCeremony } from './windowFixture.ts';

/** A well-formed instance that circuits.json does not have. */
export function testWellFormed(sizes: readonly number[], options: { blockLog?: number; blocksPerProof?: number } = {}): WellFormedInstance {
  const { blockLog = 4, blocksPerProof = 1 } = options;
  const name = `test-well-formed-${sizes.join('-')}-${blockLog}-x${blocksPerProof}`;
  return { name, statement: 'well-formed', system: 'noir', sizes, spec: defaultSpec(1), blockLog, blocksPerProof };
}

/** Program, key and verifier of an instance under the dev ceremony, from the tests' cache where they are there. */
export function wellFormedArtifactsOf(instance: WellFormedInstance): Promise<WellFormedArtifacts> {
  return buildWellFormedArtifacts({
    instance,
    ceremony: { directory: testCeremony() },
    cacheDirectory: join(testCache(), 'artifacts'),
  });
}

/** Everything that a well-formed circuit is told about one honest segment. */
export type WellFormedCase = WellFormedWitnessParameters & { readonly p2: Poseidon2 };

/** An honest segment. The first weights of layer 0 are wmax and -wmax. */
export async function wellFormedCase(instance: WellFormedInstance, label: string, segment = 0): Promise<WellFormedCase> {
  const { sizes, spec } = instance;
  const weights = sizes
    .slice(1)
    .map((m, l) => Int32Array.from(between(`${label} weights ${l}`, ((sizes[l] as number) + 1) * m, -spec.wmax, spec.wmax)));
  (weights[0] as Int32Array).set([spec.wmax, -spec.wmax]);
  const [binding, blinder, ...mask] = fieldElements(`${label} fields`, 18) as [bigint, bigint, ...bigint[]];
  return { p2: await loadPoseidon2(), instance, binding, weights, segment, mask, blinder };
}
