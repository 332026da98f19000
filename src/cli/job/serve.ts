import { defineCommand } from '../framework/command.ts';
import { connectReader } from '../framework/connectReader.ts';
import { jobNumber } from '../framework/jobOption.ts';
import { reportRole } from '../framework/reportRole.ts';
import { type RoleInput, roleOptions } from '../framework/roleOptions.ts';
import { roleSettings } from '../framework/roleSettings.ts';
import { serveQuestions } from './serveQuestions.ts';
import { type Served, serveUntilEnd } from './serveUntilEnd.ts';

type Input = RoleInput & { readonly id: bigint };

export const jobServe = defineCommand<Input, Served>({
  name: 'job serve',
  summary: 'serve data set and genesis, or the inputs, of a job that was opened before, until it has ended',
  description:
    'Goes on with what `assay job create` or `assay job ask` began, from the same --data. With --json every event is one JSON line on stderr.',
  arguments: { id: { flags: '<id>', description: 'number of the job', schema: jobNumber } },
  options: roleOptions('requester'),
  examples: ['assay job serve 1 --key requester --listen /ip4/0.0.0.0/tcp/4001', 'assay job serve 1 --devnet-account 0'],
  endsInOrder: true,
  async run(context, { id, ...input }) {
    const settings = await roleSettings(context, 'requester', input, reportRole(context));
    const { getJob } = await import('../../chain/getJob.ts');
    const { chain, deployment } = await connectReader(context.settings);
    const { statementName } = await getJob(chain, deployment, id);
    if (statementName === 'inference') return serveQuestions(context, { ...settings, jobId: id }, true);
    return serveUntilEnd(context, { ...settings, jobId: id }, true);
  },
  render: ({ jobId, state, finalized, interrupted }) =>
    interrupted ? `stopped serving job ${jobId}` : `job ${jobId} is ${state}, with ${finalized} windows`,
  exitCode: ({ interrupted }) => (interrupted ? 130 : 0),
});
