// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Modules, Wired} from "./Modules.sol";
import {IStatementVerifier} from "./interfaces/IStatementVerifier.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {CodeStorage} from "./libraries/CodeStorage.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {ModelShape} from "./libraries/ModelShape.sol";

/// @title Circuits and the one meaning of "this proof is true"
contract VerifierRouter is IVerifierRouter, Wired {
    /// @notice Gas that every verification gets, no more and no less, so that its verdict does not depend on the caller.
    uint256 public constant VERIFY_GAS_CAP = 4_000_000;
    /// @notice Left for the call itself (cold account, return data) beside the 1/64 that the EVM withholds.
    uint256 public constant VERIFY_GAS_RESERVE = 60_000;
    /// @notice Gas that a statement verifier gets to describe a shape.
    uint256 public constant DESCRIBE_GAS_CAP = 1_000_000;
    /// @notice Id of Aztec's Ignition SRS, the only one whose secret nobody is known to know.
    bytes32 public constant PUBLIC_SRS_ID = Encodings.PUBLIC_SRS_ID;

    /// @dev Words of IStatementVerifier.Facts.
    uint256 private constant FACTS_WORDS = 9;
    uint256 private constant MAX_STATEMENT_WORDS = 2 ** 12;
    uint256 private constant MAX_BYTES = 2 ** 16;

    mapping(bytes32 circuitId => Circuit) private _circuits;

    constructor(Modules memory modules) Wired(modules) {}

    /// @inheritdoc IVerifierRouter
    function register(bytes32 vkHash, address proofVerifier, address statementVerifier, bytes calldata shape)
        external
        returns (bytes32 circuitId)
    {
        if (proofVerifier.code.length == 0) revert NoCode(proofVerifier);
        if (statementVerifier.code.length == 0) revert NoCode(statementVerifier);
        IStatementVerifier.Facts memory facts = _describe(statementVerifier, shape);
        _requireTrue(facts, shape);
        Circuit memory made;
        made.proofCodeHash = proofVerifier.codehash;
        made.statementCodeHash = statementVerifier.codehash;
        circuitId = Encodings.circuitId(facts.circuitTag, vkHash, made.proofCodeHash, made.statementCodeHash, keccak256(shape));
        if (_circuits[circuitId].shape != address(0)) return circuitId;
        made.proofVerifier = proofVerifier;
        made.statementVerifier = statementVerifier;
        made.vkHash = vkHash;
        made.steps = facts.steps;
        made.treeDepth = facts.treeDepth;
        made.statementWords = facts.statementWords;
        made.proofBytes = facts.proofBytes;
        made.openingBytes = facts.openingBytes;
        made.statementType = facts.statementType;
        made.modelId = facts.modelId;
        made.srsId = facts.srsId;
        made.shape = CodeStorage.write(shape);
        _circuits[circuitId] = made;
        emit CircuitRegistered(
            circuitId, made.modelId, made.statementType, made.srsId, vkHash, proofVerifier, statementVerifier
        );
    }

    /// @inheritdoc IVerifierRouter
    function verify(bytes32 circuitId, bool open, uint256[] calldata statement, bytes calldata proof, bytes calldata opening)
        external
        view
        returns (bool)
    {
        Circuit storage stored = _circuits[circuitId];
        address target = stored.statementVerifier;
        if (target == address(0)) revert UnknownCircuit(circuitId);
        if (statement.length != stored.statementWords) return false;
        if (proof.length != stored.proofBytes || opening.length != stored.openingBytes) return false;
        address proofVerifier = stored.proofVerifier;
        // An account whose code can still change (a delegated one) must not answer for the code that was registered.
        _requireCode(target, stored.statementCodeHash);
        _requireCode(proofVerifier, stored.proofCodeHash);
        bytes memory data = abi.encodeCall(
            IStatementVerifier.verify, (CodeStorage.read(stored.shape), proofVerifier, circuitId, open, statement, proof, opening)
        );
        uint256 cap = VERIFY_GAS_CAP;
        _requireGas(cap);
        bool success;
        uint256 size;
        uint256 word;
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

    /// @dev Asks a stranger's code: capped, and only an answer of exactly these words, each within its range, is taken.
    function _describe(address target, bytes calldata shape) private view returns (IStatementVerifier.Facts memory facts) {
        bytes memory data = abi.encodeCall(IStatementVerifier.describe, (shape));
        uint256 cap = DESCRIBE_GAS_CAP;
        _requireGas(cap);
        uint256[FACTS_WORDS] memory words;
        bool success;
        uint256 size;
        assembly ("memory-safe") {
            success := staticcall(cap, target, add(data, 32), mload(data), words, 0x120)
            size := returndatasize()
        }
        if (!success && size == 4 && bytes4(bytes32(words[0])) == IStatementVerifier.ShapeMalformed.selector) revert ShapeMalformed();
        if (!success || size != FACTS_WORDS * 32) revert DescribeFailed(target);
        if (words[4] > type(uint16).max || words[5] > type(uint8).max) revert DescribeFailed(target);
        if (words[6] > MAX_STATEMENT_WORDS || words[7] > MAX_BYTES || words[8] > MAX_BYTES) revert DescribeFailed(target);
        facts.statementType = bytes32(words[0]);
        facts.circuitTag = bytes32(words[1]);
        facts.modelId = bytes32(words[2]);
        facts.srsId = bytes32(words[3]);
        facts.steps = uint32(words[4]);
        facts.treeDepth = uint32(words[5]);
        facts.statementWords = uint32(words[6]);
        facts.proofBytes = uint32(words[7]);
        facts.openingBytes = uint32(words[8]);
    }

    /// @dev What the router can see for itself must be as described: the model, the SRS, and which statement the circuit id is of.
    function _requireTrue(IStatementVerifier.Facts memory facts, bytes calldata shape) private pure {
        (bool ok, ModelShape.Shape memory decoded) = ModelShape.decodeAny(shape);
        if (!ok) revert ShapeMalformed();
        if (facts.modelId != decoded.modelId) revert FactsMismatch(facts.modelId, decoded.modelId);
        if (facts.srsId != decoded.srsId) revert FactsMismatch(facts.srsId, decoded.srsId);
        // Every statement has its tag. One that this contract does not know must not take the place of one that it does.
        bytes32 tag = Encodings.circuitTagOf(facts.statementType);
        if (tag == bytes32(0) ? Encodings.isCircuitTag(facts.circuitTag) : tag != facts.circuitTag) {
            revert FactsMismatch(facts.circuitTag, tag);
        }
    }

    function _requireCode(address account, bytes32 registered) private view {
        if (account.codehash != registered) revert VerifierChanged(account, registered, account.codehash);
    }

    /// @dev The EVM withholds 1/64 and would silently forward less than asked for.
    function _requireGas(uint256 cap) private view {
        uint256 needed = (cap * 64) / 63 + VERIFY_GAS_RESERVE;
        uint256 available = gasleft();
        if (available <= needed) revert InsufficientGas(available, needed);
    }
}
