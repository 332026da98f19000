import { type Address, type Hex, isAddressEqual, zeroAddress, zeroHash } from 'viem';
import { AssayError, exitCodes } from '../errors.ts';
import { type ChainEvent, decodeEvent } from './chainEvent.ts';
import type { Deployment } from './deployment.ts';
import type { JobState } from './getJob.ts';
import { type IndexField, indexKey, keysAbout, submissionKey, transactionKey, windowKey } from './indexKeys.ts';
import type { IndexEntry, IndexedBlock, IndexPosition, IndexStorage } from './indexStorage.ts';
import { invalidCursor } from './invalidCursor.ts';

export type PageQuery = {
  /** `next` of the page before. Default: from the start. */
  readonly cursor?: string | undefined;
  /** 1 to 200. Default 50. */
  readonly limit?: number;
};

export type Page<T> = {
  readonly items: readonly T[];
  /** Undefined after the last page. It names a place on the chain and stays good when the chain moves on, or is reorganised. */
  readonly next: string | undefined;
};

/** Where on the chain something happened. */
export type Happened = { readonly blockNumber: bigint; readonly transactionHash: Hex };

type ArgsOf<name extends ChainEvent['name']> = Extract<ChainEvent, { name: name }>['args'];

export type IndexedJob = ArgsOf<'JobOpened'> & {
  readonly state: Exclude<JobState, 'none'>;
  /** Windows that are final. */
  readonly finalized: number;
  readonly opened: Happened;
};

export type IndexedWindow = ArgsOf<'WindowFinalized'> & {
  /** As submitted. */
  readonly statement: readonly bigint[];
  readonly proofHash: Hex;
  /** How its price was split; see the event UnitPaid. */
  readonly paid: ArgsOf<'UnitPaid'>;
  readonly final: Happened;
};

export type IndexedSubmission = ArgsOf<'WindowSubmitted'> & {
  readonly state: 'submitted' | 'proved' | 'finalized' | 'rejected' | 'orphaned';
  readonly submitted: Happened;
};

export type IndexedSlash = Omit<ArgsOf<'Slashed'>, 'finder'> & {
  /** Undefined where its part was burned. */
  readonly finder: Address | undefined;
  /** What it was for: the reason of OperatorSlashed, a proof that the verifier refused in `settle`, or a false attestation. */
  readonly reason: 'false' | 'equivocation' | 'withheld' | 'attestation';
  readonly submissionId: Hex;
  readonly happened: Happened;
};

export type IndexedSeat = {
  readonly submissionId: Hex;
  readonly seat: bigint;
  readonly operator: Address;
  /** exposed: its digest was not that of the proof's bytes; it is empty again. */
  readonly state: 'committed' | 'revealed' | 'exposed' | 'paid' | 'unpaid' | 'slashed';
  readonly committed: Happened;
};

export type IndexedCheckpoint = ArgsOf<'CheckpointRecorded'> & {
  /** Of a merge, the checkpoints that were merged; else empty. */
  readonly children: readonly bigint[];
  readonly recorded: Happened;
};

