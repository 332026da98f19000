// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Modules, Wired} from "./Modules.sol";
import {IParameters} from "./interfaces/IParameters.sol";

/// @title Governed parameters, each within bounds in code, and the guardian's pause
contract Parameters is IParameters, Wired {
    uint256 public constant LOWEST_GAS_PRICE = 1e9;
    uint256 public constant HIGHEST_GAS_PRICE = 1e16;
    uint256 public constant HIGHEST_EMISSION_BPS = 5_000;
    /// @notice Gas of the dearest settlement, rounded up.
    uint256 public constant SETTLE_GAS = 5_000_000;
    /// @notice A week of 12-second blocks.
    uint256 public constant MAX_PAUSE_BLOCKS = 50_400;
    /// @notice A year of 12-second blocks.
    uint256 public constant MAX_GUARDIAN_BLOCKS = 2_628_000;

    address public immutable timelock;
    address public immutable guardian;
    /// @notice Last block in which the guardian can do anything, and the last that it can pause.
    uint256 public immutable guardianExpiry;

    /// @inheritdoc IParameters
    uint256 public gasPrice = 15e9;
    /// @inheritdoc IParameters
    uint256 public emissionBps = 2_500;
    /// @inheritdoc IParameters
    uint256 public pausedUntil;
    /// @notice First block in which the guardian may pause again.
    uint256 public nextPause;
    uint256 private _pausedFrom;

    constructor(Modules memory modules, address timelock_, address guardian_, uint64 guardianTermBlocks) Wired(modules) {
        _requireWithin("guardianTermBlocks", guardianTermBlocks, 0, MAX_GUARDIAN_BLOCKS);
        (timelock, guardian, guardianExpiry) = (timelock_, guardian_, block.number + guardianTermBlocks);
        emit GasPriceSet(gasPrice);
        emit EmissionBpsSet(emissionBps);
    }

    modifier onlyTimelock() {
        if (msg.sender != timelock) revert NotGovernor(msg.sender);
        _;
    }

    /// @inheritdoc IParameters
    function setGasPrice(uint256 weiOfAssayPerGas) external onlyTimelock {
        _requireWithin("gasPrice", weiOfAssayPerGas, LOWEST_GAS_PRICE, HIGHEST_GAS_PRICE);
        gasPrice = weiOfAssayPerGas;
        emit GasPriceSet(weiOfAssayPerGas);
    }

    /// @inheritdoc IParameters
    function setEmissionBps(uint256 bps) external onlyTimelock {
        _requireWithin("emissionBps", bps, 0, HIGHEST_EMISSION_BPS);
        emissionBps = bps;
        emit EmissionBpsSet(bps);
    }

    /// @inheritdoc IParameters
    function pauseNewJobs(uint256 blocks_) external {
        if (msg.sender != guardian) revert NotGuardian(msg.sender);
        if (block.number > guardianExpiry) revert GuardianExpired(guardianExpiry);
        if (blocks_ == 0) return _endPause();
        if (block.number < nextPause) revert PauseTooSoon(nextPause);
        _requireWithin("pause", blocks_, 0, Math.min(MAX_PAUSE_BLOCKS, guardianExpiry + 1 - block.number));
        _pausedFrom = block.number;
        pausedUntil = block.number + blocks_ - 1;
        nextPause = block.number + 2 * blocks_;
        emit NewJobsPausedUntil(pausedUntil);
    }

    /// @inheritdoc IParameters
    function bondFloor() external view returns (uint256) {
        return Math.ceilDiv(4 * SETTLE_GAS * gasPrice * 10, 3);
    }

    /// @dev This block counts as paused, since a part of it was: pausing and ending in every block would otherwise be a pause for ever.
    function _endPause() private {
        if (block.number > pausedUntil) return;
        pausedUntil = block.number - 1;
        nextPause = 2 * (block.number + 1) - _pausedFrom;
        emit NewJobsPausedUntil(pausedUntil);
    }

    function _requireWithin(string memory parameter, uint256 given, uint256 lowest, uint256 highest) private pure {
        if (given < lowest || given > highest) revert OutOfBounds(parameter, given, lowest, highest);
    }
}
