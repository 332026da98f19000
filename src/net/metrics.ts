/** Counters by stable code. */
export type CodeCounts = Record<string, number>;

export type TopicCounts = {
  accept: number;
  ignore: CodeCounts;
  reject: CodeCounts;
  /** Payload bytes of all messages that reached validation. */
  bytes: number;
  published: number;
  /** Handed to the role and done; failed there; dropped by the bounded queue. */
  handled: number;
  failed: number;
  dropped: number;
};

/** What a network node has counted since it started. */
export type NetMetricsSnapshot = {
  announcement: TopicCounts;
  attestation: TopicCounts;
  blobs: {
    served: number;
    servedBytes: number;
    /** Requests not served, by code. */
    refused: CodeCounts;
    fetched: number;
    fetchedBytes: number;
    /** Fetches from one peer that failed, by code. */
    failed: CodeCounts;
  };
  peers: { connected: number; denied: number; deniedEver: number };
};

export type TopicName = 'announcement' | 'attestation';

/** The live counters; only src/net writes them. */
export type NetMetrics = {
  topics: Record<TopicName, TopicCounts>;
  blobs: NetMetricsSnapshot['blobs'];
  deniedEver: number;
};

function topicCounts(): TopicCounts {
  return { accept: 0, ignore: {}, reject: {}, bytes: 0, published: 0, handled: 0, failed: 0, dropped: 0 };
}

/** Counters at zero. */
export function createNetMetrics(): NetMetrics {
  return {
    topics: { announcement: topicCounts(), attestation: topicCounts() },
    blobs: { served: 0, servedBytes: 0, refused: {}, fetched: 0, fetchedBytes: 0, failed: {} },
    deniedEver: 0,
  };
}

/** Adds one to `code`. Codes are the program's own and few, so the record stays small. */
export function countCode(counts: CodeCounts, code: string): void {
  counts[code] = (counts[code] ?? 0) + 1;
}

/** A copy that later counting does not change. */
export function snapshotNetMetrics(metrics: NetMetrics, peers: { connected: number; denied: number }): NetMetricsSnapshot {
  return structuredClone({
    announcement: metrics.topics.announcement,
    attestation: metrics.topics.attestation,
    blobs: metrics.blobs,
    peers: { ...peers, deniedEver: metrics.deniedEver },
  });
}
