// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Bn254} from "./Bn254.sol";

/// @title Public inputs of the proofs that bind their statement by a hash
library ProofInputs {
    /// @notice binding, the statement's words from `bound` on, b, a, E; `binding` is the hash of the words before.
    function bind(uint256[] calldata statement, uint256 bound, bytes calldata opening) internal pure returns (uint256[] memory inputs) {
        uint256 rest = statement.length - bound;
        inputs = new uint256[](rest + 4);
        inputs[0] = uint256(keccak256(abi.encodePacked(statement[:bound]))) % Bn254.R;
        for (uint256 i = 0; i < rest; ++i) inputs[1 + i] = statement[bound + i];
        for (uint256 i = 0; i < 3; ++i) inputs[1 + rest + i] = uint256(bytes32(opening[32 * i:32 * i + 32]));
    }
}
