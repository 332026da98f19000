import { type Hex, zeroAddress, zeroHash } from 'viem';
import type { ChainEvent } from '../chain/chainEvent.ts';
import type { IndexedSeat, IndexedSlash } from '../chain/indexReader.ts';
import { circuitViewOf } from './circuitView.ts';
import { stateOf } from './jobViews.ts';
import { type EventNamed, named, notFound, placeOf, type ViewContext } from './viewContext.ts';
import type { CircuitView, FactView, PlaceView, ProofRow, ProofView, SeatView, SlashRow } from './views.ts';
import { sayWords, showId, slashReasons } from './words.ts';

export async function proofRowOf(context: ViewContext, event: EventNamed<'WindowSubmitted'>): Promise<ProofRow> {
  const { submissionId, jobId, windowIndex, contributionIndex, operator } = event.args;
  const [about, summary] = await Promise.all([context.reader.submissionEvents(submissionId), context.summary()]);
  return {
    submissionId,
    jobId: String(jobId),
    window: Number(windowIndex),
    contribution: Number(contributionIndex),
    statement: summary.jobs.get(String(jobId))?.trains === false ? 'inference' : 'train-window',
    operator,
    state: stateOf(new Set(about.map(({ name }) => name))),
    submitted: await placeOf(context, event),
  };
}

/** Of things that the reader tells without the block's hash: times come from the event of the same transaction. */
async function placeAt(context: ViewContext, transactionHash: Hex): Promise<PlaceView> {
  const [event] = await context.reader.transactionEvents(transactionHash);
  return placeOf(context, event as ChainEvent);
}

export async function seatViewOf(context: ViewContext, seat: IndexedSeat): Promise<SeatView> {
  const { submissionId, operator, state, committed } = seat;
  return { submissionId, seat: Number(seat.seat), operator, state, committed: await placeAt(context, committed.transactionHash) };
}

export async function slashRowOf(context: ViewContext, slash: IndexedSlash): Promise<SlashRow> {
  const { operator, finder, finderPart, harmedPart, burned, reason, submissionId, happened } = slash;
  return {
    operator,
    finder: finder ?? null,
    finderPart: String(finderPart),
    harmedPart: String(harmedPart),
    burned: String(burned),
    reason,
    text: slashReasons[reason],
    submissionId,
    at: await placeAt(context, happened.transactionHash),
  };
}

/** @throws EXPLORER_NOT_FOUND */
export async function proofViewOf(context: ViewContext, submissionId: Hex): Promise<ProofView> {
  const { reader, facts } = context;
  const about = await reader.submissionEvents(submissionId);
  const [submitted] = named(about, 'WindowSubmitted');
  if (submitted === undefined) throw notFound('submission', submissionId);
  const { jobId, statement, proofHash, sender } = submitted.args;
  const job = await reader.job(jobId);
  if (job === undefined) throw notFound('job', String(jobId));
  const row = await proofRowOf(context, submitted);
  const trains = job.terms.datasetId !== zeroHash;
  const circuit = await circuitViewOf(context, job.terms.circuitId).catch(() => null);
  const [taken] = named(about, 'LeaseTaken');
  const [proved] = named(about, 'WindowProved');
  const [final] = named(about, 'WindowFinalized');
  const [rejected] = named(about, 'WindowRejected');
  const [orphaned] = named(about, 'WindowOrphaned');
  const [paid] = named(about, 'UnitPaid');
  const over = rejected ?? orphaned;
  const words = sayWords(row.statement, statement);
  const at = (event: ChainEvent): Promise<PlaceView> => placeOf(context, event);
  const slashed = await Promise.all(
    about
      .filter(
        ({ name }) => name === 'OperatorSlashed' || name === 'WindowRejected' || name === 'SeatSettled' || name === 'AttestationExposed',
      )
      .map(({ transactionHash }) => reader.transactionEvents(transactionHash)),
  );
  const slashEvents = named(slashed.flat(), 'Slashed').filter(
    (event, i, all) => all.findIndex((other) => other.transactionHash === event.transactionHash && other.logIndex === event.logIndex) === i,
  );
  const slashes = (await Promise.all(slashEvents.map((event) => reader.slash(event)))).filter(
    (slash) => slash.submissionId === submissionId,
  );
  // What the verifier refused was settled in the transaction that rejected it.
  const judged = proved ?? rejected;
  const receipt = judged === undefined ? undefined : await facts.receipt(judged);
  const finalAt = final === undefined ? undefined : await at(final);
  const seconds =
    finalAt?.time == null || row.submitted.time === null ? null : (Date.parse(finalAt.time) - Date.parse(row.submitted.time)) / 1000;
  const seats = await reader.seats({ submissionId });
  return {
    ...row,
    text: sayProof(row, words, circuit, final?.args.proved === false),
    words,
    proofHash,
    sender,
    resultId: trains ? showId(statement[2] as bigint) : null,
    parentId: trains ? showId(statement[1] as bigint) : null,
    circuit,
    leased: taken === undefined ? null : await at(taken),
    proved: proved === undefined ? null : { by: proved.args.settler, at: await at(proved) },
    final: final === undefined || finalAt === undefined ? null : { proved: final.args.proved, at: finalAt },
    over:
      over === undefined
        ? null
        : {
            what: over.name === 'WindowRejected' ? 'rejected' : 'orphaned',
            finder: over.name === 'WindowRejected' && over.args.finder !== zeroAddress ? over.args.finder : null,
            at: await at(over),
          },
    gas: receipt?.gasUsed ?? null,
    latency: finalAt === undefined ? null : { blocks: finalAt.block - row.submitted.block, seconds },
    token: await facts.token(job.terms.token),
    paid:
      paid === undefined
        ? null
        : {
            worker: String(paid.args.workerPart),
            validators: String(paid.args.validatorPart),
            licensor: String(paid.args.licensorPart),
            treasury: String(paid.args.treasuryPart),
            feeBurned: String(paid.args.feeBurned),
            emitted: String(paid.args.emitted),
          },
    seats: await Promise.all(seats.items.map((seat) => seatViewOf(context, seat))),
    demands: await Promise.all(
      named(about, 'ProofDemanded').map(async (event) => ({
        challenger: event.args.challenger,
        bond: String(event.args.bond),
        deadline: Number(event.args.deadline),
        at: await at(event),
      })),
    ),
    slashes: await Promise.all(slashes.map((slash) => slashRowOf(context, slash))),
    verifyCommand: `assay explore proof ${submissionId} --verify`,
  };
}

