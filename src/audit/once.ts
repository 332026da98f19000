import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
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

/**
 * Keeps parts as files of a folder, each whole or not at all: a run that is cut short goes on where it stopped. What is found is taken only where it says that it
 * is about the same; that its proof is good is checked with the certificate.
 */
export function keepParts(folder: string, onKept?: (name: string) => void): Once {
  return async (name, about, prove) => {
    const file = join(folder, `${name}-${keccak256(toHex(about)).slice(2, 18)}.json`);
    const found = await readPart(file, about);
    if (found !== undefined) {
      onKept?.(name);
      return found.part as Awaited<ReturnType<typeof prove>>;
    }
    const part = await prove();
    await mkdir(folder, { recursive: true });
    await writeFile(`${file}.${process.pid}.partial`, `${JSON.stringify({ about, part })}\n`);
    await rename(`${file}.${process.pid}.partial`, file);
    return part;
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
