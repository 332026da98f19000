import type { Address } from 'viem';
import { getBlockNumber } from 'viem/actions';
import { getReputation } from '../chain/getReputation.ts';
import { getStake } from '../chain/getStake.ts';
import { getWeight } from '../chain/getWeight.ts';
import { invalidCursor } from '../chain/invalidCursor.ts';
import { AssayError, exitCodes } from '../errors.ts';
import type { Paging } from './explorer.ts';
import type { OperatorSummary } from './summary.ts';
import { allEvents, notFound, placeOf, type ViewContext } from './viewContext.ts';
import type { NodeRow, NodeView, PageView } from './views.ts';

async function nodeRowOf(context: ViewContext, operator: Address, found: OperatorSummary): Promise<NodeRow> {
  const { facts, deployment } = context;
  const { seen, hotKey, units, stake, slashes, seats } = found;
  const tokens = [...found.rewards].sort(([a], [b]) => Number(b === deployment.addresses.token) - Number(a === deployment.addresses.token));
  const time = seen.time === undefined ? null : new Date(seen.time * 1000).toISOString();
  return {
    operator,
    hotKey: hotKey ?? null,
    units,
    rewards: await Promise.all(tokens.map(async ([token, amount]) => ({ token: await facts.token(token), amount: String(amount) }))),
    stake: String(stake),
    slashes,
    seats,
    registered: { block: seen.block, time, transaction: seen.transaction },
  };
}

/** Every operator, the newest first. @throws CHAIN_CURSOR_INVALID, CHAIN_LIMIT_OUT_OF_RANGE */
export async function nodePage(context: ViewContext, { cursor, limit = 50 }: Paging): Promise<PageView<NodeRow>> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 200)
    throw new AssayError('CHAIN_LIMIT_OUT_OF_RANGE', `a page has 1 to 200 items, not ${limit}`, { exitCode: exitCodes.usage });
  const [, block, logIndex] = cursor === undefined ? [] : (/^(\d{1,15})\.(\d{1,9})$/.exec(cursor) ?? []);
  if (cursor !== undefined && block === undefined) throw invalidCursor(cursor);
  const isBelow = ({ seen }: OperatorSummary): boolean =>
    block === undefined || seen.block < Number(block) || (seen.block === Number(block) && seen.logIndex < Number(logIndex));
  // In the order in which they were seen first.
  const all = [...(await context.summary()).operators].filter(([, one]) => isBelow(one)).reverse();
  const shown = all.slice(0, limit);
  const last = shown.at(-1)?.[1].seen;
  return {
    items: await Promise.all(shown.map(([operator, one]) => nodeRowOf(context, operator, one))),
    next: all.length > limit && last !== undefined ? `${last.block}.${last.logIndex}` : null,
  };
}

/** @throws EXPLORER_NOT_FOUND */
export async function nodeViewOf(context: ViewContext, operator: Address): Promise<NodeView> {
  const found = (await context.summary()).operators.get(operator);
  if (found === undefined) throw notFound('node', operator);
  const { lapses, rejected, feeBurned, emitted, lastActive } = found;
  const [row, now, registrations] = await Promise.all([
    nodeRowOf(context, operator, found),
    stateNow(context, operator).catch(() => null),
    allEvents(context.reader, 'NodeRegistered', ['operator', operator]),
  ]);
  return {
    ...row,
    now,
    hotKeys: await Promise.all(registrations.map(async (event) => ({ hotKey: event.args.hotKey, at: await placeOf(context, event) }))),
    lapses,
    rejected,
    feeBurned: String(feeBurned),
    emitted: String(emitted),
    lastActive: lastActive ?? null,
  };
}

async function stateNow({ chain, deployment }: ViewContext, operator: Address): Promise<NodeView['now']> {
  const [block, stake, reputation, weight] = await Promise.all([
    getBlockNumber(chain.client, { cacheTime: 0 }),
    getStake(chain, deployment, operator),
    getReputation(chain, deployment, operator),
    getWeight(chain, deployment, operator),
  ]);
  return {
    active: String(stake.active),
    locked: String(stake.locked),
    unbonding: String(stake.unbonding),
    releaseBlock: Number(stake.releaseBlock),
    jailedUntil: Number(stake.jailedUntil),
    reputation: String(reputation.score),
    factor: Number(reputation.factor),
    weight: String(weight),
    block: Number(block),
  };
}
