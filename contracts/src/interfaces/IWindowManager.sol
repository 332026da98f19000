// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Leases, submissions and settlement
/// @notice lease: Held -> Submitted -> Finalized | Rejected | Orphaned;  Held -> Finalized (eager) | Released | Lapsed | Revoked | Orphaned;
/// Lapsed -> Submitted | Finalized while the window is not taken.
/// The first lease of a window (of a contribution to it) is exclusive. After a lapse, or after 3 free releases, the window is *raced*: any
/// bonded worker may hold a lease of it, nothing is lost by letting one run out, and the first valid proof wins.
interface IWindowManager {
    enum LeaseState {
        None,
        Held,
        Lapsed,
        Submitted,
        Finalized,
        Rejected,
        Orphaned,
        Released,
        Revoked
    }

    /// @param registrationNonce the operator's when it took the lease; part of the statement's context
    /// @param start block in which it was taken; deadline the last block before anyone may expire it
    /// @param ended block in which the lease was over; 0 while Held, Lapsed or Submitted
    /// @param epoch of the job when it was taken: a rejection since then has undone the window under it
    /// @param raced others may hold the same window
    /// @param locked stake that it locks now
    /// @param penalty stake that a lapse burns
    struct Lease {
        address operator;
        LeaseState state;
        bool raced;
        uint32 epoch;
        uint32 windowIndex;
        uint32 contributionIndex;
        uint64 jobId;
        uint64 leaseNonce;
        uint64 registrationNonce;
        uint64 start;
        uint64 deadline;
        uint64 ended;
        uint128 locked;
        uint128 penalty;
    }

    /// @param resultId the child checkpoint of a training window; 0 for an answer
    /// @param submittedAt block; proved: the verifier has accepted it; withheld: rejected though its proof was not refused (not posted
    /// when demanded, or its operator slashed for another announcement of it)
    struct Submission {
        bytes32 statementHash;
        bytes32 proofHash;
        uint256 resultId;
        uint64 submittedAt;
        bool proved;
        bool withheld;
    }

    /// @notice One contribution to the window that is worked on now.
    /// @param holder submission id of the latest exclusive lease
    /// @param held leases of it that are Held
    /// @param lapsedAt block of the lapse that made it raced; 0 if none
    /// @param releases free releases so far
    /// @param done proved
    struct Slot {
        bytes32 holder;
        uint32 windowIndex;
        uint32 epoch;
        uint32 held;
        uint64 lapsedAt;
        uint8 releases;
        bool raced;
        bool done;
        uint256 resultId;
    }

    /// @param submitted windows submitted or final so far: the index of the one that is worked on
    /// @param finalized windows final so far; submitted - finalized is at most 8
    /// @param contributed contributions to window `submitted` that are done
    /// @param pendingSlots slots of window `submitted` that are not done and of which a lease is Held
    /// @param epoch counts rejections
    /// @param lapseStreak lapses in a row; a window done under an exclusive lease in time ends it
    /// @param availableAt block since which window `submitted` can be leased; 0: since the job's activeBlock
    /// @param finalId the checkpoint that the latest final window ended in, at first the genesis; an inference job's never moves
    struct Progress {
        uint32 submitted;
        uint32 finalized;
        uint32 contributed;
        uint32 pendingSlots;
        uint32 epoch;
        uint32 lapseStreak;
        uint64 availableAt;
        uint64 leaseNonce;
        uint256 finalId;
    }

