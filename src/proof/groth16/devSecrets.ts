import { createHash } from 'node:crypto';
import { keccak256, toHex } from 'viem';
import { R } from '../../commitment/field.ts';

// The dev ceremony's secrets are published strings: everybody can forge under it, on purpose. tau is that of the SRS (src/proof/ceremony.ts).
const fromString = (text: string): bigint => BigInt(keccak256(toHex(text))) % R;

export const devAlpha = fromString('assay dev ceremony v1: alpha');
export const devBeta = fromString('assay dev ceremony v1: beta');

/** Secret of the dev contribution to every phase 2, and the exponent of the point that it shows itself with. */
export const devContribution = {
  name: 'assay dev contribution',
  secret: fromString('assay dev ceremony v1: phase 2 contribution'),
  base: fromString('assay dev ceremony v1: phase 2 base'),
} as const;

/** The dev profile's beacon: 2^10 times sha256 of a published string's sha256. */
export const devBeacon = {
  name: 'assay dev beacon',
  hash: createHash('sha256').update('assay dev ceremony v1: beacon').digest(),
  iterationsExp: 10,
} as const;
