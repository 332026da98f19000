// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IChallengeManager} from "../../src/interfaces/IChallengeManager.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Statements} from "../../src/libraries/Statements.sol";
import {InferenceFixture} from "../utils/InferenceFixture.sol";

/// From InferenceJobs.tree.
contract InferenceJobsTest is InferenceFixture {
    function refused(IJobManager.JobTerms memory terms, bytes memory reason) internal {
        vm.prank(requester);
        vm.expectRevert(reason);
        jobs.openJob(terms);
    }

    function accepted(IJobManager.JobTerms memory terms) internal returns (uint256) {
        vm.prank(requester);
        return jobs.openJob(terms);
    }

    function invalid(string memory field) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IJobManager.InvalidTerms.selector, field);
    }

    function stateOf(uint256 jobId) internal view returns (IJobManager.JobState) {
        return jobs.jobOf(jobId).state;
    }

    function wrongState(uint256 jobId, IJobManager.JobState state) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IJobManager.WrongJobState.selector, jobId, state);
    }

    function rejected(address sender, uint256 jobId, uint256[] memory results, bytes memory proof) internal {
        bytes32 id = jobs.jobOf(jobId).leaseId;
        uint256 windowIndex = jobs.jobOf(jobId).finalized;
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ProofRejected.selector, id));
        jobs.submit(jobId, windowIndex, results, proof, "opening");
    }

    function test_openJob_hiddenWeightsAreActiveAtOnce() public {
        uint256 jobId = ask();
        IJobManager.Job memory job = jobs.jobOf(jobId);
        assertEq(uint256(job.state), uint256(IJobManager.JobState.Active), "active");
        assertEq(job.statementType, keccak256("inference"), "statement");
        assertEq(job.escrow, 3 * PRICE, "escrow");
        assertEq(job.headId, secretId, "checkpoint");
        assertEq(job.modelId, modelId, "model");
        assertEq(job.datasetRoot + job.batchSeed + job.steps, 0, "no data set, seed or steps");
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Active));
        jobs.captureSeed(jobId);
        mine(300);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Active));
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
        accepted(askTerms(address(pay), false));
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
        accepted(t);
    }

    function test_openJob_openWeights() public {
        IJobManager.JobTerms memory t = askTerms(address(pay), true);
        accepted(t);
        t.worker = bob;
        accepted(t);
        t.wellFormedCircuit = wellFormedCircuit;
        refused(t, abi.encodeWithSelector(IJobManager.NotWellFormed.selector, wellFormedCircuit, genesisId));
        proveWellFormed(genesisId);
        accepted(t);
        t.genesisId = secretId;
        refused(t, abi.encodeWithSelector(IJobManager.NotAStart.selector, modelId, secretId, requester));
        // A proved window's checkpoint is everybody's start.
        finishWindow(alice, activeJob(), 555);
        t = askTerms(address(pay), true);
        t.genesisId = 555;
        accepted(t);
    }

    function test_openJob_refusesEachBadTerm() public {
        IJobManager.JobTerms memory t = askTerms(address(pay), false);
        t.datasetId = datasetId;
        refused(t, invalid("datasetId"));
        t = askTerms(address(pay), false);
        t.mode = 1;
        refused(t, abi.encodeWithSelector(IJobManager.UnsupportedMode.selector, 1));
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
        t = askTerms(address(pay), false);
        t.circuitId = wellFormedCircuit;
        refused(t, abi.encodeWithSelector(IJobManager.UnsupportedStatement.selector, keccak256("well-formed")));
        vm.chainId(1);
        t = askTerms(address(pay), false);
        refused(t, abi.encodeWithSelector(IJobManager.DevProfileRefused.selector, Encodings.srsId(devTau()), 1));
        vm.chainId(31337);
        accepted(t);
    }

    function test_openJob_trainingRefusesTheTermsOfInference() public {
        IJobManager.JobTerms memory t = termsFor(address(pay));
        t.worker = alice;
        refused(t, invalid("worker"));
        t = termsFor(address(pay));
        t.wellFormedCircuit = wellFormedCircuit;
        refused(t, invalid("wellFormedCircuit"));
        accepted(termsFor(address(pay)));
    }

    function test_addInputs_byTheRequesterWhileTheJobRuns() public {
        uint256 jobId = ask();
        IJobManager.Input[] memory one = inputs(0, 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotAllowed.selector, alice));
        jobs.addInputs(jobId, one);
        addInputs(jobId, 1);
        vm.prank(requester);
        jobs.pause(jobId);
        addInputs(jobId, 1);
        assertEq(jobs.inputCount(jobId), 2, "two");
        assertEq(jobs.inputOf(jobId, 1), 901, "in order");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputMissing.selector, jobId, 2));
        jobs.inputOf(jobId, 2);
        vm.prank(requester);
        jobs.cancel(jobId);
        vm.prank(requester);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Cancelled));
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

    function test_lease_needsTheInputThatTheWorkerChecked() public {
        uint256 jobId = ask();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputMissing.selector, jobId, 0));
        jobs.lease(jobId, 900);
        addInputs(jobId, 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputMoved.selector, jobId, 901, 900));
        jobs.lease(jobId, 901);
        // Nor is the checkpoint what a lease names here.
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputMoved.selector, jobId, secretId, 900));
        jobs.lease(jobId, secretId);
        answerAs(alice, jobId, 1, 2);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputMissing.selector, jobId, 1));
        jobs.lease(jobId, 900);
    }

    function test_lease_onlyTheNamedWorker() public {
        uint256 jobId = ask();
        addInputs(jobId, 3);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotTheWorker.selector, jobId, alice, bob));
        jobs.lease(jobId, 900);
        vm.prank(bobHot);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotTheWorker.selector, jobId, alice, bob));
        jobs.lease(jobId, 900);
        assertEq(jobs.leaseOf(leaseAnswerAs(aliceHot, jobId)).operator, alice, "the hot key is alice's");
        assertEq(stakes.stakeOf(alice).locked, BOND, "bonded");
        // Weights that anybody has: anybody answers.
        uint256 open = accepted(askTerms(address(pay), true));
        addInputs(open, 1);
        answerAs(bob, open, 1, 2);
        assertEq(rewards.claimable(address(pay), bob), PRICE, "paid");
    }

    function test_submit_statementComesFromState() public {
        uint256 jobId = ask();
        addInputs(jobId, 2);
        answerAs(alice, jobId, 1, 2);
        leaseAnswerAs(alice, jobId);
        (bytes32 id, uint256[] memory s) = jobs.statementFor(jobId, answered(3, 4));
        assertEq(id, jobs.jobOf(jobId).leaseId, "id");
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

    function test_submit_paysStoresAndCompletes() public {
        uint256 jobId = ask();
        addInputs(jobId, 3);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NoAnswer.selector, jobId, 0));
        jobs.answerOf(jobId, 0);
        answerAs(alice, jobId, 11, 12);
        answerAs(aliceHot, jobId, 21, 22);
        assertEq(uint256(stateOf(jobId)), uint256(IJobManager.JobState.Active), "not yet");
        answerAs(alice, jobId, 31, 32);
        IJobManager.Job memory job = jobs.jobOf(jobId);
        assertEq(uint256(job.state), uint256(IJobManager.JobState.Completed), "completed");
        assertEq(job.escrow, 0, "spent");
        assertEq(job.headId, secretId, "the head does not move");
        assertEq(rewards.claimable(address(pay), alice), 3 * PRICE, "paid");
        assertEq(stakes.freeStake(alice), 500e18, "bonds returned");
        assertTrue(!models.provenance(modelId, 11).proved && !models.provenance(modelId, secretId).proved, "no checkpoint recorded");
        for (uint256 k = 0; k < 3; ++k) {
            uint256[] memory outputs = jobs.answerOf(jobId, k);
            assertEq(outputs.length, 2, "words");
            assertEq(outputs[0], 10 * (k + 1) + 1, "first");
            assertEq(outputs[1], 10 * (k + 1) + 2, "second");
        }
        vm.prank(alice);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Completed));
        jobs.lease(jobId, 902);
    }

    function test_submit_refusesWhatWasNotProved() public {
        uint256 jobId = ask();
        addInputs(jobId, 2);
        leaseAnswerAs(alice, jobId);
        bytes memory proof = answerProof(jobId, 1, 2);
        rejected(alice, jobId, answered(1, 3), proof);
        rejected(alice, jobId, answered(2, 2), proof);
        uint256[] memory results = answered(1, 2);
        results[0] = MASK + 1;
        rejected(alice, jobId, results, proof);
        // The circuit's number of words, no other.
        results = new uint256[](2);
        (results[0], results[1]) = (MASK, 1);
        (, uint256[] memory statement) = jobs.statementFor(jobId, results);
        rejected(alice, jobId, results, boundProof(inferenceCircuit, false, statement));
        results = new uint256[](4);
        (results[0], results[1], results[2]) = (MASK, 1, 2);
        rejected(alice, jobId, results, proof);
        // The same words as another statement, or with the weights called open.
        (, statement) = jobs.statementFor(jobId, answered(1, 2));
        rejected(alice, jobId, answered(1, 2), boundProof(inferenceCircuit, true, statement));
        rejected(alice, jobId, answered(1, 2), boundProof(circuitId, false, statement));
        results = new uint256[](1);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ResultCount.selector, 1));
        jobs.submit(jobId, 0, results, proof, "opening");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.OutOfField.selector, Encodings.R));
        jobs.submit(jobId, 0, answered(1, Encodings.R), proof, "opening");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.WrongWindow.selector, jobId, 0, 1));
        jobs.submit(jobId, 1, answered(1, 2), proof, "opening");
        jobs.submit(jobId, 0, answered(1, 2), proof, "opening");
        vm.stopPrank();
        // The proof of the answer before, for the next input.
        leaseAnswerAs(alice, jobId);
        rejected(alice, jobId, answered(1, 2), proof);
    }

    function test_submit_aCopiedAnswerIsWorthless() public {
        uint256 jobId = accepted(askTerms(address(pay), true));
        addInputs(jobId, 1);
        leaseAnswerAs(alice, jobId);
        bytes memory proof = answerProof(jobId, 1, 2);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotLeaseHolder.selector, jobId, alice, bob));
        jobs.submit(jobId, 0, answered(1, 2), proof, "opening");
        vm.prank(alice);
        jobs.release(jobId);
        leaseAnswerAs(bob, jobId);
        rejected(bob, jobId, answered(1, 2), proof);
        uint256 other = accepted(askTerms(address(pay), true));
        addInputs(other, 1);
        leaseAnswerAs(alice, other);
        rejected(alice, other, answered(1, 2), proof);
    }

    function test_training_takesItsThreeWordsOnly() public {
        uint256 jobId = activeJob();
        leaseAs(alice, jobId);
        uint256[] memory results = new uint256[](4);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ResultCount.selector, 4));
        jobs.submit(jobId, 0, results, hex"00", "opening");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ResultCount.selector, 0));
        jobs.submit(jobId, 0, new uint256[](0), hex"00", "opening");
        vm.stopPrank();
        submitAs(alice, jobId, 501, currentProof(jobId, 501));
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NoAnswer.selector, jobId, 0));
        jobs.answerOf(jobId, 0);
    }

    function test_lease_releasedExpiredAndLateLikeAWindows() public {
        uint256 jobId = ask();
        addInputs(jobId, 3);
        leaseAnswerAs(alice, jobId);
        vm.prank(alice);
        jobs.release(jobId);
        assertEq(stakes.freeStake(alice), 500e18, "released free of charge");
        leaseAnswerAs(alice, jobId);
        bytes memory proof = answerProof(jobId, 1, 2);
        mine(21);
        jobs.expire(jobId);
        assertEq(stakes.freeStake(alice), 500e18 - PENALTY, "the lapse was charged");
        vm.prank(alice);
        jobs.submit(jobId, 0, answered(1, 2), proof, "opening");
        assertEq(rewards.claimable(address(pay), alice), PRICE, "late, but nobody else had it");
        vm.prank(requester);
        jobs.pause(jobId);
        vm.prank(alice);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Paused));
        jobs.lease(jobId, 901);
    }

    function test_cancel_refundsAllButTheHeldLease() public {
        uint256 jobId = ask();
        addInputs(jobId, 2);
        answerAs(alice, jobId, 1, 2);
        leaseAnswerAs(alice, jobId);
        bytes memory proof = answerProof(jobId, 3, 4);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.claimable(address(pay), requester), PRICE, "one of three was paid, one is kept");
        vm.prank(alice);
        jobs.submit(jobId, 1, answered(3, 4), proof, "opening");
        assertEq(rewards.claimable(address(pay), alice), 2 * PRICE, "the lease was honoured");
        assertEq(jobs.answerOf(jobId, 1)[0], 3, "and the answer is there");
        assertEq(jobs.jobOf(jobId).escrow, 0, "nothing stays");
    }

    /// Evidence as `Fixture.evidenceOf` makes it, over a statement of the inference job's length.
    function evidence(uint256 jobId, uint256[] memory statement, bytes memory proof)
        internal
        view
        returns (IChallengeManager.Evidence memory)
    {
        return evidenceOf(jobId, statement, proof, aliceKey);
    }

    function test_slash_aFalseAnswerCostsTheBond() public {
        uint256 jobId = ask();
        addInputs(jobId, 1);
        leaseAnswerAs(alice, jobId);
        (, uint256[] memory statement) = jobs.statementFor(jobId, answered(1, 2));
        IChallengeManager.Evidence memory e = evidence(jobId, statement, falseProof());
        commitAs(finder, e);
        vm.prank(finder);
        assertEq(challenges.slashByEvidence(e), BOND, "the bond");
        assertEq(uint256(jobs.leaseOf(e.announcement.submissionId).state), uint256(IJobManager.LeaseState.Revoked), "revoked");
        assertEq(rewards.claimable(address(token), requester), 20e18, "harmed");
        answerAs(alice, jobId, 1, 2);
        assertEq(rewards.claimable(address(pay), alice), PRICE, "the job goes on");
    }

    function test_slash_aTrueAnswerNeverDoes() public {
        uint256 jobId = accepted(askTerms(address(pay), true));
        addInputs(jobId, 1);
        leaseAnswerAs(alice, jobId);
        (, uint256[] memory statement) = jobs.statementFor(jobId, answered(1, 2));
        IChallengeManager.Evidence memory e = evidence(jobId, statement, answerProof(jobId, 1, 2));
        commitAs(finder, e);
        vm.prank(finder);
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.EvidenceIsTrue.selector, e.announcement.submissionId));
        challenges.slashByEvidence(e);
        assertEq(stakes.stakeOf(alice).active, 500e18, "untouched");
    }

    /// The statement's tag is inside what is signed: words signed as a window's say nothing about an answer.
    function test_slash_anotherStatementsSignatureIsNoEvidence() public {
        uint256 jobId = ask();
        addInputs(jobId, 1);
        leaseAnswerAs(alice, jobId);
        (, uint256[] memory statement) = jobs.statementFor(jobId, answered(1, 2));
        IChallengeManager.Evidence memory e = evidence(jobId, statement, falseProof());
        bytes32 right = e.announcement.statementHash;
        e.announcement.statementHash = Statements.hash(keccak256("train-window"), statement);
        assertTrue(right != e.announcement.statementHash, "they differ");
        assertEq(right, keccak256(abi.encode(keccak256("assay.statement.inference.v1"), statement[0], statement[1], statement[2], statement[3], statement[4], statement[5])), "encoding");
        commitAs(finder, e);
        vm.prank(finder);
        vm.expectRevert(
            abi.encodeWithSelector(IChallengeManager.StatementMismatch.selector, e.announcement.statementHash, right)
        );
        challenges.slashByEvidence(e);
    }
}
