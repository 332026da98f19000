// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Fixture} from "../utils/Fixture.sol";
import {SomeCode} from "../utils/ScriptedVerifier.sol";

contract VerifierRouterTest is Fixture {
    function ask(bytes1 kind) internal view returns (bool) {
        uint256[8] memory statement = anyStatement();
        return router.verify(
            circuitId, true, toWords(statement), abi.encodePacked(kind, keccak256(abi.encode(circuitId, true, statement))), "opening"
        );
    }

    function test_register_idIsTheHashOfItsContent() public view {
        bytes memory shape = shapeOf(devTau());
        assertEq(
            circuitId,
            keccak256(
                abi.encode(
                    keccak256("assay.circuit.train-window.v1"),
                    keccak256("vk"),
                    address(honk).codehash,
                    address(verifier).codehash,
                    keccak256(shape)
                )
            ),
            "circuit id"
        );
        IVerifierRouter.Circuit memory c = router.circuit(circuitId);
        bytes32 sizesHash = keccak256(hex"00000040000000200000000a");
        bytes32 srsId = keccak256(abi.encode(keccak256("assay.srs.v1"), uint256(11), uint256(12), uint256(13), uint256(14)));
        assertEq(c.srsId, srsId, "srs id");
        assertEq(
            c.modelId,
            keccak256(abi.encode(keccak256("assay.model.v1"), keccak256("spec"), srsId, uint256(10), sizesHash)),
            "model id"
        );
        assertEq(c.steps, 4, "steps");
        assertEq(c.treeDepth, 3, "depth");
        assertEq(keccak256(router.shapeOf(circuitId)), keccak256(shape), "shape");
    }

    function test_register_againChangesNothing() public {
        // Other addresses with the same code are the same circuit, and the first ones stay.
        address otherHonk = deploy("ScriptedVerifier.sol:SomeCode", "");
        address otherVerifier = deploy("ScriptedVerifier.sol:ScriptedVerifier", "");
        bytes32 again = router.register(keccak256("vk"), otherHonk, otherVerifier, shapeOf(devTau()));
        assertEq(again, circuitId, "same id");
        assertEq(router.circuit(circuitId).proofVerifier, address(honk), "first address");
    }

    function test_register_refusesAccountsWithoutCode() public {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.NoCode.selector, stranger));
        router.register(keccak256("vk"), stranger, address(verifier), shapeOf(devTau()));
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.NoCode.selector, stranger));
        router.register(keccak256("vk"), address(honk), stranger, shapeOf(devTau()));
    }

    function test_register_refusesShapesThatAreNotCanonical() public {
        bytes memory malformed = abi.encodeWithSelector(IVerifierRouter.ShapeMalformed.selector);
        bytes memory good = shapeOf(devTau());
        vm.expectRevert(malformed);
        router.register(keccak256("vk2"), address(honk), address(verifier), abi.encodePacked(good, uint256(0)));
        bytes32 srs = Encodings.srsId(devTau());
        uint32[] memory one = new uint32[](1);
        vm.expectRevert(malformed);
        router.register(keccak256("vk2"), address(honk), address(verifier), encode(srs, 10, one, 16, 4, 3));
        vm.expectRevert(malformed);
        router.register(keccak256("vk2"), address(honk), address(verifier), encode(srs, 10, new uint32[](33), 16, 4, 3));
        vm.expectRevert(malformed);
        router.register(keccak256("vk2"), address(honk), address(verifier), encode(srs, 29, sizes(), 16, 4, 3));
        vm.expectRevert(malformed);
        router.register(keccak256("vk2"), address(honk), address(verifier), encode(srs, 10, sizes(), 0, 4, 3));
        vm.expectRevert(malformed);
        router.register(keccak256("vk2"), address(honk), address(verifier), encode(srs, 10, sizes(), 16, 0, 3));
        vm.expectRevert(malformed);
        router.register(keccak256("vk2"), address(honk), address(verifier), encode(srs, 10, sizes(), 16, 4, 33));
        vm.expectRevert(malformed);
        router.register(keccak256("vk2"), address(honk), address(verifier), encode(keccak256("srs"), 10, sizes(), 16, 4, 3));
        router.register(keccak256("vk2"), address(honk), address(verifier), encode(srs, 10, sizes(), 16, 4, 3));
    }

    function encode(bytes32 srs, uint256 blockLog, uint32[] memory layers, uint256 batch, uint256 steps, uint256 depth)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encode(keccak256("spec"), srs, blockLog, layers, batch, steps, depth, uint256(64), devTau());
    }

    function test_unknownCircuit_isRefusedEverywhere() public {
        bytes memory unknown = abi.encodeWithSelector(IVerifierRouter.UnknownCircuit.selector, keccak256("x"));
        vm.expectRevert(unknown);
        router.circuit(keccak256("x"));
        vm.expectRevert(unknown);
        router.shapeOf(keccak256("x"));
        vm.expectRevert(unknown);
        router.verify(keccak256("x"), true, toWords(anyStatement()), hex"00", "");
    }

    function test_verify_onlyOneWordOfOneIsTrue() public view {
        assertTrue(ask(verifier.BOUND()), "accepted");
        assertTrue(!ask(verifier.FALSE()), "false");
        assertTrue(!ask(verifier.REVERT()), "revert");
        assertTrue(!ask(verifier.BURN()), "burns all gas");
        assertTrue(!ask(verifier.LONG_TRUE()), "two words");
        assertTrue(!ask(verifier.TWO()), "the word 2");
        assertTrue(!ask(verifier.BOMB()), "return bomb");
        assertTrue(!ask(verifier.EMPTY()), "no answer");
        assertTrue(ask(verifier.HUNGRY()), "nearly all of the cap");
    }

    function test_verify_bindsCircuitOpenAndStatement() public view {
        uint256[8] memory statement = anyStatement();
        bytes memory proof = boundProof(toWords(statement));
        assertTrue(router.verify(circuitId, true, toWords(statement), proof, "opening"), "control");
        assertTrue(!router.verify(circuitId, false, toWords(statement), proof, "opening"), "other weights kind");
        for (uint256 i = 0; i < 8; ++i) {
            statement[i] += 1;
            assertTrue(!router.verify(circuitId, true, toWords(statement), proof, "opening"), "other statement");
            statement[i] -= 1;
        }
    }

    function test_verify_shortOfGasNeverAnswers() public view {
        uint256[8] memory statement = anyStatement();
        bytes memory honest = abi.encodePacked(verifier.HUNGRY(), keccak256(abi.encode(circuitId, true, statement)));
        bytes memory call = abi.encodeCall(router.verify, (circuitId, true, toWords(statement), honest, "opening"));
        uint256 refused;
        uint256 accepted;
        for (uint256 gas_ = 20_000; gas_ <= 4_600_000; gas_ += 20_000) {
            (bool success, bytes memory returned) = address(router).staticcall{gas: gas_}(call);
            if (success) {
                assertTrue(abi.decode(returned, (bool)), "an honest proof is never called false");
                ++accepted;
            } else {
                assertTrue(
                    returned.length == 0 || bytes4(returned) == IVerifierRouter.InsufficientGas.selector, "out of gas, or said so"
                );
                ++refused;
            }
        }
        assertTrue(refused > 50 && accepted > 5, "both happened");
    }

    function test_verify_refusesCodeThatChanged() public {
        uint256[8] memory statement = anyStatement();
        bytes memory proof = boundProof(toWords(statement));
        vm.etch(address(honk), hex"00");
        vm.expectPartialRevert(IVerifierRouter.VerifierChanged.selector);
        router.verify(circuitId, true, toWords(statement), proof, "opening");
        vm.etch(address(honk), type(SomeCode).runtimeCode);
        assertTrue(router.verify(circuitId, true, toWords(statement), proof, "opening"), "control");
        vm.etch(address(verifier), hex"600160005260206000f3");
        vm.expectPartialRevert(IVerifierRouter.VerifierChanged.selector);
        router.verify(circuitId, true, toWords(statement), proof, "opening");
    }

    /// The public SRS id is Ignition's: [tau]_2 pairs with the second point of its G1 file, and not with another.
    function test_publicSrsId_isTheIgnitionSrs() public view {
        uint256[4] memory tau = [
            0x260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1,
            0x0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0,
            0x04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4,
            0x22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55
        ];
        assertEq(Encodings.PUBLIC_SRS_ID, Encodings.srsId(tau), "id");
        uint256 q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
        uint256 tauX = 0x2d360628289ff943ff6bd1a87bbe4e62abe7fb61ba83effd266f22bdcf31e6f9;
        uint256 tauY = 0x26b92a79e563c3f48252cce7feeca2f0f8d33dcb4ef7b0643bf07bd405700aaa;
        assertTrue(pairs(1, 2, tau, tauX, q - tauY), "e(G, [tau]_2) = e([tau]_1, [1]_2)");
        assertTrue(!pairs(1, 2, tau, tauX, tauY), "control");
    }

    function pairs(uint256 ax, uint256 ay, uint256[4] memory tau, uint256 bx, uint256 by) internal view returns (bool) {
        uint256[4] memory g2 = [
            0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b,
            0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
        ];
        (bool success, bytes memory returned) = address(8).staticcall(abi.encode(ax, ay, tau, bx, by, g2));
        return success && abi.decode(returned, (uint256)) == 1;
    }
}
