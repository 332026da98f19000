import { type Address, type Hex, hexToBigInt, hexToBytes, keccak256 } from 'viem';
import { decodeAuditShape, decodeWellFormedShape } from '../commitment/decodeShape.ts';
import { auditContext, auditIdOf, auditSetId, drawChunks, modelId, wellFormedContext } from '../commitment/ids.ts';
import { unpack } from '../commitment/packing.ts';
import { AssayError } from '../errors.ts';
import { auditCircuitId } from '../proof/audit/artifacts.ts';
import { countBits } from '../proof/audit/circuit.ts';
import { findAuditCircuit } from '../proof/audit/findAuditCircuit.ts';
import type { EnsureSrsParameters } from '../proof/ceremony.ts';
import { codeHash } from '../proof/compileSolidity.ts';
import { verifyProof } from '../proof/verifyProof.ts';
import { wellFormedCircuitId } from '../proof/wellFormed/artifacts.ts';
import { wellFormedLayout } from '../proof/wellFormed/circuit.ts';
import { findWellFormedCircuit } from '../proof/wellFormed/findWellFormedCircuit.ts';
import type { Certificate } from './certificate.ts';
import { claimProblem } from './claims.ts';

export type VerifyCertificateParameters = {
  readonly certificate: Certificate;
  readonly ceremony: Omit<EnsureSrsParameters, 'points'>;
  /** Folder of compiled circuits, keys and verifiers. */
  readonly cacheDirectory: string;
  /** Runtime code of the statement verifiers, as this package compiles it. */
  readonly auditVerifierCode: Hex;
  readonly wellFormedVerifierCode: Hex;
  readonly onProgress?: (what: string) => void;
};

export type VerifyCertificateReturnType = {
  /** Nothing was found wrong. */
  readonly valid: boolean;
  /** Why it is not valid. */
  readonly failures: readonly string[];
  /** What only a chain can show. */
  readonly open: readonly string[];
  readonly ceremony: 'dev' | 'public';
};

/**
 * Verifies a certificate from the file alone, with circuits and verifier code that this package builds itself: every id, every chunk's proof, that the
 * chunks are those of the audit and each is there once, that the counts are their sum, that the claims follow, and that the model is well-formed.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) for a circuit that is not known here; those of the artifacts' builders
 */
