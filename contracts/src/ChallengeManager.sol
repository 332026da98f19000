// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IChallengeManager} from "./interfaces/IChallengeManager.sol";
import {IJobManager} from "./interfaces/IJobManager.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {Statements} from "./libraries/Statements.sol";

/// @title Evidence of false announcements
contract ChallengeManager is IChallengeManager {
    IJobManager public immutable jobManager;
    IStakeManager public immutable stakeManager;
    INodeRegistry public immutable nodeRegistry;
    IVerifierRouter public immutable verifierRouter;

    /// @inheritdoc IChallengeManager
    mapping(bytes32 commitment => uint256) public committedBlock;
    /// @inheritdoc IChallengeManager
    mapping(address operator => mapping(bytes32 submissionId => bool)) public isSlashed;

    constructor(IJobManager jobManager_, IStakeManager stakeManager_, INodeRegistry nodeRegistry_, IVerifierRouter verifierRouter_) {
        jobManager = jobManager_;
        stakeManager = stakeManager_;
        nodeRegistry = nodeRegistry_;
        verifierRouter = verifierRouter_;
    }

    /// @inheritdoc IChallengeManager
    function commitEvidence(bytes32 commitment) external {
        // A copier's earlier record of the same commitment serves the finder, who alone can open it.
        if (committedBlock[commitment] != 0) return;
        committedBlock[commitment] = block.number;
        emit EvidenceCommitted(commitment, msg.sender);
    }

    /// @inheritdoc IChallengeManager
    function slashByEvidence(Evidence calldata evidence) external returns (uint256 slashed) {
        Announcement calldata signed = evidence.announcement;
        bytes32 submissionId = signed.submissionId;
        _requireSubmission(evidence);
        IJobManager.Job memory job = jobManager.jobOf(evidence.jobId);
        _requireAsSigned(evidence, job.statementType);
        _requireCommitted(signed, evidence.salt);

        IJobManager.Lease memory leased = jobManager.leaseOf(submissionId);
        if (leased.state == IJobManager.LeaseState.None) revert UnknownSubmission(submissionId);
        uint256 lastBlock = uint256(leased.ended) + job.terms.evidenceBlocks;
        if (leased.ended != 0 && block.number > lastBlock) revert EvidenceWindowOver(submissionId, lastBlock);

        bytes32 digest = jobManager.announcementDigest(submissionId, signed.statementHash, signed.proofHash);
        address signer = ECDSA.recoverCalldata(digest, signed.signature);
        address operator = nodeRegistry.ownerOf(signer);
        if (operator == address(0)) revert UnknownSigner(signer);
        if (isSlashed[operator][submissionId]) revert AlreadySlashed(operator, submissionId);

        // The router reverts rather than answer with too little gas, so "false" here is the verifier's word.
        bool open = Statements.isOpen(job.statementType, job.terms.open);
        if (verifierRouter.verify(job.terms.circuitId, open, evidence.statement, evidence.proof, evidence.opening)) {
            revert EvidenceIsTrue(submissionId);
        }
        isSlashed[operator][submissionId] = true;
        jobManager.revokeLease(evidence.jobId, operator);
        slashed = stakeManager.slash(operator, job.terms.bond, msg.sender, job.requester);
        emit OperatorSlashed(submissionId, operator, msg.sender, evidence.jobId, signed.proofHash, slashed);
    }

    function _requireSubmission(Evidence calldata evidence) private view {
        bytes32 submissionId = Encodings.submissionId(
            address(jobManager), evidence.jobId, evidence.windowIndex, evidence.contributionIndex, evidence.leaseNonce
        );
        bytes32 signed = evidence.announcement.submissionId;
        if (submissionId != signed) revert SubmissionMismatch(signed, submissionId);
    }

    /// The bytes shown must be the ones that the signature names.
    function _requireAsSigned(Evidence calldata evidence, bytes32 statementType) private pure {
        Announcement calldata signed = evidence.announcement;
        bytes32 statementHash = Statements.hash(statementType, evidence.statement);
        if (statementHash != signed.statementHash) revert StatementMismatch(signed.statementHash, statementHash);
        bytes32 proofHash = Encodings.proofHash(evidence.proof, evidence.opening);
        if (proofHash != signed.proofHash) revert ProofMismatch(signed.proofHash, proofHash);
    }

    function _requireCommitted(Announcement calldata signed, bytes32 salt) private view {
        bytes32 commitment =
            Encodings.evidenceCommitment(signed.submissionId, signed.statementHash, signed.proofHash, msg.sender, salt);
        uint256 committed = committedBlock[commitment];
        if (committed == 0) revert NotCommitted(commitment);
        if (block.number <= committed) revert CommittedTooLate(commitment, committed);
    }
}
