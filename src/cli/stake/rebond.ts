import { defineStakeAmount } from './defineStakeMove.ts';

export const stakeRebond = defineStakeAmount(
  'rebond',
  { summary: 'make unbonding stake work again', description: 'At any time before it is withdrawn.' },
  async () => (await import('../../chain/rebond.ts')).rebond,
);
