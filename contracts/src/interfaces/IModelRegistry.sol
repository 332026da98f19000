// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Models, genesis checkpoints and proved lineage
/// @notice A model id is its content (spec, SRS, block size, layer sizes). A checkpoint enters as somebody's genesis, or by a proved window.
interface IModelRegistry {
    /// @notice How a checkpoint came about, under the circuit of its job: anyone may register a circuit, a lying one too. What was proved and what silence
    /// made final are two lineages, each with versions of its own: a false window that nobody looked at stands in no proof's way.
    /// @param parentId the checkpoint it was trained from; of a merge, the common base; 0 for one that others were trained from before any window
    /// ended in it, so that the parents of parents never lead back
    /// @param version 1 + its parent's in the same lineage; a genesis, a checkpoint of another lineage, and one without a parent here, is version 0
    /// @param jobId the first job that finalized it so; windowIndex that window
    /// @param proved by a proof, not by silence
    /// @param statementHash of the window's statement; of a merge, keccak256 of the merged children's ids
    /// @param licenceHash inherited from the job's genesis
    struct Provenance {
        uint256 parentId;
        uint32 version;
        uint64 jobId;
        uint32 windowIndex;
        bool proved;
        bytes32 statementHash;
        bytes32 licenceHash;
    }

    /// @param modelId, circuitId, jobId, windowIndex, parentId, checkpointId, proved, statementHash, licenceHash as in Provenance
    struct Record {
        bytes32 modelId;
        bytes32 circuitId;
        uint256 jobId;
        uint256 windowIndex;
        uint256 parentId;
        uint256 checkpointId;
        bool proved;
        bytes32 statementHash;
        bytes32 licenceHash;
    }

    event ModelRegistered(bytes32 indexed modelId, bytes32 specId, bytes32 srsId, uint256 blockLog, uint32[] sizes);
    event GenesisRegistered(
        bytes32 indexed modelId, uint256 indexed checkpointId, address indexed registrant, bytes points, bytes cid, bytes32 licenceHash, string licence
    );
    event CheckpointRecorded(
        bytes32 indexed circuitId,
        uint256 indexed checkpointId,
        uint256 indexed jobId,
        bytes32 modelId,
        uint256 windowIndex,
        uint256 parentId,
        uint256 version,
        bool proved,
        bytes32 statementHash
    );
    /// @param children the checkpoints whose differences from the base were added up
    event CheckpointMerged(bytes32 indexed circuitId, uint256 indexed checkpointId, uint256 indexed jobId, uint256 baseId, uint256[] children);

    /// @param circuitId the well-formed circuit: it says how large a weight may be
    /// @param complete every segment of the checkpoint is proved now
    event SegmentProved(
        bytes32 indexed circuitId, bytes32 indexed modelId, uint256 indexed checkpointId, uint256 segment, uint256 maskId, bool complete
    );

    error UnknownModel(bytes32 modelId);
    error SizesOutOfRange(uint256 layers);
    error PointsMalformed(uint256 length);
    error CidLength(uint256 length);
    error LicenceEmpty();
    error LicenceFixed(bytes32 modelId, uint256 checkpointId, bytes32 licenceHash);
    /// @dev The circuit's statement is not "well-formed".
    error NotWellFormedCircuit(bytes32 circuitId, bytes32 statementType);
    error NoSuchSegment(uint256 segment, uint256 segments);
    error OutOfField(uint256 value);
    error ProofRejected(bytes32 circuitId, uint256 checkpointId, uint256 segment);

    /// @notice Makes a model known. Idempotent.
    function registerModel(bytes32 specId, bytes32 srsId, uint256 blockLog, uint32[] calldata sizes) external returns (bytes32 modelId);

    /// @notice Registers a checkpoint that the sender may open jobs from, under the sender's licence.
    /// @param points every block's commitment, 64 bytes each, in the order of the checkpoint id
    /// @param cid CIDv1 bytes of the checkpoint blob (4 to 128), so that whoever reads the chain can fetch the weights
    function registerGenesis(bytes32 modelId, bytes calldata points, bytes calldata cid, string calldata licence)
        external
        returns (uint256 checkpointId);

    /// @notice Records a final window: the step from parent to checkpoint. The first record of a checkpoint in a lineage stays. WindowManager only.
    function recordCheckpoint(Record calldata record) external;

    /// @notice Records a merge; `record.checkpointId` is the merged one, `record.parentId` the base, and `record.statementHash` is not read: what is
    /// kept is keccak256 of the children's ids. WindowManager only.
    function recordMerge(Record calldata record, uint256[] calldata children) external;

    /// @notice Proves that every weight in one segment of a checkpoint is an integer within the circuit's bound. Anyone; a segment that is
    /// proved stays as it is. The checkpoint need not be registered.
    /// @dev Reverts with ProofRejected, and, with too little gas for a verdict, with the router's InsufficientGas.
    /// @param maskId of the mask that the opening is blinded with
    function proveWellFormed(
        bytes32 circuitId,
        uint256 checkpointId,
        uint256 segment,
        uint256 maskId,
        bytes calldata proof,
        bytes calldata opening
    ) external;

    /// @notice Whether every segment of the checkpoint is proved under this circuit. Who relies on it checks the circuit id: anyone may
    /// register circuits.
    function isWellFormed(bytes32 circuitId, uint256 checkpointId) external view returns (bool);

    /// @notice Segments proved so far, one bit each from the lowest.
    function provedSegments(bytes32 circuitId, uint256 checkpointId) external view returns (uint256);

    /// @notice The context of every well-formed proof for this registry and circuit.
    function wellFormedContext(bytes32 circuitId) external view returns (uint256);

    /// @notice Whether `requester` may open a job of this circuit from this checkpoint: registered by it as genesis, or finalized by any job of the same
    /// circuit.
    function isStart(bytes32 circuitId, bytes32 modelId, uint256 checkpointId, address requester) external view returns (bool);

    /// @notice The licence that a job from this checkpoint inherits: the requester's own registration's, else the provenance's.
    function licenceFor(bytes32 circuitId, bytes32 modelId, uint256 checkpointId, address requester) external view returns (bytes32);

    /// @notice Whether somebody has registered the model.
    function isModel(bytes32 modelId) external view returns (bool);

    /// @notice Hash of the licence under which `registrant` registered the genesis; zero if it did not.
    function licenceOf(bytes32 modelId, uint256 checkpointId, address registrant) external view returns (bytes32);

    /// @notice The proved one; else the one by silence; all zero (statementHash among it) where no window of the circuit ended in the checkpoint.
    function provenance(bytes32 circuitId, uint256 checkpointId) external view returns (Provenance memory);
}
