import { html } from 'hono/html';
import { amountOf } from '../amountOf.ts';
import { badge } from '../badge.ts';
import { card } from '../card.ts';
import { facts } from '../facts.ts';
import { idOf } from '../idOf.ts';
import type { Page } from '../layout.ts';
import { number } from '../number.ts';
import type { PageRequest } from '../pageRequest.ts';
import { paths } from '../paths.ts';
import { eventsTable } from '../rows.ts';
import { valueText } from '../valueText.ts';
import { timeOf } from '../when.ts';

/** A transaction: what it called, and what the contracts said. */
export async function transactionPage({ explorer, params }: PageRequest): Promise<Page> {
  const transaction = await explorer.transaction(params['hash'] ?? '');
  const { call, from, to } = transaction;
  const price = transaction.gasPrice;
  const gas = transaction.gasUsed;
  return {
    title: `Transaction ${transaction.hash.slice(0, 10)}`,
    heading: 'Transaction',
    beside: transaction.success === null ? '' : transaction.success ? badge('succeeded', 'good') : badge('reverted', 'bad'),
    lead: idOf(transaction.hash, 'transaction hash'),
    content: html`${card(
      'facts',
      'What it is',
      facts([
        [
          'Block',
          transaction.block === null
            ? 'not in a block'
            : html`${number(transaction.block)}${transaction.time === null ? '' : html`, ${timeOf(transaction.time)}`}`,
        ],
        ['From', from === null ? undefined : idOf(from, 'address', paths.node(from))],
        ['To', to === null ? undefined : idOf(to, 'address')],
        [
          'Calls',
          call === null
            ? 'not a contract of this deployment, or the chain does not answer'
            : html`<code>${call.module}.${call.function}</code>`,
        ],
        ['Gas', gas === null ? undefined : number(gas)],
        [
          'Fee',
          gas === null || price === null
            ? undefined
            : amountOf((BigInt(gas) * BigInt(price)).toString(), { symbol: 'ether', decimals: 18 }),
        ],
      ]),
    )}
${call === null ? '' : card('arguments', 'Arguments', facts(Object.entries(call.args).map(([name, value]) => [name, valueText(value)])))}
${card('events', 'Events', eventsTable(transaction.events))}`,
  };
}
