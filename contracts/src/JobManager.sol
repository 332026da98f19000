// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ChallengeManager} from "./ChallengeManager.sol";
import {ModelRegistry} from "./ModelRegistry.sol";
import {RewardDistributor} from "./RewardDistributor.sol";
import {StakeManager} from "./StakeManager.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {IJobManager} from "./interfaces/IJobManager.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {Statements} from "./libraries/Statements.sol";

/// @title Jobs, leases and settlement
contract JobManager is IJobManager, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct Modules {
        INodeRegistry nodeRegistry;
        StakeManager stakeManager;
        ChallengeManager challengeManager;
        IVerifierRouter verifierRouter;
        RewardDistributor rewardDistributor;
        ModelRegistry modelRegistry;
        IDatasetRegistry datasetRegistry;
    }

    bytes32 public constant ANNOUNCEMENT_TYPEHASH =
        keccak256("Announcement(bytes32 submissionId,bytes32 statementHash,bytes32 proofHash)");
    /// @notice The seed comes from the hash of the block this many after the opening one.
    uint64 public constant SEED_DELAY = 8;
    /// @notice How many blocks back the EVM knows a block's hash.
    uint64 public constant SEED_CAPTURE_BLOCKS = 256;
    /// @notice Lowest bond of a job, in units of the stake token.
    uint128 public constant MIN_BOND = 1e18;
    uint32 public constant MAX_WINDOWS = 1_000_000;
    /// @notice How many inputs one transaction may add.
    uint256 public constant MAX_INPUTS = 64;

    INodeRegistry public immutable nodeRegistry;
    StakeManager public immutable stakeManager;
    ChallengeManager public immutable challengeManager;
    IVerifierRouter public immutable verifierRouter;
    RewardDistributor public immutable rewardDistributor;
    ModelRegistry public immutable modelRegistry;
    IDatasetRegistry public immutable datasetRegistry;

    /// @inheritdoc IJobManager
    uint256 public jobCount;
    mapping(uint256 jobId => Job) private _jobs;
    mapping(bytes32 submissionId => Lease) private _leases;
    mapping(uint256 jobId => uint256[]) private _inputs;
    mapping(uint256 jobId => mapping(uint256 windowIndex => uint256[])) private _answers;

    /// Deployed last: the others were given this address beforehand, and a set that does not fit together is refused here.
    constructor(Modules memory modules) EIP712("Assay", "1") {
        address stakes = address(modules.stakeManager);
        address challenges = address(modules.challengeManager);
        address rewards = address(modules.rewardDistributor);
        address nodes = address(modules.nodeRegistry);
        if (
            modules.stakeManager.jobManager() != address(this) || modules.stakeManager.challengeManager() != challenges
                || address(modules.stakeManager.rewardDistributor()) != rewards || address(modules.stakeManager.nodeRegistry()) != nodes
        ) revert WiringMismatch(stakes);
        if (
            address(modules.challengeManager.jobManager()) != address(this) || address(modules.challengeManager.stakeManager()) != stakes
                || address(modules.challengeManager.nodeRegistry()) != nodes
                || address(modules.challengeManager.verifierRouter()) != address(modules.verifierRouter)
        ) revert WiringMismatch(challenges);
        if (modules.rewardDistributor.jobManager() != address(this) || modules.rewardDistributor.stakeManager() != stakes) {
            revert WiringMismatch(rewards);
        }
        if (modules.modelRegistry.jobManager() != address(this)) revert WiringMismatch(address(modules.modelRegistry));
        nodeRegistry = modules.nodeRegistry;
        stakeManager = modules.stakeManager;
        challengeManager = modules.challengeManager;
        verifierRouter = modules.verifierRouter;
        rewardDistributor = modules.rewardDistributor;
        modelRegistry = modules.modelRegistry;
        datasetRegistry = modules.datasetRegistry;
    }

    /// @inheritdoc IJobManager
    function openJob(JobTerms calldata terms) external nonReentrant returns (uint256 jobId) {
        IVerifierRouter.Circuit memory circuit = verifierRouter.circuit(terms.circuitId);
        bool inference = Statements.isInference(circuit.statementType);
        if (!inference && circuit.statementType != Encodings.TRAIN_WINDOW) revert UnsupportedStatement(circuit.statementType);
        _requireTerms(terms, circuit);
        uint256 datasetRoot;
        if (inference) _requireInference(terms, circuit.modelId);
        else datasetRoot = _requireTraining(terms, circuit);

        uint256 amount = uint256(terms.price) * terms.windows;
        uint256 received = _pull(terms.token, amount);
        if (received != amount) revert UnexpectedAmount(received, amount);

        jobId = ++jobCount;
        Job storage job = _jobs[jobId];
        job.terms = terms;
        job.requester = msg.sender;
        // An inference job draws no batches, so it waits for no seed.
        job.state = inference ? JobState.Active : JobState.Open;
        job.statementType = circuit.statementType;
        job.steps = circuit.steps;
        job.openBlock = uint64(block.number);
        job.modelId = circuit.modelId;
        job.datasetRoot = datasetRoot;
        job.headId = terms.genesisId;
        job.escrow = amount;
        emit JobOpened(jobId, msg.sender, circuit.modelId, terms);
        rewardDistributor.receiveEscrow(terms.token, amount);
    }

    /// @inheritdoc IJobManager
    function addInputs(uint256 jobId, Input[] calldata inputs) external {
        Job storage job = _ofRequester(jobId);
        if (!Statements.isInference(job.statementType)) revert NotAnInferenceJob(jobId);
        if (job.state != JobState.Active && job.state != JobState.Paused) revert WrongJobState(jobId, job.state);
        uint256[] storage ids = _inputs[jobId];
        uint256 count = ids.length;
        if (inputs.length == 0 || inputs.length > MAX_INPUTS) revert InputCount(inputs.length, MAX_INPUTS);
        if (count + inputs.length > job.terms.windows) revert InputCount(count + inputs.length, job.terms.windows);
        for (uint256 i = 0; i < inputs.length; ++i) {
            uint256 inputId = inputs[i].inputId;
            bytes calldata cid = inputs[i].cid;
            if (inputId >= Encodings.R) revert OutOfField(inputId);
            if (cid.length < 4 || cid.length > 128) revert CidLength(cid.length);
            ids.push(inputId);
            emit InputAdded(jobId, count + i, inputId, cid);
        }
    }

    /// @inheritdoc IJobManager
    function captureSeed(uint256 jobId) external {
        Job storage job = _existing(jobId);
        if (job.state != JobState.Open) revert WrongJobState(jobId, job.state);
        uint256 seedBlock = job.openBlock + SEED_DELAY;
        if (block.number <= seedBlock) revert SeedTooEarly(jobId, seedBlock);
        if (block.number > seedBlock + SEED_CAPTURE_BLOCKS) revert SeedMissed(jobId, seedBlock);
        uint256 batchSeed = uint256(keccak256(abi.encode(blockhash(seedBlock), jobId))) % Encodings.R;
        job.batchSeed = batchSeed;
        job.state = JobState.Active;
        emit SeedCaptured(jobId, batchSeed);
    }

    /// @inheritdoc IJobManager
    function refundUnseeded(uint256 jobId) external nonReentrant {
        Job storage job = _existing(jobId);
        if (job.state != JobState.Open) revert WrongJobState(jobId, job.state);
        uint256 lastBlock = job.openBlock + SEED_DELAY + SEED_CAPTURE_BLOCKS;
        if (block.number <= lastBlock) revert SeedNotMissed(jobId, lastBlock);
        _cancel(jobId, job);
    }

    /// @inheritdoc IJobManager
    function pause(uint256 jobId) external {
        Job storage job = _ofRequester(jobId);
        if (job.state != JobState.Active) revert WrongJobState(jobId, job.state);
        job.state = JobState.Paused;
        emit JobPaused(jobId);
    }

    /// @inheritdoc IJobManager
    function resume(uint256 jobId) external {
        Job storage job = _ofRequester(jobId);
        if (job.state != JobState.Paused) revert WrongJobState(jobId, job.state);
        job.state = JobState.Active;
        emit JobResumed(jobId);
    }

    /// @inheritdoc IJobManager
    function cancel(uint256 jobId) external nonReentrant {
        Job storage job = _ofRequester(jobId);
        if (job.state != JobState.Open && job.state != JobState.Active && job.state != JobState.Paused) {
            revert WrongJobState(jobId, job.state);
        }
        _cancel(jobId, job);
    }

    /// @inheritdoc IJobManager
    function lease(uint256 jobId, uint256 expectedId) external nonReentrant returns (bytes32 submissionId) {
        Job storage job = _existing(jobId);
        if (job.state != JobState.Active) revert WrongJobState(jobId, job.state);
        _requireExpected(jobId, job, expectedId);
        address operator = nodeRegistry.operatorFor(msg.sender);
        address worker = job.terms.worker;
        if (worker != address(0) && worker != operator) revert NotTheWorker(jobId, worker, operator);

        Lease storage previous = _leases[job.leaseId];
        if (previous.state == LeaseState.Held) {
            if (block.number <= previous.deadline) revert LeaseHeld(jobId, previous.operator, previous.deadline);
            _lapse(jobId, job, previous);
        }
        // From here on somebody else's proof counts, not a late one.
        if (previous.state == LeaseState.Lapsed) previous.ended = uint64(block.number);

        uint64 leaseNonce = ++job.leaseNonce;
        submissionId = Encodings.submissionId(address(this), jobId, job.finalized, 0, leaseNonce);
        job.leaseId = submissionId;
        Lease storage made = _leases[submissionId];
        made.operator = operator;
        made.state = LeaseState.Held;
        made.jobId = uint64(jobId);
        made.windowIndex = job.finalized;
        made.leaseNonce = leaseNonce;
        made.registrationNonce = nodeRegistry.node(operator).registrationNonce;
        made.start = uint64(block.number);
        made.deadline = uint64(block.number) + job.terms.leaseBlocks;
        emit LeaseTaken(
            jobId, job.finalized, operator, submissionId, leaseNonce, made.registrationNonce, expectedId, made.deadline
        );
        stakeManager.lock(operator, job.terms.bond);
    }

    /// @inheritdoc IJobManager
    function release(uint256 jobId) external nonReentrant {
        Job storage job = _existing(jobId);
        Lease storage held = _leases[job.leaseId];
        _requireHeld(jobId, held);
        _requireHolder(jobId, held.operator);
        uint256 lastBlock = held.start + job.terms.freeReleaseBlocks;
        if (block.number > lastBlock) revert ReleaseTooLate(jobId, lastBlock);
        _end(held, LeaseState.Released);
        emit LeaseReleased(jobId, held.windowIndex, held.operator, job.leaseId);
        stakeManager.unlock(held.operator, job.terms.bond);
        _refundIfCancelled(jobId, job);
    }

    /// @inheritdoc IJobManager
    function expire(uint256 jobId) external nonReentrant {
        Job storage job = _existing(jobId);
        Lease storage held = _leases[job.leaseId];
        _requireHeld(jobId, held);
        if (block.number <= held.deadline) revert LeaseNotExpired(jobId, held.deadline);
        _lapse(jobId, job, held);
        _refundIfCancelled(jobId, job);
    }

    /// @inheritdoc IJobManager
    function submit(
        uint256 jobId,
        uint256 windowIndex,
        uint256[] calldata results,
        bytes calldata proof,
        bytes calldata opening
    ) external nonReentrant {
        Job storage job = _existing(jobId);
        Lease storage leased = _leases[job.leaseId];
        if (leased.state == LeaseState.None) revert NoLease(jobId);
        // A lapsed lease counts until it is over: the next one is taken, or the job is cancelled.
        bool wasHeld = leased.state == LeaseState.Held;
        if (!wasHeld && (leased.state != LeaseState.Lapsed || leased.ended != 0)) revert LeaseOver(jobId, leased.state);
        _requireHolder(jobId, leased.operator);
        if (windowIndex != leased.windowIndex) revert WrongWindow(jobId, leased.windowIndex, windowIndex);
        uint256[] memory statement = _statement(job, leased, results);
        bool open = Statements.isOpen(job.statementType, job.terms.open);
        if (!verifierRouter.verify(job.terms.circuitId, open, statement, proof, opening)) revert ProofRejected(job.leaseId);
        _finalize(jobId, job, leased, statement, Encodings.proofHash(proof, opening));
        if (wasHeld) stakeManager.unlock(leased.operator, job.terms.bond);
    }

    /// @inheritdoc IJobManager
    function revokeLease(uint256 jobId, address operator) external nonReentrant {
        if (msg.sender != address(challengeManager)) revert NotAllowed(msg.sender);
        Job storage job = _existing(jobId);
        Lease storage leased = _leases[job.leaseId];
        if (leased.operator != operator || leased.ended != 0) return;
        bool wasHeld = leased.state == LeaseState.Held;
        _end(leased, LeaseState.Revoked);
        emit LeaseRevoked(jobId, leased.windowIndex, operator, job.leaseId);
        if (wasHeld) stakeManager.unlock(operator, job.terms.bond);
        _refundIfCancelled(jobId, job);
    }

    /// @inheritdoc IJobManager
    function jobOf(uint256 jobId) external view returns (Job memory) {
        return _existing(jobId);
    }

    /// @inheritdoc IJobManager
    function leaseOf(bytes32 submissionId) external view returns (Lease memory) {
        return _leases[submissionId];
    }

    /// @inheritdoc IJobManager
    function inputOf(uint256 jobId, uint256 windowIndex) external view returns (uint256) {
        uint256[] storage ids = _inputs[jobId];
        if (windowIndex >= ids.length) revert InputMissing(jobId, windowIndex);
        return ids[windowIndex];
    }

    /// @inheritdoc IJobManager
    function inputCount(uint256 jobId) external view returns (uint256) {
        return _inputs[jobId].length;
    }

    /// @inheritdoc IJobManager
    function answerOf(uint256 jobId, uint256 windowIndex) external view returns (uint256[] memory outputs) {
        outputs = _answers[jobId][windowIndex];
        if (outputs.length == 0) revert NoAnswer(jobId, windowIndex);
    }

    /// @inheritdoc IJobManager
    function statementFor(uint256 jobId, uint256[] calldata results)
        external
        view
        returns (bytes32 submissionId, uint256[] memory statement)
    {
        Job storage job = _existing(jobId);
        submissionId = job.leaseId;
        if (submissionId == bytes32(0)) revert NoLease(jobId);
        statement = _statement(job, _leases[submissionId], results);
    }

    /// @inheritdoc IJobManager
    function announcementDigest(bytes32 submissionId, bytes32 statementHash, bytes32 proofHash) external view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ANNOUNCEMENT_TYPEHASH, submissionId, statementHash, proofHash)));
    }

    /// What any job's terms must be.
    function _requireTerms(JobTerms calldata terms, IVerifierRouter.Circuit memory circuit) private view {
        if (terms.mode != 0) revert UnsupportedMode(terms.mode);
        // The dev profile's secret is published, so whoever reads it can forge any proof.
        if (circuit.srsId != Encodings.PUBLIC_SRS_ID && !_isDevnet(block.chainid)) {
            revert DevProfileRefused(circuit.srsId, block.chainid);
        }
        if (!modelRegistry.isModel(circuit.modelId)) revert UnknownModel(circuit.modelId);
        if (terms.windows == 0 || terms.windows > MAX_WINDOWS) revert InvalidTerms("windows");
        if (terms.price == 0) revert InvalidTerms("price");
        if (terms.leaseBlocks == 0) revert InvalidTerms("leaseBlocks");
        if (terms.freeReleaseBlocks >= terms.leaseBlocks) revert InvalidTerms("freeReleaseBlocks");
        if (terms.evidenceBlocks == 0) revert InvalidTerms("evidenceBlocks");
        if (terms.lapsePenalty > terms.bond) revert InvalidTerms("lapsePenalty");
        if (terms.bond < MIN_BOND) revert BondTooSmall(terms.bond, MIN_BOND);
        // Unbonding must outlast twice every window in which fault can be shown.
        uint256 blocks = uint256(terms.leaseBlocks) + terms.evidenceBlocks;
        uint256 highest = stakeManager.unbondingBlocks() / 2;
        if (blocks > highest) revert WindowsTooLong(blocks, highest);
    }

    /// Training starts from a checkpoint of the requester's, or one that was proved, and is anybody's work.
    function _requireTraining(JobTerms calldata terms, IVerifierRouter.Circuit memory circuit) private view returns (uint256 datasetRoot) {
        if (!terms.open) revert UnsupportedWeights(terms.open);
        if (terms.worker != address(0)) revert InvalidTerms("worker");
        if (terms.wellFormedCircuit != bytes32(0)) revert InvalidTerms("wellFormedCircuit");
        _requireStart(circuit.modelId, terms.genesisId);
        IDatasetRegistry.Dataset memory dataset = datasetRegistry.dataset(terms.datasetId);
        if (circuit.treeDepth != dataset.depth) revert TreeDepthMismatch(circuit.treeDepth, dataset.depth);
        return dataset.root;
    }

    /// Nobody but their owner can answer from hidden weights, and only proved ones are sure to hold integers within the arithmetic's bounds.
    function _requireInference(JobTerms calldata terms, bytes32 modelId) private view {
        uint256 checkpointId = terms.genesisId;
        if (terms.datasetId != bytes32(0)) revert InvalidTerms("datasetId");
        if (terms.open) {
            _requireStart(modelId, checkpointId);
        } else {
            if (terms.worker == address(0)) revert InvalidTerms("worker");
            if (terms.wellFormedCircuit == bytes32(0)) revert InvalidTerms("wellFormedCircuit");
            if (modelRegistry.licenceOf(modelId, checkpointId, terms.worker) == bytes32(0)) {
                revert NotTheOwner(modelId, checkpointId, terms.worker);
            }
        }
        if (terms.wellFormedCircuit != bytes32(0) && !modelRegistry.isWellFormed(terms.wellFormedCircuit, checkpointId)) {
            revert NotWellFormed(terms.wellFormedCircuit, checkpointId);
        }
    }

    function _requireStart(bytes32 modelId, uint256 checkpointId) private view {
        if (!modelRegistry.isStart(modelId, checkpointId, msg.sender)) revert NotAStart(modelId, checkpointId, msg.sender);
    }

    /// What the next window starts from must be what the worker has fetched and checked: the head, or the input of the next answer.
    function _requireExpected(uint256 jobId, Job storage job, uint256 expectedId) private view {
        if (!Statements.isInference(job.statementType)) {
            if (job.headId != expectedId) revert ParentMoved(jobId, expectedId, job.headId);
            return;
        }
        uint256[] storage ids = _inputs[jobId];
        uint256 windowIndex = job.finalized;
        if (windowIndex >= ids.length) revert InputMissing(jobId, windowIndex);
        if (ids[windowIndex] != expectedId) revert InputMoved(jobId, expectedId, ids[windowIndex]);
    }

    /// Chains whose coins are worth nothing: anvil and hardhat, geth --dev and ganache.
    function _isDevnet(uint256 chainId) private pure returns (bool) {
        return chainId == 31337 || chainId == 1337;
    }

    function _pull(address token, uint256 amount) private returns (uint256 received) {
        uint256 before = IERC20(token).balanceOf(address(rewardDistributor));
        IERC20(token).safeTransferFrom(msg.sender, address(rewardDistributor), amount);
        uint256 afterwards = IERC20(token).balanceOf(address(rewardDistributor));
        return afterwards > before ? afterwards - before : 0;
    }

    function _existing(uint256 jobId) private view returns (Job storage job) {
        job = _jobs[jobId];
        if (job.state == JobState.None) revert UnknownJob(jobId);
    }

    function _ofRequester(uint256 jobId) private view returns (Job storage job) {
        job = _existing(jobId);
        if (job.requester != msg.sender) revert NotAllowed(msg.sender);
    }

    function _requireHeld(uint256 jobId, Lease storage held) private view {
        if (held.state == LeaseState.None) revert NoLease(jobId);
        if (held.state != LeaseState.Held) revert LeaseOver(jobId, held.state);
    }

    /// An operator may finish a lease even after it has deregistered; a hot key only while it is the current one.
    function _requireHolder(uint256 jobId, address operator) private view {
        if (msg.sender == operator || nodeRegistry.node(operator).hotKey == msg.sender) return;
        revert NotLeaseHolder(jobId, operator, msg.sender);
    }

    /// The statement's words: those that the worker submits, the others from state.
    function _statement(Job storage job, Lease storage leased, uint256[] calldata results)
        private
        view
        returns (uint256[] memory statement)
    {
        for (uint256 i = 0; i < results.length; ++i) {
            if (results[i] >= Encodings.R) revert OutOfField(results[i]);
        }
        bytes32 context = keccak256(
            abi.encode(
                Statements.contextTag(job.statementType),
                block.chainid,
                address(this),
                uint256(leased.jobId),
                uint256(leased.windowIndex),
                uint256(leased.contributionIndex),
                uint256(leased.leaseNonce),
                uint256(leased.registrationNonce),
                leased.operator,
                job.terms.circuitId
            )
        );
        if (Statements.isInference(job.statementType)) {
            // maskId, then the outputs, as many as the circuit has: the router refuses any other number.
            if (results.length < 2) revert ResultCount(results.length);
            statement = new uint256[](results.length + 3);
            statement[2] = results[0];
            statement[3] = _inputs[leased.jobId][leased.windowIndex];
            for (uint256 i = 1; i < results.length; ++i) statement[i + 3] = results[i];
        } else {
            if (results.length != 3) revert ResultCount(results.length);
            statement = new uint256[](8);
            (statement[2], statement[3], statement[7]) = (results[0], results[1], results[2]);
            statement[4] = job.datasetRoot;
            statement[5] = job.batchSeed;
            statement[6] = uint256(leased.windowIndex) * job.steps;
        }
        statement[0] = uint256(context) % Encodings.R;
        statement[1] = job.headId;
    }

    function _finalize(uint256 jobId, Job storage job, Lease storage leased, uint256[] memory statement, bytes32 proofHash) private {
        uint256 reward = job.terms.price;
        address operator = leased.operator;
        uint256 windowIndex = leased.windowIndex;
        _end(leased, LeaseState.Finalized);
        bool inference = Statements.isInference(job.statementType);
        if (inference) {
            uint256[] storage outputs = _answers[jobId][windowIndex];
            for (uint256 i = 4; i < statement.length; ++i) outputs.push(statement[i]);
        } else {
            job.headId = statement[2];
        }
        job.finalized = uint32(windowIndex + 1);
        job.escrow -= reward;
        emit WindowFinalized(jobId, windowIndex, operator, job.leaseId, statement, proofHash, reward, msg.sender);
        if (job.state != JobState.Cancelled && job.finalized == job.terms.windows) {
            job.state = JobState.Completed;
            emit JobCompleted(jobId, job.headId);
        }
        if (!inference) modelRegistry.recordCheckpoint(job.modelId, jobId, windowIndex, statement[1], statement[2]);
        rewardDistributor.creditFromEscrow(job.terms.token, operator, reward);
    }

    function _end(Lease storage leased, LeaseState state) private {
        leased.state = state;
        leased.ended = uint64(block.number);
    }

    function _lapse(uint256 jobId, Job storage job, Lease storage held) private {
        held.state = LeaseState.Lapsed;
        if (job.state == JobState.Cancelled) held.ended = uint64(block.number);
        stakeManager.unlock(held.operator, job.terms.bond);
        uint256 burned = stakeManager.penalise(held.operator, job.terms.lapsePenalty);
        emit LeaseLapsed(jobId, held.windowIndex, held.operator, job.leaseId, burned);
    }

    function _cancel(uint256 jobId, Job storage job) private {
        job.state = JobState.Cancelled;
        emit JobCancelled(jobId, job.finalized);
        Lease storage last = _leases[job.leaseId];
        if (last.state == LeaseState.Lapsed && last.ended == 0) last.ended = uint64(block.number);
        _refund(jobId, job, last.state == LeaseState.Held ? job.terms.price : 0);
    }

    function _refundIfCancelled(uint256 jobId, Job storage job) private {
        if (job.state == JobState.Cancelled) _refund(jobId, job, 0);
    }

    /// Credits the requester with the job's escrow but for what is `kept`.
    function _refund(uint256 jobId, Job storage job, uint256 kept) private {
        uint256 amount = job.escrow - kept;
        if (amount == 0) return;
        job.escrow = kept;
        emit EscrowRefunded(jobId, job.requester, amount);
        rewardDistributor.creditFromEscrow(job.terms.token, job.requester, amount);
    }
}
