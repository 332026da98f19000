import { defineMove } from './defineMove.ts';

export const jobCancel = defineMove(
  'cancel',
  {
    summary: "end a job of one's own, and free what it has not spent",
    description:
      'No lease is taken any more. A window that is leased can still be proved and paid, so its price stays in the job until that lease has ended; the rest can be claimed at once (`assay rewards claim`). Only the requester can do it, and nobody can undo it.',
  },
  async () => (await import('../../chain/cancelJob.ts')).cancelJob,
);
