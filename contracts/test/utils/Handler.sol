// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IChallengeManager} from "../../src/interfaces/IChallengeManager.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {InferenceFixture} from "./InferenceFixture.sol";

/// Random users of the whole system. Each action picks something that it could do now, and counts what became of it.
contract Handler is InferenceFixture {
    uint256 internal constant OPERATORS = 4;
    uint256 internal constant FUNCTIONS = 19;
    uint256 internal constant RECENT = 12;

    uint256[FUNCTIONS] public attempts;
    uint256[FUNCTIONS] public successes;
    /// Windows paid per job, counted from outside.
    mapping(uint256 jobId => uint256) public paid;
    /// First output word of each answer that was paid.
    mapping(uint256 jobId => mapping(uint256 windowIndex => uint256)) public answers;
    mapping(address token => uint256) public claimedSum;
    mapping(address token => uint256) public escrowedSum;
    uint256 public falseProofs;
    uint256 public falseProofsAccepted;
    uint256 internal nextKey = 0xc0ffee;
    uint256 internal nextChild = 1_000;
    uint256 internal nextSalt;
    mapping(address operator => uint256) internal keys;

    constructor() {
        setUp();
        keys[operator(0)] = aliceKey;
        keys[operator(1)] = bobKey;
        for (uint256 i = 2; i < OPERATORS; ++i) {
            keys[operator(i)] = ++nextKey;
            enlist(operator(i), nextKey, 500e18);
        }
    }

    function operator(uint256 i) public view returns (address) {
        return i == 0 ? alice : i == 1 ? bob : address(uint160(0x2001 + i));
    }

    /// Everybody who can be owed anything.
    function accounts() public view returns (address[] memory all) {
        all = new address[](OPERATORS + 2);
        for (uint256 i = 0; i < OPERATORS; ++i) all[i] = operator(i);
        (all[OPERATORS], all[OPERATORS + 1]) = (requester, finder);
    }

    function system() external view returns (address, address, address, address, address) {
        return (address(jobs), address(rewards), address(stakes), address(token), address(pay));
    }

    function attempt(uint256 which, address sender, address target, bytes memory data) internal returns (bool success) {
        ++attempts[which];
        vm.prank(sender);
        (success,) = target.call(data);
        if (success) ++successes[which];
    }

    /// Of the latest jobs, the first from a random one on in `state` whose latest lease is in one of the states `leases` (bits); 0 if there is none.
    function find(uint256 seed, uint256 states, uint256 leases) internal view returns (uint256) {
        uint256 last = jobs.jobCount();
        uint256 count = last < RECENT ? last : RECENT;
        for (uint256 i = 0; i < count; ++i) {
            uint256 jobId = last - (seed % count + i) % count;
            IJobManager.Job memory job = jobs.jobOf(jobId);
            if (states & (1 << uint256(job.state)) == 0) continue;
            if (leases & (1 << uint256(jobs.leaseOf(job.leaseId).state)) != 0) return jobId;
        }
        return 0;
    }

    uint256 internal constant ANY = type(uint256).max;
    uint256 internal constant HELD = 1 << uint256(IJobManager.LeaseState.Held);
    uint256 internal constant LAPSED = 1 << uint256(IJobManager.LeaseState.Lapsed);
    uint256 internal constant OPEN = 1 << uint256(IJobManager.JobState.Open);
    uint256 internal constant ACTIVE = 1 << uint256(IJobManager.JobState.Active);
    uint256 internal constant PAUSED = 1 << uint256(IJobManager.JobState.Paused);

    /// A job whose lease is held; takes one where none is.
    function leasedJob(uint256 seed) internal returns (uint256 jobId) {
        jobId = find(seed, ANY, HELD);
        if (jobId != 0) return jobId;
        if (find(seed, ACTIVE, ANY) == 0) {
            open(seed);
            capture(1);
        }
        lease(seed | 1);
        return find(seed, ANY, HELD);
    }

    function open(uint256 seed) public {
        IJobManager.JobTerms memory terms = termsFor(seed % 2 == 0 ? address(pay) : address(token));
        terms.windows = uint32(1 + seed % 4);
        terms.price = uint128(1 + seed % 1e19);
        if (!attempt(0, requester, address(jobs), abi.encodeCall(jobs.openJob, (terms)))) return;
        escrowedSum[terms.token] += uint256(terms.price) * terms.windows;
    }

    function askJob(uint256 seed) public {
        IJobManager.JobTerms memory terms = askTerms(seed % 2 == 0 ? address(pay) : address(token), seed % 3 == 0);
        terms.windows = uint32(1 + seed % 4);
        terms.price = uint128(1 + seed % 1e19);
        if (!attempt(16, requester, address(jobs), abi.encodeCall(jobs.openJob, (terms)))) return;
        escrowedSum[terms.token] += uint256(terms.price) * terms.windows;
        if (seed % 5 != 0) addInput(seed);
    }

    /// An input for the latest inference job that takes one; now and then one too many.
    function addInput(uint256 seed) public {
        uint256 jobId = findInference(seed, seed % 8 == 0);
        if (jobId == 0) return;
        uint256 count = seed % 8 == 0 ? 4 : 1;
        attempt(17, requester, address(jobs), abi.encodeCall(jobs.addInputs, (jobId, inputs(jobs.inputCount(jobId), count))));
    }

    /// One of the latest running inference jobs that has fewer inputs than it pays for, or `full`; 0 if there is none.
    function findInference(uint256 seed, bool full) internal view returns (uint256) {
        uint256 last = jobs.jobCount();
        uint256 count = last < RECENT ? last : RECENT;
        for (uint256 i = 0; i < count; ++i) {
            uint256 jobId = last - (seed % count + i) % count;
            IJobManager.Job memory job = jobs.jobOf(jobId);
            if (!isInference(jobId) || (job.state != IJobManager.JobState.Active && job.state != IJobManager.JobState.Paused)) continue;
            if (full || jobs.inputCount(jobId) < job.terms.windows) return jobId;
        }
        return 0;
    }

    function isInference(uint256 jobId) internal view returns (bool) {
        return jobs.jobOf(jobId).statementType == Encodings.INFERENCE;
    }

    /// Leases the next answer where an input waits, then proves it.
    function answer(uint256 seed) external {
        uint256 last = jobs.jobCount();
        uint256 count = last < RECENT ? last : RECENT;
        for (uint256 i = 0; i < count; ++i) {
            uint256 jobId = last - (seed % count + i) % count;
            IJobManager.Job memory job = jobs.jobOf(jobId);
            if (!isInference(jobId) || job.state != IJobManager.JobState.Active) continue;
            if (jobs.inputCount(jobId) <= job.finalized) continue;
            if (jobs.leaseOf(job.leaseId).state != IJobManager.LeaseState.Held) {
                address by = job.terms.worker == address(0) ? operator(seed % OPERATORS) : job.terms.worker;
                if (stakes.freeStake(by) < BOND) continue;
                uint256 inputId = jobs.inputOf(jobId, job.finalized);
                vm.prank(by);
                jobs.lease(jobId, inputId);
            }
            submitCurrent(18, jobId, seed);
            return;
        }
    }

    /// A true proof for whatever the job's latest lease is of.
    function submitCurrent(uint256 which, uint256 jobId, uint256 seed) internal {
        IJobManager.Lease memory leased = jobs.leaseOf(jobs.jobOf(jobId).leaseId);
        uint256 child = ++nextChild;
        bool inference = isInference(jobId);
        uint256[] memory results = inference ? answered(child, seed % 10) : trained(child, 77, 88);
        bytes memory proof = inference ? answerProof(jobId, child, seed % 10) : currentProof(jobId, child);
        bytes memory data = abi.encodeCall(jobs.submit, (jobId, leased.windowIndex, results, proof, "opening"));
        if (!attempt(which, leased.operator, address(jobs), data)) return;
        ++paid[jobId];
        if (inference) answers[jobId][leased.windowIndex] = child;
    }

    function capture(uint256 seed) public {
        uint256 jobId = find(seed, OPEN, ANY);
        if (jobId == 0) return;
        if (seed % 8 != 0) mine(9);
        attempt(1, finder, address(jobs), abi.encodeCall(jobs.captureSeed, (jobId)));
    }

    function lease(uint256 seed) public {
        uint256 jobId = find(seed, ACTIVE, seed % 8 == 0 ? ANY : ANY ^ HELD);
        if (jobId == 0) return;
        address by = operator(seed % OPERATORS);
        if (seed % 3 == 0) by = vm.addr(keys[by]);
        IJobManager.Job memory job = jobs.jobOf(jobId);
        uint256 expected = job.headId;
        if (isInference(jobId)) {
            // Most often by the one that may, of an input that is there.
            if (job.terms.worker != address(0) && seed % 7 != 0) by = job.terms.worker;
            if (jobs.inputCount(jobId) > job.finalized) expected = jobs.inputOf(jobId, job.finalized);
            else if (seed % 8 != 0) return;
        }
        attempt(2, by, address(jobs), abi.encodeCall(jobs.lease, (jobId, expected)));
    }

    function submit(uint256 seed) external {
        uint256 jobId = seed % 4 == 0 ? find(seed, ANY, LAPSED) : leasedJob(seed);
        if (jobId == 0) return;
        submitCurrent(3, jobId, seed);
    }

    /// Never succeeds; kept out of the ratio.
    function submitFalse(uint256 seed) external {
        uint256 jobId = leasedJob(seed);
        if (jobId == 0) return;
        IJobManager.Lease memory leased = jobs.leaseOf(jobs.jobOf(jobId).leaseId);
        bytes memory data = abi.encodeCall(jobs.submit, (jobId, leased.windowIndex, trained(1, 77, 88), falseProof(), "opening"));
        ++falseProofs;
        vm.prank(leased.operator);
        (bool success,) = address(jobs).call(data);
        if (success) ++falseProofsAccepted;
    }

    function release(uint256 seed) external {
        uint256 jobId = leasedJob(seed);
        if (jobId == 0) return;
        address by = jobs.leaseOf(jobs.jobOf(jobId).leaseId).operator;
        attempt(4, by, address(jobs), abi.encodeCall(jobs.release, (jobId)));
    }

    function expire(uint256 seed) external {
        uint256 jobId = leasedJob(seed);
        if (jobId == 0) return;
        if (seed % 8 != 0) mine(21);
        attempt(5, finder, address(jobs), abi.encodeCall(jobs.expire, (jobId)));
    }

    function pause(uint256 seed) external {
        uint256 jobId = find(seed, ACTIVE, ANY);
        if (jobId != 0) attempt(6, requester, address(jobs), abi.encodeCall(jobs.pause, (jobId)));
    }

    function resume(uint256 seed) external {
        uint256 jobId = find(seed, PAUSED, ANY);
        if (jobId != 0) attempt(7, requester, address(jobs), abi.encodeCall(jobs.resume, (jobId)));
    }

    function cancel(uint256 seed) external {
        uint256 jobId = find(seed, OPEN | ACTIVE | PAUSED, ANY);
        if (jobId != 0) attempt(8, requester, address(jobs), abi.encodeCall(jobs.cancel, (jobId)));
    }

    function refundUnseeded(uint256 seed) external {
        uint256 jobId = find(seed, OPEN, ANY);
        if (jobId == 0) return;
        if (seed % 4 != 0) mine(265);
        attempt(9, finder, address(jobs), abi.encodeCall(jobs.refundUnseeded, (jobId)));
    }

    function stake(uint256 seed) external {
        address by = operator(seed % OPERATORS);
        uint256 amount = bound(seed, 1, 300e18);
        token.transfer(by, amount);
        vm.prank(by);
        token.approve(address(stakes), amount);
        attempt(10, by, address(stakes), abi.encodeCall(stakes.stake, (amount)));
    }

    function unbond(uint256 seed) external {
        address by = operator(seed % OPERATORS);
        uint256 free = stakes.freeStake(by);
        if (free > 0) attempt(11, by, address(stakes), abi.encodeCall(stakes.unbond, (bound(seed, 1, 1 + free / 4))));
    }

    function withdraw(uint256 seed) external {
        address by = operator(seed % OPERATORS);
        if (stakes.stakeOf(by).unbonding == 0) return;
        if (seed % 4 != 0) mine(UNBONDING);
        attempt(12, by, address(stakes), abi.encodeCall(stakes.withdraw, ()));
    }

    function claim(uint256 seed) external {
        address[] memory all = accounts();
        address account = all[seed % all.length];
        address asset = (seed >> 8) % 2 == 0 ? address(pay) : address(token);
        uint256 amount = rewards.claimable(asset, account);
        if (amount == 0) return;
        if (attempt(13, finder, address(rewards), abi.encodeCall(rewards.claim, (asset, account)))) claimedSum[asset] += amount;
    }

    function slash(uint256 seed) external {
        uint256 jobId = leasedJob(seed);
        if (jobId == 0) return;
        address liar = operator(seed % OPERATORS);
        uint256[] memory statement = anyWords();
        statement[7] = ++nextSalt;
        IChallengeManager.Evidence memory evidence = evidenceOf(jobId, statement, falseProof(), keys[liar]);
        address by = seed % 5 == 0 ? liar : finder;
        commitAs(by, evidence);
        attempt(14, by, address(challenges), abi.encodeCall(challenges.slashByEvidence, (evidence)));
    }

    function rotate(uint256 seed) external {
        address by = operator(seed % OPERATORS);
        uint256 key = ++nextKey;
        uint64 nonce = nodes.node(by).registrationNonce + 1;
        bytes memory signed = signature(key, nodes.hotKeyDigest(by, vm.addr(key), keccak256("peer"), nonce));
        if (attempt(15, by, address(nodes), abi.encodeCall(nodes.register, (vm.addr(key), "peer", signed)))) keys[by] = key;
    }
}
