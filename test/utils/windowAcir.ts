import { gunzipSync, gzipSync } from 'node:zlib';
import { compressWitnessStack, type WitnessMap } from '@noir-lang/acvm_js';
import { abiEncode } from '@noir-lang/noirc_abi';
import { mod, R } from '../../src/commitment/field.ts';
import type { Poseidon2 } from '../../src/commitment/poseidon2.ts';
import type { CompiledProgram } from '../../src/proof/solveWitness.ts';
import { decodeMsgpack, encodeMsgpack, type Packed } from './windowMsgpack.ts';

/** One operation of a compiled circuit. A hint binds nothing: a forger may give any outputs. */
export type Opcode =
  | {
      readonly kind: 'zero';
      readonly products: readonly [bigint, number, number][];
      readonly terms: readonly [bigint, number][];
      readonly constant: bigint;
    }
  | { readonly kind: 'range'; readonly input: number; readonly bits: number }
  | { readonly kind: 'poseidon2'; readonly inputs: readonly (number | bigint)[]; readonly outputs: readonly number[] }
  /** `value` is the entry of `table` that `index` names; an index beyond it is refused. */
  | { readonly kind: 'read'; readonly table: readonly number[]; readonly index: number; readonly value: number }
  | { readonly kind: 'hint'; readonly name: string; readonly inputs: readonly Expression[]; readonly outputs: readonly number[] };

type Expression = {
  readonly products: readonly [bigint, number, number][];
  readonly terms: readonly [bigint, number][];
  readonly constant: bigint;
};

/** A compiled circuit, read: every constraint that its proof stands for, by the numbers of its witnesses. */
export type Acir = {
  readonly program: CompiledProgram;
  readonly opcodes: readonly Opcode[];
  /** Message of the assertion behind an opcode, by its index. */
  readonly messages: ReadonlyMap<number, string>;
  readonly publicWitnesses: readonly number[];
  /** b, a, E. */
  readonly returned: readonly number[];
  readonly witnessCount: number;
};

const toBigInt = (bytes: Packed): bigint => BigInt(`0x${Buffer.from(bytes as Uint8Array).toString('hex')}`);
const entry = (value: Packed): [string, Packed] => [...(value as Map<Packed, Packed>)][0] as [string, Packed];

function expression(value: Packed): Expression {
  const [products, terms, constant] = value as [Packed[][], Packed[][], Packed];
  return {
    products: products.map(([c, x, y]) => [toBigInt(c as Packed), x as number, y as number]),
    terms: terms.map(([c, x]) => [toBigInt(c as Packed), x as number]),
    constant: toBigInt(constant),
  };
}

function input(value: Packed): number | bigint {
  const [kind, content] = entry(value);
  return kind === 'Witness' ? (content as number) : toBigInt(content);
}

/** The MessagePack tree of a program's bytecode: [format byte, [[function], [hints]]]. */
function unpack(program: CompiledProgram): [number, Packed[][][]] {
  const bytes = gunzipSync(Buffer.from(program.bytecode, 'base64'));
  if (bytes[0] !== 3) throw new Error(`bytecode format ${bytes[0]}`);
  return [3, decodeMsgpack(bytes.subarray(1)) as Packed[][][]];
}

