import { randomBytes } from 'node:crypto';
import type { Hex } from 'viem';
import { AssayError, exitCodes } from '../../errors.ts';
import type { WindowInstance } from '../../proof/circuitInstance.ts';
import { ceremonyOf } from '../framework/folders.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import type { Settings } from '../framework/settings.ts';

export type GenesisChoice = { readonly genesis: string | undefined; readonly genesisSeed: Hex | undefined; readonly genesisGain: number };

/** The weights that a job starts from: those of a checkpoint file, or drawn from a seed (a random one where none is given). */
export async function loadGenesis(
  settings: Settings,
  choice: GenesisChoice,
  instance: WindowInstance,
): Promise<{ readonly weights: readonly Int32Array[]; readonly seed: Hex | undefined }> {
  if (choice.genesis === undefined) {
    const { genesisWeights } = await import('../../model/genesis.ts');
    const seed = choice.genesisSeed ?? (`0x${randomBytes(32).toString('hex')}` as Hex);
    return { weights: genesisWeights(instance.spec, instance.sizes, seed, choice.genesisGain), seed };
  }
  if (choice.genesisSeed !== undefined) {
    throw new AssayError('CLI_BAD_OPTION', '--genesis and --genesis-seed exclude each other', { exitCode: exitCodes.usage });
  }
  const { decodeCheckpoint } = await import('../../model/checkpoint.ts');
  const { modelId, specId } = await import('../../commitment/ids.ts');
  const { ceremonySrsId } = await import('../../proof/ceremony.ts');
  const checkpoint = decodeCheckpoint(await readInputFile(choice.genesis));
  const { spec, sizes, blockLog } = instance;
  const expected = modelId({ specId: specId(spec), srsId: await ceremonySrsId(ceremonyOf(settings)), blockLog, sizes });
  if (checkpoint.modelId !== expected) {
    throw new AssayError('CLI_BAD_OPTION', `${choice.genesis} is a checkpoint of another model than ${instance.name}`, {
      details: `its model is ${checkpoint.modelId} (${checkpoint.sizes.join('-')}), the circuit's is ${expected} (${sizes.join('-')})`,
      exitCode: exitCodes.usage,
    });
  }
  return { weights: checkpoint.weights, seed: undefined };
}
