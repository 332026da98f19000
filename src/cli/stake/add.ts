import { defineStakeAmount } from './defineStakeMove.ts';

export const stakeAdd = defineStakeAmount(
  'add',
  {
    summary: "add to one's own stake",
    description: 'Takes the amount from the account that signs, which is the operator (its cold key). The stake works at once.',
  },
  async () => (await import('../../chain/stake.ts')).stake,
);
