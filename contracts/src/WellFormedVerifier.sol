// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "./interfaces/IStatementVerifier.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {Honk} from "./libraries/Honk.sol";
import {ProofInputs} from "./libraries/ProofInputs.sol";
import {WellFormedOpening} from "./libraries/WellFormedOpening.sol";
import {WellFormedShape} from "./libraries/WellFormedShape.sol";

/// @title Verifier of well-formed checkpoints, segment by segment: the UltraHonk proof and the opening
/// @notice Statement: context, checkpointId, maskId, segment. The proof verifier is the generated UltraHonk verifier.
contract WellFormedVerifier is IStatementVerifier {
    /// @inheritdoc IStatementVerifier
    function describe(bytes calldata shape) external pure returns (Facts memory facts) {
        (bool ok, WellFormedShape.Shape memory decoded) = WellFormedShape.decode(shape);
        if (!ok) revert ShapeMalformed();
        facts.statementType = Encodings.WELL_FORMED;
        facts.circuitTag = Encodings.WELL_FORMED_CIRCUIT_TAG;
        facts.modelId = decoded.model.modelId;
        facts.srsId = decoded.model.srsId;
        facts.statementWords = uint32(WellFormedShape.STATEMENT_WORDS);
        facts.proofBytes = uint32(decoded.proofBytes);
        facts.openingBytes = uint32(WellFormedShape.openingBytes(decoded));
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
        (bool ok, WellFormedShape.Shape memory decoded) = WellFormedShape.decode(shape);
        if (!ok || open || proof.length != decoded.proofBytes) return false;
        if (!WellFormedOpening.verify(decoded, address(this), circuitId, statement, opening)) return false;
        return Honk.verify(proofVerifier, ProofInputs.bind(statement, 4, opening), proof);
    }
}
