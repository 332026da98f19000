import { type Address, bytesToHex, type Hex, zeroAddress } from 'viem';
import { type AuditFields, auditContext, auditIdOf, drawChunks } from '../../commitment/ids.ts';
import type { Kzg } from '../../commitment/kzg.ts';
import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import type { AuditSet } from '../../data/auditSet.ts';
import { AssayError } from '../../errors.ts';
import type { AuditArtifacts } from '../../proof/audit/artifacts.ts';
import { proveChunk } from '../../proof/audit/proveChunk.ts';
import { circuitIdOf } from '../../proof/circuitIdOf.ts';
import { noirVersion } from '../../proof/compileCircuit.ts';
import type { CommittedModel } from '../../proof/inference/proveInference.ts';
import type { UltraHonk } from '../../proof/ultrahonk.ts';
import type { WellFormedArtifacts } from '../../proof/wellFormed/artifacts.ts';
import { assertClaims, type Claim } from '../claims.ts';
import { nameCircuit, type Verifier } from '../nameCircuit.ts';
import { type Once, proveAnew } from '../once.ts';
import { permits } from '../permits.ts';
import { planAudit } from '../planAudit.ts';
import { wordOf } from '../verdict.ts';
import { proveSegments } from '../wellFormed/proveSegments.ts';
import type { CountsCertificate } from './countsCertificate.ts';

export type MakeCountsCertificateParameters = {
  readonly p2: Poseidon2;
  readonly kzg: Kzg;
  readonly honk: UltraHonk;
  readonly artifacts: AuditArtifacts;
  readonly wellFormed: WellFormedArtifacts;
  readonly auditVerifier: Verifier;
  readonly wellFormedVerifier: Verifier;
  readonly model: CommittedModel;
  readonly set: AuditSet;
  readonly claims: readonly Claim[];
  readonly chainId: number;
  /** Where the audit was opened, and how; none where it was opened nowhere. */
  readonly opened?: { readonly registry: Address; readonly opener: Address; readonly nonce: bigint };
  /** Chunks that are drawn, and the seed that draws them; none where the whole set is taken. */
  readonly draw?: { readonly draws: number; readonly seed: Hex };
  /** The ModelRegistry that the well-formed proofs are for; the zero address where there is none. */
  readonly modelRegistry?: Address;
  /** Versions for the reader, of this package and of Barretenberg. */
  readonly tools: { readonly assay: string; readonly barretenberg: string };
  readonly onProgress?: (what: string) => void;
  /** Keeps what is proved through a crash. */
  readonly once?: Once;
};

/**
 * Proves an audit, chunk by chunk, and that the model is well-formed, and writes the certificate. Claims that the counts do not bear out are refused before
 * anything is proved.
 *
 * @throws AUDIT_CLAIM_FALSE (exit code 3); AUDIT_DRAW_INVALID; those of proveChunk and proveWellFormed
 */
export async function makeCountsCertificate(parameters: MakeCountsCertificateParameters): Promise<CountsCertificate> {
  const { p2, kzg, honk, artifacts, wellFormed, auditVerifier, wellFormedVerifier, model, set, claims, opened, draw, onProgress } =
    parameters;
  const { once = proveAnew } = parameters;
  const { instance } = artifacts;
  const { modelRegistry = zeroAddress } = parameters;
  const chainId = BigInt(parameters.chainId);
  if (draw !== undefined && (draw.draws < 1 || draw.draws >= set.chunks.length)) {
    throw new AssayError('AUDIT_DRAW_INVALID', `${draw.draws} of ${set.chunks.length} chunks is no draw`);
  }
  const wanted =
    draw === undefined ? set.chunks.map((_, i) => i) : drawChunks(draw.seed, set.chunks.length, draw.draws).sort((x, y) => x - y);
  const expected = planAudit(instance, model.weights, set, wanted);
  assertClaims(claims, { classes: set.classes, groups: set.groups, bins: instance.thresholds.length + 1, counts: expected });

  const circuitId = circuitIdOf(artifacts, auditVerifier.code);
  const wellFormedId = circuitIdOf(wellFormed, wellFormedVerifier.code);
  const question: AuditFields = {
    chainId,
    registry: opened?.registry ?? zeroAddress,
    opener: opened?.opener ?? zeroAddress,
    circuitId,
    checkpointId: model.checkpointId,
    setId: set.id,
    wellFormedCircuitId: wellFormedId,
    draws: draw?.draws ?? 0,
    nonce: opened?.nonce ?? 0n,
  };
  const shown = await proveSegments({
    p2,
    kzg,
    honk,
    artifacts: wellFormed,
    verifier: wellFormedVerifier,
    model,
    chainId: parameters.chainId,
    registry: modelRegistry,
    ...(onProgress !== undefined && { onProgress }),
    once,
  });
  const chunks: CountsCertificate['chunks'] = [];
  for (const [i, chunk] of wanted.entries()) {
    onProgress?.(`chunk ${i + 1} of ${wanted.length}`);
    chunks.push(
      await once(`chunk-${chunk}`, `${auditIdOf(question)} ${auditVerifier.address.toLowerCase()}`, async () => {
        const { statement, proof, opening } = await proveChunk({
          artifacts,
          honk,
          p2,
          kzg,
          model,
          set,
          chunk,
          context: auditContext(question),
          chainId,
          verifier: auditVerifier.address,
          circuitId,
        });
        return {
          chunk,
          maskId: wordOf(statement[2] as bigint),
          counts: statement.slice(5).map(wordOf),
          proof: bytesToHex(proof),
          opening: bytesToHex(opening),
        };
      }),
    );
  }
  return {
    format: 'assay-audit-certificate',
    version: 1,
    kind: 'counts',
    checkpointId: wordOf(model.checkpointId),
    set: {
      setId: wordOf(set.id),
      root: wordOf(set.tree.root),
      depth: set.tree.depth,
      chunks: set.chunks.length,
      samples: set.samples,
      classes: set.classes,
      groups: set.groups,
    },
    audit: {
      auditId: auditIdOf(question),
      chainId: parameters.chainId,
      registry: question.registry.toLowerCase(),
      opener: question.opener.toLowerCase(),
      nonce: wordOf(question.nonce),
      draws: question.draws,
      seed: draw?.seed ?? null,
    },
    claims: [...claims],
    thresholds: [...instance.thresholds],
    counts: [...expected],
    circuit: nameCircuit(auditVerifier, circuitId, artifacts.shapeBytes, artifacts.honkVerifier.runtime),
    chunks,
    wellFormed: shown,
    ceremony: artifacts.srs.profile,
    tools: { assay: parameters.tools.assay, noir: noirVersion, barretenberg: parameters.tools.barretenberg },
    permits: [...permits.counts],
  };
}
