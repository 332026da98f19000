import { type Hex, zeroHash } from 'viem';
import { getEscrow } from '../chain/getEscrow.ts';
import type { IndexedJob } from '../chain/indexReader.ts';
import { circuitViewOf, lossScale } from './circuitView.ts';
import { describeTerms, showAmount } from './describeTerms.ts';
import type { Curve, JobSummary } from './summary.ts';
import { latestEvent, named, notFound, placeOf, type ViewContext } from './viewContext.ts';
import type { CurvePoint, CurveView, JobRow, JobView, WindowRow, WindowView } from './views.ts';
import { showCid, showId } from './words.ts';

type State = WindowView['leases'][number]['state'];

export async function jobRowOf(context: ViewContext, job: IndexedJob): Promise<JobRow> {
  const { jobId, requester, modelId, terms, state } = job;
  const summary = (await context.summary()).jobs.get(String(jobId));
  const opened = await latestEvent(context.reader, 'JobOpened', ['jobId', jobId]);
  if (opened === undefined) throw notFound('job', String(jobId));
  return {
    id: String(jobId),
    state,
    mode: terms.mode === 0 ? 'eager' : 'optimistic',
    statement: terms.datasetId === zeroHash ? 'inference' : 'train-window',
    requester,
    circuitId: terms.circuitId,
    modelId,
    datasetId: terms.datasetId === zeroHash ? null : terms.datasetId,
    token: await context.facts.token(terms.token),
    price: String(terms.price),
    windows: terms.windows,
    contributions: terms.contributions,
    finalized: job.finalized,
    paid: String(summary === undefined ? 0n : paidBy(summary)),
    opened: await placeOf(context, opened),
  };
}

function paidBy({ workerPart, validatorPart, licensorPart, treasuryPart }: JobSummary): bigint {
  return workerPart + validatorPart + licensorPart + treasuryPart;
}

/** @throws EXPLORER_NOT_FOUND */
async function existingJob({ reader }: ViewContext, jobId: bigint): Promise<IndexedJob> {
  const job = await reader.job(jobId);
  if (job === undefined) throw notFound('job', String(jobId));
  return job;
}

/** @throws EXPLORER_NOT_FOUND */
export async function jobViewOf(context: ViewContext, jobId: bigint): Promise<JobView> {
  const { chain, deployment, reader } = context;
  const job = await existingJob(context, jobId);
  const row = await jobRowOf(context, job);
  const { terms } = job;
  const summary = (await context.summary()).jobs.get(row.id);
  const [seed, escrow, last, merged, circuit] = await Promise.all([
    latestEvent(reader, 'SeedCaptured', ['jobId', jobId]),
    getEscrow(chain, deployment, jobId, terms.token).catch(() => undefined),
    latestEvent(reader, 'WindowFinalized', ['jobId', jobId]),
    latestEvent(reader, 'WindowMerged', ['jobId', jobId]),
    circuitViewOf(context, terms.circuitId).catch(() => null),
  ]);
  const trains = row.statement === 'train-window';
  const finalId = !trains ? terms.genesisId : terms.contributions > 1 ? merged?.args.mergedId : last?.args.resultId;
  const unit = trains ? (terms.contributions > 1 ? 'contributions' : 'windows') : 'answers';
  const price = showAmount(terms.price, row.token);
  return {
    ...row,
    terms: describeTerms(terms, row.token),
    text: [
      trains
        ? `Trains ${circuit?.known == null ? 'a network' : `a ${circuit.known.sizes.join('-')} network`} for ${terms.windows} windows${
            circuit?.known?.steps == null ? '' : ` of ${circuit.known.steps} steps`
          }`
        : `Asks a committed model ${terms.windows} times`,
      `and pays ${price} for each of its ${unit}, ${row.mode === 'eager' ? 'each proved on chain' : `final after ${terms.finalityBlocks} blocks of silence or by a proof`}.`,
    ].join(' '),
    genesisId: showId(terms.genesisId),
    finalId: showId(finalId ?? terms.genesisId),
    batchSeed: seed === undefined ? null : showId(seed.args.batchSeed),
    submitted: summary?.submitted ?? 0,
    rejected: summary?.rejected ?? 0,
    orphaned: summary?.orphaned ?? 0,
    lapsed: summary?.lapsed ?? 0,
    escrow: escrow === undefined ? null : String(escrow),
    payouts: {
      workers: String(summary?.workerPart ?? 0n),
      validators: String(summary?.validatorPart ?? 0n),
      licensor: String(summary?.licensorPart ?? 0n),
      treasury: String(summary?.treasuryPart ?? 0n),
      refunded: String(summary?.refunded ?? 0n),
      feeBurned: String(summary?.feeBurned ?? 0n),
      emitted: String(summary?.emitted ?? 0n),
    },
    workers: [...(summary?.workers ?? [])]
      .sort(([, a], [, b]) => (a.paid === b.paid ? b.units - a.units : a.paid < b.paid ? 1 : -1))
      .slice(0, 50)
      .map(([operator, { units, paid }]) => ({ operator, units, paid: String(paid) })),
    circuit,
    gas: await gasOf(context, summary?.curve, summary?.units ?? 0),
  };
}

/** Gas of a job's proofs, of those whose receipts were read. */
async function gasOf({ facts }: ViewContext, curve: Curve | undefined, units: number): Promise<JobView['gas']> {
  const known = await Promise.all(
    samplesOf(curve).map((sample) => (sample.proof === undefined ? undefined : facts.knownReceipt(sample.proof))),
  );
  const read = known.filter((receipt) => receipt !== undefined);
  return { total: read.reduce((sum, { gasUsed }) => sum + gasUsed, 0), transactions: read.length, of: units };
}

