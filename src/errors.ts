/** Exit codes of the command line, one meaning each. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  proofInvalid: 3,
  keysNeeded: 4,
  network: 5,
  artifactMismatch: 6,
} as const;

export type AssayErrorOptions = {
  /** What the reader should do next: one sentence. */
  hint?: string;
  /** Facts that help to find the cause; printed below the message. */
  details?: string;
  cause?: unknown;
  exitCode?: number;
};

/**
 * Every error that Assay throws on purpose.
 *
 * `code` is stable (`ROOM_WHAT_IS_WRONG`): programs match on it, never on the message.
 */
export class AssayError extends Error {
  override readonly name = 'AssayError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: string | undefined;
  readonly exitCode: number;

  constructor(code: string, message: string, options: AssayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
    this.exitCode = options.exitCode ?? exitCodes.failure;
  }
}

/** Returns the first error in the chain of causes that `matches`, or undefined. */
export function walkCauses(error: unknown, matches: (e: unknown) => boolean): unknown {
  let current: unknown = error;
  for (let depth = 0; depth < 16 && current !== undefined && current !== null; depth++) {
    if (matches(current)) return current;
    current = (current as { cause?: unknown }).cause;
  }
  return undefined;
}
