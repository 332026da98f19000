import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { AssayError } from '../errors.ts';

/**
 * Runs `action` while holding an exclusive lock file that names this process. A lock left by a dead process is taken over.
 *
 * @throws LOCK_TIMEOUT after `timeoutMs` (default 15 minutes)
 */
export async function withFileLock<T>(path: string, action: () => Promise<T>, timeoutMs = 900_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      break;
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
      if (await isStale(path)) {
        await rm(path, { force: true });
        continue;
      }
      if (Date.now() > deadline) {
        throw new AssayError('LOCK_TIMEOUT', `another process holds ${path}`, {
          hint: 'Wait for it, or delete the file when no such process runs.',
        });
      }
      await delay(200);
    }
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function isStale(path: string): Promise<boolean> {
  const pid = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
  if (!Number.isInteger(pid)) {
    // An empty file is a lock in the making; one that stays empty is left by a maker that died at once.
    const made = await stat(path).catch(() => undefined);
    return made !== undefined && Date.now() - made.mtimeMs > 5_000;
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as { code?: string }).code === 'ESRCH';
  }
}
