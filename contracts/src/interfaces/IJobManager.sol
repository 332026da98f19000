// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Jobs: terms, escrow, seed, inputs
/// @notice job: Open -> Active <-> Paused -> Completed | Cancelled. What is leased, submitted and settled is the WindowManager's.
/// A *unit* is one contribution to one window: what is paid for. A job has windows * contributions of them.
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

    /// @notice Fixed when the job is opened.
    /// @param circuitId pins statement, architecture, arithmetic, SRS and verifier code
    /// @param datasetId registered dataset whose tree depth the circuit has and whose licence allows training; 0 in an inference job
    /// @param genesisId checkpoint that the first window starts from, or that an inference job asks
    /// @param token plain ERC-20 that pays
    /// @param open weights are public (pure commitments, where a window commits new ones); otherwise only `worker`, their owner, works
    /// @param mode 0 = eager: a window is proved in the transaction that submits it; 1 = optimistic: silence makes it final
    /// @param contributions 1 to 8 proofs from one parent a window, merged on chain; more than 1 only in eager training jobs with open
    /// weights
    /// @param validators 0 to 3 drawn by stake for each window; 0 in eager mode, and then validatorBps is 0, too
    /// @param maxLapses lease lengths without a proof after a lapse until anyone may close the job (1 to 255)
    /// @param windows how many windows, or answers, the job wants (1 to 1,000,000)
    /// @param leaseBlocks a lease's length
    /// @param freeReleaseBlocks how long an exclusive lease may be given back free of charge; below leaseBlocks
    /// @param priorityBlocks how long a newcomer waits for a fresh window; the best reputed do not; below leaseBlocks
    /// @param finalityBlocks silence that makes a submission final (10 or more; 0 in eager mode)
    /// @param answerBlocks time to post a proof that is demanded (10 or more; 0 in eager mode)
    /// @param evidenceBlocks how long after a lease has ended its announcements can still be slashed (1 or more)
    /// @param price of one unit, above 0
    /// @param fee in ASSAY, burned for every final unit; reputation and emission follow it; may be 0
    /// @param bond what a false submission or announcement costs; at least the bond floor. A lease locks it times 1.5 / reputation's factor
    /// @param lapsePenalty stake burned when an exclusive lease lapses; doubles with each lapse in a row, up to the bond
    /// @param validatorBps, licensorBps, treasuryBps shares of the price in 1/10,000; together at most 5,000; the rest is the worker's.
    /// licensorBps is at least what the dataset's licence asks; 0 in an inference job
    /// @param treasury gets treasuryBps; 0 exactly if that is 0
    /// @param worker the only operator that may lease; 0 for any. Where weights are hidden it must have registered the checkpoint: its
    /// owner
    /// @param wellFormedCircuit the checkpoint has been proved well-formed by this circuit; may be 0 only where weights are open
    struct JobTerms {
        bytes32 circuitId;
        bytes32 datasetId;
        uint256 genesisId;
        address token;
        bool open;
        uint8 mode;
        uint8 contributions;
        uint8 validators;
        uint8 maxLapses;
        uint32 windows;
        uint32 leaseBlocks;
        uint32 freeReleaseBlocks;
        uint32 priorityBlocks;
        uint32 finalityBlocks;
        uint32 answerBlocks;
        uint32 evidenceBlocks;
        uint128 price;
        uint128 fee;
        uint128 bond;
        uint128 lapsePenalty;
        uint16 validatorBps;
        uint16 licensorBps;
        uint16 treasuryBps;
        address treasury;
        address worker;
        bytes32 wellFormedCircuit;
    }

    /// @param inputId commitment of the input that window k of an inference job answers, k counting from the job's first
    /// @param cid CIDv1 bytes of the input blob (4 to 128), which whoever answers fetches and checks before it leases
    struct Input {
        uint256 inputId;
        bytes cid;
    }

    /// @param unitsLeft units whose price and fee the job still holds
    /// @param steps SGD steps of one window, from the circuit
    /// @param emissionBps share of a burned fee that its units mint, as it was when the job opened
    /// @param openBlock in which it was opened; activeBlock in which its first lease became possible
    /// @param licensor registrant of the dataset; 0 in an inference job
    /// @param statementType of the circuit: keccak256 of "train-window" or "inference"
    /// @param licenceHash of the genesis' licence, which every checkpoint of the job inherits
    /// @param batchSeed drawn from a block hash; 0 until captured, and in an inference job
    struct Job {
        JobTerms terms;
        address requester;
        JobState state;
        uint32 steps;
        uint16 emissionBps;
        uint32 statementWords;
        uint64 unitsLeft;
        uint64 openBlock;
        uint64 activeBlock;
        address licensor;
        bytes32 statementType;
        bytes32 modelId;
        bytes32 licenceHash;
        uint256 datasetRoot;
        uint256 batchSeed;
    }

    event JobOpened(uint256 indexed jobId, address indexed requester, bytes32 indexed modelId, JobTerms terms);
    event InputAdded(uint256 indexed jobId, uint256 indexed windowIndex, uint256 indexed inputId, bytes cid);
    event SeedCaptured(uint256 indexed jobId, uint256 batchSeed);
    event JobPaused(uint256 indexed jobId);
    event JobResumed(uint256 indexed jobId);
    event JobCompleted(uint256 indexed jobId);
    /// @param closer who cancelled (the requester) or closed (anyone)
    event JobCancelled(uint256 indexed jobId, address indexed closer);
    event EscrowRefunded(uint256 indexed jobId, address indexed requester, uint256 amount, uint256 fee);
    /// @param validatorPart stays in escrow until the seats are settled
    event UnitPaid(
        uint256 indexed jobId,
        bytes32 indexed submissionId,
        address indexed operator,
        uint256 workerPart,
        uint256 validatorPart,
        uint256 licensorPart,
        uint256 treasuryPart,
        uint256 feeBurned,
        uint256 emitted
    );
    event SeatPaid(uint256 indexed jobId, bytes32 indexed submissionId, address indexed account, uint256 amount);

    error WiringMismatch(address module);
    error InvalidTerms(string field);
    error NewJobsPaused(uint256 untilBlock);
    error UnsupportedStatement(bytes32 statementType);
    error UnsupportedMode(uint8 mode);
    error DevProfileRefused(bytes32 srsId, uint256 chainId);
    error UnknownModel(bytes32 modelId);
    error NotAStart(bytes32 circuitId, uint256 checkpointId, address requester);
    /// @dev Hidden weights are asked of an operator that has not registered the checkpoint.
    error NotTheOwner(bytes32 modelId, uint256 checkpointId, address worker);
    error NotWellFormed(bytes32 circuitId, uint256 checkpointId);
    error TreeDepthMismatch(uint256 circuitDepth, uint256 datasetDepth);
    error WindowsTooLong(uint256 blocks, uint256 highest);
    error BondTooSmall(uint256 bond, uint256 lowest);
    error LicenceShareTooSmall(uint256 licensorBps, uint256 lowest);
    /// @dev The vault received another amount than was sent (a token that takes a fee).
    error UnexpectedAmount(address token, uint256 received, uint256 expected);
    error UnknownJob(uint256 jobId);
    error WrongJobState(uint256 jobId, JobState state);
    error SeedTooEarly(uint256 jobId, uint256 seedBlock);
    error SeedMissed(uint256 jobId, uint256 seedBlock);
    error SeedNotMissed(uint256 jobId, uint256 lastBlock);
    error NotAnInferenceJob(uint256 jobId);
    error InputCount(uint256 inputs, uint256 highest);
    error CidLength(uint256 length);
    error InputMissing(uint256 jobId, uint256 windowIndex);
    error OutOfField(uint256 value);
    error NotLapsed(uint256 jobId, uint256 lapses, uint256 needed);

    /// @notice Opens a job and escrows `price * units` of the token and `fee * units` ASSAY (needs allowances to this contract). The
    /// circuit says whether it trains or answers; a job that answers is active at once.
    function openJob(JobTerms calldata terms) external returns (uint256 jobId);

    /// @notice `openJob` after trying an EIP-2612 permit of `value` of the job's token; a permit that fails (used already by a copier) is
    /// no obstacle where the allowance is there.
    function openJobWithPermit(JobTerms calldata terms, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (uint256 jobId);

    /// @notice Appends inputs to an inference job, one for each answer, in order: at most 64 at once, and as many as the job pays for. They
    /// never change. Requester only.
    function addInputs(uint256 jobId, Input[] calldata inputs) external;

    /// @notice Draws the job's seed from the hash of block `openBlock + 8`. Anyone, within 256 blocks after it.
    function captureSeed(uint256 jobId) external;

    /// @notice Cancels and refunds a job whose seed nobody captured in time. Anyone.
    function refundUnseeded(uint256 jobId) external;

    /// @notice Stops new leases. Requester only.
    function pause(uint256 jobId) external;

    /// @notice Allows new leases again. Requester only.
    function resume(uint256 jobId) external;

    /// @notice Stops new leases for good and credits the requester with what is unspent; what is leased or submitted stays escrowed until
    /// it is over. Requester only.
    function cancel(uint256 jobId) external;

    /// @notice Cancels a job that nobody proves: `maxLapses` or more (IWindowManager.lapsesOf). Anyone.
    function close(uint256 jobId) external;

    /// @notice Pays for one final unit: splits its price, burns its fee, and tells reputation and emission. WindowManager only.
    function payUnit(uint256 jobId, bytes32 submissionId, address operator) external;

    /// @notice Pays one validator's seat of a final unit, floor(validatorBps share / validators), out of escrow; `account` 0 pays the
    /// requester. The last wei of a share that does not divide is the worker's. ValidatorManager only.
    function paySeat(uint256 jobId, bytes32 submissionId, address account) external;

    /// @notice Marks the job completed. WindowManager only.
    function complete(uint256 jobId) external;

    /// @notice Refunds, if the job is cancelled, the units that are not pending any more. WindowManager only.
    function refundRest(uint256 jobId) external;

    /// @notice Jobs opened so far: the id of the latest.
    function jobCount() external view returns (uint256);

    /// @dev Reverts with UnknownJob.
    function jobOf(uint256 jobId) external view returns (Job memory);

    /// @notice The input that window `windowIndex` of an inference job answers. Reverts with InputMissing.
    function inputOf(uint256 jobId, uint256 windowIndex) external view returns (uint256);

    /// @notice How many inputs an inference job has so far.
    function inputCount(uint256 jobId) external view returns (uint256);

    /// @notice The EIP-712 digest of an announcement, which the operator's hot key signs.
    function announcementDigest(bytes32 submissionId, bytes32 statementHash, bytes32 proofHash) external view returns (bytes32);
}
