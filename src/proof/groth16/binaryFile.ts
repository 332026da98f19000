import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { AssayError, exitCodes } from '../../errors.ts';

/** Where a section's bytes lie in its file. */
export type Section = { readonly at: number; readonly size: number };

/** An open file of the format that circom and snarkjs share: r1cs, ptau, zkey, wtns. */
export type BinaryFile = {
  readonly path: string;
  /** Its one section of that number. @throws ARTIFACT_CORRUPT where there is none, or more than one */
  section(id: number): Section;
  /** @throws ARTIFACT_CORRUPT past the section's end */
  read(section: Section, from: number, bytes: number): Promise<Uint8Array>;
  close(): Promise<void>;
};

/** An error about a file that is not what it should be. */
export function corruptFile(path: string, details: string): AssayError {
  return new AssayError('ARTIFACT_CORRUPT', `${path} is damaged`, {
    details,
    exitCode: exitCodes.artifactMismatch,
    hint: 'Delete the file where it lies in the cache (it is made again); bring a good one where it is yours.',
  });
}

/**
 * Opens a file and reads where its sections are.
 *
 * @param type `r1cs`, `ptau`, `zkey` or `wtns`
 * @throws ARTIFACT_CORRUPT where the sections do not fill the file exactly; ARTIFACT_MISSING
 */
export async function openBinaryFile(path: string, type: string): Promise<BinaryFile> {
  const file = await open(path).catch((cause: unknown) => {
    throw new AssayError('ARTIFACT_MISSING', `cannot read ${path}`, { cause, details: String(cause) });
  });
  try {
    const { size } = await file.stat();
    const head = await readAt(file, path, 0, Math.min(12, size));
    if (head.length < 12 || new TextDecoder().decode(head.subarray(0, 4)) !== type) throw corruptFile(path, `not a ${type} file`);
    const view = new DataView(head.buffer, head.byteOffset);
    const version = view.getUint32(4, true);
    if (version < 1 || version > 2) throw corruptFile(path, `version ${version}`);
    const count = view.getUint32(8, true);
    if (count > 64) throw corruptFile(path, `${count} sections`);
    const sections = new Map<number, Section>();
    let at = 12;
    for (let i = 0; i < count; i++) {
      const header = await readAt(file, path, at, 12);
      const headerView = new DataView(header.buffer, header.byteOffset);
      const id = headerView.getUint32(0, true);
      const bytes = Number(headerView.getBigUint64(4, true));
      at += 12;
      if (at + bytes > size) throw corruptFile(path, `section ${id} ends behind the file`);
      if (sections.has(id)) throw corruptFile(path, `section ${id} is there twice`);
      sections.set(id, { at, size: bytes });
      at += bytes;
    }
    if (at !== size) throw corruptFile(path, `${size - at} bytes behind the last section`);
    return {
      path,
      section(id) {
        const found = sections.get(id);
        if (found === undefined) throw corruptFile(path, `no section ${id}`);
        return found;
      },
      read(section, from, bytes) {
        if (from < 0 || from + bytes > section.size) throw corruptFile(path, 'a section is too short');
        return readAt(file, path, section.at + from, bytes);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readAt(file: FileHandle, path: string, at: number, bytes: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(bytes);
  let done = 0;
  while (done < bytes) {
    const { bytesRead } = await file.read(buffer, done, bytes - done, at + done);
    if (bytesRead === 0) throw corruptFile(path, 'the file ends early');
    done += bytesRead;
  }
  return buffer;
}

/** Writes such a file from its first byte to its last. */
export type BinaryWriter = {
  /** Begins a section; exactly `size` bytes must follow by `write`. */
  section(id: number, size: number): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the file on disk and returns its sha256. */
  end(): Promise<string>;
  /** Closes it unfinished. */
  abandon(): Promise<void>;
};

/** Starts a file of version 1 with `sections` sections. */
export async function createBinaryFile(path: string, type: string, sections: number): Promise<BinaryWriter> {
  const file = await open(path, 'w');
  const hash = createHash('sha256');
  let left = 0;
  let at = 0;
  const put = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
      done += bytesWritten;
    }
    at += bytes.length;
  };
  const head = Buffer.alloc(12);
  head.write(type, 0, 'latin1');
  head.writeUInt32LE(1, 4);
  head.writeUInt32LE(sections, 8);
  await put(head);
  return {
    async section(id, size) {
      if (left !== 0) throw new RangeError(`${left} bytes are missing from the section before ${id}`);
      const header = Buffer.alloc(12);
      header.writeUInt32LE(id, 0);
      header.writeBigUInt64LE(BigInt(size), 4);
      await put(header);
      left = size;
    },
    async write(bytes) {
      if (bytes.length > left) throw new RangeError('more bytes than the section has');
      left -= bytes.length;
      await put(bytes);
    },
    async end() {
      if (left !== 0) throw new RangeError(`${left} bytes are missing from the last section`);
      await file.sync();
      await file.close();
      return hash.digest('hex');
    },
    abandon: () => file.close(),
  };
}
