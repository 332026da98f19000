// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {WellFormedShape} from "./libraries/WellFormedShape.sol";

interface IHasVerifierRouter {
    function verifierRouter() external view returns (IVerifierRouter);
}

/// @title Models, genesis checkpoints and proved lineage
contract ModelRegistry is IModelRegistry {
    /// @dev Segments proved, one bit each; a checkpoint has at most 64 blocks.
    struct Segments {
        uint64 proved;
        bool complete;
    }

    address public immutable jobManager;

    mapping(bytes32 modelId => bool) private _models;
    /// By registrant, so that nobody can set the terms, or block the registration, of somebody else's genesis.
    mapping(bytes32 modelId => mapping(uint256 checkpointId => mapping(address registrant => bytes32))) private _licences;
    mapping(bytes32 modelId => mapping(uint256 checkpointId => Provenance)) private _provenance;
    mapping(bytes32 circuitId => mapping(uint256 checkpointId => Segments)) private _segments;

    constructor(address jobManager_) {
        jobManager = jobManager_;
    }

    /// @inheritdoc IModelRegistry
    function registerModel(bytes32 specId, bytes32 srsId, uint256 blockLog, uint32[] calldata sizes) external returns (bytes32 modelId) {
        if (sizes.length < 2 || sizes.length > 32) revert SizesOutOfRange(sizes.length);
        modelId = Encodings.modelId(specId, srsId, blockLog, sizes);
        if (_models[modelId]) return modelId;
        _models[modelId] = true;
        emit ModelRegistered(modelId, specId, srsId, blockLog, sizes);
    }

    /// @inheritdoc IModelRegistry
    function registerGenesis(bytes32 modelId, bytes calldata points, bytes calldata cid, string calldata licence)
        external
        returns (uint256 checkpointId)
    {
        if (!_models[modelId]) revert UnknownModel(modelId);
        if (points.length == 0 || points.length % 64 != 0) revert PointsMalformed(points.length);
        if (cid.length < 4 || cid.length > 128) revert CidLength(cid.length);
        if (bytes(licence).length == 0) revert LicenceEmpty();
        checkpointId = Encodings.checkpointId(modelId, points);
        bytes32 licenceHash = keccak256(bytes(licence));
        bytes32 known = _licences[modelId][checkpointId][msg.sender];
        if (known == licenceHash) return checkpointId;
        if (known != bytes32(0)) revert LicenceFixed(modelId, checkpointId, known);
        _licences[modelId][checkpointId][msg.sender] = licenceHash;
        emit GenesisRegistered(modelId, checkpointId, msg.sender, points, cid, licenceHash, licence);
    }

    /// @inheritdoc IModelRegistry
    function recordCheckpoint(bytes32 modelId, uint256 jobId, uint256 windowIndex, uint256 parentId, uint256 checkpointId) external {
        if (msg.sender != jobManager) revert NotAllowed(msg.sender);
        Provenance storage stored = _provenance[modelId][checkpointId];
        // Two windows may end in equal weights; the first keeps the entry, each job's own lineage is in the events.
        if (!stored.proved) (stored.proved, stored.jobId, stored.windowIndex) = (true, uint64(jobId), uint32(windowIndex));
        emit CheckpointRecorded(modelId, checkpointId, jobId, windowIndex, parentId);
    }

    /// @inheritdoc IModelRegistry
    function proveWellFormed(
        bytes32 circuitId,
        uint256 checkpointId,
        uint256 segment,
        uint256 maskId,
        bytes calldata proof,
        bytes calldata opening
    ) external {
        if (checkpointId >= Encodings.R) revert OutOfField(checkpointId);
        if (maskId >= Encodings.R) revert OutOfField(maskId);
        IVerifierRouter router = IHasVerifierRouter(jobManager).verifierRouter();
        IVerifierRouter.Circuit memory circuit = router.circuit(circuitId);
        if (circuit.statementType != Encodings.WELL_FORMED) revert NotWellFormedCircuit(circuitId, circuit.statementType);
        uint256 segments = _segmentsOf(router, circuitId);
        if (segment >= segments) revert NoSuchSegment(segment, segments);
        Segments memory known = _segments[circuitId][checkpointId];
        uint64 proved = known.proved | uint64(1 << segment);
        if (proved == known.proved) return;

        uint256[] memory statement = new uint256[](WellFormedShape.STATEMENT_WORDS);
        (statement[0], statement[1], statement[2], statement[3]) = (wellFormedContext(circuitId), checkpointId, maskId, segment);
        if (!router.verify(circuitId, false, statement, proof, opening)) revert ProofRejected(circuitId, checkpointId, segment);
        bool complete = proved == (1 << segments) - 1;
        _segments[circuitId][checkpointId] = Segments(proved, complete);
        emit SegmentProved(circuitId, circuit.modelId, checkpointId, segment, maskId, complete);
    }

    /// @inheritdoc IModelRegistry
    function isWellFormed(bytes32 circuitId, uint256 checkpointId) external view returns (bool) {
        return _segments[circuitId][checkpointId].complete;
    }

    /// @inheritdoc IModelRegistry
    function provedSegments(bytes32 circuitId, uint256 checkpointId) external view returns (uint256) {
        return _segments[circuitId][checkpointId].proved;
    }

    /// @inheritdoc IModelRegistry
    function isStart(bytes32 modelId, uint256 checkpointId, address requester) external view returns (bool) {
        return _provenance[modelId][checkpointId].proved || _licences[modelId][checkpointId][requester] != bytes32(0);
    }

    /// @inheritdoc IModelRegistry
    function isModel(bytes32 modelId) external view returns (bool) {
        return _models[modelId];
    }

    /// @inheritdoc IModelRegistry
    function licenceOf(bytes32 modelId, uint256 checkpointId, address registrant) external view returns (bytes32) {
        return _licences[modelId][checkpointId][registrant];
    }

    /// @inheritdoc IModelRegistry
    function provenance(bytes32 modelId, uint256 checkpointId) external view returns (Provenance memory) {
        return _provenance[modelId][checkpointId];
    }

    /// @inheritdoc IModelRegistry
    function wellFormedContext(bytes32 circuitId) public view returns (uint256) {
        bytes32 context = keccak256(abi.encode(Encodings.WELL_FORMED_CONTEXT_TAG, block.chainid, address(this), circuitId));
        return uint256(context) % Encodings.R;
    }

    /// @dev The circuit's code is a stranger's, but its shape is canonical in what all shapes share; one that is no shape of this statement
    /// has no segments.
    function _segmentsOf(IVerifierRouter router, bytes32 circuitId) private view returns (uint256) {
        (bool ok, WellFormedShape.Shape memory shape) = WellFormedShape.decode(router.shapeOf(circuitId));
        return ok ? shape.segments : 0;
    }
}
