import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** How far the database had come when a write was last acknowledged; kept beside it, because a database that lost its tail cannot tell. */
export type Watermark = {
  /** Sequence of the last acknowledged write; undefined where the file was just made. */
  readonly sequence: number | undefined;
  /** Durable when it resolves. */
  advance(sequence: number): Promise<void>;
  close(): Promise<void>;
};

/** Sequence (8 bytes, big-endian), then the first 24 bytes of its sha-256. */
const slotBytes = 32;

function encodeSlot(sequence: number): Uint8Array {
  const slot = new Uint8Array(slotBytes);
  new DataView(slot.buffer).setBigUint64(0, BigInt(sequence));
  slot.set(createHash('sha256').update(slot.subarray(0, 8)).digest().subarray(0, 24), 8);
  return slot;
}

function decodeSlot(slot: Uint8Array): number | undefined {
  const sequence = Number(new DataView(slot.buffer, slot.byteOffset).getBigUint64(0));
  return Number.isSafeInteger(sequence) && Buffer.from(encodeSlot(sequence)).equals(slot) ? sequence : undefined;
}

/**
 * Opens the file at `path`, or makes it.
 *
 * Two slots are written in turn, so that a write cut short leaves the one before it.
 *
 * @returns undefined where the file is there but neither slot can be read.
 */
export async function openWatermark(path: string): Promise<Watermark | undefined> {
  let file: FileHandle;
  let fresh = false;
  try {
    file = await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    file = await open(path, 'wx+', 0o600);
    fresh = true;
  }
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2 * slotBytes), 0, 2 * slotBytes, 0);
  // Empty: made, but the process ended before the first write to it was acknowledged.
  fresh ||= bytesRead === 0;
  let sequence: number | undefined;
  for (let slot = 0; slot + slotBytes <= bytesRead; slot += slotBytes) {
    const value = decodeSlot(buffer.subarray(slot, slot + slotBytes));
    if (value !== undefined && (sequence === undefined || value > sequence)) sequence = value;
  }
  if (sequence === undefined && !fresh) {
    await file.close();
    return undefined;
  }
  return {
    sequence,
    async advance(next) {
      await file.write(encodeSlot(next), 0, slotBytes, (next % 2) * slotBytes);
      await file.datasync();
    },
    close: async () => file.close(),
  };
}
