/**
 * Compiles small circuits of every kind and fits what one pixel, hidden neuron, output, ... costs: `node scripts/fitCircuitCosts.ts [KIND...]` writes
 * circuits/costs.json, from which `assay circuit` predicts sizes before it compiles. To be run after a change to the circuits' libraries.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildCircomProgram } from '../src/proof/circom/compileCircom.ts';
import { type CircuitKind, circuitCostsFile, circuitKinds, circuitUnits } from '../src/proof/circuitCosts.ts';
import type { CircuitInstance } from '../src/proof/circuitInstance.ts';
import { compileCircuit } from '../src/proof/compileCircuit.ts';
import { circuitSize } from '../src/proof/ultrahonk.ts';
import { defaultSpec } from '../src/quant/spec.ts';

const path = resolve(import.meta.dirname, '..', circuitCostsFile);
const common = { name: 'fit', spec: defaultSpec(4), blockLog: 15 };
const window = (sizes: number[], steps = 1, lb = 4): CircuitInstance => ({
  ...common,
  spec: defaultSpec(lb),
  statement: 'train-window',
  system: 'noir',
  sizes,
  steps,
  treeDepth: 12,
});
const noir = (sizes: number[], inputs = 1): CircuitInstance => ({
  ...common,
  statement: 'inference',
  system: 'noir',
  sizes,
  inputs,
  output: 'class',
});
const circom = (sizes: number[]): CircuitInstance => ({
  ...common,
  statement: 'inference',
  system: 'circom',
  sizes,
  inputs: 1,
  output: 'class',
});
const wellFormed = (sizes: number[], blocksPerProof = 1): CircuitInstance => ({
  ...common,
  statement: 'well-formed',
  system: 'noir',
  sizes,
  blocksPerProof,
});

const audit = (sizes: number[], samples: number, treeDepth = 3, groups = 1, thresholds: number[] = []): CircuitInstance => ({
  ...common,
  statement: 'audit',
  system: 'noir',
  sizes,
  samples,
  groups,
  treeDepth,
  output: 'counts',
  thresholds,
});

const membership = (features: number, lb = 4, treeDepth = 12): CircuitInstance => ({
  ...common,
  spec: defaultSpec(lb),
  statement: 'membership',
  system: 'noir',
  sizes: [features, 256],
  treeDepth,
});

const circuits: Record<CircuitKind, readonly CircuitInstance[]> = {
  'train-window': [
    window([64, 16, 10]),
    window([256, 16, 10]),
    window([64, 64, 10]),
    window([64, 16, 40]),
    window([64, 16, 10], 3),
    window([128, 32, 10], 2),
    window([64, 32, 16, 10]),
  ],
  'inference-noir': [
    noir([64, 16, 10]),
    noir([256, 16, 10]),
    noir([64, 96, 10]),
    noir([64, 16, 40]),
    noir([196, 25, 10], 10),
    noir([64, 32, 32, 10], 4),
  ],
  'inference-circom': [
    circom([64, 16, 10]),
    circom([256, 16, 10]),
    circom([64, 80, 10]),
    circom([64, 16, 40]),
    circom([64, 32, 32, 10]),
    circom([400, 40, 10]),
    circom([32, 200, 24, 10]),
  ],
  audit: [
    audit([64, 16, 10], 4),
    audit([256, 16, 10], 4),
    audit([64, 96, 10], 4),
    audit([64, 16, 30], 4),
    audit([64, 16, 10], 4, 8),
    audit([64, 16, 10], 4, 3, 6),
    audit([196, 25, 10], 20),
    audit([64, 32, 32, 10], 12),
  ],
  membership: [membership(64), membership(256), membership(784), membership(64, 6), membership(64, 4, 24), membership(196, 2, 5)],
  'well-formed': [wellFormed([64, 16, 10]), wellFormed([128, 64, 10]), wellFormed([784, 16, 10], 2)],
};

async function rowsOf(instance: CircuitInstance, folder: string): Promise<number> {
  const name = `fit-${instance.sizes.join('-')}`;
  if (instance.statement === 'inference' && instance.system === 'circom') {
    return (await buildCircomProgram({ instance: { ...instance, name }, cacheDirectory: folder })).constraints;
  }
  return (await circuitSize(await compileCircuit({ instance: { ...instance, name }, cacheDirectory: folder }))).gates;
}

/** Costs that are known, and would not come out of so few circuits. */
const known: Partial<Record<CircuitKind, Record<string, number>>> = {
  // A bit of a sum is one constraint, and 1/252 of an absorbed field (609 constraints for 15 of them).
  'inference-circom': { bit: 1.16 },
  // Measured by scripts/benchGadgets.ts; only large windows group their rows.
  'train-window': { groupedPixel: 1.85, tableEntry: 4 },
};

/** Least squares by the normal equations, each circuit weighed by one over its size: relative errors count. */
function leastSquares(
  samples: readonly { units: Record<string, number>; rows: number }[],
  fixed: Record<string, number>,
): Record<string, number> {
  const names = Object.keys(samples[0]?.units ?? {}).filter((name) => fixed[name] === undefined);
  const rest = (units: Record<string, number>, rows: number): number =>
    Object.entries(fixed).reduce((left, [name, cost]) => left - cost * (units[name] as number), rows);
  const matrix = names.map((a) => [
    ...names.map((b) => samples.reduce((sum, { units, rows }) => sum + ((units[a] as number) * (units[b] as number)) / rows ** 2, 0)),
    samples.reduce((sum, { units, rows }) => sum + ((units[a] as number) * rest(units, rows)) / rows ** 2, 0),
  ]);
  for (let i = 0; i < names.length; i++) {
    const pivot = matrix
      .slice(i)
      .reduce((best, row, k) => (Math.abs(row[i] as number) > Math.abs((matrix[best] as number[])[i] as number) ? i + k : best), i);
    [matrix[i], matrix[pivot]] = [matrix[pivot] as number[], matrix[i] as number[]];
    const row = matrix[i] as number[];
    for (const other of matrix) {
      if (other === row) continue;
      const factor = (other[i] as number) / (row[i] as number);
      for (let j = i; j <= names.length; j++) other[j] = (other[j] as number) - factor * (row[j] as number);
    }
  }
  const fitted = names.map((name, i) => [
    name,
    Number(((matrix[i]?.[names.length] as number) / (matrix[i]?.[i] as number)).toPrecision(6)),
  ]);
  return { ...Object.fromEntries(fitted), ...fixed };
}

const wanted = process.argv.slice(2);
const before = await readFile(path, 'utf8').then(
  (text) => (JSON.parse(text) as { kinds: Record<string, Record<string, number>> }).kinds,
  () => ({}) as Record<string, Record<string, number>>,
);
const folder = await mkdtemp(join(tmpdir(), 'assay-fit-'));
try {
  for (const kind of circuitKinds) {
    if (wanted.length > 0 && !wanted.includes(kind)) continue;
    const samples: { units: Record<string, number>; rows: number }[] = [];
    for (const instance of circuits[kind]) samples.push({ units: circuitUnits(instance), rows: await rowsOf(instance, folder) });
    const costs = leastSquares(samples, known[kind] ?? {});
    before[kind] = costs;
    for (const [i, { units, rows }] of samples.entries()) {
      const predicted = Object.entries(units).reduce((sum, [unit, count]) => sum + count * (costs[unit] as number), 0);
      console.error(`${kind} ${circuits[kind][i]?.sizes.join('-')}: ${rows}, fitted ${Math.round(predicted)}`);
    }
  }
  await writeFile(path, `${JSON.stringify({ version: 1, kinds: before }, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
