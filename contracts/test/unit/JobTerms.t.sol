// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {InferenceFixture} from "../utils/InferenceFixture.sol";
import {FeeToken} from "../utils/Tokens.sol";

/// From JobTerms.tree.
contract JobTermsTest is InferenceFixture {
    bytes4 private constant NO_ALLOWANCE = bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)"));
    bytes4 private constant NO_BALANCE = bytes4(keccak256("ERC20InsufficientBalance(address,uint256,uint256)"));
    uint256 private constant REQUESTER_KEY = 0x9e9;

    function eager() internal view returns (IJobManager.JobTerms memory) {
        return termsFor(address(pay));
    }

    function optimistic() internal view returns (IJobManager.JobTerms memory) {
        return optimisticTermsFor(address(pay));
    }

    function refusedPartly(IJobManager.JobTerms memory terms, bytes4 selector) internal {
        uint256 count = jobs.jobCount();
        vm.prank(requester);
        vm.expectPartialRevert(selector);
        jobs.openJob(terms);
        assertEq(jobs.jobCount(), count, "nothing was opened");
    }

    function assertEscrow(address payToken, uint256 jobId, uint256 amount) internal view {
        assertEq(rewards.escrowOf(jobId, payToken), amount, "ledger of the job");
        (uint256 escrowed, uint256 owed) = rewards.liabilities(payToken);
        assertEq(escrowed, amount, "escrowed");
        assertEq(owed, 0, "owed");
        assertAtMost(amount, pay.balanceOf(address(rewards)) + token.balanceOf(address(rewards)), "held");
    }

    function test_openJob_escrowsPriceAndFeeOfEveryUnit() public {
        IJobManager.JobTerms memory t = eager();
        (t.contributions, t.fee) = (4, FEE);
        uint256 jobId = openWith(t);
        assertEscrow(address(pay), jobId, 12 * uint256(PRICE));
        assertEscrow(address(token), jobId, 12 * uint256(FEE));
        assertEq(pay.balanceOf(address(rewards)), 12 * uint256(PRICE), "in the vault");
        assertEq(token.balanceOf(address(rewards)), 12 * uint256(FEE), "in the vault");
        assertEq(jobs.jobOf(jobId).unitsLeft, 12, "units");
    }

    function test_openJob_priceAndFeeInTheSameToken() public {
        IJobManager.JobTerms memory t = termsFor(address(token));
        t.fee = FEE;
        uint256 jobId = openWith(t);
        assertEscrow(address(token), jobId, 3 * (uint256(PRICE) + FEE));
        assertEq(token.balanceOf(address(rewards)), 3 * (uint256(PRICE) + FEE), "in the vault");
    }

    function test_openJob_keepsWhatOthersSay() public {
        IJobManager.JobTerms memory t = eager();
        vm.prank(stranger);
        t.datasetId = datasets.register(ROOT + 1, 3, 5, hex"01551220", "CC0-1.0", licence(0));
        uint256 jobId = openWith(t);
        IJobManager.Job memory job = jobs.jobOf(jobId);
        assertEq(job.requester, requester, "requester");
        assertState(jobId, IJobManager.JobState.Open);
        assertEq(job.steps, 4, "steps from the circuit");
        assertEq(job.statementType, keccak256("train-window"), "statement from the circuit");
        assertEq(job.modelId, modelId, "model from the circuit");
        assertEq(job.datasetRoot, ROOT + 1, "root from the registry");
        assertEq(job.licensor, stranger, "licensor from the registry");
        assertEq(job.licenceHash, keccak256("CC0-1.0"), "licence from the registry");
        assertEq(job.emissionBps, parameters.emissionBps(), "share from the parameters");
        assertEq(job.openBlock, height(), "block");
        assertEq(job.activeBlock + job.batchSeed, 0, "no seed yet");
        assertEq(keccak256(abi.encode(job.terms)), keccak256(abi.encode(t)), "terms");
        vm.expectRevert(abi.encodeWithSelector(IJobManager.UnknownJob.selector, jobId + 1));
        jobs.jobOf(jobId + 1);
    }

    function test_openJob_refusesNumbersOutOfRange() public {
        IJobManager.JobTerms memory t = eager();
        t.windows = 0;
        refused(t, invalid("windows"));
        t.windows = 1_000_001;
        refused(t, invalid("windows"));
        (t.windows, t.price) = (1_000_000, 1);
        openWith(t);
        t.price = 0;
        refused(t, invalid("price"));
        t = eager();
        (t.leaseBlocks, t.freeReleaseBlocks) = (0, 0);
        refused(t, invalid("leaseBlocks"));
        t.leaseBlocks = 1;
        openWith(t);
        t = eager();
        t.freeReleaseBlocks = t.leaseBlocks;
        refused(t, invalid("freeReleaseBlocks"));
        t.freeReleaseBlocks -= 1;
        openWith(t);
        t.priorityBlocks = t.leaseBlocks;
        refused(t, invalid("priorityBlocks"));
        t.priorityBlocks -= 1;
        openWith(t);
        t.evidenceBlocks = 0;
        refused(t, invalid("evidenceBlocks"));
        t.evidenceBlocks = 1;
        openWith(t);
        t.maxLapses = 0;
        refused(t, invalid("maxLapses"));
        t.maxLapses = 255;
        openWith(t);
    }

    function test_openJob_refusesTermsOfTheOtherMode() public {
        IJobManager.JobTerms memory t = eager();
        t.mode = 2;
        refused(t, abi.encodeWithSelector(IJobManager.UnsupportedMode.selector, 2));
        t = eager();
        t.finalityBlocks = 1;
        refused(t, invalid("finalityBlocks"));
        t = eager();
        t.answerBlocks = 1;
        refused(t, invalid("answerBlocks"));
        t = eager();
        t.validators = 1;
        refused(t, invalid("validators"));
        t = optimistic();
        t.finalityBlocks = 9;
        refused(t, invalid("finalityBlocks"));
        t.finalityBlocks = 10;
        openWith(t);
        t.answerBlocks = 9;
        refused(t, invalid("answerBlocks"));
        t.answerBlocks = 10;
        openWith(t);
        t.validators = 4;
        refused(t, invalid("validators"));
        t.validators = 3;
        openWith(t);
    }

    function test_openJob_contributionsOnlyWhereTheyCanBeMerged() public {
        IJobManager.JobTerms memory t = eager();
        t.contributions = 0;
        refused(t, invalid("contributions"));
        t.contributions = 9;
        refused(t, invalid("contributions"));
        t.contributions = 8;
        openWith(t);
        t = optimistic();
        t.contributions = 2;
        refused(t, invalid("contributions"));
        t.contributions = 1;
        openWith(t);
        t = hidden(eager());
        t.contributions = 2;
        refused(t, invalid("contributions"));
        t.contributions = 1;
        openWith(t);
        t = askTerms(address(pay), true);
        t.contributions = 2;
        refused(t, invalid("contributions"));
        t.contributions = 1;
        openWith(t);
    }

    function test_openJob_sharesOfThePrice() public {
        IJobManager.JobTerms memory t = optimistic();
        (t.validatorBps, t.licensorBps, t.treasuryBps, t.treasury) = (2_000, 2_000, 1_001, stranger);
        refused(t, invalid("shares"));
        t.treasuryBps = 1_000;
        openWith(t);
        t.treasury = address(0);
        refused(t, invalid("treasury"));
        (t.treasury, t.treasuryBps) = (stranger, 0);
        refused(t, invalid("treasury"));
        // The sum of the largest shares does not wrap around.
        (t.validatorBps, t.licensorBps, t.treasuryBps) = (type(uint16).max, type(uint16).max, type(uint16).max);
        refused(t, invalid("shares"));
        t = optimistic();
        t.validators = 0;
        refused(t, invalid("validatorBps"));
        t.validatorBps = 0;
        openWith(t);
    }

    function test_row21_openJob_allWindowsWithinHalfTheUnbondingTime() public {
        IJobManager.JobTerms memory t = eager();
        t.evidenceBlocks = uint32(UNBONDING / 2) - t.leaseBlocks;
        openWith(t);
        t.evidenceBlocks += 1;
        refused(t, abi.encodeWithSelector(IJobManager.WindowsTooLong.selector, UNBONDING / 2 + 1, UNBONDING / 2));
        t = optimistic();
        t.evidenceBlocks = uint32(UNBONDING / 2) - t.leaseBlocks - t.finalityBlocks - t.answerBlocks;
        openWith(t);
        t.finalityBlocks += 1;
        refused(t, abi.encodeWithSelector(IJobManager.WindowsTooLong.selector, UNBONDING / 2 + 1, UNBONDING / 2));
        (t.finalityBlocks, t.answerBlocks) = (t.finalityBlocks - 1, t.answerBlocks + 1);
        refused(t, abi.encodeWithSelector(IJobManager.WindowsTooLong.selector, UNBONDING / 2 + 1, UNBONDING / 2));
        uint256 most = type(uint32).max;
        (t.leaseBlocks, t.finalityBlocks) = (type(uint32).max, type(uint32).max);
        (t.answerBlocks, t.evidenceBlocks) = (type(uint32).max, type(uint32).max);
        refused(t, abi.encodeWithSelector(IJobManager.WindowsTooLong.selector, 4 * most, UNBONDING / 2));
    }

    function test_row20_openJob_bondFloorOfTheBlockItOpensIn() public {
        IJobManager.JobTerms memory t = eager();
        uint256 floor = parameters.bondFloor();
        (t.bond, t.lapsePenalty) = (uint128(floor), uint128(floor));
        uint256 jobId = activeWith(t);
        t.lapsePenalty += 1;
        refused(t, invalid("lapsePenalty"));
        (t.bond, t.lapsePenalty) = (uint128(floor) - 1, 0);
        refused(t, abi.encodeWithSelector(IJobManager.BondTooSmall.selector, floor - 1, floor));
        uint256 twice = 2 * parameters.gasPrice();
        vm.prank(timelock);
        parameters.setGasPrice(twice);
        t.bond = uint128(floor);
        refused(t, abi.encodeWithSelector(IJobManager.BondTooSmall.selector, floor, 2 * floor));
        assertEq(jobs.jobOf(jobId).terms.bond, floor, "an open job keeps its bond");
        finishWindow(alice, jobId, 501);
    }

    function test_openJob_refusesWhatIsNotRegistered() public {
        IJobManager.JobTerms memory t = eager();
        t.circuitId = keccak256("x");
        refused(t, abi.encodeWithSelector(IVerifierRouter.UnknownCircuit.selector, keccak256("x")));
        t.circuitId = wellFormedCircuit;
        refused(t, abi.encodeWithSelector(IJobManager.UnsupportedStatement.selector, keccak256("well-formed")));
        bytes32 srsId = Encodings.srsId(devTau());
        bytes memory shape = abi.encode(
            keccak256("other spec"), srsId, uint256(10), sizes(), uint256(16), uint256(4), uint256(3), uint256(64), devTau()
        );
        t.circuitId = router.register(keccak256("vk"), address(honk), address(verifier), shape);
        refused(t, abi.encodeWithSelector(IJobManager.UnknownModel.selector, router.circuit(t.circuitId).modelId));
        openWith(eager());
    }

    function test_row23b_openJob_refusesTheDevProfileOutsideDevnets() public {
        bytes32 dev = Encodings.srsId(devTau());
        uint256[5] memory others = [uint256(1), 11155111, 31338, 31336, 137];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.chainId(others[i]);
            refused(eager(), abi.encodeWithSelector(IJobManager.DevProfileRefused.selector, dev, others[i]));
            refused(askTerms(address(pay), true), abi.encodeWithSelector(IJobManager.DevProfileRefused.selector, dev, others[i]));
        }
        vm.chainId(1337);
        openWith(eager());
        vm.chainId(31337);
        openWith(eager());
    }

    function test_openJob_takesThePublicProfileEverywhere() public {
        uint256[4] memory tau = [
            0x260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1,
            0x0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0,
            0x04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4,
            0x22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55
        ];
        IJobManager.JobTerms memory t = eager();
        t.circuitId = router.register(keccak256("vk"), address(honk), address(verifier), shapeOf(tau));
        bytes32 model = models.registerModel(keccak256("spec"), Encodings.srsId(tau), 10, sizes());
        vm.prank(requester);
        t.genesisId = models.registerGenesis(model, new bytes(128), hex"01551220", "CC0-1.0");
        vm.chainId(1);
        openWith(t);
    }

    function test_openJob_startsFromTheRequestersGenesisOrAProvedCheckpoint() public {
        IJobManager.JobTerms memory t = eager();
        t.genesisId = genesisId + 1;
        refused(t, abi.encodeWithSelector(IJobManager.NotAStart.selector, circuitId, genesisId + 1, requester));
        finishWindow(alice, activeJob(), 555);
        fund(stranger, 1e24);
        t.genesisId = 555;
        vm.prank(stranger);
        uint256 jobId = jobs.openJob(t);
        assertEq(jobs.jobOf(jobId).licenceHash, keccak256("CC0-1.0"), "the licence is inherited");
        t.genesisId = genesisId;
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.NotAStart.selector, circuitId, genesisId, stranger));
        jobs.openJob(t);
    }

    function test_openJob_openWeightsMayNameAWorkerAndAWellFormedCircuit() public {
        IJobManager.JobTerms memory t = eager();
        t.worker = bob;
        uint256 jobId = activeWith(t);
        assertEq(windows.leaseOf(leaseAs(bobHot, jobId)).operator, bob, "the named worker");
        t.wellFormedCircuit = wellFormedCircuit;
        refused(t, abi.encodeWithSelector(IJobManager.NotWellFormed.selector, wellFormedCircuit, genesisId));
        proveWellFormed(genesisId);
        openWith(t);
    }

    function test_openJob_hiddenWeightsNeedTheirOwnerAndAreWellFormed() public {
        IJobManager.JobTerms memory t = hidden(eager());
        t.worker = address(0);
        refused(t, invalid("worker"));
        t.worker = bob;
        refused(t, abi.encodeWithSelector(IJobManager.NotTheOwner.selector, modelId, secretId, bob));
        // The requester's own registration makes nobody else the owner.
        proveWellFormed(genesisId);
        t.genesisId = genesisId;
        refused(t, abi.encodeWithSelector(IJobManager.NotTheOwner.selector, modelId, genesisId, bob));
        t = hidden(eager());
        t.wellFormedCircuit = bytes32(0);
        refused(t, invalid("wellFormedCircuit"));
        t.wellFormedCircuit = inferenceCircuit;
        refused(t, abi.encodeWithSelector(IJobManager.NotWellFormed.selector, inferenceCircuit, secretId));
        t.wellFormedCircuit = wellFormedCircuit;
        t.genesisId = registerAsGenesis(alice, 8);
        refused(t, abi.encodeWithSelector(IJobManager.NotWellFormed.selector, wellFormedCircuit, t.genesisId));
        proveSegment(t.genesisId, 0);
        refused(t, abi.encodeWithSelector(IJobManager.NotWellFormed.selector, wellFormedCircuit, t.genesisId));
        proveSegment(t.genesisId, 1);
        assertEq(jobs.jobOf(openWith(t)).licenceHash, keccak256("all rights reserved"), "the owner's licence");
        openWith(hidden(optimistic()));
    }

    function test_openJob_hiddenTrainingIsItsOwnersWork() public {
        uint256 jobId = activeWith(hidden(eager()));
        uint256 head = windows.headOf(jobId);
        assertEq(head, secretId, "head");
        vm.prank(bob);
        vm.expectPartialRevert(bytes4(keccak256("NotTheWorker(uint256,address,address)")));
        windows.lease(jobId, 0, head);
        finishWindow(aliceHot, jobId, 501);
        assertEq(rewards.claimable(address(pay), alice), PRICE, "paid");
    }

    function test_row21_openJob_datasetsLicenceHoldsToItsLastBlock() public {
        IJobManager.JobTerms memory t = eager();
        t.datasetId = keccak256("x");
        refused(t, abi.encodeWithSelector(IDatasetRegistry.UnknownDataset.selector, keccak256("x")));
        IDatasetRegistry.Terms memory terms = IDatasetRegistry.Terms({uses: 2, feeBps: 0, expiryBlock: 0, revocable: false});
        t.datasetId = datasets.register(ROOT, 3, 5, hex"01551220", "audits only", terms);
        refused(t, abi.encodeWithSelector(IDatasetRegistry.UseNotAllowed.selector, t.datasetId, 1));
        terms = IDatasetRegistry.Terms({uses: 1, feeBps: 700, expiryBlock: uint64(height()) + 5, revocable: true});
        t.datasetId = datasets.register(ROOT, 3, 5, hex"01551220", "to rent", terms);
        t.licensorBps = 699;
        refused(t, abi.encodeWithSelector(IJobManager.LicenceShareTooSmall.selector, 699, 700));
        t.licensorBps = 700;
        openWith(t);
        mine(5);
        uint256 jobId = openWith(t);
        assertEq(jobs.jobOf(jobId).licensor, address(this), "licensor");
        mine(1);
        refused(t, abi.encodeWithSelector(IDatasetRegistry.LicenceExpired.selector, t.datasetId, height() - 1));
        terms.expiryBlock = 0;
        t.datasetId = datasets.register(ROOT, 3, 5, hex"01551220", "revocable", terms);
        jobId = openWith(t);
        datasets.revoke(t.datasetId);
        refused(t, abi.encodeWithSelector(IDatasetRegistry.LicenceRevoked.selector, t.datasetId));
        // Open jobs go on.
        mine(9);
        jobs.captureSeed(jobId);
        finishWindow(alice, jobId, 501);
        assertEq(rewards.claimable(address(pay), address(this)), (uint256(PRICE) * 700) / 10_000, "the licensor's part");
    }

    function test_openJob_datasetHasTheCircuitsDepth() public {
        IJobManager.JobTerms memory t = eager();
        t.datasetId = datasets.register(ROOT, 4, 5, hex"01551220", "CC0-1.0", licence(0));
        refused(t, abi.encodeWithSelector(IJobManager.TreeDepthMismatch.selector, 3, 4));
        t.datasetId = datasets.register(ROOT, 3, 5, hex"01551220", "CC0-1.0", licence(0));
        openWith(t);
    }

    function test_row15_openJob_refusesTokensThatTakeAFee() public {
        FeeToken taking = FeeToken(deploy("Tokens.sol:FeeToken", ""));
        taking.transfer(requester, 1e24);
        vm.prank(requester);
        taking.approve(address(jobs), type(uint256).max);
        uint256 amount = 3 * uint256(PRICE);
        refused(
            termsFor(address(taking)),
            abi.encodeWithSelector(IJobManager.UnexpectedAmount.selector, address(taking), amount - amount / 100, amount)
        );
        openJob(address(pay));
    }

    function test_row22_openJob_refusesWithoutFunds() public {
        IJobManager.JobTerms memory t = eager();
        t.fee = FEE;
        vm.startPrank(requester);
        pay.approve(address(jobs), 3 * PRICE - 1);
        vm.stopPrank();
        refusedPartly(t, NO_ALLOWANCE);
        vm.startPrank(requester);
        pay.approve(address(jobs), 3 * PRICE);
        token.approve(address(jobs), 3 * FEE - 1);
        vm.stopPrank();
        refusedPartly(t, NO_ALLOWANCE);
        uint256 all = token.balanceOf(requester);
        vm.startPrank(requester);
        token.approve(address(jobs), 3 * FEE);
        token.transfer(stranger, all - 3 * FEE + 1);
        vm.stopPrank();
        refusedPartly(t, NO_BALANCE);
        (uint256 escrowed,) = rewards.liabilities(address(pay));
        assertEq(escrowed + pay.balanceOf(address(rewards)), 0, "nothing was taken");
        token.transfer(requester, 1);
        openWith(t);
        assertEq(token.balanceOf(requester), 0, "to the last wei");
    }

    function test_row22_openJob_refusesWhatIsNoToken() public {
        vm.prank(requester);
        (bool opened, bytes memory returned) = address(jobs).call(abi.encodeCall(jobs.openJob, (termsFor(stranger))));
        assertTrue(!opened && returned.length == 0, "no code");
        vm.prank(requester);
        (opened, returned) = address(jobs).call(abi.encodeCall(jobs.openJob, (termsFor(address(nodes)))));
        assertTrue(!opened && returned.length == 0, "no token");
        vm.prank(requester);
        (opened,) = address(jobs).call(abi.encodeCall(jobs.openJob, (eager())));
        assertTrue(opened, "control");
    }

    function test_row21_openJob_waitsForTheEndOfTheGuardiansPause() public {
        uint256 jobId = openJob(address(pay));
        vm.prank(guardian);
        parameters.pauseNewJobs(20);
        uint256 last = parameters.pausedUntil();
        refused(eager(), abi.encodeWithSelector(IJobManager.NewJobsPaused.selector, last));
        // Open jobs go on.
        mine(9);
        jobs.captureSeed(jobId);
        finishWindow(alice, jobId, 501);
        vm.roll(last);
        refused(eager(), abi.encodeWithSelector(IJobManager.NewJobsPaused.selector, last));
        vm.roll(last + 1);
        openWith(eager());
    }

    /// A permit by a requester that has approved nothing, for all of ASSAY that the terms cost.
    function permitOf(uint256 value) internal view returns (uint8 v, bytes32 r, bytes32 s) {
        address owner = vm.addr(REQUESTER_KEY);
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                owner,
                address(jobs),
                value,
                token.nonces(owner),
                type(uint256).max
            )
        );
        return vm.sign(REQUESTER_KEY, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), hash)));
    }

    function permittedTerms() internal returns (IJobManager.JobTerms memory t, uint256 value) {
        address owner = vm.addr(REQUESTER_KEY);
        token.transfer(owner, 1e24);
        vm.prank(owner);
        models.registerGenesis(modelId, new bytes(128), hex"01551220", "CC0-1.0");
        t = termsFor(address(token));
        t.fee = FEE;
        value = 3 * (uint256(PRICE) + FEE);
    }

    function openPermitted(IJobManager.JobTerms memory t, uint256 value, uint8 v, bytes32 r, bytes32 s) internal returns (uint256) {
        vm.prank(vm.addr(REQUESTER_KEY));
        return jobs.openJobWithPermit(t, value, type(uint256).max, v, r, s);
    }

    function test_openJobWithPermit_needsNoOtherApproval() public {
        (IJobManager.JobTerms memory t, uint256 value) = permittedTerms();
        (uint8 v, bytes32 r, bytes32 s) = permitOf(value - 1);
        vm.prank(vm.addr(REQUESTER_KEY));
        vm.expectPartialRevert(NO_ALLOWANCE);
        jobs.openJobWithPermit(t, value - 1, type(uint256).max, v, r, s);
        (v, r, s) = permitOf(value);
        uint256 jobId = openPermitted(t, value, v, r, s);
        assertEq(jobs.jobOf(jobId).requester, vm.addr(REQUESTER_KEY), "requester");
        assertEq(rewards.escrowOf(jobId, address(token)), value, "escrow");
    }

    function test_row9_openJobWithPermit_aCopiedPermitStopsNothing() public {
        (IJobManager.JobTerms memory t, uint256 value) = permittedTerms();
        (uint8 v, bytes32 r, bytes32 s) = permitOf(value);
        vm.prank(stranger);
        token.permit(vm.addr(REQUESTER_KEY), address(jobs), value, type(uint256).max, v, r, s);
        openPermitted(t, value, v, r, s);
        // The permit is spent and the allowance, too.
        vm.prank(vm.addr(REQUESTER_KEY));
        vm.expectPartialRevert(NO_ALLOWANCE);
        jobs.openJobWithPermit(t, value, type(uint256).max, v, r, s);
    }

    function test_openJobWithPermit_aTokenWithoutPermitNeedsAnAllowance() public {
        vm.prank(requester);
        jobs.openJobWithPermit(eager(), 1, 0, 27, bytes32(0), bytes32(0));
        vm.prank(requester);
        pay.approve(address(jobs), 0);
        vm.prank(requester);
        vm.expectPartialRevert(NO_ALLOWANCE);
        jobs.openJobWithPermit(eager(), 1, 0, 27, bytes32(0), bytes32(0));
    }

    /// Whatever the numbers are: it opens exactly where the rules allow it, and then holds what it owes.
    function testFuzz_openJob_rules(
        uint32 windowCount,
        uint8 contributions,
        uint16[3] memory bps,
        uint8 mode,
        uint8 seats,
        uint64 price
    ) public {
        IJobManager.JobTerms memory t = mode % 2 == 0 ? eager() : optimistic();
        t.windows = uint32(bound(windowCount, 0, 1_000_002));
        t.contributions = uint8(bound(contributions, 0, 10));
        t.validators = uint8(bound(seats, 0, 5));
        t.validatorBps = uint16(bound(bps[0], 0, 4_000));
        t.licensorBps = uint16(bound(bps[1], 0, 3_000));
        t.treasuryBps = uint16(bound(bps[2], 0, 3_000));
        t.treasury = t.treasuryBps == 0 ? address(0) : stranger;
        t.price = price;
        bool allowed = price != 0 && t.windows != 0 && t.windows <= 1_000_000 && t.contributions != 0
            && t.contributions <= (mode % 2 == 0 ? 8 : 1) && t.validators <= (mode % 2 == 0 ? 0 : 3)
            && (t.validators != 0 || t.validatorBps == 0) && uint256(t.validatorBps) + t.licensorBps + t.treasuryBps <= 5_000;
        pay.transfer(requester, 1e29);
        vm.prank(requester);
        (bool opened,) = address(jobs).call(abi.encodeCall(jobs.openJob, (t)));
        assertTrue(opened == allowed, allowed ? "refused" : "opened");
        if (opened) assertEscrow(address(pay), 1, uint256(price) * t.windows * t.contributions);
    }
}
