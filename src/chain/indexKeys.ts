import type { ChainEvent } from './chainEvent.ts';

/** What events are found by, where they have it. */
const fields = ['jobId', 'submissionId', 'operator', 'checkpointId', 'circuitId', 'modelId', 'datasetId', 'requester', 'account'] as const;

export type IndexField = (typeof fields)[number];

/** The key of every event of a name, or of those of a field's value; of both. */
export function indexKey(name: ChainEvent['name'] | undefined, field?: IndexField, value?: string | bigint): string {
  const about = field === undefined ? [] : [field, String(value).toLowerCase()];
  return [...(name === undefined ? [] : [name]), ...about].join('/');
}

/** The key of every event of a transaction. */
export function transactionKey(hash: string): string {
  return `transaction/${hash}`;
}

/** Every key that an event is found by. */
export function keysOf(event: ChainEvent): string[] {
  const args = event.args as Readonly<Record<string, unknown>>;
  const keys = [indexKey(event.name), transactionKey(event.transactionHash)];
  for (const field of fields) {
    const value = args[field];
    if (typeof value !== 'string' && typeof value !== 'bigint') continue;
    keys.push(indexKey(undefined, field, value), indexKey(event.name, field, value));
  }
  return keys;
}
