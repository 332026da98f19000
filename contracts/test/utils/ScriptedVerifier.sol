// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "../../src/interfaces/IStatementVerifier.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {WindowShape} from "../../src/libraries/WindowShape.sol";

/// Stands where the window verifier stands, in unit tests only. The proof's first byte says how it behaves; a BOUND proof is accepted for the
/// one statement whose hash it carries, as a real one is.
contract ScriptedVerifier is IStatementVerifier {
    bytes1 public constant FALSE = 0x00;
    bytes1 public constant BOUND = 0x01;
    bytes1 public constant REVERT = 0x02;
    bytes1 public constant BURN = 0x03;
    bytes1 public constant LONG_TRUE = 0x04;
    bytes1 public constant TWO = 0x05;
    bytes1 public constant HUNGRY = 0x06;
    bytes1 public constant BOMB = 0x07;
    bytes1 public constant EMPTY = 0x08;

    function verify(
        bytes calldata shape,
        address,
        bytes32 circuitId,
        bool open,
        uint256[] calldata statement,
        bytes calldata honkProof,
        bytes calldata
    ) external view returns (bool) {
        bytes1 kind = honkProof[0];
        if (kind == BOUND || kind == HUNGRY) {
            // Costs 3.9 million gas where asked to, and has no answer with less.
            if (kind == HUNGRY) {
                uint256 end = gasleft() - 3_900_000;
                while (gasleft() > end) {}
            }
            return shape.length > 0 && bytes32(honkProof[1:33]) == keccak256(abi.encodePacked(circuitId, uint256(open ? 1 : 0), statement));
        }
        if (kind == REVERT) revert("refused");
        if (kind == BURN) {
            assembly {
                invalid()
            }
        }
        if (kind == LONG_TRUE) {
            assembly {
                mstore(0, 1)
                mstore(32, 1)
                return(0, 64)
            }
        }
        if (kind == TWO) {
            assembly {
                mstore(0, 2)
                return(0, 32)
            }
        }
        if (kind == BOMB) {
            assembly {
                return(0, 200000)
            }
        }
        if (kind == EMPTY) {
            assembly {
                return(0, 0)
            }
        }
        return false;
    }

    /// Of any shape that is one, the facts of a window with the proof and opening that these tests use.
    function describe(bytes calldata shape) external pure virtual returns (Facts memory facts) {
        (bool ok, WindowShape.Shape memory decoded) = WindowShape.decode(shape);
        if (!ok) revert ShapeMalformed();
        facts.statementType = Encodings.TRAIN_WINDOW;
        facts.circuitTag = Encodings.TRAIN_WINDOW_CIRCUIT_TAG;
        facts.modelId = decoded.model.modelId;
        facts.srsId = decoded.model.srsId;
        facts.steps = uint32(decoded.steps);
        facts.treeDepth = uint32(decoded.treeDepth);
        facts.statementWords = 8;
        facts.proofBytes = 33;
        facts.openingBytes = 7;
    }
}

/// Code to stand for an UltraHonk verifier's address; nobody calls it.
contract SomeCode {
    function answer() external pure returns (uint256) {
        return 42;
    }
}
