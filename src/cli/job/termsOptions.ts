import type { Address } from 'viem';
import { z } from 'zod';
import type { Job } from '../../chain/getJob.ts';
import { tokenAmount } from '../framework/amounts.ts';
import type { InputSpecs } from '../framework/command.ts';

/** What every job asks of whoever works on it, as the contract takes it: amounts in units of 1e-18, times in blocks, shares in 1/10,000. */
export type JobTermsOrder = Pick<
  Job,
  | 'mode'
  | 'price'
  | 'fee'
  | 'bond'
  | 'lapsePenalty'
  | 'maxLapses'
  | 'leaseBlocks'
  | 'freeReleaseBlocks'
  | 'priorityBlocks'
  | 'finalityBlocks'
  | 'answerBlocks'
  | 'evidenceBlocks'
  | 'validators'
  | 'validatorBps'
  | 'treasuryBps'
  | 'treasury'
>;

/** The options; those of an optimistic job have defaults of their own. */
export type TermsInput = Omit<JobTermsOrder, 'finalityBlocks' | 'answerBlocks' | 'validatorBps' | 'treasuryBps'> & {
  readonly finalityBlocks: number | undefined;
  readonly answerBlocks: number | undefined;
  readonly validatorShare: number | undefined;
  readonly treasuryShare: number | undefined;
};

const blocks = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** Percent with at most two decimals, as 1/10,000. */
export const share = z
  .string()
  .regex(/^\d{1,2}(\.\d{1,2})?$/, 'expected percent, as 5 or 2.5')
  .transform((text) => Math.round(Number(text) * 100));

/** What every command takes that opens a job, but for its price. */
export const termsOptions: InputSpecs<Omit<TermsInput, 'price'>> = {
  mode: {
    flags: '--mode <mode>',
    description:
      'eager: each window is proved in the transaction that submits it (default); optimistic: silence makes it final, anyone may settle it',
    schema: z.enum(['eager', 'optimistic']).default('eager'),
  },
  bond: { flags: '--bond <amount>', description: 'stake that a false proof costs; at least the bond floor (1)', schema: tokenAmount },
  fee: {
    flags: '--fee <amount>',
    description: 'ASSAY burned for every unit that is paid; reputation and emission follow it (default 0)',
    schema: tokenAmount.default(0n),
  },
  lapsePenalty: {
    flags: '--lapse-penalty <amount>',
    description: 'stake burned when a lease lapses; doubles with each lapse in a row, up to the bond (default 0.1)',
    schema: tokenAmount.default(10n ** 17n),
  },
  maxLapses: {
    flags: '--max-lapses <count>',
    description: 'lease lengths without a proof after a lapse until anyone may close the job (default 8)',
    schema: z.coerce.number().int().min(1).max(255).default(8),
  },
  leaseBlocks: { flags: '--lease-blocks <count>', description: 'length of a lease (default 200)', schema: blocks.default(200) },
  freeReleaseBlocks: {
    flags: '--free-release-blocks <count>',
    description: 'how long a lease may be given back free of charge (default 5)',
    schema: blocks.default(5),
  },
  priorityBlocks: {
    flags: '--priority-blocks <count>',
    description: 'how long a newcomer waits for a fresh window; the best reputed do not (default 0)',
    schema: blocks.default(0),
  },
  finalityBlocks: {
    flags: '--finality-blocks <count>',
    description: 'optimistic: silence that makes a window final (default 100, at least 10)',
    schema: blocks.optional(),
  },
  answerBlocks: {
    flags: '--answer-blocks <count>',
    description: 'optimistic: time to post a proof that is demanded (default 100, at least 10)',
    schema: blocks.optional(),
  },
  evidenceBlocks: {
    flags: '--evidence-blocks <count>',
    description: 'how long after a lease a false announcement can be slashed (default 200)',
    schema: blocks.default(200),
  },
  validators: {
    flags: '--validators <count>',
    description: 'optimistic: how many are drawn by stake to attest each window, 0 (default) to 3',
    schema: z.coerce.number().int().min(0).max(3).default(0),
  },
  validatorShare: {
    flags: '--validator-share <percent>',
    description: 'share of the price for them together (default 6 where there are any)',
    schema: share.optional(),
  },
  treasuryShare: { flags: '--treasury-share <percent>', description: 'share of the price for --treasury', schema: share.optional() },
  treasury: {
    flags: '--treasury <address>',
    description: 'who gets the treasury share',
    schema: z
      .string()
      .regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address')
      .transform((text) => text as Address)
      .optional(),
  },
};

/** The terms that these options mean. */
export function termsOf(input: TermsInput): JobTermsOrder {
  const { mode, price, fee, bond, lapsePenalty, maxLapses, leaseBlocks, freeReleaseBlocks, priorityBlocks, evidenceBlocks, validators } =
    input;
  const optimistic = mode === 'optimistic';
  return {
    mode,
    price,
    fee,
    bond,
    lapsePenalty,
    maxLapses,
    leaseBlocks,
    freeReleaseBlocks,
    priorityBlocks,
    evidenceBlocks,
    validators,
    finalityBlocks: input.finalityBlocks ?? (optimistic ? 100 : 0),
    answerBlocks: input.answerBlocks ?? (optimistic ? 100 : 0),
    validatorBps: input.validatorShare ?? (validators > 0 ? 600 : 0),
    treasuryBps: input.treasuryShare ?? 0,
    treasury: input.treasury,
  };
}
