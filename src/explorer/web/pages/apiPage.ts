import { html } from 'hono/html';
import { badge } from '../badge.ts';
import { card } from '../card.ts';
import type { Html } from '../html.ts';
import type { Page } from '../layout.ts';
import { table } from '../table.ts';

/** What is read of an OpenAPI document. */
type Operation = {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: unknown;
    readonly description?: string;
  }[];
  readonly responses?: Readonly<Record<string, unknown>>;
};
type Document = {
  readonly info: { readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

/** The API in words, made from its own document. */
export function apiPage(document: object): Page {
  const { info, paths = {} } = document as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...(operation as Operation) })),
  );
  return {
    title: 'API',
    heading: 'JSON API',
    lead: html`${info.description ?? ''} <a href="/api/openapi.json">OpenAPI 3.1 document</a>.`,
    content: html`${card(
      'errors',
      'Errors',
      html`<p>An error is <code>{"code", "message", "hint"}</code>, with the status 400 (the question), 404 (no such thing), 429 (too often), 502 (the chain does not answer) or 503 (not indexed yet). Codes are stable.</p>`,
    )}${operations.map((operation, i) => one(operation, i))}`,
  };
}

function one(
  { path, method, summary, parameters = [], responses = {} }: Operation & { readonly path: string; readonly method: string },
  index: number,
): Html {
  const fixed =
    method === 'GET' && !path.includes('{') && parameters.every(({ required }) => required !== true) && !path.endsWith('/stream');
  return card(
    `operation-${index}`,
    html`${badge(method, method === 'GET' ? 'info' : 'warn')} <code>${path}</code>`,
    html`<p>${summary ?? ''}. Gives ${shapeOf(responses['200'])}.${fixed ? html` <a href="${path}">Try it</a>` : ''}</p>${
      parameters.length === 0
        ? ''
        : table(
            `Parameters of ${path}`,
            [{ label: 'Parameter' }, { label: 'Where' }, { label: 'What' }],
            parameters.map((parameter) => [
              html`<code>${parameter.name}</code>`,
              parameter.required === true ? parameter.in : `${parameter.in}, optional`,
              parameter.description ?? whatOf(parameter.schema),
            ]),
            'None.',
          )
    }`,
  );
}

/** The name of what a response holds, as the document has it. */
function shapeOf(response: unknown): Html {
  const found = /"\$ref":"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(response ?? {}));
  return found === null ? html`a stream` : html`<code>${found[1] ?? ''}</code>`;
}

/** A schema of a parameter in words. */
function whatOf(schema: unknown): string {
  const { type, minimum, maximum, maxLength, enum: values } = (schema ?? {}) as Readonly<Record<string, unknown>>;
  if (Array.isArray(values)) return values.join(' or ');
  if (type === 'integer') return `${minimum} to ${maximum}`;
  return maxLength === undefined ? 'text' : `at most ${maxLength} characters`;
}
