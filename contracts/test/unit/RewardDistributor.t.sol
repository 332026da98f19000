// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Modules, Wired} from "../../src/Modules.sol";
import {RewardDistributor} from "../../src/RewardDistributor.sol";
import {IRewardDistributor} from "../../src/interfaces/IRewardDistributor.sol";
import {TestBase} from "../utils/TestBase.sol";
import {BlockingToken, BurnableToken, DearToken, HostileToken, PlainToken, RebasingToken, VastToken} from "../utils/Tokens.sol";

/// See RewardDistributor.tree. This contract stands where JobManager and StakeManager stand.
contract RewardDistributorTest is TestBase {
    /// Gas of the largest transaction that the chain takes (EIP-7825).
    uint256 internal constant TRANSACTION_GAS = 16_777_216;

    BurnableToken internal assay;
    PlainToken internal pay;
    RewardDistributor internal vault;

    address internal alice = address(0x2001);
    address internal bob = address(0x2002);
    address internal carol = address(0x2003);
    address internal stranger = address(0x4001);

    function setUp() public {
        assay = BurnableToken(vm.deployCode("Tokens.sol:BurnableToken", ""));
        pay = PlainToken(vm.deployCode("Tokens.sol:PlainToken", ""));
        Modules memory modules;
        modules.token = address(assay);
        modules.jobManager = address(this);
        modules.stakeManager = address(this);
        vault = RewardDistributor(vm.deployCode("RewardDistributor.sol:RewardDistributor", abi.encode(modules)));
    }

    function fund(uint256 jobId, address token, uint256 amount) internal {
        IERC20(token).transfer(address(vault), amount);
        vault.receiveEscrow(jobId, token, amount);
    }

    function credit(uint256 jobId, address token, address account, uint256 amount) internal {
        fund(jobId, token, amount);
        vault.creditFromEscrow(jobId, token, account, amount);
    }

    function claimAs(address account, address token) internal returns (uint256) {
        vm.prank(account);
        return vault.claim(token, account);
    }

    function assertLiabilities(address token, uint256 escrowed, uint256 owed) internal view {
        (uint256 foundEscrowed, uint256 foundOwed) = vault.liabilities(token);
        assertEq(foundEscrowed, escrowed, "escrowed");
        assertEq(foundOwed, owed, "owed");
    }

    function one(address account) internal pure returns (address[] memory list) {
        return repeat(account, 1);
    }

    function repeat(address account, uint256 times) internal pure returns (address[] memory list) {
        list = new address[](times);
        for (uint256 i = 0; i < times; ++i) list[i] = account;
    }

    function test_onlyItsModulesMoveNumbers() public {
        fund(1, address(pay), 10);
        fund(1, address(assay), 10);
        bytes[4] memory calls = [
            abi.encodeCall(vault.receiveEscrow, (1, address(pay), 0)),
            abi.encodeCall(vault.creditFromEscrow, (1, address(pay), alice, 1)),
            abi.encodeCall(vault.burnFromEscrow, (1, 1)),
            abi.encodeCall(vault.creditTransferred, (address(pay), alice, 0))
        ];
        for (uint256 i = 0; i < 4; ++i) {
            vm.prank(stranger);
            (bool success, bytes memory returned) = address(vault).call(calls[i]);
            assertTrue(!success, "refused");
            assertEq(keccak256(returned), keccak256(abi.encodeWithSelector(Wired.NotAllowed.selector, stranger)), "as a stranger");
            (success,) = address(vault).call(calls[i]);
            assertTrue(success, "taken from the module");
        }
        vm.expectRevert(abi.encodeWithSelector(Wired.NotAllowed.selector, address(this)));
        vault.claimFor(alice, address(pay), alice);
        assertEq(vault.claim(address(pay), alice), 1, "what the module credited");
    }

    function test_receiveEscrow_booksWhatWasTransferred() public {
        fund(1, address(pay), 100);
        fund(2, address(pay), 50);
        fund(1, address(assay), 7);
        assertEq(vault.escrowOf(1, address(pay)), 100, "job 1");
        assertEq(vault.escrowOf(2, address(pay)), 50, "job 2");
        assertEq(vault.escrowOf(1, address(assay)), 7, "another token");
        assertLiabilities(address(pay), 150, 0);
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.Unbacked.selector, address(pay), 151, 150));
        vault.receiveEscrow(3, address(pay), 1);
    }

    function test_row23d_creditFromEscrow_oneJobNeverDrainsAnother() public {
        fund(1, address(pay), 100);
        fund(2, address(pay), 50);
        fund(1, address(assay), 7);
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.EscrowTooSmall.selector, 2, address(pay), 50, 51));
        vault.creditFromEscrow(2, address(pay), alice, 51);
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.EscrowTooSmall.selector, 2, address(assay), 0, 1));
        vault.creditFromEscrow(2, address(assay), alice, 1);
        vault.creditFromEscrow(2, address(pay), alice, 50);
        assertEq(vault.claimable(address(pay), alice), 50, "all of its own");
        assertEq(vault.escrowOf(2, address(pay)), 0, "spent");
        assertEq(vault.escrowOf(1, address(pay)), 100, "the other's is untouched");
        assertLiabilities(address(pay), 100, 50);
    }

    function test_burnFromEscrow_burnsAssayOfTheJob() public {
        fund(1, address(assay), 100);
        fund(2, address(assay), 5);
        uint256 supply = assay.totalSupply();
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.EscrowTooSmall.selector, 2, address(assay), 5, 6));
        vault.burnFromEscrow(2, 6);
        vault.burnFromEscrow(1, 60);
        assertEq(supply - assay.totalSupply(), 60, "burned");
        assertEq(vault.escrowOf(1, address(assay)), 40, "left");
        assertLiabilities(address(assay), 45, 0);
        assertEq(assay.balanceOf(address(vault)), 45, "held");
    }

    function test_creditTransferred_onlyWhatWasTransferred() public {
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.Unbacked.selector, address(assay), 5, 0));
        vault.creditTransferred(address(assay), alice, 5);
        assay.transfer(address(vault), 5);
        vault.creditTransferred(address(assay), alice, 5);
        assertEq(vault.claimable(address(assay), alice), 5, "credited");
        // What one was credited backs nobody else's.
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.Unbacked.selector, address(assay), 6, 5));
        vault.creditTransferred(address(assay), bob, 1);
    }

    function test_claim_paysTheAccountOnce() public {
        credit(1, address(pay), alice, 30);
        credit(2, address(pay), alice, 12);
        fund(3, address(pay), 9);
        vm.prank(stranger);
        assertEq(vault.claim(address(pay), alice), 42, "by a stranger");
        assertEq(pay.balanceOf(alice), 42, "to the account");
        assertEq(pay.balanceOf(stranger), 0, "and to nobody else");
        assertLiabilities(address(pay), 9, 0);
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.NothingToClaim.selector, address(pay), alice));
        vault.claim(address(pay), alice);
    }

    function test_row16_oneWei_and_2pow128_and_aWholeSupply() public {
        credit(1, address(pay), alice, 1);
        VastToken vast = VastToken(vm.deployCode("Tokens.sol:VastToken", ""));
        credit(2, address(vast), alice, 2 ** 128);
        credit(3, address(vast), bob, type(uint256).max - 2 ** 128);
        assertEq(vault.claim(address(pay), alice), 1, "1 wei");
        assertEq(vault.claim(address(vast), alice), 2 ** 128, "2^128");
        assertEq(vault.claim(address(vast), bob), type(uint256).max - 2 ** 128, "the rest of all there is");
        assertEq(vast.balanceOf(address(vault)), 0, "to the wei");
    }

    function test_row23d_aDonationChangesNothing() public {
        credit(1, address(pay), alice, 30);
        fund(2, address(pay), 12);
        pay.transfer(address(vault), 1e20);
        assertLiabilities(address(pay), 12, 30);
        assertEq(vault.claim(address(pay), alice), 30, "what is owed, no more");
        vault.creditFromEscrow(2, address(pay), bob, 12);
        assertEq(vault.claim(address(pay), bob), 12, "nor less");
        assertEq(pay.balanceOf(address(vault)), 1e20, "the donation stays");
    }

    function shrinking() internal returns (RebasingToken token) {
        token = RebasingToken(vm.deployCode("Tokens.sol:RebasingToken", ""));
        credit(1, address(token), alice, 600);
        credit(2, address(token), bob, 300);
        fund(2, address(token), 100);
    }

    function test_row23d_aTokenThatShrinks_cutsEveryClaimAlike() public {
        RebasingToken token = shrinking();
        token.rebase(1, 2);
        assertEq(claimAs(alice, address(token)), 300, "half");
        assertEq(token.balanceOf(alice), 300, "paid");
        vault.creditFromEscrow(2, address(token), carol, 100);
        assertEq(claimAs(carol, address(token)), 50, "half of what was still escrowed, too");
        assertEq(claimAs(bob, address(token)), 150, "half for the last");
        assertEq(token.balanceOf(address(vault)), 0, "nothing is left, and nothing missing");
        assertLiabilities(address(token), 0, 0);
    }

    function test_row23d_onlyTheAccountItselfTakesACut() public {
        RebasingToken token = shrinking();
        token.rebase(1, 2);
        bytes memory unbacked = abi.encodeWithSelector(IRewardDistributor.Unbacked.selector, address(token), 1000, 500);
        vm.prank(stranger);
        vm.expectRevert(unbacked);
        vault.claim(address(token), alice);
        vm.prank(stranger);
        assertEq(vault.claimMany(one(address(token)), one(alice)), 0, "nor in a batch");
        // Gone for a moment: not even the account can give away all that it has.
        token.rebase(0, 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.Unbacked.selector, address(token), 1000, 0));
        vault.claim(address(token), alice);
        assertEq(vault.claimable(address(token), alice), 600, "still owed");
        token.rebase(1, 2);
        vm.prank(bob);
        assertEq(vault.claimMany(one(address(token)), one(bob)), 1, "the account itself, in a batch");
        assertEq(token.balanceOf(bob), 150, "half");
        token.rebase(1, 1);
        vm.prank(stranger);
        assertEq(vault.claim(address(token), alice), 600, "in full for whoever waited");
    }

    function test_row23d_aTokenThatShrank_takesNoMoreInUntilItIsCovered() public {
        RebasingToken token = shrinking();
        token.rebase(999, 1000);
        token.transfer(address(vault), 50);
        vault.receiveEscrow(3, address(token), 49);
        assertLiabilities(address(token), 149, 900);
        token.rebase(1, 2);
        token.transfer(address(vault), 50);
        uint256 balance = token.balanceOf(address(vault));
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.Unbacked.selector, address(token), 1099, balance));
        vault.receiveEscrow(3, address(token), 50);
        token.rebase(2, 1);
        vault.receiveEscrow(3, address(token), 50);
        assertEq(vault.claim(address(token), alice), 600, "what a token grows by is nobody's");
    }

    /// Whatever it shrinks by and whoever comes first: nobody gets more than the share, and nobody less than the share rounded down.
    function testFuzz_row16_aShrunkToken_sharesAlike(uint96[3] calldata owed, uint96 escrow, uint32 numerator, uint8 order) public {
        RebasingToken token = RebasingToken(vm.deployCode("Tokens.sol:RebasingToken", ""));
        address[3] memory accounts = [alice, bob, carol];
        uint256 total = escrow;
        for (uint256 i = 0; i < 3; ++i) {
            credit(i, address(token), accounts[i], uint256(owed[i]) + 1);
            total += uint256(owed[i]) + 1;
        }
        fund(9, address(token), escrow);
        token.rebase(bound(numerator, 1, 1e9), 1e9);
        uint256 held = token.balanceOf(address(vault));
        for (uint256 i = 0; i < 3; ++i) {
            uint256 k = (i + order) % 3;
            uint256 claim = uint256(owed[k]) + 1;
            vm.prank(accounts[k]);
            (bool success, bytes memory returned) = address(vault).call(abi.encodeCall(vault.claim, (address(token), accounts[k])));
            uint256 paid = success ? abi.decode(returned, (uint256)) : 0;
            // The vault's own balance is rounded by the token, by a wei each time shares move.
            assertAtMost(paid * total, claim * held + 4 * total, "no more than the share, up to rounding");
            assertAtMost(claim * held, (paid + 4) * total, "no less");
        }
    }

    function test_claimMany_paysEachPair() public {
        credit(1, address(pay), alice, 30);
        credit(1, address(pay), bob, 5);
        credit(1, address(assay), alice, 7);
        address[] memory tokens = repeat(address(pay), 4);
        address[] memory accounts = repeat(alice, 4);
        (tokens[1], accounts[2], accounts[3]) = (address(assay), bob, carol);
        vm.expectEmit(address(vault));
        emit IRewardDistributor.ClaimFailed(
            address(pay), carol, abi.encodeWithSelector(IRewardDistributor.NothingToClaim.selector, address(pay), carol)
        );
        vm.prank(stranger);
        assertEq(vault.claimMany(tokens, accounts), 3, "three of four");
        assertEq(pay.balanceOf(alice), 30, "alice");
        assertEq(assay.balanceOf(alice), 7, "in the other token");
        assertEq(pay.balanceOf(bob), 5, "bob");
    }

    function test_claimMany_bounds() public {
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.LengthMismatch.selector, 1, 2));
        vault.claimMany(one(address(pay)), repeat(alice, 2));
        vm.expectRevert(abi.encodeWithSelector(IRewardDistributor.TooManyClaims.selector, 65, 64));
        vault.claimMany(repeat(address(pay), 65), repeat(alice, 65));
        credit(1, address(pay), alice, 30);
        assertEq(vault.claimMany(repeat(address(pay), 64), repeat(alice, 64)), 1, "64, of which one is owed");
        assertEq(vault.claimMany(new address[](0), new address[](0)), 0, "none");
    }

    /// A token that fails in any way is skipped; those beside it are paid, and what failed can be claimed once the token behaves.
    function test_row23d_claimMany_skipsWhatFails() public {
        uint256 failing;
        HostileToken sample = HostileToken(vm.deployCode("Tokens.sol:HostileToken", ""));
        for (uint256 mode = 0; mode < sample.MODES(); ++mode) {
            HostileToken token = HostileToken(vm.deployCode("Tokens.sol:HostileToken", ""));
            credit(1, address(token), alice, 11);
            credit(1, address(pay), bob, 3);
            token.setMode(mode);
            bool fails = mode != sample.PLAIN() && mode != sample.NOTHING() && mode != sample.LONG_TRUE() && mode != sample.LIE();
            address[] memory tokens = one(address(pay));
            address[] memory accounts = one(bob);
            (tokens, accounts) = (repeat(address(token), 2), repeat(alice, 2));
            (tokens[1], accounts[1]) = (address(pay), bob);
            uint256 before = pay.balanceOf(bob);
            uint256 spent = gasleft();
            uint256 succeeded = vault.claimMany{gas: 1_000_000}(tokens, accounts);
            spent -= gasleft();
            assertEq(succeeded, fails ? 1 : 2, "as many as can be");
            assertEq(pay.balanceOf(bob) - before, 3, "the neighbour is paid");
            assertAtMost(spent, 450_000, "and the failure costs no more than its cap");
            token.setMode(sample.PLAIN());
            if (!fails) continue;
            ++failing;
            assertEq(vault.claimable(address(token), alice), 11, "still owed");
            assertEq(vault.claim(address(token), alice), 11, "and paid later");
            assertEq(token.balanceOf(alice), 11, "to the wei");
        }
        assertEq(failing, 7, "all of these attacks happened");
    }

    function test_row23d_aBlocklistStopsOneAccountAlone() public {
        BlockingToken token = BlockingToken(vm.deployCode("Tokens.sol:BlockingToken", ""));
        credit(1, address(token), alice, 11);
        credit(1, address(token), bob, 12);
        token.setBlocked(alice, true);
        address[] memory accounts = repeat(alice, 2);
        accounts[1] = bob;
        assertEq(vault.claimMany(repeat(address(token), 2), accounts), 1, "one of two");
        assertEq(token.balanceOf(bob), 12, "bob");
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.Blocked.selector));
        vault.claim(address(token), alice);
        token.setBlocked(alice, false);
        assertEq(vault.claim(address(token), alice), 11, "alice, once she is let");
    }

    function test_row15_claimMany_theLongestBatchOfGasBurnersFits() public {
        HostileToken token = HostileToken(vm.deployCode("Tokens.sol:HostileToken", ""));
        credit(1, address(token), alice, 11);
        credit(1, address(pay), bob, 3);
        token.setMode(token.BURN());
        address[] memory tokens = repeat(address(token), 64);
        address[] memory accounts = repeat(alice, 64);
        (tokens[63], accounts[63]) = (address(pay), bob);
        assertEq(vault.claimMany{gas: TRANSACTION_GAS - 150_000}(tokens, accounts), 1, "the last is paid");
        token.setMode(token.BOMB());
        credit(1, address(pay), bob, 3);
        assertEq(vault.claimMany{gas: TRANSACTION_GAS - 150_000}(tokens, accounts), 1, "behind long reasons, too");
        assertEq(pay.balanceOf(bob), 6, "bob");
    }

    /// A batch that is short of gas reverts as a whole; at no limit is a good claim, however dear, recorded as failed.
    function test_row15_claimMany_aShortageOfGasIsNoFailedClaim() public {
        DearToken dear = DearToken(vm.deployCode("Tokens.sol:DearToken", ""));
        bytes memory call = abi.encodeCall(vault.claimMany, (one(address(dear)), one(alice)));
        uint256 refused;
        uint256 paid;
        for (uint256 gas_ = 30_000; gas_ < 300_000; gas_ += 3_000) {
            credit(1, address(dear), alice, 30);
            vm.cool(address(vault));
            vm.cool(address(dear));
            (bool success, bytes memory returned) = address(vault).call{gas: gas_}(call);
            if (success) {
                assertEq(abi.decode(returned, (uint256)), 1, "paid where there is an answer");
                ++paid;
            } else if (bytes4(returned) == IRewardDistributor.InsufficientGas.selector) {
                ++refused;
            }
        }
        assertTrue(refused > 10 && paid > 10, "both happened");
    }

    function test_everyMoveIsAnEvent() public {
        pay.transfer(address(vault), 9);
        assay.transfer(address(vault), 9);
        vm.expectEmit(address(vault));
        emit IRewardDistributor.EscrowReceived(4, address(pay), 9);
        vault.receiveEscrow(4, address(pay), 9);
        vault.receiveEscrow(4, address(assay), 4);
        vm.expectEmit(address(vault));
        emit IRewardDistributor.Credited(address(pay), alice, 5);
        vault.creditFromEscrow(4, address(pay), alice, 5);
        vm.expectEmit(address(vault));
        emit IRewardDistributor.Credited(address(assay), bob, 5);
        vault.creditTransferred(address(assay), bob, 5);
        vm.expectEmit(address(vault));
        emit IRewardDistributor.EscrowBurned(4, 3);
        vault.burnFromEscrow(4, 3);
        vm.expectEmit(address(vault));
        emit IRewardDistributor.Claimed(address(pay), alice, 5, 5);
        vault.claim(address(pay), alice);
        RebasingToken token = shrinking();
        token.rebase(1, 2);
        vm.expectEmit(address(vault));
        emit IRewardDistributor.Claimed(address(token), alice, 600, 300);
        claimAs(alice, address(token));
    }

    /// Rows 15 and 16: over any sequence of receipts, credits, burns and claims, each wei is escrowed, owed, paid or burned.
    function testFuzz_row16_everyWeiIsSomewhere(uint256[24] calldata seeds) public {
        address[3] memory accounts = [alice, bob, carol];
        uint256[5] memory sums;
        for (uint256 i = 0; i < seeds.length; ++i) {
            uint256 seed = seeds[i];
            uint256 jobId = (seed >> 8) % 3;
            address account = accounts[(seed >> 16) % 3];
            uint256 amount = uint128(seed >> 32) >> ((seed >> 160) % 128);
            uint256 kind = seed % 5;
            if (kind == 0) {
                amount %= 1e28;
                fund(jobId, address(assay), amount);
                sums[0] += amount;
            } else if (kind == 1) {
                uint256 escrow = vault.escrowOf(jobId, address(assay));
                amount %= escrow + 1;
                vault.creditFromEscrow(jobId, address(assay), account, amount);
            } else if (kind == 2) {
                amount %= vault.escrowOf(jobId, address(assay)) + 1;
                vault.burnFromEscrow(jobId, amount);
                sums[1] += amount;
            } else if (kind == 3) {
                if (vault.claimable(address(assay), account) > 0) sums[2] += vault.claim(address(assay), account);
            } else {
                amount %= 1e28;
                assay.transfer(address(vault), amount);
                vault.creditTransferred(address(assay), account, amount);
                sums[0] += amount;
            }
        }
        (uint256 escrowed, uint256 owed) = vault.liabilities(address(assay));
        sums[3] = vault.escrowOf(0, address(assay)) + vault.escrowOf(1, address(assay)) + vault.escrowOf(2, address(assay));
        for (uint256 i = 0; i < 3; ++i) sums[4] += vault.claimable(address(assay), accounts[i]);
        assertEq(escrowed, sums[3], "the escrow is the jobs'");
        assertEq(owed, sums[4], "what is owed is the accounts'");
        assertEq(sums[0], sums[1] + sums[2] + escrowed + owed, "every wei");
        assertEq(assay.balanceOf(address(vault)), escrowed + owed, "and the vault has it");
        assertEq(assay.balanceOf(alice) + assay.balanceOf(bob) + assay.balanceOf(carol), sums[2], "what was paid is theirs");
    }
}
