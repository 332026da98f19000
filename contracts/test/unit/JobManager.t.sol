// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Modules, Wired} from "../../src/Modules.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Fixture} from "../utils/Fixture.sol";
import {Creator, Vm} from "../utils/TestBase.sol";
import {ReentrantToken, VastToken} from "../utils/Tokens.sol";

/// From JobManager.tree.
contract JobManagerTest is Fixture {
    bytes32 private constant ID = keccak256("a unit");

    event UnitPaid(
        uint256 indexed jobId,
        bytes32 indexed submissionId,
        address indexed operator,
        uint256 workerPart,
        uint256 validatorPart,
        uint256 licensorPart,
        uint256 treasuryPart,
        uint256 feeBurned,
        uint256 emitted
    );
    event SeatPaid(uint256 indexed jobId, bytes32 indexed submissionId, address indexed account, uint256 amount);
    event EscrowRefunded(uint256 indexed jobId, address indexed requester, uint256 amount, uint256 fee);
    event JobCancelled(uint256 indexed jobId, address indexed closer);
    event JobOpened(uint256 indexed jobId, address indexed requester, bytes32 indexed modelId, IJobManager.JobTerms terms);
    event SeedCaptured(uint256 indexed jobId, uint256 batchSeed);
    event JobPaused(uint256 indexed jobId);
    event JobResumed(uint256 indexed jobId);
    event JobCompleted(uint256 indexed jobId);

    function owed(address account) internal view returns (uint256) {
        return rewards.claimable(address(pay), account);
    }

    function escrow(uint256 jobId) internal view returns (uint256) {
        return rewards.escrowOf(jobId, address(pay));
    }

    function notAllowed(address sender) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(Wired.NotAllowed.selector, sender);
    }

    function cancelAs(address sender, uint256 jobId) internal {
        vm.prank(sender);
        jobs.cancel(jobId);
    }

    /// How many events a contract of the set has emitted since `vm.recordLogs`.
    function emitted(address by) internal returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == by) ++count;
        }
    }

    function test_constructor_refusesPartsOfAnotherSet() public {
        for (uint256 wrong = 0; wrong < 13; ++wrong) {
            Modules memory m = set;
            Creator creator = new Creator();
            m.jobManager = vm.computeCreateAddress(address(creator), 1);
            address[13] memory parts;
            for (uint256 i = 0; i < 13; ++i) parts[i] = address(new Part());
            (m.token, m.nodeRegistry, m.parameters, m.verifierRouter) = (parts[0], parts[1], parts[2], parts[3]);
            (m.datasetRegistry, m.modelRegistry, m.rewardDistributor, m.stakeManager) = (parts[4], parts[5], parts[6], parts[7]);
            (m.reputationRegistry, m.tokenEmission, m.validatorManager) = (parts[8], parts[9], parts[10]);
            (m.challengeManager, m.windowManager) = (parts[11], parts[12]);
            bytes32 wiring = keccak256(abi.encode(m));
            for (uint256 i = 0; i < 13; ++i) Part(parts[i]).wire(i == wrong ? bytes32(0) : wiring);
            bytes memory code = abi.encodePacked(vm.getCode("JobManager.sol:JobManager"), abi.encode(m));
            vm.expectRevert(abi.encodeWithSelector(IJobManager.WiringMismatch.selector, parts[wrong]));
            creator.create(code);
            Part(parts[wrong]).wire(wiring);
            m.jobManager = stranger;
            vm.expectRevert(abi.encodeWithSelector(IJobManager.WiringMismatch.selector, stranger));
            creator.create(abi.encodePacked(vm.getCode("JobManager.sol:JobManager"), abi.encode(m)));
            assertTrue(creator.create(code) != address(0), "control");
        }
    }

    function test_row21_captureSeed_fromTheNinthBlockToTheLastThatKnowsTheHash() public {
        uint256 start = height();
        uint256 early = openJob(address(pay));
        uint256 late = openJob(address(pay));
        vm.roll(start + 8);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.SeedTooEarly.selector, early, start + 8));
        jobs.captureSeed(early);
        vm.roll(start + 9);
        vm.prank(stranger);
        jobs.captureSeed(early);
        assertState(early, IJobManager.JobState.Active);
        assertEq(jobs.jobOf(early).activeBlock, start + 9, "active since");
        vm.expectRevert(wrongJobState(early, IJobManager.JobState.Active));
        jobs.captureSeed(early);
        vm.roll(start + 8 + 256);
        assertTrue(blockhash(start + 8) != 0, "the last block that knows the hash");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.SeedNotMissed.selector, late, start + 8 + 256));
        jobs.refundUnseeded(late);
        jobs.captureSeed(late);
        assertEq(jobs.jobOf(late).activeBlock, start + 8 + 256, "active since");
    }

    function test_row17_captureSeed_theChosenBlockChangesNothing() public {
        uint256 start = height();
        uint256 first = openJob(address(pay));
        uint256 second = openJob(address(pay));
        vm.roll(start + 9);
        bytes32 hash = blockhash(start + 8);
        jobs.captureSeed(first);
        vm.roll(start + 200);
        jobs.captureSeed(second);
        uint256 expected = uint256(keccak256(abi.encode(hash, first))) % Encodings.R;
        assertEq(jobs.jobOf(first).batchSeed, expected, "of that block and that job");
        expected = uint256(keccak256(abi.encode(hash, second))) % Encodings.R;
        assertEq(jobs.jobOf(second).batchSeed, expected, "whenever it is captured");
        vm.expectRevert(wrongJobState(second, IJobManager.JobState.Active));
        jobs.captureSeed(second);
        assertEq(jobs.jobOf(second).batchSeed, expected, "once");
    }

    function test_row21_refundUnseeded_afterThatByAnyone() public {
        uint256 start = height();
        IJobManager.JobTerms memory t = termsFor(address(pay));
        t.fee = FEE;
        uint256 jobId = openWith(t);
        vm.roll(start + 8 + 257);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.SeedMissed.selector, jobId, start + 8));
        jobs.captureSeed(jobId);
        vm.expectEmit(address(jobs));
        emit JobCancelled(jobId, stranger);
        vm.expectEmit(address(jobs));
        emit EscrowRefunded(jobId, requester, 3 * PRICE, 3 * FEE);
        vm.prank(stranger);
        jobs.refundUnseeded(jobId);
        assertEq(owed(requester), 3 * PRICE, "all of it");
        assertEq(rewards.claimable(address(token), requester), 3 * FEE, "the fees, too");
        assertEq(jobs.jobOf(jobId).unitsLeft, 0, "units");
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Cancelled));
        jobs.refundUnseeded(jobId);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.UnknownJob.selector, 99));
        jobs.refundUnseeded(99);
    }

    function test_pause_byTheRequesterInItsState() public {
        uint256 jobId = openJob(address(pay));
        vm.prank(requester);
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Open));
        jobs.pause(jobId);
        mine(9);
        jobs.captureSeed(jobId);
        vm.prank(stranger);
        vm.expectRevert(notAllowed(stranger));
        jobs.pause(jobId);
        vm.prank(requester);
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Active));
        jobs.resume(jobId);
        vm.prank(requester);
        jobs.pause(jobId);
        assertState(jobId, IJobManager.JobState.Paused);
        vm.prank(requester);
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Paused));
        jobs.pause(jobId);
        vm.prank(stranger);
        vm.expectRevert(notAllowed(stranger));
        jobs.resume(jobId);
        vm.prank(requester);
        jobs.resume(jobId);
        assertState(jobId, IJobManager.JobState.Active);
    }

    function test_row23b_pause_stopsNewLeasesOnly() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        vm.prank(requester);
        jobs.pause(jobId);
        submitAndSettleAs(alice, id, trained(501));
        assertEq(owed(alice), PRICE, "paid");
        assertEq(stakes.freeStake(alice), STAKE, "and its bond is back");
        uint256 head = windows.headOf(jobId);
        vm.prank(alice);
        vm.expectPartialRevert(IWindowManager.WrongJobState.selector);
        windows.lease(jobId, 0, head);
        vm.prank(requester);
        jobs.resume(jobId);
        leaseAs(alice, jobId);
    }

    function test_row23b_pause_submissionsBecomeFinal() public {
        uint256 jobId = optimisticJob();
        bytes32 first = submitWindow(alice, jobId, 501);
        bytes32 second = leaseAs(bob, jobId);
        vm.prank(requester);
        jobs.pause(jobId);
        submitAs(bob, second, trained(502), proofFor(second, trained(502)));
        settleAs(stranger, second);
        mine(41);
        windows.finalize(jobId, 2);
        assertEq(windows.progressOf(jobId).finalized, 2, "by silence, and by proof");
        assertTrue(owed(alice) > 0 && owed(alice) == owed(bob), "paid");
        assertTrue(windows.leaseOf(first).state == IWindowManager.LeaseState.Finalized, "final");
    }

    function test_pause_theLastWindowStillCompletes() public {
        uint256 jobId = activeJob();
        finishWindow(alice, jobId, 501);
        finishWindow(alice, jobId, 502);
        bytes32 id = leaseAs(alice, jobId);
        vm.prank(requester);
        jobs.pause(jobId);
        submitAndSettleAs(alice, id, trained(503));
        assertState(jobId, IJobManager.JobState.Completed);
        assertEq(escrow(jobId), 0, "spent");
        vm.startPrank(requester);
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Completed));
        jobs.cancel(jobId);
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Completed));
        jobs.resume(jobId);
        vm.stopPrank();
    }

    function test_cancel_beforeTheSeedAndWhilePaused() public {
        uint256 jobId = openJob(address(pay));
        vm.prank(stranger);
        vm.expectRevert(notAllowed(stranger));
        jobs.cancel(jobId);
        vm.expectEmit(address(jobs));
        emit JobCancelled(jobId, requester);
        cancelAs(requester, jobId);
        assertEq(owed(requester), 3 * PRICE, "all of it");
        vm.prank(requester);
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Cancelled));
        jobs.cancel(jobId);
        mine(9);
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Cancelled));
        jobs.captureSeed(jobId);
        jobId = activeJob();
        vm.prank(requester);
        jobs.pause(jobId);
        cancelAs(requester, jobId);
        assertEq(owed(requester), 6 * PRICE, "paused, too");
    }

    function test_row23b_cancel_honoursTheHeldLease() public {
        IJobManager.JobTerms memory t = termsFor(address(pay));
        t.fee = FEE;
        uint256 jobId = activeWith(t);
        finishWindow(alice, jobId, 501);
        bytes32 id = leaseAs(alice, jobId);
        cancelAs(requester, jobId);
        assertEq(owed(requester), PRICE, "one of three was paid, one is kept");
        assertEq(rewards.claimable(address(token), requester), FEE, "and its fee");
        assertEq(jobs.jobOf(jobId).unitsLeft, 1, "one is pending");
        submitAndSettleAs(alice, id, trained(502));
        assertEq(owed(alice), 2 * PRICE, "the lease was honoured");
        assertEq(escrow(jobId) + rewards.escrowOf(jobId, address(token)), 0, "nothing stays");
        assertState(jobId, IJobManager.JobState.Cancelled);
    }

    function test_cancel_thenReleaseOrExpiryRefundsTheRest() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        cancelAs(requester, jobId);
        assertEq(owed(requester), 2 * PRICE, "one is kept");
        vm.prank(alice);
        windows.release(id);
        assertEq(owed(requester), 3 * PRICE, "released");
        jobId = activeJob();
        id = leaseAs(alice, jobId);
        cancelAs(requester, jobId);
        mine(21);
        windows.expire(id);
        assertEq(owed(requester), 6 * PRICE, "expired");
        assertEq(escrow(jobId), 0, "nothing stays");
        uint256[] memory results = trained(501);
        bytes memory proof = proofFor(id, results);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.WrongJobState.selector, jobId, IJobManager.JobState.Cancelled));
        windows.submitAndSettle(id, results, proof, OPENING);
    }

    function test_cancel_endsALapsedLease() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        mine(21);
        windows.expire(id);
        cancelAs(requester, jobId);
        assertEq(owed(requester), 3 * PRICE, "all of it");
        uint256[] memory results = trained(501);
        bytes memory proof = proofFor(id, results);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.WrongJobState.selector, jobId, IJobManager.JobState.Cancelled));
        windows.submitAndSettle(id, results, proof, OPENING);
    }

    function test_row23b_cancel_submissionsThatStandArePaid() public {
        uint256 jobId = optimisticJob();
        submitWindow(alice, jobId, 501);
        submitWindow(alice, jobId, 502);
        cancelAs(requester, jobId);
        assertEq(owed(requester), PRICE, "two of three are pending");
        mine(41);
        windows.finalize(jobId, 2);
        assertEq(owed(alice), 2 * (PRICE - PRICE / 10), "paid but for the seats");
        assertEq(escrow(jobId), 2 * (PRICE / 10), "the seats' shares wait");
        mine(30);
        for (uint256 window = 0; window < 2; ++window) {
            bytes32 id = windows.submissionAt(jobId, window);
            validators.settleSeat(id, 0);
            validators.settleSeat(id, 1);
        }
        assertEq(owed(requester), PRICE + 2 * (PRICE / 10), "and go back where nobody took them");
        assertEq(escrow(jobId), 0, "nothing stays");
        assertState(jobId, IJobManager.JobState.Cancelled);
    }

    function test_cancel_rejectedAndOrphanedUnitsAreCredited() public {
        uint256 jobId = optimisticJob();
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        submitWindow(bob, jobId, 502);
        bytes32 above = leaseAs(bob, jobId);
        cancelAs(requester, jobId);
        assertEq(owed(requester), 0, "all three are pending");
        commitSubmittedAs(finder, id);
        settleAs(finder, id, falseProof());
        assertEq(owed(requester), 3 * PRICE, "none is any more");
        assertEq(jobs.jobOf(jobId).unitsLeft, 0, "units");
        vm.prank(bob);
        windows.release(above);
        assertEq(owed(requester), 3 * PRICE, "once");
        assertEq(stakes.freeStake(bob), STAKE, "nobody above lost anything");
    }

    function test_cancel_aRacedWindowIsOneUnit() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        mine(21);
        windows.expire(id);
        id = leaseAs(alice, jobId);
        bytes32 other = leaseAs(bob, jobId);
        cancelAs(requester, jobId);
        assertEq(owed(requester), 2 * PRICE, "one is pending, whoever wins");
        vm.prank(alice);
        windows.release(id);
        assertEq(owed(requester), 2 * PRICE, "still");
        submitAndSettleAs(bob, other, trained(501));
        assertEq(owed(bob), PRICE, "paid");
        assertEq(escrow(jobId) + owed(alice), 0, "once");
    }

    function test_cancel_allWindowsUnderWayStaysCancelled() public {
        uint256 jobId = optimisticJob();
        for (uint256 i = 0; i < 3; ++i) submitWindow(alice, jobId, 501 + i);
        cancelAs(requester, jobId);
        mine(41);
        windows.finalize(jobId, 3);
        assertState(jobId, IJobManager.JobState.Cancelled);
        assertEq(jobs.jobOf(jobId).unitsLeft, 0, "all paid");
        assertEq(owed(requester), 0, "nothing refunded");
    }

    function test_cancel_severalContributionsOfOneWindow() public {
        IJobManager.JobTerms memory t = termsFor(address(pay));
        t.contributions = 3;
        uint256 jobId = activeWith(t);
        submitAndSettleAs(alice, leaseAs(alice, jobId, 0), trained(501));
        bytes32 second = leaseAs(alice, jobId, 1);
        bytes32 third = leaseAs(bob, jobId, 2);
        cancelAs(requester, jobId);
        assertEq(owed(requester), 6 * PRICE, "one of nine is paid, two are pending");
        vm.prank(alice);
        windows.release(second);
        assertEq(owed(requester), 7 * PRICE, "released");
        submitAndSettleAs(bob, third, trained(503));
        assertEq(owed(bob), PRICE, "honoured");
        assertEq(escrow(jobId), 0, "nothing stays");
    }

    function test_row21_close_afterLapsesToTheBlock() public {
        uint256 jobId = activeJob();
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotLapsed.selector, jobId, 0, 3));
        jobs.close(jobId);
        bytes32 id = leaseAs(alice, jobId);
        mine(21);
        windows.expire(id);
        uint256 lapsed = height();
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotLapsed.selector, jobId, 1, 3));
        jobs.close(jobId);
        vm.roll(lapsed + 39);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotLapsed.selector, jobId, 2, 3));
        jobs.close(jobId);
        vm.roll(lapsed + 40);
        vm.expectEmit(address(jobs));
        emit JobCancelled(jobId, stranger);
        vm.prank(stranger);
        jobs.close(jobId);
        assertEq(owed(requester), 3 * PRICE, "all of it");
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Cancelled));
        jobs.close(jobId);
    }

    function test_close_pausedButNotUnseeded() public {
        uint256 jobId = openJob(address(pay));
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Open));
        jobs.close(jobId);
        mine(9);
        jobs.captureSeed(jobId);
        bytes32 id = leaseAs(alice, jobId);
        mine(21);
        windows.expire(id);
        mine(40);
        vm.prank(requester);
        jobs.pause(jobId);
        jobs.close(jobId);
        assertState(jobId, IJobManager.JobState.Cancelled);
    }

    function test_close_paysWhatIsUnderWay() public {
        IJobManager.JobTerms memory t = optimisticTermsFor(address(pay));
        t.maxLapses = 1;
        uint256 jobId = activeWith(t);
        bytes32 submitted = submitWindow(bob, jobId, 501);
        bytes32 id = leaseAs(alice, jobId);
        mine(21);
        windows.expire(id);
        leaseAs(bob, jobId);
        jobs.close(jobId);
        assertEq(owed(requester), PRICE, "a lease and a submission are pending");
        settleAs(bob, submitted);
        assertEq(owed(bob), PRICE - PRICE / 10, "paid");
        assertEq(jobs.jobOf(jobId).unitsLeft, 1, "the lease is still pending");
    }

    function test_everyChangeIsAnEvent() public {
        IJobManager.JobTerms memory t = termsFor(address(pay));
        uint256 start = height();
        vm.expectEmit(address(jobs));
        emit JobOpened(1, requester, modelId, t);
        uint256 jobId = openWith(t);
        vm.roll(start + 9);
        vm.expectEmit(address(jobs));
        emit SeedCaptured(jobId, uint256(keccak256(abi.encode(blockhash(start + 8), jobId))) % Encodings.R);
        jobs.captureSeed(jobId);
        vm.startPrank(requester);
        vm.expectEmit(address(jobs));
        emit JobPaused(jobId);
        jobs.pause(jobId);
        vm.expectEmit(address(jobs));
        emit JobResumed(jobId);
        jobs.resume(jobId);
        vm.stopPrank();
        vm.expectEmit(address(jobs));
        emit JobCompleted(jobId);
        vm.prank(address(windows));
        jobs.complete(jobId);
    }

    /// Nothing that is zero is booked, pulled or told.
    function test_noEventWithoutAChange() public {
        vm.recordLogs();
        uint256 jobId = optimisticJob();
        assertEq(emitted(address(rewards)), 1, "no fee, no second escrow");
        vm.recordLogs();
        openJob(address(pay));
        assertEq(emitted(address(token)), 0, "nor a transfer of it");
        for (uint256 i = 0; i < 3; ++i) submitWindow(alice, jobId, 501 + i);
        vm.recordLogs();
        cancelAs(requester, jobId);
        assertEq(emitted(address(jobs)), 1, "nothing refunded while all is pending");
        vm.prank(address(windows));
        jobs.payUnit(jobId, ID, alice);
        assertEq(emitted(address(rewards)), 1, "the worker's credit alone");
    }

    function test_callbacks_areTheModulesOnly() public {
        uint256 jobId = activeJob();
        address[3] memory others = [requester, address(validators), address(challenges)];
        for (uint256 i = 0; i < 3; ++i) {
            vm.startPrank(others[i]);
            vm.expectRevert(notAllowed(others[i]));
            jobs.payUnit(jobId, ID, alice);
            vm.expectRevert(notAllowed(others[i]));
            jobs.complete(jobId);
            vm.expectRevert(notAllowed(others[i]));
            jobs.refundRest(jobId);
            vm.stopPrank();
        }
        vm.startPrank(address(windows));
        vm.expectRevert(notAllowed(address(windows)));
        jobs.paySeat(jobId, ID, alice);
        jobs.payUnit(jobId, ID, alice);
        jobs.refundRest(jobId);
        assertEq(owed(requester), 0, "nothing to refund while it is not cancelled");
        jobs.complete(jobId);
        vm.stopPrank();
        assertState(jobId, IJobManager.JobState.Completed);
    }

    function test_payUnit_neverPaysMoreUnitsThanTheJobHas() public {
        uint256 jobId = activeJob();
        vm.startPrank(address(windows));
        for (uint256 i = 0; i < 3; ++i) jobs.payUnit(jobId, ID, alice);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        jobs.payUnit(jobId, ID, alice);
        vm.stopPrank();
        assertEq(owed(alice), 3 * PRICE, "three");
    }

    function test_payUnit_splitsAsTheTermsSay() public {
        IJobManager.JobTerms memory t = optimisticTermsFor(address(pay));
        (t.price, t.fee, t.validators, t.validatorBps) = (1_000_003, FEE, 3, 1_000);
        (t.licensorBps, t.treasuryBps, t.treasury) = (500, 250, stranger);
        uint256 jobId = activeWith(t);
        // 100,000 divided by three seats: the wei that is left is the worker's.
        uint256 workerPart = 1_000_003 - 99_999 - 50_000 - 25_000;
        uint256 minted = (uint256(FEE) * parameters.emissionBps()) / 10_000;
        uint256 supply = token.totalSupply();
        uint256 held = token.balanceOf(alice);
        vm.expectEmit(address(jobs));
        emit UnitPaid(jobId, ID, alice, workerPart, 99_999, 50_000, 25_000, FEE, minted);
        vm.prank(address(windows));
        jobs.payUnit(jobId, ID, alice);
        assertEq(owed(alice), workerPart, "worker");
        assertEq(owed(requester), 50_000, "licensor");
        assertEq(owed(stranger), 25_000, "treasury");
        assertEq(token.totalSupply(), supply - FEE + minted, "burned and minted");
        assertEq(token.balanceOf(alice), held + minted, "to the worker");
        assertEq(reputation.scoreOf(alice), FEE, "reputation");
        vm.expectEmit(address(jobs));
        emit SeatPaid(jobId, ID, bob, 33_333);
        vm.startPrank(address(validators));
        jobs.paySeat(jobId, ID, bob);
        jobs.paySeat(jobId, ID, address(0));
        jobs.paySeat(jobId, ID, bob);
        vm.stopPrank();
        assertEq(owed(bob), 66_666, "two seats");
        assertEq(owed(requester), 50_000 + 33_333, "an empty one");
        assertEq(escrow(jobId), 2 * 1_000_003, "the other units");
    }

    function test_row16_payUnit_oneWeiIsTheWorkers() public {
        IJobManager.JobTerms memory t = optimisticTermsFor(address(pay));
        (t.price, t.fee, t.validators, t.validatorBps) = (1, 1, 3, 2_000);
        (t.licensorBps, t.treasuryBps, t.treasury) = (2_000, 1_000, stranger);
        uint256 jobId = activeWith(t);
        uint256 supply = token.totalSupply();
        vm.prank(address(windows));
        jobs.payUnit(jobId, ID, alice);
        assertEq(owed(alice), 1, "worker");
        assertEq(owed(requester) + owed(stranger), 0, "nobody else");
        assertEq(token.totalSupply(), supply - 1, "a fee too small to mint anything");
        vm.startPrank(address(validators));
        for (uint256 i = 0; i < 3; ++i) jobs.paySeat(jobId, ID, bob);
        vm.stopPrank();
        assertEq(owed(bob), 0, "nor a seat");
        cancelAs(requester, jobId);
        assertEq(owed(requester), 2, "the rest");
        assertEq(escrow(jobId), 0, "nothing stays");
    }

    /// tests.md 16: every wei of price and fee ends with somebody, or burned, whatever the amounts and shares are.
    function testFuzz_row16_payUnit_sumsAreConserved(
        uint128 price,
        uint128 fee,
        uint16[3] memory bps,
        uint8 seats,
        uint8 paid,
        bool largest
    ) public {
        VastToken vast = VastToken(deploy("Tokens.sol:VastToken", ""));
        vast.transfer(requester, type(uint256).max);
        vm.prank(requester);
        vast.approve(address(jobs), type(uint256).max);
        IJobManager.JobTerms memory t = optimisticTermsFor(address(vast));
        t.price = largest ? type(uint128).max : price == 0 ? 1 : price;
        t.fee = uint128(bound(fee, 0, 1e23));
        t.validators = uint8(bound(seats, 0, 3));
        t.validatorBps = t.validators == 0 ? 0 : uint16(bound(bps[0], 0, 2_000));
        t.licensorBps = uint16(bound(bps[1], 0, 2_000));
        t.treasuryBps = uint16(bound(bps[2], 0, 1_000));
        t.treasury = t.treasuryBps == 0 ? address(0) : stranger;
        uint256 jobId = activeWith(t);
        uint256 supply = token.totalSupply();
        uint256 units = bound(paid, 0, 3);
        uint256 minted = token.balanceOf(alice);
        for (uint256 unit = 0; unit < units; ++unit) {
            vm.prank(address(windows));
            jobs.payUnit(jobId, ID, alice);
            for (uint256 seat = 0; seat < t.validators; ++seat) {
                vm.prank(address(validators));
                jobs.paySeat(jobId, ID, seat == 0 ? address(0) : bob);
            }
        }
        minted = token.balanceOf(alice) - minted;
        if (units < 3) cancelAs(requester, jobId);
        assertEq(rewards.escrowOf(jobId, address(vast)) + rewards.escrowOf(jobId, address(token)), 0, "nothing stays in escrow");
        uint256 sum = rewards.claimable(address(vast), alice) + rewards.claimable(address(vast), bob)
            + rewards.claimable(address(vast), requester) + rewards.claimable(address(vast), stranger);
        assertEq(sum, 3 * uint256(t.price), "every wei of the price is somebody's");
        assertAtMost((units * uint256(t.price)) / 2, rewards.claimable(address(vast), alice), "at least half is the worker's");
        assertEq(rewards.claimable(address(token), requester), (3 - units) * uint256(t.fee), "the fees of unpaid units");
        assertEq(token.totalSupply() + units * t.fee, supply + minted, "burned");
        assertAtMost(minted, (units * uint256(t.fee)) / 4, "a quarter is minted, at most");
        assertEq(vast.balanceOf(address(rewards)), sum, "the vault has it");
    }

    function test_row20_parametersThatChangeInMidJob() public {
        IJobManager.JobTerms memory t = termsFor(address(pay));
        t.fee = FEE;
        uint256 jobId = activeWith(t);
        uint256 share = parameters.emissionBps();
        vm.startPrank(timelock);
        parameters.setEmissionBps(5_000);
        parameters.setGasPrice(1e16);
        vm.stopPrank();
        uint256 held = token.balanceOf(alice);
        finishWindow(alice, jobId, 501);
        assertEq(token.balanceOf(alice) - held, (uint256(FEE) * share) / 10_000, "the share it opened with");
        vm.startPrank(timelock);
        parameters.setEmissionBps(0);
        vm.stopPrank();
        finishWindow(alice, jobId, 502);
        assertEq(token.balanceOf(alice) - held, 2 * ((uint256(FEE) * share) / 10_000), "still");
        assertEq(jobs.jobOf(jobId).emissionBps, share, "kept");
        vm.prank(timelock);
        parameters.setGasPrice(15e9);
        t.genesisId = 502;
        assertEq(jobs.jobOf(openWith(t)).emissionBps, 0, "a new job has the new one");
    }

    /// tests.md 20: the circuit id names the verifiers' code; nothing that anybody registers later changes what a job pays for.
    function test_row20_verifierThatChangesInMidJob() public {
        uint256 jobId = activeJob();
        address twin = deploy("ScriptedVerifier.sol:ScriptedVerifier", "");
        router.register(keccak256("vk"), address(honk), twin, shapeOf(devTau()));
        assertEq(router.circuit(circuitId).statementVerifier, address(verifier), "the same verifier");
        bytes32 id = leaseAs(alice, jobId);
        uint256[] memory results = trained(501);
        bytes memory proof = proofFor(id, results);
        bytes memory code = address(verifier).code;
        vm.etch(address(verifier), hex"600160005260206000f3");
        vm.prank(alice);
        vm.expectPartialRevert(bytes4(keccak256("VerifierChanged(address,bytes32,bytes32)")));
        windows.submitAndSettle(id, results, proof, OPENING);
        vm.etch(address(verifier), code);
        submitAndSettleAs(alice, id, results);
    }

    /// tests.md 23b: whoever pays itself for worthless windows burns fees: it is minted less than that, and reputation never touches pay.
    function test_row23b_aRequesterThatPaysItselfForJunkOnlyLoses() public {
        fund(alice, 1e24);
        vm.prank(alice);
        models.registerGenesis(modelId, new bytes(128), hex"01551220", "CC0-1.0");
        IJobManager.JobTerms memory t = termsFor(address(token));
        (t.fee, t.price, t.worker) = (FEE, 1, alice);
        uint256 wealth = token.balanceOf(alice) + stakes.stakeOf(alice).active;
        vm.prank(alice);
        uint256 jobId = jobs.openJob(t);
        mine(9);
        jobs.captureSeed(jobId);
        for (uint256 i = 0; i < 3; ++i) finishWindow(alice, jobId, 501 + i);
        rewards.claim(address(token), alice);
        uint256 left = token.balanceOf(alice) + stakes.stakeOf(alice).active;
        assertEq(wealth - left, 3 * (uint256(FEE) - (uint256(FEE) * parameters.emissionBps()) / 10_000), "lost");
        assertTrue(reputation.factorOf(alice) > 10_000 && reputation.factorOf(alice) < 15_000, "bounded");
        // Another's job pays the same as before.
        jobId = activeJob();
        finishWindow(alice, jobId, 601);
        finishWindow(bob, jobId, 602);
        assertEq(owed(alice), owed(bob), "equal pay");
    }

    /// tests.md 23b: the worker names what it has fetched and checked; what it cannot fetch it leaves, or gives back free of charge.
    function test_row23b_withheldGenesisCostsTheWorkerNothing() public {
        uint256 jobId = activeJob();
        vm.prank(alice);
        vm.expectPartialRevert(IWindowManager.StartMoved.selector);
        windows.lease(jobId, 0, genesisId + 1);
        bytes32 id = leaseAs(alice, jobId);
        mine(4);
        vm.prank(alice);
        windows.release(id);
        assertEq(stakes.freeStake(alice), STAKE, "not a wei");
        assertEq(stakes.stakeOf(alice).active, STAKE, "not a wei");
    }

    function test_announcementDigest_isTyped() public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Assay"),
                keccak256("1"),
                block.chainid,
                address(jobs)
            )
        );
        bytes32 words = keccak256(
            abi.encode(
                keccak256("Announcement(bytes32 submissionId,bytes32 statementHash,bytes32 proofHash)"),
                bytes32(uint256(1)),
                bytes32(uint256(2)),
                bytes32(uint256(3))
            )
        );
        assertEq(
            jobs.announcementDigest(bytes32(uint256(1)), bytes32(uint256(2)), bytes32(uint256(3))),
            keccak256(abi.encodePacked(hex"1901", domain, words)),
            "digest"
        );
    }

    function test_row10_announcementDigest_namesTheChain() public {
        bytes32 here = jobs.announcementDigest(ID, ID, ID);
        vm.chainId(1337);
        assertTrue(here != jobs.announcementDigest(ID, ID, ID), "another chain");
        vm.chainId(31337);
        assertEq(here, jobs.announcementDigest(ID, ID, ID), "control");
    }

    /// tests.md 15: a token that calls back in the middle of its transfer gets nowhere.
    function test_row15_openJob_isNotReentered() public {
        ReentrantToken hostile = ReentrantToken(deploy("Tokens.sol:ReentrantToken", ""));
        hostile.transfer(requester, 1e24);
        vm.prank(requester);
        hostile.approve(address(jobs), type(uint256).max);
        uint256 victim = activeJob();
        bytes[5] memory calls = [
            abi.encodeCall(jobs.openJob, (termsFor(address(pay)))),
            abi.encodeCall(jobs.openJobWithPermit, (termsFor(address(pay)), 1, 1, 27, bytes32(0), bytes32(0))),
            abi.encodeCall(jobs.cancel, (victim)),
            abi.encodeCall(jobs.close, (victim)),
            abi.encodeCall(jobs.refundUnseeded, (victim))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            hostile.arm(address(jobs), calls[i]);
            uint256 before = hostile.attempts();
            openJob(address(hostile));
            assertEq(hostile.attempts() - before, 1, "it did call back");
            assertEq(bytes32(hostile.lastError()), bytes32(bytes4(keccak256("ReentrancyGuardReentrantCall()"))), "and was refused");
        }
        assertEq(hostile.successes(), 0, "none succeeded");
        (uint256 escrowed,) = rewards.liabilities(address(hostile));
        assertEq(hostile.balanceOf(address(rewards)), escrowed, "what is booked is there");
        assertEq(escrowed, 15 * uint256(PRICE), "once each");
    }
}

/// Stands where a part of the set stands in the constructor's eyes.
contract Part {
    bytes32 public wiring;

    function wire(bytes32 wiring_) external {
        wiring = wiring_;
    }
}
