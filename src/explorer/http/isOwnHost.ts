/** Where a connection came in, as Node's sockets say it. */
export type LocalEnd = { readonly localAddress?: string | undefined; readonly localPort?: number | undefined };

/**
 * Says whether a request names the server that it has reached. A page of some other site whose name has been pointed at this machine (DNS rebinding)
 * names itself, so it reads nothing here.
 *
 * @param host the Host header
 * @param local where the connection came in
 * @param allowed further names, as a proxy in front passes them on, with any port
 */
export function isOwnHost(host: string | undefined, local: LocalEnd, allowed: readonly string[]): boolean {
  const [, name, port] = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(host ?? '') ?? [];
  if (name === undefined) return false;
  const asked = name.toLowerCase();
  if (allowed.some((other) => other.toLowerCase() === asked)) return true;
  if (local.localAddress === undefined || Number(port ?? 80) !== local.localPort) return false;
  // An IPv4 connection to a socket that takes both kinds.
  const address = local.localAddress.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
  if (asked === 'localhost') return address === '::1' || address.startsWith('127.');
  return asked === (address.includes(':') ? `[${address}]` : address);
}
