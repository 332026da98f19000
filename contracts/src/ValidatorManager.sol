// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Modules, Wired} from "./Modules.sol";
import {IChallengeManager} from "./interfaces/IChallengeManager.sol";
import {IJobManager} from "./interfaces/IJobManager.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IValidatorManager} from "./interfaces/IValidatorManager.sol";
import {IWindowManager} from "./interfaces/IWindowManager.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {StakeTree} from "./libraries/StakeTree.sol";

/// @title Validators drawn by stake
contract ValidatorManager is IValidatorManager, Wired {
    using StakeTree for StakeTree.Tree;

    /// @param index in the draw, from 1; 0 if it never enrolled
    struct Validator {
        uint248 index;
        bool enrolled;
    }

    /// A submission that has the seat, and what decides about it.
    struct Vouched {
        bytes32 submissionId;
        uint256 jobId;
        IWindowManager.LeaseState state;
        address worker;
        address requester;
        uint256 submittedAt;
        uint256 finalityBlocks;
        uint256 answerBlocks;
        uint128 bond;
        bool proved;
        bool withheld;
        bytes32 statementHash;
        bytes32 proofHash;
    }

    INodeRegistry public immutable nodeRegistry;
    IStakeManager public immutable stakeManager;
    IChallengeManager public immutable challengeManager;
    IWindowManager public immutable windowManager;
    IJobManager public immutable jobManager;

    StakeTree.Tree private _tree;
    mapping(address operator => Validator) private _validators;
    mapping(uint256 index => address operator) private _operators;
    mapping(bytes32 submissionId => mapping(uint256 seat => Seat)) private _seats;

    constructor(Modules memory modules) Wired(modules) {
        nodeRegistry = INodeRegistry(modules.nodeRegistry);
        stakeManager = IStakeManager(modules.stakeManager);
        challengeManager = IChallengeManager(modules.challengeManager);
        windowManager = IWindowManager(modules.windowManager);
        jobManager = IJobManager(modules.jobManager);
    }

    /// @inheritdoc IValidatorManager
    function enrol() external {
        address operator = nodeRegistry.operatorFor(msg.sender);
        Validator storage validator = _validators[operator];
        if (validator.enrolled) revert AlreadyEnrolled(operator);
        uint256 index = validator.index;
        if (index == 0) {
            index = _tree.add();
            _operators[index] = operator;
            // Counts transactions: far below 2^248.
            validator.index = uint248(index);
        }
        validator.enrolled = true;
        emit ValidatorEnrolled(operator, index);
        IStakeManager.Stake memory stake = stakeManager.stakeOf(operator);
        _setWeight(operator, index, stake.jailedUntil == 0 ? stake.active : 0);
    }

    /// @inheritdoc IValidatorManager
    function retire() external {
        address operator = nodeRegistry.operatorFor(msg.sender);
        Validator storage validator = _validators[operator];
        if (!validator.enrolled) revert NotEnrolled(operator);
        validator.enrolled = false;
        emit ValidatorRetired(operator);
        _setWeight(operator, validator.index, 0);
    }

    /// @inheritdoc IValidatorManager
    function stakeChanged(address operator, uint256 weight) external only(address(stakeManager)) {
        Validator storage validator = _validators[operator];
        if (validator.enrolled) _setWeight(operator, validator.index, weight);
    }

    /// @inheritdoc IValidatorManager
    function commitAttestation(bytes32 submissionId, uint256 seat, bytes32 commitment) external {
        Vouched memory vouched = _vouched(submissionId, seat);
        // What is proved needs nobody's word any more: a share shall not be paid for copying what everybody can see.
        if (vouched.state != IWindowManager.LeaseState.Submitted || vouched.proved) revert NothingToAttest(submissionId);
        uint256 lastBlock = _lastCommitBlock(vouched);
        if (block.number > lastBlock) revert CommitWindowOver(submissionId, lastBlock);
        address operator = nodeRegistry.operatorFor(msg.sender);
        address drawn = _drawn(vouched, seat);
        if (drawn != operator) revert NotDrawn(submissionId, seat, drawn, operator);
        Seat storage stored = _seats[submissionId][seat];
        if (stored.state != SeatState.Empty) revert WrongSeatState(submissionId, seat, stored.state);

        (stored.operator, stored.state, stored.bond, stored.commitment) = (operator, SeatState.Committed, vouched.bond, commitment);
        emit AttestationCommitted(submissionId, seat, operator, commitment);
        stakeManager.lock(operator, vouched.bond);
    }

    /// @inheritdoc IValidatorManager
    function revealAttestation(bytes32 submissionId, uint256 seat, bytes32 digest, bytes32 salt) external {
        Vouched memory vouched = _vouched(submissionId, seat);
        Seat storage stored = _seats[submissionId][seat];
        if (stored.state != SeatState.Committed) revert WrongSeatState(submissionId, seat, stored.state);
        uint256 firstBlock = _lastCommitBlock(vouched) + 1;
        if (block.number < firstBlock) revert RevealTooEarly(submissionId, firstBlock);
        uint256 lastBlock = vouched.submittedAt + vouched.finalityBlocks;
        if (block.number > lastBlock) revert RevealWindowOver(submissionId, lastBlock);
        bytes32 given = Encodings.attestationCommitment(submissionId, seat, stored.operator, digest, salt);
        if (stored.commitment != given) revert CommitmentMismatch(stored.commitment, given);

        (stored.state, stored.digest) = (SeatState.Revealed, digest);
        emit AttestationRevealed(submissionId, seat, stored.operator, digest);
    }

    /// @inheritdoc IValidatorManager
    function settleSeat(bytes32 submissionId, uint256 seat) external {
        Vouched memory vouched = _vouched(submissionId, seat);
        Seat storage stored = _seats[submissionId][seat];
        Seat memory before = stored;
        if (before.state == SeatState.Settled) revert WrongSeatState(submissionId, seat, SeatState.Settled);
        bool isFinal = vouched.state == IWindowManager.LeaseState.Finalized;
        bool isRejected = vouched.state == IWindowManager.LeaseState.Rejected;
        if (isFinal) {
            // A digest that is not the bytes' can be exposed as long as a proof that is demanded may take.
            if (block.number <= vouched.submittedAt + vouched.finalityBlocks + vouched.answerBlocks) revert SeatNotOver(submissionId, seat);
        } else if (!isRejected && vouched.state != IWindowManager.LeaseState.Orphaned) {
            revert SeatNotOver(submissionId, seat);
        }

        (stored.state, stored.bond) = (SeatState.Settled, 0);
        bool pays = isFinal && before.state == SeatState.Revealed;
        bool slashes = isRejected && !vouched.withheld && before.state != SeatState.Empty;
        emit SeatSettled(submissionId, seat, before.operator, pays ? "paid" : slashes ? "slashed" : "unpaid");
        if (before.state != SeatState.Empty) stakeManager.unlock(before.operator, before.bond);
        if (isFinal) jobManager.paySeat(vouched.jobId, submissionId, pays ? before.operator : address(0));
        if (slashes) _slash(vouched, before, msg.sender);
    }

    /// @inheritdoc IValidatorManager
    function exposeDigest(bytes32 submissionId, uint256 seat, bytes calldata proof, bytes calldata opening, bytes32 salt) external {
        Vouched memory vouched = _vouched(submissionId, seat);
        Seat memory before = _seats[submissionId][seat];
        if (before.state != SeatState.Revealed) revert WrongSeatState(submissionId, seat, before.state);
        bytes32 proofHash = Encodings.proofHash(proof, opening);
        if (proofHash != vouched.proofHash) revert ProofMismatch(vouched.proofHash, proofHash);
        if (before.digest == Encodings.attestationDigest(before.operator, proof, opening)) revert DigestIsTrue(submissionId, seat);
        bool found = challengeManager.isCommitted(submissionId, vouched.statementHash, proofHash, msg.sender, salt);
        address finder = found ? msg.sender : address(0);

        // As if nobody had taken it: its share is the requester's, and it is too late to take it again.
        delete _seats[submissionId][seat];
        emit AttestationExposed(submissionId, seat, before.operator, finder);
        stakeManager.unlock(before.operator, before.bond);
        _slash(vouched, before, finder);
    }

    /// @inheritdoc IValidatorManager
    function drawnFor(bytes32 submissionId, uint256 seat) external view returns (address operator) {
        return _drawn(_vouched(submissionId, seat), seat);
    }

    /// @inheritdoc IValidatorManager
    function seatOf(bytes32 submissionId, uint256 seat) external view returns (Seat memory) {
        return _seats[submissionId][seat];
    }

    /// @inheritdoc IValidatorManager
    function weightOf(address operator) external view returns (uint256) {
        return _tree.weightOf(_validators[operator].index);
    }

    /// @inheritdoc IValidatorManager
    function totalWeight() external view returns (uint256) {
        return _tree.total();
    }

    function _setWeight(address operator, uint256 index, uint256 weight) private {
        if (_tree.weightOf(index) == weight) return;
        _tree.set(index, weight);
        emit WeightChanged(operator, weight);
    }

    function _slash(Vouched memory vouched, Seat memory seat, address finder) private {
        address[] memory harmed = new address[](1);
        harmed[0] = vouched.requester;
        stakeManager.slash(seat.operator, seat.bond, finder, harmed);
    }

    /// Whoever acts in block submittedAt does not know the hash of the block after it, and what changes later does not count.
    function _drawn(Vouched memory vouched, uint256 seat) private view returns (address operator) {
        bytes32 hash = blockhash(vouched.submittedAt + 1);
        if (hash == 0) revert DrawUnavailable(vouched.submittedAt + 1);
        uint256 total = _tree.totalAt(vouched.submittedAt);
        if (total == 0) return address(0);
        uint256 point = uint256(keccak256(abi.encode(hash, vouched.submissionId, seat))) % total;
        operator = _operators[_tree.indexAt(vouched.submittedAt, point)];
        if (operator == vouched.worker) return address(0);
    }

    function _vouched(bytes32 submissionId, uint256 seat) private view returns (Vouched memory vouched) {
        IWindowManager.Submission memory submission = windowManager.submissionOf(submissionId);
        if (submission.submittedAt == 0) revert NoSuchSeat(submissionId, seat);
        IWindowManager.Lease memory lease = windowManager.leaseOf(submissionId);
        IJobManager.Job memory job = jobManager.jobOf(lease.jobId);
        if (seat >= job.terms.validators) revert NoSuchSeat(submissionId, seat);
        vouched.submissionId = submissionId;
        vouched.jobId = lease.jobId;
        vouched.state = lease.state;
        vouched.worker = lease.operator;
        vouched.requester = job.requester;
        vouched.submittedAt = submission.submittedAt;
        vouched.finalityBlocks = job.terms.finalityBlocks;
        vouched.answerBlocks = job.terms.answerBlocks;
        vouched.bond = job.terms.bond;
        vouched.proved = submission.proved;
        vouched.withheld = submission.withheld;
        vouched.statementHash = submission.statementHash;
        vouched.proofHash = submission.proofHash;
    }

    function _lastCommitBlock(Vouched memory vouched) private pure returns (uint256) {
        return vouched.submittedAt + vouched.finalityBlocks / 2;
    }
}
