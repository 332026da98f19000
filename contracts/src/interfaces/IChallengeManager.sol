// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Evidence and demands
/// @notice What slashes an operator: its own signature over a submission whose proof the verifier refuses; two of its signatures that
/// give one submission two results; a proof that it does not post when it is demanded. Evidence is committed at least one block before
/// it is shown, bound to its finder, so that it cannot be copied from the mempool. An operator is slashed once for one submission.
interface IChallengeManager {
    /// @param submissionId, statementHash, proofHash what the hot key signed
    /// @param signature its EIP-712 signature (65 bytes)
    struct Announcement {
        bytes32 submissionId;
        bytes32 statementHash;
        bytes32 proofHash;
        bytes signature;
    }

    /// @param statement the words of the job's statement (IWindowManager.WindowSubmitted): as signed; the first must be the
    /// lease's context, the others are taken whatever the chain's state is
    /// @param salt the one in the commitment
    struct Evidence {
        Announcement announcement;
        uint256[] statement;
        bytes proof;
        bytes opening;
        bytes32 salt;
    }

    /// @param challenger who demanded the proof's bytes; bond in wei
    /// @param deadline last block before withholding them can be slashed; until that is done, posting them still counts
    struct Demand {
        address challenger;
        uint96 bond;
        uint64 deadline;
        bool open;
    }

    /// @param finder who gets the finder's part of it; amount in wei of ASSAY
    struct Debt {
        address finder;
        uint128 amount;
    }

    event EvidenceCommitted(bytes32 indexed commitment, address indexed sender);
    /// @param reason "false", "equivocation" or "withheld"
    event OperatorSlashed(
        bytes32 indexed submissionId, address indexed operator, address indexed finder, bytes32 proofHash, string reason, uint256 slashed
    );
    /// @notice A slash found less than its amount: the operator owes the rest.
    event DebtIncurred(bytes32 indexed submissionId, address indexed operator, address indexed finder, uint256 amount);
    event DebtCollected(bytes32 indexed submissionId, address indexed operator, address indexed finder, uint256 collected);
    event ProofDemanded(bytes32 indexed submissionId, address indexed challenger, uint256 bond, uint256 deadline);
    /// @param to whoever posted the proof, or the challenger again
    event DemandClosed(bytes32 indexed submissionId, address indexed to, uint256 bond);
    event Withdrawn(address indexed account, uint256 amount);

    error StatementMismatch(bytes32 signed, bytes32 computed);
    error ProofMismatch(bytes32 signed, bytes32 computed);
    /// @dev The words signed are not of this lease: its name belonged to another one before the chain was reorganised, or they are no statement
    /// of any.
    error ContextMismatch(uint256 expected, uint256 given);
    error UnknownSubmission(bytes32 submissionId);
    error NotCommitted(bytes32 commitment);
    error CommittedTooLate(bytes32 commitment, uint256 committedBlock);
    /// @dev The signature is not by a hot key of any operator: forged, or not over this announcement.
    error UnknownSigner(address recovered);
    error EvidenceWindowOver(bytes32 submissionId, uint256 lastBlock);
    error AlreadySlashed(address operator, bytes32 submissionId);
    /// @dev The verifier accepts the proof: nothing to slash.
    error EvidenceIsTrue(bytes32 submissionId);
    /// @dev The two announcements say the same, or are not by the same operator for the same submission, or answer two
    /// questions (the chain was reorganised in between).
    error NoEquivocation(bytes32 submissionId);
    error NotDemandable(bytes32 submissionId);
    error AlreadyDemanded(bytes32 submissionId);
    error DemandBondTooSmall(uint256 given, uint256 needed);
    error NoDemand(bytes32 submissionId);
    error DemandNotOverdue(bytes32 submissionId, uint256 deadline);
    /// @dev The operator owes nothing for this submission, or has nothing that no bond holds.
    error NothingToCollect(address operator, bytes32 submissionId);
    error NothingToWithdraw(address account);
    error TransferFailed(address account);

    /// @notice Records `keccak256(abi("assay.evidence.v1" tag, submissionId, statementHash, proofHash, finder, salt))`. The first record
    /// counts.
    function commitEvidence(bytes32 commitment) external;

    /// @notice Whether `finder` committed this evidence in an earlier block.
    function isCommitted(bytes32 submissionId, bytes32 statementHash, bytes32 proofHash, address finder, bytes32 salt)
        external
        view
        returns (bool);

    /// @notice Slashes the operator whose hot key signed a proof that the verifier refuses, for a statement under this lease. Where the lease is the operator's, it loses
    /// what it holds under that name: a submission that stands and is not proved is rejected, a lease Held or Lapsed is revoked. The
    /// signer need not hold the lease.
    function slashByEvidence(Evidence calldata evidence) external returns (uint256 slashed);

    /// @notice Slashes an operator that signed two different results of one question: childId, lossSum or outputs differ; the words that
    /// the chain gives (all others but maskId) do not. Training with open weights and inference only: there an honest worker has one
    /// result, however often it proves it. What is lost with it is as in `slashByEvidence`. Committed as evidence of the first
    /// announcement.
    function slashByEquivocation(
        Announcement calldata first,
        uint256[] calldata firstStatement,
        Announcement calldata second,
        uint256[] calldata secondStatement,
        bytes32 salt
    ) external returns (uint256 slashed);

    /// @notice Takes what a slash by evidence could not take, since other bonds held it or it was not there, as far as it is free now; divided as the
    /// slash would have been. Anyone.
    function collectDebt(address operator, bytes32 submissionId) external returns (uint256 collected);

    /// @notice What the operator still owes for its fault under this submission id.
    function debtOf(address operator, bytes32 submissionId) external view returns (Debt memory);

    /// @notice Demands the proof of a submission that is neither proved nor final, once, while its silence lasts; costs `demandBond()`,
    /// and what is sent above it can be withdrawn. The answer is IWindowManager.settle, whose sender gets the bond if the proof is true;
    /// no answer by the deadline is a fault.
    function demand(bytes32 submissionId) external payable;

    /// @notice Slashes for a proof that was demanded and not posted: the challenger is the finder and gets its bond back. Anyone.
    function slashWithheld(bytes32 submissionId) external returns (uint256 slashed);

    /// @notice Closes the demand of a submission that is over or proved and credits its bond. WindowManager only.
    /// @param poster who posted a true proof; 0: the challenger gets its bond back
    function closeDemand(bytes32 submissionId, address poster) external;

    /// @notice Marks that the operator has been slashed for the submission; false if it was before. WindowManager only.
    function markSlashed(address operator, bytes32 submissionId) external returns (bool first);

    /// @notice Pays out native coin that is owed to the sender.
    function withdraw() external returns (uint256 amount);

    /// @notice What `demand` costs now: 3 times 5,000,000 gas at the block's base fee plus 1 gwei.
    function demandBond() external view returns (uint256);

    /// @notice The one demand that a submission has had; all zero without one.
    function demandOf(bytes32 submissionId) external view returns (Demand memory);

    /// @notice Native coin that `account` may withdraw, in wei.
    function owedTo(address account) external view returns (uint256);

    /// @notice Block in which a commitment of evidence was first recorded; 0 if it was not.
    function committedBlock(bytes32 commitment) external view returns (uint256);

    /// @notice Whether the operator has been slashed for the submission.
    function isSlashed(address operator, bytes32 submissionId) external view returns (bool);
}
