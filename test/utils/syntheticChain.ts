import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Abi,
  encodeAbiParameters,
  encodeEventTopics,
  getAddress,
  type Hex,
  keccak256,
  pad,
  toFunctionSelector,
  toHex,
  zeroAddress,
  zeroHash,
} from 'viem';
import { type Deployment, deploymentModules, deploymentVersion } from '../../src/chain/deployment.ts';
import { jobManagerAbi } from '../../src/chain/generated/JobManager.ts';
import { modelRegistryAbi } from '../../src/chain/generated/ModelRegistry.ts';
import { nodeRegistryAbi } from '../../src/chain/generated/NodeRegistry.ts';
import { reputationRegistryAbi } from '../../src/chain/generated/ReputationRegistry.ts';
import { rewardDistributorAbi } from '../../src/chain/generated/RewardDistributor.ts';
import { stakeManagerAbi } from '../../src/chain/generated/StakeManager.ts';
import { tokenEmissionAbi } from '../../src/chain/generated/TokenEmission.ts';
import { verifierRouterAbi } from '../../src/chain/generated/VerifierRouter.ts';
import { windowManagerAbi } from '../../src/chain/generated/WindowManager.ts';

const abis = {
  jobManager: jobManagerAbi,
  modelRegistry: modelRegistryAbi,
  nodeRegistry: nodeRegistryAbi,
  reputationRegistry: reputationRegistryAbi,
  rewardDistributor: rewardDistributorAbi,
  stakeManager: stakeManagerAbi,
  tokenEmission: tokenEmissionAbi,
  verifierRouter: verifierRouterAbi,
  windowManager: windowManagerAbi,
} as const;
type Module = keyof typeof abis;

const word = (value: bigint | number | Hex): string => pad(typeof value === 'string' ? value : toHex(value), { size: 32 }).slice(2);
const idOf = (text: string): Hex => keccak256(toHex(text));

/** What a log has besides its place on the chain, as JSON text with holes that `fill` closes. */
type Template = { readonly pieces: readonly string[]; readonly holes: readonly string[] };

export type SyntheticChain = {
  readonly deployment: Deployment;
  readonly head: number;
  readonly windows: number;
  readonly logs: number;
  readonly jobs: readonly { readonly jobId: number; readonly windows: number }[];
  readonly operators: readonly Hex[];
  readonly submissionOf: (jobId: number, window: number) => Hex;
  readonly checkpointOf: (jobId: number, window: number) => bigint;
  /** As a node's JSON. */
  answer(method: string, params: readonly unknown[]): string;
};

const firstTime = 1_760_000_000;
const ether = 10n ** 18n;

/**
 * A chain on which eager windows of several jobs were leased, proved and paid, each in two transactions with the events of the contracts in their order:
 * 12 a window, encoded by the generated ABIs. Everything follows from the numbers, so nothing of it is kept.
 */
