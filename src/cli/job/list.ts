import { z } from 'zod';
import { defineCommand } from '../framework/command.ts';
import { connectReader } from '../framework/connectReader.ts';
import { columns } from '../framework/output.ts';
import { describeJob, type JobFacts } from './describeJob.ts';

type Input = { readonly limit: number };
type Listed = { readonly jobs: readonly JobFacts[] };

export const jobList = defineCommand<Input, Listed>({
  name: 'job list',
  summary: 'list the jobs of the deployment, newest first',
  options: {
    limit: {
      flags: '--limit <count>',
      description: 'at most so many (default 20)',
      schema: z.coerce.number().int().min(1).max(1000).default(20),
    },
  },
  examples: ['assay job list', 'assay job list --limit 5 --json'],
  async run({ settings }, { limit }) {
    const { listJobs } = await import('../../chain/listJobs.ts');
    const { chain, deployment } = await connectReader(settings);
    return { jobs: (await listJobs(chain, deployment, { limit })).map(describeJob) };
  },
  render: ({ jobs }) =>
    jobs.length === 0
      ? 'no jobs'
      : columns([
          ['job', 'state', 'windows', 'price', 'bond', 'requester'],
          ...jobs.map((j) => [String(j.jobId), j.state, `${j.finalized} of ${j.windows}`, j.price, j.bond, j.requester]),
        ]),
});
