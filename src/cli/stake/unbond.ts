import { defineStakeAmount } from './defineStakeMove.ts';

export const stakeUnbond = defineStakeAmount(
  'unbond',
  {
    summary: 'start to take stake out',
    description:
      'What unbonds stays slashable until it is withdrawn, and leaves after the unbonding time; what was unbonding already waits anew with it. Stake that bonds hold cannot be unbonded.',
  },
  async () => (await import('../../chain/unbond.ts')).unbond,
);
