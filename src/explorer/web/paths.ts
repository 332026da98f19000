import type { HitView } from '../views.ts';

// Addresses of pages are stable: people keep them. Whatever stands in one is encoded, so that it can lead nowhere else.
const part = encodeURIComponent;

export const paths = {
  job: (id: string) => `/job/${part(id)}`,
  window: (jobId: string, index: number | string) => `/window/${part(jobId)}/${part(String(index))}`,
  proof: (id: string) => `/proof/${part(id)}`,
  node: (operator: string) => `/node/${part(operator)}`,
  checkpoint: (id: string) => `/checkpoint/${part(id)}`,
  audit: (id: string) => `/audit/${part(id)}`,
  circuit: (id: string) => `/circuit/${part(id)}`,
  transaction: (hash: string) => `/tx/${part(hash)}`,
} as const;

/** Where what a search found is shown; undefined of what has no page. */
export function pathOfHit({ type, id }: Pick<HitView, 'type' | 'id'>): string | undefined {
  switch (type) {
    case 'window': {
      const [jobId = '', index = ''] = id.split('/');
      return paths.window(jobId, index);
    }
    case 'model':
      return `/jobs?modelId=${part(id)}`;
    case 'dataset':
    case 'block':
      return undefined;
    default:
      return paths[type](id);
  }
}
