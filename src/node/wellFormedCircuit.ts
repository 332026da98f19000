import type { Hex } from 'viem';
import { wellFormedVerifierDeployedBytecode } from '../chain/generated/WellFormedVerifier.ts';
import { modelId, specId } from '../commitment/ids.ts';
import { AssayError, exitCodes } from '../errors.ts';
import { ceremonySrsId } from '../proof/ceremony.ts';
import { circuitIdOf } from '../proof/circuitIdOf.ts';
import type { WellFormedInstance } from '../proof/circuitInstance.ts';
import { listKnownCircuits } from '../proof/knownCircuits.ts';
import { buildWellFormedArtifacts, type WellFormedArtifacts } from '../proof/wellFormed/artifacts.ts';
import type { RoleSettings } from './openRole.ts';

/**
 * Builds the circuit that proves checkpoints of a model well-formed: the first that is known of it.
 *
 * @throws CIRCUIT_UNKNOWN where there is none; those of buildWellFormedArtifacts
 */
export async function wellFormedCircuit(
  settings: Pick<RoleSettings, 'ceremony' | 'circuitDirectory' | 'emit'>,
  model: Hex,
): Promise<{ readonly artifacts: WellFormedArtifacts; readonly circuitId: Hex }> {
  const srsId = await ceremonySrsId(settings.ceremony);
  const instance = (await listKnownCircuits(settings.circuitDirectory)).find(
    (known): known is WellFormedInstance =>
      known.statement === 'well-formed' &&
      modelId({ specId: specId(known.spec), srsId, blockLog: known.blockLog, sizes: known.sizes }) === model,
  );
  if (instance === undefined) {
    throw new AssayError('CIRCUIT_UNKNOWN', `no well-formed circuit of model ${model} is known here`, {
      exitCode: exitCodes.artifactMismatch,
      hint: 'Make it: assay circuit build 196-25-10 --statement well-formed, for the sizes of the model.',
    });
  }
  settings.emit({ event: 'preparing', what: `circuit ${instance.name}` });
  const artifacts = await buildWellFormedArtifacts({
    instance,
    ceremony: settings.ceremony,
    cacheDirectory: settings.circuitDirectory,
    onCompile: () => settings.emit({ event: 'preparing', what: 'compiling the circuit' }),
  });
  return { artifacts, circuitId: circuitIdOf(artifacts, wellFormedVerifierDeployedBytecode) };
}
