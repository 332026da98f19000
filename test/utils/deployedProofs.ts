import { type Address, type Hex, keccak256, toHex } from 'viem';
import { devnetAccount, startAnvil } from '../../src/chain/anvil.ts';
import { connectChain } from '../../src/chain/connectChain.ts';
import { creationOf } from '../../src/chain/creationOf.ts';
import { deployContracts } from '../../src/chain/deployContracts.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { deployVerifier } from '../../src/chain/deployVerifier.ts';
import { auditVerifierDeployedBytecode } from '../../src/chain/generated/AuditVerifier.ts';
import { groth16InferenceVerifierDeployedBytecode } from '../../src/chain/generated/Groth16InferenceVerifier.ts';
import { honkInferenceVerifierDeployedBytecode } from '../../src/chain/generated/HonkInferenceVerifier.ts';
import { membershipVerifierDeployedBytecode } from '../../src/chain/generated/MembershipVerifier.ts';
import { wellFormedVerifierDeployedBytecode } from '../../src/chain/generated/WellFormedVerifier.ts';
import { windowVerifierDeployedBytecode } from '../../src/chain/generated/WindowVerifier.ts';
import { registerCircuit } from '../../src/chain/registerCircuit.ts';
import { blockCount } from '../../src/commitment/blocks.ts';
import { checkpointId, modelId } from '../../src/commitment/ids.ts';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { cutAuditSet } from '../../src/data/auditSet.ts';
import { buildAuditArtifacts } from '../../src/proof/audit/artifacts.ts';
import { proveChunk } from '../../src/proof/audit/proveChunk.ts';
import { circuitIdOf, type NamedArtifacts } from '../../src/proof/circuitIdOf.ts';
import {
  type AuditInstance,
  getCircuit,
  type InferenceInstance,
  type MembershipInstance,
  type WellFormedInstance,
  type WindowInstance,
} from '../../src/proof/circuitInstance.ts';
import type { HonkArtifacts } from '../../src/proof/honkArtifacts.ts';
import { buildInferenceArtifacts, inferenceCircuitId } from '../../src/proof/inference/inferenceArtifacts.ts';
import { type CommittedModel, proveInference } from '../../src/proof/inference/proveInference.ts';
import { proveMembership } from '../../src/proof/membership/proveMembership.ts';
import { proveWindow } from '../../src/proof/proveWindow.ts';
import type { StatementProof } from '../../src/proof/statementProof.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { type VerifyProofParameters, verifyProof } from '../../src/proof/verifyProof.ts';
import { buildWellFormedArtifacts } from '../../src/proof/wellFormed/artifacts.ts';
import { proveWellFormed } from '../../src/proof/wellFormed/proveWellFormed.ts';
import { buildWindowArtifacts } from '../../src/proof/windowArtifacts.ts';
import type { ProofParts } from './malformedProofs.ts';
import { membershipArtifactsOf, membershipSet } from './membershipFixture.ts';
import { fieldElements } from './random.ts';
import { between, testCache, testCeremony, windowCase } from './windowFixture.ts';

/** Small circuits, one for each verifier contract. */
export const backends = {
  'window, UltraHonk': 'train-window-16-8-4',
  'inference, UltraHonk': 'inference-16-8-4',
  'inference, Groth16': 'inference-groth16-16-8-4',
  'well-formed, UltraHonk': 'well-formed-16-8-4',
  'audit, UltraHonk': 'audit-64-16-10-x8-t3',
  'membership, UltraHonk': 'membership-16',
} as const;

export type BackendName = keyof typeof backends;

/** An honest proof of one backend, and who judges it. */
export type DeployedProof = {
  readonly honest: StatementProof;
  /** What the deployed code says in this process. */
  inProcess(parts: ProofParts): Promise<{ valid: boolean; gas: number }>;
  /** What the router on the node says; it may not revert, whatever the proof. */
  onChain(parts: ProofParts): Promise<boolean>;
};

