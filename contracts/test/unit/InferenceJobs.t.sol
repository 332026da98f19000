// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Wired} from "../../src/Modules.sol";
import {IChallengeManager} from "../../src/interfaces/IChallengeManager.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Statements} from "../../src/libraries/Statements.sol";
import {InferenceFixture} from "../utils/InferenceFixture.sol";

/// From InferenceJobs.tree.
contract InferenceJobsTest is InferenceFixture {
    event InputAdded(uint256 indexed jobId, uint256 indexed windowIndex, uint256 indexed inputId, bytes cid);

    function refuses(address sender, bytes32 id, uint256[] memory results, bytes memory proof, bytes memory why) internal {
        vm.prank(sender);
        vm.expectRevert(why);
        windows.submitAndSettle(id, results, proof, OPENING);
    }

    function rejects(address sender, bytes32 id, uint256[] memory results, bytes memory proof) internal {
        refuses(sender, id, results, proof, abi.encodeWithSelector(IWindowManager.ProofRejected.selector, id));
    }

    function test_openJob_hiddenWeightsAreActiveAtOnce() public {
        uint256 jobId = ask();
        IJobManager.Job memory job = jobs.jobOf(jobId);
        assertEq(uint256(job.state), uint256(IJobManager.JobState.Active), "active");
        assertEq(job.statementType, keccak256("inference"), "statement");
        assertEq(rewards.escrowOf(jobId, address(pay)), 3 * PRICE, "escrow");
        assertEq(windows.headOf(jobId), secretId, "checkpoint");
        assertEq(job.licenceHash, keccak256("all rights reserved"), "the owner's licence");
        assertEq(job.licensor, address(0), "no licensor");
        assertEq(job.activeBlock, height(), "active");
        assertEq(job.modelId, modelId, "model");
        assertEq(job.datasetRoot + job.batchSeed + job.steps, 0, "no data set, seed or steps");
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Active));
        jobs.captureSeed(jobId);
        mine(300);
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Active));
        jobs.refundUnseeded(jobId);
    }

    function test_openJob_hiddenWeightsNeedTheirOwner() public {
        IJobManager.JobTerms memory t = askTerms(address(pay), false);
        t.worker = address(0);
        refused(t, invalid("worker"));
        t.worker = bob;
        refused(t, abi.encodeWithSelector(IJobManager.NotTheOwner.selector, modelId, secretId, bob));
        // The requester's own registration makes nobody else the owner.
        t.genesisId = genesisId;
        proveWellFormed(genesisId);
        refused(t, abi.encodeWithSelector(IJobManager.NotTheOwner.selector, modelId, genesisId, bob));
        openWith(askTerms(address(pay), false));
    }

    function test_openJob_hiddenWeightsMustBeWellFormed() public {
        IJobManager.JobTerms memory t = askTerms(address(pay), false);
        t.wellFormedCircuit = bytes32(0);
        refused(t, invalid("wellFormedCircuit"));
        t.wellFormedCircuit = inferenceCircuit;
        refused(t, abi.encodeWithSelector(IJobManager.NotWellFormed.selector, inferenceCircuit, secretId));
        t.wellFormedCircuit = wellFormedCircuit;
        t.genesisId = registerAsGenesis(alice, 8);
        refused(t, abi.encodeWithSelector(IJobManager.NotWellFormed.selector, wellFormedCircuit, t.genesisId));
        proveWellFormed(t.genesisId);
        openWith(t);
    }

    function test_openJob_openWeights() public {
        IJobManager.JobTerms memory t = askTerms(address(pay), true);
        openWith(t);
        t.worker = bob;
        openWith(t);
        t.wellFormedCircuit = wellFormedCircuit;
        refused(t, abi.encodeWithSelector(IJobManager.NotWellFormed.selector, wellFormedCircuit, genesisId));
        proveWellFormed(genesisId);
        openWith(t);
        t.genesisId = secretId;
        refused(t, abi.encodeWithSelector(IJobManager.NotAStart.selector, inferenceCircuit, secretId, requester));
        // What a window has proved is a start under the window's circuit only: who asks about it registers its points first.
        finishWindow(alice, activeJob(), 555);
        t.genesisId = 555;
        refused(t, abi.encodeWithSelector(IJobManager.NotAStart.selector, inferenceCircuit, 555, requester));
        t = askTerms(address(pay), true);
        t.genesisId = registerAsGenesis(requester, 9);
        openWith(t);
    }

    function test_openJob_refusesEachBadTerm() public {
        IJobManager.JobTerms memory t = askTerms(address(pay), false);
        t.datasetId = datasetId;
        refused(t, invalid("datasetId"));
        t = askTerms(address(pay), false);
        t.licensorBps = 1;
        refused(t, invalid("licensorBps"));
        t = askTerms(address(pay), false);
        t.contributions = 2;
        refused(t, invalid("contributions"));
        t = askTerms(address(pay), false);
        t.mode = 2;
        refused(t, abi.encodeWithSelector(IJobManager.UnsupportedMode.selector, 2));
        t = askTerms(address(pay), false);
        t.price = 0;
        refused(t, invalid("price"));
        t = askTerms(address(pay), false);
        t.windows = 0;
        refused(t, invalid("windows"));
        t = askTerms(address(pay), false);
        (t.bond, t.lapsePenalty) = (1e18 - 1, 0);
        refused(t, abi.encodeWithSelector(IJobManager.BondTooSmall.selector, 1e18 - 1, 1e18));
        t = askTerms(address(pay), false);
        t.evidenceBlocks = uint32(UNBONDING);
        refused(t, abi.encodeWithSelector(IJobManager.WindowsTooLong.selector, UNBONDING + t.leaseBlocks, UNBONDING / 2));
        vm.chainId(1);
        t = askTerms(address(pay), false);
        refused(t, abi.encodeWithSelector(IJobManager.DevProfileRefused.selector, Encodings.srsId(devTau()), 1));
        vm.chainId(31337);
        openWith(t);
        openWith(optimisticAskTerms(address(pay), false));
        openWith(optimisticAskTerms(address(pay), true));
    }

    function test_addInputs_byTheRequesterWhileTheJobRuns() public {
        uint256 jobId = ask();
        IJobManager.Input[] memory one = inputs(0, 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, alice));
        jobs.addInputs(jobId, one);
        vm.expectEmit(address(jobs));
        emit InputAdded(jobId, 0, 900, hex"01551220");
        addInputs(jobId, 1);
        vm.prank(requester);
        jobs.pause(jobId);
        vm.expectEmit(address(jobs));
        emit InputAdded(jobId, 1, 901, hex"01551220");
        addInputs(jobId, 1);
        assertEq(jobs.inputCount(jobId), 2, "two");
        assertEq(jobs.inputOf(jobId, 1), 901, "in order");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputMissing.selector, jobId, 2));
        jobs.inputOf(jobId, 2);
        vm.prank(requester);
        jobs.cancel(jobId);
        vm.prank(requester);
        vm.expectRevert(wrongJobState(jobId, IJobManager.JobState.Cancelled));
        jobs.addInputs(jobId, one);
        uint256 training = activeJob();
        vm.prank(requester);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotAnInferenceJob.selector, training));
        jobs.addInputs(training, one);
    }

    function test_addInputs_boundedAtOnceAndByTheAnswersPaid() public {
        uint256 jobId = ask();
        vm.startPrank(requester);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputCount.selector, 0, 64));
        jobs.addInputs(jobId, inputs(0, 0));
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputCount.selector, 4, 3));
        jobs.addInputs(jobId, inputs(0, 4));
        jobs.addInputs(jobId, inputs(0, 2));
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputCount.selector, 4, 3));
        jobs.addInputs(jobId, inputs(0, 2));
        jobs.addInputs(jobId, inputs(0, 1));
        IJobManager.JobTerms memory t = askTerms(address(pay), false);
        t.windows = 100;
        jobId = jobs.openJob(t);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputCount.selector, 65, 64));
        jobs.addInputs(jobId, inputs(0, 65));
        jobs.addInputs(jobId, inputs(0, 64));
        vm.stopPrank();
        assertEq(jobs.inputCount(jobId), 64, "64 at once");
    }

    function test_addInputs_refusesMalformedOnes() public {
        uint256 jobId = ask();
        IJobManager.Input[] memory made = inputs(0, 2);
        made[1].inputId = Encodings.R;
        vm.startPrank(requester);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.OutOfField.selector, Encodings.R));
        jobs.addInputs(jobId, made);
        made[1].inputId = Encodings.R - 1;
        made[1].cid = hex"015512";
        vm.expectRevert(abi.encodeWithSelector(IJobManager.CidLength.selector, 3));
        jobs.addInputs(jobId, made);
        made[1].cid = new bytes(129);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.CidLength.selector, 129));
        jobs.addInputs(jobId, made);
        made[1].cid = new bytes(128);
        jobs.addInputs(jobId, made);
        vm.stopPrank();
        assertEq(jobs.inputOf(jobId, 1), Encodings.R - 1, "control");
    }

    function test_row23b_lease_needsTheInputThatTheWorkerChecked() public {
        uint256 jobId = ask();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputMissing.selector, jobId, 0));
        windows.lease(jobId, 0, 900);
        addInputs(jobId, 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.StartMoved.selector, jobId, 901, 900));
        windows.lease(jobId, 0, 901);
        // Nor is the checkpoint what a lease names here.
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.StartMoved.selector, jobId, secretId, 900));
        windows.lease(jobId, 0, secretId);
        answerAs(alice, jobId, 1, 2);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputMissing.selector, jobId, 1));
        windows.lease(jobId, 0, 900);
        assertEq(stakes.freeStake(alice), STAKE, "whoever waits for an input has nothing at stake");
    }

    function test_lease_onlyTheNamedWorker() public {
        uint256 jobId = ask();
        addInputs(jobId, 3);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NotTheWorker.selector, jobId, alice, bob));
        windows.lease(jobId, 0, 900);
        vm.prank(bobHot);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NotTheWorker.selector, jobId, alice, bob));
        windows.lease(jobId, 0, 900);
        assertEq(windows.leaseOf(leaseAs(aliceHot, jobId)).operator, alice, "the hot key is alice's");
        assertEq(stakes.stakeOf(alice).locked, LEASE_BOND, "bonded");
        // Weights that anybody has: anybody answers.
        uint256 open = openWith(askTerms(address(pay), true));
        addInputs(open, 1);
        answerAs(bob, open, 1, 2);
        assertEq(rewards.claimable(address(pay), bob), PRICE, "paid");
    }

    function test_submitAndSettle_statementComesFromState() public {
        uint256 jobId = ask();
        addInputs(jobId, 2);
        answerAs(alice, jobId, 1, 2);
        uint256[] memory s = windows.statementFor(leaseAs(alice, jobId), answered(3, 4));
        bytes32 context = keccak256(
            abi.encode(
                keccak256("assay.context.inference.v1"),
                uint256(31337),
                address(jobs),
                jobId,
                uint256(1),
                uint256(0),
                uint256(2),
                uint256(1),
                alice,
                inferenceCircuit
            )
        );
        assertEq(s.length, 6, "words");
        assertEq(s[0], uint256(context) % Encodings.R, "context");
        assertEq(s[1], secretId, "checkpoint");
        assertEq(s[2], MASK, "mask");
        assertEq(s[3], 901, "input");
        assertEq(s[4], 3, "output");
        assertEq(s[5], 4, "output");
    }

    function test_submitAndSettle_paysKeepsAndCompletes() public {
        uint256 jobId = ask();
        addInputs(jobId, 3);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NoAnswer.selector, jobId, 0));
        windows.answerOf(jobId, 0);
        answerAs(alice, jobId, 11, 12);
        answerAs(aliceHot, jobId, 21, 22);
        assertState(jobId, IJobManager.JobState.Active);
        answerAs(alice, jobId, 31, 32);
        assertState(jobId, IJobManager.JobState.Completed);
        assertEq(rewards.escrowOf(jobId, address(pay)), 0, "spent");
        assertEq(windows.headOf(jobId), secretId, "the head does not move");
        assertEq(rewards.claimable(address(pay), alice), 3 * PRICE, "paid");
        assertEq(stakes.freeStake(alice), STAKE, "bonds returned");
        assertEq(models.provenance(inferenceCircuit, 11).statementHash, bytes32(0), "no checkpoint recorded");
        assertEq(models.provenance(inferenceCircuit, secretId).statementHash, bytes32(0), "no checkpoint recorded");
        for (uint256 k = 0; k < 3; ++k) {
            uint256[] memory outputs = windows.answerOf(jobId, k);
            assertEq(outputs.length, 2, "words");
            assertEq(outputs[0], 10 * (k + 1) + 1, "first");
            assertEq(outputs[1], 10 * (k + 1) + 2, "second");
        }
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.WrongJobState.selector, jobId, IJobManager.JobState.Completed));
        windows.lease(jobId, 0, 902);
    }

    function test_submitAndSettle_refusesWhatWasNotProved() public {
        uint256 jobId = ask();
        addInputs(jobId, 2);
        bytes32 id = leaseAs(alice, jobId);
        bytes memory proof = proofFor(id, answered(1, 2));
        rejects(alice, id, answered(1, 3), proof);
        rejects(alice, id, answered(2, 2), proof);
        uint256[] memory results = answered(1, 2);
        results[0] = MASK + 1;
        rejects(alice, id, results, proof);
        // The circuit's number of words, no other.
        for (uint256 count = 2; count <= 4; count += 2) {
            results = new uint256[](count);
            refuses(alice, id, results, proof, abi.encodeWithSelector(IWindowManager.ResultCount.selector, count));
        }
        // The same words as another statement, or with the weights called open.
        uint256[] memory statement = windows.statementFor(id, answered(1, 2));
        rejects(alice, id, answered(1, 2), boundProof(inferenceCircuit, true, statement));
        rejects(alice, id, answered(1, 2), boundProof(circuitId, false, statement));
        results = new uint256[](1);
        refuses(alice, id, results, proof, abi.encodeWithSelector(IWindowManager.ResultCount.selector, 1));
        refuses(alice, id, answered(1, Encodings.R), proof, abi.encodeWithSelector(IWindowManager.OutOfField.selector, Encodings.R));
        submitAndSettleAs(alice, id, answered(1, 2));
        // The proof of the answer before, for the next input.
        rejects(alice, leaseAs(alice, jobId), answered(1, 2), proof);
    }

    function test_row9_submitAndSettle_aCopiedAnswerIsWorthless() public {
        uint256 jobId = openWith(askTerms(address(pay), true));
        addInputs(jobId, 1);
        bytes32 id = leaseAs(alice, jobId);
        bytes memory proof = proofFor(id, answered(1, 2));
        refuses(bob, id, answered(1, 2), proof, abi.encodeWithSelector(IWindowManager.NotLeaseHolder.selector, id, alice, bob));
        vm.prank(alice);
        windows.release(id);
        rejects(bob, leaseAs(bob, jobId), answered(1, 2), proof);
        uint256 other = openWith(askTerms(address(pay), true));
        addInputs(other, 1);
        id = leaseAs(alice, other);
        rejects(alice, id, answered(1, 2), proof);
        submitAndSettleAs(alice, id, answered(1, 2));
    }

    function test_training_takesItsThreeWordsOnly() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        refuses(alice, id, new uint256[](4), falseProof(), abi.encodeWithSelector(IWindowManager.ResultCount.selector, 4));
        refuses(alice, id, new uint256[](0), falseProof(), abi.encodeWithSelector(IWindowManager.ResultCount.selector, 0));
        submitAndSettleAs(alice, id, trained(501));
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NoAnswer.selector, jobId, 0));
        windows.answerOf(jobId, 0);
    }

    function test_lease_releasedExpiredAndLateLikeAWindows() public {
        uint256 jobId = ask();
        addInputs(jobId, 3);
        bytes32 id = leaseAs(alice, jobId);
        vm.prank(alice);
        windows.release(id);
        assertEq(stakes.freeStake(alice), STAKE, "released free of charge");
        id = leaseAs(alice, jobId);
        mine(21);
        windows.expire(id);
        assertEq(stakes.freeStake(alice), STAKE - PENALTY, "the lapse was charged");
        submitAndSettleAs(alice, id, answered(1, 2));
        assertEq(rewards.claimable(address(pay), alice), PRICE, "late, but nobody else had it");
        vm.prank(requester);
        jobs.pause(jobId);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.WrongJobState.selector, jobId, IJobManager.JobState.Paused));
        windows.lease(jobId, 0, 901);
    }

    function test_cancel_refundsAllButTheHeldLease() public {
        uint256 jobId = ask();
        addInputs(jobId, 2);
        answerAs(alice, jobId, 1, 2);
        bytes32 id = leaseAs(alice, jobId);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.claimable(address(pay), requester), PRICE, "one of three was paid, one is kept");
        submitAndSettleAs(alice, id, answered(3, 4));
        assertEq(rewards.claimable(address(pay), alice), 2 * PRICE, "the lease was honoured");
        assertEq(windows.answerOf(jobId, 1)[0], 3, "and the answer is there");
        assertEq(rewards.escrowOf(jobId, address(pay)), 0, "nothing stays");
    }

    function test_submit_answersAreReadableWhenFinal() public {
        uint256 jobId = openWith(optimisticAskTerms(address(pay), false));
        addInputs(jobId, 2);
        submitAnswer(alice, jobId, 11, 12);
        bytes32 second = submitAnswer(alice, jobId, 21, 22);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputMissing.selector, jobId, 2));
        windows.lease(jobId, 0, 902);
        addInputs(jobId, 1);
        submitAnswer(alice, jobId, 31, 32);
        settleAs(stranger, second);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NoAnswer.selector, jobId, 1));
        windows.answerOf(jobId, 1);
        mine(41);
        windows.finalize(jobId, 8);
        for (uint256 k = 0; k < 3; ++k) assertEq(windows.answerOf(jobId, k)[1], 10 * (k + 1) + 2, "final");
        assertState(jobId, IJobManager.JobState.Completed);
        assertEq(rewards.claimable(address(pay), alice), 3 * (PRICE - PRICE / 10), "paid but for the seats");
        assertEq(windows.headOf(jobId), secretId, "the head does not move");
    }

    function test_row23a_submit_aFalseAnswerIsAskedAgain() public {
        uint256 jobId = openWith(optimisticAskTerms(address(pay), true));
        addInputs(jobId, 3);
        bytes32 id = leaseAs(alice, jobId);
        submitAs(alice, id, answered(11, 12), falseProof());
        bytes32 above = submitAnswer(bob, jobId, 21, 22);
        commitSubmittedAs(finder, id);
        settleAs(finder, id, falseProof());
        assertTrue(windows.leaseOf(id).state == IWindowManager.LeaseState.Rejected, "rejected");
        assertTrue(windows.leaseOf(above).state == IWindowManager.LeaseState.Orphaned, "orphaned");
        assertEq(stakes.stakeOf(alice).active, STAKE - BOND, "slashed");
        assertEq(stakes.freeStake(bob), STAKE, "whoever was above was not");
        assertEq(startOf(jobId), 900, "the same input");
        id = submitAnswer(bob, jobId, 13, 14);
        mine(41);
        windows.finalize(jobId, 1);
        assertEq(windows.answerOf(jobId, 0)[0], 13, "the true answer");
    }

    function test_cancel_answersThatStandArePaid() public {
        uint256 jobId = openWith(optimisticAskTerms(address(pay), false));
        addInputs(jobId, 1);
        submitAnswer(alice, jobId, 11, 12);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.claimable(address(pay), requester), 2 * PRICE, "one is pending");
        mine(41);
        windows.finalize(jobId, 1);
        assertEq(windows.answerOf(jobId, 0)[0], 11, "readable");
        assertEq(rewards.claimable(address(pay), alice), PRICE - PRICE / 10, "paid");
    }

    function test_slash_aFalseAnswerCostsTheBond() public {
        uint256 jobId = ask();
        addInputs(jobId, 1);
        bytes32 id = leaseAs(alice, jobId);
        IChallengeManager.Evidence memory e = evidenceOf(id, windows.statementFor(id, answered(1, 2)), falseProof(), aliceKey);
        commitAs(finder, e);
        vm.prank(finder);
        assertEq(challenges.slashByEvidence(e), BOND, "the bond");
        assertTrue(windows.leaseOf(id).state == IWindowManager.LeaseState.Revoked, "revoked");
        assertEq(rewards.claimable(address(token), requester), BOND / 5, "harmed");
        mine(UNBONDING / 4 + 1);
        vm.prank(alice);
        stakes.unjail();
        answerAs(alice, jobId, 1, 2);
        assertEq(rewards.claimable(address(pay), alice), PRICE, "the job goes on");
    }

    function test_slash_aTrueAnswerNeverDoes() public {
        uint256 jobId = openWith(askTerms(address(pay), true));
        addInputs(jobId, 1);
        bytes32 id = leaseAs(alice, jobId);
        uint256[] memory statement = windows.statementFor(id, answered(1, 2));
        IChallengeManager.Evidence memory e = evidenceOf(id, statement, jobProof(jobId, statement), aliceKey);
        commitAs(finder, e);
        vm.prank(finder);
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.EvidenceIsTrue.selector, id));
        challenges.slashByEvidence(e);
        assertEq(stakes.stakeOf(alice).active, STAKE, "untouched");
    }

    /// The statement's tag is inside what is signed: words signed as a window's say nothing about an answer.
    function test_slash_anotherStatementsSignatureIsNoEvidence() public {
        uint256 jobId = ask();
        addInputs(jobId, 1);
        bytes32 id = leaseAs(alice, jobId);
        uint256[] memory s = windows.statementFor(id, answered(1, 2));
        IChallengeManager.Evidence memory e = evidenceOf(id, s, falseProof(), aliceKey);
        bytes32 right = e.announcement.statementHash;
        e.announcement.statementHash = Statements.hash(keccak256("train-window"), s);
        assertTrue(right != e.announcement.statementHash, "they differ");
        assertEq(right, keccak256(abi.encode(keccak256("assay.statement.inference.v1"), s[0], s[1], s[2], s[3], s[4], s[5])), "encoding");
        commitAs(finder, e);
        vm.prank(finder);
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.StatementMismatch.selector, e.announcement.statementHash, right));
        challenges.slashByEvidence(e);
    }
}
