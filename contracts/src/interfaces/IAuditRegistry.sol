// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Audits of committed models over committed sets
/// @notice An audit asks first and proves then: what is asked (model, set) is on the chain before the first proof counts, and which chunks a draw takes
/// before anybody can know it. One that is never completed stays on show. A model's owner can count over a whole set for itself beforehand; only a draw
/// limits that. docs/reference/encodings.md, audit.
interface IAuditRegistry {
    /// @param root Merkle root over the chunks
    /// @param depth of the tree
    /// @param chunks real ones, at most 2^depth
    /// @param samples of a chunk; the last one may be filled up
    /// @param classes, groups a label is group * classes + class
    struct AuditSet {
        uint256 root;
        uint8 depth;
        uint16 chunks;
        uint16 samples;
        uint8 classes;
        uint8 groups;
    }

    /// @param circuitId of statement "audit"
    /// @param wellFormedCircuitId the circuit under which the checkpoint is, or will be, shown to be well-formed
    /// @param setOwner who registered the set; names the registration that the audit relies on
    /// @param draws 0: the whole set; else so many chunks of it, drawn by a later block
    struct Question {
        bytes32 circuitId;
        bytes32 wellFormedCircuitId;
        uint256 checkpointId;
        uint256 setId;
        address setOwner;
        uint16 draws;
    }

    /// @param setRegisteredAt, openedAt blocks: what was fixed before what
    /// @param nonce of its id
    /// @param disputes of its claims
    /// @param wanted chunks that the audit takes, one bit each; 0 while they are not drawn
    /// @param done chunks that are proved
    /// @param seed that drew the chunks; 0 without a draw
    struct Audit {
        Question question;
        address opener;
        uint64 setRegisteredAt;
        uint64 openedAt;
        uint64 completedAt;
        uint64 nonce;
        uint64 disputes;
        uint256 wanted;
        uint256 done;
        bytes32 seed;
    }

    enum ClaimKind {
        Accuracy,
        Recall,
        Parity,
        EqualOpportunity,
        Calibration
    }

    /// @notice What an audit is said to show.
    /// @param class of recall and equal opportunity, the samples' class; of parity, the answer; of accuracy 0; of calibration,
    /// how many thresholds the margins of the samples reach at least
    /// @param numerator accuracy, recall, calibration: at least so many right answers
    /// @param denominator accuracy, recall, calibration: of exactly so many samples. Parity, equal opportunity: no two groups' rates differ by more than
    /// numerator / denominator
    struct Claim {
        ClaimKind kind;
        uint8 class;
        uint64 numerator;
        uint64 denominator;
    }

    /// @param claimedAt block
    /// @param disputes audits by which it was disputed
    struct ClaimRecord {
        Claim claim;
        uint64 claimedAt;
        uint64 disputes;
    }

    event SetRegistered(uint256 indexed setId, address indexed owner, AuditSet set);
    event AuditOpened(
        bytes32 indexed auditId, uint256 indexed checkpointId, uint256 indexed setId, address opener, uint256 nonce, Question question
    );
    event AuditDrawn(bytes32 indexed auditId, bytes32 seed, uint256 wanted);
    event ChunkProved(bytes32 indexed auditId, uint256 indexed chunk, uint256 maskId, uint256[] counts);
    event AuditCompleted(bytes32 indexed auditId, uint256 indexed checkpointId, uint256 indexed setId);

    event AuditClaimed(bytes32 indexed auditId, uint256 indexed claimId, Claim claim);
    event AuditDisputed(bytes32 indexed auditId, uint256 indexed claimId, bytes32 indexed otherId, address disputer);

