// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {AssayToken} from "./AssayToken.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IRewardDistributor} from "./interfaces/IRewardDistributor.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";

/// @title Stake of operators
contract StakeManager is IStakeManager {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    uint256 public constant FINDER_PERCENT = 30;
    uint256 public constant HARMED_PERCENT = 20;
    /// @notice Bounds of the unbonding period, in blocks.
    uint64 public constant MIN_UNBONDING_BLOCKS = 64;
    uint64 public constant MAX_UNBONDING_BLOCKS = 2_628_000;

    AssayToken public immutable token;
    INodeRegistry public immutable nodeRegistry;
    IRewardDistributor public immutable rewardDistributor;
    address public immutable jobManager;
    address public immutable challengeManager;
    /// @inheritdoc IStakeManager
    uint64 public immutable unbondingBlocks;

    /// @inheritdoc IStakeManager
    uint256 public totalStake;
    mapping(address operator => Stake) private _stakes;

    constructor(
        AssayToken token_,
        INodeRegistry nodeRegistry_,
        IRewardDistributor rewardDistributor_,
        address jobManager_,
        address challengeManager_,
        uint64 unbondingBlocks_
    ) {
        if (unbondingBlocks_ < MIN_UNBONDING_BLOCKS || unbondingBlocks_ > MAX_UNBONDING_BLOCKS) {
            revert UnbondingBlocksOutOfRange(unbondingBlocks_, MIN_UNBONDING_BLOCKS, MAX_UNBONDING_BLOCKS);
        }
        token = token_;
        nodeRegistry = nodeRegistry_;
        rewardDistributor = rewardDistributor_;
        jobManager = jobManager_;
        challengeManager = challengeManager_;
        unbondingBlocks = unbondingBlocks_;
    }

    modifier only(address allowed) {
        if (msg.sender != allowed) revert NotAllowed(msg.sender);
        _;
    }

    /// @inheritdoc IStakeManager
    function stake(uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        _stakes[msg.sender].active += amount.toUint128();
        totalStake += amount;
        emit Staked(msg.sender, amount);
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IStakeManager
    function unbond(uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        uint256 free = freeStake(msg.sender);
        if (amount > free) revert StakeTooSmall(msg.sender, free, amount);
        Stake storage stored = _stakes[msg.sender];
        uint64 releaseBlock = uint64(block.number) + unbondingBlocks;
        stored.active -= uint128(amount);
        stored.unbonding += uint128(amount);
        stored.releaseBlock = releaseBlock;
        emit UnbondingStarted(msg.sender, amount, releaseBlock);
    }

    /// @inheritdoc IStakeManager
    function withdraw() external returns (uint256 amount) {
        Stake storage stored = _stakes[msg.sender];
        amount = stored.unbonding;
        if (amount == 0) revert ZeroAmount();
        if (block.number < stored.releaseBlock) revert StillUnbonding(msg.sender, stored.releaseBlock);
        stored.unbonding = 0;
        totalStake -= amount;
        emit Withdrawn(msg.sender, amount);
        IERC20(token).safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IStakeManager
    function lock(address operator, uint256 amount) external only(jobManager) {
        uint256 free = freeStake(operator);
        if (amount > free) revert StakeTooSmall(operator, free, amount);
        _stakes[operator].locked += uint128(amount);
        emit BondLocked(operator, amount);
    }

    /// @inheritdoc IStakeManager
    function unlock(address operator, uint256 amount) external only(jobManager) {
        _stakes[operator].locked -= amount.toUint128();
        emit BondUnlocked(operator, amount);
    }

    /// @inheritdoc IStakeManager
    function penalise(address operator, uint256 amount) external only(jobManager) returns (uint256 burned) {
        burned = _take(operator, amount);
        emit Penalised(operator, burned);
        if (burned > 0) token.burn(burned);
    }

    /// @inheritdoc IStakeManager
    function slash(address operator, uint256 amount, address finder, address harmed)
        external
        only(challengeManager)
        returns (uint256 slashed)
    {
        slashed = _take(operator, amount);
        bool self = finder == operator || nodeRegistry.ownerOf(finder) == operator;
        uint256 finderPart = self ? 0 : (slashed * FINDER_PERCENT) / 100;
        uint256 harmedPart = (slashed * HARMED_PERCENT) / 100;
        uint256 burned = slashed - finderPart - harmedPart;
        emit Slashed(operator, finder, harmed, finderPart, harmedPart, burned);
        _pay(finder, finderPart);
        _pay(harmed, harmedPart);
        if (burned > 0) token.burn(burned);
    }

    /// @inheritdoc IStakeManager
    function stakeOf(address operator) external view returns (Stake memory) {
        return _stakes[operator];
    }

    /// @inheritdoc IStakeManager
    function freeStake(address operator) public view returns (uint256) {
        Stake storage stored = _stakes[operator];
        return stored.active > stored.locked ? stored.active - stored.locked : 0;
    }

    /// Takes up to `amount` from active and unbonding stake in proportion; the unbonding part is rounded down.
    function _take(address operator, uint256 amount) private returns (uint256 taken) {
        Stake storage stored = _stakes[operator];
        uint256 total = uint256(stored.active) + stored.unbonding;
        taken = amount < total ? amount : total;
        if (taken == 0) return 0;
        uint256 fromUnbonding = (taken * stored.unbonding) / total;
        // taken <= total, so neither part exceeds its source.
        stored.unbonding -= uint128(fromUnbonding);
        stored.active -= uint128(taken - fromUnbonding);
        totalStake -= taken;
    }

    function _pay(address account, uint256 amount) private {
        if (amount == 0) return;
        IERC20(token).safeTransfer(address(rewardDistributor), amount);
        rewardDistributor.creditTransferred(address(token), account, amount);
    }
}
