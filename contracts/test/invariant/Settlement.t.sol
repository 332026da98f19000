// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IChallengeManager} from "../../src/interfaces/IChallengeManager.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IRewardDistributor} from "../../src/interfaces/IRewardDistributor.sol";
import {IStakeManager} from "../../src/interfaces/IStakeManager.sol";
import {IValidatorManager} from "../../src/interfaces/IValidatorManager.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {SettlementHandler} from "../utils/SettlementHandler.sol";
import {TestBase} from "../utils/TestBase.sol";

contract SettlementInvariant is TestBase {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    SettlementHandler internal handler;

    function setUp() public {
        handler = SettlementHandler(vm.deployCode("SettlementHandler.sol:SettlementHandler", ""));
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory chosen) {
        // The main path is listed more than once, so that jobs get somewhere.
        bytes4[46] memory all = [
            SettlementHandler.open.selector,
            SettlementHandler.open.selector,
            SettlementHandler.capture.selector,
            SettlementHandler.capture.selector,
            SettlementHandler.refundUnseeded.selector,
            SettlementHandler.pause.selector,
            SettlementHandler.resume.selector,
            SettlementHandler.resume.selector,
            SettlementHandler.cancel.selector,
            SettlementHandler.close.selector,
            SettlementHandler.lease.selector,
            SettlementHandler.lease.selector,
            SettlementHandler.lease.selector,
            SettlementHandler.race.selector,
            SettlementHandler.release.selector,
            SettlementHandler.expire.selector,
            SettlementHandler.submit.selector,
            SettlementHandler.submit.selector,
            SettlementHandler.submit.selector,
            SettlementHandler.submit.selector,
            SettlementHandler.submitAndSettle.selector,
            SettlementHandler.submitAndSettle.selector,
            SettlementHandler.settle.selector,
            SettlementHandler.settle.selector,
            SettlementHandler.finalize.selector,
            SettlementHandler.finalize.selector,
            SettlementHandler.merge.selector,
            SettlementHandler.demand.selector,
            SettlementHandler.slashWithheld.selector,
            SettlementHandler.slashByEvidence.selector,
            SettlementHandler.slashByEquivocation.selector,
            SettlementHandler.enrol.selector,
            SettlementHandler.commitAttestation.selector,
            SettlementHandler.revealAttestation.selector,
            SettlementHandler.exposeDigest.selector,
            SettlementHandler.settleSeat.selector,
            SettlementHandler.settleSeat.selector,
            SettlementHandler.stake.selector,
            SettlementHandler.unbond.selector,
            SettlementHandler.unbond.selector,
            SettlementHandler.rebond.selector,
            SettlementHandler.withdraw.selector,
            SettlementHandler.unjail.selector,
            SettlementHandler.claim.selector,
            SettlementHandler.withdrawCoin.selector,
            SettlementHandler.rotate.selector
        ];
        bytes4[] memory selectors = new bytes4[](all.length);
        for (uint256 i = 0; i < all.length; ++i) selectors[i] = all[i];
        chosen = new FuzzSelector[](1);
        chosen[0] = FuzzSelector(address(handler), selectors);
    }

    function invariant_everythingIsBacked() public view {
        handler.checkBacked();
    }

    /// At the end of each run: the sums, that the run was not an idle one, and that everything comes to an end.
    function afterInvariant() public {
        handler.checkSums();
        assertTrue(handler.succeeded() * 5 >= handler.attempted() * 2, "at least 40 % of the calls succeed");
        requireReached();
        handler.unwind();
    }

    function requireReached() private view {
        (address[6] memory set) = handler.system();
        address jobs = set[0];
        reached(jobs, IJobManager.openJob.selector);
        reached(jobs, IJobManager.addInputs.selector);
        reached(jobs, IJobManager.captureSeed.selector);
        reached(jobs, IJobManager.refundUnseeded.selector);
        reached(jobs, IJobManager.pause.selector);
        reached(jobs, IJobManager.resume.selector);
        reached(jobs, IJobManager.cancel.selector);
        reached(jobs, IJobManager.close.selector);
        address windows = set[1];
        reached(windows, IWindowManager.lease.selector);
        reached(windows, IWindowManager.release.selector);
        reached(windows, IWindowManager.expire.selector);
        reached(windows, IWindowManager.submit.selector);
        reached(windows, IWindowManager.submitAndSettle.selector);
        reached(windows, IWindowManager.settle.selector);
        reached(windows, IWindowManager.finalize.selector);
        reached(windows, IWindowManager.merge.selector);
        address stakes = set[2];
        reached(stakes, IStakeManager.stake.selector);
        reached(stakes, IStakeManager.unbond.selector);
        reached(stakes, IStakeManager.rebond.selector);
        reached(stakes, IStakeManager.withdraw.selector);
        reached(stakes, IStakeManager.unjail.selector);
        address challenges = set[3];
        reached(challenges, IChallengeManager.demand.selector);
        reached(challenges, IChallengeManager.slashWithheld.selector);
        reached(challenges, IChallengeManager.slashByEvidence.selector);
        reached(challenges, IChallengeManager.slashByEquivocation.selector);
        reached(challenges, IChallengeManager.withdraw.selector);
        address validators = set[4];
        reached(validators, IValidatorManager.enrol.selector);
        reached(validators, IValidatorManager.commitAttestation.selector);
        reached(validators, IValidatorManager.revealAttestation.selector);
        reached(validators, IValidatorManager.exposeDigest.selector);
        reached(validators, IValidatorManager.settleSeat.selector);
        reached(set[5], IRewardDistributor.claim.selector);
    }

    function reached(address target, bytes4 selector) private view {
        if (handler.successes(target, selector) == 0) revert AssertionFailed("every function succeeds", uint32(selector), 1);
    }
}
