/**
 * Adds to package-lock.json what `npm ci` demands and `npm install` leaves out: an entry for every optional package, also for those of other platforms
 * that the registry at hand does not carry. Such an entry has no integrity hash; it is never fetched on a platform that it is not for.
 *
 *     npm install some-package@1.2.3 && node scripts/complete-lock.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

export type LockEntry = {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};
export type Lock = { packages: Record<string, LockEntry> };

const platforms = {
  os: ['android', 'darwin', 'freebsd', 'linux', 'win32'],
  cpu: ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'],
  libc: ['musl'],
};

/** The optional packages that no entry of the lock stands for. */
export function missingEntries(lock: Lock): { name: string; entry: LockEntry }[] {
  const missing = new Map<string, LockEntry>();
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      if (foldersAbove(path).some((folder) => `${folder}node_modules/${name}` in lock.packages)) continue;
      const words = name.split(/[-/]/);
      const pick = (known: string[]) => known.filter((word) => words.includes(word));
      const only = Object.fromEntries(
        Object.entries(platforms)
          .map(([key, known]) => [key, pick(known)] as const)
          .filter(([, found]) => found.length > 0),
      );
      missing.set(name, { version: range.replace(/^[~^]/, ''), ...only, ...(dev === true ? { dev } : {}), optional: true });
    }
  }
  return [...missing].map(([name, entry]) => ({ name, entry }));
}

/** Where Node looks for packages from `path`: its own folder, then those around it. */
function foldersAbove(path: string): string[] {
  const folders = [''];
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) folders.push(`${at}/`);
  return folders;
}

if (import.meta.main) {
  const file = resolve(import.meta.dirname, '../package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock;
  const missing = missingEntries(lock);
  for (const { name, entry } of missing) lock.packages[`node_modules/${name}`] = entry;
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log(`${missing.length} entries added`);
}
