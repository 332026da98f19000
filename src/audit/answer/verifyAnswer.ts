import { type Hex, hexToBigInt, hexToBytes } from 'viem';
import { groth16InferenceVerifierDeployedBytecode } from '../../chain/generated/Groth16InferenceVerifier.ts';
import { honkInferenceVerifierDeployedBytecode } from '../../chain/generated/HonkInferenceVerifier.ts';
import { decodeInferenceShape } from '../../commitment/decodeShape.ts';
import { R } from '../../commitment/field.ts';
import { type InferenceShape, inferenceWords, inputIdOf } from '../../commitment/ids.ts';
import { loadPoseidon2 } from '../../commitment/poseidon2.ts';
import { decodeOutputs } from '../../proof/inference/decodeOutputs.ts';
import { findInferenceCircuit } from '../../proof/inference/findInferenceCircuit.ts';
import { inferenceCircuitId } from '../../proof/inference/inferenceArtifacts.ts';
import type { ArithmeticSpec } from '../../quant/spec.ts';
import { accepts, isBuiltHere } from '../builtCircuit.ts';
import { presentedContext } from '../presentedContext.ts';
import { findings, readOrNone, type VerifyCertificateReturnType, type VerifyKindParameters } from '../verdict.ts';
import { verifySegments } from '../wellFormed/verifySegments.ts';
import type { AnswerCertificate } from './answerCertificate.ts';

/**
 * Verifies a certificate of answers from the file alone, in either proof system, with circuits and code that this package builds itself.
 *
 * @param now unix seconds
 * @throws CIRCUIT_MISMATCH (exit 6) for a circuit that is not known here; those of the artifacts' builders
 */
export async function verifyAnswer(
  parameters: VerifyKindParameters<AnswerCertificate>,
  now = Date.now() / 1000,
): Promise<VerifyCertificateReturnType> {
  const { certificate: c, ceremony, cacheDirectory, onProgress } = parameters;
  const found = findings();
  const { must } = found;
  const shape = readOrNone(() => decodeInferenceShape(c.circuit.shape as Hex));
  if (shape === undefined) {
    must(false, 'the shape of the inference circuit is not the encoding of one');
    return found.verdict(openQuestions(c), c.ceremony);
  }
  onProgress?.('rebuild the circuits');
  const artifacts = await findInferenceCircuit({ ceremony, cacheDirectory, shape });
  const { instance, profile } = artifacts;
  const code: Hex = instance.system === 'noir' ? honkInferenceVerifierDeployedBytecode : groth16InferenceVerifierDeployedBytecode;
  must(profile === c.ceremony, `its proof is of the ${profile} ceremony, it says ${c.ceremony}`);
  must((c.tools.circom !== null) === (instance.system === 'circom'), 'it names the tools of another proof system');
  const { shapeBytes, proofVerifierCode } = artifacts;
  const built = { circuitId: inferenceCircuitId(artifacts, code), shapeBytes, statementVerifierCode: code, proofVerifierCode };
  must(isBuiltHere(c.circuit, built), 'it names another inference circuit, or other verifier code, than this package builds');
  const context = presentedContext(c, found, now);
  const checkpointId = hexToBigInt(c.checkpointId as Hex);
  const outputs = c.outputs.map((word) => hexToBigInt(word as Hex));
  const said = outputs.length === inferenceWords(shape) - 4 ? readOrNone(() => decodeOutputs(shape, outputs)) : undefined;
  must(said !== undefined && JSON.stringify(said) === JSON.stringify(c.answers), 'its answers are not those of the statement');
  must(
    c.input === null || (await opensInput(c.input, shape, instance.spec, c.inputId)),
    'what it opens is not the input that was answered',
  );
  onProgress?.('run the verifier');
  const valid = await accepts(built, {
    circuit: c.circuit,
    chainId: c.presentation.chainId,
    proof: c.proof,
    opening: c.opening,
    statement: [context, checkpointId, hexToBigInt(c.maskId as Hex), hexToBigInt(c.inputId as Hex), ...outputs],
  });
  must(valid, 'the verifier refuses the proof');
  await verifySegments({
    ceremony,
    cacheDirectory,
    wellFormed: c.wellFormed,
    findings: found,
    chainId: c.presentation.chainId,
    checkpointId,
    model: shape,
    wmax: instance.spec.wmax,
    ...(onProgress !== undefined && { onProgress }),
  });
  return found.verdict(openQuestions(c), profile);
}

async function opensInput(
  { features, salt }: NonNullable<AnswerCertificate['input']>,
  { inputs, sizes }: InferenceShape,
  { fx }: ArithmeticSpec,
  inputId: string,
): Promise<boolean> {
  const bytes = hexToBytes(features as Hex);
  const element = hexToBigInt(salt as Hex);
  if (bytes.length !== inputs * (sizes[0] as number) || bytes.some((feature) => feature >= 2 ** fx) || element >= R) return false;
  return inputIdOf(await loadPoseidon2(), bytes, fx, element) === hexToBigInt(inputId as Hex);
}

function openQuestions({ input, inputId }: AnswerCertificate): string[] {
  return input === null ? [`What the input ${inputId} is, only who has its .input file can say.`] : [];
}
