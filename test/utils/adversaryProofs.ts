import { getLease, type LeaseRecord } from '../../src/chain/getLease.ts';
import { mod } from '../../src/commitment/field.ts';
import { contextOf, maskId } from '../../src/commitment/ids.ts';
import { scalarsOf } from '../../src/commitment/kzg.ts';
import { openWindow } from '../../src/commitment/opening.ts';
import { challengeZ, encodeOpening, type OpeningCommitments } from '../../src/commitment/openingBytes.ts';
import type { CommittedCheckpoint } from '../../src/node/jobMaterial.ts';
import { proveWindow, type WindowProof } from '../../src/proof/proveWindow.ts';
import { randomScalar } from '../../src/proof/randomScalar.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { buildWindowWitness, type StepValues } from '../../src/proof/windowWitness.ts';
import type { AdversaryDevnet } from './adversaryDevnet.ts';
import { claimOf, type Fixture } from './openingFixture.ts';
import { algebra, type Parts, type Poly, sourcesOf } from './openingForger.ts';

/** What a worker says of a window, true or not, before a mask is drawn. */
export type Story = {
  readonly context: bigint;
  readonly datasetRoot: bigint;
  readonly batchSeed: bigint;
  readonly firstStep: number;
  readonly lossSum: number;
  readonly parent: CommittedCheckpoint;
  readonly child: CommittedCheckpoint;
  readonly steps: readonly StepValues[];
};

/** What the opening is bound to besides its statement. */
export type Binding = { readonly chainId: bigint; readonly statementVerifier: `0x${string}`; readonly circuitId: `0x${string}` };

/** A UltraHonk proof that the circuit accepts, with what its opening must be made from. */
export type CircuitProof = {
  readonly statement: readonly bigint[];
  readonly proof: Uint8Array;
  readonly outputs: readonly [bigint, bigint, bigint];
  readonly mask: readonly bigint[];
};

export function bindingOf(devnet: AdversaryDevnet): Binding {
  return {
    chainId: BigInt(devnet.requester.chainId),
    statementVerifier: devnet.deployment.addresses.windowVerifier,
    circuitId: devnet.circuitId,
  };
}

/** The context of a lease, as the contract computes it; `changes` make it that of another lease. */
export function contextFor(devnet: AdversaryDevnet, lease: LeaseRecord, changes: Partial<Parameters<typeof contextOf>[1]> = {}): bigint {
  return contextOf('train-window', { ...lease, ...bindingOf(devnet), jobManager: devnet.deployment.addresses.jobManager, ...changes });
}

/** The lease of a submission id, which must exist. */
export async function leaseRecord(devnet: AdversaryDevnet, submissionId: `0x${string}`): Promise<LeaseRecord> {
  const found = await getLease(devnet.requester, devnet.deployment, submissionId);
  if (found === undefined) throw new Error(`no lease ${submissionId}`);
  return found;
}

/** The words of a story's statement under a mask id. */
export function wordsOf(story: Story, mask: bigint): bigint[] {
  const { context, parent, child, datasetRoot, batchSeed, firstStep, lossSum } = story;
  return [context, parent.id, child.id, mask, datasetRoot, batchSeed, BigInt(firstStep), BigInt(lossSum)];
}

/** The product's own prover on a story. @throws what it throws on one that is not true */
export function proveStory(devnet: AdversaryDevnet, story: Story, binding = bindingOf(devnet)): Promise<WindowProof> {
  const { parent, child, context, datasetRoot, batchSeed, firstStep, lossSum } = story;
  return proveWindow({
    ...binding,
    artifacts: devnet.artifacts,
    p2: devnet.p2,
    kzg: devnet.kzg,
    honk: devnet.honk,
    statement: { context, parentId: parent.id, childId: child.id, datasetRoot, batchSeed, firstStep, lossSum },
    parent: parent.weights,
    child: child.weights,
    parentPoints: parent.points,
    childPoints: child.points,
    steps: story.steps,
  });
}

/**
 * A prover that looks at nothing but the circuit: the statement's words are the story's, the circuit is given the weights of `inside`. The circuit
 * never sees an id, so it accepts whatever steps lead from one to the other.
 */