/** Reads a compiled circuit. Throws for an operation that the window circuit has no use for. */
export function readAcir(program: CompiledProgram): Acir {
  const [, tree] = unpack(program);
  const [functions, hints] = tree as [Packed[][], Packed[][]];
  if (functions.length !== 1) throw new Error('more than one circuit function');
  const [, opcodes, privateInputs, publicInputs, returned, messages] = functions[0] as [
    Packed,
    Packed[],
    number[],
    number[],
    number[],
    Packed[][],
  ];
  const tables = new Map<number, readonly number[]>();
  const parsed = opcodes.map((raw): Opcode => {
    const [kind, content] = entry(raw);
    if (kind === 'MemoryInit') {
      const [block, entries] = content as [number, number[]];
      tables.set(block, entries);
      return { kind: 'hint', name: 'table', inputs: [], outputs: [] };
    }
    if (kind === 'MemoryOp') {
      const [block, [written, index, value]] = content as [number, [boolean, number, number]];
      const table = tables.get(block);
      if (written || table === undefined) throw new Error('memory that is written');
      return { kind: 'read', table, index, value };
    }
    if (kind === 'AssertZero') return { kind: 'zero', ...expression(content) };
    if (kind === 'BrilligCall') {
      const [id, inputs, outputs] = content as [number, Packed[], Packed[]];
      return {
        kind: 'hint',
        name: (hints[id] as Packed[])[0] as string,
        inputs: inputs.map((value) => {
          const [form, inner] = entry(value);
          if (form !== 'Single') throw new Error(`hint input ${form}`);
          return expression(inner);
        }),
        outputs: outputs.flatMap((value) => entry(value)[1] as number | number[]),
      };
    }
    const [name, call] = kind === 'BlackBoxFuncCall' ? entry(content) : [kind, content];
    if (name === 'RANGE') {
      const [value, bits] = call as [Packed, number];
      const witness = input(value);
      if (typeof witness !== 'number') throw new Error('range of a constant');
      return { kind: 'range', input: witness, bits };
    }
    if (name === 'Poseidon2Permutation') {
      const [inputs, outputs] = call as [Packed[], number[]];
      return { kind: 'poseidon2', inputs: inputs.map(input), outputs };
    }
    throw new Error(`operation ${name}`);
  });
  const errorTypes = (program.abi as { error_types?: Record<string, { string?: string }> }).error_types ?? {};
  const witnessesOf = (opcode: Opcode): number[] => touched(opcode);
  return {
    program,
    opcodes: parsed,
    messages: new Map(
      messages.map(([location, payload]) => [
        entry(location as Packed)[1] as number,
        errorTypes[String((payload as Packed[])[0])]?.string ?? '',
      ]),
    ),
    publicWitnesses: [...publicInputs, ...returned],
    returned,
    witnessCount: 1 + Math.max(...privateInputs, ...publicInputs, ...returned, ...parsed.flatMap(witnessesOf)),
  };
}

/** Numbers of the witnesses that an operation speaks of. */
export function touched(opcode: Opcode): number[] {
  if (opcode.kind === 'range') return [opcode.input];
  if (opcode.kind === 'read') return [opcode.index, opcode.value];
  if (opcode.kind === 'zero') return [...opcode.products.flatMap(([, x, y]) => [x, y]), ...opcode.terms.map(([, x]) => x)];
  if (opcode.kind === 'poseidon2') return [...opcode.inputs.filter((x) => typeof x === 'number'), ...opcode.outputs];
  return [...opcode.inputs.flatMap((e) => e.terms.map(([, x]) => x)), ...opcode.outputs];
}

const element = (x: bigint): Uint8Array => Uint8Array.from(Buffer.from(mod(x).toString(16).padStart(64, '0'), 'hex'));

/** The same circuit without the constraints at `indices`: witness numbers stay, each becomes w_0^2 - w_0^2 = 0 (bb takes no 0 = 0). */
export function dropOpcodes(program: CompiledProgram, indices: readonly number[]): CompiledProgram {
  const [format, tree] = unpack(program);
  const opcodes = (tree[0] as Packed[][])[0]?.[1] as Packed[];
  for (const index of indices) {
    const products = [1n, -1n].map((factor) => [element(factor), 0, 0]);
    opcodes[index] = new Map<Packed, Packed>([['AssertZero', [products, [], element(0n)]]]);
  }
  const bytes = Buffer.concat([Uint8Array.of(format), encodeMsgpack(tree as Packed)]);
  return { abi: program.abi, bytecode: gzipSync(bytes).toString('base64') };
}

/** Values of the witnesses by number; holes are unknown. */
export type WitnessValues = (bigint | undefined)[];

/** The witnesses that a circuit's inputs set. */
export function inputWitnesses(program: CompiledProgram, inputs: Record<string, unknown>): WitnessValues {
  const values: WitnessValues = [];
  for (const [index, value] of abiEncode(program.abi as never, inputs as never)) values[index] = BigInt(value);
  return values;
}

/** Outputs of a hint, given its inputs; undefined leaves it to the default. */
export type Hints = (name: string, inputs: readonly bigint[], outputs: readonly number[]) => readonly bigint[] | undefined;

export type ForcedWitness = {
  readonly values: WitnessValues;
  /** Indices of the opcodes that do not hold. */
  readonly violated: readonly number[];
};

function evaluated(e: Expression, values: WitnessValues): bigint {
  let sum = e.constant;
  for (const [c, x, y] of e.products) sum += c * (values[x] as bigint) * (values[y] as bigint);
  for (const [c, x] of e.terms) sum += c * (values[x] as bigint);
  return mod(sum);
}

