// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Bn254} from "./Bn254.sol";

/// @title Public inputs of the circuits' proofs
library ProofInputs {
    /// @notice The statement, then b, a and E, which the opening's bytes begin with; the caller has checked its length.
    function all(uint256[] calldata statement, bytes calldata opening) internal pure returns (uint256[] memory inputs) {
        inputs = new uint256[](statement.length + 3);
        assembly ("memory-safe") {
            let size := mul(statement.length, 0x20)
            calldatacopy(add(inputs, 0x20), statement.offset, size)
            calldatacopy(add(add(inputs, 0x20), size), opening.offset, 0x60)
        }
    }

    /// @notice The same with one hash, the binding, in the place of the statement's first `bound` words.
    function bind(uint256[] calldata statement, uint256 bound, bytes calldata opening) internal pure returns (uint256[] memory inputs) {
        uint256 rest = statement.length - bound;
        inputs = new uint256[](rest + 4);
        inputs[0] = uint256(keccak256(abi.encodePacked(statement[:bound]))) % Bn254.R;
        assembly ("memory-safe") {
            let size := mul(rest, 0x20)
            calldatacopy(add(inputs, 0x40), add(statement.offset, mul(bound, 0x20)), size)
            calldatacopy(add(add(inputs, 0x40), size), opening.offset, 0x60)
        }
    }
}