export async function proveInside(
  devnet: AdversaryDevnet,
  story: Story,
  inside: { readonly parent: CommittedCheckpoint; readonly child: CommittedCheckpoint } = story,
): Promise<CircuitProof> {
  const { artifacts, p2, kzg, honk } = devnet;
  const mask = Array.from({ length: 16 }, randomScalar);
  const statement = wordsOf(story, maskId(await kzg.commitMask(mask)));
  const { inputs } = buildWindowWitness(p2, {
    instance: artifacts.instance,
    statement,
    steps: story.steps,
    parent: inside.parent.weights,
    child: inside.child.weights,
    mask,
    blinder: randomScalar(),
  });
  const { witness, outputs } = await solveWitness(artifacts.program, inputs);
  const { proof } = await honk.prove(artifacts.program, artifacts.verifyingKey, witness);
  return { statement, proof: proof, outputs: outputs as [bigint, bigint, bigint], mask };
}

/** An opening that is true of the committed weights, for any statement: its E is the one that these weights have. */
export function openFor(
  devnet: AdversaryDevnet,
  proof: CircuitProof,
  committed: { readonly parent: CommittedCheckpoint; readonly child: CommittedCheckpoint },
  statement: readonly bigint[],
  binding = bindingOf(devnet),
): Promise<Uint8Array> {
  const { instance } = devnet.artifacts;
  const [b, a] = proof.outputs;
  const outputs = [b, a, claimOf(instance.sizes, committed.parent.weights, committed.child.weights, proof.mask, a, b)] as const;
  return openWindow(devnet.kzg, { ...openingParameters(devnet, proof, committed, statement, binding), outputs });
}

/**
 * An opening made for weights that do not have the E that the circuit gave, with every check on the prover's side left out.
 *
 * @param trick `remainder`: the quotient by Z - z is made as if it went up; `pure`: the claim of purity makes up for the difference
 */
export async function openByForce(
  devnet: AdversaryDevnet,
  proof: CircuitProof,
  committed: { readonly parent: CommittedCheckpoint; readonly child: CommittedCheckpoint },
  trick: 'remainder' | 'pure',
): Promise<Uint8Array> {
  const { kzg } = devnet;
  const parameters = openingParameters(devnet, proof, committed, proof.statement, bindingOf(devnet));
  const fixture: Fixture = {
    ...parameters,
    kind: 'train-window',
    outputs: proof.outputs,
    shape: devnet.artifacts.shape,
    parentPoints: committed.parent.points,
    childPoints: committed.child.points,
  };
  const { split, close } = algebra(fixture);
  const commit = (poly: Poly) => kzg.commitScalars(scalarsOf(poly.map((c) => mod(c))));
  const empty: Parts = {
    sources: sourcesOf(fixture),
    outputs: proof.outputs,
    positive: [],
    negative: [],
    pureClaim: 0n,
    negativeValue: 0n,
    quotients: [[], [], []],
  };
  const { constant, ...honest } = split(empty);
  const pureClaim = trick === 'pure' ? mod(constant - proof.outputs[2]) : (honest.pureClaim as bigint);
  let parts: Parts = { ...empty, ...honest, pureClaim };
  const commitments: OpeningCommitments = {
    outputs: proof.outputs,
    checkpoints: [committed.parent.points, committed.child.points],
    mask: await kzg.commitMask(proof.mask),
    positive: await commit(parts.positive),
    negative: await commit(parts.negative),
    pureClaim,
  };
  const z = challengeZ(parameters, commitments);
  parts = { ...parts, ...close(parts, z) };
  const [pi1, pi2, pi3] = parts.quotients;
  return encodeOpening({
    ...commitments,
    negativeValue: parts.negativeValue,
    quotients: [await commit(pi1), await commit(pi2), await commit(pi3)],
  });
}

function openingParameters(
  devnet: AdversaryDevnet,
  proof: CircuitProof,
  committed: { readonly parent: CommittedCheckpoint; readonly child: CommittedCheckpoint },
  statement: readonly bigint[],
  binding: Binding,
) {
  const { instance } = devnet.artifacts;
  return {
    sizes: instance.sizes,
    blockLog: instance.blockLog,
    open: true,
    parent: committed.parent.weights,
    child: committed.child.weights,
    parentPoints: committed.parent.points,
    childPoints: committed.child.points,
    mask: proof.mask,
    statement,
    chainId: binding.chainId,
    verifier: binding.statementVerifier,
    circuitId: binding.circuitId,
  };
}
