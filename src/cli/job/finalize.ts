import { defineMove } from './defineMove.ts';

export const jobFinalize = defineMove(
  'finalize',
  {
    summary: 'make windows of an optimistic job final whose silence is over',
    description: 'Up to 8 windows, in order. Anyone may; workers and the requester do it by themselves while they run.',
  },
  async () => {
    const { finalize } = await import('../../chain/finalize.ts');
    return (chain, deployment, jobId) => finalize(chain, deployment, jobId);
  },
);
