import { type Hex, hexToBigInt } from 'viem';
import { membershipVerifierDeployedBytecode } from '../../chain/generated/MembershipVerifier.ts';
import { decodeMembershipShape } from '../../commitment/decodeShape.ts';
import { loadPoseidon2 } from '../../commitment/poseidon2.ts';
import { findMembershipCircuit } from '../../proof/membership/findMembershipCircuit.ts';
import { opensRecord } from '../../proof/membership/opensRecord.ts';
import { accepts, builtHonk, isBuiltHere } from '../builtCircuit.ts';
import { presentedContext } from '../presentedContext.ts';
import { findings, readOrNone, type VerifyCertificateReturnType, type VerifyKindParameters } from '../verdict.ts';
import type { MembershipCertificate } from './membershipCertificate.ts';

const code = membershipVerifierDeployedBytecode as Hex;

/**
 * Verifies a certificate of membership from the file alone, with the circuit and the verifier code that this package builds itself.
 *
 * @param now unix seconds
 * @throws CIRCUIT_MISMATCH (exit 6) for a circuit that is not known here; those of the artifacts' builder
 */
export async function verifyMembership(
  parameters: VerifyKindParameters<MembershipCertificate>,
  now = Date.now() / 1000,
): Promise<VerifyCertificateReturnType> {
  const { certificate: c, ceremony, cacheDirectory, onProgress } = parameters;
  const found = findings();
  const { must, verdict } = found;
  const shape = readOrNone(() => decodeMembershipShape(c.circuit.shape as Hex));
  if (shape === undefined) {
    must(false, 'the shape of the membership circuit is not the encoding of one');
    return verdict(openQuestions(c), c.ceremony);
  }
  onProgress?.('rebuild the circuit');
  const artifacts = await findMembershipCircuit({ ceremony, cacheDirectory, shape });
  must(artifacts.srs.profile === c.ceremony, `its proof is of the ${artifacts.srs.profile} ceremony, it says ${c.ceremony}`);
  const built = builtHonk(artifacts, code);
  must(isBuiltHere(c.circuit, built), 'it names another membership circuit, or other verifier code, than this package builds');
  const context = presentedContext(c, found, now);
  const record = hexToBigInt(c.record as Hex);
  must(
    c.opened === null || opensRecord(await loadPoseidon2(), artifacts.instance, c.opened, record),
    'what it opens is not the record that is proved',
  );
  onProgress?.('run the verifier');
  const valid = await accepts(built, {
    circuit: c.circuit,
    chainId: c.presentation.chainId,
    proof: c.proof,
    statement: [context, hexToBigInt(c.root as Hex), record],
  });
  must(valid, 'the verifier refuses the proof');
  return verdict(openQuestions(c), artifacts.srs.profile);
}

function openQuestions({ root, record, opened }: MembershipCertificate): string[] {
  const questions = [`Which data set has the root ${root}, and what was trained on it, is for jobs and registries on a chain to say.`];
  if (opened === null) questions.push(`Which record ${record} is, only who has its record file can say.`);
  return questions;
}
