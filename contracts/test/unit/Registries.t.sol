// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {AssayToken} from "../../src/AssayToken.sol";
import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IRewardDistributor} from "../../src/interfaces/IRewardDistributor.sol";
import {CodeStorage} from "../../src/libraries/CodeStorage.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {Fixture} from "../utils/Fixture.sol";
import {BlockingToken} from "../utils/Tokens.sol";

contract CodeStorageCaller {
    function write(bytes calldata data) external returns (address) {
        return CodeStorage.write(data);
    }

    function read(address pointer) external view returns (bytes memory) {
        return CodeStorage.read(pointer);
    }
}

contract RegistriesTest is Fixture {
    bytes internal constant CID = hex"01551220";

    function test_models_knowWhatWasRegistered() public {
        assertTrue(models.isModel(modelId), "registered");
        assertTrue(!models.isModel(keccak256("x")), "not registered");
        assertEq(models.registerModel(keccak256("spec"), Encodings.srsId(devTau()), 10, sizes()), modelId, "idempotent");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.SizesOutOfRange.selector, 1));
        models.registerModel(keccak256("spec"), bytes32(0), 10, new uint32[](1));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.SizesOutOfRange.selector, 33));
        models.registerModel(keccak256("spec"), bytes32(0), 10, new uint32[](33));
    }

    function test_genesis_idIsTheHashOfItsPoints() public view {
        bytes32 hash = keccak256(abi.encodePacked(keccak256("assay.ckpt.v1"), modelId, new bytes(128)));
        assertEq(genesisId, uint256(hash) % Encodings.R, "checkpoint id");
        assertTrue(models.isStart(modelId, genesisId, requester), "for its registrant");
        assertTrue(!models.isStart(modelId, genesisId, stranger), "for nobody else");
        assertEq(models.licenceOf(modelId, genesisId, requester), keccak256("CC0-1.0"), "licence");
    }

    function test_genesis_oneRegistrantsLicenceBindsNobodyElse() public {
        vm.prank(stranger);
        assertEq(models.registerGenesis(modelId, new bytes(128), CID, "none"), genesisId, "same points, same id");
        assertEq(models.licenceOf(modelId, genesisId, requester), keccak256("CC0-1.0"), "unchanged");
        vm.prank(requester);
        models.registerGenesis(modelId, new bytes(128), CID, "CC0-1.0");
        vm.prank(requester);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.LicenceFixed.selector, modelId, genesisId, keccak256("CC0-1.0")));
        models.registerGenesis(modelId, new bytes(128), CID, "other");
    }

    function test_genesis_refusals() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, keccak256("x")));
        models.registerGenesis(keccak256("x"), new bytes(64), CID, "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.PointsMalformed.selector, 0));
        models.registerGenesis(modelId, "", CID, "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.PointsMalformed.selector, 65));
        models.registerGenesis(modelId, new bytes(65), CID, "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.CidLength.selector, 3));
        models.registerGenesis(modelId, new bytes(64), hex"015512", "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.CidLength.selector, 129));
        models.registerGenesis(modelId, new bytes(64), new bytes(129), "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.LicenceEmpty.selector));
        models.registerGenesis(modelId, new bytes(64), CID, "");
    }

    function test_lineage_onlyTheJobManagerWrites() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotAllowed.selector, address(this)));
        models.recordCheckpoint(modelId, 1, 0, 1, 2);
        vm.prank(address(jobs));
        models.recordCheckpoint(modelId, 1, 0, 1, 2);
        assertTrue(models.isStart(modelId, 2, stranger), "a proved checkpoint is anyone's start");
        vm.prank(address(jobs));
        models.recordCheckpoint(modelId, 9, 4, 1, 2);
        assertEq(models.provenance(modelId, 2).jobId, 1, "the first job keeps the entry");
    }

    function test_datasets_idCoversEverythingAndTheRegistrant() public {
        vm.startPrank(requester);
        assertEq(datasets.register(ROOT, 3, 5, CID, "CC0-1.0"), datasetId, "idempotent");
        assertTrue(datasets.register(ROOT + 1, 3, 5, CID, "CC0-1.0") != datasetId, "root");
        assertTrue(datasets.register(ROOT, 4, 5, CID, "CC0-1.0") != datasetId, "depth");
        assertTrue(datasets.register(ROOT, 3, 6, CID, "CC0-1.0") != datasetId, "minibatches");
        assertTrue(datasets.register(ROOT, 3, 5, hex"01551221", "CC0-1.0") != datasetId, "cid");
        assertTrue(datasets.register(ROOT, 3, 5, CID, "MIT") != datasetId, "licence");
        vm.stopPrank();
        assertTrue(datasets.register(ROOT, 3, 5, CID, "CC0-1.0") != datasetId, "registrant");
        assertEq(datasets.dataset(datasetId).registrant, requester, "stored");
    }

    function test_datasets_refusals() public {
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.RootOutOfField.selector, Encodings.R));
        datasets.register(Encodings.R, 3, 5, CID, "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.SizeOutOfRange.selector, 3, 9));
        datasets.register(1, 3, 9, CID, "CC0-1.0");
        datasets.register(1, 3, 8, CID, "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.SizeOutOfRange.selector, 3, 0));
        datasets.register(1, 3, 0, CID, "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.SizeOutOfRange.selector, 33, 1));
        datasets.register(1, 33, 1, CID, "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.CidLength.selector, 3));
        datasets.register(1, 3, 8, hex"015512", "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.CidLength.selector, 129));
        datasets.register(1, 3, 8, new bytes(129), "CC0-1.0");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.LicenceEmpty.selector));
        datasets.register(1, 3, 8, CID, "");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.UnknownDataset.selector, keccak256("x")));
        datasets.dataset(keccak256("x"));
    }

    function test_rewards_onlyModulesCredit() public {
        bytes memory refusal = abi.encodeWithSelector(IRewardDistributor.NotAllowed.selector, address(this));
        vm.expectRevert(refusal);
        rewards.receiveEscrow(address(pay), 1);
        vm.expectRevert(refusal);
        rewards.creditFromEscrow(address(pay), alice, 1);
        vm.expectRevert(refusal);
        rewards.creditTransferred(address(pay), alice, 1);
    }

    function test_rewards_refuseWhatIsNotThere() public {
        vm.prank(address(jobs));
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.Unbacked.selector, address(pay), 5, 0));
        rewards.receiveEscrow(address(pay), 5);
        vm.prank(address(stakes));
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.Unbacked.selector, address(pay), 5, 0));
        rewards.creditTransferred(address(pay), alice, 5);
        pay.transfer(address(rewards), 5);
        vm.prank(address(jobs));
        rewards.receiveEscrow(address(pay), 5);
        vm.prank(address(jobs));
        rewards.creditFromEscrow(address(pay), alice, 5);
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.NothingToClaim.selector, address(pay), bob));
        rewards.claim(address(pay), bob);
        assertEq(rewards.claim(address(pay), alice), 5, "anyone may send it");
        assertEq(pay.balanceOf(alice), 5, "and alice is paid");
    }

    function test_rewards_aTokenThatBlocksHoldsUpItsOwnClaimsOnly() public {
        BlockingToken blocking = BlockingToken(deploy("Tokens.sol:BlockingToken", ""));
        blocking.transfer(address(rewards), 5);
        pay.transfer(address(rewards), 5);
        vm.startPrank(address(jobs));
        rewards.receiveEscrow(address(blocking), 5);
        rewards.receiveEscrow(address(pay), 5);
        rewards.creditFromEscrow(address(blocking), alice, 5);
        rewards.creditFromEscrow(address(pay), alice, 5);
        vm.stopPrank();
        blocking.setBlocking(true);
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.Blocked.selector));
        rewards.claim(address(blocking), alice);
        rewards.claim(address(pay), alice);
        blocking.setBlocking(false);
        assertEq(rewards.claim(address(blocking), alice), 5, "nothing was lost");
    }

    function test_token_supplyIsFixedAndVotesAndPermitWork() public {
        assertEq(token.totalSupply(), 1e30, "supply");
        address holder = vm.addr(0x5e1f);
        token.transfer(holder, 10);
        vm.prank(holder);
        token.delegate(holder);
        assertEq(token.getVotes(holder), 10, "votes");
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                holder,
                stranger,
                uint256(4),
                token.nonces(holder),
                type(uint256).max
            )
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(0x5e1f, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash)));
        token.permit(holder, stranger, 4, type(uint256).max, v, r, s);
        vm.prank(stranger);
        token.transferFrom(holder, stranger, 4);
        vm.prank(stranger);
        token.burn(4);
        assertEq(token.totalSupply(), 1e30 - 4, "burned");
        AssayToken other = AssayToken(deploy("AssayToken.sol:AssayToken", abi.encode(stranger, 7)));
        assertEq(other.balanceOf(stranger), 7, "recipient");
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
        vm.expectRevert(abi.encodeWithSelector(CodeStorage.CodeStorageEmpty.selector, stranger));
        caller.read(stranger);
    }
}
