import { readFileSync, writeSync } from 'node:fs';

/**
 * Ends the process of a compiler in failure where it took more memory than COMPILER_MEMORY_MB says, once it is done. The test runner sets it, so that no circuit that CI compiles takes more
 * than 4 GB unseen; without it, and where there is no /proc, nothing is held to anything.
 */
export function assertCompilerMemory(): void {
  const most = Number(process.env['COMPILER_MEMORY_MB'] ?? Number.POSITIVE_INFINITY);
  if (most === Number.POSITIVE_INFINITY || process.platform !== 'linux') return;
  // Not resourceUsage(), whose peak is inherited from the process that forked this one.
  const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
  if (peak <= most) return;
  writeSync(process.stderr.fd, `compiling took ${Math.ceil(peak)} MB, COMPILER_MEMORY_MB allows ${most}\n`);
  process.exit(1);
}
