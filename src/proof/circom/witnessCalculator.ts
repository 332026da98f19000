import { R } from '../../commitment/field.ts';
import { AssayError } from '../../errors.ts';

/** Inputs of a circom circuit by the name of the signal; arrays flat. Field elements. */
export type CircomInputs = Readonly<Record<string, readonly bigint[]>>;

/** What circom's generated WASM exports. */
type CalculatorExports = {
  readonly init: (sanityCheck: number) => void;
  readonly getFieldNumLen32: () => number;
  readonly getWitnessSize: () => number;
  readonly getInputSize: () => number;
  readonly getInputSignalSize: (high: number, low: number) => number;
  readonly setInputSignal: (high: number, low: number, index: number) => void;
  readonly getWitness: (index: number) => void;
  readonly getMessageChar: () => number;
  readonly readSharedRWMemory: (index: number) => number;
  readonly writeSharedRWMemory: (index: number, value: number) => void;
};

// The type libraries of this project know no browser, and with it no WebAssembly.
declare const WebAssembly: {
  readonly compile: (code: Uint8Array) => Promise<object>;
  readonly Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => { readonly exports: unknown };
};

/** 32-bit words of a field element. */
const limbs = 8;
const elementBytes = 4 * limbs;

/** The key by which the WASM knows a signal: FNV-1a, 64 bits. */
function signalKey(name: string): [number, number] {
  let hash = 0xcbf29ce484222325n;
  for (const character of name) hash = BigInt.asUintN(64, (hash ^ BigInt(character.charCodeAt(0))) * 0x100000001b3n);
  return [Number(hash >> 32n), Number(hash & 0xffffffffn)];
}

/**
 * Loads circom's witness generator.
 *
 * @param wasm the compiled circuit's program
 * @returns a function from inputs to the witness: R1CS wires in order, 32 bytes each, little-endian
 * @throws (the function) WITNESS_UNSATISFIED where a constraint does not hold, WITNESS_INPUTS where inputs are missing, unknown or of another length
 */
export async function createWitnessCalculator(wasm: Uint8Array): Promise<(inputs: CircomInputs) => Uint8Array> {
  const module = await WebAssembly.compile(wasm);
  return (inputs) => calculate(module, inputs);
}

function calculate(module: object, inputs: CircomInputs): Uint8Array {
  const messages: string[] = [];
  const message = (): string => {
    let text = '';
    for (let c = exports.getMessageChar(); c !== 0; c = exports.getMessageChar()) text += String.fromCharCode(c);
    return text;
  };
  const { exports: raw } = new WebAssembly.Instance(module, {
    runtime: {
      exceptionHandler: (code: number) => {
        const details = messages.join('\n').trim();
        // 4: an assertion; the others speak of inputs that were checked below, or of a broken program.
        if (code === 4) throw new AssayError('WITNESS_UNSATISFIED', 'the statement is false: its witness breaks a constraint', { details });
        throw new AssayError('WITNESS_INPUTS', `the circuit's program refuses its inputs (${code})`, { details });
      },
      printErrorMessage: () => messages.push(message()),
      writeBufferMessage: () => message(),
      showSharedRWMemory: () => undefined,
    },
  });
  const exports = raw as CalculatorExports;
  exports.init(0);
  let given = 0;
  for (const [name, values] of Object.entries(inputs)) {
    const [high, low] = signalKey(name);
    if (exports.getInputSignalSize(high, low) !== values.length) {
      throw new AssayError('WITNESS_INPUTS', `the circuit does not take ${values.length} values of ${name}`);
    }
    values.forEach((value, index) => {
      if (value < 0n || value >= R) throw new AssayError('WITNESS_INPUTS', `${name} is not made of field elements`);
      let rest = value;
      for (let i = 0; i < limbs; i++) {
        exports.writeSharedRWMemory(i, Number(rest & 0xffffffffn));
        rest >>= 32n;
      }
      exports.setInputSignal(high, low, index);
    });
    given += values.length;
  }
  if (given !== exports.getInputSize()) {
    throw new AssayError('WITNESS_INPUTS', `the circuit takes ${exports.getInputSize()} inputs, ${given} were given`);
  }
  const size = exports.getWitnessSize();
  const words = new Uint32Array(size * limbs);
  for (let i = 0; i < size; i++) {
    exports.getWitness(i);
    for (let j = 0; j < limbs; j++) words[i * limbs + j] = exports.readSharedRWMemory(j);
  }
  return new Uint8Array(words.buffer);
}

/** The witness as a `.wtns` file, version 2: what Groth16 provers read. */
export function wtnsBytes(witness: Uint8Array): Uint8Array {
  const count = witness.length / elementBytes;
  const header = new DataView(new ArrayBuffer(12 + 12 + 4 + elementBytes + 4 + 12));
  [0x77, 0x74, 0x6e, 0x73].forEach((byte, i) => {
    header.setUint8(i, byte);
  });
  header.setUint32(4, 2, true);
  header.setUint32(8, 2, true);
  // Section 1: field and length.
  header.setUint32(12, 1, true);
  header.setBigUint64(16, BigInt(4 + elementBytes + 4), true);
  header.setUint32(24, elementBytes, true);
  for (let i = 0; i < limbs; i++) header.setUint32(28 + 4 * i, Number((R >> BigInt(32 * i)) & 0xffffffffn), true);
  header.setUint32(28 + elementBytes, count, true);
  // Section 2: the values.
  header.setUint32(32 + elementBytes, 2, true);
  header.setBigUint64(36 + elementBytes, BigInt(witness.length), true);
  const file = new Uint8Array(header.byteLength + witness.length);
  file.set(new Uint8Array(header.buffer));
  file.set(witness, header.byteLength);
  return file;
}
