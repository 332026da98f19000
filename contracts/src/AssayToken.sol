// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Modules, Wired} from "./Modules.sol";
import {Supply} from "./libraries/Supply.sol";

/// @title The token that operators stake, that fees and slashes burn, and that votes
/// @notice There is no owner. Only the TokenEmission mints, within budgets that leave the supply below MAX_SUPPLY for ever. Votes are counted by blocks.
contract AssayToken is ERC20, ERC20Burnable, ERC20Permit, ERC20Votes, Wired {
    /// @notice In units of 1e-18 ASSAY.
    uint256 public constant MAX_SUPPLY = Supply.MAX_SUPPLY;

    address public immutable minter;

    error SupplyTooLarge(uint256 given, uint256 highest);

    /// @param recipient gets the first supply
    /// @param supply in units of 1e-18 ASSAY, at most what all of the emission leaves of MAX_SUPPLY
    constructor(Modules memory modules, address recipient, uint256 supply) ERC20("Assay", "ASSAY") ERC20Permit("Assay") Wired(modules) {
        if (supply > Supply.MAX_INITIAL) revert SupplyTooLarge(supply, Supply.MAX_INITIAL);
        minter = modules.tokenEmission;
        _mint(recipient, supply);
    }

    /// @notice Mints what the emission allows. TokenEmission only.
    function mint(address recipient, uint256 amount) external only(minter) {
        _mint(recipient, amount);
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @dev ERC20Votes asks this after every mint and reverts above it. The budgets keep it from ever being reached.
    function _maxSupply() internal pure override returns (uint256) {
        return Supply.MAX_SUPPLY;
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
