// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {StakeManager} from "../../src/StakeManager.sol";
import {Wired} from "../../src/Modules.sol";
import {IStakeManager} from "../../src/interfaces/IStakeManager.sol";
import {Fixture} from "../utils/Fixture.sol";
import {Creator} from "../utils/TestBase.sol";

contract StakeManagerTest is Fixture {
    bytes32 private constant PERMIT = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    function harmed() private view returns (address[] memory list) {
        list = new address[](1);
        list[0] = requester;
    }

    /// The requester first, then accounts of nobody.
    function harmed(uint256 count) private view returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i = 0; i < count; ++i) list[i] = i == 0 ? requester : address(uint160(0x9000 + i));
    }

    function slash(address operator, uint256 amount, address by) private returns (uint256) {
        return slash(operator, amount, by, harmed());
    }

    function slash(address operator, uint256 amount, address by, address[] memory list) private returns (uint256) {
        vm.prank(address(challenges));
        return stakes.slash(operator, amount, by, list);
    }

    function collect(address operator, uint256 amount) private returns (uint256) {
        vm.prank(address(challenges));
        return stakes.collect(operator, amount, finder, harmed());
    }

    function debt(address operator) private view returns (uint256) {
        return stakes.stakeOf(operator).debt;
    }

    function penalise(address operator, uint256 amount) private returns (uint256) {
        vm.prank(address(windows));
        return stakes.penalise(operator, amount);
    }

    function lock(address operator, uint256 amount) private {
        vm.prank(address(windows));
        stakes.lock(operator, amount);
    }

    function unlock(address operator, uint256 amount) private {
        vm.prank(address(windows));
        stakes.unlock(operator, amount);
    }

    function unbond(address operator, uint256 amount) private {
        vm.prank(operator);
        stakes.unbond(amount);
    }

    function rebond(address operator, uint256 amount) private {
        vm.prank(operator);
        stakes.rebond(amount);
    }

    function withdraw(address operator) private returns (uint256) {
        vm.prank(operator);
        return stakes.withdraw();
    }

    function active(address operator) private view returns (uint256) {
        return stakes.stakeOf(operator).active;
    }

    function unbonding(address operator) private view returns (uint256) {
        return stakes.stakeOf(operator).unbonding;
    }

    function owed(address account) private view returns (uint256) {
        return rewards.claimable(address(token), account);
    }

    function tooSmall(address operator, uint256 free, uint256 needed) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStakeManager.StakeTooSmall.selector, operator, free, needed);
    }

    function withUnbonding(uint64 blocks) private view returns (bytes memory) {
        return abi.encodePacked(vm.getCode("StakeManager.sol:StakeManager"), abi.encode(set, blocks));
    }

    function test_constructor_boundsTheUnbondingTime() public {
        Creator creator = new Creator();
        uint64 low = StakeManager(address(stakes)).MIN_UNBONDING_BLOCKS();
        uint64 high = StakeManager(address(stakes)).MAX_UNBONDING_BLOCKS();
        creator.create(withUnbonding(low));
        creator.create(withUnbonding(high));
        bytes memory made = withUnbonding(low - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.UnbondingBlocksOutOfRange.selector, low - 1, low, high));
        creator.create(made);
        made = withUnbonding(high + 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.UnbondingBlocksOutOfRange.selector, high + 1, low, high));
        creator.create(made);
    }

    function test_zeroAmounts_areRefused() public {
        unbond(bob, 1);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.ZeroAmount.selector));
        stakes.stake(0);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.ZeroAmount.selector));
        stakes.unbond(0);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.ZeroAmount.selector));
        stakes.rebond(0);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.ZeroAmount.selector));
        stakes.withdraw();
        vm.stopPrank();
        rebond(bob, 1);
    }

    function test_modules_onlyTheWiredOnesMoveStake() public {
        address[5] memory callers = [address(this), address(jobs), address(windows), address(challenges), address(validators)];
        for (uint256 i = 0; i < 5; ++i) {
            bytes memory refusal = abi.encodeWithSelector(Wired.NotAllowed.selector, callers[i]);
            bool locks = i == 2 || i == 4;
            vm.startPrank(callers[i]);
            if (!locks) vm.expectRevert(refusal);
            stakes.lock(alice, 1);
            if (!locks) vm.expectRevert(refusal);
            stakes.unlock(alice, 1);
            if (i != 2) vm.expectRevert(refusal);
            stakes.penalise(alice, 1);
            if (i < 2) vm.expectRevert(refusal);
            stakes.slash(alice, 1, finder, harmed());
            if (i != 3) vm.expectRevert(refusal);
            stakes.collect(alice, 0, finder, harmed());
            vm.stopPrank();
        }
        assertEq(active(alice), STAKE - 4, "one penalty and three slashes");
    }

    function test_stake_addsToWhatIsActive() public {
        uint256 total = stakes.totalStake();
        stakeAs(alice, 5);
        assertEq(active(alice), STAKE + 5, "active");
        assertEq(stakes.totalStake(), total + 5, "total");
        assertEq(token.balanceOf(address(stakes)), total + 5, "tokens");
    }

    function test_stake_needsTokensAndAnAllowance() public {
        token.transfer(alice, 10);
        vm.startPrank(alice);
        token.approve(address(stakes), 9);
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)")));
        stakes.stake(10);
        assertEq(active(alice), STAKE, "nothing changed");
        stakes.stake(9);
        vm.stopPrank();
        assertEq(active(alice), STAKE + 9, "staked");
    }

    function test_row16_amounts_upTo128Bits() public {
        uint256 most = uint256(type(uint128).max) + 1;
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, most));
        stakes.stake(most);
        vm.expectRevert(tooSmall(alice, STAKE, most));
        stakes.unbond(most);
        vm.expectRevert(tooSmall(alice, 0, most));
        stakes.rebond(most);
        vm.stopPrank();
        vm.startPrank(address(windows));
        vm.expectRevert(tooSmall(alice, STAKE, most));
        stakes.lock(alice, most);
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, most));
        stakes.unlock(alice, most);
        assertEq(stakes.penalise(alice, type(uint256).max), STAKE, "all there is");
        vm.stopPrank();
        // The rest is owed, in as many bits.
        vm.prank(address(challenges));
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, most));
        stakes.slash(bob, most + STAKE, finder, harmed());
        assertEq(slash(bob, most - 1 + STAKE, finder), STAKE, "all there is");
        assertEq(debt(bob), most - 1, "owed");
    }

    function permitted(uint256 key, uint256 amount) private view returns (uint8 v, bytes32 r, bytes32 s) {
        address owner = vm.addr(key);
        bytes32 words = keccak256(abi.encode(PERMIT, owner, address(stakes), amount, token.nonces(owner), type(uint256).max));
        return vm.sign(key, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), words)));
    }

    function test_stakeWithPermit_needsNoAllowance() public {
        uint256 key = 0x9e41;
        address owner = vm.addr(key);
        token.transfer(owner, 100);
        (uint8 v, bytes32 r, bytes32 s) = permitted(key, 100);
        vm.prank(owner);
        stakes.stakeWithPermit(100, type(uint256).max, v, r, s);
        assertEq(active(owner), 100, "staked");
        assertEq(token.allowance(owner, address(stakes)), 0, "nothing is left of it");
    }

    function test_stakeWithPermit_thatACopierUsedFirst_stakes() public {
        uint256 key = 0x9e41;
        address owner = vm.addr(key);
        token.transfer(owner, 100);
        (uint8 v, bytes32 r, bytes32 s) = permitted(key, 100);
        vm.prank(stranger);
        token.permit(owner, address(stakes), 100, type(uint256).max, v, r, s);
        vm.prank(owner);
        stakes.stakeWithPermit(100, type(uint256).max, v, r, s);
        assertEq(active(owner), 100, "staked");
    }

    function test_stakeWithPermit_ofAnother_stakesOnlyWithAnAllowance() public {
        uint256 key = 0x9e41;
        token.transfer(vm.addr(key), 100);
        token.transfer(alice, 100);
        (uint8 v, bytes32 r, bytes32 s) = permitted(key, 100);
        vm.startPrank(alice);
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)")));
        stakes.stakeWithPermit(100, type(uint256).max, v, r, s);
        token.approve(address(stakes), 100);
        stakes.stakeWithPermit(100, type(uint256).max, v, r, s);
        vm.stopPrank();
        assertEq(active(alice), STAKE + 100, "by the allowance");
        assertEq(token.balanceOf(vm.addr(key)), 100, "the other's tokens stay");
    }

    function test_row21_withdraw_toTheBlock() public {
        unbond(alice, 200e18);
        uint256 releaseBlock = height() + UNBONDING;
        assertEq(stakes.stakeOf(alice).releaseBlock, releaseBlock, "release");
        vm.roll(releaseBlock - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StillUnbonding.selector, alice, releaseBlock));
        withdraw(alice);
        vm.roll(releaseBlock);
        uint256 total = stakes.totalStake();
        assertEq(withdraw(alice), 200e18, "withdrawn");
        assertEq(token.balanceOf(alice), 200e18, "paid");
        assertEq(stakes.totalStake(), total - 200e18, "total");
        assertEq(active(alice), STAKE - 200e18, "the rest stays");
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.ZeroAmount.selector));
        withdraw(alice);
    }

    function test_row21_withdraw_isOpenForEverAfter() public {
        unbond(alice, 200e18);
        mine(uint256(UNBONDING) * 1_000);
        assertEq(withdraw(alice), 200e18, "withdrawn");
    }

    function test_unbond_again_startsTheTimeAnew() public {
        unbond(alice, 1e18);
        mine(UNBONDING - 1);
        unbond(alice, 1e18);
        mine(UNBONDING - 1);
        vm.expectPartialRevert(IStakeManager.StillUnbonding.selector);
        withdraw(alice);
        mine(1);
        assertEq(withdraw(alice), 2e18, "both");
    }

    function test_rebond_beforeAndAfterItMatures() public {
        unbond(alice, 300e18);
        rebond(alice, 100e18);
        assertEq(active(alice), STAKE - 200e18, "active");
        mine(UNBONDING + 5);
        vm.prank(alice);
        vm.expectRevert(tooSmall(alice, 200e18, 200e18 + 1));
        stakes.rebond(200e18 + 1);
        rebond(alice, 150e18);
        assertEq(unbonding(alice), 50e18, "unbonding");
        assertEq(withdraw(alice), 50e18, "what has matured leaves");
    }

    function test_rebond_afterASlash_ofWhatIsLeft() public {
        unbond(alice, 1_000e18);
        slash(alice, 1_000e18, finder);
        vm.prank(alice);
        vm.expectRevert(tooSmall(alice, 500e18, 500e18 + 1));
        stakes.rebond(500e18 + 1);
        rebond(alice, 500e18);
        assertEq(active(alice), 1_000e18, "active");
        assertEq(unbonding(alice), 0, "unbonding");
    }

    function test_stake_afterASlash_bearsNothingOfIt() public {
        slash(alice, 500e18, finder);
        stakeAs(alice, 100e18);
        unbond(alice, 100e18);
        assertEq(active(alice), STAKE - 500e18, "old");
        assertEq(unbonding(alice), 100e18, "new");
    }

    function test_lock_upToTheFreeStake() public {
        lock(alice, STAKE - 50e18);
        assertEq(stakes.freeStake(alice), 50e18, "free");
        vm.prank(alice);
        vm.expectRevert(tooSmall(alice, 50e18, 50e18 + 1));
        stakes.unbond(50e18 + 1);
        vm.prank(address(validators));
        vm.expectRevert(tooSmall(alice, 50e18, 50e18 + 1));
        stakes.lock(alice, 50e18 + 1);
        vm.prank(address(validators));
        stakes.lock(alice, 20e18);
        unbond(alice, 30e18);
        assertEq(stakes.freeStake(alice), 0, "none free");
        vm.prank(address(validators));
        stakes.unlock(alice, 20e18);
        unlock(alice, STAKE - 50e18);
        unbond(alice, STAKE - 30e18);
        vm.prank(address(windows));
        vm.expectRevert(tooSmall(alice, 0, 1));
        stakes.lock(alice, 1);
    }

    function test_unlock_neverMoreThanIsLocked() public {
        lock(alice, 10);
        vm.prank(address(windows));
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        stakes.unlock(alice, 11);
        unlock(alice, 10);
    }

    function test_row13_oneFaultDoesNotEmptyTheBondOfAnother() public {
        lock(alice, STAKE - 50e18);
        assertEq(slash(alice, 100e18, finder), 50e18, "what no bond holds");
        assertEq(slash(alice, 100e18, finder), 0, "nothing more");
        assertEq(penalise(alice, 1e18), 0, "nor by a lapse");
        assertEq(stakes.freeStake(alice), 0, "free");
        vm.prank(address(windows));
        vm.expectRevert(tooSmall(alice, 0, 1));
        stakes.lock(alice, 1);
        vm.prank(alice);
        vm.expectRevert(tooSmall(alice, 0, 1));
        stakes.unbond(1);
        assertEq(active(alice), STAKE - 50e18, "the bond stands");
        // The fault that it stands for returns it first, and can take all of it.
        unlock(alice, STAKE - 50e18);
        assertEq(slash(alice, STAKE, finder), STAKE - 50e18, "then it goes");
    }

    /// What bonds hold is owed: it is no free stake, it is collected when they return, and it is divided like a slash.
    function test_row13_whatBondsHoldIsOwed() public {
        lock(alice, STAKE - 50e18);
        assertEq(slash(alice, 100e18, finder), 50e18, "what no bond holds");
        assertEq(debt(alice), 50e18, "the rest is owed");
        assertEq(collect(alice, 50e18), 0, "not while it is locked");
        assertEq(active(alice), STAKE - 50e18, "the bonds are whole");
        unlock(alice, 70e18);
        assertEq(stakes.freeStake(alice), 20e18, "what is owed is not free");
        vm.prank(address(windows));
        vm.expectRevert(tooSmall(alice, 20e18, 20e18 + 1));
        stakes.lock(alice, 20e18 + 1);
        vm.expectRevert(tooSmall(alice, 20e18, 20e18 + 1));
        unbond(alice, 20e18 + 1);
        uint256 supply = token.totalSupply();
        uint256 total = stakes.totalStake();
        assertEq(collect(alice, 30e18), 30e18, "a part of it");
        assertEq(debt(alice), 20e18, "less is owed");
        assertEq(collect(alice, 20e18), 20e18, "the rest");
        assertEq(debt(alice), 0, "paid");
        assertEq(owed(finder), 30e18, "as if it had been taken at once");
        assertEq(owed(requester), 20e18, "harmed");
        assertEq(supply - token.totalSupply(), 25e18, "burned");
        assertEq(total - stakes.totalStake(), 50e18, "from the stake");
        assertEq(stakes.freeStake(alice), 20e18, "the same is free");
    }

    /// A debt never takes what the fault that a bond stands for is to cost: that returns it and takes it in one transaction.
    function test_row13_aDebtLeavesTheBondToItsOwnFault() public {
        lock(alice, STAKE);
        assertEq(slash(alice, 100e18, finder), 0, "all is locked");
        unlock(alice, 100e18);
        assertEq(slash(alice, 100e18, finder), 100e18, "the fault that its bond stood for");
        assertEq(debt(alice), 100e18, "still owed");
        unlock(alice, STAKE - 100e18);
        assertEq(collect(alice, 100e18), 100e18, "collected from the next bond");
        assertEq(active(alice), STAKE - 200e18, "two faults");
    }

    function test_row13_whoOwesDoesNotLeave() public {
        lock(alice, STAKE / 2);
        unbond(alice, STAKE / 2);
        mine(UNBONDING);
        slash(alice, STAKE / 2 + 10e18, finder);
        assertEq(debt(alice), 10e18, "owed");
        stakeAs(alice, 30e18);
        unbond(alice, 20e18);
        mine(UNBONDING);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StillOwing.selector, alice, 10e18));
        withdraw(alice);
        assertEq(collect(alice, 10e18), 10e18, "from what is new, too");
        assertTrue(withdraw(alice) > 0, "the rest leaves");
    }

    function test_row13_whoOwesAllDoesNotReturn() public {
        lock(alice, STAKE);
        slash(alice, STAKE - 1e18 + 1, finder);
        mine(stakes.jailBlocks());
        vm.prank(alice);
        vm.expectRevert(tooSmall(alice, 1e18 - 1, 1e18));
        stakes.unjail();
        unlock(alice, 1);
        assertEq(collect(alice, 1), 1, "a wei of it");
        vm.prank(alice);
        vm.expectRevert(tooSmall(alice, 1e18 - 1, 1e18));
        stakes.unjail();
        stakeAs(alice, 1);
        vm.prank(alice);
        stakes.unjail();
    }

    function test_collect_neverMoreThanIsOwed() public {
        lock(alice, STAKE);
        slash(alice, 5, finder);
        unlock(alice, STAKE);
        vm.prank(address(challenges));
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        stakes.collect(alice, 6, finder, harmed());
        assertEq(collect(alice, 5), 5, "all of it");
    }

    /// Three faults while any part of the stake is locked: in whatever order they are shown and collected, in the end they have cost the same.
    function testFuzz_row13_debts_inAnyOrder(uint256 locked, uint256[3] memory amounts, uint256 returned) public {
        locked = bound(locked, 0, STAKE);
        for (uint256 i = 0; i < 3; ++i) amounts[i] = bound(amounts[i], 0, STAKE);
        if (locked > 0) lock(alice, locked);
        uint256 sum = amounts[0] + amounts[1] + amounts[2];
        uint256 lost = sum < STAKE ? sum : STAKE;
        for (uint256 order = 0; order < 6; ++order) {
            uint256 snapshot = vm.snapshotState();
            uint256[3] memory picks = [order % 3, (order % 3 + 1 + order / 3) % 3, (order % 3 + 2 - order / 3) % 3];
            uint256 taken = 0;
            for (uint256 k = 0; k < 3; ++k) {
                taken += slash(alice, amounts[picks[k]], finder);
                assertTrue(active(alice) >= locked, "no bond is touched");
            }
            assertEq(taken + debt(alice), sum, "taken or owed");
            uint256 back = bound(returned, 0, locked);
            if (back > 0) unlock(alice, back);
            taken += collect(alice, debt(alice));
            assertTrue(active(alice) >= locked - back, "no bond is touched");
            if (locked > back) unlock(alice, locked - back);
            taken += collect(alice, debt(alice));
            assertEq(taken, lost, "all faults, as far as there was stake");
            assertEq(active(alice), STAKE - lost, "left");
            assertEq(debt(alice), sum - lost, "owed for ever");
            vm.revertToState(snapshot);
        }
    }

    function test_row13_unbondingStakeMakesUpForSlashesUnderABond() public {
        unbond(alice, STAKE / 2);
        lock(alice, STAKE / 2);
        assertEq(slash(alice, STAKE, finder), STAKE / 2, "as much as no bond holds");
        // Half of the slash fell on the active part, in proportion; the bond is whole all the same, and nothing is left to leave.
        assertEq(active(alice), STAKE / 2, "active");
        assertEq(stakes.stakeOf(alice).unbonding, 0, "unbonding");
        vm.roll(block.number + UNBONDING);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.ZeroAmount.selector));
        stakes.withdraw();
        assertEq(active(alice), STAKE / 2, "still");
    }

    function test_penalise_burnsWithoutJail() public {
        vm.prank(address(jobs));
        reputation.gain(alice, 50e18);
        uint256 supply = token.totalSupply();
        uint256 total = stakes.totalStake();
        assertEq(penalise(alice, 3e18), 3e18, "burned");
        assertEq(supply - token.totalSupply(), 3e18, "supply");
        assertEq(total - stakes.totalStake(), 3e18, "total");
        assertEq(active(alice), STAKE - 3e18, "active");
        assertTrue(!stakes.isJailed(alice), "not jailed");
        assertEq(reputation.scoreOf(alice), 50e18, "reputation");
        assertEq(penalise(alice, STAKE), STAKE - 3e18, "the rest");
        assertEq(penalise(alice, 1), 0, "nothing left");
        assertEq(penalise(stranger, 1), 0, "nothing ever");
    }

    function test_slash_thirtyTwentyFifty() public {
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(stakes));
        emit IStakeManager.Slashed(alice, finder, 30e18, 20e18, 50e18);
        assertEq(slash(alice, 100e18, finder), 100e18, "slashed");
        assertEq(owed(finder), 30e18, "finder");
        assertEq(owed(requester), 20e18, "harmed");
        assertEq(supply - token.totalSupply(), 50e18, "burned");
        rewards.claim(address(token), finder);
        assertEq(token.balanceOf(finder), 30e18, "claimed");
    }

    function test_slash_nineHarmed_shareEqually() public {
        // 20 % of 104 is 20: 2 each, and 2 over.
        slash(alice, 104, finder, harmed(9));
        assertEq(owed(requester), 4, "the first gets what is over");
        for (uint256 i = 1; i < 9; ++i) assertEq(owed(address(uint160(0x9000 + i))), 2, "a share");
        assertEq(owed(finder), 31, "finder");
    }

    function test_slash_whoIsHarmedTwice_hasTwoShares() public {
        address[] memory list = harmed(3);
        list[2] = list[1];
        slash(alice, 300, finder, list);
        assertEq(owed(requester), 20, "one share");
        assertEq(owed(list[1]), 40, "two shares");
    }

    function test_row14_selfSlash_burnsTheFindersPart() public {
        registerAs(alice, 0xa2);
        address[4] memory selves = [alice, aliceHot, vm.addr(0xa2), address(0)];
        for (uint256 i = 0; i < 4; ++i) {
            uint256 supply = token.totalSupply();
            vm.expectEmit(address(stakes));
            emit IStakeManager.Slashed(alice, address(0), 0, 20e18, 80e18);
            slash(alice, 100e18, selves[i]);
            assertEq(owed(selves[i]), 0, "self finds for nothing");
            assertEq(supply - token.totalSupply(), 80e18, "burned");
        }
        slash(alice, 100e18, bobHot);
        assertEq(owed(bobHot), 30e18, "another's hot key finds");
    }

    /// All in one hand: operator, finder under another name, requester and everybody harmed.
    function testFuzz_row14_selfSlash_losesHalfOrMore(uint256 amount, uint256 count) public {
        count = bound(count, 1, 9);
        address[] memory list = harmed(count);
        uint256 before = stakes.totalStake();
        uint256 slashed = slash(alice, bound(amount, 1, STAKE), stranger, list);
        uint256 back = owed(stranger);
        for (uint256 i = 0; i < count; ++i) back += owed(list[i]);
        assertEq(before - stakes.totalStake(), slashed, "lost");
        assertAtMost(2 * back, slashed, "at most half comes back");
    }

    function testFuzz_row16_slash_isConservedAndProportional(uint256 leaving, uint256 amount, uint256 count) public {
        leaving = bound(leaving, 1, STAKE);
        amount = bound(amount, 1, STAKE);
        count = bound(count, 1, 9);
        unbond(alice, leaving);
        uint256 before = stakes.totalStake();
        uint256 supply = token.totalSupply();
        address[] memory list = harmed(count);
        slash(alice, amount, finder, list);
        assertEq(active(alice) + unbonding(alice), STAKE - amount, "sum");
        assertEq(unbonding(alice), leaving - (amount * leaving) / STAKE, "unbonding part");
        assertEq(before - stakes.totalStake(), amount, "total");
        assertEq(token.balanceOf(address(stakes)), stakes.totalStake(), "tokens");
        uint256 paid = owed(finder);
        assertEq(paid, amount * 30 / 100, "finder");
        for (uint256 i = 0; i < count; ++i) paid += owed(list[i]);
        assertEq(paid + supply - token.totalSupply(), amount, "finder, harmed, burned");
        assertTrue(supply - token.totalSupply() >= amount / 2, "at least half burns");
    }

    function test_row16_slashOfOneWei_burns() public {
        uint256 supply = token.totalSupply();
        assertEq(slash(alice, 1, finder), 1, "slashed");
        assertEq(supply - token.totalSupply(), 1, "burned");
        assertEq(owed(finder) + owed(requester), 0, "nothing to share");
        assertEq(slash(alice, 4, finder), 4, "slashed");
        assertEq(owed(finder), 1, "floor of 1.2");
    }

    function test_row16_slashOfWhoHasNothing_jails() public {
        assertEq(slash(stranger, 100e18, finder), 0, "nothing");
        assertTrue(stakes.isJailed(stranger), "jailed");
        assertEq(stakes.stakeOf(stranger).active, 0, "active");
        stakeAs(stranger, 101e18 - 1);
        mine(stakes.jailBlocks());
        vm.prank(stranger);
        vm.expectRevert(tooSmall(stranger, 1e18 - 1, 1e18));
        stakes.unjail();
        stakeAs(stranger, 1);
        vm.prank(stranger);
        stakes.unjail();
    }

    function test_slash_takesNoMoreThanThereIs() public {
        unbond(alice, 500e18);
        assertEq(slash(alice, STAKE + 1, finder), STAKE, "capped");
        assertEq(active(alice) + unbonding(alice), 0, "nothing left");
        assertEq(slash(alice, 1, finder), 0, "nothing more");
        assertEq(penalise(alice, 1), 0, "nothing to burn");
        vm.expectRevert(tooSmall(alice, 0, 1));
        unbond(alice, 1);
        mine(UNBONDING);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.ZeroAmount.selector));
        withdraw(alice);
        stakeAs(alice, 7);
        assertEq(active(alice), 7, "anew");
    }

    function test_row13_leavingBeforeTheSlash_doesNotHelp() public {
        unbond(alice, STAKE);
        mine(UNBONDING - 1);
        assertEq(slash(alice, 300e18, finder), 300e18, "while it waits");
        mine(1);
        assertEq(withdraw(alice), STAKE - 300e18, "the rest leaves");
    }

    function test_row13_maturedStake_isSlashedUntilItIsWithdrawn() public {
        unbond(alice, 500e18);
        mine(UNBONDING + 10);
        assertEq(slash(alice, 100e18, finder), 100e18, "slashed");
        assertEq(withdraw(alice), 475e18, "a quarter of the slash was here");
        assertEq(slash(alice, 100e18, finder), 100e18, "the rest of it is active");
        assertEq(active(alice), STAKE - 500e18 - 75e18 - 100e18, "active");
    }

    /// Four losses in all 24 orders: the same stake in every field, at once and after the operator has moved stake.
    function testFuzz_row13_partialSlashes_inAnyOrder(uint256 leaving, uint256[4] memory amounts, uint256 highest) public {
        leaving = bound(leaving, 0, STAKE);
        highest = bound(highest, 1, STAKE);
        for (uint256 i = 0; i < 4; ++i) amounts[i] = bound(amounts[i], 0, highest);
        if (leaving > 0) unbond(alice, leaving);
        bytes32 expected = 0;
        for (uint256 order = 0; order < 24; ++order) {
            uint256 snapshot = vm.snapshotState();
            bytes32 found = afterLosses(amounts, order);
            vm.revertToState(snapshot);
            if (order == 0) expected = found;
            assertEq(found, expected, "state");
        }
    }

    function afterLosses(uint256[4] memory amounts, uint256 order) private returns (bytes32 found) {
        uint256[4] memory left = [uint256(0), 1, 2, 3];
        uint256 taken = 0;
        for (uint256 k = 4; k > 0; --k) {
            uint256 pick = order % k;
            order /= k;
            uint256 which = left[pick];
            left[pick] = left[k - 1];
            // The first is a penalty: it counts like the others.
            taken += which == 0 ? penalise(alice, amounts[0]) : slash(alice, amounts[which], finder);
        }
        IStakeManager.Stake memory lazily = stakes.stakeOf(alice);
        stakeAs(alice, 1);
        IStakeManager.Stake memory moved = stakes.stakeOf(alice);
        // A penalty that finds nothing is no debt; its own bond always holds it.
        (lazily.debt, moved.debt) = (0, 0);
        assertEq(moved.active, uint256(lazily.active) + 1, "moving stake changes nothing else");
        assertEq(moved.unbonding, lazily.unbonding, "moving stake changes nothing else");
        return keccak256(abi.encode(lazily, moved, taken, stakes.totalStake()));
    }

    function test_slash_jailsAndTakesTheReputation() public {
        vm.prank(address(jobs));
        reputation.gain(alice, 50e18);
        uint256 untilBlock = height() + UNBONDING / 4;
        vm.expectEmit(address(stakes));
        emit IStakeManager.OperatorJailed(alice, untilBlock);
        slash(alice, 1e18, finder);
        assertTrue(stakes.isJailed(alice), "jailed");
        assertEq(stakes.stakeOf(alice).jailedUntil, untilBlock, "until");
        assertEq(reputation.scoreOf(alice), 0, "reputation");
        assertTrue(!stakes.isJailed(bob), "nobody else");
        mine(10);
        slash(alice, 1e18, finder);
        assertEq(stakes.stakeOf(alice).jailedUntil, untilBlock + 10, "anew");
    }

    function test_row21_unjail_toTheBlock() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.NotJailed.selector, alice));
        stakes.unjail();
        slash(alice, 1e18, finder);
        uint256 untilBlock = height() + stakes.jailBlocks();
        vm.roll(untilBlock - 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StillJailed.selector, alice, untilBlock));
        stakes.unjail();
        vm.roll(untilBlock);
        assertTrue(stakes.isJailed(alice), "until it returns");
        vm.prank(alice);
        stakes.unjail();
        assertTrue(!stakes.isJailed(alice), "returned");
        assertEq(stakes.stakeOf(alice).jailedUntil, 0, "until");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.NotJailed.selector, alice));
        stakes.unjail();
    }

    function test_unjail_needsOneToken() public {
        slash(alice, STAKE - 1e18 + 1, finder);
        mine(stakes.jailBlocks());
        vm.prank(alice);
        vm.expectRevert(tooSmall(alice, 1e18 - 1, 1e18));
        stakes.unjail();
        stakeAs(alice, 1);
        vm.prank(alice);
        stakes.unjail();
    }

    function test_jailedOperators_mayLeave() public {
        slash(alice, 1e18, finder);
        unbond(alice, STAKE - 1e18);
        mine(UNBONDING);
        assertEq(withdraw(alice), STAKE - 1e18, "left");
        assertTrue(stakes.isJailed(alice), "and is jailed all the same");
    }

    /// Random moves of two operators: the sum of the stakes is the total, and the tokens are here.
    function testFuzz_row16_totals_afterAnyMoves(uint256 seed) public {
        address[2] memory operators = [alice, bob];
        for (uint256 i = 0; i < 40; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            move(operators[seed % 2], (seed >> 8) % 8, (seed >> 16) % (1 << ((seed >> 160) % 72)));
            uint256 sum = active(alice) + unbonding(alice) + active(bob) + unbonding(bob);
            assertEq(stakes.totalStake(), sum, "sum");
            assertEq(token.balanceOf(address(stakes)), sum, "tokens");
            assertEq(token.balanceOf(address(rewards)), owed(finder) + owed(requester), "credited");
        }
    }

    function move(address operator, uint256 kind, uint256 amount) private {
        if (kind == 0) stakeAs(operator, amount + 1);
        uint256 free = stakes.freeStake(operator);
        if (kind == 1 && free > 0) unbond(operator, 1 + amount % free);
        if (kind == 3 && debt(operator) > 0) collect(operator, debt(operator));
        uint256 waits = unbonding(operator);
        if (kind == 2 && waits > 0) rebond(operator, 1 + amount % waits);
        if (kind == 3 && waits > 0) {
            mine(UNBONDING);
            assertEq(withdraw(operator), waits, "all that waited");
        }
        if (kind == 4) penalise(operator, amount);
        if (kind == 5) slash(operator, amount, finder);
        if (kind == 6) lock(operator, amount % (free + 1));
        uint256 locked = stakes.stakeOf(operator).locked;
        if (kind == 7) unlock(operator, amount % (locked + 1));
    }
}
