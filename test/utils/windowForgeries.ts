import { inv, mod, pow, R } from '../../src/commitment/field.ts';
import { type Poseidon2, spongeTags } from '../../src/commitment/poseidon2.ts';
import type { WindowInstance } from '../../src/proof/circuitInstance.ts';
import { weightBits } from '../../src/quant/spec.ts';
import type { WindowCase } from './windowFixture.ts';
import { testInstance, windowCase } from './windowFixture.ts';
import {
  type ClipCells,
  type DeltaCells,
  type ForgedMinibatch,
  type ForgedWindow,
  type ForgeParameters,
  forgeWindow,
  type Place,
  solvedSketches,
  widthsOf,
} from './windowForgery.ts';

/** A lie about a window whose every other part agrees with it: exactly the constraints named stand in its way. */
export type WindowForgery = {
  readonly name: string;
  /** The demands that it breaks, as `describeOpcode` says them. */
  readonly breaks: readonly string[];
  readonly forge: () => ForgedWindow;
};

/** Small, with two hidden-layer samples, six classes (a label can be five-hot) and two steps (one can be skipped). */
export const forgeryInstance: WindowInstance = testInstance([4, 3, 6], { steps: 2, treeDepth: 2 });

/** First-sample quotients of the windows that are forged: every clip edge, one beside it, and values well inside and outside. */
export const forgeryWindows = {
  plain: { hidden: [60, -3, 140], output: [9, 20, -4, 31, 15, 1] },
  edges: { hidden: [127, 0, 128], output: [16, 0, 17, -1, 15, 1] },
  below: { hidden: [-1, 126, 1], output: [8, 16, 0, 17, -1, 30] },
} as const;

const { spec, sizes } = forgeryInstance;
const last = sizes.length - 2;
const fw = weightBits(spec);
const top = { hidden: 2n ** BigInt(spec.actBits) - 1n, output: 2n ** BigInt(spec.fd) };
const bits = { hidden: 2n ** BigInt(fw), output: 2n ** BigInt(fw + 2) };
const [hiddenWidths, outputWidths] = widthsOf(forgeryInstance) as [readonly number[], readonly number[]];
const range = (width: number | undefined): string => `range ${width}`;
const edge = 'clip: outside, but not at the edge';
const side = 'clip: side is not -1, 0 or 1';
const leaf = 'minibatch: not the leaf that the seed selects';

/** Replaces the clip of the first neuron of a layer whose quotient is f. */
function clipAt(l: number, f: bigint, forged: (honest: ClipCells) => ClipCells): NonNullable<ForgeParameters['clip']> {
  let done = false;
  return (place, quotient, honest) => {
    if (done || place.l !== l || quotient !== f || place.s !== 0 || place.k !== 0) return undefined;
    done = true;
    return forged(honest);
  };
}

/** Replaces the delta of step k's first neuron through which one passes. */
function deltaAt(forged: (honest: DeltaCells) => DeltaCells, k = 0): NonNullable<ForgeParameters['delta']> {
  let done = false;
  return (place: Place, honest, mask) => {
    if (done || mask !== 1n || place.k !== k) return undefined;
    done = true;
    return forged(honest);
  };
}