    error SetOutOfRange();
    error UnknownSet(uint256 setId, address owner);
    error UnknownAudit(bytes32 auditId);
    error OutOfField(uint256 value);
    /// @dev Not a circuit of "audit" with public counts, or not one of this set's cut and labels.
    error CircuitMismatch(bytes32 circuitId);
    /// @dev Not a circuit of "well-formed" for the same model.
    error NotWellFormedCircuit(bytes32 circuitId);
    /// @dev A draw takes fewer chunks than the set has.
    error DrawsOutOfRange(uint256 draws, uint256 chunks);
    error NothingToDraw(bytes32 auditId);
    error DrawTooEarly(uint256 firstBlock);
    /// @dev The block that draws is out of the EVM's reach: the audit stays as it is, on show.
    error DrawTooLate(uint256 lastBlock);
    error NotDrawn(bytes32 auditId);
    error ChunkNotWanted(bytes32 auditId, uint256 chunk);
    error ChunkDone(bytes32 auditId, uint256 chunk);
    error ProofRejected(bytes32 auditId, uint256 chunk);
    /// @dev Not every chunk is proved, or the checkpoint is not shown to be well-formed.
    error NotCertified(bytes32 auditId);
    error NotTheOpener(bytes32 auditId, address sender);
    error TooManyClaims(bytes32 auditId);
    /// @dev A class that there is not, a class told of accuracy, or a difference over 0.
    error ClaimOutOfRange();
    error ClaimNotBorneOut(bytes32 auditId);
    error UnknownClaim(bytes32 auditId, uint256 claimId);
    /// @dev Of another checkpoint, or by another circuit.
    error NotComparable(bytes32 auditId, bytes32 otherId);
    error NotContradicted(bytes32 auditId, uint256 claimId, bytes32 otherId);
    error AlreadyDisputed(bytes32 auditId, uint256 claimId, bytes32 otherId);

    /// @notice Registers a set under the sender's name. Idempotent: the first block stays.
    function registerSet(AuditSet calldata set) external returns (uint256 setId);

    /// @notice Opens an audit. Anyone; every call is an audit of its own.
    function open(Question calldata question) external returns (bytes32 auditId);

    /// @notice Fixes the chunks of a draw by the hash of block `openedAt + 8`. Anyone, in the 256 blocks after it.
    function draw(bytes32 auditId) external;

    /// @notice Proves one chunk. Anyone. Reverts with ProofRejected and, with too little gas for a verdict, with the router's InsufficientGas.
    /// @param counts the statement's words from the sixth on
    function prove(
        bytes32 auditId,
        uint256 chunk,
        uint256 maskId,
        uint256[] calldata counts,
        bytes calldata proof,
        bytes calldata opening
    ) external;

    /// @notice Publishes what a certified audit shows, of its opener only: others put no words into its mouth. Reverts where its counts do not bear the
    /// claim out.
    /// @return claimId its number among the audit's claims
    function claim(bytes32 auditId, Claim calldata made) external returns (uint256 claimId);

    /// @notice Links a claim to a certified audit of the same checkpoint, by the same circuits, whose counts contradict it as a ratio. Anyone, once for
    /// each such audit; a dispute that is none reverts.
    /// @dev It says that the claim does not carry over to those other samples, not that it was false: its own counts bear it out. Another set, or another
    /// draw, is another question, and one chosen for the model's mistakes contradicts nearly any claim. Who reads a dispute reads the other audit as
    /// carefully as this one: by how much its counts differ, who registered its set, and whether that was before the model was known. Two audits of one
    /// whole set never differ where the circuit is sound.
    function dispute(bytes32 auditId, uint256 claimId, bytes32 otherId) external;

    /// @notice Whether every chunk is proved and the checkpoint is shown to be well-formed. Who relies on it reads the audit: both circuits, the set,
    /// who registered it and when.
    function isCertified(bytes32 auditId) external view returns (bool);

    /// @notice Samples by label, answer and bin of margin over the chunks proved so far: entry `(label * classes + answer) * bins + bin`.
    function countsOf(bytes32 auditId) external view returns (uint256[] memory counts);

    /// @notice An audit's claims, by their number.
    function claimsOf(bytes32 auditId) external view returns (ClaimRecord[] memory);

    /// @notice The context of every proof of this audit.
    function contextOf(bytes32 auditId) external view returns (uint256);

    /// @notice Audits that were opened over a set, and those of them that were completed.
    function tally(uint256 setId) external view returns (uint256 opened, uint256 completed);

    /// @dev Reverts with UnknownAudit.
    function audit(bytes32 auditId) external view returns (Audit memory);

    /// @notice A registered set; all zero where nobody registered it.
    function auditSet(uint256 setId) external view returns (AuditSet memory);

    /// @notice Block in which `owner` registered the set; 0 if it did not.
    function registeredAt(uint256 setId, address owner) external view returns (uint256);
}
