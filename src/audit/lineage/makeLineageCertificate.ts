import { bytesToHex, type Hex } from 'viem';
import type { ChainReader } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import { windowVerifierDeployedBytecode } from '../../chain/generated/WindowVerifier.ts';
import { getCircuit } from '../../chain/getCircuit.ts';
import { getEvents } from '../../chain/getEvents.ts';
import { getJob } from '../../chain/getJob.ts';
import { type FinalizedWindow, getLineage } from '../../chain/getLineage.ts';
import { AssayError } from '../../errors.ts';
import { findJobCircuit } from '../../node/findJobCircuit.ts';
import { type StoredProofsParameters, storedProofs } from '../../node/storedProofs.ts';
import { type LeaseTaken, readProof } from '../../node/verifySubmission.ts';
import type { EnsureSrsParameters } from '../../proof/ceremony.ts';
import { noirVersion } from '../../proof/compileCircuit.ts';
import { nameCircuit } from '../nameCircuit.ts';
import { permits } from '../permits.ts';
import { wordOf } from '../verdict.ts';
import type { LineageCertificate } from './lineageCertificate.ts';

export type MakeLineageCertificateParameters = StoredProofsParameters & {
  readonly chain: ChainReader;
  readonly deployment: Deployment;
  readonly parentId: bigint;
  readonly childId: bigint;
  readonly ceremony: Omit<EnsureSrsParameters, 'points'>;
  /** Folder of compiled circuits, keys and verifiers. */
  readonly cacheDirectory: string;
  readonly tools: { readonly assay: string; readonly barretenberg: string };
  readonly onProgress?: (what: string) => void;
};

/** Windows of a job, up to but without `end`. */
type Leg = { readonly jobId: bigint; readonly start: number; readonly end: number };

/**
 * Writes a certificate that a checkpoint descends from another, from chain and stored blobs: every final window between them, its lease and its proof. Nothing
 * is proved anew. What it is worth is `verifyCertificate`'s to say.
 *
 * @param parameters readBlob, listBlobs: stores where proofs are looked for that no transaction carries
 * @throws AUDIT_NO_LINEAGE where no final windows lead from parent to child; AUDIT_PROOF_MISSING for a proof that is nowhere; CHAIN_ errors
 */
export async function makeLineageCertificate(parameters: MakeLineageCertificateParameters): Promise<LineageCertificate> {
  const { chain, deployment, parentId, childId, tools, onProgress } = parameters;
  onProgress?.('follow the windows');
  const legs = await findPath(parameters);
  const findProof = storedProofs(parameters);
  const jobs: LineageCertificate['jobs'] = [];
  let ceremony: 'dev' | 'public' = 'public';
  for (const { jobId, start, end } of legs) {
    const job = await getJob(chain, deployment, jobId);
    onProgress?.(`rebuild the circuit of job ${jobId}`);
    const artifacts = await findJobCircuit(chain, deployment, job, parameters);
    if (artifacts.srs.profile === 'dev') ceremony = 'dev';
    const { statementVerifier } = await getCircuit(chain, deployment, job.circuitId);
    const leases = new Map<Hex, LeaseTaken>();
    for (const event of await getEvents(chain, deployment, { names: ['LeaseTaken'], fromBlock: job.openBlock })) {
      if (event.name === 'LeaseTaken' && event.args.jobId === jobId) leases.set(event.args.submissionId, event.args);
    }
    const contribution = async (window: FinalizedWindow): Promise<LineageCertificate['jobs'][number]['windows'][number][number]> => {
      onProgress?.(`job ${jobId}, window ${window.windowIndex}`);
      const found = (await readProof(chain, deployment, window)) ?? (await findProof(window.proofHash));
      const lease = leases.get(window.submissionId);
      if (found === undefined || lease === undefined) {
        throw new AssayError(
          'AUDIT_PROOF_MISSING',
          `window ${window.windowIndex} of job ${jobId}: ${lease === undefined ? 'the node shows no lease' : 'its proof is in no transaction and no store'}`,
          { hint: 'Name more stores, or ask a node that keeps all logs.' },
        );
      }
      return {
        operator: lease.operator.toLowerCase(),
        leaseNonce: Number(lease.leaseNonce),
        registrationNonce: Number(lease.registrationNonce),
        childId: wordOf(window.childId),
        maskId: wordOf(window.statement[3] as bigint),
        lossSum: wordOf(window.lossSum),
        proof: bytesToHex(found.proof),
        opening: bytesToHex(found.opening),
      };
    };
    const { windows } = await getLineage(chain, deployment, jobId);
    const shown: LineageCertificate['jobs'][number]['windows'] = [];
    for (let index = start; index < end; index++) {
      const parts = windows.filter(({ windowIndex }) => windowIndex === BigInt(index));
      shown.push(await Promise.all(parts.sort((a, b) => Number(a.contributionIndex - b.contributionIndex)).map(contribution)));
    }
    jobs.push({
      jobId: Number(jobId),
      circuit: nameCircuit(
        { address: statementVerifier, code: windowVerifierDeployedBytecode },
        job.circuitId,
        artifacts.shapeBytes,
        artifacts.honkVerifier.runtime,
      ),
      open: job.open,
      datasetRoot: wordOf(job.datasetRoot),
      batchSeed: wordOf(job.batchSeed),
      firstWindow: start,
      windows: shown,
    });
  }
  return {
    format: 'assay-audit-certificate',
    version: 1,
    kind: 'lineage',
    parentId: wordOf(parentId),
    childId: wordOf(childId),
    chainId: chain.chainId,
    jobManager: deployment.addresses.jobManager.toLowerCase(),
    jobs,
    ceremony,
    tools: { assay: tools.assay, noir: noirVersion, barretenberg: tools.barretenberg },
    permits: [...permits.lineage],
  };
}

