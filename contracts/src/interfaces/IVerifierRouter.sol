// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Circuits and the one meaning of "this proof is true"
/// @notice Registration is permissionless, content-addressed and final: a circuit id is the hash of the verifying key, both verifiers' code
/// and the shape, so nobody can register something else under an id that a job names.
interface IVerifierRouter {
    /// @param honkVerifier checks the UltraHonk proof; called by the window verifier
    /// @param windowVerifier checks proof, opening and ids
    /// @param shape where the shape's bytes are kept (CodeStorage)
    /// @param steps SGD steps of one window
    /// @param treeDepth depth of the dataset's Merkle tree
    struct Circuit {
        address honkVerifier;
        uint32 steps;
        uint32 treeDepth;
        address windowVerifier;
        address shape;
        bytes32 vkHash;
        bytes32 honkCodeHash;
        bytes32 windowCodeHash;
        bytes32 modelId;
        bytes32 srsId;
    }

    event CircuitRegistered(
        bytes32 indexed circuitId, bytes32 indexed modelId, bytes32 srsId, bytes32 vkHash, address honkVerifier, address windowVerifier
    );

    error NoCode(address account);
    /// @dev The shape is not the canonical encoding of docs/reference/encodings.md, or a field of it is out of range.
    error ShapeMalformed();
    error SrsMismatch(bytes32 claimed, bytes32 computed);
    error UnknownCircuit(bytes32 circuitId);
    error VerifierChanged(address verifier, bytes32 registered, bytes32 found);
    /// @dev Too little gas for a verdict. Never to be read as "false".
    error InsufficientGas(uint256 available, uint256 needed);

    /// @notice Registers a circuit; a circuit that exists is left as it is.
    /// @param shape `abi(specId, srsId, blockLog, uint32[] sizes, batch, steps, treeDepth, honkProofBytes, uint256[4] tau)`
    function register(bytes32 vkHash, address honkVerifier, address windowVerifier, bytes calldata shape) external returns (bytes32 circuitId);

    /// @notice Whether proof and opening show the statement. A verifier that runs out of the full cap, reverts, or answers anything but one
    /// word 0 or 1 has said "false".
    /// @dev Reverts with InsufficientGas where less than the cap would reach the verifier.
    function verify(bytes32 circuitId, bool open, uint256[8] calldata statement, bytes calldata honkProof, bytes calldata opening)
        external
        view
        returns (bool);

    /// @dev Reverts with UnknownCircuit.
    function circuit(bytes32 circuitId) external view returns (Circuit memory);

    function shapeOf(bytes32 circuitId) external view returns (bytes memory);
}
