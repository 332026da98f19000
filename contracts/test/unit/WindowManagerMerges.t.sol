// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {Bn254} from "../../src/libraries/Bn254.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Fixture} from "../utils/Fixture.sol";
import {Vm} from "../utils/TestBase.sol";

/// From WindowManager.tree: merges of contributions. Checkpoints of 4 points, known by their logarithms.
contract WindowManagerMergesTest is Fixture {
    uint256 private constant BLOCKS = 4;

    uint256[BLOCKS] private _base;
    bytes private _basePoints;

    function setUp() public override {
        super.setUp();
        // The first is the identity.
        _base = [uint256(0), 7, Bn254.R - 1, 1234567];
        _basePoints = pointsOf(_base);
        vm.prank(requester);
        genesisId = models.registerGenesis(modelId, _basePoints, hex"01551220", "CC0-1.0");
    }

    function pointOf(uint256 logarithm) internal view returns (bytes memory point) {
        point = new bytes(64);
        uint256[3] memory input = [uint256(1), 2, logarithm];
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(gas(), 7, input, 0x60, add(point, 0x20), 0x40)
        }
        assertTrue(ok, "multiplied");
    }

    function pointsOf(uint256[BLOCKS] memory logarithms) internal view returns (bytes memory points) {
        for (uint256 i = 0; i < BLOCKS; ++i) points = abi.encodePacked(points, pointOf(logarithms[i]));
    }

    function idOf(bytes memory points) internal view returns (uint256) {
        return Encodings.checkpointId(modelId, points);
    }

    function mergingJob(uint8 contributions) internal returns (uint256) {
        return mergingJob(contributions, 3);
    }

    function mergingJob(uint8 contributions, uint32 count) internal returns (uint256) {
        IJobManager.JobTerms memory terms = termsFor(address(pay));
        terms.contributions = contributions;
        terms.windows = count;
        return activeWith(terms);
    }

    /// Child k of a window: other logarithms for each, from `salt`.
    function childOf(uint256 salt, uint256 k) internal pure returns (uint256[BLOCKS] memory logarithms) {
        for (uint256 i = 0; i < BLOCKS; ++i) logarithms[i] = uint256(keccak256(abi.encode(salt, k, i))) % Bn254.R;
        // What sums to the identity, and what does not change.
        if (k == 0) logarithms[0] = 0;
    }

    /// Proves every contribution of the window, from the last to the first.
    function contribute(uint256 jobId, uint256 contributions, uint256 salt) internal returns (bytes[] memory children) {
        children = new bytes[](contributions);
        for (uint256 i = 0; i < contributions; ++i) {
            uint256 k = contributions - 1 - i;
            children[k] = pointsOf(childOf(salt, k));
            bytes32 id = leaseAs(k % 2 == 0 ? alice : bob, jobId, k);
            submitAndSettleAs(k % 2 == 0 ? alice : bob, id, trained(idOf(children[k])));
        }
    }

    function expected(uint256[BLOCKS] memory base, uint256 contributions, uint256 salt)
        internal
        pure
        returns (uint256[BLOCKS] memory merged)
    {
        for (uint256 i = 0; i < BLOCKS; ++i) merged[i] = base[i];
        for (uint256 k = 0; k < contributions; ++k) {
            uint256[BLOCKS] memory child = childOf(salt, k);
            for (uint256 i = 0; i < BLOCKS; ++i) {
                merged[i] = addmod(merged[i], addmod(child[i], Bn254.R - base[i], Bn254.R), Bn254.R);
            }
        }
    }

    function refusedMerge(uint256 jobId, bytes memory base, bytes[] memory children, bytes memory reason) internal {
        vm.expectRevert(reason);
        windows.merge(jobId, base, children);
    }

    function mismatch(uint256 expectedId, uint256 givenId) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IWindowManager.PointsMismatch.selector, expectedId, givenId);
    }

    function malformed() internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IWindowManager.PointsMalformed.selector);
    }

    function test_merge_sumsTheContributions() public {
        for (uint8 contributions = 2; contributions <= 8; ++contributions) {
            uint256 snapshot = vm.snapshotState();
            uint256 jobId = mergingJob(contributions, 1);
            bytes[] memory children = contribute(jobId, contributions, contributions);
            bytes memory points = pointsOf(expected(_base, contributions, contributions));
            vm.recordLogs();
            vm.prank(stranger);
            windows.merge(jobId, _basePoints, children);
            checkMerged(jobId, children, points, vm.getRecordedLogs());
            assertState(jobId, IJobManager.JobState.Completed);
            assertEq(rewards.escrowOf(jobId, address(pay)), 0, "spent");
            vm.revertToState(snapshot);
        }
    }

    function checkMerged(uint256 jobId, bytes[] memory children, bytes memory points, Vm.Log[] memory logs) private view {
        (uint256 head, uint256 count) = windows.finalHeadOf(jobId);
        assertEq(head, idOf(points), "the sum's id");
        assertEq(count, 1, "one window");
        (uint256 mergedId, uint256 baseId, bytes memory told) = abi.decode(logs[0].data, (uint256, uint256, bytes));
        assertEq(logs[0].emitter, address(windows), "told");
        assertEq(mergedId, head, "id");
        assertEq(baseId, genesisId, "base");
        assertEq(keccak256(told), keccak256(points), "points");
        IModelRegistry.Provenance memory provenance = models.provenance(circuitId, head);
        assertEq(provenance.parentId, genesisId, "recorded");
        bytes memory ids;
        for (uint256 k = 0; k < children.length; ++k) ids = abi.encodePacked(ids, idOf(children[k]));
        assertEq(provenance.statementHash, keccak256(ids), "of these children");
        assertEq(models.provenance(circuitId, idOf(children[0])).parentId, genesisId, "each contribution is recorded");
        IWindowManager.Progress memory progress = windows.progressOf(jobId);
        assertEq(progress.submitted, 1, "submitted");
        assertEq(progress.contributed, 0, "none yet of the next");
        assertEq(progress.availableAt, height(), "available now");
    }

    function test_merge_isTheParentOfTheNextWindow() public {
        uint256 jobId = mergingJob(3);
        uint256[BLOCKS] memory base = _base;
        bytes memory points = _basePoints;
        for (uint256 w = 0; w < 3; ++w) {
            bytes[] memory children = contribute(jobId, 3, 40 + w);
            assertEq(windows.headOf(jobId), idOf(points), "the same parent until the merge");
            windows.merge(jobId, points, children);
            base = expected(base, 3, 40 + w);
            points = pointsOf(base);
            assertEq(windows.headOf(jobId), idOf(points), "the merged one");
            assertEq(models.provenance(circuitId, idOf(points)).windowIndex, w, "of this window");
        }
        assertState(jobId, IJobManager.JobState.Completed);
        assertEq(rewards.claimable(address(pay), alice) + rewards.claimable(address(pay), bob), 9 * uint256(PRICE), "9 units");
        assertEq(models.provenance(circuitId, idOf(points)).version, 3, "lineage");
    }

    function test_contributions_areWorkedOnSideBySide() public {
        uint256 jobId = mergingJob(3);
        bytes32 first = leaseAs(alice, jobId, 0);
        bytes32 second = leaseAs(bob, jobId, 1);
        bytes32 third = leaseAs(alice, jobId, 2);
        assertEq(windows.progressOf(jobId).pendingSlots, 3, "three pend");
        // Each takes other global steps of the same window, from the same parent.
        for (uint256 c = 0; c < 3; ++c) {
            uint256[] memory statement = windows.statementFor(c == 0 ? first : c == 1 ? second : third, trained(501 + c));
            assertEq(statement[6], c * 4, "first step");
            assertEq(statement[1], genesisId, "parent");
        }
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.LeaseHeld.selector, first, alice, height() + 20));
        windows.lease(jobId, 0, genesisId);
        submitAndSettleAs(bob, second, trained(502));
        IWindowManager.Slot memory slot = windows.slotOf(jobId, 1);
        assertTrue(slot.done, "done");
        assertEq(slot.resultId, 502, "result");
        assertEq(slot.held, 0, "nobody holds it");
        assertEq(windows.progressOf(jobId).pendingSlots, 2, "two pend");
        assertEq(windows.progressOf(jobId).contributed, 1, "one is done");
        assertEq(rewards.claimable(address(pay), bob), PRICE, "paid at once");
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.WindowDone.selector, jobId, 0));
        windows.lease(jobId, 1, genesisId);
        submitAndSettleAs(alice, first, trained(501));
        submitAndSettleAs(alice, third, trained(503));
        assertEq(windows.submissionAt(jobId, 0), first, "contribution 0 stands for the window");
        assertEq(windows.progressOf(jobId).submitted, 0, "until the merge");
        for (uint256 c = 0; c < 3; ++c) {
            vm.prank(bob);
            vm.expectRevert(abi.encodeWithSelector(IWindowManager.WindowDone.selector, jobId, 0));
            windows.lease(jobId, c, genesisId);
        }
    }

    function test_contributions_lapseOnTheirOwn() public {
        uint256 jobId = mergingJob(2);
        bytes32 late = leaseAs(alice, jobId, 1);
        vm.roll(windows.leaseOf(late).deadline + 1);
        bytes32 hers = leaseAs(alice, jobId, 1);
        bytes32 his = leaseAs(bob, jobId, 1);
        assertTrue(windows.leaseOf(his).raced, "raced");
        assertTrue(!windows.leaseOf(leaseAs(alice, jobId, 0)).raced, "the other is not");
        assertEq(windows.lapsesOf(jobId), 1, "the worst slot");
        submitAndSettleAs(bob, his, trained(502));
        assertEq(windows.lapsesOf(jobId), 0, "what is done has not lapsed");
        assertEq(windows.progressOf(jobId).pendingSlots, 1, "the other one");
        assertEq(windows.slotOf(jobId, 1).held, 1, "she holds what is done");
        bytes memory proof = boundProof(anyWords());
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.WindowDone.selector, jobId, 0));
        windows.submitAndSettle(hers, trained(503), proof, OPENING);
        vm.prank(alice);
        windows.release(hers);
        assertEq(windows.slotOf(jobId, 1).held, 0, "nobody");
        assertEq(windows.progressOf(jobId).pendingSlots, 1, "still the other one");
    }

    /// Nothing forbids that contributions end in the same weights, or in those that they began with: each is its own term of the sum.
    function test_merge_ofEqualChildren() public {
        uint256 jobId = mergingJob(3, 2);
        bytes memory points = _basePoints;
        uint256[BLOCKS] memory sum = _base;
        for (uint256 w = 0; w < 2; ++w) {
            uint256[BLOCKS] memory child = w == 0 ? childOf(3, 1) : sum;
            bytes[] memory children = new bytes[](3);
            for (uint256 k = 0; k < 3; ++k) {
                children[k] = pointsOf(child);
                submitAndSettleAs(alice, leaseAs(alice, jobId, k), trained(idOf(children[k])));
            }
            windows.merge(jobId, points, children);
            for (uint256 i = 0; i < BLOCKS; ++i) {
                uint256 twice = mulmod(2, sum[i], Bn254.R);
                sum[i] = addmod(mulmod(3, child[i], Bn254.R), Bn254.R - twice, Bn254.R);
            }
            points = pointsOf(sum);
            assertEq(windows.headOf(jobId), idOf(points), w == 0 ? "three times the step" : "no step at all");
        }
        assertEq(rewards.claimable(address(pay), alice), 6 * uint256(PRICE), "each proof is paid");
        assertEq(models.provenance(circuitId, idOf(points)).version, 1, "the lineage has no cycle");
        assertState(jobId, IJobManager.JobState.Completed);
    }

    function test_merge_refusesBeforeAllIsDone() public {
        uint256 jobId = mergingJob(2);
        bytes[] memory children = new bytes[](2);
        (children[0], children[1]) = (pointsOf(childOf(1, 0)), pointsOf(childOf(1, 1)));
        bytes memory nothing = abi.encodeWithSelector(IWindowManager.NothingToMerge.selector, jobId);
        refusedMerge(jobId, _basePoints, children, nothing);
        submitAndSettleAs(alice, leaseAs(alice, jobId, 0), trained(idOf(children[0])));
        refusedMerge(jobId, _basePoints, children, nothing);
        submitAndSettleAs(bob, leaseAs(bob, jobId, 1), trained(idOf(children[1])));
        windows.merge(jobId, _basePoints, children);
        refusedMerge(jobId, _basePoints, children, nothing);
        uint256 single = mergingJob(1);
        refusedMerge(single, _basePoints, new bytes[](1), abi.encodeWithSelector(IWindowManager.NothingToMerge.selector, single));
    }

    function test_merge_refusesOtherPoints() public {
        uint256 jobId = mergingJob(3);
        bytes[] memory children = contribute(jobId, 3, 1);
        bytes memory other = pointsOf(childOf(2, 1));
        refusedMerge(jobId, other, children, mismatch(genesisId, idOf(other)));
        (children[0], children[1]) = (children[1], children[0]);
        refusedMerge(jobId, _basePoints, children, mismatch(idOf(children[1]), idOf(children[0])));
        (children[0], children[1]) = (children[1], children[0]);
        bytes memory last = children[2];
        children[2] = other;
        refusedMerge(jobId, _basePoints, children, mismatch(idOf(last), idOf(other)));
        children[2] = abi.encodePacked(last, new bytes(64));
        refusedMerge(jobId, _basePoints, children, mismatch(idOf(last), idOf(children[2])));
        children[2] = last;
        refusedMerge(jobId, _basePoints, new bytes[](2), malformed());
        refusedMerge(jobId, _basePoints, new bytes[](4), malformed());
        windows.merge(jobId, _basePoints, children);
    }

    /// A verifier that lies can accept anything; the sum is taken of canonical points only.
    function test_merge_refusesWhatAreNoPoints() public {
        bytes memory good = pointsOf(childOf(3, 0));
        bytes[] memory bad = new bytes[](6);
        // Off the curve; a coordinate + q, x and y; the identity as (0, q); another length; no whole number of points.
        bad[0] = replaced(good, 1, 1, 1);
        bad[1] = replaced(good, 1, 1 + Bn254.Q, 2);
        bad[2] = replaced(good, 1, 1, 2 + Bn254.Q);
        bad[3] = replaced(good, 1, 0, Bn254.Q);
        bad[4] = abi.encodePacked(good, good);
        bad[5] = abi.encodePacked(good, uint8(1));
        for (uint256 i = 0; i < bad.length; ++i) {
            for (uint256 place = 0; place < 2; ++place) {
                uint256 snapshot = vm.snapshotState();
                uint256 jobId = mergingJob(2);
                bytes[] memory children = new bytes[](2);
                (children[place], children[1 - place]) = (bad[i], good);
                for (uint256 k = 0; k < 2; ++k) submitAndSettleAs(alice, leaseAs(alice, jobId, k), trained(idOf(children[k])));
                refusedMerge(jobId, _basePoints, children, malformed());
                vm.revertToState(snapshot);
            }
        }
        bytes[] memory fine = new bytes[](2);
        (fine[0], fine[1]) = (replaced(good, 1, 1, 2), replaced(good, 1, 0, 0));
        uint256 accepted = mergingJob(2);
        for (uint256 k = 0; k < 2; ++k) submitAndSettleAs(alice, leaseAs(alice, accepted, k), trained(idOf(fine[k])));
        windows.merge(accepted, _basePoints, fine);
    }

    function test_merge_refusesABaseThatIsNoPoint() public {
        bytes[5] memory bases =
            [replaced(_basePoints, 1, 1, 1), replaced(_basePoints, 1, 1 + Bn254.Q, 2), replaced(_basePoints, 1, 1, 2 + Bn254.Q),
            replaced(_basePoints, 1, 0, Bn254.Q), abi.encodePacked(_basePoints, _basePoints)];
        for (uint256 i = 0; i < 5; ++i) {
            vm.prank(requester);
            genesisId = models.registerGenesis(modelId, bases[i], hex"01551220", "CC0-1.0");
            uint256 jobId = mergingJob(2);
            bytes[] memory children = contribute(jobId, 2, 9);
            refusedMerge(jobId, bases[i], children, malformed());
        }
    }

    /// The points with one of them replaced.
    function replaced(bytes memory points, uint256 index, uint256 x, uint256 y) internal pure returns (bytes memory made) {
        made = abi.encodePacked(points);
        assembly ("memory-safe") {
            let target := add(add(made, 0x20), mul(index, 0x40))
            mstore(target, x)
            mstore(add(target, 0x20), y)
        }
    }

    function test_merge_inACancelledJob() public {
        uint256 jobId = mergingJob(2);
        bytes[] memory children = new bytes[](2);
        (children[0], children[1]) = (pointsOf(childOf(1, 0)), pointsOf(childOf(1, 1)));
        submitAndSettleAs(alice, leaseAs(alice, jobId, 0), trained(idOf(children[0])));
        bytes32 held = leaseAs(bob, jobId, 1);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.escrowOf(jobId, address(pay)), PRICE, "what he holds pends");
        submitAndSettleAs(bob, held, trained(idOf(children[1])));
        windows.merge(jobId, _basePoints, children);
        assertEq(rewards.claimable(address(pay), requester), 4 * uint256(PRICE), "the rest went back");
        (uint256 head,) = windows.finalHeadOf(jobId);
        assertEq(head, idOf(pointsOf(expected(_base, 2, 1))), "merged");
        assertState(jobId, IJobManager.JobState.Cancelled);
    }

    /// A job of 2 contributions: base + (x - base) + (y - base), whatever the points.
    function testFuzz_merge(uint256[BLOCKS] memory x, uint256[BLOCKS] memory y) public {
        uint256 jobId = mergingJob(2);
        bytes[] memory children = new bytes[](2);
        uint256[BLOCKS] memory sum;
        for (uint256 i = 0; i < BLOCKS; ++i) {
            (x[i], y[i]) = (x[i] % Bn254.R, y[i] % Bn254.R);
            sum[i] = addmod(addmod(x[i], y[i], Bn254.R), Bn254.R - _base[i], Bn254.R);
        }
        (children[0], children[1]) = (pointsOf(x), pointsOf(y));
        for (uint256 k = 0; k < 2; ++k) submitAndSettleAs(alice, leaseAs(alice, jobId, k), trained(idOf(children[k])));
        windows.merge(jobId, _basePoints, children);
        assertEq(windows.headOf(jobId), idOf(pointsOf(sum)), "the sum");
    }
}
