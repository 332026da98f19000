import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AssayError, exitCodes } from '../errors.ts';

/**
 * Writes a file that only its owner can read, all of it or nothing, and never over another.
 *
 * @throws KEY_EXISTS, KEY_WRITE
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike a rename, a link fails where the name is taken.
    await link(temporary, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new AssayError('KEY_EXISTS', `There is a key in ${path} already`, { hint: 'Choose another name; a key is never overwritten.' });
    }
    throw new AssayError('KEY_WRITE', `Cannot write ${path}`, { hint: 'May this user write there, and is there room?', cause });
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * The text of a file that nobody but its owner may read or change.
 *
 * @throws KEY_MISSING (exit code 4), KEY_PERMISSIONS, KEY_READ
 */
export async function readPrivateFile(path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    // Windows has no such bits.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new AssayError('KEY_PERMISSIONS', `${path} can be read by others (mode ${(mode & 0o777).toString(8)})`, {
        hint: `Take it as known to others, or run: chmod 600 ${path}`,
        exitCode: exitCodes.keysNeeded,
      });
    }
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new AssayError('KEY_MISSING', `There is no ${path}`, {
        hint: 'Make a key first: assay key new',
        exitCode: exitCodes.keysNeeded,
        cause,
      });
    }
    throw new AssayError('KEY_READ', `Cannot read ${path}`, { exitCode: exitCodes.keysNeeded, cause });
  }
}