/** A node with every verifier deployed and a circuit of each backend registered. */
export async function deployedProofs(): Promise<{ proofs: Record<BackendName, DeployedProof>; close(): Promise<void> }> {
  const anvil = await startAnvil({});
  const chain = await connectChain({ rpcUrl: anvil.rpcUrl, account: devnetAccount(0) });
  const deployment = await deployContracts(chain);
  const { encodeFunctionData, numberToHex } = await import('viem');
  const { verifierRouterAbi } = await import('../../src/chain/generated/VerifierRouter.ts');
  const judge = async (made: Made): Promise<DeployedProof> => {
    const { address } = await deployVerifier(chain, creationOf(made.proofVerifierCode));
    const registered = await registerCircuit(chain, deployment, {
      vkHash: keccak256(made.verifyingKey),
      proofVerifier: address,
      statementVerifier: made.about.statementVerifier,
      shape: made.about.shapeBytes,
    });
    if (registered.circuitId !== made.about.circuitId) throw new Error('the router computes another circuit id');
    return {
      honest: made.proof,
      inProcess: (parts) => verifyProof({ ...made.about, proofVerifierCode: made.proofVerifierCode, ...parts }),
      async onChain({ statement, proof, opening }) {
        const args = [made.about.circuitId, made.about.open, statement, toHex(proof), toHex(opening)] as const;
        const data = encodeFunctionData({ abi: verifierRouterAbi, functionName: 'verify', args });
        const call = { to: deployment.addresses.verifierRouter, data, gas: numberToHex(6_500_000) };
        const returned = (await chain.client.request({ method: 'eth_call', params: [call, 'latest'] } as never)) as Hex;
        return BigInt(returned) === 1n;
      },
    };
  };
  const proofs = {
    'window, UltraHonk': await judge(await makeWindow(backends['window, UltraHonk'], deployment)),
    'inference, UltraHonk': await judge(await makeInference(backends['inference, UltraHonk'], deployment)),
    'inference, Groth16': await judge(await makeInference(backends['inference, Groth16'], deployment)),
    'well-formed, UltraHonk': await judge(await makeWellFormed(backends['well-formed, UltraHonk'], deployment)),
    'audit, UltraHonk': await judge(await makeAudit(backends['audit, UltraHonk'], deployment)),
    'membership, UltraHonk': await judge(await makeMembership(backends['membership, UltraHonk'], deployment)),
  };
  return { proofs, close: () => anvil.stop() };
}

type Made = {
  readonly proof: StatementProof;
  readonly verifyingKey: Uint8Array;
  readonly proofVerifierCode: Hex;
  readonly about: Omit<VerifyProofParameters, 'statement' | 'proof' | 'opening' | 'proofVerifierCode'>;
};

type Words = readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

const chainId = 31337n;
const caches = () => ({ ceremony: { directory: testCeremony() }, cacheDirectory: `${testCache()}/artifacts` });

async function withKzg<T>(srs: Srs, action: (kzg: Kzg) => Promise<T>): Promise<T> {
  const kzg = await createKzg(srs);
  try {
    return await action(kzg);
  } finally {
    await kzg.close();
  }
}

async function privateModel(
  kzg: Kzg,
  instance: AuditInstance | InferenceInstance | WellFormedInstance,
  model: Hex,
): Promise<CommittedModel> {
  const { sizes, spec, blockLog, name } = instance;
  const weights = sizes
    .slice(1)
    .map((m, l) => Int32Array.from(between(`${name} weights ${l}`, ((sizes[l] as number) + 1) * m, -spec.wmax, spec.wmax)));
  const sigmas = fieldElements(`${name} sigmas`, blockCount(sizes, blockLog));
  const points = await kzg.commitCheckpoint(sizes, blockLog, weights, sigmas);
  return { weights, sigmas, points, checkpointId: checkpointId(model, points) };
}

/** What every prover is told of a circuit: where its verifier is, and which circuit it is. */
type Bound = { readonly chainId: bigint; readonly statementVerifier: Address; readonly verifier: Address; readonly circuitId: Hex };
type Noir = NamedArtifacts & Pick<HonkArtifacts, 'srs'>;

/** Proves in UltraHonk for a deployed verifier of a statement. @param open whether the weights are open */
async function madeWith<Artifacts extends Noir>(
  artifacts: Artifacts,
  statementVerifier: Address,
  statementVerifierCode: Hex,
  prove: (common: Bound & { artifacts: Artifacts; honk: UltraHonk; kzg: Kzg; p2: Poseidon2 }) => Promise<StatementProof>,
  open = false,
): Promise<Made> {
  const circuitId = circuitIdOf(artifacts, statementVerifierCode);
  const honk = await createUltraHonk({ srs: artifacts.srs });
  try {
    const p2 = await loadPoseidon2();
    const bound = { chainId, statementVerifier, verifier: statementVerifier, circuitId };
    const { verifyingKey, shapeBytes } = artifacts;
    return {
      proof: await withKzg(artifacts.srs, (kzg) => prove({ ...bound, artifacts, honk, kzg, p2 })),
      verifyingKey,
      proofVerifierCode: artifacts.honkVerifier.runtime,
      about: { chainId, statementVerifier, circuitId, shapeBytes, open, statementVerifierCode },
    };
  } finally {
    await honk.close();
  }
}

