import type { Hex } from 'viem';
import { AssayError } from '../../errors.ts';
import type { ArithmeticSpec } from '../../quant/spec.ts';
import { ceremonyOf } from './folders.ts';
import { readInputFile } from './readInputFile.ts';
import type { Settings } from './settings.ts';

export type OpenCheckpoint = {
  readonly spec: ArithmeticSpec;
  readonly sizes: readonly number[];
  readonly blockLog: number;
  readonly modelId: Hex;
  readonly weights: readonly Int32Array[];
};

/**
 * A checkpoint file of training. It names its model by id only; the arithmetic comes from the circuit that trains it.
 *
 * @throws CLI_FILE_UNREADABLE, MODEL_CHECKPOINT_MALFORMED, MODEL_UNKNOWN
 */
export async function openCheckpointFile(settings: Pick<Settings, 'cache' | 'ceremony' | 'srs'>, path: string): Promise<OpenCheckpoint> {
  const { modelId, specId } = await import('../../commitment/ids.ts');
  const { decodeCheckpoint } = await import('../../model/checkpoint.ts');
  const { ceremonySrsId } = await import('../../proof/ceremony.ts');
  const { listWindowCircuits } = await import('../../proof/circuitInstance.ts');
  const checkpoint = decodeCheckpoint(await readInputFile(path));
  const srsId = await ceremonySrsId(ceremonyOf(settings));
  const circuit = (await listWindowCircuits()).find(
    ({ spec, blockLog, sizes }) => modelId({ specId: specId(spec), srsId, blockLog, sizes }) === checkpoint.modelId,
  );
  if (circuit === undefined) {
    throw new AssayError('MODEL_UNKNOWN', `no circuit of this package trains the model of ${path}`, {
      details: `its model is ${checkpoint.modelId} (${checkpoint.sizes.join('-')})`,
      hint: 'Was it made under another ceremony (--ceremony), or with another version of the package?',
    });
  }
  return { ...checkpoint, spec: circuit.spec, blockLog: circuit.blockLog };
}
