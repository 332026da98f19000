import { readFile } from 'node:fs/promises';
import { AssayError } from '../../errors.ts';

/** A file that the user named. @throws CLI_FILE_UNREADABLE */
export async function readInputFile(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new AssayError('CLI_FILE_UNREADABLE', `cannot read ${file}`, {
      cause,
      details: (cause as Error).message,
      hint: 'Check the path.',
    });
  }
}
