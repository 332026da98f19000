import { join } from 'node:path';
import type { Claim } from '../../src/audit/claims.ts';
import type { CountsCertificate } from '../../src/audit/counts/countsCertificate.ts';
import { type MakeCountsCertificateParameters, makeCountsCertificate } from '../../src/audit/counts/makeCountsCertificate.ts';
import { planAudit } from '../../src/audit/planAudit.ts';
import type { VerifyCertificateReturnType } from '../../src/audit/verdict.ts';
import { verifyCertificate } from '../../src/audit/verifyCertificate.ts';
import { auditVerifierDeployedBytecode } from '../../src/chain/generated/AuditVerifier.ts';
import { wellFormedVerifierDeployedBytecode } from '../../src/chain/generated/WellFormedVerifier.ts';
import { checkpointId, modelId } from '../../src/commitment/ids.ts';
import { createKzg } from '../../src/commitment/kzg.ts';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { type AuditSet, cutAuditSet } from '../../src/data/auditSet.ts';
import { buildAuditArtifacts } from '../../src/proof/audit/artifacts.ts';
import type { AuditInstance, WellFormedInstance } from '../../src/proof/circuitInstance.ts';
import type { CommittedModel } from '../../src/proof/inference/proveInference.ts';
import { rememberCircuit } from '../../src/proof/knownCircuits.ts';
import { createUltraHonk } from '../../src/proof/ultrahonk.ts';
import { buildWellFormedArtifacts } from '../../src/proof/wellFormed/artifacts.ts';
import { weightBits } from '../../src/quant/spec.ts';
import { testAudit } from './auditFixture.ts';
import { fieldElements } from './random.ts';
import { between, testCache, testCeremony } from './windowFixture.ts';

/** Circuits, a prover and a hidden model, small. @param thresholds margins that answers are told apart by */
export async function auditWorld(thresholds: readonly number[] = []) {
  const cacheDirectory = join(testCache(), 'artifacts');
  const ceremony = { directory: testCeremony() };
  const instance = (await rememberCircuit(testAudit([4, 3, 2], { thresholds }), cacheDirectory)) as AuditInstance;
  const { sizes, spec, blockLog } = instance;
  const wellFormedInstance = (await rememberCircuit(
    { name: 'test-audit-well-formed-4-3-2', statement: 'well-formed', system: 'noir', sizes, spec, blockLog, blocksPerProof: 2 },
    cacheDirectory,
  )) as WellFormedInstance;
  const artifacts = await buildAuditArtifacts({ instance, ceremony, cacheDirectory });
  const wellFormed = await buildWellFormedArtifacts({ instance: wellFormedInstance, ceremony, cacheDirectory });
  const { srs } = artifacts.srs.count > wellFormed.srs.count ? artifacts : wellFormed;
  const p2 = await loadPoseidon2();
  const kzg = await createKzg(srs);
  const honk = await createUltraHonk({ srs });

  const commit = async (label: string): Promise<CommittedModel> => {
    const largest = 2 ** weightBits(spec);
    const weights = sizes
      .slice(1)
      .map((m, l) => Int32Array.from(between(`${label} weights ${l}`, ((sizes[l] as number) + 1) * m, -largest, largest)));
    const sigmas = fieldElements(`${label} sigmas`, 2);
    const points = await kzg.commitCheckpoint(sizes, blockLog, weights, sigmas);
    return { weights, sigmas, points, checkpointId: checkpointId(modelId(artifacts.shape), points) };
  };
  const cut = (label: string, count = 8, change?: (labels: Uint8Array, groups: number[]) => void): AuditSet => {
    const features = Uint8Array.from(between(`${label} features`, count * 4, 0, 2 ** spec.fx - 1));
    const labels = Uint8Array.from(between(`${label} labels`, count, 0, 1));
    const groups = between(`${label} groups`, count, 0, 1);
    change?.(labels, groups);
    const salts = fieldElements(`${label} salts`, Math.ceil(count / 3));
    return cutAuditSet(
      p2,
      { count, width: 4, classes: 2, featureBits: spec.fx, features, labels },
      {
        samples: instance.samples,
        depth: instance.treeDepth,
        groups: { count: 2, of: groups },
        salt: (i) => salts[i] as bigint,
      },
    );
  };
  const verifiers = {
    auditVerifier: { address: '0x00000000000000000000000000000000000000a1', code: auditVerifierDeployedBytecode },
    wellFormedVerifier: { address: '0x00000000000000000000000000000000000000a2', code: wellFormedVerifierDeployedBytecode },
  } as const;
  const make = (
    model: CommittedModel,
    set: AuditSet,
    claims: readonly Claim[],
    more: Partial<MakeCountsCertificateParameters> = {},
  ): Promise<CountsCertificate> =>
    makeCountsCertificate({
      p2,
      kzg,
      honk,
      artifacts,
      wellFormed,
      ...verifiers,
      model,
      set,
      claims,
      chainId: 31337,
      tools: { assay: '0.0.0', barretenberg: '0.0.0' },
      ...more,
    });
  const verify = (certificate: CountsCertificate): Promise<VerifyCertificateReturnType> =>
    verifyCertificate({
      certificate,
      ceremony,
      cacheDirectory,
    });
  const counts = (model: CommittedModel, set: AuditSet): number[] =>
    planAudit(
      instance,
      model.weights,
      set,
      set.chunks.map((_, i) => i),
    );
  return { instance, artifacts, wellFormed, p2, kzg, honk, commit, cut, make, verify, counts, verifiers };
}
export type AuditWorld = Awaited<ReturnType<typeof auditWorld>>;
