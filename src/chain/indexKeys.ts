import { type ChainEvent, eventsWith } from './chainEvent.ts';

/** What events are found by, where they have it. */
const fields = [
  'jobId',
  'submissionId',
  'operator',
  'checkpointId',
  'parentId',
  'circuitId',
  'modelId',
  'datasetId',
  'requester',
  'account',
  'auditId',
  'setId',
] as const;

export type IndexField = (typeof fields)[number];

/** The key of every event of a name, or of those of a field's value. Ids are 0x and 64 digits, whatever Solidity calls them; jobs are numbers. */
export function indexKey(name: ChainEvent['name'], field?: Exclude<IndexField, 'submissionId'>, value?: string | bigint): string {
  return field === undefined ? name : `${name}/${field}/${digitsOf(field, value as string | bigint)}`;
}

/** The key of every event about a submission: there are few of each. */
export function submissionKey(submissionId: string): string {
  return `submissionId/${submissionId.toLowerCase()}`;
}

/** The key of every event of a transaction's first. */
export function transactionKey(hash: string): string {
  return `transaction/${hash.toLowerCase()}`;
}

/** The key of a window's leases, or of its final units, its merge or its input. */
export function windowKey(name: (typeof windowEvents)[number], jobId: bigint, windowIndex: bigint | number): string {
  return `${name}/window/${jobId}/${windowIndex}`;
}

const windowEvents = ['LeaseTaken', 'WindowFinalized', 'WindowMerged', 'InputAdded'] as const;

/** The keys of every event about something. */
export function keysAbout(field: IndexField, value: string | bigint): string[] {
  if (field === 'submissionId') return [submissionKey(String(value))];
  return eventsWith(field).map((name) => indexKey(name, field, value));
}

function digitsOf(field: IndexField, value: string | bigint): string {
  if (typeof value === 'string') return value.toLowerCase();
  return field === 'jobId' ? String(value) : `0x${value.toString(16).padStart(64, '0')}`;
}

/** Every key that an event is found by, besides its transaction's. */
export function keysOf(event: ChainEvent): string[] {
  const args = event.args as Readonly<Record<string, unknown>>;
  const { name } = event;
  const keys: string[] = [name];
  for (const field of fields) {
    const value = args[field];
    if (typeof value !== 'string' && typeof value !== 'bigint') continue;
    keys.push(field === 'submissionId' ? submissionKey(value as string) : indexKey(name, field, value));
  }
  if ((windowEvents as readonly string[]).includes(name)) {
    const { jobId, windowIndex } = args as { jobId: bigint; windowIndex: bigint };
    keys.push(windowKey(name as (typeof windowEvents)[number], jobId, windowIndex));
  }
  return keys;
}
