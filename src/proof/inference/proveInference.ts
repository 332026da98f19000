import type { Address, Hex } from 'viem';
import { bindingOf, maskId } from '../../commitment/ids.ts';
import type { Kzg, Point, Weights } from '../../commitment/kzg.ts';
import { openInference } from '../../commitment/openInference.ts';
import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import { AssayError } from '../../errors.ts';
import { solveCircomInference } from '../circom/circomWitness.ts';
import { proveGroth16 } from '../groth16/proveGroth16.ts';
import { randomScalar } from '../randomScalar.ts';
import { solveWitness } from '../solveWitness.ts';
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
  readonly onStage?: (stage: 'witness' | 'proof' | 'opening') => void;
};

export type ProveInferenceReturnType = StatementProof & {
  readonly statementName: 'inference';
  readonly inputId: bigint;
  /** Classes, or logits (sample by sample, scale 2^-(fa + Fw)). */
  readonly values: readonly number[];
  readonly seconds: { readonly witness: number; readonly proof: number; readonly opening: number };
};

/**
 * Proves what a committed model answers to one proof's worth of inputs. Mask and blinder are drawn here, fresh for each proof.
 *
 * @throws WITNESS_UNSATISFIED, PROVE_FAILED, those of proveGroth16, OPENING_CLAIM_MISMATCH where the weights are not those of the commitment
 */
export async function proveInference(parameters: ProveInferenceParameters): Promise<ProveInferenceReturnType> {
  const { artifacts, prover, p2, kzg, model, features, salt, context, chainId, verifier, circuitId, onStage } = parameters;
  const { instance, backend } = artifacts;
  const mask = Array.from({ length: 16 }, randomScalar);
  const id = maskId(await kzg.commitMask(mask));
  const witnessInput = {
    instance,
    binding: bindingOf([context, model.checkpointId, id]),
    features,
    weights: model.weights,
    mask,
    salt,
    blinder: randomScalar(),
  };
  const started = performance.now();
  onStage?.('witness');
  let solved: { inputId: bigint; words: readonly bigint[]; values: readonly number[]; outputs: readonly [bigint, bigint, bigint] };
  let prove: () => Promise<Uint8Array>;
  if (backend.system === 'noir' && prover.system === 'noir') {
    const { program, verifyingKey } = backend.honk;
    const built = buildInferenceWitness(p2, witnessInput);
    const { witness, outputs } = await solveWitness(program, built.inputs);
    if (outputs.some((output, i) => output !== built.outputs[i])) {
      throw new AssayError('WITNESS_UNSATISFIED', 'the circuit disagrees with the model: this is a bug, please report it');
    }
    solved = built;
    prove = async () => (await prover.honk.prove(program, verifyingKey, witness)).proof;
  } else if (backend.system === 'circom' && prover.system === 'circom') {
    const { program, zkeyPath } = backend.groth16;
    const made = await solveCircomInference(program, witnessInput);
    solved = made;
    prove = async () =>
      (await proveGroth16({ zkey: zkeyPath, wtns: made.wtns, ...(prover.binary !== undefined && { prover: prover.binary }) })).proof;
  } else {
    throw new AssayError('PROVER_MISMATCH', `a ${backend.system} circuit is not proved by the ${prover.system} prover`);
  }
  const witnessed = performance.now();
  onStage?.('proof');
  const proof = await prove();
  const proved = performance.now();
  onStage?.('opening');
  const statement = [context, model.checkpointId, id, solved.inputId, ...solved.words];
  const opening = await openInference(kzg, {
    sizes: instance.sizes,
    blockLog: instance.blockLog,
    weights: model.weights,
    ...(model.sigmas !== undefined && { sigmas: model.sigmas }),
    points: model.points,
    mask,
    outputs: solved.outputs,
    statement,
    chainId,
    verifier,
    circuitId,
  });
  const opened = performance.now();
  return {
    statementName: 'inference',
    statement,
    proof,
    opening,
    inputId: solved.inputId,
    values: solved.values,
    seconds: { witness: (witnessed - started) / 1000, proof: (proved - witnessed) / 1000, opening: (opened - proved) / 1000 },
  };
}
