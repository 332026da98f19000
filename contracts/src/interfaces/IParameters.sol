// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Governed parameters, each within bounds in code, and the guardian's pause
/// @notice Jobs read them when they open and keep what they read. The timelock sets them; the guardian can do one thing, stop new jobs for a while, until
/// its term ends.
interface IParameters {
    event GasPriceSet(uint256 weiOfAssayPerGas);
    event EmissionBpsSet(uint256 bps);
    event NewJobsPausedUntil(uint256 blockNumber);

    error NotGovernor(address sender);
    error NotGuardian(address sender);
    error GuardianExpired(uint256 expiryBlock);
    error PauseTooSoon(uint256 firstBlock);
    error OutOfBounds(string parameter, uint256 given, uint256 lowest, uint256 highest);

    /// @notice Price of gas in units of 1e-18 ASSAY (1e9 to 1e16), from which the bond floor follows. Timelock only.
    function setGasPrice(uint256 weiOfAssayPerGas) external;

    /// @notice Share of a burned fee that is minted to the worker, 0 to 5,000 of 10,000. Timelock only.
    function setEmissionBps(uint256 bps) external;

    /// @notice Stops new jobs for `blocks_` (at most MAX_PAUSE_BLOCKS, and not beyond the guardian's term), this one the first; 0 ends a pause at once.
    /// Guardian only, until its term ends. A new pause must leave at least as many blocks open as the last one was long.
    function pauseNewJobs(uint256 blocks_) external;

    /// @notice Price of gas in units of 1e-18 ASSAY, from which the bond floor follows.
    function gasPrice() external view returns (uint256);

    /// @notice Share of a burned fee that jobs which open now mint to their workers, in 1/10,000.
    function emissionBps() external view returns (uint256);

    /// @notice The lowest bond: ceil(4 * SETTLE_GAS * gasPrice * 10 / 3), so that the finder's 30 % pay four settlements.
    function bondFloor() external view returns (uint256);

    /// @notice Last block of the pause; below the current one when new jobs are welcome.
    function pausedUntil() external view returns (uint256);
}
