import type { Hex } from 'viem';
import { inv, mod, pow } from '../../src/commitment/field.ts';
import { checkpointId, modelId, type StatementName } from '../../src/commitment/ids.ts';
import type { Kzg, Point } from '../../src/commitment/kzg.ts';
import { decodeOpening, encodeOpening } from '../../src/commitment/openingBytes.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { oneCheckpointFixture } from './oneCheckpointFixture.ts';
import type { Candidate } from './openingCandidate.ts';
import { windowFixture, zeroWeights } from './openingFixture.ts';
import {
  type AnyFixture,
  add,
  algebra,
  evaluate,
  type Forgery,
  forge,
  type Parts,
  type Poly,
  quotient,
  scale,
  timesLinear,
  weakKappa,
} from './openingForger.ts';

/** A forgery that works where the challenges do not absorb `dropZ` and `dropKappa`, and only there. */
export type WeakForgery = {
  readonly name: string;
  readonly dropZ: readonly string[];
  readonly dropKappa: readonly string[];
  /** Made against the weak challenges, or, with the same trick, against the real ones. */
  make(weak: boolean): Promise<Candidate>;
};

const zeros = Array.from({ length: 16 }, () => 0n);
const identity: Point = [0n, 0n];

type Options = {
  readonly sizes?: readonly number[];
  readonly open?: boolean;
  /** One checkpoint of weights and no mask, a mask and no weights, or neither. */
  readonly only?: 'weights' | 'mask' | 'nothing';
  /** Windows: the child's weights are zero. */
  readonly zeroChild?: boolean;
};

