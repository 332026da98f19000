import { encodeAbiParameters, keccak256, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { blobId } from '../../src/commitment/blobId.ts';
import type { Announcement, Attestation, Hex } from '../../src/net/messages.ts';
import { announcementTypes, attestationTypes, signingDomain } from '../../src/protocol/typedData.ts';

/** Keys of fixtures; their secrets are public. */
const operatorAccount = privateKeyToAccount(keccak256(toHex('assay test operator')));
export const otherAccount = privateKeyToAccount(keccak256(toHex('assay test other')));

export const chainId = 31337;
export const jobManager = '0x5fbdb2315678afecb367f032d93f642f64180aa3';

/** As docs/reference/encodings.md defines it, written out again so that tests do not lean on what they test. */
export function expectedSubmissionId(
  a: Pick<Announcement, 'chainId' | 'jobManager' | 'jobId' | 'windowIndex' | 'contributionIndex' | 'leaseNonce'>,
): Hex {
  return keccak256(
    encodeAbiParameters(
      [
        { type: 'bytes32' },
        { type: 'uint256' },
        { type: 'address' },
        { type: 'uint256' },
        { type: 'uint256' },
        { type: 'uint256' },
        { type: 'uint256' },
      ],
      [
        keccak256(toHex('assay.submission.v1')),
        BigInt(a.chainId),
        a.jobManager,
        BigInt(a.jobId),
        BigInt(a.windowIndex),
        BigInt(a.contributionIndex),
        BigInt(a.leaseNonce),
      ],
    ),
  );
}

export function expectedStatementHash(statement: readonly Hex[]): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'uint256[8]' }],
      [
        keccak256(toHex('assay.statement.train-window.v1')),
        statement.map(BigInt) as unknown as readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint],
      ],
    ),
  );
}

/** A well-formed announcement, signed by `account`, of which any field may be replaced before signing. */
export async function makeAnnouncement(change: Partial<Announcement> = {}, account = operatorAccount): Promise<Announcement> {
  const fields = { chainId, jobManager: jobManager as Hex, jobId: 3, windowIndex: 70_000, contributionIndex: 0, leaseNonce: 1, ...change };
  const unsigned = {
    ...fields,
    operator: account.address.toLowerCase() as Hex,
    submissionId: expectedSubmissionId(fields),
    statement: [11n, 12n, 13n, 14n, 15n, 16n, 4n, 1234n].map((value) => toHex(value, { size: 32 })),
    proofHash: keccak256(toHex('a proof')),
    proofCid: blobId(new TextEncoder().encode('a proof')),
    checkpointCid: blobId(new TextEncoder().encode('a checkpoint')),
    ...change,
  };
  const signature = await account.signTypedData({
    domain: signingDomain(unsigned.chainId, unsigned.jobManager),
    types: announcementTypes,
    primaryType: 'Announcement',
    message: {
      submissionId: unsigned.submissionId,
      statementHash: expectedStatementHash(unsigned.statement),
      proofHash: unsigned.proofHash,
    },
  });
  return { ...unsigned, signature: change.signature ?? signature };
}

export async function makeAttestation(change: Partial<Attestation> = {}, account = operatorAccount): Promise<Attestation> {
  const unsigned = {
    submissionId: keccak256(toHex('a submission')),
    proofHash: keccak256(toHex('a proof')),
    verdict: 'accept',
    validator: account.address.toLowerCase() as Hex,
    ...change,
  };
  const signature = await account.signTypedData({
    domain: signingDomain(chainId, jobManager),
    types: attestationTypes,
    primaryType: 'Attestation',
    message: { submissionId: unsigned.submissionId, proofHash: unsigned.proofHash, verdict: unsigned.verdict },
  });
  return { ...unsigned, signature: change.signature ?? signature };
}
