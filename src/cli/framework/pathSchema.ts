import { resolve } from 'node:path';
import { z } from 'zod';

/** A path of a file or folder, made absolute. */
export const pathSchema = z
  .string()
  .min(1)
  .transform((text) => resolve(text));
