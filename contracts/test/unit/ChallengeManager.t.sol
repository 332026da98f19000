// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Wired} from "../../src/Modules.sol";
import {IChallengeManager} from "../../src/interfaces/IChallengeManager.sol";
import {IJobManager} from "../../src/interfaces/IJobManager.sol";
import {IStakeManager} from "../../src/interfaces/IStakeManager.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {IWindowManager} from "../../src/interfaces/IWindowManager.sol";
import {Encodings} from "../../src/libraries/Encodings.sol";
import {InferenceFixture} from "../utils/InferenceFixture.sol";
import {HostileReceiver} from "../utils/Tokens.sol";

/// See ChallengeManager.tree.
abstract contract ChallengeFixture is InferenceFixture {
    uint256 internal constant SILENCE = 40;
    uint256 internal constant ANSWER = 30;
    uint256 internal constant EVIDENCE = 30;
    uint256 internal constant LEASE = 20;
    uint256 internal constant BOND_GAS = 15_000_000;

    address internal challenger = address(0x5001);
    address internal carol = address(0x2003);
    uint256 internal carolKey = 0xca401;

    function setUp() public virtual override {
        super.setUp();
        enlist(carol, carolKey, STAKE);
        vm.deal(challenger, 100e18);
        vm.deal(finder, 100e18);
        vm.fee(7 gwei);
    }

    function falseEvidence(bytes32 id, uint256 key) internal view returns (IChallengeManager.Evidence memory) {
        return evidenceOf(id, wordsAbout(id), falseProof(), key);
    }

    /// Evidence of exactly what `submitFalseWindow` submitted.
    function standingEvidence(bytes32 id, uint256 key) internal view returns (IChallengeManager.Evidence memory) {
        return evidenceOf(id, submittedStatement(id), falseProof(), key);
    }

    function slashAs(address by, IChallengeManager.Evidence memory evidence) internal returns (uint256) {
        vm.prank(by);
        return challenges.slashByEvidence(evidence);
    }

    /// Commits and shows.
    function findAs(address by, IChallengeManager.Evidence memory evidence) internal returns (uint256) {
        commitAs(by, evidence);
        return slashAs(by, evidence);
    }

    function refuse(address by, IChallengeManager.Evidence memory evidence, bytes memory reason) internal {
        vm.prank(by);
        vm.expectRevert(reason);
        challenges.slashByEvidence(evidence);
    }

    function refusePartly(address by, IChallengeManager.Evidence memory evidence, bytes4 selector) internal {
        vm.prank(by);
        vm.expectPartialRevert(selector);
        challenges.slashByEvidence(evidence);
    }

    function demandAs(address by, bytes32 id) internal returns (uint256 bond) {
        bond = challenges.demandBond();
        vm.prank(by);
        (bool success, bytes memory returned) =
            address(challenges).call{value: bond}(abi.encodeCall(challenges.demand, (id)));
        if (!success) bubble(returned);
    }

    function bubble(bytes memory returned) internal pure {
        assembly {
            revert(add(returned, 32), mload(returned))
        }
    }

    function refuseDemand(bytes32 id, uint256 value, bytes memory reason) internal {
        vm.prank(challenger);
        (bool success, bytes memory returned) = address(challenges).call{value: value}(abi.encodeCall(challenges.demand, (id)));
        assertTrue(!success, "refused");
        assertEq(keccak256(returned), keccak256(reason), "for this reason");
    }

    function totalOf(address operator) internal view returns (uint256) {
        return uint256(stakes.stakeOf(operator).active) + stakes.stakeOf(operator).unbonding;
    }

    function stateOf(bytes32 id) internal view returns (IWindowManager.LeaseState) {
        return windows.leaseOf(id).state;
    }

    function assertState(bytes32 id, IWindowManager.LeaseState expected) internal view {
        assertEq(uint256(stateOf(id)), uint256(expected), "lease state");
    }

    function due(address account) internal view returns (uint256) {
        return rewards.claimable(address(token), account);
    }

    function copy(uint256[] memory words) internal pure returns (uint256[] memory made) {
        made = new uint256[](words.length);
        for (uint256 i = 0; i < words.length; ++i) made[i] = words[i];
    }

    function withWord(uint256[] memory words, uint256 index, uint256 value) internal pure returns (uint256[] memory made) {
        made = copy(words);
        made[index] = value;
    }

    function announced(bytes32 id, uint256[] memory statement, uint256 key)
        internal
        view
        returns (IChallengeManager.Announcement memory)
    {
        return announcementOf(id, statement, keccak256(abi.encode("some proof", statement)), key);
    }

    function commitFirst(address by, IChallengeManager.Announcement memory first) internal {
        challenges.commitEvidence(
            Encodings.evidenceCommitment(first.submissionId, first.statementHash, first.proofHash, by, SALT)
        );
        mine(1);
    }

    /// Two results signed by one key, committed by the finder and shown; answers with what came of it.
    function equivocate(bytes32 id, uint256[] memory first, uint256[] memory second, uint256 key)
        internal
        returns (bool success, bytes memory returned)
    {
        IChallengeManager.Announcement memory one = announced(id, first, key);
        commitFirst(finder, one);
        bytes memory call =
            abi.encodeCall(challenges.slashByEquivocation, (one, first, announced(id, second, key), second, SALT));
        vm.prank(finder);
        return address(challenges).call(call);
    }

    function assertRefused(bool success, bytes memory returned, bytes memory reason) internal pure {
        assertTrue(!success, "refused");
        assertEq(keccak256(returned), keccak256(reason), "for this reason");
    }
}

