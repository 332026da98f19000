import { AssayError } from '../errors.ts';

/**
 * The arithmetic of a model: fixed-point formats and limits, all integers.
 *
 * A weight's integer value W stands for the real number W / 2^weightBits. The spec is hashed into the model id.
 * Bits are counts of fractional bits unless said otherwise.
 */
export type ArithmeticSpec = {
  /** Fractional bits of an input feature; a feature is an integer in [0, 2^fx). */
  readonly fx: number;
  /** Fractional bits of an activation. Must equal fx, so that every layer's gradient has one scale. */
  readonly fa: number;
  /** Fractional bits of an error or delta; an output error lies in [-2^fd, 2^fd]. */
  readonly fd: number;
  /** The learning rate is 2^-lrk. */
  readonly lrk: number;
  /** A minibatch has 2^lb samples. */
  readonly lb: number;
  /** Magnitude bits of a hidden activation: it lies in [0, 2^actBits - 1]. */
  readonly actBits: number;
  /** Largest |W| of a checkpoint that a window may start from. */
  readonly wmax: number;
};

/** Fractional bits of every weight: an SGD update then needs no rounding (docs/reference/encodings.md, Arithmetic). */
export function weightBits(spec: ArithmeticSpec): number {
  return spec.fx + spec.fd + spec.lrk + spec.lb;
}

/** The project's default spec for minibatches of 2^lb samples: 4-bit features, activations and errors, |w| < 4. */
export function defaultSpec(lb: number, lrk = 1): ArithmeticSpec {
  const spec = { fx: 4, fa: 4, fd: 4, lrk, lb, actBits: 7, wmax: 0 };
  return { ...spec, wmax: 2 ** (weightBits(spec) + 2) };
}

/** Throws `QUANT_SPEC_INVALID` unless every field is an integer in its range and the formats agree. */
export function assertSpec(spec: ArithmeticSpec): void {
  const ranges: [keyof ArithmeticSpec, number, number][] = [
    ['fx', 1, 8],
    ['fa', 1, 8],
    ['fd', 1, 8],
    ['lrk', 0, 16],
    ['lb', 0, 10],
    ['actBits', 1, 15],
    ['wmax', 1, 2 ** 31 - 1],
  ];
  for (const [name, low, high] of ranges) {
    const value = spec[name];
    if (!Number.isSafeInteger(value) || value < low || value > high) {
      throw new AssayError('QUANT_SPEC_INVALID', `arithmetic spec: ${name} is ${value}, allowed are integers from ${low} to ${high}`);
    }
  }
  if (spec.fa !== spec.fx) {
    throw new AssayError('QUANT_SPEC_INVALID', `arithmetic spec: fa (${spec.fa}) must equal fx (${spec.fx})`);
  }
}
