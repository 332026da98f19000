import type { Address } from 'viem';
import { batchSeedOf } from '../../commitment/ids.ts';
import { emitFor } from './emission.ts';
import { bondFloor } from './parameters.ts';
import { refuse } from './refuse.ts';
import { gainReputation } from './reputation.ts';
import { burnFromEscrow, creditFromEscrow, receiveEscrow } from './rewards.ts';
import { type Circuit, type Environment, type Job, type State, type Terms, zeroAddress, zeroHash } from './state.ts';

const seedDelay = 8n;
const hashesKept = 256n;
const maxInputs = 64n;

export function jobOf(state: State, jobId: bigint): Job {
  return state.jobs[jobId.toString()] ?? refuse('UnknownJob');
}

export function circuitOf(state: State, job: Pick<Job, 'terms'>): Circuit {
  return state.world.circuits[job.terms.circuitId] ?? refuse('UnknownCircuit');
}

export function isInference(state: State, job: Pick<Job, 'terms'>): boolean {
  return circuitOf(state, job).statement === 'inference';
}

function requesterOnly(job: Job, sender: Address): void {
  if (job.requester !== sender) refuse('NotAllowed');
}

function within(value: bigint, low: bigint, high: bigint): boolean {
  return value >= low && value <= high;
}

function checkTerms(state: State, env: Environment, terms: Terms, circuit: Circuit, requester: Address): void {
  const eager = terms.mode === 0n;
  const inference = circuit.statement === 'inference';
  const invalid = (wrong: boolean): void => {
    if (wrong) refuse('InvalidTerms');
  };
  invalid(!within(terms.windows, 1n, 1_000_000n));
  invalid(terms.leaseBlocks === 0n || terms.freeReleaseBlocks >= terms.leaseBlocks || terms.priorityBlocks >= terms.leaseBlocks);
  invalid(terms.evidenceBlocks === 0n || terms.maxLapses === 0n);
  const blocks = terms.leaseBlocks + terms.finalityBlocks + terms.answerBlocks + terms.evidenceBlocks;
  if (blocks > state.world.unbondingBlocks / 2n) refuse('WindowsTooLong');
  if (terms.mode > 1n) refuse('UnsupportedMode');
  invalid(eager ? terms.finalityBlocks !== 0n || terms.answerBlocks !== 0n : terms.finalityBlocks < 10n || terms.answerBlocks < 10n);
  invalid(terms.validators > 3n || (eager && terms.validators !== 0n));
  invalid(!within(terms.contributions, 1n, 8n) || (terms.contributions > 1n && (!eager || inference || !terms.open)));
  invalid(terms.price === 0n);
  if (terms.bond < bondFloor(state)) refuse('BondTooSmall');
  invalid(terms.lapsePenalty > terms.bond);
  invalid(terms.validators === 0n && terms.validatorBps !== 0n);
  invalid(terms.validatorBps + terms.licensorBps + terms.treasuryBps > 5_000n);
  invalid((terms.treasury === zeroAddress) !== (terms.treasuryBps === 0n));
  if (terms.open) {
    if (!isStart(state, terms, circuit, requester)) refuse('NotAStart');
  } else {
    // Hidden weights are their owner's work, and only proved ones are sure to be within bounds. Anybody may pay for it.
    invalid(terms.worker === zeroAddress || terms.wellFormedCircuit === zeroHash);
    if (state.world.genesis[`${circuit.modelId}/${terms.genesisId}/${terms.worker}`] !== true) refuse('NotTheOwner');
  }
  if (terms.wellFormedCircuit !== zeroHash && state.world.wellFormed[`${terms.wellFormedCircuit}/${terms.genesisId}`] !== true) {
    refuse('NotWellFormed');
  }
  if (inference) invalid(terms.datasetId !== zeroHash || terms.licensorBps !== 0n);
  if (inference) return;
  const dataset = state.world.datasets[terms.datasetId] ?? refuse('UnknownDataset');
  if ((dataset.uses & 1n) === 0n) refuse('UseNotAllowed');
  if (dataset.expiryBlock !== 0n && env.block > dataset.expiryBlock) refuse('LicenceExpired');
  if (dataset.revoked) refuse('LicenceRevoked');
  if (dataset.depth !== circuit.treeDepth) refuse('TreeDepthMismatch');
  if (terms.licensorBps < dataset.feeBps) refuse('LicenceShareTooSmall');
}

