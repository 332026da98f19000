import { html } from 'hono/html';
import type { MetricsView, MetricView } from '../views.ts';
import type { Html } from './html.ts';
import { number } from './number.ts';

/**
 * Health of the network as figures, each with what it tells.
 *
 * @param brief without the formulas
 */
export function figures({ counts, metrics }: MetricsView, brief: boolean): Html {
  const counted: readonly (readonly [name: string, value: string, why: string])[] = [
    ['Jobs', number(counts.jobs), `${number(counts.jobsRunning)} running`],
    ['Final windows', number(counts.windows), `of ${number(counts.submissions)} submitted`],
    ['Operators', number(counts.operators), `${number(counts.operatorsActive)} active of late`],
    ['Audits', number(counts.audits), `${number(counts.auditsCompleted)} completed`],
  ];
  return html`<dl class="figures">${counted.map(([name, value, why]) => figure(name, html`${value}`, html`${why}`))}${metrics.map(
    (metric) =>
      figure(
        metric.name,
        shownValue(metric),
        brief ? html`${metric.about}` : html`${metric.about} <span>Formula: <code>${metric.formula}</code></span>`,
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
