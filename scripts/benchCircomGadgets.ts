/**
 * Constraints that one unit of a circom inference costs: small circuits around the library's templates, at two sizes each, and the slope between
 * them. Widths are those of the first layer of 784-128-10 (last layer for outputs).
 *
 *     node scripts/benchCircomGadgets.ts [--json]
 *     node scripts/benchCircomGadgets.ts --compile SIZES [class|logits]    one whole circuit: constraints, seconds, peak memory of the compiler
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCircomProgram, circomSources, compileCircom } from '../src/proof/circom/compileCircom.ts';
import { circomInferenceLayout } from '../src/proof/circom/inferenceCircuit.ts';
import type { InferenceInstance } from '../src/proof/circuitInstance.ts';
import { packedLength } from '../src/proof/windowCircuit.ts';
import { defaultSpec, weightBits } from '../src/quant/spec.ts';

const args = process.argv.slice(2);
const cacheDirectory = await mkdtemp(join(tmpdir(), 'assay-circom-'));

function instanceOf(sizes: readonly number[], output: 'class' | 'logits'): InferenceInstance {
  return {
    name: `bench-${sizes.join('-')}`,
    statement: 'inference',
    system: 'circom',
    inputs: 1,
    output,
    sizes,
    spec: defaultSpec(4),
    blockLog: 15,
  };
}

/** Largest resident memory (MiB) of any child of this process while `action` runs, from /proc; 0 where there is none. */
async function withPeakMemory<T>(action: () => Promise<T>): Promise<{ result: T; mebibytes: number }> {
  let peak = 0;
  const look = async (): Promise<void> => {
    for (const pid of await readdir('/proc').catch(() => [])) {
      if (!/^\d+$/.test(pid)) continue;
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) === process.pid)
        peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    }
  };
  const timer = setInterval(look, 250);
  try {
    return { result: await action(), mebibytes: Math.round(peak / 1024) };
  } finally {
    clearInterval(timer);
  }
}

const instance = instanceOf([784, 128, 10], 'class');
const { spec } = instance;
const [wide, last] = circomInferenceLayout(instance).zBits as [number, number];
const fw = weightBits(spec);
const bias = 2 ** spec.fa;

type Gadget = {
  readonly unit: string;
  /** Two sizes at which every packed element and every permutation is full. */
  readonly sizes: readonly [number, number];
  /** Inputs, and the body of the probe. */
  readonly source: (n: number) => string;
};

/** Values of w bits that fill `items` absorbed elements each. */
const filling = (w: number, items: number): readonly [number, number] => [Math.floor(252 / w) * items, Math.floor(252 / w) * items * 2];

const gadgets: readonly Gadget[] = [
  {
    unit: 'hidden activation: range, floor, clip, packing, absorbed for b, z v, product with y of the next layer',
    sizes: filling(wide, 15),
    source: (n) => `signal input logits[${n}]; signal input y[${n + 1}]; signal input b; signal input next[1];
  signal a[${n}]; signal packed[${packedLength(n, wide)}];
  (a, packed) <== HiddenLayer(${n}, ${wide}, ${fw}, ${spec.actBits})(logits);
  signal output digest <== Transcript(3, ${packedLength(n, wide)})(packed);
  signal output product <== Evaluate(${n})(logits, b);
  AssertProduct(${n}, 1, ${last}, ${bias})(next, a, y, b);`,
  },
  {
    unit: 'output, class: range, packing, absorbed for b, z v, argmax',
    sizes: filling(last, 15),
    source: (n) => `signal input logits[${n}]; signal input b;
  signal packed[${packedLength(n, last)}] <== OutputLayer(${n}, ${last})(logits);
  signal output digest <== Transcript(3, ${packedLength(n, last)})(packed);
  signal output product <== Evaluate(${n})(logits, b);
  signal output class <== Argmax(${n}, ${last})(logits);`,
  },
  {
    unit: 'output, logit: range, packing, absorbed for b twice (as an output too), z v',
    sizes: filling(last, 15),
    source: (n) => `signal input logits[${n}]; signal input b;
  signal output packed[${packedLength(n, last)}] <== OutputLayer(${n}, ${last})(logits);
  signal output digest <== Transcript(3, ${packedLength(n, last)})(packed);
  signal output again <== Transcript(4, ${packedLength(n, last)})(packed);
  signal output product <== Evaluate(${n})(logits, b);`,
  },
  {
    unit: 'feature: range, packing, input hash, product with y',
    sizes: [63 * 3 * 2 - 63, 63 * 3 * 4 - 63],
    source: (n) => `signal input features[${n}]; signal input salt; signal input y[${n + 1}]; signal input b; signal input next[1];
  signal output id <== InputId(${n}, ${spec.fx})(features, salt);
  AssertProduct(${n}, 1, ${wide}, ${bias})(next, features, y, b);`,
  },
  {
    unit: 'row of a sketch y: absorbed for a, evaluated at a',
    sizes: [30, 90],
    source: (n) => `signal input y[${n}]; signal input a;
  signal output drawn <== Transcript(4, ${n})(y);
  signal output claim <== Evaluate(${n})(y, a);`,
  },
  {
    unit: 'permutation of Poseidon2, 3 items (input hash)',
    sizes: [6, 18],
    source: (n) => `signal input in[${n}]; signal output out <== Sponge(7, ${n})(in);`,
  },
  {
    unit: "permutation of circomlib's Poseidon(16), 15 items (transcript)",
    sizes: [30, 90],
    source: (n) => `signal input in[${n}]; signal output out <== Transcript(3, ${n})(in);`,
  },
];
/** Items of one permutation, for the two last gadgets: their unit is the permutation. */
const group: Readonly<Record<number, number>> = { 5: 3, 6: 15 };

async function constraintsOf(body: string): Promise<number> {
  const source = `pragma circom 2.2.2;\ninclude "lib/inference.circom";\ntemplate Probe() {\n  ${body}\n}\ncomponent main = Probe();\n`;
  const program = await compileCircom({ name: 'probe', sources: { ...(await circomSources()), 'main.circom': source }, cacheDirectory });
  return program.constraints;
}

try {
  if (args[0] === '--compile') {
    const built = instanceOf((args[1] ?? '').split('-').map(Number), args[2] === 'logits' ? 'logits' : 'class');
    const { result, mebibytes } = await withPeakMemory(() => buildCircomProgram({ instance: built, cacheDirectory }));
    console.log(
      JSON.stringify({
        sizes: built.sizes,
        constraints: result.constraints,
        seconds: Number(result.compileSeconds.toFixed(1)),
        mebibytes,
        r1csBytes: result.r1cs.length,
      }),
    );
  } else {
    const rows: { unit: string; constraints: number }[] = [];
    for (const [i, { unit, sizes, source }] of gadgets.entries()) {
      const [small, large] = [await constraintsOf(source(sizes[0])), await constraintsOf(source(sizes[1]))];
      const constraints = ((large - small) / (sizes[1] - sizes[0])) * (group[i] ?? 1);
      rows.push({ unit, constraints: Number(constraints.toFixed(2)) });
      if (!args.includes('--json')) console.log(`${constraints.toFixed(2).padStart(8)}  ${unit}`);
    }
    if (args.includes('--json')) console.log(JSON.stringify(rows));
  }
} finally {
  await rm(cacheDirectory, { recursive: true, force: true });
}
