import { type Address, encodeAbiParameters, encodePacked, type Hex, hexToBigInt, hexToBytes, keccak256 } from 'viem';
import { proofHash, tag } from '../../commitment/ids.ts';
import { jobOf, paySeat } from './jobs.ts';
import { operatorFor } from './nodes.ts';
import { refuse } from './refuse.ts';
import { isJailed, lock, slash, stakeOf, unlock } from './stakes.ts';
import { type Environment, type Lease, type Seat, type State, type Submission, type Terms, zeroAddress, zeroHash } from './state.ts';
import { setWeight, weightAt } from './weights.ts';

const hashesKept = 256n;

export function enrol(state: State, env: Environment, sender: Address): void {
  const operator = operatorFor(state, sender);
  if (state.enrolled[operator] === true) refuse('AlreadyEnrolled');
  if (!state.drawn.includes(operator)) state.drawn.push(operator);
  state.enrolled[operator] = true;
  setWeight(state, env, operator, isJailed(state, operator) ? 0n : stakeOf(state, operator).active);
}

export function retire(state: State, env: Environment, sender: Address): void {
  const operator = operatorFor(state, sender);
  if (state.enrolled[operator] !== true) refuse('NotEnrolled');
  state.enrolled[operator] = false;
  setWeight(state, env, operator, 0n);
}

/** What one validator must show that it saw of the proof. */
export function digestOf(operator: Address, proof: Hex, opening: Hex): Hex {
  return keccak256(encodePacked(['bytes32', 'address', 'bytes', 'bytes'], [tag('assay.attestation.v1'), operator, proof, opening]));
}

export function attestationCommitment(submissionId: Hex, seat: bigint, operator: Address, digest: Hex, salt: Hex): Hex {
  const types = [
    { type: 'bytes32' },
    { type: 'bytes32' },
    { type: 'uint256' },
    { type: 'address' },
    { type: 'bytes32' },
    { type: 'bytes32' },
  ];
  return keccak256(encodeAbiParameters(types, [tag('assay.attestation.commit.v1'), submissionId, seat, operator, digest, salt]));
}

type Place = { readonly lease: Lease; readonly submission: Submission; readonly terms: Terms };

function placeOf(state: State, submissionId: Hex, seat: bigint): Place {
  const lease = state.leases[submissionId];
  const submission = state.submissions[submissionId];
  if (lease === undefined || submission === undefined) return refuse('NoSuchSeat');
  const { terms } = jobOf(state, lease.jobId);
  if (seat >= terms.validators) refuse('NoSuchSeat');
  return { lease, submission, terms };
}

