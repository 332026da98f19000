import type { Hex } from 'viem';
import type { ChainWriter } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import { showTokens } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { connectSigner, devnetAccountOption } from '../framework/connectSigner.ts';
import { jobNumber } from '../framework/jobOption.ts';
import { columns } from '../framework/output.ts';

type Input = { readonly id: bigint; readonly devnetAccount: number | undefined };
/** The job after the transaction; what it still holds is the price of a window that is leased. */
type Moved = {
  readonly jobId: number;
  readonly state: string;
  readonly finalized: number;
  readonly escrow: string;
  readonly transactionHash: Hex;
};

type Move = (chain: ChainWriter, deployment: Deployment, jobId: bigint) => Promise<{ readonly hash: Hex }>;

/** A command that changes the state of a job by one transaction. */
export function defineMove(
  verb: 'cancel' | 'close' | 'finalize' | 'pause' | 'resume',
  text: { summary: string; description: string },
  load: () => Promise<Move>,
) {
  return defineCommand<Input, Moved>({
    name: `job ${verb}`,
    ...text,
    arguments: { id: { flags: '<id>', description: 'number of the job', schema: jobNumber } },
    options: { devnetAccount: devnetAccountOption },
    examples: [`assay job ${verb} 1 --key requester`, `assay job ${verb} 1 --devnet-account 0`],
    async run({ settings, progress }, { id, devnetAccount }) {
      const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
      const { getJob } = await import('../../chain/getJob.ts');
      const move = await load();
      const deployment = readDeployment(settings.deployment);
      const chain = await connectSigner(settings, devnetAccount);
      await assertDeployment(chain, deployment);
      const { hash } = await progress.step(`${verb} job ${id}`, () => move(chain, deployment, id));
      const { state, finalized, escrow } = await getJob(chain, deployment, id);
      return { jobId: Number(id), state, finalized, escrow: showTokens(escrow), transactionHash: hash };
    },
    render: ({ jobId, state, finalized, escrow, transactionHash }) =>
      columns([
        ['job', `${jobId} is ${state}, with ${finalized} windows`],
        ['still held', escrow],
        ['transaction', transactionHash],
      ]),
  });
}
