// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MembershipVerifier} from "../../src/MembershipVerifier.sol";
import {Modules} from "../../src/Modules.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";
import {IStatementVerifier} from "../../src/interfaces/IStatementVerifier.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Discrete} from "../utils/Discrete.sol";
import {BurningHonk, ExactHonk, LongHonk, RevertingHonk, SilentHonk, TwoHonk} from "../utils/HonkStandIns.sol";
import {TestBase} from "../utils/TestBase.sol";

/// See MembershipStatements.tree. In the place of the generated UltraHonk verifier stands one that accepts a hash of the public inputs.
contract MembershipStatementsTest is TestBase {
    uint256 internal constant R = Discrete.R;

    VerifierRouter internal router;
    address internal verifier;
    address internal honk;
    uint256[4] internal tau;

    struct Case {
        bytes shape;
        bytes32 circuitId;
        uint256[] statement;
        bytes proof;
        bytes opening;
    }

    Case[] internal all;

    function setUp() public {
        Modules memory alone;
        router = new VerifierRouter(alone);
        verifier = address(new MembershipVerifier());
        honk = address(new ExactHonk());
        tau = Discrete.g2Words(0x1d0e5f);
        all.push(make(64, [uint256(16), 12, 64]));
        all.push(make(8191, [uint256(1024), 32, 64]));
    }

    function make(uint32 features, uint256[3] memory own) internal returns (Case memory made) {
        made.shape = shapeOf(sizesOf(features, 256), own);
        made.circuitId = router.register(keccak256("vk"), honk, verifier, made.shape);
        made.statement = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) made.statement[i] = uint256(keccak256(abi.encode("word", features, i))) % R;
        made.proof = proofOf(made.statement);
    }

    function sizesOf(uint32 features, uint32 labels) internal pure returns (uint32[] memory sizes) {
        sizes = new uint32[](2);
        (sizes[0], sizes[1]) = (features, labels);
    }

    function shapeOf(uint32[] memory sizes, uint256[3] memory own) internal view returns (bytes memory) {
        return abi.encode(keccak256("spec"), Encodings.srsId(tau), uint256(15), sizes, own[0], own[1], own[2], tau);
    }

    /// What ExactHonk accepts: the public inputs are the statement's words.
    function proofOf(uint256[] memory statement) internal pure returns (bytes memory) {
        return abi.encodePacked(bytes32("ok"), keccak256(abi.encodePacked(statement)));
    }

    function holds(Case memory c) internal view returns (bool answer) {
        answer = judged(c, honk, false);
        assertTrue(router.verify(c.circuitId, false, c.statement, c.proof, c.opening) == answer, "router and verifier agree");
    }

    function judged(Case memory c, address proofVerifier, bool open) internal view returns (bool) {
        return IStatementVerifier(verifier).verify(c.shape, proofVerifier, c.circuitId, open, c.statement, c.proof, c.opening);
    }

    function test_verify_acceptsWhatHolds() public view {
        for (uint256 i = 0; i < all.length; ++i) assertTrue(holds(all[i]), "holds");
    }

    function test_register_describesTheCircuit() public view {
        IVerifierRouter.Circuit memory c = router.circuit(all[0].circuitId);
        assertEq(c.statementType, keccak256("membership"), "type");
        assertEq(c.statementWords, 3, "words");
        assertEq(c.treeDepth, 12, "depth");
        assertEq(c.steps, 0, "no steps");
        assertEq(c.proofBytes, 64, "proof");
        assertEq(c.openingBytes, 0, "nothing is opened");
        bytes memory content = abi.encode(
            keccak256("assay.circuit.membership.v1"), keccak256("vk"), honk.codehash, verifier.codehash, keccak256(all[0].shape)
        );
        assertEq(all[0].circuitId, keccak256(content), "circuit id");
    }

    function test_register_refusesOtherShapes() public {
        uint32[] memory good = sizesOf(64, 256);
        uint256[3][6] memory bad = [
            [uint256(0), 12, 64],
            [uint256(1025), 12, 64],
            [type(uint256).max, 12, 64],
            [uint256(16), 0, 64],
            [uint256(16), 33, 64],
            [uint256(16), 12, 65537]
        ];
        for (uint256 i = 0; i < bad.length; ++i) refused(shapeOf(good, bad[i]));
        uint256[3] memory own = [uint256(16), 12, 64];
        refused(shapeOf(sizesOf(64, 255), own));
        refused(shapeOf(sizesOf(64, 257), own));
        refused(shapeOf(sizesOf(0, 256), own));
        refused(shapeOf(sizesOf(8192, 256), own));
        uint32[] memory three = new uint32[](3);
        (three[0], three[1], three[2]) = (64, 256, 256);
        refused(shapeOf(three, own));
        refused(abi.encodePacked(shapeOf(good, own), uint256(0)));
        // Five own words are an audit's.
        refused(abi.encode(keccak256("spec"), Encodings.srsId(tau), uint256(15), good, own[0], own[1], own[2], uint256(0), uint256(0), tau));
        router.register(keccak256("vk"), honk, verifier, shapeOf(sizesOf(1, 256), [uint256(1), 1, 0]));
        router.register(keccak256("vk"), honk, verifier, shapeOf(sizesOf(8191, 256), [uint256(1024), 32, 65536]));
    }

    function refused(bytes memory shape) internal {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.ShapeMalformed.selector));
        router.register(keccak256("vk"), honk, verifier, shape);
        Case memory c = all[0];
        c.shape = shape;
        assertTrue(!judged(c, honk, false), "no proof holds");
    }

    function test_statement_isBound() public view {
        for (uint256 k = 0; k < all.length; ++k) {
            for (uint256 i = 0; i < 3; ++i) {
                Case memory c = all[k];
                c.statement[i] = addmod(c.statement[i], 1, R);
                assertTrue(!holds(c), "another word");
                c = all[k];
                c.statement[i] += R;
                // A proof would fit: it is the one way to write a word that refuses it.
                c.proof = proofOf(c.statement);
                assertTrue(!holds(c), "a word + r");
            }
            for (uint256 words = 0; words < 5; ++words) {
                Case memory c = all[k];
                c.statement = new uint256[](words);
                for (uint256 i = 0; i < words && i < 3; ++i) c.statement[i] = all[k].statement[i];
                c.proof = proofOf(c.statement);
                assertTrue(holds(c) == (words == 3), "another number of words");
            }
        }
    }

    function test_opening_isEmpty() public view {
        Case memory c = all[0];
        c.opening = new bytes(1);
        assertTrue(!holds(c), "a byte");
        c.opening = new bytes(96);
        assertTrue(!holds(c), "b, a, E");
    }

    function test_proof_isChecked() public view {
        for (uint256 k = 0; k < all.length; ++k) {
            Case memory c = all[k];
            bytes memory good = c.proof;
            c.proof = "";
            assertTrue(!holds(c), "none");
            c.proof = abi.encodePacked(good, uint8(0));
            assertTrue(!holds(c), "a byte more");
            bytes32 said = keccak256(abi.encodePacked(c.statement));
            c.proof = abi.encodePacked(bytes32("no"), said);
            assertTrue(!holds(c), "false");
            c.proof = abi.encodePacked(bytes32("ok"), said ^ bytes32(uint256(1)));
            assertTrue(!holds(c), "of other inputs");
            c.proof = good;
            assertTrue(!judged(c, honk, true), "open");
            assertTrue(judged(c, honk, false), "control");
        }
    }

    function test_proofVerifier_mustAnswerOne() public {
        Case memory c = all[0];
        address[5] memory others =
            [address(new RevertingHonk()), address(new BurningHonk()), address(new LongHonk()), address(new TwoHonk()), address(new SilentHonk())];
        for (uint256 i = 0; i < others.length; ++i) assertTrue(!judged(c, others[i], false), "not one word 1");
        assertTrue(judged(c, honk, false), "control");
    }

    function test_gas_shortageIsNeverFalse() public view {
        Case memory c = all[0];
        bytes memory call = abi.encodeCall(IStatementVerifier.verify, (c.shape, honk, c.circuitId, false, c.statement, c.proof, c.opening));
        uint256 unjudged;
        uint256 seen;
        for (uint256 gas_ = 20_000; gas_ <= 2_500_000; gas_ += 20_000) {
            (bool success, bytes memory returned) = verifier.staticcall{gas: gas_}(call);
            if (success) {
                assertTrue(abi.decode(returned, (bool)), "never called false");
                ++seen;
            } else {
                assertTrue(returned.length == 0 || bytes4(returned) == IStatementVerifier.InsufficientGas.selector, "says so");
                ++unjudged;
            }
        }
        assertTrue(unjudged > 10 && seen > 10, "both happened");
    }
}
