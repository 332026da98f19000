// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IDatasetRegistry} from "../interfaces/IDatasetRegistry.sol";

/// @title Identifiers of docs/reference/encodings.md
library Encodings {
    /// @notice Order of BN254's scalar field.
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    bytes32 internal constant SRS_TAG = keccak256("assay.srs.v1");
    bytes32 internal constant MODEL_TAG = keccak256("assay.model.v1");
    bytes32 internal constant CHECKPOINT_TAG = keccak256("assay.ckpt.v1");
    bytes32 internal constant TRAIN_WINDOW = keccak256("train-window");
    bytes32 internal constant INFERENCE = keccak256("inference");
    bytes32 internal constant WELL_FORMED = keccak256("well-formed");
    bytes32 internal constant AUDIT = keccak256("audit");
    bytes32 internal constant MEMBERSHIP = keccak256("membership");
    bytes32 internal constant TRAIN_WINDOW_CIRCUIT_TAG = keccak256("assay.circuit.train-window.v1");
    bytes32 internal constant INFERENCE_CIRCUIT_TAG = keccak256("assay.circuit.inference.v1");
    bytes32 internal constant WELL_FORMED_CIRCUIT_TAG = keccak256("assay.circuit.well-formed.v1");
    bytes32 internal constant AUDIT_CIRCUIT_TAG = keccak256("assay.circuit.audit.v1");
    bytes32 internal constant MEMBERSHIP_CIRCUIT_TAG = keccak256("assay.circuit.membership.v1");
    bytes32 internal constant WELL_FORMED_CONTEXT_TAG = keccak256("assay.context.well-formed.v1");
    bytes32 internal constant CONTEXT_TAG = keccak256("assay.context.train-window.v1");
    bytes32 internal constant SUBMISSION_TAG = keccak256("assay.submission.v1");
    bytes32 internal constant EVIDENCE_TAG = keccak256("assay.evidence.v1");
    bytes32 internal constant ATTESTATION_TAG = keccak256("assay.attestation.v1");
    bytes32 internal constant ATTESTATION_COMMIT_TAG = keccak256("assay.attestation.commit.v1");
    bytes32 internal constant DATASET_TAG = keccak256("assay.dataset.v2");

    /// @notice `srsId` of Aztec's Ignition [tau]_2 (a test recomputes it and pairs it with the SRS's first points).
    bytes32 internal constant PUBLIC_SRS_ID = 0xeef7eb90f00dfe65a97cfe5fdc510068a5b33c4618826cd47c3fd9b5c8b8e73b;

    /// @param tau [tau]_2 as x_1, x_0, y_1, y_0 (EIP-197 order)
    function srsId(uint256[4] memory tau) internal pure returns (bytes32) {
        return keccak256(abi.encode(SRS_TAG, tau));
    }

    function modelId(bytes32 specId, bytes32 srsId_, uint256 blockLog, uint32[] memory sizes) internal pure returns (bytes32) {
        bytes memory packedSizes;
        // abi.encodePacked would pad the elements of an array to words. At most a few layers.
        for (uint256 i = 0; i < sizes.length; ++i) packedSizes = abi.encodePacked(packedSizes, sizes[i]);
        return keccak256(abi.encode(MODEL_TAG, specId, srsId_, blockLog, keccak256(packedSizes)));
    }

    /// @param points every block's commitment in order, 64 bytes each
    function checkpointId(bytes32 modelId_, bytes memory points) internal pure returns (uint256) {
        return uint256(keccak256(abi.encodePacked(CHECKPOINT_TAG, modelId_, points))) % R;
    }

    /// @notice The circuit tag of a statement type; 0 for a type that is none of those above.
    function circuitTagOf(bytes32 statementType) internal pure returns (bytes32) {
        if (statementType == TRAIN_WINDOW) return TRAIN_WINDOW_CIRCUIT_TAG;
        if (statementType == INFERENCE) return INFERENCE_CIRCUIT_TAG;
        if (statementType == WELL_FORMED) return WELL_FORMED_CIRCUIT_TAG;
        if (statementType == AUDIT) return AUDIT_CIRCUIT_TAG;
        return statementType == MEMBERSHIP ? MEMBERSHIP_CIRCUIT_TAG : bytes32(0);
    }

    /// @notice Whether `tag` belongs to one of those statements.
    function isCircuitTag(bytes32 tag) internal pure returns (bool) {
        return tag == TRAIN_WINDOW_CIRCUIT_TAG || tag == INFERENCE_CIRCUIT_TAG || tag == WELL_FORMED_CIRCUIT_TAG || tag == AUDIT_CIRCUIT_TAG
            || tag == MEMBERSHIP_CIRCUIT_TAG;
    }

    /// @param circuitTag the statement's, one of those above
    function circuitId(bytes32 circuitTag, bytes32 vkHash, bytes32 proofCodeHash, bytes32 statementCodeHash, bytes32 shapeHash)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(circuitTag, vkHash, proofCodeHash, statementCodeHash, shapeHash));
    }

    function submissionId(address jobManager, uint256 jobId, uint256 windowIndex, uint256 contributionIndex, uint256 leaseNonce)
        internal
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(SUBMISSION_TAG, block.chainid, jobManager, jobId, windowIndex, contributionIndex, leaseNonce));
    }

    function proofHash(bytes calldata honkProof, bytes calldata opening) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(honkProof), keccak256(opening)));
    }

    function evidenceCommitment(bytes32 submissionId_, bytes32 statementHash_, bytes32 proofHash_, address finder, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(EVIDENCE_TAG, submissionId_, statementHash_, proofHash_, finder, salt));
    }

    /// @notice What an attestation says: needs the proof's bytes, and is of no use to another operator. That the bytes are cut in two at one place
    /// is for `proofHash` to say.
    function attestationDigest(address operator, bytes calldata proof, bytes calldata opening) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(ATTESTATION_TAG, operator, proof, opening));
    }

    function attestationCommitment(bytes32 submissionId_, uint256 seat, address operator, bytes32 digest, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(ATTESTATION_COMMIT_TAG, submissionId_, seat, operator, digest, salt));
    }

    /// @notice Names a registration, not only its content: terms that one registrant states never bind another's.
    function datasetId(IDatasetRegistry.Dataset memory d) internal pure returns (bytes32) {
        IDatasetRegistry.Terms memory terms = d.terms;
        // In two parts: the words are too many for the stack. All are static, so the parts join to one abi.encode.
        bytes memory content = abi.encode(DATASET_TAG, d.registrant, d.root, d.depth, d.minibatches, d.cidHash, d.licenceHash);
        return keccak256(bytes.concat(content, abi.encode(terms.uses, terms.feeBps, terms.expiryBlock, terms.revocable)));
    }
}
