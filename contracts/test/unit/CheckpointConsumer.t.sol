// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {CheckpointConsumer} from "../../src/examples/CheckpointConsumer.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {InferenceFixture} from "../utils/InferenceFixture.sol";
import {Creator} from "../utils/TestBase.sol";

/// See CheckpointConsumer.tree.
contract CheckpointConsumerTest is InferenceFixture {
    Creator internal creator;
    CheckpointConsumer.Training internal training;
    CheckpointConsumer.Answers internal answers;

    function setUp() public override {
        super.setUp();
        creator = new Creator();
        training = CheckpointConsumer.Training(activeWith(optimisticTermsFor(address(pay))), circuitId, datasetId, genesisId, 2);
        uint256 asking = openWith(optimisticAskTerms(address(pay), false));
        answers = CheckpointConsumer.Answers(asking, inferenceCircuit, secretId, wellFormedCircuit);
        addInputs(asking, 3);
    }

    function creation(address windowManager, bool eagerOnly) internal view returns (bytes memory) {
        bytes memory code = vm.getCode("CheckpointConsumer.sol:CheckpointConsumer");
        return abi.encodePacked(code, abi.encode(address(jobs), windowManager, training, answers, eagerOnly));
    }

    function made() internal returns (CheckpointConsumer) {
        return CheckpointConsumer(creator.create(creation(address(windows), false)));
    }

    function refusedTerms(uint256 jobId, string memory field) internal {
        bytes memory code = creation(address(windows), false);
        vm.expectRevert(abi.encodeWithSelector(CheckpointConsumer.OtherTerms.selector, jobId, field));
        creator.create(code);
    }

    function test_made_overOneDeployment() public {
        made();
        address firstJobs = address(jobs);
        deploySet();
        bytes memory code = abi.encodePacked(
            vm.getCode("CheckpointConsumer.sol:CheckpointConsumer"), abi.encode(firstJobs, address(windows), training, answers, false)
        );
        vm.expectRevert(abi.encodeWithSelector(CheckpointConsumer.MixedDeployments.selector, firstJobs, address(windows)));
        creator.create(code);
    }

    function test_made_overTheTermsItReliesOn() public {
        uint256 trains = training.jobId;
        uint256 asks = answers.jobId;
        made();
        // A circuit of the same model whose verifying key is somebody's own: what its jobs finalize says nothing.
        training.circuitId = router.register(keccak256("lies"), address(honk), address(verifier), shapeOf(devTau()));
        refusedTerms(trains, "circuitId");
        training.circuitId = circuitId;
        training.datasetId = keccak256("x");
        refusedTerms(trains, "datasetId");
        training.datasetId = datasetId;
        training.genesisId = 5;
        refusedTerms(trains, "genesisId");
        training.genesisId = genesisId;
        answers.circuitId = circuitId;
        refusedTerms(asks, "circuitId");
        answers.circuitId = inferenceCircuit;
        answers.checkpointId = genesisId;
        refusedTerms(asks, "genesisId");
        answers.checkpointId = secretId;
        answers.wellFormedCircuit = bytes32(0);
        refusedTerms(asks, "wellFormedCircuit");
        answers.wellFormedCircuit = wellFormedCircuit;
        made();
        answers.jobId = 99;
        bytes memory code = creation(address(windows), false);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.UnknownJob.selector, 99));
        creator.create(code);
    }

    function test_made_eagerOnly() public {
        bytes memory code = creation(address(windows), true);
        vm.expectRevert(abi.encodeWithSelector(CheckpointConsumer.OtherTerms.selector, training.jobId, "mode"));
        creator.create(code);
        training.jobId = activeJob();
        code = creation(address(windows), true);
        vm.expectRevert(abi.encodeWithSelector(CheckpointConsumer.OtherTerms.selector, answers.jobId, "mode"));
        creator.create(code);
        answers.jobId = ask();
        creator.create(creation(address(windows), true));
    }

    function test_checkpoint_onlyWhatIsFinal() public {
        CheckpointConsumer consumer = made();
        uint256 jobId = training.jobId;
        vm.expectRevert(abi.encodeWithSelector(CheckpointConsumer.TooEarly.selector, 0, 2));
        consumer.checkpoint();
        submitWindow(alice, jobId, 11);
        submitWindow(bob, jobId, 12);
        assertEq(windows.headOf(jobId), 12, "the head has moved");
        vm.expectRevert(abi.encodeWithSelector(CheckpointConsumer.TooEarly.selector, 0, 2));
        consumer.checkpoint();
        mine(41);
        windows.finalize(jobId, 1);
        vm.expectRevert(abi.encodeWithSelector(CheckpointConsumer.TooEarly.selector, 1, 2));
        consumer.checkpoint();
        windows.finalize(jobId, 1);
        submitWindow(alice, jobId, 13);
        (uint256 checkpointId, uint256 count) = consumer.checkpoint();
        assertEq(checkpointId, 12, "the latest final one");
        assertEq(count, 2, "windows");
    }

    function test_answer_onlyWhatIsFinal() public {
        CheckpointConsumer consumer = made();
        uint256 jobId = answers.jobId;
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NoAnswer.selector, jobId, 0));
        consumer.answer(0, 900);
        submitAnswer(alice, jobId, 4, 2);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NoAnswer.selector, jobId, 0));
        consumer.answer(0, 900);
        mine(41);
        windows.finalize(jobId, 1);
        uint256[] memory outputs = consumer.answer(0, 900);
        assertEq(outputs.length, 2, "words");
        assertEq(outputs[0], 4, "first");
        assertEq(outputs[1], 2, "second");
        vm.expectRevert(abi.encodeWithSelector(CheckpointConsumer.OtherInput.selector, 0, 900));
        consumer.answer(0, 901);
        vm.expectRevert(abi.encodeWithSelector(IJobManager.InputMissing.selector, jobId, 3));
        consumer.answer(3, 903);
    }

    function test_answer_rejectedIsNone() public {
        CheckpointConsumer consumer = made();
        uint256 jobId = answers.jobId;
        bytes32 submissionId = leaseAs(alice, jobId);
        submitAs(alice, submissionId, answered(9, 9), falseProof());
        settleAs(finder, submissionId, falseProof());
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NoAnswer.selector, jobId, 0));
        consumer.answer(0, 900);
    }
}
