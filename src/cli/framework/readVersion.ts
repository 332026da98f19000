import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The package's version, from the package.json nearest above (sources and build lie at different depths). */
export function readVersion(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
      if (name === 'assay' && version !== undefined) return version;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (folder === dirname(folder)) throw new Error('no package.json of assay above this file');
  }
}
