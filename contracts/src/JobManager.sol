// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Modules, Wired} from "./Modules.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {IJobManager} from "./interfaces/IJobManager.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IParameters} from "./interfaces/IParameters.sol";
import {IReputationRegistry} from "./interfaces/IReputationRegistry.sol";
import {IRewardDistributor} from "./interfaces/IRewardDistributor.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {ITokenEmission} from "./interfaces/ITokenEmission.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {IWindowManager} from "./interfaces/IWindowManager.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {Statements} from "./libraries/Statements.sol";

/// @title Jobs: terms, escrow, seed, inputs, pay
contract JobManager is IJobManager, Wired, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    bytes32 public constant ANNOUNCEMENT_TYPEHASH =
        keccak256("Announcement(bytes32 submissionId,bytes32 statementHash,bytes32 proofHash)");
    /// @notice The seed comes from the hash of the block this many after the opening one.
    uint64 public constant SEED_DELAY = 8;
    /// @notice How many blocks back the EVM knows a block's hash.
    uint64 public constant SEED_CAPTURE_BLOCKS = 256;
    uint32 public constant MAX_WINDOWS = 1_000_000;
    uint8 public constant MAX_CONTRIBUTIONS = 8;
    uint8 public constant MAX_VALIDATORS = 3;
    /// @notice Least length of the silence that makes a submission final, and of the time to post a proof.
    uint32 public constant MIN_CHALLENGE_BLOCKS = 10;
    /// @notice Highest part of the price that is not the worker's, in 1/10,000.
    uint256 public constant MAX_SHARES_BPS = 5_000;
    /// @notice How many inputs one transaction may add.
    uint256 public constant MAX_INPUTS = 64;

    uint8 private constant EAGER = 0;
    uint8 private constant OPTIMISTIC = 1;
    uint8 private constant USE_TRAINING = 1;
    uint256 private constant BPS = 10_000;

    address public immutable token;
    IParameters public immutable parameters;
    IVerifierRouter public immutable verifierRouter;
    IDatasetRegistry public immutable datasetRegistry;
    IModelRegistry public immutable modelRegistry;
    IRewardDistributor public immutable rewardDistributor;
    IStakeManager public immutable stakeManager;
    IReputationRegistry public immutable reputationRegistry;
    ITokenEmission public immutable tokenEmission;
    address public immutable validatorManager;
    IWindowManager public immutable windowManager;

    /// @inheritdoc IJobManager
    uint256 public jobCount;
    mapping(uint256 jobId => Job) private _jobs;
    mapping(uint256 jobId => uint256[]) private _inputs;

    /// Deployed last: the others were given this set of addresses beforehand, and parts that were given another one are refused here.
    constructor(Modules memory modules) Wired(modules) EIP712("Assay", "1") {
        if (modules.jobManager != address(this)) revert WiringMismatch(modules.jobManager);
        _requireWired(modules);
        token = modules.token;
        parameters = IParameters(modules.parameters);
        verifierRouter = IVerifierRouter(modules.verifierRouter);
        datasetRegistry = IDatasetRegistry(modules.datasetRegistry);
        modelRegistry = IModelRegistry(modules.modelRegistry);
        rewardDistributor = IRewardDistributor(modules.rewardDistributor);
        stakeManager = IStakeManager(modules.stakeManager);
        reputationRegistry = IReputationRegistry(modules.reputationRegistry);
        tokenEmission = ITokenEmission(modules.tokenEmission);
        validatorManager = modules.validatorManager;
        windowManager = IWindowManager(modules.windowManager);
    }

    /// @inheritdoc IJobManager
    function openJob(JobTerms calldata terms) external nonReentrant returns (uint256 jobId) {
        return _open(terms);
    }

    /// @inheritdoc IJobManager
    function openJobWithPermit(JobTerms calldata terms, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
        returns (uint256 jobId)
    {
        // A permit copied from the mempool and used first leaves the same allowance behind: what counts is whether the transfer succeeds.
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(terms.token).permit(msg.sender, address(this), value, deadline, v, r, s) {} catch {}
        return _open(terms);
    }

    /// @inheritdoc IJobManager
    function addInputs(uint256 jobId, Input[] calldata inputs) external {
        Job storage job = _ofRequester(jobId);
        if (!Statements.isInference(job.statementType)) revert NotAnInferenceJob(jobId);
        _requireRunning(jobId, job);
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
        Job storage job = _inState(jobId, JobState.Open);
        uint256 seedBlock = job.openBlock + SEED_DELAY;
        if (block.number <= seedBlock) revert SeedTooEarly(jobId, seedBlock);
        if (block.number > seedBlock + SEED_CAPTURE_BLOCKS) revert SeedMissed(jobId, seedBlock);
        uint256 batchSeed = uint256(keccak256(abi.encode(blockhash(seedBlock), jobId))) % Encodings.R;
        job.batchSeed = batchSeed;
        job.state = JobState.Active;
        job.activeBlock = uint64(block.number);
        emit SeedCaptured(jobId, batchSeed);
    }

    /// @inheritdoc IJobManager
    function refundUnseeded(uint256 jobId) external nonReentrant {
        Job storage job = _inState(jobId, JobState.Open);
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
        if (job.state != JobState.Open) _requireRunning(jobId, job);
        _cancel(jobId, job);
    }

    /// @inheritdoc IJobManager
    function close(uint256 jobId) external nonReentrant {
        Job storage job = _existing(jobId);
        _requireRunning(jobId, job);
        uint256 lapses = windowManager.lapsesOf(jobId);
        uint256 needed = job.terms.maxLapses;
        if (lapses < needed) revert NotLapsed(jobId, lapses, needed);
        _cancel(jobId, job);
    }

    /// @inheritdoc IJobManager
    function payUnit(uint256 jobId, bytes32 submissionId, address operator) external only(address(windowManager)) {
        Job storage job = _existing(jobId);
        --job.unitsLeft;
        uint256 price = job.terms.price;
        uint256 validatorPart = _seatPart(job) * job.terms.validators;
        uint256 licensorPart = (price * job.terms.licensorBps) / BPS;
        uint256 treasuryPart = (price * job.terms.treasuryBps) / BPS;
        // The shares are at most half of the price: whatever does not divide is the worker's.
        uint256 workerPart = price - validatorPart - licensorPart - treasuryPart;
        _credit(jobId, job.terms.token, operator, workerPart);
        _credit(jobId, job.terms.token, job.licensor, licensorPart);
        _credit(jobId, job.terms.token, job.terms.treasury, treasuryPart);
        uint256 fee = job.terms.fee;
        uint256 emitted = fee == 0 ? 0 : _burn(jobId, operator, fee, job.emissionBps);
        emit UnitPaid(jobId, submissionId, operator, workerPart, validatorPart, licensorPart, treasuryPart, fee, emitted);
    }

    /// @inheritdoc IJobManager
    function paySeat(uint256 jobId, bytes32 submissionId, address account) external only(validatorManager) {
        Job storage job = _existing(jobId);
        address paid = account == address(0) ? job.requester : account;
        uint256 amount = _seatPart(job);
        emit SeatPaid(jobId, submissionId, paid, amount);
        _credit(jobId, job.terms.token, paid, amount);
    }

    /// @inheritdoc IJobManager
    function complete(uint256 jobId) external only(address(windowManager)) {
        Job storage job = _existing(jobId);
        // A cancelled job whose last windows were on their way is over already.
        if (job.state == JobState.Cancelled) return;
        job.state = JobState.Completed;
        emit JobCompleted(jobId);
    }

    /// @inheritdoc IJobManager
    function refundRest(uint256 jobId) external only(address(windowManager)) {
        Job storage job = _existing(jobId);
        if (job.state == JobState.Cancelled) _refund(jobId, job);
    }

    /// @inheritdoc IJobManager
    function jobOf(uint256 jobId) external view returns (Job memory) {
        return _existing(jobId);
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
    function announcementDigest(bytes32 submissionId, bytes32 statementHash, bytes32 proofHash) external view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ANNOUNCEMENT_TYPEHASH, submissionId, statementHash, proofHash)));
    }

    function _open(JobTerms calldata terms) private returns (uint256 jobId) {
        uint256 pausedUntil = parameters.pausedUntil();
        if (block.number <= pausedUntil) revert NewJobsPaused(pausedUntil);
        IVerifierRouter.Circuit memory circuit = verifierRouter.circuit(terms.circuitId);
        bool inference = Statements.isInference(circuit.statementType);
        if (!inference && circuit.statementType != Encodings.TRAIN_WINDOW) revert UnsupportedStatement(circuit.statementType);
        _requireCircuit(circuit);
        _requireLengths(terms);
        _requireMode(terms, inference);
        _requirePay(terms);
        bytes32 licenceHash = _requireGenesis(terms, circuit.modelId);
        (uint256 datasetRoot, address licensor) = inference ? _requireNoDataset(terms) : _requireDataset(terms, circuit.treeDepth);

        uint64 units = uint64(terms.windows) * terms.contributions;
        uint256 amount = uint256(terms.price) * units;
        uint256 fees = uint256(terms.fee) * units;
        _pull(terms.token, amount);
        if (fees > 0) _pull(token, fees);

        jobId = ++jobCount;
        Job storage job = _jobs[jobId];
        job.terms = terms;
        job.requester = msg.sender;
        // An inference job draws no batches, so it waits for no seed.
        job.state = inference ? JobState.Active : JobState.Open;
        job.steps = circuit.steps;
        job.statementWords = circuit.statementWords;
        job.emissionBps = SafeCast.toUint16(parameters.emissionBps());
        job.unitsLeft = units;
        job.openBlock = uint64(block.number);
        if (inference) job.activeBlock = uint64(block.number);
        job.licensor = licensor;
        job.statementType = circuit.statementType;
        job.modelId = circuit.modelId;
        job.licenceHash = licenceHash;
        job.datasetRoot = datasetRoot;
        emit JobOpened(jobId, msg.sender, circuit.modelId, terms);
        rewardDistributor.receiveEscrow(jobId, terms.token, amount);
        if (fees > 0) rewardDistributor.receiveEscrow(jobId, token, fees);
    }

    function _requireCircuit(IVerifierRouter.Circuit memory circuit) private view {
        // The dev profile's secret is published, so whoever reads it can forge any proof.
        if (circuit.srsId != Encodings.PUBLIC_SRS_ID && !_isDevnet(block.chainid)) {
            revert DevProfileRefused(circuit.srsId, block.chainid);
        }
        if (!modelRegistry.isModel(circuit.modelId)) revert UnknownModel(circuit.modelId);
    }

    function _requireLengths(JobTerms calldata terms) private view {
        if (terms.windows == 0 || terms.windows > MAX_WINDOWS) revert InvalidTerms("windows");
        if (terms.leaseBlocks == 0) revert InvalidTerms("leaseBlocks");
        if (terms.freeReleaseBlocks >= terms.leaseBlocks) revert InvalidTerms("freeReleaseBlocks");
        if (terms.priorityBlocks >= terms.leaseBlocks) revert InvalidTerms("priorityBlocks");
        if (terms.evidenceBlocks == 0) revert InvalidTerms("evidenceBlocks");
        if (terms.maxLapses == 0) revert InvalidTerms("maxLapses");
        // Unbonding must outlast twice every window in which fault can be shown.
        uint256 blocks = uint256(terms.leaseBlocks) + terms.finalityBlocks + terms.answerBlocks + terms.evidenceBlocks;
        uint256 highest = stakeManager.unbondingBlocks() / 2;
        if (blocks > highest) revert WindowsTooLong(blocks, highest);
    }

    /// What eager and optimistic jobs differ in, and which of them may merge contributions.
    function _requireMode(JobTerms calldata terms, bool inference) private pure {
        if (terms.mode > OPTIMISTIC) revert UnsupportedMode(terms.mode);
        bool eager = terms.mode == EAGER;
        uint32 lowest = eager ? 0 : MIN_CHALLENGE_BLOCKS;
        uint32 highest = eager ? 0 : type(uint32).max;
        if (terms.finalityBlocks < lowest || terms.finalityBlocks > highest) revert InvalidTerms("finalityBlocks");
        if (terms.answerBlocks < lowest || terms.answerBlocks > highest) revert InvalidTerms("answerBlocks");
        if (terms.validators > (eager ? 0 : MAX_VALIDATORS)) revert InvalidTerms("validators");
        bool merges = eager && !inference && terms.open;
        if (terms.contributions == 0 || terms.contributions > (merges ? MAX_CONTRIBUTIONS : 1)) revert InvalidTerms("contributions");
    }

    function _requirePay(JobTerms calldata terms) private view {
        if (terms.price == 0) revert InvalidTerms("price");
        uint256 floor = parameters.bondFloor();
        if (terms.bond < floor) revert BondTooSmall(terms.bond, floor);
        if (terms.lapsePenalty > terms.bond) revert InvalidTerms("lapsePenalty");
        // Nobody would ever be paid a share without seats.
        if (terms.validators == 0 && terms.validatorBps != 0) revert InvalidTerms("validatorBps");
        if (uint256(terms.validatorBps) + terms.licensorBps + terms.treasuryBps > MAX_SHARES_BPS) revert InvalidTerms("shares");
        if ((terms.treasury == address(0)) != (terms.treasuryBps == 0)) revert InvalidTerms("treasury");
    }

    /// The checkpoint is the requester's or was proved; hidden weights are their owner's work, and only proved ones are sure to hold
    /// integers within the arithmetic's bounds.
    /// @return licenceHash what the job's checkpoints inherit
    function _requireGenesis(JobTerms calldata terms, bytes32 modelId) private view returns (bytes32 licenceHash) {
        uint256 genesisId = terms.genesisId;
        if (terms.open) {
            if (!modelRegistry.isStart(terms.circuitId, modelId, genesisId, msg.sender)) {
                revert NotAStart(terms.circuitId, genesisId, msg.sender);
            }
            licenceHash = modelRegistry.licenceFor(terms.circuitId, modelId, genesisId, msg.sender);
        } else {
            if (terms.worker == address(0)) revert InvalidTerms("worker");
            if (terms.wellFormedCircuit == bytes32(0)) revert InvalidTerms("wellFormedCircuit");
            licenceHash = modelRegistry.licenceOf(modelId, genesisId, terms.worker);
            if (licenceHash == bytes32(0)) revert NotTheOwner(modelId, genesisId, terms.worker);
        }
        if (terms.wellFormedCircuit != bytes32(0) && !modelRegistry.isWellFormed(terms.wellFormedCircuit, genesisId)) {
            revert NotWellFormed(terms.wellFormedCircuit, genesisId);
        }
    }

    function _requireNoDataset(JobTerms calldata terms) private pure returns (uint256, address) {
        if (terms.datasetId != bytes32(0)) revert InvalidTerms("datasetId");
        if (terms.licensorBps != 0) revert InvalidTerms("licensorBps");
        return (0, address(0));
    }

    function _requireDataset(JobTerms calldata terms, uint256 treeDepth) private view returns (uint256 root, address licensor) {
        IDatasetRegistry.Dataset memory dataset = datasetRegistry.requireUse(terms.datasetId, USE_TRAINING);
        if (treeDepth != dataset.depth) revert TreeDepthMismatch(treeDepth, dataset.depth);
        if (terms.licensorBps < dataset.terms.feeBps) revert LicenceShareTooSmall(terms.licensorBps, dataset.terms.feeBps);
        return (dataset.root, dataset.registrant);
    }

    /// Chains whose coins are worth nothing: anvil and hardhat, geth --dev and ganache.
    function _isDevnet(uint256 chainId) private pure returns (bool) {
        return chainId == 31337 || chainId == 1337;
    }

    /// Moves `amount` from the sender into the vault. What counts is what arrives, not what the token says.
    function _pull(address paidIn, uint256 amount) private {
        uint256 before = IERC20(paidIn).balanceOf(address(rewardDistributor));
        IERC20(paidIn).safeTransferFrom(msg.sender, address(rewardDistributor), amount);
        uint256 received = Math.saturatingSub(IERC20(paidIn).balanceOf(address(rewardDistributor)), before);
        if (received != amount) revert UnexpectedAmount(paidIn, received, amount);
    }

    function _existing(uint256 jobId) private view returns (Job storage job) {
        job = _jobs[jobId];
        if (job.state == JobState.None) revert UnknownJob(jobId);
    }

    function _inState(uint256 jobId, JobState state) private view returns (Job storage job) {
        job = _existing(jobId);
        if (job.state != state) revert WrongJobState(jobId, job.state);
    }

    function _ofRequester(uint256 jobId) private view returns (Job storage job) {
        job = _existing(jobId);
        if (job.requester != msg.sender) revert NotAllowed(msg.sender);
    }

    function _requireRunning(uint256 jobId, Job storage job) private view {
        if (job.state != JobState.Active && job.state != JobState.Paused) revert WrongJobState(jobId, job.state);
    }

    /// What one seat of a unit gets.
    function _seatPart(Job storage job) private view returns (uint256) {
        uint256 validators = job.terms.validators;
        if (validators == 0) return 0;
        return ((uint256(job.terms.price) * job.terms.validatorBps) / BPS) / validators;
    }

    function _credit(uint256 jobId, address paidIn, address account, uint256 amount) private {
        if (amount > 0) rewardDistributor.creditFromEscrow(jobId, paidIn, account, amount);
    }

    /// Burns a unit's fee; reputation and emission follow what is burned.
    function _burn(uint256 jobId, address operator, uint256 fee, uint256 emissionBps) private returns (uint256 emitted) {
        rewardDistributor.burnFromEscrow(jobId, fee);
        reputationRegistry.gain(operator, fee);
        return tokenEmission.emitFor(operator, fee, emissionBps);
    }

    function _cancel(uint256 jobId, Job storage job) private {
        job.state = JobState.Cancelled;
        emit JobCancelled(jobId, msg.sender);
        _refund(jobId, job);
    }

    /// Credits the requester with every unit that is neither paid nor pending.
    function _refund(uint256 jobId, Job storage job) private {
        uint256 pending = windowManager.pendingUnits(jobId);
        uint256 units = job.unitsLeft;
        if (pending >= units) return;
        job.unitsLeft = SafeCast.toUint64(pending);
        units -= pending;
        uint256 amount = uint256(job.terms.price) * units;
        uint256 fees = uint256(job.terms.fee) * units;
        emit EscrowRefunded(jobId, job.requester, amount, fees);
        _credit(jobId, job.terms.token, job.requester, amount);
        _credit(jobId, token, job.requester, fees);
    }

    function _requireWired(Modules memory modules) private view {
        address[13] memory others = [
            modules.token,
            modules.nodeRegistry,
            modules.parameters,
            modules.verifierRouter,
            modules.datasetRegistry,
            modules.modelRegistry,
            modules.rewardDistributor,
            modules.stakeManager,
            modules.reputationRegistry,
            modules.tokenEmission,
            modules.validatorManager,
            modules.challengeManager,
            modules.windowManager
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            if (Wired(others[i]).wiring() != wiring) revert WiringMismatch(others[i]);
        }
    }
}
