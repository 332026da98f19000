import { concat, encodePacked, type Hex, hexToBytes, keccak256, numberToHex, pad } from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { type Anvil, devnetAccount, type StartAnvilParameters, startAnvil } from '../../src/chain/anvil.ts';
import { captureSeed, seedDelay } from '../../src/chain/captureSeed.ts';
import { type ChainWriter, connectChain } from '../../src/chain/connectChain.ts';
import { deployCode } from '../../src/chain/deployCode.ts';
import { type DeployContractsParameters, deployContracts } from '../../src/chain/deployContracts.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { getHead } from '../../src/chain/getHead.ts';
import { getStatement } from '../../src/chain/getStatement.ts';
import { type LeaseReturnType, lease } from '../../src/chain/lease.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { type JobTerms, openJob } from '../../src/chain/openJob.ts';
import { registerCircuit } from '../../src/chain/registerCircuit.ts';
import { registerDataset } from '../../src/chain/registerDataset.ts';
import { registerGenesis } from '../../src/chain/registerGenesis.ts';
import { registerModel } from '../../src/chain/registerModel.ts';
import { registerNode } from '../../src/chain/registerNode.ts';
import { stake } from '../../src/chain/stake.ts';
import { submit } from '../../src/chain/submit.ts';
import { type SubmitAndSettleReturnType, submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { transferToken } from '../../src/chain/transferToken.ts';
import { checkpointId, encodeShape, modelId, proofHash, specId, statementHash } from '../../src/commitment/ids.ts';
import { srsIdOf } from '../../src/commitment/srs.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { runtimeCode } from './evm.ts';

export const ether = 10n ** 18n;

/** Blocks until unbonded stake leaves. */
export const unbondingBlocks = 400n;

const sizes = [64, 32, 10];
const tau = [1n, 2n, 3n, 4n] as const;
const blockLog = 10;
/** The model that every stage has, and what its circuits are made of. */
export const stageModel = { specId: specId(defaultSpec(4)), srsId: srsIdOf(tau), blockLog, sizes, g2Tau: tau };
export const stageModelId = modelId(stageModel);
export const windowShape = encodeShape({ ...stageModel, batch: 16, steps: 4, treeDepth: 3, honkProofBytes: 64 });

/** The generator of BN254's first group, its double, and zero. */
export const [g1, g1Twice, g1Zero] = [
  [1n, 2n],
  [
    0x030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd3n,
    0x15ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4n,
  ],
  [0n, 0n],
] as const;
export const genesisPoints = [g1, g1Zero] as const;
export const genesisId = checkpointId(stageModelId, genesisPoints);

/** CIDv1 bytes of no blob. */
export const stageCid = Uint8Array.from([1, 0x55, 0x12, 0x20, ...new Uint8Array(32).fill(7)]);
export const opening = new TextEncoder().encode('opening');
export const salt = keccak256('0x5a17');

/** An operator: its cold key and the hot key that works for it. */
export type StageParty = { readonly cold: ChainWriter; readonly hot: ChainWriter; readonly hotKey: PrivateKeyAccount };

/** What the scripted verifier takes for a proof of exactly this. */
export function boundProof(circuitId: Hex, open: boolean, statement: readonly bigint[]): Uint8Array {
  const hash = keccak256(encodePacked(['bytes32', 'uint256', 'uint256[]'], [circuitId, open ? 1n : 0n, statement]));
  return hexToBytes(concat(['0x01', hash]));
}

/** What it takes for none. */
export const falseProof = new Uint8Array(33);

export function hotKeyOf(n: number): PrivateKeyAccount {
  return privateKeyToAccount(pad(numberToHex(0xa000 + n), { size: 32 }));
}

/** What a worker says that it found of a window: its child, mask and loss. */
export const trained = (childId: bigint): readonly bigint[] => [childId, 77n, 88n];

export type SettlementStage = {
  readonly anvil: Anvil;
  readonly deployment: Deployment;
  readonly requester: ChainWriter;
  readonly alice: StageParty;
  readonly bob: StageParty;
  readonly carol: StageParty;
  /** Without registration or stake. */
  readonly finder: ChainWriter;
  /** Of windows, judged by ScriptedVerifier.sol. */
  readonly circuitId: Hex;
  readonly datasetId: Hex;
  /** An eager job of two windows, without fee and shares. */
  readonly eagerTerms: JobTerms;
  /** An optimistic one of four windows, silence 40, answers 30, two seats that share a tenth. */
  readonly optimisticTerms: JobTerms;
  connect(account: ChainWriter['account']): Promise<ChainWriter>;
  rpc(method: string, params?: readonly unknown[]): Promise<unknown>;
  /** Registers the code of a statement verifier of contracts/test/utils with a circuit of this shape. */
  circuitOf(file: string, contract: string, shape: Hex): Promise<Hex>;
  /** Opens a job and captures its seed. */
  activeJob(terms: JobTerms): Promise<bigint>;
  /** Leases the next window from what it starts from now. */
  leaseNext(party: StageParty, jobId: bigint, contributionIndex?: bigint): Promise<LeaseReturnType>;
  /** A proof of these results under a lease. */
  proofOf(submissionId: Hex, results: readonly bigint[]): Promise<Uint8Array>;
  /** Leases the next window and proves it. */
  proveNext(party: StageParty, jobId: bigint, childId: bigint): Promise<SubmitAndSettleReturnType>;
  /** Leases the next window and submits it, with a true proof behind it or a false one. */
  submitNext(
    party: StageParty,
    jobId: bigint,
    childId: bigint,
    truth?: boolean,
  ): Promise<{
    readonly submissionId: Hex;
    readonly statement: readonly bigint[];
    readonly proof: Uint8Array;
    readonly blockNumber: bigint;
  }>;
  close(): Promise<void>;
};

/** An anvil with all contracts, three bonded operators, a dataset, a genesis, and a circuit whose verifier tests script. */
export async function startSettlementStage(
  options: StartAnvilParameters & { readonly contracts?: DeployContractsParameters } = {},
): Promise<SettlementStage> {
  const { contracts, ...node } = options;
  const anvil = await startAnvil(node);
  const connect = (account: ChainWriter['account']): Promise<ChainWriter> =>
    connectChain({ rpcUrl: anvil.rpcUrl, account, pollingInterval: 20 });
  const requester = await connect(devnetAccount(0));
  const rpc = (method: string, params: readonly unknown[] = []): Promise<unknown> => requester.client.request({ method, params } as never);
  const deployment = await deployContracts(requester, { unbondingBlocks, ...contracts });
  const { address: proofVerifier } = await deployCode(requester, '0x00');
  const circuitOf = async (file: string, contract: string, shape: Hex): Promise<Hex> => {
    const { address: statementVerifier } = await deployCode(requester, runtimeCode(`test/utils/${file}`, contract));
    return (await registerCircuit(requester, deployment, { vkHash: keccak256('0x01'), proofVerifier, statementVerifier, shape })).circuitId;
  };
  const circuitId = await circuitOf('ScriptedVerifier.sol', 'ScriptedVerifier', windowShape);
  await registerModel(requester, deployment, stageModel);
  await registerGenesis(requester, deployment, { modelId: stageModelId, points: genesisPoints, cid: stageCid, licence: 'CC0-1.0' });
  const { datasetId } = await registerDataset(requester, deployment, {
    root: 77n,
    depth: 3,
    minibatches: 5,
    cid: stageCid,
    licence: 'CC-BY-4.0',
  });
  const enlist = async (n: number): Promise<StageParty> => {
    const cold = await connect(devnetAccount(n));
    const hotKey = hotKeyOf(n);
    await rpc('anvil_setBalance', [hotKey.address, numberToHex(100n * ether)]);
    await transferToken(requester, deployment.addresses.token, cold.account.address, 3_000n * ether);
    await stake(cold, deployment, 2_000n * ether);
    await registerNode(cold, deployment, { hotKey, peerId: Uint8Array.from([0, 36, 8, 1, 18, 32, ...new Uint8Array(32).fill(n)]) });
    return { cold, hot: await connect(hotKey), hotKey };
  };
  const eagerTerms: JobTerms = {
    circuitId,
    datasetId,
    genesisId,
    windows: 2,
    price: 5n * ether,
    bond: 100n * ether,
    lapsePenalty: ether,
    leaseBlocks: 20,
    freeReleaseBlocks: 5,
    evidenceBlocks: 50,
  };
  const parties = { alice: await enlist(1), bob: await enlist(2), carol: await enlist(4) };

  const leaseNext: SettlementStage['leaseNext'] = async (party, jobId, contributionIndex = 0n) =>
    lease(party.hot, deployment, jobId, contributionIndex, await getHead(requester, deployment, jobId));
  const proofOf: SettlementStage['proofOf'] = async (submissionId, results) =>
    boundProof(circuitId, true, await getStatement(requester, deployment, submissionId, results));

  return {
    anvil,
    deployment,
    requester,
    ...parties,
    finder: await connect(devnetAccount(3)),
    circuitId,
    datasetId,
    eagerTerms,
    optimisticTerms: {
      ...eagerTerms,
      windows: 4,
      mode: 'optimistic',
      finalityBlocks: 40,
      answerBlocks: 30,
      validators: 2,
      validatorBps: 1_000,
    },
    connect,
    rpc,
    circuitOf,
    async activeJob(terms) {
      const { jobId } = await openJob(requester, deployment, terms);
      await mineBlocks(requester, Number(seedDelay));
      await captureSeed(requester, deployment, jobId);
      return jobId;
    },
    leaseNext,
    proofOf,
    async proveNext(party, jobId, childId) {
      const { submissionId } = await leaseNext(party, jobId);
      const results = trained(childId);
      return submitAndSettle(party.hot, deployment, { submissionId, results, proof: await proofOf(submissionId, results), opening });
    },
    async submitNext(party, jobId, childId, truth = true) {
      const { submissionId } = await leaseNext(party, jobId);
      const results = trained(childId);
      const proof = truth ? await proofOf(submissionId, results) : falseProof;
      const { statement, blockNumber } = await submit(party.hot, deployment, {
        submissionId,
        results,
        statementHash: statementHash('train-window', await getStatement(requester, deployment, submissionId, results)),
        proofHash: proofHash(proof, opening),
      });
      return { submissionId, statement, proof, blockNumber };
    },
    close: () => anvil.stop(),
  };
}
