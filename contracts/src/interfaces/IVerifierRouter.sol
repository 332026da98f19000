// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Circuits and the one meaning of "this proof is true"
/// @notice Registration is permissionless, content-addressed and final: a circuit id is the hash of the verifying key, both verifiers' code
/// and the shape, so nobody can register something else under an id that a job names.
interface IVerifierRouter {
    /// @param proofVerifier the circuit's verifier, or the code blob that holds its key; used by the statement verifier
    /// @param steps SGD steps of one window; 0 where the statement has none
    /// @param treeDepth depth of the dataset's Merkle tree; 0 where the statement has none
    /// @param statementVerifier checks proof, opening and ids
    /// @param statementWords, proofBytes, openingBytes exact lengths: anything else is false
    /// @param shape where the shape's bytes are kept (CodeStorage)
    /// @param statementType keccak256 of the statement's name: "train-window", "inference", "well-formed", "audit", "membership"
    struct Circuit {
        address proofVerifier;
        uint32 steps;
        uint32 treeDepth;
        address statementVerifier;
        uint32 statementWords;
        uint32 proofBytes;
        uint32 openingBytes;
        address shape;
        bytes32 statementType;
        bytes32 vkHash;
        bytes32 proofCodeHash;
        bytes32 statementCodeHash;
        bytes32 modelId;
        bytes32 srsId;
    }

    event CircuitRegistered(
        bytes32 indexed circuitId,
        bytes32 indexed modelId,
        bytes32 indexed statementType,
        bytes32 srsId,
        bytes32 vkHash,
        address proofVerifier,
        address statementVerifier
    );

    error NoCode(address account);
    /// @dev The shape is not a canonical encoding of docs/reference/encodings.md, or a field of it is out of range.
    error ShapeMalformed();
    /// @dev The statement verifier did not describe the shape: it reverted, burned its gas, or answered anything but well-formed facts.
    error DescribeFailed(address statementVerifier);
    /// @dev The statement verifier says of the shape what is not so.
    error FactsMismatch(bytes32 described, bytes32 computed);
    error UnknownCircuit(bytes32 circuitId);
    error VerifierChanged(address verifier, bytes32 registered, bytes32 found);
    /// @dev Too little gas for a verdict. Never to be read as "false".
    error InsufficientGas(uint256 available, uint256 needed);

    /// @notice Registers a circuit; a circuit that exists is left as it is.
    /// @param shape `abi(specId, srsId, blockLog, uint32[] sizes, the statement's own words, uint256[4] tau)`
    function register(bytes32 vkHash, address proofVerifier, address statementVerifier, bytes calldata shape)
        external
        returns (bytes32 circuitId);

    /// @notice Whether proof and opening show the statement. A verifier that runs out of the full cap, reverts, or answers anything but one
    /// word 0 or 1 has said "false"; so are lengths other than the circuit's.
    /// @dev Reverts with InsufficientGas where less than the cap would reach the verifier.
    function verify(bytes32 circuitId, bool open, uint256[] calldata statement, bytes calldata proof, bytes calldata opening)
        external
        view
        returns (bool);

    /// @dev Reverts with UnknownCircuit.
    function circuit(bytes32 circuitId) external view returns (Circuit memory);

    /// @notice The bytes that the circuit was registered with. Reverts with UnknownCircuit.
    function shapeOf(bytes32 circuitId) external view returns (bytes memory);
}
