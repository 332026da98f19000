import pc from 'picocolors';
import type { Explorer } from '../../explorer/explorer.ts';
import type { PageView } from '../../explorer/views.ts';
import { type AnyCommand, type CommandContext, type CommandSpec, defineCommand, type InputSpecs } from '../framework/command.ts';
import { plainData } from '../framework/plain.ts';
import { type ExploreInput, exploreOptions } from './exploreOptions.ts';
import { openCommandExplorer } from './openCommandExplorer.ts';
import { createSheet, type Sheet } from './sheet.ts';

/** One command that shows something of the index: what it asks, how that reads, where it has its page. */
export type LookSpec<I extends object, V> = Pick<CommandSpec<I, V>, 'name' | 'summary' | 'description' | 'arguments' | 'examples'> & {
  readonly options?: Partial<InputSpecs<Omit<I, keyof ExploreInput>>>;
  readonly look: (explorer: Explorer, input: I, context: CommandContext) => Promise<V>;
  /** Strings of the view are plain by now: whatever strangers wrote cannot command a terminal. */
  readonly text: (view: V, sheet: Sheet, input: I) => string;
  /** Of the page that shows the same. */
  readonly path?: (view: V, input: I) => string | undefined;
  readonly exitCode?: (view: V) => number;
};

/** A command of `assay explore`. With `--json` it prints the view as it is. */
export function defineLook<I extends object, V>(spec: LookSpec<I & ExploreInput, V>): AnyCommand {
  const { look, text, path, exitCode, options, ...rest } = spec;
  return defineCommand<I & ExploreInput, { readonly view: V; readonly text: string }>({
    ...rest,
    options: { ...options, ...exploreOptions } as Partial<InputSpecs<I & ExploreInput>>,
    async run(context, input) {
      const explorer = await openCommandExplorer(context, input);
      const view = await look(explorer, input, context);
      if (context.json) return { view, text: '' };
      const sheet = createSheet(input.wide, process.stdout.isTTY === true && pc.isColorSupported);
      const shown = plainData(view);
      const page = path?.(view, input);
      return { view, text: `${text(shown, sheet, input)}${page === undefined ? '' : `\n\n${input.url}${page}`}` };
    },
    data: ({ view }) => view,
    render: ({ text: lines }) => lines,
    ...(exitCode === undefined ? {} : { exitCode: ({ view }) => exitCode(view) }),
  });
}

/** A list with what follows it; `none` where it is empty. */
export function pageText<T>({ items, next }: PageView<T>, none: string, table: (items: readonly T[]) => string): string {
  if (items.length === 0) return none;
  return `${table(items)}${next === null ? '' : `\n\nmore: --cursor ${next}`}`;
}

export const defaultLimit = 20;
