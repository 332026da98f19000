import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keccak256, toHex } from 'viem';

/**
 * Takes a part of a certificate that was proved before, or proves it.
 *
 * @param name which part: `segment-0`, `chunk-3`
 * @param about everything that its proof is bound to
 */
export type Once = <Part>(name: string, about: string, prove: () => Promise<Part>) => Promise<Part>;

/** Keeps nothing. */
export const proveAnew: Once = (_name, _about, prove) => prove();

/** Parts in a folder. */
export type KeptParts = {
  readonly once: Once;
  /** Names of the parts that were there already. */
  readonly kept: readonly string[];
  /** Deletes the files of the parts that were asked for, and the folder where nothing else is in it. */
  discard(): Promise<void>;
};

/**
 * Keeps parts as files of a folder, each whole or not at all: a run that is cut short goes on where it stopped. What is found is taken only where it says that it
 * is about the same; that its proof is good is checked with the certificate.
 */
export function keepParts(folder: string): KeptParts {
  const kept: string[] = [];
  const files = new Set<string>();
  return {
    kept,
    async once(name, about, prove) {
      const file = `${name}-${keccak256(toHex(about)).slice(2, 18)}.json`;
      const path = join(folder, file);
      files.add(file);
      const found = await readPart(path, about);
      if (found !== undefined) {
        kept.push(name);
        return found.part as Awaited<ReturnType<typeof prove>>;
      }
      const part = await prove();
      await mkdir(folder, { recursive: true });
      await writeFile(`${path}.${process.pid}.partial`, `${JSON.stringify({ about, part })}\n`);
      await rename(`${path}.${process.pid}.partial`, path);
      return part;
    },
    async discard() {
      // The folder's name may be that of one which is not ours: nothing goes but what has the name of a part, or of a write of one that was cut short.
      const names = await readdir(folder).catch(() => []);
      const ours = names.filter((name) => files.has(name.replace(/\.\d+\.partial$/, '')));
      await Promise.all(ours.map((name) => rm(join(folder, name), { force: true })));
      if (ours.length > 0 && ours.length === names.length) await rmdir(folder);
    },
  };
}

async function readPart(file: string, about: string): Promise<{ readonly part: unknown } | undefined> {
  try {
    const found = JSON.parse(await readFile(file, 'utf8')) as { about?: unknown; part?: unknown } | null;
    return found !== null && found.about === about && found.part !== undefined ? { part: found.part } : undefined;
  } catch {
    // Not there, or not whole: it is proved again.
    return undefined;
  }
}
