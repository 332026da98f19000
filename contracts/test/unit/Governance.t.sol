// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {AssayGovernor} from "../../src/AssayGovernor.sol";
import {CircuitNames} from "../../src/CircuitNames.sol";
import {Wired} from "../../src/Modules.sol";
import {Parameters} from "../../src/Parameters.sol";
import {ICircuitNames} from "../../src/interfaces/ICircuitNames.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IParameters} from "../../src/interfaces/IParameters.sol";
import {Fixture} from "../utils/Fixture.sol";
import {Creator} from "../utils/TestBase.sol";

/// See Governance.tree.
contract GovernanceTest is Fixture {
    uint48 internal constant VOTING_DELAY = 7_200;
    uint32 internal constant VOTING_PERIOD = 36_000;
    uint256 internal constant THRESHOLD = 100_000e18;
    uint256 internal constant TIMELOCK_SECONDS = 2 days;

    AssayGovernor internal governor;
    TimelockController internal clock;
    CircuitNames internal names;
    address internal voter = address(0x5001);
    address internal other = address(0x5002);

    event CircuitNamed(string name, bytes32 indexed circuitId);

    function setUp() public override {
        // The governor makes the timelock, and the parameters know its address before either is there.
        Creator creator = new Creator();
        address predicted = vm.computeCreateAddress(address(creator), 1);
        timelock = vm.computeCreateAddress(predicted, 1);
        super.setUp();
        bytes memory arguments = abi.encode(token, VOTING_DELAY, VOTING_PERIOD, THRESHOLD, uint256(4), TIMELOCK_SECONDS);
        governor = AssayGovernor(payable(creator.create(abi.encodePacked(vm.getCode("AssayGovernor.sol:AssayGovernor"), arguments))));
        clock = TimelockController(payable(governor.timelock()));
        names = CircuitNames(deploy("CircuitNames.sol:CircuitNames", abi.encode(timelock)));
        give(voter, 40_000_000e18);
        mine(1);
    }

    function give(address account, uint256 amount) internal {
        token.transfer(account, amount);
        vm.prank(account);
        token.delegate(account);
    }

    function one(address target, bytes memory data)
        internal
        pure
        returns (address[] memory targets, uint256[] memory values, bytes[] memory datas)
    {
        (targets, values, datas) = (new address[](1), new uint256[](1), new bytes[](1));
        (targets[0], datas[0]) = (target, data);
    }

    function propose(address target, bytes memory data) internal returns (uint256) {
        (address[] memory targets, uint256[] memory values, bytes[] memory datas) = one(target, data);
        vm.prank(voter);
        return governor.propose(targets, values, datas, "why");
    }

    function vote(address account, uint256 proposalId, uint8 support) internal {
        vm.prank(account);
        governor.castVote(proposalId, support);
    }

    function queue(address target, bytes memory data) internal {
        (address[] memory targets, uint256[] memory values, bytes[] memory datas) = one(target, data);
        governor.queue(targets, values, datas, keccak256("why"));
    }

    function execute(address target, bytes memory data) internal {
        (address[] memory targets, uint256[] memory values, bytes[] memory datas) = one(target, data);
        vm.prank(stranger);
        governor.execute(targets, values, datas, keccak256("why"));
    }

    /// Proposed, voted for by all of `voter`, queued, and due now.
    function due(address target, bytes memory data) internal returns (uint256 proposalId) {
        proposalId = propose(target, data);
        mine(VOTING_DELAY + 1);
        vote(voter, proposalId, 1);
        mine(VOTING_PERIOD);
        queue(target, data);
        vm.warp(governor.proposalEta(proposalId));
    }

    function carry(address target, bytes memory data) internal {
        due(target, data);
        execute(target, data);
    }

    function stateOf(uint256 proposalId) internal view returns (uint256) {
        return uint256(governor.state(proposalId));
    }

    function assertState(uint256 proposalId, IGovernor.ProposalState expected) internal view {
        assertEq(stateOf(proposalId), uint256(expected), "state of the proposal");
    }

    function test_deployed_roles() public view {
        bytes32 admin = clock.DEFAULT_ADMIN_ROLE();
        bytes32[3] memory roles = [clock.PROPOSER_ROLE(), clock.CANCELLER_ROLE(), admin];
        address[5] memory accounts = [address(this), voter, guardian, address(0), address(names)];
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 j = 0; j < 5; ++j) assertTrue(!clock.hasRole(roles[i], accounts[j]), "nobody else");
        }
        assertTrue(clock.hasRole(roles[0], address(governor)), "the governor proposes");
        assertTrue(clock.hasRole(roles[1], address(governor)), "and cancels");
        assertTrue(clock.hasRole(clock.EXECUTOR_ROLE(), address(0)), "anyone executes");
        assertTrue(clock.hasRole(admin, address(clock)), "it administers itself");
        assertTrue(!clock.hasRole(admin, address(governor)), "the governor does not");
        assertEq(clock.getMinDelay(), TIMELOCK_SECONDS, "delay");
        assertEq(address(clock), Parameters(address(parameters)).timelock(), "the parameters' timelock");
        assertAtMost(address(governor).code.length, 24_576, "EIP-170");
    }

    function test_endToEnd() public {
        carry(address(parameters), abi.encodeCall(IParameters.setGasPrice, (30e9)));
        assertEq(parameters.gasPrice(), 30e9, "gas price");
        assertEq(parameters.bondFloor(), 2e18, "and the floor with it");
        carry(address(parameters), abi.encodeCall(IParameters.setEmissionBps, (1_000)));
        assertEq(parameters.emissionBps(), 1_000, "emission");
        carry(address(names), abi.encodeCall(ICircuitNames.setName, ("mnist", circuitId)));
        assertEq(names.circuitOf("mnist"), circuitId, "name");
    }

    function test_propose_threshold() public {
        give(other, THRESHOLD - 1);
        mine(1);
        (address[] memory targets, uint256[] memory values, bytes[] memory datas) =
            one(address(parameters), abi.encodeCall(IParameters.setGasPrice, (30e9)));
        vm.prank(other);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, other, THRESHOLD - 1, THRESHOLD)
        );
        governor.propose(targets, values, datas, "why");
        give(other, 1);
        mine(1);
        vm.prank(other);
        governor.propose(targets, values, datas, "why");
    }

    function test_row21_vote_boundaries() public {
        address[3] memory accounts = [address(0x6001), address(0x6002), address(0x6003)];
        for (uint256 i = 0; i < 3; ++i) give(accounts[i], 1e18);
        uint256 start = height();
        uint256 id = propose(address(parameters), abi.encodeCall(IParameters.setGasPrice, (30e9)));
        assertEq(governor.proposalSnapshot(id), start + VOTING_DELAY, "snapshot");
        vm.roll(start + VOTING_DELAY);
        vm.prank(accounts[0]);
        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        governor.castVote(id, 1);
        vm.roll(start + VOTING_DELAY + 1);
        vote(accounts[0], id, 1);
        vm.prank(accounts[0]);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, accounts[0]));
        governor.castVote(id, 1);
        vm.roll(start + VOTING_DELAY + VOTING_PERIOD);
        vote(accounts[1], id, 1);
        vm.roll(start + VOTING_DELAY + VOTING_PERIOD + 1);
        vm.prank(accounts[2]);
        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        governor.castVote(id, 1);
        (, uint256 votes,) = governor.proposalVotes(id);
        assertEq(votes, 2e18, "two of three");
        assertState(id, IGovernor.ProposalState.Defeated);
    }

    function test_vote_countsTokensOnce() public {
        uint256 id = propose(address(parameters), abi.encodeCall(IParameters.setGasPrice, (30e9)));
        mine(VOTING_DELAY + 1);
        vote(voter, id, 1);
        vm.prank(voter);
        token.transfer(other, 40_000_000e18);
        vm.prank(other);
        token.delegate(other);
        mine(1);
        vote(other, id, 0);
        (uint256 against, uint256 for_,) = governor.proposalVotes(id);
        assertEq(for_, 40_000_000e18, "as they were");
        assertEq(against, 0, "not a second time");
    }

    function test_vote_quorum() public {
        uint256 supply = token.totalSupply();
        uint256 quorum = supply * 4 / 100;
        uint256 held = token.balanceOf(voter);
        give(other, quorum - 1);
        mine(1);
        bytes memory data = abi.encodeCall(IParameters.setGasPrice, (30e9));
        uint256 id = propose(address(parameters), data);
        mine(VOTING_DELAY + 1);
        vote(other, id, 1);
        mine(VOTING_PERIOD);
        assertState(id, IGovernor.ProposalState.Defeated);

        give(other, 1);
        mine(1);
        data = abi.encodeCall(IParameters.setGasPrice, (31e9));
        id = propose(address(parameters), data);
        mine(VOTING_DELAY + 1);
        vote(other, id, 1);
        mine(VOTING_PERIOD);
        assertState(id, IGovernor.ProposalState.Succeeded);

        give(other, held - quorum);
        mine(1);
        id = propose(address(parameters), abi.encodeCall(IParameters.setGasPrice, (32e9)));
        mine(VOTING_DELAY + 1);
        vote(other, id, 1);
        vote(voter, id, 0);
        mine(VOTING_PERIOD);
        assertState(id, IGovernor.ProposalState.Defeated);
    }

    function test_row21_execute_whenDue() public {
        bytes memory data = abi.encodeCall(IParameters.setGasPrice, (30e9));
        uint256 id = due(address(parameters), data);
        vm.warp(vm.getBlockTimestamp() - 1);
        (address[] memory targets, uint256[] memory values, bytes[] memory datas) = one(address(parameters), data);
        vm.expectPartialRevert(TimelockController.TimelockUnexpectedOperationState.selector);
        governor.execute(targets, values, datas, keccak256("why"));
        assertEq(parameters.gasPrice(), 15e9, "not yet");
        vm.warp(vm.getBlockTimestamp() + 1);
        execute(address(parameters), data);
        assertState(id, IGovernor.ProposalState.Executed);
        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        governor.execute(targets, values, datas, keccak256("why"));
        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        governor.queue(targets, values, datas, keccak256("why"));
    }

    function test_cancel() public {
        bytes memory data = abi.encodeCall(IParameters.setGasPrice, (30e9));
        (address[] memory targets, uint256[] memory values, bytes[] memory datas) = one(address(parameters), data);
        uint256 id = propose(address(parameters), data);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, stranger));
        governor.cancel(targets, values, datas, keccak256("why"));
        vm.prank(voter);
        governor.cancel(targets, values, datas, keccak256("why"));
        assertState(id, IGovernor.ProposalState.Canceled);

        data = abi.encodeCall(IParameters.setGasPrice, (31e9));
        (targets, values, datas) = one(address(parameters), data);
        id = propose(address(parameters), data);
        mine(VOTING_DELAY + 1);
        vm.prank(voter);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, voter));
        governor.cancel(targets, values, datas, keccak256("why"));
    }

    function test_timelock_onlyTheGovernor() public {
        bytes memory data = abi.encodeCall(IParameters.setGasPrice, (30e9));
        bytes32 proposer = clock.PROPOSER_ROLE();
        bytes32 canceller = clock.CANCELLER_ROLE();
        bytes32 admin = clock.DEFAULT_ADMIN_ROLE();
        address[3] memory accounts = [voter, guardian, address(this)];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(accounts[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, accounts[i], proposer));
            clock.schedule(address(parameters), 0, data, bytes32(0), bytes32(0), TIMELOCK_SECONDS);
            vm.prank(accounts[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, accounts[i], canceller));
            clock.cancel(keccak256("x"));
            vm.prank(accounts[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, accounts[i], admin));
            clock.grantRole(proposer, accounts[i]);
        }
        vm.expectPartialRevert(TimelockController.TimelockUnexpectedOperationState.selector);
        clock.execute(address(parameters), 0, data, bytes32(0), bytes32(0));
    }

    function test_bounds_holdForWhatWasVoted() public {
        bytes memory data = abi.encodeCall(IParameters.setEmissionBps, (5_001));
        due(address(parameters), data);
        (address[] memory targets, uint256[] memory values, bytes[] memory datas) = one(address(parameters), data);
        vm.expectRevert(abi.encodeWithSelector(IParameters.OutOfBounds.selector, "emissionBps", 5_001, 0, 5_000));
        governor.execute(targets, values, datas, keccak256("why"));
        assertEq(parameters.emissionBps(), 2_500, "as it was");
    }

    /// Everything that one contract keeps for another, asked by the timelock.
    function test_row20_nothingElseIsReachable() public {
        address[] memory one_ = new address[](1);
        one_[0] = requester;
        IModelRegistry.Record memory record;
        bytes[24] memory calls;
        address[24] memory targets;
        uint256 count;
        (targets[count], calls[count++]) = (address(token), abi.encodeCall(token.mint, (voter, 1)));
        (targets[count], calls[count++]) = (address(emission), abi.encodeCall(emission.emitFor, (voter, 1e18, 5_000)));
        (targets[count], calls[count++]) = (address(reputation), abi.encodeCall(reputation.gain, (voter, 1e18)));
        (targets[count], calls[count++]) = (address(reputation), abi.encodeCall(reputation.lose, (alice)));
        (targets[count], calls[count++]) = (address(models), abi.encodeCall(models.recordCheckpoint, (record)));
        (targets[count], calls[count++]) = (address(models), abi.encodeCall(models.recordMerge, (record, new uint256[](2))));
        (targets[count], calls[count++]) = (address(stakes), abi.encodeCall(stakes.lock, (alice, 1)));
        (targets[count], calls[count++]) = (address(stakes), abi.encodeCall(stakes.unlock, (alice, 1)));
        (targets[count], calls[count++]) = (address(stakes), abi.encodeCall(stakes.penalise, (alice, 1)));
        (targets[count], calls[count++]) = (address(stakes), abi.encodeCall(stakes.slash, (alice, 1, voter, one_)));
        (targets[count], calls[count++]) = (address(rewards), abi.encodeCall(rewards.receiveEscrow, (1, address(pay), 1)));
        (targets[count], calls[count++]) = (address(rewards), abi.encodeCall(rewards.creditFromEscrow, (1, address(pay), voter, 1)));
        (targets[count], calls[count++]) = (address(rewards), abi.encodeCall(rewards.burnFromEscrow, (1, 1)));
        (targets[count], calls[count++]) = (address(rewards), abi.encodeCall(rewards.creditTransferred, (address(pay), voter, 1)));
        (targets[count], calls[count++]) = (address(validators), abi.encodeCall(validators.stakeChanged, (voter, 1)));
        (targets[count], calls[count++]) = (address(challenges), abi.encodeCall(challenges.closeDemand, (bytes32(0), voter)));
        (targets[count], calls[count++]) = (address(challenges), abi.encodeCall(challenges.markSlashed, (alice, bytes32(0))));
        (targets[count], calls[count++]) = (address(windows), abi.encodeCall(windows.reject, (bytes32(0), voter, false)));
        (targets[count], calls[count++]) = (address(windows), abi.encodeCall(windows.revoke, (bytes32(0))));
        (targets[count], calls[count++]) = (address(jobs), abi.encodeCall(jobs.payUnit, (1, bytes32(0), voter)));
        (targets[count], calls[count++]) = (address(jobs), abi.encodeCall(jobs.paySeat, (1, bytes32(0), voter)));
        (targets[count], calls[count++]) = (address(jobs), abi.encodeCall(jobs.complete, (1)));
        (targets[count], calls[count++]) = (address(jobs), abi.encodeCall(jobs.refundRest, (1)));
        activeJob();
        for (uint256 i = 0; i < count; ++i) {
            vm.prank(timelock);
            (bool success, bytes memory returned) = targets[i].call(calls[i]);
            assertTrue(!success && keccak256(returned) == keccak256(abi.encodeWithSelector(Wired.NotAllowed.selector, timelock)), "refused");
        }
        assertEq(count, 23, "all of them");
        vm.prank(timelock);
        vm.expectRevert(abi.encodeWithSelector(IParameters.NotGuardian.selector, timelock));
        parameters.pauseNewJobs(1);
        // Control: what is the timelock's.
        vm.prank(timelock);
        parameters.setGasPrice(20e9);
    }

    function test_names() public {
        string memory longest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        vm.expectRevert(abi.encodeWithSelector(ICircuitNames.NotGovernor.selector, address(this)));
        names.setName("a", circuitId);
        vm.startPrank(timelock);
        vm.expectRevert(abi.encodeWithSelector(ICircuitNames.NameLength.selector, 0));
        names.setName("", circuitId);
        vm.expectRevert(abi.encodeWithSelector(ICircuitNames.NameLength.selector, 65));
        names.setName(string.concat(longest, "g"), circuitId);
        vm.expectEmit(address(names));
        emit CircuitNamed("a", circuitId);
        names.setName("a", circuitId);
        names.setName(longest, keccak256("other"));
        assertEq(names.circuitOf("a"), circuitId, "named");
        assertEq(names.circuitOf(longest), keccak256("other"), "longest");
        assertEq(names.circuitOf("b"), bytes32(0), "no such name");
        names.setName("a", keccak256("next"));
        assertEq(names.circuitOf("a"), keccak256("next"), "renamed");
        names.setName("a", bytes32(0));
        assertEq(names.circuitOf("a"), bytes32(0), "taken away");
    }
}
