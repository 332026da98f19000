import pc from 'picocolors';
import { z } from 'zod';
import type { Explorer } from '../../explorer/explorer.ts';
import { defineCommand } from '../framework/command.ts';
import { toJson } from '../framework/output.ts';
import { plain } from '../framework/plain.ts';
import { type ExploreInput, exploreOptions } from './exploreOptions.ts';
import { type FollowQuery, followEvents } from './followEvents.ts';
import { openCommandExplorer } from './openCommandExplorer.ts';

type Input = ExploreInput & {
  readonly from: number | undefined;
  readonly job: string | undefined;
  readonly operator: string | undefined;
  readonly name: string | undefined;
};
type Watched = { readonly explorer: Explorer; readonly block: number; readonly top: number; readonly query: FollowQuery };

export const exploreWatch = defineCommand<Input, Watched>({
  name: 'explore watch',
  summary: 'tell events as they come, until Ctrl-C',
  description:
    'One line an event; with --json one object a line, of type start, event or reorg. After a reorganisation the lines of blocks above the one that is told ' +
    'hold no more; what is on the chain instead follows.',
  options: {
    from: {
      flags: '--from <block>',
      description: 'begin with the events of this block (default: after the last one)',
      schema: z.coerce.number().int().min(0).optional(),
    },
    job: { flags: '--job <id>', description: 'about this job only', schema: z.string().optional() },
    operator: { flags: '--operator <address>', description: 'about this operator only', schema: z.string().optional() },
    name: { flags: '--name <event>', description: 'of this name only, as OperatorSlashed', schema: z.string().optional() },
    ...exploreOptions,
  },
  examples: ['assay explore watch', 'assay explore watch --job 1 --from 0 --json', 'assay explore watch --name OperatorSlashed'],
  async run(context, input) {
    const explorer = await openCommandExplorer(context, input);
    const { indexed, firstBlock } = await explorer.status();
    const top = indexed ?? firstBlock - 1;
    const block = input.from === undefined ? top : input.from - 1;
    return { explorer, block, top, query: { jobId: input.job, operator: input.operator, name: input.name } };
  },
  data: ({ block }) => ({ type: 'start', block }),
  render: () => '',
  async hold({ json, cleanup, progress }, { explorer, block, top, query }) {
    const paint = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
    const line = (data: unknown, text: string): void => void process.stdout.write(`${json ? toJson(data) : text}\n`);
    if (!json) progress.note(`watching from block ${block + 1}`);
    const stop = followEvents(explorer, block, top, query, {
      onEvents(events) {
        for (const event of events)
          line(
            { type: 'event', ...event },
            `${paint.dim(String(event.at.block).padStart(9))}  ${plain(event.name).padEnd(22)}  ${plain(event.text)}`,
          );
      },
      onReorg: (to) =>
        line(
          { type: 'reorg', block: to },
          `${paint.yellow(String(to).padStart(9))}  reorganised: what was told of later blocks holds no more`,
        ),
      onError: (error) => progress.note(`cannot read events: ${plain((error as Error).message)}`),
    });
    const { signal } = cleanup;
    if (!signal.aborted) await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
    await stop();
  },
});
