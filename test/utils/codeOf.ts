import { AssayError } from '../../src/errors.ts';

/** Code of the AssayError that `action` ends with; undefined where it succeeds. Any other error is passed on. */
export async function codeOf(action: () => unknown): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
}
