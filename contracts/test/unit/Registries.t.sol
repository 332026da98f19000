// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {DatasetRegistry} from "../../src/DatasetRegistry.sol";
import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {Modules, Wired} from "../../src/Modules.sol";
import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {CodeStorage} from "../../src/libraries/CodeStorage.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {TestBase} from "../utils/TestBase.sol";

contract CodeStorageCaller {
    function write(bytes calldata data) external returns (address) {
        return CodeStorage.write(data);
    }

    function read(address pointer) external view returns (bytes memory) {
        return CodeStorage.read(pointer);
    }
}

/// See Registries.tree. This contract stands where the WindowManager stands.
contract RegistriesTest is TestBase {
    bytes internal constant CID = hex"01551220";
    bytes32 internal constant CIRCUIT = keccak256("circuit");
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);

    ModelRegistry internal models;
    DatasetRegistry internal datasets;
    bytes32 internal modelId;
    uint256 internal genesis;

    event CheckpointRecorded(
        bytes32 indexed circuitId,
        uint256 indexed checkpointId,
        uint256 indexed jobId,
        bytes32 modelId,
        uint256 windowIndex,
        uint256 parentId,
        uint256 version,
        bool proved,
        bytes32 statementHash
    );
    event CheckpointMerged(bytes32 indexed circuitId, uint256 indexed checkpointId, uint256 indexed jobId, uint256 baseId, uint256[] children);
    event DatasetRevoked(bytes32 indexed datasetId);

    function setUp() public {
        Modules memory modules;
        modules.windowManager = address(this);
        models = ModelRegistry(vm.deployCode("ModelRegistry.sol:ModelRegistry", abi.encode(modules)));
        datasets = DatasetRegistry(vm.deployCode("DatasetRegistry.sol:DatasetRegistry", abi.encode(modules)));
        modelId = models.registerModel(keccak256("spec"), keccak256("srs"), 10, sizes(3));
        vm.prank(ALICE);
        genesis = models.registerGenesis(modelId, new bytes(128), CID, "CC0-1.0");
    }

    function sizes(uint256 count) internal pure returns (uint32[] memory made) {
        made = new uint32[](count);
        for (uint256 i = 0; i < count; ++i) made[i] = uint32(7 + i);
    }

    function recordOf(bytes32 circuitId, uint256 jobId, uint256 parentId, uint256 checkpointId)
        internal
        view
        returns (IModelRegistry.Record memory)
    {
        return IModelRegistry.Record(
            modelId, circuitId, jobId, 10 * jobId, parentId, checkpointId, true, keccak256(abi.encode("statement", jobId)), keccak256("CC0-1.0")
        );
    }

    function record(bytes32 circuitId, uint256 jobId, uint256 parentId, uint256 checkpointId) internal {
        models.recordCheckpoint(recordOf(circuitId, jobId, parentId, checkpointId));
    }

    function test_models_knowWhatWasRegistered() public {
        assertTrue(models.isModel(modelId), "registered");
        assertTrue(!models.isModel(keccak256("x")), "not registered");
        assertEq(models.registerModel(keccak256("spec"), keccak256("srs"), 10, sizes(3)), modelId, "the same again");
        assertTrue(models.registerModel(keccak256("spec"), keccak256("srs"), 10, sizes(2)) != modelId, "fewest");
        assertTrue(models.registerModel(keccak256("spec"), keccak256("srs"), 10, sizes(17)) != modelId, "most");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.SizesOutOfRange.selector, 1));
        models.registerModel(keccak256("spec"), keccak256("srs"), 10, sizes(1));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.SizesOutOfRange.selector, 18));
        models.registerModel(keccak256("spec"), keccak256("srs"), 10, sizes(18));
    }

    function test_genesis_idIsTheHashOfItsPoints() public view {
        bytes32 hash = keccak256(abi.encodePacked(keccak256("assay.ckpt.v1"), modelId, new bytes(128)));
        assertEq(genesis, uint256(hash) % Encodings.R, "checkpoint id");
        assertTrue(models.isStart(CIRCUIT, modelId, genesis, ALICE), "for its registrant");
        assertTrue(!models.isStart(CIRCUIT, modelId, genesis, BOB), "for nobody else");
        assertTrue(!models.isStart(CIRCUIT, keccak256("x"), genesis, ALICE), "of no other model");
        assertEq(models.licenceOf(modelId, genesis, ALICE), keccak256("CC0-1.0"), "licence");
        assertEq(models.licenceFor(CIRCUIT, modelId, genesis, ALICE), keccak256("CC0-1.0"), "inherited");
        assertEq(models.licenceFor(CIRCUIT, modelId, genesis, BOB), bytes32(0), "nothing to inherit");
        assertTrue(!models.provenance(CIRCUIT, genesis).proved, "no window ended in it");
    }

    function test_genesis_oneRegistrantsLicenceBindsNobodyElse() public {
        vm.prank(BOB);
        assertEq(models.registerGenesis(modelId, new bytes(128), CID, "none"), genesis, "same points, same id");
        assertEq(models.licenceOf(modelId, genesis, ALICE), keccak256("CC0-1.0"), "unchanged");
        assertEq(models.licenceFor(CIRCUIT, modelId, genesis, BOB), keccak256("none"), "its own");
        vm.prank(ALICE);
        models.registerGenesis(modelId, new bytes(128), CID, "CC0-1.0");
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.LicenceFixed.selector, modelId, genesis, keccak256("CC0-1.0")));
        models.registerGenesis(modelId, new bytes(128), CID, "other");
    }

    function test_genesis_refusals() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, keccak256("x")));
        models.registerGenesis(keccak256("x"), new bytes(64), CID, "CC0-1.0");
        uint256[4] memory lengths = [uint256(0), 63, 65, 65 * 64];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.PointsMalformed.selector, lengths[i]));
            models.registerGenesis(modelId, new bytes(lengths[i]), CID, "CC0-1.0");
        }
        models.registerGenesis(modelId, new bytes(64 * 64), CID, "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.CidLength.selector, 3));
        models.registerGenesis(modelId, new bytes(64), hex"015512", "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.CidLength.selector, 129));
        models.registerGenesis(modelId, new bytes(64), new bytes(129), "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.LicenceEmpty.selector));
        models.registerGenesis(modelId, new bytes(64), CID, "");
        models.registerGenesis(modelId, new bytes(64), new bytes(128), "CC0-1.0");
    }

    function test_whatIsKnownIsNoEvent() public {
        bytes32 datasetId = registered(terms(3, 0, 0, true));
        vm.prank(ALICE);
        datasets.revoke(datasetId);
        vm.recordLogs();
        models.registerModel(keccak256("spec"), keccak256("srs"), 10, sizes(3));
        vm.prank(ALICE);
        models.registerGenesis(modelId, new bytes(128), CID, "CC0-1.0");
        registered(terms(3, 0, 0, true));
        vm.prank(ALICE);
        datasets.revoke(datasetId);
        assertEq(vm.getRecordedLogs().length, 0, "nothing happened");
        models.registerModel(keccak256("spec"), keccak256("srs"), 11, sizes(3));
        assertEq(vm.getRecordedLogs().length, 1, "control");
    }

    function test_lineage_onlyTheWindowManagerWrites() public {
        IModelRegistry.Record memory made = recordOf(CIRCUIT, 1, genesis, 2);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, ALICE));
        models.recordCheckpoint(made);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, ALICE));
        models.recordMerge(made, new uint256[](2));
        assertTrue(!models.isStart(CIRCUIT, modelId, 2, BOB), "nothing");
        models.recordCheckpoint(made);
        assertTrue(models.isStart(CIRCUIT, modelId, 2, BOB), "control");
    }

    function test_lineage_versionParentJobStatementLicence() public {
        for (uint256 i = 1; i < 5; ++i) {
            uint256 parentId = i == 1 ? genesis : i - 1;
            vm.expectEmit(address(models));
            emit CheckpointRecorded(CIRCUIT, i, i, modelId, 10 * i, parentId, i, true, keccak256(abi.encode("statement", i)));
            record(CIRCUIT, i, parentId, i);
            IModelRegistry.Provenance memory found = models.provenance(CIRCUIT, i);
            assertEq(found.parentId, parentId, "parent");
            assertEq(found.version, i, "version");
            assertEq(found.jobId, i, "job");
            assertEq(found.windowIndex, 10 * i, "window");
            assertTrue(found.proved, "proved");
            assertEq(found.statementHash, keccak256(abi.encode("statement", i)), "statement");
            assertEq(found.licenceHash, keccak256("CC0-1.0"), "licence");
            assertTrue(models.isStart(CIRCUIT, modelId, i, BOB), "anyone's start");
        }
        assertTrue(!models.isStart(CIRCUIT, modelId, 5, BOB), "nothing else is");
        assertEq(models.licenceFor(CIRCUIT, modelId, 4, BOB), keccak256("CC0-1.0"), "inherited");
    }

    function test_lineage_theFirstRecordStays() public {
        record(CIRCUIT, 1, genesis, 2);
        record(CIRCUIT, 2, genesis, 3);
        record(CIRCUIT, 3, 3, 4);
        vm.expectEmit(address(models));
        emit CheckpointRecorded(CIRCUIT, 2, 9, modelId, 90, 4, 1, true, keccak256(abi.encode("statement", uint256(9))));
        record(CIRCUIT, 9, 4, 2);
        IModelRegistry.Provenance memory found = models.provenance(CIRCUIT, 2);
        assertEq(found.jobId, 1, "the first job keeps the entry");
        assertEq(found.parentId, genesis, "and its parent");
    }

    function test_lineage_hasNoCycles() public {
        record(CIRCUIT, 1, 7, 7);
        assertEq(models.provenance(CIRCUIT, 7).parentId, 0, "not its own parent");
        assertEq(models.provenance(CIRCUIT, 7).version, 0, "a root");
        assertTrue(models.isStart(CIRCUIT, modelId, 7, BOB), "but final");
        record(CIRCUIT, 2, 7, 8);
        assertEq(models.provenance(CIRCUIT, 8).version, 1, "above the root");

        record(CIRCUIT, 3, 20, 21);
        record(CIRCUIT, 4, 21, 20);
        assertEq(models.provenance(CIRCUIT, 20).parentId, 0, "a parent gets no parent");
        assertEq(models.provenance(CIRCUIT, 20).jobId, 4, "its job is kept");
        assertEq(models.provenance(CIRCUIT, 21).parentId, 20, "its child keeps it");
        record(CIRCUIT, 5, 30, 31);
        record(CIRCUIT, 6, 31, 32);
        assertEq(models.provenance(CIRCUIT, 32).version, 2, "control: no root");
    }

    function testFuzz_lineage_walkingUpAlwaysEnds(uint256 seed) public {
        uint256 edges;
        for (uint256 i = 1; i <= 40; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            record(CIRCUIT, i, 1 + random % 12, 1 + (random >> 128) % 12);
        }
        for (uint256 id = 1; id <= 12; ++id) {
            IModelRegistry.Provenance memory found = models.provenance(CIRCUIT, id);
            uint256 steps = 0;
            while (found.parentId != 0) {
                IModelRegistry.Provenance memory parent = models.provenance(CIRCUIT, found.parentId);
                assertTrue(parent.version < found.version, "upwards the version falls");
                assertEq(found.version, parent.version + 1, "by one");
                found = parent;
                assertAtMost(++steps, 12, "a walk that ends");
                ++edges;
            }
        }
        assertTrue(edges > 0, "there were parents");
    }

    /// Whoever registers a circuit whose verifier says yes to everything can finalize any checkpoint id in a job of that circuit.
    function test_lineage_aLyingCircuitSpeaksForItselfAlone() public {
        bytes32 lying = keccak256("lying");
        record(lying, 1, genesis, 2);
        record(lying, 2, 2, genesis);
        assertTrue(models.isStart(lying, modelId, 2, BOB), "under its own circuit");
        assertTrue(!models.isStart(CIRCUIT, modelId, 2, BOB), "minted nothing");
        assertTrue(!models.isStart(CIRCUIT, modelId, genesis, BOB), "freed no genesis");
        assertTrue(!models.provenance(CIRCUIT, 2).proved, "no provenance");
        assertEq(models.licenceFor(CIRCUIT, modelId, 2, BOB), bytes32(0), "no licence");

        IModelRegistry.Record memory genuine = recordOf(CIRCUIT, 3, genesis, 2);
        genuine.licenceHash = keccak256("CC-BY-4.0");
        models.recordCheckpoint(genuine);
        IModelRegistry.Provenance memory found = models.provenance(CIRCUIT, 2);
        assertEq(found.jobId, 3, "squatted nothing");
        assertEq(found.parentId, genesis, "the true parent");
        assertEq(found.version, 1, "the true version");
        assertEq(found.licenceHash, keccak256("CC-BY-4.0"), "the true licence");
        record(lying, 4, 9, 2);
        assertEq(models.provenance(CIRCUIT, 2).jobId, 3, "overwrote nothing");
    }

    function recordSilent(uint256 jobId, uint256 parentId, uint256 checkpointId) internal {
        IModelRegistry.Record memory made = recordOf(CIRCUIT, jobId, parentId, checkpointId);
        (made.proved, made.licenceHash) = (false, keccak256("squatted"));
        models.recordCheckpoint(made);
    }

    /// Whoever lets a false window of its own job become final by silence, before an honest one is proved, squats nothing.
    function test_lineage_silenceStandsInNoProofsWay() public {
        record(CIRCUIT, 1, genesis, 2);
        vm.expectEmit(address(models));
        emit CheckpointRecorded(CIRCUIT, 3, 9, modelId, 90, 77, 1, false, keccak256(abi.encode("statement", uint256(9))));
        recordSilent(9, 77, 3);
        IModelRegistry.Provenance memory found = models.provenance(CIRCUIT, 3);
        assertTrue(!found.proved && found.jobId == 9 && found.parentId == 77, "it says what it is");
        assertTrue(models.isStart(CIRCUIT, modelId, 3, BOB), "a start");
        assertEq(models.licenceFor(CIRCUIT, modelId, 3, BOB), keccak256("squatted"), "until there is a better one");
        // Not even as a parent.
        recordSilent(9, 3, 4);
        assertEq(models.provenance(CIRCUIT, 4).version, 2, "silence counts its own versions");

        record(CIRCUIT, 2, 2, 3);
        found = models.provenance(CIRCUIT, 3);
        assertTrue(found.proved, "the proof counts");
        assertEq(found.parentId, 2, "its parent");
        assertEq(found.version, 2, "its version");
        assertEq(found.jobId, 2, "its job");
        assertEq(models.licenceFor(CIRCUIT, modelId, 3, BOB), keccak256("CC0-1.0"), "its licence");
        recordSilent(10, 77, 3);
        assertEq(models.provenance(CIRCUIT, 3).jobId, 2, "for good");
        record(CIRCUIT, 3, 4, 5);
        assertEq(models.provenance(CIRCUIT, 5).version, 1, "what silence said is no proved ancestor");
    }

    function test_merge_recordsBaseAndChildren() public {
        record(CIRCUIT, 1, genesis, 2);
        uint256[] memory children = new uint256[](3);
        (children[0], children[1], children[2]) = (3, 4, 5);
        for (uint256 i = 0; i < 3; ++i) record(CIRCUIT, 1, 2, children[i]);
        bytes32 hash = keccak256(abi.encodePacked(uint256(3), uint256(4), uint256(5)));
        vm.expectEmit(address(models));
        emit CheckpointRecorded(CIRCUIT, 6, 1, modelId, 10, 2, 2, true, hash);
        vm.expectEmit(address(models));
        emit CheckpointMerged(CIRCUIT, 6, 1, 2, children);
        models.recordMerge(recordOf(CIRCUIT, 1, 2, 6), children);
        IModelRegistry.Provenance memory found = models.provenance(CIRCUIT, 6);
        assertEq(found.parentId, 2, "the base");
        assertEq(found.version, 2, "one above the base");
        assertEq(found.statementHash, hash, "of the children");
        assertTrue(models.isStart(CIRCUIT, modelId, 6, BOB), "a start");
    }

    function test_licence_ownRegistrationComesFirst() public {
        record(CIRCUIT, 1, 1, genesis);
        assertEq(models.licenceFor(CIRCUIT, modelId, genesis, BOB), keccak256("CC0-1.0"), "the provenance's");
        vm.prank(BOB);
        models.registerGenesis(modelId, new bytes(128), CID, "MIT");
        assertEq(models.licenceFor(CIRCUIT, modelId, genesis, BOB), keccak256("MIT"), "its own");
        assertEq(models.licenceFor(keccak256("x"), modelId, genesis, BOB), keccak256("MIT"), "under every circuit");
    }

    function terms(uint8 uses, uint16 feeBps, uint64 expiryBlock, bool revocable) internal pure returns (IDatasetRegistry.Terms memory) {
        return IDatasetRegistry.Terms(uses, feeBps, expiryBlock, revocable);
    }

    function registered(IDatasetRegistry.Terms memory made) internal returns (bytes32) {
        vm.prank(ALICE);
        return datasets.register(77, 3, 5, CID, "CC0-1.0", made);
    }

    function test_datasets_idCoversEverythingAndTheRegistrant() public {
        IDatasetRegistry.Terms memory t = terms(1, 100, 50, true);
        bytes32[11] memory ids;
        ids[0] = registered(t);
        vm.startPrank(ALICE);
        ids[1] = datasets.register(78, 3, 5, CID, "CC0-1.0", t);
        ids[2] = datasets.register(77, 4, 5, CID, "CC0-1.0", t);
        ids[3] = datasets.register(77, 3, 6, CID, "CC0-1.0", t);
        ids[4] = datasets.register(77, 3, 5, hex"01551221", "CC0-1.0", t);
        ids[5] = datasets.register(77, 3, 5, CID, "MIT", t);
        vm.stopPrank();
        ids[6] = datasets.register(77, 3, 5, CID, "CC0-1.0", t);
        ids[7] = registered(terms(3, 100, 50, true));
        ids[8] = registered(terms(1, 101, 50, true));
        ids[9] = registered(terms(1, 100, 51, true));
        ids[10] = registered(terms(1, 100, 50, false));
        for (uint256 i = 0; i < 11; ++i) {
            for (uint256 j = 0; j < i; ++j) assertTrue(ids[i] != ids[j], "another id");
        }
        assertEq(registered(t), ids[0], "the same again");
        IDatasetRegistry.Dataset memory found = datasets.dataset(ids[0]);
        assertEq(found.registrant, ALICE, "registrant");
        assertEq(found.root, 77, "root");
        assertEq(found.depth, 3, "depth");
        assertEq(found.minibatches, 5, "minibatches");
        assertEq(found.cidHash, keccak256(CID), "cid");
        assertEq(found.licenceHash, keccak256("CC0-1.0"), "licence");
        assertEq(keccak256(abi.encode(found.terms)), keccak256(abi.encode(t)), "terms");
        assertTrue(!found.revoked, "not revoked");
    }

    function test_datasets_refusals() public {
        IDatasetRegistry.Terms memory t = terms(1, 0, 0, false);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.RootOutOfField.selector, Encodings.R));
        datasets.register(Encodings.R, 3, 5, CID, "CC0-1.0", t);
        datasets.register(Encodings.R - 1, 3, 5, CID, "CC0-1.0", t);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.SizeOutOfRange.selector, 3, 9));
        datasets.register(1, 3, 9, CID, "CC0-1.0", t);
        datasets.register(1, 3, 8, CID, "CC0-1.0", t);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.SizeOutOfRange.selector, 3, 0));
        datasets.register(1, 3, 0, CID, "CC0-1.0", t);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.SizeOutOfRange.selector, 33, 1));
        datasets.register(1, 33, 1, CID, "CC0-1.0", t);
        datasets.register(1, 32, 2 ** 32, CID, "CC0-1.0", t);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.CidLength.selector, 3));
        datasets.register(1, 3, 8, hex"015512", "CC0-1.0", t);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.CidLength.selector, 129));
        datasets.register(1, 3, 8, new bytes(129), "CC0-1.0", t);
        datasets.register(1, 3, 8, new bytes(128), "CC0-1.0", t);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.LicenceEmpty.selector));
        datasets.register(1, 3, 8, CID, "", t);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownDataset.selector, keccak256("x")));
        datasets.dataset(keccak256("x"));
    }

    function test_datasets_termsWithinBounds() public {
        uint8[3] memory refused = [0, 4, 255];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(ALICE);
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.TermsOutOfRange.selector, "uses"));
            datasets.register(77, 3, 5, CID, "CC0-1.0", terms(refused[i], 0, 0, false));
        }
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.TermsOutOfRange.selector, "feeBps"));
        datasets.register(77, 3, 5, CID, "CC0-1.0", terms(1, 2_001, 0, false));
        registered(terms(1, 2_000, 0, false));
        registered(terms(2, 0, 0, false));
        registered(terms(3, 0, 0, false));
        mine(100);
        bytes32 past = registered(terms(3, 0, 1, false));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.LicenceExpired.selector, past, 1));
        datasets.requireUse(past, 1);
    }

    function test_licence_use() public {
        bytes32[4] memory ids;
        for (uint8 uses = 1; uses < 4; ++uses) ids[uses] = registered(terms(uses, 0, 0, false));
        for (uint8 uses = 1; uses < 4; ++uses) {
            for (uint256 use = 0; use < 256; use += use < 8 ? 1 : 31) {
                bool allowed = use != 0 && use & uses == use;
                if (!allowed) vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UseNotAllowed.selector, ids[uses], use));
                IDatasetRegistry.Dataset memory found = datasets.requireUse(ids[uses], uint8(use));
                if (allowed) assertEq(found.registrant, ALICE, "the dataset");
            }
        }
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownDataset.selector, keccak256("x")));
        datasets.requireUse(keccak256("x"), 1);
    }

    function test_row21_licence_expiryBlock() public {
        uint64 last = uint64(height() + 10);
        bytes32 id = registered(terms(1, 0, last, false));
        bytes32 forEver = registered(terms(1, 0, 0, false));
        vm.roll(last - 1);
        datasets.requireUse(id, 1);
        vm.roll(last);
        datasets.requireUse(id, 1);
        vm.roll(last + 1);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.LicenceExpired.selector, id, last));
        datasets.requireUse(id, 1);
        assertEq(datasets.dataset(id).registrant, ALICE, "still there");
        vm.roll(1e9);
        datasets.requireUse(forEver, 1);
    }

    function test_licence_revocation() public {
        IDatasetRegistry.Terms memory t = terms(3, 0, 0, true);
        bytes32 id = registered(t);
        bytes32 fixed_ = registered(terms(3, 0, 0, false));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotRegistrant.selector, id, address(this)));
        datasets.revoke(id);
        datasets.requireUse(id, 1);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotRevocable.selector, fixed_));
        datasets.revoke(fixed_);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownDataset.selector, keccak256("x")));
        datasets.revoke(keccak256("x"));

        vm.expectEmit(address(datasets));
        emit DatasetRevoked(id);
        vm.prank(ALICE);
        datasets.revoke(id);
        vm.prank(ALICE);
        datasets.revoke(id);
        assertEq(registered(t), id, "registering again");
        assertTrue(datasets.dataset(id).revoked, "undoes nothing");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.LicenceRevoked.selector, id));
        datasets.requireUse(id, 1);
        datasets.requireUse(fixed_, 1);
    }

    function test_codeStorage_returnsWhatWasWritten() public {
        CodeStorageCaller caller = new CodeStorageCaller();
        bytes[3] memory blobs = [bytes(""), hex"00ff", new bytes(1_000)];
        for (uint256 i = 0; i < 3; ++i) {
            address pointer = caller.write(blobs[i]);
            assertEq(keccak256(caller.read(pointer)), keccak256(blobs[i]), "bytes");
            (bool success, bytes memory returned) = pointer.call(hex"01");
            assertTrue(success && returned.length == 0, "does not run");
        }
        vm.expectRevert(abi.encodeWithSelector(CodeStorage.CodeStorageEmpty.selector, BOB));
        caller.read(BOB);
    }
}