contract ChallengeManagerEvidenceTest is ChallengeFixture {
    uint256 internal jobId;
    bytes32 internal id;

    function setUp() public override {
        super.setUp();
        jobId = activeJob();
        id = leaseAs(alice, jobId);
    }

    function trueEvidence() internal view returns (IChallengeManager.Evidence memory) {
        uint256[] memory statement = windows.statementFor(id, trained(501));
        return evidenceOf(id, statement, boundProof(statement), aliceKey);
    }

    function test_slash_takesTheBondAndTheLease() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(id, aliceKey);
        commitAs(finder, evidence);
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(challenges));
        emit IChallengeManager.OperatorSlashed(id, alice, finder, evidence.announcement.proofHash, "false", BOND);
        assertEq(slashAs(finder, evidence), BOND, "the bond");
        assertEq(totalOf(alice), STAKE - BOND, "from the stake");
        assertEq(stakes.stakeOf(alice).locked, 0, "the lease's lock is gone");
        assertEq(due(finder), 30e18, "finder");
        assertEq(due(requester), 20e18, "harmed");
        assertEq(supply - token.totalSupply(), 50e18, "burned");
        assertTrue(stakes.isJailed(alice), "jailed");
        assertTrue(challenges.isSlashed(alice, id), "marked");
        assertState(id, IWindowManager.LeaseState.Revoked);
        // The job goes on, from the same parent.
        finishWindow(bob, jobId, 501);
        assertEq(rewards.claimable(address(pay), bob), PRICE, "bob was paid");
    }

    function test_row13_slash_onceForAnOperatorAndSubmission() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(id, aliceKey);
        findAs(finder, evidence);
        bytes memory again = abi.encodeWithSelector(IChallengeManager.AlreadySlashed.selector, alice, id);
        refuse(finder, evidence, again);
        // Nor for another lie about the same submission, by another finder, under another of its keys.
        evidence = evidenceOf(id, withWord(wordsAbout(id), 7, 9), falseProof(), aliceKey);
        commitAs(bob, evidence);
        refuse(bob, evidence, again);
        assertEq(totalOf(alice), STAKE - BOND, "once");
        // Somebody else's lie about it is another's fault; a lie about another submission, too.
        assertEq(findAs(finder, falseEvidence(id, bobKey)), BOND, "bob's");
        bytes32 next = leaseAs(carol, jobId);
        assertEq(findAs(finder, falseEvidence(next, aliceKey)), BOND, "alice's next");
    }

    /// Whoever announces a false proof answers for it, whether or not the lease is its own; the holder's lease stands.
    function test_row9_slash_aCopierSignsForItself() public {
        findAs(finder, falseEvidence(id, bobKey));
        assertEq(totalOf(bob), STAKE - BOND, "bob pays");
        assertEq(totalOf(alice), STAKE, "alice does not");
        submitAndSettleAs(alice, id, trained(501));
        assertEq(rewards.claimable(address(pay), alice), PRICE, "and is paid");
    }

    /// An announcement that is copied with its proof is true, whoever signs it; the copier cannot submit it either.
    function test_row9_copyOfATrueAnnouncement_slashesNobody() public {
        IChallengeManager.Evidence memory evidence = trueEvidence();
        evidence.announcement = announcementOf(id, evidence.statement, evidence.announcement.proofHash, bobKey);
        commitAs(finder, evidence);
        refuse(finder, evidence, abi.encodeWithSelector(IChallengeManager.EvidenceIsTrue.selector, id));
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.NotLeaseHolder.selector, id, alice, bob));
        windows.submitAndSettle(id, trained(501), evidence.proof, OPENING);
        vm.prank(alice);
        windows.submitAndSettle(id, trained(501), evidence.proof, OPENING);
    }

    function test_slash_whatAnOldHotKeySignedStaysAttributable() public {
        registerAs(alice, 0xa2);
        IChallengeManager.Evidence memory evidence = falseEvidence(id, aliceKey);
        vm.prank(alice);
        nodes.deregister();
        assertEq(findAs(finder, evidence), BOND, "slashed");
        assertEq(totalOf(alice), STAKE - BOND, "alice's");
    }

    function test_row13_slash_reachesUnbondingStake() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(id, aliceKey);
        vm.prank(alice);
        windows.release(id);
        vm.prank(alice);
        stakes.unbond(STAKE);
        assertEq(findAs(finder, evidence), BOND, "running away does not help");
        assertEq(stakes.stakeOf(alice).unbonding, STAKE - BOND, "from what unbonds");
    }

    /// Whatever an operator does from the lease on, its stake is there until the last block in which its lie can be shown.
    function test_row13_slash_reachesAStakeThatLeftAsEarlyAsItCould() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(id, aliceKey);
        commitAs(finder, evidence);
        vm.startPrank(alice);
        windows.release(id);
        stakes.unbond(STAKE);
        vm.stopPrank();
        vm.roll(windows.leaseOf(id).deadline + EVIDENCE);
        vm.prank(alice);
        vm.expectPartialRevert(IStakeManager.StillUnbonding.selector);
        stakes.withdraw();
        assertEq(slashAs(finder, evidence), BOND, "slashed in the last block");
    }

    function test_slash_capsAtTheStake() public {
        registerAs(stranger, 0x57);
        IChallengeManager.Evidence memory evidence = falseEvidence(id, 0x57);
        assertEq(findAs(finder, evidence), 0, "an unbonded liar has nothing to lose");
        stakeAs(stranger, 3);
        bytes32 other = leaseAs(bob, activeJob());
        assertEq(findAs(finder, falseEvidence(other, 0x57)), 3, "all that there is");
    }

    /// Whoever has everything locked owes what it cannot pay; its finder is paid when a bond returns, whoever asks for it then.
    function test_row13_slash_whatBondsHoldIsOwedAndCollected() public {
        vm.prank(alice);
        windows.release(id);
        bytes32 honest = leaseAs(alice, activeJob());
        vm.startPrank(alice);
        stakes.unbond(stakes.freeStake(alice));
        mine(UNBONDING);
        stakes.withdraw();
        vm.stopPrank();
        assertEq(totalOf(alice), LEASE_BOND, "all that there is, locked");
        bytes32 recent = leaseAs(bob, jobId);
        IChallengeManager.Evidence memory evidence = falseEvidence(recent, aliceKey);
        commitAs(finder, evidence);
        vm.expectEmit(address(challenges));
        emit IChallengeManager.DebtIncurred(recent, alice, finder, BOND);
        assertEq(slashAs(finder, evidence), 0, "nothing is free");
        assertEq(challenges.debtOf(alice, recent).amount, BOND, "owed");
        assertEq(challenges.debtOf(alice, recent).finder, finder, "to its finder");
        assertTrue(stakes.isJailed(alice), "jailed");
        refuseCollect(alice, recent);
        refuseCollect(bob, recent);
        refuseCollect(alice, honest);
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.UnknownSubmission.selector, bytes32(0)));
        challenges.collectDebt(alice, bytes32(0));
        windows.expire(honest);
        uint256 kept = totalOf(alice);
        vm.expectEmit(address(challenges));
        emit IChallengeManager.DebtCollected(recent, alice, finder, BOND);
        vm.prank(stranger);
        assertEq(challenges.collectDebt(alice, recent), BOND, "when its bond is back");
        assertEq(kept - totalOf(alice), BOND, "from its stake");
        assertEq(due(finder), 30e18, "the finder's part");
        assertEq(due(requester), 20e18, "the harmed's");
        assertEq(due(stranger), 0, "nothing for asking");
        assertEq(stakes.stakeOf(alice).debt, 0, "paid");
        refuseCollect(alice, recent);
    }

    function test_row13_slash_aDebtIsCollectedInParts() public {
        registerAs(stranger, 0x57);
        assertEq(findAs(finder, falseEvidence(id, 0x57)), 0, "it has nothing");
        stakeAs(stranger, 40e18);
        assertEq(challenges.collectDebt(stranger, id), 40e18, "what there is");
        assertEq(challenges.debtOf(stranger, id).amount, BOND - 40e18, "the rest is owed");
        refuseCollect(stranger, id);
        stakeAs(stranger, STAKE);
        assertEq(challenges.collectDebt(stranger, id), BOND - 40e18, "the rest");
        assertEq(totalOf(stranger), STAKE + 40e18 - BOND, "one bond in all");
        assertEq(due(finder), 30e18, "and one finder's part");
    }

    function refuseCollect(address operator, bytes32 submissionId) internal {
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.NothingToCollect.selector, operator, submissionId));
        challenges.collectDebt(operator, submissionId);
    }

    /// Finding one's own lie pays nothing: neither as the operator, nor through a hot key, old or new.
    function test_row14_row23c_selfSlash_burnsTheFindersPart() public {
        registerAs(alice, 0xa2);
        address[3] memory own = [alice, aliceHot, vm.addr(0xa2)];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 state = vm.snapshotState();
            uint256 supply = token.totalSupply();
            findAs(own[i], falseEvidence(id, aliceKey));
            assertEq(due(own[i]), 0, "nothing for the finder");
            assertEq(due(alice), 0, "nor for the operator");
            assertEq(due(requester), 20e18, "the job's part stays");
            assertEq(supply - token.totalSupply(), 80e18, "the rest is burned");
            assertEq(totalOf(alice), STAKE - BOND, "slashed all the same");
            vm.revertToState(state);
        }
        findAs(finder, falseEvidence(id, aliceKey));
        assertEq(due(finder), 30e18, "somebody else is paid");
    }

    function test_row9_row23c_commit_aCopierCannotShowAnothersEvidence() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(id, aliceKey);
        commitAs(finder, evidence);
        refuse(bob, evidence, abi.encodeWithSelector(IChallengeManager.NotCommitted.selector, commitmentOf(evidence, bob)));
        // It copies the commitment itself, which is of no use to it, and takes nothing from the finder.
        vm.prank(bob);
        challenges.commitEvidence(commitmentOf(evidence, finder));
        refuse(bob, evidence, abi.encodeWithSelector(IChallengeManager.NotCommitted.selector, commitmentOf(evidence, bob)));
        // It sees the evidence now and commits: a block too late, for the finder's is in this one.
        challenges.commitEvidence(commitmentOf(evidence, bob));
        refuse(bob, evidence, abi.encodeWithSelector(IChallengeManager.CommittedTooLate.selector, commitmentOf(evidence, bob), height()));
        slashAs(finder, evidence);
        assertEq(due(finder), 30e18, "the finder's");
        mine(1);
        refuse(bob, evidence, abi.encodeWithSelector(IChallengeManager.AlreadySlashed.selector, alice, id));
    }

    function test_row21_commit_toTheBlock() public {
        IChallengeManager.Evidence memory evidence = falseEvidence(id, aliceKey);
        bytes32 commitment = commitmentOf(evidence, finder);
        refuse(finder, evidence, abi.encodeWithSelector(IChallengeManager.NotCommitted.selector, commitment));
        vm.expectEmit(address(challenges));
        emit IChallengeManager.EvidenceCommitted(commitment, address(this));
        challenges.commitEvidence(commitment);
        uint256 first = height();
        refuse(finder, evidence, abi.encodeWithSelector(IChallengeManager.CommittedTooLate.selector, commitment, first));
        mine(1);
        // Somebody records it again: the first record counts, so nobody can be pushed back.
        vm.prank(bob);
        challenges.commitEvidence(commitment);
        assertEq(challenges.committedBlock(commitment), first, "unchanged");
        slashAs(finder, evidence);
    }

    function test_row23c_isCommitted_isOfThisEvidenceAlone() public {
        bytes32 a = keccak256("submission");
        bytes32 b = keccak256("statement");
        bytes32 c = keccak256("proof");
        assertTrue(!challenges.isCommitted(a, b, c, finder, SALT), "not yet");
        challenges.commitEvidence(Encodings.evidenceCommitment(a, b, c, finder, SALT));
        assertTrue(!challenges.isCommitted(a, b, c, finder, SALT), "not in this block");
        mine(1);
        assertTrue(challenges.isCommitted(a, b, c, finder, SALT), "from the next");
        assertTrue(!challenges.isCommitted(b, b, c, finder, SALT), "submission");
        assertTrue(!challenges.isCommitted(a, a, c, finder, SALT), "statement");
        assertTrue(!challenges.isCommitted(a, b, b, finder, SALT), "proof");
        assertTrue(!challenges.isCommitted(a, b, c, bob, SALT), "finder");
        assertTrue(!challenges.isCommitted(a, b, c, finder, c), "salt");
    }

    /// Evidence that differs from what was signed, in each of its parts.
    function test_row10_evidenceThatDiffersFromWhatWasSignedIsRefused() public {
        IChallengeManager.Evidence memory e = falseEvidence(id, aliceKey);
        commitAs(finder, e);
        for (uint256 i = 0; i < 8; ++i) {
            e.statement[i] += 1;
            refusePartly(finder, e, IChallengeManager.StatementMismatch.selector);
            e.statement[i] -= 1;
        }
        bytes memory proof = e.proof;
        e.proof = abi.encodePacked(proof, hex"00");
        refusePartly(finder, e, IChallengeManager.ProofMismatch.selector);
        e.proof = proof;
        e.opening = "other";
        refusePartly(finder, e, IChallengeManager.ProofMismatch.selector);
        e.opening = OPENING;
        e.salt = bytes32(0);
        refusePartly(finder, e, IChallengeManager.NotCommitted.selector);
        e.salt = SALT;
        slashAs(finder, e);
    }

    /// The finder may write what it likes into the announcement; then it is not what the hot key signed.
    function test_row10_evidenceWithAnotherSignatureIsRefused() public {
        IChallengeManager.Evidence memory e = falseEvidence(id, 0xdead);
        commitAs(finder, e);
        refuse(finder, e, abi.encodeWithSelector(IChallengeManager.UnknownSigner.selector, vm.addr(0xdead)));
        // A signature of another announcement recovers to nobody.
        e = falseEvidence(id, aliceKey);
        e.announcement.signature = trueEvidence().announcement.signature;
        refusePartly(finder, e, IChallengeManager.UnknownSigner.selector);
        e.announcement.signature = hex"1234";
        refusePartly(finder, e, bytes4(keccak256("ECDSAInvalidSignatureLength(uint256)")));
        // The same signature with the other s is a second one for the same words, and refused.
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(aliceKey, jobs.announcementDigest(id, e.announcement.statementHash, e.announcement.proofHash));
        uint256 n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        e.announcement.signature = abi.encodePacked(r, n - uint256(s), v == 27 ? uint8(28) : uint8(27));
        refusePartly(finder, e, bytes4(keccak256("ECDSAInvalidSignatureS(bytes32)")));
        e.announcement.signature = abi.encodePacked(r, s, v);
        slashAs(finder, e);
    }

    function test_row10_evidenceOfAnotherChainOrSubmissionIsRefused() public {
        IChallengeManager.Evidence memory e = falseEvidence(id, aliceKey);
        commitAs(finder, e);
        vm.chainId(1337);
        refusePartly(finder, e, IChallengeManager.ContextMismatch.selector);
        // Words of this chain, under the signature of the other one.
        IChallengeManager.Evidence memory here = falseEvidence(id, aliceKey);
        here.announcement.signature = e.announcement.signature;
        commitAs(finder, here);
        refusePartly(finder, here, IChallengeManager.UnknownSigner.selector);
        vm.chainId(31337);
        bytes32 never = Encodings.submissionId(address(jobs), jobId, 0, 0, 2);
        e.announcement.submissionId = never;
        refuse(finder, e, abi.encodeWithSelector(IChallengeManager.UnknownSubmission.selector, never));
        // Another submission of hers that there is: she has not signed that.
        bytes32 other = leaseAs(alice, activeJob());
        e.announcement.submissionId = other;
        commitAs(finder, e);
        refusePartly(finder, e, IChallengeManager.ContextMismatch.selector);
        here = falseEvidence(other, aliceKey);
        here.announcement.signature = e.announcement.signature;
        commitAs(finder, here);
        refusePartly(finder, here, IChallengeManager.UnknownSigner.selector);
        e.announcement.submissionId = id;
        slashAs(finder, e);
    }

    /// After a reorganisation a submission id can stand for a lease of another job, whose circuit refuses what an honest worker signed under the
    /// old one: the words name the lease that they are of.
    function test_evidence_ofAnotherLeasesStatement_neverSlashes() public {
        uint256[] memory words = windows.statementFor(id, trained(501));
        uint256 expected = words[0];
        bytes memory proof = boundProof(words);
        bytes32 elsewhere = leaseAs(bob, activeJob());
        uint256[3] memory others = [contextOf(elsewhere), 0, expected + 1];
        for (uint256 i = 0; i < 3; ++i) {
            IChallengeManager.Evidence memory e = evidenceOf(id, withWord(words, 0, others[i]), proof, aliceKey);
            commitAs(finder, e);
            refuse(finder, e, abi.encodeWithSelector(IChallengeManager.ContextMismatch.selector, expected, others[i]));
        }
        IChallengeManager.Evidence memory none = evidenceOf(id, new uint256[](0), proof, aliceKey);
        commitAs(finder, none);
        refuse(finder, none, abi.encodeWithSelector(IChallengeManager.ContextMismatch.selector, expected, 0));
        assertEq(totalOf(alice), STAKE, "untouched");
        // With its own context the same proof is a false one for any other word.
        assertEq(findAs(finder, evidenceOf(id, withWord(words, 7, 89), proof, aliceKey)), BOND, "slashed");
    }

    /// A lease that ended early can be shown to have been lied about as long as its time would have lasted, and then some.
    function test_row21_evidence_afterTheDeadline_toTheBlock() public {
        IChallengeManager.Evidence memory e = falseEvidence(id, aliceKey);
        commitAs(finder, e);
        submitAndSettleAs(alice, id, trained(501));
        uint256 lastBlock = uint256(windows.leaseOf(id).deadline) + EVIDENCE;
        vm.roll(lastBlock + 1);
        refuse(finder, e, abi.encodeWithSelector(IChallengeManager.EvidenceWindowOver.selector, id, lastBlock));
        vm.roll(lastBlock);
        slashAs(finder, e);
        assertEq(totalOf(alice), STAKE - BOND, "a lie is slashed even where a true proof followed");
        assertEq(rewards.claimable(address(pay), alice), PRICE, "what was proved stays paid");
    }

    function test_row21_evidence_afterALateEnd_toTheBlock() public {
        IChallengeManager.Evidence memory e = falseEvidence(id, aliceKey);
        commitAs(finder, e);
        mine(LEASE + 5);
        submitAndSettleAs(alice, id, trained(501));
        uint256 lastBlock = height() + EVIDENCE;
        assertTrue(lastBlock > uint256(windows.leaseOf(id).deadline) + EVIDENCE, "it ended after its deadline");
        vm.roll(lastBlock + 1);
        refuse(finder, e, abi.encodeWithSelector(IChallengeManager.EvidenceWindowOver.selector, id, lastBlock));
        vm.roll(lastBlock);
        slashAs(finder, e);
    }

    function test_evidenceThatIsTrueNeverSlashes() public {
        IChallengeManager.Evidence memory e = trueEvidence();
        commitAs(finder, e);
        bytes memory reason = abi.encodeWithSelector(IChallengeManager.EvidenceIsTrue.selector, id);
        refuse(finder, e, reason);
        // Nor after the state has moved on: it is judged against the signed statement.
        submitAndSettleAs(alice, id, trained(501));
        refuse(finder, e, reason);
        assertEq(totalOf(alice), STAKE, "untouched");
    }

    /// tests.md 7: a proof that burns all its gas is a false proof, and does not get in the way of the slash.
    function test_row7_aGasBurningProofIsSlashed() public {
        bytes1[6] memory kinds =
            [verifier.BURN(), verifier.REVERT(), verifier.BOMB(), verifier.TWO(), verifier.EMPTY(), verifier.LONG_TRUE()];
        uint256 state = vm.snapshotState();
        for (uint256 i = 0; i < 6; ++i) {
            IChallengeManager.Evidence memory e =
                evidenceOf(id, wordsAbout(id), abi.encodePacked(kinds[i], keccak256("nothing")), aliceKey);
            commitAs(finder, e);
            vm.prank(finder);
            assertEq(challenges.slashByEvidence{gas: 5_000_000}(e), BOND, "slashed under the cap");
            vm.revertToState(state);
            state = vm.snapshotState();
        }
    }

    /// A shortage of gas is never a verdict: an honest proof that needs nearly the whole cap is not slashed at any gas limit.
    function test_row7_aShortageOfGasNeverSlashes() public {
        uint256[] memory statement = windows.statementFor(id, trained(501));
        bytes memory honest = abi.encodePacked(verifier.HUNGRY(), keccak256(abi.encodePacked(circuitId, uint256(1), statement)));
        IChallengeManager.Evidence memory e = evidenceOf(id, statement, honest, aliceKey);
        commitAs(finder, e);
        bytes memory call = abi.encodeCall(challenges.slashByEvidence, (e));
        uint256 starved;
        uint256 refused;
        uint256 found;
        for (uint256 gas_ = 30_000; gas_ <= 5_000_000; gas_ += 35_000) {
            vm.prank(finder);
            (bool success, bytes memory returned) = address(challenges).call{gas: gas_}(call);
            assertTrue(!success, "never slashed");
            if (returned.length == 0) ++starved;
            else if (bytes4(returned) == IVerifierRouter.InsufficientGas.selector) ++refused;
            else if (bytes4(returned) == IChallengeManager.EvidenceIsTrue.selector) ++found;
            else revert("another error");
        }
        assertTrue(starved > 0 && refused > 50 && found > 5, "all three happened");
        assertEq(totalOf(alice), STAKE, "untouched");
    }

    function test_slash_afterCancelRefundsTheRequester() public {
        IChallengeManager.Evidence memory e = falseEvidence(id, aliceKey);
        commitAs(finder, e);
        vm.prank(requester);
        jobs.cancel(jobId);
        assertEq(rewards.claimable(address(pay), requester), 2 * PRICE, "one kept for the lease");
        slashAs(finder, e);
        assertEq(rewards.claimable(address(pay), requester), 3 * PRICE, "freed with the lease");
    }

    function test_slash_takesALapsedLeaseToo() public {
        IChallengeManager.Evidence memory e = falseEvidence(id, aliceKey);
        bytes memory late = proofFor(id, trained(501));
        mine(LEASE + 1);
        windows.expire(id);
        findAs(finder, e);
        assertState(id, IWindowManager.LeaseState.Revoked);
        vm.prank(alice);
        vm.expectPartialRevert(IWindowManager.WrongLeaseState.selector);
        windows.submitAndSettle(id, trained(501), late, OPENING);
        finishWindow(bob, jobId, 501);
    }

    function test_onlyTheWindowManagerMarksAndCloses() public {
        bytes memory reason = abi.encodeWithSelector(Wired.NotAllowed.selector, alice);
        vm.startPrank(alice);
        vm.expectRevert(reason);
        challenges.markSlashed(bob, id);
        vm.expectRevert(reason);
        challenges.closeDemand(id, alice);
        vm.stopPrank();
        vm.startPrank(address(windows));
        assertTrue(challenges.markSlashed(bob, id), "first");
        assertTrue(!challenges.markSlashed(bob, id), "not again");
        challenges.closeDemand(id, alice);
        vm.stopPrank();
        assertEq(challenges.owedTo(alice), 0, "nothing to close");
    }
}

