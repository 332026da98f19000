import type { Address, Hex } from 'viem';
import { bindingOf, maskId } from '../../commitment/ids.ts';
import type { Kzg } from '../../commitment/kzg.ts';
import { openInference } from '../../commitment/openInference.ts';
import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import type { AuditSet } from '../../data/auditSet.ts';
import { AssayError } from '../../errors.ts';
import type { CommittedModel } from '../inference/proveInference.ts';
import { type ProvingStage, proveInStages } from '../proveInStages.ts';
import { randomScalar } from '../randomScalar.ts';
import { solveBuilt } from '../solveWitness.ts';
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
  readonly onStage?: (stage: ProvingStage) => void;
};

export type ProveChunkReturnType = StatementProof & {
  readonly statementName: 'audit';
  /** Samples by label and answer: entry `label * classes + answer`. */
  readonly counts: readonly number[];
  readonly seconds: Readonly<Record<ProvingStage, number>>;
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
  const statementOf = (words: readonly bigint[]): bigint[] => [context, model.checkpointId, id, set.tree.root, BigInt(chunk), ...words];
  const { solved, proof, opening, seconds } = await proveInStages({
    onStage,
    solve: async () => {
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
      return solveBuilt(program, built, 'the circuit disagrees with the model: this is a bug, please report it');
    },
    prove: ({ witness }) => honk.prove(program, verifyingKey, witness),
    open: ({ outputs, words }) => {
      const { sizes, blockLog } = instance;
      const statement = statementOf(words);
      return openInference(kzg, { ...model, sizes, blockLog, mask, outputs, statement, chainId, verifier, circuitId }, 'audit');
    },
  });
  return { statementName: 'audit', statement: statementOf(solved.words), proof, opening, counts: solved.counts, seconds };
}
