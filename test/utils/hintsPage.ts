import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Bench } from './forgedProof.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/**
 * A statement's part of docs/security/hints.md names every private input of its circuit and every hint of the compiler, and quotes tests that there are.
 *
 * @param inputs of the circuit that no row is about: its public ones
 */
export function expectHintsListed(statement: 'audit' | 'membership', { artifacts, acir }: Bench, inputs: readonly string[]): void {
  const part = read('docs/security/hints.md')
    .split(/^## /m)
    .find((text) => text.startsWith(statement)) as string;
  const { parameters } = artifacts.program.abi as { parameters: readonly { name: string; visibility: string }[] };
  const hidden = parameters.filter(({ visibility }) => visibility === 'private').map(({ name }) => name);
  expect(parameters.map(({ name }) => name).filter((name) => !hidden.includes(name))).toEqual(inputs);
  expect(hidden.filter((name) => !part.includes(`\`${name}\``))).toEqual([]);
  const hints = acir.opcodes.filter((opcode) => opcode.kind === 'hint' && opcode.outputs.length > 0);
  expect(part.match(/^\| bits of /gm)).toHaveLength(hints.length);
  const tests = [
    `test/adversarial/${statement}Forgeries.test.ts`,
    `test/utils/${statement}Forgeries.ts`,
    'test/circuits/openedAnswers.test.ts',
  ];
  const sources = tests.map(read).join('');
  const quoted = [...part.matchAll(/"([^"]+)"/g)].map(([, name]) => name as string);
  expect(quoted.length).toBeGreaterThan(8);
  expect(quoted.filter((name) => !sources.includes(`'${name}'`))).toEqual([]);
}
