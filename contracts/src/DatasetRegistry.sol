// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {Encodings} from "./libraries/Encodings.sol";

/// @title Committed datasets
contract DatasetRegistry is IDatasetRegistry {
    mapping(bytes32 datasetId => Dataset) private _datasets;

    /// @inheritdoc IDatasetRegistry
    function register(uint256 root, uint256 depth, uint256 minibatches, bytes calldata cid, string calldata licence)
        external
        returns (bytes32 datasetId)
    {
        if (root >= Encodings.R) revert RootOutOfField(root);
        if (depth > 32 || minibatches == 0 || minibatches > uint256(1) << depth) revert SizeOutOfRange(depth, minibatches);
        if (cid.length < 4 || cid.length > 128) revert CidLength(cid.length);
        if (bytes(licence).length == 0) revert LicenceEmpty();
        Dataset memory made = Dataset(msg.sender, uint32(depth), uint64(minibatches), root, keccak256(cid), keccak256(bytes(licence)));
        datasetId = Encodings.datasetId(msg.sender, root, depth, minibatches, made.cidHash, made.licenceHash);
        if (_datasets[datasetId].registrant != address(0)) return datasetId;
        _datasets[datasetId] = made;
        emit DatasetRegistered(datasetId, msg.sender, root, depth, minibatches, cid, licence);
    }

    /// @inheritdoc IDatasetRegistry
    function dataset(bytes32 datasetId) external view returns (Dataset memory found) {
        found = _datasets[datasetId];
        if (found.registrant == address(0)) revert UnknownDataset(datasetId);
    }
}
