import type { Hex } from './messages.ts';
import type { TopicName } from './metrics.ts';

/** Gossip topic of one kind of message about one JobManager on one chain; a change of the messages bumps the version in it. */
export function topicName(kind: TopicName, chainId: number, jobManager: Hex): string {
  return `/assay/1/${chainId}/${jobManager.toLowerCase()}/${kind}`;
}
