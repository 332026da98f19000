// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Vault of the escrows and of everything that is owed
/// @notice Holds the tokens of every job. Per token: escrowed + claimable <= balance. Settlement only moves numbers here, so a hostile
/// token can spoil its own jobs' claims and nothing else.
interface IRewardDistributor {
    event EscrowReceived(address indexed token, uint256 amount);
    event Credited(address indexed token, address indexed account, uint256 amount);
    event Claimed(address indexed token, address indexed account, uint256 amount);

    error NotAllowed(address sender);
    error NothingToClaim(address token, address account);
    error Unbacked(address token, uint256 liabilities, uint256 balance);

    /// @notice Books `amount` of `token`, already transferred here, as escrow. JobManager only.
    function receiveEscrow(address token, uint256 amount) external;

    /// @notice Moves `amount` from the escrow of `token` to what `account` may claim. JobManager only.
    function creditFromEscrow(address token, address account, uint256 amount) external;

    /// @notice Books `amount` of `token`, already transferred here, as claimable by `account`. StakeManager only.
    function creditTransferred(address token, address account, uint256 amount) external;

    /// @notice Pays `account` all that it may claim of `token`. Anyone may call it; only `account` is paid.
    function claim(address token, address account) external returns (uint256 amount);

    function claimable(address token, address account) external view returns (uint256);

    /// @notice Escrowed and claimable amounts of `token`, over all jobs and accounts.
    function liabilities(address token) external view returns (uint256 escrowed, uint256 owed);
}
