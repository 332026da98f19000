import type { Address, Hex } from 'viem';
import type { Reputation } from '../reputation.ts';

// Everything that settlement keeps, as plain data. Addresses and hashes are lower-case hex, every number is a bigint, and a key that is not there
// stands for zero, as in the contracts. docs/explain/settlement.md says how the parts hang together.

export const zeroAddress: Address = '0x0000000000000000000000000000000000000000';
export const zeroHash: Hex = '0x0000000000000000000000000000000000000000000000000000000000000000';

/** What a circuit id pins: registration is final, so the model takes it as given. */
export type Circuit = {
  readonly statement: 'train-window' | 'inference';
  readonly modelId: Hex;
  readonly steps: bigint;
  readonly treeDepth: bigint;
  /** Output words of an answer; 0 of a window. */
  readonly outputs: bigint;
  /** Blocks of a checkpoint. */
  readonly points: bigint;
};

export type Dataset = {
  readonly registrant: Address;
  readonly depth: bigint;
  readonly root: bigint;
  readonly feeBps: bigint;
  /** Bits: 1 training. */
  readonly uses: bigint;
  readonly expiryBlock: bigint;
  readonly revoked: boolean;
};

/** What never changes in one deployment, and the registries' content that traces do not add to. */
export type World = {
  readonly chainId: bigint;
  readonly token: Address;
  readonly jobManager: Address;
  readonly windowManager: Address;
  readonly challengeManager: Address;
  readonly validatorManager: Address;
  readonly rewardDistributor: Address;
  readonly stakeManager: Address;
  readonly governor: Address;
  readonly guardian: Address;
  readonly unbondingBlocks: bigint;
  /** Block in which emission's first epoch began. */
  readonly deployedBlock: bigint;
  readonly guardianExpiry: bigint;
  readonly circuits: Readonly<Record<Hex, Circuit>>;
  readonly datasets: Readonly<Record<Hex, Dataset>>;
  /** Who may open jobs from which genesis: `modelId/checkpointId/registrant`. */
  readonly genesis: Readonly<Record<string, true>>;
  /** `wellFormedCircuit/checkpointId`. */
  readonly wellFormed: Readonly<Record<string, true>>;
};

export type Terms = {
  readonly circuitId: Hex;
  readonly datasetId: Hex;
  readonly genesisId: bigint;
  readonly token: Address;
  readonly open: boolean;
  readonly mode: bigint;
  readonly contributions: bigint;
  readonly validators: bigint;
  readonly maxLapses: bigint;
  readonly windows: bigint;
  readonly leaseBlocks: bigint;
  readonly freeReleaseBlocks: bigint;
  readonly priorityBlocks: bigint;
  readonly finalityBlocks: bigint;
  readonly answerBlocks: bigint;
  readonly evidenceBlocks: bigint;
  readonly price: bigint;
  readonly fee: bigint;
  readonly bond: bigint;
  readonly lapsePenalty: bigint;
  readonly validatorBps: bigint;
  readonly licensorBps: bigint;
  readonly treasuryBps: bigint;
  readonly treasury: Address;
  readonly worker: Address;
  readonly wellFormedCircuit: Hex;
};

export type JobState = 'Open' | 'Active' | 'Paused' | 'Completed' | 'Cancelled';

export type Job = {
  readonly terms: Terms;
  readonly requester: Address;
  state: JobState;
  unitsLeft: bigint;
  readonly openBlock: bigint;
  activeBlock: bigint;
  readonly licensor: Address;
  readonly emissionBps: bigint;
  readonly datasetRoot: bigint;
  batchSeed: bigint;
  readonly inputs: bigint[];
};

export type Progress = {
  submitted: bigint;
  finalized: bigint;
  contributed: bigint;
  pendingSlots: bigint;
  epoch: bigint;
  lapseStreak: bigint;
  availableAt: bigint;
  leaseNonce: bigint;
  finalId: bigint;
};

export type Slot = {
  holder: Hex;
  windowIndex: bigint;
  epoch: bigint;
  held: bigint;
  lapsedAt: bigint;
  releases: bigint;
  raced: boolean;
  done: boolean;
  resultId: bigint;
};

export type LeaseState = 'Held' | 'Lapsed' | 'Submitted' | 'Finalized' | 'Rejected' | 'Orphaned' | 'Released' | 'Revoked';

export type Lease = {
  readonly operator: Address;
  state: LeaseState;
  readonly raced: boolean;
  readonly epoch: bigint;
  readonly windowIndex: bigint;
  readonly contributionIndex: bigint;
  readonly jobId: bigint;
  readonly leaseNonce: bigint;
  readonly registrationNonce: bigint;
  readonly start: bigint;
  readonly deadline: bigint;
  ended: bigint;
  locked: bigint;
  readonly penalty: bigint;
};

