import type { Address, Hex } from 'viem';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import type { WindowArtifacts } from '../../proof/windowArtifacts.ts';
import { defineCommand } from '../framework/command.ts';
import { devNote } from '../framework/devNote.ts';
import { type StatementFacts, sayStatement } from './describeStatement.ts';

type Input = { readonly file: string | undefined; readonly submission: Hex | undefined };

type Verified = {
  readonly verified: boolean;
  readonly failures: readonly string[];
  readonly circuit: string;
  readonly ceremony: 'dev' | 'public';
  readonly statement: StatementFacts;
  /** What the proof says, where it is true. */
  readonly meaning: string;
  /** Execution gas of the verifier; null for a submission. */
  readonly gas: number | null;
  /** Where the submission was paid; null for a file. */
  readonly paid: { readonly jobId: number; readonly window: number; readonly operator: Address; readonly transactionHash: Hex } | null;
};

export const verify = defineCommand<Input, Verified>({
  name: 'verify',
  summary: 'verify a proof file, or a submission on chain',
  description:
    'Rebuilds circuit, key and verifier code from this package and runs that code in an in-process EVM: what the chain would say, said here. For a submission, ' +
    'proof and opening come from the calldata of the transaction that was paid, and the statement is rebuilt from state and lease. Exit code 3 where it is false.',
  arguments: {
    file: {
      flags: '[file]',
      description: 'proof file: of a window, an answer, a well-formed checkpoint or a record of a data set',
      schema: z.string().optional(),
    },
  },
  options: {
    submission: {
      flags: '--submission <id>',
      description: 'id of a finalized submission',
      schema: z
        .string()
        .regex(/^0x[0-9a-fA-F]{64}$/, 'expected 32 bytes in hex')
        .transform((text) => text.toLowerCase() as Hex)
        .optional(),
    },
  },
  examples: ['assay verify window.proof', `assay verify --submission 0x${'5a'.repeat(32)}`],
  async run(context, { file, submission }) {
    if ((file === undefined) === (submission === undefined)) {
      throw new AssayError('CLI_BAD_OPTION', 'give either a proof file or --submission', { exitCode: exitCodes.usage });
    }
    if (file !== undefined) {
      const { verifyFile } = await import('./verifyFile.ts');
      const verified = await verifyFile(context, file);
      return { ...verified, verified: verified.failures.length === 0, paid: null };
    }
    const { verifyOnChain } = await import('./verifyOnChain.ts');
    const { artifacts, statement, failures, ...paid } = await verifyOnChain(context, submission as Hex);
    return { ...common(artifacts, statement, failures), gas: null, paid };
  },
  render({ verified, failures, circuit, meaning, paid }) {
    const where = paid === null ? '' : `window ${paid.window} of job ${paid.jobId}, paid to ${paid.operator} in ${paid.transactionHash}\n`;
    if (!verified) return `FALSE (${circuit})\n${where}${failures.join('\n')}`;
    return `true (${circuit})\n${where}\n${meaning}`;
  },
  exitCode: ({ verified }) => (verified ? exitCodes.ok : exitCodes.proofInvalid),
});

function common(artifacts: WindowArtifacts, statement: StatementFacts, failures: readonly string[]): Omit<Verified, 'gas' | 'paid'> {
  return {
    verified: failures.length === 0,
    failures,
    circuit: artifacts.instance.name,
    ceremony: artifacts.srs.profile,
    statement,
    meaning: [sayStatement(statement, artifacts.instance), ...devNote(artifacts.srs.profile)].join('\n'),
  };
}