contract ChallengeManagerStandingTest is ChallengeFixture {
    uint256 internal jobId;

    function setUp() public override {
        super.setUp();
        jobId = optimisticJob();
    }

    /// Evidence of the submission that stands rejects it, as settling it does: what is above is orphaned and not slashed.
    function test_evidenceOfTheStandingSubmissionRejectsItAsFalse() public {
        bytes32 low = submitFalseWindow(alice, jobId, 501);
        bytes32 high = submitWindow(bob, jobId, 502);
        assertEq(findAs(finder, standingEvidence(low, aliceKey)), BOND, "slashed");
        assertState(low, IWindowManager.LeaseState.Rejected);
        assertState(high, IWindowManager.LeaseState.Orphaned);
        assertTrue(!windows.submissionOf(low).withheld, "as false");
        assertEq(totalOf(alice), STAKE - BOND, "alice pays");
        assertEq(totalOf(bob), STAKE, "bob does not");
        assertEq(stakes.stakeOf(bob).locked, 0, "and has its bond back");
        assertEq(due(finder), 30e18, "finder");
        assertEq(due(requester), 10e18, "harmed");
        assertEq(due(bob), 10e18, "harmed");
        assertTrue(challenges.isSlashed(alice, low), "marked");
        assertEq(windows.progressOf(jobId).submitted, 0, "the window is open again");
    }

    /// Else an operator could slash itself before it submits or stands, and leave a false submission that nobody gains from finding.
    function test_row14_otherEvidenceTakesTheStandingSubmissionToo() public {
        bytes32 low = submitFalseWindow(alice, jobId, 501);
        bytes32 high = submitWindow(bob, jobId, 502);
        assertEq(findAs(aliceHot, falseEvidence(low, aliceKey)), BOND, "slashed");
        assertState(low, IWindowManager.LeaseState.Rejected);
        assertState(high, IWindowManager.LeaseState.Orphaned);
        assertTrue(windows.submissionOf(low).withheld, "not because its own proof was refused");
        assertEq(totalOf(alice), STAKE - BOND, "alice pays");
        assertEq(due(bob), 10e18, "and bob is compensated");
    }

    function test_evidenceWhileItIsProved_leavesItStanding() public {
        bytes32 first = submitWindow(alice, jobId, 501);
        bytes32 second = submitWindow(bob, jobId, 502);
        settleAs(bob, second);
        assertTrue(windows.submissionOf(second).proved, "proved, not in its turn");
        assertEq(findAs(finder, falseEvidence(second, bobKey)), BOND, "slashed");
        assertState(second, IWindowManager.LeaseState.Submitted);
        settleAs(alice, first);
        windows.finalize(jobId, 1);
        assertState(second, IWindowManager.LeaseState.Finalized);
        assertTrue(rewards.claimable(address(pay), bob) > 0, "and paid");
    }

    /// The bond of what is proved has nothing else to stand for: it does not shield its operator from its own fault.
    function test_row14_evidenceWhileItIsProved_takesItsBond() public {
        submitWindow(alice, jobId, 501);
        bytes32 second = submitWindow(bob, jobId, 502);
        settleAs(bob, second);
        vm.startPrank(bob);
        stakes.unbond(stakes.freeStake(bob));
        mine(stakes.unbondingBlocks());
        stakes.withdraw();
        vm.stopPrank();
        assertEq(totalOf(bob), BOND, "all that bob has is locked");
        assertEq(findAs(finder, falseEvidence(second, bobKey)), BOND, "slashed");
        assertEq(totalOf(bob), 0, "and nothing is left");
        assertEq(stakes.stakeOf(bob).locked, 0, "nothing stays locked");
        assertState(second, IWindowManager.LeaseState.Submitted);
        windows.finalize(jobId, 2);
        assertState(second, IWindowManager.LeaseState.Finalized);
    }

    function test_row9_aCopiersEvidenceLeavesTheStandingSubmission() public {
        bytes32 id = submitWindow(alice, jobId, 501);
        assertEq(findAs(finder, falseEvidence(id, bobKey)), BOND, "bob's");
        assertState(id, IWindowManager.LeaseState.Submitted);
        // Bob signs the very submission that stands: it is alice's all the same.
        bytes32 next = submitFalseWindow(alice, jobId, 502);
        assertEq(findAs(finder, standingEvidence(next, carolKey)), BOND, "carol's");
        assertState(next, IWindowManager.LeaseState.Submitted);
        assertEq(totalOf(alice), STAKE, "alice is not slashed by what others sign");
    }

    /// However long nobody finalizes it.
    function test_row21_evidence_alwaysWhileSubmitted() public {
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        mine(10_000);
        assertEq(findAs(finder, standingEvidence(id, aliceKey)), BOND, "slashed");
    }

    /// One that was rejected can still be shown another lie about, but never slashed again.
    function test_evidenceAfterARejection_isOver() public {
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        settleAs(stranger, id, falseProof());
        assertEq(totalOf(alice), STAKE - BOND, "once");
        IChallengeManager.Evidence memory e = falseEvidence(id, aliceKey);
        commitAs(finder, e);
        refuse(finder, e, abi.encodeWithSelector(IChallengeManager.AlreadySlashed.selector, alice, id));
    }

    /// The same submission, found in any two of the five ways, in any order: slashed by one bond.
    function test_row13_everyPairOfWays_slashesOnce() public {
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        demandAs(challenger, id);
        commitSubmittedAs(finder, id);
        commitAs(finder, falseEvidence(id, aliceKey));
        commitFirst(finder, announced(id, submittedStatement(id), aliceKey));
        mine(ANSWER + 1);
        uint256 state = vm.snapshotState();
        uint256 happened;
        for (uint256 pair = 0; pair < 25; ++pair) {
            assertTrue(take(pair / 5, id), "the first way slashes");
            assertEq(totalOf(alice), STAKE - BOND, "by the bond");
            assertTrue(!take(pair % 5, id), "the second is refused");
            assertEq(totalOf(alice), STAKE - BOND, "once");
            assertEq(due(finder) + due(challenger), 30e18, "one finder's part");
            ++happened;
            vm.revertToState(state);
            state = vm.snapshotState();
        }
        assertEq(happened, 25, "pairs");
    }

    function take(uint256 way, bytes32 id) internal returns (bool success) {
        bytes memory call;
        address target = address(challenges);
        uint256[] memory statement = submittedStatement(id);
        if (way == 0) call = abi.encodeCall(challenges.slashByEvidence, (standingEvidence(id, aliceKey)));
        if (way == 1) call = abi.encodeCall(challenges.slashByEvidence, (falseEvidence(id, aliceKey)));
        if (way == 2) {
            uint256[] memory other = withWord(statement, 2, 999);
            call = abi.encodeCall(
                challenges.slashByEquivocation,
                (announced(id, statement, aliceKey), statement, announced(id, other, aliceKey), other, SALT)
            );
        }
        if (way == 3) {
            target = address(windows);
            call = abi.encodeCall(windows.settle, (id, statement, falseProof(), OPENING, SALT));
        }
        if (way == 4) call = abi.encodeCall(challenges.slashWithheld, (id));
        vm.prank(finder);
        (success,) = target.call(call);
    }

    /// Whoever is operator, finder, challenger and requester at once, in whichever way: half of the bond is gone at least.
    function test_row14_selfSlash_losesHalfAtLeast() public {
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        demandAs(challenger, id);
        commitSubmittedAs(finder, id);
        commitAs(finder, falseEvidence(id, aliceKey));
        commitFirst(finder, announced(id, submittedStatement(id), aliceKey));
        submitWindow(bob, jobId, 502);
        submitWindow(carol, jobId, 503);
        mine(ANSWER + 1);
        uint256 state = vm.snapshotState();
        for (uint256 way = 0; way < 5; ++way) {
            uint256 supply = token.totalSupply();
            assertTrue(take(way, id), "slashed");
            uint256 back = due(finder) + due(challenger) + due(requester) + due(bob) + due(carol);
            assertAtMost(back, BOND / 2, "at most half comes back to all of them together");
            assertEq(supply - token.totalSupply() + back, BOND, "and the rest is burned");
            vm.revertToState(state);
            state = vm.snapshotState();
        }
    }

    /// A settlement without the evidence having been committed, and one by the operator itself, burns the finder's part.
    function test_row23c_settle_theFindersPart() public {
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        address[3] memory settlers = [stranger, aliceHot, finder];
        commitSubmittedAs(aliceHot, id);
        commitSubmittedAs(finder, id);
        uint256 state = vm.snapshotState();
        for (uint256 i = 0; i < 3; ++i) {
            uint256 supply = token.totalSupply();
            settleAs(settlers[i], id, falseProof());
            assertEq(due(settlers[i]), i == 2 ? 30e18 : 0, "only who committed it and is somebody else");
            assertEq(due(requester), 20e18, "the job's part stays");
            assertEq(supply - token.totalSupply(), i == 2 ? 50e18 : 80e18, "the rest is burned");
            assertEq(totalOf(alice), STAKE - BOND, "slashed");
            vm.revertToState(state);
            state = vm.snapshotState();
        }
    }

    /// Somebody who copies the finder's settlement from the mempool and is first wins nothing by it.
    function test_row23c_settle_copiedFromTheMempool() public {
        bytes32 id = submitFalseWindow(alice, jobId, 501);
        commitSubmittedAs(finder, id);
        // The copier commits in the block in which it sees the settlement, and settles in the same.
        challenges.commitEvidence(
            Encodings.evidenceCommitment(
                id, windows.submissionOf(id).statementHash, windows.submissionOf(id).proofHash, bob, SALT
            )
        );
        settleAs(bob, id, falseProof());
        assertEq(due(bob), 0, "nothing for the copier");
    }
}

