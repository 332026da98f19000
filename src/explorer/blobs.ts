import type { BlobId } from '../commitment/blobId.ts';

/** Blobs at hand: of the stores that the explorer was opened with. */
export type Blobs = {
  get(id: BlobId): Promise<Uint8Array | undefined>;
  list(): Promise<readonly BlobId[]>;
};
