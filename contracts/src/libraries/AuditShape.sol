// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {InferenceShape} from "./InferenceShape.sol";
import {ModelShape} from "./ModelShape.sol";

/// @title The shape of an audit circuit
/// @notice Own words: samples n, groups G, treeDepth, outputKind (0 counts, 1 committed), thresholds, proofBytes. docs/reference/encodings.md, audit.
library AuditShape {
    struct Shape {
        ModelShape.Shape model;
        /// @dev Samples of a chunk.
        uint256 samples;
        uint256 groups;
        uint256 classes;
        uint256 treeDepth;
        /// @dev The counts stay hidden behind a commitment.
        bool committed;
        /// @dev Bins of margins: one more than thresholds.
        uint256 bins;
        /// @dev Entries of the table of counts.
        uint256 counts;
        /// @dev Words of the packed counts, or 1.
        uint256 countWords;
        uint256 proofBytes;
    }

    /// @dev context, checkpointId, maskId, root, chunk.
    uint256 internal constant FIXED_WORDS = 5;
    uint256 internal constant MAX_SAMPLES = type(uint16).max;
    /// @dev A label is a byte, and one value of it is none.
    uint256 internal constant MAX_LABELS = 255;
    uint256 internal constant MAX_DEPTH = 8;
    uint256 internal constant MAX_COUNT_WORDS = 256;
    /// @dev Counts of 16 bits in the 252 bits of a field element.
    uint256 internal constant COUNTS_PER_WORD = 15;
    uint256 internal constant COUNT_BITS = 16;
    /// @dev Eight thresholds in a word.
    uint256 internal constant THRESHOLD_BITS = 32;

    /// @notice Decodes the one canonical encoding. `ok` is false for anything else; never reverts.
    function decode(bytes memory encoded) internal pure returns (bool ok, Shape memory shape) {
        (ok, shape.model) = ModelShape.decode(encoded, 6);
        if (!ok) return (false, shape);
        shape.samples = ModelShape.word(encoded, ModelShape.OWN);
        shape.groups = ModelShape.word(encoded, ModelShape.OWN + 1);
        shape.treeDepth = ModelShape.word(encoded, ModelShape.OWN + 2);
        uint256 kind = ModelShape.word(encoded, ModelShape.OWN + 3);
        uint256 thresholds = ModelShape.word(encoded, ModelShape.OWN + 4);
        shape.proofBytes = ModelShape.word(encoded, ModelShape.OWN + 5);
        shape.classes = shape.model.sizes[shape.model.sizes.length - 1];
        shape.committed = kind == 1;
        if (shape.samples == 0 || shape.samples > MAX_SAMPLES || shape.groups == 0 || shape.groups > MAX_LABELS) return (false, shape);
        uint256 labels = shape.groups * shape.classes;
        if (labels < 2 || labels > MAX_LABELS || shape.treeDepth == 0 || shape.treeDepth > MAX_DEPTH || kind > 1) return (false, shape);
        shape.bins = _bins(thresholds);
        // One class has no margin over others.
        if (shape.bins == 0 || (shape.bins > 1 && shape.classes < 2)) return (false, shape);
        shape.counts = labels * shape.classes * shape.bins;
        uint256 words = (shape.counts + COUNTS_PER_WORD - 1) / COUNTS_PER_WORD;
        shape.countWords = shape.committed ? 1 : words;
        ok = words <= MAX_COUNT_WORDS && shape.proofBytes <= ModelShape.MAX_PROOF_BYTES;
    }

    function statementWords(Shape memory shape) internal pure returns (uint256) {
        return FIXED_WORDS + shape.countWords;
    }

    /// @notice An audit's opening is that of an inference with as many words; the opening does not tell what a word is.
    function opened(Shape memory shape) internal pure returns (InferenceShape.Shape memory made) {
        made.model = shape.model;
        // An inference has four words before its outputs.
        made.outputWords = statementWords(shape) - 4;
        made.proofBytes = shape.proofBytes;
    }

    /// @dev One more than the thresholds in a word, the first lowest, which rise from 1; 0 where they do not.
    function _bins(uint256 thresholds) private pure returns (uint256 bins) {
        uint256 last = 0;
        for (bins = 1; thresholds != 0; ++bins) {
            uint256 threshold = uint32(thresholds);
            if (threshold <= last) return 0;
            last = threshold;
            thresholds >>= THRESHOLD_BITS;
        }
    }
}
