// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Verifier of one kind of statement, over circuits of any shape
/// @notice Stateless: no storage, no immutables, no constructor arguments, so that its code hash says everything about it.
interface IStatementVerifier {
    /// @param statementType keccak256 of the statement's name: "train-window", "inference", "well-formed", "audit" or "membership"
    /// @param circuitTag keccak256 of "assay.circuit.<statement>.v1", the tag inside circuit ids
    /// @param steps SGD steps of one window; 0 where the statement has none
    /// @param treeDepth depth of the dataset's Merkle tree; 0 where the statement has none
    /// @param statementWords, proofBytes, openingBytes exact lengths: `verify` returns false for any other
    struct Facts {
        bytes32 statementType;
        bytes32 circuitTag;
        bytes32 modelId;
        bytes32 srsId;
        uint32 steps;
        uint32 treeDepth;
        uint32 statementWords;
        uint32 proofBytes;
        uint32 openingBytes;
    }

    /// @notice Less gas is left than the verification may need: nothing is said about the proof.
    error InsufficientGas(uint256 available, uint256 needed);
    /// @notice The bytes are not the canonical encoding of a shape (only `describe` says so; `verify` returns false).
    error ShapeMalformed();

    /// @notice What a shape says. Reverts with ShapeMalformed.
    /// @param shape the circuit's shape (docs/reference/encodings.md)
    function describe(bytes calldata shape) external view returns (Facts memory);

    /// @notice Whether the statement is proved: by a proof of the circuit and by the opening that ties its claim to what is committed.
    /// @dev Returns false for malformed input of any kind; reverts only with InsufficientGas, and where the call's own ABI encoding is broken.
    /// The opening is bound to this contract's address, the chain id and `circuitId`.
    /// @param proofVerifier the circuit's verifier or key; the caller has checked its code hash against the circuit id
    /// @param open the weights are open: new commitments must hold nothing outside their grids (train-window; false elsewhere)
    /// @param statement the words that the caller took from its own state
    function verify(
        bytes calldata shape,
        address proofVerifier,
        bytes32 circuitId,
        bool open,
        uint256[] calldata statement,
        bytes calldata proof,
        bytes calldata opening
    ) external view returns (bool);
}
