import { z } from 'zod';
import type { InputSpecs } from '../framework/command.ts';
import { pathSchema } from '../framework/pathSchema.ts';

/** What every command takes that looks at the index. */
export type ExploreInput = {
  readonly sync: boolean;
  readonly rebuild: boolean;
  readonly index: string | undefined;
  readonly url: string;
  readonly wide: boolean;
};

export type PagingInput = { readonly limit: number | undefined; readonly cursor: string | undefined };

export const exploreOptions: InputSpecs<ExploreInput> = {
  sync: {
    flags: '--no-sync',
    description: 'show what the index holds, without waiting until it has come to the head of the chain',
    schema: z.boolean().default(true),
  },
  rebuild: {
    flags: '--rebuild',
    description: 'throw the index away and read the chain anew',
    schema: z.boolean().default(false),
  },
  index: {
    flags: '--index <dir>',
    description: 'folder of the index (default <home>/explorer/<chain>-<JobManager>); one process at a time can use one',
    schema: pathSchema.optional(),
  },
  url: {
    flags: '--url <base>',
    description: 'where `assay explorer serve` runs, for permalinks (ASSAY_EXPLORER_URL; default http://127.0.0.1:8080)',
    schema: z
      .string()
      .default(() => process.env['ASSAY_EXPLORER_URL'] || 'http://127.0.0.1:8080')
      .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'expected an http(s) URL')
      .transform((text) => text.replace(/\/+$/, '')),
  },
  wide: { flags: '--wide', description: 'ids and addresses in full', schema: z.boolean().default(false) },
};

export const pagingOptions: InputSpecs<PagingInput> = {
  limit: {
    flags: '--limit <count>',
    description: 'at most so many rows of a list (default 20, at most 200)',
    schema: z.coerce.number().int().min(1).max(200).optional(),
  },
  cursor: { flags: '--cursor <place>', description: 'where the page before ended', schema: z.string().max(100).optional() },
};