/** Every forgery of the windows' cells, labels, pixels, leaves and loss. */
export async function windowForgeries(): Promise<WindowForgery[]> {
  const windows = Object.fromEntries(
    await Promise.all(
      Object.entries(forgeryWindows).map(
        async ([label, targets]) => [label, await windowCase({ instance: forgeryInstance, label, ...targets })] as const,
      ),
    ),
  ) as Record<keyof typeof forgeryWindows, WindowCase>;
  const { plain, edges, below } = windows;
  const cases: WindowForgery[] = [];
  const add = (name: string, breaks: readonly string[], parameters: () => ForgeParameters): void => {
    cases.push({ name, breaks, forge: () => forgeWindow(parameters()) });
  };
  /** A clip of quotient f as c + side (1 + excess): the excess follows, so that z stays what it is. */
  const clip = (name: string, breaks: readonly string[], window: WindowCase, l: number, f: bigint, c: bigint, s: bigint): void =>
    add(name, breaks, () => ({
      window,
      clip: clipAt(l, f, ([, , , remainder]) => [c, s, s === 0n ? 0n : (f - c) * s - 1n, remainder]),
    }));

  const [a, excess, remainder] = [range(hiddenWidths[0]), range(hiddenWidths[2]), range(hiddenWidths[3])];
  clip('hidden: 128 called inside', [a], edges, 0, 128n, 128n, 0n);
  clip('hidden: 140 called inside', [a], plain, 0, 140n, 140n, 0n);
  clip('hidden: -1 called inside', [a], below, 0, -1n, -1n, 0n);
  clip('hidden: -3 called inside', [a], plain, 0, -3n, -3n, 0n);
  clip('hidden: 127 called above', [excess], edges, 0, 127n, top.hidden, 1n);
  clip('hidden: 126 called above', [excess], below, 0, 126n, top.hidden, 1n);
  clip('hidden: 0 called below', [excess], edges, 0, 0n, 0n, -1n);
  clip('hidden: 1 called below', [excess], below, 0, 1n, 0n, -1n);
  clip('hidden: 60 called above', [excess], plain, 0, 60n, top.hidden, 1n);
  clip('hidden: -3 called above', [excess], plain, 0, -3n, top.hidden, 1n);
  clip('hidden: 140 called below', [excess], plain, 0, 140n, 0n, -1n);
  clip('hidden: above, one under the edge', [edge], plain, 0, 140n, top.hidden - 1n, 1n);
  clip('hidden: above, one over the edge', [a, edge], plain, 0, 140n, top.hidden + 1n, 1n);
  clip('hidden: below, one over the edge', [edge], plain, 0, -3n, 1n, -1n);
  clip('hidden: below, one under the edge', [a, edge], plain, 0, -3n, -1n, -1n);
  clip('hidden: 127 as 126 and one above', [edge], edges, 0, 127n, 126n, 1n);
  add('hidden: a side of two', [side, edge], () => ({
    window: plain,
    clip: clipAt(0, 140n, ([, , , r]) => [126n, 2n, 6n, r]),
  }));
  add('hidden: quotient + 1, remainder - 2^Fw', [remainder], () => ({
    window: plain,
    clip: clipAt(0, 60n, ([c, s, t, r]) => [c + 1n, s, t, r - bits.hidden]),
  }));
  add('hidden: quotient - 1, remainder + 2^Fw', [remainder], () => ({
    window: plain,
    clip: clipAt(0, 60n, ([c, s, t, r]) => [c - 1n, s, t, r + bits.hidden]),
  }));
  add('hidden: excess + 1, remainder - 2^Fw', [remainder], () => ({
    window: plain,
    clip: clipAt(0, 140n, ([c, s, t, r]) => [c, s, t + 1n, r - bits.hidden]),
  }));
  add('hidden: excess beyond its width, remainder for it', [excess, remainder], () => ({
    window: plain,
    clip: clipAt(0, 140n, ([c, s, t, r]) => [
      c,
      s,
      2n ** BigInt(hiddenWidths[2] as number),
      r - (2n ** BigInt(hiddenWidths[2] as number) - t) * bits.hidden,
    ]),
  }));
  add('hidden: a side flipped, nothing else', ['layer 0: Z v differs from A y', edge], () => ({
    window: plain,
    clip: clipAt(0, 60n, ([c, , t, r]) => [c, 1n, t, r]),
  }));
  add('hidden: a side flipped back, nothing else', ['layer 0: Z v differs from A y'], () => ({
    window: plain,
    clip: clipAt(0, 140n, ([c, , t, r]) => [c, 0n, t, r]),
  }));
  add('hidden: an activation that is not its z', ['layer 0: Z v differs from A y'], () => ({
    window: plain,
    clip: clipAt(0, 60n, ([c, s, t, r]) => [c + 5n, s, t, r]),
  }));

  const deltaTop = 2n ** BigInt((hiddenWidths[4] as number) - 1);
  const [delta, deltaRemainder] = [range(hiddenWidths[4]), range(hiddenWidths[5])];
  const deltaCase = (name: string, breaks: readonly string[], forged: (d: bigint) => bigint): void =>
    add(name, breaks, () => ({ window: plain, delta: deltaAt(([d, r]) => [forged(d), r - (forged(d) - d) * bits.hidden]) }));
  deltaCase('delta: quotient + 1, remainder - 2^Fw', [deltaRemainder], (d) => d + 1n);
  deltaCase('delta: quotient - 1, remainder + 2^Fw', [deltaRemainder], (d) => d - 1n);
  deltaCase('delta: at its upper bound', [deltaRemainder], () => deltaTop - 1n);
  deltaCase('delta: beyond its upper bound', [delta, deltaRemainder], () => deltaTop);
  deltaCase('delta: at its lower bound', [deltaRemainder], () => -deltaTop);
  deltaCase('delta: beyond its lower bound', [delta, deltaRemainder], () => -deltaTop - 1n);
  // In the last step, whose child no step of this window computes with.
  add('delta: a quotient in the field, for a remainder + 1', [delta], () => ({
    window: plain,
    delta: deltaAt(
      ([d, r]) => (r + 1n < bits.hidden ? [mod(d - inv(bits.hidden)), r + 1n] : [mod(d + inv(bits.hidden)), r - 1n]),
      forgeryInstance.steps - 1,
    ),
  }));
  add('delta: not what the errors give', ['layer 1: H s differs from E u'], () => ({
    window: plain,
    delta: deltaAt(([d, r]) => [d + 1n, r]),
  }));

  const [q, outputExcess, outputRemainder] = [range(outputWidths[0]), range(outputWidths[2]), range(outputWidths[3])];
  clip('output: 17 unsaturated', [q], edges, last, 17n, 17n, 0n);
  clip('output: 20 unsaturated', [q], plain, last, 20n, 20n, 0n);
  clip('output: 31 unsaturated', [q], plain, last, 31n, 31n, 0n);
  clip('output: -1 unsaturated', [q], edges, last, -1n, -1n, 0n);
  clip('output: 16 called above', [outputExcess], edges, last, 16n, top.output, 1n);
  clip('output: 0 called below', [outputExcess], edges, last, 0n, 0n, -1n);
  clip('output: 15 called above', [outputExcess], edges, last, 15n, top.output, 1n);
  clip('output: 1 called below', [outputExcess], edges, last, 1n, 0n, -1n);
  clip('output: above, one under the edge', [edge], plain, last, 20n, top.output - 1n, 1n);
  clip('output: below, one over the edge', [edge], plain, last, -4n, 1n, -1n);
  add('output: a side of two', [side, edge], () => ({ window: plain, clip: clipAt(last, 20n, ([, , , r]) => [14n, 2n, 2n, r]) }));
  // 4 (2 * 12 - 16) - 16 * 2 = 0: it satisfies the equation of the edges, so nothing but the range of the side refuses it.
  add('output: a side of two, at twelve', [side], () => ({ window: plain, clip: clipAt(last, 20n, ([, , , r]) => [12n, 2n, 3n, r]) }));
  add('output: quotient + 1, remainder - 2^(Fw + 2)', [outputRemainder], () => ({
    window: plain,
    clip: clipAt(last, 9n, ([c, s, t, r]) => [c + 1n, s, t, r - bits.output]),
  }));
  add('output: quotient - 1, remainder + 2^(Fw + 2)', [outputRemainder], () => ({
    window: plain,
    clip: clipAt(last, 9n, ([c, s, t, r]) => [c - 1n, s, t, r + bits.output]),
  }));
  add('output: an answer that is not its z', ['layer 1: Z v differs from A y'], () => ({
    window: plain,
    clip: clipAt(last, 9n, ([c, s, t, r]) => [c + 1n, s, t, r]),
  }));

  const relabelled = (oneHot: readonly bigint[]): ForgeParameters => ({
    window: plain,
    dataset: (honest) => honest.map((batch) => ({ ...batch, oneHot: batch.oneHot.with(0, oneHot) })),
  });
  const oneHot = 'label: not one-hot';
  const bit = 'label: a one-hot entry is not a bit';
  /** Cells that follow from nothing, and sketches that fit them: with labels that no delta of true weights is in range for. */
  const inventedClip =
    (at: (place: Place) => boolean, forged: (cells: ClipCells) => ClipCells): NonNullable<ForgeParameters['clip']> =>
    (place) => {
      const seed = BigInt(31 * place.s + 7 * place.j + 57 * place.k + 11 * place.l + 1);
      const value = (13n * seed * seed * seed + 5n * seed * seed + 3n) % (place.l === last ? top.output : top.hidden);
      const cells: ClipCells = [value, 0n, 0n, seed];
      return at(place) ? forged(cells) : cells;
    };
  const invented = (label?: readonly bigint[]): ForgeParameters => ({
    ...(label === undefined ? { window: plain } : relabelled(label)),
    clip: inventedClip(
      () => false,
      (cells) => cells,
    ),
    delta: ({ j, s, k }) => [BigInt(s + k), BigInt(j)],
    sketches: (honest, b, trace) => solvedSketches(forgeryInstance, trace, b, honest.eR),
  });
  add('label: zero-hot', [oneHot], () => relabelled([0n, 0n, 0n, 0n, 0n, 0n]));
  add('label: two-hot', [oneHot], () => relabelled([1n, 0n, 0n, 1n, 0n, 0n]));
  add('label: five-hot', [oneHot], () => relabelled([1n, 1n, 1n, 1n, 1n, 0n]));
  add('label: a two and a minus one', [bit], () => relabelled([2n, -1n, 0n, 0n, 0n, 0n]));

  const repainted = (pixel: bigint): ForgeParameters => ({
    window: plain,
    dataset: (honest) => honest.map((batch) => ({ ...batch, features: batch.features.with(2, pixel) })),
  });
  add('pixel 16', [range(spec.fx)], () => repainted(16n));
  add('the last pixel 16', [range(spec.fx)], () => ({
    window: plain,
    dataset: (honest) => honest.map((batch) => ({ ...batch, features: batch.features.with(-1, 16n) })),
  }));
  add('pixel -1', [range(spec.fx)], () => repainted(-1n));

  add('another leaf than the seed selects', [leaf], () => ({ window: plain, leafOf: (k, honest) => (k === 0 ? honest ^ 1 : honest) }));
  add("another leaf, with the right leaf's path", [leaf], () => {
    const right = plain.steps.map(({ path }) => path);
    return { window: plain, leafOf: (k, honest) => (k === 0 ? honest ^ 2 : honest), siblings: (k) => right[k] as readonly bigint[] };
  });
  add('labels of another minibatch', [leaf], () => {
    const batches = plain.dataset;
    // The tree is the honest one: the forged minibatch is not in it.
    return {
      window: plain,
      dataset: (honest) => honest.map((batch) => ({ ...batch, oneHot: batch.oneHot.map((row) => [...row.slice(1), row[0] as bigint]) })),
      statement: (words) => words.with(4, plain.statement[4] as bigint),
      siblings: (k) => (plain.steps[k] as { path: readonly bigint[] }).path,
      blinder: BigInt(batches.length),
    };
  });
  add('another data set', [leaf], () => ({ window: plain, statement: (words) => words.with(4, (words[4] as bigint) + 1n) }));
  add('another step', [leaf], () => ({ window: plain, statement: (words) => words.with(6, otherStep(plain)) }));
  add('another seed', [leaf], () => ({ window: plain, statement: (words) => words.with(5, otherSeed(plain)) }));
  for (const [which, step] of [
    ['lower', -1n],
    ['higher', 1n],
  ] as const) {
    add(`the loss one ${which}`, ['loss differs from the sum of e^2'], () => ({
      window: plain,
      statement: (words) => words.with(7, (words[7] as bigint) + step),
    }));
    add(`a root one ${which}`, [leaf], () => ({ window: plain, statement: (words) => words.with(4, (words[4] as bigint) + step) }));
    add(`hidden: a remainder one ${which} than its z`, ['layer 0: Z v differs from A y'], () => ({
      window: plain,
      clip: clipAt(0, 60n, ([c, s, t, r]) => [c, s, t, r + step]),
    }));
    add(`output: a remainder one ${which} than its z`, ['layer 1: Z v differs from A y'], () => ({
      window: plain,
      clip: clipAt(last, 9n, ([c, s, t, r]) => [c, s, t, r + step]),
    }));
    add(`delta: a remainder one ${which} than its h`, ['layer 1: H s differs from E u'], () => ({
      window: plain,
      delta: deltaAt(([d, r]) => [d, r + step]),
    }));
  }
  // The two roots of x^2 - x + 1 add up to one. (x^2 - x - 1 has none: 5 is not a square in this field.)
  const root = pow(5n, (R - 1n) / 6n);
  if (mod(root * root - root + 1n) !== 0n) throw new Error('not a root');
  add('label: two entries whose squares are one less than they', [bit], () => invented([root, mod(1n - root), 0n, 0n, 0n, 0n]));
  add('label: two ones and a minus one', [bit], () => relabelled([1n, 1n, -1n, 0n, 0n, 0n]));
  // Widths: what is one bit too long, under sketches that fit it whatever the weights are.
  add('hidden: an excess one bit too long', [excess], () => ({
    ...invented(),
    clip: inventedClip(
      ({ l, k, s, j }) => l === 0 && k + s + j === 0,
      ([, , , r]) => [top.hidden, 1n, 2n ** BigInt(hiddenWidths[2] as number), r],
    ),
  }));
  add('output: an excess one bit too long', [outputExcess], () => ({
    ...invented(),
    clip: inventedClip(
      ({ l, k, s, j }) => l === last && k + s + j === 0,
      ([, , , r]) => [top.output, 1n, 2n ** BigInt(outputWidths[2] as number), r],
    ),
  }));
  add('delta: one bit too long', [delta], () => ({
    ...invented(),
    delta: ({ k, s, j }) => (k + s + j === 0 ? [deltaTop, 0n] : [0n, BigInt(j)]),
  }));
  add(
    'a step that saw other weights',
    ['layer 0: Z v differs from A y', 'layer 1: Z v differs from A y', 'layer 1: H s differs from E u'],
    () => ({
      window: plain,
      // Sketches of other weights: the cells are those of the parent.
      sketches: (honest) => ({
        ...honest,
        y: honest.y.map((row) => row.map((x) => x + 1n)),
        u: honest.u.map((column) => column.map((x) => x + 1n)),
      }),
    }),
  );
  add('y of a bias row edited', ['layer 1: Z v differs from A y'], () => ({
    window: plain,
    sketches: (honest) => ({ ...honest, y: honest.y.with(1, (honest.y[1] as bigint[]).with(-1, 5n)) }),
  }));
  add('u of a column edited', ['layer 1: H s differs from E u'], () => ({
    window: plain,
    sketches: (honest) => ({
      ...honest,
      u: honest.u.with(
        0,
        (honest.u[0] as bigint[]).map((x) => x + 1n),
      ),
    }),
  }));
  return cases;
}

