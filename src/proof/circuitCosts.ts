import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AssayError } from '../errors.ts';
import { inferenceBounds } from '../quant/inferenceBounds.ts';
import type { CircuitInstance } from './circuitInstance.ts';
import { membershipLayout } from './membership/circuit.ts';
import { packagePath } from './packagePath.ts';
import { wellFormedLayout } from './wellFormed/circuit.ts';
import { windowLayout } from './windowCircuit.ts';

/** Kinds of circuits that have costs of their own. */
export const circuitKinds = ['train-window', 'inference-noir', 'inference-circom', 'well-formed', 'audit', 'membership'] as const;
export type CircuitKind = (typeof circuitKinds)[number];

export const circuitCostsFile = 'circuits/costs.json';

const fileSchema = z.strictObject({
  version: z.literal(1),
  /** Gates, or constraints, of one unit, by kind of circuit and unit. */
  kinds: z.record(z.enum(circuitKinds), z.record(z.string(), z.number())),
});

function circuitKind({ statement, system }: CircuitInstance): CircuitKind {
  return statement === 'inference' ? `inference-${system}` : statement;
}

/** How many of each unit a circuit has; their costs are fitted to compiled circuits by scripts/fitCircuitCosts.ts. */
export function circuitUnits(instance: CircuitInstance): Record<string, number> {
  const { sizes } = instance;
  const pixels = sizes[0] as number;
  const hidden = sizes.slice(1, -1).reduce((sum, n) => sum + n, 0);
  const outputs = sizes.at(-1) as number;
  if (instance.statement === 'well-formed') {
    const weights = wellFormedLayout(instance).slots.reduce((sum, n) => sum + n, 0);
    return { circuit: 1, weight: weights };
  }
  if (instance.statement === 'membership') {
    const { batch, triples } = membershipLayout(instance);
    return { circuit: 1, triple: batch * triples, sample: batch, level: instance.treeDepth };
  }
  if (instance.statement === 'train-window') {
    const steps = instance.steps;
    const samples = steps * 2 ** instance.spec.lb;
    const { grouped } = windowLayout(instance);
    return {
      circuit: 1,
      step: steps,
      row: pixels + hidden,
      pixel: grouped ? 0 : samples * pixels,
      groupedPixel: grouped ? samples * pixels : 0,
      tableEntry: grouped ? 8 ** instance.spec.fx : 0,
      hidden: samples * hidden,
      output: samples * outputs,
    };
  }
  if (instance.system === 'circom') {
    // Every bit of a sum is a constraint, and larger layers have wider sums.
    const bits = inferenceBounds(instance.spec, sizes).zBits.reduce((sum, width, l) => sum + width * (sizes[l + 1] as number), 0);
    return { circuit: 1, pixel: pixels, hidden, output: outputs, bit: bits };
  }
  const inputs = instance.statement === 'audit' ? instance.samples : instance.inputs;
  const forward = { circuit: 1, row: pixels + hidden, pixel: inputs * pixels, hidden: inputs * hidden, output: inputs * outputs };
  return instance.statement === 'audit' ? { ...forward, level: instance.treeDepth, count: instance.groups * outputs ** 2 } : forward;
}

/** Predicted gates or constraints of a circuit, before it is compiled. @throws CIRCUIT_COSTS_INVALID */
export async function predictRows(instance: CircuitInstance): Promise<number> {
  const parsed = fileSchema.safeParse(JSON.parse(await readFile(packagePath(circuitCostsFile), 'utf8')));
  if (!parsed.success) {
    throw new AssayError('CIRCUIT_COSTS_INVALID', `${circuitCostsFile} is invalid`, { details: z.prettifyError(parsed.error) });
  }
  const costs = parsed.data.kinds[circuitKind(instance)];
  return Math.round(Object.entries(circuitUnits(instance)).reduce((sum, [unit, count]) => sum + count * (costs[unit] ?? 0), 0));
}