function isStart(state: State, terms: Terms, circuit: Circuit, requester: Address): boolean {
  if (state.world.genesis[`${circuit.modelId}/${terms.genesisId}/${requester}`] === true) return true;
  return state.final[`${terms.circuitId}/${terms.genesisId}`] === true;
}

export function openJob(state: State, env: Environment, sender: Address, terms: Terms): void {
  if (env.block <= state.pausedUntil) refuse('NewJobsPaused');
  const circuit = circuitOf(state, { terms });
  checkTerms(state, env, terms, circuit, sender);
  const inference = circuit.statement === 'inference';
  const dataset = state.world.datasets[terms.datasetId];
  const units = terms.windows * terms.contributions;
  const jobId = state.jobCount + 1n;
  state.jobCount = jobId;
  state.jobs[jobId.toString()] = {
    terms,
    requester: sender,
    state: inference ? 'Active' : 'Open',
    unitsLeft: units,
    openBlock: env.block,
    activeBlock: inference ? env.block : 0n,
    licensor: dataset?.registrant ?? zeroAddress,
    emissionBps: state.emissionBps,
    datasetRoot: dataset?.root ?? 0n,
    batchSeed: 0n,
    inputs: [],
  };
  state.progress[jobId.toString()] = {
    submitted: 0n,
    finalized: 0n,
    contributed: 0n,
    pendingSlots: 0n,
    epoch: 0n,
    lapseStreak: 0n,
    availableAt: 0n,
    leaseNonce: 0n,
    finalId: terms.genesisId,
  };
  receiveEscrow(state, jobId, terms.token, sender, terms.price * units);
  if (terms.fee > 0n) receiveEscrow(state, jobId, state.world.token, sender, terms.fee * units);
}

export function addInputs(state: State, sender: Address, jobId: bigint, inputs: readonly bigint[], r: bigint): void {
  const job = jobOf(state, jobId);
  requesterOnly(job, sender);
  if (!isInference(state, job)) refuse('NotAnInferenceJob');
  if (job.state !== 'Active' && job.state !== 'Paused') refuse('WrongJobState');
  const room = job.terms.windows - BigInt(job.inputs.length);
  const count = BigInt(inputs.length);
  if (count === 0n || count > maxInputs || count > room) refuse('InputCount');
  if (inputs.some((input) => input >= r)) refuse('OutOfField');
  job.inputs.push(...inputs);
}

export function inputOf(state: State, jobId: bigint, windowIndex: bigint): bigint {
  return jobOf(state, jobId).inputs[Number(windowIndex)] ?? refuse('InputMissing');
}

export function captureSeed(state: State, env: Environment, jobId: bigint): void {
  const job = jobOf(state, jobId);
  if (job.state !== 'Open') refuse('WrongJobState');
  const seedBlock = job.openBlock + seedDelay;
  if (env.block <= seedBlock) refuse('SeedTooEarly');
  if (env.block > seedBlock + hashesKept) refuse('SeedMissed');
  job.batchSeed = batchSeedOf(env.blockHash(seedBlock), jobId);
  job.state = 'Active';
  job.activeBlock = env.block;
}

export function refundUnseeded(state: State, env: Environment, jobId: bigint): void {
  const job = jobOf(state, jobId);
  if (job.state !== 'Open') refuse('WrongJobState');
  if (env.block <= job.openBlock + seedDelay + hashesKept) refuse('SeedNotMissed');
  end(state, jobId, job);
}

export function pause(state: State, sender: Address, jobId: bigint): void {
  const job = jobOf(state, jobId);
  requesterOnly(job, sender);
  if (job.state !== 'Active') refuse('WrongJobState');
  job.state = 'Paused';
}

export function resume(state: State, sender: Address, jobId: bigint): void {
  const job = jobOf(state, jobId);
  requesterOnly(job, sender);
  if (job.state !== 'Paused') refuse('WrongJobState');
  job.state = 'Active';
}

