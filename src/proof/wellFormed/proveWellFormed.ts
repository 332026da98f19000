import type { Address, Hex } from 'viem';
import { bindingOf, maskId } from '../../commitment/ids.ts';
import type { Kzg } from '../../commitment/kzg.ts';
import { openWellFormed } from '../../commitment/openWellFormed.ts';
import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import type { CommittedModel } from '../inference/proveInference.ts';
import { type ProvingStage, proveInStages } from '../proveInStages.ts';
import { randomScalar } from '../randomScalar.ts';
import { solveBuilt } from '../solveWitness.ts';
import type { StatementProof } from '../statementProof.ts';
import type { UltraHonk } from '../ultrahonk.ts';
import type { WellFormedArtifacts } from './artifacts.ts';
import { buildWellFormedWitness } from './witness.ts';

export type ProveWellFormedParameters = {
  readonly artifacts: WellFormedArtifacts;
  readonly honk: UltraHonk;
  readonly p2: Poseidon2;
  readonly kzg: Kzg;
  readonly model: CommittedModel;
  /** Which segment, from 0; `segments` of wellFormedLayout are all. */
  readonly segment: number;
  /** `wellFormedContext` of the registry that keeps count. */
  readonly context: bigint;
  /** What the opening is bound to. */
  readonly chainId: bigint;
  readonly verifier: Address;
  readonly circuitId: Hex;
  readonly onStage?: (stage: ProvingStage) => void;
};

export type ProveWellFormedReturnType = StatementProof & {
  readonly statementName: 'well-formed';
  readonly seconds: Readonly<Record<ProvingStage, number>>;
};

/**
 * Proves that every weight of one segment of a committed checkpoint is an integer within wmax, without showing any.
 *
 * @throws COMMITMENT_PACK_RANGE for a weight that is not; PROVE_FAILED, OPENING_CLAIM_MISMATCH where the weights are not those of the commitment
 */
export async function proveWellFormed(parameters: ProveWellFormedParameters): Promise<ProveWellFormedReturnType> {
  const { artifacts, honk, p2, kzg, model, segment, context, chainId, verifier, circuitId, onStage } = parameters;
  const { instance, program, verifyingKey } = artifacts;
  const mask = Array.from({ length: 16 }, randomScalar);
  const statement = [context, model.checkpointId, maskId(await kzg.commitMask(mask)), BigInt(segment)];
  const { proof, opening, seconds } = await proveInStages({
    onStage,
    solve: async () => {
      const { weights } = model;
      const built = buildWellFormedWitness(p2, {
        instance,
        binding: bindingOf(statement),
        segment,
        weights,
        mask,
        blinder: randomScalar(),
      });
      return solveBuilt(program, built, 'the circuit disagrees with the checkpoint: this is a bug, please report it');
    },
    prove: ({ witness }) => honk.prove(program, verifyingKey, witness),
    open: ({ outputs }) => {
      const { sizes, blockLog, blocksPerProof } = instance;
      return openWellFormed(kzg, {
        ...model,
        sizes,
        blockLog,
        mask,
        outputs,
        statement,
        chainId,
        verifier,
        circuitId,
        segment,
        blocksPerProof,
      });
    },
  });
  return { statementName: 'well-formed', statement, proof, opening, seconds };
}
