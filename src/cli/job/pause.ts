import { defineMove } from './defineMove.ts';

export const jobPause = defineMove(
  'pause',
  {
    summary: "let nobody take a new lease of a job of one's own",
    description: 'A window that is leased can still be proved and paid. `assay job resume` goes on. Only the requester can do it.',
  },
  async () => (await import('../../chain/pauseJob.ts')).pauseJob,
);
