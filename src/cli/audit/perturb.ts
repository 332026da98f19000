import type { Hex } from 'viem';
import { z } from 'zod';
import type { Dataset } from '../../data/dataset.ts';
import { type Perturbation, perturbSamples } from '../../data/perturbSamples.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import type { InputSpec } from '../framework/command.ts';

type Asked =
  | { readonly kind: 'noise'; readonly levels: number }
  | { readonly kind: 'shift'; readonly right: number; readonly down: number; readonly width: number | undefined };

export type PerturbInput = { readonly perturb: Asked | undefined; readonly seed: Hex | undefined };

export const perturbOption: InputSpec<Asked | undefined> = {
  flags: '--perturb <kind>',
  description:
    'change the samples, for an audit of robustness: noise:LEVELS (each feature moves by up to so many of its levels, as --seed says) or shift:RIGHT[,DOWN][@WIDTH] (images move by so many pixels)',
  schema: z
    .string()
    .transform((text, ctx): Asked => {
      const noise = /^noise:(\d{1,3})$/.exec(text);
      if (noise !== null) return { kind: 'noise', levels: Number(noise[1]) };
      const shift = /^shift:(-?\d{1,4})(?:,(-?\d{1,4}))?(?:@(\d{1,4}))?$/.exec(text);
      if (shift !== null)
        return {
          kind: 'shift',
          right: Number(shift[1]),
          down: Number(shift[2] ?? 0),
          width: shift[3] === undefined ? undefined : Number(shift[3]),
        };
      ctx.addIssue('expected noise:LEVELS or shift:RIGHT[,DOWN][@WIDTH]');
      return z.NEVER;
    })
    .optional(),
};

export const seedOption: InputSpec<Hex | undefined> = {
  flags: '--seed <hex>',
  description: 'of noise: 32 bytes that fix it; who knows them makes the same set',
  schema: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/, 'expected 0x and 64 lower-case hex digits')
    .transform((text) => text as Hex)
    .optional(),
};

/** The samples as they are, or the perturbed copy that was asked for. @throws CLI_BAD_OPTION, DATA_PERTURBATION_INVALID */
export function perturbWith(dataset: Dataset, { perturb, seed }: PerturbInput): Dataset {
  if ((seed !== undefined) !== (perturb?.kind === 'noise')) {
    throw new AssayError('CLI_BAD_OPTION', '--seed and --perturb noise:LEVELS go together', { exitCode: exitCodes.usage });
  }
  if (perturb === undefined) return dataset;
  let asked: Perturbation;
  if (perturb.kind === 'noise') asked = { ...perturb, seed: seed as Hex };
  else {
    const side = Math.sqrt(dataset.width);
    if (perturb.width === undefined && !Number.isInteger(side)) {
      throw new AssayError('CLI_BAD_OPTION', `${dataset.width} features are no square image`, {
        exitCode: exitCodes.usage,
        hint: 'Say how wide the images are: --perturb shift:1@WIDTH.',
      });
    }
    asked = { ...perturb, width: perturb.width ?? side };
  }
  return perturbSamples(dataset, asked);
}