async function makeWindow(name: string, { addresses }: Deployment): Promise<Made> {
  const instance = (await getCircuit(name)) as WindowInstance;
  const artifacts = await buildWindowArtifacts({ instance, ...caches() });
  const { parent, child, steps, statement } = await windowCase({ instance, label: 'deployed' });
  const model = modelId(artifacts.shape);
  const prove: Parameters<typeof madeWith<typeof artifacts>>[3] = async (common) => {
    const { sizes, blockLog } = instance;
    const parentPoints = await common.kzg.commitCheckpoint(sizes, blockLog, parent);
    const childPoints = await common.kzg.commitCheckpoint(sizes, blockLog, child);
    const [context, , , , datasetRoot, batchSeed, firstStep, lossSum] = statement as readonly bigint[] as Words;
    return proveWindow({
      ...common,
      statement: {
        context,
        parentId: checkpointId(model, parentPoints),
        childId: checkpointId(model, childPoints),
        datasetRoot,
        batchSeed,
        firstStep: Number(firstStep),
        lossSum: Number(lossSum),
      },
      parent,
      child,
      parentPoints,
      childPoints,
      steps,
    });
  };
  return madeWith(artifacts, addresses.windowVerifier, windowVerifierDeployedBytecode, prove, true);
}

async function makeInference(name: string, { addresses }: Deployment): Promise<Made> {
  const instance = (await getCircuit(name)) as InferenceInstance;
  const artifacts = await buildInferenceArtifacts({ instance, ...caches() });
  const noir = artifacts.backend.system === 'noir';
  const code = noir ? honkInferenceVerifierDeployedBytecode : groth16InferenceVerifierDeployedBytecode;
  const statementVerifier = noir ? addresses.honkInferenceVerifier : addresses.groth16InferenceVerifier;
  const circuitId = inferenceCircuitId(artifacts, code);
  const [salt, context] = fieldElements(`${name} fields`, 2) as [bigint, bigint];
  return withKzg(artifacts.srs, async (kzg) => {
    const honk = noir ? await createUltraHonk({ srs: artifacts.srs }) : undefined;
    try {
      const proof = await proveInference({
        artifacts,
        prover: honk === undefined ? { system: 'circom' } : { system: 'noir', honk },
        p2: await loadPoseidon2(),
        kzg,
        model: await privateModel(kzg, instance, modelId(artifacts.shape)),
        features: Uint8Array.from(
          between(`${name} features`, instance.inputs * (instance.sizes[0] as number), 0, 2 ** instance.spec.fx - 1),
        ),
        salt,
        context,
        chainId,
        verifier: statementVerifier,
        circuitId,
      });
      return {
        proof,
        verifyingKey: artifacts.verifyingKey,
        proofVerifierCode: artifacts.proofVerifierCode,
        about: { chainId, statementVerifier, circuitId, shapeBytes: artifacts.shapeBytes, open: false, statementVerifierCode: code },
      };
    } finally {
      await honk?.close();
    }
  });
}

async function makeWellFormed(name: string, { addresses }: Deployment): Promise<Made> {
  const instance = (await getCircuit(name)) as WellFormedInstance;
  const artifacts = await buildWellFormedArtifacts({ instance, ...caches() });
  return madeWith(artifacts, addresses.wellFormedVerifier, wellFormedVerifierDeployedBytecode, async (common) =>
    proveWellFormed({
      ...common,
      model: await privateModel(common.kzg, instance, modelId(artifacts.shape)),
      segment: 0,
      context: fieldElements(`${name} context`, 1)[0] as bigint,
    }),
  );
}

async function makeAudit(name: string, { addresses }: Deployment): Promise<Made> {
  const instance = (await getCircuit(name)) as AuditInstance;
  const artifacts = await buildAuditArtifacts({ instance, ...caches() });
  const { samples, sizes, spec, treeDepth } = instance;
  const [width, classes] = [sizes[0] as number, sizes.at(-1) as number];
  const features = Uint8Array.from(between(`${name} features`, 2 * samples * width, 0, 2 ** spec.fx - 1));
  const labels = Uint8Array.from(between(`${name} labels`, 2 * samples, 0, classes - 1));
  const content = { count: 2 * samples, width, classes, featureBits: spec.fx, features, labels };
  return madeWith(artifacts, addresses.auditVerifier, auditVerifierDeployedBytecode, async (common) =>
    proveChunk({
      ...common,
      model: await privateModel(common.kzg, instance, modelId(artifacts.shape)),
      set: cutAuditSet(common.p2, content, { samples, depth: treeDepth }),
      chunk: 1,
      context: fieldElements(`${name} context`, 1)[0] as bigint,
    }),
  );
}

async function makeMembership(name: string, { addresses }: Deployment): Promise<Made> {
  const instance = (await getCircuit(name)) as MembershipInstance;
  const artifacts = await membershipArtifactsOf(instance);
  const [context, recordSalt] = fieldElements(`${name} fields`, 2) as [bigint, bigint];
  return madeWith(artifacts, addresses.membershipVerifier, membershipVerifierDeployedBytecode, async (common) =>
    proveMembership({ ...common, ...(await membershipSet(instance, name)), sample: 3, recordSalt, context }),
  );
}