contract ChallengeManagerEquivocationTest is ChallengeFixture {
    uint256 internal jobId;
    bytes32 internal id;
    uint256[] internal words;

    function setUp() public override {
        super.setUp();
        jobId = optimisticJob();
        id = leaseAs(alice, jobId);
        words = windows.statementFor(id, trained(501));
    }

    /// Word by word: only another child or another loss is another result.
    function test_everyWordOfAWindow() public {
        uint256 state = vm.snapshotState();
        uint256 slashedTimes;
        for (uint256 i = 0; i < 8; ++i) {
            (bool success, bytes memory returned) = equivocate(id, words, withWord(words, i, words[i] + 1), aliceKey);
            if (i == 2 || i == 7) {
                assertTrue(success, "another result");
                assertEq(abi.decode(returned, (uint256)), BOND, "the bond");
                assertEq(totalOf(alice), STAKE - BOND, "alice's");
                assertEq(due(requester), 20e18, "harmed");
                assertEq(due(finder), 30e18, "to the finder");
                assertState(id, IWindowManager.LeaseState.Revoked);
                ++slashedTimes;
            } else {
                assertRefused(success, returned, abi.encodeWithSelector(IChallengeManager.NoEquivocation.selector, id));
            }
            vm.revertToState(state);
            state = vm.snapshotState();
        }
        assertEq(slashedTimes, 2, "child and loss");
    }

    function test_honestReproofWithAnotherMask_neverIs() public {
        (bool success, bytes memory returned) = equivocate(id, words, withWord(words, 3, 12345), aliceKey);
        assertRefused(success, returned, abi.encodeWithSelector(IChallengeManager.NoEquivocation.selector, id));
        (success, returned) = equivocate(id, words, words, aliceKey);
        assertRefused(success, returned, abi.encodeWithSelector(IChallengeManager.NoEquivocation.selector, id));
        // The mask does not hide another child.
        (success,) = equivocate(id, words, withWord(withWord(words, 3, 12345), 2, 502), aliceKey);
        assertTrue(success, "slashed");
    }

    /// After a reorganisation one submission id can stand for another parent or seed: an honest worker's results then differ, and it
    /// has signed both.
    function testFuzz_anotherQuestion_neverIs(uint8 index, uint256 value, uint256 child, uint256 loss) public {
        uint256[5] memory given = [uint256(0), 1, 4, 5, 6];
        uint256 at = given[index % 5];
        vm.assume(value != words[at]);
        uint256[] memory other = withWord(withWord(withWord(words, 2, child), 7, loss), at, value);
        (bool success, bytes memory returned) = equivocate(id, words, other, aliceKey);
        assertRefused(success, returned, abi.encodeWithSelector(IChallengeManager.NoEquivocation.selector, id));
        assertEq(totalOf(alice), STAKE, "untouched");
    }

    /// Two results that were signed under the lease of another job: hidden weights there, perhaps, whose children are blinded anew each time.
    function test_bothUnderAnotherLeasesContext_neverAre() public {
        uint256 expected = words[0];
        uint256[] memory old = withWord(words, 0, contextOf(leaseAs(bob, activeJob())));
        (bool success, bytes memory returned) = equivocate(id, old, withWord(old, 2, 502), aliceKey);
        assertRefused(success, returned, abi.encodeWithSelector(IChallengeManager.ContextMismatch.selector, expected, old[0]));
        (success,) = equivocate(id, words, withWord(words, 2, 502), aliceKey);
        assertTrue(success, "under its own they are");
    }

    function test_statementsOfAnotherLength_neverAre() public {
        uint256[] memory longer = new uint256[](9);
        for (uint256 i = 0; i < 8; ++i) longer[i] = words[i];
        bytes memory reason = abi.encodeWithSelector(IChallengeManager.NoEquivocation.selector, id);
        (bool success, bytes memory returned) = equivocate(id, words, longer, aliceKey);
        assertRefused(success, returned, reason);
        (success, returned) = equivocate(id, longer, withWord(longer, 2, 1), aliceKey);
        assertRefused(success, returned, reason);
    }

    function test_everyPartOfTheEvidence() public {
        uint256[] memory other = withWord(words, 2, 502);
        IChallengeManager.Announcement memory first = announced(id, words, aliceKey);
        IChallengeManager.Announcement memory second = announced(id, other, aliceKey);
        bytes memory none = abi.encodeWithSelector(IChallengeManager.NoEquivocation.selector, id);
        bytes32 commitment = Encodings.evidenceCommitment(id, first.statementHash, first.proofHash, finder, SALT);
        show(first, words, second, other, abi.encodeWithSelector(IChallengeManager.NotCommitted.selector, commitment));
        challenges.commitEvidence(commitment);
        show(first, words, second, other, abi.encodeWithSelector(IChallengeManager.CommittedTooLate.selector, commitment, height()));
        mine(1);
        // Committed as evidence of the first announcement alone.
        bytes32 swapped = Encodings.evidenceCommitment(id, second.statementHash, second.proofHash, finder, SALT);
        show(second, other, first, words, abi.encodeWithSelector(IChallengeManager.NotCommitted.selector, swapped));
        show(
            first, other, second, other,
            abi.encodeWithSelector(IChallengeManager.StatementMismatch.selector, first.statementHash, second.statementHash)
        );
        show(
            first, words, second, words,
            abi.encodeWithSelector(IChallengeManager.StatementMismatch.selector, second.statementHash, first.statementHash)
        );
        show(first, words, announced(id, other, bobKey), other, none);
        show(
            first, words, announced(id, other, 0xdead), other,
            abi.encodeWithSelector(IChallengeManager.UnknownSigner.selector, vm.addr(0xdead))
        );
        bytes32 elsewhere = leaseAs(alice, activeJob());
        show(first, words, announced(elsewhere, other, aliceKey), other, none);
        vm.prank(finder);
        assertEq(challenges.slashByEquivocation(first, words, second, other, SALT), BOND, "and this is");
        show(first, words, second, other, abi.encodeWithSelector(IChallengeManager.AlreadySlashed.selector, alice, id));
    }

    function show(
        IChallengeManager.Announcement memory first,
        uint256[] memory firstStatement,
        IChallengeManager.Announcement memory second,
        uint256[] memory secondStatement,
        bytes memory reason
    ) internal {
        vm.prank(finder);
        vm.expectRevert(reason);
        challenges.slashByEquivocation(first, firstStatement, second, secondStatement, SALT);
    }

    function test_twoKeysOfOneOperator_areOneOperator() public {
        registerAs(alice, 0xa2);
        uint256[] memory other = withWord(words, 2, 502);
        IChallengeManager.Announcement memory first = announced(id, words, aliceKey);
        IChallengeManager.Announcement memory second = announced(id, other, 0xa2);
        commitFirst(finder, first);
        vm.prank(finder);
        assertEq(challenges.slashByEquivocation(first, words, second, other, SALT), BOND, "slashed");
    }

    function test_anUnknownSubmission() public {
        bytes32 never = keccak256("never");
        IChallengeManager.Announcement memory first;
        first.submissionId = never;
        show(first, words, first, words, abi.encodeWithSelector(IChallengeManager.UnknownSubmission.selector, never));
    }

    function test_row21_untilTheSameBlockAsEvidence() public {
        uint256[] memory other = withWord(words, 2, 502);
        IChallengeManager.Announcement memory first = announced(id, words, aliceKey);
        commitFirst(finder, first);
        vm.prank(alice);
        windows.release(id);
        uint256 lastBlock = uint256(windows.leaseOf(id).deadline) + EVIDENCE;
        vm.roll(lastBlock + 1);
        IChallengeManager.Announcement memory second = announced(id, other, aliceKey);
        show(first, words, second, other, abi.encodeWithSelector(IChallengeManager.EvidenceWindowOver.selector, id, lastBlock));
        vm.roll(lastBlock);
        vm.prank(finder);
        challenges.slashByEquivocation(first, words, second, other, SALT);
        assertEq(totalOf(alice), STAKE - BOND, "slashed");
    }

    function test_theStandingSubmissionIsRejectedAsWithheld_aProvedOneStays() public {
        submitAs(alice, id, trained(501), proofFor(id, trained(501)));
        uint256 state = vm.snapshotState();
        (bool success,) = equivocate(id, words, withWord(words, 2, 502), aliceKey);
        assertTrue(success, "slashed");
        assertState(id, IWindowManager.LeaseState.Rejected);
        assertTrue(windows.submissionOf(id).withheld, "its proof was not refused");
        vm.revertToState(state);
        settleAs(bob, id);
        (success,) = equivocate(id, words, withWord(words, 2, 502), aliceKey);
        assertTrue(success, "slashed");
        assertState(id, IWindowManager.LeaseState.Finalized);
        assertEq(totalOf(alice), STAKE - BOND, "slashed, and the proved window stays");
    }

    function test_everyWordOfAnAnswer() public {
        uint256 asked = openWith(optimisticAskTerms(address(pay), false));
        addInputs(asked, 3);
        bytes32 answer = leaseAs(alice, asked);
        uint256[] memory said = windows.statementFor(answer, answered(3, 4));
        assertEq(said.length, 6, "context, checkpoint, mask, input, two outputs");
        uint256 state = vm.snapshotState();
        uint256 slashedTimes;
        for (uint256 i = 0; i < 6; ++i) {
            (bool success, bytes memory returned) = equivocate(answer, said, withWord(said, i, said[i] + 1), aliceKey);
            if (success) ++slashedTimes;
            else assertRefused(success, returned, abi.encodeWithSelector(IChallengeManager.NoEquivocation.selector, answer));
            assertTrue(success == (i >= 4), "another output, and nothing else");
            vm.revertToState(state);
            state = vm.snapshotState();
        }
        assertEq(slashedTimes, 2, "outputs");
    }

    /// Children of hidden weights are blinded anew with each proof: two of them are no fault.
    function test_hiddenWeights_neverAre() public {
        uint256 owned = activeWith(hidden(optimisticTermsFor(address(pay))));
        bytes32 own = leaseAs(alice, owned);
        uint256[] memory said = windows.statementFor(own, trained(501));
        (bool success, bytes memory returned) = equivocate(own, said, withWord(said, 2, 502), aliceKey);
        assertRefused(success, returned, abi.encodeWithSelector(IChallengeManager.NoEquivocation.selector, own));
    }
}