/** What it states, and on whose word. */
function sayProof(
  { state, window, operator, jobId }: ProofRow,
  words: readonly FactView[],
  circuit: CircuitView | null,
  bySilence: boolean,
): string[] {
  const word = (name: string): string => words.find((one) => one.name === name)?.value ?? '?';
  const known = circuit?.known;
  const first = BigInt(words.some(({ name }) => name === 'firstStep') ? word('firstStep') : 0);
  const steps = known?.steps ?? null;
  const range =
    steps === null ? `Steps from ${first} on` : steps === 1 ? `Step ${first}` : `Steps ${first} to ${first + BigInt(steps) - 1n}`;
  const network = known == null ? 'a committed network' : `a ${known.sizes.join('-')} network`;
  const says = words.some(({ name }) => name === 'parentId')
    ? [
        `${range} of exact integer SGD on ${network}${known == null ? '' : ` (minibatches of ${known.batch})`} lead from checkpoint ${word('parentId')} to checkpoint ${word('childId')}.`,
        `They were taken on the minibatches that seed ${word('batchSeed')} selects from the data set with root ${word('datasetRoot')}.`,
        `The squared errors sum to ${word('lossSum')}.`,
      ]
    : [
        `The model in checkpoint ${word('checkpointId')}, ${network}, answers the inputs committed as ${word('inputId')} with the output words ${words
          .filter(({ name }) => name.startsWith('output'))
          .map(({ value }) => value)
          .join(', ')}.`,
      ];
  const standing = {
    held: 'Nothing is submitted yet.',
    released: 'The lease was given back.',
    lapsed: 'The lease lapsed.',
    revoked: 'The lease was taken from its operator.',
    submitted: 'It was submitted without its proof: so far this is the operator’s word, with its bond behind it.',
    proved: 'The verifier contract has accepted the proof; it waits for the windows before it.',
    finalized: bySilence
      ? 'It is final by silence: nobody showed it to be false in time, and no verifier has judged it.'
      : 'The verifier contract has accepted the proof, and it is final.',
    rejected: 'It was rejected: what it states is not to be relied on.',
    orphaned: 'It was orphaned, since a window that it was built on was rejected: what it states may be true, and counts for nothing.',
  } as const;
  return [
    ...says,
    `Submitted by ${operator} for window ${window} of job ${jobId}, under one lease only (context ${word('context')}).`,
    standing[state],
  ];
}
