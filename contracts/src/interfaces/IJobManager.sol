// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Jobs, leases and settlement
/// @notice job:   Open -> Active <-> Paused -> Completed | Cancelled
///         lease: Held -> Finalized | Released | Lapsed | Revoked;  Lapsed -> Finalized while nobody else holds a lease
interface IJobManager {
    /// Open: the seed is not captured yet. Pause and cancel stop new leases only.
    enum JobState {
        None,
        Open,
        Active,
        Paused,
        Completed,
        Cancelled
    }

    enum LeaseState {
        None,
        Held,
        Lapsed,
        Finalized,
        Released,
        Revoked
    }

    /// @notice Fixed when the job is opened.
    /// @param circuitId pins architecture, arithmetic, SRS and verifier code
    /// @param datasetId registered dataset whose tree depth the circuit has
    /// @param genesisId checkpoint that the first window starts from
    /// @param token plain ERC-20 that pays
    /// @param open weights are public (pure commitments); the only kind so far
    /// @param mode 0 = eager: a window is proved in the transaction that submits it; the only mode so far
    /// @param windows how many windows the job pays for
    /// @param leaseBlocks a lease's length
    /// @param freeReleaseBlocks how long a lease may be given back free of charge
    /// @param evidenceBlocks how long after a lease has ended its announcements can still be slashed
    /// @param price of one window
    /// @param bond stake that a lease locks, and that a false announcement costs
    /// @param lapsePenalty stake burned when a lease lapses
    struct JobTerms {
        bytes32 circuitId;
        bytes32 datasetId;
        uint256 genesisId;
        address token;
        bool open;
        uint8 mode;
        uint32 windows;
        uint32 leaseBlocks;
        uint32 freeReleaseBlocks;
        uint32 evidenceBlocks;
        uint128 price;
        uint128 bond;
        uint128 lapsePenalty;
    }

    /// @param finalized windows proved so far; the index of the next one
    /// @param steps SGD steps of one window, from the circuit
    /// @param headId checkpoint that the next window starts from
    /// @param batchSeed drawn from a block hash; 0 until captured
    /// @param escrow what the job still holds of its token
    /// @param leaseId submission id of the latest lease; 0 before the first
    struct Job {
        JobTerms terms;
        address requester;
        JobState state;
        uint32 finalized;
        uint32 steps;
        uint64 openBlock;
        uint64 leaseNonce;
        bytes32 modelId;
        uint256 datasetRoot;
        uint256 batchSeed;
        uint256 headId;
        uint256 escrow;
        bytes32 leaseId;
    }

    /// @param registrationNonce the operator's when it took the lease; part of the statement's context
    /// @param deadline last block before anyone may expire the lease
    /// @param ended block in which the lease was over; 0 while a proof for it can still count
    struct Lease {
        address operator;
        LeaseState state;
        uint64 jobId;
        uint32 windowIndex;
        uint32 contributionIndex;
        uint64 leaseNonce;
        uint64 registrationNonce;
        uint64 start;
        uint64 deadline;
        uint64 ended;
    }

    event JobOpened(uint256 indexed jobId, address indexed requester, bytes32 indexed modelId, JobTerms terms);
    event SeedCaptured(uint256 indexed jobId, uint256 batchSeed);
    event JobPaused(uint256 indexed jobId);
    event JobResumed(uint256 indexed jobId);
    event JobCompleted(uint256 indexed jobId, uint256 headId);
    event JobCancelled(uint256 indexed jobId, uint256 finalized);
    event EscrowRefunded(uint256 indexed jobId, address indexed requester, uint256 amount);
    event LeaseTaken(
        uint256 indexed jobId,
        uint256 indexed windowIndex,
        address indexed operator,
        bytes32 submissionId,
        uint256 leaseNonce,
        uint256 registrationNonce,
        uint256 parentId,
        uint256 deadline
    );
    event LeaseReleased(uint256 indexed jobId, uint256 indexed windowIndex, address indexed operator, bytes32 submissionId);
    event LeaseLapsed(uint256 indexed jobId, uint256 indexed windowIndex, address indexed operator, bytes32 submissionId, uint256 burned);
    event LeaseRevoked(uint256 indexed jobId, uint256 indexed windowIndex, address indexed operator, bytes32 submissionId);
    /// @param statement context, parentId, childId, maskId, datasetRoot, batchSeed, firstStep, lossSum
    /// @param sender who sent the transaction: the operator or its hot key
    event WindowFinalized(
        uint256 indexed jobId,
        uint256 indexed windowIndex,
        address indexed operator,
        bytes32 submissionId,
        uint256[8] statement,
        bytes32 proofHash,
        uint256 reward,
        address sender
    );

