// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IChallengeManager} from "../../src/interfaces/IChallengeManager.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IStakeManager} from "../../src/interfaces/IStakeManager.sol";
import {IValidatorManager} from "../../src/interfaces/IValidatorManager.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Statements} from "../../src/libraries/Statements.sol";
import {InferenceFixture} from "./InferenceFixture.sol";

/// Random users of the whole system, in both modes. Each action looks for something that it could do now, or brings it about, and counts
/// what became of its call.
contract SettlementHandler is InferenceFixture {
    uint256 internal constant OPERATORS = 4;
    uint256 internal constant RECENT = 12;
    address internal constant TREASURY = address(0x5001);

    uint256 public attempted;
    uint256 public succeeded;
    mapping(address target => mapping(bytes4 selector => uint256)) public successes;
    /// What no run may see.
    uint256 public slashedTwice;
    uint256 public finalizedLess;

    /// Every lease; those of each job.
    bytes32[] internal known;
    mapping(uint256 jobId => bytes32[]) internal leasesOf;
    mapping(bytes32 submissionId => uint256[]) internal words;
    mapping(bytes32 submissionId => bytes) internal proofs;
    mapping(uint256 checkpointId => bytes) internal points;
    mapping(uint256 jobId => uint256) internal finalizedBefore;
    mapping(bytes32 submissionId => mapping(uint256 seat => bytes32)) internal digests;
    mapping(address operator => uint256) internal keys;
    uint256 internal nextKey = 0xc0ffee;
    uint256 internal nextChild = 1_000;

    constructor() {
        setUp();
        points[genesisId] = new bytes(128);
        (keys[alice], keys[bob]) = (aliceKey, bobKey);
        for (uint256 i = 2; i < OPERATORS; ++i) {
            keys[operator(i)] = ++nextKey;
            enlist(operator(i), nextKey, STAKE);
        }
        vm.deal(finder, 1e30);
    }

    function operator(uint256 i) public view returns (address) {
        i %= OPERATORS;
        return i == 0 ? alice : i == 1 ? bob : address(uint160(0x2001 + i));
    }

    function system() external view returns (address[7] memory) {
        return [
            address(jobs), address(windows), address(stakes), address(challenges), address(validators), address(rewards), address(nodes)
        ];
    }

    function attempt(address sender, address target, bytes memory data) internal returns (bool success, bytes memory result) {
        return attempt(sender, target, data, 0);
    }

    function attempt(address sender, address target, bytes memory data, uint256 value)
        internal
        returns (bool success, bytes memory result)
    {
        ++attempted;
        vm.prank(sender);
        (success, result) = target.call{value: value}(data);
        if (!success) return (success, result);
        ++succeeded;
        ++successes[target][bytes4(data)];
    }

    /// A call that may slash `liar` for this submission: never the second one.
    function attemptSlash(address sender, address target, bytes memory data, address liar, bytes32 id) internal {
        bool before = challenges.isSlashed(liar, id);
        uint256 held = stakeOf(liar);
        attempt(sender, target, data);
        if (before && stakeOf(liar) < held) ++slashedTwice;
        note(jobIdOf(id));
    }

    function stakeOf(address account) internal view returns (uint256) {
        IStakeManager.Stake memory held = stakes.stakeOf(account);
        return uint256(held.active) + held.unbonding;
    }

    /// Remembers how far a job is: never back.
    function note(uint256 jobId) internal {
        uint256 finalized = windows.progressOf(jobId).finalized;
        if (finalized < finalizedBefore[jobId]) ++finalizedLess;
        finalizedBefore[jobId] = finalized;
    }

    /// Not jailed, and with free stake for some leases.
    function makeReady(address by) internal returns (address) {
        IStakeManager.Stake memory held = stakes.stakeOf(by);
        uint256 free = stakes.freeStake(by);
        if (free < 400e18) stakeAs(by, 400e18 - free + held.locked + held.debt);
        if (held.jailedUntil == 0) return by;
        if (height() < held.jailedUntil) vm.roll(held.jailedUntil);
        attempt(by, address(stakes), abi.encodeCall(stakes.unjail, ()));
        return by;
    }

    /// Most often somebody who is not in jail; the others shall not stay there for ever.
    function ready(uint256 seed) internal returns (address) {
        for (uint256 i = 0; i < OPERATORS && seed % 3 != 0; ++i) {
            if (!stakes.isJailed(operator(seed % OPERATORS + i))) return makeReady(operator(seed % OPERATORS + i));
        }
        return makeReady(operator(seed >> 2));
    }

    function isInference(IJobManager.Job memory job) internal pure returns (bool) {
        return Statements.isInference(job.statementType);
    }

    function isRunning(IJobManager.Job memory job) internal pure returns (bool) {
        return job.state == IJobManager.JobState.Active || job.state == IJobManager.JobState.Paused;
    }

    /// One of the latest jobs in this state; 0 if there is none.
    function findJob(uint256 seed, IJobManager.JobState state) internal view returns (uint256) {
        uint256 last = jobs.jobCount();
        uint256 count = last < RECENT ? last : RECENT;
        for (uint256 i = 0; i < count; ++i) {
            uint256 jobId = last - (seed % count + i) % count;
            if (jobs.jobOf(jobId).state == state) return jobId;
        }
        return 0;
    }

    /// Kinds: 0 eager training, 1 eager with 2 or 3 contributions, 2 and 3 optimistic training, 4 optimistic answers, 5 eager hidden ones.
    function termsOf(uint256 kind, uint256 seed) internal view returns (IJobManager.JobTerms memory terms) {
        bool optimistic = kind >= 2 && kind <= 4;
        terms = optimistic ? optimisticTermsFor(address(pay)) : termsFor(address(pay));
        if (kind >= 4) terms = asking(terms, kind == 4);
        else terms.licensorBps = 511;
        if (kind == 1) terms.contributions = uint8(2 + (seed >> 4) % 2);
        terms.windows = uint32(1 + (seed >> 8) % 5);
        terms.price = uint128(1 + (seed >> 16) % 1e19);
        terms.fee = uint128((seed >> 24) % 3 == 0 ? 0 : (seed >> 32) % 5e18);
        terms.priorityBlocks = (seed >> 40) % 4 == 0 ? 3 : 0;
        if (optimistic) {
            terms.validators = uint8(1 + (seed >> 48) % 3);
            terms.validatorBps = 777;
        }
        (terms.treasury, terms.treasuryBps) = (TREASURY, 333);
    }

    function makeJob(uint256 kind, uint256 seed) internal returns (uint256 jobId) {
        (bool success, bytes memory result) = attempt(requester, address(jobs), abi.encodeCall(jobs.openJob, (termsOf(kind, seed))));
        if (success) jobId = abi.decode(result, (uint256));
    }

    function makeActive(uint256 kind, uint256 seed) internal returns (uint256 jobId) {
        jobId = makeJob(kind, seed);
        if (kind >= 4) return jobId;
        mine(9);
        attempt(finder, address(jobs), abi.encodeCall(jobs.captureSeed, (jobId)));
    }

    /// Whether somebody could lease now; an answer needs its input.
    function isLeasable(uint256 jobId) internal view returns (bool) {
        IJobManager.Job memory job = jobs.jobOf(jobId);
        if (job.state != IJobManager.JobState.Active) return false;
        IWindowManager.Progress memory progress = windows.progressOf(jobId);
        if (progress.submitted == job.terms.windows || progress.submitted - progress.finalized == 8) return false;
        return freeSlot(jobId, job.terms.contributions) < job.terms.contributions;
    }

    /// The first contribution that may be leased now.
    function freeSlot(uint256 jobId, uint256 contributions) internal view returns (uint256 c) {
        for (; c < contributions; ++c) {
            IWindowManager.Slot memory slot = windows.slotOf(jobId, c);
            if (slot.done) continue;
            if (slot.raced) return c;
            IWindowManager.Lease memory holder = windows.leaseOf(slot.holder);
            if (holder.state != IWindowManager.LeaseState.Held || holder.deadline < height()) return c;
        }
    }

    function isOptimistic(uint256 jobId) internal view returns (bool) {
        return jobs.jobOf(jobId).terms.mode == 1;
    }

    function leasable(uint256 seed, bool optimistic) internal returns (uint256) {
        uint256 last = jobs.jobCount();
        uint256 count = last < RECENT ? last : RECENT;
        for (uint256 i = 0; i < count; ++i) {
            uint256 jobId = last - (seed % count + i) % count;
            if (isOptimistic(jobId) == optimistic && isLeasable(jobId)) return jobId;
        }
        uint256 kind = (seed >> 8) % 3;
        return makeActive(optimistic ? 2 + kind : kind == 2 ? 5 : kind, seed);
    }

    function takeLease(uint256 jobId, uint256 seed) internal returns (bytes32) {
        IJobManager.Job memory job = jobs.jobOf(jobId);
        uint256 window = windows.progressOf(jobId).submitted;
        if (isInference(job) && jobs.inputCount(jobId) == window) {
            attempt(requester, address(jobs), abi.encodeCall(jobs.addInputs, (jobId, inputs(window, 1))));
        }
        address by = job.terms.worker == address(0) ? ready(seed) : makeReady(job.terms.worker);
        if (job.terms.priorityBlocks != 0 && seed % 8 != 0) mine(3);
        return leaseWith(by, jobId, freeSlot(jobId, job.terms.contributions), seed);
    }

    function leaseWith(address by, uint256 jobId, uint256 contribution, uint256 seed) internal returns (bytes32 id) {
        address sender = seed % 3 == 0 ? vm.addr(keys[by]) : by;
        bytes memory data = abi.encodeCall(windows.lease, (jobId, contribution, startOf(jobId)));
        (bool success, bytes memory result) = attempt(sender, address(windows), data);
        if (!success) return 0;
        id = abi.decode(result, (bytes32));
        known.push(id);
        leasesOf[jobId].push(id);
    }

    /// One of the latest leases in this state; 0 if there is none.
    function find(uint256 seed, IWindowManager.LeaseState state) internal view returns (bytes32) {
        uint256 count = known.length < 2 * RECENT ? known.length : 2 * RECENT;
        for (uint256 i = 0; i < count; ++i) {
            bytes32 id = known[known.length - 1 - (seed % count + i) % count];
            if (windows.leaseOf(id).state == state) return id;
        }
        return 0;
    }

    /// A lease that something can be submitted under.
    function workable(uint256 seed, bool optimistic) internal returns (bytes32) {
        uint256 count = known.length < 2 * RECENT ? known.length : 2 * RECENT;
        for (uint256 i = 0; i < count; ++i) {
            bytes32 id = known[known.length - 1 - (seed % count + i) % count];
            if (isWorkable(id) && isOptimistic(jobIdOf(id)) == optimistic) return id;
        }
        return takeLease(leasable(seed, optimistic), seed);
    }

    function isWorkable(bytes32 id) internal view returns (bool) {
        IWindowManager.Lease memory leased = windows.leaseOf(id);
        bool lapsed = leased.state == IWindowManager.LeaseState.Lapsed;
        if (!lapsed && leased.state != IWindowManager.LeaseState.Held) return false;
        if (lapsed && jobs.jobOf(leased.jobId).state == IJobManager.JobState.Cancelled) return false;
        IWindowManager.Progress memory progress = windows.progressOf(leased.jobId);
        if (leased.epoch != progress.epoch || leased.windowIndex != progress.submitted) return false;
        return !windows.slotOf(leased.jobId, leased.contributionIndex).done;
    }

    /// A submission that is neither proved nor over.
    function undecided(uint256 seed, bool isFalse) internal returns (bytes32 id) {
        id = find(seed, IWindowManager.LeaseState.Submitted);
        if (id != bytes32(0) && !windows.submissionOf(id).proved) return id;
        return makeSubmission(seed, isFalse);
    }

    function makeSubmission(uint256 seed, bool isFalse) internal returns (bytes32) {
        return submitUnder(workable(seed, true), seed, isFalse);
    }

    /// Of a job of its own: young enough for anything.
    function freshSubmission(uint256 seed, bool isFalse) internal returns (bytes32) {
        return submitUnder(takeLease(makeActive(2 + seed % 3, seed), seed), seed, isFalse);
    }

    function submitUnder(bytes32 id, uint256 seed, bool isFalse) internal returns (bytes32) {
        if (id == bytes32(0)) return id;
        IWindowManager.Lease memory leased = windows.leaseOf(id);
        if (leased.state == IWindowManager.LeaseState.Lapsed) makeReady(leased.operator);
        uint256[] memory results = resultsFor(leased.jobId);
        bytes memory proof = isFalse ? falseProof() : proofFor(id, results);
        words[id] = windows.statementFor(id, results);
        proofs[id] = proof;
        address sender = seed % 3 == 0 ? vm.addr(keys[leased.operator]) : leased.operator;
        bytes memory call = abi.encodeCall(windows.submit, (id, results, statementHashOf(id, results), proofHashOf(proof)));
        (bool success,) = attempt(sender, address(windows), call);
        return success ? id : bytes32(0);
    }

    function resultsFor(uint256 jobId) internal returns (uint256[] memory) {
        IJobManager.Job memory job = jobs.jobOf(jobId);
        ++nextChild;
        if (isInference(job)) return answered(nextChild, 1);
        return trained(job.terms.contributions == 1 ? nextChild : newCheckpoint(nextChild));
    }

    /// A checkpoint of two points that is known by its points.
    function newCheckpoint(uint256 logarithm) internal returns (uint256 id) {
        bytes memory made = new bytes(128);
        uint256[3] memory input = [uint256(1), 2, logarithm];
        assembly ("memory-safe") {
            pop(staticcall(gas(), 7, input, 0x60, add(made, 0x20), 0x40))
        }
        id = Encodings.checkpointId(modelId, made);
        points[id] = made;
    }

    function open(uint256 seed) external {
        makeJob(seed % 6, seed);
    }

    /// With a permit that somebody has used before: the allowance is there.
    function openWithPermit(uint256 seed) external {
        IJobManager.JobTerms memory terms = termsOf(seed % 6, seed);
        attempt(requester, address(jobs), abi.encodeCall(jobs.openJobWithPermit, (terms, 0, 0, 27, 0, 0)));
    }

    function capture(uint256 seed) external {
        uint256 jobId = findJob(seed, IJobManager.JobState.Open);
        if (jobId == 0) jobId = makeJob(seed % 4, seed);
        if (seed % 8 != 0) mine(9);
        attempt(finder, address(jobs), abi.encodeCall(jobs.captureSeed, (jobId)));
    }

    function giveInput(uint256 seed) external {
        uint256 jobId = makeActive(4 + seed % 2, seed);
        uint256 count = seed % 8 == 0 ? 6 : 1;
        attempt(requester, address(jobs), abi.encodeCall(jobs.addInputs, (jobId, inputs(0, count))));
    }

    function refundUnseeded(uint256 seed) external {
        uint256 jobId = findJob(seed, IJobManager.JobState.Open);
        if (jobId == 0) jobId = makeJob(seed % 4, seed);
        mine(265);
        attempt(finder, address(jobs), abi.encodeCall(jobs.refundUnseeded, (jobId)));
    }

    function pause(uint256 seed) external {
        makePaused(seed);
    }

    function makePaused(uint256 seed) internal returns (uint256 jobId) {
        jobId = findJob(seed, IJobManager.JobState.Active);
        if (jobId == 0) jobId = makeActive(seed % 6, seed);
        attempt(requester, address(jobs), abi.encodeCall(jobs.pause, (jobId)));
    }

    function resume(uint256 seed) external {
        uint256 jobId = findJob(seed, IJobManager.JobState.Paused);
        if (jobId == 0) jobId = makePaused(seed);
        attempt(requester, address(jobs), abi.encodeCall(jobs.resume, (jobId)));
    }

    function cancel(uint256 seed) external {
        uint256 jobId = findJob(seed, seed % 4 == 0 ? IJobManager.JobState.Paused : IJobManager.JobState.Active);
        if (jobId == 0) jobId = makeActive(seed % 6, seed);
        attempt(requester, address(jobs), abi.encodeCall(jobs.cancel, (jobId)));
    }

    function close(uint256 seed) external {
        bytes32 id = takeLease(leasable(seed, seed % 2 == 0), seed);
        if (id == bytes32(0)) return;
        vm.roll(windows.leaseOf(id).deadline + 1);
        attempt(finder, address(windows), abi.encodeCall(windows.expire, (id)));
        mine(20 * (1 + seed % 3));
        attempt(finder, address(jobs), abi.encodeCall(jobs.close, (jobIdOf(id))));
    }

    function lease(uint256 seed) external {
        takeLease(leasable(seed, seed % 2 == 0), seed >> 1);
    }

    /// Two more for a slot that is raced.
    function race(uint256 seed) external {
        bytes32 id = find(seed, IWindowManager.LeaseState.Lapsed);
        if (id == bytes32(0)) return;
        uint256 jobId = jobIdOf(id);
        for (uint256 i = 0; i < 2 && isLeasable(jobId); ++i) takeLease(jobId, seed ^ i);
    }

    function release(uint256 seed) external {
        bytes32 id = find(seed, IWindowManager.LeaseState.Held);
        if (id == bytes32(0) || seed % 3 == 0) id = takeLease(leasable(seed, seed % 2 == 0), seed);
        if (id != bytes32(0)) attempt(windows.leaseOf(id).operator, address(windows), abi.encodeCall(windows.release, (id)));
    }

    function expire(uint256 seed) external {
        bytes32 id = find(seed, IWindowManager.LeaseState.Held);
        if (id == bytes32(0)) id = takeLease(leasable(seed, seed % 2 == 0), seed);
        if (id == bytes32(0)) return;
        uint256 deadline = windows.leaseOf(id).deadline;
        if (height() <= deadline && seed % 8 != 0) vm.roll(deadline + 1);
        attempt(finder, address(windows), abi.encodeCall(windows.expire, (id)));
    }

    function submit(uint256 seed) external {
        makeSubmission(seed, seed % 5 == 0);
    }

    function submitAndSettle(uint256 seed) external {
        bytes32 id = workable(seed, seed % 4 == 0);
        if (id == bytes32(0)) return;
        IWindowManager.Lease memory leased = windows.leaseOf(id);
        if (leased.state == IWindowManager.LeaseState.Lapsed) makeReady(leased.operator);
        uint256[] memory results = resultsFor(leased.jobId);
        // One in eight is false, and refused.
        bytes memory proof = seed % 8 == 1 ? falseProof() : proofFor(id, results);
        words[id] = windows.statementFor(id, results);
        proofs[id] = proof;
        attempt(leased.operator, address(windows), abi.encodeCall(windows.submitAndSettle, (id, results, proof, OPENING)));
        note(leased.jobId);
    }

    function settle(uint256 seed) external {
        bytes32 id = undecided(seed, seed % 2 == 0);
        if (id == bytes32(0)) return;
        if (seed % 3 != 0) {
            IWindowManager.Submission memory submission = windows.submissionOf(id);
            bytes32 commitment =
                Encodings.evidenceCommitment(id, submission.statementHash, submission.proofHash, finder, SALT);
            attempt(finder, address(challenges), abi.encodeCall(challenges.commitEvidence, (commitment)));
            mine(1);
        }
        bytes memory data = abi.encodeCall(windows.settle, (id, words[id], proofs[id], OPENING, SALT));
        attemptSlash(seed % 7 == 0 ? stranger : finder, address(windows), data, windows.leaseOf(id).operator, id);
    }

    function finalize(uint256 seed) external {
        bytes32 id = find(seed, IWindowManager.LeaseState.Submitted);
        if (id == bytes32(0) || seed % 3 == 0) id = freshSubmission(seed, false);
        if (id == bytes32(0)) return;
        if (seed % 4 != 0) mine(41);
        attempt(finder, address(windows), abi.encodeCall(windows.finalize, (jobIdOf(id), 1 + seed % 8)));
        note(jobIdOf(id));
    }

    function merge(uint256 seed) external {
        uint256 jobId = makeActive(1, seed);
        uint256 contributions = jobs.jobOf(jobId).terms.contributions;
        for (uint256 c = 0; c < contributions; ++c) {
            bytes32 id = takeLease(jobId, seed >> c);
            // Priority, or a job that its opener could not pay for.
            if (id == bytes32(0)) return;
            uint256[] memory results = resultsFor(jobId);
            bytes memory data = abi.encodeCall(windows.submitAndSettle, (id, results, proofFor(id, results), OPENING));
            attempt(windows.leaseOf(id).operator, address(windows), data);
        }
        bytes[] memory children = new bytes[](contributions);
        for (uint256 c = 0; c < contributions; ++c) children[c] = points[windows.slotOf(jobId, c).resultId];
        attempt(finder, address(windows), abi.encodeCall(windows.merge, (jobId, points[genesisId], children)));
        note(jobId);
    }

    function demand(uint256 seed) external {
        makeDemand(seed % 2 == 0 ? undecided(seed, seed % 5 == 0) : freshSubmission(seed, seed % 5 == 0), seed);
    }

    function makeDemand(bytes32 id, uint256 seed) internal {
        if (id == bytes32(0) || challenges.demandOf(id).challenger != address(0)) return;
        uint256 value = challenges.demandBond() + (seed % 3) * 1e9;
        attempt(finder, address(challenges), abi.encodeCall(challenges.demand, (id)), value);
    }

    function slashWithheld(uint256 seed) external {
        bytes32 id = seed % 2 == 0 ? undecided(seed, seed % 3 == 0) : freshSubmission(seed, seed % 3 == 0);
        if (id == bytes32(0)) return;
        makeDemand(id, seed);
        IChallengeManager.Demand memory made = challenges.demandOf(id);
        if (!made.open) return;
        if (height() <= made.deadline && seed % 8 != 0) vm.roll(made.deadline + 1);
        bytes memory data = abi.encodeCall(challenges.slashWithheld, (id));
        attemptSlash(stranger, address(challenges), data, windows.leaseOf(id).operator, id);
    }

    /// About a lease, by its own operator or by another one that signed under its name.
    function slashByEvidence(uint256 seed) external {
        bytes32 id = seed % 4 == 0 ? undecided(seed, false) : workable(seed, seed % 2 == 0);
        if (id == bytes32(0)) return;
        lie(id, seed % 5 == 0 ? operator(seed >> 8) : windows.leaseOf(id).operator);
    }

    function lie(bytes32 id, address liar) internal {
        uint256[] memory statement = wordsAbout(id);
        statement[7] = ++nextChild;
        IChallengeManager.Evidence memory evidence = evidenceOf(id, statement, falseProof(), keys[liar]);
        commitAs(finder, evidence);
        attemptSlash(finder, address(challenges), abi.encodeCall(challenges.slashByEvidence, (evidence)), liar, id);
    }

    function slashByEquivocation(uint256 seed) external {
        bytes32 id = seed % 3 == 0 ? takeLease(makeActive(seed % 5, seed), seed) : workable(seed, seed % 2 == 0);
        if (id == bytes32(0)) return;
        address liar = windows.leaseOf(id).operator;
        uint256[] memory one = windows.statementFor(id, resultsFor(jobIdOf(id)));
        uint256[] memory other = windows.statementFor(id, resultsFor(jobIdOf(id)));
        IChallengeManager.Announcement memory first = announcementOf(id, one, keccak256("one"), keys[liar]);
        IChallengeManager.Announcement memory second = announcementOf(id, other, keccak256("other"), keys[liar]);
        challenges.commitEvidence(Encodings.evidenceCommitment(id, first.statementHash, first.proofHash, finder, SALT));
        mine(1);
        bytes memory data = abi.encodeCall(challenges.slashByEquivocation, (first, one, second, other, SALT));
        attemptSlash(finder, address(challenges), data, liar, id);
    }

    /// Of somebody who has nothing that is free when its lie is found.
    function collectDebt(uint256 seed) external {
        address liar = operator(seed >> 8);
        uint256 free = stakes.freeStake(liar);
        if (free > 0) attempt(liar, address(stakes), abi.encodeCall(stakes.unbond, (free)));
        mine(UNBONDING);
        if (stakes.stakeOf(liar).unbonding > 0) attempt(liar, address(stakes), abi.encodeCall(stakes.withdraw, ()));
        bytes32 id = takeLease(makeActive(seed % 5, seed), seed);
        if (id == bytes32(0) || windows.leaseOf(id).operator == liar) return;
        lie(id, liar);
        if (challenges.debtOf(liar, id).amount == 0) return;
        if (seed % 4 != 0) stakeAs(liar, bound(seed >> 16, 1, 2 * BOND));
        attempt(stranger, address(challenges), abi.encodeCall(challenges.collectDebt, (liar, id)));
    }

    function enrol(uint256 seed) external {
        attempt(operator(seed), address(validators), abi.encodeCall(validators.enrol, ()));
    }

    function retire(uint256 seed) external {
        address by = operator(seed);
        if (validators.weightOf(by) == 0) attempt(by, address(validators), abi.encodeCall(validators.enrol, ()));
        attempt(by, address(validators), abi.encodeCall(validators.retire, ()));
    }

    /// Somebody who is in the draw, a submission of somebody else, and its seat 0.
    function drawSeat(uint256 seed) internal returns (bytes32 id, address drawn) {
        for (uint256 i = 0; i < OPERATORS; ++i) {
            makeReady(operator(i));
            if (validators.weightOf(operator(i)) == 0) attempt(operator(i), address(validators), abi.encodeCall(validators.enrol, ()));
        }
        id = freshSubmission(seed, seed % 8 == 0);
        if (id == bytes32(0)) return (id, drawn);
        mine(2);
        drawn = validators.drawnFor(id, 0);
        if (drawn != address(0) && stakes.freeStake(drawn) < BOND) stakeAs(drawn, BOND + stakes.stakeOf(drawn).locked);
    }

    function commitAttestation(uint256 seed) external {
        vouch(seed, seed % 3 == 0);
    }

    function vouch(uint256 seed, bool blind) internal returns (bytes32 id) {
        address drawn;
        (id, drawn) = drawSeat(seed);
        if (id == bytes32(0) || drawn == address(0)) return 0;
        bytes32 digest = blind
            ? keccak256("not the bytes'")
            : keccak256(abi.encodePacked(Encodings.ATTESTATION_TAG, drawn, proofs[id], OPENING));
        digests[id][0] = digest;
        bytes32 commitment = Encodings.attestationCommitment(id, 0, drawn, digest, SALT);
        (bool success,) = attempt(drawn, address(validators), abi.encodeCall(validators.commitAttestation, (id, 0, commitment)));
        if (!success) return 0;
    }

    function revealAttestation(uint256 seed) external {
        reveal(vouch(seed, seed % 3 == 0));
    }

    function reveal(bytes32 id) internal {
        if (id == bytes32(0)) return;
        mine(21);
        bytes memory data = abi.encodeCall(validators.revealAttestation, (id, 0, digests[id][0], SALT));
        attempt(validators.seatOf(id, 0).operator, address(validators), data);
    }

    function exposeDigest(uint256 seed) external {
        bytes32 id = vouch(seed, seed % 4 != 0);
        reveal(id);
        if (id == bytes32(0)) return;
        attempt(stranger, address(validators), abi.encodeCall(validators.exposeDigest, (id, 0, proofs[id], OPENING, SALT)));
    }

    function settleSeat(uint256 seed) external {
        IWindowManager.LeaseState state = seed % 4 == 0
            ? IWindowManager.LeaseState.Rejected
            : seed % 4 == 1 ? IWindowManager.LeaseState.Orphaned : IWindowManager.LeaseState.Finalized;
        bytes32 id = find(seed, state);
        if (id == bytes32(0) || windows.submissionOf(id).submittedAt == 0) {
            id = freshSubmission(seed, false);
            if (id == bytes32(0)) return;
            mine(71);
            attempt(finder, address(windows), abi.encodeCall(windows.finalize, (jobIdOf(id), 8)));
        }
        uint256 count = jobs.jobOf(jobIdOf(id)).terms.validators;
        for (uint256 seat = 0; seat < count; ++seat) {
            if (validators.seatOf(id, seat).state == IValidatorManager.SeatState.Settled) continue;
            if (seed % 8 != 0) mine(71);
            attempt(stranger, address(validators), abi.encodeCall(validators.settleSeat, (id, seat)));
            return;
        }
    }

    function stake(uint256 seed) external {
        address by = operator(seed);
        uint256 amount = bound(seed >> 8, 1, 300e18);
        token.transfer(by, amount);
        vm.prank(by);
        token.approve(address(stakes), amount);
        attempt(by, address(stakes), abi.encodeCall(stakes.stake, (amount)));
    }

    function stakeWithPermit(uint256 seed) external {
        address by = operator(seed);
        token.transfer(by, 1e18);
        vm.prank(by);
        token.approve(address(stakes), 1e18);
        attempt(by, address(stakes), abi.encodeCall(stakes.stakeWithPermit, (1e18, 0, 27, 0, 0)));
    }

    function unbond(uint256 seed) external {
        uint256 free = stakes.freeStake(operator(seed));
        if (free > 0) attempt(operator(seed), address(stakes), abi.encodeCall(stakes.unbond, (bound(seed >> 8, 1, 1 + free / 4))));
    }

    function rebond(uint256 seed) external {
        address by = makeReady(operator(seed));
        if (stakes.stakeOf(by).unbonding == 0) attempt(by, address(stakes), abi.encodeCall(stakes.unbond, (1e18)));
        uint256 unbonding = stakes.stakeOf(by).unbonding;
        attempt(by, address(stakes), abi.encodeCall(stakes.rebond, (bound(seed >> 8, 1, unbonding))));
    }

    function withdraw(uint256 seed) external {
        address by = operator(seed);
        if (stakes.stakeOf(by).unbonding == 0) {
            makeReady(by);
            attempt(by, address(stakes), abi.encodeCall(stakes.unbond, (1e18)));
        }
        if (seed % 4 != 0) mine(UNBONDING);
        attempt(by, address(stakes), abi.encodeCall(stakes.withdraw, ()));
    }

    function unjail(uint256 seed) external {
        address by = operator(seed);
        if (!stakes.isJailed(by)) {
            bytes32 id = workable(seed, seed % 2 == 0);
            if (id == bytes32(0)) return;
            by = windows.leaseOf(id).operator;
            lie(id, by);
        }
        IStakeManager.Stake memory held = stakes.stakeOf(by);
        if (held.active < held.debt + 1e18) stakeAs(by, held.debt + 1e18);
        if (seed % 4 != 0 && height() < held.jailedUntil) vm.roll(held.jailedUntil);
        attempt(by, address(stakes), abi.encodeCall(stakes.unjail, ()));
    }

    function claim(uint256 seed) external {
        address[] memory all = accounts();
        address asset = (seed >> 8) % 2 == 0 ? address(pay) : address(token);
        for (uint256 i = 0; i < all.length; ++i) {
            address account = all[(seed % all.length + i) % all.length];
            if (rewards.claimable(asset, account) == 0) continue;
            attempt(finder, address(rewards), abi.encodeCall(rewards.claim, (asset, account)));
            return;
        }
    }

    /// Of everybody, whether there is something to claim or not.
    function claimMany(uint256 seed) external {
        address[] memory all = accounts();
        address[] memory assets = new address[](all.length);
        for (uint256 i = 0; i < all.length; ++i) assets[i] = (seed >> i) % 2 == 0 ? address(pay) : address(token);
        attempt(stranger, address(rewards), abi.encodeCall(rewards.claimMany, (assets, all)));
    }

    function withdrawCoin(uint256 seed) external {
        if (challenges.owedTo(finder) == 0) makeDemand(freshSubmission(seed, false), 1);
        if (challenges.owedTo(finder) != 0) attempt(finder, address(challenges), abi.encodeCall(challenges.withdraw, ()));
    }

    function rotate(uint256 seed) external {
        address by = operator(seed);
        if (seed % 4 == 0) attempt(by, address(nodes), abi.encodeCall(nodes.deregister, ()));
        uint256 key = ++nextKey;
        uint64 nonce = nodes.node(by).registrationNonce + 1;
        bytes memory signed = signature(key, nodes.hotKeyDigest(by, vm.addr(key), keccak256("peer"), nonce));
        (bool success,) = attempt(by, address(nodes), abi.encodeCall(nodes.register, (vm.addr(key), "peer", signed)));
        if (success) keys[by] = key;
    }

    /// Everybody who can be owed anything.
    function accounts() public view returns (address[] memory all) {
        all = new address[](OPERATORS + 4);
        for (uint256 i = 0; i < OPERATORS; ++i) all[i] = operator(i);
        (all[OPERATORS], all[OPERATORS + 1], all[OPERATORS + 2], all[OPERATORS + 3]) = (requester, finder, TREASURY, stranger);
    }

    /// After every action: what is escrowed, owed, staked and bonded is there.
    function checkBacked() external view {
        address[2] memory assets = [address(pay), address(token)];
        for (uint256 i = 0; i < 2; ++i) {
            (uint256 escrowed, uint256 owed) = rewards.liabilities(assets[i]);
            assertEq(escrowed + owed, IERC20(assets[i]).balanceOf(address(rewards)), "escrowed + owed = balance");
        }
        assertEq(stakes.totalStake(), token.balanceOf(address(stakes)), "stake = balance");
        assertEq(slashedTwice, 0, "slashed once for one submission");
        assertEq(finalizedLess, 0, "what is final stays final");
    }

    /// At the end of a run: sums over everything there ever was.
    function checkSums() external view {
        uint256[2] memory escrows;
        for (uint256 jobId = 1; jobId <= jobs.jobCount(); ++jobId) checkJob(jobId, escrows);
        (uint256 escrowed,) = rewards.liabilities(address(pay));
        assertEq(escrowed, escrows[0], "escrow = units left and seats");
        (escrowed,) = rewards.liabilities(address(token));
        assertEq(escrowed, escrows[1], "fees of units left");
        address[2] memory assets = [address(pay), address(token)];
        address[] memory all = accounts();
        for (uint256 i = 0; i < 2; ++i) {
            uint256 sum;
            for (uint256 k = 0; k < all.length; ++k) sum += rewards.claimable(assets[i], all[k]);
            (, uint256 owed) = rewards.liabilities(assets[i]);
            assertEq(owed, sum, "owed = sum over accounts");
        }
        for (uint256 i = 0; i < OPERATORS; ++i) checkLocks(operator(i));
        assertEq(address(challenges).balance, openDemands() + challenges.owedTo(finder) + owedToOthers(), "native coin");
    }

    function checkJob(uint256 jobId, uint256[2] memory escrows) private view {
        IJobManager.Job memory job = jobs.jobOf(jobId);
        uint256 share = job.terms.validators == 0
            ? 0
            : ((uint256(job.terms.price) * job.terms.validatorBps) / 10_000) / job.terms.validators;
        uint256 units = uint256(job.terms.windows) * job.terms.contributions;
        bool[] memory paid = new bool[](units);
        uint256 count;
        uint256 seats;
        bytes32[] storage ids = leasesOf[jobId];
        for (uint256 i = 0; i < ids.length; ++i) {
            IWindowManager.Lease memory leased = windows.leaseOf(ids[i]);
            if (leased.state != IWindowManager.LeaseState.Finalized) continue;
            uint256 unit = uint256(leased.windowIndex) * job.terms.contributions + leased.contributionIndex;
            assertTrue(!paid[unit], "paid once");
            paid[unit] = true;
            ++count;
            for (uint256 seat = 0; seat < job.terms.validators; ++seat) {
                if (validators.seatOf(ids[i], seat).state != IValidatorManager.SeatState.Settled) ++seats;
            }
        }
        uint256 left = job.state == IJobManager.JobState.Cancelled ? windows.pendingUnits(jobId) : units - count;
        assertEq(job.unitsLeft, left, "units left");
        assertTrue(count + left <= units, "no more units than were paid for");
        if (job.state == IJobManager.JobState.Completed) assertEq(count, units, "completed means done");
        uint256 escrow = left * job.terms.price + seats * share;
        assertEq(rewards.escrowOf(jobId, address(pay)), escrow, "escrow of a job");
        escrows[0] += escrow;
        escrows[1] += left * job.terms.fee;
    }

    function checkLocks(address by) private view {
        uint256 locked;
        for (uint256 i = 0; i < known.length; ++i) {
            IWindowManager.Lease memory leased = windows.leaseOf(known[i]);
            if (leased.operator == by) locked += leased.locked;
            // This handler takes seat 0 alone.
            IValidatorManager.Seat memory seat = validators.seatOf(known[i], 0);
            if (seat.operator == by) locked += seat.bond;
        }
        IStakeManager.Stake memory held = stakes.stakeOf(by);
        assertEq(held.locked, locked, "locked = leases and seats");
        assertTrue(held.active >= locked, "every bond is there");
        uint256 owing;
        for (uint256 i = 0; i < known.length; ++i) owing += challenges.debtOf(by, known[i]).amount;
        assertEq(held.debt, owing, "debt = debts of all faults");
    }

    function openDemands() private view returns (uint256 sum) {
        for (uint256 i = 0; i < known.length; ++i) {
            IChallengeManager.Demand memory made = challenges.demandOf(known[i]);
            if (made.open) sum += made.bond;
        }
    }

    function owedToOthers() private view returns (uint256) {
        return challenges.owedTo(stranger);
    }

    /// Time and anybody's calls bring everything to an end: nothing is locked for ever.
    function unwind() external {
        mine(1_000);
        for (uint256 i = 0; i < known.length; ++i) {
            if (windows.leaseOf(known[i]).state == IWindowManager.LeaseState.Held) windows.expire(known[i]);
            if (challenges.demandOf(known[i]).open) challenges.slashWithheld(known[i]);
        }
        for (uint256 jobId = 1; jobId <= jobs.jobCount(); ++jobId) {
            IJobManager.Job memory job = jobs.jobOf(jobId);
            if (isRunning(job) || job.state == IJobManager.JobState.Open) {
                vm.prank(requester);
                jobs.cancel(jobId);
            }
            IWindowManager.Progress memory progress = windows.progressOf(jobId);
            if (progress.submitted != progress.finalized) windows.finalize(jobId, 8);
        }
        for (uint256 i = 0; i < known.length; ++i) settleSeats(known[i]);
        leaveAll();
    }

    function settleSeats(bytes32 id) private {
        if (windows.submissionOf(id).submittedAt == 0) return;
        uint256 count = jobs.jobOf(jobIdOf(id)).terms.validators;
        for (uint256 seat = 0; seat < count; ++seat) {
            if (validators.seatOf(id, seat).state == IValidatorManager.SeatState.Settled) continue;
            vm.prank(finder);
            validators.settleSeat(id, seat);
        }
    }

    function leaveAll() private {
        for (uint256 i = 0; i < OPERATORS; ++i) {
            address by = operator(i);
            assertEq(stakes.stakeOf(by).locked, 0, "every bond returned");
            uint256 debt = stakes.stakeOf(by).debt;
            if (debt > stakeOf(by)) stakeAs(by, debt - stakeOf(by));
            for (uint256 k = 0; k < known.length; ++k) {
                if (challenges.debtOf(by, known[k]).amount != 0) challenges.collectDebt(by, known[k]);
            }
            assertEq(stakes.stakeOf(by).debt, 0, "every debt is paid");
            vm.startPrank(by);
            if (stakes.freeStake(by) != 0) stakes.unbond(stakes.freeStake(by));
            vm.stopPrank();
        }
        mine(UNBONDING);
        for (uint256 i = 0; i < OPERATORS; ++i) {
            if (stakes.stakeOf(operator(i)).unbonding == 0) continue;
            vm.prank(operator(i));
            stakes.withdraw();
        }
        assertEq(stakes.totalStake(), 0, "no stake is left");
        address[2] memory assets = [address(pay), address(token)];
        address[] memory all = accounts();
        for (uint256 i = 0; i < 2; ++i) {
            for (uint256 k = 0; k < all.length; ++k) {
                if (rewards.claimable(assets[i], all[k]) != 0) rewards.claim(assets[i], all[k]);
            }
            assertEq(IERC20(assets[i]).balanceOf(address(rewards)), 0, "nothing stays in the vault");
        }
        address[2] memory challengers = [finder, stranger];
        for (uint256 i = 0; i < 2; ++i) {
            if (challenges.owedTo(challengers[i]) == 0) continue;
            vm.prank(challengers[i]);
            challenges.withdraw();
        }
        assertEq(address(challenges).balance, 0, "no coin is left");
    }
}
