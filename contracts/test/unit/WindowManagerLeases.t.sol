// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Wired} from "../../src/Modules.sol";
import {IChallengeManager} from "../../src/interfaces/IChallengeManager.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {INodeRegistry} from "../../src/interfaces/INodeRegistry.sol";
import {IStakeManager} from "../../src/interfaces/IStakeManager.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {InferenceFixture} from "../utils/InferenceFixture.sol";

/// From WindowManager.tree: leases.
contract WindowManagerLeasesTest is InferenceFixture {
    function setUp() public override {
        super.setUp();
        mine(1);
    }

    function refusedLease(address sender, uint256 jobId, uint256 contribution, uint256 expectedId, bytes memory reason) internal {
        vm.prank(sender);
        vm.expectRevert(reason);
        windows.lease(jobId, contribution, expectedId);
    }

    function releaseAs(address sender, bytes32 id) internal {
        vm.prank(sender);
        windows.release(id);
    }

    function refusedRelease(address sender, bytes32 id, bytes memory reason) internal {
        vm.expectRevert(reason);
        releaseAs(sender, id);
    }

    function refusedExpire(bytes32 id, bytes memory reason) internal {
        vm.expectRevert(reason);
        windows.expire(id);
    }

    function wrongLease(bytes32 id, IWindowManager.LeaseState state) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IWindowManager.WrongLeaseState.selector, id, state);
    }

    function wrongJob(uint256 jobId, IJobManager.JobState state) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IWindowManager.WrongJobState.selector, jobId, uint8(state));
    }

    function done(uint256 jobId, uint256 windowIndex) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IWindowManager.WindowDone.selector, jobId, windowIndex);
    }

    function notHolder(bytes32 id, address operator, address sender) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IWindowManager.NotLeaseHolder.selector, id, operator, sender);
    }

    function stateOf(bytes32 id) internal view returns (IWindowManager.LeaseState) {
        return windows.leaseOf(id).state;
    }

    function assertLease(bytes32 id, IWindowManager.LeaseState state) internal view {
        assertEq(uint256(stateOf(id)), uint256(state), "state of the lease");
    }

    function lockedOf(address operator) internal view returns (uint256) {
        return stakes.stakeOf(operator).locked;
    }

    function priorityJob() internal returns (uint256) {
        IJobManager.JobTerms memory terms = termsFor(address(pay));
        terms.priorityBlocks = 10;
        terms.fee = FEE;
        terms.windows = 9;
        return activeWith(terms);
    }

    /// Lapses the exclusive lease of the next window.
    function lapse(address by, uint256 jobId) internal returns (bytes32 id) {
        id = leaseAs(by, jobId);
        vm.roll(windows.leaseOf(id).deadline + 1);
        windows.expire(id);
    }

    function test_lease_isTakenByOperatorOrHotKey() public {
        uint256 jobId = activeJob();
        bytes32 first = leaseAs(alice, jobId);
        IWindowManager.Lease memory leased = windows.leaseOf(first);
        assertEq(leased.operator, alice, "operator");
        assertEq(leased.jobId, jobId, "job");
        assertEq(leased.leaseNonce, 1, "nonce");
        assertEq(leased.registrationNonce, 1, "registration nonce");
        assertEq(leased.start, height(), "start");
        assertEq(leased.deadline, height() + 20, "deadline");
        assertEq(leased.locked, LEASE_BOND, "locked");
        assertEq(leased.penalty, PENALTY, "penalty");
        assertTrue(!leased.raced, "exclusive");
        assertEq(lockedOf(alice), LEASE_BOND, "stake locked");
        assertEq(windows.slotOf(jobId, 0).holder, first, "holder");
        assertEq(windows.slotOf(jobId, 0).held, 1, "held");
        assertEq(windows.progressOf(jobId).pendingSlots, 1, "pending");
        assertEq(windows.submissionAt(jobId, 0), bytes32(0), "nothing submitted");
        releaseAs(aliceHot, first);
        bytes32 second = leaseAs(aliceHot, jobId);
        assertEq(windows.leaseOf(second).operator, alice, "the hot key leases for its operator");
        assertEq(windows.leaseOf(second).leaseNonce, 2, "next nonce");
    }

    function test_lease_refusesJobsThatAreNotActive() public {
        refusedLease(alice, 99, 0, genesisId, abi.encodeWithSelector(IJobManager.UnknownJob.selector, 99));
        uint256 jobId = openJob(address(pay));
        // Nobody's account at all: the job's state comes first.
        refusedLease(stranger, jobId, 0, genesisId, wrongJob(jobId, IJobManager.JobState.Open));
        mine(9);
        jobs.captureSeed(jobId);
        vm.prank(requester);
        jobs.pause(jobId);
        refusedLease(alice, jobId, 0, genesisId, wrongJob(jobId, IJobManager.JobState.Paused));
        vm.prank(requester);
        jobs.resume(jobId);
        leaseAs(alice, jobId);
        vm.prank(requester);
        jobs.cancel(jobId);
        refusedLease(bob, jobId, 0, genesisId, wrongJob(jobId, IJobManager.JobState.Cancelled));
    }

    function test_lease_refusesWhoMayNotWork() public {
        IJobManager.JobTerms memory terms = termsFor(address(pay));
        terms.worker = alice;
        uint256 jobId = activeWith(terms);
        refusedLease(stranger, jobId, 0, genesisId, abi.encodeWithSelector(INodeRegistry.NotRegistered.selector, stranger));
        refusedLease(bob, jobId, 0, genesisId, abi.encodeWithSelector(IWindowManager.NotTheWorker.selector, jobId, alice, bob));
        bytes32 first = leaseAs(alice, jobId);
        // Alice lies under her lease: it is taken from her, and she is jailed.
        IChallengeManager.Evidence memory evidence = evidenceOf(first, wordsAbout(first), falseProof(), aliceKey);
        commitAs(finder, evidence);
        vm.prank(finder);
        challenges.slashByEvidence(evidence);
        assertLease(first, IWindowManager.LeaseState.Revoked);
        assertEq(lockedOf(alice), 0, "nothing stays locked");
        assertEq(windows.progressOf(jobId).pendingSlots, 0, "nothing pends");
        refusedLease(alice, jobId, 0, genesisId, abi.encodeWithSelector(IWindowManager.Jailed.selector, alice));
        mine(stakes.jailBlocks());
        vm.prank(alice);
        stakes.unjail();
        bytes32 second = leaseAs(alice, jobId);
        assertTrue(!windows.leaseOf(second).raced, "a revoked lease is no lapse");
    }

    function test_lease_refusesWhereNothingIsLeft() public {
        IJobManager.JobTerms memory terms = optimisticTermsFor(address(pay));
        terms.windows = 1;
        uint256 jobId = activeWith(terms);
        refusedLease(alice, jobId, 1, genesisId, abi.encodeWithSelector(IWindowManager.NoSuchContribution.selector, 1, 1));
        submitWindow(alice, jobId, 501);
        refusedLease(bob, jobId, 0, 501, done(jobId, 1));

        terms.windows = 9;
        uint256 longer = activeWith(terms);
        for (uint256 i = 0; i < 8; ++i) submitWindow(i % 2 == 0 ? alice : bob, longer, 600 + i);
        refusedLease(alice, longer, 7, 607, abi.encodeWithSelector(IWindowManager.TooManyUnfinalized.selector, longer, 8));
        mine(41);
        windows.finalize(longer, 1);
        leaseAs(alice, longer);
    }

    /// Every unit that can be leased is in escrow from the start, so a job never runs dry under a worker: it ends with its last unit.
    function test_row22_lease_untilTheEscrowIsSpent() public {
        uint256 jobId = activeJob();
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(rewards.escrowOf(jobId, address(pay)), (3 - i) * PRICE, "what is left to do is there");
            finishWindow(alice, jobId, 501 + i);
        }
        assertEq(rewards.escrowOf(jobId, address(pay)), 0, "spent");
        assertEq(rewards.claimable(address(pay), alice), 3 * PRICE, "all of it earned");
        refusedLease(alice, jobId, 0, 503, wrongJob(jobId, IJobManager.JobState.Completed));
        vm.prank(requester);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.WrongJobState.selector, jobId, IJobManager.JobState.Completed));
        jobs.resume(jobId);
    }

    function test_lease_refusesAnotherStart() public {
        uint256 jobId = activeJob();
        refusedLease(
            alice, jobId, 0, genesisId + 1, abi.encodeWithSelector(IWindowManager.StartMoved.selector, jobId, genesisId + 1, genesisId)
        );
        finishWindow(alice, jobId, 501);
        refusedLease(alice, jobId, 0, genesisId, abi.encodeWithSelector(IWindowManager.StartMoved.selector, jobId, genesisId, 501));
        leaseAs(alice, jobId);

        uint256 asked = ask();
        refusedLease(alice, asked, 0, 900, abi.encodeWithSelector(IJobManager.InputMissing.selector, asked, 0));
        addInputs(asked, 1);
        refusedLease(alice, asked, 0, 901, abi.encodeWithSelector(IWindowManager.StartMoved.selector, asked, 901, 900));
        leaseAs(alice, asked);
    }

    function test_row21_lease_overOneThatIsLate() public {
        uint256 jobId = activeJob();
        bytes32 first = leaseAs(alice, jobId);
        uint256 deadline = windows.leaseOf(first).deadline;
        vm.roll(deadline - 1);
        refusedLease(bob, jobId, 0, genesisId, abi.encodeWithSelector(IWindowManager.LeaseHeld.selector, first, alice, deadline));
        vm.roll(deadline);
        refusedLease(bob, jobId, 0, genesisId, abi.encodeWithSelector(IWindowManager.LeaseHeld.selector, first, alice, deadline));
        vm.roll(deadline + 1);
        uint256 supply = token.totalSupply();
        bytes32 second = leaseAs(bob, jobId);
        assertLease(first, IWindowManager.LeaseState.Lapsed);
        assertEq(lockedOf(alice), 0, "the late bond returned");
        assertEq(supply - token.totalSupply(), PENALTY, "the penalty burned");
        assertTrue(windows.leaseOf(second).raced, "raced from here on");
        assertEq(windows.leaseOf(second).penalty, 0, "raced ones lose nothing");
        IWindowManager.Slot memory slot = windows.slotOf(jobId, 0);
        assertEq(slot.lapsedAt, deadline + 1, "lapsed now");
        assertEq(slot.held, 1, "one holds it");
        assertEq(slot.holder, first, "the latest exclusive one");
        // Any number may hold it, one operator more than once, each for a bond of its own.
        leaseAs(bob, jobId);
        leaseAs(alice, jobId);
        assertEq(lockedOf(bob), 2 * LEASE_BOND, "two bonds");
        assertEq(windows.slotOf(jobId, 0).held, 3, "three hold it");
        assertEq(windows.progressOf(jobId).pendingSlots, 1, "one slot");
    }

    function test_row21_lease_waitsForItsPriority() public {
        uint256 jobId = priorityJob();
        // A newcomer's factor is 10,000: it waits for all of priorityBlocks.
        uint256 first = uint256(jobs.jobOf(jobId).activeBlock) + 10;
        vm.roll(first - 1);
        refusedLease(alice, jobId, 0, genesisId, abi.encodeWithSelector(IWindowManager.PriorityWait.selector, jobId, first));
        vm.roll(first);
        finishWindow(alice, jobId, 501);
        // The fee that was burned for her is reputation.
        uint256 factor = reputation.factorOf(alice);
        assertTrue(factor > 10_000, "reputed");
        uint256 available = windows.progressOf(jobId).availableAt;
        assertEq(available, first, "available since the window before was done");
        uint256 wait = (10 * (15_000 - factor)) / 5_000;
        assertTrue(wait < 10, "shorter");
        vm.roll(available + wait - 1);
        refusedLease(
            alice, jobId, 0, 501, abi.encodeWithSelector(IWindowManager.PriorityWait.selector, jobId, available + wait)
        );
        vm.roll(available + wait);
        refusedLease(bob, jobId, 0, 501, abi.encodeWithSelector(IWindowManager.PriorityWait.selector, jobId, available + 10));
        bytes32 id = leaseAs(alice, jobId);
        uint256 bonded = (uint256(BOND) * 15_000 + reputation.factorOf(alice) - 1) / reputation.factorOf(alice);
        assertEq(windows.leaseOf(id).locked, bonded, "a smaller bond");
        assertTrue(bonded < LEASE_BOND && bonded > BOND, "between a bond and that of a newcomer");
    }

    function test_lease_nobodyWaitsAfterALapse() public {
        uint256 jobId = priorityJob();
        mine(10);
        lapse(alice, jobId);
        bytes32 raced = leaseAs(bob, jobId);
        submitAndSettleAs(bob, raced, trained(501));
        // The next window is fresh: its slot is not raced, and newcomers wait again.
        refusedLease(
            alice, jobId, 0, 501, abi.encodeWithSelector(IWindowManager.PriorityWait.selector, jobId, height() + 10)
        );
    }

    function test_row21_release_withinItsFreeBlocks() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        uint256 last = height() + 4;
        refusedRelease(bob, id, notHolder(id, alice, bob));
        vm.roll(last + 1);
        refusedRelease(alice, id, abi.encodeWithSelector(IWindowManager.ReleaseTooLate.selector, id, last));
        vm.roll(last);
        releaseAs(alice, id);
        assertLease(id, IWindowManager.LeaseState.Released);
        assertEq(lockedOf(alice), 0, "the bond returned");
        assertEq(windows.leaseOf(id).ended, last, "ended");
        assertEq(windows.slotOf(jobId, 0).releases, 1, "counted");
        refusedRelease(alice, id, wrongLease(id, IWindowManager.LeaseState.Released));
        refusedRelease(alice, keccak256("?"), abi.encodeWithSelector(IWindowManager.UnknownSubmission.selector, keccak256("?")));
    }

    function test_release_theThirdMakesTheSlotRaced() public {
        uint256 jobId = activeJob();
        for (uint256 i = 0; i < 3; ++i) {
            assertTrue(!windows.slotOf(jobId, 0).raced, "not raced yet");
            bytes32 given = leaseAs(i == 1 ? bob : alice, jobId);
            releaseAs(i == 1 ? bob : alice, given);
        }
        assertTrue(windows.slotOf(jobId, 0).raced, "raced");
        assertEq(windows.lapsesOf(jobId), 0, "nothing lapsed");
        bytes32 hers = leaseAs(alice, jobId);
        bytes32 his = leaseAs(bob, jobId);
        assertTrue(windows.leaseOf(hers).raced, "raced");
        // At any time by its holder; by others only after the deadline.
        mine(10);
        refusedRelease(bob, hers, notHolder(hers, alice, bob));
        releaseAs(alice, hers);
        assertEq(windows.slotOf(jobId, 0).releases, 3, "raced ones are not counted");
        uint256 deadline = windows.leaseOf(his).deadline;
        vm.roll(deadline);
        refusedRelease(stranger, his, notHolder(his, bob, stranger));
        refusedExpire(his, abi.encodeWithSelector(IWindowManager.LeaseNotExpired.selector, his, deadline));
        vm.roll(deadline + 1);
        releaseAs(stranger, his);
        assertLease(his, IWindowManager.LeaseState.Released);
        assertEq(lockedOf(bob), 0, "the bond returned");
        // The window after it is exclusive again.
        finishWindow(alice, jobId, 501);
        assertTrue(!windows.slotOf(jobId, 0).raced, "fresh");
    }

    function test_row21_expire_burnsThePenalty() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        uint256 deadline = windows.leaseOf(id).deadline;
        vm.roll(deadline);
        refusedExpire(id, abi.encodeWithSelector(IWindowManager.LeaseNotExpired.selector, id, deadline));
        vm.roll(deadline + 1);
        uint256 supply = token.totalSupply();
        windows.expire(id);
        assertEq(supply - token.totalSupply(), PENALTY, "burned");
        assertEq(stakes.stakeOf(alice).active, STAKE - PENALTY, "from her stake");
        assertEq(lockedOf(alice), 0, "the bond returned");
        assertTrue(!stakes.isJailed(alice), "no jail");
        assertEq(windows.leaseOf(id).ended, 0, "its proof still counts");
        assertEq(windows.progressOf(jobId).lapseStreak, 1, "streak");
        assertEq(windows.progressOf(jobId).pendingSlots, 0, "nothing pends");
        refusedExpire(id, wrongLease(id, IWindowManager.LeaseState.Lapsed));
        refusedExpire(keccak256("?"), abi.encodeWithSelector(IWindowManager.UnknownSubmission.selector, keccak256("?")));
    }

    function test_expire_penaltiesGrowUpToTheBond() public {
        IJobManager.JobTerms memory terms = termsFor(address(pay));
        terms.windows = 40;
        uint256 jobId = activeWith(terms);
        uint256[8] memory expected = [uint256(3e18), 6e18, 12e18, 24e18, 48e18, 96e18, 100e18, 100e18];
        for (uint256 i = 0; i < 8; ++i) {
            uint256 supply = token.totalSupply();
            bytes32 id = lapse(alice, jobId);
            assertEq(windows.leaseOf(id).penalty, expected[i], "penalty");
            assertEq(supply - token.totalSupply(), expected[i], "burned");
            // A raced proof ends no streak, nor does a lapsed one.
            if (i % 2 == 0) finishWindow(bob, jobId, 501 + i);
            else submitAndSettleAs(alice, id, trained(501 + i));
            assertEq(windows.progressOf(jobId).lapseStreak, i + 1, "in a row");
        }
        // Late but Held: no penalty, and no end of the streak either.
        bytes32 late = leaseAs(bob, jobId);
        vm.roll(windows.leaseOf(late).deadline + 1);
        submitAndSettleAs(bob, late, trained(601));
        assertEq(windows.progressOf(jobId).lapseStreak, 8, "late");
        bytes32 timely = leaseAs(bob, jobId);
        vm.roll(windows.leaseOf(timely).deadline);
        submitAndSettleAs(bob, timely, trained(602));
        assertEq(windows.progressOf(jobId).lapseStreak, 0, "in time, in the last block (21)");
        assertEq(windows.leaseOf(leaseAs(alice, jobId)).penalty, PENALTY, "the first again");
    }

    function test_lease_penaltyOfManyLapses() public {
        // 2^32 times nearly nothing: the doubling stops there.
        IJobManager.JobTerms memory terms = termsFor(address(pay));
        terms.windows = 40;
        terms.lapsePenalty = 1;
        uint256 jobId = activeWith(terms);
        for (uint256 i = 0; i < 34; ++i) {
            bytes32 id = lapse(alice, jobId);
            assertEq(windows.leaseOf(id).penalty, i < 32 ? 2 ** i : 2 ** 32, "doubled at most 32 times");
            submitAndSettleAs(alice, id, trained(501 + i));
        }
    }

    function test_expire_releasesWhatIsRacedOrVoid() public {
        uint256 jobId = activeJob();
        lapse(alice, jobId);
        bytes32 raced = leaseAs(alice, jobId);
        bytes32 beaten = leaseAs(bob, jobId);
        uint256 supply = token.totalSupply();
        submitAndSettleAs(alice, raced, trained(501));
        // Another window is worked on now: his lease is void, and he may go at once.
        uint256 snapshot = vm.snapshotState();
        releaseAs(bob, beaten);
        assertLease(beaten, IWindowManager.LeaseState.Released);
        vm.revertToState(snapshot);
        refusedRelease(stranger, beaten, notHolder(beaten, bob, stranger));
        bytes32 exclusive = leaseAs(alice, jobId);
        vm.roll(windows.leaseOf(beaten).deadline + 1);
        windows.expire(beaten);
        assertLease(beaten, IWindowManager.LeaseState.Released);
        assertEq(lockedOf(bob), 0, "the bond returned");
        assertEq(supply, token.totalSupply(), "nothing burned");
        assertEq(windows.progressOf(jobId).pendingSlots, 1, "hers alone pends");
        assertEq(windows.slotOf(jobId, 0).held, 1, "hers alone holds");
        assertLease(exclusive, IWindowManager.LeaseState.Held);
    }

    function test_lateProof_counts() public {
        uint256 jobId = activeJob();
        bytes32 id = lapse(alice, jobId);
        submitAndSettleAs(alice, id, trained(501));
        assertLease(id, IWindowManager.LeaseState.Finalized);
        assertEq(rewards.claimable(address(pay), alice), PRICE, "paid");
        assertEq(lockedOf(alice), 0, "nothing locked");
    }

    function test_lateProof_isRefusedWhereTheWindowIsTaken() public {
        uint256 jobId = activeJob();
        bytes32 id = lapse(alice, jobId);
        bytes32 his = leaseAs(bob, jobId);
        bytes memory proof = proofFor(id, trained(501));
        uint256 snapshot = vm.snapshotState();
        // Somebody else's lease does not take it from her, his proof does.
        submitAndSettleAs(alice, id, trained(501));
        vm.revertToState(snapshot);
        submitAndSettleAs(bob, his, trained(501));
        vm.prank(alice);
        vm.expectRevert(done(jobId, 0));
        windows.submitAndSettle(id, trained(501), proof, OPENING);
        assertLease(id, IWindowManager.LeaseState.Lapsed);
    }

    function test_lateProof_isRefusedInACancelledJob() public {
        uint256 jobId = activeJob();
        bytes32 id = lapse(alice, jobId);
        bytes memory proof = proofFor(id, trained(501));
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.claimable(address(pay), requester), 3 * PRICE, "nothing is kept for it");
        vm.prank(alice);
        vm.expectRevert(wrongJob(jobId, IJobManager.JobState.Cancelled));
        windows.submitAndSettle(id, trained(501), proof, OPENING);
    }

    function test_lateProof_locksTheBondAgainInAnOptimisticJob() public {
        uint256 jobId = optimisticJob();
        bytes32 id = lapse(alice, jobId);
        bytes32 proofHash = proofHashOf(proofFor(id, trained(501)));
        bytes32 statementHash = statementHashOf(id, trained(501));
        uint256 free = stakes.freeStake(alice);
        vm.prank(alice);
        stakes.unbond(free - BOND + 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StakeTooSmall.selector, alice, BOND - 1, BOND));
        windows.submit(id, trained(501), statementHash, proofHash);
        vm.prank(alice);
        stakes.rebond(1);
        vm.prank(alice);
        windows.submit(id, trained(501), statementHash, proofHash);
        assertEq(lockedOf(alice), BOND, "the bond");
        assertEq(windows.leaseOf(id).locked, BOND, "the lease's");
        mine(41);
        windows.finalize(jobId, 1);
        assertEq(lockedOf(alice), 0, "returned");
    }

    function test_row21_close_countsLeaseLengths() public {
        uint256 jobId = activeJob();
        assertEq(windows.lapsesOf(jobId), 0, "none");
        lapse(alice, jobId);
        uint256 lapsedAt = height();
        assertEq(windows.lapsesOf(jobId), 1, "one");
        vm.roll(lapsedAt + 19);
        assertEq(windows.lapsesOf(jobId), 1, "less than a lease's length");
        vm.roll(lapsedAt + 39);
        assertEq(windows.lapsesOf(jobId), 2, "less than two");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotLapsed.selector, jobId, 2, 3));
        jobs.close(jobId);
        vm.roll(lapsedAt + 40);
        assertEq(windows.lapsesOf(jobId), 3, "three");
        // A raced lease that is Held stays escrowed.
        bytes32 raced = leaseAs(bob, jobId);
        vm.prank(stranger);
        jobs.close(jobId);
        assertEq(rewards.claimable(address(pay), requester), 2 * PRICE, "what nobody holds");
        submitAndSettleAs(bob, raced, trained(501));
        assertEq(rewards.claimable(address(pay), bob), PRICE, "paid");
    }

    function test_lapsesOf_endWithTheWindow() public {
        uint256 jobId = activeJob();
        bytes32 id = lapse(alice, jobId);
        mine(100);
        assertEq(windows.lapsesOf(jobId), 6, "many");
        submitAndSettleAs(alice, id, trained(501));
        assertEq(windows.lapsesOf(jobId), 0, "the next window did not lapse");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotLapsed.selector, jobId, 0, 3));
        jobs.close(jobId);
    }

    function test_cancelledJob_refundsWhatIsNotHeldAnyMore() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.claimable(address(pay), requester), 2 * PRICE, "one unit pends");
        assertEq(windows.pendingUnits(jobId), 1, "one");
        uint256 snapshot = vm.snapshotState();
        releaseAs(alice, id);
        assertEq(rewards.claimable(address(pay), requester), 3 * PRICE, "released");
        vm.revertToState(snapshot);
        vm.roll(windows.leaseOf(id).deadline + 1);
        windows.expire(id);
        assertEq(rewards.claimable(address(pay), requester), 3 * PRICE, "lapsed");
        assertEq(rewards.escrowOf(jobId, address(pay)), 0, "nothing is left");
    }

    function test_cancelledJob_keepsAUnitWhileOneOfManyHoldsIt() public {
        uint256 jobId = activeJob();
        lapse(alice, jobId);
        bytes32 hers = leaseAs(alice, jobId);
        bytes32 his = leaseAs(bob, jobId);
        vm.prank(requester);
        jobs.cancel(jobId);
        releaseAs(alice, hers);
        assertEq(rewards.escrowOf(jobId, address(pay)), PRICE, "he still may");
        releaseAs(bob, his);
        assertEq(rewards.escrowOf(jobId, address(pay)), 0, "nobody");
    }

    function test_cancelledJob_refundsARevokedLease() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        vm.prank(requester);
        jobs.cancel(jobId);
        vm.prank(address(challenges));
        windows.revoke(id);
        assertEq(rewards.escrowOf(jobId, address(pay)), 0, "nothing is left");
        assertLease(id, IWindowManager.LeaseState.Revoked);
    }

    function test_revoke_isTheChallengeManagers() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, address(this)));
        windows.revoke(id);
        vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, address(this)));
        windows.reject(id, finder, false);
        vm.prank(address(challenges));
        vm.expectRevert(wrongLease(id, IWindowManager.LeaseState.Held));
        windows.reject(id, finder, false);
        vm.prank(address(challenges));
        windows.revoke(id);
        vm.prank(address(challenges));
        vm.expectRevert(wrongLease(id, IWindowManager.LeaseState.Revoked));
        windows.revoke(id);
        // A lapsed one has nothing locked, and its proof counts no more.
        bytes32 lapsed = lapse(bob, jobId);
        vm.prank(address(challenges));
        windows.revoke(lapsed);
        bytes memory proof = falseProof();
        vm.prank(bob);
        vm.expectRevert(wrongLease(lapsed, IWindowManager.LeaseState.Revoked));
        windows.submitAndSettle(lapsed, trained(501), proof, OPENING);
        assertEq(windows.leaseOf(lapsed).ended, height(), "ended");
    }

    struct Taken {
        bytes32 id;
        address operator;
    }

    /// Any sequence: what is locked is what leases lock, the slot counts who holds it, exclusive means alone, each window is paid once.
    /// forge-config: default.fuzz.runs = 512
    function testFuzz_leases(uint256 seed, bool optimistic) public {
        IJobManager.JobTerms memory terms = optimistic ? optimisticTermsFor(address(pay)) : termsFor(address(pay));
        terms.windows = 6;
        uint256 jobId = activeWith(terms);
        Taken[] memory taken = new Taken[](24);
        uint256 count;
        for (uint256 step = 0; step < 24; ++step) {
            seed = uint256(keccak256(abi.encode(seed, step)));
            address by = (seed >> 8) % 2 == 0 ? alice : bob;
            if (seed % 8 < 3) {
                bytes32 id = tryLease(by, jobId);
                if (id != bytes32(0)) taken[count++] = Taken(id, by);
            } else {
                act(seed, jobId, count == 0 ? Taken(0, by) : taken[(seed >> 16) % count]);
            }
            check(jobId, taken, count);
        }
        settleAll(jobId, taken, count);
    }

    function tryLease(address by, uint256 jobId) private returns (bytes32 id) {
        (bool success, bytes memory data) = callAs(by, abi.encodeCall(windows.lease, (jobId, 0, windows.headOf(jobId))));
        if (success) id = abi.decode(data, (bytes32));
    }

    function act(uint256 seed, uint256 jobId, Taken memory chosen) private {
        uint256 kind = seed % 8;
        if (kind == 3) callAs(chosen.operator, abi.encodeCall(windows.release, (chosen.id)));
        else if (kind == 4) callAs(stranger, abi.encodeCall(windows.expire, (chosen.id)));
        else if (kind == 7) mine((seed >> 24) % 25);
        else if (!isVoid(chosen.id, jobId)) prove(chosen, 500 + (seed >> 32) % 10_000);
    }

    function callAs(address sender, bytes memory data) private returns (bool success, bytes memory result) {
        vm.prank(sender);
        (success, result) = address(windows).call(data);
    }

    function isVoid(bytes32 id, uint256 jobId) private view returns (bool) {
        return id == bytes32(0) || windows.leaseOf(id).windowIndex != windows.progressOf(jobId).submitted;
    }

    function prove(Taken memory chosen, uint256 child) private {
        bool counts = stateOf(chosen.id) == IWindowManager.LeaseState.Held || stateOf(chosen.id) == IWindowManager.LeaseState.Lapsed;
        bytes memory proof = proofFor(chosen.id, trained(child));
        (bool success,) =
            callAs(chosen.operator, abi.encodeCall(windows.submitAndSettle, (chosen.id, trained(child), proof, OPENING)));
        assertTrue(success == counts, "a true proof counts while the lease does");
    }

    function check(uint256 jobId, Taken[] memory taken, uint256 count) private view {
        uint256[2] memory locked;
        uint256 held;
        uint256 exclusive;
        uint256 settled;
        for (uint256 i = 0; i < count; ++i) {
            IWindowManager.Lease memory leased = windows.leaseOf(taken[i].id);
            locked[taken[i].operator == alice ? 0 : 1] += leased.locked;
            bool here = leased.windowIndex == windows.progressOf(jobId).submitted;
            if (leased.state == IWindowManager.LeaseState.Held && here) {
                ++held;
                if (!leased.raced) ++exclusive;
            }
            if (leased.state == IWindowManager.LeaseState.Finalized) ++settled;
        }
        assertEq(lockedOf(alice), locked[0], "her locks");
        assertEq(lockedOf(bob), locked[1], "his locks");
        IWindowManager.Slot memory slot = windows.slotOf(jobId, 0);
        assertEq(slot.held, held, "held");
        assertTrue(exclusive == 0 || (held == 1 && !slot.raced), "exclusive means alone");
        IWindowManager.Progress memory progress = windows.progressOf(jobId);
        assertEq(progress.pendingSlots, held == 0 ? 0 : 1, "pending slots");
        assertEq(progress.finalized, settled, "each window was settled once");
        assertEq(rewards.escrowOf(jobId, address(pay)) + earned(), 6 * uint256(PRICE), "sums to the wei");
    }

    function earned() private view returns (uint256) {
        return rewards.claimable(address(pay), alice) + rewards.claimable(address(pay), bob)
            + rewards.claimable(address(pay), requester);
    }

    /// Time gets every bond back.
    function settleAll(uint256 jobId, Taken[] memory taken, uint256 count) private {
        mine(100);
        for (uint256 i = 0; i < count; ++i) {
            if (stateOf(taken[i].id) == IWindowManager.LeaseState.Held) windows.expire(taken[i].id);
        }
        check(jobId, taken, count);
        assertEq(lockedOf(alice) + lockedOf(bob), 0, "every bond returned");
    }
}
