import { z } from 'zod';
import { addressSchema, bytesSchema, chainIdSchema, circuitSchema, headOf, noirToolsSchema, tailOf, wordSchema } from '../parts.ts';

const number = z.int().min(0);

/** A worker's part of a window: the lease that its context is of, what it found, its proof. */
const contribution = z.strictObject({
  operator: addressSchema,
  leaseNonce: number,
  registrationNonce: number,
  childId: wordSchema,
  maskId: wordSchema,
  lossSum: wordSchema,
  proof: bytesSchema,
  opening: bytesSchema,
});

/** Two checkpoints are parent and child through proved windows, one after another. */
export const lineageCertificateSchema = z.strictObject({
  ...headOf('lineage'),
  parentId: wordSchema,
  childId: wordSchema,
  chainId: chainIdSchema,
  jobManager: addressSchema,
  /** The jobs that lead from parent to child, in order: each starts from the checkpoint that the one before ended in. */
  jobs: z
    .array(
      z.strictObject({
        jobId: number,
        circuit: circuitSchema,
        /** Whether the job's weights are open: an opening is of one or the other. */
        open: z.boolean(),
        datasetRoot: wordSchema,
        batchSeed: wordSchema,
        /** Number of the first window that is shown. */
        firstWindow: number,
        /** For each window its contributions, in order; several are merged into the checkpoint that the next window starts from. */
        windows: z.array(z.array(contribution).min(1).max(256)).min(1).max(65_536),
      }),
    )
    .min(1)
    .max(256),
  ...tailOf('lineage', noirToolsSchema),
});
export type LineageCertificate = z.infer<typeof lineageCertificateSchema>;
