// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Stake of operators
/// @notice Stake is active or unbonding; both are slashable, in proportion, until withdrawn. Leases lock part of the active stake.
interface IStakeManager {
    /// @param active staked and not unbonding
    /// @param locked part of `active` that bonds hold; may exceed it after a slash
    /// @param unbonding leaves at `releaseBlock`, slashable until withdrawn
    struct Stake {
        uint128 active;
        uint128 locked;
        uint128 unbonding;
        uint64 releaseBlock;
    }

    event Staked(address indexed operator, uint256 amount);
    event UnbondingStarted(address indexed operator, uint256 amount, uint256 releaseBlock);
    event Withdrawn(address indexed operator, uint256 amount);
    event BondLocked(address indexed operator, uint256 amount);
    event BondUnlocked(address indexed operator, uint256 amount);
    event Penalised(address indexed operator, uint256 burned);
    /// @param finder who showed the evidence
    /// @param harmed requester of the harmed job
    event Slashed(
        address indexed operator, address indexed finder, address indexed harmed, uint256 finderPart, uint256 harmedPart, uint256 burned
    );

    error NotAllowed(address sender);
    error ZeroAmount();
    error UnbondingBlocksOutOfRange(uint256 given, uint256 lowest, uint256 highest);
    error StakeTooSmall(address operator, uint256 free, uint256 needed);
    error StillUnbonding(address operator, uint256 releaseBlock);

    /// @notice Adds `amount` to the sender's active stake (needs an allowance).
    function stake(uint256 amount) external;

    /// @notice Starts unbonding `amount` of the sender's free stake. What was unbonding already waits anew with it.
    function unbond(uint256 amount) external;

    /// @notice Pays out what has finished unbonding.
    function withdraw() external returns (uint256 amount);

    /// @notice Locks `amount` of the operator's free stake. JobManager only.
    function lock(address operator, uint256 amount) external;

    /// @notice Releases what `lock` locked. JobManager only.
    function unlock(address operator, uint256 amount) external;

    /// @notice Burns up to `amount` of the operator's stake. JobManager only.
    function penalise(address operator, uint256 amount) external returns (uint256 burned);

    /// @notice Takes up to `amount` of the operator's stake: 30 % to the finder, 20 % to the harmed requester, the rest is burned.
    /// Where `finder` is the operator or a hot key of its, the finder's part is burned too. ChallengeManager only.
    function slash(address operator, uint256 amount, address finder, address harmed) external returns (uint256 slashed);

    function stakeOf(address operator) external view returns (Stake memory);

    /// @notice Active stake that no bond holds.
    function freeStake(address operator) external view returns (uint256);

    function unbondingBlocks() external view returns (uint64);

    /// @notice All stake, active and unbonding; never above the token balance of this contract.
    function totalStake() external view returns (uint256);
}
