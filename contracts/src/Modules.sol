// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @notice The addresses of one deployment. Every contract gets the same set when it is made, before the others exist, and takes what it needs.
struct Modules {
    address token;
    address nodeRegistry;
    address parameters;
    address verifierRouter;
    address datasetRegistry;
    address modelRegistry;
    address rewardDistributor;
    address stakeManager;
    address reputationRegistry;
    address tokenEmission;
    address validatorManager;
    address challengeManager;
    address windowManager;
    address jobManager;
}

/// @title A part of one deployment
abstract contract Wired {
    /// @notice Hash of the whole set of addresses; the JobManager, deployed last, refuses parts that were given another one.
    bytes32 public immutable wiring;

    error NotAllowed(address sender);

    constructor(Modules memory modules) {
        wiring = keccak256(abi.encode(modules));
    }

    modifier only(address allowed) {
        if (msg.sender != allowed) revert NotAllowed(msg.sender);
        _;
    }
}
