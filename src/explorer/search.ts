import { type Address, getAddress } from 'viem';
import type { IndexReader } from '../chain/indexReader.ts';
import type { Summary } from './summary.ts';
import type { HitView, SearchView } from './views.ts';

const perKind = 10;

/** Kinds of ids, and the event that each is found by. */
const kinds = [
  ['proof', 'submission'],
  ['checkpoint', ['CheckpointRecorded', 'checkpointId']],
  ['checkpoint', ['GenesisRegistered', 'checkpointId']],
  ['audit', ['AuditOpened', 'auditId']],
  ['transaction', 'transaction'],
  ['circuit', ['CircuitRegistered', 'circuitId']],
  ['dataset', ['DatasetRegistered', 'datasetId']],
  ['model', ['ModelRegistered', 'modelId']],
] as const;

/** What a text may mean: the number of a job, `JOB/WINDOW`, an operator's address or hot key, or an id from its first 6 digits on. */
export async function searchIndex(reader: IndexReader, summary: Summary, input: string): Promise<SearchView> {
  const text = input.trim().slice(0, 200);
  const hits: HitView[] = [];
  let more = false;
  const [, jobId, window] = /^(?:job\s*)?#?(\d{1,18})(?:\s*[/:]\s*(\d{1,7}))?$/i.exec(text) ?? [];
  if (jobId !== undefined && (await reader.job(BigInt(jobId))) !== undefined) {
    const id = String(BigInt(jobId));
    if (window === undefined) hits.push({ type: 'job', id, label: `Job ${id}` });
    else if ((await reader.windowEvents('LeaseTaken', BigInt(id), Number(window))).length > 0)
      hits.push({ type: 'window', id: `${id}/${Number(window)}`, label: `Window ${Number(window)} of job ${id}` });
  }
  const [, digits] = /^(?:0x)?([0-9a-f]{6,64})$/i.exec(text) ?? [];
  if (digits !== undefined) {
    const prefix = `0x${digits.toLowerCase()}`;
    const seen = new Set<string>();
    const add = (hit: HitView): void => {
      const key = `${hit.type}/${hit.id}`;
      if (!seen.has(key)) hits.push(hit);
      seen.add(key);
    };
    if (digits.length <= 40) {
      const found = [...summary.operators].filter(
        ([operator, { hotKey }]) => operator.toLowerCase().startsWith(prefix) || hotKey?.toLowerCase().startsWith(prefix) === true,
      );
      more ||= found.length > perKind;
      for (const [operator] of found.slice(0, perKind)) add({ type: 'node', id: operator, label: `Node ${operator}` });
      if (digits.length === 40) {
        const requester = getAddress(prefix as Address);
        const page = await reader.jobs({ requester, limit: perKind });
        more ||= page.next !== undefined;
        for (const job of page.items) add({ type: 'job', id: String(job.jobId), label: `Job ${job.jobId} of ${requester}` });
      }
    }
    for (const [type, about] of kinds) {
      const ids = await reader.ids(prefix, about, perKind + 1);
      more ||= ids.length > perKind;
      for (const id of ids.slice(0, perKind)) add({ type, id, label: `${type[0]?.toUpperCase()}${type.slice(1)} ${id}` });
    }
    // What is written out in full comes first, whichever kind it is.
    hits.sort((a, b) => Number(b.id.toLowerCase() === prefix) - Number(a.id.toLowerCase() === prefix));
  }
  return { text, hits, more };
}
