import type { Hex } from 'viem';
import { type InferenceShape, specId } from '../../commitment/ids.ts';
import type { Srs } from '../../commitment/srs.ts';
import { inferenceBounds } from '../../quant/inferenceBounds.ts';
import type { InferenceInstance } from '../circuitInstance.ts';

/** The shape that an inference verifier takes. @param setupId the hash that ends phase 2; 0 for UltraHonk */
export function inferenceShapeOf(instance: InferenceInstance, srs: Srs, proofBytes: number, setupId: Hex): InferenceShape {
  const { spec, sizes, blockLog, inputs, output } = instance;
  return {
    specId: specId(spec),
    srsId: srs.id,
    blockLog,
    sizes,
    inputs,
    output,
    outputBits: output === 'class' ? 8 : (inferenceBounds(spec, sizes).zBits.at(-1) as number),
    proofBytes,
    setupId,
    g2Tau: srs.g2Tau,
  };
}