contract ChallengeManagerDemandTest is ChallengeFixture {
    uint256 internal jobId;

    function setUp() public override {
        super.setUp();
        jobId = optimisticJob();
    }

    function notDemandable(bytes32 id) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IChallengeManager.NotDemandable.selector, id);
    }

    function test_demand_costsThreeTimesTheGas() public {
        assertEq(challenges.demandBond(), BOND_GAS * 8 gwei, "base fee of 7 gwei and one of priority");
        vm.fee(0);
        assertEq(challenges.demandBond(), BOND_GAS * 1 gwei, "never nothing");
        vm.fee(1_000 gwei);
        assertEq(challenges.demandBond(), BOND_GAS * 1_001 gwei, "follows the base fee");
    }

    function test_demand_isRecorded_andWhatIsAboveTheBondStaysTheSenders() public {
        bytes32 id = submitWindow(alice, jobId, 501);
        uint256 bond = challenges.demandBond();
        refuseDemand(id, bond - 1, abi.encodeWithSelector(IChallengeManager.DemandBondTooSmall.selector, bond - 1, bond));
        vm.expectEmit(address(challenges));
        emit IChallengeManager.ProofDemanded(id, challenger, bond, height() + ANSWER);
        vm.prank(challenger);
        challenges.demand{value: bond + 5}(id);
        IChallengeManager.Demand memory made = challenges.demandOf(id);
        assertEq(made.challenger, challenger, "challenger");
        assertEq(made.bond, bond, "bond");
        assertEq(made.deadline, height() + ANSWER, "deadline");
        assertTrue(made.open, "open");
        assertEq(challenges.owedTo(challenger), 5, "what was too much");
        refuseDemand(id, bond, abi.encodeWithSelector(IChallengeManager.AlreadyDemanded.selector, id));
        // Nor once it has been answered.
        settleAs(bob, id);
        refuseDemand(id, bond, notDemandable(id));
    }

    function test_demand_onlyOfWhatSilenceCouldMakeFinal() public {
        uint256 bond = challenges.demandBond();
        bytes32 never = keccak256("never");
        refuseDemand(never, bond, abi.encodeWithSelector(IChallengeManager.UnknownSubmission.selector, never));
        bytes32 id = leaseAs(alice, jobId);
        refuseDemand(id, bond, notDemandable(id));
        submitAs(alice, id, trained(501), proofFor(id, trained(501)));
        bytes32 proved = submitWindow(bob, jobId, 502);
        settleAs(bob, proved);
        refuseDemand(proved, bond, notDemandable(proved));
        bytes32 doomed = submitFalseWindow(carol, jobId, 503);
        settleAs(stranger, doomed, falseProof());
        refuseDemand(doomed, bond, notDemandable(doomed));
        uint256 state = vm.snapshotState();
        demandAs(challenger, id);
        vm.revertToState(state);
        settleAs(alice, id);
        refuseDemand(id, bond, notDemandable(id));
        // Settled at once, and eager jobs: there never is a silence.
        bytes32 atOnce = finishWindow(bob, activeJob(), 501);
        refuseDemand(atOnce, bond, notDemandable(atOnce));
        assertEq(address(challenges).balance, 0, "refused demands cost nothing");
    }

    function test_row21_demand_inTheLastBlockOfSilence() public {
        bytes32 id = submitWindow(alice, jobId, 501);
        uint256 last = height() + SILENCE;
        uint256 bond = challenges.demandBond();
        vm.roll(last + 1);
        refuseDemand(id, bond, notDemandable(id));
        vm.roll(last);
        vm.expectPartialRevert(IWindowManager.NotFinalYet.selector);
        windows.finalize(jobId, 1);
        demandAs(challenger, id);
        // Silence is over, and finality waits for the answer.
        vm.roll(last + 1);
        vm.expectRevert(abi.encodeWithSelector(IWindowManager.ProofDemanded.selector, id));
        windows.finalize(jobId, 1);
        vm.roll(last + ANSWER);
        settleAs(alice, id);
        assertState(id, IWindowManager.LeaseState.Finalized);
        assertEq(challenges.owedTo(alice), bond, "and it earns from the demand");
    }

    /// An answer that comes late counts until somebody has slashed for it: what was asked for is there.
    function test_row21_answer_afterTheDeadline() public {
        bytes32 id = submitWindow(alice, jobId, 501);
        uint256 bond = demandAs(challenger, id);
        mine(ANSWER + 1);
        uint256 state = vm.snapshotState();
        settleAs(alice, id);
        assertState(id, IWindowManager.LeaseState.Finalized);
        assertEq(challenges.owedTo(alice), bond, "the poster's");
        vm.revertToState(state);
        challenges.slashWithheld(id);
        uint256[] memory statement = submittedStatement(id);
        bytes memory proof = submittedProof(id);
        vm.expectPartialRevert(IWindowManager.WrongLeaseState.selector);
        windows.settle(id, statement, proof, OPENING, SALT);
    }

    /// Without a demand the same block makes it final.
    function test_row21_silence_toTheBlock() public {
        bytes32 id = submitWindow(alice, jobId, 501);
        uint256 last = height() + SILENCE;
        vm.roll(last);
        vm.expectPartialRevert(IWindowManager.NotFinalYet.selector);
        windows.finalize(jobId, 1);
        vm.roll(last + 1);
        windows.finalize(jobId, 1);
        assertState(id, IWindowManager.LeaseState.Finalized);
    }

    function test_row11_withheld_isChallenged_thenSlashed() public {
        bytes32 id = submitWindow(alice, jobId, 501);
        bytes32 high = submitWindow(bob, jobId, 502);
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.NoDemand.selector, id));
        challenges.slashWithheld(id);
        uint256 bond = demandAs(challenger, id);
        uint256 deadline = height() + ANSWER;
        vm.roll(deadline);
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.DemandNotOverdue.selector, id, deadline));
        challenges.slashWithheld(id);
        vm.roll(deadline + 1);
        bytes32 proofHash = windows.submissionOf(id).proofHash;
        vm.expectEmit(address(challenges));
        emit IChallengeManager.OperatorSlashed(id, alice, challenger, proofHash, "withheld", BOND);
        vm.prank(stranger);
        assertEq(challenges.slashWithheld(id), BOND, "by anyone");
        assertEq(totalOf(alice), STAKE - BOND, "slashed");
        assertEq(due(challenger), 30e18, "the challenger is the finder");
        assertEq(due(stranger), 0, "not who sent it");
        assertEq(challenges.owedTo(challenger), bond, "and has its bond back");
        assertState(id, IWindowManager.LeaseState.Rejected);
        assertTrue(windows.submissionOf(id).withheld, "withheld");
        assertState(high, IWindowManager.LeaseState.Orphaned);
        assertEq(totalOf(bob), STAKE, "who built on it is not slashed");
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.NoDemand.selector, id));
        challenges.slashWithheld(id);
        vm.prank(challenger);
        assertEq(challenges.withdraw(), bond, "paid out");
        assertEq(challenger.balance, 100e18, "all of it");
        // The window is worked on again.
        bytes32 again = submitWindow(bob, jobId, 501);
        settleAs(bob, again);
        assertState(again, IWindowManager.LeaseState.Finalized);
    }

    /// Asked in whatever block of its silence, answering in whatever block of its time, by itself or by anybody who has the bytes.
    function testFuzz_row11_anHonestServerIsNeverSlashed_andEarns(uint8 asked, uint8 answeredAt, uint8 by) public {
        bytes32 id = submitWindow(alice, jobId, 501);
        mine(bound(asked, 0, SILENCE));
        uint256 bond = demandAs(challenger, id);
        mine(bound(answeredAt, 0, ANSWER));
        vm.prank(stranger);
        vm.expectPartialRevert(IChallengeManager.DemandNotOverdue.selector);
        challenges.slashWithheld(id);
        address poster = [alice, aliceHot, bob, challenger][by % 4];
        vm.expectEmit(address(challenges));
        emit IChallengeManager.DemandClosed(id, poster, bond);
        settleAs(poster, id);
        assertEq(challenges.owedTo(poster), bond, "whoever posts it has the bond");
        assertTrue(!challenges.demandOf(id).open, "closed");
        assertState(id, IWindowManager.LeaseState.Finalized);
        mine(ANSWER + 1);
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.NoDemand.selector, id));
        challenges.slashWithheld(id);
        assertEq(totalOf(alice), STAKE, "never slashed");
        uint256 before = poster.balance;
        vm.expectEmit(address(challenges));
        emit IChallengeManager.Withdrawn(poster, bond);
        vm.prank(poster);
        challenges.withdraw();
        assertEq(poster.balance - before, bond, "paid out");
        assertEq(address(challenges).balance, 0, "nothing stays");
    }

    /// The dearest proof that the router accepts, of a unit whose price is shared and whose fee is burned, costs less to post than half
    /// of what its challenger loses.
    function test_row12_aFalseChallengeCostsMoreThanTheDefence() public {
        IJobManager.JobTerms memory terms = optimisticTermsFor(address(pay));
        (terms.fee, terms.licensorBps, terms.treasuryBps, terms.treasury) = (FEE, 500, 500, address(0x8001));
        bytes32 id = leaseAs(alice, activeWith(terms));
        uint256[] memory statement = windows.statementFor(id, trained(501));
        bytes memory proof = abi.encodePacked(verifier.HUNGRY(), keccak256(abi.encodePacked(circuitId, uint256(1), statement)));
        submitAs(alice, id, trained(501), proof);
        uint256 bond = demandAs(challenger, id);
        address[9] memory cold = [
            set.token, set.rewardDistributor, set.stakeManager, set.reputationRegistry, set.tokenEmission, set.challengeManager,
            set.windowManager, set.jobManager, set.modelRegistry
        ];
        for (uint256 i = 0; i < 9; ++i) vm.cool(cold[i]);
        vm.prank(alice);
        uint256 used = gasleft();
        windows.settle(id, statement, proof, OPENING, SALT);
        used -= gasleft();
        assertTrue(used > 3_900_000, "it was a dear one");
        // The transaction's own cost and 36 kB of calldata, more than the largest circuit's proof and opening have.
        used += 21_000 + 36_000 * 16;
        assertAtMost(2 * used, BOND_GAS, "twice over");
        assertEq(challenges.owedTo(alice), bond, "which is the poster's");
        assertTrue(bond >= 2 * used * (7 gwei + 1 gwei), "in wei, at the price of the block");
    }

    /// Any number of challengers can ask once together: the last block of silence and one time to answer bound what they delay.
    function test_row12_finalityDoesNotWaitForTheNumberOfChallengers() public {
        bytes32[3] memory ids;
        uint256 first = height();
        for (uint256 i = 0; i < 3; ++i) ids[i] = submitWindow(i % 2 == 0 ? alice : bob, jobId, 501 + i);
        vm.roll(first + SILENCE);
        uint256 refused;
        uint256 bond = challenges.demandBond();
        for (uint256 i = 0; i < 3; ++i) {
            demandAs(challenger, ids[i]);
            for (uint160 k = 1; k <= 10; ++k) {
                vm.deal(address(k), bond);
                vm.prank(address(k));
                vm.expectRevert(abi.encodeWithSelector(IChallengeManager.AlreadyDemanded.selector, ids[i]));
                challenges.demand{value: bond}(ids[i]);
                ++refused;
            }
        }
        assertEq(refused, 30, "ten more challengers a submission");
        vm.roll(first + SILENCE + ANSWER);
        for (uint256 i = 0; i < 3; ++i) {
            settleAs(alice, ids[i]);
            assertState(ids[i], IWindowManager.LeaseState.Finalized);
        }
        assertEq(challenges.owedTo(alice), 3 * bond, "each false challenge pays");
        assertEq(uint256(jobs.jobOf(jobId).state), uint256(IJobManager.JobState.Completed), "all final");
    }

    /// However a submission ends, its demand's bond is somebody's, and this contract holds what it owes.
    function test_aDemandsBondIsNeverStuck() public {
        bytes32 low = submitFalseWindow(alice, jobId, 501);
        bytes32 high = submitWindow(bob, jobId, 502);
        uint256 bond = demandAs(challenger, low);
        demandAs(finder, high);
        commitSubmittedAs(finder, low);
        commitAs(finder, falseEvidence(low, aliceKey));
        commitFirst(finder, announced(low, submittedStatement(low), aliceKey));
        mine(ANSWER + 1);
        uint256 state = vm.snapshotState();
        for (uint256 way = 0; way < 5; ++way) {
            end(way, low);
            assertTrue(!challenges.demandOf(low).open && !challenges.demandOf(high).open, "both are closed");
            assertEq(challenges.owedTo(challenger), bond, "the rejected one's challenger");
            assertEq(challenges.owedTo(finder), bond, "the orphaned one's");
            vm.prank(challenger);
            challenges.withdraw();
            vm.prank(finder);
            challenges.withdraw();
            assertEq(address(challenges).balance, 0, "nothing stays");
            vm.revertToState(state);
            state = vm.snapshotState();
        }
        // And from above: what is below goes on.
        settleAs(bob, high);
        assertEq(challenges.owedTo(bob), bond, "the poster of a true one");
        assertTrue(challenges.demandOf(low).open, "the other is still asked for");
    }

    function end(uint256 way, bytes32 id) internal {
        if (way == 0) settleAs(stranger, id, falseProof());
        if (way == 1) slashAs(finder, standingEvidence(id, aliceKey));
        if (way == 2) slashAs(finder, falseEvidence(id, aliceKey));
        if (way == 3) {
            uint256[] memory words = submittedStatement(id);
            uint256[] memory other = withWord(words, 7, 1);
            IChallengeManager.Announcement memory first = announced(id, words, aliceKey);
            IChallengeManager.Announcement memory second = announced(id, other, aliceKey);
            vm.prank(finder);
            challenges.slashByEquivocation(first, words, second, other, SALT);
        }
        if (way == 4) challenges.slashWithheld(id);
    }

    /// A requester that pauses or cancels in the middle of it neither spares a liar nor robs who serves.
    function test_row23b_pauseAndCancelInMidDemand() public {
        bytes32 honest = submitWindow(alice, jobId, 501);
        bytes32 withheld = submitWindow(bob, jobId, 502);
        demandAs(challenger, honest);
        demandAs(challenger, withheld);
        vm.startPrank(requester);
        jobs.pause(jobId);
        jobs.cancel(jobId);
        vm.stopPrank();
        settleAs(alice, honest);
        assertState(honest, IWindowManager.LeaseState.Finalized);
        assertTrue(rewards.claimable(address(pay), alice) > 0, "paid");
        mine(ANSWER + 1);
        challenges.slashWithheld(withheld);
        assertEq(totalOf(bob), STAKE - BOND, "slashed");
        assertEq(totalOf(alice), STAKE, "not slashed");
    }

    /// A requester that withholds data or the genesis harms no honest worker: it gives its lease back, free of charge.
    function test_row23b_withheldData_costsAWorkerNothing() public {
        bytes32 id = leaseAs(alice, jobId);
        mine(4);
        vm.prank(alice);
        windows.release(id);
        assertEq(totalOf(alice), STAKE, "nothing is lost");
        assertEq(stakes.stakeOf(alice).locked, 0, "nor held");
        assertTrue(!stakes.isJailed(alice), "nor jailed");
        // One block later it would have been a lapse: the release is what saved it.
        id = leaseAs(alice, jobId);
        mine(5);
        vm.prank(alice);
        vm.expectPartialRevert(IWindowManager.ReleaseTooLate.selector);
        windows.release(id);
    }

    function test_row15_withdraw_hostileReceivers() public {
        HostileReceiver receiver = HostileReceiver(payable(deploy("Tokens.sol:HostileReceiver", "")));
        vm.deal(address(receiver), 10e18);
        bytes32 id = submitWindow(alice, jobId, 501);
        uint256 bond = demandThrough(receiver, id);
        bytes32 other = submitWindow(bob, jobId, 502);
        demandAs(challenger, other);
        mine(ANSWER + 1);
        challenges.slashWithheld(id);
        assertEq(address(challenges).balance, 2 * bond, "its own, and another's");
        bytes memory call = abi.encodeCall(challenges.withdraw, ());
        receiver.setMode(receiver.REFUSE(), "");
        (bool success, bytes memory returned) = receiver.forward(address(challenges), 0, call);
        assertRefused(success, returned, abi.encodeWithSelector(IChallengeManager.TransferFailed.selector, address(receiver)));
        receiver.setMode(receiver.BURN(), "");
        (success,) = receiver.forward{gas: 1_000_000}(address(challenges), 0, call);
        assertTrue(!success, "it burns its own gas");
        assertEq(challenges.owedTo(address(receiver)), bond, "still owed");
        // It comes back in the middle of it: for the same, for a demand, for evidence.
        receiver.setMode(receiver.CALL_BACK(), call);
        uint256 before = address(receiver).balance;
        (success,) = receiver.forward(address(challenges), 0, call);
        assertTrue(success, "paid");
        assertEq(receiver.attempts(), 1, "it tried");
        assertEq(receiver.successes(), 0, "and got nothing");
        assertEq(address(receiver).balance - before, bond, "once");
        assertEq(
            keccak256(receiver.lastError()),
            keccak256(abi.encodeWithSelector(IChallengeManager.NothingToWithdraw.selector, address(receiver))),
            "nothing more is owed"
        );
        vm.prank(challenger);
        challenges.withdraw();
        assertEq(address(challenges).balance, 0, "the other's bond was there");
    }

    function demandThrough(HostileReceiver receiver, bytes32 id) internal returns (uint256 bond) {
        bond = challenges.demandBond();
        (bool success,) = receiver.forward(address(challenges), bond, abi.encodeCall(challenges.demand, (id)));
        assertTrue(success, "demanded");
    }

    function test_row15_withdraw_aLongAnswerIsTheReceiversOwnCost() public {
        HostileReceiver receiver = HostileReceiver(payable(deploy("Tokens.sol:HostileReceiver", "")));
        vm.deal(address(receiver), 10e18);
        bytes32 id = submitWindow(alice, jobId, 501);
        uint256 bond = demandThrough(receiver, id);
        mine(ANSWER + 1);
        // A challenger of any kind does not get in the way of the slash: it is paid by its own hand only.
        receiver.setMode(receiver.REFUSE(), "");
        assertEq(challenges.slashWithheld(id), BOND, "slashed");
        receiver.setMode(receiver.BOMB(), "");
        (bool success,) = receiver.forward(address(challenges), 0, abi.encodeCall(challenges.withdraw, ()));
        assertTrue(success, "paid");
        assertEq(challenges.owedTo(address(receiver)), 0, "once");
        assertEq(address(receiver).balance, 10e18, "all of it");
        assertTrue(bond > 0, "it was something");
    }

    function test_withdraw_nothing() public {
        vm.expectRevert(abi.encodeWithSelector(IChallengeManager.NothingToWithdraw.selector, address(this)));
        challenges.withdraw();
        (bool success,) = address(challenges).call{value: 1}("");
        assertTrue(!success, "and takes nothing that it would not owe");
    }
}
