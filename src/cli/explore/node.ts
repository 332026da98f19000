import { z } from 'zod';
import type { NodeRow, NodeView, PageView, SlashRow } from '../../explorer/views.ts';
import { paths } from '../../explorer/web/paths.ts';
import { defaultLimit, defineLook, pageText } from './defineLook.ts';
import { type PagingInput, pagingOptions } from './exploreOptions.ts';
import { nodeTable, slashTable } from './rows.ts';
import { amountText, placeText, type Sheet } from './sheet.ts';

type Input = PagingInput & { readonly address: string | undefined };
type View = PageView<NodeRow> | (NodeView & { readonly slashed: PageView<SlashRow> });

/** The text of one operator. */
export function nodeText(node: NodeView & { readonly slashed: PageView<SlashRow> }, sheet: Sheet): string {
  const { now } = node;
  const parts = [
    sheet.title(`operator ${node.operator}`),
    sheet.facts([
      ['hot key', node.hotKey ?? 'not registered now'],
      ['registered', placeText(node.registered)],
      ['last active', node.lastActive === null ? 'never' : `block ${node.lastActive}`],
      ['units', `${node.units} paid, ${node.rejected} rejected, ${node.lapses} lapses`],
      ['earned', node.rewards.map(({ token, amount }) => amountText(amount, token)).join(', ') || 'nothing'],
      ['seats', String(node.seats)],
      ['slashes', String(node.slashes)],
      ['fee burned', amountText(node.feeBurned)],
      ['emitted', amountText(node.emitted)],
      [
        'stake',
        now === null
          ? amountText(node.stake)
          : `${amountText(now.active)} active, ${amountText(now.locked)} of it locked, ${amountText(now.unbonding)} unbonding${now.unbonding === '0' ? '' : ` until block ${now.releaseBlock}`}`,
      ],
      ['reputation', now === null ? undefined : `${now.reputation}, factor ${now.factor / 10_000}`],
      ['weight', now === null ? undefined : now.weight === '0' ? 'not enrolled as a validator' : amountText(now.weight)],
      ['jailed', now === null || now.jailedUntil <= now.block ? undefined : sheet.state(`until block ${now.jailedUntil}`)],
    ]),
  ];
  if (node.hotKeys.length > 1) {
    parts.push(
      '',
      sheet.title('hot keys'),
      sheet.table(
        ['key', 'since'],
        node.hotKeys.map(({ hotKey, at }) => [hotKey, placeText(at)]),
      ),
    );
  }
  if (node.slashed.items.length > 0) parts.push('', sheet.title('slashes'), slashTable(sheet, node.slashed.items));
  return parts.join('\n');
}

export const exploreNode = defineLook<Input, View>({
  name: 'explore node',
  summary: 'an operator: stake, reputation, earnings, slashes; without an address, the list',
  arguments: { address: { flags: '[address]', description: 'address of the operator', schema: z.string().optional() } },
  options: pagingOptions,
  examples: ['assay explore node', `assay explore node 0x${'0b'.repeat(20)}`],
  async look(explorer, { address, limit = defaultLimit, cursor }) {
    if (address === undefined) return explorer.nodes({ limit, cursor });
    const [node, slashed] = await Promise.all([explorer.node(address), explorer.slashes({ operator: address, limit })]);
    return { ...node, slashed };
  },
  text: (view, sheet) => ('items' in view ? pageText(view, 'no operators', (rows) => nodeTable(sheet, rows)) : nodeText(view, sheet)),
  path: (view) => ('items' in view ? undefined : paths.node(view.operator)),
});
