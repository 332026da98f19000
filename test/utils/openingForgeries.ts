import type { Hex } from 'viem';
import { inv, mod, pow } from '../../src/commitment/field.ts';
import type { Kzg, Point } from '../../src/commitment/kzg.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { type Fixture, type FixtureOptions, windowFixture, zeroWeights } from './openingFixture.ts';
import {
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
import type { Candidate } from './openingHarness.ts';

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

/** One forgery for each item that z and kappa absorb. */
export function weakForgeries(kzg: Kzg, srs: Srs): WeakForgery[] {
  const replay = (
    name: string,
    dropZ: readonly string[],
    change: (candidate: Candidate) => Candidate,
    options: FixtureOptions = {},
  ): WeakForgery => ({
    name: `replay with another ${name}`,
    dropZ,
    dropKappa: [],
    make: async (weak) => change(await forge(await windowFixture(kzg, srs, options), weak ? { dropZ } : {}, 0n)),
  });
  const word = (i: number, name: string): WeakForgery =>
    replay(name, [`statement.${i}`], (c) => ({ ...c, statement: c.statement.map((x, j) => (i === j ? x + 1n : x)) }));
  const late = (
    name: string,
    dropZ: readonly string[],
    afterZ: (fixture: Fixture, parts: Parts, z: bigint) => Partial<Parts>,
    options: FixtureOptions = {},
    more: Forgery = {},
  ): WeakForgery => ({
    name: `${name} chosen after z`,
    dropZ,
    dropKappa: [],
    make: async (weak) => {
      const fixture = await windowFixture(kzg, srs, options);
      return forge(fixture, { ...more, ...(weak ? { dropZ } : {}), afterZ: (parts, z) => afterZ(fixture, parts, z) });
    },
  });
  const last = (
    item: string,
    beforeKappa: (fixture: Fixture, parts: Parts, z: bigint) => Partial<Parts>,
    afterKappa: (fixture: Fixture, parts: Parts, z: bigint, kappa: bigint) => Partial<Parts>,
  ): WeakForgery => ({
    name: `${item} chosen after kappa`,
    dropZ: [],
    dropKappa: [item],
    make: async (weak) => {
      const fixture = await windowFixture(kzg, srs);
      return forge(fixture, {
        ...(weak ? { dropKappa: [item] } : {}),
        beforeKappa: (parts, z) => beforeKappa(fixture, parts, z),
        afterKappa: (parts, z, kappa) => afterKappa(fixture, parts, z, kappa),
      });
    },
  });

  /** How much L(z) lacks to the value that is claimed for it. */
  const lack = (fixture: Fixture, parts: Parts, z: bigint): bigint => {
    const { linear, value } = algebra(fixture);
    return mod(value({ ...parts, negativeValue: evaluate(parts.negative, inv(z)) }, z) - evaluate(linear(parts, z), z));
  };
  /** Adds a constant to one committed polynomial, so that L(z) is what is claimed. */
  const shiftSource = (fixture: Fixture, parts: Parts, z: bigint, source: number): Partial<Parts> => {
    const shifted = (by: bigint) => parts.sources.map((p, i) => (i === source ? add(p, [by]) : p));
    const gain = mod(lack(fixture, parts, z) - lack(fixture, { ...parts, sources: shifted(1n) }, z));
    return { sources: shifted(mod(lack(fixture, parts, z) * inv(gain))) };
  };
  /** Solves a claim that is linear in one of the outputs. */
  const solveOutput = (fixture: Fixture, parts: Parts, z: bigint, index: 0 | 1): Partial<Parts> => {
    const withOutput = (x: bigint): Parts['outputs'] =>
      index === 0 ? [x, parts.outputs[1], parts.outputs[2]] : [parts.outputs[0], x, parts.outputs[2]];
    const at = (x: bigint): bigint => lack(fixture, { ...parts, outputs: withOutput(x) }, z);
    const slope = mod(at(3n) - at(2n));
    return { outputs: withOutput(mod(2n - at(2n) * inv(slope))) };
  };
  const minus = (p: Poly, q: Poly): Poly => add(p, q, -1n);
  const only = (sizes: readonly number[]): FixtureOptions => ({ sizes, child: zeroWeights(sizes), mask: zeros });
  const nothing = [6, 5, 3];

  return [
    replay('chain', ['chainId'], (c) => ({ ...c, chainId: 1n })),
    replay('verifier', ['verifier'], (c) => ({ ...c, verifier: '0x0000000000000000000000000000000000000bad' })),
    replay('circuit', ['circuitId'], (c) => ({ ...c, circuitId: `0x${'0b'.repeat(32)}` as Hex })),
    replay('openness', ['open'], (c) => ({ ...c, open: false }), { child: zeroWeights(nothing) }),
    word(0, 'context'),
    word(4, 'dataset root'),
    word(5, 'batch seed'),
    word(6, 'first step'),
    word(7, 'loss'),
    late('b', ['b'], (f, p, z) => solveOutput(f, p, z, 0), only([3, 2])),
    late('a', ['a'], (f, p, z) => solveOutput(f, p, z, 1), only([1, 2])),
    late(
      'E',
      ['E'],
      (f, p, z) => ({ outputs: [p.outputs[0], p.outputs[1], mod(p.outputs[2] - lack(f, p, z))] }),
      {},
      {
        first: (p) => ({ positive: add(p.positive, [5n]) }),
      },
    ),
    late('a parent block', ['parent', 'statement.1'], (f, p, z) => shiftSource(f, p, z, 1)),
    late('a child block', ['child', 'statement.2'], (f, p, z) => shiftSource(f, p, z, 6), { open: false }),
    late('the mask', ['mask', 'statement.3'], (f, p, z) => shiftSource(f, p, z, 10)),
    late('S1', ['positive'], (f, p, z) => ({ positive: add(p.positive, [mod(-lack(f, p, z) * inv(z))]) })),
    late('S2', ['negative'], (f, p, z) => ({ negative: add(p.negative, [mod(-lack(f, p, z) * z)]) })),
    {
      name: 'ePure chosen after kappa',
      dropZ: ['pureClaim'],
      dropKappa: [],
      make: async (weak) => {
        const fixture = await windowFixture(kzg, srs);
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
        const fixture = await windowFixture(kzg, srs, {
          sizes: nothing,
          parent: zeroWeights(nothing),
          child: zeroWeights(nothing),
          mask: zeros,
        });
        return forge(fixture, {
          ...(weak ? { dropKappa: ['z'] } : {}),
          first: (p) => ({ negative: [mod(p.outputs[2] * inv(weakKappa(0n, 0n, [identity, identity, identity], ['z'])))] }),
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
}

/** `x` with x^columns = 1, x != 1: a geometric sum's ratio that is 1 only as a power. */
export function rootOfUnity(order: bigint): bigint {
  // 5 generates the multiplicative group's 2-part.
  return pow(5n, 21888242871839275222246405745257275088548364400416034343698204186575808495616n / order);
}
