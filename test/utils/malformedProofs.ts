import { toBytes, toHex } from 'viem';
import { Q, R } from '../../src/commitment/field.ts';
import { integers } from './random.ts';

/** The parts of a proof that a stranger can write into. */
export type ProofParts = { readonly statement: readonly bigint[]; readonly proof: Uint8Array; readonly opening: Uint8Array };

export type Malformed = ProofParts & { readonly what: string };

type Change = (bytes: Uint8Array, random: (below: number) => number) => Uint8Array | undefined;

const wordAt = (bytes: Uint8Array, i: number): bigint => BigInt(toHex(bytes.subarray(32 * i, 32 * i + 32)));

function withWord(bytes: Uint8Array, i: number, value: bigint): Uint8Array | undefined {
  if (value < 0n || value >= 2n ** 256n) return undefined;
  const changed = bytes.slice();
  changed.set(toBytes(value, { size: 32 }), 32 * i);
  return changed;
}

const onWord =
  (change: (word: bigint, other: bigint) => bigint): Change =>
  (bytes, random) => {
    const i = random(bytes.length / 32);
    return withWord(bytes, i, change(wordAt(bytes, i), wordAt(bytes, random(bytes.length / 32))));
  };

const changes: Readonly<Record<string, Change>> = {
  'a bit flipped': (bytes, random) => {
    const i = random(bytes.length);
    return bytes.with(i, (bytes[i] as number) ^ (1 << random(8)));
  },
  'the last byte changed': (bytes, random) => bytes.with(-1, (bytes.at(-1) as number) ^ (1 + random(255))),
  'cut short': (bytes, random) => bytes.slice(0, random(bytes.length)),
  'cut short by words': (bytes, random) => bytes.slice(0, 32 * random(bytes.length / 32)),
  'bytes behind its end': (bytes, random) => Uint8Array.from([...bytes, ...Array.from({ length: 1 + random(64) }, () => random(256))]),
  'a word behind its end': (bytes) => Uint8Array.from([...bytes, ...new Uint8Array(32)]),
  'a word + r': onWord((word) => word + R),
  'a word + q': onWord((word) => word + Q),
  'a word + 2^254': onWord((word) => word + 2n ** 254n),
  'a word of q - itself': onWord((word) => (word === 0n ? 1n : Q - (word % Q))),
  'a word of r - itself': onWord((word) => (word === 0n ? 1n : R - (word % R))),
  'a word of zero': onWord((word) => (word === 0n ? 1n : 0n)),
  'a word of ones': onWord(() => 2n ** 256n - 1n),
  'a word of r': onWord(() => R),
  'a word of q': onWord(() => Q),
  'a word + 1': onWord((word) => word + 1n),
  'another of its words': onWord((word, other) => (word === other ? word + 1n : other)),
  'two words of zero': (bytes, random) => {
    const i = random(bytes.length / 32 - 1);
    if (wordAt(bytes, i) === 0n && wordAt(bytes, i + 1) === 0n) return undefined;
    return withWord(bytes, i, 0n)?.fill(0, 32 * i, 32 * i + 64);
  },
  'a point that is off its curve': (bytes, random) => {
    const i = random(bytes.length / 32 - 1);
    return withWord(bytes, i, 5n);
  },
  empty: () => new Uint8Array(),
};

const names = Object.keys(changes);
/** Those that an empty part can have. */
const additions = ['bytes behind its end', 'a word behind its end'];

/** Malformed proof number `index` of an endless list, made from an honest one; deterministic in its label. */
export function malformedProof(honest: ProofParts, label: string, index: number): Malformed {
  for (let attempt = 0; ; attempt++) {
    const drawn = integers(`${label} ${index} ${attempt}`, 200);
    let at = 0;
    const random = (below: number): number => Number((drawn[at++ % drawn.length] as bigint) % BigInt(Math.max(1, Math.floor(below))));
    // Every kind of change in turn, on each part in turn.
    const turn = Math.floor(index / names.length) % 5;
    const opened = honest.opening.length > 0;
    const parts = opened
      ? (['proof', 'opening', 'proof', 'opening', 'statement'] as const)
      : (['proof', 'statement', 'proof', 'opening', 'statement'] as const);
    const part = parts[turn] as (typeof parts)[number];
    const possible = part === 'opening' && !opened ? additions : names;
    const name = possible[index % possible.length] as string;
    const change = changes[name] as Change;
    if (part === 'statement') {
      const word = random(honest.statement.length);
      const kinds = [1n, R, 2n ** 255n, -1n, drawn[100] as bigint];
      const value = (honest.statement[word] as bigint) + (kinds[random(kinds.length)] as bigint);
      if (value < 0n || value >= 2n ** 256n) continue;
      return { ...honest, statement: honest.statement.with(word, value), what: `statement word ${word} changed` };
    }
    const bytes = change(honest[part], random);
    if (bytes === undefined || Buffer.from(bytes).equals(Buffer.from(honest[part]))) continue;
    return { ...honest, [part]: bytes, what: `${part}: ${name}` };
  }
}
