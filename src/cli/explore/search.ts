import { z } from 'zod';
import { exitCodes } from '../../errors.ts';
import type { SearchView } from '../../explorer/views.ts';
import { pathOfHit } from '../../explorer/web/paths.ts';
import { defineLook } from './defineLook.ts';

type Input = { readonly text: string };

export const exploreSearch = defineLook<Input, SearchView>({
  name: 'explore search',
  summary: 'find a job, window, proof, operator, checkpoint, audit or transaction by number or id',
  description:
    'Takes the number of a job, JOB/WINDOW, an address, or any id from its first six digits on. Exit code 1 where nothing is found.',
  arguments: { text: { flags: '<text>', description: 'what to look for', schema: z.string().min(1).max(200) } },
  examples: ['assay explore search 1', 'assay explore search 1/0', 'assay explore search 0x5a5a5a'],
  look: (explorer, { text }) => explorer.search(text),
  text({ hits, more }, sheet, { url }) {
    if (hits.length === 0) return 'nothing found';
    const rows = hits.map((hit) => {
      const path = pathOfHit(hit);
      return [hit.type, sheet.id(hit.id), hit.label, path === undefined ? '' : `${url}${path}`];
    });
    return `${sheet.table(['what', 'id', '', ''], rows)}${more ? '\n\nthere are more: give more digits' : ''}`;
  },
  exitCode: ({ hits }) => (hits.length === 0 ? exitCodes.failure : exitCodes.ok),
});
