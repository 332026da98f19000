// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {AssayToken} from "../../src/AssayToken.sol";
import {Modules, Wired} from "../../src/Modules.sol";
import {Supply} from "../../src/libraries/Supply.sol";
import {Creator, TestBase} from "../utils/TestBase.sol";

/// See AssayToken.tree. This contract stands where the TokenEmission stands.
contract AssayTokenTest is TestBase {
    uint256 internal constant KEY = 0x5e1f;
    bytes32 internal constant PERMIT = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    address internal constant BOB = address(0xb0b);

    struct Permission {
        address owner;
        address spender;
        uint256 value;
        uint256 nonce;
        uint256 deadline;
    }

    AssayToken internal token;
    address internal holder;

    function setUp() public {
        holder = vm.addr(KEY);
        token = deployed(1_000e18);
    }

    function creation(uint256 supply) internal view returns (bytes memory) {
        Modules memory modules;
        modules.tokenEmission = address(this);
        return abi.encodePacked(vm.getCode("AssayToken.sol:AssayToken"), abi.encode(modules, holder, supply));
    }

    function deployed(uint256 supply) internal returns (AssayToken) {
        return AssayToken(new Creator().create(creation(supply)));
    }

    function sign(Permission memory p) internal view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 structHash = keccak256(abi.encode(PERMIT, p.owner, p.spender, p.value, p.nonce, p.deadline));
        return vm.sign(KEY, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash)));
    }

    /// Whether the token takes a permit that names these, with a signature over those.
    function permits(AssayToken at_, Permission memory named, Permission memory signed) internal returns (bool success) {
        (uint8 v, bytes32 r, bytes32 s) = sign(signed);
        (success,) =
            address(at_).call(abi.encodeCall(at_.permit, (named.owner, named.spender, named.value, named.deadline, v, r, s)));
    }

    function test_supply_first() public {
        assertEq(token.balanceOf(holder), 1_000e18, "recipient");
        assertEq(token.totalSupply(), 1_000e18, "all of it");
        Creator creator = new Creator();
        bytes memory code = creation(Supply.MAX_INITIAL + 1);
        vm.expectRevert(
            abi.encodeWithSelector(AssayToken.SupplyTooLarge.selector, Supply.MAX_INITIAL + 1, Supply.MAX_INITIAL)
        );
        creator.create(code);
        assertEq(deployed(Supply.MAX_INITIAL).totalSupply(), 817_500_000e18, "control");
    }

    function test_supply_everyBudgetFits() public pure {
        uint256 all = Supply.MAX_INITIAL;
        uint256 halvings;
        for (uint256 budget = Supply.budgetOf(0); budget != 0; budget = Supply.budgetOf(++halvings * Supply.HALVING_EPOCHS)) {
            all += budget * Supply.HALVING_EPOCHS;
        }
        assertTrue(halvings == 78 && Supply.budgetOf(type(uint256).max) == 0, "the last budget");
        assertAtMost(all, Supply.MAX_SUPPLY, "all there can ever be");
        assertTrue(all > Supply.MAX_SUPPLY - 1e18, "and the bound is tight");
    }

    function test_mint_onlyTheEmission() public {
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, BOB));
        token.mint(BOB, 1);
        vm.prank(holder);
        vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, holder));
        token.mint(holder, 1);
        token.mint(BOB, 7);
        assertEq(token.balanceOf(BOB), 7, "control");
    }

    function test_mint_neverAboveTheCap() public {
        token.mint(BOB, Supply.MAX_SUPPLY - token.totalSupply());
        vm.expectRevert(abi.encodeWithSelector(ERC20Votes.ERC20ExceededSafeSupply.selector, Supply.MAX_SUPPLY + 1, Supply.MAX_SUPPLY));
        token.mint(BOB, 1);
        assertEq(token.totalSupply(), token.MAX_SUPPLY(), "the cap");
    }

    function test_row10_permit_once() public {
        Permission memory p = Permission(holder, BOB, 4, 0, block.timestamp + 10);
        assertTrue(permits(token, p, p), "taken");
        assertEq(token.allowance(holder, BOB), 4, "allowance");
        vm.prank(BOB);
        token.transferFrom(holder, BOB, 4);
        assertTrue(!permits(token, p, p), "not again");
        assertEq(token.allowance(holder, BOB), 0, "spent");
        p.nonce = 1;
        assertTrue(permits(token, p, p), "control: the next nonce");
        assertEq(token.nonces(holder), 2, "nonces");
    }

    function test_row10_permit_eachField() public {
        Permission memory p = Permission(holder, BOB, 4, 0, block.timestamp + 10);
        for (uint256 i = 0; i < 6; ++i) {
            Permission memory other = Permission(p.owner, p.spender, p.value, p.nonce, p.deadline);
            if (i == 0) other.owner = BOB;
            if (i == 1) other.spender = holder;
            if (i == 2) other.value = 5;
            if (i == 3) other.nonce = 1;
            if (i == 4) other.deadline += 1;
            // The same fields, on another chain or of another token.
            if (i == 5) {
                vm.chainId(5);
                (uint8 v, bytes32 r, bytes32 s) = sign(p);
                vm.chainId(31337);
                vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
                token.permit(p.owner, p.spender, p.value, p.deadline, v, r, s);
                assertTrue(!permits(deployed(10), p, p), "another token");
                continue;
            }
            assertTrue(!permits(token, p, other), "signed another");
        }
        assertEq(token.nonces(holder), 0, "nothing was used");
        assertTrue(permits(token, p, p), "control");
    }

    function test_row21_permit_deadline() public {
        Permission memory p = Permission(holder, BOB, 4, 0, block.timestamp - 1);
        (uint8 v, bytes32 r, bytes32 s) = sign(p);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, p.deadline));
        token.permit(p.owner, p.spender, p.value, p.deadline, v, r, s);
        p.deadline = block.timestamp;
        assertTrue(permits(token, p, p), "in its second");
    }

    function test_votes_byBlocks() public {
        assertEq(token.getVotes(holder), 0, "none without delegating");
        assertEq(token.clock(), height(), "clock");
        assertEq(keccak256(bytes(token.CLOCK_MODE())), keccak256("mode=blocknumber&from=default"), "mode");
        mine(10);
        vm.prank(holder);
        token.delegate(holder);
        uint256 first = height();
        mine(1);
        vm.prank(holder);
        token.transfer(BOB, 100e18);
        vm.prank(BOB);
        token.delegate(BOB);
        token.mint(BOB, 50e18);
        uint256 second = height();
        vm.expectRevert(abi.encodeWithSelector(Votes.ERC5805FutureLookup.selector, second, uint48(second)));
        token.getPastVotes(holder, second);
        mine(1);
        vm.prank(BOB);
        token.burn(150e18);
        mine(1);
        assertEq(token.getPastVotes(holder, first - 1), 0, "before");
        assertEq(token.getPastVotes(holder, first), 1_000e18, "at the end of the block");
        assertEq(token.getPastVotes(holder, second), 900e18, "transferred");
        assertEq(token.getPastVotes(BOB, first), 0, "nothing yet");
        assertEq(token.getPastVotes(BOB, second), 150e18, "received and minted");
        assertEq(token.getPastVotes(BOB, second + 1), 0, "burned");
        assertEq(token.getPastTotalSupply(first), 1_000e18, "total");
        assertEq(token.getPastTotalSupply(second), 1_050e18, "with the mint");
        assertEq(token.getPastTotalSupply(second + 1), 900e18, "without what burned");
    }

    function test_burn() public {
        vm.prank(holder);
        token.burn(1e18);
        assertEq(token.totalSupply(), 999e18, "supply");
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, BOB, 0, 1));
        token.burnFrom(holder, 1);
        vm.prank(holder);
        token.approve(BOB, 1);
        vm.prank(BOB);
        token.burnFrom(holder, 1);
        assertEq(token.totalSupply(), 999e18 - 1, "control");
    }
}
