// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Wired} from "../Modules.sol";
import {IJobManager} from "../interfaces/IJobManager.sol";
import {IWindowManager} from "../interfaces/IWindowManager.sol";

/// @title An example: what a contract checks that relies on Assay's results
/// @notice Anybody opens jobs, over any circuit, any data and any start, and anybody registers circuits. So a result says something only together with
/// the terms of its job. They are fixed when the job opens: this contract checks them once, when it is made, and then reads only what is final.
contract CheckpointConsumer {
    /// @param circuitId statement, architecture, arithmetic and both verifiers' code: the one thing that must never be taken from the job itself
    /// @param datasetId what it learns from
    /// @param genesisId where it starts
    /// @param leastWindows final windows below which nothing is taken from it
    struct Training {
        uint256 jobId;
        bytes32 circuitId;
        bytes32 datasetId;
        uint256 genesisId;
        uint256 leastWindows;
    }

    /// @param checkpointId the model that is asked
    /// @param wellFormedCircuit shows that a hidden model's weights are integers in range; 0 where weights are open
    struct Answers {
        uint256 jobId;
        bytes32 circuitId;
        uint256 checkpointId;
        bytes32 wellFormedCircuit;
    }

    IJobManager public immutable jobManager;
    IWindowManager public immutable windowManager;
    uint256 public immutable trainingJob;
    uint256 public immutable leastWindows;
    uint256 public immutable answeringJob;

    error MixedDeployments(address jobManager, address windowManager);
    /// @dev The job is not what this contract relies on.
    error OtherTerms(uint256 jobId, string field);
    error TooEarly(uint256 windows, uint256 leastWindows);
    error OtherInput(uint256 windowIndex, uint256 inputId);

    /// @param eagerOnly nothing that silence made final is good enough: every window was proved on chain
    constructor(
        address jobManager_,
        address windowManager_,
        Training memory training,
        Answers memory answers,
        bool eagerOnly
    ) {
        if (Wired(jobManager_).wiring() != Wired(windowManager_).wiring()) revert MixedDeployments(jobManager_, windowManager_);
        (jobManager, windowManager) = (IJobManager(jobManager_), IWindowManager(windowManager_));
        (trainingJob, leastWindows, answeringJob) = (training.jobId, training.leastWindows, answers.jobId);

        IJobManager.JobTerms memory terms = _termsOf(training.jobId, training.circuitId, eagerOnly);
        if (terms.datasetId != training.datasetId) revert OtherTerms(training.jobId, "datasetId");
        if (terms.genesisId != training.genesisId) revert OtherTerms(training.jobId, "genesisId");

        terms = _termsOf(answers.jobId, answers.circuitId, eagerOnly);
        if (terms.genesisId != answers.checkpointId) revert OtherTerms(answers.jobId, "genesisId");
        if (terms.wellFormedCircuit != answers.wellFormedCircuit) revert OtherTerms(answers.jobId, "wellFormedCircuit");
    }

    /// @notice The checkpoint that the training job's latest final window ended in. Reverts with TooEarly.
    function checkpoint() external view returns (uint256 checkpointId, uint256 windows) {
        (checkpointId, windows) = windowManager.finalHeadOf(trainingJob);
        if (windows < leastWindows) revert TooEarly(windows, leastWindows);
    }

    /// @notice The output words of the final answer to an input. Reverts with the JobManager's InputMissing, OtherInput, or the WindowManager's NoAnswer.
    /// @param inputId which the caller knows the input of: an answer to another question is worth nothing
    function answer(uint256 windowIndex, uint256 inputId) external view returns (uint256[] memory outputs) {
        uint256 asked = jobManager.inputOf(answeringJob, windowIndex);
        if (asked != inputId) revert OtherInput(windowIndex, asked);
        return windowManager.answerOf(answeringJob, windowIndex);
    }

    function _termsOf(uint256 jobId, bytes32 circuitId, bool eagerOnly) private view returns (IJobManager.JobTerms memory terms) {
        terms = jobManager.jobOf(jobId).terms;
        if (terms.circuitId != circuitId) revert OtherTerms(jobId, "circuitId");
        if (eagerOnly && terms.mode != 0) revert OtherTerms(jobId, "mode");
    }
}
