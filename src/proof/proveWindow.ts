import type { Hex } from 'viem';
import { maskId } from '../commitment/ids.ts';
import type { Kzg, Point, Weights } from '../commitment/kzg.ts';
import { openWindow } from '../commitment/opening.ts';
import type { Poseidon2 } from '../commitment/poseidon2.ts';
import { type ProvingStage, proveInStages } from './proveInStages.ts';
import { randomScalar } from './randomScalar.ts';
import { solveBuilt } from './solveWitness.ts';
import type { StatementProof } from './statementProof.ts';
import type { UltraHonk } from './ultrahonk.ts';
import type { WindowArtifacts } from './windowArtifacts.ts';
import { buildWindowWitness, type StepValues } from './windowWitness.ts';

/** A window's proof. Its statement: context, parentId, childId, maskId, datasetRoot, batchSeed, firstStep, lossSum. */
export type WindowProof = StatementProof & { readonly statementName: 'train-window' };

export type ProveWindowParameters = {
  readonly artifacts: WindowArtifacts;
  readonly p2: Poseidon2;
  readonly kzg: Kzg;
  readonly honk: UltraHonk;
  /** The statement without its mask id, which is chosen here. */
  readonly statement: {
    readonly context: bigint;
    readonly parentId: bigint;
    readonly childId: bigint;
    readonly datasetRoot: bigint;
    readonly batchSeed: bigint;
    readonly firstStep: number;
    readonly lossSum: number;
  };
  readonly parent: Weights;
  readonly child: Weights;
  /** Commitments behind parentId and childId. */
  readonly parentPoints: readonly Point[];
  readonly childPoints: readonly Point[];
  readonly steps: readonly StepValues[];
  /** Whether the job's weights are open (default); hidden ones are committed without secrets here. */
  readonly open?: boolean;
  /** What the opening is bound to. */
  readonly chainId: bigint;
  readonly statementVerifier: Hex;
  readonly circuitId: Hex;
  readonly onStage?: (stage: ProvingStage) => void;
};

export type ProveWindowReturnType = WindowProof & {
  readonly seconds: Readonly<Record<ProvingStage, number>>;
};

/**
 * Proves one training window.
 *
 * @throws WITNESS_UNSATISFIED where the steps do not lead from parent to child; PROVE_FAILED; OPENING_CLAIM_MISMATCH
 */
export async function proveWindow(parameters: ProveWindowParameters): Promise<ProveWindowReturnType> {
  const { artifacts, p2, kzg, honk, parent, child, steps, chainId, statementVerifier, circuitId, open = true, onStage } = parameters;
  const { instance, program, verifyingKey } = artifacts;
  const mask = Array.from({ length: 16 }, randomScalar);
  const s = parameters.statement;
  const statement = [
    s.context,
    s.parentId,
    s.childId,
    maskId(await kzg.commitMask(mask)),
    s.datasetRoot,
    s.batchSeed,
    BigInt(s.firstStep),
    BigInt(s.lossSum),
  ];
  const { proof, opening, seconds } = await proveInStages({
    onStage,
    solve: async () => {
      const built = buildWindowWitness(p2, { instance, statement, steps, parent, child, mask, blinder: randomScalar() });
      return solveBuilt(program, built, 'the circuit disagrees with the trainer: the steps do not lead from this parent to this child');
    },
    prove: ({ witness }) => honk.prove(program, verifyingKey, witness),
    open: ({ outputs }) => {
      const { sizes, blockLog } = instance;
      const { parentPoints, childPoints } = parameters;
      return openWindow(kzg, {
        sizes,
        blockLog,
        open,
        parent,
        child,
        parentPoints,
        childPoints,
        mask,
        statement,
        outputs,
        chainId,
        verifier: statementVerifier,
        circuitId,
      });
    },
  });
  return { statementName: 'train-window', statement, proof, opening, seconds };
}
