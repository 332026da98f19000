// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Groth16InferenceVerifier} from "../../src/Groth16InferenceVerifier.sol";
import {Modules} from "../../src/Modules.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";
import {IStatementVerifier} from "../../src/interfaces/IStatementVerifier.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Discrete} from "../utils/Discrete.sol";
import {Groth16Maker} from "../utils/Groth16Maker.sol";
import {Groth16Variants} from "../utils/Groth16Variants.sol";
import {OpeningMaker} from "../utils/OpeningMaker.sol";

/// See Groth16InferenceVerifier.tree. Keys and proofs are real ones, made with the secrets known.
contract Groth16InferenceVerifierTest is OpeningMaker {
    uint256 internal constant Q = Discrete.Q;

    VerifierRouter internal router;
    Groth16InferenceVerifier internal verifier;
    Groth16Variants internal variants;

    /// An inference that is proved, as a caller shows it.
    struct Case {
        bytes shape;
        address blob;
        bytes32 circuitId;
        uint256[] statement;
        bytes proof;
        bytes opening;
    }

    Case internal good;
    Case internal large;
    Case internal otherGamma;
    Case internal separate;
    Case internal unhashed;

    event Measured(string what, uint256 gas);

    function setUp() public {
        Modules memory alone;
        router = VerifierRouter(vm.deployCode("VerifierRouter.sol:VerifierRouter", abi.encode(alone)));
        verifier = Groth16InferenceVerifier(vm.deployCode("Groth16InferenceVerifier.sol:Groth16InferenceVerifier", ""));
        variants = Groth16Variants(vm.deployCode("Groth16Variants.sol:Groth16Variants", ""));
        good = make(network(196, 25, 10, 15), 1);
        large = make(network(784, 128, 10, 15), 1);
        otherGamma = make(network(6, 5, 3, 4), 3333);
        separate = make(network(196, 25, 10, 15), 1, address(variants), 6);
        unhashed = make(network(196, 25, 10, 15), 1, address(variants), 8);
    }

    function make(Network memory net, uint256 gamma) internal returns (Case memory) {
        return make(net, gamma, address(verifier), 6);
    }

    /// @param inputs 6 with the binding, 8 with the three words in its place
    function make(Network memory net, uint256 gamma, address to, uint256 inputs) internal returns (Case memory made) {
        Groth16Maker.Secrets memory secrets = Groth16Maker.secrets(inputs, gamma);
        made.shape = shapeOf(net);
        made.blob = etchBlob(abi.encodePacked(hex"00", Groth16Maker.key(secrets)));
        made.circuitId = router.register(keccak256("vk"), made.blob, address(verifier), made.shape);
        made.statement = new uint256[](5);
        made.statement[0] = rand("context", 0);
        made.statement[3] = rand("input", 0);
        made.statement[4] = 7;
        made.opening = open(net, Binding(to, made.circuitId, 0, 0, 0), made.statement);
        made.proof = Groth16Maker.prove(secrets, inputsOf(made.statement, made.opening, inputs == 8), 5555, 6666);
    }

    function shapeOf(Network memory net) internal view returns (bytes memory) {
        return abi.encode(
            keccak256("spec"), Encodings.srsId(tau()), net.blockLog, sizes32(net), uint256(1), 0, 8, 256, keccak256("setup"), tau()
        );
    }

    /// Code as it is, at an address of its own.
    function etchBlob(bytes memory code) internal returns (address at) {
        at = address(uint160(uint256(keccak256(code))));
        vm.etch(at, code);
    }

    function inputsOf(uint256[] memory statement, bytes memory opening, bool plain) internal pure returns (uint256[] memory inputs) {
        inputs = new uint256[](plain ? 8 : 6);
        uint256 at = 0;
        if (plain) for (uint256 i = 0; i < 3; ++i) inputs[at++] = statement[i];
        else inputs[at++] = uint256(keccak256(abi.encodePacked(statement[0], statement[1], statement[2]))) % R;
        (inputs[at], inputs[at + 1]) = (statement[3], statement[4]);
        for (uint256 i = 0; i < 3; ++i) inputs[at + 2 + i] = wordAt(opening, 32 * i);
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
        bool answer = router.verify(c.circuitId, false, c.statement, c.proof, c.opening);
        // The verifier says the same without the router's check of lengths.
        assertTrue(
            verifier.verify(c.shape, c.blob, c.circuitId, false, c.statement, c.proof, c.opening) == answer, "router and verifier agree"
        );
        return answer;
    }

    /// The good proof with one word put in the place of another.
    function withWord(uint256 offset, uint256 value) internal view returns (Case memory c) {
        c = good;
        setWord(c.proof, offset, value);
    }

    function test_verify_acceptsWhatHolds() public view {
        assertTrue(holds(good), "196-25-10");
        assertTrue(holds(large), "784-128-10: several blocks");
        assertTrue(holds(otherGamma), "a gamma of its own, small blocks");
    }

    /// The most that a shape may ask for fits into the router's gas: an honest proof is never called false for want of it.
    function test_verify_theLargestShape() public {
        Network memory net = network(58, 4, 4, 2);
        assertEq(net.blocks, 64, "blocks");
        Groth16Maker.Secrets memory secrets = Groth16Maker.secrets(69, 3333);
        Case memory c;
        c.shape = abi.encode(
            keccak256("spec"), Encodings.srsId(tau()), net.blockLog, sizes32(net), 31 * 64, 0, 8, 256, keccak256("setup"), tau()
        );
        c.blob = etchBlob(abi.encodePacked(hex"00", Groth16Maker.key(secrets)));
        c.circuitId = router.register(keccak256("vk"), c.blob, address(verifier), c.shape);
        c.statement = new uint256[](68);
        for (uint256 i = 0; i < 68; ++i) c.statement[i] = rand("wide", i);
        c.opening = open(net, Binding(address(verifier), c.circuitId, 0, 0, 0), c.statement);
        uint256[] memory inputs = new uint256[](69);
        inputs[0] = uint256(keccak256(abi.encodePacked(c.statement[0], c.statement[1], c.statement[2]))) % R;
        for (uint256 i = 0; i < 65; ++i) inputs[1 + i] = c.statement[3 + i];
        for (uint256 i = 0; i < 3; ++i) inputs[66 + i] = wordAt(c.opening, 32 * i);
        c.proof = Groth16Maker.prove(secrets, inputs, 5555, 6666);
        assertTrue(holds(c), "64 blocks, 64 words");
        c.statement[67] ^= 1;
        assertTrue(!holds(c), "control");
    }

    function test_register_describesTheCircuit() public view {
        IVerifierRouter.Circuit memory c = router.circuit(good.circuitId);
        assertEq(c.statementType, keccak256("inference"), "type");
        assertEq(c.statementWords, 5, "words");
        assertEq(c.proofBytes, 256, "proof");
        assertEq(c.openingBytes, 18 * 32, "opening");
        assertEq(c.proofVerifier, good.blob, "key");
        assertEq(c.modelId, network(196, 25, 10, 15).modelId, "model");
        assertEq(
            good.circuitId,
            keccak256(
                abi.encode(
                    keccak256("assay.circuit.inference.v1"),
                    keccak256("vk"),
                    good.blob.codehash,
                    address(verifier).codehash,
                    keccak256(good.shape)
                )
            ),
            "circuit id"
        );
    }

    function test_proof_wordsAreWhatTheyAre() public view {
        for (uint256 i = 0; i < 8; ++i) {
            uint256 word = wordAt(good.proof, 32 * i);
            assertTrue(!holds(withWord(32 * i, word + Q)), "coordinate + q");
            assertTrue(!holds(withWord(32 * i, word + 1)), "off the curve");
            assertTrue(!holds(withWord(32 * i, Q)), "q");
            assertTrue(!holds(withWord(32 * i, type(uint256).max)), "all ones");
            assertTrue(!holds(withWord(32 * i, 0)), "zero");
        }
        assertTrue(holds(withWord(0, wordAt(good.proof, 0))), "control");
    }

    function test_proof_negatedPoints() public view {
        uint256 ay = wordAt(good.proof, 0x20);
        uint256 cy = wordAt(good.proof, 0xe0);
        assertTrue(!holds(withWord(0x20, Q - ay)), "A negated");
        assertTrue(!holds(withWord(0xe0, Q - cy)), "C negated");
        assertTrue(!holds(withWord(0xe0, type(uint256).max - (Q - cy) + 1)), "2^256 - (q - y)");
        // e(-A, -B) = e(A, B): another proof of the same. What may count once is keyed by the statement, never by a proof's bytes.
        Case memory both = withWord(0x20, Q - ay);
        setWord(both.proof, 0x80, Q - wordAt(good.proof, 0x80));
        assertTrue(!holds(both), "half of B's y");
        setWord(both.proof, 0xa0, Q - wordAt(good.proof, 0xa0));
        assertTrue(holds(both), "A and B negated");
    }

    function test_proof_rerandomised() public view {
        Case memory c = good;
        c.proof = Groth16Maker.prove(Groth16Maker.secrets(6, 1), inputsOf(c.statement, c.opening, false), 777, 888);
        assertTrue(holds(c), "another proof of the same statement");
    }

    function test_proof_lengths() public view {
        Case memory c = good;
        c.proof = "";
        assertTrue(!holds(c), "none");
        c.proof = new bytes(256);
        assertTrue(!holds(c), "all zero");
        for (uint256 length = 224; length <= 288; length += 31) {
            c.proof = new bytes(length);
            for (uint256 i = 0; i < length && i < 256; ++i) c.proof[i] = good.proof[i];
            assertTrue(!holds(c), "truncated or longer");
        }
        c.proof = abi.encodePacked(good.proof, uint8(0));
        assertTrue(!holds(c), "a byte behind it");
        assertTrue(holds(good), "control");
    }

    /// Whatever bit of proof, opening or statement is turned: false, with a verdict.
    function testFuzz_everyBitCounts(uint256 bit) public view {
        uint256 bits = 8 * (256 + good.opening.length + 32 * good.statement.length);
        bit = bound(bit, 0, bits - 1);
        Case memory c = good;
        uint256 at = (bit / 256) * 32;
        uint256 flip = 1 << (bit % 256);
        if (at < 256) setWord(c.proof, at, wordAt(c.proof, at) ^ flip);
        else if (at < 256 + c.opening.length) setWord(c.opening, at - 256, wordAt(c.opening, at - 256) ^ flip);
        else c.statement[(at - 256 - c.opening.length) / 32] ^= flip;
        assertTrue(!holds(c), "a bit");
    }

    /// Any A and B make a proof, with the C that fits them; no other C does.
    function testFuzz_proof_anyAAndB(uint256 a, uint256 b) public view {
        (a, b) = (bound(a, 0, R - 1), bound(b, 1, R - 1));
        Case memory c = otherGamma;
        c.proof = Groth16Maker.prove(Groth16Maker.secrets(6, 3333), inputsOf(c.statement, c.opening, false), a, b);
        assertTrue(holds(c), "holds");
        bytes memory other = Groth16Maker.prove(Groth16Maker.secrets(6, 3333), inputsOf(c.statement, c.opening, false), a, b == 1 ? 2 : b - 1);
        setWord(c.proof, 0xc0, wordAt(other, 0xc0));
        setWord(c.proof, 0xe0, wordAt(other, 0xe0));
        assertTrue(holds(c) == (a == 0), "another C");
    }

    /// On the twist, but of another order.
    function test_proof_wrongSubgroup() public view {
        Case memory c = good;
        setWord(c.proof, 0x40, 0);
        setWord(c.proof, 0x60, 1);
        setWord(c.proof, 0x80, 0x0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4);
        setWord(c.proof, 0xa0, 0x2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb);
        assertTrue(!holds(c), "not in the group");
    }

    function test_statement_isBound() public view {
        for (uint256 i = 0; i < 5; ++i) {
            Case memory c = good;
            c.statement[i] = addmod(good.statement[i], 1, R);
            assertTrue(!holds(c), "another word");
            c.statement[i] = good.statement[i] + R;
            assertTrue(!holds(c), "input + r");
        }
        Case memory lengths = good;
        lengths.statement = new uint256[](4);
        assertTrue(!holds(lengths), "a word less");
        lengths.statement = new uint256[](6);
        for (uint256 i = 0; i < 5; ++i) lengths.statement[i] = good.statement[i];
        assertTrue(!holds(lengths), "a word more");
    }

    /// The proof is of the same inputs, but the opening is not.
    function test_opening_isChecked() public view {
        uint256 words = good.opening.length / 32;
        for (uint256 i = 0; i < words; ++i) {
            Case memory c = good;
            setWord(c.opening, 32 * i, wordAt(good.opening, 32 * i) + 1);
            assertTrue(!holds(c), "another word");
            setWord(c.opening, 32 * i, wordAt(good.opening, 32 * i) + (i < 3 || i == 13 ? R : Q));
            assertTrue(!holds(c), "a word + the modulus");
        }
        Case memory shorter = good;
        shorter.opening = new bytes(words * 32 - 32);
        assertTrue(!holds(shorter), "a word less");
        shorter.opening = abi.encodePacked(good.opening, uint256(0));
        assertTrue(!holds(shorter), "a word more");
    }

    /// Groth16's equation false by one amount, the opening's by its opposite: without the challenge that weights them they pass together.
    function test_combination_doesNotCancel() public {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 gamma = i == 0 ? 1 : 3333;
            Case memory c = cancelling(address(variants), gamma, 99, R - 99);
            assertTrue(variants.unweighted(c.shape, c.blob, c.circuitId, c.statement, c.proof, c.opening), "the attack works unweighted");
            assertTrue(!holds(cancelling(address(verifier), gamma, 99, R - 99)), "weighted it does not");
            assertTrue(!holds(cancelling(address(verifier), gamma, 0, R - 99)), "Groth16 false");
            assertTrue(!holds(cancelling(address(verifier), gamma, 99, 0)), "opening false");
            assertTrue(holds(cancelling(address(verifier), gamma, 0, 0)), "control");
        }
    }

    /// The opening's equation false by -[shift], Groth16's by -[gap].
    function cancelling(address to, uint256 gamma, uint256 shift, uint256 gap) internal returns (Case memory c) {
        Network memory net = network(6, 5, 3, 4);
        c = make(net, gamma, to, 6);
        c.opening = open(net, Binding(to, c.circuitId, 0, 0, shift), c.statement);
        Groth16Maker.Secrets memory secrets = Groth16Maker.secrets(6, gamma);
        secrets.ic[0] = addmod(secrets.ic[0], mulmod(gap, Discrete.inverse(gamma), R), R);
        c.proof = Groth16Maker.prove(secrets, inputsOf(c.statement, c.opening, false), 5555, 6666);
    }

    function test_open_isNoInference() public view {
        assertTrue(!router.verify(good.circuitId, true, good.statement, good.proof, good.opening), "open");
        assertTrue(router.verify(good.circuitId, false, good.statement, good.proof, good.opening), "control");
    }

    function test_key_isExactlyTheCircuits() public {
        bytes memory key = Groth16Maker.key(Groth16Maker.secrets(6, 1));
        assertTrue(answers(abi.encodePacked(hex"00", key)), "control");
        assertTrue(!answers(abi.encodePacked(hex"01", key)), "no STOP");
        assertTrue(!answers(key), "no first byte");
        assertTrue(!answers(abi.encodePacked(hex"00", key, hex"00")), "a byte more");
        assertTrue(!answers(abi.encodePacked(hex"00", Groth16Maker.key(Groth16Maker.secrets(5, 1)))), "an input less");
        assertTrue(!answers(abi.encodePacked(hex"00", Groth16Maker.key(Groth16Maker.secrets(7, 1)))), "an input more");
        assertTrue(!answers(abi.encodePacked(hex"00", Groth16Maker.key(Groth16Maker.secrets(6, 2)))), "another gamma");
        for (uint256 offset = 0; offset < key.length; offset += 64) {
            uint256 word = wordAt(key, offset);
            setWord(key, offset, word ^ 1);
            assertTrue(!answers(abi.encodePacked(hex"00", key)), "a word changed");
            setWord(key, offset, word);
        }
        assertTrue(!verifier.verify(good.shape, address(0xdead), good.circuitId, false, good.statement, good.proof, good.opening), "none");
    }

    function answers(bytes memory code) internal returns (bool) {
        // The circuit id does not matter here: only the key does.
        address blob = etchBlob(code);
        return verifier.verify(good.shape, blob, good.circuitId, false, good.statement, good.proof, good.opening);
    }

    function test_shape_refusals() public {
        (bytes memory malformed, uint32[] memory sizes) = (abi.encodeWithSelector(IVerifierRouter.ShapeMalformed.selector), sizes32(network(6, 5, 3, 4)));
        uint256[7][11] memory bad = [
            [uint256(0), 0, 8, 256, 1, 4, 3],
            [uint256(65536), 0, 8, 256, 1, 4, 3],
            [uint256(1), 2, 8, 256, 1, 4, 3],
            [uint256(1), 0, 7, 256, 1, 4, 3],
            [uint256(1), 0, 9, 256, 1, 4, 3],
            [uint256(1), 1, 0, 256, 1, 4, 3],
            [uint256(1), 1, 54, 256, 1, 4, 3],
            [uint256(1), 0, 8, 255, 1, 4, 3],
            [uint256(1), 0, 8, 256, 0, 4, 3],
            // 65 words of classes; classes that 8 bits cannot tell apart.
            [uint256(31 * 64 + 1), 0, 8, 256, 1, 4, 3],
            [uint256(1), 0, 8, 256, 1, 10, 257]
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            sizes[2] = uint32(bad[i][6]);
            bytes memory shape = encoded(bad[i], sizes);
            vm.expectRevert(malformed);
            router.register(keccak256("vk"), good.blob, address(verifier), shape);
            assertTrue(
                !verifier.verify(shape, good.blob, good.circuitId, false, good.statement, good.proof, good.opening), "and no proof holds"
            );
        }
        sizes[2] = 3;
        assertTrue(router.register(keccak256("vk"), good.blob, address(verifier), encoded([uint256(31 * 64), 0, 8, 256, 1, 4, 3], sizes)) != 0, "64 words");
        sizes[2] = 256;
        assertTrue(router.register(keccak256("vk"), good.blob, address(verifier), encoded([uint256(1), 1, 53, 256, 1, 10, 256], sizes)) != 0, "logits");
    }

    function encoded(uint256[7] memory own, uint32[] memory sizes) internal view returns (bytes memory) {
        return abi.encode(keccak256("spec"), Encodings.srsId(tau()), own[5], sizes, own[0], own[1], own[2], own[3], own[4], tau());
    }

    /// Any limit gives the true verdict, or no verdict.
    function test_gas_shortageIsNeverFalse() public view {
        bytes memory call =
            abi.encodeCall(verifier.verify, (good.shape, good.blob, good.circuitId, false, good.statement, good.proof, good.opening));
        uint256 refused;
        uint256 judged;
        for (uint256 gas_ = 5_000; gas_ <= 1_200_000; gas_ += 5_000) {
            (bool success, bytes memory returned) = address(verifier).staticcall{gas: gas_}(call);
            if (success) {
                assertTrue(abi.decode(returned, (bool)), "never called false");
                ++judged;
            } else {
                assertTrue(returned.length == 0 || bytes4(returned) == IStatementVerifier.InsufficientGas.selector, "says so");
                ++refused;
            }
        }
        assertTrue(refused > 50 && judged > 50, "both happened");
    }

    /// The worst proofs burn what the precompiles may be given, no more.
    function test_gas_garbageStaysUnderTheCap() public {
        uint256 most;
        for (uint256 i = 0; i < 8; ++i) {
            uint256 spent = gasOf(withWord(32 * i, wordAt(good.proof, 32 * i) ^ 1));
            if (spent > most) most = spent;
        }
        for (uint256 i = 3; i < 18; ++i) {
            Case memory c = large;
            setWord(c.opening, 32 * i, 1);
            // Ids as if the points were these, so that everything is multiplied.
            uint256 blocks = 5;
            bytes memory points = new bytes(64 * blocks);
            for (uint256 k = 0; k < 2 * blocks; ++k) setWord(points, 32 * k, wordAt(c.opening, 96 + 32 * k));
            c.statement[1] = Encodings.checkpointId(network(784, 128, 10, 15).modelId, points);
            c.statement[2] = uint256(
                keccak256(abi.encodePacked(keccak256("assay.mask.v1"), wordAt(c.opening, 96 + 64 * blocks), wordAt(c.opening, 128 + 64 * blocks)))
            ) % R;
            uint256 spent = gasOf(c);
            if (spent > most) most = spent;
        }
        emit Measured("garbage, at most", most);
        assertAtMost(most, 1_200_000, "garbage");
        assertTrue(most > 500_000, "it did burn the cap of a pairing check");
    }

    function gasOf(Case memory c) internal view returns (uint256 spent) {
        bytes memory call = abi.encodeCall(router.verify, (c.circuitId, false, c.statement, c.proof, c.opening));
        spent = gasleft();
        (bool success, bytes memory returned) = address(router).staticcall(call);
        spent -= gasleft();
        assertTrue(success && !abi.decode(returned, (bool)), "refused");
    }

    /// A whole transaction: 21,000, its calldata, and the router with every account and slot cold.
    function transactionGas(Case memory c) internal returns (uint256 spent) {
        bytes memory call = abi.encodeCall(router.verify, (c.circuitId, false, c.statement, c.proof, c.opening));
        spent = coldGas(address(router), call, c.blob) + 21_000;
        for (uint256 i = 0; i < call.length; ++i) spent += call[i] == 0 ? 4 : 16;
    }

    function coldGas(address target, bytes memory call, address blob) internal returns (uint256 spent) {
        vm.cool(router.circuit(good.circuitId).shape);
        vm.cool(router.circuit(large.circuitId).shape);
        vm.cool(address(router));
        vm.cool(address(verifier));
        vm.cool(address(variants));
        vm.cool(blob);
        // The account that a transaction calls is warm; its slots are not.
        assertTrue(target.balance == 0, "warm");
        spent = gasleft();
        (bool success, bytes memory returned) = target.staticcall(call);
        spent -= gasleft();
        assertTrue(success && abi.decode(returned, (bool)), "accepted");
    }

    function test_gas_ofATransaction() public {
        uint256 small = transactionGas(good);
        emit Measured("Groth16 inference 196-25-10", small);
        assertAtMost(small, 480_000, "196-25-10");
        uint256 big = transactionGas(large);
        emit Measured("Groth16 inference 784-128-10", big);
        assertAtMost(big, 550_000, "784-128-10");
    }

    /// What one pairing check for both equations, and one public input for three, save: gas of the verifier's call alone.
    function test_gas_ofOtherWays() public {
        Case memory c = good;
        uint256 one = coldGas(
            address(verifier), abi.encodeCall(verifier.verify, (c.shape, c.blob, c.circuitId, false, c.statement, c.proof, c.opening)), c.blob
        );
        c = separate;
        uint256 two = coldGas(
            address(variants), abi.encodeCall(variants.separate, (c.shape, c.blob, c.circuitId, c.statement, c.proof, c.opening)), c.blob
        );
        c = unhashed;
        uint256 words = coldGas(
            address(variants), abi.encodeCall(variants.unhashed, (c.shape, c.blob, c.circuitId, c.statement, c.proof, c.opening)), c.blob
        );
        emit Measured("one pairing check", one);
        emit Measured("two pairing checks", two);
        emit Measured("two pairing checks, three words instead of the binding", words);
        assertTrue(one + 65_000 < two, "one check saves more than 65,000");
        assertTrue(two + 12_000 < words, "the binding saves more than 12,000");
    }
}
