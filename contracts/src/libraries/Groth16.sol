// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Bn254} from "./Bn254.sol";

/// @title Groth16 over BN254, with the key in a contract's code
/// @notice docs/reference/encodings.md, Groth16 proof and key. Proofs can be re-randomised, and (-A, -B, C) holds where (A, B, C) does: nothing
/// may be keyed by their bytes.
library Groth16 {
    uint256 internal constant PROOF_BYTES = 256;
    /// @dev alpha, beta, gamma, delta: words before IC_0.
    uint256 private constant HEAD_WORDS = 14;
    uint256 private constant GAMMA = 0xc0;
    uint256 private constant DELTA = 0x140;
    uint256 private constant IC = 0x1c0;
    uint256 private constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @notice Whether these are 8 words below Q. Curve and group are the precompile's to check.
    function isCanonical(bytes calldata proof) internal pure returns (bool) {
        if (proof.length != PROOF_BYTES) return false;
        for (uint256 i = 0; i < PROOF_BYTES; i += 32) {
            if (_word(proof, i) >= Q) return false;
        }
        return true;
    }

    /// @notice Reads the key of a circuit with `inputs` public inputs from a contract's code: STOP, then exactly the key. `key` is where it
    /// then stands in memory.
    function readKey(address blob, uint256 inputs) internal view returns (bool ok, uint256 key) {
        uint256 size = 1 + 32 * (HEAD_WORDS + 2 * (inputs + 1));
        if (blob.code.length != size) return (false, 0);
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(0x40, and(add(add(start, size), 0x1f), not(0x1f)))
            extcodecopy(blob, start, 0, size)
            ok := iszero(byte(0, mload(start)))
            key := add(start, 1)
        }
    }

    /// @notice Whether the proof holds for the public inputs and e(left, [1]_2) = e(right, tau), in one pairing check.
    /// @dev The caller has multiplied left and right by a challenge that is drawn from everything in both equations, and made sure of the gas.
    /// @param key of `readKey`
    /// @param inputs below R
    /// @param proof canonical
    /// @param left, right sums of Bn254
    function holdsWith(
        uint256 key,
        uint256[] memory inputs,
        bytes calldata proof,
        uint256 left,
        uint256 right,
        uint256[4] memory tau
    ) internal view returns (bool) {
        uint256 sum = inputSum(key, inputs);
        if (!(Bn254.allPoints(sum) && Bn254.allPoints(left) && Bn254.allPoints(right))) return false;
        uint256 pairs = 6;
        uint256 input = Bn254.newPairs(pairs);
        putProof(input, key, proof);
        Bn254.putNegative(input + 0x240, right);
        Bn254.putG2(input + 0x280, tau);
        // Keys of the usual tools have [1]_2 for gamma: its pair and left's are then one.
        if (hasGeneratorGamma(key)) {
            Bn254.addSum(sum, left);
            pairs = 5;
        } else {
            Bn254.putSum(input + 0x3c0, left);
            Bn254.putGenerator(input + 0x400);
        }
        putInputs(input + 0x300, key, sum);
        return Bn254.pairsToOne(input, pairs);
    }

    /// @notice IC_0 + sum of input_i IC_i.
    function inputSum(uint256 key, uint256[] memory inputs) internal view returns (uint256 sum) {
        sum = Bn254.newSumMemory(key + IC);
        for (uint256 i = 0; i < inputs.length; ++i) Bn254.addMemory(sum, key + IC + 0x40 + 0x40 * i, inputs[i]);
    }

    /// @notice Puts three pairs: -A with B, alpha with beta, C with delta.
    function putProof(uint256 target, uint256 key, bytes calldata proof) internal pure {
        assembly ("memory-safe") {
            calldatacopy(target, proof.offset, 0xc0)
            // The negative of A; of the identity it is the identity.
            let y := mload(add(target, 0x20))
            if y { mstore(add(target, 0x20), sub(Q, y)) }
            mcopy(add(target, 0xc0), key, 0xc0)
            calldatacopy(add(target, 0x180), add(proof.offset, 0xc0), 0x40)
            mcopy(add(target, 0x1c0), add(key, DELTA), 0x80)
        }
    }

    /// @notice Puts the pair of the public inputs' sum with gamma.
    function putInputs(uint256 target, uint256 key, uint256 sum) internal pure {
        Bn254.putSum(target, sum);
        assembly ("memory-safe") {
            mcopy(add(target, 0x40), add(key, GAMMA), 0x80)
        }
    }

    /// @notice Whether gamma is [1]_2.
    function hasGeneratorGamma(uint256 key) internal pure returns (bool same) {
        uint256 generator = Bn254.newPairs(1);
        Bn254.putGenerator(generator);
        assembly ("memory-safe") {
            same := eq(keccak256(generator, 0x80), keccak256(add(key, GAMMA), 0x80))
        }
    }

    function _word(bytes calldata data, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(data.offset, offset))
        }
    }
}
