import { defineEnrolment } from './defineEnrolment.ts';

export const validatorRetire = defineEnrolment(
  'retire',
  { summary: 'be drawn no more', description: 'Seats that are taken stay: they are revealed and settled as before.' },
  async () => (await import('../../chain/retireValidator.ts')).retireValidator,
);
