// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// The part of forge's cheat codes that these tests use.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function roll(uint256 blockNumber) external;
    function warp(uint256 timestamp) external;
    function getBlockTimestamp() external view returns (uint256);
    function getBlockNumber() external view returns (uint256);
    function chainId(uint256 chainId) external;
    function etch(address account, bytes calldata code) external;
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function getNonce(address account) external view returns (uint64);
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function expectRevert(bytes calldata revertData) external;
    function expectPartialRevert(bytes4 selector) external;
    function deployCode(string calldata artifact, bytes calldata constructorArgs) external returns (address);
    function getCode(string calldata artifact) external view returns (bytes memory);
    function assume(bool condition) external pure;
    function expectEmit(address emitter) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory logs);
    /// Makes an account and its slots cold again.
    function cool(address account) external;
    /// Sets an account's balance in wei.
    function deal(address account, uint256 balance) external;
    /// Sets the base fee in wei.
    function fee(uint256 baseFee) external;
    function snapshotState() external returns (uint256 snapshotId);
    function revertToState(uint256 snapshotId) external returns (bool success);
}

abstract contract TestBase {
    bool public constant IS_TEST = true;
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// The optimizer takes `block.number` for constant within a function; the cheat code it has to call each time.
    function height() internal view returns (uint256) {
        return vm.getBlockNumber();
    }

    function mine(uint256 blocks) internal {
        vm.roll(vm.getBlockNumber() + blocks);
    }

    error AssertionFailed(string what, uint256 found, uint256 expected);

    function assertEq(uint256 found, uint256 expected, string memory what) internal pure {
        if (found != expected) revert AssertionFailed(what, found, expected);
    }

    function assertEq(address found, address expected, string memory what) internal pure {
        assertEq(uint160(found), uint160(expected), what);
    }

    function assertEq(bytes32 found, bytes32 expected, string memory what) internal pure {
        assertEq(uint256(found), uint256(expected), what);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert AssertionFailed(what, 0, 1);
    }

    function assertAtMost(uint256 found, uint256 highest, string memory what) internal pure {
        if (found > highest) revert AssertionFailed(what, found, highest);
    }

    function bound(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + x % (high - low + 1);
    }
}

/// Creates contracts by a call, so that what a constructor reverts with can be expected.
contract Creator {
    function create(bytes calldata creationCode) external returns (address made) {
        bytes memory code = creationCode;
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
            if iszero(made) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }
}
