// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IChallengeManager} from "../../src/interfaces/IChallengeManager.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {INodeRegistry} from "../../src/interfaces/INodeRegistry.sol";
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

    uint256 internal constant TIMES_A_RUN = 2;

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
        bytes4[52] memory all = [
            SettlementHandler.giveInput.selector,
            SettlementHandler.open.selector,
            SettlementHandler.open.selector,
            SettlementHandler.openWithPermit.selector,
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
            SettlementHandler.collectDebt.selector,
            SettlementHandler.enrol.selector,
            SettlementHandler.retire.selector,
            SettlementHandler.commitAttestation.selector,
            SettlementHandler.revealAttestation.selector,
            SettlementHandler.exposeDigest.selector,
            SettlementHandler.settleSeat.selector,
            SettlementHandler.settleSeat.selector,
            SettlementHandler.stake.selector,
            SettlementHandler.stakeWithPermit.selector,
            SettlementHandler.unbond.selector,
            SettlementHandler.unbond.selector,
            SettlementHandler.rebond.selector,
            SettlementHandler.withdraw.selector,
            SettlementHandler.unjail.selector,
            SettlementHandler.claim.selector,
            SettlementHandler.claimMany.selector,
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
        bringAbout();
        handler.checkSums();
        handler.unwind();
    }

    /// From wherever a run has come to, every function of every part can succeed, if it did not do so before as often as all runs together ask for:
    /// 36 of them come to 72 times each.
    function bringAbout() private {
        (address[7] memory set) = handler.system();
        address jobs = set[0];
        reach(jobs, IJobManager.openJob.selector, SettlementHandler.open.selector);
        reach(jobs, IJobManager.openJobWithPermit.selector, SettlementHandler.openWithPermit.selector);
        reach(jobs, IJobManager.addInputs.selector, SettlementHandler.giveInput.selector);
        reach(jobs, IJobManager.captureSeed.selector, SettlementHandler.capture.selector);
        reach(jobs, IJobManager.refundUnseeded.selector, SettlementHandler.refundUnseeded.selector);
        reach(jobs, IJobManager.pause.selector, SettlementHandler.pause.selector);
        reach(jobs, IJobManager.resume.selector, SettlementHandler.resume.selector);
        reach(jobs, IJobManager.cancel.selector, SettlementHandler.cancel.selector);
        reach(jobs, IJobManager.close.selector, SettlementHandler.close.selector);
        address windows = set[1];
        reach(windows, IWindowManager.lease.selector, SettlementHandler.lease.selector);
        reach(windows, IWindowManager.release.selector, SettlementHandler.release.selector);
        reach(windows, IWindowManager.expire.selector, SettlementHandler.expire.selector);
        reach(windows, IWindowManager.submit.selector, SettlementHandler.submit.selector);
        reach(windows, IWindowManager.submitAndSettle.selector, SettlementHandler.submitAndSettle.selector);
        reach(windows, IWindowManager.settle.selector, SettlementHandler.settle.selector);
        reach(windows, IWindowManager.finalize.selector, SettlementHandler.finalize.selector);
        reach(windows, IWindowManager.merge.selector, SettlementHandler.merge.selector);
        address stakes = set[2];
        reach(stakes, IStakeManager.stake.selector, SettlementHandler.stake.selector);
        reach(stakes, IStakeManager.stakeWithPermit.selector, SettlementHandler.stakeWithPermit.selector);
        reach(stakes, IStakeManager.unbond.selector, SettlementHandler.unbond.selector);
        reach(stakes, IStakeManager.rebond.selector, SettlementHandler.rebond.selector);
        reach(stakes, IStakeManager.withdraw.selector, SettlementHandler.withdraw.selector);
        reach(stakes, IStakeManager.unjail.selector, SettlementHandler.unjail.selector);
        address challenges = set[3];
        reach(challenges, IChallengeManager.commitEvidence.selector, SettlementHandler.settle.selector);
        reach(challenges, IChallengeManager.demand.selector, SettlementHandler.demand.selector);
        reach(challenges, IChallengeManager.slashWithheld.selector, SettlementHandler.slashWithheld.selector);
        reach(challenges, IChallengeManager.slashByEvidence.selector, SettlementHandler.slashByEvidence.selector);
        reach(challenges, IChallengeManager.slashByEquivocation.selector, SettlementHandler.slashByEquivocation.selector);
        reach(challenges, IChallengeManager.collectDebt.selector, SettlementHandler.collectDebt.selector);
        reach(challenges, IChallengeManager.withdraw.selector, SettlementHandler.withdrawCoin.selector);
        address validators = set[4];
        reach(validators, IValidatorManager.enrol.selector, SettlementHandler.enrol.selector);
        reach(validators, IValidatorManager.retire.selector, SettlementHandler.retire.selector);
        reach(validators, IValidatorManager.commitAttestation.selector, SettlementHandler.commitAttestation.selector);
        reach(validators, IValidatorManager.revealAttestation.selector, SettlementHandler.revealAttestation.selector);
        reach(validators, IValidatorManager.exposeDigest.selector, SettlementHandler.exposeDigest.selector);
        reach(validators, IValidatorManager.settleSeat.selector, SettlementHandler.settleSeat.selector);
        reach(set[5], IRewardDistributor.claim.selector, SettlementHandler.claim.selector);
        reach(set[5], IRewardDistributor.claimMany.selector, SettlementHandler.claimMany.selector);
        reach(set[6], INodeRegistry.register.selector, SettlementHandler.rotate.selector);
        reach(set[6], INodeRegistry.deregister.selector, SettlementHandler.rotate.selector);
    }

    function reach(address target, bytes4 selector, bytes4 action) private {
        for (uint256 i = 0; i < 80 && handler.successes(target, selector) < TIMES_A_RUN; ++i) {
            (bool success,) = address(handler).call(abi.encodeWithSelector(action, uint256(keccak256(abi.encode(selector, i)))));
            assertTrue(success, "no action reverts");
        }
        if (handler.successes(target, selector) < TIMES_A_RUN) {
            revert AssertionFailed("every function succeeds", uint32(selector), TIMES_A_RUN);
        }
    }
}
