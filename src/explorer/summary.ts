import { type Address, type Hex, zeroHash } from 'viem';
import type { ChainEvent } from '../chain/chainEvent.ts';

/** Blocks of a bucket: as finely as activity is told apart. */
export const bucketBlocks = 900;
/** Buckets that are kept: two of the longest periods that can be asked for. */
const keptBuckets = 128;

/** A job, added up. Amounts are in units of its token, fees and emission of ASSAY. */
export type JobSummary = {
  readonly token: Address;
  readonly eager: boolean;
  readonly trains: boolean;
  readonly contributions: number;
  finalized: number;
  units: number;
  submitted: number;
  rejected: number;
  orphaned: number;
  lapsed: number;
  workerPart: bigint;
  validatorPart: bigint;
  licensorPart: bigint;
  treasuryPart: bigint;
  refunded: bigint;
  feeBurned: bigint;
  emitted: bigint;
  over: boolean;
  readonly workers: Map<Address, { units: number; paid: bigint }>;
  readonly curve: Curve;
};

/** Final windows of a job, at most `2 * curveStep` of them: every `every`th, and the last. */
export type Curve = { every: number; points: CurveSample[]; last: CurveSample | undefined };
export type CurveSample = {
  readonly window: number;
  readonly block: number;
  readonly time: number | undefined;
  readonly submissionId: Hex;
  /** The transaction that brought its proof; undefined where silence made it final. */
  readonly proof: { readonly transactionHash: Hex; readonly blockHash: Hex } | undefined;
  paid: bigint;
  readonly seconds: number | undefined;
  readonly lossSum: bigint | undefined;
};
const curveStep = 1_000;

export type OperatorSummary = {
  /** Where it was seen first: its place in the list of nodes. */
  readonly seen: { readonly block: number; readonly logIndex: number; readonly transaction: Hex; readonly time: number | undefined };
  hotKey: Address | undefined;
  units: number;
  readonly rewards: Map<Address, bigint>;
  seats: number;
  /** Active and unbonding. */
  stake: bigint;
  slashes: number;
  lapses: number;
  rejected: number;
  feeBurned: bigint;
  emitted: bigint;
  lastActive: number | undefined;
};

/** What leases and submissions that are not over yet are remembered by. */
type Open = {
  readonly leasedBlock: number;
  readonly leasedTime: number | undefined;
  submittedBlock?: number;
  submittedTime?: number | undefined;
  provedIn?: { readonly transactionHash: Hex; readonly blockHash: Hex };
  lossSum?: bigint;
};

export type Latency = { readonly blocks: Map<number, number>; readonly seconds: Map<number, number> };

export type Bucket = { readonly active: Set<Address>; paid: bigint; slashes: number; units: number };

/**
 * Everything that is told of many events at once, added up event by event: plain data that can be copied and stored. What is told of few is read from
 * the index when it is asked for.
 */
export type Summary = {
  /** The last event that is in it; -1 before the first. */
  block: number;
  logIndex: number;
  events: number;
  windows: number;
  submissions: number;
  checkpoints: number;
  slashes: number;
  audits: number;
  auditsCompleted: number;
  /** Paid in ASSAY for units and seats. */
  paid: bigint;
  feeBurned: bigint;
  emitted: bigint;
  readonly jobs: Map<string, JobSummary>;
  readonly operators: Map<Address, OperatorSummary>;
  readonly open: Map<Hex, Open>;
  readonly eager: Latency;
  readonly optimistic: Latency;
  /** Versions of the checkpoints that nothing was trained from yet, by circuit, lineage and id. */
  readonly tips: Map<string, number>;
  /** Whether the seat that was settled last is paid. */
  seatPays: boolean;
  readonly buckets: Map<number, Bucket>;
};

export function emptySummary(): Summary {
  const latency = (): Latency => ({ blocks: new Map(), seconds: new Map() });
  return {
    block: -1,
    logIndex: -1,
    events: 0,
    windows: 0,
    submissions: 0,
    checkpoints: 0,
    slashes: 0,
    audits: 0,
    auditsCompleted: 0,
    paid: 0n,
    feeBurned: 0n,
    emitted: 0n,
    jobs: new Map(),
    operators: new Map(),
    open: new Map(),
    eager: latency(),
    optimistic: latency(),
    tips: new Map(),
    seatPays: false,
    buckets: new Map(),
  };
}

