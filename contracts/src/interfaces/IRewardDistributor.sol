// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Vault of the escrows and of everything that is owed
/// @notice One ledger a job and token. Settlement only moves numbers here, so a hostile token can spoil its own jobs' claims and nothing
/// else. Per plain token: escrowed + owed <= balance, always. Where a token has shrunk the vault's balance, every claim is cut in the
/// same proportion.
interface IRewardDistributor {
    event EscrowReceived(uint256 indexed jobId, address indexed token, uint256 amount);
    event EscrowBurned(uint256 indexed jobId, uint256 amount);
    event Credited(address indexed token, address indexed account, uint256 amount);
    /// @param owed what was claimed; paid is less only where the token has shrunk
    event Claimed(address indexed token, address indexed account, uint256 owed, uint256 paid);
    event ClaimFailed(address indexed token, address indexed account, bytes reason);

    error NothingToClaim(address token, address account);
    error Unbacked(address token, uint256 liabilities, uint256 balance);
    error EscrowTooSmall(uint256 jobId, address token, uint256 escrow, uint256 needed);
    error LengthMismatch(uint256 tokens, uint256 accounts);
    error TooManyClaims(uint256 given, uint256 highest);
    /// @dev Too little gas for the next claim of a batch: a token shall not fail for that.
    error InsufficientGas(uint256 available, uint256 needed);

    /// @notice Books `amount` of `token`, already transferred here, as the job's escrow. JobManager only.
    function receiveEscrow(uint256 jobId, address token, uint256 amount) external;

    /// @notice Moves `amount` from the job's escrow of `token` to what `account` may claim. JobManager only.
    function creditFromEscrow(uint256 jobId, address token, address account, uint256 amount) external;

    /// @notice Burns `amount` of the job's ASSAY escrow. JobManager only.
    function burnFromEscrow(uint256 jobId, uint256 amount) external;

    /// @notice Books `amount` of `token`, already transferred here, as claimable by `account`. StakeManager only.
    function creditTransferred(address token, address account, uint256 amount) external;

    /// @notice Pays `account` all that it may claim of `token`. Anyone may call it; only `account` is paid. A claim that would be cut
    /// reverts with Unbacked unless `account` itself sends it.
    function claim(address token, address account) external returns (uint256 paid);

    /// @notice `claim` for each pair (at most 64) with capped gas; one that fails is skipped and stays claimable.
    function claimMany(address[] calldata tokens, address[] calldata accounts) external returns (uint256 succeeded);

    /// @notice What `account` may claim of `token`.
    function claimable(address token, address account) external view returns (uint256);

    /// @notice What a job still holds in escrow of `token`.
    function escrowOf(uint256 jobId, address token) external view returns (uint256);

    /// @notice Escrowed and claimable amounts of `token`, over all jobs and accounts.
    function liabilities(address token) external view returns (uint256 escrowed, uint256 owed);
}
