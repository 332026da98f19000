// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {AssayToken} from "../../src/AssayToken.sol";
import {Modules} from "../../src/Modules.sol";
import {IChallengeManager} from "../../src/interfaces/IChallengeManager.sol";
import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {INodeRegistry} from "../../src/interfaces/INodeRegistry.sol";
import {IParameters} from "../../src/interfaces/IParameters.sol";
import {IReputationRegistry} from "../../src/interfaces/IReputationRegistry.sol";
import {IRewardDistributor} from "../../src/interfaces/IRewardDistributor.sol";
import {IStakeManager} from "../../src/interfaces/IStakeManager.sol";
import {ITokenEmission} from "../../src/interfaces/ITokenEmission.sol";
import {IValidatorManager} from "../../src/interfaces/IValidatorManager.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Statements} from "../../src/libraries/Statements.sol";
import {PlainToken} from "./Tokens.sol";
import {ScriptedVerifier, SomeCode} from "./ScriptedVerifier.sol";
import {TestBase} from "./TestBase.sol";

/// Every contract, wired as a deployment wires them, with a scripted window verifier; one requester, two bonded workers, one finder.
/// Known by their interfaces only: a change of a contract's code compiles no test anew.
abstract contract Fixture is TestBase {
    uint64 internal constant UNBONDING = 400;
    uint128 internal constant STAKE = 2_000e18;
    uint128 internal constant BOND = 100e18;
    /// What a newcomer's lease locks: one and a half bonds.
    uint128 internal constant LEASE_BOND = 150e18;
    uint128 internal constant PRICE = 7e18;
    uint128 internal constant FEE = 2e18;
    uint128 internal constant PENALTY = 3e18;
    uint256 internal constant ROOT = 4242;
    uint256 internal constant MASK_ID = 77;
    uint256 internal constant LOSS_SUM = 88;
    bytes internal constant OPENING = "opening";
    bytes32 internal constant SALT = keccak256("salt");

    Modules internal set;
    AssayToken internal token;
    PlainToken internal pay;
    INodeRegistry internal nodes;
    IParameters internal parameters;
    IVerifierRouter internal router;
    IDatasetRegistry internal datasets;
    IModelRegistry internal models;
    IRewardDistributor internal rewards;
    IStakeManager internal stakes;
    IReputationRegistry internal reputation;
    ITokenEmission internal emission;
    IValidatorManager internal validators;
    IChallengeManager internal challenges;
    IWindowManager internal windows;
    IJobManager internal jobs;
    ScriptedVerifier internal verifier;
    SomeCode internal honk;

    address internal timelock = address(0x7001);
    address internal guardian = address(0x7002);
    address internal requester = address(0x1001);
    address internal alice = address(0x2001);
    address internal bob = address(0x2002);
    address internal finder = address(0x3001);
    address internal stranger = address(0x4001);
    uint256 internal aliceKey = 0xa11ce;
    uint256 internal bobKey = 0xb0b;
    address internal aliceHot;
    address internal bobHot;

    bytes32 internal circuitId;
    bytes32 internal modelId;
    bytes32 internal datasetId;
    uint256 internal genesisId;

    /// What was submitted through `submitAs`: its state moves on, the words stay.
    mapping(bytes32 submissionId => uint256[]) private _submitted;

    function setUp() public virtual {
        vm.roll(1_000);
        deploySet();
        pay = PlainToken(deploy("Tokens.sol:PlainToken", ""));
        verifier = ScriptedVerifier(deploy("ScriptedVerifier.sol:ScriptedVerifier", ""));
        honk = SomeCode(deploy("ScriptedVerifier.sol:SomeCode", ""));
        circuitId = router.register(keccak256("vk"), address(honk), address(verifier), shapeOf(devTau()));
        modelId = router.circuit(circuitId).modelId;
        models.registerModel(keccak256("spec"), Encodings.srsId(devTau()), 10, sizes());
        vm.startPrank(requester);
        genesisId = models.registerGenesis(modelId, new bytes(128), hex"01551220", "CC0-1.0");
        datasetId = datasets.register(ROOT, 3, 5, hex"01551220", "CC0-1.0", licence(0));
        vm.stopPrank();
        fund(requester, 1e24);
        aliceHot = vm.addr(aliceKey);
        bobHot = vm.addr(bobKey);
        enlist(alice, aliceKey, STAKE);
        enlist(bob, bobKey, STAKE);
    }

    /// Every address is known before the first contract is made.
    function deploySet() internal {
        uint64 nonce = vm.getNonce(address(this));
        set.token = vm.computeCreateAddress(address(this), nonce);
        set.nodeRegistry = vm.computeCreateAddress(address(this), nonce + 1);
        set.parameters = vm.computeCreateAddress(address(this), nonce + 2);
        set.verifierRouter = vm.computeCreateAddress(address(this), nonce + 3);
        set.datasetRegistry = vm.computeCreateAddress(address(this), nonce + 4);
        set.modelRegistry = vm.computeCreateAddress(address(this), nonce + 5);
        set.rewardDistributor = vm.computeCreateAddress(address(this), nonce + 6);
        set.stakeManager = vm.computeCreateAddress(address(this), nonce + 7);
        set.reputationRegistry = vm.computeCreateAddress(address(this), nonce + 8);
        set.tokenEmission = vm.computeCreateAddress(address(this), nonce + 9);
        set.validatorManager = vm.computeCreateAddress(address(this), nonce + 10);
        set.challengeManager = vm.computeCreateAddress(address(this), nonce + 11);
        set.windowManager = vm.computeCreateAddress(address(this), nonce + 12);
        set.jobManager = vm.computeCreateAddress(address(this), nonce + 13);
        bytes memory wired = abi.encode(set);
        token = AssayToken(deploy("AssayToken.sol:AssayToken", abi.encode(set, address(this), 8e26)));
        nodes = INodeRegistry(deploy("NodeRegistry.sol:NodeRegistry", wired));
        parameters = IParameters(deploy("Parameters.sol:Parameters", abi.encode(set, timelock, guardian, 1_000_000)));
        router = IVerifierRouter(deploy("VerifierRouter.sol:VerifierRouter", wired));
        datasets = IDatasetRegistry(deploy("DatasetRegistry.sol:DatasetRegistry", wired));
        models = IModelRegistry(deploy("ModelRegistry.sol:ModelRegistry", wired));
        rewards = IRewardDistributor(deploy("RewardDistributor.sol:RewardDistributor", wired));
        stakes = IStakeManager(deploy("StakeManager.sol:StakeManager", abi.encode(set, UNBONDING)));
        reputation = IReputationRegistry(deploy("ReputationRegistry.sol:ReputationRegistry", wired));
        emission = ITokenEmission(deploy("TokenEmission.sol:TokenEmission", wired));
        validators = IValidatorManager(deploy("ValidatorManager.sol:ValidatorManager", wired));
        challenges = IChallengeManager(deploy("ChallengeManager.sol:ChallengeManager", wired));
        windows = IWindowManager(deploy("WindowManager.sol:WindowManager", wired));
        jobs = IJobManager(deploy("JobManager.sol:JobManager", wired));
    }

    /// By artifact: `new` would compile every contract once more into every test contract.
    function deploy(string memory artifact, bytes memory constructorArgs) internal returns (address) {
        return vm.deployCode(artifact, constructorArgs);
    }

    function devTau() internal pure returns (uint256[4] memory) {
        return [uint256(11), 12, 13, 14];
    }

    function sizes() internal pure returns (uint32[] memory made) {
        made = new uint32[](3);
        (made[0], made[1], made[2]) = (64, 32, 10);
    }

    /// A window of 4 steps over a dataset of depth 3.
    function shapeOf(uint256[4] memory tau) internal pure returns (bytes memory) {
        bytes32 srsId = Encodings.srsId(tau);
        return abi.encode(keccak256("spec"), srsId, uint256(10), sizes(), uint256(16), uint256(4), uint256(3), uint256(64), tau);
    }

    /// Terms that allow everything, for this share of the price.
    function licence(uint16 feeBps) internal pure returns (IDatasetRegistry.Terms memory) {
        return IDatasetRegistry.Terms({uses: 3, feeBps: feeBps, expiryBlock: 0, revocable: false});
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// ASSAY and pay tokens, which the JobManager may take.
    function fund(address account, uint256 amount) internal {
        token.transfer(account, amount);
        pay.transfer(account, amount);
        vm.startPrank(account);
        token.approve(address(jobs), type(uint256).max);
        pay.approve(address(jobs), type(uint256).max);
        vm.stopPrank();
    }

    function registerAs(address operator, uint256 key) internal {
        bytes memory peerId = abi.encodePacked("peer", operator);
        uint64 nonce = nodes.node(operator).registrationNonce + 1;
        bytes memory signed = signature(key, nodes.hotKeyDigest(operator, vm.addr(key), keccak256(peerId), nonce));
        vm.prank(operator);
        nodes.register(vm.addr(key), peerId, signed);
    }

    function stakeAs(address operator, uint256 amount) internal {
        token.transfer(operator, amount);
        vm.startPrank(operator);
        token.approve(address(stakes), amount);
        stakes.stake(amount);
        vm.stopPrank();
    }

    function enlist(address operator, uint256 key, uint256 amount) internal {
        registerAs(operator, key);
        stakeAs(operator, amount);
    }

    /// An eager training job with open weights, of 3 windows, without fee, shares and priority: what a test is about, it sets.
    function termsFor(address payToken) internal view returns (IJobManager.JobTerms memory terms) {
        terms.circuitId = circuitId;
        terms.datasetId = datasetId;
        terms.genesisId = genesisId;
        terms.token = payToken;
        terms.open = true;
        terms.contributions = 1;
        terms.maxLapses = 3;
        terms.windows = 3;
        terms.leaseBlocks = 20;
        terms.freeReleaseBlocks = 4;
        terms.evidenceBlocks = 30;
        terms.price = PRICE;
        terms.bond = BOND;
        terms.lapsePenalty = PENALTY;
    }

    /// The same, optimistic: silence of 40 blocks, 30 to post a demanded proof, two seats that share a tenth of the price.
    function optimisticTermsFor(address payToken) internal view returns (IJobManager.JobTerms memory terms) {
        terms = termsFor(payToken);
        terms.mode = 1;
        terms.finalityBlocks = 40;
        terms.answerBlocks = 30;
        terms.validators = 2;
        terms.validatorBps = 1_000;
    }

    function openWith(IJobManager.JobTerms memory terms) internal returns (uint256 jobId) {
        vm.prank(requester);
        return jobs.openJob(terms);
    }

    /// Opened and seeded; inference jobs need no seed.
    function activeWith(IJobManager.JobTerms memory terms) internal returns (uint256 jobId) {
        jobId = openWith(terms);
        if (jobs.jobOf(jobId).state == IJobManager.JobState.Active) return jobId;
        mine(9);
        jobs.captureSeed(jobId);
    }

    function refused(IJobManager.JobTerms memory terms, bytes memory reason) internal {
        vm.prank(requester);
        vm.expectRevert(reason);
        jobs.openJob(terms);
    }

    /// What a job with this field out of range is refused with.
    function invalid(string memory field) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IJobManager.InvalidTerms.selector, field);
    }

    function wrongJobState(uint256 jobId, IJobManager.JobState state) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IJobManager.WrongJobState.selector, jobId, state);
    }

    function assertState(uint256 jobId, IJobManager.JobState state) internal view {
        assertEq(uint256(jobs.jobOf(jobId).state), uint256(state), "state of the job");
    }

    function openJob(address payToken) internal returns (uint256 jobId) {
        return openWith(termsFor(payToken));
    }

    function activeJob() internal returns (uint256 jobId) {
        return activeWith(termsFor(address(pay)));
    }

    function optimisticJob() internal returns (uint256 jobId) {
        return activeWith(optimisticTermsFor(address(pay)));
    }

    /// What the next window of the job starts from.
    function startOf(uint256 jobId) internal view returns (uint256) {
        if (!Statements.isInference(jobs.jobOf(jobId).statementType)) return windows.headOf(jobId);
        return jobs.inputOf(jobId, windows.progressOf(jobId).submitted);
    }

    function leaseAs(address sender, uint256 jobId) internal returns (bytes32) {
        return leaseAs(sender, jobId, 0);
    }

    function leaseAs(address sender, uint256 jobId, uint256 contribution) internal returns (bytes32) {
        uint256 expected = startOf(jobId);
        vm.prank(sender);
        return windows.lease(jobId, contribution, expected);
    }

    /// What a worker submits of a window.
    function trained(uint256 childId, uint256 maskId, uint256 lossSum) internal pure returns (uint256[] memory results) {
        results = new uint256[](3);
        (results[0], results[1], results[2]) = (childId, maskId, lossSum);
    }

    function trained(uint256 childId) internal pure returns (uint256[] memory) {
        return trained(childId, MASK_ID, LOSS_SUM);
    }

    function jobIdOf(bytes32 submissionId) internal view returns (uint256) {
        return windows.leaseOf(submissionId).jobId;
    }

    /// A proof that the scripted verifier accepts for this statement alone.
    function boundProof(bytes32 circuit, bool open, uint256[] memory statement) internal view returns (bytes memory) {
        return abi.encodePacked(verifier.BOUND(), keccak256(abi.encodePacked(circuit, uint256(open ? 1 : 0), statement)));
    }

    function boundProof(uint256[] memory statement) internal view returns (bytes memory) {
        return boundProof(circuitId, true, statement);
    }

    function falseProof() internal view returns (bytes memory) {
        return abi.encodePacked(verifier.FALSE(), keccak256("nothing"));
    }

    /// The proof of a statement of this job.
    function jobProof(uint256 jobId, uint256[] memory statement) internal view returns (bytes memory) {
        IJobManager.Job memory job = jobs.jobOf(jobId);
        return boundProof(job.terms.circuitId, Statements.isOpen(job.statementType, job.terms.open), statement);
    }

    /// The proof of these results under a lease, before they are submitted.
    function proofFor(bytes32 submissionId, uint256[] memory results) internal view returns (bytes memory) {
        return jobProof(jobIdOf(submissionId), windows.statementFor(submissionId, results));
    }

    function proofHashOf(bytes memory proof) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(proof), keccak256(OPENING)));
    }

    /// What an announcement of these results signs.
    function statementHashOf(bytes32 submissionId, uint256[] memory results) internal view returns (bytes32) {
        return Statements.hash(jobs.jobOf(jobIdOf(submissionId)).statementType, windows.statementFor(submissionId, results));
    }

    function submitAndSettleAs(address sender, bytes32 submissionId, uint256[] memory results) internal {
        bytes memory proof = proofFor(submissionId, results);
        vm.prank(sender);
        windows.submitAndSettle(submissionId, results, proof, OPENING);
    }

    /// Leases, proves and settles the next window: of a training job with this child.
    function finishWindow(address sender, uint256 jobId, uint256 childId) internal returns (bytes32 submissionId) {
        submissionId = leaseAs(sender, jobId);
        submitAndSettleAs(sender, submissionId, trained(childId));
    }

    /// Submits without proof; `proof` is what is behind the hash.
    function submitAs(address sender, bytes32 submissionId, uint256[] memory results, bytes memory proof) internal {
        _submitted[submissionId] = windows.statementFor(submissionId, results);
        bytes32 statementHash = statementHashOf(submissionId, results);
        vm.prank(sender);
        windows.submit(submissionId, results, statementHash, proofHashOf(proof));
    }

    /// Leases and submits the next window of an optimistic training job, with a true proof behind it.
    function submitWindow(address sender, uint256 jobId, uint256 childId) internal returns (bytes32 submissionId) {
        submissionId = leaseAs(sender, jobId);
        submitAs(sender, submissionId, trained(childId), proofFor(submissionId, trained(childId)));
    }

    /// The same with a proof behind it that the verifier refuses.
    function submitFalseWindow(address sender, uint256 jobId, uint256 childId) internal returns (bytes32 submissionId) {
        submissionId = leaseAs(sender, jobId);
        submitAs(sender, submissionId, trained(childId), falseProof());
    }

    function submittedStatement(bytes32 submissionId) internal view returns (uint256[] memory) {
        return _submitted[submissionId];
    }

    /// The true proof of what was submitted.
    function submittedProof(bytes32 submissionId) internal view returns (bytes memory) {
        return jobProof(jobIdOf(submissionId), _submitted[submissionId]);
    }

    /// Brings the proof of what `submitWindow` submitted.
    function settleAs(address sender, bytes32 submissionId) internal {
        settleAs(sender, submissionId, submittedProof(submissionId));
    }

    /// Brings these bytes, which must be the ones whose hash was submitted.
    function settleAs(address sender, bytes32 submissionId, bytes memory proof) internal {
        uint256[] memory statement = _submitted[submissionId];
        vm.prank(sender);
        windows.settle(submissionId, statement, proof, OPENING, SALT);
    }

    /// The evidence that `by` commits before it settles a false submission.
    function commitSubmittedAs(address by, bytes32 submissionId) internal {
        IWindowManager.Submission memory submitted = windows.submissionOf(submissionId);
        challenges.commitEvidence(
            Encodings.evidenceCommitment(submissionId, submitted.statementHash, submitted.proofHash, by, SALT)
        );
        mine(1);
    }

    /// Evidence about a lease's window, signed by `key` over exactly these bytes.
    function evidenceOf(bytes32 submissionId, uint256[] memory statement, bytes memory proof, uint256 key)
        internal
        view
        returns (IChallengeManager.Evidence memory made)
    {
        made.statement = statement;
        made.proof = proof;
        made.opening = OPENING;
        made.salt = SALT;
        made.announcement = announcementOf(submissionId, statement, proofHashOf(proof), key);
    }

    function announcementOf(bytes32 submissionId, uint256[] memory statement, bytes32 proofHash, uint256 key)
        internal
        view
        returns (IChallengeManager.Announcement memory made)
    {
        made.submissionId = submissionId;
        made.statementHash = Statements.hash(jobs.jobOf(jobIdOf(submissionId)).statementType, statement);
        made.proofHash = proofHash;
        made.signature = signature(key, jobs.announcementDigest(submissionId, made.statementHash, proofHash));
    }

    function commitmentOf(IChallengeManager.Evidence memory evidence, address by) internal pure returns (bytes32) {
        return Encodings.evidenceCommitment(
            evidence.announcement.submissionId, evidence.announcement.statementHash, evidence.announcement.proofHash, by, evidence.salt
        );
    }

    function commitAs(address by, IChallengeManager.Evidence memory evidence) internal {
        challenges.commitEvidence(commitmentOf(evidence, by));
        mine(1);
    }

    function anyStatement() internal pure returns (uint256[8] memory) {
        return [uint256(1), 2, 3, 4, 5, 6, 7, 8];
    }

    /// Word 0 of every statement under this lease.
    function contextOf(bytes32 submissionId) internal view returns (uint256) {
        IWindowManager.Lease memory leased = windows.leaseOf(submissionId);
        IJobManager.Job memory job = jobs.jobOf(leased.jobId);
        uint256[5] memory named =
            [uint256(leased.jobId), leased.windowIndex, leased.contributionIndex, leased.leaseNonce, leased.registrationNonce];
        return Statements.context(job.statementType, address(jobs), job.terms.circuitId, leased.operator, named);
    }

    /// A statement under this lease; all else in it is nobody's.
    function wordsAbout(bytes32 submissionId) internal view returns (uint256[] memory words) {
        words = anyWords();
        words[0] = contextOf(submissionId);
    }

    function anyWords() internal pure returns (uint256[] memory) {
        return toWords(anyStatement());
    }

    /// A statement of fixed length as the list that the router takes.
    function toWords(uint256[8] memory statement) internal pure returns (uint256[] memory words) {
        words = new uint256[](8);
        for (uint256 i = 0; i < 8; ++i) words[i] = statement[i];
    }
}
