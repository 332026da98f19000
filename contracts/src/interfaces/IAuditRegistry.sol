// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Certificates about committed models
/// @notice The interface that audits will publish through; not deployed yet.
interface IAuditRegistry {
    event AuditPublished(bytes32 indexed certificateId, bytes32 indexed circuitId, uint256 indexed checkpointId, address auditor, uint256[] statement);

    /// @notice Verifies a certificate's proof and records its statement. Reverts where the verifier refuses.
    function publish(bytes32 circuitId, uint256[] calldata statement, bytes calldata proof, bytes calldata opening)
        external
        returns (bytes32 certificateId);

    /// @notice Whether the certificate was verified here and has not expired.
    function isValid(bytes32 certificateId) external view returns (bool);
}