export type Submission = {
  readonly statementHash: Hex;
  readonly proofHash: Hex;
  readonly resultId: bigint;
  readonly submittedAt: bigint;
  readonly outputs: readonly bigint[];
  proved: boolean;
  withheld: boolean;
};

export type Stake = {
  active: bigint;
  locked: bigint;
  unbonding: bigint;
  releaseBlock: bigint;
  jailedUntil: bigint;
  /** Taken by slashes and penalties, not yet spread over `active` and `unbonding`. */
  taken: bigint;
  /** Of slashes that found too little, not collected yet. */
  debt: bigint;
};

/** What a fault still costs its operator, and who found it. */
export type Debt = { readonly finder: Address; amount: bigint };

export type Demand = { readonly challenger: Address; readonly bond: bigint; readonly deadline: bigint; open: boolean };

export type Seat = {
  operator: Address;
  state: 'Committed' | 'Revealed' | 'Settled';
  bond: bigint;
  commitment: Hex;
  digest: Hex;
};

export type State = {
  readonly world: World;
  /** `token/account`. */
  readonly balances: Record<string, bigint>;
  /** Of ASSAY. */
  supply: bigint;
  gasPrice: bigint;
  emissionBps: bigint;
  pausedUntil: bigint;
  pausedFrom: bigint;
  /** First block in which the guardian may pause again. */
  nextPause: bigint;
  readonly nodes: Record<Address, { hotKey: Address; registrationNonce: bigint }>;
  /** Operator to whom a hot key belongs or ever belonged. */
  readonly hotKeys: Record<Address, Address>;
  readonly stakes: Record<Address, Stake>;
  /** Operators by index of the draw. */
  readonly drawn: Address[];
  /** Whether an operator is enrolled now. */
  readonly enrolled: Record<Address, boolean>;
  /** Weights since which block, oldest first. */
  readonly weights: Record<Address, { block: bigint; weight: bigint }[]>;
  jobCount: bigint;
  readonly jobs: Record<string, Job>;
  readonly progress: Record<string, Progress>;
  /** `jobId/contributionIndex`. */
  readonly slots: Record<string, Slot>;
  readonly leases: Record<Hex, Lease>;
  readonly submissions: Record<Hex, Submission>;
  /** The submission that holds `jobId/windowIndex` of a job with one contribution. */
  readonly holders: Record<string, Hex>;
  readonly demands: Record<Hex, Demand>;
  /** Native coin owed by the ChallengeManager. */
  readonly owed: Record<Address, bigint>;
  /** Native coin that it holds. */
  coin: bigint;
  readonly committed: Record<Hex, bigint>;
  /** `operator/submissionId`. */
  readonly slashed: Record<string, true>;
  /** `operator/submissionId`. */
  readonly debts: Record<string, Debt>;
  /** `submissionId/seat`. */
  readonly seats: Record<string, Seat>;
  /** `jobId/token`. */
  readonly escrow: Record<string, bigint>;
  /** `token/account`. */
  readonly claimable: Record<string, bigint>;
  readonly reputation: Record<Address, Reputation>;
  /** By epoch. */
  readonly minted: Record<string, bigint>;
  /** Checkpoints that were finalized under a circuit: `circuitId/checkpointId`. */
  readonly final: Record<string, true>;
};

/** The state right after a deployment, with these balances (`token/account`). */
export function initialState(world: World, balances: Readonly<Record<string, bigint>>, supply: bigint): State {
  return {
    world,
    balances: { ...balances },
    supply,
    gasPrice: 15n * 10n ** 9n,
    emissionBps: 2_500n,
    pausedUntil: 0n,
    pausedFrom: 0n,
    nextPause: 0n,
    nodes: {},
    hotKeys: {},
    stakes: {},
    drawn: [],
    enrolled: {},
    weights: {},
    jobCount: 0n,
    jobs: {},
    progress: {},
    slots: {},
    leases: {},
    submissions: {},
    holders: {},
    demands: {},
    owed: {},
    coin: 0n,
    committed: {},
    slashed: {},
    debts: {},
    seats: {},
    escrow: {},
    claimable: {},
    reputation: {},
    minted: {},
    final: {},
  };
}

/** What an action finds around it. */
export type Environment = {
  /** The block that it is in. */
  readonly block: bigint;
  readonly baseFee: bigint;
  /** Of one of the last 256 blocks. */
  readonly blockHash: (block: bigint) => Hex;
  /** The router's verdict. */
  readonly verify: (circuitId: Hex, open: boolean, statement: readonly bigint[], proof: Hex, opening: Hex) => boolean;
  /** Id of the checkpoint with these points; a point is named by its logarithm. */
  readonly checkpointId: (modelId: Hex, points: readonly bigint[]) => bigint;
};
