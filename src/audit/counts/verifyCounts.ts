import { type Address, type Hex, hexToBigInt } from 'viem';
import { auditVerifierDeployedBytecode as code } from '../../chain/generated/AuditVerifier.ts';
import { decodeAuditShape } from '../../commitment/decodeShape.ts';
import { auditContext, auditIdOf, auditSetId, drawChunks } from '../../commitment/ids.ts';
import { unpack } from '../../commitment/packing.ts';
import { countBits } from '../../proof/audit/circuit.ts';
import { findAuditCircuit } from '../../proof/audit/findAuditCircuit.ts';
import { accepts, builtHonk, isBuiltHere } from '../builtCircuit.ts';
import { claimProblem } from '../claims.ts';
import { findings, readOrNone, type VerifyCertificateReturnType, type VerifyKindParameters } from '../verdict.ts';
import { verifySegments } from '../wellFormed/verifySegments.ts';
import type { CountsCertificate } from './countsCertificate.ts';

/**
 * Verifies a certificate from the file alone, with circuits and verifier code that this package builds itself: every id, every chunk's proof, that the
 * chunks are those of the audit and each is there once, that the counts are their sum, that the claims follow, and that the model is well-formed.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) for a circuit that is not known here; those of the artifacts' builders
 */
export async function verifyCounts(parameters: VerifyKindParameters<CountsCertificate>): Promise<VerifyCertificateReturnType> {
  const { certificate: c, ceremony, cacheDirectory, onProgress } = parameters;
  const found = findings();
  const { failures, must } = found;
  const shape = readOrNone(() => decodeAuditShape(c.circuit.shape as Hex));
  if (shape === undefined) {
    must(false, 'the shape of the audit circuit is not the encoding of one');
    return found.verdict(openQuestions(c), c.ceremony);
  }
  onProgress?.('rebuild the circuits');
  const artifacts = await findAuditCircuit({ ceremony, cacheDirectory, shape });
  must(artifacts.srs.profile === c.ceremony, `its proofs are of the ${artifacts.srs.profile} ceremony, it says ${c.ceremony}`);
  const built = builtHonk(artifacts, code);
  must(isBuiltHere(c.circuit, built), 'it names another audit circuit, or other verifier code, than this package builds');
  must(shape.output === 'counts', 'its counts are hidden, and no proof says what follows from them');

  const { set, audit } = c;
  const root = hexToBigInt(set.root as Hex);
  const classes = shape.sizes.at(-1) as number;
  must(
    set.samples === shape.samples && set.depth === shape.treeDepth && set.groups === shape.groups && set.classes === classes,
    'its circuit is for sets of another cut or of other labels',
  );
  must(set.chunks <= 2 ** set.depth, 'the tree has not so many chunks');
  const setId = auditSetId({ ...set, root });
  must(hexToBigInt(set.setId as Hex) === setId, 'the id of the set is not that of its fields');
  const checkpointId = hexToBigInt(c.checkpointId as Hex);
  const question = {
    chainId: BigInt(audit.chainId),
    registry: audit.registry as Address,
    opener: audit.opener as Address,
    circuitId: c.circuit.circuitId as Hex,
    checkpointId,
    setId,
    wellFormedCircuitId: c.wellFormed.circuit.circuitId as Hex,
    draws: audit.draws,
    nonce: hexToBigInt(audit.nonce as Hex),
  };
  must(auditIdOf(question) === audit.auditId, 'the id of the audit is not that of its fields');
  const context = auditContext(question);

  const wanted = wantedChunks(c);
  must(wanted !== undefined, 'a draw has a seed and takes fewer chunks than there are; a whole set has none');
  const told = c.chunks.map(({ chunk }) => chunk);
  must(JSON.stringify(told) === JSON.stringify(wanted), 'its chunks are not those of the audit, each once, in order');

  must(c.thresholds.join() === shape.thresholds.join(), 'its circuit tells margins apart by other thresholds');
  const bins = shape.thresholds.length + 1;
  // The circuit's groups: it has been built, so they are few enough to count by.
  const { groups } = shape;
  const values = groups * classes ** 2 * bins;
  const totals = Array.from({ length: values }, () => 0);
  for (const [i, proved] of c.chunks.entries()) {
    onProgress?.(`chunk ${i + 1} of ${c.chunks.length}`);
    const words = proved.counts.map((word) => hexToBigInt(word as Hex));
    const counts = readOrNone(() => unpack(words, countBits, values));
    if (counts === undefined) failures.push(`the counts of chunk ${proved.chunk} are no packing of ${values}`);
    counts?.forEach((count, k) => {
      totals[k] = (totals[k] as number) + count;
    });
    const valid = await accepts(built, {
      ...proved,
      circuit: c.circuit,
      chainId: audit.chainId,
      statement: [context, checkpointId, hexToBigInt(proved.maskId as Hex), root, BigInt(proved.chunk), ...words],
    });
    must(valid, `the verifier refuses the proof of chunk ${proved.chunk}`);
  }
  must(JSON.stringify(totals) === JSON.stringify(c.counts), 'its counts are not the sum of its chunks');
  for (const claim of c.claims) {
    const problem = claimProblem(claim, { classes, groups, bins, counts: totals });
    must(problem === undefined, `${claim.kind}: ${problem}`);
  }

  await verifySegments({
    ceremony,
    cacheDirectory,
    wellFormed: c.wellFormed,
    findings: found,
    chainId: audit.chainId,
    checkpointId,
    model: shape,
    wmax: artifacts.instance.spec.wmax,
    ...(onProgress !== undefined && { onProgress }),
  });
  return found.verdict(openQuestions(c), artifacts.srs.profile);
}

/** The chunks that an audit takes, in order; undefined where the certificate does not say. */
export function wantedChunks({ set, audit }: Pick<CountsCertificate, 'set' | 'audit'>): number[] | undefined {
  if (audit.draws === 0) return audit.seed === null ? Array.from({ length: set.chunks }, (_, i) => i) : undefined;
  if (audit.seed === null || audit.draws >= set.chunks) return undefined;
  return drawChunks(audit.seed as Hex, set.chunks, audit.draws).sort((x, y) => x - y);
}

function openQuestions({ audit }: CountsCertificate): string[] {
  if (/^0x0+$/.test(audit.registry)) {
    const attempts = 'It was opened on no chain: how many attempts there were is not known.';
    return audit.draws === 0 ? [attempts] : [attempts, 'Its chunks were drawn by a seed that no block is known to have made.'];
  }
  const opened = `That audit ${audit.auditId} was opened first, and over whose set, is for registry ${audit.registry} of chain ${audit.chainId} to say.`;
  return audit.draws === 0 ? [opened] : [opened, 'That its seed is that of the block is there, too.'];
}
