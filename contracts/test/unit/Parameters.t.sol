// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Modules} from "../../src/Modules.sol";
import {Parameters} from "../../src/Parameters.sol";
import {IParameters} from "../../src/interfaces/IParameters.sol";
import {Creator, TestBase} from "../utils/TestBase.sol";

/// See Parameters.tree.
contract ParametersTest is TestBase {
    address internal constant TIMELOCK = address(0x7135);
    address internal constant GUARDIAN = address(0x6a4d);
    address internal constant STRANGER = address(0x57a4);
    uint64 internal constant TERM = 1_000_000;

    Parameters internal parameters;
    uint256 internal start;

    event GasPriceSet(uint256 weiOfAssayPerGas);
    event EmissionBpsSet(uint256 bps);
    event NewJobsPausedUntil(uint256 blockNumber);

    function setUp() public {
        vm.roll(5_000);
        start = height();
        Modules memory modules;
        parameters = Parameters(vm.deployCode("Parameters.sol:Parameters", abi.encode(modules, TIMELOCK, GUARDIAN, TERM)));
    }

    function outOfBounds(string memory name, uint256 given, uint256 lowest, uint256 highest) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IParameters.OutOfBounds.selector, name, given, lowest, highest);
    }

    function pause(uint256 blocks_) internal {
        vm.prank(GUARDIAN);
        parameters.pauseNewJobs(blocks_);
    }

    function isPaused() internal view returns (bool) {
        return height() <= parameters.pausedUntil();
    }

    function test_deployed() public {
        Creator creator = new Creator();
        bytes memory code = vm.getCode("Parameters.sol:Parameters");
        Modules memory modules;
        vm.expectEmit(vm.computeCreateAddress(address(creator), 1));
        emit GasPriceSet(15e9);
        vm.expectEmit(vm.computeCreateAddress(address(creator), 1));
        emit EmissionBpsSet(2_500);
        creator.create(abi.encodePacked(code, abi.encode(modules, TIMELOCK, GUARDIAN, TERM)));
        assertEq(parameters.gasPrice(), 15e9, "gas price");
        assertEq(parameters.emissionBps(), 2_500, "emission");
        assertEq(parameters.bondFloor(), 1e18, "1 ASSAY");
        assertEq(parameters.pausedUntil(), 0, "no pause");
        assertEq(parameters.guardianExpiry(), start + TERM, "term");
    }

    function test_guardianTerm() public {
        Creator creator = new Creator();
        bytes memory code = vm.getCode("Parameters.sol:Parameters");
        Modules memory modules;
        vm.expectRevert(outOfBounds("guardianTermBlocks", 2_628_001, 0, 2_628_000));
        creator.create(abi.encodePacked(code, abi.encode(modules, TIMELOCK, GUARDIAN, uint64(2_628_001))));
        Parameters longest = Parameters(creator.create(abi.encodePacked(code, abi.encode(modules, TIMELOCK, GUARDIAN, uint64(2_628_000)))));
        assertEq(longest.guardianExpiry(), start + 2_628_000, "control");
    }

    function test_set_onlyTheTimelock() public {
        address[3] memory others = [GUARDIAN, STRANGER, address(this)];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IParameters.NotGovernor.selector, others[i]));
            parameters.setGasPrice(2e9);
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IParameters.NotGovernor.selector, others[i]));
            parameters.setEmissionBps(1);
        }
        assertEq(parameters.gasPrice(), 15e9, "as it was");
    }

    function test_set_bounds() public {
        vm.startPrank(TIMELOCK);
        uint256[2] memory prices = [uint256(1e9), 1e16];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(parameters));
            emit GasPriceSet(prices[i]);
            parameters.setGasPrice(prices[i]);
            assertEq(parameters.gasPrice(), prices[i], "gas price");
        }
        vm.expectRevert(outOfBounds("gasPrice", 1e9 - 1, 1e9, 1e16));
        parameters.setGasPrice(1e9 - 1);
        vm.expectRevert(outOfBounds("gasPrice", 1e16 + 1, 1e9, 1e16));
        parameters.setGasPrice(1e16 + 1);
        uint256[2] memory shares = [uint256(5_000), 0];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit(address(parameters));
            emit EmissionBpsSet(shares[i]);
            parameters.setEmissionBps(shares[i]);
            assertEq(parameters.emissionBps(), shares[i], "emission");
        }
        vm.expectRevert(outOfBounds("emissionBps", 5_001, 0, 5_000));
        parameters.setEmissionBps(5_001);
    }

    function testFuzz_bondFloor_itsFinderPaysFourSettlements(uint256 price) public {
        price = bound(price, 1e9, 1e16);
        vm.prank(TIMELOCK);
        parameters.setGasPrice(price);
        uint256 floor = parameters.bondFloor();
        uint256 cost = 4 * parameters.SETTLE_GAS() * price;
        assertTrue(floor * 3 >= cost * 10 && (floor - 1) * 3 < cost * 10, "the least that does");
        assertTrue(floor * 30 / 100 >= cost, "the finder's 30 %");
    }

    function test_pause_onlyTheGuardian() public {
        address[2] memory others = [TIMELOCK, STRANGER];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IParameters.NotGuardian.selector, others[i]));
            parameters.pauseNewJobs(1);
        }
        pause(1);
        assertTrue(isPaused(), "control");
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IParameters.NotGuardian.selector, STRANGER));
        parameters.pauseNewJobs(0);
    }

    function test_row21_pause_guardianTerm() public {
        vm.roll(start + TERM - 1);
        vm.expectRevert(outOfBounds("pause", 3, 0, 2));
        pause(3);
        pause(2);
        assertEq(parameters.pausedUntil(), start + TERM, "to the end of its term");
        vm.roll(start + TERM);
        assertTrue(isPaused(), "its last block");
        pause(0);
        assertTrue(!isPaused(), "and it still ends pauses");
        vm.roll(start + TERM + 1);
        vm.expectRevert(abi.encodeWithSelector(IParameters.GuardianExpired.selector, start + TERM));
        pause(1);
        vm.expectRevert(abi.encodeWithSelector(IParameters.GuardianExpired.selector, start + TERM));
        pause(0);
        assertTrue(!isPaused(), "nobody pauses any more");
    }

    function test_row21_pause_lastBlockOfTheTermTakesOne() public {
        vm.roll(start + TERM);
        vm.expectRevert(outOfBounds("pause", 2, 0, 1));
        pause(2);
        pause(1);
        assertTrue(isPaused(), "this block");
        mine(1);
        assertTrue(!isPaused(), "no other");
    }

    function test_row21_pause_lengthAndReturn() public {
        vm.expectRevert(outOfBounds("pause", 50_401, 0, 50_400));
        pause(50_401);
        uint256[3] memory lengths = [uint256(1), 2, 50_400];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 from = height();
            uint256 n = lengths[i];
            vm.expectEmit(address(parameters));
            emit NewJobsPausedUntil(from + n - 1);
            pause(n);
            assertTrue(isPaused(), "from this block");
            vm.roll(from + n - 1);
            assertTrue(isPaused(), "to its last");
            vm.roll(from + n);
            assertTrue(!isPaused(), "and no further");
            vm.roll(from + 2 * n - 1);
            vm.expectRevert(abi.encodeWithSelector(IParameters.PauseTooSoon.selector, from + 2 * n));
            pause(1);
            vm.roll(from + 2 * n);
        }
        pause(1);
    }

    function test_pause_cannotBeExtended() public {
        pause(10);
        mine(5);
        vm.expectRevert(abi.encodeWithSelector(IParameters.PauseTooSoon.selector, start + 20));
        pause(10);
    }

    function test_row21_pause_endedEarly() public {
        pause(100);
        vm.roll(start + 4);
        vm.expectEmit(address(parameters));
        emit NewJobsPausedUntil(start + 3);
        pause(0);
        assertTrue(!isPaused(), "open at once");
        // Blocks start to start + 4 were touched, start + 5 to start + 9 are open.
        assertEq(parameters.nextPause(), start + 10, "as many open");
        vm.roll(start + 9);
        vm.expectRevert(abi.encodeWithSelector(IParameters.PauseTooSoon.selector, start + 10));
        pause(1);
        vm.roll(start + 10);
        pause(1);
        pause(0);
        assertTrue(!isPaused(), "in its first block");
        assertEq(parameters.nextPause(), start + 12, "one touched, one open");
        uint256 before = parameters.pausedUntil();
        mine(7);
        vm.recordLogs();
        pause(0);
        assertEq(vm.getRecordedLogs().length, 0, "no event");
        assertEq(parameters.pausedUntil(), before, "no pause to end");
        assertEq(parameters.nextPause(), start + 12, "nothing changes");
    }

    function testFuzz_pause_touchesAtMostEveryOtherBlock(uint256 seed) public {
        uint256 touched;
        uint256 total = 150;
        uint256 calls;
        for (uint256 i = 0; i < total; ++i) {
            bool hit = isPaused();
            for (uint256 j = 0; j < 3; ++j) {
                seed = uint256(keccak256(abi.encode(seed)));
                vm.prank(GUARDIAN);
                (bool success,) = address(parameters).call(abi.encodeCall(parameters.pauseNewJobs, (seed % 3 == 0 ? 0 : (seed >> 8) % 12)));
                if (success) ++calls;
                hit = hit || isPaused();
            }
            if (hit) ++touched;
            mine(1);
        }
        // A pause that has begun at the end is not repaid yet.
        assertAtMost(touched, total / 2 + 12, "touched blocks");
        assertTrue(touched > 20 && calls > 40, "it tried");
    }
}
