// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAuditRegistry} from "../../src/interfaces/IAuditRegistry.sol";
import {AuditStage} from "../utils/AuditStage.sol";

/// See AuditClaims.tree. Counts of two groups and four classes.
contract AuditClaimsTest is AuditStage {
    uint256 internal constant CLASSES = 4;
    uint256 internal constant ENTRIES = 32;

    bytes32 internal grouped;
    address internal disputer = address(0xD15);

    function setUp() public override {
        super.setUp();
        grouped = auditCircuit(8, 2, 3, 0, "spec");
    }

    function at(uint256 group, uint256 class, uint256 answer) internal pure returns (uint256) {
        return (group * CLASSES + class) * CLASSES + answer;
    }

    function none() internal pure returns (uint256[] memory) {
        return new uint256[](ENTRIES);
    }

    function packed(uint256[] memory values) internal pure returns (uint256[] memory words) {
        words = new uint256[]((values.length + 14) / 15);
        for (uint256 k = 0; k < values.length; ++k) words[k / 15] |= values[k] << (16 * (k % 15));
    }

    function asked(uint256 checkpointId) internal returns (IAuditRegistry.Question memory made) {
        made = question(0);
        made.circuitId = grouped;
        made.checkpointId = checkpointId;
        made.setId = registry.registerSet(IAuditRegistry.AuditSet({root: 5, depth: 3, chunks: 1, samples: 8, classes: 4, groups: 2}));
        made.setOwner = address(this);
    }

    function proved(IAuditRegistry.Question memory made, uint256[] memory values) internal returns (bytes32 auditId) {
        vm.prank(opener);
        auditId = registry.open(made);
        uint256[] memory words = packed(values);
        registry.prove(auditId, 0, MASK, words, proofOf(auditId, 0, MASK, words), new bytes(7));
    }

    /// An audit with these counts.
    function certified(uint256[] memory values) internal returns (bytes32) {
        models.set(wellFormedId, CHECKPOINT);
        return proved(asked(CHECKPOINT), values);
    }

    function claimOf(IAuditRegistry.ClaimKind kind, uint8 class, uint256 numerator, uint256 denominator)
        internal
        pure
        returns (IAuditRegistry.Claim memory)
    {
        return IAuditRegistry.Claim({kind: kind, class: class, numerator: uint64(numerator), denominator: uint64(denominator)});
    }

    function accuracy(uint256 atLeast, uint256 total) internal pure returns (IAuditRegistry.Claim memory) {
        return claimOf(IAuditRegistry.ClaimKind.Accuracy, 0, atLeast, total);
    }

    function recall(uint8 class, uint256 atLeast, uint256 total) internal pure returns (IAuditRegistry.Claim memory) {
        return claimOf(IAuditRegistry.ClaimKind.Recall, class, atLeast, total);
    }

    function parity(uint8 class, uint256 numerator, uint256 denominator) internal pure returns (IAuditRegistry.Claim memory) {
        return claimOf(IAuditRegistry.ClaimKind.Parity, class, numerator, denominator);
    }

    function opportunity(uint8 class, uint256 numerator, uint256 denominator) internal pure returns (IAuditRegistry.Claim memory) {
        return claimOf(IAuditRegistry.ClaimKind.EqualOpportunity, class, numerator, denominator);
    }

    function claim(bytes32 auditId, IAuditRegistry.Claim memory made) internal returns (uint256) {
        vm.prank(opener);
        return registry.claim(auditId, made);
    }

    function refused(bytes32 auditId, IAuditRegistry.Claim memory made, bytes memory reason) internal {
        uint256 before = registry.claimsOf(auditId).length;
        vm.prank(opener);
        vm.expectRevert(reason);
        registry.claim(auditId, made);
        assertEq(registry.claimsOf(auditId).length, before, "nothing is claimed");
    }

    function notBorneOut(bytes32 auditId, IAuditRegistry.Claim memory made) internal {
        refused(auditId, made, abi.encodeWithSelector(IAuditRegistry.ClaimNotBorneOut.selector, auditId));
    }

    function outOfRange(bytes32 auditId, IAuditRegistry.Claim memory made) internal {
        refused(auditId, made, abi.encodeWithSelector(IAuditRegistry.ClaimOutOfRange.selector));
    }

    function notContradicted(bytes32 auditId, uint256 claimId, bytes32 otherId) internal {
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.NotContradicted.selector, auditId, claimId, otherId));
        registry.dispute(auditId, claimId, otherId);
    }

    /// 7 of 10 right: 6 of 8 of class 1, 1 of 2 of class 3.
    function tenSamples() internal pure returns (uint256[] memory values) {
        values = none();
        values[at(0, 1, 1)] = 4;
        values[at(1, 1, 1)] = 2;
        values[at(0, 1, 0)] = 2;
        values[at(0, 3, 3)] = 1;
        values[at(1, 3, 1)] = 1;
    }

    function test_claim_accuracyAndRecall() public {
        bytes32 auditId = certified(tenSamples());
        notBorneOut(auditId, accuracy(8, 10));
        notBorneOut(auditId, accuracy(7, 9));
        notBorneOut(auditId, accuracy(7, 11));
        claim(auditId, accuracy(7, 10));
        claim(auditId, accuracy(0, 10));
        notBorneOut(auditId, recall(1, 7, 8));
        notBorneOut(auditId, recall(1, 6, 7));
        claim(auditId, recall(1, 6, 8));
        notBorneOut(auditId, recall(3, 2, 2));
        claim(auditId, recall(3, 1, 2));
        // No sample is of class 0.
        notBorneOut(auditId, recall(0, 1, 0));
        claim(auditId, recall(0, 0, 0));
    }

    /// Group 0: answer 1 to 4 of 7, and to 4 of the 6 of class 1. Group 1: to 3 of 3, and to 2 of 2.
    function test_claim_differences() public {
        bytes32 auditId = certified(tenSamples());
        claim(auditId, parity(1, 3, 7));
        notBorneOut(auditId, parity(1, 299_999, 700_000));
        claim(auditId, opportunity(1, 1, 3));
        notBorneOut(auditId, opportunity(1, 99_999, 300_000));
        // Answer 0: 2 of 7 and 0 of 3, so the other group is ahead.
        claim(auditId, parity(0, 2, 7));
        notBorneOut(auditId, parity(0, 199_999, 700_000));
        // Answer 2 is given to nobody.
        claim(auditId, parity(2, 0, 1));
        // One group has none of class 0, 1 of 1 against 0 of 1 are of class 3.
        notBorneOut(auditId, opportunity(0, 1, 1));
        notBorneOut(auditId, opportunity(3, 1, 2));
        claim(auditId, opportunity(3, 1, 1));
    }

    /// Margins below 10: 1 of 2 right; from 10 to 19: 3 of 4; from 20 on: 5 of 5.
    function test_claim_calibration() public {
        models.set(wellFormedId, CHECKPOINT);
        IAuditRegistry.Question memory made = asked(CHECKPOINT);
        made.circuitId = auditCircuit(8, 2, 3, 0, 10 + (uint256(20) << 32), "spec");
        uint256[] memory values = new uint256[](3 * ENTRIES);
        (values[3 * at(0, 1, 1)], values[3 * at(0, 1, 2)]) = (1, 1);
        (values[3 * at(0, 2, 2) + 1], values[3 * at(1, 1, 1) + 1], values[3 * at(1, 3, 0) + 1]) = (1, 2, 1);
        values[3 * at(1, 3, 3) + 2] = 5;
        bytes32 auditId = proved(made, values);
        uint256[] memory counts = registry.countsOf(auditId);
        assertEq(keccak256(abi.encode(counts)), keccak256(abi.encode(values)), "every bin");
        outOfRange(auditId, calibration(0, 9, 11));
        outOfRange(auditId, calibration(3, 0, 0));
        notBorneOut(auditId, calibration(1, 9, 9));
        notBorneOut(auditId, calibration(1, 8, 8));
        claim(auditId, calibration(1, 8, 9));
        uint256 highest = claim(auditId, calibration(2, 5, 5));
        // Without bins it is about all, whatever the margin.
        claim(auditId, accuracy(9, 11));
        claim(auditId, recall(3, 5, 6));
        claim(auditId, parity(1, 1, 12));
        notBorneOut(auditId, parity(1, 99_999, 1_200_000));
        outOfRange(certified(tenSamples()), calibration(1, 7, 10));

        values[3 * at(0, 0, 1) + 1] = 90;
        notContradicted(auditId, highest, proved(made, values));
        values[3 * at(0, 0, 1) + 2] = 1;
        registry.dispute(auditId, highest, proved(made, values));
    }

    function calibration(uint8 threshold, uint256 atLeast, uint256 total) internal pure returns (IAuditRegistry.Claim memory) {
        return claimOf(IAuditRegistry.ClaimKind.Calibration, threshold, atLeast, total);
    }

    function test_claim_needsGroupsWithSamples() public {
        uint256[] memory values = none();
        values[at(1, 2, 2)] = 9;
        bytes32 auditId = certified(values);
        notBorneOut(auditId, parity(2, 1, 1));
        claim(auditId, accuracy(9, 9));
        // The set of one group.
        bytes32 single = open(0);
        for (uint256 chunk = 0; chunk < 5; ++chunk) prove(single, chunk, 1);
        notBorneOut(single, parity(1, 1, 1));
        notBorneOut(single, opportunity(1, 1, 1));
        claim(single, recall(1, 0, 5 * (5 + 6 + 7 + 8)));
    }

    function test_claim_range() public {
        bytes32 auditId = certified(tenSamples());
        outOfRange(auditId, recall(4, 0, 0));
        outOfRange(auditId, parity(4, 1, 1));
        outOfRange(auditId, opportunity(255, 1, 1));
        outOfRange(auditId, claimOf(IAuditRegistry.ClaimKind.Accuracy, 1, 7, 10));
        outOfRange(auditId, parity(3, 1, 0));
        outOfRange(auditId, opportunity(3, 1, 0));
        claim(auditId, parity(3, 1, 1));
    }

    function test_claim_ofCertifiedAuditsByTheirOpener() public {
        bytes32 unknown = keccak256("none");
        refused(unknown, accuracy(7, 10), abi.encodeWithSelector(IAuditRegistry.UnknownAudit.selector, unknown));
        IAuditRegistry.Question memory made = asked(CHECKPOINT);
        vm.prank(opener);
        bytes32 incomplete = registry.open(made);
        bytes32 auditId = proved(made, tenSamples());
        refused(auditId, accuracy(7, 10), abi.encodeWithSelector(IAuditRegistry.NotCertified.selector, auditId));
        models.set(wellFormedId, CHECKPOINT);
        refused(incomplete, accuracy(0, 0), abi.encodeWithSelector(IAuditRegistry.NotCertified.selector, incomplete));
        vm.prank(disputer);
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.NotTheOpener.selector, auditId, disputer));
        registry.claim(auditId, accuracy(7, 10));
        claim(auditId, accuracy(7, 10));
    }

    function test_claim_isNumberedAndStays() public {
        bytes32 auditId = certified(tenSamples());
        vm.expectEmit(address(registry));
        emit IAuditRegistry.AuditClaimed(auditId, 0, parity(1, 1, 2));
        assertEq(claim(auditId, parity(1, 1, 2)), 0, "the first");
        mine(3);
        for (uint256 i = 1; i < 64; ++i) assertEq(claim(auditId, accuracy(7, 10)), i, "the next");
        refused(auditId, accuracy(7, 10), abi.encodeWithSelector(IAuditRegistry.TooManyClaims.selector, auditId));
        IAuditRegistry.ClaimRecord[] memory claims = registry.claimsOf(auditId);
        assertEq(claims.length, 64, "all");
        assertEq(keccak256(abi.encode(claims[0].claim)), keccak256(abi.encode(parity(1, 1, 2))), "what was claimed");
        assertEq(claims[1].claimedAt - claims[0].claimedAt, 3, "when");
        assertEq(claims[0].claimedAt, height() - 3, "from which block on");
        assertEq(registry.claimsOf(certified(tenSamples())).length, 0, "of no other audit");
    }

    /// Hits and samples of a group, cell by cell.
    function rate(IAuditRegistry.Claim memory made, uint256[] memory values, uint256 group)
        internal
        pure
        returns (uint256 hits, uint256 samples)
    {
        for (uint256 class = 0; class < CLASSES; ++class) {
            for (uint256 answer = 0; answer < CLASSES; ++answer) {
                uint256 count = values[at(group, class, answer)];
                if (made.kind == IAuditRegistry.ClaimKind.EqualOpportunity && class != made.class) continue;
                samples += count;
                if (answer == made.class) hits += count;
            }
        }
    }

    function testFuzz_claim_differencesAreThoseOfAllPairs(uint256 seed, bool equal, uint8 class, uint32 numerator, uint32 denominator)
        public
    {
        uint256[] memory values = random(seed);
        IAuditRegistry.Claim memory made = equal
            ? opportunity(class % 4, numerator, 1 + uint256(denominator))
            : parity(class % 4, numerator, 1 + uint256(denominator));
        bytes32 auditId = certified(values);
        (uint256 a, uint256 n) = rate(made, values, 0);
        (uint256 b, uint256 m) = rate(made, values, 1);
        uint256 difference = a * m > b * n ? a * m - b * n : b * n - a * m;
        if (n != 0 && m != 0 && difference * made.denominator <= made.numerator * n * m) {
            notContradicted(auditId, claim(auditId, made), auditId);
        } else {
            notBorneOut(auditId, made);
        }
    }

    /// Small counts, many of them 0.
    function random(uint256 seed) internal pure returns (uint256[] memory values) {
        values = none();
        for (uint256 k = 0; k < ENTRIES; ++k) {
            uint256 word = uint256(keccak256(abi.encode(seed, k)));
            if (word & 3 == 0) values[k] = (word >> 2) % 20;
        }
    }

    function test_dispute_lowerRates() public {
        bytes32 auditId = certified(tenSamples());
        uint256 all = claim(auditId, accuracy(7, 10));
        uint256 some = claim(auditId, recall(1, 6, 8));
        uint256[] memory values = none();
        (values[at(0, 1, 1)], values[at(0, 1, 2)]) = (140, 60);
        bytes32 lower = certified(values);
        notContradicted(auditId, all, lower);
        registry.dispute(auditId, some, lower);
        (values[at(0, 1, 1)], values[at(0, 1, 2)]) = (139, 61);
        registry.dispute(auditId, all, certified(values));
        (values[at(0, 1, 1)], values[at(0, 1, 2)], values[at(0, 0, 3)]) = (150, 50, 200);
        bytes32 equalRecall = certified(values);
        notContradicted(auditId, some, equalRecall);
        registry.dispute(auditId, all, equalRecall);
        values = none();
        values[at(1, 0, 0)] = 9;
        bytes32 withoutThem = certified(values);
        notContradicted(auditId, some, withoutThem);
        bytes32 empty = certified(none());
        notContradicted(auditId, all, empty);
        notContradicted(auditId, some, empty);
    }

    function test_dispute_largerDifferences() public {
        bytes32 auditId = certified(tenSamples());
        uint256 given = claim(auditId, parity(1, 3, 7));
        uint256 among = claim(auditId, opportunity(1, 1, 3));
        uint256[] memory values = none();
        // 1 of 2 and 13 of 14 differ by 3/7: of class 1.
        (values[at(0, 1, 1)], values[at(0, 1, 0)]) = (1, 1);
        (values[at(1, 1, 1)], values[at(1, 1, 3)]) = (13, 1);
        bytes32 other = certified(values);
        notContradicted(auditId, given, other);
        registry.dispute(auditId, among, other);
        values[at(1, 1, 1)] = 14;
        registry.dispute(auditId, given, certified(values));
        // 2/3 and 1/3 of class 1; of all 2/3 and 2/3.
        values = none();
        (values[at(0, 1, 1)], values[at(0, 1, 0)]) = (2, 1);
        (values[at(1, 1, 1)], values[at(1, 1, 0)], values[at(1, 0, 1)]) = (1, 2, 3);
        other = certified(values);
        notContradicted(auditId, given, other);
        notContradicted(auditId, among, other);
        (values[at(1, 1, 1)], values[at(1, 1, 0)]) = (100, 201);
        registry.dispute(auditId, among, certified(values));
        // A group without samples has no rate.
        values = none();
        values[at(0, 1, 1)] = 5;
        other = certified(values);
        notContradicted(auditId, given, other);
        notContradicted(auditId, among, other);
    }

    function test_dispute_byComparableCertifiedAudits() public {
        bytes32 auditId = certified(tenSamples());
        uint256 claimId = claim(auditId, accuracy(7, 10));
        notContradicted(auditId, claimId, auditId);
        bytes32 unknown = keccak256("none");
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.UnknownAudit.selector, unknown));
        registry.dispute(auditId, claimId, unknown);
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.UnknownAudit.selector, unknown));
        registry.dispute(unknown, claimId, auditId);

        uint256[] memory wrong = none();
        wrong[at(0, 0, 1)] = 1;
        bytes32 other = certified(wrong);
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.UnknownClaim.selector, auditId, 1));
        registry.dispute(auditId, 1, other);
        IAuditRegistry.Question memory made = asked(CHECKPOINT);
        vm.prank(opener);
        bytes32 incomplete = registry.open(made);
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.NotCertified.selector, incomplete));
        registry.dispute(auditId, claimId, incomplete);
        // Well-formed each, and under its own circuit.
        models.set(wellFormedId, CHECKPOINT + 1);
        notComparable(auditId, claimId, proved(asked(CHECKPOINT + 1), wrong));
        made.circuitId = auditCircuit(9, 2, 3, 0, "spec");
        made.setId = registry.registerSet(IAuditRegistry.AuditSet({root: 5, depth: 3, chunks: 1, samples: 9, classes: 4, groups: 2}));
        notComparable(auditId, claimId, proved(made, wrong));
        made = asked(CHECKPOINT);
        made.wellFormedCircuitId = router.register(keccak256("another key"), honk, wellFormedVerifier, router.shapeOf(wellFormedId));
        assertTrue(made.wellFormedCircuitId != wellFormedId, "another circuit");
        models.set(made.wellFormedCircuitId, CHECKPOINT);
        notComparable(auditId, claimId, proved(made, wrong));
        registry.dispute(auditId, claimId, other);
    }

    function notComparable(bytes32 auditId, uint256 claimId, bytes32 otherId) internal {
        assertTrue(registry.isCertified(otherId), "it would do otherwise");
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.NotComparable.selector, auditId, otherId));
        registry.dispute(auditId, claimId, otherId);
    }

    function test_dispute_isCountedOnce() public {
        bytes32 auditId = certified(tenSamples());
        uint256 first = claim(auditId, accuracy(7, 10));
        uint256 second = claim(auditId, accuracy(1, 10));
        uint256[] memory wrong = none();
        wrong[at(0, 0, 1)] = 1;
        bytes32 other = certified(wrong);
        vm.expectEmit(address(registry));
        emit IAuditRegistry.AuditDisputed(auditId, first, other, disputer);
        vm.prank(disputer);
        registry.dispute(auditId, first, other);
        vm.expectRevert(abi.encodeWithSelector(IAuditRegistry.AlreadyDisputed.selector, auditId, first, other));
        registry.dispute(auditId, first, other);
        registry.dispute(auditId, first, certified(wrong));
        registry.dispute(auditId, second, other);
        assertEq(registry.claimsOf(auditId)[first].disputes, 2, "of the first claim");
        assertEq(registry.claimsOf(auditId)[second].disputes, 1, "of the second");
        assertEq(registry.audit(auditId).disputes, 3, "of the audit");
        assertEq(registry.audit(other).disputes, 0, "none of the other");
        assertTrue(registry.isCertified(auditId), "it is certified as before");
    }
}
