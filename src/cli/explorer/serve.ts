import { isIP } from 'node:net';
import { z } from 'zod';
import type { ServedExplorer } from '../../explorer/http/serveExplorer.ts';
import { exploreOptions } from '../explore/exploreOptions.ts';
import { openCommandExplorer } from '../explore/openCommandExplorer.ts';
import { defineCommand } from '../framework/command.ts';
import { columns } from '../framework/output.ts';

type Input = {
  readonly port: number;
  readonly host: string;
  readonly allowHost: readonly string[];
  readonly sync: boolean;
  readonly rebuild: boolean;
  readonly index: string | undefined;
};

type Serving = {
  readonly facts: { readonly url: string; readonly api: string; readonly openapi: string; readonly host: string; readonly port: number };
  readonly served: ServedExplorer;
};

const { sync, rebuild, index } = exploreOptions;

const hostName = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$/i;

export const explorerServe = defineCommand<Input, Serving>({
  name: 'explorer serve',
  summary: "serve the explorer's pages and JSON API",
  description:
    'Keeps an index of the deployment up to date and shows it in a browser: jobs, windows, proofs, checkpoints, nodes, audits, slashes and the health of the network, with a JSON API beside it, until Ctrl-C. ' +
    'It listens on the loopback interface, writes nothing to the chain and needs no key. Requests that name another host than the one they have reached are refused; name those that a proxy passes on with --allow-host.',
  options: {
    port: {
      flags: '--port <number>',
      description: 'TCP port (default 8080; 0: any)',
      schema: z.coerce.number().int().min(0).max(65_535).default(8_080),
    },
    host: {
      flags: '--host <address>',
      description: 'address to listen at (default 127.0.0.1; 0.0.0.0 or ::: every interface)',
      schema: z
        .string()
        .refine((text) => isIP(text) !== 0 || text === 'localhost', 'expected an IP address, or localhost')
        .default('127.0.0.1'),
    },
    allowHost: {
      flags: '--allow-host <names>',
      description: 'names, separated by commas and without ports, by which a proxy in front is asked',
      schema: z
        .string()
        .transform((text) => text.split(',').map((name) => name.trim()))
        .refine((names) => names.every((name) => hostName.test(name)), 'expected names of hosts, as explorer.example.org, without ports')
        .optional()
        .transform((names) => names ?? []),
    },
    sync: { ...sync, description: 'serve at once, while the index is still on its way to the head of the chain' },
    rebuild,
    index,
  },
  examples: [
    'assay explorer serve',
    'assay explorer serve --port 0 --json',
    'assay explorer serve --host 0.0.0.0 --allow-host explorer.example.org --rpc https://node.example.org --deployment ./deployment.json',
  ],
  async run(context, { port, host, allowHost, ...input }) {
    const { explorerApp } = await import('../../explorer/http/explorerApp.ts');
    const { serveExplorer } = await import('../../explorer/http/serveExplorer.ts');
    const { logger, progress, cleanup } = context;
    const explorer = await openCommandExplorer(context, input);
    const app = explorerApp(explorer, { onError: (error) => logger.error({ err: error }, 'a request failed') });
    const served = await serveExplorer(app, { host, port, allowedHosts: allowHost });
    cleanup.add('the server', () => served.close());
    if (!isLoopback(served.host)) {
      progress.note(
        `${served.host} can be reached from other machines: what is served is public anyway, but put a proxy with TLS in front, and name it with --allow-host.`,
      );
    }
    const { url } = served;
    return { facts: { url, api: `${url}api/v1`, openapi: `${url}api/openapi.json`, host: served.host, port: served.port }, served };
  },
  data: ({ facts }) => facts,
  render: ({ facts: { url, openapi } }) =>
    `${columns([
      ['pages', url],
      ['API', openapi],
    ])}\n\nserving; Ctrl-C ends it`,
  hold: ({ cleanup }) => untilAborted(cleanup.signal),
});

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    // The server keeps the process alive meanwhile.
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
