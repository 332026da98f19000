import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import {
  buildCircomInferenceWitness,
  type CircomInferenceParameters,
  type CircomInferenceWitness,
} from '../../src/proof/circom/circomWitness.ts';
import {
  buildCircomProgram,
  type CircomProgram,
  circomSources,
  compileCircom,
  writeCircomSources,
} from '../../src/proof/circom/compileCircom.ts';
import { circomInferenceSource } from '../../src/proof/circom/inferenceCircuit.ts';
import { runCircom } from '../../src/proof/circom/runCircom.ts';
import { type CircomInputs, createWitnessCalculator } from '../../src/proof/circom/witnessCalculator.ts';
import type { InferenceInstance } from '../../src/proof/circuitInstance.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { type R1cs, readR1cs, readSym, readWitness } from './circomR1cs.ts';
import { fieldElements } from './random.ts';
import { between, testCache } from './windowFixture.ts';

const cacheDirectory = (): string => join(testCache(), 'circom');

/** An instance that circuits.json does not have. */
export function circomInstance(sizes: readonly number[], output: 'class' | 'logits' = 'class', lb = 1): InferenceInstance {
  const name = `test-inference-${sizes.join('-')}-${output}-b${2 ** lb}`;
  return { name, statement: 'inference', system: 'circom', inputs: 1, output, sizes, spec: defaultSpec(lb), blockLog: 7 };
}

/** The compiled circuit of an instance, from the tests' cache where it is there. */
export const circomProgramOf = (instance: InferenceInstance): Promise<CircomProgram> =>
  buildCircomProgram({ instance, cacheDirectory: cacheDirectory() });

/** Sources of an instance's circuit. */
export const sourcesOf = async (instance: InferenceInstance): Promise<Record<string, string>> => ({
  ...(await circomSources()),
  'main.circom': circomInferenceSource(instance),
});

/** Sources of a circuit around the library's templates. @param main its main.circom after the version and the include */
export const gadgetSources = async (main: string): Promise<Record<string, string>> => ({
  ...(await circomSources()),
  'main.circom': `pragma circom 2.2.2;\ninclude "lib/inference.circom";\n${main}\n`,
});

/** A compiled circuit, ready to be looked into. */
export type CircomSystem = {
  readonly r1cs: R1cs;
  /** Names of each wire. */
  readonly names: readonly (readonly string[])[];
  /** The wire of a signal. Throws where the compiler kept none. */
  readonly wire: (name: string) => number;
  /** The honest witness of inputs. Throws where a constraint does not hold. */
  readonly solve: (inputs: CircomInputs) => bigint[];
};

export async function circomSystem(program: CircomProgram): Promise<CircomSystem> {
  const r1cs = readR1cs(program.r1cs);
  const signals = readSym(await readFile(join(program.directory, 'circuit.sym'), 'utf8'));
  const names: string[][] = Array.from({ length: r1cs.wires }, () => []);
  for (const [name, wire] of signals) names[wire]?.push(name);
  const wires = new Map(signals.filter(([, wire]) => wire >= 0));
  const calculate = await createWitnessCalculator(program.wasm);
  return {
    r1cs,
    names,
    wire: (name) => {
      const wire = wires.get(name);
      if (wire === undefined) throw new Error(`no wire is called ${name}`);
      return wire;
    },
    solve: (inputs) => readWitness(calculate(inputs)),
  };
}

/** The system of any sources, from the tests' cache where it is there. */
export async function systemOf(name: string, sources: Readonly<Record<string, string>>): Promise<CircomSystem> {
  return circomSystem(await compileCircom({ name, sources, cacheDirectory: cacheDirectory() }));
}

export type CircomCaseOptions = {
  readonly instance: InferenceInstance;
  readonly label: string;
  /** Quotients f that the first neurons of layer 0 get. */
  readonly hidden?: readonly number[];
  /** Logits that the output neurons get, by their bias; multiples of 2^fa away from what they are, rounded down. */
  readonly logits?: readonly number[];
  /** Largest |W|; default 2^Fw. */
  readonly largest?: number;
};

