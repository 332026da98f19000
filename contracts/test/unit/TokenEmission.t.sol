// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {AssayToken} from "../../src/AssayToken.sol";
import {Modules, Wired} from "../../src/Modules.sol";
import {TokenEmission} from "../../src/TokenEmission.sol";
import {Supply} from "../../src/libraries/Supply.sol";
import {TestBase} from "../utils/TestBase.sol";

/// See TokenEmission.tree. This contract stands where the JobManager stands.
contract TokenEmissionTest is TestBase {
    address internal constant WORKER = address(0xa0);

    AssayToken internal token;
    TokenEmission internal emission;
    uint256 internal start;

    event Emitted(address indexed operator, uint256 indexed epoch, uint256 amount);

    function setUp() public {
        vm.roll(1_234);
        start = height();
        Modules memory modules;
        modules.jobManager = address(this);
        uint256 nonce = vm.getNonce(address(this));
        modules.token = vm.computeCreateAddress(address(this), nonce);
        modules.tokenEmission = vm.computeCreateAddress(address(this), nonce + 1);
        token = new AssayToken(modules, address(this), Supply.MAX_INITIAL);
        emission = new TokenEmission(modules);
    }

    function test_onlyTheJobManager() public {
        vm.prank(WORKER);
        vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, WORKER));
        emission.emitFor(WORKER, 1e18, 2_500);
        assertEq(emission.emitFor(WORKER, 1e18, 2_500), 0.25e18, "control");
    }

    function test_row16_amounts() public {
        vm.expectEmit(address(emission));
        emit Emitted(WORKER, 0, 249);
        assertEq(emission.emitFor(WORKER, 999, 2_500), 249, "rounded down");
        vm.recordLogs();
        assertEq(emission.emitFor(WORKER, 3, 2_500), 0, "too small");
        assertEq(emission.emitFor(WORKER, 0, 2_500), 0, "no fee");
        assertEq(emission.emitFor(WORKER, 1e18, 0), 0, "no share");
        assertEq(vm.getRecordedLogs().length, 0, "no event");
        assertEq(token.balanceOf(WORKER), 249, "the worker has it");
        assertEq(emission.mintedIn(0), 249, "counted");
        assertEq(token.totalSupply(), Supply.MAX_INITIAL + 249, "minted");
    }

    function test_budget_isACap() public {
        uint256 budget = emission.budgetOf(0);
        assertEq(emission.emitFor(WORKER, 2 * budget - 2, 5_000), budget - 1, "one wei below");
        assertEq(emission.emitFor(WORKER, 4, 5_000), 1, "as far as it reaches");
        assertEq(emission.emitFor(WORKER, 1e18, 5_000), 0, "nothing afterwards");
        assertEq(emission.mintedIn(0), budget, "all of it");
        mine(7_200);
        assertEq(emission.emitFor(WORKER, type(uint128).max, 5_000), budget, "anew, and no more");
    }

    function test_row21_epochs() public {
        vm.roll(start + 7_199);
        assertEq(emission.epoch(), 0, "its last block");
        emission.emitFor(WORKER, 4, 5_000);
        vm.roll(start + 7_200);
        assertEq(emission.epoch(), 1, "the next");
        emission.emitFor(WORKER, 8, 5_000);
        assertEq(emission.mintedIn(0), 2, "of the first");
        assertEq(emission.mintedIn(1), 4, "of the second");
        assertEq(emission.budgetOf(1), emission.budgetOf(0), "what the first left is lost");
    }

    function test_row21_halvings() public {
        assertEq(emission.budgetOf(364), 250_000e18, "before");
        assertEq(emission.budgetOf(365), 125_000e18, "after");
        assertEq(emission.budgetOf(729), 125_000e18, "before the second");
        assertEq(emission.budgetOf(730), 62_500e18, "after it");
        vm.roll(start + 365 * 7_200 - 1);
        assertEq(emission.emitFor(WORKER, type(uint128).max, 5_000), 250_000e18, "the last block before");
        vm.roll(start + 365 * 7_200);
        assertEq(emission.emitFor(WORKER, type(uint128).max, 5_000), 125_000e18, "the first after");
    }

    function test_budget_ends() public {
        vm.roll(start + 78 * 365 * 7_200 - 1);
        assertEq(emission.emitFor(WORKER, 1e18, 5_000), emission.budgetOf(77 * 365), "the last budget");
        assertTrue(emission.mintedIn(emission.epoch()) > 0, "is something");
        vm.roll(start + 78 * 365 * 7_200);
        assertEq(emission.emitFor(WORKER, 1e18, 5_000), 0, "no budget");
        vm.roll(1e18);
        assertEq(emission.emitFor(WORKER, 1e18, 5_000), 0, "ever");
    }

    function testFuzz_row16_neverAboveBudgetsNorHalfOfWhatBurned(uint256 seed) public {
        uint256 burned;
        uint256 full;
        for (uint256 i = 0; i < 60; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 fee = seed % 4_000_000e18;
            uint256 bps = (seed >> 96) % 5_001;
            uint256 now_ = emission.epoch();
            uint256 minted = emission.emitFor(WORKER, fee, bps);
            burned += fee;
            assertAtMost(minted, fee * bps / 10_000, "the share");
            assertAtMost(emission.mintedIn(now_), emission.budgetOf(now_), "the budget");
            if (emission.mintedIn(now_) == emission.budgetOf(now_)) ++full;
            mine((seed >> 160) % 5_000);
        }
        assertAtMost(token.balanceOf(WORKER), burned / 2, "half of what burned");
        assertEq(token.totalSupply(), Supply.MAX_INITIAL + token.balanceOf(WORKER), "nothing else was minted");
        assertTrue(full > 0, "budgets were reached");
    }

    /// Row 23b: a requester that works its own job gets its price back and its fee never: at best half of it is minted.
    function testFuzz_row23b_payingOneselfForJunkLoses(uint256 seed) public {
        token.transfer(WORKER, 10_000e18);
        uint256 burned;
        uint256 minted;
        for (uint256 i = 0; i < 30; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 fee = seed % 100e18;
            vm.prank(WORKER);
            token.burn(fee);
            burned += fee;
            minted += emission.emitFor(WORKER, fee, (seed >> 128) % 5_001);
            mine((seed >> 192) % 3_000);
        }
        assertTrue(minted > 0 && burned > 0, "it tried");
        assertEq(token.balanceOf(WORKER), 10_000e18 - burned + minted, "all that it has");
        assertAtMost(2 * minted, burned, "a loss of at least half");
    }
}
