import { type BoundedMap, createBoundedMap } from './boundedMap.ts';

/** Keeps peers that misbehave away. */
export type PeerStanding = {
  /** Adds to what `peer` owes; at `denyAt` it is denied. */
  strike(peer: string, points: number): void;
  /** Denies `peer` now. */
  deny(peer: string): void;
  isDenied(peer: string): boolean;
  denied(): string[];
};

export type PeerStandingOptions = {
  /** Points at which a peer is denied. */
  denyAt: number;
  /** Points halve in this time. */
  halfLifeMs: number;
  denyForMs: number;
  onDeny: (peer: string) => void;
  now?: () => number;
};

/** Most peers remembered; the oldest are forgotten first. */
const maxPeers = 8192;

/** Strikes that decay, and a deny list that ends by itself. In memory only: a restart forgives. */
export function createPeerStanding({
  denyAt,
  halfLifeMs,
  denyForMs,
  onDeny,
  now = () => performance.now(),
}: PeerStandingOptions): PeerStanding {
  const strikes = createBoundedMap<{ points: number; at: number }>(maxPeers, 16 * halfLifeMs, now);
  const deniedPeers: BoundedMap<true> = createBoundedMap<true>(maxPeers, denyForMs, now);

  function deny(peer: string): void {
    if (deniedPeers.get(peer)) return;
    deniedPeers.set(peer, true);
    strikes.delete(peer);
    onDeny(peer);
  }

  return {
    strike(peer, points) {
      const time = now();
      const before = strikes.get(peer) ?? { points: 0, at: time };
      const total = before.points * 0.5 ** ((time - before.at) / halfLifeMs) + points;
      if (total >= denyAt) deny(peer);
      else strikes.set(peer, { points: total, at: time });
    },
    deny,
    isDenied: (peer) => deniedPeers.get(peer) === true,
    denied: () => deniedPeers.keys(),
  };
}
