// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Statements} from "../../src/libraries/Statements.sol";
import {InferenceFixture} from "../utils/InferenceFixture.sol";
import {Vm} from "../utils/TestBase.sol";

/// From WindowManager.tree: statements, submissions, settling, finality, rejection.
contract WindowManagerSettlementTest is InferenceFixture {
    /// What the worker gets of a unit whose validators' seats share a tenth.
    uint256 private constant WORKER_PART = (uint256(PRICE) * 9) / 10;

    function longJob() internal returns (uint256) {
        IJobManager.JobTerms memory terms = optimisticTermsFor(address(pay));
        terms.windows = 12;
        return activeWith(terms);
    }

    function owed(address account) internal view returns (uint256) {
        return rewards.claimable(address(pay), account);
    }

    function owedAssay(address account) internal view returns (uint256) {
        return rewards.claimable(address(token), account);
    }

    function lockedOf(address operator) internal view returns (uint256) {
        return stakes.stakeOf(operator).locked;
    }

    function assertLease(bytes32 id, IWindowManager.LeaseState state) internal view {
        assertEq(uint256(windows.leaseOf(id).state), uint256(state), "state of the lease");
    }

    function wrongLease(bytes32 id, IWindowManager.LeaseState state) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IWindowManager.WrongLeaseState.selector, id, state);
    }

    function unknown(bytes32 id) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IWindowManager.UnknownSubmission.selector, id);
    }

    function refusedSubmit(address sender, bytes32 id, uint256[] memory results, bytes memory reason) internal {
        vm.prank(sender);
        vm.expectRevert(reason);
        windows.submit(id, results, bytes32(uint256(1)), bytes32(uint256(2)));
    }

    function refusedProof(address sender, bytes32 id, uint256[] memory results, bytes memory proof, bytes memory reason) internal {
        vm.prank(sender);
        vm.expectRevert(reason);
        windows.submitAndSettle(id, results, proof, OPENING);
    }

    function refusedSettle(bytes32 id, uint256[] memory statement, bytes memory proof, bytes memory reason) internal {
        vm.expectRevert(reason);
        windows.settle(id, statement, proof, OPENING, SALT);
    }

    function contextOf(bytes32 id, bytes32 tag, bytes32 circuit) internal view returns (uint256) {
        IWindowManager.Lease memory leased = windows.leaseOf(id);
        bytes memory preimage = abi.encode(
            tag,
            block.chainid,
            address(jobs),
            leased.jobId,
            leased.windowIndex,
            leased.contributionIndex,
            leased.leaseNonce,
            1,
            leased.operator,
            circuit
        );
        return uint256(keccak256(preimage)) % Encodings.R;
    }

    function test_row10_statement_ofAWindow() public {
        uint256 jobId = longJob();
        submitWindow(alice, jobId, 501);
        submitWindow(bob, jobId, 502);
        bytes32 id = leaseAs(alice, jobId);
        uint256[] memory statement = windows.statementFor(id, trained(503, 21, 22));
        assertEq(statement.length, 8, "words");
        assertEq(statement[0], contextOf(id, keccak256("assay.context.train-window.v1"), circuitId), "context");
        assertEq(statement[1], 502, "the head, which is not final");
        assertEq(statement[2], 503, "child");
        assertEq(statement[3], 21, "mask");
        assertEq(statement[4], ROOT, "dataset");
        assertEq(statement[5], jobs.jobOf(jobId).batchSeed, "seed");
        assertEq(statement[6], 2 * 4, "first step");
        assertEq(statement[7], 22, "loss");
        assertEq(
            id, keccak256(abi.encode(keccak256("assay.submission.v1"), block.chainid, address(jobs), jobId, 2, 0, 3)), "submission id"
        );
    }

    function test_row10_statement_ofAnAnswer() public {
        uint256 jobId = activeWith(optimisticAskTerms(address(pay), true));
        addInputs(jobId, 2);
        submitAnswer(alice, jobId, 1, 2);
        bytes32 id = leaseAs(bob, jobId);
        uint256[] memory statement = windows.statementFor(id, answered(3, 4));
        assertEq(statement.length, 6, "words");
        assertEq(statement[0], contextOf(id, keccak256("assay.context.inference.v1"), inferenceCircuit), "context");
        assertEq(statement[1], genesisId, "the checkpoint that is asked");
        assertEq(statement[2], MASK, "mask");
        assertEq(statement[3], 901, "input");
        assertEq(statement[4], 3, "first output");
        assertEq(statement[5], 4, "second output");
    }

    function test_row17_statement_doesNotDependOnWhenAnybodyActs() public {
        uint256 jobId = activeJob();
        uint256 snapshot = vm.snapshotState();
        uint256[] memory early = windows.statementFor(leaseAs(alice, jobId), trained(501));
        vm.revertToState(snapshot);
        mine(77);
        uint256[] memory late = windows.statementFor(leaseAs(alice, jobId), trained(501));
        assertEq(keccak256(abi.encode(early)), keccak256(abi.encode(late)), "the same words");
    }

    function test_statement_refusesOtherResults() public {
        uint256 jobId = optimisticJob();
        bytes32 id = leaseAs(alice, jobId);
        refusedSubmit(alice, id, new uint256[](2), abi.encodeWithSelector(IWindowManager.ResultCount.selector, 2));
        refusedSubmit(alice, id, new uint256[](4), abi.encodeWithSelector(IWindowManager.ResultCount.selector, 4));
        for (uint256 i = 0; i < 3; ++i) {
            uint256[] memory results = trained(501);
            results[i] = Encodings.R;
            refusedSubmit(alice, id, results, abi.encodeWithSelector(IWindowManager.OutOfField.selector, Encodings.R));
        }
        submitAs(alice, id, trained(Encodings.R - 1, Encodings.R - 1, Encodings.R - 1), falseProof());
        uint256[] memory none = trained(501);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.WindowDone.selector, jobId, 0));
        windows.statementFor(id, none);

        uint256 asked = activeWith(optimisticAskTerms(address(pay), true));
        addInputs(asked, 1);
        id = leaseAs(bob, asked);
        // maskId and two outputs: as many as the circuit has, so that no answer that silence makes final is too short or too long.
        for (uint256 count = 0; count < 6; ++count) {
            if (count == 3) continue;
            refusedSubmit(bob, id, new uint256[](count), abi.encodeWithSelector(IWindowManager.ResultCount.selector, count));
        }
        refusedSubmit(bob, id, answered(1, Encodings.R), abi.encodeWithSelector(IWindowManager.OutOfField.selector, Encodings.R));
        submitAs(bob, id, answered(1, 2), falseProof());
    }

    function test_row9_submit_isTheHolders() public {
        uint256 jobId = optimisticJob();
        refusedSubmit(alice, keccak256("?"), trained(501), unknown(keccak256("?")));
        bytes32 id = leaseAs(alice, jobId);
        bytes memory reason = abi.encodeWithSelector(IWindowManager.NotLeaseHolder.selector, id, alice, bob);
        refusedSubmit(bob, id, trained(501), reason);
        reason = abi.encodeWithSelector(IWindowManager.NotLeaseHolder.selector, id, alice, bobHot);
        refusedSubmit(bobHot, id, trained(501), reason);
        // A hot key counts while it is the current one.
        registerAs(alice, 0xa11ce2);
        reason = abi.encodeWithSelector(IWindowManager.NotLeaseHolder.selector, id, alice, aliceHot);
        refusedSubmit(aliceHot, id, trained(501), reason);
        submitAs(vm.addr(0xa11ce2), id, trained(501), falseProof());
        assertEq(windows.leaseOf(id).registrationNonce, 1, "the nonce when it was leased");
        refusedSubmit(alice, id, trained(501), wrongLease(id, IWindowManager.LeaseState.Submitted));
    }

    function test_submit_keepsTheBond() public {
        uint256 jobId = longJob();
        bytes32 id = leaseAs(alice, jobId);
        assertEq(lockedOf(alice), LEASE_BOND, "a newcomer's");
        bytes memory proof = proofFor(id, trained(501));
        vm.recordLogs();
        submitAs(alice, id, trained(501), proof);
        Vm.Log[] memory told = logsOf(IWindowManager.WindowSubmitted.selector);
        assertEq(told.length, 1, "told");
        assertEq(
            keccak256(told[0].data), keccak256(abi.encode(id, 0, submittedStatement(id), proofHashOf(proof), alice)), "as it is"
        );
        assertLease(id, IWindowManager.LeaseState.Submitted);
        assertEq(lockedOf(alice), BOND, "exactly the bond");
        assertEq(windows.leaseOf(id).locked, BOND, "the lease's");
        assertEq(windows.leaseOf(id).ended, 0, "goes on");
        IWindowManager.Submission memory submission = windows.submissionOf(id);
        assertEq(submission.resultId, 501, "child");
        assertEq(submission.proofHash, proofHashOf(proof), "proof");
        assertEq(submission.submittedAt, height(), "block");
        assertTrue(!submission.proved && !submission.withheld, "undecided");
        bytes32 words = keccak256(abi.encodePacked(keccak256("assay.statement.train-window.v1"), submittedStatement(id)));
        assertEq(submission.statementHash, words, "statement");
        IWindowManager.Progress memory progress = windows.progressOf(jobId);
        assertEq(progress.submitted, 1, "submitted");
        assertEq(progress.finalized, 0, "not final");
        assertEq(progress.pendingSlots, 0, "no slot pends");
        assertEq(progress.finalId, genesisId, "final head");
        assertEq(windows.headOf(jobId), 501, "head");
        assertEq(windows.submissionAt(jobId, 0), id, "holds the window");
        assertEq(windows.pendingUnits(jobId), 1, "pends");
        leaseAs(bob, jobId);
    }

    function test_submit_isForOptimisticJobs() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        refusedSubmit(alice, id, trained(501), abi.encodeWithSelector(IWindowManager.WrongMode.selector, jobId, 0));
        submitAndSettleAs(alice, id, trained(501));
    }

    /// The same transactions after a reorganisation that has changed the job's seed: what was proved is an answer to another question, and
    /// shown as the proof of this one it would cost an honest worker its bond.
    function test_row23b_submit_refusesAnotherQuestion() public {
        uint256 snapshot = vm.snapshotState();
        uint256 jobId = optimisticJob();
        bytes32 id = leaseAs(alice, jobId);
        bytes memory proof = proofFor(id, trained(501));
        bytes32 proved = statementHashOf(id, trained(501));
        uint256 seed = jobs.jobOf(jobId).batchSeed;
        submitAs(alice, id, trained(501), proof);
        assertEq(windows.submissionOf(id).statementHash, proved, "taken on the chain that it was proved on");

        vm.revertToState(snapshot);
        mine(1);
        assertEq(optimisticJob(), jobId, "the same job");
        assertTrue(jobs.jobOf(jobId).batchSeed != seed, "the attack happened");
        assertEq(leaseAs(alice, jobId), id, "the same lease");
        bytes32 asked = statementHashOf(id, trained(501));
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.StatementMismatch.selector, asked, proved));
        vm.prank(alice);
        windows.submit(id, trained(501), proved, proofHashOf(proof));
        assertLease(id, IWindowManager.LeaseState.Held);
        // She may still answer what is asked now.
        submitAs(alice, id, trained(501), proofFor(id, trained(501)));
        settleAs(stranger, id);
        assertEq(stakes.stakeOf(alice).active, STAKE, "nothing is lost");
    }

    function test_submit_refusesAWindowThatIsTaken() public {
        uint256 jobId = optimisticJob();
        bytes32 first = leaseAs(alice, jobId);
        vm.roll(windows.leaseOf(first).deadline + 1);
        bytes32 second = leaseAs(bob, jobId);
        submitAs(bob, second, trained(501), falseProof());
        refusedSubmit(alice, first, trained(502), abi.encodeWithSelector(IWindowManager.WindowDone.selector, jobId, 0));
        // Not even when the window is worked on again: the lease is of another epoch.
        settleAs(stranger, second, falseProof());
        refusedSubmit(alice, first, trained(502), abi.encodeWithSelector(IWindowManager.WindowDone.selector, jobId, 0));
        submitWindow(alice, jobId, 503);
    }

    function test_row9_eager_aCopiedProofDoesNotFit() public {
        uint256 jobId = activeJob();
        bytes32 hers = leaseAs(alice, jobId);
        vm.roll(windows.leaseOf(hers).deadline + 1);
        bytes32 his = leaseAs(bob, jobId);
        bytes memory proof = proofFor(hers, trained(501));
        bytes memory notHolder = abi.encodeWithSelector(IWindowManager.NotLeaseHolder.selector, hers, alice, bob);
        refusedProof(bob, hers, trained(501), proof, notHolder);
        refusedProof(bob, his, trained(501), proof, abi.encodeWithSelector(IWindowManager.ProofRejected.selector, his));
        submitAndSettleAs(alice, hers, trained(501));
        assertEq(owed(alice), PRICE, "hers");
        assertEq(owed(bob), 0, "nothing for a copy");
    }

    function test_row10_eager_aProofIsOfOneWindowJobAndLease() public {
        uint256 jobId = activeJob();
        uint256 other = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        bytes32 there = leaseAs(alice, other);
        bytes memory proof = proofFor(id, trained(501));
        refusedProof(alice, there, trained(501), proof, abi.encodeWithSelector(IWindowManager.ProofRejected.selector, there));
        refusedProof(alice, id, trained(502), proof, abi.encodeWithSelector(IWindowManager.ProofRejected.selector, id));
        submitAndSettleAs(alice, id, trained(501));
        bytes32 next = leaseAs(alice, jobId);
        refusedProof(alice, next, trained(501), proof, abi.encodeWithSelector(IWindowManager.ProofRejected.selector, next));
        refusedProof(alice, id, trained(501), proof, wrongLease(id, IWindowManager.LeaseState.Finalized));
        // A lease released and taken again has another nonce.
        proof = proofFor(next, trained(502));
        vm.prank(alice);
        windows.release(next);
        bytes32 again = leaseAs(alice, jobId);
        refusedProof(alice, again, trained(502), proof, abi.encodeWithSelector(IWindowManager.ProofRejected.selector, again));
        submitAndSettleAs(alice, again, trained(502));
    }

    function test_eager_paysAndMovesOn() public {
        uint256 jobId = activeJob();
        bytes32 id = finishWindow(alice, jobId, 501);
        assertLease(id, IWindowManager.LeaseState.Finalized);
        assertEq(windows.leaseOf(id).ended, height(), "ended");
        assertEq(lockedOf(alice), 0, "bond returned");
        assertEq(owed(alice), PRICE, "paid");
        assertEq(windows.submissionAt(jobId, 0), id, "holds the window");
        assertEq(windows.submissionOf(id).submittedAt, 0, "nothing to be settled later");
        (uint256 head, uint256 count) = windows.finalHeadOf(jobId);
        assertEq(head, 501, "final head");
        assertEq(count, 1, "windows");
        assertEq(models.provenance(circuitId, 501).parentId, genesisId, "recorded");
        finishWindow(bob, jobId, 502);
        assertEq(models.provenance(circuitId, 502).windowIndex, 1, "the second window");
        bytes32 last = leaseAs(alice, jobId);
        assertState(jobId, IJobManager.JobState.Active);
        submitAndSettleAs(alice, last, trained(503));
        assertState(jobId, IJobManager.JobState.Completed);
        assertEq(rewards.escrowOf(jobId, address(pay)), 0, "spent");
    }

    function test_optimistic_submitAndSettle() public {
        uint256 jobId = optimisticJob();
        bytes32 first = submitWindow(alice, jobId, 501);
        bytes32 second = leaseAs(bob, jobId);
        bytes memory bad = falseProof();
        refusedProof(bob, second, trained(502), bad, abi.encodeWithSelector(IWindowManager.ProofRejected.selector, second));
        submitAndSettleAs(bob, second, trained(502));
        assertLease(second, IWindowManager.LeaseState.Submitted);
        assertTrue(windows.submissionOf(second).proved, "proved");
        assertEq(owed(bob), 0, "not in its turn yet");
        settleAs(stranger, first);
        assertLease(first, IWindowManager.LeaseState.Finalized);
        windows.finalize(jobId, 8);
        assertEq(owed(bob), WORKER_PART, "paid");
        bytes32 third = leaseAs(alice, jobId);
        submitAndSettleAs(alice, third, trained(503));
        assertLease(third, IWindowManager.LeaseState.Finalized);
        assertState(jobId, IJobManager.JobState.Completed);
    }

    /// Bytes that everybody has and that are true of something: under the words that were submitted they are false, and that is what counts.
    function test_row9_settle_knownBytesThatAreFalseForTheSubmittedStatement() public {
        uint256 jobId = optimisticJob();
        bytes32 first = submitWindow(alice, jobId, 501);
        bytes memory known = submittedProof(first);
        settleAs(stranger, first, known);
        assertLease(first, IWindowManager.LeaseState.Finalized);
        // Another worker's, of another window; and its own, of another loss.
        for (uint256 i = 0; i < 2; ++i) {
            uint256 state = vm.snapshotState();
            bytes32 id = leaseAs(bob, jobId);
            if (i == 1) known = proofFor(id, trained(502, MASK_ID, 1));
            uint256[] memory truth = i == 1 ? windows.statementFor(id, trained(502, MASK_ID, 1)) : submittedStatement(first);
            submitAs(bob, id, trained(502), known);
            commitSubmittedAs(finder, id);
            bytes32 submitted = windows.submissionOf(id).statementHash;
            bytes32 given = Statements.hash(Encodings.TRAIN_WINDOW, truth);
            refusedSettle(id, truth, known, abi.encodeWithSelector(IWindowManager.StatementMismatch.selector, submitted, given));
            settleAs(finder, id, known);
            assertLease(id, IWindowManager.LeaseState.Rejected);
            assertTrue(!windows.submissionOf(id).withheld, "false, not withheld");
            assertEq(stakes.stakeOf(bob).active, STAKE - BOND, "slashed");
            assertEq(rewards.claimable(address(token), finder), 30e18, "its finder is paid");
            assertEq(windows.progressOf(jobId).submitted, 1, "the window is open again");
            vm.revertToState(state);
        }
    }

    function test_settle_refusesWhatIsNotUndecided() public {
        uint256 jobId = longJob();
        uint256[] memory words = anyWords();
        bytes memory bad = falseProof();
        refusedSettle(keccak256("?"), words, bad, unknown(keccak256("?")));
        bytes32 id = leaseAs(alice, jobId);
        refusedSettle(id, words, bad, wrongLease(id, IWindowManager.LeaseState.Held));
        submitAs(alice, id, trained(501), proofFor(id, trained(501)));
        bytes32 above = submitWindow(bob, jobId, 502);
        settleAs(stranger, above);
        bytes memory proof = submittedProof(above);
        refusedSettle(above, submittedStatement(above), proof, wrongLease(above, IWindowManager.LeaseState.Submitted));
        settleAs(stranger, id);
        proof = submittedProof(id);
        refusedSettle(id, submittedStatement(id), proof, wrongLease(id, IWindowManager.LeaseState.Finalized));
        bytes32 lie = submitFalseWindow(alice, jobId, 503);
        settleAs(stranger, lie, bad);
        refusedSettle(lie, submittedStatement(lie), bad, wrongLease(lie, IWindowManager.LeaseState.Rejected));
    }

    function test_row10_settle_refusesOtherWordsAndBytes() public {
        uint256 jobId = optimisticJob();
        bytes32 id = submitWindow(alice, jobId, 501);
        IWindowManager.Submission memory submission = windows.submissionOf(id);
        uint256[] memory statement = submittedStatement(id);
        bytes memory proof = submittedProof(id);
        for (uint256 i = 0; i < 8; ++i) {
            uint256[] memory changed = submittedStatement(id);
            changed[i] ^= 1;
            bytes32 given = keccak256(abi.encodePacked(keccak256("assay.statement.train-window.v1"), changed));
            refusedSettle(
                id, changed, proof, abi.encodeWithSelector(IWindowManager.StatementMismatch.selector, submission.statementHash, given)
            );
        }
        bytes memory bad = falseProof();
        bytes memory mismatch = abi.encodeWithSelector(IWindowManager.ProofMismatch.selector, submission.proofHash, proofHashOf(bad));
        refusedSettle(id, statement, bad, mismatch);
        vm.expectPartialRevert(IWindowManager.ProofMismatch.selector);
        windows.settle(id, statement, proof, "another", SALT);
        settleAs(stranger, id);
    }

    function test_row23c_settleFalse_paysWhoCommittedBefore() public {
        uint256 jobId = longJob();
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        uint256 supply = token.totalSupply();
        commitSubmittedAs(finder, id);
        // A copier's settlement earns it nothing: the commitment names the finder.
        uint256 snapshot = vm.snapshotState();
        settleAs(stranger, id, falseProof());
        assertEq(owedAssay(stranger) + owedAssay(finder), 0, "burned");
        assertEq(supply - token.totalSupply(), (uint256(BOND) * 8) / 10, "30 + 50 percent");
        vm.revertToState(snapshot);
        settleAs(finder, id, falseProof());
        assertEq(owedAssay(finder), (uint256(BOND) * 3) / 10, "30 percent");
        assertEq(owedAssay(requester), (uint256(BOND) * 2) / 10, "20 percent");
        assertEq(supply - token.totalSupply(), BOND / 2, "50 percent");
        assertEq(stakes.stakeOf(alice).active, STAKE - BOND, "the bond");
        assertEq(lockedOf(alice), 0, "nothing locked");
        assertTrue(stakes.isJailed(alice), "jailed");
        assertTrue(challenges.isSlashed(alice, id), "marked");
        assertTrue(!windows.submissionOf(id).withheld, "refused, not withheld");
        assertEq(windows.leaseOf(id).ended, height(), "ended");
    }

    function test_row23c_settleFalse_burnsWithoutAnEarlierCommitment() public {
        uint256 jobId = longJob();
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        // In the same block is too late.
        commitSubmittedAs(finder, id);
        vm.roll(height() - 1);
        uint256 snapshot = vm.snapshotState();
        settleAs(finder, id, falseProof());
        assertEq(owedAssay(finder), 0, "burned");
        vm.revertToState(snapshot);
        mine(1);
        settleAs(finder, id, falseProof());
        assertEq(owedAssay(finder), 30e18, "a block later");
    }

    function test_row13_settleFalse_slashesOnce() public {
        uint256 jobId = longJob();
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        // Whoever was slashed for it before is not slashed again, and the window goes all the same.
        vm.prank(address(windows));
        challenges.markSlashed(alice, id);
        settleAs(stranger, id, falseProof());
        assertEq(stakes.stakeOf(alice).active, STAKE, "not again");
        assertEq(lockedOf(alice), 0, "its lock returned");
        assertLease(id, IWindowManager.LeaseState.Rejected);
        assertEq(windows.progressOf(jobId).submitted, 0, "undone");
    }

    function test_row7_settle_countsWhatBurnsGasAsFalse() public {
        bytes1[6] memory kinds =
            [verifier.BURN(), verifier.REVERT(), verifier.LONG_TRUE(), verifier.TWO(), verifier.BOMB(), verifier.EMPTY()];
        uint256 jobId = longJob();
        for (uint256 i = 0; i < 6; ++i) {
            uint256 snapshot = vm.snapshotState();
            bytes memory proof = abi.encodePacked(kinds[i], keccak256("whatever"));
            bytes32 id = leaseAs(alice, jobId);
            submitAs(alice, id, trained(501), proof);
            commitSubmittedAs(finder, id);
            settleAs(finder, id, proof);
            assertLease(id, IWindowManager.LeaseState.Rejected);
            assertEq(owedAssay(finder), 30e18, "slashed under the cap");
            vm.revertToState(snapshot);
        }
    }

    function test_row7_settle_withTooLittleGasIsNothing() public {
        uint256 jobId = longJob();
        bytes32 id = leaseAs(alice, jobId);
        uint256[] memory statement = windows.statementFor(id, trained(501));
        // True, and needs nearly all of the cap to say so.
        bytes memory proof =
            abi.encodePacked(verifier.HUNGRY(), keccak256(abi.encodePacked(circuitId, uint256(1), statement)));
        submitAs(alice, id, trained(501), proof);
        bytes memory call = abi.encodeCall(windows.settle, (id, statement, proof, OPENING, SALT));
        uint256 starved;
        for (uint256 gasLimit = 400_000; gasLimit <= 4_900_000; gasLimit += 100_000) {
            uint256 snapshot = vm.snapshotState();
            (bool success, bytes memory result) = address(windows).call{gas: gasLimit}(call);
            if (!success) {
                // Out of gas before the router, or its typed refusal: never a verdict.
                bool typed = result.length >= 4 && bytes4(result) == IVerifierRouter.InsufficientGas.selector;
                assertTrue(typed || result.length == 0, "no other reason");
                if (typed) ++starved;
                assertLease(id, IWindowManager.LeaseState.Submitted);
            } else {
                assertTrue(windows.submissionOf(id).proved, "true");
            }
            vm.revertToState(snapshot);
        }
        assertTrue(starved > 10, "the attack happened");
        (bool settled,) = address(windows).call{gas: 5_500_000}(call);
        assertTrue(settled, "with enough of it");
        assertLease(id, IWindowManager.LeaseState.Finalized);
    }

    function test_row21_finalize_afterTheSilence() public {
        uint256 jobId = optimisticJob();
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NothingToFinalize.selector, jobId));
        windows.finalize(jobId, 1);
        bytes32 id = submitWindow(alice, jobId, 501);
        uint256 last = height() + 40;
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NothingToFinalize.selector, jobId));
        windows.finalize(jobId, 0);
        vm.roll(last);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NotFinalYet.selector, id, last));
        windows.finalize(jobId, 1);
        vm.roll(last + 1);
        windows.finalize(jobId, 1);
        assertLease(id, IWindowManager.LeaseState.Finalized);
        assertEq(owed(alice), WORKER_PART, "paid");
        assertEq(lockedOf(alice), 0, "bond returned");
        assertTrue(!windows.submissionOf(id).proved, "by silence");
        assertEq(models.provenance(circuitId, 501).parentId, genesisId, "recorded");
        (uint256 head,) = windows.finalHeadOf(jobId);
        assertEq(head, 501, "final head");
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NothingToFinalize.selector, jobId));
        windows.finalize(jobId, 1);
    }

    function test_row12_finalize_waitsForADemandedProof() public {
        uint256 jobId = optimisticJob();
        bytes32 id = submitWindow(alice, jobId, 501);
        mine(40);
        vm.deal(finder, 10 ether);
        uint256 bond = challenges.demandBond();
        vm.prank(finder);
        challenges.demand{value: bond}(id);
        mine(1);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.ProofDemanded.selector, id));
        windows.finalize(jobId, 1);
        mine(29);
        settleAs(stranger, id);
        assertLease(id, IWindowManager.LeaseState.Finalized);
        assertEq(challenges.owedTo(stranger), bond, "who posts it gets the bond");
    }

    function test_finalize_goesUpInOrder() public {
        uint256 jobId = longJob();
        bytes32[8] memory ids;
        for (uint256 i = 0; i < 8; ++i) {
            ids[i] = submitWindow(i % 2 == 0 ? alice : bob, jobId, 501 + i);
            mine(1);
        }
        // The lowest is not ready: nothing is, proved or not.
        settleAs(stranger, ids[1]);
        vm.expectPartialRevert(IWindowManager.NotFinalYet.selector);
        windows.finalize(jobId, 8);
        vm.roll(windows.submissionOf(ids[0]).submittedAt + 41);
        windows.finalize(jobId, 1);
        assertEq(windows.progressOf(jobId).finalized, 1, "as many as asked for");
        windows.finalize(jobId, 8);
        assertEq(windows.progressOf(jobId).finalized, 2, "the proved one, and then what is not ready");
        mine(100);
        uint256 snapshot = vm.snapshotState();
        windows.finalize(jobId, 100);
        assertEq(windows.progressOf(jobId).finalized, 8, "all");
        vm.revertToState(snapshot);
        windows.finalize(jobId, 3);
        assertEq(windows.progressOf(jobId).finalized, 5, "three");
        windows.finalize(jobId, 3);
        assertEq(owed(alice), 4 * WORKER_PART, "hers");
        assertEq(owed(bob), 4 * WORKER_PART, "his");
        assertEq(lockedOf(alice) + lockedOf(bob), 0, "bonds returned");
        for (uint256 i = 0; i < 8; ++i) {
            assertEq(models.provenance(circuitId, 501 + i).parentId, i == 0 ? genesisId : 500 + i, "lineage");
            assertEq(models.provenance(circuitId, 501 + i).windowIndex, i, "its window");
        }
    }

    function test_row18_validatorsMakeNothingFinal() public {
        uint256 jobId = longJob();
        // Bob and his friend have all seats, and vouch for what is false.
        vm.prank(bob);
        validators.enrol();
        enlist(address(0x2003), 0xca401, STAKE);
        vm.prank(address(0x2003));
        validators.enrol();
        mine(1);
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        mine(2);
        uint256 attested;
        bytes memory proof = falseProof();
        for (uint256 seat = 0; seat < 2; ++seat) {
            address drawn = validators.drawnFor(id, seat);
            bytes32 digest = keccak256(abi.encodePacked(keccak256("assay.attestation.v1"), drawn, proof, OPENING));
            bytes32 commitment =
                keccak256(abi.encode(keccak256("assay.attestation.commit.v1"), id, seat, drawn, digest, SALT));
            vm.prank(drawn);
            validators.commitAttestation(id, seat, commitment);
            ++attested;
        }
        mine(20);
        for (uint256 seat = 0; seat < 2; ++seat) {
            address drawn = validators.drawnFor(id, seat);
            bytes32 digest = keccak256(abi.encodePacked(keccak256("assay.attestation.v1"), drawn, proof, OPENING));
            vm.prank(drawn);
            validators.revealAttestation(id, seat, digest, SALT);
        }
        assertEq(attested, 2, "the attack happened");
        vm.expectPartialRevert(IWindowManager.NotFinalYet.selector);
        windows.finalize(jobId, 1);
        settleAs(stranger, id, proof);
        assertLease(id, IWindowManager.LeaseState.Rejected);
        assertEq(owed(alice), 0, "nothing is paid");
    }

    function test_settleFalse_afterItsSilenceWhileItIsNotFinal() public {
        uint256 jobId = longJob();
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        mine(500);
        settleAs(stranger, id, falseProof());
        assertLease(id, IWindowManager.LeaseState.Rejected);
    }

    /// A false window under honest ones, found late, at every depth.
    function test_row23a_rejectionAtEveryDepth() public {
        for (uint256 depth = 0; depth < 8; ++depth) {
            uint256 snapshot = vm.snapshotState();
            rejectWith(depth);
            vm.revertToState(snapshot);
        }
    }

    struct Before {
        uint256 alice;
        uint256 supply;
        uint256[] question;
        bytes32 held;
    }

    function rejectWith(uint256 orphans) private {
        uint256 jobId = longJob();
        uint256 j = 7 - orphans;
        bytes32[] memory ids = new bytes32[](8);
        for (uint256 i = 0; i < 8; ++i) {
            if (i == j) ids[i] = submitFalseWindow(alice, jobId, 501 + i);
            // Operators of the windows above: bob, and alice herself once.
            else ids[i] = submitWindow(i == j + 3 ? alice : bob, jobId, 501 + i);
        }
        Before memory before;
        before.question = submittedStatement(ids[j]);
        if (j > 0) {
            mine(41);
            windows.finalize(jobId, j);
            before.held = leaseAs(bob, jobId);
        }
        if (orphans > 0) demandAs(finder, ids[7]);
        (before.alice, before.supply) = (stakes.stakeOf(alice).active, token.totalSupply());
        commitSubmittedAs(finder, ids[j]);
        vm.recordLogs();
        settleAs(finder, ids[j], falseProof());
        Vm.Log[] memory told = logsOf(IWindowManager.WindowOrphaned.selector);
        assertEq(told.length, orphans, "each orphan is told");
        for (uint256 i = 0; i < orphans; ++i) assertEq(keccak256(told[i].data), keccak256(abi.encode(ids[j + 1 + i])), "in order");
        checkSlash(before, orphans);
        checkUndone(jobId, j, ids);
        checkSameBatches(jobId, before);
    }

    /// The logs of one event that WindowManager has written since they are recorded.
    function logsOf(bytes32 eventId) private returns (Vm.Log[] memory found) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 count = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(windows) && logs[i].topics[0] == eventId) logs[count++] = logs[i];
        }
        found = new Vm.Log[](count);
        for (uint256 i = 0; i < count; ++i) found[i] = logs[i];
    }

    function demandAs(address by, bytes32 id) private {
        if (windows.submissionOf(id).submittedAt + 40 < height()) return;
        vm.deal(by, 10 ether);
        uint256 bond = challenges.demandBond();
        vm.prank(by);
        challenges.demand{value: bond}(id);
    }

    function checkSlash(Before memory before, uint256 orphans) private view {
        assertEq(before.alice - stakes.stakeOf(alice).active, BOND, "her bond, once");
        assertEq(stakes.stakeOf(bob).active, STAKE, "orphans are not slashed");
        assertEq(owedAssay(finder), 30e18, "finder");
        uint256 share = uint256(20e18) / (orphans + 1);
        uint256 hers = orphans >= 3 ? 1 : 0;
        assertEq(owedAssay(requester), 20e18 - share * orphans, "requester, with what does not divide");
        assertEq(owedAssay(bob), share * (orphans - hers), "as often as he has windows");
        assertEq(owedAssay(alice), share * hers, "also hers");
        assertEq(before.supply - token.totalSupply(), 50e18, "burned");
    }

    function checkUndone(uint256 jobId, uint256 j, bytes32[] memory ids) private view {
        IWindowManager.Progress memory progress = windows.progressOf(jobId);
        assertEq(progress.submitted, j, "down to the false one");
        assertEq(progress.finalized, j, "what is final stays");
        assertEq(progress.epoch, 1, "epoch");
        assertEq(progress.availableAt, height(), "available now");
        assertEq(progress.pendingSlots, 0, "no slot pends");
        assertEq(windows.headOf(jobId), j == 0 ? genesisId : 500 + j, "the head is what it was");
        for (uint256 i = j; i < 8; ++i) {
            assertLease(ids[i], i == j ? IWindowManager.LeaseState.Rejected : IWindowManager.LeaseState.Orphaned);
            assertEq(windows.leaseOf(ids[i]).locked, 0, "locks nothing");
            assertEq(windows.leaseOf(ids[i]).ended, height(), "over");
            assertEq(windows.submissionAt(jobId, i), bytes32(0), "holds nothing");
            assertTrue(!challenges.demandOf(ids[i]).open, "no demand is left");
        }
        assertEq(lockedOf(alice), 0, "her bonds returned");
    }

    function checkSameBatches(uint256 jobId, Before memory before) private {
        // A lease from before is of another epoch: it can only be given back.
        if (before.held != bytes32(0)) {
            assertEq(lockedOf(bob), windows.leaseOf(before.held).locked, "only what he holds");
            vm.prank(bob);
            windows.release(before.held);
            assertLease(before.held, IWindowManager.LeaseState.Orphaned);
        }
        assertEq(lockedOf(bob), 0, "his bonds returned");
        bytes32 again = leaseAs(bob, jobId);
        uint256[] memory question = windows.statementFor(again, trained(before.question[2]));
        for (uint256 i = 1; i < 8; ++i) assertEq(question[i], before.question[i], "the same question");
        assertTrue(question[0] != before.question[0], "under another lease");
        submitAs(bob, again, trained(901), proofFor(again, trained(901)));
        settleAs(stranger, again);
        assertLease(again, IWindowManager.LeaseState.Finalized);
    }

    function test_row11_withheldProof() public {
        uint256 jobId = longJob();
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        bytes32 above = submitWindow(bob, jobId, 502);
        demandAs(finder, id);
        demandAs(finder, above);
        mine(31);
        challenges.slashWithheld(id);
        assertTrue(windows.submissionOf(id).withheld, "withheld");
        assertLease(id, IWindowManager.LeaseState.Rejected);
        assertLease(above, IWindowManager.LeaseState.Orphaned);
        assertEq(owedAssay(finder), 30e18, "the challenger is the finder");
        assertEq(challenges.owedTo(finder), 2 * challenges.demandBond(), "both bonds");
        assertEq(address(challenges).balance, challenges.owedTo(finder), "which are there");
    }

    function test_answers_areReadableWhenFinal() public {
        uint256 jobId = activeWith(optimisticAskTerms(address(pay), true));
        addInputs(jobId, 3);
        bytes32 first = submitAnswer(alice, jobId, 7, 8);
        noAnswer(jobId, 0);
        settleAs(stranger, first);
        assertEq(windows.answerOf(jobId, 0)[0], 7, "first word");
        assertEq(windows.answerOf(jobId, 0)[1], 8, "second word");
        assertEq(windows.answerOf(jobId, 0).length, 2, "words");
        noAnswer(jobId, 1);
        // A false answer and one above it are undone, then answered anew.
        bytes32 lie = leaseAs(alice, jobId);
        submitAs(alice, lie, answered(1, 1), falseProof());
        bytes32 orphan = submitAnswer(bob, jobId, 5, 5);
        settleAs(stranger, lie, falseProof());
        assertLease(orphan, IWindowManager.LeaseState.Orphaned);
        answerAs(bob, jobId, 3, 4);
        answerAs(bob, jobId, 5, 6);
        assertEq(windows.answerOf(jobId, 1)[0], 3, "the second one");
        assertEq(windows.answerOf(jobId, 2)[1], 6, "the third");
        (uint256 head, uint256 count) = windows.finalHeadOf(jobId);
        assertEq(head, genesisId, "the checkpoint that is asked never moves");
        assertEq(windows.headOf(jobId), genesisId, "nor the head");
        assertEq(count, 3, "answers");
        assertState(jobId, IJobManager.JobState.Completed);
    }

    function noAnswer(uint256 jobId, uint256 windowIndex) private {
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NoAnswer.selector, jobId, windowIndex));
        windows.answerOf(jobId, windowIndex);
    }

    function test_answers_ofAnEagerJob() public {
        uint256 jobId = activeWith(askTerms(address(pay), true));
        addInputs(jobId, 3);
        answerAs(alice, jobId, 7, 8);
        assertEq(windows.answerOf(jobId, 0)[1], 8, "at once");
        assertEq(owed(alice), PRICE, "paid");
        noAnswer(jobId, 1);
    }

    function test_hiddenWeights_areTrainedByTheirOwner() public {
        uint256 jobId = activeWith(hidden(optimisticTermsFor(address(pay))));
        bytes memory notHer = abi.encodeWithSelector(IWindowManager.NotTheWorker.selector, jobId, alice, bob);
        vm.prank(bob);
        vm.expectRevert(notHer);
        windows.lease(jobId, 0, secretId);
        bytes32 id = leaseAs(alice, jobId);
        uint256[] memory statement = windows.statementFor(id, trained(501));
        assertEq(statement[1], secretId, "parent");
        // A proof of a pure commitment is another one: the verifier is told that weights are hidden.
        bytes memory pure_ = boundProof(circuitId, true, statement);
        refusedProof(alice, id, trained(501), pure_, abi.encodeWithSelector(IWindowManager.ProofRejected.selector, id));
        submitAs(alice, id, trained(501), boundProof(circuitId, false, statement));
        settleAs(stranger, id);
        assertLease(id, IWindowManager.LeaseState.Finalized);
        assertEq(windows.headOf(jobId), 501, "head");
    }

    function test_cancelledJob_paysWhatWasSubmitted() public {
        uint256 jobId = longJob();
        bytes32 first = submitWindow(alice, jobId, 501);
        bytes32 second = submitWindow(bob, jobId, 502);
        bytes32 held = leaseAs(alice, jobId);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(windows.pendingUnits(jobId), 3, "two submitted, one held");
        assertEq(owed(requester), 9 * uint256(PRICE), "the others went back");
        // What is held may still be submitted.
        submitAs(alice, held, trained(503), falseProof());
        assertEq(windows.pendingUnits(jobId), 3, "all submitted");
        settleAs(stranger, first);
        assertEq(owed(alice), WORKER_PART, "paid");
        settleAs(stranger, held, falseProof());
        assertEq(owed(requester), 10 * uint256(PRICE), "the false one went back");
        mine(41);
        windows.finalize(jobId, 1);
        assertLease(second, IWindowManager.LeaseState.Finalized);
        assertEq(owed(bob), WORKER_PART, "paid by silence");
        // What the seats share waits for them; nothing else is left.
        assertEq(rewards.escrowOf(jobId, address(pay)), 2 * (PRICE - WORKER_PART), "seats");
        assertState(jobId, IJobManager.JobState.Cancelled);
    }

    function test_cancelledJob_refundsRejectedAndOrphaned() public {
        uint256 jobId = longJob();
        bytes32 lie = submitFalseWindow(alice, jobId, 501);
        submitWindow(bob, jobId, 502);
        bytes32 held = leaseAs(bob, jobId);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.escrowOf(jobId, address(pay)), 3 * uint256(PRICE), "three pend");
        settleAs(stranger, lie, falseProof());
        assertEq(rewards.escrowOf(jobId, address(pay)), 0, "none does");
        assertEq(owed(requester), 12 * uint256(PRICE), "all went back");
        vm.prank(bob);
        windows.release(held);
        assertEq(lockedOf(bob), 0, "bonds returned");
    }

    function test_pausedJob_finishesWhatWasBegun() public {
        uint256 jobId = longJob();
        bytes32 first = submitWindow(alice, jobId, 501);
        bytes32 held = leaseAs(bob, jobId);
        vm.prank(requester);
        jobs.pause(jobId);
        submitAs(bob, held, trained(502), proofFor(held, trained(502)));
        settleAs(stranger, held);
        settleAs(stranger, first);
        windows.finalize(jobId, 1);
        assertEq(owed(bob), WORKER_PART, "paid");
        vm.prank(requester);
        jobs.resume(jobId);
        leaseAs(alice, jobId);
    }
}
