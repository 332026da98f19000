// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {AuditShape} from "../../src/libraries/AuditShape.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {ScriptedVerifier} from "./ScriptedVerifier.sol";

/// Stands where the audit verifier stands.
contract ScriptedAudit is ScriptedVerifier {
    function describe(bytes calldata shape) external pure override returns (Facts memory facts) {
        (bool ok, AuditShape.Shape memory decoded) = AuditShape.decode(shape);
        if (!ok) revert ShapeMalformed();
        facts.statementType = Encodings.AUDIT;
        facts.circuitTag = Encodings.AUDIT_CIRCUIT_TAG;
        facts.modelId = decoded.model.modelId;
        facts.srsId = decoded.model.srsId;
        facts.treeDepth = uint32(decoded.treeDepth);
        facts.statementWords = uint32(AuditShape.statementWords(decoded));
        facts.proofBytes = 33;
        facts.openingBytes = 7;
    }
}
