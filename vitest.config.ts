import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // ffjavascript crashes inside worker_threads, so every test file gets a process of its own.
    pool: 'forks',
    maxWorkers: 2,
    env: {
      // Most of what a command line that is started anew does is compile itself.
      NODE_COMPILE_CACHE: join(tmpdir(), 'assay-test-cache', 'code'),
      // Every circuit that a test compiles is held to it (src/proof/assertCompilerMemory.ts).
      COMPILER_MEMORY_MB: '4096',
    },
    // A test that fails now and then is broken: nothing is tried twice.
    retry: 0,
    testTimeout: 60_000,
    hookTimeout: 180_000,
    teardownTimeout: 20_000,
    // A forgotten `.only` must not turn the suite green.
    allowOnly: false,
    passWithNoTests: false,
  },
});
