import { type AuditShape, modelId, specId } from '../../commitment/ids.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { ceremonySrsId } from '../ceremony.ts';
import type { AuditInstance } from '../circuitInstance.ts';
import type { BuildHonkArtifactsParameters } from '../honkArtifacts.ts';
import { listKnownCircuits } from '../knownCircuits.ts';
import { rebuildInstance } from '../rebuildInstance.ts';
import { type AuditArtifacts, buildAuditArtifacts } from './artifacts.ts';

export type FindAuditCircuitParameters = Omit<BuildHonkArtifactsParameters<AuditInstance>, 'instance'> & { readonly shape: AuditShape };

/**
 * Builds the circuit that a shape is of: of the registry, made on demand here, or made anew.
 *
 * @throws CIRCUIT_MISMATCH (exit 6) where there is none; those of buildAuditArtifacts
 */
export async function findAuditCircuit(parameters: FindAuditCircuitParameters): Promise<AuditArtifacts> {
  const { shape, ...build } = parameters;
  const srsId = await ceremonySrsId(build.ceremony);
  const wanted = modelId(shape);
  const known = (await listKnownCircuits(build.cacheDirectory)).find(
    (instance): instance is AuditInstance =>
      instance.statement === 'audit' &&
      instance.samples === shape.samples &&
      instance.groups === shape.groups &&
      instance.treeDepth === shape.treeDepth &&
      instance.output === shape.output &&
      instance.thresholds.join() === shape.thresholds.join() &&
      modelId({ ...instance, specId: specId(instance.spec), srsId }) === wanted,
  );
  const { samples, groups, treeDepth, output, thresholds } = shape;
  const found =
    known ??
    (srsId === shape.srsId
      ? await rebuildInstance<AuditInstance>(shape, build.cacheDirectory, (common) => ({
          ...common,
          statement: 'audit',
          system: 'noir',
          samples,
          groups,
          treeDepth,
          output,
          thresholds,
        }))
      : undefined);
  if (found === undefined) {
    throw new AssayError('CIRCUIT_MISMATCH', 'no circuit that is known here is the one that the certificate names', {
      exitCode: exitCodes.artifactMismatch,
      hint: `It is an audit of ${shape.sizes.join('-')}, ${shape.samples} samples a chunk; choose the ceremony that it was made under.`,
    });
  }
  return buildAuditArtifacts({ ...build, instance: found });
}
