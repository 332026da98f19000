// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Modules, Wired} from "./Modules.sol";
import {IReputationRegistry} from "./interfaces/IReputationRegistry.sol";

/// @title Reputation of operators
contract ReputationRegistry is IReputationRegistry, Wired {
    /// @dev Burned fees alone add to a score, and less than 2^90 can ever be burned.
    struct Score {
        uint192 value;
        uint64 since;
    }

    /// @notice 30 days of 12-second blocks.
    uint256 public constant HALF_LIFE = 216_000;
    /// @notice The score that gives half of the greatest influence: 100 ASSAY of fees.
    uint256 public constant SCALE = 100e18;

    address public immutable jobManager;
    address public immutable stakeManager;

    mapping(address operator => Score) private _scores;

    constructor(Modules memory modules) Wired(modules) {
        (jobManager, stakeManager) = (modules.jobManager, modules.stakeManager);
    }

    /// @inheritdoc IReputationRegistry
    function gain(address operator, uint256 fee) external only(jobManager) {
        // Nothing gained must not move the block that decay counts from.
        if (fee == 0) return;
        uint256 score = scoreOf(operator) + fee;
        _scores[operator] = Score(uint192(score), uint64(block.number));
        emit ReputationGained(operator, fee, score);
    }

    /// @inheritdoc IReputationRegistry
    function lose(address operator) external only(stakeManager) {
        uint256 score = scoreOf(operator);
        delete _scores[operator];
        emit ReputationLost(operator, score);
    }

    /// @inheritdoc IReputationRegistry
    function factorOf(address operator) external view returns (uint256) {
        uint256 score = scoreOf(operator);
        return 10_000 + 5_000 * score / (score + SCALE);
    }

    /// @inheritdoc IReputationRegistry
    function scoreOf(address operator) public view returns (uint256 score) {
        Score memory stored = _scores[operator];
        uint256 age = block.number - stored.since;
        uint256 halvings = age / HALF_LIFE;
        if (halvings >= 128) return 0;
        score = uint256(stored.value) >> halvings;
        score -= score * (age % HALF_LIFE) / (2 * HALF_LIFE);
    }
}
