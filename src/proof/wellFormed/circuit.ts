import { blocksOf } from '../../commitment/blocks.ts';
import { AssayError } from '../../errors.ts';
import type { WellFormedInstance } from '../circuitInstance.ts';
import { assertInjective, packedLength } from '../windowCircuit.ts';

/** Static facts of a well-formed circuit, derived once from its instance and shared by generator and witness builder. */
export type WellFormedLayout = {
  /** Weights that each slot holds. */
  readonly slots: readonly number[];
  /** Segments that cover a checkpoint. */
  readonly segments: number;
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
  const bits = (2 * spec.wmax).toString(2).length;
  assertInjective([bits], instance.name);
  const slotFields = slots.map((length) => packedLength(bits, length));
  return {
    slots,
    segments: Math.ceil(blocks.length / blocksPerProof),
    bits,
    slotFields,
    transcriptB: 2 + slotFields.reduce((sum, fields) => sum + fields, 0),
  };
}

/** Noir source of an instance's `main.nr`: sizes and calls only, the constraints are in circuits/noir/lib. */
export function wellFormedSource(instance: WellFormedInstance): string {
  const { spec, sizes, blocksPerProof } = instance;
  const { slots, bits, slotFields, transcriptB } = wellFormedLayout(instance);
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
    add(1, `values${t}: [Field; ${length}],`);
  });
  add(1, 'mask_claim: Field,');
  add(0, ') -> pub [Field; 3] {');
  add(1, '// 1. Ranges; everything into b.');
  add(1, `let mut transcript = [0; ${transcriptB}];`);
  add(1, 'transcript[0] = binding;');
  add(1, 'transcript[1] = blinder;');
  let offset = 2;
  slots.forEach((length, t) => {
    add(1, `well_formed::assert_range::<${length}, ${bits}, ${2 * spec.wmax}>(values${t});`);
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
