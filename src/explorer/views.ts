import { z } from 'zod';

// What the explorer answers, as plain JSON: ids as 0x and 64 digits, jobs and other big integers as decimal strings, amounts as decimal strings of the
// token's smallest unit, blocks and gas as numbers, times in ISO 8601. `null` means: not known, or not there (the field says which).

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const amount = z.string().regex(/^-?\d+$/);
const number = z.string().regex(/^\d+$/);
const block = z.int().nonnegative();
const count = z.int().nonnegative();
const time = z.iso.datetime();

/** Where and when something happened. `time` is null where the node has not said it yet. */
export const placeView = z.object({ block, time: time.nullable(), transaction: hash });
export type PlaceView = z.infer<typeof placeView>;

/** What a query of a list takes. */
export const pageQuery = z.object({
  /** `next` of the page before. */
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** A page of a list; `next` is null after the last. It names a place on the chain and stays good when the chain moves on. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}
export type PageView<T> = { readonly items: readonly T[]; readonly next: string | null };

export const tokenView = z.object({
  address,
  /** Undefined fields of the token's own: text that a stranger wrote. */
  symbol: z.string().nullable(),
  decimals: z.int().nullable(),
});
export type TokenView = z.infer<typeof tokenView>;

export const statusView = z.object({
  chainId: z.int(),
  jobManager: address,
  firstBlock: block,
  /** The block up to which the index is complete; null before the first. */
  indexed: block.nullable(),
  /** Null where the node has not answered yet. */
  head: block.nullable(),
  behind: count.nullable(),
  confirmations: count,
  startedAt: time,
  version: z.string(),
  /** Of the last try to read the chain; null while all is well. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Whether blobs are at hand: proofs that no transaction carries are looked for there. */
  blobs: z.boolean(),
});
export type StatusView = z.infer<typeof statusView>;

export const metricView = z.object({
  /** Stable: `gini-rewards`. */
  id: z.string(),
  name: z.string(),
  /** Null where nothing has happened yet that it could be taken of. */
  value: z.number().nullable(),
  unit: z.string(),
  formula: z.string(),
  /** What it tells and what it does not, in a sentence or two. */
  about: z.string(),
});
export type MetricView = z.infer<typeof metricView>;

export const metricsView = z.object({
  /** The block that all of it is of; null before the first. */
  block: block.nullable(),
  /** Blocks of the period that churn, velocity and slashing are of. */
  period: block,
  counts: z.object({
    jobs: count,
    jobsRunning: count,
    windows: count,
    submissions: count,
    operators: count,
    operatorsActive: count,
    checkpoints: count,
    slashes: count,
    audits: count,
    auditsCompleted: count,
    events: count,
  }),
  metrics: z.array(metricView),
  /** Operators by what they earned in ASSAY, the highest first; at most 50. */
  rewards: z.array(z.object({ operator: address, amount, units: count })),
});
export type MetricsView = z.infer<typeof metricsView>;

export const recomputeView = z.object({
  /** Both sides are of this block. */
  block,
  hash,
  equal: z.boolean(),
  logs: count,
  seconds: z.number(),
  pairs: z.array(z.object({ id: z.string(), name: z.string(), indexed: z.string(), chain: z.string(), equal: z.boolean() })),
});
export type RecomputeView = z.infer<typeof recomputeView>;

const hitTypes = ['job', 'window', 'proof', 'node', 'checkpoint', 'audit', 'transaction', 'circuit', 'dataset', 'model', 'block'] as const;
export const hitView = z.object({
  type: z.enum(hitTypes),
  /** What the view of that type takes; of a window `JOB/INDEX`. */
  id: z.string(),
  label: z.string(),
});
export type HitView = z.infer<typeof hitView>;
export const searchView = z.object({
  text: z.string(),
  hits: z.array(hitView),
  /** There may be more that begin so. */
  more: z.boolean(),
});
export type SearchView = z.infer<typeof searchView>;

export const jobStates = ['open', 'active', 'paused', 'completed', 'cancelled'] as const;
const jobStatements = ['train-window', 'inference'] as const;

export const jobRow = z.object({
  id: number,
  state: z.enum(jobStates),
  mode: z.enum(['eager', 'optimistic']),
  statement: z.enum(jobStatements),
  requester: address,
  circuitId: hash,
  modelId: hash,
  datasetId: hash.nullable(),
  token: tokenView,
  /** Of a unit. */
  price: amount,
  windows: count,
  contributions: count,
  finalized: count,
  /** Paid to everybody so far. */
  paid: amount,
  opened: placeView,
});
export type JobRow = z.infer<typeof jobRow>;

/** A named value with its meaning in words. */
export const factView = z.object({ name: z.string(), value: z.string(), text: z.string() });
export type FactView = z.infer<typeof factView>;

export const circuitView = z.object({
  id: hash,
  /** Given by governance (CircuitNames); null without one. */
  name: z.string().nullable(),
  statement: z.string(),
  modelId: hash,
  srsId: hash,
  proofVerifier: address,
  statementVerifier: address,
  registered: placeView,
  /** Null where no circuit of this package may be it: by its shape, not rebuilt. `proof --verify` rebuilds it. */
  known: z
    .object({
      instance: z.string(),
      sizes: z.array(z.int()),
      /** SGD steps of a window; null of other statements. */
      steps: z.int().nullable(),
      batch: z.int(),
      /** Gates, or constraints; null where never measured. */
      gates: z.int().nullable(),
      proveSeconds: z.number().nullable(),
      proofBytes: z.int().nullable(),
    })
    .nullable(),
});
export type CircuitView = z.infer<typeof circuitView>;

export const jobView = jobRow.extend({
  /** In the order of JobTerms. */
  terms: z.array(factView),
  /** The job in a sentence or two. */
  text: z.string(),
  genesisId: hash,
  /** The last final checkpoint; of an inference job, the one that is asked. */
  finalId: hash,
  batchSeed: z.string().nullable(),
  submitted: count,
  rejected: count,
  orphaned: count,
  lapsed: count,
  /** What the contracts still hold for it; null where the node cannot be asked. */
  escrow: amount.nullable(),
  payouts: z.object({
    workers: amount,
    /** Set aside for validators' seats with each unit; what seats were not paid goes back to the requester. */
    validators: amount,
    licensor: amount,
    treasury: amount,
    refunded: amount,
    /** In ASSAY. */
    feeBurned: amount,
    emitted: amount,
  }),
  /** By what they were paid, the highest first; at most 50. */
  workers: z.array(z.object({ operator: address, units: count, paid: amount })),
  circuit: circuitView.nullable(),
  /** Gas of the transactions that brought proofs, as far as receipts were read. */
  gas: z.object({ total: z.int(), transactions: count, of: count }),
});
export type JobView = z.infer<typeof jobView>;

export const windowRow = z.object({
  jobId: number,
  index: count,
  contribution: count,
  submissionId: hash,
  operator: address,
  /** The checkpoint that it ended in; null of an answer. */
  checkpointId: hash.nullable(),
  /** By a proof; otherwise by silence. */
  proved: z.boolean(),
  /** The worker's part. */
  reward: amount,
  /** Squared errors, as stated and proved; null of an answer. */
  lossSum: number.nullable(),
  /** From lease to final. */
  seconds: z.number().nullable(),
  gas: z.int().nullable(),
  final: placeView,
});
export type WindowRow = z.infer<typeof windowRow>;

const submissionStates = ['held', 'released', 'lapsed', 'revoked', 'submitted', 'proved', 'finalized', 'rejected', 'orphaned'] as const;

export const windowView = z.object({
  jobId: number,
  index: count,
  statement: z.enum(jobStatements),
  /** Every lease of it that was taken, in order. */
  leases: z.array(
    z.object({
      submissionId: hash,
      operator: address,
      contribution: count,
      state: z.enum(submissionStates),
      raced: z.boolean(),
      startId: hash,
      deadline: block,
      taken: placeView,
    }),
  ),
  units: z.array(windowRow),
  /** Of several contributions. */
  merge: z.object({ baseId: hash, mergedId: hash, at: placeView }).nullable(),
  /** Of an inference job: what was asked. */
  input: z.object({ inputId: hash, cid: z.string(), at: placeView }).nullable(),
});
export type WindowView = z.infer<typeof windowView>;

export const curvePoint = z.object({
  window: count,
  block,
  time: time.nullable(),
  gas: z.int().nullable(),
  paid: amount,
  seconds: z.number().nullable(),
  /** Mean squared error of a sample, from the proved sum; null where the circuit's scale is not known here. */
  loss: z.number().nullable(),
  lossSum: number.nullable(),
});
export const curveView = z.object({
  jobId: number,
  /** Oldest first; where there are more windows than that, evenly picked ones, and the last. */
  points: z.array(curvePoint),
  windows: count,
  /** Every so many windows one. */
  every: count,
  /** Why `loss` is missing; null where it is there. */
  lossNote: z.string().nullable(),
});
export type CurvePoint = z.infer<typeof curvePoint>;
export type CurveView = z.infer<typeof curveView>;

export const proofRow = z.object({
  submissionId: hash,
  jobId: number,
  window: count,
  contribution: count,
  statement: z.enum(jobStatements),
  operator: address,
  state: z.enum(submissionStates),
  submitted: placeView,
});
export type ProofRow = z.infer<typeof proofRow>;

export const seatView = z.object({
  submissionId: hash,
  seat: count,
  operator: address,
  state: z.enum(['committed', 'revealed', 'exposed', 'paid', 'unpaid', 'slashed']),
  committed: placeView,
});
export type SeatView = z.infer<typeof seatView>;

export const slashRow = z.object({
  operator: address,
  finder: address.nullable(),
  finderPart: amount,
  harmedPart: amount,
  burned: amount,
  reason: z.enum(['false', 'equivocation', 'withheld', 'attestation']),
  text: z.string(),
  /** The submission that shows it. */
  submissionId: hash,
  at: placeView,
});
export type SlashRow = z.infer<typeof slashRow>;

/** An argument as JSON: big integers as decimal strings. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };
export const jsonValue: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>;

export const eventRow = z.object({
  module: z.string(),
  name: z.string(),
  args: z.record(z.string(), jsonValue),
  /** A sentence. Holds what strangers wrote (licences, names): escape it. */
  text: z.string(),
  logIndex: count,
  at: placeView,
});
export type EventRow = z.infer<typeof eventRow>;

