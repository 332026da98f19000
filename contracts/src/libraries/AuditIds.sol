// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAuditRegistry} from "../interfaces/IAuditRegistry.sol";
import {Encodings} from "./Encodings.sol";

/// @title Identifiers and draws of audits
/// @notice docs/reference/encodings.md, audit.
library AuditIds {
    bytes32 internal constant AUDIT_TAG = keccak256("assay.audit.v1");
    bytes32 internal constant SET_TAG = keccak256("assay.audit-set.v1");
    bytes32 internal constant DRAW_TAG = keccak256("assay.audit.draw.v1");
    bytes32 internal constant CONTEXT_TAG = keccak256("assay.context.audit.v1");

    function setId(IAuditRegistry.AuditSet memory set) internal pure returns (uint256) {
        bytes memory content = abi.encode(SET_TAG, set.root, set.depth, set.chunks, set.samples, set.classes, set.groups);
        return uint256(keccak256(content)) % Encodings.R;
    }

    function auditId(address registry, address opener, IAuditRegistry.Question memory question, uint256 nonce)
        internal
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                AUDIT_TAG,
                block.chainid,
                registry,
                opener,
                question.circuitId,
                question.checkpointId,
                question.setId,
                question.wellFormedCircuitId,
                uint256(question.draws),
                nonce
            )
        );
    }

    function context(address registry, bytes32 auditId_) internal view returns (uint256) {
        return uint256(keccak256(abi.encode(CONTEXT_TAG, block.chainid, registry, auditId_))) % Encodings.R;
    }

    function drawSeed(bytes32 blockHash, bytes32 auditId_) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(blockHash, auditId_));
    }

    /// @notice Partial Fisher-Yates from the front.
    /// @param chunks at most 256
    /// @param draws at most as many
    /// @return wanted a bit for each chunk that is drawn
    function drawn(bytes32 seed, uint256 chunks, uint256 draws) internal pure returns (uint256 wanted) {
        uint256[] memory order = new uint256[](chunks);
        for (uint256 i = 0; i < chunks; ++i) order[i] = i;
        for (uint256 i = 0; i < draws; ++i) {
            uint256 j = i + uint256(keccak256(abi.encodePacked(DRAW_TAG, seed, i))) % (chunks - i);
            (order[i], order[j]) = (order[j], order[i]);
            wanted |= uint256(1) << order[i];
        }
    }
}
