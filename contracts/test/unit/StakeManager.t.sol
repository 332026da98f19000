// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStakeManager} from "../../src/interfaces/IStakeManager.sol";
import {Fixture} from "../utils/Fixture.sol";
import {Creator} from "../utils/TestBase.sol";

contract StakeManagerTest is Fixture {
    function slash(address operator, uint256 amount, address by) internal returns (uint256) {
        vm.prank(address(challenges));
        return stakes.slash(operator, amount, by, requester);
    }

    function total(address operator) internal view returns (uint256) {
        IStakeManager.Stake memory s = stakes.stakeOf(operator);
        return uint256(s.active) + s.unbonding;
    }

    function withUnbonding(uint64 blocks) internal view returns (bytes memory) {
        return abi.encodePacked(
            vm.getCode("StakeManager.sol:StakeManager"), abi.encode(token, nodes, rewards, jobs, challenges, blocks)
        );
    }

    function test_constructor_boundsTheUnbondingPeriod() public {
        Creator creator = new Creator();
        uint64 low = stakes.MIN_UNBONDING_BLOCKS();
        uint64 high = stakes.MAX_UNBONDING_BLOCKS();
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
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.ZeroAmount.selector));
        stakes.stake(0);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.ZeroAmount.selector));
        stakes.unbond(0);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.ZeroAmount.selector));
        stakes.withdraw();
        vm.stopPrank();
    }

    function test_modules_onlyTheWiredOnesMayMoveStake() public {
        bytes memory refusal = abi.encodeWithSelector(IStakeManager.NotAllowed.selector, address(this));
        vm.expectRevert(refusal);
        stakes.lock(alice, 1);
        vm.expectRevert(refusal);
        stakes.unlock(alice, 1);
        vm.expectRevert(refusal);
        stakes.penalise(alice, 1);
        vm.expectRevert(refusal);
        stakes.slash(alice, 1, finder, requester);
        vm.prank(address(jobs));
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.NotAllowed.selector, address(jobs)));
        stakes.slash(alice, 1, finder, requester);
    }

    function test_unbond_leavesAfterThePeriodToTheBlock() public {
        vm.prank(alice);
        stakes.unbond(200e18);
        uint256 releaseBlock = height() + UNBONDING;
        vm.roll(releaseBlock - 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StillUnbonding.selector, alice, releaseBlock));
        stakes.withdraw();
        vm.roll(releaseBlock);
        vm.prank(alice);
        assertEq(stakes.withdraw(), 200e18, "withdrawn");
        assertEq(token.balanceOf(alice), 200e18, "paid");
        assertEq(stakes.totalStake(), 800e18, "total");
    }

    function test_unbond_againStartsTheClockAnew() public {
        vm.prank(alice);
        stakes.unbond(1e18);
        mine(UNBONDING - 1);
        vm.prank(alice);
        stakes.unbond(1e18);
        mine(UNBONDING - 1);
        vm.prank(alice);
        vm.expectPartialRevert(IStakeManager.StillUnbonding.selector);
        stakes.withdraw();
    }

    function test_lock_keepsBondsFromUnbonding() public {
        vm.prank(address(jobs));
        stakes.lock(alice, 450e18);
        assertEq(stakes.freeStake(alice), 50e18, "free");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StakeTooSmall.selector, alice, 50e18, 50e18 + 1));
        stakes.unbond(50e18 + 1);
        vm.prank(address(jobs));
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StakeTooSmall.selector, alice, 50e18, 51e18));
        stakes.lock(alice, 51e18);
        vm.prank(address(jobs));
        stakes.unlock(alice, 450e18);
        vm.prank(alice);
        stakes.unbond(500e18);
    }

    function test_slash_splitsThirtyTwentyFifty() public {
        uint256 supply = token.totalSupply();
        assertEq(slash(alice, 100e18, finder), 100e18, "slashed");
        assertEq(rewards.claimable(address(token), finder), 30e18, "finder");
        assertEq(rewards.claimable(address(token), requester), 20e18, "harmed");
        assertEq(supply - token.totalSupply(), 50e18, "burned");
        rewards.claim(address(token), finder);
        assertEq(token.balanceOf(finder), 30e18, "claimed");
    }

    function test_selfSlash_burnsTheFindersPart() public {
        registerAs(alice, 0xa2);
        address[3] memory selves = [alice, aliceHot, vm.addr(0xa2)];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 supply = token.totalSupply();
            slash(alice, 100e18, selves[i]);
            assertEq(rewards.claimable(address(token), selves[i]), 0, "self finds for nothing");
            assertEq(supply - token.totalSupply(), 80e18, "burned");
        }
    }

    function test_slash_reachesStakeThatHasMaturedButNotLeft() public {
        vm.prank(alice);
        stakes.unbond(500e18);
        mine(UNBONDING + 10);
        slash(alice, 100e18, finder);
        vm.prank(alice);
        assertEq(stakes.withdraw(), 400e18, "the rest leaves");
    }

    function test_slash_takesNoMoreThanThereIs() public {
        assertEq(slash(alice, 501e18, finder), 500e18, "capped");
        assertEq(slash(alice, 1, finder), 0, "nothing left");
        vm.prank(address(jobs));
        assertEq(stakes.penalise(alice, 1), 0, "nothing to burn");
    }

    function test_slash_belowTheLockLeavesNothingFree() public {
        vm.prank(address(jobs));
        stakes.lock(alice, 450e18);
        slash(alice, 100e18, finder);
        assertEq(stakes.freeStake(alice), 0, "free");
        vm.prank(address(jobs));
        stakes.unlock(alice, 450e18);
        assertEq(stakes.freeStake(alice), 400e18, "free after the bond returns");
    }

    function testFuzz_slash_isProportionalAndConserved(uint256 unbonding, uint256 amount) public {
        unbonding = bound(unbonding, 1, 500e18);
        amount = bound(amount, 1, 500e18);
        vm.prank(alice);
        stakes.unbond(unbonding);
        uint256 before = stakes.totalStake();
        uint256 supply = token.totalSupply();
        slash(alice, amount, finder);
        IStakeManager.Stake memory left = stakes.stakeOf(alice);
        assertEq(uint256(left.active) + left.unbonding, 500e18 - amount, "sum");
        assertEq(left.unbonding, unbonding - (amount * unbonding) / 500e18, "unbonding part");
        assertEq(before - stakes.totalStake(), amount, "total");
        uint256 paid = rewards.claimable(address(token), finder) + rewards.claimable(address(token), requester);
        assertEq(paid + supply - token.totalSupply(), amount, "finder + harmed + burned");
        assertTrue(supply - token.totalSupply() >= amount / 2, "at least half burns");
    }

    function testFuzz_slash_orderDoesNotMatter(uint256 first, uint256 second) public {
        first = bound(first, 1, 400e18);
        second = bound(second, 1, 400e18);
        slash(alice, first, finder);
        slash(alice, second, finder);
        slash(bob, second, finder);
        slash(bob, first, finder);
        assertEq(total(alice), total(bob), "left");
    }
}
