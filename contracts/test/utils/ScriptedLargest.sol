// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "../../src/interfaces/IStatementVerifier.sol";
import {AuditShape} from "../../src/libraries/AuditShape.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {InferenceShape} from "../../src/libraries/InferenceShape.sol";
import {ModelShape} from "../../src/libraries/ModelShape.sol";
import {WellFormedShape} from "../../src/libraries/WellFormedShape.sol";
import {WindowShape} from "../../src/libraries/WindowShape.sol";
import {ScriptedVerifier} from "./ScriptedVerifier.sol";

/// Facts of a shape whose proofs are as long as a shape may say, and whose openings are those of its blocks.
function largest(bytes calldata shape) pure returns (IStatementVerifier.Facts memory facts, uint256 blocks) {
    (bool ok, ModelShape.Shape memory model) = ModelShape.decodeAny(shape);
    if (!ok) revert IStatementVerifier.ShapeMalformed();
    blocks = model.blocks;
    facts.modelId = model.modelId;
    facts.srsId = model.srsId;
    facts.proofBytes = uint32(ModelShape.MAX_PROOF_BYTES);
    facts.openingBytes = uint32(32 * (14 + 2 * blocks));
}

contract LargestWindow is ScriptedVerifier {
    function describe(bytes calldata shape) external pure override returns (Facts memory facts) {
        uint256 blocks;
        (facts, blocks) = largest(shape);
        facts.openingBytes = uint32(32 * (17 + 4 * blocks));
        facts.statementType = Encodings.TRAIN_WINDOW;
        facts.circuitTag = Encodings.TRAIN_WINDOW_CIRCUIT_TAG;
        (facts.steps, facts.treeDepth, facts.statementWords) = (4, 3, uint32(WindowShape.STATEMENT_WORDS));
    }
}

contract LargestAnswer is ScriptedVerifier {
    function describe(bytes calldata shape) external pure override returns (Facts memory facts) {
        (facts,) = largest(shape);
        facts.statementType = Encodings.INFERENCE;
        facts.circuitTag = Encodings.INFERENCE_CIRCUIT_TAG;
        facts.statementWords = uint32(4 + InferenceShape.MAX_OUTPUT_WORDS);
    }
}

contract LargestWellFormed is ScriptedVerifier {
    function describe(bytes calldata shape) external pure override returns (Facts memory facts) {
        (facts,) = largest(shape);
        facts.statementType = Encodings.WELL_FORMED;
        facts.circuitTag = Encodings.WELL_FORMED_CIRCUIT_TAG;
        facts.statementWords = uint32(WellFormedShape.STATEMENT_WORDS);
    }
}

contract LargestAudit is ScriptedVerifier {
    function describe(bytes calldata shape) external pure override returns (Facts memory facts) {
        (facts,) = largest(shape);
        (bool ok, AuditShape.Shape memory decoded) = AuditShape.decode(shape);
        if (!ok) revert ShapeMalformed();
        facts.statementType = Encodings.AUDIT;
        facts.circuitTag = Encodings.AUDIT_CIRCUIT_TAG;
        facts.treeDepth = uint32(decoded.treeDepth);
        facts.statementWords = uint32(AuditShape.statementWords(decoded));
    }
}
