import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobId, blobDigest, blobId } from '../commitment/blobId.ts';

/** Blobs of a store that another process may have open: nothing is written, nothing is locked. */
export type BlobReader = {
  /** The blob, its hash checked; undefined where it is not here, or damaged. */
  get(id: BlobId): Promise<Uint8Array | undefined>;
  list(): Promise<BlobId[]>;
};

/** Reads the blobs of the store in `directory`, which need not exist. */
export function readBlobs(directory: string): BlobReader {
  const blobs = join(directory, 'blobs');
  return {
    async get(id) {
      // Ids are checked before they become part of a path.
      blobDigest(id);
      const bytes = await readFile(join(blobs, id.slice(-3), id)).catch(() => undefined);
      return bytes !== undefined && blobId(bytes) === id ? new Uint8Array(bytes) : undefined;
    },
    async list() {
      const found: BlobId[] = [];
      for (const folder of await readdir(blobs).catch(() => [])) {
        if (folder.length !== 3) continue;
        found.push(...(await readdir(join(blobs, folder)).catch(() => [])));
      }
      return found.sort();
    },
  };
}
