// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Modules, Wired} from "./Modules.sol";
import {IRewardDistributor} from "./interfaces/IRewardDistributor.sol";

/// @title Vault of the escrows and of everything that is owed
contract RewardDistributor is IRewardDistributor, ReentrancyGuardTransient, Wired {
    using SafeERC20 for IERC20;

    struct Liabilities {
        uint256 escrowed;
        uint256 owed;
    }

    /// @notice How many claims one `claimMany` takes.
    uint256 public constant MAX_CLAIMS = 64;
    /// @notice Gas that each claim of a batch gets; `claim` itself has no such limit. A batch of the greatest length fits into a
    /// transaction even where every token burns all of it.
    uint256 public constant CLAIM_GAS = 200_000;
    /// @notice Left for the batch beside a claim: the call, and the record of what failed.
    uint256 public constant CLAIM_GAS_RESERVE = 20_000;
    /// @dev Bytes of a failed claim's reason that are recorded. The rest is left where it is: a token chooses how long it is.
    uint256 private constant REASON_BYTES = 256;

    address public immutable token;
    address public immutable jobManager;
    address public immutable stakeManager;

    /// @inheritdoc IRewardDistributor
    mapping(uint256 jobId => mapping(address token => uint256)) public escrowOf;
    /// @inheritdoc IRewardDistributor
    mapping(address token => mapping(address account => uint256)) public claimable;
    /// @inheritdoc IRewardDistributor
    mapping(address token => Liabilities) public liabilities;

    constructor(Modules memory modules) Wired(modules) {
        token = modules.token;
        jobManager = modules.jobManager;
        stakeManager = modules.stakeManager;
    }

    /// @inheritdoc IRewardDistributor
    /// @dev Not in the middle of a claim, when a token's balances may say anything.
    function receiveEscrow(uint256 jobId, address token_, uint256 amount) external only(jobManager) nonReentrant {
        escrowOf[jobId][token_] += amount;
        liabilities[token_].escrowed += amount;
        emit EscrowReceived(jobId, token_, amount);
        _requireBacked(token_);
    }

    /// @inheritdoc IRewardDistributor
    function creditFromEscrow(uint256 jobId, address token_, address account, uint256 amount) external only(jobManager) {
        _takeEscrow(jobId, token_, amount);
        _credit(token_, account, amount);
    }

    /// @inheritdoc IRewardDistributor
    function burnFromEscrow(uint256 jobId, uint256 amount) external only(jobManager) {
        _takeEscrow(jobId, token, amount);
        emit EscrowBurned(jobId, amount);
        ERC20Burnable(token).burn(amount);
    }

    /// @inheritdoc IRewardDistributor
    function creditTransferred(address token_, address account, uint256 amount) external only(stakeManager) {
        _credit(token_, account, amount);
        _requireBacked(token_);
    }

    /// @inheritdoc IRewardDistributor
    function claim(address token_, address account) external returns (uint256 paid) {
        return _claim(msg.sender, token_, account);
    }

    /// @inheritdoc IRewardDistributor
    function claimMany(address[] calldata tokens, address[] calldata accounts) external returns (uint256 succeeded) {
        if (tokens.length != accounts.length) revert LengthMismatch(tokens.length, accounts.length);
        if (tokens.length > MAX_CLAIMS) revert TooManyClaims(tokens.length, MAX_CLAIMS);
        for (uint256 i = 0; i < tokens.length; ++i) {
            (bool success, bytes memory reason) = _tryClaim(tokens[i], accounts[i]);
            if (success) ++succeeded;
            else emit ClaimFailed(tokens[i], accounts[i], reason);
        }
    }

    /// @notice One claim of a batch, in a call of its own so that its failure undoes nothing else. This contract only.
    function claimFor(address sender, address token_, address account) external only(address(this)) {
        _claim(sender, token_, account);
    }

    function _claim(address sender, address token_, address account) private nonReentrant returns (uint256 paid) {
        uint256 owed = claimable[token_][account];
        if (owed == 0) revert NothingToClaim(token_, account);
        paid = _shareOf(token_, owed);
        // Who is cut says so itself: nobody else can choose the moment when a token has shrunk. A cut to nothing is nobody's wish.
        if (paid < owed && (paid == 0 || sender != account)) revert Unbacked(token_, _total(token_), _balance(token_));
        claimable[token_][account] = 0;
        liabilities[token_].owed -= owed;
        emit Claimed(token_, account, owed, paid);
        IERC20(token_).safeTransfer(account, paid);
    }

    /// @dev Never reverts but for want of gas: with the full cap behind it, a claim's failure is its token's.
    function _tryClaim(address token_, address account) private returns (bool success, bytes memory reason) {
        bytes memory data = abi.encodeCall(this.claimFor, (msg.sender, token_, account));
        uint256 cap = CLAIM_GAS;
        // The EVM withholds 1/64 and would silently forward less than asked for.
        uint256 needed = (cap * 64) / 63 + CLAIM_GAS_RESERVE;
        uint256 available = gasleft();
        if (available < needed) revert InsufficientGas(available, needed);
        uint256 most = REASON_BYTES;
        assembly ("memory-safe") {
            // In assembly since Solidity would copy all of the reason, at this contract's cost.
            success := call(cap, address(), 0, add(data, 32), mload(data), 0, 0)
            let size := returndatasize()
            if gt(size, most) { size := most }
            if success { size := 0 }
            reason := mload(0x40)
            mstore(reason, size)
            returndatacopy(add(reason, 32), 0, size)
            mstore(0x40, add(reason, and(add(size, 63), not(31))))
        }
    }

    function _takeEscrow(uint256 jobId, address token_, uint256 amount) private {
        uint256 escrow = escrowOf[jobId][token_];
        if (escrow < amount) revert EscrowTooSmall(jobId, token_, escrow, amount);
        escrowOf[jobId][token_] = escrow - amount;
        liabilities[token_].escrowed -= amount;
    }

    function _credit(address token_, address account, uint256 amount) private {
        liabilities[token_].owed += amount;
        claimable[token_][account] += amount;
        emit Credited(token_, account, amount);
    }

    /// @dev All of it as long as the balance covers every escrow and claim; else its part of the balance, rounded down, so that what is
    /// left covers the others in the same proportion or better.
    function _shareOf(address token_, uint256 owed) private view returns (uint256) {
        uint256 total = _total(token_);
        uint256 balance = _balance(token_);
        return balance < total ? Math.mulDiv(owed, balance, total) : owed;
    }

    function _requireBacked(address token_) private view {
        uint256 total = _total(token_);
        uint256 balance = _balance(token_);
        if (total > balance) revert Unbacked(token_, total, balance);
    }

    function _total(address token_) private view returns (uint256) {
        Liabilities storage stored = liabilities[token_];
        return stored.escrowed + stored.owed;
    }

    function _balance(address token_) private view returns (uint256) {
        return IERC20(token_).balanceOf(address(this));
    }
}
