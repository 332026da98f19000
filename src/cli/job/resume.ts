import { defineMove } from './defineMove.ts';

export const jobResume = defineMove(
  'resume',
  {
    summary: 'go on with a job that was paused',
    description: 'Only the requester can do it.',
  },
  async () => (await import('../../chain/resumeJob.ts')).resumeJob,
);
