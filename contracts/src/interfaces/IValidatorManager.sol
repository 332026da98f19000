// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Validators: drawn by stake, paid for attestations, slashed for false ones
/// @notice Each submission of an optimistic job has up to 3 *seats*. Seat s goes to the operator at
/// `keccak256(abi.encode(blockhash(submittedAt + 1), submissionId, s)) mod total` of the enrolled stakes laid end to end, as they were in
/// block `submittedAt`: who acts in that block does not know the draw, what is done after it does not count. An attestation commits to a
/// digest that needs the proof's bytes. It finalizes nothing.
interface IValidatorManager {
    enum SeatState {
        Empty,
        Committed,
        Revealed,
        Settled
    }

    /// @param bond stake that the attestation locks now
    struct Seat {
        address operator;
        SeatState state;
        uint128 bond;
        bytes32 commitment;
        bytes32 digest;
    }

    event ValidatorEnrolled(address indexed operator, uint256 index);
    event ValidatorRetired(address indexed operator);
    event WeightChanged(address indexed operator, uint256 weight);
    event AttestationCommitted(bytes32 indexed submissionId, uint256 indexed seat, address indexed operator, bytes32 commitment);
    event AttestationRevealed(bytes32 indexed submissionId, uint256 indexed seat, address indexed operator, bytes32 digest);
    /// @notice The digest was not the bytes': the seat is empty, its bond slashed.
    event AttestationExposed(bytes32 indexed submissionId, uint256 indexed seat, address indexed operator, address finder);
    /// @param operator 0 where nobody holds the seat
    /// @param outcome "paid", "unpaid" or "slashed"
    event SeatSettled(bytes32 indexed submissionId, uint256 indexed seat, address indexed operator, string outcome);

    error NotEnrolled(address operator);
    error AlreadyEnrolled(address operator);
    error NoSuchSeat(bytes32 submissionId, uint256 seat);
    error NotDrawn(bytes32 submissionId, uint256 seat, address drawn, address operator);
    /// @dev The block hash of the draw is not known yet, or not any more.
    error DrawUnavailable(uint256 blockNumber);
    error WrongSeatState(bytes32 submissionId, uint256 seat, SeatState state);
    /// @dev It is proved already, or over.
    error NothingToAttest(bytes32 submissionId);
    error CommitWindowOver(bytes32 submissionId, uint256 lastBlock);
    error RevealTooEarly(bytes32 submissionId, uint256 firstBlock);
    error RevealWindowOver(bytes32 submissionId, uint256 lastBlock);
    error CommitmentMismatch(bytes32 committed, bytes32 given);
    error ProofMismatch(bytes32 submitted, bytes32 given);
    error DigestIsTrue(bytes32 submissionId, uint256 seat);
    error SeatNotOver(bytes32 submissionId, uint256 seat);

    /// @notice Puts the operator for whom the sender acts into the draw, with its active stake as weight. An operator keeps its index for
    /// ever, and the cost of a draw or a change is the logarithm of the indices there are: nobody can use them up.
    function enrol() external;

    /// @notice Takes the operator out of the draw of later submissions.
    function retire() external;

    /// @notice Follows a stake that changed: the weight of an enrolled operator is its active stake, 0 while jailed. StakeManager only.
    function stakeChanged(address operator, uint256 weight) external;

    /// @notice Commits to an attestation, from block submittedAt + 2 to submittedAt + floor(finalityBlocks / 2), while the draw's block
    /// hash is known (256 blocks) and the submission is neither proved nor over, and locks the job's bond. The drawn operator or its hot
    /// key.
    /// @param commitment keccak256(abi("assay.attestation.commit.v1" tag, submissionId, seat, operator, digest, salt))
    function commitAttestation(bytes32 submissionId, uint256 seat, bytes32 commitment) external;

    /// @notice Reveals it, after the commit window, up to block submittedAt + finalityBlocks. Anyone who knows what was committed.
    /// @param digest keccak256(packed("assay.attestation.v1" tag, operator, proof, opening))
    function revealAttestation(bytes32 submissionId, uint256 seat, bytes32 digest, bytes32 salt) external;

    /// @notice Settles a seat once its submission is over. Anyone. Final: after block submittedAt + finalityBlocks + answerBlocks a
    /// revealed attestation is paid; any other seat's share goes back to the requester. Rejected because the proof is false: who has
    /// committed is slashed by its bond, revealed or not (else it would wait with the reveal until nothing can happen), the sender is the
    /// finder. Orphaned, or withheld: the bond returns, nothing is paid.
    function settleSeat(bytes32 submissionId, uint256 seat) external;

    /// @notice Slashes an attestation whose digest is not that of the proof's bytes, and empties the seat. Anyone, until the seat is
    /// settled. Who has committed the evidence (IChallengeManager.commitEvidence, in an earlier block) with `salt` gets the finder's part;
    /// otherwise it burns.
    function exposeDigest(bytes32 submissionId, uint256 seat, bytes calldata proof, bytes calldata opening, bytes32 salt) external;

    /// @notice Who may take the seat. Zero where nobody is enrolled, or where the submission's own operator is drawn. Reverts with
    /// DrawUnavailable.
    function drawnFor(bytes32 submissionId, uint256 seat) external view returns (address operator);

    /// @notice A seat of a submission; Empty where nobody has taken it.
    function seatOf(bytes32 submissionId, uint256 seat) external view returns (Seat memory);

    /// @notice 0 if it is not enrolled.
    function weightOf(address operator) external view returns (uint256);

    /// @notice The weights of all that are enrolled.
    function totalWeight() external view returns (uint256);
}
