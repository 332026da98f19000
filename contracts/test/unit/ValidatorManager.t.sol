// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Wired} from "../../src/Modules.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {INodeRegistry} from "../../src/interfaces/INodeRegistry.sol";
import {IStakeManager} from "../../src/interfaces/IStakeManager.sol";
import {IValidatorManager} from "../../src/interfaces/IValidatorManager.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {Fixture} from "../utils/Fixture.sol";

/// Alice works, bob validates; carol is a third operator.
contract ValidatorManagerTest is Fixture {
    uint256 private constant FINALITY = 40;
    uint256 private constant ANSWER = 30;
    /// A tenth of the price, cut in two.
    uint256 private constant SHARE = PRICE / 10 / 2;
    uint256 private constant CHILD = 501;

    address private carol = address(0x2003);
    uint256 private carolKey = 0xca401;

    uint256 private jobId;

    function setUp() public override {
        super.setUp();
        enlist(carol, carolKey, STAKE);
        jobId = optimisticJob();
    }

    function enrol(address operator) private {
        vm.prank(operator);
        validators.enrol();
    }

    function retire(address operator) private {
        vm.prank(operator);
        validators.retire();
    }

    function stateOf(bytes32 id, uint256 seat) private view returns (uint256) {
        return uint256(validators.seatOf(id, seat).state);
    }

    function assertSeat(bytes32 id, uint256 seat, IValidatorManager.SeatState state) private view {
        assertEq(stateOf(id, seat), uint256(state), "state of the seat");
    }

    function lockedOf(address operator) private view returns (uint256) {
        return stakes.stakeOf(operator).locked;
    }

    function owed(address account) private view returns (uint256) {
        return rewards.claimable(address(pay), account);
    }

    function owedStake(address account) private view returns (uint256) {
        return rewards.claimable(address(token), account);
    }

    function digestOf(address operator, bytes memory proof) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256("assay.attestation.v1"), operator, proof, OPENING));
    }

    function commitmentTo(bytes32 id, uint256 seat, address operator, bytes32 digest) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256("assay.attestation.commit.v1"), id, seat, operator, digest, SALT));
    }

    function commitDigest(address operator, bytes32 id, uint256 seat, bytes32 digest) private {
        vm.prank(operator);
        validators.commitAttestation(id, seat, commitmentTo(id, seat, operator, digest));
    }

    function commit(address operator, bytes32 id, uint256 seat, bytes memory proof) private {
        commitDigest(operator, id, seat, digestOf(operator, proof));
    }

    function reveal(address operator, bytes32 id, uint256 seat, bytes memory proof) private {
        validators.revealAttestation(id, seat, digestOf(operator, proof), SALT);
    }

    function settleSeat(address sender, bytes32 id, uint256 seat) private {
        vm.prank(sender);
        validators.settleSeat(id, seat);
    }

    function submittedAt(bytes32 id) private view returns (uint256) {
        return windows.submissionOf(id).submittedAt;
    }

    /// To the block that is so many after the submission's.
    function rollTo(bytes32 id, uint256 offset) private {
        vm.roll(submittedAt(id) + offset);
    }

    /// Bob alone is enrolled; alice submits, with a true proof or a false one; the first block in which the seats can be taken.
    function submitted(bool isTrue) private returns (bytes32 id) {
        enrol(bob);
        id = isTrue ? submitWindow(alice, jobId, CHILD) : submitFalseWindow(alice, jobId, CHILD);
        rollTo(id, 2);
    }

    function proofOf(bytes32 id, bool isTrue) private view returns (bytes memory) {
        return isTrue ? submittedProof(id) : falseProof();
    }

    function committed(bool isTrue) private returns (bytes32 id) {
        id = submitted(isTrue);
        commit(bob, id, 0, proofOf(id, isTrue));
    }

    function revealed(bool isTrue) private returns (bytes32 id) {
        id = committed(isTrue);
        rollTo(id, FINALITY / 2 + 1);
        reveal(bob, id, 0, proofOf(id, isTrue));
    }

    function finalized(bytes32 id) private {
        rollTo(id, FINALITY + 1);
        windows.finalize(jobId, 1);
    }

    function notDrawn(bytes32 id, uint256 seat, address drawn, address operator) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorManager.NotDrawn.selector, id, seat, drawn, operator);
    }

    function noSeat(bytes32 id, uint256 seat) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorManager.NoSuchSeat.selector, id, seat);
    }

    function wrongSeat(bytes32 id, uint256 seat, IValidatorManager.SeatState state) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorManager.WrongSeatState.selector, id, seat, state);
    }

    function notOver(bytes32 id) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorManager.SeatNotOver.selector, id, 0);
    }

    function nothingToAttest(bytes32 id) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorManager.NothingToAttest.selector, id);
    }

    function unavailable(uint256 blockNumber) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IValidatorManager.DrawUnavailable.selector, blockNumber);
    }

    function test_enrol_byOperatorOrHotKey() public {
        vm.expectEmit(address(validators));
        emit IValidatorManager.ValidatorEnrolled(alice, 1);
        enrol(alice);
        vm.expectEmit(address(validators));
        emit IValidatorManager.WeightChanged(bob, STAKE);
        enrol(bobHot);
        assertEq(validators.weightOf(bob), STAKE, "bob");
        assertEq(validators.weightOf(carol), 0, "carol");
        assertEq(validators.totalWeight(), 2 * uint256(STAKE), "total");
        vm.expectRevert(abi.encodeWithSelector(IValidatorManager.AlreadyEnrolled.selector, bob));
        enrol(bob);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotRegistered.selector, stranger));
        enrol(stranger);
    }

    function test_retire_andComeBack() public {
        enrol(alice);
        enrol(bob);
        retire(aliceHot);
        assertEq(validators.weightOf(alice), 0, "weight");
        assertEq(validators.totalWeight(), STAKE, "total");
        vm.expectRevert(abi.encodeWithSelector(IValidatorManager.NotEnrolled.selector, alice));
        retire(alice);
        vm.expectRevert(abi.encodeWithSelector(IValidatorManager.NotEnrolled.selector, carol));
        retire(carol);
        enrol(carol);
        vm.expectEmit(address(validators));
        emit IValidatorManager.ValidatorEnrolled(alice, 1);
        enrol(alice);
        assertEq(validators.totalWeight(), 3 * uint256(STAKE), "all three");
    }

    function test_stakeChanged_byTheStakeManagerOnly() public {
        enrol(alice);
        address[4] memory callers = [address(this), address(jobs), address(windows), alice];
        for (uint256 i = 0; i < 4; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, callers[i]));
            validators.stakeChanged(alice, 1);
        }
        vm.prank(address(stakes));
        validators.stakeChanged(alice, 1);
        assertEq(validators.weightOf(alice), 1, "weight");
    }

    function test_weight_followsTheActiveStake() public {
        enrol(alice);
        stakeAs(alice, 50e18);
        assertEq(validators.weightOf(alice), STAKE + 50e18, "staked");
        vm.startPrank(alice);
        stakes.unbond(1_050e18);
        assertEq(validators.weightOf(alice), STAKE - 1_000e18, "unbonding");
        stakes.rebond(50e18);
        vm.stopPrank();
        assertEq(validators.weightOf(alice), 1_050e18, "rebonded");
        vm.prank(address(windows));
        stakes.penalise(alice, 205e18);
        assertEq(validators.weightOf(alice), 945e18, "its part of the penalty");
        vm.prank(address(windows));
        stakes.lock(alice, 900e18);
        assertEq(validators.weightOf(alice), 945e18, "bonds stay in the weight");
        slashBy(address(challenges), alice, 184.5e18);
        assertEq(validators.weightOf(alice), 0, "jailed");
        stakeAs(alice, 1);
        assertEq(validators.weightOf(alice), 0, "still jailed");
        mine(stakes.jailBlocks());
        vm.prank(alice);
        stakes.unjail();
        assertEq(validators.weightOf(alice), stakes.stakeOf(alice).active, "returned");
        assertEq(validators.totalWeight(), stakes.stakeOf(alice).active, "total");
        retire(alice);
        stakeAs(alice, 1e18);
        assertEq(validators.weightOf(alice), 0, "retired");
    }

    function slashBy(address module, address operator, uint256 amount) private {
        address[] memory harmed = new address[](1);
        harmed[0] = requester;
        vm.prank(module);
        stakes.slash(operator, amount, finder, harmed);
    }

    function test_enrol_inJail_weighsNothing() public {
        slashBy(address(challenges), alice, 1e18);
        enrol(alice);
        assertEq(validators.weightOf(alice), 0, "jailed");
        mine(stakes.jailBlocks());
        vm.prank(alice);
        stakes.unjail();
        assertEq(validators.weightOf(alice), STAKE - 1e18, "returned");
    }

    /// The rule of docs/reference/encodings.md, by walking the list.
    function test_drawnFor_isWhomThePointFallsOn() public {
        enrol(carol);
        enrol(bob);
        stakeAs(bob, 333e18);
        IJobManager.JobTerms memory terms = optimisticTermsFor(address(pay));
        terms.windows = 8;
        terms.validators = 3;
        uint256 job = activeWith(terms);
        uint256 forCarol = 0;
        for (uint256 k = 0; k < 8; ++k) {
            bytes32 id = submitWindow(alice, job, CHILD + k);
            mine(2);
            for (uint256 seat = 0; seat < 3; ++seat) {
                uint256 point = uint256(keccak256(abi.encode(blockhash(submittedAt(id) + 1), id, seat))) % (2 * uint256(STAKE) + 333e18);
                assertEq(validators.drawnFor(id, seat), point < STAKE ? carol : bob, "drawn");
                if (point < STAKE) ++forCarol;
            }
        }
        assertTrue(forCarol > 0 && forCarol < 24, "both are drawn");
    }

    function test_row21_draw_toTheBlock() public {
        enrol(bob);
        bytes32 id = submitWindow(alice, jobId, CHILD);
        uint256 drawBlock = height() + 1;
        vm.expectRevert(unavailable(drawBlock));
        validators.drawnFor(id, 0);
        rollTo(id, 1);
        vm.expectRevert(unavailable(drawBlock));
        validators.drawnFor(id, 0);
        rollTo(id, 2);
        assertEq(validators.drawnFor(id, 0), bob, "first");
        rollTo(id, 257);
        assertEq(validators.drawnFor(id, 0), bob, "last");
        rollTo(id, 258);
        vm.expectRevert(unavailable(drawBlock));
        validators.drawnFor(id, 0);
    }

    /// Whoever waits for the hash and acts then has chosen nothing.
    function test_row17_whatChangesAfterTheSubmissionsBlock_doesNotCount() public {
        enrol(bob);
        bytes32 id = submitWindow(alice, jobId, CHILD);
        uint256 snapshot = vm.snapshotState();
        for (uint256 offset = 1; offset < 4; ++offset) {
            rollTo(id, offset);
            enrol(carol);
            stakeAs(carol, 1_000_000e18);
            vm.prank(bob);
            stakes.unbond(STAKE - 1);
            rollTo(id, 4);
            assertEq(validators.drawnFor(id, 0), bob, "seat 0");
            assertEq(validators.drawnFor(id, 1), bob, "seat 1");
            vm.revertToState(snapshot);
        }
        retire(bob);
        rollTo(id, 2);
        assertEq(validators.drawnFor(id, 0), address(0), "in its block it counts");
    }

    function test_row17_whatChangesInTheSubmissionsBlock_counts() public {
        enrol(bob);
        bytes32 id = submitWindow(alice, jobId, CHILD);
        enrol(carol);
        retire(bob);
        rollTo(id, 2);
        assertEq(validators.drawnFor(id, 0), carol, "after the submission, in its block");
    }

    function test_drawnFor_nobody() public {
        bytes32 id = submitWindow(alice, jobId, CHILD);
        rollTo(id, 2);
        assertEq(validators.drawnFor(id, 0), address(0), "nobody is enrolled");
        vm.prank(bob);
        vm.expectRevert(notDrawn(id, 0, address(0), bob));
        validators.commitAttestation(id, 0, 0);
        enrol(alice);
        bytes32 next = submitWindow(alice, jobId, CHILD + 1);
        rollTo(next, 2);
        assertEq(validators.drawnFor(next, 0), address(0), "the worker itself");
        vm.prank(alice);
        vm.expectRevert(notDrawn(next, 0, address(0), alice));
        validators.commitAttestation(next, 0, 0);
        enrol(bob);
        retire(alice);
        bytes32 third = submitWindow(alice, jobId, CHILD + 2);
        rollTo(third, 2);
        assertEq(validators.drawnFor(third, 0), bob, "another");
    }

    function test_seats_thatThereAreNot() public {
        bytes32 id = submitted(true);
        vm.expectRevert(noSeat(id, 2));
        validators.drawnFor(id, 2);
        bytes32 nothing = keccak256("nothing");
        vm.expectRevert(noSeat(nothing, 0));
        validators.drawnFor(nothing, 0);
        vm.prank(bob);
        vm.expectRevert(noSeat(id, 2));
        validators.commitAttestation(id, 2, 0);
        vm.expectRevert(noSeat(id, 2));
        validators.revealAttestation(id, 2, 0, 0);
        vm.expectRevert(noSeat(id, 2));
        validators.settleSeat(id, 2);
        vm.expectRevert(noSeat(id, 2));
        validators.exposeDigest(id, 2, "", "", 0);
        bytes32 eager = finishWindow(alice, activeJob(), CHILD);
        vm.expectRevert(noSeat(eager, 0));
        validators.settleSeat(eager, 0);
        assertEq(validators.drawnFor(id, 1), bob, "the last seat");
    }

    function test_row21_commit_toTheBlock() public {
        enrol(bob);
        bytes32 id = submitWindow(alice, jobId, CHILD);
        bytes memory proof = submittedProof(id);
        bytes32 commitment = commitmentTo(id, 0, bob, digestOf(bob, proof));
        rollTo(id, 1);
        vm.startPrank(bob);
        vm.expectRevert(unavailable(submittedAt(id) + 1));
        validators.commitAttestation(id, 0, commitment);
        rollTo(id, FINALITY / 2 + 1);
        vm.expectRevert(abi.encodeWithSelector(IValidatorManager.CommitWindowOver.selector, id, submittedAt(id) + FINALITY / 2));
        validators.commitAttestation(id, 0, commitment);
        rollTo(id, 2);
        validators.commitAttestation(id, 0, commitment);
        rollTo(id, FINALITY / 2);
        validators.commitAttestation(id, 1, commitment);
        vm.stopPrank();
        assertSeat(id, 0, IValidatorManager.SeatState.Committed);
        assertSeat(id, 1, IValidatorManager.SeatState.Committed);
        assertEq(lockedOf(bob), 2 * uint256(BOND), "two bonds");
    }

    function test_commit_ofTheDrawnOperator() public {
        bytes32 id = submitted(true);
        bytes32 commitment = keccak256("commitment");
        vm.prank(carol);
        vm.expectRevert(notDrawn(id, 0, bob, carol));
        validators.commitAttestation(id, 0, commitment);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotRegistered.selector, stranger));
        validators.commitAttestation(id, 0, commitment);
        registerAs(bob, 0xb0b2);
        vm.prank(bobHot);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotRegistered.selector, bobHot));
        validators.commitAttestation(id, 0, commitment);
        vm.expectEmit(address(validators));
        emit IValidatorManager.AttestationCommitted(id, 0, bob, commitment);
        vm.prank(vm.addr(0xb0b2));
        validators.commitAttestation(id, 0, commitment);
        IValidatorManager.Seat memory seat = validators.seatOf(id, 0);
        assertEq(seat.operator, bob, "operator");
        assertEq(seat.bond, BOND, "bond");
        assertEq(seat.commitment, commitment, "commitment");
        vm.prank(bob);
        vm.expectRevert(wrongSeat(id, 0, IValidatorManager.SeatState.Committed));
        validators.commitAttestation(id, 0, commitment);
    }

    function test_commit_locksTheBond() public {
        bytes32 id = submitted(true);
        vm.prank(bob);
        stakes.unbond(STAKE - BOND + 1);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StakeTooSmall.selector, bob, BOND - 1, BOND));
        validators.commitAttestation(id, 0, 0);
        vm.prank(bob);
        stakes.rebond(1);
        vm.prank(bob);
        validators.commitAttestation(id, 0, 0);
        assertEq(stakes.freeStake(bob), 0, "all of it is locked");
    }

    function test_commit_onlyWhileThereIsADoubt() public {
        bytes32 id = submitted(true);
        uint256 snapshot = vm.snapshotState();
        settleAs(finder, id);
        vm.prank(bob);
        vm.expectRevert(nothingToAttest(id));
        validators.commitAttestation(id, 0, 0);
        vm.revertToState(snapshot);
        // Proved, but behind another that is not final.
        bytes32 second = submitWindow(alice, jobId, CHILD + 1);
        mine(2);
        settleAs(finder, second);
        assertEq(uint256(windows.leaseOf(second).state), uint256(IWindowManager.LeaseState.Submitted), "not final");
        vm.prank(bob);
        vm.expectRevert(nothingToAttest(second));
        validators.commitAttestation(second, 0, 0);
        vm.prank(bob);
        validators.commitAttestation(id, 0, 0);
        bytes32 third = submitFalseWindow(alice, jobId, CHILD + 2);
        mine(2);
        settleAs(finder, third, falseProof());
        vm.prank(bob);
        vm.expectRevert(nothingToAttest(third));
        validators.commitAttestation(third, 0, 0);
    }

    function test_row21_reveal_toTheBlock() public {
        bytes32 id = committed(true);
        bytes memory proof = submittedProof(id);
        commit(bob, id, 1, proof);
        rollTo(id, FINALITY / 2);
        vm.expectRevert(abi.encodeWithSelector(IValidatorManager.RevealTooEarly.selector, id, submittedAt(id) + FINALITY / 2 + 1));
        reveal(bob, id, 0, proof);
        rollTo(id, FINALITY + 1);
        vm.expectRevert(abi.encodeWithSelector(IValidatorManager.RevealWindowOver.selector, id, submittedAt(id) + FINALITY));
        reveal(bob, id, 0, proof);
        rollTo(id, FINALITY / 2 + 1);
        vm.expectEmit(address(validators));
        emit IValidatorManager.AttestationRevealed(id, 0, bob, digestOf(bob, proof));
        reveal(bob, id, 0, proof);
        rollTo(id, FINALITY);
        reveal(bob, id, 1, proof);
        assertSeat(id, 0, IValidatorManager.SeatState.Revealed);
        assertSeat(id, 1, IValidatorManager.SeatState.Revealed);
        vm.expectRevert(wrongSeat(id, 0, IValidatorManager.SeatState.Revealed));
        reveal(bob, id, 0, proof);
    }

    function test_row10_reveal_ofAnythingElse_isRefused() public {
        bytes32 id = committed(true);
        bytes32 digest = digestOf(bob, submittedProof(id));
        bytes32 commitment = validators.seatOf(id, 0).commitment;
        // The same words for the other seat, and for another submission.
        vm.prank(bob);
        validators.commitAttestation(id, 1, commitment);
        bytes32 other = submitWindow(alice, jobId, CHILD + 1);
        mine(2);
        vm.prank(bob);
        validators.commitAttestation(other, 0, commitment);
        rollTo(other, FINALITY / 2 + 1);
        vm.expectPartialRevert(IValidatorManager.CommitmentMismatch.selector);
        validators.revealAttestation(id, 1, digest, SALT);
        vm.expectPartialRevert(IValidatorManager.CommitmentMismatch.selector);
        validators.revealAttestation(other, 0, digest, SALT);
        vm.expectPartialRevert(IValidatorManager.CommitmentMismatch.selector);
        validators.revealAttestation(id, 0, digest, keccak256("another salt"));
        vm.expectPartialRevert(IValidatorManager.CommitmentMismatch.selector);
        validators.revealAttestation(id, 0, keccak256("another digest"), SALT);
        vm.expectRevert(wrongSeat(other, 1, IValidatorManager.SeatState.Empty));
        validators.revealAttestation(other, 1, digest, SALT);
        vm.prank(stranger);
        validators.revealAttestation(id, 0, digest, SALT);
    }

    /// Between commitment and reveal the operator's slot is given up and taken again, its hot key changes, another operator comes.
    function test_row10_reRegisteredSlot_betweenCommitAndReveal() public {
        bytes32 id = committed(true);
        bytes32 digest = digestOf(bob, submittedProof(id));
        retire(bob);
        enrol(carol);
        vm.prank(bob);
        nodes.deregister();
        assertEq(validators.drawnFor(id, 0), bob, "the seat is bob's");
        assertEq(validators.drawnFor(id, 1), bob, "the other one, too");
        vm.prank(carol);
        vm.expectRevert(notDrawn(id, 1, bob, carol));
        validators.commitAttestation(id, 1, 0);
        registerAs(bob, 0xb0b2);
        enrol(bob);
        rollTo(id, FINALITY / 2 + 1);
        // What carol or a new key would have said is not what was committed.
        bytes32 copied = digestOf(carol, submittedProof(id));
        vm.prank(carol);
        vm.expectPartialRevert(IValidatorManager.CommitmentMismatch.selector);
        validators.revealAttestation(id, 0, copied, SALT);
        vm.prank(bob);
        validators.revealAttestation(id, 0, digest, SALT);
        assertEq(validators.seatOf(id, 0).operator, bob, "bob's");
    }

    /// Carol copies bob's commitment for a seat of its own, and then, revealed, his digest.
    function test_row9_aCopiedCommitment_isOfNoUse() public {
        (bytes32 id, uint256 bobs, uint256 carols) = sharedSeats();
        bytes memory proof = submittedProof(id);
        commit(bob, id, bobs, proof);
        bytes32 copied = validators.seatOf(id, bobs).commitment;
        vm.prank(carol);
        validators.commitAttestation(id, carols, copied);
        rollTo(id, FINALITY / 2 + 1);
        reveal(bob, id, bobs, proof);
        bytes32 digest = validators.seatOf(id, bobs).digest;
        vm.prank(carol);
        vm.expectPartialRevert(IValidatorManager.CommitmentMismatch.selector);
        validators.revealAttestation(id, carols, digest, SALT);
        // Nor could it have guessed the digest and committed to that in time: it is bob's, and exposed.
        finalized(id);
        rollTo(id, FINALITY + ANSWER + 1);
        settleSeat(stranger, id, bobs);
        settleSeat(stranger, id, carols);
        assertEq(owed(bob), SHARE, "bob is paid");
        assertEq(owed(carol), 0, "the copier is not");
        assertEq(lockedOf(carol), 0, "its bond returns");
    }

    function test_row9_aCopiedDigest_isExposed() public {
        (bytes32 id, uint256 bobs, uint256 carols) = sharedSeats();
        bytes memory proof = submittedProof(id);
        bytes32 digest = digestOf(bob, proof);
        commitDigest(bob, id, bobs, digest);
        commitDigest(carol, id, carols, digest);
        rollTo(id, FINALITY / 2 + 1);
        validators.revealAttestation(id, bobs, digest, SALT);
        validators.revealAttestation(id, carols, digest, SALT);
        vm.expectRevert(abi.encodeWithSelector(IValidatorManager.DigestIsTrue.selector, id, bobs));
        validators.exposeDigest(id, bobs, proof, OPENING, SALT);
        validators.exposeDigest(id, carols, proof, OPENING, SALT);
        assertEq(stakes.stakeOf(carol).active, STAKE - BOND, "slashed");
    }

    /// A submission of alice's that has a seat of bob's and one of carol's.
    function sharedSeats() private returns (bytes32 id, uint256 bobs, uint256 carols) {
        enrol(bob);
        enrol(carol);
        while (true) {
            id = submitWindow(alice, jobId, CHILD);
            rollTo(id, 2);
            address first = validators.drawnFor(id, 0);
            if (first != validators.drawnFor(id, 1)) return first == bob ? (id, 0, 1) : (id, 1, 0);
            jobId = optimisticJob();
        }
    }

    function test_settle_notBeforeTheSubmissionIsOver() public {
        bytes32 id = revealed(true);
        vm.expectRevert(notOver(id));
        validators.settleSeat(id, 0);
        rollTo(id, FINALITY + ANSWER + 1);
        vm.expectRevert(notOver(id));
        validators.settleSeat(id, 0);
        windows.finalize(jobId, 1);
        validators.settleSeat(id, 0);
    }

    function test_row21_settle_toTheBlock() public {
        bytes32 id = revealed(true);
        finalized(id);
        vm.expectRevert(notOver(id));
        validators.settleSeat(id, 0);
        rollTo(id, FINALITY + ANSWER);
        vm.expectRevert(notOver(id));
        validators.settleSeat(id, 0);
        rollTo(id, FINALITY + ANSWER + 1);
        vm.expectEmit(address(validators));
        emit IValidatorManager.SeatSettled(id, 0, bob, "paid");
        validators.settleSeat(id, 0);
        assertEq(owed(bob), SHARE, "paid");
        assertEq(lockedOf(bob), 0, "the bond returns");
        assertEq(validators.seatOf(id, 0).bond, 0, "nothing locked");
    }

    function test_settle_eachSeatOnce_payIsConserved() public {
        bytes32 id = revealed(true);
        uint256 before = owed(requester);
        uint256 escrow = rewards.escrowOf(jobId, address(pay));
        finalized(id);
        rollTo(id, FINALITY + ANSWER + 1);
        settleSeat(stranger, id, 0);
        vm.expectEmit(address(validators));
        emit IValidatorManager.SeatSettled(id, 1, address(0), "unpaid");
        settleSeat(stranger, id, 1);
        assertEq(owed(bob), SHARE, "revealed");
        assertEq(owed(requester) - before, SHARE, "nobody's seat");
        assertEq(owed(alice), PRICE - 2 * SHARE, "worker");
        assertEq(escrow - rewards.escrowOf(jobId, address(pay)), PRICE, "one unit, all of it");
        for (uint256 seat = 0; seat < 2; ++seat) {
            vm.expectRevert(wrongSeat(id, seat, IValidatorManager.SeatState.Settled));
            validators.settleSeat(id, seat);
        }
        vm.expectRevert(wrongSeat(id, 0, IValidatorManager.SeatState.Settled));
        reveal(bob, id, 0, "");
        vm.expectRevert(wrongSeat(id, 0, IValidatorManager.SeatState.Settled));
        validators.exposeDigest(id, 0, "", "", 0);
    }

    function test_settle_whoDoesNotReveal_isNotPaid() public {
        bytes32 id = committed(true);
        uint256 before = owed(requester);
        finalized(id);
        rollTo(id, FINALITY + ANSWER + 1);
        vm.expectEmit(address(validators));
        emit IValidatorManager.SeatSettled(id, 0, bob, "unpaid");
        validators.settleSeat(id, 0);
        assertEq(owed(bob), 0, "unpaid");
        assertEq(owed(requester) - before, SHARE, "back to the requester");
        assertEq(lockedOf(bob), 0, "the bond returns");
        assertEq(stakes.stakeOf(bob).active, STAKE, "all of it");
    }

    /// A proof that comes early takes nothing from whom has vouched before.
    function test_settle_provedInTheCommitWindow_paysWhoReveals() public {
        bytes32 id = committed(true);
        settleAs(finder, id);
        assertEq(uint256(windows.leaseOf(id).state), uint256(IWindowManager.LeaseState.Finalized), "final");
        vm.expectRevert(notOver(id));
        settleSeat(requester, id, 0);
        rollTo(id, FINALITY / 2 + 1);
        reveal(bob, id, 0, submittedProof(id));
        rollTo(id, FINALITY + ANSWER + 1);
        settleSeat(stranger, id, 0);
        assertEq(owed(bob), SHARE, "paid");
    }

    function test_settle_inACancelledJob_pays() public {
        bytes32 id = revealed(true);
        vm.prank(requester);
        jobs.cancel(jobId);
        finalized(id);
        rollTo(id, FINALITY + ANSWER + 1);
        settleSeat(stranger, id, 0);
        settleSeat(stranger, id, 1);
        assertEq(owed(bob), SHARE, "paid");
        assertEq(rewards.escrowOf(jobId, address(pay)), 0, "nothing stays behind");
    }

    /// Two validators vouch for a false proof; somebody brings it to the verifier: worker and validators lose their bonds.
    function test_row18_colludingValidators_areSlashedWithTheSubmission() public {
        bytes32 id = revealed(false);
        rollTo(id, FINALITY / 2);
        commit(bob, id, 1, falseProof());
        rollTo(id, FINALITY);
        commitSubmittedAs(finder, id);
        settleAs(finder, id, falseProof());
        assertEq(uint256(windows.leaseOf(id).state), uint256(IWindowManager.LeaseState.Rejected), "rejected");
        assertEq(stakes.stakeOf(alice).active, STAKE - BOND, "the worker");
        uint256 harmedBefore = owedStake(requester);
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(validators));
        emit IValidatorManager.SeatSettled(id, 0, bob, "slashed");
        settleSeat(stranger, id, 0);
        assertEq(stakes.stakeOf(bob).active, STAKE - BOND, "who revealed");
        assertEq(owedStake(stranger), 30e18, "the sender is the finder");
        assertEq(owedStake(requester) - harmedBefore, 20e18, "the requester is harmed");
        assertEq(supply - token.totalSupply(), 50e18, "burned");
        assertEq(validators.weightOf(bob), 0, "out of the draw");
        // Waiting with the reveal until nothing can happen any more does not help.
        settleSeat(stranger, id, 1);
        assertEq(stakes.stakeOf(bob).active, STAKE - 2 * BOND, "who only committed");
        assertEq(lockedOf(bob), 0, "nothing stays locked");
        assertEq(owed(bob), 0, "nothing is paid");
        assertEq(rewards.escrowOf(jobId, address(pay)), 3 * uint256(PRICE), "all windows are still to be paid");
    }

    /// However many vouch for it, what nobody has proved is only as final as silence makes it, and a true proof needs nobody.
    function test_row18_attestationsFinalizeNothing() public {
        bytes32 id = revealed(false);
        rollTo(id, FINALITY);
        vm.expectPartialRevert(IWindowManager.NotFinalYet.selector);
        windows.finalize(jobId, 1);
        settleAs(finder, id, falseProof());
        assertEq(windows.progressOf(jobId).finalized, 0, "nothing final");
        bytes32 next = submitWindow(carol, jobId, CHILD + 1);
        settleAs(finder, next);
        assertEq(windows.progressOf(jobId).finalized, 1, "by the verifier's word");
    }

    function test_row13_theSameFault_isSlashedOnce() public {
        bytes32 id = revealed(false);
        settleAs(finder, id, falseProof());
        settleSeat(stranger, id, 0);
        vm.expectRevert(wrongSeat(id, 0, IValidatorManager.SeatState.Settled));
        settleSeat(stranger, id, 0);
        bytes memory proof = falseProof();
        vm.expectRevert(wrongSeat(id, 0, IValidatorManager.SeatState.Settled));
        validators.exposeDigest(id, 0, proof, OPENING, SALT);
        assertEq(stakes.stakeOf(bob).active, STAKE - BOND, "one bond");
        assertEq(lockedOf(bob), 0, "released");
    }

    /// A bond cannot leave while it vouches, and what is unbonding bears the slash with it.
    function test_row13_aValidatorThatLeaves_isSlashed() public {
        bytes32 id = revealed(false);
        retire(bob);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StakeTooSmall.selector, bob, STAKE - BOND, STAKE));
        stakes.unbond(STAKE);
        vm.prank(bob);
        stakes.unbond(STAKE - BOND);
        settleAs(finder, id, falseProof());
        mine(UNBONDING);
        settleSeat(stranger, id, 0);
        IStakeManager.Stake memory left = stakes.stakeOf(bob);
        assertEq(uint256(left.active) + left.unbonding, STAKE - BOND, "a whole bond");
        vm.prank(bob);
        assertEq(stakes.withdraw(), STAKE - BOND - (uint256(BOND) * (STAKE - BOND)) / STAKE, "the rest leaves");
    }

    function test_row14_selfSlash_losesHalfOrMore() public {
        bytes32 id = revealed(false);
        settleAs(finder, id, falseProof());
        uint256 harmedBefore = owedStake(requester);
        uint256 snapshot = vm.snapshotState();
        settleSeat(bob, id, 0);
        assertEq(owedStake(bob), 0, "finds itself for nothing");
        vm.revertToState(snapshot);
        settleSeat(bobHot, id, 0);
        assertEq(owedStake(bobHot), 0, "nor by its hot key");
        vm.revertToState(snapshot);
        settleSeat(stranger, id, 0);
        assertEq(owedStake(stranger) + owedStake(requester) - harmedBefore, BOND / 2, "half, with everybody in one hand");
    }

    function test_row11_withheld_returnsTheBonds() public {
        bytes32 id = committed(true);
        uint256 bond = challenges.demandBond();
        vm.deal(finder, bond);
        vm.prank(finder);
        challenges.demand{value: bond}(id);
        mine(ANSWER + 1);
        reveal(bob, id, 0, submittedProof(id));
        challenges.slashWithheld(id);
        assertTrue(windows.submissionOf(id).withheld, "withheld");
        vm.expectEmit(address(validators));
        emit IValidatorManager.SeatSettled(id, 0, bob, "unpaid");
        settleSeat(stranger, id, 0);
        assertEq(stakes.stakeOf(bob).active, STAKE, "nothing is shown against it");
        assertEq(lockedOf(bob), 0, "the bond returns");
        assertEq(owed(bob), 0, "unpaid");
    }

    function test_row23a_orphaned_returnsTheBonds() public {
        enrol(bob);
        bytes32 under = submitFalseWindow(alice, jobId, CHILD);
        bytes32 id = submitWindow(carol, jobId, CHILD + 1);
        mine(2);
        commit(bob, id, 0, submittedProof(id));
        settleAs(finder, under, falseProof());
        assertEq(uint256(windows.leaseOf(id).state), uint256(IWindowManager.LeaseState.Orphaned), "orphaned");
        settleSeat(stranger, id, 0);
        settleSeat(stranger, id, 1);
        settleSeat(stranger, under, 0);
        assertEq(stakes.stakeOf(bob).active, STAKE, "not slashed");
        assertEq(lockedOf(bob), 0, "the bond returns");
        assertEq(owed(bob) + owed(requester), 0, "nothing is paid");
        assertSeat(id, 0, IValidatorManager.SeatState.Settled);
    }

    function wrongDigest() private returns (bytes32 id) {
        id = submitted(true);
        commitDigest(bob, id, 0, keccak256("anything"));
        rollTo(id, FINALITY / 2 + 1);
        validators.revealAttestation(id, 0, keccak256("anything"), SALT);
    }

    function test_expose_slashesADigestThatIsNotTheBytes() public {
        bytes32 id = wrongDigest();
        bytes memory proof = submittedProof(id);
        uint256 supply = token.totalSupply();
        vm.expectRevert(
            abi.encodeWithSelector(
                IValidatorManager.ProofMismatch.selector, proofHashOf(proof), proofHashOf(abi.encodePacked(proof, "more"))
            )
        );
        validators.exposeDigest(id, 0, abi.encodePacked(proof, "more"), OPENING, SALT);
        vm.expectEmit(address(validators));
        emit IValidatorManager.AttestationExposed(id, 0, bob, address(0));
        validators.exposeDigest(id, 0, proof, OPENING, SALT);
        assertEq(stakes.stakeOf(bob).active, STAKE - BOND, "slashed");
        assertEq(lockedOf(bob), 0, "released");
        assertEq(supply - token.totalSupply(), 80e18, "nobody committed the evidence");
        assertSeat(id, 0, IValidatorManager.SeatState.Empty);
        vm.expectRevert(wrongSeat(id, 0, IValidatorManager.SeatState.Empty));
        validators.exposeDigest(id, 0, proof, OPENING, SALT);
        vm.prank(bob);
        vm.expectPartialRevert(IValidatorManager.CommitWindowOver.selector);
        validators.commitAttestation(id, 0, 0);
        uint256 before = owed(requester);
        finalized(id);
        rollTo(id, FINALITY + ANSWER + 1);
        settleSeat(stranger, id, 0);
        assertEq(owed(requester) - before, SHARE, "the share goes back");
        assertEq(owed(bob), 0, "unpaid");
    }

    /// Who copies the exposure from the mempool gets nothing for it.
    function test_row23c_expose_rewardsWhoCommittedBefore() public {
        bytes32 id = wrongDigest();
        bytes memory proof = submittedProof(id);
        commitSubmittedAs(finder, id);
        uint256 snapshot = vm.snapshotState();
        vm.prank(stranger);
        validators.exposeDigest(id, 0, proof, OPENING, SALT);
        assertEq(owedStake(stranger), 0, "the copier");
        vm.revertToState(snapshot);
        vm.prank(finder);
        validators.exposeDigest(id, 0, proof, OPENING, SALT);
        assertEq(owedStake(finder), 30e18, "the finder");
        assertEq(owedStake(requester), 20e18, "the requester");
    }

    /// From the last block of a reveal there are answerBlocks to expose it, whoever finalizes when.
    function test_row21_expose_toTheBlock() public {
        bytes32 id = submitted(true);
        commitDigest(bob, id, 0, keccak256("anything"));
        bytes memory proof = submittedProof(id);
        vm.expectRevert(wrongSeat(id, 0, IValidatorManager.SeatState.Committed));
        validators.exposeDigest(id, 0, proof, OPENING, SALT);
        rollTo(id, FINALITY);
        validators.revealAttestation(id, 0, keccak256("anything"), SALT);
        finalized(id);
        rollTo(id, FINALITY + ANSWER);
        vm.expectRevert(notOver(id));
        settleSeat(bob, id, 0);
        uint256 snapshot = vm.snapshotState();
        validators.exposeDigest(id, 0, proof, OPENING, SALT);
        assertEq(stakes.stakeOf(bob).active, STAKE - BOND, "in time");
        vm.revertToState(snapshot);
        mine(1);
        settleSeat(bob, id, 0);
        vm.expectRevert(wrongSeat(id, 0, IValidatorManager.SeatState.Settled));
        validators.exposeDigest(id, 0, proof, OPENING, SALT);
    }

    function test_expose_ofATrueDigest_isRefused() public {
        bytes32 id = revealed(true);
        bytes memory proof = submittedProof(id);
        vm.expectRevert(abi.encodeWithSelector(IValidatorManager.DigestIsTrue.selector, id, 0));
        validators.exposeDigest(id, 0, proof, OPENING, SALT);
        assertSeat(id, 0, IValidatorManager.SeatState.Revealed);
    }

    /// A stake that is cut into 100 has the same weight, and none of the pieces can lock a bond that the whole could lock twenty times.
    function test_row19_splitStake_drawsAndLocksNoBetter() public {
        enrol(carol);
        uint256 before = validators.totalWeight();
        for (uint256 i = 0; i < 100; ++i) {
            address piece = address(uint160(0x8000 + i));
            enlist(piece, 0x80000 + i, STAKE / 100);
            enrol(piece);
        }
        assertEq(validators.totalWeight() - before, STAKE, "the weight of the whole");
        bytes32 id = submitWindow(alice, jobId, CHILD);
        while (true) {
            rollTo(id, 2);
            address drawn = validators.drawnFor(id, 0);
            if (drawn != carol) {
                vm.prank(drawn);
                vm.expectRevert(abi.encodeWithSelector(IStakeManager.StakeTooSmall.selector, drawn, STAKE / 100, BOND));
                validators.commitAttestation(id, 0, 0);
                break;
            }
            vm.prank(carol);
            validators.commitAttestation(id, 0, 0);
            jobId = optimisticJob();
            id = submitWindow(alice, jobId, CHILD);
        }
    }

    /// The lock of a bond always ends: over random runs every seat is settled, and then nothing is locked and all is paid out.
    function testFuzz_row16_seats_leaveNothingBehind(uint256 seed) public {
        enrol(bob);
        enrol(carol);
        bool isTrue = seed % 3 != 0;
        bytes32 id = isTrue ? submitWindow(alice, jobId, CHILD) : submitFalseWindow(alice, jobId, CHILD);
        bytes memory proof = proofOf(id, isTrue);
        rollTo(id, 2 + (seed >> 8) % (FINALITY / 2 - 1));
        uint256 told = (seed >> 16) % 9;
        for (uint256 seat = 0; seat < 2; ++seat) {
            if (seat == 0 ? told % 3 == 0 : told < 3) continue;
            address drawn = validators.drawnFor(id, seat);
            commit(drawn, id, seat, proof);
        }
        rollTo(id, FINALITY / 2 + 1 + (seed >> 24) % (FINALITY / 2));
        if (told % 3 == 2) reveal(validators.seatOf(id, 0).operator, id, 0, proof);
        if (told >= 6) reveal(validators.seatOf(id, 1).operator, id, 1, proof);
        if (isTrue && (seed >> 32) % 2 == 0) finalized(id);
        else settleAs(finder, id, proof);
        rollTo(id, FINALITY + ANSWER + 1);
        settleSeat(stranger, id, 0);
        settleSeat(stranger, id, 1);
        assertEq(lockedOf(bob) + lockedOf(carol) + lockedOf(alice), 0, "locked");
        uint256 paid = owed(alice) + owed(bob) + owed(carol) + owed(requester);
        assertEq(paid, isTrue ? PRICE : 0, "one unit or none");
        assertEq(paid + rewards.escrowOf(jobId, address(pay)), 3 * uint256(PRICE), "escrow");
        uint256 slashed = isTrue ? 0 : BOND * ((told % 3 == 0 ? 0 : 1) + (told < 3 ? 0 : 1));
        assertEq(uint256(stakes.stakeOf(bob).active) + stakes.stakeOf(carol).active, 2 * uint256(STAKE) - slashed, "bonds");
    }
}