export const proofView = proofRow.extend({
  /** What it states, in words, sentence by sentence. */
  text: z.array(z.string()),
  /** Public inputs, one by one. */
  words: z.array(factView),
  proofHash: hash,
  sender: address,
  resultId: hash.nullable(),
  parentId: hash.nullable(),
  circuit: circuitView.nullable(),
  leased: placeView.nullable(),
  proved: z.object({ by: address, at: placeView }).nullable(),
  final: z.object({ proved: z.boolean(), at: placeView }).nullable(),
  over: z.object({ what: z.enum(['rejected', 'orphaned']), finder: address.nullable(), at: placeView }).nullable(),
  /** Gas of the transaction that brought the proof; null where none did, or its receipt cannot be had. */
  gas: z.int().nullable(),
  /** From submission to final. */
  latency: z.object({ blocks: count, seconds: z.number().nullable() }).nullable(),
  token: tokenView,
  paid: z.object({ worker: amount, validators: amount, licensor: amount, treasury: amount, feeBurned: amount, emitted: amount }).nullable(),
  seats: z.array(seatView),
  demands: z.array(z.object({ challenger: address, bond: amount, deadline: block, at: placeView })),
  slashes: z.array(slashRow),
  /** To copy. */
  verifyCommand: z.string(),
});
export type ProofView = z.infer<typeof proofView>;

