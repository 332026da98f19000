// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Modules, Wired} from "./Modules.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IReputationRegistry} from "./interfaces/IReputationRegistry.sol";
import {IRewardDistributor} from "./interfaces/IRewardDistributor.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IValidatorManager} from "./interfaces/IValidatorManager.sol";

/// @title Stake of operators
contract StakeManager is IStakeManager, Wired {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @param active, unbonding before `slashed`, what was slashed since the operator last moved stake, is spread over them; `slashed` is
    /// at most their sum
    /// @param debt of slashes that found too little, not collected yet
    struct Account {
        uint128 active;
        uint128 unbonding;
        uint128 slashed;
        uint128 locked;
        uint64 releaseBlock;
        uint64 jailedUntil;
        uint128 debt;
    }

    uint256 public constant FINDER_PERCENT = 30;
    uint256 public constant HARMED_PERCENT = 20;
    /// @notice Active stake that an operator needs to leave jail.
    uint256 public constant MIN_RETURN_STAKE = 1e18;
    /// @notice Bounds of the unbonding time, in blocks.
    uint64 public constant MIN_UNBONDING_BLOCKS = 64;
    uint64 public constant MAX_UNBONDING_BLOCKS = 2_628_000;

    IERC20 public immutable token;
    INodeRegistry public immutable nodeRegistry;
    IRewardDistributor public immutable rewardDistributor;
    IReputationRegistry public immutable reputationRegistry;
    address public immutable windowManager;
    address public immutable challengeManager;
    IValidatorManager public immutable validatorManager;
    /// @inheritdoc IStakeManager
    uint64 public immutable unbondingBlocks;

    /// @inheritdoc IStakeManager
    uint256 public totalStake;
    mapping(address operator => Account) private _accounts;

    constructor(Modules memory modules, uint64 unbondingBlocks_) Wired(modules) {
        if (unbondingBlocks_ < MIN_UNBONDING_BLOCKS || unbondingBlocks_ > MAX_UNBONDING_BLOCKS) {
            revert UnbondingBlocksOutOfRange(unbondingBlocks_, MIN_UNBONDING_BLOCKS, MAX_UNBONDING_BLOCKS);
        }
        token = IERC20(modules.token);
        nodeRegistry = INodeRegistry(modules.nodeRegistry);
        rewardDistributor = IRewardDistributor(modules.rewardDistributor);
        reputationRegistry = IReputationRegistry(modules.reputationRegistry);
        windowManager = modules.windowManager;
        challengeManager = modules.challengeManager;
        validatorManager = IValidatorManager(modules.validatorManager);
        unbondingBlocks = unbondingBlocks_;
    }

    /// @dev Those whose bonds lock stake.
    modifier onlyBondTakers() {
        if (msg.sender != windowManager && msg.sender != address(validatorManager)) revert NotAllowed(msg.sender);
        _;
    }

    /// @inheritdoc IStakeManager
    function stake(uint256 amount) external {
        _stake(amount);
    }

    /// @inheritdoc IStakeManager
    function stakeWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        // Whoever saw the permit may have used it first: then the allowance is there already, and the transfer decides.
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _stake(amount);
    }

    /// @inheritdoc IStakeManager
    function unbond(uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        Account storage account = _applySlashes(msg.sender);
        uint256 free = _free(account.active, account);
        if (amount > free) revert StakeTooSmall(msg.sender, free, amount);
        uint64 releaseBlock = uint64(block.number) + unbondingBlocks;
        // amount <= free <= active, which fits.
        account.active -= uint128(amount);
        account.unbonding += uint128(amount);
        account.releaseBlock = releaseBlock;
        emit UnbondingStarted(msg.sender, amount, releaseBlock);
        _tellWeight(msg.sender);
    }

    /// @inheritdoc IStakeManager
    function rebond(uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        Account storage account = _applySlashes(msg.sender);
        if (amount > account.unbonding) revert StakeTooSmall(msg.sender, account.unbonding, amount);
        account.unbonding -= uint128(amount);
        account.active += uint128(amount);
        emit Rebonded(msg.sender, amount);
        _tellWeight(msg.sender);
    }

    /// @inheritdoc IStakeManager
    function withdraw() external returns (uint256 amount) {
        Account storage account = _applySlashes(msg.sender);
        amount = account.unbonding;
        if (amount == 0) revert ZeroAmount();
        if (account.debt != 0) revert StillOwing(msg.sender, account.debt);
        if (block.number < account.releaseBlock) revert StillUnbonding(msg.sender, account.releaseBlock);
        account.unbonding = 0;
        totalStake -= amount;
        emit Withdrawn(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IStakeManager
    function unjail() external {
        Account storage account = _accounts[msg.sender];
        uint64 untilBlock = account.jailedUntil;
        if (untilBlock == 0) revert NotJailed(msg.sender);
        if (block.number < untilBlock) revert StillJailed(msg.sender, untilBlock);
        uint256 active = Math.saturatingSub(stakeOf(msg.sender).active, account.debt);
        if (active < MIN_RETURN_STAKE) revert StakeTooSmall(msg.sender, active, MIN_RETURN_STAKE);
        account.jailedUntil = 0;
        emit OperatorReturned(msg.sender);
        _tellWeight(msg.sender);
    }

    /// @inheritdoc IStakeManager
    function lock(address operator, uint256 amount) external onlyBondTakers {
        uint256 free = freeStake(operator);
        if (amount > free) revert StakeTooSmall(operator, free, amount);
        // amount <= free < 2^128, and locked + free is at most the active stake.
        _accounts[operator].locked += uint128(amount);
        emit BondLocked(operator, amount);
    }

    /// @inheritdoc IStakeManager
    function unlock(address operator, uint256 amount) external onlyBondTakers {
        _accounts[operator].locked -= amount.toUint128();
        emit BondUnlocked(operator, amount);
    }

    /// @inheritdoc IStakeManager
    function penalise(address operator, uint256 amount) external only(windowManager) returns (uint256 burned) {
        burned = _take(operator, amount);
        emit Penalised(operator, burned);
        _tellWeight(operator);
        ERC20Burnable(address(token)).burn(burned);
    }

    /// @inheritdoc IStakeManager
    function slash(address operator, uint256 amount, address finder, address[] calldata harmed) external returns (uint256 slashed) {
        if (msg.sender != windowManager && msg.sender != challengeManager && msg.sender != address(validatorManager)) {
            revert NotAllowed(msg.sender);
        }
        slashed = _take(operator, amount);
        // A bond, of which there are as many as leases: all together far below 2^128.
        _accounts[operator].debt += (amount - slashed).toUint128();
        _jail(operator);
        _divide(operator, slashed, finder, harmed);
    }

    /// @inheritdoc IStakeManager
    function collect(address operator, uint256 amount, address finder, address[] calldata harmed)
        external
        only(challengeManager)
        returns (uint256 collected)
    {
        collected = _take(operator, amount);
        _accounts[operator].debt -= collected.toUint128();
        _tellWeight(operator);
        _divide(operator, collected, finder, harmed);
    }

    /// @inheritdoc IStakeManager
    function stakeOf(address operator) public view returns (Stake memory) {
        Account storage account = _accounts[operator];
        (uint128 active, uint128 unbonding) = _spread(account);
        return Stake(active, account.locked, unbonding, account.releaseBlock, account.jailedUntil, account.debt);
    }

    /// @inheritdoc IStakeManager
    function freeStake(address operator) public view returns (uint256) {
        Account storage account = _accounts[operator];
        (uint128 active,) = _spread(account);
        return _free(active, account);
    }

    /// @inheritdoc IStakeManager
    function isJailed(address operator) external view returns (bool) {
        return _accounts[operator].jailedUntil != 0;
    }

    /// @inheritdoc IStakeManager
    function jailBlocks() public view returns (uint64) {
        return unbondingBlocks / 4;
    }

    function _stake(uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        Account storage account = _applySlashes(msg.sender);
        account.active += amount.toUint128();
        totalStake += amount;
        emit Staked(msg.sender, amount);
        _tellWeight(msg.sender);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// Takes up to `amount` of what the operator still has; which of its parts loses it is decided when it next moves stake.
    function _take(address operator, uint256 amount) private returns (uint256 taken) {
        Account storage account = _accounts[operator];
        uint256 left = uint256(account.active) + account.unbonding - account.slashed;
        // What other bonds hold stays behind what they stand for: nobody is emptied by one fault before another is shown.
        taken = Math.min(amount, left - Math.min(left, account.locked));
        // All stake together is below the token's supply, so it fits.
        account.slashed += uint128(taken);
        totalStake -= taken;
    }

    function _jail(address operator) private {
        uint64 untilBlock = uint64(block.number) + jailBlocks();
        _accounts[operator].jailedUntil = untilBlock;
        emit OperatorJailed(operator, untilBlock);
        _tellWeight(operator);
        reputationRegistry.lose(operator);
    }

    /// To the finder, if it is somebody else, the harmed and nobody.
    function _divide(address operator, uint256 taken, address finder, address[] calldata harmed) private {
        bool self = finder == address(0) || finder == operator || nodeRegistry.ownerOf(finder) == operator;
        if (self) finder = address(0);
        uint256 finderPart = self ? 0 : (taken * FINDER_PERCENT) / 100;
        uint256 harmedPart = (taken * HARMED_PERCENT) / 100;
        uint256 burned = taken - finderPart - harmedPart;
        emit Slashed(operator, finder, finderPart, harmedPart, burned);
        if (finderPart + harmedPart > 0) token.safeTransfer(address(rewardDistributor), finderPart + harmedPart);
        _credit(finder, finderPart);
        uint256 share = harmedPart / harmed.length;
        _credit(harmed[0], harmedPart - share * (harmed.length - 1));
        for (uint256 i = 1; i < harmed.length; ++i) _credit(harmed[i], share);
        ERC20Burnable(address(token)).burn(burned);
    }

    function _credit(address account, uint256 amount) private {
        if (amount > 0) rewardDistributor.creditTransferred(address(token), account, amount);
    }

    function _applySlashes(address operator) private returns (Account storage account) {
        account = _accounts[operator];
        if (account.slashed == 0) return account;
        (account.active, account.unbonding) = _spread(account);
        account.slashed = 0;
    }

    function _tellWeight(address operator) private {
        Account storage account = _accounts[operator];
        (uint128 active,) = _spread(account);
        validatorManager.stakeChanged(operator, account.jailedUntil == 0 ? active : 0);
    }

    /// Both parts after the slashes, in proportion; what does not divide is taken from the active one.
    function _spread(Account storage account) private view returns (uint128 active, uint128 unbonding) {
        (active, unbonding) = (account.active, account.unbonding);
        uint256 slashed = account.slashed;
        if (slashed == 0) return (active, unbonding);
        uint256 fromUnbonding = (slashed * unbonding) / (uint256(active) + unbonding);
        // slashed <= active + unbonding: so fromUnbonding <= unbonding, and the rest, slashed * active / (active + unbonding) rounded up,
        // is at most active.
        unbonding -= uint128(fromUnbonding);
        active -= uint128(slashed - fromUnbonding);
        // Bonds hold active stake: where the slashes cut into them, what unbonds makes up for it.
        uint256 locked = account.locked;
        if (active >= locked) return (active, unbonding);
        uint128 moved = uint128(Math.min(locked - active, unbonding));
        active += moved;
        unbonding -= moved;
    }

    /// What neither bonds nor debts claim of the active stake.
    function _free(uint256 active, Account storage account) private view returns (uint256) {
        return Math.saturatingSub(active, uint256(account.locked) + account.debt);
    }
}
