import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { packagePath } from '../../proof/packagePath.ts';

const { resolve } = createRequire(import.meta.url);

type Source = { readonly type: string; readonly file: () => string };

const script = 'text/javascript; charset=utf-8';
const style = 'text/css; charset=utf-8';
const own = (name: string, type: string): Source => ({ type, file: () => packagePath(`web/${name}`) });

/** Every file that pages take: a list, so that no path of a request ever becomes a path of the disk. */
const sources: Readonly<Record<string, Source>> = {
  'style.css': own('style.css', style),
  'theme.js': own('theme.js', script),
  'page.js': own('page.js', script),
  'charts.js': own('charts.js', script),
  'live.js': own('live.js', script),
  'favicon.svg': own('favicon.svg', 'image/svg+xml'),
  'uplot.js': { type: script, file: () => resolve('uplot/dist/uPlot.esm.js') },
  'uplot.css': { type: style, file: () => resolve('uplot/dist/uPlot.min.css') },
};

export type Asset = { readonly type: string; readonly body: Uint8Array<ArrayBuffer>; readonly etag: string };

const read = new Map<string, Promise<Asset>>();

/** A file of the pages, by its name; undefined where there is none. */
export function asset(name: string): Promise<Asset> | undefined {
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (source === undefined) return undefined;
  let known = read.get(name);
  if (known === undefined) {
    known = readFile(source.file()).then((bytes) => ({ type: source.type, body: new Uint8Array(bytes), etag: etagOf(bytes) }));
    read.set(name, known);
  }
  return known;
}

/** Of what a response says: two that say the same have the same. */
export function etagOf(body: string | Uint8Array): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}
