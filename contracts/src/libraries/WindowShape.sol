// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ModelShape} from "./ModelShape.sol";

/// @title The shape of a train-window circuit
/// @notice Own words: batch, steps, treeDepth, honkProofBytes. docs/reference/encodings.md, Shape and circuit id.
library WindowShape {
    struct Shape {
        ModelShape.Shape model;
        uint256 steps;
        uint256 treeDepth;
        uint256 proofBytes;
    }

    uint256 internal constant STATEMENT_WORDS = 8;

    /// @notice Decodes the one canonical encoding. `ok` is false for anything else; never reverts.
    function decode(bytes memory encoded) internal pure returns (bool ok, Shape memory shape) {
        (ok, shape.model) = ModelShape.decode(encoded, 4);
        if (!ok) return (false, shape);
        uint256 batch = ModelShape.word(encoded, ModelShape.OWN);
        shape.steps = ModelShape.word(encoded, ModelShape.OWN + 1);
        shape.treeDepth = ModelShape.word(encoded, ModelShape.OWN + 2);
        shape.proofBytes = ModelShape.word(encoded, ModelShape.OWN + 3);
        ok = batch != 0 && shape.steps != 0 && shape.steps <= type(uint16).max && shape.treeDepth <= 32
            && shape.proofBytes <= ModelShape.MAX_PROOF_BYTES;
    }

    /// @notice Length of the opening: b, a, E, 2 points a block, mask, S1, S2, ePure, s2 and three quotients.
    function openingBytes(Shape memory shape) internal pure returns (uint256) {
        return 32 * (17 + 4 * shape.model.blocks);
    }
}
