// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Modules, Wired} from "./Modules.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";

/// @title Operators, their hot keys and their libp2p peers
contract NodeRegistry is INodeRegistry, Wired, EIP712 {
    bytes32 public constant HOT_KEY_TYPEHASH = keccak256("HotKey(address operator,address hotKey,bytes32 peerIdHash,uint256 registrationNonce)");

    mapping(address operator => Node) private _nodes;
    mapping(address hotKey => address operator) private _owners;

    constructor(Modules memory modules) Wired(modules) EIP712("Assay", "1") {}

    /// @inheritdoc INodeRegistry
    function register(address hotKey, bytes calldata peerId, bytes calldata hotKeySignature) external returns (uint64 registrationNonce) {
        if (hotKey == address(0)) revert ZeroHotKey();
        if (peerId.length < 2 || peerId.length > 64) revert PeerIdLength(peerId.length);
        address senderOwner = _owners[msg.sender];
        if (senderOwner != address(0) && senderOwner != msg.sender) revert SenderIsHotKey(msg.sender, senderOwner);
        address owner = _owners[hotKey];
        if (owner != address(0) && owner != msg.sender) revert HotKeyTaken(hotKey, owner);
        // An operator that is another's hot key would make "for whom does this sender act" ambiguous.
        if (hotKey != msg.sender && _nodes[hotKey].registrationNonce != 0) revert HotKeyTaken(hotKey, hotKey);

        Node storage stored = _nodes[msg.sender];
        registrationNonce = stored.registrationNonce + 1;
        bytes32 peerIdHash = keccak256(peerId);
        address recovered = ECDSA.recoverCalldata(hotKeyDigest(msg.sender, hotKey, peerIdHash, registrationNonce), hotKeySignature);
        if (recovered != hotKey) revert HotKeyNotProved(hotKey, recovered);

        _owners[hotKey] = msg.sender;
        stored.hotKey = hotKey;
        stored.registrationNonce = registrationNonce;
        stored.peerIdHash = peerIdHash;
        emit NodeRegistered(msg.sender, hotKey, registrationNonce, peerId);
    }

    /// @inheritdoc INodeRegistry
    function deregister() external {
        Node storage stored = _nodes[msg.sender];
        if (stored.hotKey == address(0)) revert NotRegistered(msg.sender);
        uint64 registrationNonce = stored.registrationNonce + 1;
        stored.hotKey = address(0);
        stored.peerIdHash = bytes32(0);
        stored.registrationNonce = registrationNonce;
        emit NodeDeregistered(msg.sender, registrationNonce);
    }

    /// @inheritdoc INodeRegistry
    function node(address operator) external view returns (Node memory) {
        return _nodes[operator];
    }

    /// @inheritdoc INodeRegistry
    function ownerOf(address hotKey) external view returns (address operator) {
        return _owners[hotKey];
    }

    /// @inheritdoc INodeRegistry
    function operatorFor(address account) external view returns (address operator) {
        if (_nodes[account].hotKey != address(0)) return account;
        operator = _owners[account];
        if (operator == address(0) || _nodes[operator].hotKey != account) revert NotRegistered(account);
    }

    /// @inheritdoc INodeRegistry
    function hotKeyDigest(address operator, address hotKey, bytes32 peerIdHash, uint256 registrationNonce) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(HOT_KEY_TYPEHASH, operator, hotKey, peerIdHash, registrationNonce)));
    }
}
