// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {INodeRegistry} from "../../src/interfaces/INodeRegistry.sol";
import {IStakeManager} from "../../src/interfaces/IStakeManager.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Fixture} from "../utils/Fixture.sol";
import {Creator} from "../utils/TestBase.sol";
import {FeeToken, ReentrantToken} from "../utils/Tokens.sol";

contract JobManagerTest is Fixture {
    function refused(IJobManager.JobTerms memory terms, bytes memory reason) internal {
        vm.prank(requester);
        vm.expectRevert(reason);
        jobs.openJob(terms);
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

    function test_openJob_escrowsThePriceOfEveryWindow() public {
        uint256 jobId = openJob(address(pay));
        (uint256 escrowed, uint256 owed) = rewards.liabilities(address(pay));
        assertEq(escrowed, 3 * PRICE, "escrowed");
        assertEq(owed, 0, "owed");
        assertEq(pay.balanceOf(address(rewards)), 3 * PRICE, "held");
        IJobManager.Job memory job = jobs.jobOf(jobId);
        assertEq(job.escrow, 3 * PRICE, "the job's");
        assertEq(job.datasetRoot, ROOT, "root from the registry");
        assertEq(job.modelId, modelId, "model from the circuit");
        assertEq(job.steps, 4, "steps from the circuit");
        assertEq(job.headId, genesisId, "head");
        assertEq(uint256(job.state), uint256(IJobManager.JobState.Open), "open");
    }

    function test_openJob_refusesEachBadTerm() public {
        IJobManager.JobTerms memory t = termsFor(address(pay));
        t.open = false;
        refused(t, abi.encodeWithSelector(IJobManager.UnsupportedWeights.selector, false));
        t = termsFor(address(pay));
        t.mode = 1;
        refused(t, abi.encodeWithSelector(IJobManager.UnsupportedMode.selector, 1));
        t = termsFor(address(pay));
        t.windows = 0;
        refused(t, invalid("windows"));
        t.windows = jobs.MAX_WINDOWS() + 1;
        refused(t, invalid("windows"));
        t = termsFor(address(pay));
        t.price = 0;
        refused(t, invalid("price"));
        t = termsFor(address(pay));
        (t.leaseBlocks, t.freeReleaseBlocks) = (0, 0);
        refused(t, invalid("leaseBlocks"));
        t = termsFor(address(pay));
        t.freeReleaseBlocks = t.leaseBlocks;
        refused(t, invalid("freeReleaseBlocks"));
        t = termsFor(address(pay));
        t.evidenceBlocks = 0;
        refused(t, invalid("evidenceBlocks"));
        t = termsFor(address(pay));
        t.lapsePenalty = t.bond + 1;
        refused(t, invalid("lapsePenalty"));
        t = termsFor(address(pay));
        t.bond = 1e18 - 1;
        t.lapsePenalty = 0;
        refused(t, abi.encodeWithSelector(IJobManager.BondTooSmall.selector, 1e18 - 1, 1e18));
        t = termsFor(address(pay));
        t.genesisId = genesisId + 1;
        refused(t, abi.encodeWithSelector(IJobManager.NotAStart.selector, modelId, genesisId + 1, requester));
        t = termsFor(address(pay));
        t.datasetId = keccak256("x");
        refused(t, abi.encodeWithSelector(IDatasetRegistry.UnknownDataset.selector, keccak256("x")));
        t = termsFor(address(pay));
        t.circuitId = keccak256("x");
        refused(t, abi.encodeWithSelector(IVerifierRouter.UnknownCircuit.selector, keccak256("x")));
        t = termsFor(address(pay));
        t.datasetId = datasets.register(ROOT, 4, 5, hex"01551220", "CC0-1.0");
        refused(t, abi.encodeWithSelector(IJobManager.TreeDepthMismatch.selector, 3, 4));
        openJob(address(pay));
    }

    function test_openJob_boundsItsWindowsByHalfTheUnbondingTime() public {
        IJobManager.JobTerms memory t = termsFor(address(pay));
        t.evidenceBlocks = uint32(UNBONDING / 2) - t.leaseBlocks;
        vm.prank(requester);
        jobs.openJob(t);
        t.evidenceBlocks += 1;
        refused(t, abi.encodeWithSelector(IJobManager.WindowsTooLong.selector, UNBONDING / 2 + 1, UNBONDING / 2));
    }

    function test_openJob_refusesAnUnregisteredModel() public {
        bytes memory shape = abi.encode(
            keccak256("other spec"), Encodings.srsId(devTau()), uint256(10), sizes(), uint256(16), uint256(4), uint256(3), uint256(64), devTau()
        );
        IJobManager.JobTerms memory t = termsFor(address(pay));
        t.circuitId = router.register(keccak256("vk"), address(honk), address(verifier), shape);
        refused(t, abi.encodeWithSelector(IJobManager.UnknownModel.selector, router.circuit(t.circuitId).modelId));
    }

    function test_openJob_refusesTheDevProfileOutsideDevnets() public {
        bytes32 dev = Encodings.srsId(devTau());
        uint256[4] memory others = [uint256(1), 11155111, 31338, 137];
        for (uint256 i = 0; i < 4; ++i) {
            vm.chainId(others[i]);
            refused(termsFor(address(pay)), abi.encodeWithSelector(IJobManager.DevProfileRefused.selector, dev, others[i]));
        }
        vm.chainId(1337);
        openJob(address(pay));
        vm.chainId(31337);
        openJob(address(pay));
    }

    function test_openJob_acceptsThePublicProfileEverywhere() public {
        uint256[4] memory tau = [
            0x260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1,
            0x0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0,
            0x04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4,
            0x22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55
        ];
        IJobManager.JobTerms memory t = termsFor(address(pay));
        t.circuitId = router.register(keccak256("vk"), address(honk), address(verifier), shapeOf(tau));
        bytes32 model = models.registerModel(keccak256("spec"), Encodings.srsId(tau), 10, sizes());
        vm.prank(requester);
        t.genesisId = models.registerGenesis(model, new bytes(128), hex"01551220", "CC0-1.0");
        vm.chainId(1);
        vm.prank(requester);
        jobs.openJob(t);
    }

    function test_openJob_refusesTokensThatTakeAFee() public {
        FeeToken fee = FeeToken(deploy("Tokens.sol:FeeToken", ""));
        fee.transfer(requester, 1e24);
        vm.prank(requester);
        fee.approve(address(jobs), type(uint256).max);
        uint256 amount = 3 * uint256(PRICE);
        refused(termsFor(address(fee)), abi.encodeWithSelector(IJobManager.UnexpectedAmount.selector, amount - amount / 100, amount));
    }

    function test_openJob_refusesWithoutFunds() public {
        vm.prank(requester);
        pay.approve(address(jobs), 3 * PRICE - 1);
        vm.prank(requester);
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)")));
        jobs.openJob(termsFor(address(pay)));
        assertEq(jobs.jobCount(), 0, "nothing was opened");
    }

    function test_openJob_continuesFromAProvedCheckpointOfAnyone() public {
        finishWindow(alice, activeJob(), 555);
        IJobManager.JobTerms memory t = termsFor(address(token));
        t.genesisId = 555;
        token.transfer(stranger, 1e24);
        vm.startPrank(stranger);
        token.approve(address(jobs), type(uint256).max);
        jobs.openJob(t);
        t.genesisId = genesisId;
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotAStart.selector, modelId, genesisId, stranger));
        jobs.openJob(t);
        vm.stopPrank();
    }

    function test_captureSeed_fromTheNinthBlockToTheLastThatKnowsTheHash() public {
        uint256 start = height();
        uint256 early = openJob(address(pay));
        uint256 late = openJob(address(pay));
        vm.roll(start + 8);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.SeedTooEarly.selector, early, start + 8));
        jobs.captureSeed(early);
        vm.roll(start + 9);
        vm.prank(stranger);
        jobs.captureSeed(early);
        uint256 seed = uint256(keccak256(abi.encode(blockhash(start + 8), early))) % Encodings.R;
        assertEq(jobs.jobOf(early).batchSeed, seed, "seed");
        vm.expectRevert(wrongState(early, IJobManager.JobState.Active));
        jobs.captureSeed(early);
        vm.roll(start + 8 + 256);
        assertTrue(blockhash(start + 8) != 0, "the last block that knows the hash");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.SeedNotMissed.selector, late, start + 8 + 256));
        jobs.refundUnseeded(late);
        jobs.captureSeed(late);
        assertTrue(jobs.jobOf(late).batchSeed != seed, "each job has its own");
    }

    function test_refundUnseeded_afterThatByAnyone() public {
        uint256 start = height();
        uint256 jobId = openJob(address(pay));
        vm.roll(start + 8 + 257);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.SeedMissed.selector, jobId, start + 8));
        jobs.captureSeed(jobId);
        vm.prank(stranger);
        jobs.refundUnseeded(jobId);
        assertEq(rewards.claimable(address(pay), requester), 3 * PRICE, "all of it");
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Cancelled));
        jobs.refundUnseeded(jobId);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.UnknownJob.selector, 99));
        jobs.refundUnseeded(99);
    }

    function test_lease_needsSeedRegistrationStakeAndTheRightParent() public {
        uint256 jobId = openJob(address(pay));
        vm.prank(alice);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Open));
        jobs.lease(jobId, genesisId);
        mine(9);
        jobs.captureSeed(jobId);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ParentMoved.selector, jobId, 5, genesisId));
        jobs.lease(jobId, 5);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotRegistered.selector, stranger));
        jobs.lease(jobId, genesisId);
        registerAs(stranger, 0x57);
        stakeAs(stranger, BOND - 1);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StakeTooSmall.selector, stranger, BOND - 1, BOND));
        jobs.lease(jobId, genesisId);
        stakeAs(stranger, 1);
        bytes32 id = leaseAs(stranger, jobId);
        IJobManager.Lease memory leased = jobs.leaseOf(id);
        assertEq(leased.operator, stranger, "operator");
        assertEq(leased.deadline, leased.start + 20, "deadline");
        assertEq(leased.registrationNonce, 1, "registration nonce");
        assertEq(stakes.freeStake(stranger), 0, "bonded");
        assertEq(
            id,
            keccak256(abi.encode(keccak256("assay.submission.v1"), uint256(31337), address(jobs), jobId, uint256(0), uint256(0), uint256(1))),
            "submission id"
        );
    }

    function test_lease_byHotKeyIsTheOperators() public {
        uint256 jobId = activeJob();
        assertEq(jobs.leaseOf(leaseAs(aliceHot, jobId)).operator, alice, "operator");
    }

    function test_lease_oneAtATime_toTheBlock() public {
        uint256 jobId = activeJob();
        leaseAs(alice, jobId);
        uint256 deadline = height() + 20;
        vm.roll(deadline);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.LeaseHeld.selector, jobId, alice, deadline));
        jobs.lease(jobId, genesisId);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.LeaseNotExpired.selector, jobId, deadline));
        jobs.expire(jobId);
        vm.roll(deadline + 1);
        bytes32 id = leaseAs(bob, jobId);
        assertEq(jobs.leaseOf(id).leaseNonce, 2, "a new nonce");
        assertEq(stakes.stakeOf(alice).active, 500e18 - PENALTY, "the lapse was charged");
        assertEq(stakes.stakeOf(alice).locked, 0, "the bond returned");
    }

    function test_release_freeToTheBlock() public {
        uint256 jobId = activeJob();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NoLease.selector, jobId));
        jobs.release(jobId);
        leaseAs(alice, jobId);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotLeaseHolder.selector, jobId, alice, bob));
        jobs.release(jobId);
        mine(4);
        vm.prank(aliceHot);
        jobs.release(jobId);
        assertEq(stakes.freeStake(alice), 500e18, "free of charge");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.LeaseOver.selector, jobId, IJobManager.LeaseState.Released));
        jobs.release(jobId);
        leaseAs(alice, jobId);
        mine(5);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ReleaseTooLate.selector, jobId, height() - 1));
        jobs.release(jobId);
    }

    function test_expire_burnsThePenaltyOnce() public {
        uint256 jobId = activeJob();
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NoLease.selector, jobId));
        jobs.expire(jobId);
        leaseAs(alice, jobId);
        mine(21);
        uint256 supply = token.totalSupply();
        vm.prank(stranger);
        jobs.expire(jobId);
        assertEq(supply - token.totalSupply(), PENALTY, "burned");
        assertEq(stakes.freeStake(alice), 500e18 - PENALTY, "bond returned, penalty gone");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.LeaseOver.selector, jobId, IJobManager.LeaseState.Lapsed));
        jobs.expire(jobId);
    }

    function test_submit_paysRecordsAndCompletes() public {
        uint256 jobId = activeJob();
        finishWindow(alice, jobId, 501);
        finishWindow(aliceHot, jobId, 502);
        assertEq(uint256(stateOf(jobId)), uint256(IJobManager.JobState.Active), "not yet");
        finishWindow(bob, jobId, 503);
        IJobManager.Job memory job = jobs.jobOf(jobId);
        assertEq(uint256(job.state), uint256(IJobManager.JobState.Completed), "completed");
        assertEq(job.headId, 503, "head");
        assertEq(job.escrow, 0, "spent");
        assertEq(rewards.claimable(address(pay), alice), 2 * PRICE, "alice, hot key included");
        assertEq(rewards.claimable(address(pay), bob), PRICE, "bob");
        assertEq(stakes.freeStake(alice), 500e18, "bonds returned");
        assertTrue(models.provenance(modelId, 502).proved, "recorded");
        assertEq(models.provenance(modelId, 502).windowIndex, 1, "window");
        vm.prank(alice);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Completed));
        jobs.lease(jobId, 503);
    }

    function test_submit_statementComesFromState() public {
        uint256 jobId = activeJob();
        finishWindow(alice, jobId, 501);
        leaseAs(bob, jobId);
        (bytes32 id, uint256[] memory s) = jobs.statementFor(jobId, trained(502, 77, 88));
        assertEq(id, jobs.jobOf(jobId).leaseId, "id");
        bytes32 context = keccak256(
            abi.encode(
                keccak256("assay.context.train-window.v1"),
                uint256(31337),
                address(jobs),
                jobId,
                uint256(1),
                uint256(0),
                uint256(2),
                uint256(1),
                bob,
                circuitId
            )
        );
        assertEq(s[0], uint256(context) % Encodings.R, "context");
        assertEq(s[1], 501, "parent");
        assertEq(s[2], 502, "child");
        assertEq(s[3], 77, "mask");
        assertEq(s[4], ROOT, "root");
        assertEq(s[5], jobs.jobOf(jobId).batchSeed, "seed");
        assertEq(s[6], 4, "first step");
        assertEq(s[7], 88, "loss");
    }

    function test_submit_refusesWhatTheVerifierRefuses() public {
        uint256 jobId = activeJob();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NoLease.selector, jobId));
        jobs.submit(jobId, 0, trained(1, 2, 3), hex"00", "");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NoLease.selector, jobId));
        jobs.statementFor(jobId, trained(1, 2, 3));
        bytes32 id = leaseAs(alice, jobId);
        bytes memory proof = falseProof();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ProofRejected.selector, id));
        jobs.submit(jobId, 0, trained(1, 2, 3), proof, "");
        // A proof for another child, mask or loss than submitted.
        proof = currentProof(jobId, 501);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ProofRejected.selector, id));
        jobs.submit(jobId, 0, trained(502, 77, 88), proof, "");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ProofRejected.selector, id));
        jobs.submit(jobId, 0, trained(501, 78, 88), proof, "");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ProofRejected.selector, id));
        jobs.submit(jobId, 0, trained(501, 77, 89), proof, "");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.WrongWindow.selector, jobId, 0, 1));
        jobs.submit(jobId, 1, trained(501, 77, 88), proof, "");
        submitAs(alice, jobId, 501, proof);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.LeaseOver.selector, jobId, IJobManager.LeaseState.Finalized));
        jobs.submit(jobId, 0, trained(501, 77, 88), proof, "");
    }

    function test_submit_refusesWordsOutsideTheField() public {
        uint256 jobId = activeJob();
        leaseAs(alice, jobId);
        uint256 r = Encodings.R;
        bytes memory reason = abi.encodeWithSelector(IJobManager.OutOfField.selector, r);
        vm.startPrank(alice);
        vm.expectRevert(reason);
        jobs.submit(jobId, 0, trained(r, 77, 88), hex"00", "");
        vm.expectRevert(reason);
        jobs.submit(jobId, 0, trained(501, r, 88), hex"00", "");
        vm.expectRevert(reason);
        jobs.submit(jobId, 0, trained(501, 77, r), hex"00", "");
        vm.stopPrank();
    }

    /// tests.md 9: a proof copied from the mempool is worth nothing to another sender, now or under a lease of its own.
    function test_submit_aCopiedProofIsWorthlessToItsCopier() public {
        uint256 jobId = activeJob();
        leaseAs(alice, jobId);
        bytes memory proof = currentProof(jobId, 501);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotLeaseHolder.selector, jobId, alice, bob));
        jobs.submit(jobId, 0, trained(501, 77, 88), proof, "");
        vm.prank(alice);
        jobs.release(jobId);
        bytes32 id = leaseAs(bob, jobId);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ProofRejected.selector, id));
        jobs.submit(jobId, 0, trained(501, 77, 88), proof, "");
        submitAs(bob, jobId, 501, currentProof(jobId, 501));
    }

    /// tests.md 10: nor in another job, under another lease of the same operator, or on another chain.
    function test_submit_aProofDoesNotReplay() public {
        uint256 first = activeJob();
        uint256 second = activeJob();
        leaseAs(alice, first);
        bytes memory proof = currentProof(first, 501);
        bytes32 id = leaseAs(alice, second);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ProofRejected.selector, id));
        jobs.submit(second, 0, trained(501, 77, 88), proof, "");
        vm.prank(alice);
        jobs.release(first);
        id = leaseAs(alice, first);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ProofRejected.selector, id));
        jobs.submit(first, 0, trained(501, 77, 88), proof, "");
        proof = currentProof(first, 501);
        vm.chainId(1337);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.ProofRejected.selector, id));
        jobs.submit(first, 0, trained(501, 77, 88), proof, "");
        vm.chainId(31337);
        submitAs(alice, first, 501, proof);
    }

    /// tests.md 10: a re-registration between lease and proof. The lease keeps its nonce; the next one has the new.
    function test_submit_registrationNonceBindsTheLease() public {
        uint256 jobId = activeJob();
        leaseAs(alice, jobId);
        bytes memory proof = currentProof(jobId, 501);
        registerAs(alice, 0xa2);
        vm.prank(aliceHot);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotLeaseHolder.selector, jobId, alice, aliceHot));
        jobs.submit(jobId, 0, trained(501, 77, 88), proof, "");
        submitAs(vm.addr(0xa2), jobId, 501, proof);
        assertEq(jobs.leaseOf(leaseAs(alice, jobId)).registrationNonce, 2, "next lease");
    }

    function test_submit_byAnOperatorThatHasDeregistered() public {
        uint256 jobId = activeJob();
        leaseAs(alice, jobId);
        vm.prank(alice);
        nodes.deregister();
        submitAs(alice, jobId, 501, currentProof(jobId, 501));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotRegistered.selector, alice));
        jobs.lease(jobId, 501);
    }

    function test_submit_lateCountsWhileNobodyElseHoldsTheLease() public {
        uint256 jobId = activeJob();
        leaseAs(alice, jobId);
        bytes memory proof = currentProof(jobId, 501);
        mine(30);
        submitAs(alice, jobId, 501, proof);
        assertEq(stakes.freeStake(alice), 500e18, "past the deadline, not expired: no penalty");
        leaseAs(alice, jobId);
        proof = currentProof(jobId, 502);
        mine(30);
        jobs.expire(jobId);
        submitAs(alice, jobId, 502, proof);
        assertEq(stakes.freeStake(alice), 500e18 - PENALTY, "expired: penalty, but paid");
        assertEq(rewards.claimable(address(pay), alice), 2 * PRICE, "both");
    }

    function test_submit_expiredLeaseIsWorthlessOnceAnotherIsTaken() public {
        uint256 jobId = activeJob();
        leaseAs(alice, jobId);
        bytes memory proof = currentProof(jobId, 501);
        mine(21);
        leaseAs(bob, jobId);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotLeaseHolder.selector, jobId, bob, alice));
        jobs.submit(jobId, 0, trained(501, 77, 88), proof, "");
        submitAs(bob, jobId, 501, currentProof(jobId, 501));
    }

    function test_pause_stopsNewLeasesOnly() public {
        uint256 jobId = activeJob();
        leaseAs(alice, jobId);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotAllowed.selector, stranger));
        jobs.pause(jobId);
        vm.prank(requester);
        jobs.pause(jobId);
        submitAs(alice, jobId, 501, currentProof(jobId, 501));
        vm.prank(alice);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Paused));
        jobs.lease(jobId, 501);
        vm.prank(requester);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Paused));
        jobs.pause(jobId);
        vm.prank(requester);
        jobs.resume(jobId);
        vm.prank(requester);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Active));
        jobs.resume(jobId);
        leaseAs(alice, jobId);
    }

    function test_pause_theLastWindowStillCompletes() public {
        uint256 jobId = activeJob();
        finishWindow(alice, jobId, 501);
        finishWindow(alice, jobId, 502);
        leaseAs(alice, jobId);
        vm.prank(requester);
        jobs.pause(jobId);
        submitAs(alice, jobId, 503, currentProof(jobId, 503));
        assertEq(uint256(stateOf(jobId)), uint256(IJobManager.JobState.Completed), "completed");
        vm.prank(requester);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Completed));
        jobs.cancel(jobId);
    }

    function test_cancel_refundsAllButTheHeldLease() public {
        uint256 jobId = activeJob();
        finishWindow(alice, jobId, 501);
        leaseAs(alice, jobId);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotAllowed.selector, stranger));
        jobs.cancel(jobId);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.claimable(address(pay), requester), PRICE, "one of three was paid, one is kept");
        submitAs(alice, jobId, 502, currentProof(jobId, 502));
        assertEq(rewards.claimable(address(pay), alice), 2 * PRICE, "the lease was honoured");
        assertEq(jobs.jobOf(jobId).escrow, 0, "nothing stays");
        assertEq(uint256(stateOf(jobId)), uint256(IJobManager.JobState.Cancelled), "cancelled it stays");
        vm.prank(requester);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Cancelled));
        jobs.cancel(jobId);
    }

    function test_cancel_thenReleaseOrExpireRefundsTheRest() public {
        uint256 released = activeJob();
        leaseAs(alice, released);
        vm.prank(requester);
        jobs.cancel(released);
        vm.prank(alice);
        jobs.release(released);
        assertEq(rewards.claimable(address(pay), requester), 3 * PRICE, "released");
        uint256 expired = activeJob();
        leaseAs(alice, expired);
        bytes memory proof = currentProof(expired, 501);
        vm.prank(requester);
        jobs.cancel(expired);
        mine(21);
        jobs.expire(expired);
        assertEq(rewards.claimable(address(pay), requester), 6 * PRICE, "expired");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.LeaseOver.selector, expired, IJobManager.LeaseState.Lapsed));
        jobs.submit(expired, 0, trained(501, 77, 88), proof, "");
    }

    function test_cancel_endsALapsedLease() public {
        uint256 jobId = activeJob();
        leaseAs(alice, jobId);
        bytes memory proof = currentProof(jobId, 501);
        mine(21);
        jobs.expire(jobId);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.claimable(address(pay), requester), 3 * PRICE, "all of it");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.LeaseOver.selector, jobId, IJobManager.LeaseState.Lapsed));
        jobs.submit(jobId, 0, trained(501, 77, 88), proof, "");
    }

    function test_cancel_beforeTheSeed() public {
        uint256 jobId = openJob(address(pay));
        vm.prank(requester);
        vm.expectRevert(wrongState(jobId, IJobManager.JobState.Open));
        jobs.pause(jobId);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.claimable(address(pay), requester), 3 * PRICE, "all of it");
    }

    function test_revokeLease_onlyTheChallengeManager() public {
        uint256 jobId = activeJob();
        leaseAs(alice, jobId);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotAllowed.selector, address(this)));
        jobs.revokeLease(jobId, alice);
        vm.startPrank(address(challenges));
        jobs.revokeLease(jobId, bob);
        assertEq(stakes.stakeOf(alice).locked, BOND, "not bob's to lose");
        jobs.revokeLease(jobId, alice);
        jobs.revokeLease(jobId, alice);
        vm.stopPrank();
        assertEq(stakes.stakeOf(alice).locked, 0, "once");
    }

    /// Each wire in turn leads elsewhere; with none wrong the same construction succeeds.
    function test_constructor_refusesASetThatDoesNotFitTogether() public {
        for (uint256 wrong = 0; wrong <= 11; ++wrong) {
            Creator creator = new Creator();
            address s = vm.computeCreateAddress(address(creator), 3);
            address c = vm.computeCreateAddress(address(creator), 4);
            address j = vm.computeCreateAddress(address(creator), 5);
            address r = vm.computeCreateAddress(address(creator), 2);
            address x = stranger;
            address m = make(creator, "ModelRegistry.sol:ModelRegistry", abi.encode(wrong == 1 ? x : j));
            make(creator, "RewardDistributor.sol:RewardDistributor", abi.encode(wrong == 2 ? x : j, wrong == 3 ? x : s));
            make(
                creator,
                "StakeManager.sol:StakeManager",
                abi.encode(
                    token, wrong == 4 ? x : address(nodes), wrong == 5 ? x : r, wrong == 6 ? x : j, wrong == 7 ? x : c, UNBONDING
                )
            );
            make(
                creator,
                "ChallengeManager.sol:ChallengeManager",
                abi.encode(
                    wrong == 8 ? x : j, wrong == 9 ? x : s, wrong == 10 ? x : address(nodes), wrong == 11 ? x : address(router)
                )
            );
            bytes memory code = abi.encodePacked(vm.getCode("JobManager.sol:JobManager"), abi.encode(nodes, s, c, router, r, m, datasets));
            if (wrong > 0) {
                address culprit = wrong == 1 ? m : wrong <= 3 ? r : wrong <= 7 ? s : c;
                vm.expectRevert(abi.encodeWithSelector(IJobManager.WiringMismatch.selector, culprit));
            }
            creator.create(code);
        }
    }

    function make(Creator creator, string memory artifact, bytes memory arguments) internal returns (address) {
        return creator.create(abi.encodePacked(vm.getCode(artifact), arguments));
    }

    /// tests.md 15: a token that calls back in the middle of a transfer gets nowhere.
    function test_reentrancy_isRefusedOrGainsNothing() public {
        ReentrantToken hostile = ReentrantToken(deploy("Tokens.sol:ReentrantToken", ""));
        hostile.transfer(requester, 1e24);
        vm.prank(requester);
        hostile.approve(address(jobs), type(uint256).max);
        uint256 victim = activeJob();
        leaseAs(alice, victim);

        bytes4 guarded = bytes4(keccak256("ReentrancyGuardReentrantCall()"));
        bytes[5] memory calls = [
            abi.encodeCall(jobs.openJob, (termsFor(address(pay)))),
            abi.encodeCall(jobs.cancel, (victim)),
            abi.encodeCall(jobs.lease, (victim, genesisId)),
            abi.encodeCall(jobs.expire, (victim)),
            abi.encodeCall(jobs.submit, (victim, 0, trained(1, 2, 3), hex"00", ""))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            hostile.arm(address(jobs), calls[i]);
            uint256 before = hostile.attempts();
            openJob(address(hostile));
            assertEq(hostile.attempts() - before, 1, "it did call back");
            assertEq(bytes32(hostile.lastError()), bytes32(guarded), "and was refused by the guard");
        }
        assertEq(hostile.successes(), 0, "none succeeded");

        // Claiming twice within one claim.
        hostile.arm(address(0), "");
        uint256 jobId = jobs.jobCount();
        mine(9);
        jobs.captureSeed(jobId);
        finishWindow(bob, jobId, 501);
        hostile.arm(address(rewards), abi.encodeCall(rewards.claim, (address(hostile), bob)));
        rewards.claim(address(hostile), bob);
        assertEq(hostile.balanceOf(bob), PRICE, "paid once");
        assertEq(bytes32(hostile.lastError()), bytes32(guarded), "refused");
        (uint256 escrowed, uint256 owed) = rewards.liabilities(address(hostile));
        assertEq(hostile.balanceOf(address(rewards)), escrowed + owed, "nothing is missing");
        // The other job went on untouched.
        submitAs(alice, victim, 501, currentProof(victim, 501));
        assertEq(rewards.claim(address(pay), alice), PRICE, "and pays");
    }

    /// A donation is nobody's: it neither opens a job nor raises a claim.
    function test_donations_changeNothing() public {
        pay.transfer(address(rewards), 1e18);
        token.transfer(address(stakes), 1e18);
        uint256 jobId = activeJob();
        finishWindow(alice, jobId, 501);
        assertEq(rewards.claim(address(pay), alice), PRICE, "the price");
        assertEq(stakes.totalStake(), 1000e18, "stake");
    }
}
