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
    /// @param circuitId pins statement, architecture, arithmetic, SRS and verifier code
    /// @param datasetId registered dataset whose tree depth the circuit has; 0 in an inference job
    /// @param genesisId checkpoint that the first window starts from, or that an inference job asks
    /// @param token plain ERC-20 that pays
    /// @param open weights are public (pure commitments, where a window commits new ones); a training job has no other kind so far
    /// @param mode 0 = eager: a window is proved in the transaction that submits it; the only mode so far
    /// @param windows how many windows, or answers, the job pays for
    /// @param leaseBlocks a lease's length
    /// @param freeReleaseBlocks how long a lease may be given back free of charge
    /// @param evidenceBlocks how long after a lease has ended its announcements can still be slashed
    /// @param price of one window
    /// @param bond stake that a lease locks, and that a false announcement costs
    /// @param lapsePenalty stake burned when a lease lapses
    /// @param worker the only operator that may lease; 0 for any. Where weights are hidden it must have registered the checkpoint: its owner
    /// @param wellFormedCircuit the checkpoint has been proved well-formed by this circuit; may be 0 only where weights are open
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
        address worker;
        bytes32 wellFormedCircuit;
    }

    /// @param inputId commitment of the input that window k of an inference job answers, k counting from the job's first
    /// @param cid CIDv1 bytes of the input blob (4 to 128), which whoever answers fetches and checks before it leases
    struct Input {
        uint256 inputId;
        bytes cid;
    }

    /// @param finalized windows proved so far; the index of the next one
    /// @param steps SGD steps of one window, from the circuit
    /// @param statementType of the circuit: keccak256 of "train-window" or "inference"
    /// @param headId checkpoint that the next window starts from; an inference job's never moves
    /// @param batchSeed drawn from a block hash; 0 until captured, and in an inference job
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
        bytes32 statementType;
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
    event InputAdded(uint256 indexed jobId, uint256 indexed windowIndex, uint256 indexed inputId, bytes cid);
    event SeedCaptured(uint256 indexed jobId, uint256 batchSeed);
    event JobPaused(uint256 indexed jobId);
    event JobResumed(uint256 indexed jobId);
    event JobCompleted(uint256 indexed jobId, uint256 headId);
    event JobCancelled(uint256 indexed jobId, uint256 finalized);
    event EscrowRefunded(uint256 indexed jobId, address indexed requester, uint256 amount);
    /// @param startId what the window starts from: the head checkpoint, or the input to answer
    event LeaseTaken(
        uint256 indexed jobId,
        uint256 indexed windowIndex,
        address indexed operator,
        bytes32 submissionId,
        uint256 leaseNonce,
        uint256 registrationNonce,
        uint256 startId,
        uint256 deadline
    );
    event LeaseReleased(uint256 indexed jobId, uint256 indexed windowIndex, address indexed operator, bytes32 submissionId);
    event LeaseLapsed(uint256 indexed jobId, uint256 indexed windowIndex, address indexed operator, bytes32 submissionId, uint256 burned);
    event LeaseRevoked(uint256 indexed jobId, uint256 indexed windowIndex, address indexed operator, bytes32 submissionId);
    /// @param statement context, parentId, childId, maskId, datasetRoot, batchSeed, firstStep, lossSum in a training job;
    /// context, checkpointId, maskId, inputId, then the output words in an inference job
    /// @param sender who sent the transaction: the operator or its hot key
    event WindowFinalized(
        uint256 indexed jobId,
        uint256 indexed windowIndex,
        address indexed operator,
        bytes32 submissionId,
        uint256[] statement,
        bytes32 proofHash,
        uint256 reward,
        address sender
    );

    error NotAllowed(address sender);
    error WiringMismatch(address module);
    error InvalidTerms(string field);
    error UnsupportedStatement(bytes32 statementType);
    error UnsupportedWeights(bool open);
    error UnsupportedMode(uint8 mode);
    error DevProfileRefused(bytes32 srsId, uint256 chainId);
    error UnknownModel(bytes32 modelId);
    error NotAStart(bytes32 modelId, uint256 checkpointId, address requester);
    /// @dev Hidden weights are asked of an operator that has not registered the checkpoint.
    error NotTheOwner(bytes32 modelId, uint256 checkpointId, address worker);
    error NotWellFormed(bytes32 circuitId, uint256 checkpointId);
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
    error NotAnInferenceJob(uint256 jobId);
    error InputCount(uint256 inputs, uint256 highest);
    error CidLength(uint256 length);
    error InputMissing(uint256 jobId, uint256 windowIndex);
    error InputMoved(uint256 jobId, uint256 expected, uint256 inputId);
    error NoAnswer(uint256 jobId, uint256 windowIndex);
    error NotTheWorker(uint256 jobId, address worker, address operator);
    error LeaseHeld(uint256 jobId, address operator, uint256 deadline);
    error NoLease(uint256 jobId);
    error NotLeaseHolder(uint256 jobId, address operator, address sender);
    error LeaseOver(uint256 jobId, LeaseState state);
    error ReleaseTooLate(uint256 jobId, uint256 lastBlock);
    error LeaseNotExpired(uint256 jobId, uint256 deadline);
    error WrongWindow(uint256 jobId, uint256 leased, uint256 submitted);
    error OutOfField(uint256 value);
    error ResultCount(uint256 results);
    error ProofRejected(bytes32 submissionId);

    /// @notice Opens a job and escrows `price * windows` (needs an allowance to this contract). The circuit says whether it trains or answers; a
    /// job that answers is active at once.
    function openJob(JobTerms calldata terms) external returns (uint256 jobId);

    /// @notice Appends inputs to an inference job, one for each answer, in order: at most 64 at once, and as many as the job pays for. They never
    /// change. Requester only.
    function addInputs(uint256 jobId, Input[] calldata inputs) external;

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
    /// @param expectedId what the worker has fetched and checked: the head checkpoint of a training job, the next input of an inference job;
    /// anything else reverts
    function lease(uint256 jobId, uint256 expectedId) external returns (bytes32 submissionId);

    /// @notice Gives the lease back free of charge within `freeReleaseBlocks`. Its operator or hot key.
    function release(uint256 jobId) external;

    /// @notice Ends a lease after its deadline: the bond returns, the penalty burns. Anyone.
    function expire(uint256 jobId) external;

    /// @notice Proves the leased window and is paid for it, in one transaction. The lease's operator or its current hot key.
    /// @dev Everything else in the statement comes from state, so a copied proof does not fit its copier. Reverts with ProofRejected.
    /// @param results the statement's words that the worker finds: childId, maskId, lossSum in a training job; maskId, then the output words in
    /// an inference job
    function submit(
        uint256 jobId,
        uint256 windowIndex,
        uint256[] calldata results,
        bytes calldata proof,
        bytes calldata opening
    ) external;

    /// @notice Takes the job's current lease from `operator`, if it has it. ChallengeManager only.
    function revokeLease(uint256 jobId, address operator) external;

    function jobCount() external view returns (uint256);

    /// @dev Reverts with UnknownJob.
    function jobOf(uint256 jobId) external view returns (Job memory);

    /// @notice The lease of a submission id; its state is None where there never was one.
    function leaseOf(bytes32 submissionId) external view returns (Lease memory);

    /// @notice The input that window `windowIndex` of an inference job answers. Reverts with InputMissing.
    function inputOf(uint256 jobId, uint256 windowIndex) external view returns (uint256);

    /// @notice How many inputs an inference job has so far.
    function inputCount(uint256 jobId) external view returns (uint256);

    /// @notice The output words that were proved and paid for an input. Reverts with NoAnswer.
    function answerOf(uint256 jobId, uint256 windowIndex) external view returns (uint256[] memory outputs);

    /// @notice The statement that `submit` would have verified for the job's latest lease.
    function statementFor(uint256 jobId, uint256[] calldata results)
        external
        view
        returns (bytes32 submissionId, uint256[] memory statement);

    /// @notice The EIP-712 digest of an announcement, which the operator's hot key signs.
    function announcementDigest(bytes32 submissionId, bytes32 statementHash, bytes32 proofHash) external view returns (bytes32);
}
