// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {HonkInferenceVerifier} from "../../src/HonkInferenceVerifier.sol";
import {Modules} from "../../src/Modules.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";
import {WellFormedVerifier} from "../../src/WellFormedVerifier.sol";
import {IStatementVerifier} from "../../src/interfaces/IStatementVerifier.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Discrete} from "../utils/Discrete.sol";
import {ExactHonk} from "../utils/HonkStandIns.sol";
import {OpeningMaker} from "../utils/OpeningMaker.sol";

/// See HonkStatements.tree. The openings are real; in the place of the generated UltraHonk verifier stands one that accepts a hash of the
/// public inputs.
contract HonkStatementsTest is OpeningMaker {
    uint256 internal constant Q = Discrete.Q;

    VerifierRouter internal router;
    address internal inference;
    address internal wellFormed;
    address internal honk;

    struct Case {
        address verifier;
        bytes shape;
        bytes32 circuitId;
        uint256[] statement;
        bytes proof;
        bytes opening;
    }

    Case[] internal all;

    function setUp() public {
        Modules memory alone;
        router = VerifierRouter(vm.deployCode("VerifierRouter.sol:VerifierRouter", abi.encode(alone)));
        inference = vm.deployCode("HonkInferenceVerifier.sol:HonkInferenceVerifier", "");
        wellFormed = vm.deployCode("WellFormedVerifier.sol:WellFormedVerifier", "");
        honk = address(new ExactHonk());
        all.push(makeInference(network(6, 5, 3, 4), [uint256(100), 0, 8, 64], 4));
        all.push(makeInference(network(196, 25, 10, 10), [uint256(3), 1, 24, 64], 3));
        // 2 + 1 blocks: as one segment, one by one, and two at a time.
        Network memory net = network(6, 5, 3, 5);
        assertEq(net.blocks, 3, "blocks");
        all.push(makeWellFormed(net, 64, 0));
        for (uint256 s = 0; s < 3; ++s) all.push(makeWellFormed(net, 1, s));
        for (uint256 s = 0; s < 2; ++s) all.push(makeWellFormed(net, 2, s));
    }

    /// @param own inputs, outputKind, outputBits, proofBytes
    function makeInference(Network memory net, uint256[4] memory own, uint256 words) internal returns (Case memory made) {
        made.verifier = inference;
        made.shape = inferenceShape(net, own, 0);
        made.circuitId = router.register(keccak256("vk"), honk, inference, made.shape);
        made.statement = new uint256[](4 + words);
        made.statement[0] = rand("context", 0);
        for (uint256 i = 3; i < made.statement.length; ++i) made.statement[i] = rand("outputs", i);
        made.opening = open(net, Binding(inference, made.circuitId, 0, 0, 0), made.statement);
        made.proof = proofOf(made);
    }

    function makeWellFormed(Network memory net, uint256 blocksPerProof, uint256 segment) internal returns (Case memory made) {
        made.verifier = wellFormed;
        made.shape = wellFormedShape(net, blocksPerProof, 32768, 64);
        made.circuitId = router.register(keccak256("vk"), honk, wellFormed, made.shape);
        made.statement = new uint256[](4);
        made.statement[0] = rand("context", 0);
        made.statement[3] = segment;
        made.opening = open(net, Binding(wellFormed, made.circuitId, segment * blocksPerProof, blocksPerProof, 0), made.statement);
        made.proof = proofOf(made);
    }

    function inferenceShape(Network memory net, uint256[4] memory own, bytes32 setupId) internal view returns (bytes memory) {
        return abi.encode(
            keccak256("spec"), Encodings.srsId(tau()), net.blockLog, sizes32(net), own[0], own[1], own[2], own[3], setupId, tau()
        );
    }

    function wellFormedShape(Network memory net, uint256 blocksPerProof, uint256 wmax, uint256 proofBytes)
        internal
        view
        returns (bytes memory)
    {
        return abi.encode(
            keccak256("spec"), Encodings.srsId(tau()), net.blockLog, sizes32(net), blocksPerProof, wmax, proofBytes, tau()
        );
    }

    /// What ExactHonk accepts for the public inputs of docs/reference/encodings.md.
    function proofOf(Case memory c) internal view returns (bytes memory) {
        uint256 bound = c.verifier == inference ? 3 : 4;
        bytes memory words;
        for (uint256 i = 0; i < bound; ++i) words = abi.encodePacked(words, c.statement[i]);
        bytes memory inputs = abi.encodePacked(uint256(keccak256(words)) % R);
        for (uint256 i = bound; i < c.statement.length; ++i) inputs = abi.encodePacked(inputs, c.statement[i]);
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

    function holds(Case memory c) internal view returns (bool) {
        return holdsBy(c, honk);
    }

    function holdsBy(Case memory c, address by) internal view returns (bool answer) {
        answer = IStatementVerifier(c.verifier).verify(c.shape, by, c.circuitId, false, c.statement, c.proof, c.opening);
        if (by == honk) {
            assertTrue(router.verify(c.circuitId, false, c.statement, c.proof, c.opening) == answer, "router and verifier agree");
        }
    }

    function test_verify_acceptsWhatHolds() public view {
        for (uint256 i = 0; i < all.length; ++i) assertTrue(holds(all[i]), "holds");
    }

    function test_register_describesTheCircuit() public view {
        IVerifierRouter.Circuit memory c = router.circuit(all[1].circuitId);
        assertEq(c.statementType, keccak256("inference"), "type");
        // 30 logits of 24 bits, 10 a word.
        assertEq(c.statementWords, 7, "words");
        assertEq(c.proofBytes, 64, "proof");
        assertEq(c.openingBytes, all[1].opening.length, "opening");
        c = router.circuit(all[2].circuitId);
        assertEq(c.statementType, keccak256("well-formed"), "type");
        assertEq(c.statementWords, 4, "words");
        assertEq(c.openingBytes, 20 * 32, "opening");
        assertEq(c.modelId, network(6, 5, 3, 5).modelId, "model");
        assertEq(c.steps + c.treeDepth, 0, "no steps, no tree");
        assertEq(
            all[2].circuitId,
            keccak256(
                abi.encode(
                    keccak256("assay.circuit.well-formed.v1"),
                    keccak256("vk"),
                    honk.codehash,
                    wellFormed.codehash,
                    keccak256(all[2].shape)
                )
            ),
            "circuit id"
        );
    }

    function test_register_refusesOtherShapes() public {
        Network memory net = network(6, 5, 3, 5);
        refused(inference, inferenceShape(net, [uint256(1), 0, 8, 64], keccak256("setup")));
        refused(inference, wellFormedShape(net, 1, 32768, 64));
        refused(wellFormed, inferenceShape(net, [uint256(1), 0, 8, 64], 0));
        refused(inference, abi.encodePacked(inferenceShape(net, [uint256(1), 0, 8, 64], 0), uint256(0)));
        refused(wellFormed, abi.encodePacked(wellFormedShape(net, 1, 32768, 64), uint256(0)));
        refused(inference, inferenceShape(net, [uint256(1), 0, 8, 65537], 0));
        // 257 words.
        refused(inference, inferenceShape(net, [uint256(31 * 256 + 1), 0, 8, 64], 0));
        refused(wellFormed, wellFormedShape(net, 0, 32768, 64));
        refused(wellFormed, wellFormedShape(net, 65, 32768, 64));
        refused(wellFormed, wellFormedShape(net, 1, 0, 64));
        refused(wellFormed, wellFormedShape(net, 1, 2 ** 31, 64));
        refused(wellFormed, wellFormedShape(net, 1, 32768, 65537));
        net.blockLog = 2;
        refused(wellFormed, wellFormedShape(net, 1, 32768, 64));
        net.blockLog = 5;
        router.register(keccak256("vk"), honk, wellFormed, wellFormedShape(net, 64, 2 ** 31 - 1, 65536));
        router.register(keccak256("vk"), honk, inference, inferenceShape(net, [uint256(31 * 256), 0, 8, 65536], 0));
    }

    function refused(address verifier, bytes memory shape) internal {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.ShapeMalformed.selector));
        router.register(keccak256("vk"), honk, verifier, shape);
        Case memory c = all[verifier == inference ? 0 : 2];
        c.shape = shape;
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

    function test_opening_ofAnotherSegment() public view {
        for (uint256 s = 0; s < 2; ++s) {
            Case memory c = all[3 + s];
            c.opening = all[4 + s].opening;
            c.proof = proofOf(c);
            assertTrue(!holds(c), "the next one's");
        }
        Case memory none = all[5];
        for (none.statement[3] = 3; none.statement[3] < 6; ++none.statement[3]) {
            none.proof = proofOf(none);
            assertTrue(!holds(none), "no such segment");
        }
        none.statement[3] = type(uint256).max;
        none.proof = proofOf(none);
        assertTrue(!holds(none), "no such segment");
    }

    /// Blocks that the proof is not about must be points all the same.
    function test_opening_pointsOutsideTheSegment() public view {
        Case memory made = makeWithPoint(2, Discrete.g1(rand("block", 2)));
        assertTrue(holds(made), "control: the same point");
        assertTrue(holds(makeWithPoint(2, Discrete.g1(1234))), "another point");
        assertTrue(holds(makeWithPoint(2, new bytes(64))), "the identity");
        assertTrue(!holds(makeWithPoint(2, abi.encode(1, 3))), "off the curve");
        assertTrue(!holds(makeWithPoint(2, abi.encode(Q, 0))), "q for the identity's x");
        assertTrue(!holds(makeWithPoint(2, abi.encode(0, Q))), "q for the identity's y");
        assertTrue(!holds(makeWithPoint(2, abi.encode(1 + Q, 2))), "x + q");
        assertTrue(!holds(makeWithPoint(2, abi.encode(1, 2 + Q))), "y + q");
        assertTrue(!holds(makeWithPoint(0, Discrete.g1(1234))), "a block of the segment");
    }

    /// An honest opening of segment 0 of 3, over a checkpoint whose block `index` is another.
    function makeWithPoint(uint256 index, bytes memory point) internal view returns (Case memory c) {
        Network memory net = network(6, 5, 3, 5);
        c = all[3];
        bytes memory points;
        for (uint256 i = 0; i < 3; ++i) points = abi.encodePacked(points, i == index ? point : Discrete.g1(rand("block", i)));
        bytes memory mask = Discrete.g1(rand("mask", 0));
        c.statement[1] = Encodings.checkpointId(net.modelId, points);
        (uint256 b, uint256 a, uint256 e) = (rand("b", 0), rand("a", 0), rand("E", 0));
        bytes memory head = abi.encodePacked(b, a, e, points, mask, Discrete.g1(rand("S1", 0)), Discrete.g1(rand("S2", 0)));
        bytes memory bound = abi.encodePacked(
            keccak256("assay.opening.z.v1"), block.chainid, abi.encode(wellFormed), c.circuitId, uint256(0), c.statement, head
        );
        uint256 z = uint256(keccak256(bound)) % R;
        uint256 value = combined(net, Binding(wellFormed, c.circuitId, 0, 1, 0), a, b, z);
        c.opening = abi.encodePacked(head, quotients(value, e, z));
        c.proof = proofOf(c);
    }

    function test_proof_isChecked() public {
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
            assertTrue(
                !IStatementVerifier(c.verifier).verify(c.shape, honk, c.circuitId, true, c.statement, all[k].proof, c.opening), "open"
            );
        }
        string[5] memory others = ["RevertingHonk", "BurningHonk", "LongHonk", "TwoHonk", "SilentHonk"];
        for (uint256 i = 0; i < others.length; ++i) {
            address other = vm.deployCode(string.concat("HonkStandIns.sol:", others[i]), "");
            assertTrue(!holdsBy(all[0], other) && !holdsBy(all[2], other), others[i]);
        }
        assertTrue(!holdsBy(all[0], address(0xdead)), "no code");
        assertTrue(holdsBy(all[0], vm.deployCode("HonkStandIns.sol:ExactHonk", "")), "control");
    }

    function test_gas_shortageIsNeverFalse() public view {
        for (uint256 k = 0; k < 3; k += 2) {
            Case memory c = all[k];
            bytes memory call =
                abi.encodeCall(IStatementVerifier.verify, (c.shape, honk, c.circuitId, false, c.statement, c.proof, c.opening));
            uint256 refused;
            uint256 judged;
            for (uint256 gas_ = 20_000; gas_ <= 2_500_000; gas_ += 20_000) {
                (bool success, bytes memory returned) = c.verifier.staticcall{gas: gas_}(call);
                if (success) {
                    assertTrue(abi.decode(returned, (bool)), "never called false");
                    ++judged;
                } else {
                    assertTrue(returned.length == 0 || bytes4(returned) == IStatementVerifier.InsufficientGas.selector, "says so");
                    ++refused;
                }
            }
            assertTrue(refused > 10 && judged > 10, "both happened");
        }
    }

    function test_gas_burnerGetsItsCap() public {
        address burner = vm.deployCode("HonkStandIns.sol:BurningHonk", "");
        for (uint256 k = 0; k < 3; k += 2) {
            Case memory c = all[k];
            uint256 spent = gasleft();
            assertTrue(!holdsBy(c, burner), "refused");
            spent -= gasleft();
            assertTrue(spent > 1_600_000, "it burned");
            assertAtMost(spent, 2_200_000, "its cap");
        }
    }
}
