// Child process of runCircom: runs circom's compiler (WASM) with the arguments in argv, in the working directory, which must hold every source.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { assertCompilerMemory } from '../assertCompilerMemory.ts';

type Runner = { execute: (program: Uint8Array) => Promise<unknown> };
type Circom2 = { CircomRunner: new (options: object) => Runner; bindings: object };

const require = createRequire(import.meta.url);
const { CircomRunner, bindings } = require('circom2') as Circom2;

function end(code: number): never {
  if (code === 0) assertCompilerMemory();
  process.exit(code);
}

const runner = new CircomRunner({
  args: process.argv.slice(2),
  env: {},
  preopens: { '.': '.' },
  bindings: { ...bindings, exit: end, fs },
});
await runner.execute(fs.readFileSync(require.resolve('circom2/circom.wasm')));
end(0);
