import type { Phase2Contribution } from '../../proof/groth16/readZkey.ts';

/** What is told of one contribution to a key's phase 2. */
export type ContributionFacts = Pick<Phase2Contribution, 'kind' | 'name' | 'dev' | 'guessable' | 'hash'>;

export function contributionFacts(contributions: readonly Phase2Contribution[]): ContributionFacts[] {
  return contributions.map(({ kind, name, dev, guessable, hash }) => ({ kind, name, dev, guessable, hash }));
}

/** The same as rows for people. */
export function contributionRows(contributions: readonly ContributionFacts[]): string[][] {
  return contributions.map(({ kind, name, dev, guessable, hash }) => [
    '',
    `${kind} ${name}${dev ? ' (published secret)' : guessable ? ' (GUESSABLE secret)' : ''} ${hash.slice(0, 34)}...`,
  ]);
}