/** One forgery for each item that z and kappa absorb. */
export function weakForgeries(kzg: Kzg, srs: Srs, kind: Exclude<StatementName, 'audit' | 'membership'> = 'train-window'): WeakForgery[] {
  const isWindow = kind === 'train-window';
  const make = (options: Options): Promise<AnyFixture> => {
    const { sizes = [6, 5, 3], open = true, only, zeroChild = only !== undefined } = options;
    const mask = only === undefined || only === 'mask' ? {} : { mask: zeros };
    const zero = zeroWeights(sizes);
    const weightless = only === 'mask' || only === 'nothing';
    if (kind !== 'train-window')
      return oneCheckpointFixture(kzg, srs, kind, { sizes, ...mask, ...(weightless ? { weights: zero, blinded: false } : {}) });
    const parent = weightless ? { parent: zero } : {};
    return windowFixture(kzg, srs, { sizes, open, ...mask, ...parent, ...(zeroChild ? { child: zero } : {}) });
  };
  const replay = (
    name: string,
    dropZ: readonly string[],
    change: (candidate: Candidate) => Candidate,
    options: Options = {},
  ): WeakForgery => ({
    name: `replay with another ${name}`,
    dropZ,
    dropKappa: [],
    make: async (weak) => change(await forge(await make(options), weak ? { dropZ } : {}, 0n)),
  });
  const word = (i: number, name: string, options: Options = {}): WeakForgery =>
    replay(name, [`statement.${i}`], (c) => ({ ...c, statement: c.statement.map((x, j) => (i === j ? x + 1n : x)) }), options);
  const late = (
    name: string,
    dropZ: readonly string[],
    afterZ: (fixture: AnyFixture, parts: Parts, z: bigint) => Partial<Parts>,
    options: Options = {},
    more: Forgery = {},
  ): WeakForgery => ({
    name: `${name} chosen after z`,
    dropZ,
    dropKappa: [],
    make: async (weak) => {
      const fixture = await make(options);
      return forge(fixture, { ...more, ...(weak ? { dropZ } : {}), afterZ: (parts, z) => afterZ(fixture, parts, z) });
    },
  });
  const last = (
    item: string,
    beforeKappa: (fixture: AnyFixture, parts: Parts, z: bigint) => Partial<Parts>,
    afterKappa: (fixture: AnyFixture, parts: Parts, z: bigint, kappa: bigint) => Partial<Parts>,
  ): WeakForgery => ({
    name: `${item} chosen after kappa`,
    dropZ: [],
    dropKappa: [item],
    make: async (weak) => {
      const fixture = await make({});
      return forge(fixture, {
        ...(weak ? { dropKappa: [item] } : {}),
        beforeKappa: (parts, z) => beforeKappa(fixture, parts, z),
        afterKappa: (parts, z, kappa) => afterKappa(fixture, parts, z, kappa),
      });
    },
  });

  /** How much L(z) lacks to the value that is claimed for it. */
  const lack = (fixture: AnyFixture, parts: Parts, z: bigint): bigint => {
    const { linear, value } = algebra(fixture);
    return mod(value({ ...parts, negativeValue: evaluate(parts.negative, inv(z)) }, z) - evaluate(linear(parts, z), z));
  };
  /** Adds a constant to one committed polynomial, so that L(z) is what is claimed. */
  const shiftSource = (fixture: AnyFixture, parts: Parts, z: bigint, source: number): Partial<Parts> => {
    const shifted = (by: bigint) => parts.sources.map((p, i) => (i === source ? add(p, [by]) : p));
    const gain = mod(lack(fixture, parts, z) - lack(fixture, { ...parts, sources: shifted(1n) }, z));
    return { sources: shifted(mod(lack(fixture, parts, z) * inv(gain))) };
  };
  /** Solves a claim that is linear in one of the outputs. */
  const solveOutput = (fixture: AnyFixture, parts: Parts, z: bigint, index: 0 | 1): Partial<Parts> => {
    const withOutput = (x: bigint): Parts['outputs'] =>
      index === 0 ? [x, parts.outputs[1], parts.outputs[2]] : [parts.outputs[0], x, parts.outputs[2]];
    const at = (x: bigint): bigint => lack(fixture, { ...parts, outputs: withOutput(x) }, z);
    const slope = mod(at(3n) - at(2n));
    return { outputs: withOutput(mod(2n - at(2n) * inv(slope))) };
  };
  const minus = (p: Poly, q: Poly): Poly => add(p, q, -1n);
  const only = (sizes: readonly number[]): Options => ({ sizes, only: 'weights' });
  // Commitments: 5 blocks a checkpoint, then the mask.
  const mask = isWindow ? 10 : 5;

  // The one id that names the model, on its own.
  const otherModel = replay('model', ['statement.1'], (c) => {
    const candidate = { ...c, shape: { ...c.shape, specId: `0x${'05'.repeat(32)}` as Hex } } as Candidate;
    const opening = decodeOpening(kind, c.opening, 5);
    if (typeof opening === 'string') throw new Error(opening);
    const id = checkpointId(modelId(candidate.shape), opening.checkpoints[0] as readonly Point[]);
    return { ...candidate, statement: c.statement.map((x, i) => (i === 1 ? id : x)) };
  });
  // Well-formed has a only in rho, which is the same for 65536 values of a.
  const otherRoot = replay('a of the same rho', ['a'], (c) => {
    const opening = decodeOpening(kind, c.opening, 5);
    if (typeof opening === 'string') throw new Error(opening);
    const [b, a, claim] = opening.outputs;
    return { ...c, opening: encodeOpening({ ...opening, outputs: [b, mod(a * rootOfUnity(65536n)), claim] }) };
  });

  const all: WeakForgery[] = [
    replay('chain', ['chainId'], (c) => ({ ...c, chainId: 1n })),
    replay('verifier', ['verifier'], (c) => ({ ...c, verifier: '0x0000000000000000000000000000000000000bad' })),
    replay('circuit', ['circuitId'], (c) => ({ ...c, circuitId: `0x${'0b'.repeat(32)}` as Hex })),
    ...(isWindow ? [replay('openness', ['open'], (c) => ({ ...c, open: false }) as Candidate, { zeroChild: true })] : []),
    word(0, 'context'),
    ...(isWindow ? [word(4, 'dataset root'), word(5, 'batch seed'), word(6, 'first step'), word(7, 'loss')] : [otherModel]),
    ...(kind === 'inference' ? [word(3, 'input'), word(4, 'first output'), word(5, 'second output')] : []),
    ...(kind === 'well-formed' ? [word(3, 'segment', { only: 'mask' })] : []),
    // Sizes that make the claim linear in what is solved for.
    late('b', ['b'], (f, p, z) => solveOutput(f, p, z, 0), only(kind === 'well-formed' ? [1, 1] : [3, 2])),
    kind === 'well-formed' ? otherRoot : late('a', ['a'], (f, p, z) => solveOutput(f, p, z, 1), only([1, 2])),
    late(
      'E',
      ['E'],
      (f, p, z) => ({ outputs: [p.outputs[0], p.outputs[1], mod(p.outputs[2] - lack(f, p, z))] }),
      {},
      {
        first: (p) => ({ positive: add(p.positive, [5n]) }),
      },
    ),
    ...(isWindow
      ? [
          late('a parent block', ['parent', 'statement.1'], (f, p, z) => shiftSource(f, p, z, 1)),
          late('a child block', ['child', 'statement.2'], (f, p, z) => shiftSource(f, p, z, 6), { open: false }),
        ]
      : [late('a block', ['checkpoint', 'statement.1'], (f, p, z) => shiftSource(f, p, z, 1))]),
    late('the mask', ['mask', isWindow ? 'statement.3' : 'statement.2'], (f, p, z) => shiftSource(f, p, z, mask)),
    late('S1', ['positive'], (f, p, z) => ({ positive: add(p.positive, [mod(-lack(f, p, z) * inv(z))]) })),
    late('S2', ['negative'], (f, p, z) => ({ negative: add(p.negative, [mod(-lack(f, p, z) * z)]) })),
    {
      name: 'ePure chosen after kappa',
      dropZ: ['pureClaim'],
      dropKappa: [],
      make: async (weak) => {
        const fixture = await make({});
        const { linear, pure } = algebra(fixture);
        return forge(fixture, {
          ...(weak ? { dropZ: ['pureClaim'] } : {}),
          afterKappa: (p, z, kappa) => {
            const kappa2 = kappa * kappa;
            const owed = evaluate(linear(p, z), z) - p.outputs[2] - p.negativeValue * inv(z) + kappa2 * evaluate(pure(p), p.outputs[0]);
            return { pureClaim: mod(mod(owed) * inv(kappa2 + 1n)) };
          },
        });
      },
    },
    {
      // With zero weights everything but S2 is known to be zero, and so is kappa.
      name: 'S2 chosen after kappa',
      dropZ: [],
      dropKappa: ['z'],
      make: async (weak) => {
        const fixture = await make({ only: 'nothing' });
        const kappa = weakKappa(0n, 0n, isWindow ? [identity, identity, identity] : [identity, identity], ['z']);
        return forge(fixture, {
          ...(weak ? { dropKappa: ['z'] } : {}),
          first: (p) => ({ negative: [mod(p.outputs[2] * inv(kappa))] }),
          beforeKappa: () => ({ negativeValue: 0n, quotients: [[], [], []] }),
        });
      },
    },
    last(
      's2',
      () => ({}),
      (f, p, z, kappa) => {
        const owed = evaluate(algebra(f).linear(p, z), z) - p.outputs[2] - p.pureClaim + kappa * evaluate(p.negative, inv(z));
        return { negativeValue: mod(mod(owed) * inv(inv(z) + kappa)) };
      },
    ),
    last(
      'pi1',
      (f, p, z) => {
        const negativeValue = mod(z * (evaluate(algebra(f).linear(p, z), z) - p.outputs[2] - p.pureClaim));
        const pi2 = [mod((evaluate(p.negative, z) - negativeValue) * inv(z - inv(z)))];
        return { negativeValue, quotients: [[], pi2, p.quotients[2]] };
      },
      (f, p, z, kappa) => {
        const [, pi2, pi3] = p.quotients;
        const known = add(scale(timesLinear(pi2, inv(z)), kappa), scale(timesLinear(pi3, p.outputs[0]), mod(kappa * kappa)));
        return { quotients: [quotient(minus(algebra(f).residual(p, z, kappa), known), z), pi2, pi3] };
      },
    ),
    last(
      'pi2',
      (f, p, z) => {
        const { linear, value } = algebra(f);
        const pi1 = [mod((evaluate(linear(p, z), inv(z)) - value(p, z)) * inv(inv(z) - z))];
        return { quotients: [pi1, [], p.quotients[2]] };
      },
      (f, p, z, kappa) => {
        const [pi1, , pi3] = p.quotients;
        const known = add(timesLinear(pi1, z), scale(timesLinear(pi3, p.outputs[0]), mod(kappa * kappa)));
        return { quotients: [pi1, scale(quotient(minus(algebra(f).residual(p, z, kappa), known), inv(z)), inv(kappa)), pi3] };
      },
    ),
    last(
      'pi3',
      (f, p, z) => {
        const { linear, value } = algebra(f);
        const b = p.outputs[0];
        const pi1 = [mod((evaluate(linear(p, z), b) - value(p, z)) * inv(b - z))];
        const pi2 = [mod((evaluate(p.negative, b) - p.negativeValue) * inv(b - inv(z)))];
        return { quotients: [pi1, pi2, []] };
      },
      (f, p, z, kappa) => {
        const [pi1, pi2] = p.quotients;
        const known = add(timesLinear(pi1, z), scale(timesLinear(pi2, inv(z)), kappa));
        const rest = quotient(minus(algebra(f).residual(p, z, kappa), known), p.outputs[0]);
        return { quotients: [pi1, pi2, scale(rest, inv(mod(kappa * kappa)))] };
      },
    ),
  ];
  // Purity is claimed of windows only.
  return isWindow ? all : all.filter(({ dropZ, dropKappa }) => !dropZ.includes('pureClaim') && !dropKappa.includes('pi3'));
}

/** `x` with x^columns = 1, x != 1: a geometric sum's ratio that is 1 only as a power. */
export function rootOfUnity(order: bigint): bigint {
  // 5 generates the multiplicative group's 2-part.
  return pow(5n, 21888242871839275222246405745257275088548364400416034343698204186575808495616n / order);
}
