import type { Readable, Writable } from 'node:stream';
import { AssayError, exitCodes } from '../errors.ts';
import { readPrivateFile } from './privateFile.ts';

/** A terminal to ask on: standard input, where it is one. */
export type PasswordInput = Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };

export type ReadPasswordParameters = {
  /** A file that only its owner can read; its first line is the password. Without it the terminal is asked. */
  file?: string | undefined;
  /** What to ask, as `Password of key "worker": `. */
  question: string;
  /** Ask twice, for a password that is set. */
  confirm?: boolean;
  input?: PasswordInput;
  output?: Writable;
};

/** Reads one line from a terminal without showing it. */
async function ask(question: string, input: PasswordInput, output: Writable): Promise<string> {
  output.write(question);
  input.setRawMode?.(true);
  input.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      const typed: string[] = [];
      const decoder = new TextDecoder();
      function finish(settle: () => void): void {
        input.off('data', onData);
        input.off('end', onEnd);
        settle();
      }
      const cancel = () =>
        finish(() => reject(new AssayError('KEY_CANCELLED', 'No password was entered', { exitCode: exitCodes.keysNeeded })));
      function onEnd(): void {
        cancel();
      }
      function onData(data: Buffer): void {
        for (const character of decoder.decode(data, { stream: true })) {
          if (character === '\r' || character === '\n') {
            finish(() => resolve(typed.join('')));
            return;
          }
          // Ctrl-C and Ctrl-D.
          if (character === '\u0003' || character === '\u0004') {
            cancel();
            return;
          }
          if (character === '\u007f' || character === '\b') typed.pop();
          else if (character >= ' ') typed.push(character);
        }
      }
      input.on('data', onData);
      input.on('end', onEnd);
    });
  } finally {
    input.setRawMode?.(false);
    input.pause();
    output.write('\n');
  }
}

/**
 * A password from a file with mode 0600 or from the terminal; never from arguments or the environment.
 *
 * @throws KEY_NO_TERMINAL, KEY_CANCELLED, KEY_PASSWORD_DIFFERS, KEY_MISSING, KEY_PERMISSIONS, KEY_READ, all with exit code 4
 */
export async function readPassword(parameters: ReadPasswordParameters): Promise<string> {
  const { file, question, confirm = false, input = process.stdin, output = process.stderr } = parameters;
  if (file !== undefined) return ((await readPrivateFile(file)).split(/\r?\n/, 1) as [string])[0];
  if (!input.isTTY) {
    throw new AssayError('KEY_NO_TERMINAL', 'There is no terminal to ask for a password', {
      hint: 'Name a file with mode 0600 that holds it.',
      exitCode: exitCodes.keysNeeded,
    });
  }
  const password = await ask(question, input, output);
  if (confirm && (await ask('Once more: ', input, output)) !== password) {
    throw new AssayError('KEY_PASSWORD_DIFFERS', 'The two passwords differ', { exitCode: exitCodes.keysNeeded });
  }
  return password;
}
