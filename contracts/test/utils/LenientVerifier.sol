// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "../../src/interfaces/IStatementVerifier.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {WindowShape} from "../../src/libraries/WindowShape.sol";

/// Describes windows as the real verifier does, but for an opening of one word, and accepts everything: for tests of what surrounds it.
contract LenientVerifier is IStatementVerifier {
    function describe(bytes calldata shape) external pure returns (Facts memory facts) {
        (bool ok, WindowShape.Shape memory decoded) = WindowShape.decode(shape);
        if (!ok) revert ShapeMalformed();
        facts.statementType = Encodings.TRAIN_WINDOW;
        facts.circuitTag = Encodings.TRAIN_WINDOW_CIRCUIT_TAG;
        facts.modelId = decoded.model.modelId;
        facts.srsId = decoded.model.srsId;
        facts.steps = uint32(decoded.steps);
        facts.treeDepth = uint32(decoded.treeDepth);
        facts.statementWords = 8;
        facts.proofBytes = uint32(decoded.proofBytes);
        facts.openingBytes = 32;
    }

    function verify(bytes calldata, address, bytes32, bool, uint256[] calldata, bytes calldata, bytes calldata) external pure returns (bool) {
        return true;
    }
}