    /// @param startId what the window starts from: the head checkpoint, or the input to answer
    event LeaseTaken(
        uint256 indexed jobId,
        uint256 indexed windowIndex,
        address indexed operator,
        bytes32 submissionId,
        uint256 contributionIndex,
        uint256 leaseNonce,
        uint256 registrationNonce,
        uint256 startId,
        uint256 deadline,
        bool raced
    );
    event LeaseReleased(bytes32 indexed submissionId, uint256 indexed jobId, address indexed operator);
    event LeaseLapsed(bytes32 indexed submissionId, uint256 indexed jobId, address indexed operator, uint256 burned);
    event LeaseRevoked(bytes32 indexed submissionId, uint256 indexed jobId, address indexed operator);
    /// @param statement context, parentId, childId, maskId, datasetRoot, batchSeed, firstStep, lossSum in a training job;
    /// context, checkpointId, maskId, inputId, then the output words in an inference job
    /// @param sender who sent the transaction: the operator or its hot key
    event WindowSubmitted(
        uint256 indexed jobId,
        uint256 indexed windowIndex,
        address indexed operator,
        bytes32 submissionId,
        uint256 contributionIndex,
        uint256[] statement,
        bytes32 proofHash,
        address sender
    );
    /// @param settler who brought the proof
    event WindowProved(bytes32 indexed submissionId, uint256 indexed jobId, address indexed settler);
    /// @param resultId the child checkpoint; 0 for an answer
    /// @param proved by a proof, not by silence
    event WindowFinalized(
        uint256 indexed jobId, uint256 indexed windowIndex, address indexed operator, bytes32 submissionId, uint256 contributionIndex, uint256 resultId, bool proved
    );
    /// @notice Contributions were merged; `mergedId` is the parent of the next window.
    event WindowMerged(uint256 indexed jobId, uint256 indexed windowIndex, uint256 mergedId, uint256 baseId, bytes points);
    event WindowRejected(
        uint256 indexed jobId, uint256 indexed windowIndex, address indexed operator, bytes32 submissionId, address finder, uint256 slashed, uint256 orphans
    );
    event WindowOrphaned(uint256 indexed jobId, uint256 indexed windowIndex, address indexed operator, bytes32 submissionId);

    error UnknownSubmission(bytes32 submissionId);
    error WrongJobState(uint256 jobId, uint8 state);
    error WrongMode(uint256 jobId, uint8 mode);
    error NotTheWorker(uint256 jobId, address worker, address operator);
    error NotLeaseHolder(bytes32 submissionId, address operator, address sender);
    error Jailed(address operator);
    error NoSuchContribution(uint256 contributionIndex, uint256 contributions);
    /// @dev Every window is leased or done, or this contribution is.
    error WindowDone(uint256 jobId, uint256 windowIndex);
    error TooManyUnfinalized(uint256 jobId, uint256 unfinalized);
    error LeaseHeld(bytes32 submissionId, address operator, uint256 deadline);
    error PriorityWait(uint256 jobId, uint256 firstBlock);
    /// @dev What the window starts from is not what the worker has checked.
    error StartMoved(uint256 jobId, uint256 expected, uint256 startId);
    error WrongLeaseState(bytes32 submissionId, LeaseState state);
    error ReleaseTooLate(bytes32 submissionId, uint256 lastBlock);
    error LeaseNotExpired(bytes32 submissionId, uint256 deadline);
    error ResultCount(uint256 results);
    error OutOfField(uint256 value);
    error ProofRejected(bytes32 submissionId);
    /// @dev `expected` is what was submitted or, in `submit`, what the chain asks.
    error StatementMismatch(bytes32 expected, bytes32 given);
    error ProofMismatch(bytes32 submitted, bytes32 given);
    error NotFinalYet(bytes32 submissionId, uint256 lastBlock);
    /// @dev The proof is demanded and neither posted nor overdue.
    error ProofDemanded(bytes32 submissionId);
    error NothingToFinalize(uint256 jobId);
    error NothingToMerge(uint256 jobId);
    error PointsMismatch(uint256 expectedId, uint256 givenId);
    error PointsMalformed();
    error NoAnswer(uint256 jobId, uint256 windowIndex);

    /// @notice Leases a contribution to the next window to the operator for whom the sender acts, and locks its bond.
    /// @param expectedId what the worker has fetched and checked: the head checkpoint of a training job, the next input of an inference job
    function lease(uint256 jobId, uint256 contributionIndex, uint256 expectedId) external returns (bytes32 submissionId);

    /// @notice Gives a lease back. An exclusive one free of charge, by its holder, within `freeReleaseBlocks`; a raced one, or one whose window was
    /// taken or undone, at any time by its holder, and after its deadline by anyone.
    function release(bytes32 submissionId) external;

    /// @notice Ends an exclusive lease after its deadline: the bond returns, the penalty burns, the window is raced. Anyone.
    function expire(bytes32 submissionId) external;

