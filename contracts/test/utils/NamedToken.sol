// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// A token that anybody may name, and make more of. It has no constructor, so its runtime code can be put at any address.
contract NamedToken {
    string public symbol;
    uint8 public constant decimals = 18;
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    /// The bytes need not be UTF-8.
    function setSymbol(bytes calldata bytes_) external {
        symbol = string(bytes_);
    }

    function mint(uint256 amount) external {
        balanceOf[msg.sender] += amount;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
        return true;
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}