    error NotAllowed(address sender);
    error WiringMismatch(address module);
    error InvalidTerms(string field);
    error UnsupportedWeights(bool open);
    error UnsupportedMode(uint8 mode);
    error DevProfileRefused(bytes32 srsId, uint256 chainId);
    error UnknownModel(bytes32 modelId);
    error NotAStart(bytes32 modelId, uint256 checkpointId, address requester);
    error TreeDepthMismatch(uint256 circuitDepth, uint256 datasetDepth);
    error WindowsTooLong(uint256 blocks, uint256 highest);
    error BondTooSmall(uint256 bond, uint256 lowest);
    /// @dev The vault received another amount than was sent (a token that takes a fee).
    error UnexpectedAmount(uint256 received, uint256 expected);
    error UnknownJob(uint256 jobId);
    error WrongJobState(uint256 jobId, JobState state);
    error SeedTooEarly(uint256 jobId, uint256 seedBlock);
    error SeedMissed(uint256 jobId, uint256 seedBlock);
    error SeedNotMissed(uint256 jobId, uint256 lastBlock);
    error ParentMoved(uint256 jobId, uint256 expected, uint256 headId);
    error LeaseHeld(uint256 jobId, address operator, uint256 deadline);
    error NoLease(uint256 jobId);
    error NotLeaseHolder(uint256 jobId, address operator, address sender);
    error LeaseOver(uint256 jobId, LeaseState state);
    error ReleaseTooLate(uint256 jobId, uint256 lastBlock);
    error LeaseNotExpired(uint256 jobId, uint256 deadline);
    error WrongWindow(uint256 jobId, uint256 leased, uint256 submitted);
    error OutOfField(uint256 value);
    error ProofRejected(bytes32 submissionId);

    /// @notice Opens a job and escrows `price * windows` (needs an allowance to this contract).
    function openJob(JobTerms calldata terms) external returns (uint256 jobId);

    /// @notice Draws the job's seed from the hash of block `openBlock + 8`. Anyone, within 256 blocks after it.
    function captureSeed(uint256 jobId) external;

    /// @notice Cancels and refunds a job whose seed nobody captured in time. Anyone.
    function refundUnseeded(uint256 jobId) external;

    /// @notice Stops new leases. Requester only.
    function pause(uint256 jobId) external;

    /// @notice Allows new leases again. Requester only.
    function resume(uint256 jobId) external;

    /// @notice Stops new leases for good and credits the requester with what is unspent; the price of a lease that is held stays until
    /// that lease is over. Requester only.
    function cancel(uint256 jobId) external;

    /// @notice Leases the next window to the operator for whom the sender acts, and locks its bond.
    /// @param expectedParentId the checkpoint that the worker has checked; another head reverts
    function lease(uint256 jobId, uint256 expectedParentId) external returns (bytes32 submissionId);

    /// @notice Gives the lease back free of charge within `freeReleaseBlocks`. Its operator or hot key.
    function release(uint256 jobId) external;

    /// @notice Ends a lease after its deadline: the bond returns, the penalty burns. Anyone.
    function expire(uint256 jobId) external;

    /// @notice Proves the leased window and is paid for it, in one transaction. The lease's operator or its current hot key.
    /// @dev Everything else in the statement comes from state, so a copied proof does not fit its copier. Reverts with ProofRejected.
    function submit(
        uint256 jobId,
        uint256 windowIndex,
        uint256 childId,
        uint256 maskId,
        uint256 lossSum,
        bytes calldata honkProof,
        bytes calldata opening
    ) external;

    /// @notice Takes the job's current lease from `operator`, if it has it. ChallengeManager only.
    function revokeLease(uint256 jobId, address operator) external;

    function jobCount() external view returns (uint256);

    /// @dev Reverts with UnknownJob.
    function jobOf(uint256 jobId) external view returns (Job memory);

    /// @notice The lease of a submission id; its state is None where there never was one.
    function leaseOf(bytes32 submissionId) external view returns (Lease memory);

    /// @notice The statement that `submit` would have verified for the job's latest lease.
    function statementFor(uint256 jobId, uint256 childId, uint256 maskId, uint256 lossSum)
        external
        view
        returns (bytes32 submissionId, uint256[8] memory statement);

    /// @notice The EIP-712 digest of an announcement, which the operator's hot key signs.
    function announcementDigest(bytes32 submissionId, bytes32 statementHash, bytes32 proofHash) external view returns (bytes32);
}