export type IndexReader = {
  /** The block up to which the index is complete; undefined before the first. */
  indexed(): Promise<IndexedBlock | undefined>;
  /** Newest first. */
  jobs(query?: PageQuery & { readonly requester?: Address; readonly modelId?: Hex }): Promise<Page<IndexedJob>>;
  job(jobId: bigint): Promise<IndexedJob | undefined>;
  /** Final units of a job, in order. */
  windows(jobId: bigint, query?: PageQuery): Promise<Page<IndexedWindow>>;
  /** Newest first. */
  submissions(query?: PageQuery & { readonly jobId?: bigint; readonly operator?: Address }): Promise<Page<IndexedSubmission>>;
  submission(submissionId: Hex): Promise<IndexedSubmission | undefined>;
  /** Newest first. */
  slashes(query?: PageQuery & { readonly operator?: Address }): Promise<Page<IndexedSlash>>;
  /** Attestations, newest first. */
  seats(query?: PageQuery & { readonly submissionId?: Hex; readonly operator?: Address }): Promise<Page<IndexedSeat>>;
  /** Checkpoints that windows ended in, newest first. */
  checkpoints(query?: PageQuery & { readonly jobId?: bigint; readonly circuitId?: Hex }): Promise<Page<IndexedCheckpoint>>;
  /** Every event about something, or of a name, or of a name about something; without either, every one. Oldest first, unless asked otherwise. */
  events(
    query: PageQuery & {
      readonly name?: ChainEvent['name'] | undefined;
      readonly about?: readonly [IndexField, string | bigint] | undefined;
      readonly newestFirst?: boolean | undefined;
    },
  ): Promise<Page<ChainEvent>>;
  /** Every event about a submission, in order. */
  submissionEvents(submissionId: Hex): Promise<readonly ChainEvent[]>;
  /** Every event of the deployment in a transaction, in order. */
  transactionEvents(hash: Hex): Promise<readonly ChainEvent[]>;
  /** The leases of a window, its final units, its merge or its input, in order. */
  windowEvents(
    name: 'LeaseTaken' | 'WindowFinalized' | 'WindowMerged' | 'InputAdded',
    jobId: bigint,
    windowIndex: number,
  ): Promise<readonly ChainEvent[]>;
  window(event: Extract<ChainEvent, { name: 'WindowFinalized' }>): Promise<IndexedWindow>;
  slash(event: Extract<ChainEvent, { name: 'Slashed' }>): Promise<IndexedSlash>;
  /** Every event after a place on the chain, in order. */
  scan(after: IndexPosition | undefined, limit: number): Promise<readonly ChainEvent[]>;
  /** Ids in use that begin so. @param prefix lower case @param about of which kind; a submission's is of `submissionId` alone, a transaction's of `transaction` */
  ids(
    prefix: string,
    about: readonly [name: ChainEvent['name'], field: IndexField] | 'submission' | 'transaction',
    limit: number,
  ): Promise<readonly string[]>;
};

const highestLimit = 200;

/**
 * Reads an index of a deployment's events.
 *
 * @throws (its methods) CHAIN_CURSOR_INVALID, CHAIN_LIMIT_OUT_OF_RANGE, and what the storage throws
 */
