// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Evidence of false announcements
/// @notice What slashes is an operator's own signature over a submission whose proof the verifier refuses. Evidence is committed at least one
/// block before it is shown, bound to its finder, so that it cannot be copied from the mempool.
interface IChallengeManager {
    /// @param submissionId, statementHash, proofHash what the hot key signed
    /// @param signature its EIP-712 signature (65 bytes)
    struct Announcement {
        bytes32 submissionId;
        bytes32 statementHash;
        bytes32 proofHash;
        bytes signature;
    }

    /// @param jobId, windowIndex, contributionIndex, leaseNonce what the submission id was made of
    /// @param statement the words of the job's statement (IJobManager.WindowFinalized): as signed, whatever the chain's state is
    /// @param salt the one in the commitment
    struct Evidence {
        Announcement announcement;
        uint256 jobId;
        uint256 windowIndex;
        uint256 contributionIndex;
        uint256 leaseNonce;
        uint256[] statement;
        bytes proof;
        bytes opening;
        bytes32 salt;
    }

    event EvidenceCommitted(bytes32 indexed commitment, address indexed sender);
    event OperatorSlashed(
        bytes32 indexed submissionId, address indexed operator, address indexed finder, uint256 jobId, bytes32 proofHash, uint256 slashed
    );

    error SubmissionMismatch(bytes32 signed, bytes32 computed);
    error StatementMismatch(bytes32 signed, bytes32 computed);
    error ProofMismatch(bytes32 signed, bytes32 computed);
    error UnknownSubmission(bytes32 submissionId);
    error NotCommitted(bytes32 commitment);
    error CommittedTooLate(bytes32 commitment, uint256 committedBlock);
    /// @dev The signature is not by a hot key of any operator: forged, or not over this announcement.
    error UnknownSigner(address recovered);
    error EvidenceWindowOver(bytes32 submissionId, uint256 lastBlock);
    error AlreadySlashed(address operator, bytes32 submissionId);
    /// @dev The verifier accepts the proof: nothing to slash.
    error EvidenceIsTrue(bytes32 submissionId);

    /// @notice Records `keccak256(abi("assay.evidence.v1" tag, submissionId, statementHash, proofHash, finder, salt))`. The first record counts.
    function commitEvidence(bytes32 commitment) external;

    /// @notice Slashes the operator whose hot key signed a proof that the verifier refuses, and frees its lease on that job.
    /// Once per operator and submission.
    function slashByEvidence(Evidence calldata evidence) external returns (uint256 slashed);

    function committedBlock(bytes32 commitment) external view returns (uint256);

    function isSlashed(address operator, bytes32 submissionId) external view returns (bool);
}