const storedVerdict = z.object({
  submissionId: hash,
  verified: z.boolean(),
  /** A sentence each; empty exactly where `verified`. */
  failures: z.array(z.string()),
  circuit: z.string(),
  ceremony: z.enum(['dev', 'public']),
  statement: z.array(factView),
  /** Where proof and opening were found. */
  source: z.enum(['calldata', 'blobs', 'nowhere']),
  transaction: hash.nullable(),
  seconds: z.number(),
});
export type StoredVerdict = z.infer<typeof storedVerdict>;

export const nodeRow = z.object({
  operator: address,
  /** Null while it is not registered. */
  hotKey: address.nullable(),
  /** Paid units. */
  units: count,
  /** Earned for units and seats, by token, ASSAY first. */
  rewards: z.array(z.object({ token: tokenView, amount })),
  /** Active and unbonding, by the events. */
  stake: amount,
  slashes: count,
  seats: count,
  registered: placeView,
});
export type NodeRow = z.infer<typeof nodeRow>;

export const nodeView = nodeRow.extend({
  /** Of the contracts, now; null where the node cannot be asked. */
  now: z
    .object({
      active: amount,
      locked: amount,
      unbonding: amount,
      releaseBlock: block,
      /** 0: not jailed. */
      jailedUntil: block,
      reputation: amount,
      /** In 1/10,000: 10,000 is a newcomer's. */
      factor: z.int(),
      /** Weight in the draw of validators; 0 where it is not enrolled. */
      weight: amount,
      block,
    })
    .nullable(),
  hotKeys: z.array(z.object({ hotKey: address, at: placeView })),
  lapses: count,
  rejected: count,
  feeBurned: amount,
  emitted: amount,
  lastActive: block.nullable(),
});
export type NodeView = z.infer<typeof nodeView>;

export const checkpointRow = z.object({
  id: hash,
  circuitId: hash,
  modelId: hash,
  jobId: number,
  window: count,
  parentId: hash.nullable(),
  /** Windows since the genesis of its lineage. */
  version: count,
  proved: z.boolean(),
  recorded: placeView,
});
export type CheckpointRow = z.infer<typeof checkpointRow>;

