// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title The token that operators stake and that slashes burn
/// @notice Supply is fixed at deployment: there is no owner and no later mint.
contract AssayToken is ERC20, ERC20Burnable, ERC20Permit, ERC20Votes {
    /// @param recipient gets the whole supply
    /// @param supply in units of 1e-18 ASSAY
    constructor(address recipient, uint256 supply) ERC20("Assay", "ASSAY") ERC20Permit("Assay") {
        _mint(recipient, supply);
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
