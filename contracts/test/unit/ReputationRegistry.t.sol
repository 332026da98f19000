// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Modules, Wired} from "../../src/Modules.sol";
import {ReputationRegistry} from "../../src/ReputationRegistry.sol";
import {Supply} from "../../src/libraries/Supply.sol";
import {TestBase} from "../utils/TestBase.sol";

/// See ReputationRegistry.tree. This contract stands where the JobManager and the StakeManager stand.
contract ReputationRegistryTest is TestBase {
    uint256 internal constant HALF = 216_000;
    uint256 internal constant SCALE = 100e18;
    address internal constant WORKER = address(0xa0);

    ReputationRegistry internal reputation;

    event ReputationGained(address indexed operator, uint256 fee, uint256 score);
    event ReputationLost(address indexed operator, uint256 score);

    function setUp() public {
        Modules memory modules;
        (modules.jobManager, modules.stakeManager) = (address(this), address(this));
        reputation = ReputationRegistry(vm.deployCode("ReputationRegistry.sol:ReputationRegistry", abi.encode(modules)));
    }

    function test_onlyTheJobManagerAndTheStakeManager() public {
        Modules memory modules;
        (modules.jobManager, modules.stakeManager) = (address(this), WORKER);
        ReputationRegistry other = ReputationRegistry(vm.deployCode("ReputationRegistry.sol:ReputationRegistry", abi.encode(modules)));
        other.gain(WORKER, 5);
        vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, address(this)));
        other.lose(WORKER);
        vm.prank(WORKER);
        vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, WORKER));
        other.gain(WORKER, 5);
        vm.prank(WORKER);
        other.lose(WORKER);
    }

    function test_score_nobodys() public view {
        assertEq(reputation.scoreOf(WORKER), 0, "score");
        assertEq(reputation.factorOf(WORKER), 10_000, "factor");
    }

    function test_score_decaysByTheFormula() public {
        vm.expectEmit(address(reputation));
        emit ReputationGained(WORKER, 64e18, 64e18);
        reputation.gain(WORKER, 64e18);
        uint256 from = height();
        uint256[7] memory ages = [uint256(0), 1, HALF / 2, HALF - 1, HALF, HALF + 1, 3 * HALF + HALF / 4];
        uint256[7] memory scores = [
            uint256(64e18),
            64e18 - uint256(64e18) / (2 * HALF),
            48e18,
            64e18 - uint256(64e18) * (HALF - 1) / (2 * HALF),
            32e18,
            32e18 - uint256(32e18) / (2 * HALF),
            7e18
        ];
        for (uint256 i = 0; i < 7; ++i) {
            vm.roll(from + ages[i]);
            assertEq(reputation.scoreOf(WORKER), scores[i], "score");
        }
        vm.expectEmit(address(reputation));
        emit ReputationGained(WORKER, 3e18, 10e18);
        reputation.gain(WORKER, 3e18);
        mine(HALF);
        assertEq(reputation.scoreOf(WORKER), 5e18, "the sum decays from the latest gain");
    }

    function test_row21_score_endsAfter128HalfLives() public {
        reputation.gain(WORKER, type(uint128).max);
        uint256 from = height();
        vm.roll(from + 127 * HALF);
        assertEq(reputation.scoreOf(WORKER), 1, "the last wei");
        vm.roll(from + 128 * HALF - 1);
        assertEq(reputation.scoreOf(WORKER), 1, "to the end");
        vm.roll(from + 128 * HALF);
        assertEq(reputation.scoreOf(WORKER), 0, "over");
        vm.roll(from + 1_000_000 * HALF);
        assertEq(reputation.factorOf(WORKER), 10_000, "for ever");
    }

    function test_gain_ofNothingMovesNothing() public {
        reputation.gain(WORKER, 1e18);
        mine(HALF / 2);
        vm.recordLogs();
        reputation.gain(WORKER, 0);
        assertEq(vm.getRecordedLogs().length, 0, "no event");
        mine(HALF / 2);
        assertEq(reputation.scoreOf(WORKER), 0.5e18, "as if it had not been");
    }

    function test_factor() public {
        uint256[5] memory fees = [uint256(1), SCALE - 1, SCALE, 3 * SCALE, Supply.MAX_SUPPLY];
        uint256[5] memory factors = [uint256(10_000), 12_499, 12_500, 13_750, 14_999];
        for (uint256 i = 0; i < 5; ++i) {
            address operator = address(uint160(1 + i));
            reputation.gain(operator, fees[i]);
            assertEq(reputation.factorOf(operator), factors[i], "factor");
        }
    }

    function testFuzz_factor_growsWithTheScoreAndStaysBelow(uint256 a, uint256 b) public {
        (a, b) = (bound(a, 0, 4 * Supply.MAX_SUPPLY), bound(b, 0, 4 * Supply.MAX_SUPPLY));
        reputation.gain(address(1), a);
        reputation.gain(address(2), a + b);
        assertTrue(reputation.factorOf(address(1)) <= reputation.factorOf(address(2)), "grows");
        assertTrue(reputation.factorOf(address(2)) < 15_000, "below 1.5");
    }

    function test_lose() public {
        reputation.gain(WORKER, 500e18);
        mine(HALF);
        vm.expectEmit(address(reputation));
        emit ReputationLost(WORKER, 250e18);
        reputation.lose(WORKER);
        assertEq(reputation.scoreOf(WORKER), 0, "nothing left");
        assertEq(reputation.factorOf(WORKER), 10_000, "a newcomer's");
        reputation.gain(WORKER, 1e18);
        assertEq(reputation.scoreOf(WORKER), 1e18, "from nothing");
        reputation.lose(address(0xb0));
        assertEq(reputation.scoreOf(address(0xb0)), 0, "who has none loses none");
    }

    function testFuzz_score_waitingNeverRaises(uint256 fee, uint256 first, uint256 second) public {
        reputation.gain(WORKER, bound(fee, 1, Supply.MAX_SUPPLY));
        mine(first % (5 * HALF));
        uint256 before = reputation.scoreOf(WORKER);
        mine(second % (5 * HALF));
        assertAtMost(reputation.scoreOf(WORKER), before, "score");
    }

    /// Whoever gains a little all the time starts the straight line anew each time: it keeps e^(-1/2) = 0.6066 of a score a half-life, not 0.5.
    function test_score_frequentGainsSlowDecayBoundedly() public {
        reputation.gain(WORKER, 1_000e18);
        for (uint256 i = 0; i < 1_000; ++i) {
            mine(HALF / 1_000);
            reputation.gain(WORKER, 1);
        }
        assertAtMost(reputation.scoreOf(WORKER), 606.6e18, "e^(-1/2)");
        assertTrue(reputation.scoreOf(WORKER) > 606e18, "it did");
    }

    function testFuzz_row19_splittingRaisesNobodysFactor(uint256 seed) public {
        address one = address(0xffff);
        uint256 raised;
        for (uint256 i = 0; i < 100; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 fee = bound(seed, 0, 20e18);
            reputation.gain(one, fee);
            reputation.gain(address(uint160(1 + (seed >> 128) % 100)), fee);
            mine((seed >> 192) % (HALF / 20));
        }
        uint256 factor = reputation.factorOf(one);
        for (uint160 i = 1; i <= 100; ++i) {
            assertAtMost(reputation.factorOf(address(i)), factor, "a part of it");
            if (reputation.factorOf(address(i)) > 10_000) ++raised;
        }
        assertTrue(raised > 10 && factor > 12_500, "there was something to split");
    }

    /// A lease locks ceil(1.5 bonds / factor): what 100 identities lock for the leases that one would hold is never less.
    function testFuzz_row19_splittingLocksNoLess(uint256 seed) public {
        address one = address(0xffff);
        uint256 bond = bound(seed, 1e18, 1_000e18);
        for (uint160 i = 1; i <= 100; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 fee = bound(seed, 0, 50e18);
            reputation.gain(one, fee);
            reputation.gain(address(i), fee);
        }
        uint256 split;
        for (uint160 i = 1; i <= 100; ++i) split += (bond * 15_000 - 1) / reputation.factorOf(address(i)) + 1;
        assertTrue(100 * ((bond * 15_000 - 1) / reputation.factorOf(one) + 1) < split, "dearer");
    }

    function test_row16_score_theGreatestAmountsFit() public {
        for (uint256 i = 0; i < 10; ++i) reputation.gain(WORKER, type(uint128).max);
        assertEq(reputation.scoreOf(WORKER), 10 * uint256(type(uint128).max), "far more than there is");
        mine(128 * HALF - 1);
        assertTrue(reputation.scoreOf(WORKER) > 0, "something is left");
        mine(1);
        assertEq(reputation.scoreOf(WORKER), 0, "whatever is");
    }
}