/** The windows from parent to child, job by job; of several ways the one that is found first, from the child back. */
async function findPath({ chain, deployment, parentId, childId }: MakeLineageCertificateParameters): Promise<Leg[]> {
  const places = new Map<bigint, Set<bigint>>();
  for (const event of await getEvents(chain, deployment, { names: ['WindowFinalized', 'WindowMerged'] })) {
    const id = event.name === 'WindowFinalized' ? event.args.resultId : event.name === 'WindowMerged' ? event.args.mergedId : undefined;
    if (id === undefined || !('jobId' in event.args)) continue;
    places.set(id, (places.get(id) ?? new Set()).add(event.args.jobId));
  }
  const lineages = new Map<bigint, readonly bigint[]>();
  const checkpointsOf = async (jobId: bigint): Promise<readonly bigint[]> => {
    const known = lineages.get(jobId) ?? (await trainingCheckpoints(chain, deployment, jobId));
    lineages.set(jobId, known);
    return known;
  };
  const seen = new Set<bigint>();
  const back = async (id: bigint): Promise<Leg[] | undefined> => {
    if (seen.has(id)) return undefined;
    seen.add(id);
    for (const jobId of places.get(id) ?? []) {
      const checkpoints = await checkpointsOf(jobId);
      const end = checkpoints.indexOf(id, 1);
      if (end < 1) continue;
      const start = checkpoints.lastIndexOf(parentId, end - 1);
      if (start >= 0) return [{ jobId, start, end }];
      const before = await back(checkpoints[0] as bigint);
      if (before !== undefined) return [...before, { jobId, start: 0, end }];
    }
    return undefined;
  };
  const path = await back(childId);
  if (path === undefined) {
    throw new AssayError('AUDIT_NO_LINEAGE', 'no final windows of this deployment lead from the parent to the child', {
      hint: 'assay checkpoint lineage lists the windows that led to a checkpoint.',
    });
  }
  return path;
}

/** A training job's final checkpoints; none for a job that pays for answers. */
async function trainingCheckpoints(chain: ChainReader, deployment: Deployment, jobId: bigint): Promise<readonly bigint[]> {
  const { statementName } = await getJob(chain, deployment, jobId);
  return statementName === 'train-window' ? (await getLineage(chain, deployment, jobId)).checkpoints : [];
}
