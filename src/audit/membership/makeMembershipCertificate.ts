import { type Address, bytesToHex, type Hex, zeroAddress } from 'viem';
import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import { presentationContext } from '../../commitment/presentation.ts';
import type { MinibatchSet } from '../../data/minibatchSet.ts';
import { recordAt } from '../../data/recordAt.ts';
import { circuitIdOf } from '../../proof/circuitIdOf.ts';
import { noirVersion } from '../../proof/compileCircuit.ts';
import type { MembershipArtifacts } from '../../proof/membership/artifacts.ts';
import { type ProveMembershipReturnType, proveMembership } from '../../proof/membership/proveMembership.ts';
import type { UltraHonk } from '../../proof/ultrahonk.ts';
import { nameCircuit, type Verifier } from '../nameCircuit.ts';
import { permits } from '../permits.ts';
import { wordOf } from '../verdict.ts';
import type { MembershipCertificate } from './membershipCertificate.ts';

export type MakeMembershipCertificateParameters = {
  readonly p2: Poseidon2;
  readonly honk: UltraHonk;
  readonly artifacts: MembershipArtifacts;
  readonly verifier: Verifier;
  /** With its salts, where it is private. */
  readonly set: MinibatchSet;
  /** Which sample, counted from 0. */
  readonly sample: number;
  /** 0 where the record is public, else a secret random field element. */
  readonly recordSalt: bigint;
  /** Whether the certificate opens the record to whoever reads it. */
  readonly open: boolean;
  readonly chainId: number;
  /** Who alone may show it; anybody where there is none. */
  readonly prover?: Address;
  /** What the one who asked chose. */
  readonly nonce: Hex;
  /** Unix seconds; 0 for never. */
  readonly expiry: number;
  /** Versions for the reader, of this package and of Barretenberg. */
  readonly tools: { readonly assay: string; readonly barretenberg: string };
  readonly onStage?: (stage: 'witness' | 'proof') => void;
};

/**
 * Proves that a data set contains one of its records, and writes the certificate.
 *
 * @throws those of proveMembership
 */
export async function makeMembershipCertificate(
  parameters: MakeMembershipCertificateParameters,
): Promise<{ readonly certificate: MembershipCertificate; readonly proved: ProveMembershipReturnType }> {
  const { artifacts, verifier, set, sample, recordSalt, open, chainId, nonce, expiry, tools, prover = zeroAddress, ...rest } = parameters;
  const circuitId = circuitIdOf(artifacts, verifier.code);
  const context = presentationContext({
    chainId: BigInt(chainId),
    verifier: verifier.address,
    prover,
    nonce,
    expiry: BigInt(expiry),
    circuitId,
  });
  const proved = await proveMembership({ ...rest, artifacts, set, sample, recordSalt, context });
  const [, root, record] = proved.statement as [bigint, bigint, bigint];
  const certificate: MembershipCertificate = {
    format: 'assay-audit-certificate',
    version: 1,
    kind: 'membership',
    root: wordOf(root),
    record: wordOf(record),
    opened: open ? recordAt(set, sample, recordSalt) : null,
    presentation: { chainId, prover: prover.toLowerCase(), nonce: nonce.toLowerCase(), expiry },
    circuit: nameCircuit(verifier, circuitId, artifacts.shapeBytes, artifacts.honkVerifier.runtime),
    proof: bytesToHex(proved.proof),
    ceremony: artifacts.srs.profile,
    tools: { assay: tools.assay, noir: noirVersion, barretenberg: tools.barretenberg },
    permits: [...permits.membership],
  };
  return { certificate, proved };
}