export const checkpointView = z.object({
  id: hash,
  modelId: hash.nullable(),
  /** Where somebody registered it as genesis. */
  genesis: z.array(z.object({ registrant: address, cid: z.string(), licence: z.string(), licenceHash: hash, at: placeView })),
  /** How windows ended in it, one for each circuit and lineage. */
  records: z.array(checkpointRow.extend({ children: z.array(hash) })),
  /** Checkpoints that windows led to from here; at most 50. */
  next: z.array(checkpointRow),
  wellFormed: z.array(z.object({ circuitId: hash, segments: count, complete: z.boolean() })),
  audits: count,
});
export type CheckpointView = z.infer<typeof checkpointView>;

export const lineageNode = z.object({
  id: hash,
  /** child: an unmerged contribution, which no record of its own names. */
  kind: z.enum(['genesis', 'window', 'merge', 'child']),
  jobId: number.nullable(),
  window: count.nullable(),
  version: count.nullable(),
  proved: z.boolean().nullable(),
  block: block.nullable(),
  /** Steps from where the walk began. */
  depth: count,
});
export const lineageView = z.object({
  id: hash,
  nodes: z.array(lineageNode),
  /** From parent to what was made of it. `base`: what the children of a merge were trained from. */
  edges: z.array(z.object({ from: hash, to: hash, kind: z.enum(['window', 'merge', 'base']), submissionId: hash.nullable() })),
  /** For the next, older part; null where the genesis is among the nodes. */
  next: z.string().nullable(),
});
export type LineageNode = z.infer<typeof lineageNode>;
export type LineageView = z.infer<typeof lineageView>;

export const auditRow = z.object({
  id: hash,
  checkpointId: hash,
  setId: hash,
  opener: address,
  setOwner: address,
  circuitId: hash,
  /** 0: the whole set. */
  draws: count,
  /** opened: waits for its draw; drawn: chunks are to be proved; completed: all are; abandoned: the block that draws was let go by. All stay on show. */
  state: z.enum(['opened', 'drawn', 'completed', 'abandoned']),
  chunks: z.object({ wanted: count, proved: count }),
  opened: placeView,
});
export type AuditRow = z.infer<typeof auditRow>;

export const auditView = auditRow.extend({
  text: z.array(z.string()),
  set: z
    .object({
      root: hash,
      depth: z.int(),
      chunks: count,
      samples: count,
      classes: count,
      groups: count,
      /** Blocks before the audit was opened. */
      registered: z.array(z.object({ owner: address, at: placeView })),
    })
    .nullable(),
  wellFormedCircuitId: hash,
  /** Every segment of the checkpoint is shown to be well-formed under that circuit. */
  wellFormed: z.boolean(),
  drawn: z.object({ seed: hash, wanted: z.array(count), at: placeView }).nullable(),
  proved: z.array(z.object({ chunk: count, maskId: hash, counts: z.array(number).nullable(), at: placeView })),
  /** Margins that the circuit tells answers apart by, rising, in its integers; empty where it does not; null where its shape is not known here. */
  thresholds: z.array(count).nullable(),
  /**
   * By label, answer and margin: entry `(label * classes + answer) * bins + bin`; a label is `group * classes + class`, a bin the number of thresholds reached.
   * Null where the shape of the circuit or the set is not known here.
   */
  counts: z.array(number).nullable(),
  /** Right answers and samples by bin of margin, the least sure first; null without thresholds. */
  reliability: z.array(z.object({ right: number, samples: number })).nullable(),
  completed: placeView.nullable(),
  /** What was claimed of it, and the audits that contradict it. */
  claims: z.array(
    z.object({
      id: number,
      kind: z.enum(['accuracy', 'recall', 'parity', 'equal-opportunity', 'calibration']),
      class: count,
      numerator: number,
      denominator: number,
      text: z.string(),
      at: placeView,
      disputes: z.array(z.object({ auditId: hash, disputer: address, at: placeView })),
    }),
  ),
  /** Of the same set: audits that were opened and those that were completed. */
  tally: z.object({ opened: count, completed: count }),
  /** Every event about it, in order; at most 200. */
  events: z.array(eventRow),
});
export type AuditView = z.infer<typeof auditView>;

export const transactionView = z.object({
  hash,
  block: block.nullable(),
  time: time.nullable(),
  from: address.nullable(),
  to: address.nullable(),
  /** The module of the deployment that it called, and the function; null where it is another contract's. */
  call: z.object({ module: z.string(), function: z.string(), args: z.record(z.string(), jsonValue) }).nullable(),
  success: z.boolean().nullable(),
  gasUsed: z.int().nullable(),
  /** Wei. */
  gasPrice: amount.nullable(),
  events: z.array(eventRow),
});
export type TransactionView = z.infer<typeof transactionView>;
