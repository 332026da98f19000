import { createHash } from 'node:crypto';
import { type Message, TopicValidatorResult } from '@libp2p/gossipsub';
import type { PeerId } from '@libp2p/interface';
import { AssayError } from '../errors.ts';
import { createBoundedMap } from './boundedMap.ts';
import { GossipActionError } from './errors.ts';
import type { NetLog } from './log.ts';
import { maxMessageBytes } from './messages.ts';
import { countCode, type TopicCounts } from './metrics.ts';
import type { PeerQuota } from './peerQuota.ts';
import type { PeerStanding } from './peerStanding.ts';

/** Where a message came from. */
export type MessageSource = {
  /** Peer id of the node that published it (its libp2p signature has been checked). */
  publisher: string;
  /** Peer id of the neighbour that handed it on. */
  neighbour: string;
  /** The message as received. */
  bytes: Uint8Array;
};

/** Checks what a message alone cannot show: throws GossipActionError to IGNORE or REJECT it. */
export type MessagePolicy<T> = (message: T, source: MessageSource) => Promise<void>;

export type TopicValidatorOptions<T> = {
  decode: (data: Uint8Array) => T;
  /** Cheap and pure: throws where the message belongs to another chain, contract or submission. */
  checkDomain: (message: T) => void;
  /** Messages with the same subject count together against `subjectCap`. */
  subject: (message: T) => string;
  subjectCap: number;
  policy: MessagePolicy<T>;
  accepted: (message: T, source: MessageSource) => void;
  quota: PeerQuota;
  standing: PeerStanding;
  counts: TopicCounts;
  log: NetLog;
};

/** What one REJECT, and one message over the quota, adds to a peer's strikes. */
const rejectStrike = 1;
const overQuotaStrike = 0.02;
const seenCapacity = 16_384;
const seenTtlMs = 600_000;

/**
 * Gossipsub's validator of one topic. In order of cost (microseconds, one core of a 2-core machine):
 *
 * | check | cost | refusal |
 * | --- | --- | --- |
 * | peer denied, size | under 1 | IGNORE, REJECT |
 * | decode | 20 | REJECT |
 * | domain, ids | 30 | REJECT |
 * | quota of the neighbour | under 1 | IGNORE |
 * | seen before | 1 | IGNORE, or again what it was refused with |
 * | messages on one subject | under 1 | IGNORE |
 * | policy: signature, chain state | 1,300 for the signature alone | as thrown |
 *
 * Whatever else is thrown is this node's own fault: IGNORE and a line in the log, never a penalty.
 */
export function createTopicValidator<T>(
  options: TopicValidatorOptions<T>,
): (peer: PeerId, message: Message) => Promise<TopicValidatorResult> {
  const { decode, checkDomain, subject, subjectCap, policy, accepted, quota, standing, counts, log } = options;
  const seen = createBoundedMap<'pending' | 'accepted' | { rejected: string }>(seenCapacity, seenTtlMs);
  const subjects = createBoundedMap<number>(seenCapacity, seenTtlMs);

  async function validate(neighbour: string, message: Message): Promise<void> {
    if (standing.isDenied(neighbour)) throw new GossipActionError('IGNORE', 'NET_PEER_DENIED', 'Message from a peer on the deny list');
    const bytes = message.data;
    // [REJECT] The message is at most maxMessageBytes long.
    if (bytes.length > maxMessageBytes) throw new GossipActionError('REJECT', 'NET_MESSAGE_TOO_LARGE', 'Message is too large');
    // [REJECT] The message is the canonical encoding of its kind, in a known version.
    let value: T;
    try {
      value = decode(bytes);
    } catch (cause) {
      if (!(cause instanceof AssayError)) throw cause;
      // A version not known may be a newer node's: no penalty.
      const action = cause.code === 'NET_MESSAGE_VERSION' ? 'IGNORE' : 'REJECT';
      throw new GossipActionError(action, cause.code, cause.message, { cause });
    }
    // [REJECT] It belongs to this topic's chain and contract, and its ids are derived from its fields.
    checkDomain(value);
    // [IGNORE] Its neighbour is within the quota.
    if (!quota.take(neighbour)) throw new GossipActionError('IGNORE', 'NET_OVER_QUOTA', 'Neighbour sends too much');
    // [IGNORE] It was not seen before, under whatever envelope.
    const key = createHash('sha256').update(bytes).digest('base64');
    const before = seen.get(key);
    if (before !== undefined) {
      if (typeof before === 'object') throw new GossipActionError('REJECT', before.rejected, 'Message was refused before');
      throw new GossipActionError('IGNORE', 'NET_MESSAGE_SEEN', 'Message was seen before');
    }
    // [IGNORE] There are not too many different messages on its subject.
    const about = subject(value);
    const count = subjects.get(about) ?? 0;
    if (count >= subjectCap) throw new GossipActionError('IGNORE', 'NET_SUBJECT_FULL', 'Too many messages on one subject');
    seen.set(key, 'pending');
    const source: MessageSource = { publisher: message.type === 'signed' ? message.from.toString() : neighbour, neighbour, bytes };
    try {
      // [IGNORE or REJECT] What the role demands: a valid signature of a registered key, a lease that the chain knows.
      await policy(value, source);
    } catch (error) {
      if (error instanceof GossipActionError && error.action === 'REJECT') seen.set(key, { rejected: error.code });
      // An ignored message may be good later, when this node's view of the chain has caught up.
      else seen.delete(key);
      throw error;
    }
    seen.set(key, 'accepted');
    // Counted only here, so that nobody but a signer that the policy accepts can fill up a subject.
    subjects.set(about, (subjects.get(about) ?? 0) + 1);
    accepted(value, source);
  }

  return async (peer, message) => {
    const neighbour = peer.toString();
    counts.bytes += message.data.length;
    try {
      await validate(neighbour, message);
      counts.accept++;
      return TopicValidatorResult.Accept;
    } catch (error) {
      if (!(error instanceof GossipActionError)) {
        countCode(counts.ignore, 'NET_UNEXPECTED');
        log.warn({ err: error, topic: message.topic, peer: neighbour }, 'unexpected error while a message was validated');
        return TopicValidatorResult.Ignore;
      }
      if (error.action === 'REJECT') {
        countCode(counts.reject, error.code);
        log.debug({ code: error.code, peer: neighbour }, 'message rejected');
        standing.strike(neighbour, rejectStrike);
        return TopicValidatorResult.Reject;
      }
      countCode(counts.ignore, error.code);
      if (error.code === 'NET_OVER_QUOTA') standing.strike(neighbour, overQuotaStrike);
      return TopicValidatorResult.Ignore;
    }
  };
}
