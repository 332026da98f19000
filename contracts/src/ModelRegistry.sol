// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Modules, Wired} from "./Modules.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {ModelShape} from "./libraries/ModelShape.sol";
import {WellFormedShape} from "./libraries/WellFormedShape.sol";

/// @title Models, genesis checkpoints and proved lineage
contract ModelRegistry is IModelRegistry, Wired {
    /// @dev Segments proved, one bit each; a checkpoint has at most 64 blocks.
    struct Segments {
        uint64 proved;
        bool complete;
    }

    /// @dev Roots are checkpoints that something was trained from before they were records. They never get a parent: a lineage has no cycles.
    struct Lineage {
        mapping(uint256 checkpointId => Provenance) records;
        mapping(uint256 checkpointId => bool) roots;
    }

    IVerifierRouter public immutable verifierRouter;
    address public immutable windowManager;

    mapping(bytes32 modelId => bool) private _models;
    /// By registrant, so that nobody can set the terms, or block the registration, of somebody else's genesis.
    mapping(bytes32 modelId => mapping(uint256 checkpointId => mapping(address registrant => bytes32))) private _licences;
    /// By circuit, so that a circuit whose verifier lies speaks for itself alone; and by whether there was a proof, for silence may lie, too.
    mapping(bytes32 circuitId => mapping(bool proved => Lineage)) private _lineages;
    mapping(bytes32 circuitId => mapping(uint256 checkpointId => Segments)) private _segments;

    constructor(Modules memory modules) Wired(modules) {
        verifierRouter = IVerifierRouter(modules.verifierRouter);
        windowManager = modules.windowManager;
    }

    /// @inheritdoc IModelRegistry
    function registerModel(bytes32 specId, bytes32 srsId, uint256 blockLog, uint32[] calldata sizes) external returns (bytes32 modelId) {
        if (sizes.length < 2 || sizes.length > ModelShape.MAX_LAYERS + 1) revert SizesOutOfRange(sizes.length);
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
        if (points.length == 0 || points.length % 64 != 0 || points.length > 64 * ModelShape.MAX_BLOCKS) revert PointsMalformed(points.length);
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
    function recordCheckpoint(Record calldata record) external only(windowManager) {
        _record(record, record.statementHash);
    }

    /// @inheritdoc IModelRegistry
    function recordMerge(Record calldata record, uint256[] calldata children) external only(windowManager) {
        _record(record, keccak256(abi.encodePacked(children)));
        emit CheckpointMerged(record.circuitId, record.checkpointId, record.jobId, record.parentId, children);
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
        uint256 segments = _segmentsOf(circuitId);
        if (segment >= segments) revert NoSuchSegment(segment, segments);
        if ((_segments[circuitId][checkpointId].proved >> segment) & 1 == 1) return;
        if (!verifierRouter.verify(circuitId, false, _wellFormed(circuitId, checkpointId, maskId, segment), proof, opening)) {
            revert ProofRejected(circuitId, checkpointId, segment);
        }
        _recordSegment(circuitId, checkpointId, segment, segments, maskId);
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
    function isStart(bytes32 circuitId, bytes32 modelId, uint256 checkpointId, address requester) external view returns (bool) {
        return _licences[modelId][checkpointId][requester] != bytes32(0) || _isRecord(_found(circuitId, checkpointId));
    }

    /// @inheritdoc IModelRegistry
    function licenceFor(bytes32 circuitId, bytes32 modelId, uint256 checkpointId, address requester) external view returns (bytes32) {
        bytes32 own = _licences[modelId][checkpointId][requester];
        return own != bytes32(0) ? own : _found(circuitId, checkpointId).licenceHash;
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
    function provenance(bytes32 circuitId, uint256 checkpointId) external view returns (Provenance memory) {
        return _found(circuitId, checkpointId);
    }

    /// @inheritdoc IModelRegistry
    function wellFormedContext(bytes32 circuitId) public view returns (uint256) {
        bytes32 context = keccak256(abi.encode(Encodings.WELL_FORMED_CONTEXT_TAG, block.chainid, address(this), circuitId));
        return uint256(context) % Encodings.R;
    }

    function _record(Record calldata record, bytes32 statementHash) private {
        Lineage storage lineage = _lineages[record.circuitId][record.proved];
        Provenance storage parent = lineage.records[record.parentId];
        if (!_isRecord(parent)) lineage.roots[record.parentId] = true;
        Provenance storage stored = lineage.records[record.checkpointId];
        // Two windows may end in equal weights; the first keeps the entry, each job's own lineage is in the events.
        if (!_isRecord(stored)) {
            // A window that changes nothing ends in its own parent, marked just now.
            if (!lineage.roots[record.checkpointId]) (stored.parentId, stored.version) = (record.parentId, parent.version + 1);
            (stored.jobId, stored.windowIndex, stored.proved) = (uint64(record.jobId), uint32(record.windowIndex), record.proved);
            (stored.statementHash, stored.licenceHash) = (statementHash, record.licenceHash);
        }
        emit CheckpointRecorded(
            record.circuitId,
            record.checkpointId,
            record.jobId,
            record.modelId,
            record.windowIndex,
            record.parentId,
            stored.version,
            record.proved,
            statementHash
        );
    }

    function _recordSegment(bytes32 circuitId, uint256 checkpointId, uint256 segment, uint256 segments, uint256 maskId) private {
        uint256 proved = _segments[circuitId][checkpointId].proved | (1 << segment);
        bool complete = proved == (1 << segments) - 1;
        // At most 64 segments: MAX_BLOCKS.
        _segments[circuitId][checkpointId] = Segments(uint64(proved), complete);
        emit SegmentProved(circuitId, verifierRouter.circuit(circuitId).modelId, checkpointId, segment, maskId, complete);
    }

    function _found(bytes32 circuitId, uint256 checkpointId) private view returns (Provenance storage found) {
        found = _lineages[circuitId][true].records[checkpointId];
        if (!_isRecord(found)) found = _lineages[circuitId][false].records[checkpointId];
    }

    /// @dev No statement hashes to 0.
    function _isRecord(Provenance storage found) private view returns (bool) {
        return found.statementHash != bytes32(0);
    }

    function _wellFormed(bytes32 circuitId, uint256 checkpointId, uint256 maskId, uint256 segment)
        private
        view
        returns (uint256[] memory statement)
    {
        statement = new uint256[](WellFormedShape.STATEMENT_WORDS);
        (statement[0], statement[1], statement[2], statement[3]) = (wellFormedContext(circuitId), checkpointId, maskId, segment);
    }

    /// @dev The circuit's code is a stranger's, but its shape is canonical in what all shapes share; one that is no shape of this statement
    /// has no segments.
    function _segmentsOf(bytes32 circuitId) private view returns (uint256) {
        bytes32 statementType = verifierRouter.circuit(circuitId).statementType;
        if (statementType != Encodings.WELL_FORMED) revert NotWellFormedCircuit(circuitId, statementType);
        (bool ok, WellFormedShape.Shape memory shape) = WellFormedShape.decode(verifierRouter.shapeOf(circuitId));
        return ok ? shape.segments : 0;
    }
}
