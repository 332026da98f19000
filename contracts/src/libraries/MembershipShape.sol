// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ModelShape} from "./ModelShape.sol";

/// @title The shape of a membership circuit
/// @notice Sizes: features, 256. Own words: batch B, treeDepth, proofBytes. docs/reference/encodings.md, membership.
library MembershipShape {
    struct Shape {
        ModelShape.Shape model;
        /// @dev Samples of a minibatch.
        uint256 batch;
        uint256 treeDepth;
        uint256 proofBytes;
    }

    /// @dev context, root, record.
    uint256 internal constant STATEMENT_WORDS = 3;
    /// @dev A label is a byte.
    uint256 internal constant LABELS = 256;
    uint256 internal constant MAX_BATCH = 1024;
    uint256 internal constant MAX_DEPTH = 32;

    /// @notice Decodes the one canonical encoding. `ok` is false for anything else; never reverts.
    function decode(bytes memory encoded) internal pure returns (bool ok, Shape memory shape) {
        (ok, shape.model) = ModelShape.decode(encoded, 3);
        if (!ok) return (false, shape);
        shape.batch = ModelShape.word(encoded, ModelShape.OWN);
        shape.treeDepth = ModelShape.word(encoded, ModelShape.OWN + 1);
        shape.proofBytes = ModelShape.word(encoded, ModelShape.OWN + 2);
        if (shape.model.sizes.length != 2 || shape.model.sizes[1] != LABELS) return (false, shape);
        if (shape.batch == 0 || shape.batch > MAX_BATCH || shape.treeDepth == 0 || shape.treeDepth > MAX_DEPTH) return (false, shape);
        ok = shape.proofBytes <= ModelShape.MAX_PROOF_BYTES;
    }
}
