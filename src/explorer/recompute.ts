import type { Address } from 'viem';
import { getBlock } from 'viem/actions';
import { read } from '../chain/call.ts';
import type { ChainReader } from '../chain/connectChain.ts';
import type { Deployment } from '../chain/deployment.ts';
import { stakeManagerAbi } from '../chain/generated/StakeManager.ts';
import { getEvents } from '../chain/getEvents.ts';
import { toChainError } from '../chain/toChainError.ts';
import { gini } from './statistics.ts';
import type { Summary } from './summary.ts';
import type { RecomputeView } from './views.ts';

/** The numbers that are told of the whole network, as text. */
export type Headline = readonly (readonly [id: string, name: string, value: string])[];

const showGini = (values: readonly bigint[]): string => gini(values.map(Number))?.toFixed(9) ?? 'none';

/** Headline numbers of a summary. */
export function headlineOf(summary: Summary, assay: Address): Headline {
  const operators = [...summary.operators.values()];
  const jobs = [...summary.jobs.values()];
  const sum = (values: readonly bigint[]): string => String(values.reduce((a, b) => a + b, 0n));
  return [
    ['jobs', 'Jobs', String(summary.jobs.size)],
    ['jobs-over', 'Jobs that are over', String(jobs.filter(({ over }) => over).length)],
    ['windows', 'Final windows', String(summary.windows)],
    ['units', 'Final units', String(jobs.reduce((total, { units }) => total + units, 0))],
    ['submissions', 'Submissions', String(summary.submissions)],
    ['rejected', 'Rejected submissions', String(jobs.reduce((total, { rejected }) => total + rejected, 0))],
    ['paid-workers', 'Paid to workers, all tokens', sum(jobs.map(({ workerPart }) => workerPart))],
    ['fees-burned', 'Fees burned', String(summary.feeBurned)],
    ['emitted', 'Emitted', String(summary.emitted)],
    ['stake', 'Stake', sum(operators.map(({ stake }) => stake))],
    ['slashes', 'Slashes', String(summary.slashes)],
    ['checkpoints', 'Checkpoints', String(summary.checkpoints)],
    ['audits', 'Audits', String(summary.audits)],
    ['audits-completed', 'Completed audits', String(summary.auditsCompleted)],
    [
      'gini-rewards',
      'Inequality of rewards',
      showGini(operators.flatMap((one) => (one.units > 0 || (one.rewards.get(assay) ?? 0n) > 0n ? [one.rewards.get(assay) ?? 0n] : []))),
    ],
    ['gini-stake', 'Inequality of stake', showGini(operators.flatMap(({ stake }) => (stake > 0n ? [stake] : [])))],
  ];
}

/**
 * The same numbers from the logs that the node gives now: neither the index nor the code that adds events up has a part in it.
 *
 * @param toBlock the block that the index is at
 */
