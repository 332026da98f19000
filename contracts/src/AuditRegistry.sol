// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Modules, Wired} from "./Modules.sol";
import {IAuditRegistry} from "./interfaces/IAuditRegistry.sol";
import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {AuditClaims} from "./libraries/AuditClaims.sol";
import {AuditIds} from "./libraries/AuditIds.sol";
import {AuditShape} from "./libraries/AuditShape.sol";
import {Encodings} from "./libraries/Encodings.sol";

/// @title Audits of committed models over committed sets
contract AuditRegistry is IAuditRegistry, Wired {
    /// @notice Blocks between an audit and the block whose hash draws its chunks.
    uint256 public constant DRAW_DELAY = 8;
    /// @notice How far back the EVM knows block hashes.
    uint256 public constant DRAW_BLOCKS = 256;

    /// @notice Claims of one audit, at most: as many as a certificate has.
    uint256 public constant MAX_CLAIMS = 64;

    /// @dev Sums of counts, ten of 24 bits a word: 256 chunks of 2^16 - 1 samples are less than 2^24. With fewer a word, the first proof of the greatest
    /// table would not fit into a transaction of 2^24 gas (EIP-7825).
    uint256 private constant SUMS_PER_WORD = 10;
    uint256 private constant SUM_BITS = 24;

    IVerifierRouter public immutable verifierRouter;
    IModelRegistry public immutable modelRegistry;

    struct Tally {
        uint128 opened;
        uint128 completed;
    }

    /// @notice Audits opened so far: the nonce of the next one.
    uint256 public auditCount;
    mapping(uint256 setId => AuditSet) private _sets;
    mapping(uint256 setId => mapping(address owner => uint256)) private _registeredAt;
    mapping(bytes32 auditId => Audit) private _audits;
    mapping(bytes32 auditId => uint256[]) private _sums;
    /// @dev Thresholds of margins; most audits have none.
    mapping(bytes32 auditId => uint256) private _moreBins;
    mapping(uint256 setId => Tally) private _tallies;
    mapping(bytes32 auditId => ClaimRecord[]) private _claims;
    mapping(bytes32 auditId => mapping(uint256 claimId => mapping(bytes32 otherId => bool))) private _disputed;

    constructor(Modules memory modules) Wired(modules) {
        verifierRouter = IVerifierRouter(modules.verifierRouter);
        modelRegistry = IModelRegistry(modules.modelRegistry);
    }

    /// @inheritdoc IAuditRegistry
    function registerSet(AuditSet calldata set) external returns (uint256 setId) {
        if (set.root >= Encodings.R) revert OutOfField(set.root);
        uint256 labels = uint256(set.classes) * set.groups;
        if (labels < 2 || labels > AuditShape.MAX_LABELS || set.depth == 0 || set.depth > AuditShape.MAX_DEPTH) revert SetOutOfRange();
        if (set.samples == 0 || set.chunks == 0 || set.chunks > uint256(1) << set.depth) revert SetOutOfRange();
        setId = AuditIds.setId(set);
        if (_registeredAt[setId][msg.sender] != 0) return setId;
        _registeredAt[setId][msg.sender] = block.number;
        _sets[setId] = set;
        emit SetRegistered(setId, msg.sender, set);
    }

    /// @inheritdoc IAuditRegistry
    function open(Question calldata question) external returns (bytes32 auditId) {
        uint256 registered = _registeredAt[question.setId][question.setOwner];
        if (registered == 0) revert UnknownSet(question.setId, question.setOwner);
        if (question.checkpointId >= Encodings.R) revert OutOfField(question.checkpointId);
        AuditSet memory set = _sets[question.setId];
        if (question.draws >= set.chunks) revert DrawsOutOfRange(question.draws, set.chunks);
        AuditShape.Shape memory shape = _requireCircuits(question, set);

        uint256 nonce = auditCount;
        auditId = AuditIds.auditId(address(this), msg.sender, question, nonce);
        auditCount = nonce + 1;
        Audit storage made = _audits[auditId];
        made.question = question;
        made.opener = msg.sender;
        made.setRegisteredAt = uint64(registered);
        made.openedAt = uint64(block.number);
        made.nonce = uint64(nonce);
        if (question.draws == 0) made.wanted = type(uint256).max >> (256 - set.chunks);
        _sums[auditId] = new uint256[]((shape.counts + SUMS_PER_WORD - 1) / SUMS_PER_WORD);
        if (shape.bins > 1) _moreBins[auditId] = shape.bins - 1;
        ++_tallies[question.setId].opened;
        emit AuditOpened(auditId, question.checkpointId, question.setId, msg.sender, nonce, question);
    }

    /// @inheritdoc IAuditRegistry
    function draw(bytes32 auditId) external {
        Audit storage stored = _known(auditId);
        if (stored.wanted != 0) revert NothingToDraw(auditId);
        uint256 source = stored.openedAt + DRAW_DELAY;
        if (block.number <= source) revert DrawTooEarly(source + 1);
        if (block.number > source + DRAW_BLOCKS) revert DrawTooLate(source + DRAW_BLOCKS);
        bytes32 seed = AuditIds.drawSeed(blockhash(source), auditId);
        uint256 wanted = AuditIds.drawn(seed, _sets[stored.question.setId].chunks, stored.question.draws);
        stored.seed = seed;
        stored.wanted = wanted;
        emit AuditDrawn(auditId, seed, wanted);
    }

    /// @inheritdoc IAuditRegistry
    function prove(
        bytes32 auditId,
        uint256 chunk,
        uint256 maskId,
        uint256[] calldata counts,
        bytes calldata proof,
        bytes calldata opening
    ) external {
        Audit storage stored = _known(auditId);
        uint256 wanted = stored.wanted;
        if (wanted == 0) revert NotDrawn(auditId);
        if (chunk > 255 || (wanted >> chunk) & 1 == 0) revert ChunkNotWanted(auditId, chunk);
        uint256 done = stored.done;
        if ((done >> chunk) & 1 == 1) revert ChunkDone(auditId, chunk);
        uint256[] memory statement = _statement(auditId, stored.question, chunk, maskId, counts);
        if (!verifierRouter.verify(stored.question.circuitId, false, statement, proof, opening)) revert ProofRejected(auditId, chunk);
        done |= uint256(1) << chunk;
        stored.done = done;
        _add(_sums[auditId], counts);
        emit ChunkProved(auditId, chunk, maskId, counts);
        if (done == wanted) {
            stored.completedAt = uint64(block.number);
            ++_tallies[stored.question.setId].completed;
            emit AuditCompleted(auditId, stored.question.checkpointId, stored.question.setId);
        }
    }

    /// @inheritdoc IAuditRegistry
    function claim(bytes32 auditId, Claim calldata made) external returns (uint256 claimId) {
        Audit storage stored = _certified(auditId);
        if (msg.sender != stored.opener) revert NotTheOpener(auditId, msg.sender);
        ClaimRecord[] storage claims = _claims[auditId];
        claimId = claims.length;
        if (claimId == MAX_CLAIMS) revert TooManyClaims(auditId);
        uint256 classes = _sets[stored.question.setId].classes;
        uint256 bins = _bins(auditId);
        if (!AuditClaims.inRange(made, classes, bins)) revert ClaimOutOfRange();
        if (!AuditClaims.holds(made, countsOf(auditId), classes, bins)) revert ClaimNotBorneOut(auditId);
        claims.push(ClaimRecord({claim: made, claimedAt: uint64(block.number), disputes: 0}));
        emit AuditClaimed(auditId, claimId, made);
    }

    /// @inheritdoc IAuditRegistry
    function dispute(bytes32 auditId, uint256 claimId, bytes32 otherId) external {
        Audit storage stored = _known(auditId);
        Question storage asked = stored.question;
        Question storage other = _certified(otherId).question;
        if (claimId >= _claims[auditId].length) revert UnknownClaim(auditId, claimId);
        // One circuit, so whoever takes the claim for proved takes what contradicts it for proved; it tells how many classes and bins there are.
        if (
            asked.checkpointId != other.checkpointId || asked.circuitId != other.circuitId
                || asked.wellFormedCircuitId != other.wellFormedCircuitId
        ) revert NotComparable(auditId, otherId);
        ClaimRecord storage disputed = _claims[auditId][claimId];
        if (!AuditClaims.contradicts(disputed.claim, countsOf(otherId), _sets[other.setId].classes, _bins(otherId))) {
            revert NotContradicted(auditId, claimId, otherId);
        }
        if (_disputed[auditId][claimId][otherId]) revert AlreadyDisputed(auditId, claimId, otherId);
        _disputed[auditId][claimId][otherId] = true;
        ++disputed.disputes;
        ++stored.disputes;
        emit AuditDisputed(auditId, claimId, otherId, msg.sender);
    }

    /// @inheritdoc IAuditRegistry
    function isCertified(bytes32 auditId) public view returns (bool) {
        Audit storage stored = _audits[auditId];
        return stored.completedAt != 0
            && modelRegistry.isWellFormed(stored.question.wellFormedCircuitId, stored.question.checkpointId);
    }

    /// @inheritdoc IAuditRegistry
    function countsOf(bytes32 auditId) public view returns (uint256[] memory counts) {
        AuditSet storage set = _sets[_known(auditId).question.setId];
        counts = new uint256[](uint256(set.groups) * set.classes * set.classes * _bins(auditId));
        uint256[] storage sums = _sums[auditId];
        for (uint256 i = 0; i < counts.length; ++i) {
            counts[i] = uint24(sums[i / SUMS_PER_WORD] >> (SUM_BITS * (i % SUMS_PER_WORD)));
        }
    }

    /// @inheritdoc IAuditRegistry
    function contextOf(bytes32 auditId) public view returns (uint256) {
        return AuditIds.context(address(this), auditId);
    }

    /// @inheritdoc IAuditRegistry
    function claimsOf(bytes32 auditId) external view returns (ClaimRecord[] memory) {
        return _claims[auditId];
    }

    /// @inheritdoc IAuditRegistry
    function tally(uint256 setId) external view returns (uint256 opened, uint256 completed) {
        Tally memory found = _tallies[setId];
        return (found.opened, found.completed);
    }

    /// @inheritdoc IAuditRegistry
    function audit(bytes32 auditId) external view returns (Audit memory) {
        return _known(auditId);
    }

    /// @inheritdoc IAuditRegistry
    function auditSet(uint256 setId) external view returns (AuditSet memory) {
        return _sets[setId];
    }

    /// @inheritdoc IAuditRegistry
    function registeredAt(uint256 setId, address owner) external view returns (uint256) {
        return _registeredAt[setId][owner];
    }

    /// @dev Bins that the margins of an audit's answers are told apart by.
    function _bins(bytes32 auditId) private view returns (uint256) {
        return _moreBins[auditId] + 1;
    }

    function _known(bytes32 auditId) private view returns (Audit storage stored) {
        stored = _audits[auditId];
        if (stored.openedAt == 0) revert UnknownAudit(auditId);
    }

    function _certified(bytes32 auditId) private view returns (Audit storage stored) {
        stored = _known(auditId);
        if (!isCertified(auditId)) revert NotCertified(auditId);
    }

    /// @return shape of the audit circuit
    function _requireCircuits(Question calldata question, AuditSet memory set) private view returns (AuditShape.Shape memory shape) {
        IVerifierRouter.Circuit memory found = verifierRouter.circuit(question.circuitId);
        IVerifierRouter.Circuit memory wellFormed = verifierRouter.circuit(question.wellFormedCircuitId);
        if (found.statementType != Encodings.AUDIT) revert CircuitMismatch(question.circuitId);
        if (wellFormed.statementType != Encodings.WELL_FORMED || wellFormed.modelId != found.modelId) {
            revert NotWellFormedCircuit(question.wellFormedCircuitId);
        }
        bool ok;
        (ok, shape) = AuditShape.decode(verifierRouter.shapeOf(question.circuitId));
        if (!ok || shape.committed || shape.samples != set.samples || shape.treeDepth != set.depth) revert CircuitMismatch(question.circuitId);
        if (shape.classes != set.classes || shape.groups != set.groups) revert CircuitMismatch(question.circuitId);
    }

    function _statement(bytes32 auditId, Question storage question, uint256 chunk, uint256 maskId, uint256[] calldata counts)
        private
        view
        returns (uint256[] memory statement)
    {
        statement = new uint256[](AuditShape.FIXED_WORDS + counts.length);
        statement[0] = contextOf(auditId);
        statement[1] = question.checkpointId;
        statement[2] = maskId;
        statement[3] = _sets[question.setId].root;
        statement[4] = chunk;
        for (uint256 i = 0; i < counts.length; ++i) statement[AuditShape.FIXED_WORDS + i] = counts[i];
    }

    /// @dev Adds packed counts of 16 bits to sums of 24 bits; the circuit has range-checked each.
    function _add(uint256[] storage sums, uint256[] calldata counts) private {
        uint256 length = sums.length;
        for (uint256 w = 0; w < length; ++w) {
            uint256 added = 0;
            for (uint256 k = 0; k < SUMS_PER_WORD; ++k) {
                uint256 i = w * SUMS_PER_WORD + k;
                // Behind the last count the packing holds zeros, and then there are no more words.
                if (i / AuditShape.COUNTS_PER_WORD == counts.length) break;
                uint256 count = uint16(counts[i / AuditShape.COUNTS_PER_WORD] >> (AuditShape.COUNT_BITS * (i % AuditShape.COUNTS_PER_WORD)));
                added |= count << (SUM_BITS * k);
            }
            if (added != 0) sums[w] += added;
        }
    }
}
