// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Encodings} from "../../src/libraries/Encodings.sol";
import {WellFormedShape} from "../../src/libraries/WellFormedShape.sol";
import {WindowShape} from "../../src/libraries/WindowShape.sol";
import {ScriptedVerifier} from "./ScriptedVerifier.sol";

/// Stands where an inference verifier stands: answers of two words.
contract ScriptedInference is ScriptedVerifier {
    function describe(bytes calldata shape) external pure override returns (Facts memory facts) {
        (bool ok, WindowShape.Shape memory decoded) = WindowShape.decode(shape);
        if (!ok) revert ShapeMalformed();
        facts.statementType = Encodings.INFERENCE;
        facts.circuitTag = Encodings.INFERENCE_CIRCUIT_TAG;
        facts.modelId = decoded.model.modelId;
        facts.srsId = decoded.model.srsId;
        facts.statementWords = 6;
        facts.proofBytes = 33;
        facts.openingBytes = 7;
    }
}

/// Stands where the well-formed verifier stands.
contract ScriptedWellFormed is ScriptedVerifier {
    function describe(bytes calldata shape) external pure override returns (Facts memory facts) {
        (bool ok, WellFormedShape.Shape memory decoded) = WellFormedShape.decode(shape);
        if (!ok) revert ShapeMalformed();
        facts.statementType = Encodings.WELL_FORMED;
        facts.circuitTag = Encodings.WELL_FORMED_CIRCUIT_TAG;
        facts.modelId = decoded.model.modelId;
        facts.srsId = decoded.model.srsId;
        facts.statementWords = 4;
        facts.proofBytes = 33;
        facts.openingBytes = 7;
    }
}
