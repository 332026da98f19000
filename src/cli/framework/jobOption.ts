import { z } from 'zod';

/** The number of a job. */
export const jobNumber = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, 'expected the number of a job')
  .transform(BigInt);
