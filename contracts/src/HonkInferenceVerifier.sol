// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "./interfaces/IStatementVerifier.sol";
import {Honk} from "./libraries/Honk.sol";
import {InferenceOpening} from "./libraries/InferenceOpening.sol";
import {InferenceShape} from "./libraries/InferenceShape.sol";
import {ProofInputs} from "./libraries/ProofInputs.sol";

/// @title Verifier of inferences: the UltraHonk proof and the opening
/// @notice Statement: context, checkpointId, maskId, inputId, outputs. The proof verifier is the generated UltraHonk verifier.
contract HonkInferenceVerifier is IStatementVerifier {
    /// @inheritdoc IStatementVerifier
    function describe(bytes calldata shape) external pure returns (Facts memory) {
        (bool ok, InferenceShape.Shape memory decoded) = _decode(shape);
        if (!ok) revert ShapeMalformed();
        return InferenceShape.facts(decoded);
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
        (bool ok, InferenceShape.Shape memory decoded) = _decode(shape);
        if (!ok || open || proof.length != decoded.proofBytes) return false;
        if (!InferenceOpening.verify(decoded, address(this), circuitId, statement, opening)) return false;
        return Honk.verify(proofVerifier, ProofInputs.bind(statement, 3, opening), proof);
    }

    function _decode(bytes calldata shape) private pure returns (bool ok, InferenceShape.Shape memory decoded) {
        (ok, decoded) = InferenceShape.decode(shape);
        ok = ok && decoded.setupId == 0;
    }
}
