import pc from 'picocolors';
import { AssayError, exitCodes, walkCauses } from '../../errors.ts';

export type Failure = {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details?: string;
  readonly exitCode: number;
  /** Only where the program itself is at fault. */
  readonly stack?: string;
};

const networkCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];
const networkNames = ['HttpRequestError', 'WebSocketRequestError', 'SocketClosedError', 'TimeoutError'];

/** What is said about an error: a known one in its own words, one from the system in plain ones, anything else as a bug. */
export function describeFailure(error: unknown): Failure {
  const known = walkCauses(error, (e) => e instanceof AssayError) as AssayError | undefined;
  if (known !== undefined) {
    return {
      code: known.code,
      message: known.message,
      ...(known.hint === undefined ? {} : { hint: known.hint }),
      ...(known.details === undefined ? {} : { details: known.details }),
      exitCode: known.exitCode,
    };
  }
  const system = walkCauses(error, (e) => typeof (e as { code?: unknown }).code === 'string') as NodeJS.ErrnoException | undefined;
  const code = system?.code ?? '';
  const network = walkCauses(error, (e) => networkNames.includes((e as Error).name));
  if (network !== undefined || networkCodes.includes(code)) {
    const details = (network as { shortMessage?: string } | undefined)?.shortMessage ?? system?.message;
    return {
      code: 'CLI_NETWORK',
      message: 'the other side does not answer',
      ...(details === undefined ? {} : { details }),
      hint: 'Check the address (--rpc) and that the node runs.',
      exitCode: exitCodes.network,
    };
  }
  if (code === 'EADDRINUSE') {
    return { code: 'CLI_PORT_TAKEN', message: system?.message ?? 'port taken', hint: 'Choose another port.', exitCode: exitCodes.failure };
  }
  if (['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'].includes(code)) {
    return {
      code: 'CLI_FILE_SYSTEM',
      message: system?.message ?? code,
      hint: code === 'ENOSPC' || code === 'EDQUOT' ? 'Make room on the disk.' : 'Check who owns the folder (--home).',
      exitCode: exitCodes.failure,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    code: 'CLI_BUG',
    message,
    hint: 'This is a bug in assay: please report it, with the output of the same command with --debug.',
    exitCode: exitCodes.failure,
    ...(stack === undefined ? {} : { stack }),
  };
}

/** The failure in lines for people. */
export function renderFailure(failure: Failure, debug: boolean): string {
  const lines = [`${pc.red('error')} ${failure.code}: ${failure.message}`];
  if (failure.details !== undefined) lines.push(...failure.details.split('\n').map((line) => `  ${line}`));
  if (failure.hint !== undefined) lines.push(`  ${pc.dim('hint:')} ${failure.hint}`);
  if (debug && failure.stack !== undefined) lines.push(failure.stack);
  return lines.join('\n');
}

/** The failure as the one JSON object of `--json`. */
export function failureObject(failure: Failure, debug: boolean): object {
  const { code, message, hint, details, stack } = failure;
  return { error: { code, message, hint, details, ...(debug ? { stack } : {}) } };
}
