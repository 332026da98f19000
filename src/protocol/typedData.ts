/** EIP-712 types of what operators and validators sign; see docs/reference/encodings.md. */
export const announcementTypes = {
  Announcement: [
    { name: 'submissionId', type: 'bytes32' },
    { name: 'statementHash', type: 'bytes32' },
    { name: 'proofHash', type: 'bytes32' },
  ],
} as const;

export const attestationTypes = {
  Attestation: [
    { name: 'submissionId', type: 'bytes32' },
    { name: 'proofHash', type: 'bytes32' },
    { name: 'verdict', type: 'string' },
  ],
} as const;

/** The EIP-712 domain of one JobManager on one chain. */
export function signingDomain(
  chainId: number,
  jobManager: `0x${string}`,
): { name: 'Assay'; version: '1'; chainId: number; verifyingContract: `0x${string}` } {
  return { name: 'Assay', version: '1', chainId, verifyingContract: jobManager };
}
