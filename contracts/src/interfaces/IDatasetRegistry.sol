// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Committed datasets
interface IDatasetRegistry {
    /// @notice What the registrant asks of jobs that use the data. It never changes; a revocation only stops new jobs.
    /// @param uses bits: 1 training, 2 evaluation and audits; at least one
    /// @param feeBps least share of each unit's price that the registrant gets, in 1/10,000, at most 2,000
    /// @param expiryBlock last block in which a job may open; 0 for none
    /// @param revocable the registrant may stop new jobs at any time
    struct Terms {
        uint8 uses;
        uint16 feeBps;
        uint64 expiryBlock;
        bool revocable;
    }

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
        Terms terms;
        bool revoked;
    }

    event DatasetRegistered(
        bytes32 indexed datasetId,
        address indexed registrant,
        uint256 root,
        uint256 depth,
        uint256 minibatches,
        bytes cid,
        string licence,
        Terms terms
    );
    event DatasetRevoked(bytes32 indexed datasetId);

    error RootOutOfField(uint256 root);
    error SizeOutOfRange(uint256 depth, uint256 minibatches);
    error CidLength(uint256 length);
    error LicenceEmpty();
    error TermsOutOfRange(string field);
    error UnknownDataset(bytes32 datasetId);
    error NotRegistrant(bytes32 datasetId, address sender);
    error NotRevocable(bytes32 datasetId);
    error UseNotAllowed(bytes32 datasetId, uint8 use);
    error LicenceExpired(bytes32 datasetId, uint256 expiryBlock);
    error LicenceRevoked(bytes32 datasetId);

    /// @notice Registers a dataset under the sender's name; its id covers every argument and the sender. Idempotent.
    /// @param cid CIDv1 bytes of the dataset blob (4 to 128)
    function register(uint256 root, uint256 depth, uint256 minibatches, bytes calldata cid, string calldata licence, Terms calldata terms)
        external
        returns (bytes32 datasetId);

    /// @notice Stops new jobs on the dataset; open ones go on. Its registrant, where its terms are revocable.
    function revoke(bytes32 datasetId) external;

    /// @notice The dataset, if its licence allows a job of this use to open now. Reverts with UseNotAllowed, LicenceExpired, LicenceRevoked, UnknownDataset.
    function requireUse(bytes32 datasetId, uint8 use) external view returns (Dataset memory);

    /// @dev Reverts with UnknownDataset.
    function dataset(bytes32 datasetId) external view returns (Dataset memory);
}
