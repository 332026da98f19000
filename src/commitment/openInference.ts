import { inferenceClaims } from './claims.ts';
import type { Kzg } from './kzg.ts';
import { type OpenCheckpointParameters, type OpenedCheckpoint, openClaims } from './opening.ts';

export type OpenInferenceParameters = OpenCheckpointParameters & OpenedCheckpoint;

/**
 * Makes the opening of an inference proof: that the committed model and mask have the sketches whose combination is E.
 *
 * @returns the opening's bytes (docs/reference/encodings.md, Openings of inference and well-formed)
 * @throws those of `openClaims`
 */
export function openInference(kzg: Kzg, parameters: OpenInferenceParameters): Promise<Uint8Array> {
  return openClaims(kzg, {
    ...parameters,
    open: false,
    name: 'inference',
    checkpoints: [parameters],
    claimsAt: (a, b) => inferenceClaims(parameters.sizes, parameters.blockLog, a, b),
  });
}
