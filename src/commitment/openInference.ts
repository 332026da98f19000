import { inferenceClaims } from './claims.ts';
import type { Kzg } from './kzg.ts';
import { type OpenCheckpointParameters, type OpenedCheckpoint, openClaims } from './opening.ts';

export type OpenInferenceParameters = OpenCheckpointParameters & OpenedCheckpoint;

/**
 * Makes the opening of an inference proof, or of an audit's: that the committed model and mask have the sketches whose combination is E.
 *
 * @returns the opening's bytes (docs/reference/encodings.md, Openings of inference and well-formed)
 * @throws those of `openClaims`
 */
export function openInference(
  kzg: Kzg,
  parameters: OpenInferenceParameters,
  name: 'inference' | 'audit' = 'inference',
): Promise<Uint8Array> {
  return openClaims(kzg, {
    ...parameters,
    open: false,
    name,
    checkpoints: [parameters],
    claimsAt: (a, b) => inferenceClaims(parameters.sizes, parameters.blockLog, a, b),
  });
}
