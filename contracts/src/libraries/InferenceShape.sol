// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "../interfaces/IStatementVerifier.sol";
import {Encodings} from "./Encodings.sol";
import {ModelShape} from "./ModelShape.sol";

/// @title The shape of an inference circuit
/// @notice Own words: inputs n, outputKind (0 class, 1 logits), outputBits, proofBytes, setupId. docs/reference/encodings.md, inference.
library InferenceShape {
    struct Shape {
        ModelShape.Shape model;
        /// @dev Words of the packed outputs.
        uint256 outputWords;
        uint256 proofBytes;
        /// @dev What ends phase 2 of a Groth16 setup; 0 for UltraHonk.
        bytes32 setupId;
    }

    uint256 internal constant MAX_INPUTS = type(uint16).max;
    uint256 internal constant MAX_CLASSES = 256;
    uint256 internal constant CLASS_BITS = 8;
    uint256 internal constant MAX_LOGIT_BITS = 53;
    /// @dev Each is stored where an answer is paid: more would not fit into a transaction of 2^24 gas (EIP-7825) beside the longest proof.
    uint256 internal constant MAX_OUTPUT_WORDS = 256;
    /// @dev Bits of a field element that packing uses.
    uint256 private constant PACKED_BITS = 252;

    /// @notice Decodes the one canonical encoding. `ok` is false for anything else; never reverts.
    function decode(bytes memory encoded) internal pure returns (bool ok, Shape memory shape) {
        (ok, shape.model) = ModelShape.decode(encoded, 5);
        if (!ok) return (false, shape);
        uint256 inputs = ModelShape.word(encoded, ModelShape.OWN);
        uint256 kind = ModelShape.word(encoded, ModelShape.OWN + 1);
        uint256 bits = ModelShape.word(encoded, ModelShape.OWN + 2);
        shape.proofBytes = ModelShape.word(encoded, ModelShape.OWN + 3);
        shape.setupId = bytes32(ModelShape.word(encoded, ModelShape.OWN + 4));
        if (inputs == 0 || inputs > MAX_INPUTS || kind > 1 || shape.proofBytes > ModelShape.MAX_PROOF_BYTES) return (false, shape);
        uint256 outputs = shape.model.sizes[shape.model.sizes.length - 1];
        if (kind == 0 ? bits != CLASS_BITS || outputs > MAX_CLASSES : bits == 0 || bits > MAX_LOGIT_BITS) return (false, shape);
        uint256 each = PACKED_BITS / bits;
        shape.outputWords = ((kind == 0 ? inputs : inputs * outputs) + each - 1) / each;
        ok = shape.outputWords <= MAX_OUTPUT_WORDS;
    }

    function facts(Shape memory shape) internal pure returns (IStatementVerifier.Facts memory made) {
        made.statementType = Encodings.INFERENCE;
        made.circuitTag = Encodings.INFERENCE_CIRCUIT_TAG;
        made.modelId = shape.model.modelId;
        made.srsId = shape.model.srsId;
        made.statementWords = uint32(statementWords(shape));
        made.proofBytes = uint32(shape.proofBytes);
        made.openingBytes = uint32(openingBytes(shape));
    }

    /// @notice context, checkpointId, maskId, inputId, outputs.
    function statementWords(Shape memory shape) internal pure returns (uint256) {
        return 4 + shape.outputWords;
    }

    /// @notice Length of the opening: b, a, E, a point a block, mask, S1, S2, s2 and two quotients.
    function openingBytes(Shape memory shape) internal pure returns (uint256) {
        return 32 * (14 + 2 * shape.model.blocks);
    }
}
