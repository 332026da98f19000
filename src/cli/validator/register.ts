import { defineRegister } from '../framework/defineRegister.ts';

export const validatorRegister = defineRegister('validator');
