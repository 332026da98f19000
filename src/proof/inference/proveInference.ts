import type { Address, Hex } from 'viem';
import { bindingOf, maskId } from '../../commitment/ids.ts';
import type { Kzg, Point, Weights } from '../../commitment/kzg.ts';
import { openInference } from '../../commitment/openInference.ts';
import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import { AssayError } from '../../errors.ts';
import { solveCircomInference } from '../circom/circomWitness.ts';
import { proveGroth16 } from '../groth16/proveGroth16.ts';
import { type ProvingStage, proveInStages } from '../proveInStages.ts';
import { randomScalar } from '../randomScalar.ts';
import { solveBuilt } from '../solveWitness.ts';
import type { StatementProof } from '../statementProof.ts';
import type { UltraHonk } from '../ultrahonk.ts';
import type { InferenceArtifacts } from './inferenceArtifacts.ts';
import { buildInferenceWitness } from './noirWitness.ts';

/** A committed model, as its owner holds it. */
export type CommittedModel = {
  readonly weights: Weights;
  /** One secret a block, where the weights are private. */
  readonly sigmas?: readonly bigint[];
  readonly points: readonly Point[];
  readonly checkpointId: bigint;
};

/** What runs the proof system: Barretenberg for a Noir circuit; snarkjs, or a binary that the user brings, for a circom one. */
export type InferenceProver =
  | { readonly system: 'noir'; readonly honk: UltraHonk }
  /** @param binary path of a rapidsnark-compatible prover */
  | { readonly system: 'circom'; readonly binary?: string };

export type ProveInferenceParameters = {
  readonly artifacts: InferenceArtifacts;
  readonly prover: InferenceProver;
  readonly p2: Poseidon2;
  readonly kzg: Kzg;
  readonly model: CommittedModel;
  /** inputs x sizes[0] integers in [0, 2^fx), sample by sample. */
  readonly features: Uint8Array;
  /** Of the input's commitment; 0 where the input is public. */
  readonly salt: bigint;
  readonly context: bigint;
  /** What the opening is bound to. */
  readonly chainId: bigint;
  readonly verifier: Address;
  readonly circuitId: Hex;
  readonly onStage?: (stage: ProvingStage) => void;
};

export type ProveInferenceReturnType = StatementProof & {
  readonly statementName: 'inference';
  readonly inputId: bigint;
  /** Classes, or logits (sample by sample, scale 2^-(fa + Fw)). */
  readonly values: readonly number[];
  readonly seconds: Readonly<Record<ProvingStage, number>>;
};

/**
 * Proves what a committed model answers to one proof's worth of inputs. Mask and blinder are drawn here, fresh for each proof.
 *
 * @throws WITNESS_UNSATISFIED, PROVE_FAILED, those of proveGroth16, OPENING_CLAIM_MISMATCH where the weights are not those of the commitment
 */
export async function proveInference(parameters: ProveInferenceParameters): Promise<ProveInferenceReturnType> {
  const { artifacts, prover, p2, kzg, model, features, salt, context, chainId, verifier, circuitId, onStage } = parameters;
  const { instance } = artifacts;
  const mask = Array.from({ length: 16 }, randomScalar);
  const id = maskId(await kzg.commitMask(mask));
  const statementOf = ({ inputId, words }: Solved): bigint[] => [context, model.checkpointId, id, inputId, ...words];
  const { solved, proof, opening, seconds } = await proveInStages({
    onStage,
    solve: () =>
      solve(artifacts, prover, p2, {
        instance,
        binding: bindingOf([context, model.checkpointId, id]),
        features,
        weights: model.weights,
        mask,
        salt,
        blinder: randomScalar(),
      }),
    prove: ({ prove }) => prove(),
    open: (solved) => {
      const { sizes, blockLog } = instance;
      const { outputs } = solved;
      return openInference(kzg, {
        ...model,
        sizes,
        blockLog,
        mask,
        outputs,
        statement: statementOf(solved),
        chainId,
        verifier,
        circuitId,
      });
    },
  });
  const { inputId, values } = solved;
  return { statementName: 'inference', statement: statementOf(solved), proof, opening, inputId, values, seconds };
}

/** Answers with their witness, and how to prove them. */
type Solved = {
  readonly inputId: bigint;
  readonly words: readonly bigint[];
  readonly values: readonly number[];
  readonly outputs: readonly [bigint, bigint, bigint];
  readonly prove: () => Promise<{ readonly proof: Uint8Array }>;
};

async function solve(
  { backend }: InferenceArtifacts,
  prover: InferenceProver,
  p2: Poseidon2,
  input: Parameters<typeof buildInferenceWitness>[1],
): Promise<Solved> {
  if (backend.system === 'noir' && prover.system === 'noir') {
    const { program, verifyingKey } = backend.honk;
    const built = buildInferenceWitness(p2, input);
    const solved = await solveBuilt(program, built, 'the circuit disagrees with the model: this is a bug, please report it');
    return { ...solved, prove: () => prover.honk.prove(program, verifyingKey, solved.witness) };
  }
  if (backend.system === 'circom' && prover.system === 'circom') {
    const { program, zkeyPath } = backend.groth16;
    const solved = await solveCircomInference(program, input);
    const { binary } = prover;
    return { ...solved, prove: () => proveGroth16({ zkey: zkeyPath, wtns: solved.wtns, ...(binary !== undefined && { prover: binary }) }) };
  }
  throw new AssayError('PROVER_MISMATCH', `a ${backend.system} circuit is not proved by the ${prover.system} prover`);
}
