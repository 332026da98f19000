// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Committed datasets
interface IDatasetRegistry {
    /// @param root Merkle root over minibatches
    /// @param depth of the tree
    /// @param minibatches real ones; the tree repeats them up to 2^depth
    /// @param cidHash keccak256 of the dataset blob's CID bytes
    struct Dataset {
        address registrant;
        uint32 depth;
        uint64 minibatches;
        uint256 root;
        bytes32 cidHash;
        bytes32 licenceHash;
    }

    event DatasetRegistered(
        bytes32 indexed datasetId, address indexed registrant, uint256 root, uint256 depth, uint256 minibatches, bytes cid, string licence
    );

    error RootOutOfField(uint256 root);
    error SizeOutOfRange(uint256 depth, uint256 minibatches);
    error CidLength(uint256 length);
    error LicenceEmpty();
    error UnknownDataset(bytes32 datasetId);

    /// @notice Registers a dataset under the sender's name; its id covers every argument and the sender. Idempotent.
    /// @param cid CIDv1 bytes of the dataset blob (4 to 128)
    function register(uint256 root, uint256 depth, uint256 minibatches, bytes calldata cid, string calldata licence)
        external
        returns (bytes32 datasetId);

    /// @dev Reverts with UnknownDataset.
    function dataset(bytes32 datasetId) external view returns (Dataset memory);
}
