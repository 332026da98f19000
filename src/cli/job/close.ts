import { defineMove } from './defineMove.ts';

export const jobClose = defineMove(
  'close',
  {
    summary: 'cancel a job that nobody proves',
    description:
      'Anyone may, once as many lease lengths as the terms say (--max-lapses) have passed without a proof after a lapse. What is unspent goes back to the requester.',
  },
  async () => (await import('../../chain/closeJob.ts')).closeJob,
);
