import { AssayError } from '../../errors.ts';
import type { Phase2Contribution } from './readZkey.ts';

/**
 * How many contributions a key's worth rests on: those whose secret is neither published (the dev one, beacons) nor guessable. One of their makers who forgot
 * their secret is enough; whether any of them did, and whether they are as many people, the file does not say.
 */
export function countContributions(contributions: readonly Pick<Phase2Contribution, 'kind' | 'dev' | 'guessable'>[]): number {
  return contributions.filter(({ kind, dev, guessable }) => kind === 'contribution' && !dev && !guessable).length;
}

/**
 * The profile of a key: `public` where its powers of tau are a published ceremony's and at least one contribution to phase 2 counts. Everything else is
 * `dev`: anybody can forge.
 */
export function groth16Profile(
  ptauPublished: boolean,
  contributions: readonly Pick<Phase2Contribution, 'kind' | 'dev' | 'guessable'>[],
): 'dev' | 'public' {
  return ptauPublished && countContributions(contributions) > 0 ? 'public' : 'dev';
}

/**
 * Phase 2 is over when a beacon follows at least one contribution, and nothing follows the beacon. Before the first contribution delta is gamma, and
 * proofs can be forged.
 *
 * @throws GROTH16_UNFINISHED
 */
export function assertFinished(contributions: readonly Pick<Phase2Contribution, 'kind'>[]): void {
  const made = contributions.filter(({ kind }) => kind === 'contribution').length;
  if (made > 0 && contributions.at(-1)?.kind === 'beacon') return;
  throw new AssayError(
    'GROTH16_UNFINISHED',
    `phase 2 of this key is not over: ${made} contributions, ${made === 0 ? 'so' : 'but'} no beacon at the end`,
    {
      hint: 'Contribute with `assay ceremony contribute`, the last time with --beacon.',
    },
  );
}
