// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAuditRegistry} from "../../src/interfaces/IAuditRegistry.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {AuditStage} from "../utils/AuditStage.sol";

/// See AuditRegistry.tree.
contract AuditRegistryTest is AuditStage {
    function test_registerSet_idAndFirstBlock() public {
        bytes32 expected = keccak256(
            abi.encode(keccak256("assay.audit-set.v1"), uint256(99), uint256(3), uint256(5), uint256(8), uint256(4), uint256(1))
        );
        assertEq(setId, uint256(expected) % R, "id");
        assertEq(registry.auditSet(setId).root, 99, "what it is of");
        uint256 first = registry.registeredAt(setId, owner);
        assertEq(first, height(), "block");
        mine(10);
        vm.prank(owner);
        assertEq(registry.registerSet(auditSet), setId, "again");
        assertEq(registry.registeredAt(setId, owner), first, "the first block stays");
        assertEq(registry.registeredAt(setId, opener), 0, "nobody else's");
        vm.prank(opener);
        registry.registerSet(auditSet);
        assertEq(registry.registeredAt(setId, opener), first + 10, "another owner's own block");
        assertEq(registry.registeredAt(setId, owner), first, "the first owner's stays");
        auditSet.chunks = 4;
        assertTrue(registry.registerSet(auditSet) != setId, "one root with fewer chunks is another set");
    }

    function refusedSet(IAuditRegistry.AuditSet memory set) internal {
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.SetOutOfRange.selector));
        registry.registerSet(set);
    }

    function test_registerSet_ranges() public {
        IAuditRegistry.AuditSet memory set = auditSet;
        set.chunks = 9;
        refusedSet(set);
        set.chunks = 0;
        refusedSet(set);
        set = auditSet;
        set.depth = 9;
        refusedSet(set);
        (set.depth, set.chunks) = (0, 1);
        refusedSet(set);
        set = auditSet;
        set.samples = 0;
        refusedSet(set);
        set = auditSet;
        (set.classes, set.groups) = (128, 2);
        refusedSet(set);
        (set.classes, set.groups) = (1, 1);
        refusedSet(set);
        (set.classes, set.groups) = (85, 3);
        (set.depth, set.chunks) = (8, 256);
        registry.registerSet(set);
        set.root = R;
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.OutOfField.selector, R));
        registry.registerSet(set);
    }

    function refusedQuestion(IAuditRegistry.Question memory asked, bytes memory reason) internal {
        vm.expectRevert(reason);
        registry.open(asked);
    }

    function test_open_refusals() public {
        IAuditRegistry.Question memory asked = question(0);
        asked.setOwner = opener;
        refusedQuestion(asked, abi.encodeWithSelector(IAuditRegistry.UnknownSet.selector, setId, opener));
        asked = question(0);
        asked.checkpointId = R;
        refusedQuestion(asked, abi.encodeWithSelector(IAuditRegistry.OutOfField.selector, R));
        refusedQuestion(question(5), abi.encodeWithSelector(IAuditRegistry.DrawsOutOfRange.selector, 5, 5));
        bytes32[5] memory others = [
            wellFormedId,
            auditCircuit(8, 1, 3, 1, "spec"),
            auditCircuit(9, 1, 3, 0, "spec"),
            auditCircuit(8, 2, 3, 0, "spec"),
            auditCircuit(8, 1, 4, 0, "spec")
        ];
        for (uint256 i = 0; i < 5; ++i) {
            asked = question(0);
            asked.circuitId = others[i];
            refusedQuestion(asked, abi.encodeWithSelector(IAuditRegistry.CircuitMismatch.selector, others[i]));
        }
        bytes32[2] memory strange = [circuitId, wellFormedCircuit("another")];
        for (uint256 i = 0; i < 2; ++i) {
            asked = question(0);
            asked.wellFormedCircuitId = strange[i];
            refusedQuestion(asked, abi.encodeWithSelector(IAuditRegistry.NotWellFormedCircuit.selector, strange[i]));
        }
        asked = question(0);
        asked.circuitId = keccak256("none");
        refusedQuestion(asked, abi.encodeWithSelector(IVerifierRouter.UnknownCircuit.selector, asked.circuitId));
        registry.open(question(4));
        registry.open(question(0));
    }

    function test_open_eachIsAnAuditOfItsOwn() public {
        bytes32 first = open(0);
        bytes32 second = open(0);
        assertTrue(first != second && registry.contextOf(first) != registry.contextOf(second), "two audits");
        bytes32 expected = keccak256(
            abi.encode(
                keccak256("assay.audit.v1"),
                block.chainid,
                address(registry),
                opener,
                circuitId,
                CHECKPOINT,
                setId,
                wellFormedId,
                uint256(0),
                uint256(1)
            )
        );
        assertEq(second, expected, "the id of the encodings");
        bytes32 context = keccak256(abi.encode(keccak256("assay.context.audit.v1"), block.chainid, address(registry), second));
        assertEq(registry.contextOf(second), uint256(context) % R, "the context of the encodings");
        (uint256 opened, uint256 completed) = registry.tally(setId);
        assertEq(opened, 2, "opened");
        assertEq(completed, 0, "completed");
        assertEq(registry.audit(first).wanted, 31, "all five");
        assertEq(registry.audit(second).nonce, 1, "numbered");
        assertEq(registry.audit(first).setRegisteredAt, registry.registeredAt(setId, owner), "what was there first");
    }

    function test_prove_wholeSet() public {
        bytes32 auditId = open(0);
        for (uint256 chunk = 5; chunk != 0; --chunk) {
            assertTrue(!registry.isCertified(auditId), "not yet");
            prove(auditId, chunk - 1, 1000 * chunk);
        }
        uint256[] memory counts = registry.countsOf(auditId);
        assertEq(counts.length, 16, "entries");
        for (uint256 k = 0; k < 16; ++k) assertEq(counts[k], 15_000 + 5 * k, "sum");
        (, uint256 completed) = registry.tally(setId);
        assertEq(completed, 1, "completed");
        assertEq(registry.audit(auditId).completedAt, height(), "completed now");
        assertTrue(!registry.isCertified(auditId), "not well-formed");
        models.set(keccak256("another circuit"), CHECKPOINT);
        assertTrue(!registry.isCertified(auditId), "not under this circuit");
        models.set(wellFormedId, CHECKPOINT);
        assertTrue(registry.isCertified(auditId), "certified");
        assertTrue(!registry.isCertified(open(0)), "not the next one");
        counts = countsFrom(1);
        bytes memory again = proofOf(auditId, 2, MASK, counts);
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.ChunkDone.selector, auditId, 2));
        registry.prove(auditId, 2, MASK, counts, again, new bytes(7));
    }

    /// All chunks that a set may have, with as many samples as one may have: the sums come to 2^24 - 256.
    function test_prove_fullCountsDoNotSpill() public {
        circuitId = auditCircuit(65_535, 1, 8, 0, "spec");
        (auditSet.depth, auditSet.chunks, auditSet.samples) = (8, 256, 65_535);
        vm.prank(owner);
        setId = registry.registerSet(auditSet);
        bytes32 auditId = open(0);
        uint256[] memory counts = new uint256[](2);
        counts[0] = (1 << 240) - 1;
        counts[1] = 65535;
        for (uint256 chunk = 0; chunk < 256; ++chunk) {
            registry.prove(auditId, chunk, MASK, counts, proofOf(auditId, chunk, MASK, counts), new bytes(7));
        }
        counts = registry.countsOf(auditId);
        for (uint256 k = 0; k < 16; ++k) assertEq(counts[k], 256 * 65535, "sum");
    }

    function rejected(bytes32 auditId, uint256 chunk, uint256 mask, uint256[] memory counts, bytes memory proof) internal {
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.ProofRejected.selector, auditId, chunk));
        registry.prove(auditId, chunk, mask, counts, proof, new bytes(7));
    }

    function test_prove_refusals() public {
        bytes32 auditId = open(0);
        bytes32 otherAudit = open(0);
        uint256[] memory counts = countsFrom(10);
        bytes memory proof = proofOf(auditId, 1, MASK, counts);
        rejected(otherAudit, 1, MASK, counts, proof);
        rejected(auditId, 2, MASK, counts, proof);
        rejected(auditId, 1, MASK + 1, counts, proof);
        rejected(auditId, 1, MASK, countsFrom(11), proof);
        rejected(auditId, 1, MASK, new uint256[](3), proof);
        rejected(auditId, 1, MASK, new uint256[](0), proof);
        rejected(auditId, 1, MASK, counts, new bytes(33));
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.ChunkNotWanted.selector, auditId, 5));
        registry.prove(auditId, 5, MASK, counts, proof, new bytes(7));
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.ChunkNotWanted.selector, auditId, 256));
        registry.prove(auditId, 256, MASK, counts, proof, new bytes(7));
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.ChunkNotWanted.selector, auditId, type(uint256).max));
        registry.prove(auditId, type(uint256).max, MASK, counts, proof, new bytes(7));
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.UnknownAudit.selector, bytes32(uint256(1))));
        registry.prove(bytes32(uint256(1)), 1, MASK, counts, proof, new bytes(7));
        assertEq(registry.audit(auditId).done, 0, "nothing is done");
        assertEq(registry.countsOf(auditId)[3], 0, "nothing is counted");
        // Control.
        registry.prove(auditId, 1, MASK, counts, proof, new bytes(7));
        assertEq(registry.audit(auditId).done, 2, "done");
        assertEq(registry.countsOf(auditId)[3], 13, "counted");
    }

    function test_prove_tooLittleGasIsNoVerdict() public {
        bytes32 auditId = open(0);
        uint256[] memory counts = countsFrom(10);
        bytes memory call = abi.encodeCall(
            IAuditRegistry.prove, (auditId, 1, MASK, counts, proofOf(auditId, 1, MASK, counts), new bytes(7))
        );
        (bool success, bytes memory returned) = address(registry).call{gas: 3_000_000}(call);
        assertTrue(!success && bytes4(returned) == IVerifierRouter.InsufficientGas.selector, "says so");
        assertEq(registry.audit(auditId).done, 0, "nothing recorded");
        (success,) = address(registry).call{gas: 6_000_000}(call);
        assertTrue(success, "control");
    }

    function test_draw_waitsForItsBlock() public {
        bytes32 auditId = open(2);
        uint256 source = height() + 8;
        uint256[] memory counts = countsFrom(1);
        bytes memory proof = proofOf(auditId, 0, MASK, counts);
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.NotDrawn.selector, auditId));
        registry.prove(auditId, 0, MASK, counts, proof, new bytes(7));
        mine(8);
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.DrawTooEarly.selector, source + 1));
        registry.draw(auditId);
        mine(1);
        registry.draw(auditId);
        uint256 wanted = registry.audit(auditId).wanted;
        bytes32 seed = keccak256(abi.encodePacked(blockhash(source), auditId));
        assertEq(wanted, expectedDraw(seed, 5, 2), "the chunks of the encodings");
        assertEq(registry.audit(auditId).seed, seed, "what drew them");
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.NothingToDraw.selector, auditId));
        registry.draw(auditId);
        uint256 done = 0;
        for (uint256 chunk = 0; chunk < 5; ++chunk) {
            if ((wanted >> chunk) & 1 == 1) {
                prove(auditId, chunk, chunk);
                ++done;
            } else {
                bytes memory made = proofOf(auditId, chunk, MASK, counts);
                vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.ChunkNotWanted.selector, auditId, chunk));
                registry.prove(auditId, chunk, MASK, counts, made, new bytes(7));
            }
        }
        assertEq(done, 2, "two");
        assertTrue(registry.audit(auditId).completedAt != 0, "complete");
        bytes32 whole = open(0);
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.NothingToDraw.selector, whole));
        registry.draw(whole);
    }

    function test_draw_forgottenStaysOnShow() public {
        bytes32 auditId = open(2);
        uint256 last = height() + 8 + 256;
        bytes32 late = open(3);
        mine(8 + 256);
        registry.draw(late);
        mine(1);
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.DrawTooLate.selector, last));
        registry.draw(auditId);
        (uint256 opened, uint256 completed) = registry.tally(setId);
        assertEq(opened, 2, "both are on show");
        assertEq(completed, 0, "neither is complete");
        assertEq(registry.audit(auditId).opener, opener, "and who opened it");
    }

    function testFuzz_draw_takesAsManyAsAsked(uint256 seed, uint256 draws) public {
        draws = 1 + draws % 4;
        mine(seed % 1000);
        bytes32 auditId = open(uint16(draws));
        mine(9);
        registry.draw(auditId);
        uint256 wanted = registry.audit(auditId).wanted;
        uint256 bits = 0;
        for (uint256 i = 0; i < 256; ++i) bits += (wanted >> i) & 1;
        assertEq(bits, draws, "as many");
        assertTrue(wanted < 32, "of the set's");
    }

    /// Fisher-Yates as the encodings tell it, over a list.
    function expectedDraw(bytes32 seed, uint256 chunks, uint256 draws) internal pure returns (uint256 wanted) {
        uint256[] memory list = new uint256[](chunks);
        for (uint256 i = 0; i < chunks; ++i) list[i] = i;
        for (uint256 i = 0; i < draws; ++i) {
            uint256 step = uint256(keccak256(bytes.concat(keccak256("assay.audit.draw.v1"), seed, bytes32(i)))) % (chunks - i);
            uint256 taken = list[i + step];
            list[i + step] = list[i];
            list[i] = taken;
            wanted += 1 << taken;
        }
    }
}
