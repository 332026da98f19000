import { blocksOf } from '../../commitment/blocks.ts';
import { AssayError } from '../../errors.ts';
import type { WellFormedInstance } from '../circuitInstance.ts';
import { assertInjective, packedLength } from '../windowCircuit.ts';

/** How one weight w is split: w + wmax = low + step high, low of `lowBits` bits and high of `highBits`; the sums are exactly 0 .. 2 wmax. */
export type WeightDigits = { readonly lowBits: number; readonly highBits: number; readonly step: number };

/** Static facts of a well-formed circuit, derived once from its instance and shared by generator and witness builder. */
export type WellFormedLayout = {
  /** Weights that each slot holds. */
  readonly slots: readonly number[];
  /** Segments that cover a checkpoint. */
  readonly segments: number;
  readonly digits: WeightDigits;
  /** Width of w + wmax. */
  readonly bits: number;
  /** Fields that each slot packs into. */
  readonly slotFields: readonly number[];
  /** Fields absorbed for the challenge b. */
  readonly transcriptB: number;
};

/**
 * @throws COMMITMENT_SIZES; CIRCUIT_WIDTH: the packing would not be injective; CIRCUIT_SHAPE: no number of blocks
 */
export function wellFormedLayout(instance: WellFormedInstance): WellFormedLayout {
  const { sizes, blockLog, blocksPerProof, spec } = instance;
  if (!Number.isSafeInteger(blocksPerProof) || blocksPerProof < 1)
    throw new AssayError('CIRCUIT_SHAPE', `${instance.name}: a proof covers at least one block`);
  const blocks = blocksOf(sizes, blockLog);
  // A slot that no block ever stands in would only cost gates.
  if (blocksPerProof > blocks.length) {
    throw new AssayError('CIRCUIT_SHAPE', `${instance.name}: a checkpoint of ${sizes.join('-')} has ${blocks.length} blocks only`, {
      hint: `Let a proof cover 1 to ${blocks.length} blocks.`,
    });
  }
  const slots = Array.from({ length: blocksPerProof }, (_, t) =>
    Math.max(...blocks.filter((_block, i) => i % blocksPerProof === t).map(({ rows, columns }) => rows * columns)),
  );
  const top = 2 * spec.wmax;
  const bits = top.toString(2).length;
  assertInjective([bits], instance.name);
  const slotFields = slots.map((length) => packedLength(bits, length));
  return {
    slots,
    segments: Math.ceil(blocks.length / blocksPerProof),
    digits: weightDigits(top),
    bits,
    slotFields,
    transcriptB: 2 + slotFields.reduce((sum, fields) => sum + fields, 0),
  };
}

/**
 * The cheapest two digits whose sums are exactly 0 .. top. A range of 2 to 14 bits is one look-up; one bit costs a gate, more bits a split.
 * A high digit of one bit always does: low then ends at the largest power of two up to top + 1.
 */
export function weightDigits(top: number): WeightDigits {
  const cost = (bits: number): number => (bits === 1 ? 4 : bits <= 14 ? 1 : 4 + Math.ceil(bits / 14));
  let best: (WeightDigits & { cost: number }) | undefined;
  for (let lowBits = 1; 2 ** lowBits <= top; lowBits++) {
    for (let highBits = 1; 2 ** highBits <= top + 1; highBits++) {
      const step = (top + 1 - 2 ** lowBits) / (2 ** highBits - 1);
      if (!Number.isInteger(step) || step < 1 || step > 2 ** lowBits) continue;
      const total = cost(lowBits) + cost(highBits);
      if (best === undefined || total < best.cost) best = { lowBits, highBits, step, cost: total };
    }
  }
  if (best === undefined) throw new AssayError('CIRCUIT_WIDTH', `no two digits end at ${top}`);
  return { lowBits: best.lowBits, highBits: best.highBits, step: best.step };
}

/** Noir source of an instance's `main.nr`: sizes and calls only, the constraints are in circuits/noir/lib. */
export function wellFormedSource(instance: WellFormedInstance): string {
  const { spec, sizes, blocksPerProof } = instance;
  const { slots, digits, bits, slotFields, transcriptB } = wellFormedLayout(instance);
  const lines: string[] = [];
  const add = (indent: number, text: string): void => {
    lines.push(text === '' ? '' : ' '.repeat(4 * indent) + text);
  };
  add(0, `// Generated for ${instance.name} (${sizes.join('-')}, ${blocksPerProof} blocks a proof): do not edit.`);
  add(0, '// Statement, inputs and ranges: circuits/README.md. Constraints: circuits/noir/lib.');
  add(0, 'use assay::{packing, sketch, sponge, well_formed};');
  add(0, '');
  add(0, 'fn main(');
  add(1, 'binding: pub Field,');
  add(1, 'blinder: Field,');
  slots.forEach((length, t) => {
    add(1, `digits${t}: [[Field; 2]; ${length}],`);
  });
  add(1, 'mask_claim: Field,');
  add(0, ') -> pub [Field; 3] {');
  add(1, '// 1. Ranges; everything into b.');
  add(1, `let mut transcript = [0; ${transcriptB}];`);
  add(1, 'transcript[0] = binding;');
  add(1, 'transcript[1] = blinder;');
  let offset = 2;
  slots.forEach((length, t) => {
    const ranges = [length, digits.lowBits, digits.highBits, digits.step, 2 * spec.wmax].join(', ');
    add(1, `let values${t} = well_formed::shifted::<${ranges}>(digits${t});`);
    add(1, `transcript = packing::place(transcript, well_formed::packed::<${length}, ${bits}, ${slotFields[t]}>(values${t}), ${offset});`);
    offset += slotFields[t] as number;
  });
  add(1, 'let b = sponge::hash(sponge::TAG_TRANSCRIPT_B, transcript);');
  add(1, 'let a = sponge::hash(sponge::TAG_TRANSCRIPT_A, [b, mask_claim, blinder]);');
  add(0, '');
  add(1, '// 2. One claim.');
  add(1, 'let mut rho = a;');
  add(1, 'for _ in 0..16 {');
  add(2, 'rho = rho * rho;');
  add(1, '}');
  const claims = [...slots.map((length, t) => `well_formed::evaluate::<${length}, ${spec.wmax}>(values${t}, b)`), 'mask_claim'];
  add(1, `let claim = sketch::evaluate([${claims.join(', ')}], rho);`);
  add(1, '[b, a, claim]');
  add(0, '}');
  return `${lines.join('\n')}\n`;
}
