// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IWindowVerifier} from "./interfaces/IWindowVerifier.sol";
import {Opening} from "./libraries/Opening.sol";
import {WindowShape} from "./libraries/WindowShape.sol";

interface IHonkVerifier {
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external returns (bool);
}

/// @title Verifier of training windows: the UltraHonk proof and the opening
contract WindowVerifier is IWindowVerifier {
    /// @notice Gas of the UltraHonk verifier: about 1 M for a good proof; a bad one can burn all that it is given.
    uint256 public constant HONK_GAS_CAP = 1_600_000;
    /// @notice Left beside the cap for the call itself (cold account, building the call).
    uint256 public constant HONK_GAS_RESERVE = 60_000;

    /// @inheritdoc IWindowVerifier
    function verify(
        bytes calldata shape,
        address honkVerifier,
        bytes32 circuitId,
        bool open,
        uint256[8] calldata statement,
        bytes calldata honkProof,
        bytes calldata opening
    ) external view returns (bool) {
        (bool ok, WindowShape.Shape memory decoded) = WindowShape.decode(shape);
        if (!ok || honkProof.length != decoded.honkProofBytes) return false;
        if (!Opening.verify(decoded, address(this), circuitId, open, statement, opening)) return false;
        return _verifyHonk(honkVerifier, statement, honkProof, opening);
    }

    /// @inheritdoc IWindowVerifier
    function expectedLengths(bytes calldata shape) external pure returns (uint256 honkProofBytes, uint256 openingBytes) {
        WindowShape.Shape memory decoded = _decode(shape);
        return (decoded.honkProofBytes, WindowShape.openingBytes(decoded));
    }

    /// @inheritdoc IWindowVerifier
    function modelIdOf(bytes calldata shape) external pure returns (bytes32) {
        return _decode(shape).modelId;
    }

    /// @dev The circuit's public inputs are the statement, then b, a and E, which the opening's bytes begin with.
    function _verifyHonk(address honkVerifier, uint256[8] calldata statement, bytes calldata honkProof, bytes calldata opening)
        private
        view
        returns (bool)
    {
        bytes32[] memory publicInputs = new bytes32[](11);
        for (uint256 i = 0; i < 8; ++i) publicInputs[i] = bytes32(statement[i]);
        for (uint256 i = 0; i < 3; ++i) publicInputs[8 + i] = bytes32(opening[32 * i:32 * i + 32]);
        return _isTrue(honkVerifier, abi.encodeCall(IHonkVerifier.verify, (honkProof, publicInputs)));
    }

    function _isTrue(address target, bytes memory data) private view returns (bool) {
        // The EVM withholds 1/64 and would silently forward less than the cap.
        uint256 needed = (HONK_GAS_CAP * 64) / 63 + HONK_GAS_RESERVE;
        uint256 available = gasleft();
        if (available < needed) revert InsufficientGas(available, needed);
        bool success;
        uint256 size;
        uint256 word;
        uint256 cap = HONK_GAS_CAP;
        assembly ("memory-safe") {
            // One word of the answer is copied, however long it is.
            success := staticcall(cap, target, add(data, 0x20), mload(data), 0, 0x20)
            size := returndatasize()
            word := mload(0)
        }
        return success && size == 32 && word == 1;
    }

    function _decode(bytes calldata shape) private pure returns (WindowShape.Shape memory decoded) {
        bool ok;
        (ok, decoded) = WindowShape.decode(shape);
        if (!ok) revert ShapeMalformed();
    }
}