export function syntheticChain(sizes: readonly number[], operatorCount = 64): SyntheticChain {
  const addresses = Object.fromEntries(
    deploymentModules.map((module, i) => [module, getAddress(pad(toHex(0xa55a_0000_0000n + BigInt(i)), { size: 20 }))]),
  ) as Deployment['addresses'];
  const deployment: Deployment = { version: deploymentVersion, chainId: 31337, profile: 'dev', blockNumber: 1, firstBlock: 1, addresses };
  const operators = Array.from({ length: operatorCount }, (_, i) => getAddress(`0x${idOf(`operator ${i}`).slice(26)}`));
  const requester = getAddress(`0x${idOf('requester').slice(26)}`);
  const jobs = sizes.map((windows, i) => ({ jobId: i + 1, windows }));
  const windows = sizes.reduce((a, b) => a + b, 0);
  // Jobs take turns, in proportion to what they have left.
  const order: number[] = [];
  const left = [...sizes];
  while (order.length < windows)
    for (const [i, n] of left.entries())
      if (n > 0)
        for (let k = 0; k < Math.max(1, Math.floor((sizes[i] as number) / 1000)) && (left[i] as number) > 0; k++) {
          order.push(i);
          (left as number[])[i] = (left[i] as number) - 1;
        }
  const windowIndex = new Uint32Array(windows);
  const counts = sizes.map(() => 0);
  for (const [n, job] of order.entries()) {
    windowIndex[n] = counts[job] as number;
    (counts as number[])[job] = (counts[job] as number) + 1;
  }
  const setupBlock = 2;
  const firstWindowBlock = 10;
  const head = firstWindowBlock + 2 * windows + 80;

  const circuitId = idOf('circuit');
  const modelId = idOf('model');
  const datasetId = idOf('dataset');
  const submissionOf = (jobId: number, window: number): Hex =>
    `0x5b${jobId.toString(16).padStart(6, '0')}${window.toString(16).padStart(8, '0')}${'5b'.repeat(24)}`;
  const checkpointOf = (jobId: number, window: number): bigint => (BigInt(jobId) << 200n) | (BigInt(window + 1) << 100n) | 0xc4ec_c4ecn;

  /** A log of these arguments; `0x` values that begin with `hole` are holes. */
  const encode = (
    module: Module,
    name: string,
    args: Readonly<Record<string, unknown>>,
  ): { address: Hex; topics: readonly Hex[]; data: Hex } => {
    const abi = abis[module] as Abi;
    const event = abi.find((item) => item.type === 'event' && item.name === name);
    if (event?.type !== 'event') throw new Error(name);
    const rest = event.inputs.filter((input) => input.indexed !== true);
    return {
      address: addresses[module],
      topics: encodeEventTopics({ abi, eventName: name, args } as never) as Hex[],
      data: encodeAbiParameters(rest, rest.map((input) => args[input.name as string]) as never),
    };
  };
  const hole = (n: number): bigint => BigInt(`0x7a7a7a7a${n.toString(16).padStart(4, '0')}`) << 96n;
  const holeAddress = (n: number): Hex => getAddress(pad(toHex(hole(n)), { size: 20 }));
  const holeHash = (n: number): Hex => pad(toHex(hole(n)), { size: 32 });
  const template = (module: Module, name: string, args: Readonly<Record<string, unknown>>): Template => {
    const { address, topics, data } = encode(module, name, args);
    const text = `"address":"${address.toLowerCase()}","topics":${JSON.stringify(topics)},"data":"${data}"`;
    const parts = text.split(/(0{28}7a7a7a7a[0-9a-f]{4}0{24})/i);
    return {
      pieces: parts.filter((_, i) => i % 2 === 0),
      holes: parts
        .filter((_, i) => i % 2 === 1)
        .map((part) => String(Number.parseInt(/7a7a7a7a([0-9a-f]{4})/i.exec(part)?.[1] as string, 16))),
    };
  };
  // 0 job, 1 window, 2 operator, 3 submission, 4 start, 5 child, 6 mask, 7 loss, 8 lease nonce, 9 deadline, 10 version, 11 score.
  const [job, index, operator, submission, start, child, mask, loss, nonce, deadline, version, score] = Array.from(
    { length: 12 },
    (_, n) => n,
  ) as [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
  const price = 5n * ether;
  const lease = [
    template('windowManager', 'LeaseTaken', {
      jobId: hole(job),
      windowIndex: hole(index),
      operator: holeAddress(operator),
      submissionId: holeHash(submission),
      contributionIndex: 0n,
      leaseNonce: hole(nonce),
      registrationNonce: 1n,
      startId: hole(start),
      deadline: hole(deadline),
      raced: false,
    }),
    template('stakeManager', 'BondLocked', { operator: holeAddress(operator), amount: 150n * ether }),
  ];
  const proof = [
    template('windowManager', 'WindowSubmitted', {
      jobId: hole(job),
      windowIndex: hole(index),
      operator: holeAddress(operator),
      submissionId: holeHash(submission),
      contributionIndex: 0n,
      statement: [hole(submission), hole(start), hole(child), hole(mask), 77n, 99n, hole(index), hole(loss)],
      proofHash: holeHash(mask),
      sender: holeAddress(operator),
    }),
    template('windowManager', 'WindowProved', { submissionId: holeHash(submission), jobId: hole(job), settler: holeAddress(operator) }),
    template('windowManager', 'WindowFinalized', {
      jobId: hole(job),
      windowIndex: hole(index),
      operator: holeAddress(operator),
      submissionId: holeHash(submission),
      contributionIndex: 0n,
      resultId: hole(child),
      proved: true,
    }),
    template('stakeManager', 'BondUnlocked', { operator: holeAddress(operator), amount: 150n * ether }),
    template('rewardDistributor', 'Credited', { token: addresses.token, account: holeAddress(operator), amount: price }),
    template('rewardDistributor', 'EscrowBurned', { jobId: hole(job), amount: ether }),
    template('reputationRegistry', 'ReputationGained', { operator: holeAddress(operator), fee: ether, score: hole(score) }),
    template('tokenEmission', 'Emitted', { operator: holeAddress(operator), epoch: 0n, amount: ether / 4n }),
    template('jobManager', 'UnitPaid', {
      jobId: hole(job),
      submissionId: holeHash(submission),
      operator: holeAddress(operator),
      workerPart: price,
      validatorPart: 0n,
      licensorPart: 0n,
      treasuryPart: 0n,
      feeBurned: ether,
      emitted: ether / 4n,
    }),
    template('modelRegistry', 'CheckpointRecorded', {
      circuitId,
      checkpointId: hole(child),
      jobId: hole(job),
      modelId,
      windowIndex: hole(index),
      parentId: hole(start),
      version: hole(version),
      proved: true,
      statementHash: holeHash(submission),
    }),
  ];
  const plain = (module: Module, name: string, args: Readonly<Record<string, unknown>>): Template => {
    const { address, topics, data } = encode(module, name, args);
    return { pieces: [`"address":"${address.toLowerCase()}","topics":${JSON.stringify(topics)},"data":"${data}"`], holes: [] };
  };
  const setup: Template[] = [
    plain('verifierRouter', 'CircuitRegistered', {
      circuitId,
      modelId,
      statementType: idOf('train-window'),
      srsId: idOf('srs'),
      vkHash: idOf('vk'),
      proofVerifier: addresses.windowVerifier,
      statementVerifier: addresses.windowVerifier,
    }),
    ...operators.flatMap((one, i) => [
      plain('nodeRegistry', 'NodeRegistered', {
        operator: one,
        hotKey: getAddress(`0x${idOf(`hot ${i}`).slice(26)}`),
        registrationNonce: 1n,
        peerId: '0x1234',
      }),
      plain('stakeManager', 'Staked', { operator: one, amount: BigInt(1000 + 13 * i) * ether }),
    ]),
    ...jobs.flatMap(({ jobId, windows: wanted }) => [
      plain('jobManager', 'JobOpened', {
        jobId: BigInt(jobId),
        requester,
        modelId,
        terms: {
          circuitId,
          datasetId,
          genesisId: checkpointOf(jobId, -1),
          token: addresses.token,
          open: true,
          mode: 0,
          contributions: 1,
          validators: 0,
          maxLapses: 8,
          windows: wanted,
          leaseBlocks: 50,
          freeReleaseBlocks: 5,
          priorityBlocks: 3,
          finalityBlocks: 0,
          answerBlocks: 0,
          evidenceBlocks: 60,
          price,
          fee: ether,
          bond: 100n * ether,
          lapsePenalty: ether,
          validatorBps: 0,
          licensorBps: 0,
          treasuryBps: 0,
          treasury: zeroAddress,
          worker: zeroAddress,
          wellFormedCircuit: zeroHash,
        },
      }),
      plain('jobManager', 'SeedCaptured', { jobId: BigInt(jobId), batchSeed: 99n }),
    ]),
  ];

  const hashOf = (block: number): Hex => `0xb10c${block.toString(16).padStart(12, '0')}${'b1'.repeat(24)}`;
  const transactionOf = (block: number): Hex => `0x7a00${block.toString(16).padStart(12, '0')}${'7a'.repeat(24)}`;
  const timeOf = (block: number): number => firstTime + 12 * block;
  const placed = (templates: readonly Template[], values: readonly string[], block: number): string => {
    const place = `"blockNumber":"0x${block.toString(16)}","blockHash":"${hashOf(block)}","transactionHash":"${transactionOf(block)}","transactionIndex":"0x0","removed":false,"blockTimestamp":"0x${timeOf(block).toString(16)}"`;
    let text = '';
    for (let i = 0; i < templates.length; i++) {
      const { pieces, holes } = templates[i] as Template;
      let body = pieces[0] as string;
      for (let k = 0; k < holes.length; k++) body += (values[holes[k] as unknown as number] as string) + pieces[k + 1];
      text += `${i === 0 ? '' : ','}{${body},${place},"logIndex":"0x${i.toString(16)}"}`;
    }
    return text;
  };
  const logsOf = (block: number): string => {
    if (block === setupBlock) return placed(setup, [], block);
    const n = (block - firstWindowBlock) >> 1;
    if (block < firstWindowBlock || n >= windows) return '';
    const j = order[n] as number;
    const { jobId } = jobs[j] as { jobId: number };
    const w = windowIndex[n] as number;
    // The lower an operator's number, the more it works.
    const who = operators[Math.floor((((n * 7919) % 1000) ** 2 / 1_000_000) * operators.length)] as Hex;
    const values = [
      word(jobId),
      word(w),
      word(who),
      submissionOf(jobId, w).slice(2),
      word(checkpointOf(jobId, w - 1)),
      word(checkpointOf(jobId, w)),
      word(0x3a5c0000000000n + BigInt(n)),
      word(1_000_000 - Math.floor((900_000 * w) / (w + 500))),
      word(w + 1),
      word(block + 50),
      word(w + 1),
      word(BigInt(w) * ether),
    ];
    return placed((block - firstWindowBlock) % 2 === 0 ? lease : proof, values, block);
  };
  const header = (block: number): string =>
    block > head || block < 0
      ? 'null'
      : JSON.stringify({
          number: toHex(block),
          hash: hashOf(block),
          parentHash: hashOf(block - 1),
          timestamp: toHex(timeOf(block)),
          transactions: [],
          gasLimit: '0x0',
          gasUsed: '0x0',
        });
  const blockOf = (hash: string): number => Number.parseInt(hash.slice(6, 18), 16);

  const call = (data: Hex): Hex => {
    for (const [selector, result] of views) if (data.startsWith(selector)) return result;
    throw new Error(`${data.slice(0, 10)} is not scripted`);
  };
  const views: readonly (readonly [Hex, Hex])[] = [
    [toFunctionSelector('symbol()'), encodeAbiParameters([{ type: 'string' }], ['ASSAY'])],
    [toFunctionSelector('decimals()'), encodeAbiParameters([{ type: 'uint8' }], [18])],
    [toFunctionSelector('totalSupply()'), encodeAbiParameters([{ type: 'uint256' }], [800_000_000n * ether])],
  ];

  return {
    deployment,
    head,
    windows,
    logs: setup.length + windows * (lease.length + proof.length),
    jobs,
    operators,
    submissionOf,
    checkpointOf,
    answer(method, params) {
      switch (method) {
        case 'eth_chainId':
          return '"0x7a69"';
        case 'eth_blockNumber':
          return `"${toHex(head)}"`;
        case 'eth_getCode':
          return '"0x00"';
        case 'eth_getBlockByNumber':
          return header(params[0] === 'latest' ? head : Number(params[0]));
        case 'eth_getBlockByHash':
          return header(blockOf(params[0] as string));
        case 'eth_getLogs': {
          const filter = params[0] as { blockHash?: string; fromBlock?: string; toBlock?: string };
          const from = filter.blockHash === undefined ? Number(filter.fromBlock) : blockOf(filter.blockHash);
          const to = filter.blockHash === undefined ? Math.min(head, Number(filter.toBlock)) : from;
          const texts: string[] = [];
          for (let block = from; block <= to; block++) {
            const text = logsOf(block);
            if (text !== '') texts.push(text);
          }
          return `[${texts.join(',')}]`;
        }
        case 'eth_getTransactionReceipt': {
          const block = Number.parseInt((params[0] as string).slice(6, 18), 16);
          return JSON.stringify({
            transactionHash: params[0],
            blockHash: hashOf(block),
            blockNumber: toHex(block),
            status: '0x1',
            gasUsed: toHex(500_000 + (block % 1000)),
            cumulativeGasUsed: '0x0',
            effectiveGasPrice: '0x3b9aca00',
            from: operators[0],
            to: addresses.windowManager,
            logs: [],
            logsBloom: '0x',
            type: '0x2',
            transactionIndex: '0x0',
            contractAddress: null,
          });
        }
        case 'eth_call':
          return `"${call((params[0] as { data: Hex }).data)}"`;
        default:
          throw new Error(`${method} is not scripted`);
      }
    },
  };
}

/** Serves a synthetic chain as a node would, over HTTP. */
export async function serveSyntheticChain(chain: SyntheticChain): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const {
      id,
      method,
      params = [],
    } = JSON.parse(Buffer.concat(chunks).toString()) as { id: number; method: string; params?: readonly unknown[] };
    let body: string;
    try {
      body = `{"jsonrpc":"2.0","id":${id},"result":${chain.answer(method, params)}}`;
    } catch (error) {
      body = JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: String(error) } });
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
