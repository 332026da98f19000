// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Operators, their hot keys and their libp2p peers
/// @notice An operator (cold address) appoints one hot key, which signs announcements and may send the operator's transactions to the
/// JobManager. A hot key belongs to its operator for ever, so that what it signed stays attributable after a rotation.
interface INodeRegistry {
    /// @param hotKey zero while deregistered
    /// @param registrationNonce counts every change of registration, from 1; it is part of every statement's context
    /// @param peerIdHash keccak256 of the libp2p peer id's bytes
    struct Node {
        address hotKey;
        uint64 registrationNonce;
        bytes32 peerIdHash;
    }

    event NodeRegistered(address indexed operator, address indexed hotKey, uint64 registrationNonce, bytes peerId);
    event NodeDeregistered(address indexed operator, uint64 registrationNonce);

    error ZeroHotKey();
    error PeerIdLength(uint256 length);
    /// @dev The hot key already belongs to `owner`, or is itself an operator (then `owner` is the key).
    error HotKeyTaken(address hotKey, address owner);
    /// @dev The sender is the hot key of `owner`, and cannot be an operator.
    error SenderIsHotKey(address sender, address owner);
    error HotKeyNotProved(address hotKey, address recovered);
    error NotRegistered(address account);

    /// @notice Registers the sender as an operator, or changes its hot key or peer id.
    /// @param peerId the libp2p peer id's bytes (2 to 64); a claim that peers check at their handshake, hence not unique here
    /// @param hotKeySignature the hot key's EIP-712 signature over
    /// `HotKey(address operator,address hotKey,bytes32 peerIdHash,uint256 registrationNonce)` with the nonce that this call assigns
    function register(address hotKey, bytes calldata peerId, bytes calldata hotKeySignature) external returns (uint64 registrationNonce);

    /// @notice Withdraws the sender's hot key. What it signed before stays attributable.
    function deregister() external;

    /// @notice An operator; its hot key is 0 while it is not registered.
    function node(address operator) external view returns (Node memory);

    /// @notice The operator to whom `hotKey` belongs or ever belonged; zero if none.
    function ownerOf(address hotKey) external view returns (address operator);

    /// @notice The operator for whom `account` may act now: itself if registered, else the operator whose current hot key it is.
    /// @dev Reverts with NotRegistered.
    function operatorFor(address account) external view returns (address operator);

    /// @notice The digest that a hot key signs for `register`.
    function hotKeyDigest(address operator, address hotKey, bytes32 peerIdHash, uint256 registrationNonce) external view returns (bytes32);
}
