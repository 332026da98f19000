import type { Address } from 'viem';
import { addressArgument } from '../framework/addressArgument.ts';
import { showTokens } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { connectReader } from '../framework/connectReader.ts';
import { columns } from '../framework/output.ts';

type Input = { readonly operator: Address };

/** Amounts in whole tokens. */
type Shown = {
  readonly operator: Address;
  readonly active: string;
  readonly locked: string;
  readonly unbonding: string;
  /** What its slashes could not take; nothing is withdrawn before it is collected. */
  readonly owed: string;
  readonly releaseBlock: number;
  /** Block from which it may return; null where it is not jailed. */
  readonly jailedUntil: number | null;
  /** Score in whole ASSAY of burned fees, decayed; factor from 1 to 1.5. */
  readonly reputation: { readonly score: string; readonly factor: number };
};

export const stakeShow = defineCommand<Input, Shown>({
  name: 'stake show',
  summary: "an operator's stake, jail and reputation",
  description: 'Read from the chain; nothing is signed.',
  arguments: { operator: addressArgument('an operator (its cold address)') },
  examples: [
    'assay stake show 0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    'assay stake show 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --json',
  ],
  async run({ settings }, { operator }) {
    const { getReputation } = await import('../../chain/getReputation.ts');
    const { getStake } = await import('../../chain/getStake.ts');
    const { chain, deployment } = await connectReader(settings);
    const { active, locked, unbonding, debt, releaseBlock, jailedUntil } = await getStake(chain, deployment, operator);
    const { score, factor } = await getReputation(chain, deployment, operator);
    return {
      operator,
      active: showTokens(active),
      locked: showTokens(locked),
      unbonding: showTokens(unbonding),
      owed: showTokens(debt),
      releaseBlock: Number(releaseBlock),
      jailedUntil: jailedUntil === 0n ? null : Number(jailedUntil),
      reputation: { score: showTokens(score), factor: Number(factor) / 10_000 },
    };
  },
  render: ({ operator, active, locked, unbonding, owed, releaseBlock, jailedUntil, reputation }) =>
    columns([
      ['operator', operator],
      ['active', `${active}, ${locked} of it locked`],
      ['unbonding', unbonding === '0' ? '0' : `${unbonding}, leaves from block ${releaseBlock}`],
      ['owed', owed],
      ['jail', jailedUntil === null ? 'no' : `until block ${jailedUntil}`],
      ['reputation', `${reputation.score}, factor ${reputation.factor}`],
    ]),
});