/** The points of a curve, and the last one where it is not among them. */
export function samplesOf(curve: Curve | undefined) {
  if (curve === undefined) return [];
  const { points, last } = curve;
  return last === undefined || points.at(-1)?.submissionId === last.submissionId ? points : [...points, last];
}

export async function windowRowOf(context: ViewContext, jobId: bigint, submissionId: Hex, trains: boolean): Promise<WindowRow> {
  const about = await context.reader.submissionEvents(submissionId);
  const [final] = named(about, 'WindowFinalized');
  const [submitted] = named(about, 'WindowSubmitted');
  const [paid] = named(about, 'UnitPaid');
  const [taken] = named(about, 'LeaseTaken');
  const [proved] = named(about, 'WindowProved');
  if (final === undefined || submitted === undefined) throw notFound('final submission', submissionId);
  const { windowIndex, contributionIndex, operator, resultId } = final.args;
  const [at, leased] = await Promise.all([placeOf(context, final), taken === undefined ? null : context.facts.time(taken)]);
  const receipt = proved === undefined ? undefined : await context.facts.receipt(proved);
  return {
    jobId: String(jobId),
    index: Number(windowIndex),
    contribution: Number(contributionIndex),
    submissionId,
    operator,
    checkpointId: trains ? showId(resultId) : null,
    proved: final.args.proved,
    reward: String(paid?.args.workerPart ?? 0n),
    lossSum: trains ? String(submitted.args.statement[7]) : null,
    seconds: at.time === null || leased === null ? null : (Date.parse(at.time) - Date.parse(leased)) / 1000,
    gas: receipt?.gasUsed ?? null,
    final: at,
  };
}

/** @throws EXPLORER_NOT_FOUND */
export async function windowViewOf(context: ViewContext, jobId: bigint, index: number): Promise<WindowView> {
  const { reader } = context;
  const job = await existingJob(context, jobId);
  const trains = job.terms.datasetId !== zeroHash;
  const [leases, finals, merges, inputs] = await Promise.all([
    reader.windowEvents('LeaseTaken', jobId, index),
    reader.windowEvents('WindowFinalized', jobId, index),
    reader.windowEvents('WindowMerged', jobId, index),
    reader.windowEvents('InputAdded', jobId, index),
  ]);
  const [merge] = named(merges, 'WindowMerged');
  const [input] = named(inputs, 'InputAdded');
  if (leases.length === 0 && input === undefined) throw notFound(`window of job ${jobId}`, String(index));
  return {
    jobId: String(jobId),
    index,
    statement: trains ? 'train-window' : 'inference',
    leases: await Promise.all(
      named(leases, 'LeaseTaken').map(async (event) => {
        const { submissionId, operator, contributionIndex, raced, startId, deadline } = event.args;
        return {
          submissionId,
          operator,
          contribution: Number(contributionIndex),
          state: stateOf(new Set((await reader.submissionEvents(submissionId)).map(({ name }) => name))),
          raced,
          startId: showId(startId),
          deadline: Number(deadline),
          taken: await placeOf(context, event),
        };
      }),
    ),
    units: await Promise.all(named(finals, 'WindowFinalized').map(({ args }) => windowRowOf(context, jobId, args.submissionId, trains))),
    merge:
      merge === undefined
        ? null
        : { baseId: showId(merge.args.baseId), mergedId: showId(merge.args.mergedId), at: await placeOf(context, merge) },
    input:
      input === undefined ? null : { inputId: showId(input.args.inputId), cid: showCid(input.args.cid), at: await placeOf(context, input) },
  };
}

/** What has become of a lease, from the names of the events about it. */
export function stateOf(names: ReadonlySet<string>): State {
  const order = [
    ['WindowRejected', 'rejected'],
    ['WindowOrphaned', 'orphaned'],
    ['WindowFinalized', 'finalized'],
    ['WindowProved', 'proved'],
    ['WindowSubmitted', 'submitted'],
    ['LeaseRevoked', 'revoked'],
    ['LeaseReleased', 'released'],
    ['LeaseLapsed', 'lapsed'],
  ] as const;
  return order.find(([name]) => names.has(name))?.[1] ?? 'held';
}

/** @throws EXPLORER_NOT_FOUND */
export async function curveViewOf(context: ViewContext, jobId: bigint): Promise<CurveView> {
  const job = await existingJob(context, jobId);
  const curve = (await context.summary()).jobs.get(String(jobId))?.curve;
  const samples = samplesOf(curve);
  const trains = job.terms.datasetId !== zeroHash;
  const scale = trains ? await lossScale(context, job.terms.circuitId) : undefined;
  const points = await Promise.all(
    samples.map(async (sample): Promise<CurvePoint> => {
      const { window, block, time, paid, seconds, lossSum } = sample;
      const receipt = sample.proof === undefined ? undefined : await context.facts.knownReceipt(sample.proof);
      return {
        window,
        block,
        time: time === undefined ? null : new Date(time * 1000).toISOString(),
        gas: receipt?.gasUsed ?? null,
        paid: String(paid),
        seconds: seconds ?? null,
        loss: scale === undefined || lossSum === undefined ? null : Number(lossSum) / scale.samples / 4 ** scale.fd,
        lossSum: lossSum === undefined ? null : String(lossSum),
      };
    }),
  );
  return {
    jobId: String(jobId),
    points,
    windows: job.finalized,
    every: curve?.every ?? 1,
    lossNote: !trains
      ? 'The job asks for answers: it trains nothing.'
      : scale === undefined
        ? 'No circuit of this package has the shape of the job’s: the sums are as stated, their scale is not known.'
        : null,
  };
}
