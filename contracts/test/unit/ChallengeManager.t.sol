// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IChallengeManager} from "../../src/interfaces/IChallengeManager.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Fixture} from "../utils/Fixture.sol";

contract ChallengeManagerTest is Fixture {
    uint256 internal jobId;

    function setUp() public override {
        super.setUp();
        jobId = activeJob();
        leaseAs(alice, jobId);
    }

    function falseEvidence(uint256 key) internal view returns (IChallengeManager.Evidence memory) {
        return evidenceOf(jobId, anyWords(), falseProof(), key);
    }

    function trueEvidence() internal view returns (IChallengeManager.Evidence memory) {
        (, uint256[] memory statement) = jobs.statementFor(jobId, trained(501, 77, 88));
        return evidenceOf(jobId, statement, boundProof(statement), aliceKey);
    }

    function show(address by, IChallengeManager.Evidence memory evidence, bytes memory reason) internal {
        vm.prank(by);
        vm.expectRevert(reason);
        challenges.slashByEvidence(evidence);
    }

    function test_slash_takesTheBondAndTheLease() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(aliceKey);
        commitAs(finder, evidence);
        uint256 supply = token.totalSupply();
        vm.prank(finder);
        assertEq(challenges.slashByEvidence(evidence), BOND, "the bond");
        assertEq(stakes.stakeOf(alice).active, 500e18 - BOND, "from the stake");
        assertEq(stakes.stakeOf(alice).locked, 0, "the lease's bond is free");
        assertEq(rewards.claimable(address(token), finder), 30e18, "finder");
        assertEq(rewards.claimable(address(token), requester), 20e18, "harmed");
        assertEq(supply - token.totalSupply(), 50e18, "burned");
        assertEq(
            uint256(jobs.leaseOf(evidence.announcement.submissionId).state), uint256(IJobManager.LeaseState.Revoked), "lease revoked"
        );
        // The job goes on, from the same parent.
        finishWindow(bob, jobId, 501);
        assertEq(rewards.claimable(address(pay), bob), PRICE, "bob was paid");
    }

    function test_slash_onceForAnOperatorAndSubmission() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(aliceKey);
        commitAs(finder, evidence);
        vm.prank(finder);
        challenges.slashByEvidence(evidence);
        bytes memory again = abi.encodeWithSelector(IChallengeManager.AlreadySlashed.selector, alice, evidence.announcement.submissionId);
        show(finder, evidence, again);
        // Nor for another lie about the same submission, by another finder.
        uint256[] memory statement = anyWords();
        statement[7] = 9;
        evidence = evidenceOf(jobId, statement, falseProof(), aliceKey);
        commitAs(bob, evidence);
        show(bob, evidence, again);
        assertEq(stakes.stakeOf(alice).active, 500e18 - BOND, "once");
    }

    /// Whoever announces a false proof answers for it, whether or not the lease is its own; the holder's lease stands.
    function test_slash_aCopierSignsForItself() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(bobKey);
        commitAs(finder, evidence);
        vm.prank(finder);
        challenges.slashByEvidence(evidence);
        assertEq(stakes.stakeOf(bob).active, 500e18 - BOND, "bob pays");
        assertEq(stakes.stakeOf(alice).active, 500e18, "alice does not");
        submitAs(alice, jobId, 501, currentProof(jobId, 501));
    }

    function test_slash_whatAnOldHotKeySignedStaysAttributable() public {
        registerAs(alice, 0xa2);
        IChallengeManager.Evidence memory evidence = falseEvidence(aliceKey);
        vm.prank(alice);
        nodes.deregister();
        commitAs(finder, evidence);
        vm.prank(finder);
        challenges.slashByEvidence(evidence);
        assertEq(stakes.stakeOf(alice).active, 500e18 - BOND, "slashed");
    }

    function test_slash_reachesUnbondingStake() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(aliceKey);
        vm.prank(alice);
        jobs.release(jobId);
        vm.prank(alice);
        stakes.unbond(500e18);
        commitAs(finder, evidence);
        vm.prank(finder);
        assertEq(challenges.slashByEvidence(evidence), BOND, "running away does not help");
        assertEq(stakes.stakeOf(alice).unbonding, 500e18 - BOND, "from what unbonds");
    }

    function test_slash_capsAtTheStake() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(0x57);
        registerAs(stranger, 0x57);
        commitAs(finder, evidence);
        vm.prank(finder);
        assertEq(challenges.slashByEvidence(evidence), 0, "an unbonded liar has nothing to lose");
    }

    /// tests.md 23c, 14: finding one's own lie pays nothing.
    function test_selfSlash_burnsTheFindersPart() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(aliceKey);
        commitAs(aliceHot, evidence);
        vm.prank(aliceHot);
        challenges.slashByEvidence(evidence);
        assertEq(rewards.claimable(address(token), aliceHot), 0, "nothing for the hot key");
        assertEq(rewards.claimable(address(token), alice), 0, "nor for the operator");
        assertEq(rewards.claimable(address(token), requester), 20e18, "the job's part stays");
        assertEq(stakes.stakeOf(alice).active, 500e18 - BOND, "slashed all the same");
    }

    /// tests.md 23c: evidence copied from the mempool.
    function test_commit_aCopierCannotShowAnothersEvidence() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(aliceKey);
        commitAs(finder, evidence);
        bytes memory uncommitted = abi.encodeWithSelector(IChallengeManager.NotCommitted.selector, commitmentOf(evidence, bob));
        show(bob, evidence, uncommitted);
        // It sees the evidence now and commits: a block too late, for the finder's is in this one.
        challenges.commitEvidence(commitmentOf(evidence, bob));
        show(bob, evidence, abi.encodeWithSelector(IChallengeManager.CommittedTooLate.selector, commitmentOf(evidence, bob), height()));
        vm.prank(finder);
        challenges.slashByEvidence(evidence);
        assertEq(rewards.claimable(address(token), finder), 30e18, "the finder's");
    }

    function test_commit_toTheBlock() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(aliceKey);
        bytes32 commitment = commitmentOf(evidence, finder);
        show(finder, evidence, abi.encodeWithSelector(IChallengeManager.NotCommitted.selector, commitment));
        challenges.commitEvidence(commitment);
        uint256 first = height();
        show(finder, evidence, abi.encodeWithSelector(IChallengeManager.CommittedTooLate.selector, commitment, first));
        mine(1);
        // Somebody records it again: the first record counts, so nobody can be pushed back.
        vm.prank(bob);
        challenges.commitEvidence(commitment);
        assertEq(challenges.committedBlock(commitment), first, "unchanged");
        vm.prank(finder);
        challenges.slashByEvidence(evidence);
    }

    /// tests.md 10: evidence that differs from what was signed, in each of its parts.
    function test_evidence_thatDiffersFromWhatWasSignedIsRefused() public {
        IChallengeManager.Evidence memory e = falseEvidence(aliceKey);
        commitAs(finder, e);
        bytes4 submission = IChallengeManager.SubmissionMismatch.selector;
        e.jobId += 1;
        partly(e, submission);
        e.jobId -= 1;
        e.windowIndex += 1;
        partly(e, submission);
        e.windowIndex -= 1;
        e.contributionIndex += 1;
        partly(e, submission);
        e.contributionIndex -= 1;
        e.leaseNonce += 1;
        partly(e, submission);
        e.leaseNonce -= 1;
        for (uint256 i = 0; i < 8; ++i) {
            e.statement[i] += 1;
            partly(e, IChallengeManager.StatementMismatch.selector);
            e.statement[i] -= 1;
        }
        bytes memory proof = e.proof;
        e.proof = abi.encodePacked(proof, hex"00");
        partly(e, IChallengeManager.ProofMismatch.selector);
        e.proof = proof;
        e.opening = "other";
        partly(e, IChallengeManager.ProofMismatch.selector);
        e.opening = "opening";
        vm.prank(finder);
        challenges.slashByEvidence(e);
    }

    function partly(IChallengeManager.Evidence memory evidence, bytes4 selector) internal {
        vm.prank(finder);
        vm.expectPartialRevert(selector);
        challenges.slashByEvidence(evidence);
    }

    /// The finder may write what it likes into the announcement; then it is not what the hot key signed.
    function test_evidence_withAnotherSignatureIsRefused() public {
        IChallengeManager.Evidence memory e = falseEvidence(0xdead);
        commitAs(finder, e);
        show(finder, e, abi.encodeWithSelector(IChallengeManager.UnknownSigner.selector, vm.addr(0xdead)));
        // A signature of another announcement recovers to nobody.
        e = falseEvidence(aliceKey);
        e.announcement.signature = trueEvidence().announcement.signature;
        partly(e, IChallengeManager.UnknownSigner.selector);
        e.announcement.signature = hex"1234";
        partly(e, bytes4(keccak256("ECDSAInvalidSignatureLength(uint256)")));
        // The same signature with the other s is a second one for the same words, and refused.
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            aliceKey,
            jobs.announcementDigest(e.announcement.submissionId, e.announcement.statementHash, e.announcement.proofHash)
        );
        uint256 n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        e.announcement.signature = abi.encodePacked(r, n - uint256(s), v == 27 ? uint8(28) : uint8(27));
        partly(e, bytes4(keccak256("ECDSAInvalidSignatureS(bytes32)")));
        e.announcement.signature = abi.encodePacked(r, s, v);
        vm.prank(finder);
        challenges.slashByEvidence(e);
    }

    function test_evidence_ofAnotherJobManagerOrChainIsRefused() public {
        IChallengeManager.Evidence memory e = falseEvidence(aliceKey);
        commitAs(finder, e);
        vm.chainId(1337);
        partly(e, IChallengeManager.SubmissionMismatch.selector);
        vm.chainId(31337);
        vm.prank(finder);
        challenges.slashByEvidence(e);
    }

    function test_evidence_aboutALeaseThatNeverWasIsRefused() public {
        IChallengeManager.Evidence memory e = falseEvidence(aliceKey);
        e.leaseNonce = 2;
        e.announcement.submissionId = Encodings.submissionId(address(jobs), jobId, 0, 0, 2);
        commitAs(finder, e);
        show(finder, e, abi.encodeWithSelector(IChallengeManager.UnknownSubmission.selector, e.announcement.submissionId));
        e.jobId = 99;
        e.announcement.submissionId = Encodings.submissionId(address(jobs), 99, 0, 0, 2);
        commitAs(finder, e);
        show(finder, e, abi.encodeWithSelector(IJobManager.UnknownJob.selector, 99));
    }

    function test_evidence_untilItsWindowIsOver_toTheBlock() public {
        IChallengeManager.Evidence memory e = falseEvidence(aliceKey);
        commitAs(finder, e);
        submitAs(alice, jobId, 501, currentProof(jobId, 501));
        uint256 lastBlock = height() + 30;
        vm.roll(lastBlock + 1);
        show(finder, e, abi.encodeWithSelector(IChallengeManager.EvidenceWindowOver.selector, e.announcement.submissionId, lastBlock));
        vm.roll(lastBlock);
        vm.prank(finder);
        challenges.slashByEvidence(e);
        assertEq(stakes.stakeOf(alice).active, 500e18 - BOND, "a lie is slashed even where a true proof followed");
        assertEq(rewards.claimable(address(pay), alice), PRICE, "what was proved stays paid");
    }

    function test_evidence_thatIsTrueNeverSlashes() public {
        IChallengeManager.Evidence memory e = trueEvidence();
        commitAs(finder, e);
        bytes memory reason = abi.encodeWithSelector(IChallengeManager.EvidenceIsTrue.selector, e.announcement.submissionId);
        show(finder, e, reason);
        // Nor after the state has moved on: it is judged against the signed statement.
        submitAs(alice, jobId, 501, e.proof);
        show(finder, e, reason);
        assertEq(stakes.stakeOf(alice).active, 500e18, "untouched");
    }

    /// tests.md 7: a proof that burns all its gas is a false proof, and does not get in the way of the slash.
    function test_evidence_aGasBurningProofIsSlashed() public {
        bytes1[5] memory kinds = [verifier.BURN(), verifier.REVERT(), verifier.BOMB(), verifier.TWO(), verifier.EMPTY()];
        IChallengeManager.Evidence memory e = evidenceOf(jobId, anyWords(), abi.encodePacked(kinds[0]), aliceKey);
        commitAs(finder, e);
        vm.prank(finder);
        challenges.slashByEvidence{gas: 5_000_000}(e);
        for (uint256 i = 1; i < 5; ++i) {
            leaseAs(alice, jobId);
            e = evidenceOf(jobId, anyWords(), abi.encodePacked(kinds[i]), aliceKey);
            commitAs(finder, e);
            vm.prank(finder);
            challenges.slashByEvidence(e);
        }
        assertEq(stakes.stakeOf(alice).active, 0, "five times");
    }

    /// A shortage of gas is never a verdict: an honest proof that needs nearly the whole cap is not slashed at any gas limit.
    function test_evidence_aShortageOfGasNeverSlashes() public {
        (, uint256[] memory statement) = jobs.statementFor(jobId, trained(501, 77, 88));
        bytes memory honest = abi.encodePacked(verifier.HUNGRY(), keccak256(abi.encodePacked(circuitId, uint256(1), statement)));
        IChallengeManager.Evidence memory e = evidenceOf(jobId, statement, honest, aliceKey);
        commitAs(finder, e);
        bytes memory call = abi.encodeCall(challenges.slashByEvidence, (e));
        uint256 starved;
        uint256 refused;
        uint256 found;
        for (uint256 gas_ = 30_000; gas_ <= 5_000_000; gas_ += 35_000) {
            vm.prank(finder);
            (bool success, bytes memory returned) = address(challenges).call{gas: gas_}(call);
            assertTrue(!success, "never slashed");
            if (returned.length == 0) ++starved;
            else if (bytes4(returned) == IVerifierRouter.InsufficientGas.selector) ++refused;
            else if (bytes4(returned) == IChallengeManager.EvidenceIsTrue.selector) ++found;
            else revert("another error");
        }
        assertTrue(starved > 0 && refused > 50 && found > 5, "all three happened");
        assertEq(stakes.stakeOf(alice).active, 500e18, "untouched");
    }

    function test_slash_afterCancelRefundsTheRequester() public {
        IChallengeManager.Evidence memory e = falseEvidence(aliceKey);
        commitAs(finder, e);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.claimable(address(pay), requester), 2 * PRICE, "one kept for the lease");
        vm.prank(finder);
        challenges.slashByEvidence(e);
        assertEq(rewards.claimable(address(pay), requester), 3 * PRICE, "freed with the lease");
    }

    function test_slash_takesALapsedLeaseToo() public {
        IChallengeManager.Evidence memory e = falseEvidence(aliceKey);
        bytes memory late = currentProof(jobId, 501);
        mine(21);
        jobs.expire(jobId);
        commitAs(finder, e);
        vm.prank(finder);
        challenges.slashByEvidence(e);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.LeaseOver.selector, jobId, IJobManager.LeaseState.Revoked));
        jobs.submit(jobId, 0, trained(501, 77, 88), late, "");
    }
}
