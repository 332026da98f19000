// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Modules, Wired} from "./Modules.sol";
import {IChallengeManager} from "./interfaces/IChallengeManager.sol";
import {IJobManager} from "./interfaces/IJobManager.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IReputationRegistry} from "./interfaces/IReputationRegistry.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {IWindowManager} from "./interfaces/IWindowManager.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {Points} from "./libraries/Points.sol";
import {Statements} from "./libraries/Statements.sol";

/// @title Leases, submissions and settlement
contract WindowManager is IWindowManager, Wired, ReentrancyGuardTransient {
    /// @dev How many windows of a job may be submitted and not final.
    uint256 private constant MAX_UNFINALIZED = 8;
    /// @dev The free release that makes a slot raced.
    uint256 private constant FREE_RELEASES = 3;
    uint8 private constant OPTIMISTIC = 1;
    /// @dev A reputation's factor is at least 10,000 and below TOP_FACTOR.
    uint256 private constant TOP_FACTOR = 15_000;
    uint256 private constant FACTOR_RANGE = 5_000;
    uint256 private constant MAX_DOUBLINGS = 32;
    /// @dev Words of a train-window statement, and of an inference statement before its outputs.
    uint256 private constant WINDOW_WORDS = 8;
    uint256 private constant ANSWER_OUTPUTS = 4;

    IJobManager private immutable _jobManager;
    IStakeManager private immutable _stakeManager;
    INodeRegistry private immutable _nodeRegistry;
    IVerifierRouter private immutable _verifierRouter;
    IModelRegistry private immutable _modelRegistry;
    IReputationRegistry private immutable _reputationRegistry;
    IChallengeManager private immutable _challengeManager;

    mapping(uint256 jobId => Progress) private _progress;
    mapping(uint256 jobId => mapping(uint256 contributionIndex => Slot)) private _slots;
    mapping(bytes32 submissionId => Lease) private _leases;
    mapping(bytes32 submissionId => Submission) private _submissions;
    mapping(bytes32 submissionId => uint256[]) private _outputs;
    /// @inheritdoc IWindowManager
    mapping(uint256 jobId => mapping(uint256 windowIndex => bytes32)) public submissionAt;

    constructor(Modules memory modules) Wired(modules) {
        _jobManager = IJobManager(modules.jobManager);
        _stakeManager = IStakeManager(modules.stakeManager);
        _nodeRegistry = INodeRegistry(modules.nodeRegistry);
        _verifierRouter = IVerifierRouter(modules.verifierRouter);
        _modelRegistry = IModelRegistry(modules.modelRegistry);
        _reputationRegistry = IReputationRegistry(modules.reputationRegistry);
        _challengeManager = IChallengeManager(modules.challengeManager);
    }

    /// @inheritdoc IWindowManager
    function lease(uint256 jobId, uint256 contributionIndex, uint256 expectedId) external nonReentrant returns (bytes32 submissionId) {
        IJobManager.Job memory job = _job(jobId);
        Progress storage progress = _progress[jobId];
        address operator = _requireWorker(jobId, job);
        _requireWindow(jobId, job, progress);
        uint256 contributions = job.terms.contributions;
        if (contributionIndex >= contributions) revert NoSuchContribution(contributionIndex, contributions);
        Slot storage slot = _currentSlot(jobId, contributionIndex, progress);
        if (slot.done) _refuseWindow(jobId, progress.submitted);
        _requireStart(jobId, job, progress, expectedId);
        uint256 factor = _reputationRegistry.factorOf(operator);
        _requireTurn(jobId, job, progress, slot, factor);

        uint256 leaseNonce = ++progress.leaseNonce;
        submissionId = Encodings.submissionId(address(_jobManager), jobId, progress.submitted, contributionIndex, leaseNonce);
        if (slot.held == 0) ++progress.pendingSlots;
        ++slot.held;
        if (!slot.raced) slot.holder = submissionId;
        Lease memory made;
        made.operator = operator;
        made.state = LeaseState.Held;
        made.raced = slot.raced;
        made.epoch = progress.epoch;
        made.windowIndex = progress.submitted;
        made.contributionIndex = uint32(contributionIndex);
        made.jobId = uint64(jobId);
        made.leaseNonce = uint64(leaseNonce);
        made.registrationNonce = _node(operator).registrationNonce;
        made.start = uint64(block.number);
        made.deadline = uint64(block.number) + job.terms.leaseBlocks;
        uint256 locked = Math.ceilDiv(uint256(job.terms.bond) * TOP_FACTOR, factor);
        // What does not fit is more than there is of the token: it cannot be locked.
        made.locked = uint128(locked);
        if (!made.raced) made.penalty = _penalty(job.terms, progress.lapseStreak);
        _leases[submissionId] = made;
        _emitTaken(submissionId, made, expectedId);
        _lock(operator, locked);
    }

    /// @inheritdoc IWindowManager
    function release(bytes32 submissionId) external nonReentrant {
        Lease storage held = _held(submissionId);
        Progress storage progress = _progress[held.jobId];
        if (held.raced || _isVoid(held, progress)) {
            if (block.number <= held.deadline) _requireHolder(submissionId, held.operator);
        } else {
            _requireHolder(submissionId, held.operator);
            uint256 lastBlock = uint256(held.start) + _job(held.jobId).terms.freeReleaseBlocks;
            if (block.number > lastBlock) revert ReleaseTooLate(submissionId, lastBlock);
            Slot storage slot = _slots[held.jobId][held.contributionIndex];
            if (++slot.releases == FREE_RELEASES) slot.raced = true;
        }
        _release(submissionId, held, progress);
    }

    /// @inheritdoc IWindowManager
    function expire(bytes32 submissionId) external nonReentrant {
        Lease storage held = _held(submissionId);
        if (block.number <= held.deadline) revert LeaseNotExpired(submissionId, held.deadline);
        Progress storage progress = _progress[held.jobId];
        if (held.raced || _isVoid(held, progress)) return _release(submissionId, held, progress);
        _lapse(submissionId, held, progress, _slots[held.jobId][held.contributionIndex]);
        _refundRest(held.jobId);
    }

    /// @inheritdoc IWindowManager
    function submit(bytes32 submissionId, uint256[] calldata results, bytes32 statementHash, bytes32 proofHash) external nonReentrant {
        Lease storage leased = _existing(submissionId);
        IJobManager.Job memory job = _job(leased.jobId);
        if (job.terms.mode != OPTIMISTIC) revert WrongMode(leased.jobId, job.terms.mode);
        _requireSubmittable(submissionId, leased, job);
        uint256[] memory statement = _statement(leased, job, results);
        // Nothing is verified here, and a true proof of another question is a false one of this.
        _requireStatement(Statements.hash(job.statementType, statement), statementHash);
        _emitSubmitted(submissionId, leased, statement, proofHash);
        _submit(submissionId, leased, job, statement, proofHash);
    }

    /// @inheritdoc IWindowManager
    function submitAndSettle(bytes32 submissionId, uint256[] calldata results, bytes calldata proof, bytes calldata opening)
        external
        nonReentrant
    {
        Lease storage leased = _existing(submissionId);
        IJobManager.Job memory job = _job(leased.jobId);
        _requireSubmittable(submissionId, leased, job);
        uint256[] memory statement = _statement(leased, job, results);
        if (!_verify(job, statement, proof, opening)) revert ProofRejected(submissionId);
        bytes32 proofHash = Encodings.proofHash(proof, opening);
        _emitSubmitted(submissionId, leased, statement, proofHash);
        if (job.terms.mode == OPTIMISTIC) {
            _submit(submissionId, leased, job, statement, proofHash);
            _prove(submissionId, leased, job);
        } else {
            emit WindowProved(submissionId, leased.jobId, msg.sender);
            _finish(submissionId, leased, job, statement);
        }
    }

    /// @inheritdoc IWindowManager
    function settle(bytes32 submissionId, uint256[] calldata statement, bytes calldata proof, bytes calldata opening, bytes32 salt)
        external
        nonReentrant
    {
        Lease storage leased = _undecided(submissionId);
        Submission storage submission = _submissions[submissionId];
        IJobManager.Job memory job = _job(leased.jobId);
        bytes32 given = Statements.hash(job.statementType, statement);
        _requireStatement(submission.statementHash, given);
        bytes32 proofHash = Encodings.proofHash(proof, opening);
        if (proofHash != submission.proofHash) revert ProofMismatch(submission.proofHash, proofHash);
        // The router reverts rather than answer with too little gas, so "false" is the verifier's word.
        if (_verify(job, statement, proof, opening)) {
            _prove(submissionId, leased, job);
        } else {
            bool committed = _challengeManager.isCommitted(submissionId, given, proofHash, msg.sender, salt);
            _reject(submissionId, leased, job, committed ? msg.sender : address(0));
        }
    }

    /// @inheritdoc IWindowManager
    function finalize(uint256 jobId, uint256 count) external nonReentrant {
        IJobManager.Job memory job = _job(jobId);
        Progress storage progress = _progress[jobId];
        uint256 finalized = progress.finalized;
        if (count == 0 || progress.submitted == finalized) revert NothingToFinalize(jobId);
        uint256 end = finalized + Math.min(count, progress.submitted - finalized);
        _requireFinal(submissionAt[jobId][finalized], job.terms.finalityBlocks);
        do {
            _finalizeNext(jobId, job, progress);
        } while (++finalized < end && _isFinal(submissionAt[jobId][finalized], job.terms.finalityBlocks));
    }

    /// @inheritdoc IWindowManager
    function merge(uint256 jobId, bytes calldata base, bytes[] calldata children) external nonReentrant {
        IJobManager.Job memory job = _job(jobId);
        Progress storage progress = _progress[jobId];
        uint256 contributions = job.terms.contributions;
        // A job with one contribution a window never counts any.
        if (progress.contributed != contributions) revert NothingToMerge(jobId);
        IModelRegistry.Record memory record = _record(jobId, job, progress);
        record.windowIndex = progress.submitted;
        _requirePoints(job.modelId, base, record.parentId);
        if (children.length != contributions) revert PointsMalformed();
        uint256[] memory childIds = new uint256[](contributions);
        for (uint256 k = 0; k < contributions; ++k) {
            childIds[k] = _slots[jobId][k].resultId;
            _requirePoints(job.modelId, children[k], childIds[k]);
        }
        (bool ok, bytes memory merged) = Points.merge(base, children);
        if (!ok) revert PointsMalformed();
        record.checkpointId = Encodings.checkpointId(job.modelId, merged);
        // Every contribution was: only eager jobs have several.
        record.proved = true;

        progress.contributed = 0;
        ++progress.finalized;
        _advance(progress);
        progress.finalId = record.checkpointId;
        emit WindowMerged(jobId, record.windowIndex, record.checkpointId, record.parentId, merged);
        _modelRegistry.recordMerge(record, childIds);
        _completeIfLast(jobId, job, progress);
    }

    /// @inheritdoc IWindowManager
    function reject(bytes32 submissionId, address finder, bool withheld)
        external
        nonReentrant
        only(address(_challengeManager))
        returns (uint256 slashed)
    {
        Lease storage leased = _undecided(submissionId);
        _submissions[submissionId].withheld = withheld;
        return _reject(submissionId, leased, _job(leased.jobId), finder);
    }

    /// @inheritdoc IWindowManager
    function revoke(bytes32 submissionId) external nonReentrant only(address(_challengeManager)) {
        Lease storage leased = _existing(submissionId);
        LeaseState state = leased.state;
        if (state == LeaseState.Submitted && _submissions[submissionId].proved) {
            uint256 locked = leased.locked;
            leased.locked = 0;
            return _unlock(leased.operator, locked);
        }
        if (state != LeaseState.Held && state != LeaseState.Lapsed) _refuseLease(submissionId, state);
        emit LeaseRevoked(submissionId, leased.jobId, leased.operator);
        _leave(leased, _progress[leased.jobId], LeaseState.Revoked);
    }

    /// @inheritdoc IWindowManager
    function leaseOf(bytes32 submissionId) external view returns (Lease memory) {
        return _leases[submissionId];
    }

    /// @inheritdoc IWindowManager
    function submissionOf(bytes32 submissionId) external view returns (Submission memory) {
        return _submissions[submissionId];
    }

    /// @inheritdoc IWindowManager
    function progressOf(uint256 jobId) external view returns (Progress memory progress) {
        progress = _progress[jobId];
        progress.finalId = _finalId(_job(jobId), _progress[jobId]);
    }

    /// @inheritdoc IWindowManager
    function slotOf(uint256 jobId, uint256 contributionIndex) external view returns (Slot memory slot) {
        Progress storage progress = _progress[jobId];
        Slot storage stored = _slots[jobId][contributionIndex];
        if (_isCurrent(stored, progress)) return stored;
        (slot.windowIndex, slot.epoch) = (progress.submitted, progress.epoch);
    }

    /// @inheritdoc IWindowManager
    function headOf(uint256 jobId) external view returns (uint256) {
        return _head(jobId, _job(jobId), _progress[jobId]);
    }

    /// @inheritdoc IWindowManager
    function finalHeadOf(uint256 jobId) external view returns (uint256 checkpointId, uint256 windows) {
        Progress storage progress = _progress[jobId];
        return (_finalId(_job(jobId), progress), progress.finalized);
    }

    /// @inheritdoc IWindowManager
    function answerOf(uint256 jobId, uint256 windowIndex) external view returns (uint256[] memory outputs) {
        if (windowIndex < _progress[jobId].finalized) outputs = _outputs[submissionAt[jobId][windowIndex]];
        if (outputs.length == 0) revert NoAnswer(jobId, windowIndex);
    }

    /// @inheritdoc IWindowManager
    function pendingUnits(uint256 jobId) external view returns (uint256) {
        Progress storage progress = _progress[jobId];
        return uint256(progress.pendingSlots) + progress.submitted - progress.finalized;
    }

    /// @inheritdoc IWindowManager
    function lapsesOf(uint256 jobId) external view returns (uint256 lapses) {
        IJobManager.JobTerms memory terms = _job(jobId).terms;
        Progress storage progress = _progress[jobId];
        for (uint256 c = 0; c < terms.contributions; ++c) {
            Slot storage slot = _slots[jobId][c];
            if (!_isCurrent(slot, progress) || slot.done || slot.lapsedAt == 0) continue;
            uint256 ofSlot = 1 + (block.number - slot.lapsedAt) / terms.leaseBlocks;
            if (ofSlot > lapses) lapses = ofSlot;
        }
    }

    /// @inheritdoc IWindowManager
    function statementFor(bytes32 submissionId, uint256[] calldata results) external view returns (uint256[] memory statement) {
        Lease storage leased = _existing(submissionId);
        if (_isVoid(leased, _progress[leased.jobId])) _refuseWindow(leased.jobId, leased.windowIndex);
        return _statement(leased, _job(leased.jobId), results);
    }

    function _job(uint256 jobId) private view returns (IJobManager.Job memory) {
        return _jobManager.jobOf(jobId);
    }

    function _inputOf(uint256 jobId, uint256 windowIndex) private view returns (uint256) {
        return _jobManager.inputOf(jobId, windowIndex);
    }

    function _node(address operator) private view returns (INodeRegistry.Node memory) {
        return _nodeRegistry.node(operator);
    }

    function _lock(address operator, uint256 amount) private {
        _stakeManager.lock(operator, amount);
    }

    function _unlock(address operator, uint256 amount) private {
        if (amount != 0) _stakeManager.unlock(operator, amount);
    }

    /// @dev Something of a job that may be cancelled has stopped being pending.
    function _refundRest(uint256 jobId) private {
        _jobManager.refundRest(jobId);
    }

    function _closeDemand(bytes32 submissionId, address poster) private {
        _challengeManager.closeDemand(submissionId, poster);
    }

    function _completeIfLast(uint256 jobId, IJobManager.Job memory job, Progress storage progress) private {
        if (progress.finalized == job.terms.windows) _jobManager.complete(jobId);
    }

    /// @dev The job takes leases, and this operator's.
    function _requireWorker(uint256 jobId, IJobManager.Job memory job) private view returns (address operator) {
        if (job.state != IJobManager.JobState.Active) _refuseState(jobId, job.state);
        operator = _nodeRegistry.operatorFor(msg.sender);
        address worker = job.terms.worker;
        if (worker != address(0) && worker != operator) revert NotTheWorker(jobId, worker, operator);
        if (_stakeManager.isJailed(operator)) revert Jailed(operator);
    }

    /// @dev There is a window to work on, and not too much waits for finality.
    function _requireWindow(uint256 jobId, IJobManager.Job memory job, Progress storage progress) private view {
        uint256 submitted = progress.submitted;
        if (submitted >= job.terms.windows) _refuseWindow(jobId, submitted);
        uint256 unfinalized = submitted - progress.finalized;
        if (unfinalized >= MAX_UNFINALIZED) revert TooManyUnfinalized(jobId, unfinalized);
    }

    /// @dev What the window starts from must be what the worker has fetched and checked: the head, or the input of the next answer.
    function _requireStart(uint256 jobId, IJobManager.Job memory job, Progress storage progress, uint256 expectedId) private view {
        uint256 startId = Statements.isInference(job.statementType)
            ? _inputOf(jobId, progress.submitted)
            : _head(jobId, job, progress);
        if (startId != expectedId) revert StartMoved(jobId, expectedId, startId);
    }

    /// @dev A slot that is not raced has one lease at a time, and newcomers wait for it.
    function _requireTurn(uint256 jobId, IJobManager.Job memory job, Progress storage progress, Slot storage slot, uint256 factor)
        private
    {
        if (slot.raced) return;
        bytes32 holder = slot.holder;
        Lease storage held = _leases[holder];
        if (held.state == LeaseState.Held) {
            if (block.number <= held.deadline) revert LeaseHeld(holder, held.operator, held.deadline);
            return _lapse(holder, held, progress, slot);
        }
        uint256 since = progress.availableAt == 0 ? job.activeBlock : progress.availableAt;
        uint256 firstBlock = since + (uint256(job.terms.priorityBlocks) * (TOP_FACTOR - factor)) / FACTOR_RANGE;
        if (block.number < firstBlock) revert PriorityWait(jobId, firstBlock);
    }

    function _penalty(IJobManager.JobTerms memory terms, uint256 lapseStreak) private pure returns (uint128) {
        uint256 doubled = uint256(terms.lapsePenalty) << Math.min(lapseStreak, MAX_DOUBLINGS);
        // At most the bond, which has 128 bits.
        return uint128(Math.min(terms.bond, doubled));
    }

    function _refuseWindow(uint256 jobId, uint256 windowIndex) private pure {
        revert WindowDone(jobId, windowIndex);
    }

    function _refuseState(uint256 jobId, IJobManager.JobState state) private pure {
        revert WrongJobState(jobId, uint8(state));
    }

    function _refuseLease(bytes32 submissionId, LeaseState state) private pure {
        revert WrongLeaseState(submissionId, state);
    }

    function _emitTaken(bytes32 submissionId, Lease memory made, uint256 startId) private {
        emit LeaseTaken(
            made.jobId,
            made.windowIndex,
            made.operator,
            submissionId,
            made.contributionIndex,
            made.leaseNonce,
            made.registrationNonce,
            startId,
            made.deadline,
            made.raced
        );
    }

    function _emitSubmitted(bytes32 submissionId, Lease storage leased, uint256[] memory statement, bytes32 proofHash) private {
        emit WindowSubmitted(
            leased.jobId,
            leased.windowIndex,
            leased.operator,
            submissionId,
            leased.contributionIndex,
            statement,
            proofHash,
            msg.sender
        );
    }

    function _existing(bytes32 submissionId) private view returns (Lease storage leased) {
        leased = _leases[submissionId];
        if (leased.state == LeaseState.None) revert UnknownSubmission(submissionId);
    }

    function _held(bytes32 submissionId) private view returns (Lease storage held) {
        held = _existing(submissionId);
        if (held.state != LeaseState.Held) _refuseLease(submissionId, held.state);
    }

    /// @dev Submitted, and the verifier has not spoken for it.
    function _undecided(bytes32 submissionId) private view returns (Lease storage leased) {
        leased = _existing(submissionId);
        if (leased.state != LeaseState.Submitted || _submissions[submissionId].proved) _refuseLease(submissionId, leased.state);
    }

    /// @dev An operator may finish a lease even after it has deregistered; a hot key only while it is the current one.
    function _requireHolder(bytes32 submissionId, address operator) private view {
        if (msg.sender == operator || _node(operator).hotKey == msg.sender) return;
        revert NotLeaseHolder(submissionId, operator, msg.sender);
    }

    function _requireSubmittable(bytes32 submissionId, Lease storage leased, IJobManager.Job memory job) private view {
        bool lapsed = leased.state == LeaseState.Lapsed;
        if (!lapsed && leased.state != LeaseState.Held) _refuseLease(submissionId, leased.state);
        if (_isVoid(leased, _progress[leased.jobId])) _refuseWindow(leased.jobId, leased.windowIndex);
        // What it could earn went back to the requester.
        if (lapsed && job.state == IJobManager.JobState.Cancelled) _refuseState(leased.jobId, job.state);
        _requireHolder(submissionId, leased.operator);
    }

    /// @dev Whether the slot is one of the window that is worked on now.
    function _isCurrent(Slot storage slot, Progress storage progress) private view returns (bool) {
        return slot.windowIndex == progress.submitted && slot.epoch == progress.epoch;
    }

    /// @dev Whether nothing can be submitted under the lease any more, whoever holds it.
    function _isVoid(Lease storage leased, Progress storage progress) private view returns (bool) {
        if (leased.epoch != progress.epoch || leased.windowIndex != progress.submitted) return true;
        return _slots[leased.jobId][leased.contributionIndex].done;
    }

    /// @dev The slot to write to: a stored one of another window or epoch is a fresh one.
    function _currentSlot(uint256 jobId, uint256 contributionIndex, Progress storage progress) private returns (Slot storage slot) {
        slot = _slots[jobId][contributionIndex];
        if (_isCurrent(slot, progress)) return slot;
        delete _slots[jobId][contributionIndex];
        (slot.windowIndex, slot.epoch) = (progress.submitted, progress.epoch);
    }

    /// @dev Takes a Held lease out of its slot's count. Whether the slot has stopped being pending.
    function _vacate(Lease storage held, Progress storage progress) private returns (bool) {
        if (held.epoch != progress.epoch || held.windowIndex != progress.submitted) return false;
        Slot storage slot = _slots[held.jobId][held.contributionIndex];
        if (--slot.held != 0 || slot.done) return false;
        --progress.pendingSlots;
        return true;
    }

    /// @return locked what the lease has locked, to be returned
    function _end(Lease storage leased, LeaseState state) private returns (uint256 locked) {
        locked = leased.locked;
        leased.state = state;
        leased.ended = uint64(block.number);
        leased.locked = 0;
    }

    function _release(bytes32 submissionId, Lease storage held, Progress storage progress) private {
        emit LeaseReleased(submissionId, held.jobId, held.operator);
        _leave(held, progress, held.epoch == progress.epoch ? LeaseState.Released : LeaseState.Orphaned);
    }

    /// @dev Ends a lease that is Held or Lapsed without a submission.
    function _leave(Lease storage leased, Progress storage progress, LeaseState state) private {
        bool vacated = leased.state == LeaseState.Held && _vacate(leased, progress);
        _unlock(leased.operator, _end(leased, state));
        if (vacated) _refundRest(leased.jobId);
    }

    /// @dev Ends an exclusive lease whose slot is not done; its proof still counts while nobody else's does.
    function _lapse(bytes32 submissionId, Lease storage held, Progress storage progress, Slot storage slot) private {
        _vacate(held, progress);
        slot.raced = true;
        slot.lapsedAt = uint64(block.number);
        ++progress.lapseStreak;
        uint256 locked = held.locked;
        held.state = LeaseState.Lapsed;
        held.locked = 0;
        _unlock(held.operator, locked);
        uint256 burned = _stakeManager.penalise(held.operator, held.penalty);
        emit LeaseLapsed(submissionId, held.jobId, held.operator, burned);
    }

    /// @dev The statement's words: those that the worker submits, the others from state.
    function _statement(Lease storage leased, IJobManager.Job memory job, uint256[] calldata results)
        private
        view
        returns (uint256[] memory statement)
    {
        bool inference = Statements.isInference(job.statementType);
        uint256 count = results.length;
        // An answer's words are maskId, then the outputs, as many as the circuit has, and at least one.
        uint256 length = inference ? count + ANSWER_OUTPUTS - 1 : WINDOW_WORDS;
        if (inference ? count < 2 || length != job.statementWords : count != 3) revert ResultCount(count);
        statement = new uint256[](length);
        for (uint256 i = 0; i < count; ++i) {
            if (results[i] >= Encodings.R) revert OutOfField(results[i]);
            // childId, maskId, .., lossSum; or maskId, .., outputs.
            uint256 skipped = inference ? ANSWER_OUTPUTS - 3 : WINDOW_WORDS - 5;
            statement[i < (inference ? 1 : 2) ? i + 2 : i + 2 + skipped] = results[i];
        }
        uint256 jobId = leased.jobId;
        if (inference) {
            statement[3] = _inputOf(jobId, leased.windowIndex);
        } else {
            statement[4] = job.datasetRoot;
            statement[5] = job.batchSeed;
            statement[6] = (uint256(leased.windowIndex) * job.terms.contributions + leased.contributionIndex) * job.steps;
        }
        statement[0] = _context(leased, job);
        statement[1] = _head(jobId, job, _progress[jobId]);
    }

    function _requireStatement(bytes32 expected, bytes32 given) private pure {
        if (given != expected) revert StatementMismatch(expected, given);
    }

    function _context(Lease storage leased, IJobManager.Job memory job) private view returns (uint256) {
        uint256[5] memory named =
            [uint256(leased.jobId), leased.windowIndex, leased.contributionIndex, leased.leaseNonce, leased.registrationNonce];
        return Statements.context(job.statementType, address(_jobManager), job.terms.circuitId, leased.operator, named);
    }

    function _verify(IJobManager.Job memory job, uint256[] memory statement, bytes calldata proof, bytes calldata opening)
        private
        view
        returns (bool)
    {
        bool open = Statements.isOpen(job.statementType, job.terms.open);
        return _verifierRouter.verify(job.terms.circuitId, open, statement, proof, opening);
    }

    function _finalId(IJobManager.Job memory job, Progress storage progress) private view returns (uint256 finalId) {
        bool moved = progress.finalized != 0 && !Statements.isInference(job.statementType);
        finalId = moved ? progress.finalId : job.terms.genesisId;
    }

    function _head(uint256 jobId, IJobManager.Job memory job, Progress storage progress) private view returns (uint256) {
        uint256 submitted = progress.submitted;
        if (submitted == progress.finalized || Statements.isInference(job.statementType)) return _finalId(job, progress);
        return _submissions[submissionAt[jobId][submitted - 1]].resultId;
    }

    /// @dev A lease takes its slot: it pends no more, and lapses before it are forgiven where an exclusive one was in time.
    function _occupy(Lease storage leased, Progress storage progress, Slot storage slot) private {
        if (slot.held != 0) --progress.pendingSlots;
        if (leased.state != LeaseState.Held) return;
        --slot.held;
        if (!leased.raced && block.number <= leased.deadline) progress.lapseStreak = 0;
    }

    /// @dev The next window can be worked on.
    function _advance(Progress storage progress) private {
        ++progress.submitted;
        progress.availableAt = uint64(block.number);
    }

    function _keepOutputs(bytes32 submissionId, uint256[] memory statement) private {
        uint256[] storage outputs = _outputs[submissionId];
        // As many as the circuit has.
        for (uint256 i = ANSWER_OUTPUTS; i < statement.length; ++i) outputs.push(statement[i]);
    }

    /// @dev Optimistic: the window waits for silence or a proof.
    function _submit(
        bytes32 submissionId,
        Lease storage leased,
        IJobManager.Job memory job,
        uint256[] memory statement,
        bytes32 proofHash
    ) private {
        uint256 jobId = leased.jobId;
        Progress storage progress = _progress[jobId];
        bool wasHeld = leased.state == LeaseState.Held;
        _occupy(leased, progress, _slots[jobId][leased.contributionIndex]);
        _advance(progress);
        submissionAt[jobId][leased.windowIndex] = submissionId;
        bool inference = Statements.isInference(job.statementType);
        if (inference) _keepOutputs(submissionId, statement);
        Submission storage submission = _submissions[submissionId];
        submission.statementHash = Statements.hash(job.statementType, statement);
        submission.proofHash = proofHash;
        if (!inference) submission.resultId = statement[2];
        submission.submittedAt = uint64(block.number);
        uint256 locked = leased.locked;
        uint256 bond = job.terms.bond;
        leased.state = LeaseState.Submitted;
        leased.locked = job.terms.bond;
        // A lease locks more than the bond, whoever's it is.
        if (wasHeld) _unlock(leased.operator, locked - bond);
        else _lock(leased.operator, bond);
    }

    /// @dev The verifier's word for a submission.
    function _prove(bytes32 submissionId, Lease storage leased, IJobManager.Job memory job) private {
        uint256 jobId = leased.jobId;
        _submissions[submissionId].proved = true;
        emit WindowProved(submissionId, jobId, msg.sender);
        _closeDemand(submissionId, msg.sender);
        Progress storage progress = _progress[jobId];
        if (leased.windowIndex == progress.finalized) _finalizeNext(jobId, job, progress);
    }

    /// @dev Eager: the slot is done, and with a single contribution the window is final.
    function _finish(bytes32 submissionId, Lease storage leased, IJobManager.Job memory job, uint256[] memory statement) private {
        uint256 jobId = leased.jobId;
        Progress storage progress = _progress[jobId];
        Slot storage slot = _slots[jobId][leased.contributionIndex];
        IModelRegistry.Record memory record = _record(jobId, job, progress);
        record.windowIndex = leased.windowIndex;
        _occupy(leased, progress, slot);
        if (leased.contributionIndex == 0) submissionAt[jobId][leased.windowIndex] = submissionId;
        if (Statements.isInference(job.statementType)) {
            _keepOutputs(submissionId, statement);
        } else {
            record.checkpointId = statement[2];
            record.statementHash = Statements.hash(job.statementType, statement);
        }
        if (job.terms.contributions == 1) {
            ++progress.finalized;
            _advance(progress);
            progress.finalId = record.checkpointId;
        } else {
            slot.done = true;
            slot.resultId = record.checkpointId;
            ++progress.contributed;
        }
        _settled(submissionId, leased, job, record);
        _completeIfLast(jobId, job, progress);
    }

    /// @dev Optimistic: the lowest window that is not final becomes so.
    function _finalizeNext(uint256 jobId, IJobManager.Job memory job, Progress storage progress) private {
        bytes32 submissionId = submissionAt[jobId][progress.finalized];
        Submission storage submission = _submissions[submissionId];
        IModelRegistry.Record memory record = _record(jobId, job, progress);
        record.windowIndex = progress.finalized;
        ++progress.finalized;
        record.checkpointId = submission.resultId;
        record.statementHash = submission.statementHash;
        progress.finalId = record.checkpointId;
        _settled(submissionId, _leases[submissionId], job, record);
        _completeIfLast(jobId, job, progress);
    }

    /// @dev The bond returns, the unit is paid, a checkpoint is recorded.
    function _settled(
        bytes32 submissionId,
        Lease storage leased,
        IJobManager.Job memory job,
        IModelRegistry.Record memory record
    ) private {
        address operator = leased.operator;
        uint256 locked = _end(leased, LeaseState.Finalized);
        record.proved = job.terms.mode != OPTIMISTIC || _submissions[submissionId].proved;
        emit WindowFinalized(
            record.jobId, record.windowIndex, operator, submissionId, leased.contributionIndex, record.checkpointId, record.proved
        );
        _unlock(operator, locked);
        _jobManager.payUnit(record.jobId, submissionId, operator);
        if (!Statements.isInference(job.statementType)) _modelRegistry.recordCheckpoint(record);
    }

    /// @dev What every checkpoint of the window after the final ones has in common.
    function _record(uint256 jobId, IJobManager.Job memory job, Progress storage progress)
        private
        view
        returns (IModelRegistry.Record memory record)
    {
        record.modelId = job.modelId;
        record.circuitId = job.terms.circuitId;
        record.jobId = jobId;
        record.parentId = _finalId(job, progress);
        record.licenceHash = job.licenceHash;
    }

    function _isFinal(bytes32 submissionId, uint256 finalityBlocks) private view returns (bool) {
        Submission storage submission = _submissions[submissionId];
        if (submission.proved) return true;
        return block.number > submission.submittedAt + finalityBlocks && !_challengeManager.demandOf(submissionId).open;
    }

    function _requireFinal(bytes32 submissionId, uint256 finalityBlocks) private view {
        if (_isFinal(submissionId, finalityBlocks)) return;
        uint256 lastBlock = _submissions[submissionId].submittedAt + finalityBlocks;
        if (block.number <= lastBlock) revert NotFinalYet(submissionId, lastBlock);
        revert ProofDemanded(submissionId);
    }

    function _requirePoints(bytes32 modelId, bytes calldata points, uint256 expectedId) private pure {
        uint256 givenId = Encodings.checkpointId(modelId, points);
        if (givenId != expectedId) revert PointsMismatch(expectedId, givenId);
    }

    /// @dev The window and all above it are undone; its operator pays those who built on it.
    function _reject(bytes32 submissionId, Lease storage leased, IJobManager.Job memory job, address finder)
        private
        returns (uint256 slashed)
    {
        uint256 jobId = leased.jobId;
        Progress storage progress = _progress[jobId];
        uint256 end = progress.submitted;
        progress.submitted = leased.windowIndex;
        ++progress.epoch;
        progress.availableAt = uint64(block.number);
        progress.pendingSlots = 0;
        delete submissionAt[jobId][leased.windowIndex];
        _unlock(leased.operator, _end(leased, LeaseState.Rejected));
        _closeDemand(submissionId, address(0));
        address[] memory harmed = _orphan(jobId, uint256(leased.windowIndex) + 1, end, job.requester);
        if (_challengeManager.markSlashed(leased.operator, submissionId)) {
            slashed = _stakeManager.slash(leased.operator, job.terms.bond, finder, harmed);
        }
        emit WindowRejected(jobId, leased.windowIndex, leased.operator, submissionId, finder, slashed, harmed.length - 1);
        _refundRest(jobId);
    }

    /// @dev Undoes the windows from `begin` to below `end`, at most 7: their bonds return.
    /// @return harmed the requester, then their operators
    function _orphan(uint256 jobId, uint256 begin, uint256 end, address requester) private returns (address[] memory harmed) {
        harmed = new address[](end - begin + 1);
        harmed[0] = requester;
        for (uint256 w = begin; w < end; ++w) {
            bytes32 submissionId = submissionAt[jobId][w];
            Lease storage orphan = _leases[submissionId];
            address operator = orphan.operator;
            harmed[w - begin + 1] = operator;
            delete submissionAt[jobId][w];
            uint256 locked = _end(orphan, LeaseState.Orphaned);
            emit WindowOrphaned(jobId, w, operator, submissionId);
            _unlock(operator, locked);
            _closeDemand(submissionId, address(0));
        }
    }
}
