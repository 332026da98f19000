// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Modules, Wired} from "./Modules.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {Encodings} from "./libraries/Encodings.sol";

/// @title Committed datasets
contract DatasetRegistry is IDatasetRegistry, Wired {
    uint256 public constant MAX_DEPTH = 32;
    /// @notice Together with the other shares of a job at most 5,000: a licence leaves room for them.
    uint256 public constant MAX_FEE_BPS = 2_000;
    /// @notice Bits of `uses` that mean something: 1 training, 2 evaluation and audits.
    uint8 public constant ALL_USES = 3;

    mapping(bytes32 datasetId => Dataset) private _datasets;

    constructor(Modules memory modules) Wired(modules) {}

    /// @inheritdoc IDatasetRegistry
    function register(uint256 root, uint256 depth, uint256 minibatches, bytes calldata cid, string calldata licence, Terms calldata terms)
        external
        returns (bytes32 datasetId)
    {
        if (root >= Encodings.R) revert RootOutOfField(root);
        if (depth > MAX_DEPTH || minibatches == 0 || minibatches > uint256(1) << depth) revert SizeOutOfRange(depth, minibatches);
        if (cid.length < 4 || cid.length > 128) revert CidLength(cid.length);
        if (bytes(licence).length == 0) revert LicenceEmpty();
        if (terms.uses == 0 || terms.uses > ALL_USES) revert TermsOutOfRange("uses");
        if (terms.feeBps > MAX_FEE_BPS) revert TermsOutOfRange("feeBps");
        Dataset memory made;
        made.registrant = msg.sender;
        // At most 32 and 2^32, checked above.
        (made.root, made.depth, made.minibatches) = (root, uint32(depth), uint64(minibatches));
        (made.cidHash, made.licenceHash, made.terms) = (keccak256(cid), keccak256(bytes(licence)), terms);
        datasetId = Encodings.datasetId(made);
        if (_datasets[datasetId].registrant != address(0)) return datasetId;
        _datasets[datasetId] = made;
        emit DatasetRegistered(datasetId, msg.sender, root, depth, minibatches, cid, licence, terms);
    }

    /// @inheritdoc IDatasetRegistry
    function revoke(bytes32 datasetId) external {
        Dataset storage stored = _stored(datasetId);
        if (stored.registrant != msg.sender) revert NotRegistrant(datasetId, msg.sender);
        if (!stored.terms.revocable) revert NotRevocable(datasetId);
        if (stored.revoked) return;
        stored.revoked = true;
        emit DatasetRevoked(datasetId);
    }

    /// @inheritdoc IDatasetRegistry
    function requireUse(bytes32 datasetId, uint8 use) external view returns (Dataset memory found) {
        found = _stored(datasetId);
        uint256 expiryBlock = found.terms.expiryBlock;
        if (use == 0 || found.terms.uses & use != use) revert UseNotAllowed(datasetId, use);
        if (expiryBlock != 0 && block.number > expiryBlock) revert LicenceExpired(datasetId, expiryBlock);
        if (found.revoked) revert LicenceRevoked(datasetId);
    }

    /// @inheritdoc IDatasetRegistry
    function dataset(bytes32 datasetId) external view returns (Dataset memory) {
        return _stored(datasetId);
    }

    function _stored(bytes32 datasetId) private view returns (Dataset storage stored) {
        stored = _datasets[datasetId];
        if (stored.registrant == address(0)) revert UnknownDataset(datasetId);
    }
}