    /// @notice Optimistic jobs: submits the window without its proof; the bond stays locked until it is final. The lease's operator or its hot key.
    /// @param results the statement's words that the worker finds: childId, maskId, lossSum in a training job; maskId, then the output words in
    /// an inference job
    /// @param statementHash of the statement that was proved, as an announcement signs it. Where the chain asks another question (after a
    /// reorganisation: another seed, another job under this id) the submission is refused, not slashed later
    /// @param proofHash keccak256(abi.encode(keccak256(proof), keccak256(opening)))
    function submit(bytes32 submissionId, uint256[] calldata results, bytes32 statementHash, bytes32 proofHash) external;

    /// @notice Submits and settles in one transaction, in either mode; reverts with ProofRejected where the verifier refuses. The lease's operator
    /// or its hot key. Everything else in the statement comes from state, so a copied proof does not fit its copier.
    function submitAndSettle(bytes32 submissionId, uint256[] calldata results, bytes calldata proof, bytes calldata opening) external;

    /// @notice Lets the verifier decide a submission: true proves it (and finalizes it in its turn), false slashes its operator and orphans what was
    /// built on it. Anyone. Who has committed the evidence (IChallengeManager.commitEvidence, in an earlier block) with `salt` gets the finder's
    /// part; otherwise that part burns.
    /// @param statement as submitted (WindowSubmitted)
    function settle(bytes32 submissionId, uint256[] calldata statement, bytes calldata proof, bytes calldata opening, bytes32 salt) external;

    /// @notice Finalizes up to `count` (1 to 8) windows, in order: each is proved, or its silence is over and no demand is open. Anyone. Reverts if the
    /// first cannot be finalized.
    function finalize(uint256 jobId, uint256 count) external;

    /// @notice Merges the contributions of a window, all proved: `base + sum(child_k - base)`, point by point. Anyone.
    /// @param base, children points of the parent and of every child, in order of contribution, 64 bytes each
    function merge(uint256 jobId, bytes calldata base, bytes[] calldata children) external;

    /// @notice Rejects a submission whose fault the ChallengeManager has established. ChallengeManager only.
    function reject(bytes32 submissionId, address finder, bool withheld) external returns (uint256 slashed);

    /// @notice Takes a lease that is Held or Lapsed from an operator that is slashed by evidence; a proved submission stands, its bond alone
    /// returns, for the slash to take. ChallengeManager only.
    function revoke(bytes32 submissionId) external;

    /// @notice State is None where there never was one.
    function leaseOf(bytes32 submissionId) external view returns (Lease memory);

    /// @notice All zero where nothing was submitted.
    function submissionOf(bytes32 submissionId) external view returns (Submission memory);

    /// @notice The submission that holds window `windowIndex` (of contribution 0); 0 if none does.
    function submissionAt(uint256 jobId, uint256 windowIndex) external view returns (bytes32);

    /// @notice How far a job is. Reverts with UnknownJob.
    function progressOf(uint256 jobId) external view returns (Progress memory);

    /// @notice The slot of a contribution to the window that is worked on.
    function slotOf(uint256 jobId, uint256 contributionIndex) external view returns (Slot memory);

    /// @notice The checkpoint that the next window starts from: final, or not yet.
    function headOf(uint256 jobId) external view returns (uint256);

    /// @notice The checkpoint that the latest final window ended in; for consumers.
    function finalHeadOf(uint256 jobId) external view returns (uint256 checkpointId, uint256 windows);

    /// @notice The output words of a final answer. Reverts with NoAnswer.
    function answerOf(uint256 jobId, uint256 windowIndex) external view returns (uint256[] memory outputs);

    /// @notice Units that a cancelled job still owes or may owe: held slots and unfinalized windows.
    function pendingUnits(uint256 jobId) external view returns (uint256);

    /// @notice 0 without a lapse; else, for the worst slot of the current window, 1 + the lease lengths since its lapse.
    function lapsesOf(uint256 jobId) external view returns (uint256);

    /// @notice The statement that a submission under this lease makes with these results.
    function statementFor(bytes32 submissionId, uint256[] calldata results) external view returns (uint256[] memory statement);
}
