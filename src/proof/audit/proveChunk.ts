import type { Address, Hex } from 'viem';
import { bindingOf, maskId } from '../../commitment/ids.ts';
import type { Kzg } from '../../commitment/kzg.ts';
import { openInference } from '../../commitment/openInference.ts';
import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import type { AuditSet } from '../../data/auditSet.ts';
import { AssayError } from '../../errors.ts';
import type { CommittedModel } from '../inference/proveInference.ts';
import { randomScalar } from '../randomScalar.ts';
import { solveWitness } from '../solveWitness.ts';
import type { StatementProof } from '../statementProof.ts';
import type { UltraHonk } from '../ultrahonk.ts';
import type { AuditArtifacts } from './artifacts.ts';
import { buildAuditWitness } from './witness.ts';

export type ProveChunkParameters = {
  readonly artifacts: AuditArtifacts;
  readonly honk: UltraHonk;
  readonly p2: Poseidon2;
  readonly kzg: Kzg;
  readonly model: CommittedModel;
  readonly set: AuditSet;
  /** Which chunk, from 0. */
  readonly chunk: number;
  /** `auditContext` of the audit. */
  readonly context: bigint;
  /** Of the committed counts; none where counts are public. */
  readonly countSalt?: bigint;
  /** What the opening is bound to. */
  readonly chainId: bigint;
  readonly verifier: Address;
  readonly circuitId: Hex;
  readonly onStage?: (stage: 'witness' | 'proof' | 'opening') => void;
};

export type ProveChunkReturnType = StatementProof & {
  readonly statementName: 'audit';
  /** Samples by label and answer: entry `label * classes + answer`. */
  readonly counts: readonly number[];
  readonly seconds: { readonly witness: number; readonly proof: number; readonly opening: number };
};

/**
 * Proves how a committed model answers to one chunk of an audit set, counted. Mask and blinder are drawn here, fresh for each proof.
 *
 * @throws AUDIT_SET_MISMATCH for a set of another cut than the circuit's; PROVE_FAILED, OPENING_CLAIM_MISMATCH where the weights are not those of the
 *   commitment; those of buildAuditWitness
 */
export async function proveChunk(parameters: ProveChunkParameters): Promise<ProveChunkReturnType> {
  const { artifacts, honk, p2, kzg, model, set, chunk, context, countSalt, chainId, verifier, circuitId, onStage } = parameters;
  const { instance, program, verifyingKey } = artifacts;
  const content = set.chunks[chunk];
  const same =
    set.features === instance.sizes[0] &&
    set.classes === instance.sizes.at(-1) &&
    set.groups === instance.groups &&
    set.samples === instance.samples &&
    set.tree.depth === instance.treeDepth &&
    set.featureBits === instance.spec.fx;
  if (content === undefined || !same) {
    throw new AssayError('AUDIT_SET_MISMATCH', `${instance.name} does not fit this set, or the set has no chunk ${chunk}`);
  }
  const mask = Array.from({ length: 16 }, randomScalar);
  const id = maskId(await kzg.commitMask(mask));
  const started = performance.now();
  onStage?.('witness');
  const built = buildAuditWitness(p2, {
    instance,
    binding: bindingOf([context, model.checkpointId, id]),
    root: set.tree.root,
    chunk,
    path: set.tree.path(chunk),
    ...content,
    ...(countSalt !== undefined && { countSalt }),
    weights: model.weights,
    mask,
    blinder: randomScalar(),
  });
  const { witness, outputs } = await solveWitness(program, built.inputs);
  if (outputs.some((output, i) => output !== built.outputs[i])) {
    throw new AssayError('WITNESS_UNSATISFIED', 'the circuit disagrees with the model: this is a bug, please report it');
  }
  const witnessed = performance.now();
  onStage?.('proof');
  const { proof } = await honk.prove(program, verifyingKey, witness);
  const proved = performance.now();
  onStage?.('opening');
  const statement = [context, model.checkpointId, id, set.tree.root, BigInt(chunk), ...built.words];
  const opening = await openInference(
    kzg,
    {
      sizes: instance.sizes,
      blockLog: instance.blockLog,
      weights: model.weights,
      ...(model.sigmas !== undefined && { sigmas: model.sigmas }),
      points: model.points,
      mask,
      outputs: built.outputs,
      statement,
      chainId,
      verifier,
      circuitId,
    },
    'audit',
  );
  const opened = performance.now();
  return {
    statementName: 'audit',
    statement,
    proof,
    opening,
    counts: built.counts,
    seconds: { witness: (witnessed - started) / 1000, proof: (proved - witnessed) / 1000, opening: (opened - proved) / 1000 },
  };
}
