import { type Address, getAddress, type Hex, isAddress } from 'viem';
import type { ChainEvent } from '../chain/chainEvent.ts';
import type { ChainReader } from '../chain/connectChain.ts';
import type { Deployment } from '../chain/deployment.ts';
import type { IndexReader, Page } from '../chain/indexReader.ts';
import { AssayError, exitCodes } from '../errors.ts';
import type { ChainFacts } from './chainFacts.ts';
import type { Paging } from './explorer.ts';
import type { Summary } from './summary.ts';
import type { EventRow, PageView, PlaceView } from './views.ts';
import { asJson, sayEvent } from './words.ts';

/** What the views are made from. */
export type ViewContext = {
  readonly chain: ChainReader;
  readonly deployment: Deployment;
  readonly reader: IndexReader;
  readonly facts: ChainFacts;
  summary(): Promise<Summary>;
};

export type EventNamed<name extends ChainEvent['name']> = Extract<ChainEvent, { name: name }>;

/** The events of a name among others. */
export function named<name extends ChainEvent['name']>(events: readonly ChainEvent[], name: name): EventNamed<name>[] {
  return events.filter((event): event is EventNamed<name> => event.name === name);
}

export async function placeOf({ facts }: ViewContext, event: ChainEvent): Promise<PlaceView> {
  return { block: Number(event.blockNumber), time: await facts.time(event), transaction: event.transactionHash };
}

export async function eventRowOf(context: ViewContext, event: ChainEvent): Promise<EventRow> {
  const { module, name, logIndex } = event;
  return {
    module,
    name,
    args: asJson(event.args) as EventRow['args'],
    text: sayEvent(event),
    logIndex,
    at: await placeOf(context, event),
  };
}

/** Every event of a name about something, oldest first; at most 10,000. */
export async function allEvents<name extends ChainEvent['name']>(
  reader: IndexReader,
  name: name,
  about: Parameters<IndexReader['events']>[0]['about'],
): Promise<EventNamed<name>[]> {
  const found: ChainEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await reader.events({ name, about, cursor, limit: 200 });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && found.length < 10_000);
  return found as EventNamed<name>[];
}

export async function latestEvent<name extends ChainEvent['name']>(
  reader: IndexReader,
  name: name,
  about: Parameters<IndexReader['events']>[0]['about'],
): Promise<EventNamed<name> | undefined> {
  const [found] = (await reader.events({ name, about, limit: 1, newestFirst: true })).items;
  return found as EventNamed<name> | undefined;
}

/** Defaults of a page; what is not asked for is left out. */
export function paging({ cursor, limit }: Paging): { cursor?: string; limit?: number } {
  return { ...(cursor === undefined ? {} : { cursor }), ...(limit === undefined ? {} : { limit }) };
}

export async function pageView<A, B>({ items, next }: Page<A>, show: (item: A) => Promise<B>): Promise<PageView<B>> {
  return { items: await Promise.all(items.map(show)), next: next ?? null };
}

export function notFound(what: string, id: string): AssayError {
  return new AssayError('EXPLORER_NOT_FOUND', `there is no ${what} ${id.slice(0, 100)} in the index`, {
    hint: 'It may be on another chain or deployment, or in a block that is not indexed yet.',
  });
}

function invalid(what: string, text: string): AssayError {
  return new AssayError('EXPLORER_ID_INVALID', `not ${what}: ${text.slice(0, 100)}`, {
    hint: 'Give it whole; a search finds it by its first six digits.',
    exitCode: exitCodes.usage,
  });
}

/** @throws EXPLORER_ID_INVALID */
export function parseHash(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw invalid('an id of 32 bytes in hex', text);
  return text.toLowerCase() as Hex;
}

/** @throws EXPLORER_ID_INVALID */
export function parseNumber(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw invalid('a number', text);
  return BigInt(text);
}

/** @throws EXPLORER_ID_INVALID */
export function parseAddress(text: string): Address {
  if (!isAddress(text, { strict: false })) throw invalid('an address', text);
  return getAddress(text);
}
