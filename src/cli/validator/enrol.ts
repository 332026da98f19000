import { defineEnrolment } from './defineEnrolment.ts';

export const validatorEnrol = defineEnrolment(
  'enrol',
  {
    summary: 'be drawn, by stake, to attest windows of optimistic jobs',
    description:
      'An attestation is paid from the job and locks its bond: who attests what the verifier refuses loses it. Draws of submissions from the next block on count the whole active stake.',
  },
  async () => (await import('../../chain/enrolValidator.ts')).enrolValidator,
);
