import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** A folder for the tests of one file, gone afterwards. Call at the top of the file; read `path` inside tests. */
export function useScratch(name: string): { readonly path: string } {
  const scratch = { path: '' };
  beforeAll(async () => {
    scratch.path = await mkdtemp(join(tmpdir(), `assay-${name}-`));
  });
  afterAll(() => rm(scratch.path, { recursive: true, force: true }));
  return scratch;
}
