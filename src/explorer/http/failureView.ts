import { z } from 'zod';
import { AssayError, exitCodes, walkCauses } from '../../errors.ts';

/** What the API answers where it has nothing else to answer. */
export const failureView = z.object({
  /** Stable: EXPLORER_NOT_FOUND. */
  code: z.string(),
  message: z.string(),
  /** What to do next. */
  hint: z.string().nullable(),
});
export type FailureView = z.infer<typeof failureView>;

const failureStatuses = [400, 404, 405, 413, 414, 429, 500, 502, 503] as const;
export type FailureStatus = (typeof failureStatuses)[number];

/** An error as the API tells it. What was not foreseen is told by a code alone: messages of strange errors may hold anything. */
export function failureOf(error: unknown): { readonly status: FailureStatus; readonly failure: FailureView; readonly unforeseen: boolean } {
  const known = walkCauses(error, (e) => e instanceof AssayError) as AssayError | undefined;
  if (known === undefined) {
    const failure = { code: 'EXPLORER_FAILED', message: 'the explorer could not answer', hint: 'Its log says why.' };
    return { status: 500, failure, unforeseen: true };
  }
  return {
    status: statusOf(known),
    failure: { code: known.code, message: known.message, hint: known.hint ?? null },
    unforeseen: false,
  };
}

function statusOf({ code, exitCode }: AssayError): FailureStatus {
  if (code in statuses) return statuses[code] as FailureStatus;
  if (exitCode === exitCodes.usage) return 400;
  return exitCode === exitCodes.network ? 502 : 500;
}

const statuses: Readonly<Record<string, FailureStatus>> = {
  EXPLORER_NOT_FOUND: 404,
  EXPLORER_NO_PAGE: 404,
  EXPLORER_METHOD: 405,
  EXPLORER_TOO_LARGE: 413,
  EXPLORER_ADDRESS_LONG: 414,
  EXPLORER_BUSY: 429,
  EXPLORER_NOT_INDEXED: 503,
  EXPLORER_CLOSED: 503,
};
