import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Hash of a whole file, in hex, without holding it in memory. @param onProgress bytes read so far */
export async function hashFile(path: string, algorithm: 'sha256' | 'blake2b512', onProgress?: (bytes: number) => void): Promise<string> {
  const hash = createHash(algorithm);
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    onProgress?.(bytes);
  }
  return hash.digest('hex');
}
