import { describe, expect, test } from 'vitest';
import { describeFailure, failureObject, renderFailure } from '../../src/cli/framework/failure.ts';
import { createLogger } from '../../src/cli/framework/logger.ts';
import { toJson } from '../../src/cli/framework/output.ts';
import { createProgress } from '../../src/cli/framework/progress.ts';
import { AssayError } from '../../src/errors.ts';

const systemError = (code: string) => Object.assign(new Error(`${code}: something`), { code });

describe('describeFailure', () => {
  test('an error of the project speaks for itself, also as a cause', () => {
    const error = new AssayError('ROOM_BROKEN', 'it broke', { hint: 'mend it', details: 'in two', exitCode: 6 });
    const expected = { code: 'ROOM_BROKEN', message: 'it broke', hint: 'mend it', details: 'in two', exitCode: 6 };
    expect(describeFailure(error)).toEqual(expected);
    expect(describeFailure(new Error('outer', { cause: error }))).toEqual(expected);
  });

  test.each([
    ['ECONNREFUSED', 'CLI_NETWORK', 5],
    ['ENOTFOUND', 'CLI_NETWORK', 5],
    ['EADDRINUSE', 'CLI_PORT_TAKEN', 1],
    ['ENOSPC', 'CLI_FILE_SYSTEM', 1],
    ['EACCES', 'CLI_FILE_SYSTEM', 1],
  ])('%s becomes %s', (code, stable, exitCode) => {
    const failure = describeFailure(new Error('outer', { cause: systemError(code) }));
    expect(failure).toMatchObject({ code: stable, exitCode, hint: expect.any(String) });
    expect(failure.stack).toBeUndefined();
  });

  test('anything else is a bug, its stack shown only when asked for', () => {
    const failure = describeFailure(new TypeError('x is undefined'));
    expect(failure).toMatchObject({ code: 'CLI_BUG', exitCode: 1, hint: expect.stringContaining('bug') });
    expect(renderFailure(failure, false)).not.toContain('failure.test.ts');
    expect(renderFailure(failure, true)).toContain('failure.test.ts');
    expect(JSON.stringify(failureObject(failure, false))).not.toContain('failure.test.ts');
    expect(JSON.stringify(failureObject(failure, true))).toContain('failure.test.ts');
  });
});

test('JSON output keeps big numbers and bytes whole', () => {
  expect(toJson({ amount: 2n ** 200n, bytes: Uint8Array.of(1, 255) })).toBe(`{"amount":"${2n ** 200n}","bytes":"0x01ff"}`);
});

test('no secret reaches the log', () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line: string) => void lines.push(line) });
  logger.info({ password: 'hunter2', account: { privateKey: 'hunter2', address: '0x1' }, a: { b: { mnemonic: 'hunter2' } } }, 'signed in');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('0x1');
  expect(lines[0]).toContain('[redacted]');
  expect(lines[0]).not.toContain('hunter2');
});

describe('progress', () => {
  const stream = (isTTY: boolean) => {
    const out = {
      text: '',
      isTTY,
      columns: 60,
      write(text: string): void {
        out.text += text;
      },
    };
    return out;
  };

  test('off a terminal: plain lines with the time, no control characters', async () => {
    const out = stream(false);
    expect(await createProgress(out).step('count', async () => 7)).toBe(7);
    expect(out.text).toMatch(/^- count\n\+ count \(\d+\.\d s\)\n$/);
  });

  test('a failed step says so and throws on', async () => {
    const out = stream(false);
    const failing = createProgress(out).step('count', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(out.text).toContain('! count failed');
  });

  test('on a terminal: a live line that is cleared at the end', async () => {
    const out = stream(true);
    await createProgress(out).step('count', async (update) => {
      update('3 of 8');
      await new Promise((done) => setTimeout(done, 250));
    });
    expect(out.text).toContain('count: 3 of 8');
    expect(out.text.endsWith('\n')).toBe(true);
    const last = out.text.split('\r').at(-1) as string;
    expect(last).toContain('count');
    expect(last).not.toContain('3 of 8');
  });
});
