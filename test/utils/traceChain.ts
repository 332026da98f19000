import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type Abi,
  type AbiFunction,
  type Address,
  concat,
  concatHex,
  decodeErrorResult,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  keccak256,
  numberToHex,
  pad,
  toFunctionSelector,
  toHex,
} from 'viem';
import { startAnvil } from '../../src/chain/anvil.ts';
import { checkpointId, encodeShape, encodeWellFormedShape, modelId as modelIdOf, wellFormedContext } from '../../src/commitment/ids.ts';
import { srsIdOf } from '../../src/commitment/srs.ts';
import type { Action, Announcement } from '../../src/protocol/model/action.ts';
import { type Environment, initialState, type State, type World } from '../../src/protocol/model/state.ts';
import { announcementTypes, signingDomain } from '../../src/protocol/typedData.ts';
import { runtimeCode } from './evm.ts';
import { pointOf } from './pointOf.ts';
import {
  datasetRoot,
  genesisOf,
  genesisPoints,
  guardianTerm,
  licenceBps,
  people,
  purse,
  pursesOf,
  signers,
  unbondingBlocks,
} from './traceCast.ts';
import { boundProof, type Cast, scriptedVerify } from './traces.ts';

// The real contracts on anvil, behind the actions of the model.

const wired = [
  'token',
  'nodeRegistry',
  'parameters',
  'verifierRouter',
  'datasetRegistry',
  'modelRegistry',
  'rewardDistributor',
  'stakeManager',
  'reputationRegistry',
  'tokenEmission',
  'validatorManager',
  'challengeManager',
  'windowManager',
  'jobManager',
] as const;
type Module = (typeof wired)[number];

const zero = '0x';
const deployer = pad('0xd0', { size: 20 });
const manyReads = pad('0xc0de', { size: 20 });
const gas = toHex(16_000_000);
const cid = '0x01551220';
const openingBytes: Hex = '0x6f70656e696e67';

type Artifact = { readonly abi: Abi; readonly bytecode: Hex };

/** From forge's folder where one is named (ASSAY_TRACE_ARTIFACTS), else what the package ships. */
async function artifactOf(name: string): Promise<Artifact> {
  const folder = process.env['ASSAY_TRACE_ARTIFACTS'];
  if (folder !== undefined) {
    const read = JSON.parse(readFileSync(`${folder}/${name}.sol/${name}.json`, 'utf8')) as { abi: Abi; bytecode: { object: Hex } };
    return { abi: read.abi, bytecode: read.bytecode.object };
  }
  const constant = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  const generated = (await import(fileURLToPath(new URL(`../../src/chain/generated/${name}.ts`, import.meta.url)))) as Record<
    string,
    unknown
  >;
  return { abi: generated[`${constant}Abi`] as Abi, bytecode: generated[`${constant}Bytecode`] as Hex };
}

function contractName(module: Module): string {
  return module === 'token' ? 'AssayToken' : `${module.charAt(0).toUpperCase()}${module.slice(1)}`;
}

/** One contract of the deployment, with fast access to its functions. */
export type Contract = {
  readonly address: Address;
  readonly abi: Abi;
  readonly encode: (name: string, args: readonly unknown[]) => Hex;
  readonly decode: (name: string, data: Hex) => unknown;
};

function contractAt(address: Address, abi: Abi): Contract {
  const parts = new Map<string, Abi>();
  const part = (name: string): Abi => {
    const known = parts.get(name);
    if (known !== undefined) return known;
    const found = abi.filter((entry) => entry.type === 'function' && entry.name === name);
    parts.set(name, found);
    return found;
  };
  return {
    address: address.toLowerCase() as Address,
    abi,
    encode: (name, args) => encodeFunctionData({ abi: part(name), functionName: name, args }),
    decode: (name, data) => decodeFunctionResult({ abi: part(name), functionName: name, data }),
  };
}

type Answer = { readonly result?: unknown; readonly error?: { readonly message: string; readonly data?: Hex } };
type Rpc = (method: string, params: readonly unknown[]) => Promise<unknown>;

