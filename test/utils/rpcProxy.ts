import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Hex, parseTransaction } from 'viem';

/** What a raw transaction calls, by its first four bytes. */
export function selectorOf(raw: Hex): Hex | undefined {
  return parseTransaction(raw).data?.slice(0, 10) as Hex | undefined;
}

export type RpcProxy = {
  readonly url: string;
  /** Called with each request before it is forwarded, and again when it has been answered, before the answer goes back. */
  hook:
    | ((call: { readonly method: string; readonly params: readonly unknown[] }, when: 'before' | 'after') => 'go on' | 'hang up')
    | undefined;
  close(): Promise<void>;
};

/** A JSON-RPC endpoint in front of another, which a test can watch and cut. */
export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const proxy = { url: '', hook: undefined as RpcProxy['hook'] };
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const call = JSON.parse(body) as { method: string; params: unknown[] };
    const cut = (): void => {
      request.socket.destroy();
    };
    try {
      if (proxy.hook?.(call, 'before') === 'hang up') return cut();
      const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const text = await answer.text();
      if (proxy.hook?.(call, 'after') === 'hang up') return cut();
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    } catch {
      cut();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(proxy, {
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