/** An honest answer, with weights from a label. */
export async function circomCase(options: CircomCaseOptions): Promise<CircomInferenceParameters & { built: CircomInferenceWitness }> {
  const { instance, label, hidden = [], logits = [] } = options;
  const { spec, sizes } = instance;
  const fw = spec.fx + spec.fd + spec.lrk + spec.lb;
  const { largest = 2 ** fw } = options;
  const weights = sizes
    .slice(1)
    .map((m, l) => Int32Array.from(between(`${label} ${l}`, ((sizes[l] as number) + 1) * m, -largest, largest)));
  const [salt, blinder, binding, ...mask] = fieldElements(`${label} fields`, 19) as [bigint, bigint, bigint, ...bigint[]];
  const features = Uint8Array.from(between(`${label} features`, sizes[0] as number, 0, 2 ** spec.fx - 1));
  const parameters = { instance, features, weights, mask, salt, blinder, binding };
  const p2 = await loadPoseidon2();
  const values = (output: 'logits', upTo: number): readonly number[] =>
    buildCircomInferenceWitness(p2, {
      ...parameters,
      instance: { ...instance, sizes: sizes.slice(0, upTo + 2), output },
      weights: weights.slice(0, upTo + 1),
    }).values;
  const tune = (l: number, wanted: readonly number[]): void => {
    if (wanted.length === 0) return;
    const now = values('logits', l);
    const layer = weights[l] as Int32Array;
    wanted.forEach((target, j) => {
      const at = layer.length - now.length + j;
      layer[at] = (layer[at] as number) + Math.floor((target - (now[j] as number)) / 2 ** spec.fa);
    });
  };
  tune(
    0,
    hidden.map((f) => (f + 0.5) * 2 ** fw),
  );
  tune(sizes.length - 2, logits);
  return { ...parameters, built: buildCircomInferenceWitness(p2, parameters) };
}

/**
 * A prover that no constraint stops: the sources without their assertions (`===`), and with `patches` made to them. It computes every signal as the
 * sources say, so a lie in one hint, or in an input, is carried through everything that follows.
 *
 * @returns from inputs, a witness for `system`: each wire gets the value of its signal
 */
export async function dishonestProver(
  system: CircomSystem,
  sources: Readonly<Record<string, string>>,
  patches: readonly { readonly file: string; readonly from: string; readonly to: string }[] = [],
): Promise<(inputs: CircomInputs) => bigint[]> {
  const changed: Record<string, string> = { ...sources };
  for (const { file, from, to } of patches) {
    if (changed[file]?.split(from).length !== 2) throw new Error(`${from} does not stand once in ${file}`);
    changed[file] = changed[file].replace(from, () => to);
  }
  for (const [file, text] of Object.entries(changed)) {
    changed[file] = text
      .split('\n')
      .filter((line) => !/^\s*[^/]*===/.test(line))
      .join('\n');
  }
  const key = createHash('sha256').update(JSON.stringify(changed)).digest('hex').slice(0, 32);
  const folder = join(cacheDirectory(), `prover-${key}`);
  if (!existsSync(folder)) {
    const build = `${folder}.${process.pid}`;
    await rm(build, { recursive: true, force: true });
    await writeCircomSources(build, changed);
    await mkdir(join(build, 'out'));
    await runCircom(build, ['main.circom', '--wasm', '--sym', '--O0', '-l', '.', '-o', 'out']);
    await writeFile(join(build, 'program.wasm'), await readFile(join(build, 'out', 'main_js', 'main.wasm')));
    await writeFile(join(build, 'program.sym'), await readFile(join(build, 'out', 'main.sym')));
    await rm(join(build, 'out'), { recursive: true });
    await rename(build, folder).catch(() => undefined);
  }
  const calculate = await createWitnessCalculator(await readFile(join(folder, 'program.wasm')));
  const own = new Map(readSym(await readFile(join(folder, 'program.sym'), 'utf8')));
  const source = system.names.map((names, wire) => {
    if (wire === 0) return 0;
    const found = own.get(names[0] as string);
    if (found === undefined || found < 0) throw new Error(`the prover has no value for ${names[0]}`);
    return found;
  });
  return (inputs) => {
    const values = readWitness(calculate(inputs));
    return source.map((wire) => values[wire] as bigint);
  };
}