/** Whether an operation holds under a full assignment. */
export function holds(opcode: Opcode, values: WitnessValues, p2: Poseidon2): boolean {
  if (opcode.kind === 'zero') return evaluated(opcode, values) === 0n;
  if (opcode.kind === 'range') return (values[opcode.input] as bigint) >> BigInt(opcode.bits) === 0n;
  if (opcode.kind === 'hint') return true;
  if (opcode.kind === 'read') return readValue(opcode, values) === values[opcode.value];
  const state = p2.permute(opcode.inputs.map((x) => (typeof x === 'number' ? (values[x] as bigint) : x)));
  return opcode.outputs.every((output, i) => values[output] === state[i]);
}

function readValue({ table, index }: Opcode & { kind: 'read' }, values: WitnessValues): bigint | undefined {
  const at = values[index] as bigint;
  return at < BigInt(table.length) ? values[table[Number(at)] as number] : undefined;
}

const bitsOf: Hints = (_name, [value = 0n, count = 0n]) => Array.from({ length: Number(count) }, (_, i) => (value >> BigInt(i)) & 1n);

/**
 * Solves a circuit as a forger does: values in `start` stay whatever they are, everything else follows operation by operation, and what does
 * not hold is listed instead of stopping.
 */
export function forceWitness(acir: Acir, p2: Poseidon2, start: WitnessValues, hints?: Hints): ForcedWitness {
  const values = [...start];
  values.length = acir.witnessCount;
  const forced = new Set(start.flatMap((value, i) => (value === undefined ? [] : [i])));
  const violated: number[] = [];
  acir.opcodes.forEach((opcode, index) => {
    if (opcode.kind === 'hint') {
      if (opcode.name === 'table') return;
      const inputs = opcode.inputs.map((e) => evaluated(e, values));
      if (!opcode.name.includes('to_radix') && hints === undefined) throw new Error(`no value for the hint ${opcode.name}`);
      const outputs = hints?.(opcode.name, inputs, opcode.outputs) ?? bitsOf(opcode.name, inputs, opcode.outputs) ?? [];
      opcode.outputs.forEach((output, i) => {
        if (!forced.has(output)) values[output] = outputs[i] as bigint;
      });
      return;
    }
    if (opcode.kind === 'poseidon2') {
      const state = p2.permute(opcode.inputs.map((x) => (typeof x === 'number' ? (values[x] as bigint) : x)));
      let all = true;
      opcode.outputs.forEach((output, i) => {
        if (values[output] === undefined) values[output] = state[i] as bigint;
        else if (values[output] !== state[i]) all = false;
      });
      if (!all) violated.push(index);
      return;
    }
    if (opcode.kind === 'zero') solveZero(opcode, values);
    if (opcode.kind === 'read') values[opcode.value] ??= readValue(opcode, values) ?? 0n;
    if (!holds(opcode, values, p2)) violated.push(index);
  });
  for (let i = 0; i < values.length; i++) values[i] ??= 0n;
  return { values, violated };
}

/** Gives an AssertZero's one unknown witness, if there is one, the value that makes it hold. */
function solveZero(opcode: Opcode & { kind: 'zero' }, values: WitnessValues): void {
  const unknown = new Set(touched(opcode).filter((x) => values[x] === undefined));
  if (unknown.size === 0) return;
  if (unknown.size > 1) throw new Error('a constraint with two unknown witnesses');
  const [target] = [...unknown] as [number];
  values[target] = 0n;
  const atZero = evaluated(opcode, values);
  values[target] = 1n;
  const slope = mod(evaluated(opcode, values) - atZero);
  if (opcode.products.some(([, x, y]) => x === target && y === target)) throw new Error('a square of an unknown witness');
  values[target] = slope === 0n ? 0n : mod(-atZero * inverse(slope));
}

function inverse(x: bigint): bigint {
  let [a, b, u, v] = [mod(x), R, 1n, 0n];
  while (a > 1n) {
    const q = b / a;
    [a, b] = [b % a, a];
    [u, v] = [v - q * u, u];
  }
  return mod(u);
}

/** What an opcode demands, in words. */
export function describeOpcode(acir: Acir, index: number): string {
  const opcode = acir.opcodes[index] as Opcode;
  if (opcode.kind === 'range') return `range ${opcode.bits}`;
  return acir.messages.get(index) || opcode.kind;
}

/** The witness as the prover takes it. */
export function packWitness(values: WitnessValues): Uint8Array {
  return compressWitnessStack([{ index: 0, witness: toMap(values) }]);
}

function toMap(values: WitnessValues): WitnessMap {
  return new Map(
    values.flatMap((value, i) => (value === undefined ? [] : [[i, `0x${value.toString(16).padStart(64, '0')}`] as [number, string]])),
  );
}
