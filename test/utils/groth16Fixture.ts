import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CircomProgram, compileCircom } from '../../src/proof/circom/compileCircom.ts';
import { solveCircomWitness } from '../../src/proof/circom/solveCircomWitness.ts';
import { wtnsBytes } from '../../src/proof/circom/witnessCalculator.ts';
import { testCache } from './windowFixture.ts';

/** `n + 1` constraints: x public, y private, z the public output. */
function tinySource(n: number): string {
  return `pragma circom 2.0.0;
template Tiny(n) {
  signal input x;
  signal input y;
  signal output z;
  signal s[n + 1];
  s[0] <== x * y;
  for (var i = 0; i < n; i++) { s[i + 1] <== s[i] * (s[i] + i) + 3 * x; }
  z <== s[n];
}
component main {public [x]} = Tiny(${n});
`;
}

/** A circuit of ten constraints, or so many as asked for, from the tests' cache. */
export function tinyProgram(n = 9): Promise<CircomProgram> {
  return compileCircom({
    name: `test-tiny-${n}`,
    sources: { 'main.circom': tinySource(n) },
    cacheDirectory: join(testCache(), 'artifacts'),
  });
}

/** Path of its constraints. */
export const r1csOf = (program: CircomProgram): string => join(program.directory, 'circuit.r1cs');

/** A solved witness of it. */
export async function tinyWitness(program: CircomProgram, x = 3n, y = 5n): Promise<Uint8Array> {
  return wtnsBytes(await solveCircomWitness(program.wasm, { x: [x], y: [y] }));
}

/** Flips the lowest bit of one byte of a file. */
export async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] as number) ^ 1;
  await file.write(byte, 0, 1, at);
  await file.close();
}

export async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
