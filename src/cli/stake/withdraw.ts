import { defineStakeMove } from './defineStakeMove.ts';

export const stakeWithdraw = defineStakeMove(
  'withdraw',
  { summary: 'pay out what has finished unbonding', description: 'To the operator, whose key signs.' },
  async () => (await import('../../chain/withdrawStake.ts')).withdrawStake,
);
