// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Reputation of operators
/// @notice Follows from settled facts alone: the fees burned for an operator's final units, halved every HALF_LIFE blocks, lost in a slash. Its factor
/// shortens the wait for fresh windows and lowers the stake that a lease locks, and never touches pay.
interface IReputationRegistry {
    event ReputationGained(address indexed operator, uint256 fee, uint256 score);
    event ReputationLost(address indexed operator, uint256 score);

    /// @notice Adds the fee burned for a final unit. JobManager only.
    function gain(address operator, uint256 fee) external;

    /// @notice Sets the score to 0. StakeManager only.
    function lose(address operator) external;

    /// @notice The score now, in units of 1e-18 ASSAY: s = s0 >> h, then s - s * rest / (2 * HALF_LIFE), h whole half-lives and `rest` blocks after
    /// the last gain; 0 after 128 half-lives.
    function scoreOf(address operator) external view returns (uint256);

    /// @notice 10,000 + floor(5,000 * s / (s + SCALE)): from 10,000 to 15,000, never at or above.
    function factorOf(address operator) external view returns (uint256);
}
