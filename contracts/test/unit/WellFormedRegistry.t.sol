// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {Modules} from "../../src/Modules.sol";
import {Modules} from "../../src/Modules.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {ExactHonk} from "../utils/HonkStandIns.sol";
import {LyingVerifier} from "../utils/LyingVerifier.sol";
import {OpeningMaker} from "../utils/OpeningMaker.sol";

/// See WellFormedRegistry.tree.
contract WellFormedRegistryTest is OpeningMaker {
    VerifierRouter internal verifierRouter;
    ModelRegistry internal models;
    address internal wellFormed;
    address internal honk;
    Network internal net;
    bytes32 internal circuitId;
    uint256 internal checkpoint;
    uint256 internal mask;

    event SegmentProved(
        bytes32 indexed circuitId, bytes32 indexed modelId, uint256 indexed checkpointId, uint256 segment, uint256 maskId, bool complete
    );

    function setUp() public {
        Modules memory set;
        verifierRouter = VerifierRouter(vm.deployCode("VerifierRouter.sol:VerifierRouter", abi.encode(set)));
        set.verifierRouter = address(verifierRouter);
        wellFormed = vm.deployCode("WellFormedVerifier.sol:WellFormedVerifier", "");
        models = ModelRegistry(vm.deployCode("ModelRegistry.sol:ModelRegistry", abi.encode(set)));
        honk = address(new ExactHonk());
        net = network(6, 5, 3, 5);
        circuitId = verifierRouter.register(keccak256("vk"), honk, wellFormed, shape(1));
        uint256[] memory statement = new uint256[](4);
        open(net, Binding(wellFormed, circuitId, 0, 1, 0), statement);
        (checkpoint, mask) = (statement[1], statement[2]);
    }

    function shape(uint256 blocksPerProof) internal view returns (bytes memory) {
        return abi.encode(
            keccak256("spec"), Encodings.srsId(tau()), net.blockLog, sizes32(net), blocksPerProof, uint256(32768), uint256(64), tau()
        );
    }

    /// Proof and opening of one segment, for whatever context.
    function proved(uint256 context, uint256 segment) internal view returns (bytes memory proof, bytes memory opening) {
        uint256[] memory statement = new uint256[](4);
        (statement[0], statement[3]) = (context, segment);
        opening = open(net, Binding(wellFormed, circuitId, segment, 1, 0), statement);
        uint256 binding = uint256(keccak256(abi.encodePacked(statement))) % R;
        bytes memory outputs = new bytes(96);
        for (uint256 i = 0; i < 96; ++i) outputs[i] = opening[i];
        proof = abi.encodePacked(bytes32("ok"), keccak256(abi.encodePacked(binding, outputs)));
    }

    function prove(uint256 segment) internal {
        (bytes memory proof, bytes memory opening) = proved(models.wellFormedContext(circuitId), segment);
        models.proveWellFormed(circuitId, checkpoint, segment, mask, proof, opening);
    }

    function rejected(uint256 context, uint256 checkpointId, uint256 claimed, uint256 segment) internal {
        (bytes memory proof, bytes memory opening) = proved(context, segment);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ProofRejected.selector, circuitId, checkpointId, claimed));
        models.proveWellFormed(circuitId, checkpointId, claimed, mask, proof, opening);
    }

    function test_context_isThatOfTheEncodings() public view {
        bytes32 hash = keccak256(abi.encode(keccak256("assay.context.well-formed.v1"), block.chainid, address(models), circuitId));
        assertEq(models.wellFormedContext(circuitId), uint256(hash) % R, "context");
    }

    function test_prove_everySegment() public {
        uint256[3] memory order = [uint256(2), 0, 1];
        uint256 bits;
        for (uint256 i = 0; i < 3; ++i) {
            assertTrue(!models.isWellFormed(circuitId, checkpoint), "not yet");
            vm.expectEmit(address(models));
            emit SegmentProved(circuitId, net.modelId, checkpoint, order[i], mask, i == 2);
            prove(order[i]);
            bits |= 1 << order[i];
            assertEq(models.provedSegments(circuitId, checkpoint), bits, "bits");
        }
        assertTrue(models.isWellFormed(circuitId, checkpoint), "well-formed");
        assertTrue(!models.isWellFormed(circuitId, checkpoint + 1), "no other checkpoint");
        assertTrue(!models.isWellFormed(keccak256("x"), checkpoint), "no other circuit");
    }

    function test_prove_againChangesNothing() public {
        prove(1);
        vm.recordLogs();
        // Nothing is verified: not even a proof is needed.
        models.proveWellFormed(circuitId, checkpoint, 1, mask, "", "");
        assertEq(vm.getRecordedLogs().length, 0, "no event");
        assertEq(models.provedSegments(circuitId, checkpoint), 2, "bits");
    }

    function test_prove_refusesWhatIsOfSomethingElse() public {
        uint256 context = models.wellFormedContext(circuitId);
        rejected(addmod(context, 1, R), checkpoint, 0, 0);
        rejected(context, checkpoint, 1, 0);
        rejected(context, checkpoint + 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ProofRejected.selector, circuitId, checkpoint, 0));
        models.proveWellFormed(circuitId, checkpoint, 0, mask, "", "");
        assertEq(models.provedSegments(circuitId, checkpoint), 0, "nothing recorded");
        prove(0);
        assertEq(models.provedSegments(circuitId, checkpoint), 1, "control");
    }

    function test_prove_refusesNumbersOutOfRange() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.OutOfField.selector, R));
        models.proveWellFormed(circuitId, R, 0, mask, "", "");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.OutOfField.selector, R + 1));
        models.proveWellFormed(circuitId, checkpoint, 0, R + 1, "", "");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NoSuchSegment.selector, 3, 3));
        models.proveWellFormed(circuitId, checkpoint, 3, mask, "", "");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NoSuchSegment.selector, 256, 3));
        models.proveWellFormed(circuitId, checkpoint, 256, mask, "", "");
    }

    function facts(bytes32 statementType, string memory tag) internal view returns (bytes memory) {
        return abi.encode(statementType, keccak256(bytes(tag)), net.modelId, Encodings.srsId(tau()), 0, 0, 4, 0, 0);
    }

    function test_prove_refusesOtherStatements() public {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.UnknownCircuit.selector, keccak256("x")));
        models.proveWellFormed(keccak256("x"), checkpoint, 0, mask, "", "");
        LyingVerifier other = new LyingVerifier();
        other.tell(facts(keccak256("audit"), "assay.circuit.audit.v1"), false, false);
        bytes32 otherId = verifierRouter.register(keccak256("vk"), honk, address(other), shape(1));
        other.tell(abi.encode(1), false, false);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotWellFormedCircuit.selector, otherId, keccak256("audit")));
        models.proveWellFormed(otherId, checkpoint, 0, mask, "", "");
    }

    /// Anyone may register a verifier that says yes to everything: it speaks for its own circuit id alone.
    function test_prove_aStrangersCircuit() public {
        LyingVerifier stranger = new LyingVerifier();
        stranger.tell(facts(keccak256("well-formed"), "assay.circuit.well-formed.v1"), false, false);
        bytes32 strangers = verifierRouter.register(keccak256("vk"), honk, address(stranger), shape(64));
        stranger.tell(abi.encode(1), false, false);
        models.proveWellFormed(strangers, checkpoint, 0, mask, "", "");
        assertTrue(models.isWellFormed(strangers, checkpoint), "under its id");
        assertTrue(!models.isWellFormed(circuitId, checkpoint), "not under another");
    }

    function test_prove_shortOfGasRecordsNothing() public {
        (bytes memory proof, bytes memory opening) = proved(models.wellFormedContext(circuitId), 0);
        bytes memory call = abi.encodeCall(models.proveWellFormed, (circuitId, checkpoint, 0, mask, proof, opening));
        uint256 refused;
        for (uint256 gas_ = 100_000; gas_ <= 4_000_000; gas_ += 100_000) {
            (bool success, bytes memory returned) = address(models).call{gas: gas_}(call);
            assertTrue(!success && (returned.length == 0 || bytes4(returned) == IVerifierRouter.InsufficientGas.selector), "says so");
            if (returned.length != 0) ++refused;
        }
        assertTrue(refused > 30, "it did");
        assertEq(models.provedSegments(circuitId, checkpoint), 0, "nothing");
        (bool enough,) = address(models).call{gas: 5_000_000}(call);
        assertTrue(enough && models.provedSegments(circuitId, checkpoint) == 1, "control");
    }
}
