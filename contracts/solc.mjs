#!/usr/bin/env node
// The solc that forge runs: the npm package behind the two calls that forge makes, so that no compiler is downloaded.
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Writes all of `text` to stdout; a pipe that is full answers EAGAIN, and a plain write would then cut the output. */
function writeAll(text) {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(1, bytes, offset);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

const solc = createRequire(import.meta.url)('solc');
const arguments_ = process.argv.slice(2);
if (arguments_.includes('--version')) {
  writeAll(`solc, the solidity compiler commandline interface\nVersion: ${solc.version().replace('.Emscripten.clang', '.Linux.g++')}\n`);
} else if (arguments_.includes('--standard-json')) {
  writeAll(`${solc.compile(readFileSync(0, 'utf8'))}\n`);
} else {
  process.stderr.write(`solc.mjs answers --version and --standard-json only, not: ${arguments_.join(' ')}\n`);
  process.exitCode = 2;
}
