// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {Fixture} from "../utils/Fixture.sol";

/// See OpenJobs.tree.
contract OpenJobsTest is Fixture {
    function licensed(uint16 licensorBps, IDatasetRegistry.Terms memory licenceTerms) internal returns (IJobManager.JobTerms memory terms) {
        terms = termsFor(address(pay));
        vm.prank(requester);
        terms.datasetId = datasets.register(ROOT + 1, 3, 5, hex"01551220", "CC-BY-4.0", licenceTerms);
        terms.licensorBps = licensorBps;
    }

    function test_row20_gasPrice() public {
        IJobManager.JobTerms memory terms = termsFor(address(pay));
        uint256 jobId = activeWith(terms);
        vm.prank(timelock);
        parameters.setGasPrice(15e9 * 101);
        assertEq(parameters.bondFloor(), 101e18, "above the bond");
        refused(terms, abi.encodeWithSelector(IJobManager.BondTooSmall.selector, BOND, 101e18));
        for (uint256 i = 1; i <= 3; ++i) finishWindow(alice, jobId, i);
        assertState(jobId, IJobManager.JobState.Completed);
        assertEq(rewards.claimable(address(pay), alice), 3 * uint256(PRICE), "paid");
        terms.bond = 101e18;
        openWith(terms);
    }

    function test_row20_emissionShare() public {
        IJobManager.JobTerms memory terms = termsFor(address(pay));
        terms.fee = FEE;
        uint256 before = activeWith(terms);
        vm.prank(timelock);
        parameters.setEmissionBps(5_000);
        uint256 later = activeWith(terms);
        uint256 held = token.balanceOf(alice);
        finishWindow(alice, before, 1);
        assertEq(token.balanceOf(alice), held + FEE / 4, "the share that it opened with");
        finishWindow(alice, later, 2);
        assertEq(token.balanceOf(alice), held + FEE / 4 + FEE / 2, "the new share");
        vm.prank(timelock);
        parameters.setEmissionBps(0);
        finishWindow(alice, before, 3);
        assertEq(token.balanceOf(alice), held + FEE, "still a quarter");
    }

    function test_row20_row21_pause() public {
        IJobManager.JobTerms memory terms = termsFor(address(pay));
        uint256 seeded = activeWith(terms);
        uint256 unseeded = openWith(terms);
        mine(9);
        uint256 from = height();
        vm.prank(guardian);
        parameters.pauseNewJobs(50);
        refused(terms, abi.encodeWithSelector(IJobManager.NewJobsPaused.selector, from + 49));
        jobs.captureSeed(unseeded);
        for (uint256 i = 1; i <= 3; ++i) finishWindow(alice, seeded, i);
        assertState(seeded, IJobManager.JobState.Completed);
        finishWindow(bob, unseeded, 9);
        vm.roll(from + 49);
        refused(terms, abi.encodeWithSelector(IJobManager.NewJobsPaused.selector, from + 49));
        vm.roll(from + 50);
        openWith(terms);
    }

    function test_row20_revocation() public {
        IJobManager.JobTerms memory terms = licensed(1_000, IDatasetRegistry.Terms(1, 1_000, 0, true));
        uint256 jobId = activeWith(terms);
        finishWindow(alice, jobId, 1);
        vm.prank(requester);
        datasets.revoke(terms.datasetId);
        refused(terms, abi.encodeWithSelector(IDatasetRegistry.LicenceRevoked.selector, terms.datasetId));
        finishWindow(alice, jobId, 2);
        finishWindow(alice, jobId, 3);
        assertState(jobId, IJobManager.JobState.Completed);
        assertEq(rewards.claimable(address(pay), requester), 3 * uint256(PRICE) / 10, "its licensor is paid");
    }

    function test_row20_row21_expiry() public {
        IJobManager.JobTerms memory terms = licensed(0, IDatasetRegistry.Terms(1, 0, uint64(height() + 5), false));
        mine(5);
        uint256 last = height();
        uint256 jobId = openWith(terms);
        mine(1);
        refused(terms, abi.encodeWithSelector(IDatasetRegistry.LicenceExpired.selector, terms.datasetId, last));
        mine(8);
        jobs.captureSeed(jobId);
        for (uint256 i = 1; i <= 3; ++i) finishWindow(alice, jobId, i);
        assertState(jobId, IJobManager.JobState.Completed);
    }

    function test_row20_evaluationOnlyDataDoesNotTrain() public {
        IJobManager.JobTerms memory terms = licensed(0, IDatasetRegistry.Terms(2, 0, 0, false));
        refused(terms, abi.encodeWithSelector(IDatasetRegistry.UseNotAllowed.selector, terms.datasetId, 1));
    }

    function test_lyingCircuit_mintsNoStart() public {
        // Of the same model; what makes it another circuit is its verifying key, here nobody's.
        bytes32 lying = router.register(keccak256("lies"), address(honk), address(verifier), shapeOf(devTau()));
        IJobManager.JobTerms memory terms = termsFor(address(pay));
        terms.circuitId = lying;
        uint256 jobId = activeWith(terms);
        uint256 minted = 666;
        finishWindow(alice, jobId, minted);
        assertTrue(models.provenance(lying, minted).proved, "it has its own lineage");
        terms = termsFor(address(pay));
        terms.genesisId = minted;
        refused(terms, abi.encodeWithSelector(IJobManager.NotAStart.selector, circuitId, minted, requester));
        terms.circuitId = lying;
        openWith(terms);
    }
}
