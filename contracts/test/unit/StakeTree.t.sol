// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StakeTree} from "../../src/libraries/StakeTree.sol";
import {TestBase} from "../utils/TestBase.sol";

/// The tree beside a list that keeps every block's weights.
contract StakeTreeTest is TestBase {
    using StakeTree for StakeTree.Tree;

    StakeTree.Tree private tree;
    StakeTree.Tree private other;

    uint256[] private weights;
    mapping(uint256 blockNumber => uint256[]) private past;
    uint256[] private blocks;

    function setUp() public {
        vm.roll(1_000);
    }

    function set(uint256 index, uint256 weight) private {
        tree.set(index, weight);
        weights[index - 1] = weight;
    }

    function add(uint256 weight) private returns (uint256 index) {
        index = tree.add();
        weights.push(0);
        assertEq(index, weights.length, "index");
        set(index, weight);
    }

    /// Ends a block: what the list is now, it was in this block.
    function seal(uint256 gap) private {
        past[height()] = weights;
        blocks.push(height());
        mine(gap);
    }

    function sumOf(uint256[] storage list) private view returns (uint256 sum) {
        for (uint256 i = 0; i < list.length; ++i) sum += list[i];
    }

    /// The index on whose weight the point falls, by walking the list.
    function walk(uint256[] storage list, uint256 point) private view returns (uint256) {
        for (uint256 i = 0; i < list.length; ++i) {
            if (point < list[i]) return i + 1;
            point -= list[i];
        }
        revert AssertionFailed("point beyond the sum", point, 0);
    }

    /// Both ends of every weight and a point inside it.
    function checkBlock(uint256 sealedBlock, uint256 lookedUp) private view {
        uint256[] storage list = past[sealedBlock];
        uint256 sum = sumOf(list);
        assertEq(tree.totalAt(lookedUp), sum, "total");
        uint256 before = 0;
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i] == 0) continue;
            assertEq(tree.indexAt(lookedUp, before), i + 1, "first point");
            assertEq(tree.indexAt(lookedUp, before + list[i] / 2), i + 1, "a point");
            before += list[i];
            assertEq(tree.indexAt(lookedUp, before - 1), i + 1, "last point");
        }
        assertEq(before, sum, "every point");
    }

    function test_empty_hasNoWeight() public {
        assertEq(tree.total(), 0, "total");
        assertEq(tree.totalAt(height()), 0, "total at");
        assertEq(tree.weightOf(1), 0, "weight");
        tree.add();
        mine(1);
        assertEq(tree.totalAt(height() - 1), 0, "an index of weight 0");
    }

    function test_add_growsWithoutMovingWhatStood() public {
        for (uint256 i = 1; i <= 40; ++i) {
            add(i * i);
            seal(i % 3);
        }
        seal(5);
        for (uint256 i = 0; i < blocks.length; ++i) checkBlock(blocks[i], blocks[i]);
        assertEq(tree.total(), sumOf(weights), "total now");
    }

    function test_set_inOneBlockTheLastCounts() public {
        add(5);
        add(7);
        set(1, 100);
        set(2, 0);
        set(1, 3);
        set(2, 4);
        seal(1);
        set(2, 9);
        seal(10);
        checkBlock(blocks[0], blocks[0]);
        checkBlock(blocks[1], blocks[1]);
        // Blocks without a change are like the last one with one.
        checkBlock(blocks[1], blocks[1] + 1);
        checkBlock(blocks[1], blocks[1] + 9);
        assertEq(tree.totalAt(999), 0, "before the first");
    }

    function test_row16_weights_fromOneWeiTo128Bits() public {
        add(type(uint128).max);
        add(1);
        add(0);
        add(type(uint128).max);
        seal(1);
        set(1, 0);
        set(4, 1);
        seal(1);
        set(2, 0);
        set(4, 0);
        seal(1);
        for (uint256 i = 0; i < 3; ++i) checkBlock(blocks[i], blocks[i]);
        assertEq(tree.totalAt(blocks[2]), 0, "nothing left");
    }

    function testFuzz_history_isThatOfAList(uint256 seed, uint8 size) public {
        uint256 count = bound(size, 1, 40);
        for (uint256 i = 0; i < 40; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            bool grows = weights.length == 0 || (weights.length < count && seed % 3 == 0);
            uint256 weight = (seed >> 8) % 5 == 0 ? 0 : (seed >> 16) % (1 << ((seed >> 80) % 100));
            if (grows) add(weight);
            else set(1 + (seed >> 200) % weights.length, weight);
            if ((seed >> 4) % 3 == 0) seal(1 + (seed >> 6) % 4);
        }
        seal(1);
        assertEq(tree.total(), sumOf(weights), "total now");
        for (uint256 i = 0; i < blocks.length; ++i) {
            checkBlock(blocks[i], blocks[i]);
            uint256 sum = tree.totalAt(blocks[i]);
            if (sum == 0) continue;
            for (uint256 k = 0; k < 5; ++k) {
                uint256 point = uint256(keccak256(abi.encode(seed, i, k))) % sum;
                assertEq(tree.indexAt(blocks[i], point), walk(past[blocks[i]], point), "a point of the list");
            }
        }
    }

    /// Whoever cuts its stake into 100 keeps the very points that it had in one piece, between the same neighbours.
    function testFuzz_row19_aWeightInHundredPieces_hasTheSamePoints(uint128 ahead, uint128 piece, uint128 behind, uint256 seed) public {
        uint256 each = bound(piece, 1, 1e30);
        tree.set(tree.add(), ahead);
        tree.set(tree.add(), 100 * each);
        tree.set(tree.add(), behind);
        other.set(other.add(), ahead);
        for (uint256 i = 0; i < 100; ++i) other.set(other.add(), each);
        other.set(other.add(), behind);
        mine(1);
        uint256 sum = tree.totalAt(height() - 1);
        assertEq(other.totalAt(height() - 1), sum, "total");
        for (uint256 i = 0; i < 20; ++i) {
            uint256 point = uint256(keccak256(abi.encode(seed, i))) % sum;
            uint256 whole = tree.indexAt(height() - 1, point);
            uint256 cut = other.indexAt(height() - 1, point);
            assertEq(cut == 1 ? 1 : cut == 102 ? 3 : 2, whole, "whose point");
        }
    }

    /// 20,000 draws among four: each within four standard deviations of its part. The same draws each time.
    function test_draws_followTheWeights() public {
        uint256[4] memory part = [uint256(1), 2, 3, 14];
        uint256[5] memory hits;
        for (uint256 i = 0; i < 4; ++i) add(part[i] * 1e18);
        seal(1);
        for (uint256 i = 0; i < 20_000; ++i) {
            hits[tree.indexAt(blocks[0], uint256(keccak256(abi.encode("draw", i))) % 20e18)] += 1;
        }
        for (uint256 i = 0; i < 4; ++i) {
            uint256 expected = part[i] * 1_000;
            uint256 off = hits[i + 1] > expected ? hits[i + 1] - expected : expected - hits[i + 1];
            // Variance n p (1 - p).
            assertAtMost(off * off, 16 * (expected * (20_000 - expected)) / 20_000, "hits");
        }
    }

    function gasOfSet(uint256 index, uint256 weight) private returns (uint256 used) {
        used = gasleft();
        tree.set(index, weight);
        used -= gasleft();
    }

    function test_cost_isTheLogarithmOfTheIndices() public {
        for (uint256 i = 0; i < 16; ++i) add(1e18);
        mine(1);
        uint256 few = gasOfSet(1, 2e18);
        for (uint256 i = 16; i < 1_024; ++i) add(1e18);
        mine(1);
        uint256 many = gasOfSet(1, 3e18);
        // Index 1 is below every root: 5 nodes of 16 indices, 11 of 1,024.
        assertAtMost(many, few * 11 / 4, "64 times the indices");
        assertTrue(many > few, "more nodes");
        uint256 used = gasleft();
        tree.indexAt(height() - 1, 500e18);
        assertAtMost(used - gasleft(), 200_000, "a draw");
    }

    function test_cost_ofALongHistory() public {
        add(1e18);
        add(1e18);
        for (uint256 i = 1; i <= 2_000; ++i) {
            mine(1);
            tree.set(1, i);
        }
        mine(1);
        uint256 used = gasleft();
        assertEq(tree.totalAt(1_500), 1e18 + 500, "long ago");
        assertAtMost(used - gasleft(), 100_000, "a look-up");
    }
}
