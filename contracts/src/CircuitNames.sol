// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ICircuitNames} from "./interfaces/ICircuitNames.sol";

/// @title Names of circuits
contract CircuitNames is ICircuitNames {
    uint256 public constant MAX_NAME_BYTES = 64;

    address public immutable timelock;

    mapping(string name => bytes32) private _circuits;

    constructor(address timelock_) {
        timelock = timelock_;
    }

    /// @inheritdoc ICircuitNames
    function setName(string calldata name, bytes32 circuitId) external {
        if (msg.sender != timelock) revert NotGovernor(msg.sender);
        uint256 length = bytes(name).length;
        if (length == 0 || length > MAX_NAME_BYTES) revert NameLength(length);
        _circuits[name] = circuitId;
        emit CircuitNamed(name, circuitId);
    }

    /// @inheritdoc ICircuitNames
    function circuitOf(string calldata name) external view returns (bytes32) {
        return _circuits[name];
    }
}
