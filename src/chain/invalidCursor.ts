import { AssayError, exitCodes } from '../errors.ts';

/** CHAIN_CURSOR_INVALID, for a text that is the cursor of no page. */
export function invalidCursor(cursor: string): AssayError {
  return new AssayError('CHAIN_CURSOR_INVALID', `not a cursor: ${cursor.slice(0, 40)}`, {
    hint: 'It is what the page before names as the next.',
    exitCode: exitCodes.usage,
  });
}
