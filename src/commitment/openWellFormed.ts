import { AssayError } from '../errors.ts';
import { blockCount } from './blocks.ts';
import { wellFormedClaims } from './claims.ts';
import type { Kzg } from './kzg.ts';
import { type OpenCheckpointParameters, type OpenedCheckpoint, openClaims } from './opening.ts';

export type OpenWellFormedParameters = OpenCheckpointParameters &
  OpenedCheckpoint & {
    /** Number of the segment, from 0; the statement's word 3. */
    readonly segment: number;
    /** Blocks of a segment. */
    readonly blocksPerProof: number;
  };

/**
 * Makes the opening of a well-formed proof: that the committed blocks of one segment and the mask have the values whose combination is E.
 *
 * @returns the opening's bytes (docs/reference/encodings.md, Openings of inference and well-formed)
 * @throws OPENING_SEGMENT_RANGE for a segment that the checkpoint has not or the statement does not name; those of `openClaims`
 */
export async function openWellFormed(kzg: Kzg, parameters: OpenWellFormedParameters): Promise<Uint8Array> {
  const { sizes, blockLog, segment, blocksPerProof } = parameters;
  const segments = Math.ceil(blockCount(sizes, blockLog) / blocksPerProof);
  const named = parameters.statement[3];
  if (named === undefined || Number(named) !== segment || !(segment >= 0 && segment < segments)) {
    throw new AssayError('OPENING_SEGMENT_RANGE', `segment ${segment} is not the statement's, or none of the checkpoint's ${segments}`);
  }
  return openClaims(kzg, {
    ...parameters,
    open: false,
    name: 'well-formed',
    checkpoints: [parameters],
    claimsAt: (a, b) => wellFormedClaims(sizes, blockLog, segment * blocksPerProof, blocksPerProof, a, b),
  });
}