/** Adds the next event of the chain. @param assay address of the ASSAY token */
export function addToSummary(summary: Summary, event: ChainEvent, assay: Address): void {
  const block = Number(event.blockNumber);
  summary.block = block;
  summary.logIndex = event.logIndex;
  summary.events++;
  const operatorOf = (operator: Address): OperatorSummary => {
    let found = summary.operators.get(operator);
    if (found === undefined) {
      const { logIndex, transactionHash, time } = event;
      found = {
        seen: { block, logIndex, transaction: transactionHash, time },
        hotKey: undefined,
        units: 0,
        rewards: new Map(),
        seats: 0,
        stake: 0n,
        slashes: 0,
        lapses: 0,
        rejected: 0,
        feeBurned: 0n,
        emitted: 0n,
        lastActive: undefined,
      };
      summary.operators.set(operator, found);
    }
    return found;
  };
  const jobOf = (jobId: bigint): JobSummary => summary.jobs.get(String(jobId)) as JobSummary;
  const act = (operator: Address): OperatorSummary => {
    const found = operatorOf(operator);
    found.lastActive = block;
    bucketOf(summary, block).active.add(operator);
    return found;
  };
  const earn = (operator: Address, token: Address, amount: bigint): void => {
    const { rewards } = operatorOf(operator);
    rewards.set(token, (rewards.get(token) ?? 0n) + amount);
  };
  const pay = (token: Address, amount: bigint): void => {
    if (token !== assay) return;
    summary.paid += amount;
    bucketOf(summary, block).paid += amount;
  };

  switch (event.name) {
    case 'JobOpened': {
      const { jobId, terms } = event.args;
      summary.jobs.set(String(jobId), {
        token: terms.token,
        eager: terms.mode === 0,
        trains: terms.datasetId !== zeroHash,
        contributions: terms.contributions,
        finalized: 0,
        units: 0,
        submitted: 0,
        rejected: 0,
        orphaned: 0,
        lapsed: 0,
        workerPart: 0n,
        validatorPart: 0n,
        licensorPart: 0n,
        treasuryPart: 0n,
        refunded: 0n,
        feeBurned: 0n,
        emitted: 0n,
        over: false,
        workers: new Map(),
        curve: { every: 1, points: [], last: undefined },
      });
      return;
    }
    case 'JobCompleted':
    case 'JobCancelled':
      jobOf(event.args.jobId).over = true;
      return;
    case 'EscrowRefunded': {
      jobOf(event.args.jobId).refunded += event.args.amount;
      return;
    }
    case 'LeaseTaken': {
      summary.open.set(event.args.submissionId, { leasedBlock: block, leasedTime: event.time });
      act(event.args.operator);
      return;
    }
    case 'WindowSubmitted': {
      const { submissionId, operator, jobId, statement } = event.args;
      summary.submissions++;
      jobOf(jobId).submitted++;
      act(operator);
      const open = summary.open.get(submissionId);
      if (open === undefined) return;
      open.submittedBlock = block;
      open.submittedTime = event.time;
      if (jobOf(jobId).trains) open.lossSum = statement[7] as bigint;
      return;
    }
    case 'WindowProved': {
      const open = summary.open.get(event.args.submissionId);
      if (open !== undefined) open.provedIn = { transactionHash: event.transactionHash, blockHash: event.blockHash };
      return;
    }
    case 'UnitPaid': {
      const { jobId, operator, workerPart, validatorPart, licensorPart, treasuryPart, feeBurned, emitted } = event.args;
      const job = jobOf(jobId);
      job.workerPart += workerPart;
      job.validatorPart += validatorPart;
      job.licensorPart += licensorPart;
      job.treasuryPart += treasuryPart;
      job.feeBurned += feeBurned;
      job.emitted += emitted;
      const worker = job.workers.get(operator) ?? { units: 0, paid: 0n };
      job.workers.set(operator, { units: worker.units + 1, paid: worker.paid + workerPart });
      // Told right after that it is final.
      const sample = job.curve.last;
      if (sample?.submissionId === event.args.submissionId) sample.paid = workerPart;
      const found = operatorOf(operator);
      found.units++;
      found.feeBurned += feeBurned;
      found.emitted += emitted;
      earn(operator, job.token, workerPart);
      if (emitted > 0n) earn(operator, assay, emitted);
      // What is set aside for validators is paid seat by seat.
      pay(job.token, workerPart + licensorPart + treasuryPart);
      summary.feeBurned += feeBurned;
      summary.emitted += emitted;
      bucketOf(summary, block).units++;
      return;
    }
    case 'SeatSettled':
      // What a seat was not paid goes back to the requester, who may run a node, too: the event before tells.
      summary.seatPays = event.args.outcome === 'paid';
      return;
    case 'SeatPaid': {
      const { jobId, account, amount } = event.args;
      const job = jobOf(jobId);
      if (summary.seatPays) {
        earn(account, job.token, amount);
        pay(job.token, amount);
      } else job.refunded += amount;
      return;
    }
    case 'WindowFinalized': {
      const { jobId, windowIndex, submissionId, operator } = event.args;
      const job = jobOf(jobId);
      job.units++;
      act(operator);
      const open = summary.open.get(submissionId);
      if (open !== undefined) addLatency(job.eager ? summary.eager : summary.optimistic, open, block, event.time);
      const seconds = open?.leasedTime === undefined || event.time === undefined ? undefined : event.time - open.leasedTime;
      addSample(job.curve, {
        window: Number(windowIndex),
        block,
        time: event.time,
        submissionId,
        proof: open?.provedIn,
        paid: 0n,
        seconds,
        lossSum: open?.lossSum,
      });
      summary.open.delete(submissionId);
      if (job.contributions > 1) return;
      job.finalized++;
      summary.windows++;
      return;
    }
    case 'WindowMerged':
      jobOf(event.args.jobId).finalized++;
      summary.windows++;
      return;
    case 'WindowRejected':
      jobOf(event.args.jobId).rejected++;
      operatorOf(event.args.operator).rejected++;
      summary.open.delete(event.args.submissionId);
      return;
    case 'WindowOrphaned':
      jobOf(event.args.jobId).orphaned++;
      summary.open.delete(event.args.submissionId);
      return;
    case 'LeaseLapsed':
      // It may still be submitted.
      jobOf(event.args.jobId).lapsed++;
      operatorOf(event.args.operator).lapses++;
      return;
    case 'LeaseReleased':
    case 'LeaseRevoked':
      summary.open.delete(event.args.submissionId);
      return;
    case 'NodeRegistered':
      operatorOf(event.args.operator).hotKey = event.args.hotKey;
      return;
    case 'NodeDeregistered':
      operatorOf(event.args.operator).hotKey = undefined;
      return;
    case 'Staked':
      operatorOf(event.args.operator).stake += event.args.amount;
      return;
    case 'Withdrawn':
      if (event.module === 'stakeManager') operatorOf(event.args.operator).stake -= event.args.amount;
      return;
    case 'Penalised':
      operatorOf(event.args.operator).stake -= event.args.burned;
      return;
    case 'Slashed': {
      const { operator, finderPart, harmedPart, burned } = event.args;
      const found = operatorOf(operator);
      found.stake -= finderPart + harmedPart + burned;
      found.slashes++;
      summary.slashes++;
      bucketOf(summary, block).slashes++;
      return;
    }
    case 'AttestationCommitted':
      act(event.args.operator).seats++;
      return;
    case 'CheckpointRecorded': {
      const { circuitId, checkpointId, parentId, version, proved } = event.args;
      summary.checkpoints++;
      summary.tips.delete(tipKey(circuitId, proved, parentId));
      summary.tips.set(tipKey(circuitId, proved, checkpointId), Number(version));
      return;
    }
    case 'AuditOpened':
      summary.audits++;
      return;
    case 'AuditCompleted':
      summary.auditsCompleted++;
      return;
    default:
  }
}