/** Who may take the seat: by the hash of the block after the submission, over the stakes as they were when it was made. */
export function drawnFor(state: State, env: Environment, submissionId: Hex, seat: bigint): Address {
  const { lease, submission } = placeOf(state, submissionId, seat);
  const { submittedAt } = submission;
  if (env.block <= submittedAt + 1n || env.block > submittedAt + 1n + hashesKept) refuse('DrawUnavailable');
  const total = state.drawn.reduce((sum, operator) => sum + weightAt(state, operator, submittedAt), 0n);
  if (total === 0n) return zeroAddress;
  const words = encodeAbiParameters(
    [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint256' }],
    [env.blockHash(submittedAt + 1n), submissionId, seat],
  );
  let at = hexToBigInt(keccak256(words)) % total;
  for (const operator of state.drawn) {
    const weight = weightAt(state, operator, submittedAt);
    if (at < weight) return operator === lease.operator ? zeroAddress : operator;
    at -= weight;
  }
  return zeroAddress;
}

export function commitAttestation(state: State, env: Environment, sender: Address, submissionId: Hex, seat: bigint, commitment: Hex): void {
  const { lease, submission, terms } = placeOf(state, submissionId, seat);
  if (lease.state !== 'Submitted' || submission.proved) refuse('NothingToAttest');
  if (env.block > submission.submittedAt + terms.finalityBlocks / 2n) refuse('CommitWindowOver');
  const operator = operatorFor(state, sender);
  if (drawnFor(state, env, submissionId, seat) !== operator) refuse('NotDrawn');
  if (state.seats[`${submissionId}/${seat}`] !== undefined) refuse('WrongSeatState');
  lock(state, operator, terms.bond);
  state.seats[`${submissionId}/${seat}`] = {
    operator,
    state: 'Committed',
    bond: terms.bond,
    commitment,
    digest: zeroHash,
  };
}

export function revealAttestation(state: State, env: Environment, submissionId: Hex, seat: bigint, digest: Hex, salt: Hex): void {
  const { submission, terms } = placeOf(state, submissionId, seat);
  const taken = state.seats[`${submissionId}/${seat}`];
  if (taken === undefined || taken.state !== 'Committed') refuse('WrongSeatState');
  if (env.block <= submission.submittedAt + terms.finalityBlocks / 2n) refuse('RevealTooEarly');
  if (env.block > submission.submittedAt + terms.finalityBlocks) refuse('RevealWindowOver');
  if (attestationCommitment(submissionId, seat, taken.operator, digest, salt) !== taken.commitment) refuse('CommitmentMismatch');
  taken.state = 'Revealed';
  taken.digest = digest;
}

function freeSeat(state: State, seat: Seat): void {
  unlock(state, seat.operator, seat.bond);
  seat.bond = 0n;
}

/** Settles a seat whose submission is over; a final one's after the time in which its digest can be exposed. */
export function settleSeat(state: State, env: Environment, sender: Address, submissionId: Hex, index: bigint): void {
  const { lease, submission, terms } = placeOf(state, submissionId, index);
  const key = `${submissionId}/${index}`;
  const seat = state.seats[key];
  if (seat?.state === 'Settled') refuse('WrongSeatState');
  if (lease.state !== 'Finalized' && lease.state !== 'Rejected' && lease.state !== 'Orphaned') refuse('SeatNotOver');
  if (lease.state === 'Finalized' && env.block <= submission.submittedAt + terms.finalityBlocks + terms.answerBlocks) refuse('SeatNotOver');
  const settled: Seat = seat ?? { operator: zeroAddress, state: 'Settled', bond: 0n, commitment: zeroHash, digest: zeroHash };
  const revealed = seat?.state === 'Revealed';
  const { bond } = settled;
  state.seats[key] = settled;
  settled.state = 'Settled';
  if (seat !== undefined) freeSeat(state, settled);
  if (lease.state === 'Finalized') paySeat(state, lease.jobId, revealed ? settled.operator : zeroAddress);
  if (lease.state === 'Rejected' && !submission.withheld && seat !== undefined) {
    slash(state, env, settled.operator, bond, sender, [jobOf(state, lease.jobId).requester]);
  }
}

/** Slashes an attestation whose digest is not that of the proof's bytes, and empties its seat. */
export function exposeDigest(
  state: State,
  env: Environment,
  sender: Address,
  given: { submissionId: Hex; seat: bigint; proof: Hex; opening: Hex },
  committed: boolean,
): void {
  const { submissionId, seat: index, proof, opening } = given;
  const { lease, submission } = placeOf(state, submissionId, index);
  const seat = state.seats[`${submissionId}/${index}`];
  if (seat === undefined || seat.state !== 'Revealed') refuse('WrongSeatState');
  if (proofHash(hexToBytes(proof), hexToBytes(opening)) !== submission.proofHash) refuse('ProofMismatch');
  if (digestOf(seat.operator, proof, opening) === seat.digest) refuse('DigestIsTrue');
  const { bond, operator } = seat;
  freeSeat(state, seat);
  // Its share waits for the submission's end, and goes back to the requester then.
  delete state.seats[`${submissionId}/${index}`];
  slash(state, env, operator, bond, committed ? sender : zeroAddress, [jobOf(state, lease.jobId).requester]);
}
