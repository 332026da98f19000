import { html } from 'hono/html';
import type { MetricsView, MetricView } from '../views.ts';
import type { Html } from './html.ts';
import { number } from './number.ts';

/** How much of everything there is. */
export function counts({ counts: many }: MetricsView): Html {
  const counted: readonly (readonly [name: string, value: number, why: string])[] = [
    ['Jobs', many.jobs, `${number(many.jobsRunning)} running`],
    ['Final windows', many.windows, `of ${number(many.submissions)} submitted`],
    ['Operators', many.operators, `${number(many.operatorsActive)} active of late`],
    ['Audits', many.audits, `${number(many.auditsCompleted)} completed`],
  ];
  return html`<dl class="figures">${counted.map(([name, value, why]) => figure(name, html`${number(value)}`, html`${why}`))}</dl>`;
}

/**
 * Health of the network as figures, each with what it tells.
 *
 * @param brief without the formulas
 */
export function health({ metrics }: MetricsView, brief: boolean): Html {
  return html`<dl class="figures">${metrics.map((metric) =>
    figure(
      metric.name,
      shownValue(metric),
      brief ? html`${metric.about}` : html`${metric.about} <span class="formula">Formula: ${metric.formula}</span>`,
    ),
  )}</dl>`;
}

function figure(name: string, value: Html, why: Html): Html {
  return html`<div><dt>${name}</dt><dd><div class="value">${value}</div><div class="why">${why}</div></dd></div>`;
}

function shownValue({ value, unit }: MetricView): Html {
  return value === null
    ? html`–<span class="visually-hidden">nothing to take it of yet</span>`
    : html`${number(value)} <small>${unit}</small>`;
}
