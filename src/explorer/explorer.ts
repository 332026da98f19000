import type {
  AuditRow,
  AuditView,
  CheckpointRow,
  CheckpointView,
  CircuitView,
  CurveView,
  EventRow,
  JobRow,
  JobView,
  LineageView,
  MetricsView,
  NodeRow,
  NodeView,
  PageView,
  ProofRow,
  ProofView,
  RecomputeView,
  SearchView,
  SeatView,
  SlashRow,
  StatusView,
  StoredVerdict,
  TransactionView,
  WindowRow,
  WindowView,
} from './views.ts';

export type Paging = {
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
  /** 1 to 200. Default 50. */
  readonly limit?: number | undefined;
};

type Maybe<T> = { readonly [name in keyof T]?: T[name] | undefined };

export type JobsQuery = Paging & Maybe<{ requester: string; modelId: string }>;
export type ProofsQuery = Paging & Maybe<{ jobId: string; operator: string }>;
export type CheckpointsQuery = Paging & Maybe<{ jobId: string; circuitId: string }>;
export type AuditsQuery = Paging & Maybe<{ checkpointId: string; setId: string }>;
export type SlashesQuery = Paging & Maybe<{ operator: string }>;
export type SeatsQuery = Paging & Maybe<{ operator: string; submissionId: string }>;
export type EventsQuery = Paging &
  Maybe<{
    /** Of one name. */
    name: string;
    /** About one job, submission, operator or checkpoint; at most one of these, with `name` or without. */
    jobId: string;
    submissionId: string;
    operator: string;
    checkpointId: string;
    /** Default true. */
    newestFirst: boolean;
  }>;
export type LineageQuery = Maybe<{
  /** `next` of the part before. */
  cursor: string;
  /** Steps back, 1 to 200. Default 50. */
  depth: number;
  /** Where several circuits led to a checkpoint. Default: the first that was recorded. */
  circuitId: string;
}>;

/**
 * What can be seen of a deployment, for command line, web and library alike. Every answer is plain JSON of the shapes in views.ts.
 *
 * @throws (its methods) EXPLORER_NOT_FOUND; EXPLORER_ID_INVALID, CHAIN_CURSOR_INVALID, CHAIN_LIMIT_OUT_OF_RANGE, CHAIN_QUERY_INVALID (exit code 2);
 * EXPLORER_NOT_INDEXED before the first block is; CHAIN_ errors where only the node can tell
 */
export type Explorer = {
  status(): Promise<StatusView>;
  /** Resolves once the index has come to the chain's head as it was when asked; rejects when it is closed. @param block up to this one instead */
  ready(block?: number): Promise<void>;
  /** Health of the network. @param period blocks that churn, velocity and slashing are of. Default 7,200 */
  metrics(query?: { readonly period?: number | undefined }): Promise<MetricsView>;
  /** The headline numbers anew from the node's logs, without the index, beside the index's. */
  recompute(): Promise<RecomputeView>;
  /** A number of a job, `JOB/WINDOW`, an address, or any id from its first 6 digits on. */
  search(text: string): Promise<SearchView>;
  /** Newest first. */
  jobs(query?: JobsQuery): Promise<PageView<JobRow>>;
  job(id: string): Promise<JobView>;
  /** Final units, in order; with `newestFirst` from the last. */
  windows(jobId: string, query?: Paging & { readonly newestFirst?: boolean | undefined }): Promise<PageView<WindowRow>>;
  window(jobId: string, index: number): Promise<WindowView>;
  curve(jobId: string): Promise<CurveView>;
  /** Submissions, newest first. */
  proofs(query?: ProofsQuery): Promise<PageView<ProofRow>>;
  proof(submissionId: string): Promise<ProofView>;
  /** Verifies a submission again with code that this package builds itself; takes seconds, and minutes where a circuit is compiled for the first time. */
  verifyStored(submissionId: string, onStep?: (what: string) => void): Promise<StoredVerdict>;
  /** By when they registered first, newest first. */
  nodes(query?: Paging): Promise<PageView<NodeRow>>;
  node(operator: string): Promise<NodeView>;
  slashes(query?: SlashesQuery): Promise<PageView<SlashRow>>;
  seats(query?: SeatsQuery): Promise<PageView<SeatView>>;
  checkpoints(query?: CheckpointsQuery): Promise<PageView<CheckpointRow>>;
  checkpoint(id: string): Promise<CheckpointView>;
  /** Where a checkpoint comes from, back to its genesis, part by part. */
  lineage(id: string, query?: LineageQuery): Promise<LineageView>;
  /** Newest first. */
  audits(query?: AuditsQuery): Promise<PageView<AuditRow>>;
  audit(id: string): Promise<AuditView>;
  circuit(id: string): Promise<CircuitView>;
  transaction(hash: string): Promise<TransactionView>;
  events(query?: EventsQuery): Promise<PageView<EventRow>>;
  /** Called after blocks were read, with the last one, and after a reorganisation. @returns a function that ends it */
  onBlock(listener: (block: number) => void): () => void;
  close(): Promise<void>;
};