/** Low bits of H(5; seed, step). */
function indexOf(p2: Poseidon2, seed: bigint, step: bigint, depth: number): bigint {
  return BigInt.asUintN(depth, p2.sponge(spongeTags.batchIndex, [seed, step]));
}

function otherStep(window: WindowCase): bigint {
  const { treeDepth, steps } = window.instance;
  const [seed, step] = [window.statement[5] as bigint, window.statement[6] as bigint];
  for (let other = step + 1n; ; other++) {
    const same = Array.from({ length: steps }, (_, k) => BigInt(k)).filter(
      (k) => indexOf(window.p2, seed, other + k, treeDepth) === indexOf(window.p2, seed, step + k, treeDepth),
    );
    if (same.length === 0) return other;
  }
}

function otherSeed(window: WindowCase): bigint {
  const { treeDepth, steps } = window.instance;
  const [seed, step] = [window.statement[5] as bigint, window.statement[6] as bigint];
  for (let other = (seed + 1n) % R; ; other++) {
    const same = Array.from({ length: steps }, (_, k) => BigInt(k)).filter(
      (k) => indexOf(window.p2, other, step + k, treeDepth) === indexOf(window.p2, seed, step + k, treeDepth),
    );
    if (same.length === 0) return other;
  }
}

/** Whether a forged minibatch differs from the honest ones: for tests that check that an attack took place. */
export function differs(forged: readonly ForgedMinibatch[], honest: readonly ForgedMinibatch[]): boolean {
  return (
    JSON.stringify(forged, (_, x) => (typeof x === 'bigint' ? String(x) : x)) !==
    JSON.stringify(honest, (_, x) => (typeof x === 'bigint' ? String(x) : x))
  );
}
