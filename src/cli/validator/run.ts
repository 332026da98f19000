import { z } from 'zod';
import { defineCommand } from '../framework/command.ts';
import { jobNumber } from '../framework/jobOption.ts';
import { reportRole } from '../framework/reportRole.ts';
import { type RoleInput, roleOptions } from '../framework/roleOptions.ts';
import { roleSettings } from '../framework/roleSettings.ts';
import { type TransactionInput, transactionOptions } from '../framework/transactionOptions.ts';

type Input = RoleInput & TransactionInput & { readonly job: bigint | undefined; readonly demand: boolean };
type Judged = { readonly accepted: number; readonly refused: number; readonly slashed: number; readonly interrupted: boolean };

export const validatorRun = defineCommand<Input, Judged>({
  name: 'validator run',
  summary: 'judge announced windows, attest, and slash false ones',
  description:
    'Fetches and verifies every announced window before anyone pays gas for it, signs what it found, and turns a signed lie into evidence that slashes its ' +
    'signer. In optimistic jobs it attests on chain what it was drawn for, if its operator is enrolled (`assay validator enrol`). Runs until the job ends where one is given, else until Ctrl-C. With --json every event is one JSON line on stderr.',
  options: {
    job: { flags: '--job <id>', description: 'judge only this job, and end with it (default: every job)', schema: jobNumber.optional() },
    demand: {
      flags: '--demand',
      description:
        'demand proofs that nobody shows: costs three times the gas of posting them if they are true, and earns a share of the bond if they never come',
      schema: z.boolean().default(false),
    },
    ...roleOptions('validator'),
    ...transactionOptions,
  },
  examples: [
    'assay validator run --key validator --password-file ./validator.password --listen /ip4/0.0.0.0/tcp/4002',
    'assay validator run --job 1 --devnet-account 4 --json',
  ],
  endsInOrder: true,
  async run(context, input) {
    const { runValidator } = await import('../../node/runValidator.ts');
    const settings = await roleSettings(context, 'validator', input, reportRole(context));
    const counts = await runValidator({ ...settings, demand: input.demand, ...(input.job === undefined ? {} : { jobId: input.job }) });
    return { ...counts, interrupted: context.cleanup.signal.aborted };
  },
  render: ({ accepted, refused, slashed }) => `accepted ${accepted}, refused ${refused}, slashed ${slashed}`,
});
