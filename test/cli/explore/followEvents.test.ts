import { expect, it } from 'vitest';
import { followEvents } from '../../../src/cli/explore/followEvents.ts';
import type { Explorer } from '../../../src/explorer/explorer.ts';
import type { EventRow } from '../../../src/explorer/views.ts';

const event = (block: number, logIndex: number, name = 'LeaseTaken'): EventRow => ({
  module: 'windowManager',
  name,
  args: {},
  text: `${block}.${logIndex}`,
  logIndex,
  at: { block, time: null, transaction: `0x${'00'.repeat(32)}` },
});

/** A chain of events that the test writes; pages hold two. */
function chainOf(events: EventRow[]) {
  const listeners = new Set<(block: number) => void>();
  const explorer = {
    async events({ cursor = '0' }: { cursor?: string | undefined } = {}) {
      const from = Number(cursor);
      const newest = events.toReversed();
      return { items: newest.slice(from, from + 2), next: from + 2 < newest.length ? String(from + 2) : null };
    },
    onBlock(listener: (block: number) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  } as unknown as Explorer;
  const told: string[] = [];
  const tell = {
    onEvents: (rows: readonly EventRow[]) => told.push(...rows.map(({ text }) => text)),
    onReorg: (block: number) => told.push(`reorg ${block}`),
    onError: (error: unknown) => told.push((error as Error).message),
  };
  const block = async (number: number): Promise<void> => {
    for (const listener of listeners) listener(number);
    await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { explorer, told, tell, block, listeners };
}

it('tells each event once, in the order of the chain, over several pages', async () => {
  const events = [event(1, 0), event(2, 0), event(2, 1), event(3, 0), event(3, 4)];
  const { explorer, told, tell, block } = chainOf(events);
  const stop = followEvents(explorer, 1, 3, {}, tell);
  await block(3);
  expect(told).toEqual(['2.0', '2.1', '3.0', '3.4']);
  events.push(event(5, 0), event(5, 1), event(6, 0));
  await block(6);
  await block(7);
  expect(told.slice(4)).toEqual(['5.0', '5.1', '6.0']);
  await stop();
  events.push(event(8, 0));
  await block(8);
  expect(told).toHaveLength(7);
});

it('tells a reorganisation, and what is there instead', async () => {
  const events = [event(1, 0), event(2, 0), event(3, 0)];
  const { explorer, told, tell, block } = chainOf(events);
  const stop = followEvents(explorer, 0, 3, {}, tell);
  await block(3);
  events.splice(1, 2);
  await block(1);
  events.push(event(2, 5), event(4, 0));
  await block(4);
  await stop();
  expect(told).toEqual(['1.0', '2.0', '3.0', 'reorg 1', '2.5', '4.0']);
});

it('goes on after an error', async () => {
  const events = [event(1, 0)];
  const { explorer, told, tell, block } = chainOf(events);
  const { events: read } = explorer;
  explorer.events = () => Promise.reject(new Error('down'));
  const stop = followEvents(explorer, 0, 1, {}, tell);
  await block(1);
  explorer.events = read;
  await block(2);
  await stop();
  expect(told).toEqual(['down', 'down', '1.0']);
});