export function indexReader(storage: IndexStorage, deployment: Deployment): IndexReader {
  const decode = (entry: IndexEntry): ChainEvent => {
    const event = decodeEvent(deployment, { ...entry, blockNumber: BigInt(entry.block) });
    if (event === undefined)
      throw new AssayError('CHAIN_EVENT_MISSING', `the index holds a log that is no event of ${deployment.addresses.jobManager}`);
    return event;
  };

  async function page<T>(
    keys: readonly string[] | undefined,
    { cursor, limit = 50 }: PageQuery,
    newestFirst: boolean,
    show: (event: ChainEvent) => Promise<T>,
  ): Promise<Page<T>> {
    if (!Number.isInteger(limit) || limit < 1 || limit > highestLimit) {
      throw new AssayError('CHAIN_LIMIT_OUT_OF_RANGE', `a page has 1 to ${highestLimit} items, not ${limit}`, {
        exitCode: exitCodes.usage,
      });
    }
    const after = cursor === undefined ? undefined : parseCursor(cursor);
    // One more tells whether there is another page.
    const query = { after, limit: limit + 1, newestFirst };
    const found = keys === undefined ? [await storage.scan(query)] : await Promise.all(keys.map((key) => storage.list({ key, ...query })));
    const direction = newestFirst ? -1 : 1;
    const merged = found.length === 1 ? (found[0] as readonly IndexEntry[]) : found.flat().sort((a, b) => direction * compare(a, b));
    const entries = merged.slice(0, limit);
    const items = await Promise.all(entries.map((entry) => show(decode(entry))));
    return { items, next: merged.length > limit ? cursorOf(entries.at(-1) as IndexEntry) : undefined };
  }

  /** The latest event of a name about something. */
  async function latest<name extends ChainEvent['name']>(
    name: name,
    field: Exclude<IndexField, 'submissionId'>,
    value: string | bigint,
  ): Promise<Extract<ChainEvent, { name: name }> | undefined> {
    const [entry] = await storage.list({ key: indexKey(name, field, value), limit: 1, newestFirst: true });
    return entry === undefined ? undefined : (decode(entry) as Extract<ChainEvent, { name: name }>);
  }

  async function submissionEvents(submissionId: Hex): Promise<readonly ChainEvent[]> {
    return (await storage.list({ key: submissionKey(submissionId), limit: 10_000 })).map(decode);
  }

  async function transactionEvents(hash: Hex): Promise<readonly ChainEvent[]> {
    const [first] = await storage.list({ key: transactionKey(hash), limit: 1 });
    const events: ChainEvent[] = [];
    for (let after = first; after !== undefined; ) {
      if (events.length === 0) events.push(decode(after));
      const more: readonly IndexEntry[] = await storage.scan({ after, limit: 100 });
      const same = more.filter(({ transactionHash }) => transactionHash === first?.transactionHash);
      events.push(...same.map(decode));
      after = same.length === 100 ? same.at(-1) : undefined;
    }
    return events;
  }

  async function showJob(event: ChainEvent): Promise<IndexedJob> {
    const { args, ...at } = event as Extract<ChainEvent, { name: 'JobOpened' }>;
    const { jobId, terms } = args;
    const [over, cancelled, paused, resumed, seeded] = await Promise.all([
      latest('JobCompleted', 'jobId', jobId),
      latest('JobCancelled', 'jobId', jobId),
      latest('JobPaused', 'jobId', jobId),
      latest('JobResumed', 'jobId', jobId),
      latest('SeedCaptured', 'jobId', jobId),
    ]);
    const last = await (terms.contributions > 1 ? latest('WindowMerged', 'jobId', jobId) : latest('WindowFinalized', 'jobId', jobId));
    const isPaused = paused !== undefined && (resumed === undefined || isBefore(resumed, paused));
    // A job that answers needs no seed.
    const isActive = seeded !== undefined || terms.datasetId === zeroHash;
    const running = isPaused ? 'paused' : isActive ? 'active' : 'open';
    const state = cancelled !== undefined ? 'cancelled' : over !== undefined ? 'completed' : running;
    return { ...args, state, finalized: last === undefined ? 0 : Number(last.args.windowIndex) + 1, opened: happenedAt(at) };
  }

  async function showWindow(event: ChainEvent): Promise<IndexedWindow> {
    const { args, ...at } = event as Extract<ChainEvent, { name: 'WindowFinalized' }>;
    const { submissionId } = args;
    const about = await submissionEvents(submissionId);
    const submitted = about.find(({ name }) => name === 'WindowSubmitted');
    const paid = about.find(({ name }) => name === 'UnitPaid');
    if (submitted?.name !== 'WindowSubmitted' || paid?.name !== 'UnitPaid')
      throw new AssayError('CHAIN_EVENT_MISSING', `the index lacks submission ${submissionId}`);
    const { statement, proofHash } = submitted.args;
    return { ...args, statement, proofHash, paid: paid.args, final: happenedAt(at) };
  }

  async function showSubmission(event: ChainEvent): Promise<IndexedSubmission> {
    const { args, ...at } = event as Extract<ChainEvent, { name: 'WindowSubmitted' }>;
    const { submissionId } = args;
    const names = new Set((await submissionEvents(submissionId)).map(({ name }) => name));
    const [finalized, rejected, orphaned, proved] = (['WindowFinalized', 'WindowRejected', 'WindowOrphaned', 'WindowProved'] as const).map(
      (name) => names.has(name),
    );
    const over = finalized ? 'finalized' : rejected ? 'rejected' : orphaned ? 'orphaned' : undefined;
    return { ...args, state: over ?? (proved ? 'proved' : 'submitted'), submitted: happenedAt(at) };
  }

  async function showSlash(event: ChainEvent): Promise<IndexedSlash> {
    const slash = event as Extract<ChainEvent, { name: 'Slashed' }>;
    const { finder, ...rest } = slash.args;
    const around = await transactionEvents(event.transactionHash);
    // What one slash could not take is collected later: why, was told then.
    const debt = around.find(
      (other) => other.name === 'DebtCollected' && other.logIndex > event.logIndex && isAddressEqual(other.args.operator, rest.operator),
    );
    const told = debt?.name === 'DebtCollected' ? await submissionEvents(debt.args.submissionId) : around;
    const causes = told.flatMap((other) =>
      debt === undefined && other.logIndex < event.logIndex ? [] : (causeOf(other, rest.operator) ?? []),
    );
    // A contract says why after the stake was taken. A rejection on evidence is told twice: the second time with its reason.
    const [first] = causes;
    if (first !== undefined) {
      const cause = causes.find(({ submissionId, told: saysSo }) => saysSo && submissionId === first.submissionId) ?? first;
      const { reason, submissionId } = cause;
      return { ...rest, reason, submissionId, finder: finder === zeroAddress ? undefined : finder, happened: happenedAt(event) };
    }
    throw new AssayError('CHAIN_EVENT_MISSING', `the index does not say what ${rest.operator} was slashed for in ${event.transactionHash}`);
  }

  async function showSeat(event: ChainEvent): Promise<IndexedSeat> {
    const { args, ...at } = event as Extract<ChainEvent, { name: 'AttestationCommitted' }>;
    const { submissionId, seat, operator } = args;
    let state: IndexedSeat['state'] = 'committed';
    for (const later of await submissionEvents(submissionId)) {
      if (later.name !== 'AttestationRevealed' && later.name !== 'AttestationExposed' && later.name !== 'SeatSettled') continue;
      if (later.args.seat !== seat || later.args.operator !== operator || isBefore(later, event)) continue;
      if (later.name === 'SeatSettled') state = later.args.outcome as 'paid' | 'unpaid' | 'slashed';
      else state = later.name === 'AttestationExposed' ? 'exposed' : 'revealed';
    }
    return { submissionId, seat, operator, state, committed: happenedAt(at) };
  }

  async function showCheckpoint(event: ChainEvent): Promise<IndexedCheckpoint> {
    const { args, ...at } = event as Extract<ChainEvent, { name: 'CheckpointRecorded' }>;
    const around = await transactionEvents(event.transactionHash);
    const merged = around.find((other) => other.name === 'CheckpointMerged' && other.args.checkpointId === args.checkpointId);
    return { ...args, children: merged?.name === 'CheckpointMerged' ? merged.args.children : [], recorded: happenedAt(at) };
  }

  /** Of every event of a name, or of those about one thing. */
  const keyFor = (
    name: ChainEvent['name'],
    about: Readonly<Partial<Record<Exclude<IndexField, 'submissionId'>, string | bigint | undefined>>>,
  ): string[] => {
    const given = Object.entries(about).filter(([, value]) => value !== undefined) as [
      Exclude<IndexField, 'submissionId'>,
      string | bigint,
    ][];
    if (given.length > 1) {
      throw new AssayError('CHAIN_QUERY_INVALID', `ask by one of ${given.map(([field]) => field).join(', ')}`, {
        exitCode: exitCodes.usage,
      });
    }
    const [only] = given;
    return [only === undefined ? indexKey(name) : indexKey(name, only[0], only[1])];
  };

  const oneKey = (name: ChainEvent['name'], [field, value]: readonly [IndexField, string | bigint]): string => {
    if (field !== 'submissionId') return indexKey(name, field, value);
    throw new AssayError('CHAIN_QUERY_INVALID', 'ask for all events about a submission', { exitCode: exitCodes.usage });
  };

  return {
    indexed: async () => (await storage.state())?.blocks.at(-1),
    jobs: async ({ requester, modelId, ...query } = {}) => page(keyFor('JobOpened', { requester, modelId }), query, true, showJob),
    async job(jobId) {
      const event = await latest('JobOpened', 'jobId', jobId);
      return event === undefined ? undefined : showJob(event);
    },
    windows: async (jobId, query = {}) => page([indexKey('WindowFinalized', 'jobId', jobId)], query, false, showWindow),
    submissions: async ({ jobId, operator, ...query } = {}) =>
      page(keyFor('WindowSubmitted', { jobId, operator }), query, true, showSubmission),
    async submission(submissionId) {
      const event = (await submissionEvents(submissionId)).find(({ name }) => name === 'WindowSubmitted');
      return event === undefined ? undefined : showSubmission(event);
    },
    slashes: async ({ operator, ...query } = {}) => page(keyFor('Slashed', { operator }), query, true, showSlash),
    async seats({ submissionId, operator, ...query } = {}) {
      if (submissionId === undefined) return page(keyFor('AttestationCommitted', { operator }), query, true, showSeat);
      if (operator !== undefined)
        throw new AssayError('CHAIN_QUERY_INVALID', 'ask by one of operator, submissionId', { exitCode: exitCodes.usage });
      // Few: they are all shown at once.
      const committed = (await submissionEvents(submissionId)).filter(({ name }) => name === 'AttestationCommitted');
      return { items: await Promise.all(committed.toReversed().map(showSeat)), next: undefined };
    },
    checkpoints: async ({ jobId, circuitId, ...query } = {}) =>
      page(keyFor('CheckpointRecorded', { jobId, circuitId }), query, true, showCheckpoint),
    async events({ name, about, newestFirst = false, ...query }) {
      const all = name === undefined ? (about === undefined ? undefined : keysAbout(...about)) : undefined;
      const keys = name === undefined ? all : [about === undefined ? indexKey(name) : oneKey(name, about)];
      return page(keys, query, newestFirst, async (event) => event);
    },
    submissionEvents,
    transactionEvents,
    windowEvents: async (name, jobId, windowIndex) =>
      (await storage.list({ key: windowKey(name, jobId, windowIndex), limit: 10_000 })).map(decode),
    window: showWindow,
    slash: showSlash,
    scan: async (after, limit) => (await storage.scan({ after, limit })).map(decode),
    async ids(prefix, about, limit) {
      const head = typeof about === 'string' ? (about === 'submission' ? 'submissionId/' : 'transaction/') : `${about[0]}/${about[1]}/`;
      return (await storage.keys({ prefix: `${head}${prefix}`, limit })).map((key) => key.slice(head.length));
    },
  };
}

