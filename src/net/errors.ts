import { AssayError, type AssayErrorOptions } from '../errors.ts';

/** What gossip does with a message that is not accepted: REJECT costs the sender score, IGNORE does not. */
export type GossipAction = 'IGNORE' | 'REJECT';

/**
 * Thrown by validation of a gossip message; one wrapper turns it into gossipsub's verdict and a metric.
 *
 * REJECT only what an honest node can never send or forward; what depends on the time, on the chain's head or on a quota is an IGNORE.
 */
export class GossipActionError extends AssayError {
  readonly action: GossipAction;

  constructor(action: GossipAction, code: string, message: string, options: AssayErrorOptions = {}) {
    super(code, message, options);
    this.action = action;
  }
}
