import { z } from 'zod';
import { tokenAmount } from '../framework/amounts.ts';
import type { InputSpecs } from '../framework/command.ts';

/** Terms of a job's leases, in blocks, and what a lapse costs, in stake. */
export type LeaseInput = {
  readonly lapsePenalty: bigint;
  readonly leaseBlocks: number;
  readonly freeReleaseBlocks: number;
  readonly evidenceBlocks: number;
};

const blocks = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** What every command takes that opens a job. */
export const leaseOptions: InputSpecs<LeaseInput> = {
  lapsePenalty: {
    flags: '--lapse-penalty <amount>',
    description: 'stake burned when a lease lapses (default 0.1)',
    schema: tokenAmount.default(10n ** 17n),
  },
  leaseBlocks: { flags: '--lease-blocks <count>', description: 'length of a lease (default 200)', schema: blocks.default(200) },
  freeReleaseBlocks: {
    flags: '--free-release-blocks <count>',
    description: 'how long a lease may be given back free of charge (default 5)',
    schema: blocks.default(5),
  },
  evidenceBlocks: {
    flags: '--evidence-blocks <count>',
    description: 'how long after a lease a false announcement can be slashed (default 200)',
    schema: blocks.default(200),
  },
};
