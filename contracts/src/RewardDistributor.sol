// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IRewardDistributor} from "./interfaces/IRewardDistributor.sol";

/// @title Vault of the escrows and of everything that is owed
contract RewardDistributor is IRewardDistributor, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct Liabilities {
        uint256 escrowed;
        uint256 owed;
    }

    address public immutable jobManager;
    address public immutable stakeManager;

    mapping(address token => Liabilities) private _liabilities;
    mapping(address token => mapping(address account => uint256)) private _claimable;

    constructor(address jobManager_, address stakeManager_) {
        jobManager = jobManager_;
        stakeManager = stakeManager_;
    }

    /// @inheritdoc IRewardDistributor
    function receiveEscrow(address token, uint256 amount) external {
        if (msg.sender != jobManager) revert NotAllowed(msg.sender);
        _liabilities[token].escrowed += amount;
        emit EscrowReceived(token, amount);
        _requireBacked(token);
    }

    /// @inheritdoc IRewardDistributor
    function creditFromEscrow(address token, address account, uint256 amount) external {
        if (msg.sender != jobManager) revert NotAllowed(msg.sender);
        _liabilities[token].escrowed -= amount;
        _credit(token, account, amount);
    }

    /// @inheritdoc IRewardDistributor
    function creditTransferred(address token, address account, uint256 amount) external {
        if (msg.sender != stakeManager) revert NotAllowed(msg.sender);
        _credit(token, account, amount);
        _requireBacked(token);
    }

    /// @inheritdoc IRewardDistributor
    function claim(address token, address account) external nonReentrant returns (uint256 amount) {
        amount = _claimable[token][account];
        if (amount == 0) revert NothingToClaim(token, account);
        _claimable[token][account] = 0;
        _liabilities[token].owed -= amount;
        emit Claimed(token, account, amount);
        IERC20(token).safeTransfer(account, amount);
    }

    /// @inheritdoc IRewardDistributor
    function claimable(address token, address account) external view returns (uint256) {
        return _claimable[token][account];
    }

    /// @inheritdoc IRewardDistributor
    function liabilities(address token) external view returns (uint256 escrowed, uint256 owed) {
        Liabilities storage stored = _liabilities[token];
        return (stored.escrowed, stored.owed);
    }

    function _credit(address token, address account, uint256 amount) private {
        _liabilities[token].owed += amount;
        _claimable[token][account] += amount;
        emit Credited(token, account, amount);
    }

    function _requireBacked(address token) private view {
        Liabilities storage stored = _liabilities[token];
        uint256 total = stored.escrowed + stored.owed;
        uint256 balance = IERC20(token).balanceOf(address(this));
        if (total > balance) revert Unbacked(token, total, balance);
    }
}
