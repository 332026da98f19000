// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "../interfaces/IStatementVerifier.sol";

interface IHonkVerifier {
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external returns (bool);
}

/// @title The call of a generated UltraHonk verifier
library Honk {
    /// @notice About 1 M for a good proof; a bad one can burn all that it is given.
    uint256 internal constant GAS_CAP = 1_600_000;
    /// @notice Left beside the cap for the call itself (cold account, building the call).
    uint256 internal constant GAS_RESERVE = 60_000;

    /// @notice Whether `target` answers with the one word 1. Reverts with InsufficientGas where less than the cap would reach it.
    function verify(address target, uint256[] memory publicInputs, bytes calldata proof) internal view returns (bool) {
        bytes memory data = abi.encodeWithSelector(IHonkVerifier.verify.selector, proof, publicInputs);
        // The EVM withholds 1/64 and would silently forward less than the cap.
        uint256 needed = (GAS_CAP * 64) / 63 + GAS_RESERVE;
        uint256 available = gasleft();
        if (available < needed) revert IStatementVerifier.InsufficientGas(available, needed);
        bool success;
        uint256 size;
        uint256 word;
        uint256 cap = GAS_CAP;
        assembly ("memory-safe") {
            // One word of the answer is copied, however long it is.
            success := staticcall(cap, target, add(data, 0x20), mload(data), 0, 0x20)
            size := returndatasize()
            word := mload(0)
        }
        return success && size == 32 && word == 1;
    }
}
