import type { EventsQuery, Explorer } from '../../explorer/explorer.ts';
import type { EventRow } from '../../explorer/views.ts';

export type EventFollower = {
  /** Events in the order of the chain, each once. */
  readonly onEvents: (events: readonly EventRow[]) => void;
  /** Blocks above this one are on the chain no more: what was told of them may come again, elsewhere, or not at all. */
  readonly onReorg: (block: number) => void;
  /** Reading has failed; it goes on with the next block. */
  readonly onError: (error: unknown) => void;
};

export type FollowQuery = Pick<EventsQuery, 'name' | 'jobId' | 'submissionId' | 'operator' | 'checkpointId'>;

/** Tells events as they are indexed, those after block `after` first. @param top the block that is indexed now @returns a function that ends it, once what is under way is told */
export function followEvents(
  explorer: Explorer,
  after: number,
  top: number,
  query: FollowQuery,
  follower: EventFollower,
): () => Promise<void> {
  /** The last event told, or the end of a block. */
  let told = { block: after, logIndex: Number.MAX_SAFE_INTEGER };
  let indexed = top;
  let ended = false;
  const isNew = ({ at, logIndex }: EventRow): boolean => at.block > told.block || (at.block === told.block && logIndex > told.logIndex);

  const read = async (): Promise<void> => {
    const found: EventRow[] = [];
    let cursor: string | undefined;
    do {
      const page = await explorer.events({ ...query, newestFirst: true, limit: 200, cursor });
      const news = page.items.filter(isNew);
      found.push(...news);
      cursor = news.length === page.items.length && page.next !== null ? page.next : undefined;
    } while (cursor !== undefined && !ended);
    const last = found[0];
    if (last === undefined || ended) return;
    told = { block: last.at.block, logIndex: last.logIndex };
    follower.onEvents(found.reverse());
  };

  // One reading after another, and none twice for the same block.
  let queue: Promise<void> = Promise.resolve();
  const step = (block: number): void => {
    queue = queue.then(async () => {
      if (ended) return;
      if (block < indexed) {
        if (told.block > block) told = { block, logIndex: Number.MAX_SAFE_INTEGER };
        follower.onReorg(block);
      }
      indexed = block;
      await read().catch(follower.onError);
    });
  };
  const stop = explorer.onBlock(step);
  step(top);
  return async () => {
    ended = true;
    stop();
    await queue;
  };
}
