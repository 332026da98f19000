import type { html } from 'hono/html';

/** Text that is markup already. Everything else that is put into a page is escaped by the template, in text and in quoted attributes alike. */
export type Html = ReturnType<typeof html>;

/** What can stand in a template. */
export type Content = Html | readonly Content[] | string | number | undefined;
