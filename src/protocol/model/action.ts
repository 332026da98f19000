import type { Address, Hex } from 'viem';
import type { Terms } from './state.ts';

/** What a hot key signed; the signature itself is abstract: it is whatever makes `signer` recovered. */
export type Announcement = { readonly submissionId: Hex; readonly statementHash: Hex; readonly proofHash: Hex; readonly signer: Address };

type Calls = {
  registerNode: { hotKey: Address };
  deregisterNode: object;
  stake: { amount: bigint };
  unbond: { amount: bigint };
  rebond: { amount: bigint };
  withdrawStake: object;
  unjail: object;
  enrol: object;
  retire: object;
  commitAttestation: { submissionId: Hex; seat: bigint; commitment: Hex };
  revealAttestation: { submissionId: Hex; seat: bigint; digest: Hex; salt: Hex };
  settleSeat: { submissionId: Hex; seat: bigint };
  exposeDigest: { submissionId: Hex; seat: bigint; proof: Hex; opening: Hex; salt: Hex };
  openJob: { terms: Terms };
  addInputs: { jobId: bigint; inputs: readonly bigint[] };
  captureSeed: { jobId: bigint };
  refundUnseeded: { jobId: bigint };
  pause: { jobId: bigint };
  resume: { jobId: bigint };
  cancel: { jobId: bigint };
  close: { jobId: bigint };
  lease: { jobId: bigint; contributionIndex: bigint; expectedId: bigint };
  release: { submissionId: Hex };
  expire: { submissionId: Hex };
  submit: { submissionId: Hex; results: readonly bigint[]; statementHash: Hex; proofHash: Hex };
  submitAndSettle: { submissionId: Hex; results: readonly bigint[]; proof: Hex; opening: Hex };
  settle: { submissionId: Hex; statement: readonly bigint[]; proof: Hex; opening: Hex; salt: Hex };
  finalize: { jobId: bigint; count: bigint };
  /** Points are named by their logarithms. */
  merge: { jobId: bigint; base: readonly bigint[]; children: readonly (readonly bigint[])[] };
  commitEvidence: { commitment: Hex };
  slashByEvidence: { announcement: Announcement; statement: readonly bigint[]; proof: Hex; opening: Hex; salt: Hex };
  slashByEquivocation: {
    first: Announcement;
    firstStatement: readonly bigint[];
    second: Announcement;
    secondStatement: readonly bigint[];
    salt: Hex;
  };
  collectDebt: { operator: Address; submissionId: Hex };
  demand: { submissionId: Hex; value: bigint };
  slashWithheld: { submissionId: Hex };
  withdrawCoin: object;
  claim: { token: Address; account: Address };
  claimMany: { tokens: readonly Address[]; accounts: readonly Address[] };
  setGasPrice: { price: bigint };
  setEmissionBps: { bps: bigint };
  pauseNewJobs: { blocks: bigint };
};

export type ActionKind = keyof Calls;

/** One transaction to the contracts. */
export type Action = { [K in ActionKind]: { readonly kind: K; readonly sender: Address } & Readonly<Calls[K]> }[ActionKind];
export type ActionOf<K extends ActionKind> = Extract<Action, { kind: K }>;
