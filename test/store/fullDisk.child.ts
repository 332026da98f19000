import { AssayError } from '../../src/errors.ts';
import { openStore } from '../../src/store/openStore.ts';
import { leaseOf } from '../utils/storeFixtures.ts';

/** Enters leases until the disk (a limit on the size of files stands for it) is full, and says how many were acknowledged and what was refused. */
const store = await openStore(process.argv[2] as string);
let acknowledged = 0;
const codes: string[] = [];
for (let i = 0; codes.length < 2 && i < 100_000; i++) {
  try {
    await store.submissions.lease(leaseOf(i));
    acknowledged++;
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    codes.push(error.code);
  }
}
process.stdout.write(JSON.stringify({ acknowledged, codes }));
