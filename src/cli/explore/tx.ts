import { formatGwei } from 'viem';
import { z } from 'zod';
import type { TransactionView } from '../../explorer/views.ts';
import { paths } from '../../explorer/web/paths.ts';
import { defineLook } from './defineLook.ts';
import { type Sheet, timeText } from './sheet.ts';

type Input = { readonly hash: string };

/** The text of one transaction. */
export function transactionText(view: TransactionView, sheet: Sheet): string {
  const { call } = view;
  const parts = [
    sheet.title(`transaction ${view.hash}`),
    sheet.facts([
      ['block', view.block === null ? 'not in a block' : `${view.block}${view.time === null ? '' : `, ${timeText(view.time)}`}`],
      ['result', view.success === null ? undefined : view.success ? 'done' : 'reverted'],
      ['from', view.from === null ? undefined : sheet.id(view.from)],
      ['to', view.to === null ? undefined : sheet.id(view.to)],
      ['calls', call === null ? 'no contract of this deployment' : `${call.module}.${call.function}`],
      [
        'gas',
        view.gasUsed === null
          ? undefined
          : `${view.gasUsed}${view.gasPrice === null ? '' : ` at ${formatGwei(BigInt(view.gasPrice))} gwei`}`,
      ],
    ]),
  ];
  if (call !== null && Object.keys(call.args).length > 0) parts.push('', sheet.title('arguments'), argumentTable(sheet, call.args));
  for (const event of view.events) {
    parts.push('', sheet.title(`${event.logIndex}  ${event.module}.${event.name}`), event.text, argumentTable(sheet, event.args));
  }
  if (view.events.length === 0) parts.push('', 'no events of this deployment');
  return parts.join('\n');
}

const longest = 200;

function argumentTable(sheet: Sheet, args: TransactionView['events'][number]['args']): string {
  return sheet.facts(
    Object.entries(args).map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const shown = sheet.id(text);
      return [`  ${name}`, shown.length > longest ? `${shown.slice(0, longest)}... (${shown.length} characters)` : shown] as const;
    }),
  );
}

export const exploreTransaction = defineLook<Input, TransactionView>({
  name: 'explore tx',
  summary: 'a transaction: what it called and the events of the deployment in it, decoded',
  arguments: { hash: { flags: '<hash>', description: 'hash of the transaction', schema: z.string() } },
  examples: [`assay explore tx 0x${'7e'.repeat(32)}`],
  look: (explorer, { hash }) => explorer.transaction(hash),
  text: transactionText,
  path: ({ hash }) => paths.transaction(hash),
});