export async function verifyCertificate(parameters: VerifyCertificateParameters): Promise<VerifyCertificateReturnType> {
  const { certificate: c, ceremony, cacheDirectory, auditVerifierCode, wellFormedVerifierCode, onProgress } = parameters;
  const failures: string[] = [];
  const must = (holds: boolean, problem: string): void => void (holds || failures.push(problem));
  const verdict = (profile: 'dev' | 'public'): VerifyCertificateReturnType => ({
    valid: failures.length === 0,
    failures,
    open: openQuestions(c),
    ceremony: profile,
  });

  const shape = readShape(() => decodeAuditShape(c.circuit.shape as Hex));
  const wellFormedShape = readShape(() => decodeWellFormedShape(c.wellFormed.circuit.shape as Hex));
  if (shape === undefined || wellFormedShape === undefined) {
    failures.push('a shape is not the encoding of one');
    return verdict(c.ceremony);
  }
  onProgress?.('rebuild the circuits');
  const build = { ceremony, cacheDirectory };
  const artifacts = await findAuditCircuit({ ...build, shape });
  const wellFormed = await findWellFormedCircuit({ ...build, shape: wellFormedShape });
  must(artifacts.srs.profile === c.ceremony, `its proofs are of the ${artifacts.srs.profile} ceremony, it says ${c.ceremony}`);
  must(
    c.circuit.circuitId === auditCircuitId(artifacts, auditVerifierCode) &&
      c.circuit.shape === artifacts.shapeBytes &&
      c.circuit.statementVerifierCodeHash === keccak256(auditVerifierCode) &&
      c.circuit.proofVerifierCodeHash === codeHash(artifacts.honkVerifier),
    'it names another audit circuit, or other verifier code, than this package builds',
  );
  must(
    c.wellFormed.circuit.circuitId === wellFormedCircuitId(wellFormed, wellFormedVerifierCode) &&
      c.wellFormed.circuit.shape === wellFormed.shapeBytes &&
      c.wellFormed.circuit.statementVerifierCodeHash === keccak256(wellFormedVerifierCode) &&
      c.wellFormed.circuit.proofVerifierCodeHash === codeHash(wellFormed.honkVerifier),
    'it names another well-formed circuit, or other verifier code, than this package builds',
  );
  must(modelId(shape) === modelId(wellFormedShape), 'what is well-formed is of another kind of model');
  must(wellFormedShape.wmax === artifacts.instance.spec.wmax, 'well-formed weights are larger than the audit circuit takes them to be');
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

  const values = set.groups * classes ** 2;
  const totals = Array.from({ length: values }, () => 0);
  for (const [i, proved] of c.chunks.entries()) {
    onProgress?.(`chunk ${i + 1} of ${c.chunks.length}`);
    const words = proved.counts.map((word) => hexToBigInt(word as Hex));
    const counts = readCounts(words, values);
    if (counts === undefined) failures.push(`the counts of chunk ${proved.chunk} are no packing of ${values}`);
    counts?.forEach((count, k) => {
      totals[k] = (totals[k] as number) + count;
    });
    const { valid } = await verifyProof({
      chainId: question.chainId,
      statementVerifier: c.circuit.statementVerifier as Address,
      circuitId: question.circuitId,
      statementVerifierCode: auditVerifierCode,
      proofVerifierCode: artifacts.honkVerifier.runtime,
      shapeBytes: artifacts.shapeBytes,
      open: false,
      statement: [context, checkpointId, hexToBigInt(proved.maskId as Hex), root, BigInt(proved.chunk), ...words],
      proof: hexToBytes(proved.proof as Hex),
      opening: hexToBytes(proved.opening as Hex),
    });
    must(valid, `the verifier refuses the proof of chunk ${proved.chunk}`);
  }
  must(JSON.stringify(totals) === JSON.stringify(c.counts), 'its counts are not the sum of its chunks');
  for (const claim of c.claims) {
    const problem = claimProblem(claim, { classes, groups: set.groups, counts: totals });
    must(problem === undefined, `${claim.kind}: ${problem}`);
  }

  const { segments } = wellFormedLayout(wellFormed.instance);
  must(c.wellFormed.segments.length === segments, `${c.wellFormed.segments.length} of ${segments} segments are shown to be well-formed`);
  const registered = wellFormedContext(question.chainId, c.wellFormed.registry as Address, question.wellFormedCircuitId);
  for (const [segment, proved] of c.wellFormed.segments.entries()) {
    onProgress?.(`segment ${segment + 1} of ${segments}`);
    const { valid } = await verifyProof({
      chainId: question.chainId,
      statementVerifier: c.wellFormed.circuit.statementVerifier as Address,
      circuitId: question.wellFormedCircuitId,
      statementVerifierCode: wellFormedVerifierCode,
      proofVerifierCode: wellFormed.honkVerifier.runtime,
      shapeBytes: wellFormed.shapeBytes,
      open: false,
      statement: [registered, checkpointId, hexToBigInt(proved.maskId as Hex), BigInt(segment)],
      proof: hexToBytes(proved.proof as Hex),
      opening: hexToBytes(proved.opening as Hex),
    });
    must(valid, `the verifier refuses that segment ${segment} is well-formed`);
  }
  return verdict(artifacts.srs.profile);
}

/** The chunks that an audit takes, in order; undefined where the certificate does not say. */
export function wantedChunks({ set, audit }: Pick<Certificate, 'set' | 'audit'>): number[] | undefined {
  if (audit.draws === 0) return audit.seed === null ? Array.from({ length: set.chunks }, (_, i) => i) : undefined;
  if (audit.seed === null || audit.draws >= set.chunks) return undefined;
  return drawChunks(audit.seed as Hex, set.chunks, audit.draws).sort((x, y) => x - y);
}

function openQuestions({ audit }: Certificate): string[] {
  if (/^0x0+$/.test(audit.registry)) {
    const attempts = 'It was opened on no chain: how many attempts there were is not known.';
    return audit.draws === 0 ? [attempts] : [attempts, 'Its chunks were drawn by a seed that no block is known to have made.'];
  }
  const opened = `That audit ${audit.auditId} was opened first, and over whose set, is for registry ${audit.registry} of chain ${audit.chainId} to say.`;
  return audit.draws === 0 ? [opened] : [opened, 'That its seed is that of the block is there, too.'];
}

function readCounts(words: readonly bigint[], values: number): number[] | undefined {
  try {
    return unpack(words, countBits, values);
  } catch (error) {
    if (error instanceof AssayError) return undefined;
    throw error;
  }
}

function readShape<S>(decode: () => S): S | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof AssayError) return undefined;
    throw error;
  }
}
