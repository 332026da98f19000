import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { openStore } from '../../src/store/openStore.ts';
import type { Submission } from '../../src/store/submissionState.ts';
import { eventsOf, leaseOf } from '../utils/storeFixtures.ts';

/**
 * A worker that may be killed at any point: `node journalWorker.child.ts <store> <chain file> <windows>`.
 *
 * Its chain is a file with one line a mined transaction; like a chain it takes each nonce once, and the same transaction again without effect.
 * Every acknowledged step is a line on stdout.
 */
const [directory, chainFile, windows] = process.argv.slice(2) as [string, string, string];
const mined = () => (existsSync(chainFile) ? readFileSync(chainFile, 'utf8').split('\n').filter(Boolean) : []);

function broadcast(nonce: number, raw: string): void {
  const lines = mined();
  if (lines.length > nonce) return;
  if (lines.length < nonce) throw new Error(`nonce ${nonce} before its time`);
  appendFileSync(chainFile, `${nonce} ${raw}\n`);
}

const store = await openStore(directory);
process.stdout.write('open\n');
for (let windowIndex = 0; windowIndex < Number(windows); windowIndex++) {
  let submission: Submission = await store.submissions.lease(leaseOf(windowIndex));
  process.stdout.write(`${windowIndex} ${submission.state}\n`);
  while (submission.state !== 'settled') {
    const at = ['leased', 'trained', 'proved', 'announced', 'submitting'].indexOf(submission.state);
    if (submission.state === 'submitting') {
      const { nonce, attempts } = submission.transaction;
      broadcast(nonce, (attempts[0] as { raw: string }).raw);
      submission = await store.submissions.advance(submission.submissionId, eventsOf(windowIndex, nonce)[4] as never);
    } else {
      submission = await store.submissions.advance(submission.submissionId, eventsOf(windowIndex, mined().length)[at] as never);
    }
    process.stdout.write(`${windowIndex} ${submission.state}\n`);
  }
}
await store.close();
process.stdout.write('end\n');
