// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Encodings} from "./Encodings.sol";

/// @title What the shapes of all statements have in common: strict decoding, model id, blocks
/// @notice `abi(specId, srsId, blockLog, uint32[] sizes, the statement's own words, [tau]_2 as uint256[4])`: docs/reference/encodings.md.
library ModelShape {
    struct Shape {
        bytes32 modelId;
        bytes32 srsId;
        uint256 blockLog;
        /// @dev Neurons per layer, inputs first, outputs last.
        uint256[] sizes;
        /// @dev Commitments of one checkpoint.
        uint256 blocks;
        /// @dev EIP-197 order.
        uint256[4] tau;
    }

    uint256 internal constant MAX_BLOCK_LOG = 28;
    uint256 internal constant MAX_LAYERS = 16;
    /// @dev 2^16 rows with the bias: claims of powers of a are told apart by powers of rho = a^65536.
    uint256 internal constant MAX_SIZE = 2 ** 16 - 1;
    /// @dev Bounds the gas of a verification.
    uint256 internal constant MAX_BLOCKS = 64;
    uint256 internal constant MAX_PROOF_BYTES = 2 ** 16;
    /// @dev Where the statement's own words begin.
    uint256 internal constant OWN = 4;

    /// @notice Decodes the one canonical encoding with `own` words of the statement's. `ok` is false for anything else; never reverts.
    function decode(bytes memory encoded, uint256 own) internal pure returns (bool ok, Shape memory shape) {
        uint256 head = OWN + own + 4;
        if (encoded.length < (head + 3) * 32) return (false, shape);
        uint256 count = word(encoded, head);
        // The array's offset must be that of abi.encode, and nothing may follow.
        if (word(encoded, 3) != head * 32 || count < 2 || count > MAX_LAYERS + 1) return (false, shape);
        if (encoded.length != (head + 1 + count) * 32) return (false, shape);
        shape.blockLog = word(encoded, 2);
        if (shape.blockLog > MAX_BLOCK_LOG) return (false, shape);
        shape.tau = [word(encoded, head - 4), word(encoded, head - 3), word(encoded, head - 2), word(encoded, head - 1)];
        if ((shape.tau[0] | shape.tau[1] | shape.tau[2] | shape.tau[3]) == 0) return (false, shape);
        shape.srsId = bytes32(word(encoded, 1));
        if (Encodings.srsId(shape.tau) != shape.srsId) return (false, shape);

        uint256[] memory sizes = new uint256[](count);
        // One word more than it keeps, for what the last size's word spills over.
        bytes memory packed = new bytes(count * 4 + 32);
        assembly ("memory-safe") {
            mstore(packed, mul(count, 4))
        }
        shape.sizes = sizes;
        // Counts below 2^17, a sum of at most 16 numbers below 2^17.
        unchecked {
            uint256 blocks = 0;
            uint256 inputs = 0;
            for (uint256 i = 0; i < count; ++i) {
                uint256 size = word(encoded, head + 1 + i);
                if (size == 0 || size > MAX_SIZE) return (false, shape);
                assembly ("memory-safe") {
                    mstore(add(add(sizes, 0x20), mul(i, 0x20)), size)
                    // Four bytes of a word; the next size overwrites the rest.
                    mstore(add(add(packed, 0x20), mul(i, 4)), shl(224, size))
                }
                if (i != 0) {
                    if (size > 1 << shape.blockLog) return (false, shape);
                    blocks += inputs / ((1 << shape.blockLog) / size) + 1;
                }
                inputs = size;
            }
            shape.blocks = blocks;
        }
        if (shape.blocks > MAX_BLOCKS) return (false, shape);
        shape.modelId = keccak256(abi.encode(Encodings.MODEL_TAG, word(encoded, 0), shape.srsId, shape.blockLog, keccak256(packed)));
        return (true, shape);
    }

    /// @notice Decodes what the shape of any statement has in common, however many own words it has (at most 64).
    function decodeAny(bytes memory encoded) internal pure returns (bool ok, Shape memory shape) {
        if (encoded.length < (OWN + 4 + 3) * 32) return (false, shape);
        uint256 offset = word(encoded, 3);
        if (offset % 32 != 0 || offset < (OWN + 4) * 32 || offset > (OWN + 4 + 64) * 32) return (false, shape);
        return decode(encoded, offset / 32 - OWN - 4);
    }

    /// @notice Word `index` of the bytes; the caller knows that it is there.
    function word(bytes memory encoded, uint256 index) internal pure returns (uint256 found) {
        assembly ("memory-safe") {
            found := mload(add(encoded, mul(add(index, 1), 0x20)))
        }
    }
}
