import { createHash } from 'node:crypto';
import type { ArithmeticSpec } from '../../quant/spec.ts';
import { defaultSpec } from '../../quant/spec.ts';
import type { InferenceInstance } from '../circuitInstance.ts';

/** The inference circuit of a model, under the name that it has wherever it is made. */
export function inferenceInstance(parameters: Omit<InferenceInstance, 'name' | 'statement'>): InferenceInstance {
  const { sizes, spec, blockLog, system, inputs, output } = parameters;
  const parts = [
    'inference',
    ...(system === 'circom' ? ['groth16'] : []),
    ...sizes,
    ...(inputs === 1 ? [] : [`x${inputs}`]),
    ...(output === 'class' ? [] : [output]),
    ...(isUsual(spec, blockLog)
      ? []
      : [
          createHash('sha256')
            .update(JSON.stringify([spec, blockLog]))
            .digest('hex')
            .slice(0, 8),
        ]),
  ];
  return { name: parts.join('-'), statement: 'inference', system, sizes, spec, blockLog, inputs, output };
}

/** The arithmetic and blocks of the registry's circuits. */
function isUsual(spec: ArithmeticSpec, blockLog: number): boolean {
  const usual = defaultSpec(4, 1);
  return blockLog === 15 && (Object.keys(usual) as (keyof ArithmeticSpec)[]).every((key) => usual[key] === spec[key]);
}
