// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "./interfaces/IStatementVerifier.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {Honk} from "./libraries/Honk.sol";
import {ProofInputs} from "./libraries/ProofInputs.sol";
import {WindowOpening} from "./libraries/WindowOpening.sol";
import {WindowShape} from "./libraries/WindowShape.sol";

/// @title Verifier of training windows: the UltraHonk proof and the opening
/// @notice Statement: context, parentId, childId, maskId, datasetRoot, batchSeed, firstStep, lossSum. The proof verifier is the generated
/// UltraHonk verifier.
contract WindowVerifier is IStatementVerifier {
    /// @inheritdoc IStatementVerifier
    function describe(bytes calldata shape) external pure returns (Facts memory facts) {
        (bool ok, WindowShape.Shape memory decoded) = WindowShape.decode(shape);
        if (!ok) revert ShapeMalformed();
        facts.statementType = Encodings.TRAIN_WINDOW;
        facts.circuitTag = Encodings.TRAIN_WINDOW_CIRCUIT_TAG;
        facts.modelId = decoded.model.modelId;
        facts.srsId = decoded.model.srsId;
        facts.steps = uint32(decoded.steps);
        facts.treeDepth = uint32(decoded.treeDepth);
        facts.statementWords = uint32(WindowShape.STATEMENT_WORDS);
        facts.proofBytes = uint32(decoded.proofBytes);
        facts.openingBytes = uint32(WindowShape.openingBytes(decoded));
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
        (bool ok, WindowShape.Shape memory decoded) = WindowShape.decode(shape);
        if (!ok || proof.length != decoded.proofBytes) return false;
        if (!WindowOpening.verify(decoded, address(this), circuitId, open, statement, opening)) return false;
        return Honk.verify(proofVerifier, ProofInputs.all(statement, opening), proof);
    }
}
