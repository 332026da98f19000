import pino from 'pino';
import type { Settings } from './settings.ts';

/** Names whose values never reach a log, at the top and one level down. */
const secretNames = ['password', 'privateKey', 'secret', 'mnemonic', 'seed', 'blinder', 'sigma', 'authorization'];

/** JSON lines on stderr, secrets replaced. */
export function createLogger(
  level: Settings['logLevel'],
  destination: pino.DestinationStream = pino.destination({ dest: 2, sync: true }),
): pino.Logger {
  const paths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level, base: null, redact: { paths, censor: '[redacted]' }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
