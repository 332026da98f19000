import { weightBits } from '../../quant/spec.ts';
import type { CircuitInstance } from '../circuitInstance.ts';

// The parts of a generated `main.nr` that every circuit has which runs a committed model forward: inference and audit.

/** Lines of a source file, as they come. */
export type SourceLines = {
  readonly add: (indent: number, text: string) => void;
  readonly text: () => string;
};

export function sourceLines(): SourceLines {
  const lines: string[] = [];
  return {
    add: (indent, text) => void lines.push(text === '' ? '' : ' '.repeat(4 * indent) + text),
    text: () => `${lines.join('\n')}\n`,
  };
}

/** Widths and lengths of a forward pass. */
export type ForwardLayout = {
  /** Width of z + 2^(zBits - 1), per layer. */
  readonly zBits: readonly number[];
  /** Width of the excess of a hidden layer's z beyond a clip edge, minus one; 0 for the last layer. */
  readonly excess: readonly number[];
  /** Fields that each layer's z pack into. */
  readonly zFields: readonly number[];
  /** Fields absorbed for the challenge a. */
  readonly transcriptA: number;
};

/** What is run forward. */
export type ForwardPart = Pick<CircuitInstance, 'sizes' | 'spec'> & {
  /** Inputs of one proof. */
  readonly samples: number;
  readonly layout: ForwardLayout;
};

/** The forward pass of a `main.nr`, part by part, in the order in which they follow each other. */
export function forwardSource({ sizes, spec, samples, layout }: ForwardPart) {
  const last = sizes.length - 2;
  const size = (l: number): number => sizes[l] as number;
  const width = (l: number): number => layout.zBits[l] as number;
  const layers = Array.from({ length: last + 1 }, (_, l) => l);
  const hidden = layers.slice(0, -1);
  const classes = size(last + 1);
  return {
    /** Parameters `cells*`, `logits` and, where answers are classes, `one_hot`. */
    cells: ({ add }: SourceLines, withClasses: boolean): void => {
      for (const l of hidden) add(1, `cells${l}: [[[Field; 4]; ${size(l + 1)}]; ${samples}],`);
      add(1, `logits: [[Field; ${classes}]; ${samples}],`);
      if (withClasses) add(1, `one_hot: [[Field; ${classes}]; ${samples}],`);
    },
    /** Parameters `y*` and `mask_claim`. */
    sketches: ({ add }: SourceLines): void => {
      for (const l of layers) add(1, `y${l}: [Field; ${size(l) + 1}],`);
      add(1, 'mask_claim: Field,');
    },
    /** Ranges; `z*`, `a*` and `packed*`. */
    ranges: ({ add }: SourceLines): void => {
      for (const l of hidden) {
        const generics = [samples, size(l + 1), spec.actBits, layout.excess[l], weightBits(spec), width(l)].join(', ');
        add(1, `let z${l} = inference::hidden::<${generics}>(cells${l});`);
        add(1, `let a${l} = inference::activations(cells${l});`);
      }
      add(1, `inference::assert_logits::<${samples}, ${classes}, ${width(last)}>(logits);`);
      add(1, `let z${last} = logits;`);
      for (const l of layers) {
        const generics = [samples, size(l + 1), width(l), layout.zFields[l]].join(', ');
        add(1, `let packed${l} = inference::packed::<${generics}>(z${l});`);
      }
    },
    /** The challenge b, over `transcript`, which is filled up to `offset`. */
    challengeB: ({ add }: SourceLines, offset: number): void => {
      let at = offset;
      for (const l of layers) {
        add(1, `transcript = packing::place(transcript, packed${l}, ${at});`);
        at += layout.zFields[l] as number;
      }
      add(1, 'let b = sponge::hash(sponge::TAG_TRANSCRIPT_B, transcript);');
    },
    /** The challenge a. */
    challengeA: ({ add }: SourceLines): void => {
      add(1, '// 3. The sketches are fixed before a.');
      add(1, `let mut sketches = [0; ${layout.transcriptA}];`);
      add(1, 'sketches[0] = b;');
      let at = 1;
      for (const l of layers) {
        add(1, `sketches = packing::place(sketches, y${l}, ${at});`);
        at += size(l) + 1;
      }
      add(1, `sketches[${at}] = mask_claim;`);
      // With E, a guess of the weights gives the mask's claim: without the blinder it could be checked against a.
      add(1, `sketches[${at + 1}] = blinder;`);
      add(1, 'let a = sponge::hash(sponge::TAG_TRANSCRIPT_A, sketches);');
    },
    /** Every layer of every input. */
    freivalds: ({ add }: SourceLines): void => {
      add(1, '// 4. Freivalds for each input.');
      add(1, `for s in 0..${samples} {`);
      for (const l of layers) {
        const from = l === 0 ? 'features' : `a${l - 1}`;
        add(
          2,
          `assert(inference::evaluate_z::<${size(l + 1)}, ${width(l)}>(z${l}[s], b) == sketch::dot(${from}[s], y${l}, ${2 ** spec.fa}), "layer ${l}: Z v differs from A y");`,
        );
      }
      add(1, '}');
    },
    /** E, and the end of `main`. */
    claim: ({ add }: SourceLines): void => {
      add(1, '// 5. One claim.');
      add(1, 'let mut rho = a;');
      add(1, 'for _ in 0..16 {');
      add(2, 'rho = rho * rho;');
      add(1, '}');
      const claims = [...layers.map((l) => `sketch::evaluate(y${l}, a)`), 'mask_claim'];
      add(1, `let claim = sketch::evaluate([${claims.join(', ')}], rho);`);
      add(1, '[b, a, claim]');
      add(0, '}');
    },
  };
}
