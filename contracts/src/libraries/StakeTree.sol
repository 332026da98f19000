// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

/// @title Weights laid end to end by index, as they were in any block
/// @notice A Fenwick tree whose nodes are checkpointed: node i sums the indices from i - lowbit(i) + 1 to i. Its capacity is a power of
/// two and doubles when an index is beyond it, so a change and a draw cost the logarithm of the indices there are. What a block looks up
/// is what stood at its end. The weights together stay below 2^208.
library StakeTree {
    using Checkpoints for Checkpoints.Trace208;

    struct Tree {
        uint256 count;
        Checkpoints.Trace208 capacities;
        mapping(uint256 node => Checkpoints.Trace208) sums;
        mapping(uint256 index => uint256) weights;
    }

    /// @notice A new index, from 1 up, of weight 0.
    function add(Tree storage tree) internal returns (uint256 index) {
        index = ++tree.count;
        uint256 capacity = tree.capacities.latest();
        if (index <= capacity) return index;
        // The new root has the old one below it, and nothing else yet.
        uint208 root = tree.sums[capacity].latest();
        capacity = capacity == 0 ? 1 : 2 * capacity;
        tree.capacities.push(_now(), uint208(capacity));
        if (root > 0) tree.sums[capacity].push(_now(), root);
    }

    /// @param index one that `add` gave
    function set(Tree storage tree, uint256 index, uint256 weight) internal {
        uint256 before = tree.weights[index];
        if (weight == before) return;
        tree.weights[index] = weight;
        uint256 capacity = tree.capacities.latest();
        for (uint256 node = index; node <= capacity; node += _lowbit(node)) {
            Checkpoints.Trace208 storage sum = tree.sums[node];
            // Every node above an index contains its weight, so nothing is taken that is not there.
            sum.push(_now(), uint208(sum.latest() + weight - before));
        }
    }

    function weightOf(Tree storage tree, uint256 index) internal view returns (uint256) {
        return tree.weights[index];
    }

    function total(Tree storage tree) internal view returns (uint256) {
        return tree.sums[tree.capacities.latest()].latest();
    }

    /// @param blockNumber one that is over
    function totalAt(Tree storage tree, uint256 blockNumber) internal view returns (uint256) {
        uint256 capacity = tree.capacities.upperLookupRecent(uint48(blockNumber));
        return tree.sums[capacity].upperLookupRecent(uint48(blockNumber));
    }

    /// @notice The index on whose weight `point` fell in that block.
    /// @param point below `totalAt` of the block
    function indexAt(Tree storage tree, uint256 blockNumber, uint256 point) internal view returns (uint256) {
        uint48 key = uint48(blockNumber);
        uint256 below = 0;
        for (uint256 step = tree.capacities.upperLookupRecent(key) / 2; step > 0; step /= 2) {
            uint256 sum = tree.sums[below + step].upperLookupRecent(key);
            if (point >= sum) {
                point -= sum;
                below += step;
            }
        }
        return below + 1;
    }

    function _lowbit(uint256 node) private pure returns (uint256) {
        return node & (~node + 1);
    }

    function _now() private view returns (uint48) {
        return uint48(block.number);
    }
}