export type TraceChain = {
  readonly world: World;
  readonly cast: Cast;
  /** The state before the prologue. */
  readonly start: State;
  readonly contracts: Readonly<Record<Module, Contract>>;
  readonly head: () => bigint;
  readonly environment: (block: bigint) => Environment;
  /** Mines empty blocks until `head` is this one. */
  readonly mineTo: (block: bigint) => Promise<void>;
  /** Learns the hashes of these blocks, as far as they are mined. */
  readonly learn: (blocks: Iterable<bigint>) => Promise<void>;
  /** Sends the action in a block of its own. @returns the custom error's name, or undefined */
  readonly send: (action: Action) => Promise<string | undefined>;
  /** How the contracts would refuse the action in the next block. */
  readonly refusal: (action: Action) => Promise<string | undefined>;
  readonly read: (calls: readonly ReadCall[]) => Promise<unknown[]>;
  readonly coinOf: (account: Address) => Promise<bigint>;
  readonly snapshot: () => Promise<void>;
  readonly restore: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type ReadCall = readonly [contract: Contract, name: string, args: readonly unknown[]];

function pointsBytes(logarithms: readonly bigint[]): Hex {
  return concatHex(logarithms.flatMap((k) => pointOf(k).map((coordinate) => numberToHex(coordinate, { size: 32 }))));
}

const checkpointIds = new Map<string, bigint>();

function idOf(model: Hex, logarithms: readonly bigint[]): bigint {
  const key = `${model}/${logarithms.join()}`;
  const known = checkpointIds.get(key);
  if (known !== undefined) return known;
  const id = checkpointId(model, logarithms.map(pointOf));
  checkpointIds.set(key, id);
  return id;
}

/** Starts anvil and deploys the set as a deployment does, with scripted statement verifiers. */
export async function openTraceChain(): Promise<TraceChain> {
  const given = process.env['ASSAY_TRACE_RPC'];
  const anvil = given === undefined ? await startAnvil() : undefined;
  const url = given ?? (anvil?.rpcUrl as string);
  let requests = 0;
  const post = async (method: string, params: readonly unknown[]): Promise<Answer> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++requests, method, params });
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return (await response.json()) as Answer;
  };
  const rpc: Rpc = async (method, params) => {
    const { result, error } = await post(method, params);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  await rpc('anvil_autoImpersonateAccount', [true]);
  const everybody = [
    ...people.requesters,
    ...people.operators,
    ...people.hotKeys.flat(),
    ...people.finders,
    people.governor,
    people.guardian,
    deployer,
  ];
  for (const account of everybody) await rpc('anvil_setBalance', [account, toHex(10n ** 30n)]);
  await rpc('anvil_setBlockTimestampInterval', [12]);

  let head = BigInt((await rpc('eth_blockNumber', [])) as Hex);
  const hashes = new Map<bigint, Hex>();
  type Receipt = { status: Hex; blockNumber: Hex; blockHash: Hex; contractAddress: Address | null };
  const transact = async (from: Address, to: Address | undefined, data: Hex, value = 0n): Promise<Receipt> => {
    const call = {
      from,
      ...(to === undefined ? {} : { to }),
      data,
      gas,
      value: toHex(value),
      maxFeePerGas: toHex(10n ** 12n),
      maxPriorityFeePerGas: '0x0',
    };
    const receipt = (await rpc('eth_sendTransactionSync', [call])) as Receipt;
    head = BigInt(receipt.blockNumber);
    hashes.set(head, receipt.blockHash);
    return receipt;
  };
  const must = async (from: Address, to: Address | undefined, data: Hex, what: string): Promise<Receipt> => {
    const receipt = await transact(from, to, data);
    if (receipt.status !== '0x1') throw new Error(`setup: ${what} failed`);
    return receipt;
  };

  const artifacts = Object.fromEntries(
    await Promise.all(wired.map(async (module) => [module, await artifactOf(contractName(module))] as const)),
  ) as Record<Module, Artifact>;
  const nonce = BigInt((await rpc('eth_getTransactionCount', [deployer, 'latest'])) as Hex);
  const addresses = Object.fromEntries(
    wired.map((module, i) => [module, getContractAddress({ from: deployer, nonce: nonce + BigInt(i) }).toLowerCase()]),
  ) as Record<Module, Address>;
  const more: Partial<Record<Module, readonly unknown[]>> = {
    token: [deployer, 8n * 10n ** 26n],
    parameters: [people.governor, people.guardian, guardianTerm],
    stakeManager: [unbondingBlocks],
  };
  let deployedBlock = 0n;
  let guardianExpiry = 0n;
  for (const module of wired) {
    const { abi, bytecode } = artifacts[module];
    const data = encodeDeployData({ abi, bytecode, args: [addresses, ...(more[module] ?? [])] });
    await must(deployer, undefined, data, module);
    if (module === 'tokenEmission') deployedBlock = head;
    if (module === 'parameters') guardianExpiry = head + guardianTerm;
  }
  const contracts = Object.fromEntries(wired.map((module) => [module, contractAt(addresses[module], artifacts[module].abi)])) as Record<
    Module,
    Contract
  >;
  const call = async (from: Address, module: Module, name: string, args: readonly unknown[]): Promise<Receipt> =>
    must(from, contracts[module].address, contracts[module].encode(name, args), name);

  // The second token is one more of the first's kind: it only has to be a plain ERC-20.
  const paySet = { ...addresses, tokenEmission: deployer };
  const payCode = encodeDeployData({ ...artifacts.token, args: [paySet, deployer, 8n * 10n ** 26n] });
  const payToken = ((await must(deployer, undefined, payCode, 'pay token')).contractAddress as Address).toLowerCase() as Address;
  await rpc('anvil_setCode', [manyReads, runtimeCode('test/utils/ManyReads.sol', 'ManyReads')]);

  const tau = [1n, 2n, 3n, 4n] as const;
  const shared = { specId: keccak256('0x01'), srsId: srsIdOf(tau), blockLog: 10, sizes: [2, 2, 2], g2Tau: tau };
  const modelId = modelIdOf(shared);
  const windowShape = encodeShape({ ...shared, batch: 16, steps: 4, treeDepth: 3, honkProofBytes: 64 });
  const boundsShape = encodeWellFormedShape({ ...shared, blocksPerProof: 2, wmax: 127, proofBytes: 64 });
  const proofVerifier = pad('0xbeef', { size: 20 });
  await rpc('anvil_setCode', [proofVerifier, '0x00']);
  const registered = async (at: Hex, file: string, name: string, shape: Hex): Promise<Hex> => {
    const verifier = pad(at, { size: 20 });
    await rpc('anvil_setCode', [verifier, runtimeCode(`test/utils/${file}.sol`, name)]);
    const args = [keccak256('0x02'), proofVerifier, verifier, shape];
    const id = contracts.verifierRouter.decode('register', (await view(contracts.verifierRouter, 'register', args)) as Hex);
    await call(deployer, 'verifierRouter', 'register', args);
    return id as Hex;
  };
  const view = async (contract: Contract, name: string, args: readonly unknown[], from: Address = deployer): Promise<unknown> =>
    rpc('eth_call', [{ from, to: contract.address, data: contract.encode(name, args) }, 'pending']);
  const training = await registered('0xbee1', 'ScriptedVerifier', 'ScriptedVerifier', windowShape);
  const inference = await registered('0xbee2', 'ScriptedStatements', 'ScriptedInference', windowShape);
  const wellFormed = await registered('0xbee3', 'ScriptedStatements', 'ScriptedWellFormed', boundsShape);
  await call(deployer, 'modelRegistry', 'registerModel', [shared.specId, shared.srsId, 10n, shared.sizes]);
  const genesisId = idOf(modelId, genesisPoints);
  for (const account of [...people.requesters, ...people.operators.slice(0, 1)]) {
    await call(account, 'modelRegistry', 'registerGenesis', [modelId, pointsBytes(genesisPoints), cid, 'CC0-1.0']);
  }
  const bounds = [wellFormedContext(31337n, contracts.modelRegistry.address, wellFormed), genesisId, 55n, 0n];
  await call(deployer, 'modelRegistry', 'proveWellFormed', [
    wellFormed,
    genesisId,
    0n,
    55n,
    boundProof(wellFormed, false, bounds),
    openingBytes,
  ]);
  const licence = { uses: 3, feeBps: Number(licenceBps), expiryBlock: 0n, revocable: false };
  const licensor = people.requesters[1];
  const datasetArgs = [datasetRoot, 3n, 5n, cid, 'CC0-1.0', licence];
  const dataset = contracts.datasetRegistry.decode(
    'register',
    (await view(contracts.datasetRegistry, 'register', datasetArgs, licensor)) as Hex,
  ) as Hex;
  await call(licensor, 'datasetRegistry', 'register', datasetArgs);

  const { token } = contracts;
  const max = 2n ** 256n - 1n;
  const rich: readonly Address[] = [...people.requesters, ...people.operators];
  for (const account of everybody) {
    for (const at of [token.address, payToken]) {
      if (rich.includes(account)) await must(deployer, at, token.encode('transfer', [account, purse]), 'transfer');
      for (const spender of [contracts.jobManager.address, contracts.stakeManager.address]) {
        await must(account, at, token.encode('approve', [spender, max]), 'approve');
      }
    }
  }

  const { requesters, operators, hotKeys, finders, treasury } = people;
  const cast: Cast = {
    requesters,
    operators,
    hotKeys,
    finders,
    treasury,
    payToken,
    training,
    inference,
    wellFormed,
    dataset,
    genesisPoints,
    genesisId,
  };
  const pointCount = { modelId, points: 2n };
  const world: World = {
    chainId: 31337n,
    token: token.address,
    jobManager: addresses.jobManager,
    windowManager: addresses.windowManager,
    challengeManager: addresses.challengeManager,
    validatorManager: addresses.validatorManager,
    rewardDistributor: addresses.rewardDistributor,
    stakeManager: addresses.stakeManager,
    governor: people.governor,
    guardian: people.guardian,
    unbondingBlocks,
    deployedBlock,
    guardianExpiry,
    circuits: {
      [training]: { ...pointCount, statement: 'train-window', steps: 4n, treeDepth: 3n, outputs: 0n },
      [inference]: { ...pointCount, statement: 'inference', steps: 0n, treeDepth: 0n, outputs: 2n },
    },
    datasets: {
      [dataset]: { registrant: licensor, depth: 3n, root: datasetRoot, feeBps: licenceBps, uses: 3n, expiryBlock: 0n, revoked: false },
    },
    genesis: genesisOf(cast, modelId),
    wellFormed: { [`${wellFormed}/${genesisId}`]: true },
  };
  const start = initialState(world, pursesOf(cast, token.address), 8n * 10n ** 26n);

  const learn = async (blocks: Iterable<bigint>): Promise<void> => {
    for (const block of blocks) {
      if (block > head || hashes.has(block)) continue;
      const found = (await rpc('eth_getBlockByNumber', [toHex(block), false])) as { hash: Hex };
      hashes.set(block, found.hash);
    }
  };
  const mineTo = async (block: bigint): Promise<void> => {
    if (block <= head) return;
    await rpc('anvil_mine', [toHex(block - head)]);
    head = block;
  };

  const domain = signingDomain(31337, addresses.jobManager);
  const signatureOf = async (announced: Announcement): Promise<Hex> => {
    const signer = signers[announced.signer];
    if (signer === undefined) throw new Error(`nobody signs for ${announced.signer}`);
    const { submissionId, statementHash, proofHash } = announced;
    const message = { submissionId, statementHash, proofHash };
    return signer.signTypedData({ domain, types: announcementTypes, primaryType: 'Announcement', message });
  };
  const signed = async (announced: Announcement): Promise<object> => ({ ...announced, signature: await signatureOf(announced) });
  const encoded = async (action: Action): Promise<{ to: Address; data: Hex; value?: bigint }> => {
    const to = (module: Module, name: string, args: readonly unknown[]): { to: Address; data: Hex } => ({
      to: contracts[module].address,
      data: contracts[module].encode(name, args),
    });
    switch (action.kind) {
      case 'registerNode': {
        const peerId = concat(['0x0024', action.sender]);
        const known = contracts.nodeRegistry.decode('node', (await view(contracts.nodeRegistry, 'node', [action.sender])) as Hex);
        const next = (known as { registrationNonce: bigint }).registrationNonce + 1n;
        const types = {
          HotKey: [
            { name: 'operator', type: 'address' },
            { name: 'hotKey', type: 'address' },
            { name: 'peerIdHash', type: 'bytes32' },
            { name: 'registrationNonce', type: 'uint256' },
          ],
        };
        const message = { operator: action.sender, hotKey: action.hotKey, peerIdHash: keccak256(peerId), registrationNonce: next };
        const signer = signers[action.hotKey] ?? Object.values(signers)[0];
        const nodes = { ...domain, verifyingContract: addresses.nodeRegistry };
        const signature = await signer?.signTypedData({ domain: nodes, types, primaryType: 'HotKey', message });
        return to('nodeRegistry', 'register', [action.hotKey, peerId, signature]);
      }
      case 'deregisterNode':
        return to('nodeRegistry', 'deregister', []);
      case 'stake':
      case 'unbond':
      case 'rebond':
        return to('stakeManager', action.kind, [action.amount]);
      case 'withdrawStake':
        return to('stakeManager', 'withdraw', []);
      case 'unjail':
        return to('stakeManager', 'unjail', []);
      case 'enrol':
      case 'retire':
        return to('validatorManager', action.kind, []);
      case 'commitAttestation':
        return to('validatorManager', action.kind, [action.submissionId, action.seat, action.commitment]);
      case 'revealAttestation':
        return to('validatorManager', action.kind, [action.submissionId, action.seat, action.digest, action.salt]);
      case 'settleSeat':
        return to('validatorManager', action.kind, [action.submissionId, action.seat]);
      case 'exposeDigest':
        return to('validatorManager', action.kind, [action.submissionId, action.seat, action.proof, action.opening, action.salt]);
      case 'openJob':
        return to('jobManager', action.kind, [action.terms]);
      case 'addInputs':
        return to('jobManager', action.kind, [action.jobId, action.inputs.map((inputId) => ({ inputId, cid }))]);
      case 'captureSeed':
      case 'refundUnseeded':
      case 'pause':
      case 'resume':
      case 'cancel':
      case 'close':
        return to('jobManager', action.kind, [action.jobId]);
      case 'lease':
        return to('windowManager', action.kind, [action.jobId, action.contributionIndex, action.expectedId]);
      case 'release':
      case 'expire':
        return to('windowManager', action.kind, [action.submissionId]);
      case 'submit':
        return to('windowManager', action.kind, [action.submissionId, action.results, action.statementHash, action.proofHash]);
      case 'submitAndSettle':
        return to('windowManager', action.kind, [action.submissionId, action.results, action.proof, action.opening]);
      case 'settle':
        return to('windowManager', action.kind, [action.submissionId, action.statement, action.proof, action.opening, action.salt]);
      case 'finalize':
        return to('windowManager', action.kind, [action.jobId, action.count]);
      case 'merge':
        return to('windowManager', action.kind, [action.jobId, pointsBytes(action.base), action.children.map(pointsBytes)]);
      case 'commitEvidence':
        return to('challengeManager', action.kind, [action.commitment]);
      case 'slashByEvidence': {
        const { announcement, statement, proof, opening, salt } = action;
        return to('challengeManager', action.kind, [{ announcement: await signed(announcement), statement, proof, opening, salt }]);
      }
      case 'slashByEquivocation': {
        const { first, firstStatement, second, secondStatement, salt } = action;
        return to('challengeManager', action.kind, [await signed(first), firstStatement, await signed(second), secondStatement, salt]);
      }
      case 'collectDebt':
        return to('challengeManager', action.kind, [action.operator, action.submissionId]);
      case 'demand':
        return { ...to('challengeManager', action.kind, [action.submissionId]), value: action.value };
      case 'slashWithheld':
        return to('challengeManager', action.kind, [action.submissionId]);
      case 'withdrawCoin':
        return to('challengeManager', 'withdraw', []);
      case 'claim':
        return to('rewardDistributor', action.kind, [action.token, action.account]);
      case 'claimMany':
        return to('rewardDistributor', action.kind, [action.tokens, action.accounts]);
      case 'setGasPrice':
        return to('parameters', action.kind, [action.price]);
      case 'setEmissionBps':
        return to('parameters', action.kind, [action.bps]);
      case 'pauseNewJobs':
        return to('parameters', action.kind, [action.blocks]);
    }
  };

  const errors = new Map<string, Abi>();
  for (const { abi } of Object.values(artifacts)) {
    for (const entry of abi) if (entry.type === 'error') errors.set(selectorOf(entry as unknown as AbiFunction), [entry]);
  }
  const nameOf = (data: Hex | undefined): string => {
    if (data === undefined || data === zero) return 'nothing';
    const abi = errors.get(data.slice(0, 10));
    if (abi === undefined) return data.startsWith('0x4e487b71') ? `Panic(${data.slice(-2)})` : data;
    return decodeErrorResult({ abi, data }).errorName;
  };
  const refusal = async (action: Action): Promise<string | undefined> => {
    const { to, data, value = 0n } = await encoded(action);
    const { error } = await post('eth_call', [{ from: action.sender, to, data, gas, value: toHex(value) }, 'pending']);
    return error === undefined ? undefined : nameOf(error.data);
  };
  const send = async (action: Action): Promise<string | undefined> => {
    const { to, data, value } = await encoded(action);
    if (action.kind === 'demand') await rpc('anvil_setNextBlockBaseFeePerGas', [toHex(baseFee)]);
    const receipt = await transact(action.sender, to, data, value);
    return receipt.status === '0x1' ? undefined : ((await refusal(action)) ?? 'refused in its block only');
  };

  const many = contractAt(manyReads, [
    {
      type: 'function',
      name: 'read',
      stateMutability: 'view',
      inputs: [
        { name: 'targets', type: 'address[]' },
        { name: 'calls', type: 'bytes[]' },
      ],
      outputs: [
        { name: 'blockNumber', type: 'uint256' },
        { name: 'answers', type: 'bytes[]' },
      ],
    },
  ]);
  const read = async (calls: readonly ReadCall[]): Promise<unknown[]> => {
    const data = many.encode('read', [
      calls.map(([contract]) => contract.address),
      calls.map(([contract, name, args]) => contract.encode(name, args)),
    ]);
    const answer = (await rpc('eth_call', [{ to: many.address, data, gas: toHex(1_000_000_000) }, 'latest'])) as Hex;
    const [block, answers] = many.decode('read', answer) as readonly [bigint, readonly Hex[]];
    if (block !== head) throw new Error(`read at block ${block}, the head is ${head}`);
    return calls.map(([contract, name], i) => (answers[i] === zero ? undefined : contract.decode(name, answers[i] as Hex)));
  };

  let kept: { id: Hex; head: bigint } | undefined;
  const snapshot = async (): Promise<void> => {
    kept = { id: (await rpc('evm_snapshot', [])) as Hex, head };
  };
  const restore = async (): Promise<void> => {
    if (kept === undefined || (await rpc('evm_revert', [kept.id])) !== true) throw new Error('no snapshot to restore');
    head = kept.head;
    for (const block of hashes.keys()) if (block > head) hashes.delete(block);
    await snapshot();
  };
  const environment = (block: bigint): Environment => ({
    block,
    baseFee,
    blockHash: (n) => hashes.get(n) ?? missing(n),
    verify: scriptedVerify,
    checkpointId: idOf,
  });
  return {
    world,
    cast,
    start,
    contracts,
    head: () => head,
    environment,
    mineTo,
    learn,
    send,
    refusal,
    read,
    coinOf: async (account) => BigInt((await rpc('eth_getBalance', [account, 'latest'])) as Hex),
    snapshot,
    restore,
    stop: async () => anvil?.stop(),
  };
}

const baseFee = 7n;

function missing(block: bigint): never {
  throw new Error(`the hash of block ${block} was not learnt`);
}

function selectorOf(entry: AbiFunction): string {
  return toFunctionSelector({ ...entry, type: 'function', outputs: [], stateMutability: 'view' });
}
