import { useEffect, useState } from 'react';
import type { Explorer } from '../../../explorer/explorer.ts';

export type Live<T> = { readonly value: T | undefined; readonly error: string | undefined };

/** What `load` gives, again after every block; one loading at a time. `key` says when it is another question. */
export function useLive<T>(explorer: Explorer, key: string, load: () => Promise<T>): Live<T> {
  const [answer, setAnswer] = useState<Live<T> & { readonly key: string }>({ key, value: undefined, error: undefined });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` is made anew in each render; its key says what it asks
  useEffect(() => {
    let ended = false;
    let loading = false;
    let stale = false;
    const read = async (): Promise<void> => {
      stale = true;
      if (loading) return;
      loading = true;
      while (stale && !ended) {
        stale = false;
        try {
          const value = await load();
          if (!ended) setAnswer({ key, value, error: undefined });
        } catch (error) {
          if (!ended)
            setAnswer((before) => ({ key, value: before.key === key ? before.value : undefined, error: (error as Error).message }));
        }
      }
      loading = false;
    };
    void read();
    const stop = explorer.onBlock(() => void read());
    return () => {
      ended = true;
      stop();
    };
  }, [explorer, key]);
  return answer.key === key ? answer : { value: undefined, error: undefined };
}
