// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Modules, Wired} from "./Modules.sol";
import {IChallengeManager} from "./interfaces/IChallengeManager.sol";
import {IJobManager} from "./interfaces/IJobManager.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {IWindowManager} from "./interfaces/IWindowManager.sol";
import {Encodings} from "./libraries/Encodings.sol";
import {Statements} from "./libraries/Statements.sol";

/// @title Evidence and demands
contract ChallengeManager is IChallengeManager, Wired {
    /// @notice What posting a proof may cost, of which a demand's bond is `DEMAND_FACTOR` times.
    uint256 public constant SETTLE_GAS = 5_000_000;
    uint256 public constant DEMAND_FACTOR = 3;
    /// @notice Added to the base fee: a bond is worth something even where blocks are empty.
    uint256 public constant PRIORITY_FEE = 1 gwei;

    /// @dev Words of a train-window statement, and where a worker's own words stand (docs/reference/encodings.md).
    uint256 private constant WINDOW_WORDS = 8;
    uint256 private constant WINDOW_CHILD = 2;
    uint256 private constant WINDOW_MASK = 3;
    uint256 private constant WINDOW_LOSS = 7;
    uint256 private constant ANSWER_MASK = 2;
    uint256 private constant ANSWER_OUTPUTS = 4;

    /// @dev One fault that a signature shows.
    struct Fault {
        bytes32 submissionId;
        bytes32 statementHash;
        bytes32 proofHash;
        address operator;
        bool equivocation;
    }

    IJobManager public immutable jobManager;
    IWindowManager public immutable windowManager;
    IStakeManager public immutable stakeManager;
    INodeRegistry public immutable nodeRegistry;
    IVerifierRouter public immutable verifierRouter;

    /// @inheritdoc IChallengeManager
    mapping(bytes32 commitment => uint256) public committedBlock;
    /// @inheritdoc IChallengeManager
    mapping(address operator => mapping(bytes32 submissionId => bool)) public isSlashed;
    /// @inheritdoc IChallengeManager
    mapping(address account => uint256) public owedTo;
    mapping(bytes32 submissionId => Demand) private _demands;
    mapping(address operator => mapping(bytes32 submissionId => Debt)) private _debts;

    constructor(Modules memory modules) Wired(modules) {
        jobManager = IJobManager(modules.jobManager);
        windowManager = IWindowManager(modules.windowManager);
        stakeManager = IStakeManager(modules.stakeManager);
        nodeRegistry = INodeRegistry(modules.nodeRegistry);
        verifierRouter = IVerifierRouter(modules.verifierRouter);
    }

    /// @inheritdoc IChallengeManager
    function commitEvidence(bytes32 commitment) external {
        // A copier's earlier record of the same commitment serves the finder, who alone can open it.
        if (committedBlock[commitment] != 0) return;
        committedBlock[commitment] = block.number;
        emit EvidenceCommitted(commitment, msg.sender);
    }

    /// @inheritdoc IChallengeManager
    function isCommitted(bytes32 submissionId, bytes32 statementHash, bytes32 proofHash, address finder, bytes32 salt)
        external
        view
        returns (bool)
    {
        uint256 committed = committedBlock[Encodings.evidenceCommitment(submissionId, statementHash, proofHash, finder, salt)];
        return committed != 0 && committed < block.number;
    }

    /// @inheritdoc IChallengeManager
    function slashByEvidence(Evidence calldata evidence) external returns (uint256 slashed) {
        Announcement calldata signed = evidence.announcement;
        bytes32 submissionId = signed.submissionId;
        IWindowManager.Lease memory leased = _leaseOf(submissionId);
        IJobManager.Job memory job = jobManager.jobOf(leased.jobId);
        _requireStatement(signed, job.statementType, evidence.statement);
        _requireContext(leased, job, evidence.statement);
        bytes32 proofHash = Encodings.proofHash(evidence.proof, evidence.opening);
        if (proofHash != signed.proofHash) revert ProofMismatch(signed.proofHash, proofHash);
        _requireCommitted(signed, evidence.salt);
        _requireInTime(submissionId, leased, job.terms.evidenceBlocks);
        address operator = _signerOf(signed);
        if (isSlashed[operator][submissionId]) revert AlreadySlashed(operator, submissionId);
        if (_isTrue(evidence, job)) revert EvidenceIsTrue(submissionId);
        slashed = _slash(Fault(submissionId, signed.statementHash, proofHash, operator, false), leased, job);
    }

    /// @inheritdoc IChallengeManager
    function slashByEquivocation(
        Announcement calldata first,
        uint256[] calldata firstStatement,
        Announcement calldata second,
        uint256[] calldata secondStatement,
        bytes32 salt
    ) external returns (uint256 slashed) {
        bytes32 submissionId = first.submissionId;
        if (second.submissionId != submissionId) revert NoEquivocation(submissionId);
        IWindowManager.Lease memory leased = _leaseOf(submissionId);
        IJobManager.Job memory job = jobManager.jobOf(leased.jobId);
        _requireStatement(first, job.statementType, firstStatement);
        _requireStatement(second, job.statementType, secondStatement);
        _requireContext(leased, job, firstStatement);
        _requireCommitted(first, salt);
        _requireInTime(submissionId, leased, job.terms.evidenceBlocks);
        bool inference = Statements.isInference(job.statementType);
        // A child of hidden weights is blinded anew with each proof.
        if (!inference && !job.terms.open) revert NoEquivocation(submissionId);
        if (!_contradict(inference, firstStatement, secondStatement)) revert NoEquivocation(submissionId);
        address operator = _signerOf(first);
        if (_signerOf(second) != operator) revert NoEquivocation(submissionId);
        if (isSlashed[operator][submissionId]) revert AlreadySlashed(operator, submissionId);
        slashed = _slash(Fault(submissionId, first.statementHash, first.proofHash, operator, true), leased, job);
    }

    /// @inheritdoc IChallengeManager
    function collectDebt(address operator, bytes32 submissionId) external returns (uint256 collected) {
        Debt storage debt = _debts[operator][submissionId];
        (address finder, uint128 amount) = (debt.finder, debt.amount);
        address[] memory harmed = new address[](1);
        harmed[0] = jobManager.jobOf(_leaseOf(submissionId).jobId).requester;
        collected = stakeManager.collect(operator, amount, finder, harmed);
        if (collected == 0) revert NothingToCollect(operator, submissionId);
        // At most the amount.
        debt.amount = amount - uint128(collected);
        emit DebtCollected(submissionId, operator, finder, collected);
    }

    /// @inheritdoc IChallengeManager
    function debtOf(address operator, bytes32 submissionId) external view returns (Debt memory) {
        return _debts[operator][submissionId];
    }

    /// @inheritdoc IChallengeManager
    function demand(bytes32 submissionId) external payable {
        IWindowManager.Lease memory leased = _leaseOf(submissionId);
        if (leased.state != IWindowManager.LeaseState.Submitted) revert NotDemandable(submissionId);
        IWindowManager.Submission memory submission = windowManager.submissionOf(submissionId);
        IJobManager.JobTerms memory terms = jobManager.jobOf(leased.jobId).terms;
        if (submission.proved || block.number > uint256(submission.submittedAt) + terms.finalityBlocks) {
            revert NotDemandable(submissionId);
        }
        if (_demands[submissionId].challenger != address(0)) revert AlreadyDemanded(submissionId);
        uint256 bond = demandBond();
        if (msg.value < bond) revert DemandBondTooSmall(msg.value, bond);
        uint256 deadline = block.number + terms.answerBlocks;
        _demands[submissionId] = Demand(msg.sender, SafeCast.toUint96(bond), uint64(deadline), true);
        // The base fee of the block that takes the transaction is not known to its sender: what is above the bond stays the sender's.
        owedTo[msg.sender] += msg.value - bond;
        emit ProofDemanded(submissionId, msg.sender, bond, deadline);
    }

    /// @inheritdoc IChallengeManager
    function slashWithheld(bytes32 submissionId) external returns (uint256 slashed) {
        Demand memory made = _demands[submissionId];
        if (!made.open) revert NoDemand(submissionId);
        if (block.number <= made.deadline) revert DemandNotOverdue(submissionId, made.deadline);
        address operator = windowManager.leaseOf(submissionId).operator;
        bytes32 proofHash = windowManager.submissionOf(submissionId).proofHash;
        _close(submissionId, made.challenger);
        slashed = windowManager.reject(submissionId, made.challenger, true);
        emit OperatorSlashed(submissionId, operator, made.challenger, proofHash, "withheld", slashed);
    }

    /// @inheritdoc IChallengeManager
    function closeDemand(bytes32 submissionId, address poster) external only(address(windowManager)) {
        Demand storage made = _demands[submissionId];
        if (made.open) _close(submissionId, poster == address(0) ? made.challenger : poster);
    }

    /// @inheritdoc IChallengeManager
    function markSlashed(address operator, bytes32 submissionId) external only(address(windowManager)) returns (bool first) {
        first = !isSlashed[operator][submissionId];
        isSlashed[operator][submissionId] = true;
    }

    /// @inheritdoc IChallengeManager
    function withdraw() external returns (uint256 amount) {
        amount = owedTo[msg.sender];
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        owedTo[msg.sender] = 0;
        emit Withdrawn(msg.sender, amount);
        (bool success,) = msg.sender.call{value: amount}("");
        if (!success) revert TransferFailed(msg.sender);
    }

    /// @inheritdoc IChallengeManager
    function demandOf(bytes32 submissionId) external view returns (Demand memory) {
        return _demands[submissionId];
    }

    /// @inheritdoc IChallengeManager
    function demandBond() public view returns (uint256) {
        return DEMAND_FACTOR * SETTLE_GAS * (block.basefee + PRIORITY_FEE);
    }

    /// @dev Whoever is slashed for a submission has lost it, as far as it is not proved: so behind what stands there is always a bond,
    /// and a reward for whoever finds it false.
    function _slash(Fault memory fault, IWindowManager.Lease memory leased, IJobManager.Job memory job) private returns (uint256 slashed) {
        bool own = leased.operator == fault.operator;
        if (own && leased.state == IWindowManager.LeaseState.Submitted && _unproved(fault.submissionId)) {
            slashed = windowManager.reject(fault.submissionId, msg.sender, !_isStanding(fault));
        } else {
            isSlashed[fault.operator][fault.submissionId] = true;
            // First the lease, whose bond this fault is to cost. What is Submitted here is proved.
            bool goesOn = leased.state == IWindowManager.LeaseState.Held || leased.state == IWindowManager.LeaseState.Lapsed
                || leased.state == IWindowManager.LeaseState.Submitted;
            if (own && goesOn) windowManager.revoke(fault.submissionId);
            address[] memory harmed = new address[](1);
            harmed[0] = job.requester;
            slashed = stakeManager.slash(fault.operator, job.terms.bond, msg.sender, harmed);
            // Only here can a slash find too little: a submission that is rejected returns its own bond first.
            if (slashed < job.terms.bond) _owe(fault, job.terms.bond - uint128(slashed));
        }
        string memory reason = fault.equivocation ? "equivocation" : "false";
        emit OperatorSlashed(fault.submissionId, fault.operator, msg.sender, fault.proofHash, reason, slashed);
    }

    function _owe(Fault memory fault, uint128 amount) private {
        _debts[fault.operator][fault.submissionId] = Debt(msg.sender, amount);
        emit DebtIncurred(fault.submissionId, fault.operator, msg.sender, amount);
    }

    /// @dev The router reverts rather than answer with too little gas, so "false" here is the verifier's word.
    function _isTrue(Evidence calldata evidence, IJobManager.Job memory job) private view returns (bool) {
        bool open = Statements.isOpen(job.statementType, job.terms.open);
        return verifierRouter.verify(job.terms.circuitId, open, evidence.statement, evidence.proof, evidence.opening);
    }

    function _unproved(bytes32 submissionId) private view returns (bool) {
        return !windowManager.submissionOf(submissionId).proved;
    }

    /// @dev Whether what the verifier refused is the submission that stands, and not another announcement under its name.
    function _isStanding(Fault memory fault) private view returns (bool) {
        if (fault.equivocation) return false;
        IWindowManager.Submission memory submission = windowManager.submissionOf(fault.submissionId);
        return submission.statementHash == fault.statementHash && submission.proofHash == fault.proofHash;
    }

    function _close(bytes32 submissionId, address to) private {
        Demand storage made = _demands[submissionId];
        made.open = false;
        uint256 bond = made.bond;
        owedTo[to] += bond;
        emit DemandClosed(submissionId, to, bond);
    }

    function _leaseOf(bytes32 submissionId) private view returns (IWindowManager.Lease memory leased) {
        leased = windowManager.leaseOf(submissionId);
        if (leased.state == IWindowManager.LeaseState.None) revert UnknownSubmission(submissionId);
    }

    function _signerOf(Announcement calldata signed) private view returns (address operator) {
        bytes32 digest = jobManager.announcementDigest(signed.submissionId, signed.statementHash, signed.proofHash);
        address signer = ECDSA.recoverCalldata(digest, signed.signature);
        operator = nodeRegistry.ownerOf(signer);
        if (operator == address(0)) revert UnknownSigner(signer);
    }

    /// @dev The words shown must be the ones that the signature names.
    function _requireStatement(Announcement calldata signed, bytes32 statementType, uint256[] calldata statement) private pure {
        bytes32 computed = Statements.hash(statementType, statement);
        if (computed != signed.statementHash) revert StatementMismatch(signed.statementHash, computed);
    }

    /// @dev The statement must be of this very lease: where a reorganisation gave its name to a lease of another job, what an honest worker
    /// has signed under the old one is no statement of the new one's circuit, and so no lie.
    function _requireContext(IWindowManager.Lease memory leased, IJobManager.Job memory job, uint256[] calldata statement) private view {
        uint256[5] memory named =
            [uint256(leased.jobId), leased.windowIndex, leased.contributionIndex, leased.leaseNonce, leased.registrationNonce];
        uint256 expected =
            Statements.context(job.statementType, address(jobManager), job.terms.circuitId, leased.operator, named);
        uint256 given = statement.length == 0 ? 0 : statement[0];
        if (given != expected) revert ContextMismatch(expected, given);
    }

    function _requireCommitted(Announcement calldata signed, bytes32 salt) private view {
        bytes32 commitment =
            Encodings.evidenceCommitment(signed.submissionId, signed.statementHash, signed.proofHash, msg.sender, salt);
        uint256 committed = committedBlock[commitment];
        if (committed == 0) revert NotCommitted(commitment);
        if (block.number <= committed) revert CommittedTooLate(commitment, committed);
    }

    function _requireInTime(bytes32 submissionId, IWindowManager.Lease memory leased, uint256 evidenceBlocks) private view {
        if (leased.state == IWindowManager.LeaseState.Submitted) return;
        uint256 over = leased.ended > leased.deadline ? leased.ended : leased.deadline;
        uint256 lastBlock = over + evidenceBlocks;
        if (block.number > lastBlock) revert EvidenceWindowOver(submissionId, lastBlock);
    }

    /// @dev Whether two statements give one question two results. The question's words must agree: where a reorganisation of the chain
    /// changed the seed or the parent under a submission's name, an honest worker has signed an answer to each.
    function _contradict(bool inference, uint256[] calldata first, uint256[] calldata second) private pure returns (bool differ) {
        uint256 words = first.length;
        if (second.length != words || (!inference && words != WINDOW_WORDS)) return false;
        for (uint256 i = 0; i < words; ++i) {
            if (first[i] == second[i] || i == (inference ? ANSWER_MASK : WINDOW_MASK)) continue;
            if (inference ? i < ANSWER_OUTPUTS : i != WINDOW_CHILD && i != WINDOW_LOSS) return false;
            differ = true;
        }
    }
}
