// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

contract PlainToken is ERC20 {
    constructor() ERC20("Plain", "PLN") {
        _mint(msg.sender, 1e30);
    }
}

/// Keeps 1 % of every transfer.
contract FeeToken is ERC20 {
    constructor() ERC20("Fee", "FEE") {
        _mint(msg.sender, 1e30);
    }

    function _update(address from, address to, uint256 value) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : value / 100;
        super._update(from, to, value - fee);
        if (fee > 0) super._update(from, address(0xfee), fee);
    }
}

/// Answers `transfer` with a revert once it blocks, as tokens with deny lists do.
contract BlockingToken is ERC20 {
    bool public blocking;

    error Blocked();

    constructor() ERC20("Blocking", "BLK") {
        _mint(msg.sender, 1e30);
    }

    function setBlocking(bool on) external {
        blocking = on;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        if (blocking) revert Blocked();
        return super.transfer(to, value);
    }
}

/// Calls back into `target` in the middle of each transfer, and remembers what came of it.
contract ReentrantToken is ERC20 {
    address public target;
    bytes public payload;
    uint256 public attempts;
    uint256 public successes;
    bytes public lastError;

    constructor() ERC20("Reentrant", "REE") {
        _mint(msg.sender, 1e30);
    }

    function arm(address target_, bytes calldata payload_) external {
        (target, payload) = (target_, payload_);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (target == address(0)) return;
        address called = target;
        target = address(0);
        ++attempts;
        (bool success, bytes memory returned) = called.call(payload);
        if (success) ++successes;
        else lastError = returned;
        target = called;
    }
}
