// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "../../src/interfaces/IStatementVerifier.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Fixture} from "../utils/Fixture.sol";
import {LyingVerifier} from "../utils/LyingVerifier.sol";

/// See VerifierRouter.tree: what the router takes from a verifier's own words.
contract VerifierRouterFactsTest is Fixture {
    /// What the fixture's circuit is, as a verifier describes it.
    function facts() internal view returns (uint256[9] memory) {
        IVerifierRouter.Circuit memory c = router.circuit(circuitId);
        return [
            uint256(keccak256("train-window")),
            uint256(keccak256("assay.circuit.train-window.v1")),
            uint256(c.modelId),
            uint256(c.srsId),
            4,
            3,
            8,
            33,
            7
        ];
    }

    function tryRegister(LyingVerifier liar) internal returns (bytes32) {
        return router.register(keccak256("vk"), address(honk), address(liar), shapeOf(devTau()));
    }

    function refused(LyingVerifier liar, bytes memory why) internal {
        bytes memory shape = shapeOf(devTau());
        vm.expectRevert(why);
        router.register(keccak256("vk"), address(honk), address(liar), shape);
    }

    function test_register_takesFactsOfTheShape() public {
        LyingVerifier liar = new LyingVerifier();
        liar.tell(abi.encode(facts()), false, false);
        IVerifierRouter.Circuit memory c = router.circuit(tryRegister(liar));
        assertEq(c.steps, 4, "steps");
        assertEq(c.treeDepth, 3, "depth");
        assertEq(c.statementWords, 8, "words");
        assertEq(c.proofBytes, 33, "proof");
        assertEq(c.openingBytes, 7, "opening");
        assertEq(c.statementVerifier, address(liar), "verifier");
    }

    function test_register_refusesALiar() public {
        LyingVerifier liar = new LyingVerifier();
        for (uint256 i = 1; i < 4; ++i) {
            uint256[9] memory lie = facts();
            lie[i] ^= 1;
            liar.tell(abi.encode(lie), false, false);
            refused(liar, abi.encodeWithSelector(IVerifierRouter.FactsMismatch.selector, lie[i], facts()[i]));
        }
        // One statement under another's tag.
        uint256[9] memory other = facts();
        other[0] = uint256(keccak256("inference"));
        liar.tell(abi.encode(other), false, false);
        refused(
            liar, abi.encodeWithSelector(IVerifierRouter.FactsMismatch.selector, other[1], keccak256("assay.circuit.inference.v1"))
        );
        // A statement that the router does not know, under a tag that it does; under its own it is welcome.
        other[0] = uint256(keccak256("lottery"));
        liar.tell(abi.encode(other), false, false);
        refused(liar, abi.encodeWithSelector(IVerifierRouter.FactsMismatch.selector, other[1], bytes32(0)));
        other[1] = uint256(keccak256("assay.circuit.lottery.v1"));
        liar.tell(abi.encode(other), false, false);
        assertEq(router.circuit(tryRegister(liar)).statementType, keccak256("lottery"), "a statement of its own");
    }

    function test_register_refusesAnswersThatAreNone() public {
        LyingVerifier liar = new LyingVerifier();
        bytes memory failed = abi.encodeWithSelector(IVerifierRouter.DescribeFailed.selector, address(liar));
        uint256[9] memory wide = facts();
        uint256[5] memory tooMuch = [uint256(2 ** 16), 2 ** 8, 2 ** 12 + 1, 2 ** 16 + 1, 2 ** 16 + 1];
        for (uint256 i = 0; i < 5; ++i) {
            uint256 fine = wide[4 + i];
            wide[4 + i] = tooMuch[i];
            liar.tell(abi.encode(wide), false, false);
            refused(liar, failed);
            wide[4 + i] = 2 ** 32 + fine;
            liar.tell(abi.encode(wide), false, false);
            refused(liar, failed);
            wide[4 + i] = fine;
        }
        bytes[3] memory answers = [bytes(""), abi.encodePacked(facts(), uint8(0)), new bytes(287)];
        for (uint256 i = 0; i < 3; ++i) {
            liar.tell(answers[i], false, false);
            refused(liar, failed);
        }
        liar.tell("", true, false);
        refused(liar, failed);
        liar.tell(abi.encode(facts()), true, false);
        refused(liar, failed);
        liar.tell("", false, true);
        refused(liar, failed);
        liar.tell(abi.encodeWithSelector(IStatementVerifier.ShapeMalformed.selector), true, false);
        refused(liar, abi.encodeWithSelector(IVerifierRouter.ShapeMalformed.selector));
        liar.tell(abi.encode(facts()), false, false);
        assertTrue(tryRegister(liar) != 0, "control");
    }

    /// A verifier may take a shape for good that is none.
    function test_register_readsTheShapeItself() public {
        LyingVerifier liar = new LyingVerifier();
        liar.tell(abi.encode(facts()), false, false);
        bytes memory good = shapeOf(devTau());
        bytes[4] memory bad = [bytes(""), abi.encodePacked(good, uint256(0)), new bytes(480), abi.encodePacked(good, uint8(1))];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.ShapeMalformed.selector));
            router.register(keccak256("vk"), address(honk), address(liar), bad[i]);
        }
        assertTrue(router.register(keccak256("vk"), address(honk), address(liar), good) != 0, "control");
    }

    function test_register_shortOfGasSaysSo() public {
        bytes memory call = abi.encodeCall(router.register, (keccak256("vk3"), address(honk), address(verifier), shapeOf(devTau())));
        uint256 refusals;
        for (uint256 gas_ = 100_000; gas_ <= 1_000_000; gas_ += 50_000) {
            (bool success, bytes memory returned) = address(router).call{gas: gas_}(call);
            assertTrue(!success && (returned.length == 0 || bytes4(returned) == IVerifierRouter.InsufficientGas.selector), "says so");
            if (returned.length != 0) ++refusals;
        }
        assertTrue(refusals > 10, "it did");
        (bool enough,) = address(router).call{gas: 3_000_000}(call);
        assertTrue(enough, "control");
    }

    function test_verify_otherLengthsAreFalse() public view {
        uint256[8] memory statement = anyStatement();
        uint256[] memory words = toWords(statement);
        bytes memory proof =
            abi.encodePacked(verifier.BOUND(), keccak256(abi.encodePacked(circuitId, uint256(1), words)));
        assertTrue(router.verify(circuitId, true, words, proof, "opening"), "control");
        assertTrue(!router.verify(circuitId, true, words, abi.encodePacked(proof, uint8(0)), "opening"), "proof");
        assertTrue(!router.verify(circuitId, true, words, proof, "openin"), "opening");
        assertTrue(!router.verify(circuitId, true, new uint256[](7), proof, "opening"), "a word less");
        assertTrue(!router.verify(circuitId, true, new uint256[](9), proof, "opening"), "a word more");
    }
}
