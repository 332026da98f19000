// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Stake of operators
/// @notice Stake is active or unbonding; both are slashable, in proportion, until withdrawn. Leases, submissions and attestations lock part of the
/// active stake. Slashes are summed up and spread over both parts when the operator next moves stake, so their order does not matter.
interface IStakeManager {
    /// @param active staked and not unbonding
    /// @param locked part of `active` that bonds hold: no slash takes it, but of the fault that it stands for, which returns it first
    /// @param unbonding leaves at `releaseBlock`, slashable until withdrawn
    /// @param jailedUntil block from which a slashed operator may return; 0 if it is not jailed
    /// @param debt what its slashes could not take, since bonds held it or it was not there
    struct Stake {
        uint128 active;
        uint128 locked;
        uint128 unbonding;
        uint64 releaseBlock;
        uint64 jailedUntil;
        uint128 debt;
    }

    event Staked(address indexed operator, uint256 amount);
    event UnbondingStarted(address indexed operator, uint256 amount, uint256 releaseBlock);
    event Rebonded(address indexed operator, uint256 amount);
    event Withdrawn(address indexed operator, uint256 amount);
    event BondLocked(address indexed operator, uint256 amount);
    event BondUnlocked(address indexed operator, uint256 amount);
    event Penalised(address indexed operator, uint256 burned);
    event OperatorJailed(address indexed operator, uint256 untilBlock);
    event OperatorReturned(address indexed operator);
    /// @param finder who showed the evidence; 0 if its part was burned
    event Slashed(address indexed operator, address indexed finder, uint256 finderPart, uint256 harmedPart, uint256 burned);

    error ZeroAmount();
    error UnbondingBlocksOutOfRange(uint256 given, uint256 lowest, uint256 highest);
    error StakeTooSmall(address operator, uint256 free, uint256 needed);
    error StillUnbonding(address operator, uint256 releaseBlock);
    error NotJailed(address operator);
    error StillJailed(address operator, uint256 untilBlock);
    error StillOwing(address operator, uint256 debt);

    /// @notice Adds `amount` to the sender's active stake (needs an allowance).
    function stake(uint256 amount) external;

    /// @notice `stake` after trying an EIP-2612 permit of `amount`; a permit that fails is no obstacle where the allowance is there.
    function stakeWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Starts unbonding `amount` of the sender's free stake. What was unbonding already waits anew with it.
    function unbond(uint256 amount) external;

    /// @notice Takes `amount` of what is unbonding back into active stake, at any time before it is withdrawn.
    function rebond(uint256 amount) external;

    /// @notice Pays out what has finished unbonding, to an operator that owes nothing.
    function withdraw() external returns (uint256 amount);

    /// @notice Returns a jailed operator after `jailedUntil`; it needs at least 1 ASSAY of active stake that it does not owe.
    function unjail() external;

    /// @notice Locks `amount` of the operator's free stake. WindowManager and ValidatorManager only.
    function lock(address operator, uint256 amount) external;

    /// @notice Releases what `lock` locked. WindowManager and ValidatorManager only.
    function unlock(address operator, uint256 amount) external;

    /// @notice Burns up to `amount` of the operator's stake. WindowManager only.
    function penalise(address operator, uint256 amount) external returns (uint256 burned);

    /// @notice Takes up to `amount` of the operator's stake; what it does not get, since bonds hold it or it is not there, the operator owes: 30 % to the finder, 20 % to the harmed in equal parts (the first also gets the wei that do
    /// not divide), the rest is burned. The finder's part is burned too where `finder` is 0, the operator or a hot key of its. Jails the
    /// operator for `jailBlocks` and takes its reputation. WindowManager, ChallengeManager and ValidatorManager only.
    /// @param harmed 1 to 8 accounts: the requester first, then those whose windows are orphaned
    function slash(address operator, uint256 amount, address finder, address[] calldata harmed) external returns (uint256 slashed);

    /// @notice Takes up to `amount` of what the operator owes, as far as no bond holds it, and divides it as `slash` does. ChallengeManager only.
    function collect(address operator, uint256 amount, address finder, address[] calldata harmed) external returns (uint256 collected);

    /// @notice An operator's stake, after its slashes.
    function stakeOf(address operator) external view returns (Stake memory);

    /// @notice Active stake that no bond holds and that is not owed.
    function freeStake(address operator) external view returns (uint256);

    /// @notice Whether the operator has been slashed and has not returned.
    function isJailed(address operator) external view returns (bool);

    /// @notice Blocks from `unbond` to `withdraw`.
    function unbondingBlocks() external view returns (uint64);

    /// @notice A quarter of the unbonding time.
    function jailBlocks() external view returns (uint64);

    /// @notice All stake, active and unbonding; never above the token balance of this contract.
    function totalStake() external view returns (uint256);
}
