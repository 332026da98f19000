// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Names of circuits
/// @notice Convenience only: the router is permissionless and jobs pin circuit ids. The timelock gives names.
interface ICircuitNames {
    event CircuitNamed(string name, bytes32 indexed circuitId);

    error NotGovernor(address sender);
    error NameLength(uint256 length);

    /// @notice Names a circuit (1 to 64 bytes); 0 takes the name away. Timelock only.
    function setName(string calldata name, bytes32 circuitId) external;

    /// @notice 0 where nothing has the name.
    function circuitOf(string calldata name) external view returns (bytes32);
}
