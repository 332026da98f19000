// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title The shape of a train-window circuit: strict decoding, model id, expected lengths
/// @notice docs/reference/encodings.md, Shape and circuit id, and Checkpoint.
library WindowShape {
    struct Shape {
        bytes32 modelId;
        uint256 blockLog;
        /// @dev Neurons per layer, inputs first, outputs last.
        uint256[] sizes;
        uint256 honkProofBytes;
        /// @dev Commitments of one checkpoint.
        uint256 blocks;
        uint256[4] tau;
    }

    uint256 internal constant MAX_BLOCK_LOG = 28;
    uint256 internal constant MAX_LAYERS = 16;
    /// @dev 2^16 rows with the bias: claims of powers of a are told apart by powers of rho = a^65536.
    uint256 internal constant MAX_SIZE = 2 ** 16 - 1;
    /// @dev Bounds the gas of a verification.
    uint256 internal constant MAX_BLOCKS = 64;
    uint256 internal constant MAX_HONK_PROOF_BYTES = 2 ** 16;

    bytes32 private constant SRS_TAG = keccak256("assay.srs.v1");
    bytes32 private constant MODEL_TAG = keccak256("assay.model.v1");
    uint256 private constant HEAD_WORDS = 12;

    /// @notice Decodes the one canonical encoding. `ok` is false for anything else; never reverts.
    function decode(bytes calldata encoded) internal pure returns (bool ok, Shape memory shape) {
        if (encoded.length < (HEAD_WORDS + 3) * 32) return (false, shape);
        uint256 count = _word(encoded, HEAD_WORDS);
        // The array's offset must be that of abi.encode, and nothing may follow.
        if (_word(encoded, 3) != HEAD_WORDS * 32 || count < 2 || count > MAX_LAYERS + 1) return (false, shape);
        if (encoded.length != (HEAD_WORDS + 1 + count) * 32) return (false, shape);
        shape.blockLog = _word(encoded, 2);
        shape.honkProofBytes = _word(encoded, 7);
        if (shape.blockLog > MAX_BLOCK_LOG || shape.honkProofBytes > MAX_HONK_PROOF_BYTES) return (false, shape);
        uint256[4] memory tau = [_word(encoded, 8), _word(encoded, 9), _word(encoded, 10), _word(encoded, 11)];
        if ((tau[0] | tau[1] | tau[2] | tau[3]) == 0) return (false, shape);
        bytes32 srsId = bytes32(_word(encoded, 1));
        if (keccak256(abi.encode(SRS_TAG, tau)) != srsId) return (false, shape);

        uint256[] memory sizes = new uint256[](count);
        // One word more than it keeps, for what the last size's word spills over.
        bytes memory packed = new bytes(count * 4 + 32);
        assembly ("memory-safe") {
            mstore(packed, mul(count, 4))
        }
        for (uint256 i = 0; i < count; ++i) {
            uint256 size = _word(encoded, HEAD_WORDS + 1 + i);
            if (size == 0 || size > MAX_SIZE) return (false, shape);
            sizes[i] = size;
            assembly ("memory-safe") {
                // Four bytes of a word; the next size overwrites the rest.
                mstore(add(add(packed, 0x20), mul(i, 4)), shl(224, size))
            }
            if (i == 0) continue;
            if (size > 1 << shape.blockLog) return (false, shape);
            uint256 rowsPerBlock = (1 << shape.blockLog) / size;
            shape.blocks += sizes[i - 1] / rowsPerBlock + 1;
        }
        if (shape.blocks > MAX_BLOCKS) return (false, shape);
        shape.sizes = sizes;
        shape.tau = tau;
        shape.modelId = keccak256(abi.encode(MODEL_TAG, _word(encoded, 0), srsId, shape.blockLog, keccak256(packed)));
        return (true, shape);
    }

    /// @notice Length of the opening: b, a, E, 2 points a block, mask, S1, S2, ePure, s2 and three quotients.
    function openingBytes(Shape memory shape) internal pure returns (uint256) {
        return 32 * (17 + 4 * shape.blocks);
    }

    function _word(bytes calldata encoded, uint256 index) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(encoded.offset, mul(index, 0x20)))
        }
    }
}
