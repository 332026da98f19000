import { join } from 'node:path';
import { type Attestations, attestationsIn } from './attestations.ts';
import { type Blobs, openBlobs } from './blobs.ts';
import { type Cursors, cursorsIn } from './cursors.ts';
import { type EvidenceJournal, evidenceIn } from './evidence.ts';
import { openGuardedDatabase } from './guardedDatabase.ts';
import { type Seats, seatsIn } from './seats.ts';
import { type Submissions, submissionsIn } from './submissions.ts';

/** All that a node keeps. */
export type Store = {
  blobs: Blobs;
  submissions: Submissions;
  attestations: Attestations;
  evidence: EvidenceJournal;
  seats: Seats;
  cursors: Cursors;
  /** Resolves when running writes are done and the directory is free for another process. */
  close(): Promise<void>;
};

/**
 * Opens the store in `directory`, making it where there is none. One process at a time.
 *
 * @throws STORE_LOCKED, STORE_CORRUPT (damaged, or records are missing), STORE_VERSION, STORE_OPEN (no permission, no room)
 *
 * @example
 * const store = await openStore('data/worker');
 * for (const submission of await store.submissions.unfinished()) await resume(submission);
 */
export async function openStore(directory: string): Promise<Store> {
  // First, because it takes the lock: opening the blobs clears away unfinished files.
  const database = await openGuardedDatabase(directory);
  try {
    return {
      blobs: await openBlobs(join(directory, 'blobs')),
      submissions: submissionsIn(database),
      attestations: attestationsIn(database),
      evidence: evidenceIn(database),
      seats: seatsIn(database),
      cursors: cursorsIn(database),
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
