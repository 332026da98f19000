import { AssayError, exitCodes } from '../../errors.ts';

/** A draw takes some chunks, and not all. @throws AUDIT_DRAW_INVALID (exit 2) */
export function assertDraws(draws: number | undefined, chunks: number): void {
  if (draws === undefined || draws < chunks) return;
  throw new AssayError('AUDIT_DRAW_INVALID', `${draws} of ${chunks} chunks is no draw`, {
    exitCode: exitCodes.usage,
    hint: 'Leave --draws out to take the whole set, or cut the set into smaller chunks (assay audit set --chunk).',
  });
}
