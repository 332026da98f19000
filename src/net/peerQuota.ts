/** Token buckets, one a peer. */
export type PeerQuota = {
  /** Takes one token from `peer`'s bucket; false where it is empty. */
  take(peer: string): boolean;
};

/** More peers than this are not remembered: the bucket that was used longest ago goes first. */
const maxPeers = 4096;

/**
 * Buckets that hold `burst` tokens and refill at `perSecond`.
 *
 * @param now milliseconds on any steady clock
 */
export function createPeerQuota(burst: number, perSecond: number, now: () => number = () => performance.now()): PeerQuota {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(peer) {
      const time = now();
      const bucket = buckets.get(peer) ?? { tokens: burst, at: time };
      bucket.tokens = Math.min(burst, bucket.tokens + ((time - bucket.at) * perSecond) / 1000);
      bucket.at = time;
      // Re-inserting keeps the map in order of last use.
      buckets.delete(peer);
      buckets.set(peer, bucket);
      if (buckets.size > maxPeers) buckets.delete(buckets.keys().next().value as string);
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
}
