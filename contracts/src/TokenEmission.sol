// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AssayToken} from "./AssayToken.sol";
import {Modules, Wired} from "./Modules.sol";
import {ITokenEmission} from "./interfaces/ITokenEmission.sol";
import {Supply} from "./libraries/Supply.sol";

/// @title Emission of ASSAY
contract TokenEmission is ITokenEmission, Wired {
    uint256 public constant EPOCH_BLOCKS = Supply.EPOCH_BLOCKS;
    uint256 public constant FIRST_BUDGET = Supply.FIRST_BUDGET;
    uint256 public constant HALVING_EPOCHS = Supply.HALVING_EPOCHS;

    AssayToken public immutable token;
    address public immutable jobManager;
    /// @notice First block of epoch 0.
    uint256 public immutable startBlock;

    /// @inheritdoc ITokenEmission
    mapping(uint256 epoch => uint256) public mintedIn;

    constructor(Modules memory modules) Wired(modules) {
        token = AssayToken(modules.token);
        jobManager = modules.jobManager;
        startBlock = block.number;
    }

    /// @inheritdoc ITokenEmission
    function emitFor(address operator, uint256 feeBurned, uint256 emissionBps) external only(jobManager) returns (uint256 minted) {
        uint256 now_ = epoch();
        uint256 used = mintedIn[now_];
        minted = Math.min(feeBurned * emissionBps / 10_000, Supply.budgetOf(now_) - used);
        if (minted == 0) return 0;
        mintedIn[now_] = used + minted;
        emit Emitted(operator, now_, minted);
        token.mint(operator, minted);
    }

    /// @inheritdoc ITokenEmission
    function budgetOf(uint256 epoch_) external pure returns (uint256) {
        return Supply.budgetOf(epoch_);
    }

    /// @inheritdoc ITokenEmission
    function epoch() public view returns (uint256) {
        return (block.number - startBlock) / EPOCH_BLOCKS;
    }
}
