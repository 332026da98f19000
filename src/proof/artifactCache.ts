import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { AssayError, exitCodes } from '../errors.ts';
import { withFileLock } from './fileLock.ts';

/** The value in the file at `path`, which carries its own hash; made under a lock where there is none. @throws ARTIFACT_CORRUPT */
export async function cached<T>(path: string, make: () => Promise<T>): Promise<T> {
  const read = async (): Promise<T | undefined> => {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      const { hash, value } = JSON.parse(text) as { hash: string; value: T };
      if (hash === sha256(JSON.stringify(value))) return value;
    } catch {
      // Falls through: unreadable is as damaged as altered.
    }
    throw new AssayError('ARTIFACT_CORRUPT', 'an artifact in the cache is damaged', {
      details: path,
      exitCode: exitCodes.artifactMismatch,
      hint: 'Delete the file; it is made again.',
    });
  };
  const found = await read();
  if (found !== undefined) return found;
  return withFileLock(`${path}.lock`, async () => {
    const madeMeanwhile = await read();
    if (madeMeanwhile !== undefined) return madeMeanwhile;
    const value = await make();
    await writeFile(`${path}.partial`, JSON.stringify({ hash: sha256(JSON.stringify(value)), value }));
    await rename(`${path}.partial`, path);
    return value;
  });
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
