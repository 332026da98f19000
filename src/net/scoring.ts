import type { PeerScoreParams, PeerScoreThresholds, TopicScoreParams } from '@libp2p/gossipsub/score';

/** Score below which a peer's messages are not processed; the node then denies it. */
export const graylistScore = -400;

const topic: TopicScoreParams = {
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1000,
  timeInMeshCap: 300,
  firstMessageDeliveriesWeight: 1,
  firstMessageDeliveriesDecay: 0.98,
  firstMessageDeliveriesCap: 20,
  // Off: these topics are quiet for minutes, which the mesh delivery penalty would take for misbehaviour.
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.9,
  meshMessageDeliveriesCap: 10,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.9,
  // Squared: seven invalid messages within a few minutes outweigh everything that a peer can earn. Halves in about two minutes.
  invalidMessageDeliveriesWeight: -10,
  invalidMessageDeliveriesDecay: 0.994,
};

/** Score parameters under which invalid messages cost, and earned score is small beside them. */
export function scoreParams(topics: readonly string[]): Partial<PeerScoreParams> {
  return {
    topics: Object.fromEntries(topics.map((name) => [name, { ...topic }])),
    topicScoreCap: 30,
    IPColocationFactorWeight: -5,
    IPColocationFactorThreshold: 16,
    // Nodes of a devnet share the loopback address.
    IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']),
    behaviourPenaltyWeight: -10,
    behaviourPenaltyThreshold: 6,
    behaviourPenaltyDecay: 0.99,
    decayInterval: 1000,
    decayToZero: 0.01,
    retainScore: 3_600_000,
  };
}

export const scoreThresholds: PeerScoreThresholds = {
  gossipThreshold: -100,
  publishThreshold: -200,
  graylistThreshold: graylistScore,
  acceptPXThreshold: 1000,
  opportunisticGraftThreshold: 5,
};