export function cancel(state: State, sender: Address, jobId: bigint): void {
  const job = jobOf(state, jobId);
  requesterOnly(job, sender);
  if (job.state !== 'Open' && job.state !== 'Active' && job.state !== 'Paused') refuse('WrongJobState');
  end(state, jobId, job);
}

export function close(state: State, env: Environment, jobId: bigint): void {
  const job = jobOf(state, jobId);
  if (job.state !== 'Active' && job.state !== 'Paused') refuse('WrongJobState');
  if (lapsesOf(state, env, jobId) < job.terms.maxLapses) refuse('NotLapsed');
  end(state, jobId, job);
}

/** 0 without a lapse; else 1 + the lease lengths since the oldest lapse of a slot that is still to be done. */
export function lapsesOf(state: State, env: Environment, jobId: bigint): bigint {
  const { terms } = jobOf(state, jobId);
  const progress = state.progress[jobId.toString()];
  let worst = 0n;
  for (let c = 0n; c < terms.contributions; c++) {
    const slot = state.slots[`${jobId}/${c}`];
    if (slot === undefined || slot.windowIndex !== progress?.submitted || slot.epoch !== progress.epoch) continue;
    if (slot.done || slot.lapsedAt === 0n) continue;
    const lapses = 1n + (env.block - slot.lapsedAt) / terms.leaseBlocks;
    if (lapses > worst) worst = lapses;
  }
  return worst;
}

function end(state: State, jobId: bigint, job: Job): void {
  job.state = 'Cancelled';
  refundRest(state, jobId);
}

/** Units that a cancelled job still owes or may owe. */
export function pendingUnits(state: State, jobId: bigint): bigint {
  const progress = state.progress[jobId.toString()];
  if (progress === undefined) return 0n;
  return progress.pendingSlots + progress.submitted - progress.finalized;
}

/** Credits the requester of a cancelled job with the units that are not pending any more. */
export function refundRest(state: State, jobId: bigint): void {
  const job = jobOf(state, jobId);
  if (job.state !== 'Cancelled') return;
  const pending = pendingUnits(state, jobId);
  const units = job.unitsLeft - pending;
  job.unitsLeft = pending;
  creditFromEscrow(state, jobId, job.terms.token, job.requester, job.terms.price * units);
  if (job.terms.fee > 0n) creditFromEscrow(state, jobId, state.world.token, job.requester, job.terms.fee * units);
}

/** What one seat of a unit gets. */
export function seatShare(terms: Terms): bigint {
  return terms.validators === 0n ? 0n : (terms.price * terms.validatorBps) / 10_000n / terms.validators;
}

/** Pays for one final unit. */
export function payUnit(state: State, env: Environment, jobId: bigint, operator: Address): void {
  const job = jobOf(state, jobId);
  const { terms } = job;
  job.unitsLeft -= 1n;
  const licensorPart = (terms.price * terms.licensorBps) / 10_000n;
  const treasuryPart = (terms.price * terms.treasuryBps) / 10_000n;
  const seats = seatShare(terms) * terms.validators;
  creditFromEscrow(state, jobId, terms.token, operator, terms.price - licensorPart - treasuryPart - seats);
  creditFromEscrow(state, jobId, terms.token, job.licensor, licensorPart);
  creditFromEscrow(state, jobId, terms.token, terms.treasury, treasuryPart);
  if (terms.fee === 0n) return;
  burnFromEscrow(state, jobId, terms.fee);
  gainReputation(state, env, operator, terms.fee);
  emitFor(state, env, operator, terms.fee, job.emissionBps);
}

/** Pays one seat of a final unit; nobody's share goes back to the requester. */
export function paySeat(state: State, jobId: bigint, account: Address): void {
  const job = jobOf(state, jobId);
  creditFromEscrow(state, jobId, job.terms.token, account === zeroAddress ? job.requester : account, seatShare(job.terms));
}

export function complete(state: State, jobId: bigint): void {
  const job = jobOf(state, jobId);
  if (job.state !== 'Cancelled') job.state = 'Completed';
}
