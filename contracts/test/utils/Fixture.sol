// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {AssayToken} from "../../src/AssayToken.sol";
import {ChallengeManager} from "../../src/ChallengeManager.sol";
import {DatasetRegistry} from "../../src/DatasetRegistry.sol";
import {JobManager} from "../../src/JobManager.sol";
import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {NodeRegistry} from "../../src/NodeRegistry.sol";
import {RewardDistributor} from "../../src/RewardDistributor.sol";
import {StakeManager} from "../../src/StakeManager.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";
import {IChallengeManager} from "../../src/interfaces/IChallengeManager.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Statements} from "../../src/libraries/Statements.sol";
import {PlainToken} from "./Tokens.sol";
import {ScriptedVerifier, SomeCode} from "./ScriptedVerifier.sol";
import {TestBase} from "./TestBase.sol";

/// Every contract, wired as a deployment wires them, with a scripted window verifier; one requester, two bonded workers, one finder.
abstract contract Fixture is TestBase {
    uint64 internal constant UNBONDING = 400;
    uint128 internal constant BOND = 100e18;
    uint128 internal constant PRICE = 7e18;
    uint128 internal constant PENALTY = 3e18;
    uint256 internal constant ROOT = 4242;

    AssayToken internal token;
    PlainToken internal pay;
    NodeRegistry internal nodes;
    VerifierRouter internal router;
    DatasetRegistry internal datasets;
    ModelRegistry internal models;
    RewardDistributor internal rewards;
    StakeManager internal stakes;
    ChallengeManager internal challenges;
    JobManager internal jobs;
    ScriptedVerifier internal verifier;
    SomeCode internal honk;

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

    function setUp() public virtual {
        vm.roll(1_000);
        token = AssayToken(deploy("AssayToken.sol:AssayToken", abi.encode(address(this), 1e30)));
        pay = PlainToken(deploy("Tokens.sol:PlainToken", ""));
        nodes = NodeRegistry(deploy("NodeRegistry.sol:NodeRegistry", ""));
        router = VerifierRouter(deploy("VerifierRouter.sol:VerifierRouter", ""));
        datasets = DatasetRegistry(deploy("DatasetRegistry.sol:DatasetRegistry", ""));
        uint64 nonce = vm.getNonce(address(this));
        address stakesAt = vm.computeCreateAddress(address(this), nonce + 2);
        address challengesAt = vm.computeCreateAddress(address(this), nonce + 3);
        address jobsAt = vm.computeCreateAddress(address(this), nonce + 4);
        models = ModelRegistry(deploy("ModelRegistry.sol:ModelRegistry", abi.encode(jobsAt)));
        rewards = RewardDistributor(deploy("RewardDistributor.sol:RewardDistributor", abi.encode(jobsAt, stakesAt)));
        stakes = StakeManager(
            deploy("StakeManager.sol:StakeManager", abi.encode(token, nodes, rewards, jobsAt, challengesAt, UNBONDING))
        );
        challenges = ChallengeManager(deploy("ChallengeManager.sol:ChallengeManager", abi.encode(jobsAt, stakes, nodes, router)));
        jobs = JobManager(deploy("JobManager.sol:JobManager", abi.encode(modules())));

        verifier = ScriptedVerifier(deploy("ScriptedVerifier.sol:ScriptedVerifier", ""));
        honk = SomeCode(deploy("ScriptedVerifier.sol:SomeCode", ""));
        circuitId = router.register(keccak256("vk"), address(honk), address(verifier), shapeOf(devTau()));
        modelId = router.circuit(circuitId).modelId;
        models.registerModel(keccak256("spec"), Encodings.srsId(devTau()), 10, sizes());
        vm.startPrank(requester);
        genesisId = models.registerGenesis(modelId, new bytes(128), hex"01551220", "CC0-1.0");
        datasetId = datasets.register(ROOT, 3, 5, hex"01551220", "CC0-1.0");
        token.approve(address(jobs), type(uint256).max);
        pay.approve(address(jobs), type(uint256).max);
        vm.stopPrank();
        token.transfer(requester, 1e24);
        pay.transfer(requester, 1e24);
        aliceHot = vm.addr(aliceKey);
        bobHot = vm.addr(bobKey);
        enlist(alice, aliceKey, 500e18);
        enlist(bob, bobKey, 500e18);
    }

    /// By artifact: `new` would compile every contract once more into every test contract.
    function deploy(string memory artifact, bytes memory constructorArgs) internal returns (address) {
        return vm.deployCode(artifact, constructorArgs);
    }

    function modules() internal view returns (JobManager.Modules memory) {
        return JobManager.Modules(nodes, stakes, challenges, router, rewards, models, datasets);
    }

    function devTau() internal pure returns (uint256[4] memory) {
        return [uint256(11), 12, 13, 14];
    }

    function sizes() internal pure returns (uint32[] memory made) {
        made = new uint32[](3);
        (made[0], made[1], made[2]) = (64, 32, 10);
    }

    function shapeOf(uint256[4] memory tau) internal pure returns (bytes memory) {
        return abi.encode(keccak256("spec"), Encodings.srsId(tau), uint256(10), sizes(), uint256(16), uint256(4), uint256(3), uint256(64), tau);
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
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

    function termsFor(address payToken) internal view returns (IJobManager.JobTerms memory) {
        return IJobManager.JobTerms({
            circuitId: circuitId,
            datasetId: datasetId,
            genesisId: genesisId,
            token: payToken,
            open: true,
            mode: 0,
            windows: 3,
            leaseBlocks: 20,
            freeReleaseBlocks: 4,
            evidenceBlocks: 30,
            price: PRICE,
            bond: BOND,
            lapsePenalty: PENALTY,
            worker: address(0),
            wellFormedCircuit: bytes32(0)
        });
    }

    function openJob(address payToken) internal returns (uint256 jobId) {
        vm.prank(requester);
        return jobs.openJob(termsFor(payToken));
    }

    function activeJob() internal returns (uint256 jobId) {
        jobId = openJob(address(pay));
        mine(9);
        jobs.captureSeed(jobId);
    }

    function leaseAs(address sender, uint256 jobId) internal returns (bytes32) {
        uint256 head = jobs.jobOf(jobId).headId;
        vm.prank(sender);
        return jobs.lease(jobId, head);
    }

    /// A proof that the scripted verifier accepts for this statement alone.
    function boundProof(uint256[] memory statement) internal view returns (bytes memory) {
        return boundProof(circuitId, true, statement);
    }

    function boundProof(bytes32 circuit, bool open, uint256[] memory statement) internal view returns (bytes memory) {
        return abi.encodePacked(verifier.BOUND(), keccak256(abi.encodePacked(circuit, uint256(open ? 1 : 0), statement)));
    }

    /// What a worker submits of a window.
    function trained(uint256 childId, uint256 maskId, uint256 lossSum) internal pure returns (uint256[] memory results) {
        results = new uint256[](3);
        (results[0], results[1], results[2]) = (childId, maskId, lossSum);
    }

    function currentProof(uint256 jobId, uint256 childId) internal view returns (bytes memory) {
        (, uint256[] memory statement) = jobs.statementFor(jobId, trained(childId, 77, 88));
        return boundProof(statement);
    }

    function submitAs(address sender, uint256 jobId, uint256 childId, bytes memory proof) internal {
        uint256 windowIndex = jobs.jobOf(jobId).finalized;
        vm.prank(sender);
        jobs.submit(jobId, windowIndex, trained(childId, 77, 88), proof, "opening");
    }

    function finishWindow(address sender, uint256 jobId, uint256 childId) internal {
        leaseAs(sender, jobId);
        submitAs(sender, jobId, childId, currentProof(jobId, childId));
    }

    /// Evidence about the job's latest lease, signed by `key` over exactly these bytes.
    function evidenceOf(uint256 jobId, uint256[] memory statement, bytes memory proof, uint256 key)
        internal
        view
        returns (IChallengeManager.Evidence memory made)
    {
        IJobManager.Lease memory leased = jobs.leaseOf(jobs.jobOf(jobId).leaseId);
        made.jobId = jobId;
        made.windowIndex = leased.windowIndex;
        made.contributionIndex = leased.contributionIndex;
        made.leaseNonce = leased.leaseNonce;
        made.statement = statement;
        made.proof = proof;
        made.opening = "opening";
        made.salt = keccak256("salt");
        made.announcement.submissionId = jobs.jobOf(jobId).leaseId;
        made.announcement.statementHash = Statements.hash(jobs.jobOf(jobId).statementType, statement);
        made.announcement.proofHash = keccak256(abi.encode(keccak256(proof), keccak256("opening")));
        made.announcement.signature = signature(
            key,
            jobs.announcementDigest(made.announcement.submissionId, made.announcement.statementHash, made.announcement.proofHash)
        );
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

    function falseProof() internal view returns (bytes memory) {
        return abi.encodePacked(verifier.FALSE(), keccak256("nothing"));
    }

    function anyStatement() internal pure returns (uint256[8] memory) {
        return [uint256(1), 2, 3, 4, 5, 6, 7, 8];
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
