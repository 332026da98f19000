// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {AuditRegistry} from "../../src/AuditRegistry.sol";
import {Modules} from "../../src/Modules.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";
import {IAuditRegistry} from "../../src/interfaces/IAuditRegistry.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Discrete} from "./Discrete.sol";
import {ScriptedAudit} from "./ScriptedAudits.sol";
import {ScriptedWellFormed} from "./ScriptedStatements.sol";
import {SomeCode} from "./ScriptedVerifier.sol";
import {TestBase} from "./TestBase.sol";

/// Says of any checkpoint whether it is well-formed.
contract WellFormedList {
    mapping(bytes32 circuitId => mapping(uint256 checkpointId => bool)) public isWellFormed;

    function set(bytes32 circuitId, uint256 checkpointId) external {
        isWellFormed[circuitId][checkpointId] = true;
    }
}

/// A registry over a real router. A scripted verifier takes the one statement whose hash the proof carries, as a real one does.
abstract contract AuditStage is TestBase {
    uint256 internal constant R = Encodings.R;
    uint256 internal constant CHECKPOINT = 4242;
    uint256 internal constant MASK = 77;

    VerifierRouter internal router;
    WellFormedList internal models;
    AuditRegistry internal registry;
    address internal auditVerifier;
    address internal wellFormedVerifier;
    address internal honk;
    bytes32 internal circuitId;
    bytes32 internal wellFormedId;
    uint256 internal setId;
    IAuditRegistry.AuditSet internal auditSet;
    address internal owner = address(0xA11CE);
    address internal opener = address(0x09E4);

    function setUp() public virtual {
        Modules memory modules;
        router = new VerifierRouter(modules);
        models = new WellFormedList();
        modules.verifierRouter = address(router);
        modules.modelRegistry = address(models);
        registry = new AuditRegistry(modules);
        auditVerifier = address(new ScriptedAudit());
        wellFormedVerifier = address(new ScriptedWellFormed());
        honk = address(new SomeCode());
        // 4 labels of 4 classes: 16 counts, 15 in the first word.
        circuitId = auditCircuit(8, 1, 3, 0, "spec");
        wellFormedId = wellFormedCircuit("spec");
        auditSet = IAuditRegistry.AuditSet({root: 99, depth: 3, chunks: 5, samples: 8, classes: 4, groups: 1});
        vm.prank(owner);
        setId = registry.registerSet(auditSet);
    }

    function sizes() internal pure returns (uint32[] memory made) {
        made = new uint32[](3);
        (made[0], made[1], made[2]) = (6, 5, 4);
    }

    function auditCircuit(uint256 samples, uint256 groups, uint256 depth, uint256 kind, string memory spec) internal returns (bytes32) {
        return auditCircuit(samples, groups, depth, kind, 0, spec);
    }

    function auditCircuit(uint256 samples, uint256 groups, uint256 depth, uint256 kind, uint256 thresholds, string memory spec)
        internal
        returns (bytes32)
    {
        uint256[4] memory tau = Discrete.g2Words(1234);
        bytes memory shape = abi.encode(
            keccak256(bytes(spec)), Encodings.srsId(tau), uint256(5), sizes(), samples, groups, depth, kind, thresholds, uint256(33), tau
        );
        return router.register(keccak256("vk"), honk, auditVerifier, shape);
    }

    function wellFormedCircuit(string memory spec) internal returns (bytes32) {
        uint256[4] memory tau = Discrete.g2Words(1234);
        bytes memory shape =
            abi.encode(keccak256(bytes(spec)), Encodings.srsId(tau), uint256(5), sizes(), uint256(1), uint256(32768), uint256(33), tau);
        return router.register(keccak256("vk"), honk, wellFormedVerifier, shape);
    }

    function question(uint16 draws) internal view returns (IAuditRegistry.Question memory) {
        return IAuditRegistry.Question({
            circuitId: circuitId,
            wellFormedCircuitId: wellFormedId,
            checkpointId: CHECKPOINT,
            setId: setId,
            setOwner: owner,
            draws: draws
        });
    }

    function open(uint16 draws) internal returns (bytes32) {
        vm.prank(opener);
        return registry.open(question(draws));
    }

    /// A proof of chunk `chunk` of the audit with these counts.
    function proofOf(bytes32 auditId, uint256 chunk, uint256 mask, uint256[] memory counts) internal view returns (bytes memory) {
        uint256[] memory statement = new uint256[](5 + counts.length);
        IAuditRegistry.Question memory asked = registry.audit(auditId).question;
        statement[0] = registry.contextOf(auditId);
        statement[1] = asked.checkpointId;
        statement[2] = mask;
        statement[3] = registry.auditSet(asked.setId).root;
        statement[4] = chunk;
        for (uint256 i = 0; i < counts.length; ++i) statement[5 + i] = counts[i];
        return abi.encodePacked(bytes1(0x01), keccak256(abi.encodePacked(asked.circuitId, uint256(0), statement)));
    }

    /// Packed counts: entry k is seed + k.
    function countsFrom(uint256 seed) internal pure returns (uint256[] memory counts) {
        counts = new uint256[](2);
        for (uint256 k = 0; k < 16; ++k) counts[k / 15] |= (seed + k) << (16 * (k % 15));
    }

    function prove(bytes32 auditId, uint256 chunk, uint256 seed) internal {
        uint256[] memory counts = countsFrom(seed);
        registry.prove(auditId, chunk, MASK, counts, proofOf(auditId, chunk, MASK, counts), new bytes(7));
    }
}
