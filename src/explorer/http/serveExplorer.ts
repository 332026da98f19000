import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { ExplorerApp } from './explorerApp.ts';
import { isOwnHost } from './isOwnHost.ts';
import { secureHeaders } from './secureHeaders.ts';

export type ServeExplorerParameters = {
  /** Address to listen at. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0: any that is free. */
  readonly port: number;
  /** Names by which a proxy in front is asked, without port. */
  readonly allowedHosts?: readonly string[] | undefined;
};

export type ServedExplorer = {
  /** With a slash at its end. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Ends what is under way within two seconds. */
  close(): Promise<void>;
};

/** Everything that a request may be; more is refused before it is read. */
const limits = { connections: 512, headerBytes: 16_384, headersMs: 10_000, requestMs: 15_000, keepAliveMs: 10_000 } as const;
const graceMs = 2_000;

/**
 * Serves the explorer over HTTP, to those only that ask for it by its own address.
 *
 * @throws what listening throws: EADDRINUSE, EADDRNOTAVAIL, EACCES
 */
export async function serveExplorer(
  app: ExplorerApp,
  { host = '127.0.0.1', port, allowedHosts = [] }: ServeExplorerParameters,
): Promise<ServedExplorer> {
  const answer = getRequestListener((request) => app.fetch(request), { overrideGlobalObjects: false });
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
    },
    (request, response) => {
      const refusal = refuse(request, allowedHosts);
      if (refusal === undefined) void answer(request, response);
      else sendRefusal(response, refusal);
    },
  );
  server.maxConnections = limits.connections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${bound}/`,
    host: address,
    port: bound,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      app.close();
      // Connections become idle as their answers end.
      const idle = setInterval(() => server.closeIdleConnections(), 25);
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(idle);
      clearTimeout(cut);
    },
  };
}

type Refusal = { readonly status: number; readonly code: string; readonly message: string };

function refuse(request: IncomingMessage, allowedHosts: readonly string[]): Refusal | undefined {
  const { headers, method, socket } = request;
  if (!isOwnHost(headers.host, socket, allowedHosts))
    return { status: 421, code: 'EXPLORER_FOREIGN_HOST', message: 'this server is not called that; a proxy needs --allow-host' };
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
    return { status: 405, code: 'EXPLORER_METHOD', message: 'GET, HEAD or POST' };
  // Nothing here takes a body.
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
    return { status: 413, code: 'EXPLORER_TOO_LARGE', message: 'a request has no body' };
  return undefined;
}

function sendRefusal(response: ServerResponse, { status, code, message }: Refusal): void {
  response.writeHead(status, { ...secureHeaders, 'content-type': 'application/json', 'cache-control': 'no-store', connection: 'close' });
  response.end(JSON.stringify({ code, message, hint: null }));
}
