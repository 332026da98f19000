import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { keccak256, toHex } from 'viem';
import { correctOf } from '../src/audit/claims.ts';
import { makeCountsCertificate } from '../src/audit/counts/makeCountsCertificate.ts';
import { encodeCertificate } from '../src/audit/encodeCertificate.ts';
import { planAudit } from '../src/audit/planAudit.ts';
import { verifyCertificate } from '../src/audit/verifyCertificate.ts';
import { auditVerifierDeployedBytecode } from '../src/chain/generated/AuditVerifier.ts';
import { wellFormedVerifierDeployedBytecode } from '../src/chain/generated/WellFormedVerifier.ts';
import { checkpointId, modelId } from '../src/commitment/ids.ts';
import { createKzg } from '../src/commitment/kzg.ts';
import { loadPoseidon2 } from '../src/commitment/poseidon2.ts';
import { cutAuditSet } from '../src/data/auditSet.ts';
import { loadMnist } from '../src/data/loadMnist.ts';
import { genesisWeights } from '../src/model/genesis.ts';
import { buildAuditArtifacts } from '../src/proof/audit/artifacts.ts';
import { type AuditInstance, getCircuit, type WellFormedInstance } from '../src/proof/circuitInstance.ts';
import { compileCircuit } from '../src/proof/compileCircuit.ts';
import { makeInstance } from '../src/proof/makeInstance.ts';
import { randomScalar } from '../src/proof/randomScalar.ts';
import { circuitSize, createUltraHonk } from '../src/proof/ultrahonk.ts';
import { buildWellFormedArtifacts } from '../src/proof/wellFormed/artifacts.ts';
import { referenceStep } from '../src/train/referenceStep.ts';

/**
 * Trains 196-25-10 on MNIST, hides it behind blinded commitments, and makes and verifies a certificate of its accuracy.
 *
 * Options: --images N (default 1000), --steps N of training (default 3000), --json. With --gates: only the gates of audits with and without thresholds of margins.
 */
export async function benchAudit(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      images: { type: 'string', default: '1000' },
      steps: { type: 'string', default: '3000' },
      json: { type: 'boolean' },
      gates: { type: 'boolean' },
    },
  });
  const show = (rows: readonly Record<string, unknown>[]): void => {
    if (values.json === true) for (const row of rows) console.log(JSON.stringify(row));
    else console.table(rows);
  };
  const images = Number(values.images);
  const cache = process.env['ASSAY_CACHE'] ?? join(process.env['ASSAY_HOME'] ?? join(homedir(), '.assay'), 'cache');
  const caches = { ceremony: { directory: join(cache, 'ceremony') }, cacheDirectory: join(cache, 'circuits') };
  if (values.gates === true) return show(await gatesOfMargins(caches.cacheDirectory));
  const instance = (await getCircuit('audit-196-25-10-x100')) as AuditInstance;
  const { spec, sizes, blockLog } = instance;
  const artifacts = await buildAuditArtifacts({ instance, ...caches });
  const wellFormed = await buildWellFormedArtifacts({
    instance: (await getCircuit('well-formed-196-25-10')) as WellFormedInstance,
    ...caches,
  });

  const batch = 2 ** spec.lb;
  const { train, test } = await loadMnist({ pool: 2, fx: spec.fx });
  const width = train.width;
  let weights = genesisWeights(spec, sizes, keccak256(toHex('assay.bench.audit.v1')));
  for (let step = 0; step < Number(values.steps); step++) {
    const from = (step * batch) % (train.count - batch);
    const features = train.features.slice(from * width, (from + batch) * width);
    ({ weights } = referenceStep(spec, sizes, weights, { features, labels: train.labels.slice(from, from + batch) }));
  }

  const p2 = await loadPoseidon2();
  const { srs } = artifacts.srs.count > wellFormed.srs.count ? artifacts : wellFormed;
  const kzg = await createKzg(srs);
  const honk = await createUltraHonk({ srs });
  const sigmas = Array.from({ length: sizes.length - 1 }, randomScalar);
  const points = await kzg.commitCheckpoint(sizes, blockLog, weights, sigmas);
  const model = { weights, sigmas, points, checkpointId: checkpointId(modelId(artifacts.shape), points) };
  const part = { ...test, count: images, features: test.features.slice(0, images * width), labels: test.labels.slice(0, images) };
  const set = cutAuditSet(p2, part, { samples: instance.samples, depth: instance.treeDepth });
  const counts = planAudit(
    instance,
    weights,
    set,
    set.chunks.map((_, i) => i),
  );
  const correct = correctOf({ classes: set.classes, groups: set.groups, counts });

  const started = performance.now();
  const certificate = await makeCountsCertificate({
    p2,
    kzg,
    honk,
    artifacts,
    wellFormed,
    auditVerifier: { address: '0x0000000000000000000000000000000000a55a71', code: auditVerifierDeployedBytecode },
    wellFormedVerifier: { address: '0x0000000000000000000000000000000000a55a70', code: wellFormedVerifierDeployedBytecode },
    model,
    set,
    claims: [{ kind: 'accuracy', atLeast: correct, of: images }],
    chainId: 31337,
    tools: { assay: 'bench', barretenberg: 'bench' },
    onProgress: (what) => console.error(what),
  });
  const made = performance.now();
  const result = await verifyCertificate({
    certificate,
    ...caches,
  });
  const verified = performance.now();
  await honk.close();
  const row = {
    circuit: instance.name,
    gates: artifacts.gates,
    gatesAnImage: Math.round(artifacts.gates / instance.samples),
    images,
    correct,
    valid: result.valid,
    proveSeconds: (made - started) / 1000,
    secondsAnImage: (made - started) / 1000 / images,
    verifySeconds: (verified - made) / 1000,
    certificateBytes: encodeCertificate(certificate).length,
  };
  show([row]);
}

/** Gates an image of digits and of a table with two groups, each without thresholds and with four. */
async function gatesOfMargins(cacheDirectory: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  const samples = 100;
  for (const { sizes, groups } of [
    { sizes: [196, 25, 10], groups: 1 },
    { sizes: [30, 16, 2], groups: 2 },
  ]) {
    for (const thresholds of [[], [2 ** 20, 2 ** 21, 2 ** 22, 2 ** 23]]) {
      const made = makeInstance({ sizes, statement: 'audit', samples, groups, thresholds });
      const { gates } = await circuitSize(await compileCircuit({ instance: made, cacheDirectory }));
      rows.push({
        sizes: sizes.join('-'),
        samples,
        groups,
        thresholds: thresholds.length,
        gates,
        gatesAnImage: Math.round(gates / samples),
      });
    }
  }
  return rows;
}
