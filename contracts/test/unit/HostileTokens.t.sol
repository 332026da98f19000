// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IRewardDistributor} from "../../src/interfaces/IRewardDistributor.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {Fixture} from "../utils/Fixture.sol";
import {
    BlockingToken,
    FeeToken,
    HookAttacker,
    HookToken,
    HostileToken,
    RebasingToken,
    ReentrantToken,
    VastToken
} from "../utils/Tokens.sol";

/// See HostileTokens.tree.
contract HostileTokensTest is Fixture {
    address internal treasury = address(0x8001);
    address internal licensor = address(0x8002);
    bytes4 internal constant REENTRANT = bytes4(keccak256("ReentrancyGuardReentrantCall()"));

    /// A token of which the requester has half of 1e30, for the JobManager to take.
    function endow(string memory artifact) internal returns (address hostile) {
        hostile = deploy(artifact, "");
        IERC20(hostile).transfer(requester, 1e29);
        vm.prank(requester);
        IERC20(hostile).approve(address(jobs), type(uint256).max);
    }

    function termsWithTreasury(address payToken, address to) internal view returns (IJobManager.JobTerms memory terms) {
        terms = termsFor(payToken);
        (terms.treasury, terms.treasuryBps) = (to, 1_000);
    }

    function assertSolvent(address payToken) internal view {
        (uint256 escrowed, uint256 owed) = rewards.liabilities(payToken);
        assertEq(IERC20(payToken).balanceOf(address(rewards)), escrowed + owed, "the vault has what it owes, to the wei");
    }

    function one(address account) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }

    function two(address first, address second) internal pure returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (first, second);
    }

    function test_row15_feeOnTransfer_isRefused() public {
        address fee = endow("Tokens.sol:FeeToken");
        uint256 amount = 3 * uint256(PRICE);
        IJobManager.JobTerms memory terms = termsFor(fee);
        vm.prank(requester);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.UnexpectedAmount.selector, fee, amount - amount / 100, amount));
        jobs.openJob(terms);
        assertEq(FeeToken(fee).balanceOf(requester), 1e29 - 1e29 / 100, "nothing was taken");
        openJob(address(pay));
    }

    function test_row15_aTokenThatMisbehavesWhenAJobOpens() public {
        HostileToken hostile = HostileToken(endow("Tokens.sol:HostileToken"));
        bytes memory call = abi.encodeCall(jobs.openJob, (termsFor(address(hostile))));
        uint256 opened;
        for (uint256 mode = 0; mode < hostile.MODES(); ++mode) {
            hostile.setMode(mode);
            vm.prank(requester);
            (bool success,) = address(jobs).call{gas: 5_000_000}(call);
            hostile.setMode(0);
            bool moves = mode == hostile.PLAIN() || mode == hostile.NOTHING() || mode == hostile.LONG_TRUE();
            assertTrue(success == moves, "opens where the tokens came, and only there");
            if (success) ++opened;
            assertSolvent(address(hostile));
            assertEq(hostile.balanceOf(address(rewards)), opened * 3 * PRICE, "each with its own");
        }
        assertEq(opened, 3, "the others were refused");
    }

    /// Settlement moves numbers only: whatever the token has become, work is proved, stake returns, fees burn, and other jobs are paid.
    function test_row15_row23d_aTokenThatTurnsHostileInMidJob() public {
        uint256 state = vm.snapshotState();
        HostileToken sample = HostileToken(endow("Tokens.sol:HostileToken"));
        uint256 modes = sample.MODES();
        vm.revertToState(state);
        uint256 failing;
        for (uint256 mode = 1; mode < modes; ++mode) {
            state = vm.snapshotState();
            if (turns(mode)) ++failing;
            vm.revertToState(state);
        }
        assertEq(failing, 7, "these stopped their own claims");
    }

    function turns(uint256 mode) internal returns (bool fails) {
        HostileToken hostile = HostileToken(endow("Tokens.sol:HostileToken"));
        IJobManager.JobTerms memory terms = termsFor(address(hostile));
        terms.fee = FEE;
        uint256 bad = activeWith(terms);
        uint256 good = activeJob();
        bytes32 id = leaseAs(alice, bad);
        hostile.setMode(mode);
        submitAndSettleAs(alice, id, trained(501));
        finishWindow(alice, bad, 502);
        finishWindow(alice, good, 501);
        vm.prank(requester);
        jobs.cancel(bad);
        assertEq(stakes.stakeOf(alice).locked, 0, "stake returned");
        assertEq(rewards.claimable(address(hostile), alice), 2 * PRICE, "booked");
        assertEq(rewards.claimable(address(hostile), requester), PRICE, "refunded");
        assertEq(rewards.claimable(address(token), requester), FEE, "and its fee");
        uint256 succeeded = rewards.claimMany{gas: 1_000_000}(two(address(hostile), address(pay)), two(alice, alice));
        assertEq(pay.balanceOf(alice), PRICE, "the other job is paid");
        assertEq(rewards.claim(address(token), requester), FEE, "ASSAY, too");
        hostile.setMode(0);
        fails = succeeded == 1;
        if (fails) {
            rewards.claim(address(hostile), alice);
            assertEq(hostile.balanceOf(alice), 2 * PRICE, "once it behaves");
        }
        rewards.claim(address(hostile), requester);
        assertEq(hostile.balanceOf(requester), 1e29 - 2 * PRICE, "the requester's, whatever it did to alice");
    }

    function test_row23d_aBlockedAccountStopsItselfAlone() public {
        BlockingToken blocking = BlockingToken(endow("Tokens.sol:BlockingToken"));
        IJobManager.JobTerms memory terms = termsWithTreasury(address(blocking), treasury);
        address[3] memory accounts = [alice, requester, treasury];
        uint256 state = vm.snapshotState();
        for (uint256 blocked = 0; blocked < 3; ++blocked) {
            blocking.setBlocked(accounts[blocked], true);
            uint256 jobId = activeWith(terms);
            finishWindow(alice, jobId, 501);
            vm.prank(requester);
            jobs.cancel(jobId);
            for (uint256 i = 0; i < 3; ++i) {
                uint256 owed = rewards.claimable(address(blocking), accounts[i]);
                uint256 before = blocking.balanceOf(accounts[i]);
                assertTrue(owed > 0, "everybody is owed");
                uint256 paid = rewards.claimMany(one(address(blocking)), one(accounts[i]));
                assertEq(paid, i == blocked ? 0 : 1, "all but one are paid");
                assertEq(blocking.balanceOf(accounts[i]) - before, i == blocked ? 0 : owed, "in full");
            }
            assertSolvent(address(blocking));
            vm.revertToState(state);
            state = vm.snapshotState();
        }
    }

    /// The token itself calls back while a job opens and while it is claimed, before and after its balances move.
    function test_row15_aReentrantToken_paysOnce() public {
        ReentrantToken hostile = ReentrantToken(endow("Tokens.sol:ReentrantToken"));
        bytes memory open = abi.encodeCall(jobs.openJob, (termsFor(address(hostile))));
        for (uint256 i = 0; i < 2; ++i) {
            hostile.setEarly(i == 1);
            hostile.arm(address(jobs), open);
            uint256 jobId = openJob(address(hostile));
            assertEq(bytes32(bytes4(hostile.lastError())), bytes32(REENTRANT), "not twice at once");
            assertEq(rewards.escrowOf(jobId, address(hostile)), 3 * PRICE, "opened once");
            hostile.arm(address(0), "");
            mine(9);
            jobs.captureSeed(jobId);
            finishWindow(alice, jobId, 501);
            finishWindow(bob, jobId, 502);
            bytes[4] memory payloads = [
                abi.encodeCall(rewards.claim, (address(hostile), alice)),
                abi.encodeCall(rewards.claim, (address(hostile), bob)),
                abi.encodeCall(rewards.claimMany, (one(address(hostile)), one(bob))),
                open
            ];
            uint256 state = vm.snapshotState();
            for (uint256 k = 0; k < 4; ++k) {
                hostile.arm(k == 3 ? address(jobs) : address(rewards), payloads[k]);
                uint256 attempts = hostile.attempts();
                uint256 before = hostile.balanceOf(alice);
                rewards.claim(address(hostile), alice);
                assertTrue(hostile.attempts() > attempts, "it called back");
                assertEq(hostile.balanceOf(alice) - before, PRICE, "once");
                assertEq(rewards.claimable(address(hostile), bob), PRICE, "bob's is bob's");
                assertSolvent(address(hostile));
                vm.revertToState(state);
                state = vm.snapshotState();
            }
            hostile.arm(address(0), "");
            rewards.claimMany(two(address(hostile), address(hostile)), two(alice, bob));
            assertSolvent(address(hostile));
        }
    }

    /// An attacker that is requester and treasury, and hears of every transfer.
    function attackerWith(HookToken hook) internal returns (HookAttacker attacker, IJobManager.JobTerms memory terms) {
        attacker = HookAttacker(deploy("Tokens.sol:HookAttacker", ""));
        hook.transfer(address(attacker), 100 * uint256(PRICE));
        attacker.forward(address(hook), abi.encodeCall(hook.approve, (address(jobs), type(uint256).max)));
        attacker.forward(address(hook), abi.encodeCall(hook.listen, (true)));
        attacker.forward(address(models), abi.encodeCall(models.registerGenesis, (modelId, new bytes(128), hex"01551220", "CC0-1.0")));
        terms = termsWithTreasury(address(hook), address(attacker));
    }

    function openThrough(HookAttacker attacker, IJobManager.JobTerms memory terms) internal returns (bool success, bytes memory returned) {
        return attacker.forward(address(jobs), abi.encodeCall(jobs.openJob, (terms)));
    }

    function test_row15_aRequesterThatHearsOfItsPayment() public {
        HookToken hook = HookToken(endow("Tokens.sol:HookToken"));
        uint256 others = activeWith(termsFor(address(hook)));
        finishWindow(alice, others, 501);
        (HookAttacker attacker, IJobManager.JobTerms memory terms) = attackerWith(hook);
        // In the middle of its payment it has the vault pay alice: what arrives is not what it sent.
        attacker.arm(address(rewards), abi.encodeCall(rewards.claim, (address(hook), alice)));
        (bool success, bytes memory returned) = openThrough(attacker, terms);
        assertTrue(!success, "refused");
        assertEq(bytes32(bytes4(returned)), bytes32(IJobManager.UnexpectedAmount.selector), "as another amount");
        // All of that is undone, so the attacker's hook is armed still; alice is owed what she was.
        assertEq(rewards.claimable(address(hook), alice), PRICE, "still owed");
        // It gives tokens to the vault in the middle, in the hope that they count as its payment.
        attacker.arm(address(hook), abi.encodeCall(hook.transfer, (address(rewards), 1)));
        (success, returned) = openThrough(attacker, terms);
        assertTrue(!success, "nor with a donation");
        // It opens another job in the middle of this one.
        attacker.arm(address(jobs), abi.encodeCall(jobs.openJob, (terms)));
        (success, returned) = openThrough(attacker, terms);
        assertTrue(success, "one opens");
        assertEq(attacker.attempts() - attacker.successes(), 1, "and one does not");
        assertEq(bytes32(bytes4(attacker.lastError())), bytes32(REENTRANT), "as it came in between");
        assertEq(rewards.escrowOf(abi.decode(returned, (uint256)), address(hook)), 3 * PRICE, "with its own escrow");
        assertSolvent(address(hook));
    }

    function test_row15_anAccountThatHearsOfItsClaim() public {
        HookToken hook = HookToken(endow("Tokens.sol:HookToken"));
        uint256 others = activeWith(termsFor(address(hook)));
        (HookAttacker attacker, IJobManager.JobTerms memory terms) = attackerWith(hook);
        (, bytes memory returned) = openThrough(attacker, terms);
        uint256 jobId = abi.decode(returned, (uint256));
        (, returned) = openThrough(attacker, terms);
        uint256 spare = abi.decode(returned, (uint256));
        mine(9);
        jobs.captureSeed(jobId);
        finishWindow(alice, jobId, 501);
        finishWindow(bob, others, 501);
        bytes[5] memory payloads = [
            abi.encodeCall(rewards.claim, (address(hook), address(attacker))),
            abi.encodeCall(rewards.claimMany, (one(address(hook)), one(address(attacker)))),
            abi.encodeCall(rewards.claim, (address(hook), bob)),
            abi.encodeCall(jobs.openJob, (terms)),
            abi.encodeCall(jobs.cancel, (spare))
        ];
        uint256 state = vm.snapshotState();
        for (uint256 i = 0; i < 5; ++i) {
            attacker.arm(i < 3 ? address(rewards) : address(jobs), payloads[i]);
            uint256 before = hook.balanceOf(address(attacker));
            rewards.claim(address(hook), address(attacker));
            assertEq(attacker.attempts(), 1, "it tried");
            // A batch of nothing, and a refund that waits to be claimed, are no gain.
            assertEq(attacker.successes(), i == 1 || i == 4 ? 1 : 0, "and was refused where it would gain");
            assertEq(hook.balanceOf(address(attacker)) - before, PRICE / 10, "its share of the unit, once");
            assertEq(rewards.claimable(address(hook), address(attacker)), i == 4 ? 3 * PRICE : 0, "the refund");
            assertEq(rewards.claimable(address(hook), bob), PRICE, "bob's is bob's");
            assertSolvent(address(hook));
            vm.revertToState(state);
            state = vm.snapshotState();
        }
    }

    function test_row15_row23d_rebasingUpAndDown() public {
        RebasingToken rebasing = RebasingToken(endow("Tokens.sol:RebasingToken"));
        uint256 first = activeWith(termsFor(address(rebasing)));
        uint256 second = activeWith(termsFor(address(rebasing)));
        uint256 plain = activeJob();
        finishWindow(alice, first, 501);
        finishWindow(bob, second, 501);
        finishWindow(alice, plain, 501);
        uint256 state = vm.snapshotState();
        rebasing.rebase(3, 1);
        assertEq(rewards.claim(address(rebasing), alice), PRICE, "what was agreed, however it grows");
        vm.revertToState(state);
        rebasing.rebase(1, 3);
        vm.prank(alice);
        assertEq(rewards.claim(address(rebasing), alice), PRICE / 3, "a third");
        // The second job goes on, ends, and its claims are cut by as much, not by more.
        finishWindow(bob, second, 502);
        vm.prank(requester);
        jobs.cancel(second);
        vm.prank(bob);
        uint256 paid = rewards.claim(address(rebasing), bob);
        assertAtMost(paid, 2 * uint256(PRICE) / 3 + 2, "a third");
        assertAtMost(2 * uint256(PRICE) / 3, paid + 2, "no less, but for the token's rounding");
        assertEq(rewards.claimable(address(rebasing), requester), PRICE, "one unit refunded");
        vm.prank(requester);
        paid = rewards.claim(address(rebasing), requester);
        assertAtMost(paid, uint256(PRICE) / 3 + 2, "a third");
        assertAtMost(uint256(PRICE) / 3, paid + 2, "no less");
        assertEq(rewards.claim(address(pay), alice), PRICE, "a job in another token does not notice");
    }

    function test_row23d_donationsChangeNothing() public {
        address[6] memory all = [
            address(jobs), address(windows), address(rewards), address(stakes), address(challenges), address(validators)
        ];
        uint256 jobId = activeJob();
        finishWindow(alice, jobId, 501);
        for (uint256 i = 0; i < 6; ++i) {
            pay.transfer(all[i], 1e20);
            token.transfer(all[i], 1e20);
        }
        finishWindow(alice, jobId, 502);
        finishWindow(bob, jobId, 503);
        assertEq(rewards.claim(address(pay), alice), 2 * PRICE, "alice");
        assertEq(rewards.claim(address(pay), bob), PRICE, "bob");
        vm.prank(alice);
        stakes.unbond(STAKE);
        mine(UNBONDING + 1);
        vm.prank(alice);
        assertEq(stakes.withdraw(), STAKE, "her stake, no more");
        assertEq(pay.balanceOf(address(rewards)), 1e20, "donations stay");
        uint256 next = openJob(address(pay));
        assertEq(rewards.escrowOf(next, address(pay)), 3 * PRICE, "and pay for nobody's job");
    }

    /// @param bps validators', licensor's and treasury's shares
    function vastJob(uint128 price, uint96 fee, uint16[3] memory bps, uint8 seats) internal returns (uint256 jobId, address vast) {
        vast = deploy("Tokens.sol:VastToken", "");
        VastToken(vast).transfer(requester, type(uint256).max);
        vm.prank(licensor);
        bytes32 licensed = datasets.register(ROOT, 3, 5, hex"01551220", "CC0-1.0", licence(0));
        IJobManager.JobTerms memory terms = seats == 0 ? termsFor(vast) : optimisticTermsFor(vast);
        terms.datasetId = licensed;
        terms.price = price == 0 ? 1 : price;
        terms.fee = fee % 1e22;
        terms.validators = seats;
        terms.validatorBps = seats == 0 ? 0 : bps[0] % 1_667;
        terms.licensorBps = bps[1] % 1_667;
        terms.treasuryBps = bps[2] % 1_667;
        terms.treasury = terms.treasuryBps == 0 ? address(0) : treasury;
        vm.prank(requester);
        VastToken(vast).approve(address(jobs), type(uint256).max);
        jobId = activeWith(terms);
    }

    /// 1 wei, 2^128 - 1 and all between, in any split: every wei of it comes out, and nothing else does.
    function testFuzz_row16_whatIsPaidInIsPaidOut(uint128 price, uint8 shift, uint96 fee, uint16[3] memory bps, uint8 seats, uint8 done)
        public
    {
        (uint256 jobId, address vast) = vastJob(price >> (shift % 128), fee, bps, seats % 4);
        conserve(jobId, vast, done % 4);
    }

    function test_row16_oneWei_and_2pow128() public {
        uint16[3] memory bps = [uint16(1_666), 1_666, 1_666];
        uint256 state = vm.snapshotState();
        for (uint256 done = 0; done < 4; ++done) {
            (uint256 jobId, address vast) = vastJob(1, 1, bps, 3);
            conserve(jobId, vast, done);
            vm.revertToState(state);
            state = vm.snapshotState();
            (jobId, vast) = vastJob(type(uint128).max, 1e22 - 1, bps, 3);
            conserve(jobId, vast, done);
            vm.revertToState(state);
            state = vm.snapshotState();
        }
    }

    /// Finishes `done` windows, cancels what is left, settles every seat, claims all.
    function conserve(uint256 jobId, address vast, uint256 done) internal {
        IJobManager.JobTerms memory terms = jobs.jobOf(jobId).terms;
        uint256 supply = token.totalSupply();
        uint256 emitted = token.balanceOf(alice);
        bytes32[3] memory ids;
        for (uint256 i = 0; i < done; ++i) ids[i] = finishWindow(alice, jobId, 501 + i);
        emitted = token.balanceOf(alice) - emitted;
        if (done < 3) {
            vm.prank(requester);
            jobs.cancel(jobId);
        }
        mine(uint256(terms.finalityBlocks) + terms.answerBlocks + 1);
        for (uint256 i = 0; i < done; ++i) {
            for (uint256 seat = 0; seat < terms.validators; ++seat) validators.settleSeat(ids[i], seat);
        }
        (uint256 escrowed, uint256 owed) = rewards.liabilities(vast);
        assertEq(escrowed, 0, "nothing is locked");
        assertEq(owed, uint256(terms.price) * 3, "all of it is somebody's");
        address[4] memory accounts = [alice, requester, treasury, licensor];
        uint256 claimed;
        for (uint256 i = 0; i < 4; ++i) {
            if (rewards.claimable(vast, accounts[i]) > 0) claimed += rewards.claim(vast, accounts[i]);
        }
        assertEq(claimed, uint256(terms.price) * 3, "paid out to the wei");
        assertEq(VastToken(vast).balanceOf(address(rewards)), 0, "nothing is left");
        assertEq(rewards.escrowOf(jobId, address(token)), 0, "nor of the fees");
        assertEq(rewards.claimable(address(token), requester), uint256(terms.fee) * (3 - done), "those not burned come back");
        assertEq(token.totalSupply() + uint256(terms.fee) * done, supply + emitted, "burned, but for what was minted");
        assertAtMost(emitted, uint256(terms.fee) * done / 2, "which is half of it at most");
    }

    /// Bob pays himself for work that nobody wants: as requester, worker, treasury and licensor.
    function test_row23b_payingOneselfForJunk_losesHalfTheFees() public {
        fund(bob, 1e22);
        vm.startPrank(bob);
        uint256 junk = models.registerGenesis(modelId, new bytes(128), hex"01551220", "CC0-1.0");
        bytes32 own = datasets.register(ROOT, 3, 5, hex"01551220", "CC0-1.0", licence(0));
        vm.stopPrank();
        IJobManager.JobTerms memory terms = termsFor(address(pay));
        (terms.genesisId, terms.datasetId, terms.fee, terms.price) = (junk, own, 100e18, 1);
        (terms.licensorBps, terms.treasuryBps, terms.treasury) = (1_000, 1_000, bob);
        uint256 payBefore = pay.balanceOf(bob);
        uint256 assayBefore = token.balanceOf(bob);
        vm.prank(bob);
        uint256 jobId = jobs.openJob(terms);
        mine(9);
        jobs.captureSeed(jobId);
        for (uint256 i = 0; i < 3; ++i) finishWindow(bob, jobId, 501 + i);
        rewards.claim(address(pay), bob);
        assertEq(uint256(jobs.jobOf(jobId).state), uint256(IJobManager.JobState.Completed), "all of it was done and paid");
        assertEq(pay.balanceOf(bob), payBefore, "the price goes round");
        uint256 got = rewards.claimable(address(token), bob) + token.balanceOf(bob);
        assertAtMost(got + 150e18, assayBefore, "half of the 300 ASSAY of fees is gone at least");
        assertAtMost(reputation.factorOf(bob), 14_999, "and a reputation that is bounded is all there is for it");
    }

    /// A requester cannot stop a window that is being proved: paused or cancelled, it is paid.
    function test_row23b_pausingOrCancellingInMidProof_robsNobody() public {
        uint256 jobId = activeJob();
        bytes32 id = leaseAs(alice, jobId);
        vm.startPrank(requester);
        jobs.pause(jobId);
        jobs.cancel(jobId);
        vm.stopPrank();
        assertEq(rewards.claimable(address(pay), requester), 2 * PRICE, "what is leased stays escrowed");
        submitAndSettleAs(alice, id, trained(501));
        assertEq(rewards.claim(address(pay), alice), PRICE, "paid");
        assertEq(rewards.claimable(address(pay), requester), 2 * PRICE, "to the wei");
        assertSolvent(address(pay));
    }

    /// A dev verifier's secret is public: outside of devnets no job can name its circuit.
    function test_row23b_devVerifier_isRefusedOutsideDevnets() public {
        IJobManager.JobTerms memory terms = termsFor(address(pay));
        vm.chainId(1);
        vm.prank(requester);
        vm.expectPartialRevert(IJobManager.DevProfileRefused.selector);
        jobs.openJob(terms);
        vm.chainId(31337);
        openWith(terms);
    }
}
