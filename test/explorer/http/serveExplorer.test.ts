import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explorerApp } from '../../../src/explorer/http/explorerApp.ts';
import { isOwnHost } from '../../../src/explorer/http/isOwnHost.ts';
import { type ServedExplorer, serveExplorer } from '../../../src/explorer/http/serveExplorer.ts';
import { fakeExplorer } from '../../utils/fakeExplorer.ts';

const loopback = { localAddress: '127.0.0.1', localPort: 8080 };

describe('row 32: a foreign Host header', () => {
  it.each([
    ['127.0.0.1:8080', loopback],
    ['localhost:8080', loopback],
    ['LocalHost:8080', loopback],
    ['127.0.0.1:8080', { localAddress: '::ffff:127.0.0.1', localPort: 8080 }],
    ['[::1]:8080', { localAddress: '::1', localPort: 8080 }],
    ['localhost:8080', { localAddress: '::1', localPort: 8080 }],
    ['192.168.1.7:8080', { localAddress: '192.168.1.7', localPort: 8080 }],
    ['127.0.0.1', { localAddress: '127.0.0.1', localPort: 80 }],
    ['explorer.example.org', loopback],
    ['Explorer.Example.org:443', loopback],
  ])('%s is our own', (host, local) => {
    expect(isOwnHost(host, local, ['explorer.example.org'])).toBe(true);
  });

  it.each([
    [undefined, loopback],
    ['', loopback],
    ['evil.example:8080', loopback],
    ['127.0.0.1:8081', loopback],
    ['127.0.0.1', loopback],
    ['127.0.0.2:8080', loopback],
    ['localhost:8080', { localAddress: '192.168.1.7', localPort: 8080 }],
    ['localhost.evil.example:8080', loopback],
    ['evil.example@127.0.0.1:8080', loopback],
    ['127.0.0.1:8080.evil.example', loopback],
    ['127.0.0.1:8080, evil.example', loopback],
    ['explorer.example.org.evil.example', loopback],
    ['xexplorer.example.org', loopback],
    ['[::1]:8080', loopback],
    ['0x7f000001:8080', loopback],
    ['2130706433:8080', loopback],
    ['localhost:8080', {}],
  ])('%s is not', (host, local) => {
    expect(isOwnHost(host, local, ['explorer.example.org'])).toBe(false);
  });
});

describe('the server', () => {
  let served: ServedExplorer;
  beforeAll(async () => {
    served = await serveExplorer(explorerApp(fakeExplorer()), { port: 0, allowedHosts: ['explorer.example.org'] });
  });
  afterAll(() => served.close());

  const ask = (headers: Record<string, string>, method = 'GET', body = '', path = '/api/v1/status') =>
    new Promise<{ status: number; text: string; headers: Record<string, unknown> }>((done, fail) => {
      const asked = request({ host: '127.0.0.1', port: served.port, path, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => done({ status: response.statusCode ?? 0, text, headers: response.headers }));
      });
      asked.on('error', fail);
      asked.end(body);
    });

  it('listens on the loopback interface', () => {
    expect(served.host).toBe('127.0.0.1');
    expect(served.url).toBe(`http://127.0.0.1:${served.port}/`);
  });

  it('answers to its own names, and to none other', async () => {
    for (const host of [`127.0.0.1:${served.port}`, `localhost:${served.port}`, 'explorer.example.org']) {
      expect((await ask({ host })).status).toBe(200);
    }
    for (const host of ['evil.example', `evil.example:${served.port}`, '127.0.0.1:1']) {
      const { status, text, headers } = await ask({ host });
      expect(status).toBe(421);
      expect(JSON.parse(text)).toMatchObject({ code: 'EXPLORER_FOREIGN_HOST' });
      expect(text).not.toContain('chainId');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    }
  });

  it('takes no body, no other method and no endless head', async () => {
    const host = `127.0.0.1:${served.port}`;
    expect((await ask({ host }, 'POST', '', '/api/v1/metrics/recompute')).status).toBe(200);
    expect((await ask({ host }, 'POST', 'x'.repeat(10), '/api/v1/metrics/recompute')).status).toBe(413);
    expect((await ask({ host, 'transfer-encoding': 'chunked' }, 'POST', 'x', '/api/v1/metrics/recompute')).status).toBe(413);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) expect((await ask({ host }, method)).status).toBe(405);
    expect((await ask({ host, 'x-long': 'x'.repeat(20_000) })).status).toBe(431);
    expect((await ask({ host }, 'HEAD', '', '/job/3')).text).toBe('');
  });

  it('lives through nonsense', async () => {
    for (const bytes of [
      '\0\0\0\0\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      `GET ${'/'.repeat(9_000)} HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\n\r\n`,
    ]) {
      await new Promise<void>((done) => {
        const socket = connect(served.port, '127.0.0.1', () => socket.end(bytes, 'latin1'));
        socket.on('close', () => done());
        socket.on('error', () => done());
        socket.resume();
      });
    }
    expect((await ask({ host: `127.0.0.1:${served.port}` })).status).toBe(200);
  });

  it('ends although somebody follows its events', async () => {
    const other = await serveExplorer(explorerApp(fakeExplorer()), { port: 0 });
    const response = await fetch(`${other.url}api/v1/events/stream`);
    expect(response.status).toBe(200);
    await other.close();
    await response.text().catch(() => undefined);
    await expect(fetch(other.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});
