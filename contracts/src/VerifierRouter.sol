// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {IWindowVerifier} from "./interfaces/IWindowVerifier.sol";
import {CodeStorage} from "./libraries/CodeStorage.sol";
import {WindowShape} from "./libraries/WindowShape.sol";
import {Encodings} from "./libraries/Encodings.sol";

/// @title Circuits and the one meaning of "this proof is true"
contract VerifierRouter is IVerifierRouter {
    struct Shape {
        bytes32 specId;
        bytes32 srsId;
        uint256 blockLog;
        uint32[] sizes;
        uint256 batch;
        uint256 steps;
        uint256 treeDepth;
        uint256 honkProofBytes;
        uint256[4] tau;
    }

    /// @notice Gas that every verification gets, no more and no less, so that its verdict does not depend on the caller.
    uint256 public constant VERIFY_GAS_CAP = 4_000_000;
    /// @notice Left for the call itself (cold account, return data) beside the 1/64 that the EVM withholds.
    uint256 public constant VERIFY_GAS_RESERVE = 60_000;
    /// @notice Id of Aztec's Ignition SRS, the only one whose secret nobody is known to know.
    bytes32 public constant PUBLIC_SRS_ID = Encodings.PUBLIC_SRS_ID;

    mapping(bytes32 circuitId => Circuit) private _circuits;

    /// @inheritdoc IVerifierRouter
    function register(bytes32 vkHash, address honkVerifier, address windowVerifier, bytes calldata shape)
        external
        returns (bytes32 circuitId)
    {
        if (honkVerifier.code.length == 0) revert NoCode(honkVerifier);
        if (windowVerifier.code.length == 0) revert NoCode(windowVerifier);
        Circuit memory made;
        made.honkVerifier = honkVerifier;
        made.windowVerifier = windowVerifier;
        made.vkHash = vkHash;
        made.honkCodeHash = honkVerifier.codehash;
        made.windowCodeHash = windowVerifier.codehash;
        circuitId = Encodings.circuitId(vkHash, made.honkCodeHash, made.windowCodeHash, keccak256(shape));
        if (_circuits[circuitId].shape != address(0)) return circuitId;
        (made.modelId, made.srsId, made.steps, made.treeDepth) = _readShape(shape);
        made.shape = CodeStorage.write(shape);
        _circuits[circuitId] = made;
        emit CircuitRegistered(circuitId, made.modelId, made.srsId, vkHash, honkVerifier, windowVerifier);
    }

    /// @inheritdoc IVerifierRouter
    function verify(bytes32 circuitId, bool open, uint256[8] calldata statement, bytes calldata honkProof, bytes calldata opening)
        external
        view
        returns (bool)
    {
        Circuit storage stored = _circuits[circuitId];
        address target = stored.windowVerifier;
        if (target == address(0)) revert UnknownCircuit(circuitId);
        address honkVerifier = stored.honkVerifier;
        // An account whose code can still change (a delegated one) must not answer for the code that was registered.
        if (target.codehash != stored.windowCodeHash) revert VerifierChanged(target, stored.windowCodeHash, target.codehash);
        if (honkVerifier.codehash != stored.honkCodeHash) revert VerifierChanged(honkVerifier, stored.honkCodeHash, honkVerifier.codehash);
        bytes memory data = abi.encodeCall(
            IWindowVerifier.verify, (CodeStorage.read(stored.shape), honkVerifier, circuitId, open, statement, honkProof, opening)
        );
        // The EVM withholds 1/64 and would silently forward less than asked for.
        uint256 needed = (VERIFY_GAS_CAP * 64) / 63 + VERIFY_GAS_RESERVE;
        uint256 available = gasleft();
        if (available <= needed) revert InsufficientGas(available, needed);
        bool success;
        uint256 size;
        uint256 word;
        uint256 cap = VERIFY_GAS_CAP;
        assembly ("memory-safe") {
            // At most one word of the answer is copied, so a long answer costs nothing here.
            success := staticcall(cap, target, add(data, 32), mload(data), 0, 32)
            size := returndatasize()
            word := mload(0)
        }
        return success && size == 32 && word == 1;
    }

    /// @inheritdoc IVerifierRouter
    function circuit(bytes32 circuitId) external view returns (Circuit memory found) {
        found = _circuits[circuitId];
        if (found.shape == address(0)) revert UnknownCircuit(circuitId);
    }

    /// @inheritdoc IVerifierRouter
    function shapeOf(bytes32 circuitId) external view returns (bytes memory) {
        address pointer = _circuits[circuitId].shape;
        if (pointer == address(0)) revert UnknownCircuit(circuitId);
        return CodeStorage.read(pointer);
    }

    function _readShape(bytes calldata encoded) private pure returns (bytes32 modelId, bytes32 srsId, uint32 steps, uint32 treeDepth) {
        Shape memory s;
        (s.specId, s.srsId, s.blockLog, s.sizes, s.batch, s.steps, s.treeDepth, s.honkProofBytes, s.tau) =
            abi.decode(encoded, (bytes32, bytes32, uint256, uint32[], uint256, uint256, uint256, uint256, uint256[4]));
        bytes memory canonical =
            abi.encode(s.specId, s.srsId, s.blockLog, s.sizes, s.batch, s.steps, s.treeDepth, s.honkProofBytes, s.tau);
        if (keccak256(canonical) != keccak256(encoded)) revert ShapeMalformed();
        if (s.sizes.length < 2 || s.sizes.length > 32 || s.blockLog > 28) revert ShapeMalformed();
        if (s.steps == 0 || s.steps > type(uint16).max || s.treeDepth > 32 || s.batch == 0) revert ShapeMalformed();
        bytes32 computed = Encodings.srsId(s.tau);
        if (computed != s.srsId) revert SrsMismatch(s.srsId, computed);
        // A shape that the window verifier refuses would make every proof "false", and honest workers slashable.
        (bool ok,) = WindowShape.decode(encoded);
        if (!ok) revert ShapeMalformed();
        return (Encodings.modelId(s.specId, s.srsId, s.blockLog, s.sizes), s.srsId, uint32(s.steps), uint32(s.treeDepth));
    }
}
