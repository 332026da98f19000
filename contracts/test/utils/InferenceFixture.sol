// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Fixture} from "./Fixture.sol";
import {ScriptedInference, ScriptedWellFormed} from "./ScriptedStatements.sol";

/// Adds what inference jobs need: circuits, and a hidden checkpoint of alice's that has been proved well-formed.
abstract contract InferenceFixture is Fixture {
    uint256 internal constant MASK = 55;

    bytes32 internal inferenceCircuit;
    bytes32 internal wellFormedCircuit;
    uint256 internal secretId;

    function setUp() public virtual override {
        super.setUp();
        ScriptedInference answers = ScriptedInference(deploy("ScriptedStatements.sol:ScriptedInference", ""));
        ScriptedWellFormed bounds = ScriptedWellFormed(deploy("ScriptedStatements.sol:ScriptedWellFormed", ""));
        inferenceCircuit = router.register(keccak256("inference vk"), address(honk), address(answers), shapeOf(devTau()));
        wellFormedCircuit = router.register(keccak256("well-formed vk"), address(honk), address(bounds), wellFormedShape(2));
        secretId = registerAsGenesis(alice, 7);
        proveWellFormed(secretId);
    }

    /// A checkpoint of 64-32-10 at blockLog 10 has 3 + 1 blocks.
    function wellFormedShape(uint256 blocksPerProof) internal pure returns (bytes memory) {
        return abi.encode(
            keccak256("spec"), Encodings.srsId(devTau()), uint256(10), sizes(), blocksPerProof, uint256(1000), uint256(64), devTau()
        );
    }

    function registerAsGenesis(address by, uint8 kind) internal returns (uint256) {
        bytes memory points = new bytes(128);
        points[127] = bytes1(kind);
        vm.prank(by);
        return models.registerGenesis(modelId, points, hex"01551220", "all rights reserved");
    }

    function wellFormedProof(uint256 checkpointId, uint256 segment) internal view returns (bytes memory) {
        uint256[] memory statement = new uint256[](4);
        (statement[0], statement[1]) = (models.wellFormedContext(wellFormedCircuit), checkpointId);
        (statement[2], statement[3]) = (MASK, segment);
        return boundProof(wellFormedCircuit, false, statement);
    }

    function proveWellFormed(uint256 checkpointId) internal {
        for (uint256 segment = 0; segment < 2; ++segment) proveSegment(checkpointId, segment);
    }

    function proveSegment(uint256 checkpointId, uint256 segment) internal {
        models.proveWellFormed(wellFormedCircuit, checkpointId, segment, MASK, wellFormedProof(checkpointId, segment), OPENING);
    }

    /// A job that asks: alice's hidden checkpoint, or the requester's open one.
    function askTerms(address payToken, bool open) internal view returns (IJobManager.JobTerms memory) {
        return asking(termsFor(payToken), open);
    }

    function optimisticAskTerms(address payToken, bool open) internal view returns (IJobManager.JobTerms memory) {
        return asking(optimisticTermsFor(payToken), open);
    }

    function asking(IJobManager.JobTerms memory terms, bool open) internal view returns (IJobManager.JobTerms memory) {
        terms.circuitId = inferenceCircuit;
        terms.datasetId = bytes32(0);
        return open ? terms : hidden(terms);
    }

    /// Terms about alice's hidden checkpoint, which she alone works on.
    function hidden(IJobManager.JobTerms memory terms) internal view returns (IJobManager.JobTerms memory) {
        terms.open = false;
        terms.genesisId = secretId;
        terms.worker = alice;
        terms.wellFormedCircuit = wellFormedCircuit;
        return terms;
    }

    /// A job that asks alice's hidden checkpoint, without inputs.
    function ask() internal returns (uint256 jobId) {
        return openWith(askTerms(address(pay), false));
    }

    /// `count` inputs with ids from 900 + first on.
    function inputs(uint256 first, uint256 count) internal pure returns (IJobManager.Input[] memory made) {
        made = new IJobManager.Input[](count);
        for (uint256 i = 0; i < count; ++i) made[i] = IJobManager.Input(900 + first + i, hex"01551220");
    }

    function addInputs(uint256 jobId, uint256 count) internal {
        uint256 first = jobs.inputCount(jobId);
        vm.prank(requester);
        jobs.addInputs(jobId, inputs(first, count));
    }

    /// What a worker submits of an answer.
    function answered(uint256 first, uint256 second) internal pure returns (uint256[] memory results) {
        results = new uint256[](3);
        (results[0], results[1], results[2]) = (MASK, first, second);
    }

    /// Leases, proves and settles the next answer.
    function answerAs(address sender, uint256 jobId, uint256 first, uint256 second) internal returns (bytes32 submissionId) {
        submissionId = leaseAs(sender, jobId);
        submitAndSettleAs(sender, submissionId, answered(first, second));
    }

    /// Leases and submits the next answer of an optimistic job, with a true proof behind it.
    function submitAnswer(address sender, uint256 jobId, uint256 first, uint256 second) internal returns (bytes32 submissionId) {
        submissionId = leaseAs(sender, jobId);
        submitAs(sender, submissionId, answered(first, second), proofFor(submissionId, answered(first, second)));
    }
}
