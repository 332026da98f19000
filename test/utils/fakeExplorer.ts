import { AssayError, exitCodes } from '../../src/errors.ts';
import type { Explorer } from '../../src/explorer/explorer.ts';
import type {
  AuditView,
  CheckpointView,
  CircuitView,
  EventRow,
  JobView,
  MetricsView,
  NodeView,
  PlaceView,
  ProofView,
  SlashRow,
  StatusView,
  TokenView,
  TransactionView,
  WindowRow,
} from '../../src/explorer/views.ts';

const id = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`;
const account = (n: number): string => `0x${n.toString(16).padStart(40, '0')}`;

export const fakeIds = {
  job: '3',
  proof: id(0xabc1),
  checkpoint: id(0xabc2),
  audit: id(0xabc3),
  circuit: id(0xabc4),
  node: account(0xabc5),
  transaction: id(0xabc6),
} as const;

export type FakeExplorer = Explorer & {
  /** Calls of `recompute`. */
  readonly recomputed: () => number;
  /** Says that a block was read, with this event on top. */
  happen(event: EventRow): void;
};

/**
 * An explorer of one of everything. For tests of how it is shown only: what is true of a chain is tested on a chain.
 *
 * @param text what stands wherever a stranger may write
 */
export function fakeExplorer(text = 'a text'): FakeExplorer {
  const at: PlaceView = { block: 120, time: '2026-11-21T12:00:00.000Z', transaction: fakeIds.transaction };
  const token: TokenView = { address: account(1), symbol: text, decimals: 18 };
  const ether = '1000000000000000000';
  const circuit: CircuitView = {
    id: fakeIds.circuit,
    name: text,
    statement: 'train-window',
    modelId: id(4),
    srsId: id(5),
    proofVerifier: account(2),
    statementVerifier: account(3),
    registered: at,
    known: { instance: text, sizes: [64, 32, 10], steps: 4, batch: 16, gates: 102_333, proveSeconds: 1.7, proofBytes: 10_000 },
  };
  const window: WindowRow = {
    jobId: fakeIds.job,
    index: 0,
    contribution: 0,
    submissionId: fakeIds.proof,
    operator: fakeIds.node,
    checkpointId: fakeIds.checkpoint,
    proved: true,
    reward: ether,
    lossSum: '123456',
    seconds: 61,
    gas: 1_180_000,
    final: at,
  };
  const event: EventRow = {
    module: 'modelRegistry',
    name: 'GenesisRegistered',
    args: { licence: text, deep: [{ [text]: text }] },
    text,
    logIndex: 1,
    at,
  };
  const job: JobView = {
    id: fakeIds.job,
    state: 'active',
    mode: 'eager',
    statement: 'train-window',
    requester: account(7),
    circuitId: fakeIds.circuit,
    modelId: id(4),
    datasetId: id(6),
    token,
    price: ether,
    windows: 8,
    contributions: 1,
    finalized: 1,
    paid: ether,
    opened: at,
    terms: [{ name: text, value: text, text: `${text} in words` }],
    text,
    genesisId: id(8),
    finalId: fakeIds.checkpoint,
    batchSeed: id(9),
    submitted: 2,
    rejected: 0,
    orphaned: 0,
    lapsed: 1,
    escrow: ether,
    payouts: { workers: ether, validators: '0', licensor: '0', treasury: '0', refunded: '0', feeBurned: '0', emitted: '0' },
    workers: [{ operator: fakeIds.node, units: 1, paid: ether }],
    circuit,
    gas: { total: 1_180_000, transactions: 1, of: 1 },
  };
  const slash: SlashRow = {
    operator: fakeIds.node,
    finder: account(9),
    finderPart: ether,
    harmedPart: ether,
    burned: ether,
    reason: 'false',
    text,
    submissionId: fakeIds.proof,
    at,
  };
  const proof: ProofView = {
    submissionId: fakeIds.proof,
    jobId: fakeIds.job,
    window: 0,
    contribution: 0,
    statement: 'train-window',
    operator: fakeIds.node,
    state: 'finalized',
    submitted: at,
    text: [text, `and ${text}`],
    words: [{ name: text, value: text, text }],
    proofHash: id(10),
    sender: account(11),
    resultId: fakeIds.checkpoint,
    parentId: id(8),
    circuit,
    leased: at,
    proved: { by: account(11), at },
    final: { proved: true, at },
    over: null,
    gas: 1_180_000,
    latency: { blocks: 0, seconds: 0 },
    token,
    paid: { worker: ether, validators: '0', licensor: '0', treasury: '0', feeBurned: '0', emitted: '0' },
    seats: [{ submissionId: fakeIds.proof, seat: 0, operator: account(12), state: 'paid', committed: at }],
    demands: [{ challenger: account(9), bond: ether, deadline: 200, at }],
    slashes: [slash],
    verifyCommand: `assay explore proof ${fakeIds.proof} --verify`,
  };
  const node: NodeView = {
    operator: fakeIds.node,
    hotKey: account(11),
    units: 1,
    rewards: [{ token, amount: ether }],
    stake: ether,
    slashes: 1,
    seats: 1,
    registered: at,
    now: {
      active: ether,
      locked: '0',
      unbonding: '0',
      releaseBlock: 0,
      jailedUntil: 0,
      reputation: '0',
      factor: 10_000,
      weight: '0',
      block: 130,
    },
    hotKeys: [{ hotKey: account(11), at }],
    lapses: 0,
    rejected: 0,
    feeBurned: '0',
    emitted: '0',
    lastActive: 120,
  };
  const record = {
    id: fakeIds.checkpoint,
    circuitId: fakeIds.circuit,
    modelId: id(4),
    jobId: fakeIds.job,
    window: 0,
    parentId: id(8),
    version: 1,
    proved: true,
    recorded: at,
  };
  const checkpoint: CheckpointView = {
    id: fakeIds.checkpoint,
    modelId: id(4),
    genesis: [{ registrant: account(7), cid: text, licence: text, licenceHash: id(13), at }],
    records: [{ ...record, children: [] }],
    next: [],
    wellFormed: [{ circuitId: fakeIds.circuit, segments: 1, complete: true }],
    audits: 1,
  };
  const audit: AuditView = {
    id: fakeIds.audit,
    checkpointId: fakeIds.checkpoint,
    setId: id(14),
    opener: account(15),
    setOwner: account(16),
    circuitId: fakeIds.circuit,
    draws: 2,
    state: 'completed',
    chunks: { wanted: 1, proved: 1 },
    opened: at,
    text: [text],
    set: { root: id(17), depth: 3, chunks: 8, samples: 100, classes: 2, groups: 1, registered: [{ owner: account(16), at }] },
    wellFormedCircuitId: id(18),
    wellFormed: true,
    drawn: { seed: id(19), wanted: [3], at },
    proved: [{ chunk: 3, maskId: id(20), counts: ['1', '6', '1', '0', '2', '0', '1', '5'], at }],
    thresholds: [131_072],
    counts: ['1', '6', '1', '0', '2', '0', '1', '5'],
    reliability: [
      { right: '2', samples: '5' },
      { right: '11', samples: '11' },
    ],
    completed: at,
    claims: [
      {
        id: '0',
        kind: 'accuracy',
        class: 0,
        numerator: '12',
        denominator: '16',
        text,
        at,
        disputes: [{ auditId: id(30), disputer: account(9), at }],
      },
    ],
    tally: { opened: 3, completed: 1 },
    events: [event],
  };
  const transaction: TransactionView = {
    hash: fakeIds.transaction,
    block: 120,
    time: at.time,
    from: account(7),
    to: account(21),
    call: { module: 'modelRegistry', function: 'registerGenesis', args: { licence: text, list: [text] } },
    success: true,
    gasUsed: 90_000,
    gasPrice: '1000000000',
    events: [event],
  };
  const metrics: MetricsView = {
    block: 130,
    period: 7_200,
    counts: {
      jobs: 1,
      jobsRunning: 1,
      windows: 1,
      submissions: 2,
      operators: 1,
      operatorsActive: 1,
      checkpoints: 1,
      slashes: 1,
      audits: 1,
      auditsCompleted: 1,
      events: 20,
    },
    metrics: [
      { id: 'gini-rewards', name: 'Gini of rewards', value: 0.25, unit: '0 to 1', formula: 'a formula', about: 'How uneven rewards are.' },
    ],
    rewards: [{ operator: fakeIds.node, amount: ether, units: 1 }],
  };
  const status: StatusView = {
    chainId: 31337,
    jobManager: account(22),
    firstBlock: 1,
    indexed: 130,
    head: 130,
    behind: 0,
    confirmations: 0,
    startedAt: at.time as string,
    version: '0.1.0',
    error: null,
    blobs: false,
  };

  let recomputed = 0;
  let events: EventRow[] = [event];
  const listeners = new Set<(block: number) => void>();
  const known = (given: string, own: string): void => {
    if (!/^(0x[0-9a-f]+|\d+)$/i.test(given))
      throw new AssayError('EXPLORER_ID_INVALID', `not an id: ${given}`, { exitCode: exitCodes.usage, hint: `It was ${given}.` });
    if (given !== own) throw new AssayError('EXPLORER_NOT_FOUND', `nothing is called ${given}`);
  };
  const one = <T>(item: T) => ({ items: [item], next: null });
  return {
    recomputed: () => recomputed,
    happen(newest) {
      events = [newest, ...events];
      for (const listener of listeners) listener(newest.at.block);
    },
    status: async () => status,
    ready: async () => undefined,
    metrics: async () => metrics,
    async recompute() {
      recomputed++;
      return {
        block: 130,
        hash: id(23),
        equal: true,
        logs: 20,
        seconds: 0.01,
        pairs: [{ id: 'jobs', name: 'Jobs', indexed: '1', chain: '1', equal: true }],
      };
    },
    search: async (asked) => ({
      text: asked,
      hits:
        asked === '3'
          ? [{ type: 'job', id: '3', label: text }]
          : [
              { type: 'circuit', id: fakeIds.circuit, label: text },
              { type: 'dataset', id: id(6), label: text },
            ],
      more: true,
    }),
    jobs: async ({ cursor } = {}) => ({ items: [job], next: cursor === undefined ? text : null }),
    async job(asked) {
      known(asked, fakeIds.job);
      return job;
    },
    windows: async () => ({ items: [window], next: '120.1' }),
    async window(jobId, index) {
      known(jobId, fakeIds.job);
      if (!Number.isSafeInteger(index)) throw new AssayError('EXPLORER_ID_INVALID', 'not a window', { exitCode: exitCodes.usage });
      return {
        jobId,
        index,
        statement: 'train-window',
        leases: [
          {
            submissionId: fakeIds.proof,
            operator: fakeIds.node,
            contribution: 0,
            state: 'finalized',
            raced: true,
            startId: id(8),
            deadline: 200,
            taken: at,
          },
        ],
        units: [window],
        merge: { baseId: id(8), mergedId: fakeIds.checkpoint, at },
        input: { inputId: id(24), cid: text, at },
      };
    },
    curve: async (jobId) => ({
      jobId,
      points: [0, 1, 2].map((n) => ({
        window: n,
        block: 120 + n,
        time: at.time,
        gas: 1_180_000,
        paid: ether,
        seconds: 60,
        loss: 1 / (n + 1),
        lossSum: '5',
      })),
      windows: 3,
      every: 1,
      lossNote: null,
    }),
    proofs: async () => one(proof),
    async proof(asked) {
      known(asked, fakeIds.proof);
      return proof;
    },
    verifyStored: () => Promise.reject(new Error('pages do not verify')),
    nodes: async () => one(node),
    async node(asked) {
      known(asked, fakeIds.node);
      return node;
    },
    slashes: async () => one(slash),
    seats: async () => one(proof.seats[0] as ProofView['seats'][number]),
    checkpoints: async () => one(record),
    async checkpoint(asked) {
      known(asked, fakeIds.checkpoint);
      return checkpoint;
    },
    lineage: async (asked) => ({
      id: asked,
      nodes: [
        { id: asked, kind: 'merge', jobId: '3', window: 0, version: 1, proved: true, block: 120, depth: 0 },
        { id: id(25), kind: 'child', jobId: '3', window: 0, version: null, proved: true, block: 119, depth: 0 },
        { id: id(26), kind: 'child', jobId: '3', window: 0, version: null, proved: true, block: 119, depth: 0 },
        { id: id(8), kind: 'genesis', jobId: null, window: null, version: 0, proved: null, block: 100, depth: 1 },
      ],
      edges: [
        { from: id(8), to: id(25), kind: 'base', submissionId: fakeIds.proof },
        { from: id(8), to: id(26), kind: 'base', submissionId: null },
        { from: id(25), to: asked, kind: 'merge', submissionId: null },
        { from: id(26), to: asked, kind: 'merge', submissionId: null },
      ],
      next: text,
    }),
    audits: async () => one(audit),
    async audit(asked) {
      known(asked, fakeIds.audit);
      return audit;
    },
    async circuit(asked) {
      known(asked, fakeIds.circuit);
      return circuit;
    },
    async transaction(asked) {
      known(asked, fakeIds.transaction);
      return transaction;
    },
    events: async ({ limit = 50 } = {}) => ({ items: events.slice(0, limit), next: null }),
    onBlock(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => undefined,
  };
}

/** A page of each kind, of what the fake explorer has. */
export const fakePages = [
  '/',
  '/jobs',
  '/proofs',
  '/checkpoints',
  '/nodes',
  '/audits',
  '/slashes',
  '/events',
  '/metrics',
  '/api',
  '/search',
  '/search?q=0xabc4',
  '/job/3',
  '/window/3/0',
  `/proof/${fakeIds.proof}`,
  `/node/${fakeIds.node}`,
  `/checkpoint/${fakeIds.checkpoint}`,
  `/audit/${fakeIds.audit}`,
  `/circuit/${fakeIds.circuit}`,
  `/tx/${fakeIds.transaction}`,
] as const;
