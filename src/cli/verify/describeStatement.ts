import type { Hex } from 'viem';
import type { StatementName } from '../../commitment/ids.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import type { WindowInstance } from '../../proof/circuitInstance.ts';
import { showId } from '../framework/ids.ts';

/** A statement, word by word. */
export type StatementFacts = Readonly<Record<string, string | readonly Hex[]>>;

const wordNames: Record<StatementName, readonly string[]> = {
  'train-window': ['context', 'parentId', 'childId', 'maskId', 'datasetRoot', 'batchSeed', 'firstStep', 'lossSum'],
  inference: ['context', 'checkpointId', 'maskId', 'inputId'],
  'well-formed': ['context', 'checkpointId', 'maskId', 'segment'],
  audit: ['context', 'checkpointId', 'maskId', 'root', 'chunk'],
  membership: ['context', 'root', 'record'],
};
/** Words that are counts, not ids. */
const counts = new Set(['firstStep', 'lossSum', 'segment', 'chunk']);

/** @throws PROOF_FILE_MALFORMED for a number of words that the statement never has */
export function statementFacts(name: StatementName, statement: readonly bigint[]): StatementFacts {
  const names = wordNames[name];
  const open = name === 'inference' || name === 'audit';
  if (open ? statement.length <= names.length : statement.length !== names.length) {
    throw new AssayError('PROOF_FILE_MALFORMED', `a statement of ${statement.length} words is none of ${name}`, {
      exitCode: exitCodes.proofInvalid,
    });
  }
  const facts = Object.fromEntries(
    names.map((word, i) => [word, counts.has(word) ? String(statement[i]) : showId(statement[i] as bigint)]),
  );
  return open ? { ...facts, [name === 'audit' ? 'counts' : 'outputs']: statement.slice(names.length).map(showId) } : facts;
}

/** What a true proof of a training window says, in words. */
export function sayStatement(facts: StatementFacts, { spec, sizes, steps }: WindowInstance): string {
  const first = BigInt(facts['firstStep'] as string);
  const range = steps === 1 ? `Step ${first}` : `Steps ${first} to ${first + BigInt(steps) - 1n}`;
  return [
    `${range} of exact integer SGD on a ${sizes.join('-')} network (minibatches of ${2 ** spec.lb}, learning rate 2^-${spec.lrk})`,
    `lead from checkpoint ${facts['parentId']}`,
    `           to        ${facts['childId']},`,
    `on the minibatches that seed ${facts['batchSeed']}`,
    `selects from the data set with root ${facts['datasetRoot']};`,
    `the squared errors sum to ${facts['lossSum']}.`,
    `It was made for one lease of one operator only (context ${facts['context']}).`,
  ].join('\n');
}
