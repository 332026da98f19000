import type { Hex } from 'viem';
import { AssayError, exitCodes } from '../../errors.ts';
import type { WindowArtifacts } from '../../proof/windowArtifacts.ts';
import { showId } from '../framework/ids.ts';

/** A window's statement, word by word. */
export type StatementFacts = {
  readonly context: Hex;
  readonly parentId: Hex;
  readonly childId: Hex;
  readonly maskId: Hex;
  readonly datasetRoot: Hex;
  readonly batchSeed: Hex;
  readonly firstStep: string;
  readonly lossSum: string;
};

export function statementFacts(statement: readonly bigint[]): StatementFacts {
  const [context, parentId, childId, maskId, datasetRoot, batchSeed, firstStep, lossSum] = statement;
  if (lossSum === undefined) {
    throw new AssayError('PROOF_FILE_MALFORMED', 'a statement of fewer than 8 words', { exitCode: exitCodes.proofInvalid });
  }
  return {
    context: showId(context as bigint),
    parentId: showId(parentId as bigint),
    childId: showId(childId as bigint),
    maskId: showId(maskId as bigint),
    datasetRoot: showId(datasetRoot as bigint),
    batchSeed: showId(batchSeed as bigint),
    firstStep: String(firstStep),
    lossSum: String(lossSum),
  };
}

/** What a true proof of this statement says, in words. */
export function sayStatement(facts: StatementFacts, { instance, srs }: Pick<WindowArtifacts, 'instance' | 'srs'>): string {
  const { spec, sizes, steps } = instance;
  const first = BigInt(facts.firstStep);
  const range = steps === 1 ? `Step ${first}` : `Steps ${first} to ${first + BigInt(steps) - 1n}`;
  return [
    `${range} of exact integer SGD on a ${sizes.join('-')} network (minibatches of ${2 ** spec.lb}, learning rate 2^-${spec.lrk})`,
    `lead from checkpoint ${facts.parentId}`,
    `           to        ${facts.childId},`,
    `on the minibatches that seed ${facts.batchSeed}`,
    `selects from the data set with root ${facts.datasetRoot};`,
    `the squared errors sum to ${facts.lossSum}.`,
    `It was made for one lease of one operator only (context ${facts.context}).`,
    ...(srs.profile === 'dev' ? ['The secret of the dev ceremony is published: this convinces nobody outside of a devnet.'] : []),
  ].join('\n');
}