function compare(a: IndexPosition, b: IndexPosition): number {
  return a.block - b.block || a.logIndex - b.logIndex;
}

type Placed = { readonly blockNumber: bigint; readonly logIndex: number };

function isBefore(a: Placed, b: Placed): boolean {
  return a.blockNumber < b.blockNumber || (a.blockNumber === b.blockNumber && a.logIndex < b.logIndex);
}

function happenedAt({ blockNumber, transactionHash }: Happened): Happened {
  return { blockNumber, transactionHash };
}

type Cause = Pick<IndexedSlash, 'reason' | 'submissionId'> & { readonly told: boolean };

/** What an event says of why an operator was slashed; `told` where it says it in so many words. */
function causeOf(event: ChainEvent, operator: Address): Cause | undefined {
  if (!('operator' in event.args) || !isAddressEqual(event.args.operator, operator)) return undefined;
  switch (event.name) {
    case 'OperatorSlashed':
      return { reason: event.args.reason as 'false' | 'equivocation' | 'withheld', submissionId: event.args.submissionId, told: true };
    case 'WindowRejected':
      return { reason: 'false', submissionId: event.args.submissionId, told: false };
    case 'AttestationExposed':
      return { reason: 'attestation', submissionId: event.args.submissionId, told: true };
    case 'SeatSettled':
      return event.args.outcome === 'slashed' ? { reason: 'attestation', submissionId: event.args.submissionId, told: true } : undefined;
    default:
      return undefined;
  }
}

function cursorOf({ block, logIndex }: IndexPosition): string {
  return `${block}.${logIndex}`;
}

function parseCursor(cursor: string): IndexPosition {
  const [, block, logIndex] = /^(\d{1,15})\.(\d{1,9})$/.exec(cursor) ?? [];
  if (block === undefined || logIndex === undefined) {
    throw invalidCursor(cursor);
  }
  return { block: Number(block), logIndex: Number(logIndex) };
}
