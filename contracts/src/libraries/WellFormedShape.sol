// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ModelShape} from "./ModelShape.sol";

/// @title The shape of a well-formed circuit
/// @notice Own words: blocksPerProof, wmax, proofBytes. docs/reference/encodings.md, well-formed.
library WellFormedShape {
    struct Shape {
        ModelShape.Shape model;
        /// @dev Blocks of one segment: what one proof covers.
        uint256 blocksPerProof;
        /// @dev Segments of a checkpoint.
        uint256 segments;
        uint256 proofBytes;
    }

    uint256 internal constant STATEMENT_WORDS = 4;
    uint256 internal constant MAX_WMAX = 2 ** 31 - 1;

    /// @notice Decodes the one canonical encoding. `ok` is false for anything else; never reverts.
    function decode(bytes memory encoded) internal pure returns (bool ok, Shape memory shape) {
        (ok, shape.model) = ModelShape.decode(encoded, 3);
        if (!ok) return (false, shape);
        shape.blocksPerProof = ModelShape.word(encoded, ModelShape.OWN);
        uint256 wmax = ModelShape.word(encoded, ModelShape.OWN + 1);
        shape.proofBytes = ModelShape.word(encoded, ModelShape.OWN + 2);
        if (shape.blocksPerProof == 0 || shape.blocksPerProof > ModelShape.MAX_BLOCKS) return (false, shape);
        shape.segments = (shape.model.blocks + shape.blocksPerProof - 1) / shape.blocksPerProof;
        ok = wmax != 0 && wmax <= MAX_WMAX && shape.proofBytes <= ModelShape.MAX_PROOF_BYTES;
    }

    /// @notice Length of the opening: b, a, E, a point a block, mask, S1, S2, s2 and two quotients.
    function openingBytes(Shape memory shape) internal pure returns (uint256) {
        return 32 * (14 + 2 * shape.model.blocks);
    }
}
