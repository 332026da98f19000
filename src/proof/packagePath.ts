import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let root: string | undefined;

/** Absolute path of a file that ships with the package: the same from sources and from the compiled package. */
export function packagePath(relative: string): string {
  if (root === undefined) {
    let folder = dirname(fileURLToPath(import.meta.url));
    while (!existsSync(join(folder, 'circuits', 'circuits.json'))) {
      const parent = dirname(folder);
      if (parent === folder) throw new Error('circuits/circuits.json is missing from this installation');
      folder = parent;
    }
    root = folder;
  }
  return join(root, relative);
}
