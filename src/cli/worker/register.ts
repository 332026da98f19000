import { defineRegister } from '../framework/defineRegister.ts';

export const workerRegister = defineRegister('worker');
