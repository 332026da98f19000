import type { Explorer } from '../explorer.ts';
import type { EventRow } from '../views.ts';

/** Readers at a time. */
const mostReaders = 64;
/** Events that are told of one round of reading; of more only the newest. */
const mostEvents = 100;
/** Events that a slow reader may lag behind. */
const mostWaiting = 200;

export type EventFeed = {
  /**
   * Events from now on, oldest first, until the signal; the generator ends, too, where its reader is too slow to follow.
   *
   * @returns undefined where there are too many readers
   */
  follow(signal: AbortSignal): AsyncGenerator<EventRow> | undefined;
  close(): void;
};

type Reader = { readonly waiting: EventRow[]; over: boolean; wake: () => void };

/** Reads new events once, however many follow. */
export function eventFeed(explorer: Pick<Explorer, 'events' | 'onBlock'>, onError: (error: unknown) => void): EventFeed {
  const readers = new Set<Reader>();
  let unsubscribe: (() => void) | undefined;
  let told: string | undefined;
  let reading: Promise<void> = Promise.resolve();

  const keyOf = ({ at, logIndex }: EventRow): string => `${at.transaction}.${logIndex}`;
  const read = async (): Promise<void> => {
    if (readers.size === 0) return;
    const { items } = await explorer.events({ limit: mostEvents, newestFirst: true });
    const known = items.findIndex((event) => keyOf(event) === told);
    // Where the last one told is gone, after a reorganisation or a burst, the page is what there is to tell.
    const fresh = told === undefined ? [] : items.slice(0, known === -1 ? items.length : known);
    const [newest] = items;
    told = newest === undefined ? '' : keyOf(newest);
    for (const reader of readers) {
      reader.waiting.push(...fresh.toReversed());
      if (reader.waiting.length > mostWaiting) reader.over = true;
      reader.wake();
    }
  };
  const readAgain = (): Promise<void> => {
    reading = reading.then(read).catch(onError);
    return reading;
  };

  const end = (reader: Reader): void => {
    reader.over = true;
    reader.wake();
    readers.delete(reader);
    if (readers.size > 0) return;
    unsubscribe?.();
    unsubscribe = undefined;
    told = undefined;
  };

  async function* events(reader: Reader, signal: AbortSignal): AsyncGenerator<EventRow> {
    const stop = (): void => end(reader);
    signal.addEventListener('abort', stop, { once: true });
    try {
      while (!signal.aborted && !reader.over) {
        const next = reader.waiting.shift();
        if (next !== undefined) {
          yield next;
          continue;
        }
        await new Promise<void>((resolve) => {
          reader.wake = resolve;
          if (reader.over || reader.waiting.length > 0) resolve();
        });
      }
    } finally {
      signal.removeEventListener('abort', stop);
      end(reader);
    }
  }

  return {
    follow(signal) {
      if (readers.size >= mostReaders) return undefined;
      const reader: Reader = { waiting: [], over: false, wake: () => undefined };
      readers.add(reader);
      if (unsubscribe === undefined) {
        unsubscribe = explorer.onBlock(() => void readAgain());
        // What is newest now is the last that is not told.
        void readAgain();
      }
      return events(reader, signal);
    },
    close() {
      for (const reader of readers) end(reader);
    },
  };
}
