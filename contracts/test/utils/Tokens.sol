// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";

contract PlainToken is ERC20 {
    constructor() ERC20("Plain", "PLN") {
        _mint(msg.sender, 1e30);
    }
}

/// Stands where ASSAY stands.
contract BurnableToken is ERC20Burnable {
    constructor() ERC20("Burnable", "BRN") {
        _mint(msg.sender, 1e30);
    }
}

/// All the supply that an ERC-20 can have.
contract VastToken is ERC20 {
    constructor() ERC20("Vast", "VST") {
        _mint(msg.sender, type(uint256).max);
    }
}

/// Costs 110,000 gas more than others to transfer.
contract DearToken is ERC20 {
    constructor() ERC20("Dear", "DER") {
        _mint(msg.sender, 1e30);
    }

    function _update(address from, address to, uint256 value) internal override {
        uint256 start = gasleft();
        while (start - gasleft() < 110_000) {}
        super._update(from, to, value);
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

/// Refuses transfers once it blocks, and at any time those from and to a blocked account, as tokens with deny lists do.
contract BlockingToken is ERC20 {
    bool public blocking;
    mapping(address account => bool) public isBlocked;

    error Blocked();

    constructor() ERC20("Blocking", "BLK") {
        _mint(msg.sender, 1e30);
    }

    function setBlocking(bool on) external {
        blocking = on;
    }

    function setBlocked(address account, bool on) external {
        isBlocked[account] = on;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        if (blocking || isBlocked[to] || isBlocked[msg.sender]) revert Blocked();
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
    /// The call comes before the balances have moved, not after.
    bool public early;

    constructor() ERC20("Reentrant", "REE") {
        _mint(msg.sender, 1e30);
    }

    function arm(address target_, bytes calldata payload_) external {
        (target, payload) = (target_, payload_);
    }

    function setEarly(bool on) external {
        early = on;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (early) _callBack();
        super._update(from, to, value);
        if (!early) _callBack();
    }

    function _callBack() private {
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

/// What an account that wants to hear of ERC-777-like transfers implements.
interface TokensHook {
    function tokensToSend(address from, address to, uint256 value) external;
    function tokensReceived(address from, address to, uint256 value) external;
}

/// Tells those who asked for it: the sender before the balances move, the recipient after, as ERC-777 does.
contract HookToken is ERC20 {
    mapping(address account => bool) public listens;

    constructor() ERC20("Hook", "HOK") {
        _mint(msg.sender, 1e30);
    }

    function listen(bool on) external {
        listens[msg.sender] = on;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (listens[from]) TokensHook(from).tokensToSend(from, to, value);
        super._update(from, to, value);
        if (listens[to]) TokensHook(to).tokensReceived(from, to, value);
    }
}

/// Balances are shares of a supply that its owner moves up and down.
contract RebasingToken {
    uint256 public numerator = 1;
    uint256 public denominator = 1;
    mapping(address account => uint256) public sharesOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    constructor() {
        sharesOf[msg.sender] = 1e30;
    }

    function rebase(uint256 numerator_, uint256 denominator_) external {
        (numerator, denominator) = (numerator_, denominator_);
    }

    function balanceOf(address account) public view returns (uint256) {
        return sharesOf[account] * numerator / denominator;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        return _move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        allowance[from][msg.sender] -= value;
        return _move(from, to, value);
    }

    /// Rounds up what leaves, as far as the sender has it.
    function _move(address from, address to, uint256 value) private returns (bool) {
        uint256 shares = (value * denominator + numerator - 1) / numerator;
        sharesOf[from] -= shares;
        sharesOf[to] += shares;
        return true;
    }
}

/// Plain until it is told to misbehave: in both kinds of transfer, or where the ways below say so in `balanceOf`.
contract HostileToken is ERC20 {
    uint256 public constant PLAIN = 0;
    /// Answers false and moves nothing.
    uint256 public constant FALSE = 1;
    /// Moves, and answers nothing at all, as some old tokens do.
    uint256 public constant NOTHING = 2;
    /// Moves, and answers 80,000 bytes that begin with "true".
    uint256 public constant LONG_TRUE = 3;
    /// Reverts with 80,000 bytes.
    uint256 public constant BOMB = 4;
    /// Burns all its gas.
    uint256 public constant BURN = 5;
    uint256 public constant PAUSED = 6;
    /// Says "true" and moves nothing.
    uint256 public constant LIE = 7;
    /// `balanceOf` reverts.
    uint256 public constant BLIND = 8;
    /// `balanceOf` burns all its gas.
    uint256 public constant BLIND_BURN = 9;
    /// Answers 2.
    uint256 public constant TWO = 10;
    uint256 public constant MODES = 11;

    uint256 public mode;

    error Paused();

    constructor() ERC20("Hostile", "HST") {
        _mint(msg.sender, 1e30);
    }

    function setMode(uint256 mode_) external {
        mode = mode_;
    }

    function balanceOf(address account) public view override returns (uint256) {
        if (mode == BLIND) revert Paused();
        if (mode == BLIND_BURN) burnGas();
        return super.balanceOf(account);
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return _misbehave(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        _spendAllowance(from, msg.sender, value);
        return _misbehave(from, to, value);
    }

    function _misbehave(address from, address to, uint256 value) private returns (bool) {
        if (mode == PAUSED) revert Paused();
        if (mode == FALSE) return false;
        if (mode == LIE) return true;
        if (mode == BURN) burnGas();
        if (mode == BOMB) {
            assembly {
                revert(0, 80000)
            }
        }
        _transfer(from, to, value);
        if (mode == NOTHING) {
            assembly {
                return(0, 0)
            }
        }
        if (mode == LONG_TRUE) {
            assembly {
                mstore(0, 1)
                return(0, 80000)
            }
        }
        if (mode == TWO) {
            assembly {
                mstore(0, 2)
                return(0, 32)
            }
        }
        return true;
    }

    function burnGas() private pure {
        assembly {
            invalid()
        }
    }
}

/// Does on receipt of native coin what it is told, and remembers what came of it.
contract HostileReceiver {
    uint256 public constant TAKE = 0;
    uint256 public constant REFUSE = 1;
    /// Calls the sender back with `payload`.
    uint256 public constant CALL_BACK = 2;
    uint256 public constant BURN = 3;
    /// Takes, and answers with many bytes.
    uint256 public constant BOMB = 4;

    uint256 public mode;
    bytes public payload;
    uint256 public attempts;
    uint256 public successes;
    bytes public lastError;

    error Refused();

    function setMode(uint256 mode_, bytes calldata payload_) external {
        (mode, payload) = (mode_, payload_);
    }

    /// Sends any call in this contract's name.
    function forward(address target, uint256 value, bytes calldata data) external payable returns (bool success, bytes memory returned) {
        return target.call{value: value}(data);
    }

    receive() external payable {
        if (mode == REFUSE) revert Refused();
        if (mode == CALL_BACK) {
            ++attempts;
            (bool success, bytes memory returned) = msg.sender.call(payload);
            if (success) ++successes;
            else lastError = returned;
        }
        if (mode == BURN) {
            assembly {
                invalid()
            }
        }
        if (mode == BOMB) {
            assembly {
                return(0, 200000)
            }
        }
    }
}

/// Calls `target` with `payload` whenever a token tells it of a transfer, and remembers what came of it.
contract HookAttacker is TokensHook {
    address public target;
    bytes public payload;
    uint256 public attempts;
    uint256 public successes;
    bytes public lastError;

    function arm(address target_, bytes calldata payload_) external {
        (target, payload) = (target_, payload_);
    }

    /// Sends any call in this contract's name.
    function forward(address to, bytes calldata data) external returns (bool success, bytes memory returned) {
        return to.call(data);
    }

    function tokensToSend(address, address, uint256) external {
        _attack();
    }

    function tokensReceived(address, address, uint256) external {
        _attack();
    }

    function _attack() private {
        if (target == address(0)) return;
        address called = target;
        // Once: what it calls may move tokens again.
        target = address(0);
        ++attempts;
        (bool success, bytes memory returned) = called.call(payload);
        if (success) ++successes;
        else lastError = returned;
    }
}
