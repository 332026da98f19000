import { type Address, type Hex, hexToBigInt, hexToBytes } from 'viem';
import { windowVerifierDeployedBytecode as code } from '../../chain/generated/WindowVerifier.ts';
import { blockCount } from '../../commitment/blocks.ts';
import { decodeShape } from '../../commitment/decodeShape.ts';
import { checkpointId, contextOf, modelId, type Shape } from '../../commitment/ids.ts';
import type { Point } from '../../commitment/kzg.ts';
import { mergePoints } from '../../commitment/mergePoints.ts';
import { decodeOpening } from '../../commitment/openingBytes.ts';
import { findWindowCircuit } from '../../proof/findWindowCircuit.ts';
import { accepts, type BuiltCircuit, builtHonk, isBuiltHere } from '../builtCircuit.ts';
import { type Findings, findings, readOrNone, type VerifyCertificateReturnType, type VerifyKindParameters, wordOf } from '../verdict.ts';
import type { LineageCertificate } from './lineageCertificate.ts';

type Job = LineageCertificate['jobs'][number];

/**
 * Verifies a certificate of lineage from the file alone: every statement is rebuilt from where the one before ended, and every proof run through the verifier's code.
 * It stops at the first window that does not hold.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) for a circuit that is not known here; those of the artifacts' builder
 */
export async function verifyLineageCertificate(parameters: VerifyKindParameters<LineageCertificate>): Promise<VerifyCertificateReturnType> {
  const { certificate: c, ceremony, cacheDirectory, onProgress } = parameters;
  const found = findings();
  const { must } = found;
  let current = hexToBigInt(c.parentId as Hex);
  let profile = c.ceremony;
  for (const [i, job] of c.jobs.entries()) {
    const shape = readOrNone(() => decodeShape(job.circuit.shape as Hex));
    if (shape === undefined) {
      must(false, `the shape of the circuit of job ${job.jobId} is not the encoding of one`);
      return found.verdict(openQuestions(c), c.ceremony);
    }
    onProgress?.(`rebuild the circuit of job ${job.jobId}`);
    const artifacts = await findWindowCircuit({ ceremony, cacheDirectory, shape });
    profile = artifacts.srs.profile;
    must(profile === c.ceremony, `its proofs are of the ${profile} ceremony, it says ${c.ceremony}`);
    const built = builtHonk(artifacts, code);
    must(
      isBuiltHere(job.circuit, built),
      `job ${job.jobId} names another window circuit, or other verifier code, than this package builds`,
    );
    must(i === 0 || job.firstWindow === 0, `job ${job.jobId} does not begin with its first window`);
    const [{ length: contributions } = []] = job.windows;
    must(
      job.windows.every(({ length }) => length === contributions),
      `the windows of job ${job.jobId} have unequal numbers of contributions`,
    );
    must(job.open || contributions === 1, `job ${job.jobId} merges contributions, which only jobs of open weights do`);
    for (const [k] of job.windows.entries()) {
      onProgress?.(`job ${job.jobId}, window ${job.firstWindow + k}`);
      // What follows on something false says nothing more.
      if (found.failures.length > 0) return found.verdict(openQuestions(c), profile);
      current = await followWindow({ certificate: c, job, k, shape, built, parentId: current, found });
    }
  }
  must(wordOf(current) === c.childId, 'its windows do not end in the child');
  return found.verdict(openQuestions(c), profile);
}

/** Verifies one window from where it starts. @returns where it ends */
async function followWindow({
  certificate: c,
  job,
  k,
  shape,
  built,
  parentId,
  found: { must },
}: {
  readonly certificate: LineageCertificate;
  readonly job: Job;
  readonly k: number;
  readonly shape: Shape;
  readonly built: BuiltCircuit;
  readonly parentId: bigint;
  readonly found: Findings;
}): Promise<bigint> {
  const parts = job.windows[k] as Job['windows'][number];
  const windowIndex = BigInt(job.firstWindow + k);
  const blocks = blockCount(shape.sizes, shape.blockLog);
  let base: readonly Point[] = [];
  const children: (readonly Point[])[] = [];
  for (const [index, part] of parts.entries()) {
    const context = contextOf('train-window', {
      chainId: BigInt(c.chainId),
      jobManager: c.jobManager as Address,
      jobId: BigInt(job.jobId),
      windowIndex,
      contributionIndex: BigInt(index),
      leaseNonce: BigInt(part.leaseNonce),
      registrationNonce: BigInt(part.registrationNonce),
      operator: part.operator as Address,
      circuitId: job.circuit.circuitId as Hex,
    });
    const words = [part.childId, part.maskId, job.datasetRoot, job.batchSeed].map((word) => hexToBigInt(word as Hex));
    const firstStep = (windowIndex * BigInt(parts.length) + BigInt(index)) * BigInt(shape.steps);
    const valid = await accepts(built, {
      ...part,
      circuit: job.circuit,
      chainId: c.chainId,
      open: job.open,
      statement: [context, parentId, ...words, firstStep, hexToBigInt(part.lossSum as Hex)],
    });
    const opening = decodeOpening('train-window', hexToBytes(part.opening as Hex), blocks);
    must(valid, `job ${job.jobId}, window ${windowIndex}, contribution ${index}: the verifier refuses its proof`);
    // The verifier has checked that these points are those of parent and child.
    if (valid && typeof opening !== 'string') {
      base = opening.checkpoints[0] as readonly Point[];
      children.push(opening.checkpoints[1] as readonly Point[]);
    }
  }
  const [only] = parts;
  if (parts.length === 1 || children.length !== parts.length) return hexToBigInt((only as Job['windows'][number][number]).childId as Hex);
  return checkpointId(modelId(shape), await mergePoints(base, children));
}

function openQuestions({ jobs, chainId, jobManager }: LineageCertificate): string[] {
  const names = jobs.map(({ jobId }) => jobId).join(', ');
  return [
    `That these leases, data set and batch seed are those of job ${names}, and that its windows became final, is for ${jobManager} of chain ${chainId} to say.`,
  ];
}
