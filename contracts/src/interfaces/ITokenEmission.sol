// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Emission of ASSAY
/// @notice Epoch e, EPOCH_BLOCKS long and counted from deployment, may mint FIRST_BUDGET >> (e / HALVING_EPOCHS); what it does not mint is lost. A final
/// unit mints floor(fee burned * emissionBps / 10,000) to its worker, as far as the epoch's budget reaches: less than it burned, always. The share is the
/// one that held when the job opened.
interface ITokenEmission {
    event Emitted(address indexed operator, uint256 indexed epoch, uint256 amount);

    /// @notice Mints for a fee that was burned. JobManager only.
    /// @param emissionBps of IParameters, as the job read it when it opened
    function emitFor(address operator, uint256 feeBurned, uint256 emissionBps) external returns (uint256 minted);

    /// @notice The epoch of this block, from 0.
    function epoch() external view returns (uint256);

    /// @notice What an epoch may mint.
    function budgetOf(uint256 epoch) external pure returns (uint256);

    /// @notice What an epoch has minted.
    function mintedIn(uint256 epoch) external view returns (uint256);
}
