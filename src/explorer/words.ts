import { CID } from 'multiformats/cid';
import { type Hex, hexToBytes } from 'viem';
import type { ChainEvent } from '../chain/chainEvent.ts';
import type { FactView, JsonValue } from './views.ts';

/** A field-valued id as 32 bytes of hex. */
export function showId(id: bigint): Hex {
  return `0x${id.toString(16).padStart(64, '0')}`;
}

/** A CID as text; as it is on chain where it is none: anybody may write there. */
export function showCid(bytes: Hex): string {
  try {
    return CID.decode(hexToBytes(bytes)).toString();
  } catch {
    return bytes;
  }
}

/** Arguments that are ids though Solidity counts them as numbers. */
const ids = new Set([
  'checkpointId',
  'parentId',
  'childId',
  'maskId',
  'startId',
  'resultId',
  'mergedId',
  'baseId',
  'genesisId',
  'inputId',
  'setId',
  'datasetRoot',
  'root',
  'context',
]);

/** A decoded argument as JSON: ids as 32 bytes of hex, other big integers as decimal strings. */
export function asJson(value: unknown, name = ''): JsonValue {
  if (typeof value === 'bigint') return ids.has(name) ? showId(value) : String(value);
  if (Array.isArray(value)) return value.map((item) => asJson(item, name === 'children' ? 'childId' : ''));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asJson(item, key)]));
  }
  return value as JsonValue;
}

const short = (id: string | bigint): string => {
  const text = typeof id === 'bigint' ? showId(id) : id;
  return `${text.slice(0, 10)}…`;
};

/** What an event says, in a sentence. */
export function sayEvent(event: ChainEvent): string {
  switch (event.name) {
    case 'JobOpened':
      return `${short(event.args.requester)} opened job ${event.args.jobId} for ${event.args.terms.windows} windows`;
    case 'JobCompleted':
      return `Job ${event.args.jobId} is complete`;
    case 'JobCancelled':
      return `${short(event.args.closer)} ended job ${event.args.jobId}`;
    case 'JobPaused':
      return `Job ${event.args.jobId} was paused`;
    case 'JobResumed':
      return `Job ${event.args.jobId} goes on`;
    case 'SeedCaptured':
      return `The seed of job ${event.args.jobId} was drawn`;
    case 'LeaseTaken':
      return `${short(event.args.operator)} leased window ${event.args.windowIndex} of job ${event.args.jobId}`;
    case 'LeaseReleased':
      return `${short(event.args.operator)} gave a lease of job ${event.args.jobId} back`;
    case 'LeaseLapsed':
      return `${short(event.args.operator)} let a lease of job ${event.args.jobId} lapse`;
    case 'LeaseRevoked':
      return `A lease of job ${event.args.jobId} was taken from ${short(event.args.operator)}`;
    case 'WindowSubmitted':
      return `${short(event.args.operator)} submitted window ${event.args.windowIndex} of job ${event.args.jobId}`;
    case 'WindowProved':
      return `${short(event.args.settler)} proved a window of job ${event.args.jobId}`;
    case 'WindowFinalized':
      return `Window ${event.args.windowIndex} of job ${event.args.jobId} is final, ${event.args.proved ? 'proved' : 'by silence'}`;
    case 'WindowRejected':
      return `Window ${event.args.windowIndex} of job ${event.args.jobId}, by ${short(event.args.operator)}, was rejected`;
    case 'WindowOrphaned':
      return `Window ${event.args.windowIndex} of job ${event.args.jobId} was orphaned: what it was built on was rejected`;
    case 'WindowMerged':
      return `The contributions to window ${event.args.windowIndex} of job ${event.args.jobId} were merged`;
    case 'UnitPaid':
      return `${short(event.args.operator)} was paid for a unit of job ${event.args.jobId}`;
    case 'SeatPaid':
      return `The share of a seat of job ${event.args.jobId} went to ${short(event.args.account)}`;
    case 'Slashed':
      return `${short(event.args.operator)} was slashed`;
    case 'OperatorSlashed':
      return `${short(event.args.operator)} was slashed: ${slashReasons[event.args.reason as keyof typeof slashReasons] ?? event.args.reason}`;
    case 'ProofDemanded':
      return `${short(event.args.challenger)} demanded the proof of submission ${short(event.args.submissionId)}`;
    case 'AttestationCommitted':
      return `${short(event.args.operator)} vouched for submission ${short(event.args.submissionId)}`;
    case 'CheckpointRecorded':
      return `Checkpoint ${short(event.args.checkpointId)} came out of window ${event.args.windowIndex} of job ${event.args.jobId}`;
    case 'GenesisRegistered':
      return `${short(event.args.registrant)} registered checkpoint ${short(event.args.checkpointId)}`;
    case 'SegmentProved':
      return `Segment ${event.args.segment} of checkpoint ${short(event.args.checkpointId)} was shown to be well-formed`;
    case 'DatasetRegistered':
      return `${short(event.args.registrant)} registered data set ${short(event.args.datasetId)}`;
    case 'CircuitRegistered':
      return `Circuit ${short(event.args.circuitId)} was registered`;
    case 'NodeRegistered':
      return `${short(event.args.operator)} registered a node`;
    case 'NodeDeregistered':
      return `${short(event.args.operator)} deregistered its node`;
    case 'AuditOpened':
      return `${short(event.args.opener)} opened an audit of checkpoint ${short(event.args.checkpointId)}`;
    case 'AuditDrawn':
      return `The chunks of audit ${short(event.args.auditId)} were drawn`;
    case 'ChunkProved':
      return `Chunk ${event.args.chunk} of audit ${short(event.args.auditId)} was proved`;
    case 'AuditCompleted':
      return `Audit ${short(event.args.auditId)} is complete`;
    default:
      return event.name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  }
}

export const slashReasons = {
  false: 'the verifier refuses its proof',
  equivocation: 'it signed two results for one submission',
  withheld: 'it did not post a proof that was demanded',
  attestation: 'it vouched for what was refused',
} as const;

const words = {
  'train-window': [
    ['context', 'binds the proof to one lease of one operator of one job'],
    ['parentId', 'the checkpoint that the window starts from'],
    ['childId', 'the checkpoint that it ends in'],
    ['maskId', 'commitment to the mask that blinds the opening'],
    ['datasetRoot', 'the data set: the root of its tree of minibatches'],
    ['batchSeed', 'selects the minibatches; drawn by the chain'],
    ['firstStep', 'the first of its steps, counted over the job'],
    ['lossSum', 'squared errors over all steps and samples, in units of 2^-8'],
  ],
  inference: [
    ['context', 'binds the proof to one lease of one operator of one job'],
    ['checkpointId', 'the model that answers'],
    ['maskId', 'commitment to the mask that blinds the opening'],
    ['inputId', 'commitment to the inputs'],
  ],
} as const;

/** The words of a statement by name: ids in hex, counts in decimal. */
export function sayWords(statement: keyof typeof words, values: readonly bigint[], fd = 4): FactView[] {
  return values.map((value, i) => {
    const known = words[statement][i];
    if (known === undefined) return { name: `output ${i - words[statement].length}`, value: String(value), text: 'an output word' };
    const [name, text] = known;
    const isCount = name === 'firstStep' || name === 'lossSum';
    return { name, value: isCount ? String(value) : showId(value), text: text.replace('2^-8', `2^-${2 * fd}`) };
  });
}
