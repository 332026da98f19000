// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title How much ASSAY there can be
/// @notice src/protocol/supply.ts is the same in TypeScript; docs/explain/economics.md says why these numbers.
library Supply {
    /// @notice In units of 1e-18 ASSAY.
    uint256 internal constant MAX_SUPPLY = 1_000_000_000e18;
    /// @notice A day of 12-second blocks.
    uint256 internal constant EPOCH_BLOCKS = 7_200;
    /// @notice What one of the first epochs may mint.
    uint256 internal constant FIRST_BUDGET = 250_000e18;
    /// @notice Epochs between halvings: a year.
    uint256 internal constant HALVING_EPOCHS = 365;
    /// @notice What may exist at first: all budgets together are less than 2 * FIRST_BUDGET * HALVING_EPOCHS.
    uint256 internal constant MAX_INITIAL = MAX_SUPPLY - 2 * FIRST_BUDGET * HALVING_EPOCHS;

    /// @notice What the epoch may mint: nothing once all its bits are shifted out.
    function budgetOf(uint256 epoch) internal pure returns (uint256) {
        return FIRST_BUDGET >> (epoch / HALVING_EPOCHS);
    }
}
