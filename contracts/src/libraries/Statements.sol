// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Encodings} from "./Encodings.sol";

/// @title Statements that a job can pay for
/// @notice `train-window` and `inference`; the tags are those of docs/reference/encodings.md.
library Statements {
    bytes32 internal constant WINDOW_CONTEXT_TAG = keccak256("assay.context.train-window.v1");
    bytes32 internal constant INFERENCE_CONTEXT_TAG = keccak256("assay.context.inference.v1");
    bytes32 internal constant WINDOW_STATEMENT_TAG = keccak256("assay.statement.train-window.v1");
    bytes32 internal constant INFERENCE_STATEMENT_TAG = keccak256("assay.statement.inference.v1");

    /// @notice Whether jobs of this statement are inference jobs; any other job trains.
    function isInference(bytes32 statementType) internal pure returns (bool) {
        return statementType == Encodings.INFERENCE;
    }

    function contextTag(bytes32 statementType) internal pure returns (bytes32) {
        return isInference(statementType) ? INFERENCE_CONTEXT_TAG : WINDOW_CONTEXT_TAG;
    }

    /// @notice Word 0 of a statement: names the circuit, the lease and the registration under which it is made, so that a proof or an
    /// announcement of it is of no use for anything else.
    /// @param lease jobId, windowIndex, contributionIndex, leaseNonce, registrationNonce
    function context(bytes32 statementType, address jobManager, bytes32 circuitId, address operator, uint256[5] memory lease)
        internal
        view
        returns (uint256)
    {
        // The words of a static array are encoded in its place.
        bytes memory preimage = abi.encode(contextTag(statementType), block.chainid, jobManager, lease, operator, circuitId);
        return uint256(keccak256(preimage)) % Encodings.R;
    }

    /// @notice What an announcement signs of a statement: the tag, then its words, however many.
    function hash(bytes32 statementType, uint256[] memory statement) internal pure returns (bytes32) {
        bytes32 tag = isInference(statementType) ? INFERENCE_STATEMENT_TAG : WINDOW_STATEMENT_TAG;
        // Elements of an array are packed as whole words, without its length: the encoding of a tuple of words.
        return keccak256(abi.encodePacked(tag, statement));
    }

    /// @notice What the verifier is told about the weights: only a window commits new ones, which must then be pure.
    function isOpen(bytes32 statementType, bool openWeights) internal pure returns (bool) {
        return openWeights && !isInference(statementType);
    }
}
