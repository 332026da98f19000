// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {AuditVerifier} from "../../src/AuditVerifier.sol";
import {Modules} from "../../src/Modules.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";
import {IStatementVerifier} from "../../src/interfaces/IStatementVerifier.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Discrete} from "../utils/Discrete.sol";
import {ExactHonk} from "../utils/HonkStandIns.sol";
import {OpeningMaker} from "../utils/OpeningMaker.sol";

/// See AuditStatements.tree. The openings are real; in the place of the generated UltraHonk verifier stands one that accepts a hash of the
/// public inputs.
contract AuditStatementsTest is OpeningMaker {
    uint256 internal constant Q = Discrete.Q;

    VerifierRouter internal router;
    address internal verifier;
    address internal honk;

    struct Case {
        bytes shape;
        bytes32 circuitId;
        uint256[] statement;
        bytes proof;
        bytes opening;
    }

    Case[] internal all;
    /// 1 to 8: as many thresholds as there can be.
    uint256 internal constant EIGHT = 0x0000000800000007000000060000000500000004000000030000000200000001;

    function setUp() public {
        Modules memory alone;
        router = VerifierRouter(vm.deployCode("VerifierRouter.sol:VerifierRouter", abi.encode(alone)));
        verifier = vm.deployCode("AuditVerifier.sol:AuditVerifier", "");
        honk = address(new ExactHonk());
        // samples, groups, treeDepth, outputKind, thresholds, proofBytes; 3 classes: 9 counts a group and bin.
        all.push(make(network(6, 5, 3, 4), [uint256(100), 1, 8, 0, 0, 64], 1));
        all.push(make(network(6, 5, 3, 5), [uint256(7), 5, 1, 0, 0, 64], 3));
        all.push(make(network(6, 5, 3, 5), [uint256(7), 5, 1, 1, 0, 64], 1));
        all.push(make(network(6, 5, 3, 4), [uint256(100), 1, 8, 0, (uint256(2 ** 32 - 1) << 32) | 1, 64], 2));
    }

    function make(Network memory net, uint256[6] memory own, uint256 words) internal returns (Case memory made) {
        made.shape = shapeOf(net, own);
        made.circuitId = router.register(keccak256("vk"), honk, verifier, made.shape);
        made.statement = new uint256[](5 + words);
        made.statement[0] = rand("context", 0);
        for (uint256 i = 3; i < made.statement.length; ++i) made.statement[i] = rand("counts", i);
        made.opening = open(net, Binding(verifier, made.circuitId, 0, 0, 0), made.statement);
        made.proof = proofOf(made);
    }

    function shapeOf(Network memory net, uint256[6] memory own) internal view returns (bytes memory) {
        return abi.encode(
            keccak256("spec"), Encodings.srsId(tau()), net.blockLog, sizes32(net), own[0], own[1], own[2], own[3], own[4], own[5], tau()
        );
    }

    /// What ExactHonk accepts for the public inputs of docs/reference/encodings.md.
    function proofOf(Case memory c) internal pure returns (bytes memory) {
        bytes memory inputs = abi.encodePacked(uint256(keccak256(abi.encodePacked(c.statement[0], c.statement[1], c.statement[2]))) % R);
        for (uint256 i = 3; i < c.statement.length; ++i) inputs = abi.encodePacked(inputs, c.statement[i]);
        for (uint256 i = 0; i < 3; ++i) inputs = abi.encodePacked(inputs, wordAt(c.opening, 32 * i));
        return abi.encodePacked(bytes32("ok"), keccak256(inputs));
    }

    function wordAt(bytes memory data, uint256 offset) internal pure returns (uint256 found) {
        assembly {
            found := mload(add(add(data, 32), offset))
        }
    }

    function setWord(bytes memory data, uint256 offset, uint256 value) internal pure {
        assembly {
            mstore(add(add(data, 32), offset), value)
        }
    }

    function holds(Case memory c) internal view returns (bool answer) {
        answer = IStatementVerifier(verifier).verify(c.shape, honk, c.circuitId, false, c.statement, c.proof, c.opening);
        assertTrue(router.verify(c.circuitId, false, c.statement, c.proof, c.opening) == answer, "router and verifier agree");
    }

    function test_verify_acceptsWhatHolds() public view {
        for (uint256 i = 0; i < all.length; ++i) assertTrue(holds(all[i]), "holds");
    }

    function test_register_describesTheCircuit() public view {
        IVerifierRouter.Circuit memory c = router.circuit(all[1].circuitId);
        assertEq(c.statementType, keccak256("audit"), "type");
        // 45 counts, 15 a word.
        assertEq(c.statementWords, 8, "words");
        assertEq(c.treeDepth, 1, "depth");
        assertEq(c.steps, 0, "no steps");
        assertEq(c.openingBytes, all[1].opening.length, "opening");
        assertEq(c.modelId, network(6, 5, 3, 5).modelId, "model");
        bytes memory content = abi.encode(
            keccak256("assay.circuit.audit.v1"), keccak256("vk"), honk.codehash, verifier.codehash, keccak256(all[1].shape)
        );
        assertEq(all[1].circuitId, keccak256(content), "circuit id");
        assertEq(router.circuit(all[2].circuitId).statementWords, 6, "a commitment is one word");
        assertEq(router.circuit(all[3].circuitId).statementWords, 7, "27 counts");
    }

    function test_register_refusesOtherShapes() public {
        Network memory net = network(6, 5, 3, 5);
        uint256[6][17] memory bad = [
            [uint256(0), 1, 1, 0, 0, 64],
            [uint256(65536), 1, 1, 0, 0, 64],
            [uint256(7), 0, 1, 0, 0, 64],
            [uint256(7), 86, 1, 0, 0, 64],
            [uint256(7), type(uint256).max, 1, 0, 0, 64],
            [uint256(7), 1, 0, 0, 0, 64],
            [uint256(7), 1, 9, 0, 0, 64],
            [uint256(7), 1, 1, 2, 0, 64],
            [uint256(7), 1, 1, 0, 0, 65537],
            // Thresholds rise from 1, and nothing stands behind the last.
            [uint256(7), 1, 1, 0, uint256(1) << 32, 64],
            [uint256(7), 1, 1, 0, (uint256(4) << 32) | 5, 64],
            [uint256(7), 1, 1, 0, (uint256(5) << 32) | 5, 64],
            [uint256(7), 1, 1, 0, (uint256(6) << 64) | 5, 64],
            [uint256(7), 1, 1, 0, (uint256(7) << 224) | 5, 64],
            [uint256(7), 1, 1, 0, type(uint256).max, 64],
            [uint256(7), 1, 1, 0, (uint256(type(uint32).max) << 224) | 5, 64],
            [uint256(7), 1, 1, 0, (uint256(1) << 255) | 7, 64]
        ];
        for (uint256 i = 0; i < bad.length; ++i) refused(shapeOf(net, bad[i]));
        refused(abi.encodePacked(shapeOf(net, [uint256(7), 1, 1, 0, 0, 64]), uint256(0)));
        // One class is no choice; 62^2 counts are 257 words.
        refused(shapeOf(network(6, 5, 1, 5), [uint256(7), 1, 1, 0, 0, 64]));
        refused(shapeOf(network(6, 5, 62, 9), [uint256(7), 1, 1, 0, 0, 64]));
        refused(shapeOf(network(6, 5, 62, 9), [uint256(7), 1, 1, 1, 0, 64]));
        // One class has no margin, and 85 groups of 9 counts in 9 bins are 459 words.
        refused(shapeOf(network(6, 5, 1, 5), [uint256(7), 2, 1, 0, 1, 64]));
        refused(shapeOf(net, [uint256(7), 85, 1, 1, EIGHT, 64]));
        router.register(keccak256("vk"), honk, verifier, shapeOf(network(6, 5, 1, 5), [uint256(7), 2, 1, 0, 0, 64]));
        router.register(keccak256("vk"), honk, verifier, shapeOf(net, [uint256(7), 47, 1, 0, EIGHT, 64]));
        router.register(keccak256("vk"), honk, verifier, shapeOf(net, [uint256(65535), 85, 8, 1, 0, 65536]));
        router.register(keccak256("vk"), honk, verifier, shapeOf(network(6, 5, 61, 9), [uint256(7), 1, 1, 0, 0, 64]));
    }

    function refused(bytes memory shape) internal {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.ShapeMalformed.selector));
        router.register(keccak256("vk"), honk, verifier, shape);
        Case memory c = all[0];
        assertTrue(!IStatementVerifier(verifier).verify(shape, honk, c.circuitId, false, c.statement, c.proof, c.opening), "no proof holds");
    }

    function test_statement_isBound() public view {
        for (uint256 k = 0; k < all.length; ++k) {
            uint256 words = all[k].statement.length;
            for (uint256 i = 0; i < words; ++i) {
                Case memory c = all[k];
                c.statement[i] = addmod(c.statement[i], 1, R);
                // The proof would fit: it is the opening that binds every word.
                c.proof = proofOf(c);
                assertTrue(!holds(c), "another word");
                c = all[k];
                c.statement[i] += R;
                c.proof = proofOf(c);
                assertTrue(!holds(c), "a word + r");
            }
            Case memory other = all[k];
            other.statement = new uint256[](words - 1);
            assertTrue(!holds(other), "a word less");
            other.statement = new uint256[](words + 1);
            for (uint256 i = 0; i < words; ++i) other.statement[i] = all[k].statement[i];
            assertTrue(!holds(other), "a word more");
        }
    }

    function test_opening_isChecked() public view {
        for (uint256 k = 0; k < all.length; ++k) {
            uint256 words = all[k].opening.length / 32;
            for (uint256 i = 0; i < words; ++i) {
                Case memory c = all[k];
                setWord(c.opening, 32 * i, wordAt(c.opening, 32 * i) + 1);
                c.proof = proofOf(c);
                assertTrue(!holds(c), "another word");
                c = all[k];
                setWord(c.opening, 32 * i, wordAt(c.opening, 32 * i) + (i < 3 || i + 5 == words ? R : Q));
                c.proof = proofOf(c);
                assertTrue(!holds(c), "a word + its modulus");
            }
            Case memory other = all[k];
            other.opening = abi.encodePacked(other.opening, uint256(0));
            assertTrue(!holds(other), "a word more");
            other.opening = new bytes(32 * words - 32);
            assertTrue(!holds(other), "a word less");
        }
    }

    function test_proof_isChecked() public view {
        for (uint256 k = 0; k < all.length; ++k) {
            Case memory c = all[k];
            c.proof = "";
            assertTrue(!holds(c), "none");
            c.proof = abi.encodePacked(all[k].proof, uint8(0));
            assertTrue(!holds(c), "a byte more");
            c.proof = abi.encodePacked(bytes32("no"), wordAt(all[k].proof, 32));
            assertTrue(!holds(c), "false");
            c.proof = abi.encodePacked(bytes32("ok"), wordAt(all[k].proof, 32) ^ 1);
            assertTrue(!holds(c), "of other inputs");
            bytes memory good = all[k].proof;
            assertTrue(!IStatementVerifier(verifier).verify(c.shape, honk, c.circuitId, true, c.statement, good, c.opening), "open");
        }
    }

    function test_gas_shortageIsNeverFalse() public view {
        Case memory c = all[0];
        bytes memory call = abi.encodeCall(IStatementVerifier.verify, (c.shape, honk, c.circuitId, false, c.statement, c.proof, c.opening));
        uint256 unjudged;
        uint256 judged;
        for (uint256 gas_ = 20_000; gas_ <= 2_500_000; gas_ += 20_000) {
            (bool success, bytes memory returned) = verifier.staticcall{gas: gas_}(call);
            if (success) {
                assertTrue(abi.decode(returned, (bool)), "never called false");
                ++judged;
            } else {
                assertTrue(returned.length == 0 || bytes4(returned) == IStatementVerifier.InsufficientGas.selector, "says so");
                ++unjudged;
            }
        }
        assertTrue(unjudged > 10 && judged > 10, "both happened");
    }
}
