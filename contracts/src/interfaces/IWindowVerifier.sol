// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Verifier of training windows
/// @notice Stateless: no storage, no immutables, no constructor arguments, so that its code hash says everything about it.
interface IWindowVerifier {
    /// @notice Less gas is left than the verification may need: nothing is said about the proof.
    error InsufficientGas(uint256 available, uint256 needed);
    /// @notice The bytes are not a shape (only the helpers say so; `verify` returns false).
    error ShapeMalformed();

    /// @notice Whether the training window of `statement` is proved: by an UltraHonk proof of the window circuit and by the opening that ties
    /// its claim to the committed parent, child and mask.
    /// @dev Returns false for malformed input of any kind; reverts only with InsufficientGas, and where the call's own ABI encoding is broken.
    /// The opening is bound to this contract's address, the chain id and `circuitId`.
    /// @param shape the circuit's shape (docs/reference/encodings.md, Shape and circuit id)
    /// @param honkVerifier the generated UltraHonk verifier; the caller has checked its code hash against the circuit id
    /// @param open the job's weights are open: the child's commitments must hold nothing outside their grids
    /// @param statement context, parentId, childId, maskId, datasetRoot, batchSeed, firstStep, lossSum, from the caller's state
    function verify(
        bytes calldata shape,
        address honkVerifier,
        bytes32 circuitId,
        bool open,
        uint256[8] calldata statement,
        bytes calldata honkProof,
        bytes calldata opening
    ) external view returns (bool);

    /// @notice Exact lengths of the UltraHonk proof and of the opening. Reverts with ShapeMalformed.
    function expectedLengths(bytes calldata shape) external pure returns (uint256 honkProofBytes, uint256 openingBytes);

    /// @notice Id of the model that the shape describes. Reverts with ShapeMalformed.
    function modelIdOf(bytes calldata shape) external pure returns (bytes32);
}
