// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "./interfaces/IStatementVerifier.sol";
import {AuditShape} from "./libraries/AuditShape.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {Honk} from "./libraries/Honk.sol";
import {InferenceOpening} from "./libraries/InferenceOpening.sol";
import {InferenceShape} from "./libraries/InferenceShape.sol";
import {ProofInputs} from "./libraries/ProofInputs.sol";

/// @title Verifier of audits, chunk by chunk: the UltraHonk proof and the opening
/// @notice Statement: context, checkpointId, maskId, root, chunk, counts. The proof verifier is the generated UltraHonk verifier.
contract AuditVerifier is IStatementVerifier {
    /// @inheritdoc IStatementVerifier
    function describe(bytes calldata shape) external pure returns (Facts memory facts) {
        (bool ok, AuditShape.Shape memory decoded) = AuditShape.decode(shape);
        if (!ok) revert ShapeMalformed();
        facts.statementType = Encodings.AUDIT;
        facts.circuitTag = Encodings.AUDIT_CIRCUIT_TAG;
        facts.modelId = decoded.model.modelId;
        facts.srsId = decoded.model.srsId;
        facts.treeDepth = uint32(decoded.treeDepth);
        facts.statementWords = uint32(AuditShape.statementWords(decoded));
        facts.proofBytes = uint32(decoded.proofBytes);
        facts.openingBytes = uint32(InferenceShape.openingBytes(AuditShape.opened(decoded)));
    }

    /// @inheritdoc IStatementVerifier
    function verify(
        bytes calldata shape,
        address proofVerifier,
        bytes32 circuitId,
        bool open,
        uint256[] calldata statement,
        bytes calldata proof,
        bytes calldata opening
    ) external view returns (bool) {
        (bool ok, AuditShape.Shape memory decoded) = AuditShape.decode(shape);
        if (!ok || open || proof.length != decoded.proofBytes) return false;
        if (!InferenceOpening.verify(AuditShape.opened(decoded), address(this), circuitId, statement, opening)) return false;
        return Honk.verify(proofVerifier, ProofInputs.bind(statement, 3, opening), proof);
    }
}
