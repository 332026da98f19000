import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobId, blobDigest, blobId } from '../commitment/blobId.ts';
import { AssayError } from '../errors.ts';

/** Blobs by their CID, one file each. */
export type Blobs = {
  /** Stores the bytes; durable when it resolves. Heals a damaged file of the same id. */
  put(bytes: Uint8Array): Promise<BlobId>;
  /** The blob, its hash checked on each read; undefined where it is not here. Throws STORE_BLOB_CORRUPT. */
  get(id: BlobId): Promise<Uint8Array | undefined>;
  has(id: BlobId): Promise<boolean>;
  delete(id: BlobId): Promise<void>;
  list(): Promise<BlobId[]>;
};

function missing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Opens the blobs under `directory` and removes what an interrupted put() has left. Throws STORE_OPEN. */
export async function openBlobs(directory: string): Promise<Blobs> {
  const incoming = join(directory, 'incoming');
  try {
    await rm(incoming, { recursive: true, force: true });
    await mkdir(incoming, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AssayError('STORE_OPEN', `Cannot open the blobs in ${directory}`, { hint: 'May this user write there?', cause });
  }

  // Ids are checked before they become part of a path. The last characters of a CID vary; its first ones are all alike.
  function place(id: BlobId): { folder: string; file: string } {
    blobDigest(id);
    const folder = join(directory, id.slice(-3));
    return { folder, file: join(folder, id) };
  }

  async function read(id: BlobId): Promise<Uint8Array | undefined> {
    const { file } = place(id);
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await readFile(file));
    } catch (error) {
      if (missing(error)) return undefined;
      throw new AssayError('STORE_READ', `Blob ${id} cannot be read`, { details: file, cause: error });
    }
    if (blobId(bytes) !== id) {
      throw new AssayError('STORE_BLOB_CORRUPT', `The file of blob ${id} holds other bytes`, {
        details: file,
        hint: 'Delete the file: the blob is fetched or made anew when it is needed.',
      });
    }
    return bytes;
  }

  return {
    async put(bytes) {
      const id = blobId(bytes);
      const { folder, file } = place(id);
      if ((await read(id).catch(() => undefined)) !== undefined) return id;
      const temporary = join(incoming, randomBytes(8).toString('hex'));
      try {
        const handle = await open(temporary, 'wx', 0o600);
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await rename(temporary, file);
        await syncDirectory(folder);
        await syncDirectory(directory);
      } catch (error) {
        await rm(temporary, { force: true });
        throw new AssayError('STORE_WRITE', `Blob ${id} could not be stored`, { hint: 'Is the disk full?', cause: error });
      }
      return id;
    },
    get: read,
    async has(id) {
      const { file } = place(id);
      return stat(file).then(
        () => true,
        (error) => {
          if (missing(error)) return false;
          throw error;
        },
      );
    },
    async delete(id) {
      await rm(place(id).file, { force: true });
    },
    async list() {
      const found: BlobId[] = [];
      for (const folder of await readdir(directory)) {
        if (folder.length !== 3) continue;
        found.push(...(await readdir(join(directory, folder))));
      }
      return found.sort();
    },
  };
}
