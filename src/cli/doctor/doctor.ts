import pc from 'picocolors';
import { exitCodes } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { type Check, type CheckStatus, probes } from './checks.ts';

const marks: Record<CheckStatus, string> = { ok: pc.green('ok  '), warn: pc.yellow('warn'), fail: pc.red('fail') };

type Diagnosis = { readonly healthy: boolean; readonly checks: readonly Check[] };

export const doctor = defineCommand<object, Diagnosis>({
  name: 'doctor',
  summary: 'look whether this machine can do the work',
  description:
    'Looks at Node, the platform, memory, disk, the native tools, data and caches. Exit code 1 if anything is broken; warnings do not count.',
  examples: ['assay doctor', 'assay doctor --json'],
  async run(context) {
    const checks: Check[] = [];
    for (const { name, look } of probes) {
      try {
        checks.push({ name, ...(await look(context)) });
      } catch (error) {
        checks.push({ name, status: 'fail', detail: (error as Error).message, hint: 'This check itself failed.' });
      }
    }
    return { healthy: checks.every(({ status }) => status !== 'fail'), checks };
  },
  render({ checks }) {
    return checks
      .map(
        ({ name, status, detail, hint }) =>
          `${marks[status]} ${name.padEnd(9)} ${detail}${hint === undefined ? '' : `\n     ${' '.repeat(9)} ${pc.dim(hint)}`}`,
      )
      .join('\n');
  },
  exitCode: ({ healthy }) => (healthy ? exitCodes.ok : exitCodes.failure),
});
