// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {INodeRegistry} from "../../src/interfaces/INodeRegistry.sol";
import {Fixture} from "../utils/Fixture.sol";

contract NodeRegistryTest is Fixture {
    bytes internal constant PEER = hex"002408011220aa";

    function registration(address operator, uint256 key, uint64 nonce) internal view returns (bytes memory) {
        return signature(key, nodes.hotKeyDigest(operator, vm.addr(key), keccak256(PEER), nonce));
    }

    function test_register_storesNodeAndCountsChanges() public {
        assertEq(nodes.node(alice).hotKey, aliceHot, "hot key");
        assertEq(nodes.node(alice).registrationNonce, 1, "nonce");
        assertEq(nodes.node(alice).peerIdHash, keccak256(abi.encodePacked("peer", alice)), "peer id");
        registerAs(alice, 0xa2);
        assertEq(nodes.node(alice).registrationNonce, 2, "nonce after a rotation");
        assertEq(nodes.node(alice).hotKey, vm.addr(0xa2), "new hot key");
        registerAs(alice, aliceKey);
        assertEq(nodes.node(alice).hotKey, aliceHot, "an operator may return to its old key");
    }

    function test_register_operatorMayBeItsOwnHotKey() public {
        address self = vm.addr(0x5e1f);
        registerAs(self, 0x5e1f);
        assertEq(nodes.operatorFor(self), self, "acts for itself");
        registerAs(self, 0x5e1f);
        assertEq(nodes.node(self).registrationNonce, 2, "and may register again");
    }

    function test_register_refusesZeroHotKeyAndPeerIdLengths() public {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.ZeroHotKey.selector));
        nodes.register(address(0), PEER, "");
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.PeerIdLength.selector, 1));
        nodes.register(aliceHot, hex"01", "");
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.PeerIdLength.selector, 65));
        nodes.register(aliceHot, new bytes(65), "");
    }

    function test_row21_register_takesPeerIdsOfTwoTo64Bytes() public {
        for (uint64 nonce = 2; nonce < 4; ++nonce) {
            bytes memory peerId = new bytes(nonce == 2 ? 2 : 64);
            bytes memory signed = signature(aliceKey, nodes.hotKeyDigest(alice, aliceHot, keccak256(peerId), nonce));
            vm.prank(alice);
            assertEq(nodes.register(aliceHot, peerId, signed), nonce, "nonce");
        }
    }

    /// What a hot key signed for another chain or another registry binds nobody here.
    function test_row10_register_onAnotherChainOrRegistry_isRefused() public {
        address hot = vm.addr(0x77);
        INodeRegistry other = INodeRegistry(deploy("NodeRegistry.sol:NodeRegistry", abi.encode(set)));
        bytes memory elsewhere = signature(0x77, other.hotKeyDigest(stranger, hot, keccak256(PEER), 1));
        vm.chainId(4242);
        bytes memory abroad = registration(stranger, 0x77, 1);
        vm.chainId(31337);
        vm.startPrank(stranger);
        vm.expectPartialRevert(INodeRegistry.HotKeyNotProved.selector);
        nodes.register(hot, PEER, elsewhere);
        vm.expectPartialRevert(INodeRegistry.HotKeyNotProved.selector);
        nodes.register(hot, PEER, abroad);
        other.register(hot, PEER, elsewhere);
        vm.stopPrank();
    }

    function test_register_refusesASignatureThatIsNotTheHotKeys() public {
        address hot = vm.addr(0x77);
        bytes memory signed = registration(stranger, 0x77, 1);
        // Right bytes, another operator, nonce or key: each changes the digest.
        vm.prank(address(0x9999));
        vm.expectPartialRevert(INodeRegistry.HotKeyNotProved.selector);
        nodes.register(hot, PEER, signed);
        bytes memory early = registration(stranger, 0x77, 2);
        vm.prank(stranger);
        vm.expectPartialRevert(INodeRegistry.HotKeyNotProved.selector);
        nodes.register(hot, PEER, early);
        vm.prank(stranger);
        vm.expectPartialRevert(INodeRegistry.HotKeyNotProved.selector);
        nodes.register(hot, hex"002408011220ab", signed);
        vm.prank(stranger);
        nodes.register(hot, PEER, signed);
        assertEq(nodes.ownerOf(hot), stranger, "the right one is accepted");
    }

    function test_register_hotKeyBelongsToItsOperatorForEver() public {
        registerAs(alice, 0xa2);
        assertEq(nodes.ownerOf(aliceHot), alice, "after a rotation");
        bytes memory signed = registration(stranger, aliceKey, 1);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.HotKeyTaken.selector, aliceHot, alice));
        nodes.register(aliceHot, PEER, signed);
    }

    function test_register_keepsOperatorsAndHotKeysApart() public {
        bytes memory signed = registration(aliceHot, 0x77, 1);
        vm.prank(aliceHot);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.SenderIsHotKey.selector, aliceHot, alice));
        nodes.register(vm.addr(0x77), PEER, signed);
        address operator = vm.addr(0x5e1f);
        registerAs(operator, 0x78);
        signed = registration(stranger, 0x5e1f, 1);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.HotKeyTaken.selector, operator, operator));
        nodes.register(operator, PEER, signed);
    }

    function test_deregister_endsTheHotKeysPowerButNotItsOwner() public {
        assertEq(nodes.operatorFor(aliceHot), alice, "hot key acts");
        vm.prank(alice);
        nodes.deregister();
        assertEq(nodes.node(alice).registrationNonce, 2, "a change of registration");
        assertEq(nodes.ownerOf(aliceHot), alice, "still attributable");
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotRegistered.selector, aliceHot));
        nodes.operatorFor(aliceHot);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotRegistered.selector, alice));
        nodes.operatorFor(alice);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotRegistered.selector, alice));
        nodes.deregister();
    }

    function test_operatorFor_refusesAnOldHotKeyAndStrangers() public {
        registerAs(alice, 0xa2);
        assertEq(nodes.operatorFor(vm.addr(0xa2)), alice, "the new key acts");
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotRegistered.selector, aliceHot));
        nodes.operatorFor(aliceHot);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotRegistered.selector, stranger));
        nodes.operatorFor(stranger);
    }
}
