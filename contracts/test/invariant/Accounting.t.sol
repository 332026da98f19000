// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IRewardDistributor} from "../../src/interfaces/IRewardDistributor.sol";
import {IStakeManager} from "../../src/interfaces/IStakeManager.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Handler} from "../utils/Handler.sol";
import {TestBase} from "../utils/TestBase.sol";

contract AccountingInvariant is TestBase {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 internal constant FUNCTIONS = 19;
    uint256 internal constant OPERATORS = 4;

    Handler internal handler;
    IJobManager internal jobs;
    IRewardDistributor internal rewards;
    IStakeManager internal stakes;
    address[2] internal assets;

    function setUp() public {
        handler = Handler(vm.deployCode("Handler.sol:Handler", ""));
        (address j, address r, address s, address token, address pay) = handler.system();
        (jobs, rewards, stakes, assets) = (IJobManager(j), IRewardDistributor(r), IStakeManager(s), [token, pay]);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory chosen) {
        // The main path is listed more than once, so that jobs get somewhere.
        bytes4[35] memory all = [
            Handler.open.selector,
            Handler.open.selector,
            Handler.open.selector,
            Handler.capture.selector,
            Handler.capture.selector,
            Handler.lease.selector,
            Handler.lease.selector,
            Handler.lease.selector,
            Handler.submit.selector,
            Handler.submit.selector,
            Handler.submitFalse.selector,
            Handler.release.selector,
            Handler.expire.selector,
            Handler.pause.selector,
            Handler.pause.selector,
            Handler.resume.selector,
            Handler.resume.selector,
            Handler.cancel.selector,
            Handler.refundUnseeded.selector,
            Handler.refundUnseeded.selector,
            Handler.refundUnseeded.selector,
            Handler.stake.selector,
            Handler.stake.selector,
            Handler.unbond.selector,
            Handler.withdraw.selector,
            Handler.withdraw.selector,
            Handler.claim.selector,
            Handler.slash.selector,
            Handler.rotate.selector,
            Handler.askJob.selector,
            Handler.addInput.selector,
            Handler.askJob.selector,
            Handler.answer.selector,
            Handler.answer.selector,
            Handler.answer.selector
        ];
        bytes4[] memory selectors = new bytes4[](all.length);
        for (uint256 i = 0; i < all.length; ++i) selectors[i] = all[i];
        chosen = new FuzzSelector[](1);
        chosen[0] = FuzzSelector(address(handler), selectors);
    }

    /// Per token: what is escrowed and owed is there, to the wei, and so is all stake.
    function invariant_liabilitiesAreBackedPerToken() public view {
        for (uint256 i = 0; i < 2; ++i) {
            (uint256 escrowed, uint256 owed) = rewards.liabilities(assets[i]);
            assertEq(escrowed + owed, IERC20(assets[i]).balanceOf(address(rewards)), "escrowed + owed = balance");
        }
        assertEq(stakes.totalStake(), IERC20(assets[0]).balanceOf(address(stakes)), "stake = balance");
        assertEq(handler.falseProofsAccepted(), 0, "no false proof was paid");
    }

    /// At the end of each run: every sum over jobs, leases and accounts, and that the run was not an idle one.
    function afterInvariant() public view {
        uint256[2] memory escrows;
        uint256[OPERATORS] memory locked;
        uint256 count = jobs.jobCount();
        for (uint256 jobId = 1; jobId <= count; ++jobId) {
            IJobManager.Job memory job = jobs.jobOf(jobId);
            IJobManager.Lease memory leased = jobs.leaseOf(job.leaseId);
            bool held = leased.state == IJobManager.LeaseState.Held;
            escrows[job.terms.token == assets[0] ? 0 : 1] += job.escrow;
            assertEq(job.finalized, handler.paid(jobId), "each window was paid once");
            if (job.statementType == Encodings.INFERENCE) this.requireAnswers(jobId);
            uint256 expected = job.state == IJobManager.JobState.Cancelled
                ? (held ? job.terms.price : 0)
                : uint256(job.terms.price) * (job.terms.windows - job.finalized);
            assertEq(job.escrow, expected, "escrow of a job");
            assertTrue((job.state == IJobManager.JobState.Completed) == (job.escrow == 0 && job.finalized == job.terms.windows)
                || job.state == IJobManager.JobState.Cancelled, "completed means spent");
            for (uint256 i = 0; i < OPERATORS; ++i) {
                if (held && leased.operator == handler.operator(i)) locked[i] += job.terms.bond;
            }
        }
        address[] memory accounts = handler.accounts();
        for (uint256 i = 0; i < 2; ++i) {
            (uint256 escrowed, uint256 owed) = rewards.liabilities(assets[i]);
            assertEq(escrowed, escrows[i], "escrowed = sum over jobs");
            uint256 sum;
            for (uint256 k = 0; k < accounts.length; ++k) sum += rewards.claimable(assets[i], accounts[k]);
            assertEq(owed, sum, "owed = sum over accounts");
        }
        // The job token takes no part in slashes: what came in is escrowed, owed or claimed.
        (uint256 payEscrowed, uint256 payOwed) = rewards.liabilities(assets[1]);
        assertEq(payEscrowed + payOwed + handler.claimedSum(assets[1]), handler.escrowedSum(assets[1]), "conserved to the wei");
        uint256 staked;
        for (uint256 i = 0; i < OPERATORS; ++i) {
            IStakeManager.Stake memory s = stakes.stakeOf(handler.operator(i));
            staked += uint256(s.active) + s.unbonding;
            assertEq(s.locked, locked[i], "locked = bonds of held leases");
        }
        assertEq(staked, stakes.totalStake(), "stake = sum over operators");

        uint256 attempts;
        uint256 successes;
        for (uint256 i = 0; i < FUNCTIONS; ++i) {
            attempts += handler.attempts(i);
            successes += handler.successes(i);
            if (handler.successes(i) == 0) revert NeverSucceeded(i, handler.attempts(i));
        }
        assertTrue(attempts > 100 && successes * 100 >= attempts * 40, "at least 40 % of the calls succeed");
        assertTrue(handler.falseProofs() > 0, "false proofs were tried");
    }

    /// A call of its own: the sums above leave no room on the stack.
    function requireAnswers(uint256 jobId) external view {
        IJobManager.Job memory job = jobs.jobOf(jobId);
        assertEq(job.headId, job.terms.genesisId, "an answer moves no head");
        uint256 inputs = jobs.inputCount(jobId);
        assertTrue(job.finalized <= inputs && inputs <= job.terms.windows, "an input each");
        for (uint256 k = 0; k < job.finalized; ++k) {
            assertEq(jobs.answerOf(jobId, k)[0], handler.answers(jobId, k), "answers stay");
        }
    }

    error NeverSucceeded(uint256 which, uint256 attempts);
}
