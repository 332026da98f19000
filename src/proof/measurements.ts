import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AssayError } from '../errors.ts';
import { packagePath } from './packagePath.ts';

const rowSchema = z.object({
  circuit: z.string(),
  /** Gates of a Noir circuit, constraints of a circom one. */
  size: z.number(),
  logSize: z.number(),
  buildSeconds: z.number(),
  buildMemory: z.number(),
  witnessSeconds: z.number(),
  proveSeconds: z.number(),
  openSeconds: z.number(),
  verifySeconds: z.number(),
  memory: z.number(),
  proofBytes: z.number(),
  openingBytes: z.number(),
  transactionGas: z.number(),
});
const fileSchema = z.object({ bench: z.literal('prove'), cores: z.number(), rows: z.array(rowSchema) });

/** What one proof of a circuit took: seconds of wall clock, memory in MB. */
export type Measurement = z.infer<typeof rowSchema> & { readonly cores: number };

/** The file that measurements come from, relative to the package: the output of `npm run -s bench -- prove --json`. */
export const measurementsFile = 'circuits/measurements.json';

/** What was measured of a circuit; undefined where nothing was. @throws CIRCUIT_MEASUREMENTS_INVALID */
export async function readMeasurement(circuit: string): Promise<Measurement | undefined> {
  const parsed = fileSchema.safeParse(JSON.parse(await readFile(packagePath(measurementsFile), 'utf8')));
  if (!parsed.success) {
    throw new AssayError('CIRCUIT_MEASUREMENTS_INVALID', `${measurementsFile} is invalid`, { details: z.prettifyError(parsed.error) });
  }
  const { cores, rows } = parsed.data;
  const row = rows.find((r) => r.circuit === circuit);
  return row === undefined ? undefined : { ...row, cores };
}
