// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "./interfaces/IStatementVerifier.sol";
import {Bn254} from "./libraries/Bn254.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {Honk} from "./libraries/Honk.sol";
import {MembershipShape} from "./libraries/MembershipShape.sol";

/// @title Verifier of records of a data set: the UltraHonk proof
/// @notice Statement: context, root, record, which are the proof's public inputs. No checkpoint takes part: the opening is empty.
contract MembershipVerifier is IStatementVerifier {
    /// @inheritdoc IStatementVerifier
    function describe(bytes calldata shape) external pure returns (Facts memory facts) {
        (bool ok, MembershipShape.Shape memory decoded) = MembershipShape.decode(shape);
        if (!ok) revert ShapeMalformed();
        facts.statementType = Encodings.MEMBERSHIP;
        facts.circuitTag = Encodings.MEMBERSHIP_CIRCUIT_TAG;
        facts.modelId = decoded.model.modelId;
        facts.srsId = decoded.model.srsId;
        facts.treeDepth = uint32(decoded.treeDepth);
        facts.statementWords = uint32(MembershipShape.STATEMENT_WORDS);
        facts.proofBytes = uint32(decoded.proofBytes);
    }

    /// @inheritdoc IStatementVerifier
    function verify(
        bytes calldata shape,
        address proofVerifier,
        bytes32,
        bool open,
        uint256[] calldata statement,
        bytes calldata proof,
        bytes calldata opening
    ) external view returns (bool) {
        (bool ok, MembershipShape.Shape memory decoded) = MembershipShape.decode(shape);
        if (!ok || open || proof.length != decoded.proofBytes || opening.length != 0) return false;
        if (statement.length != MembershipShape.STATEMENT_WORDS) return false;
        // One way to write each word: a proof must not stand for two statements.
        for (uint256 i = 0; i < MembershipShape.STATEMENT_WORDS; ++i) {
            if (statement[i] >= Bn254.R) return false;
        }
        return Honk.verify(proofVerifier, statement, proof);
    }
}