function tipKey(circuitId: Hex, proved: boolean, checkpointId: bigint): string {
  return `${circuitId}/${proved ? 1 : 0}/${checkpointId.toString(36)}`;
}

function bucketOf({ buckets }: Summary, block: number): Bucket {
  const number = Math.floor(block / bucketBlocks);
  let found = buckets.get(number);
  if (found === undefined) {
    found = { active: new Set(), paid: 0n, slashes: 0, units: 0 };
    buckets.set(number, found);
    for (const old of buckets.keys()) {
      if (old > number - keptBuckets) break;
      buckets.delete(old);
    }
  }
  return found;
}

function addLatency({ blocks, seconds }: Latency, { submittedBlock, submittedTime }: Open, block: number, time: number | undefined): void {
  const count = (histogram: Map<number, number>, value: number): void => void histogram.set(value, (histogram.get(value) ?? 0) + 1);
  if (submittedBlock === undefined) return;
  count(blocks, block - submittedBlock);
  if (submittedTime !== undefined && time !== undefined) count(seconds, time - submittedTime);
}

function addSample(curve: Curve, sample: CurveSample): void {
  curve.last = sample;
  if (sample.window % curve.every !== 0) return;
  curve.points.push(sample);
  while (curve.points.length > 2 * curveStep) {
    const every = curve.every * 2;
    const fewer = curve.points.filter(({ window }) => window % every === 0);
    curve.every = every;
    // Several contributions of the same windows, which are not told apart any more.
    curve.points = fewer.length <= 2 * curveStep ? fewer : fewer.filter((_, i) => i % 2 === 0);
  }
}
