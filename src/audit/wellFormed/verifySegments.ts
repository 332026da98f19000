import { type Address, type Hex, hexToBigInt } from 'viem';
import { wellFormedVerifierDeployedBytecode } from '../../chain/generated/WellFormedVerifier.ts';
import { decodeWellFormedShape } from '../../commitment/decodeShape.ts';
import { type ModelShape, modelId, wellFormedContext } from '../../commitment/ids.ts';
import { wellFormedLayout } from '../../proof/wellFormed/circuit.ts';
import { findWellFormedCircuit } from '../../proof/wellFormed/findWellFormedCircuit.ts';
import { accepts, builtHonk, isBuiltHere } from '../builtCircuit.ts';
import type { CertificateWellFormed } from '../parts.ts';
import { type Findings, readOrNone, type VerifyKindParameters } from '../verdict.ts';

export type VerifySegmentsParameters = Omit<VerifyKindParameters<CertificateWellFormed>, 'certificate'> & {
  readonly wellFormed: CertificateWellFormed;
  readonly findings: Findings;
  readonly chainId: number;
  readonly checkpointId: bigint;
  /** The model that is spoken of, and the largest weight that its circuit takes it to have. */
  readonly model: ModelShape;
  readonly wmax: number;
};

/**
 * Verifies that every segment of a checkpoint is well-formed, by circuit and code that this package builds.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) for a circuit that is not known here
 */
export async function verifySegments(parameters: VerifySegmentsParameters): Promise<void> {
  const { wellFormed: told, findings, chainId, checkpointId, model, wmax, ceremony, cacheDirectory, onProgress } = parameters;
  const { must } = findings;
  const code = wellFormedVerifierDeployedBytecode;
  const shape = readOrNone(() => decodeWellFormedShape(told.circuit.shape as Hex));
  if (shape === undefined) return must(false, 'the shape of the well-formed circuit is not the encoding of one');
  const artifacts = await findWellFormedCircuit({ ceremony, cacheDirectory, shape });
  const built = builtHonk(artifacts, code);
  must(isBuiltHere(told.circuit, built), 'it names another well-formed circuit, or other verifier code, than this package builds');
  must(modelId(model) === modelId(shape), 'what is well-formed is of another kind of model');
  must(shape.wmax === wmax, 'well-formed weights are larger than the circuit takes them to be');
  const { segments } = wellFormedLayout(artifacts.instance);
  must(told.segments.length === segments, `${told.segments.length} of ${segments} segments are shown to be well-formed`);
  const context = wellFormedContext(BigInt(chainId), told.registry as Address, told.circuit.circuitId as Hex);
  for (const [segment, proved] of told.segments.entries()) {
    onProgress?.(`segment ${segment + 1} of ${segments}`);
    const valid = await accepts(built, {
      ...proved,
      circuit: told.circuit,
      chainId,
      statement: [context, checkpointId, hexToBigInt(proved.maskId as Hex), BigInt(segment)],
    });
    must(valid, `the verifier refuses that segment ${segment} is well-formed`);
  }
}
