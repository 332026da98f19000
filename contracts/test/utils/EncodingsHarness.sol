// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAuditRegistry} from "../../src/interfaces/IAuditRegistry.sol";
import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {AuditIds} from "../../src/libraries/AuditIds.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Statements} from "../../src/libraries/Statements.sol";

/// @title The libraries' ids and hashes, for comparison with the vectors
contract EncodingsHarness {
    function srsId(uint256[4] memory tau) external pure returns (bytes32) {
        return Encodings.srsId(tau);
    }

    function modelId(bytes32 specId, bytes32 srsId_, uint256 blockLog, uint32[] memory sizes) external pure returns (bytes32) {
        return Encodings.modelId(specId, srsId_, blockLog, sizes);
    }

    function checkpointId(bytes32 modelId_, bytes memory points) external pure returns (uint256) {
        return Encodings.checkpointId(modelId_, points);
    }

    function circuitId(bytes32 circuitTag, bytes32 vkHash, bytes32 proofCodeHash, bytes32 statementCodeHash, bytes32 shapeHash)
        external
        pure
        returns (bytes32)
    {
        return Encodings.circuitId(circuitTag, vkHash, proofCodeHash, statementCodeHash, shapeHash);
    }

    function submissionId(address jobManager, uint256 jobId, uint256 windowIndex, uint256 contributionIndex, uint256 leaseNonce)
        external
        view
        returns (bytes32)
    {
        return Encodings.submissionId(jobManager, jobId, windowIndex, contributionIndex, leaseNonce);
    }

    function statementHash(bytes32 statementType, uint256[] memory statement) external pure returns (bytes32) {
        return Statements.hash(statementType, statement);
    }

    function proofHash(bytes calldata honkProof, bytes calldata opening) external pure returns (bytes32) {
        return Encodings.proofHash(honkProof, opening);
    }

    function evidenceCommitment(bytes32 submissionId, bytes32 statementHash_, bytes32 proofHash_, address finder, bytes32 salt)
        external
        pure
        returns (bytes32)
    {
        return Encodings.evidenceCommitment(submissionId, statementHash_, proofHash_, finder, salt);
    }

    function datasetId(IDatasetRegistry.Dataset memory dataset) external pure returns (bytes32) {
        return Encodings.datasetId(dataset);
    }

    function auditSetId(IAuditRegistry.AuditSet memory set) external pure returns (uint256) {
        return AuditIds.setId(set);
    }

    function auditId(address registry, address opener, IAuditRegistry.Question memory question, uint256 nonce)
        external
        view
        returns (bytes32)
    {
        return AuditIds.auditId(registry, opener, question, nonce);
    }

    function auditContext(address registry, bytes32 auditId_) external view returns (uint256) {
        return AuditIds.context(registry, auditId_);
    }

    function drawSeed(bytes32 blockHash, bytes32 auditId_) external pure returns (bytes32) {
        return AuditIds.drawSeed(blockHash, auditId_);
    }

    function drawn(bytes32 seed, uint256 chunks, uint256 draws) external pure returns (uint256) {
        return AuditIds.drawn(seed, chunks, draws);
    }
}
