import { defineStakeMove } from './defineStakeMove.ts';

export const stakeUnjail = defineStakeMove(
  'unjail',
  {
    summary: 'return after a slash',
    description:
      'A slashed operator neither leases nor is drawn until a quarter of the unbonding time has passed and it returns by this; it needs at least 1 ASSAY of active stake.',
  },
  async () => (await import('../../chain/unjail.ts')).unjail,
);
