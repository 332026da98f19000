import type { Address, Hex } from 'viem';
import { AssayError } from '../../errors.ts';
import type { WindowArtifacts } from '../../proof/windowArtifacts.ts';
import { circuitSettings } from '../framework/archiveOptions.ts';
import type { CommandContext } from '../framework/command.ts';
import { connectReader } from '../framework/connectReader.ts';
import { type StatementFacts, statementFacts } from './describeStatement.ts';

export type VerifiedOnChain = {
  readonly artifacts: WindowArtifacts;
  readonly statement: StatementFacts;
  readonly failures: readonly string[];
  readonly jobId: number;
  readonly window: number;
  readonly operator: Address;
  readonly transactionHash: Hex;
};

/**
 * Verifies again what a submission was paid for, from the chain's own data.
 *
 * @throws SUBMISSION_UNKNOWN; CIRCUIT_MISMATCH (exit 6); CHAIN_ errors
 */
export async function verifyOnChain(context: CommandContext, submissionId: Hex): Promise<VerifiedOnChain> {
  const { getEvents } = await import('../../chain/getEvents.ts');
  const { getJob } = await import('../../chain/getJob.ts');
  const { getLineage } = await import('../../chain/getLineage.ts');
  const { findJobCircuit } = await import('../../node/findJobCircuit.ts');
  const { verifySubmission } = await import('../../node/verifySubmission.ts');
  const { chain, deployment } = await connectReader(context.settings);
  const events = await getEvents(chain, deployment, { names: ['WindowFinalized', 'LeaseTaken'] });
  const paid = events.find((e) => e.name === 'WindowFinalized' && e.args.submissionId === submissionId);
  if (paid?.name !== 'WindowFinalized') {
    throw new AssayError('SUBMISSION_UNKNOWN', `no window was finalized by submission ${submissionId}`, {
      hint: 'assay job show lists the submissions of a job.',
    });
  }
  const taken = events.find((e) => e.name === 'LeaseTaken' && e.args.submissionId === submissionId);
  const job = await getJob(chain, deployment, paid.args.jobId);
  const { genesisId, windows } = await getLineage(chain, deployment, job.jobId);
  const index = Number(paid.args.windowIndex);
  const window = windows[index];
  if (window === undefined) throw new AssayError('SUBMISSION_UNKNOWN', `window ${index} of job ${job.jobId} is not in its lineage`);
  const { ceremony, circuitDirectory } = circuitSettings(context.settings);
  const artifacts = await context.progress.step('rebuild the circuit', (update) =>
    findJobCircuit(chain, deployment, job, { ceremony, cacheDirectory: circuitDirectory, onCompile: () => update('compiling') }),
  );
  const parentId = windows[index - 1]?.childId ?? genesisId;
  const lease = taken?.name === 'LeaseTaken' ? taken.args : undefined;
  const failures = await context.progress.step('run the verifier', () =>
    verifySubmission({ chain, deployment, job, artifacts, window, lease, parentId }),
  );
  const { operator, transactionHash } = window;
  return {
    artifacts,
    statement: statementFacts('train-window', window.statement),
    failures,
    jobId: Number(job.jobId),
    window: index,
    operator,
    transactionHash,
  };
}
