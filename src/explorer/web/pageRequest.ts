import type { Explorer } from '../explorer.ts';
import type { Page } from './layout.ts';

/** What a page is made from. Both records hold what a stranger has written. */
export type PageRequest = {
  readonly explorer: Explorer;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
};

export type MakePage = (request: PageRequest) => Promise<Page>;

/** Items of one page of a list. */
export const listed = 25;