async function headlineFromChain(
  chain: ChainReader,
  deployment: Deployment,
  toBlock: number,
): Promise<{ readonly headline: Headline; readonly logs: number }> {
  const events = await getEvents(chain, deployment, { toBlock: BigInt(toBlock) });
  const of = <name extends (typeof events)[number]['name']>(name: name) =>
    events.filter((event): event is Extract<(typeof events)[number], { name: name }> => event.name === name);
  const total = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
  const assay = deployment.addresses.token;

  const tokens = new Map(of('JobOpened').map(({ args }) => [args.jobId, args.terms.token]));
  const severals = new Set(of('JobOpened').flatMap(({ args }) => (args.terms.contributions > 1 ? [args.jobId] : [])));
  const finals = of('WindowFinalized');
  const paid = of('UnitPaid');
  const over = new Set([...of('JobCompleted'), ...of('JobCancelled')].map(({ args }) => args.jobId));

  const stakes = new Map<Address, bigint>();
  const move = (operator: Address, amount: bigint): void => void stakes.set(operator, (stakes.get(operator) ?? 0n) + amount);
  for (const { args } of of('Staked')) move(args.operator, args.amount);
  for (const event of of('Withdrawn')) if (event.module === 'stakeManager') move(event.args.operator, -event.args.amount);
  for (const { args } of of('Penalised')) move(args.operator, -args.burned);
  for (const { args } of of('Slashed')) move(args.operator, -(args.finderPart + args.harmedPart + args.burned));

  const earned = new Map<Address, bigint>();
  const earn = (operator: Address, amount: bigint): void => void earned.set(operator, (earned.get(operator) ?? 0n) + amount);
  for (const { args } of paid) earn(args.operator, (tokens.get(args.jobId) === assay ? args.workerPart : 0n) + args.emitted);
  const settled = new Map(of('SeatSettled').map((event) => [`${event.transactionHash}/${event.logIndex}`, event.args.outcome]));
  for (const { args, transactionHash, logIndex } of of('SeatPaid')) {
    const isPaid = settled.get(`${transactionHash}/${logIndex - 1}`) === 'paid';
    if (isPaid && tokens.get(args.jobId) === assay) earn(args.account, args.amount);
  }

  const headline: Headline = [
    ['jobs', 'Jobs', String(tokens.size)],
    ['jobs-over', 'Jobs that are over', String(over.size)],
    ['windows', 'Final windows', String(finals.filter(({ args }) => !severals.has(args.jobId)).length + of('WindowMerged').length)],
    ['units', 'Final units', String(finals.length)],
    ['submissions', 'Submissions', String(of('WindowSubmitted').length)],
    ['rejected', 'Rejected submissions', String(of('WindowRejected').length)],
    ['paid-workers', 'Paid to workers, all tokens', String(total(paid.map(({ args }) => args.workerPart)))],
    ['fees-burned', 'Fees burned', String(total(paid.map(({ args }) => args.feeBurned)))],
    ['emitted', 'Emitted', String(total(paid.map(({ args }) => args.emitted)))],
    ['stake', 'Stake', String(total([...stakes.values()]))],
    ['slashes', 'Slashes', String(of('Slashed').length)],
    ['checkpoints', 'Checkpoints', String(of('CheckpointRecorded').length)],
    ['audits', 'Audits', String(of('AuditOpened').length)],
    ['audits-completed', 'Completed audits', String(of('AuditCompleted').length)],
    ['gini-rewards', 'Inequality of rewards', showGini([...earned.values()])],
    ['gini-stake', 'Inequality of stake', showGini([...stakes.values()].filter((stake) => stake > 0n))],
  ];
  return { headline, logs: events.length };
}

/** Both, side by side. */
export async function compareWithChain(
  chain: ChainReader,
  deployment: Deployment,
  indexed: Headline,
  block: { readonly number: number; readonly hash: `0x${string}` },
): Promise<RecomputeView> {
  const started = performance.now();
  const { headline, logs } = await headlineFromChain(chain, deployment, block.number);
  const { hash } = await getBlock(chain.client, { blockNumber: BigInt(block.number) }).catch((error: unknown) => {
    throw toChainError(error, chain.rpcUrl);
  });
  // What the contract itself says, where the node still has the state of that block.
  const held = await read(chain, stakeManagerAbi, deployment.addresses.stakeManager, 'totalStake', [], BigInt(block.number)).catch(
    () => undefined,
  );
  const stake = indexed.find(([id]) => id === 'stake')?.[2] ?? 'missing';
  const contract =
    held === undefined
      ? []
      : [{ id: 'stake-contract', name: 'Stake, by the contract', indexed: stake, chain: String(held), equal: stake === String(held) }];
  const pairs = [
    ...contract,
    ...headline.map(([id, name, value]) => {
      const told = indexed.find(([other]) => other === id)?.[2] ?? 'missing';
      return { id, name, indexed: told, chain: value, equal: told === value };
    }),
    { id: 'block-hash', name: `Hash of block ${block.number}`, indexed: block.hash, chain: hash, equal: hash === block.hash },
  ];
  return {
    block: block.number,
    hash: block.hash,
    equal: pairs.every(({ equal }) => equal),
    logs,
    seconds: (performance.now() - started) / 1000,
    pairs,
  };
}
