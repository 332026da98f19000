import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, type EVM } from '@ethereumjs/evm';
import { createAddressFromString, hexToBytes } from '@ethereumjs/util';
import {
  type Abi,
  type Address,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  type Hex,
  keccak256,
  toHex,
  zeroAddress,
} from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CountsCertificate } from '../../src/audit/counts/countsCertificate.ts';
import { publishCalls } from '../../src/audit/publishCalls.ts';
import { auditRegistryAbi, auditRegistryBytecode } from '../../src/chain/generated/AuditRegistry.ts';
import { modelRegistryAbi, modelRegistryBytecode } from '../../src/chain/generated/ModelRegistry.ts';
import { verifierRouterAbi, verifierRouterBytecode } from '../../src/chain/generated/VerifierRouter.ts';
import { auditIdOf } from '../../src/commitment/ids.ts';
import type { AuditSet } from '../../src/data/auditSet.ts';
import { type AuditArtifacts, auditCircuitId } from '../../src/proof/audit/artifacts.ts';
import type { CommittedModel } from '../../src/proof/inference/proveInference.ts';
import { wellFormedCircuitId } from '../../src/proof/wellFormed/artifacts.ts';
import { type AuditWorld, auditWorld } from '../utils/auditWorld.ts';

// A certificate through the deployed contracts, with real proofs: the registry comes to the ids and contexts that the library comes to.

const opener: Address = '0x00000000000000000000000000000000000009e4';
const moduleNames = [
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

let world: AuditWorld;
let evm: EVM;
let router: Address;
let models: Address;
let registry: Address;
let model: CommittedModel;
let set: AuditSet;

const common = new Common({ chain: { ...Mainnet, chainId: 31337 }, hardfork: Hardfork.Osaka });
// Block 0, the default, would be none: the registry takes it for "never".
const block = {
  header: {
    number: 100n,
    coinbase: createAddressFromString(opener),
    timestamp: 0n,
    difficulty: 0n,
    prevRandao: new Uint8Array(32),
    gasLimit: 60_000_000n,
    baseFeePerGas: 7n,
    getBlobGasPrice: () => undefined,
  },
};

async function call(to: Address, data: Hex, from: Address = opener): Promise<{ ok: boolean; returned: Hex; gas: number }> {
  const { execResult } = await evm.runCall({
    to: createAddressFromString(to),
    caller: createAddressFromString(from),
    data: hexToBytes(data),
    gasLimit: 16_000_000n,
    block,
  });
  return {
    ok: execResult.exceptionError === undefined,
    returned: toHex(execResult.returnValue),
    gas: Number(execResult.executionGasUsed),
  };
}

async function deploy(data: Hex): Promise<Address> {
  const { createdAddress, execResult } = await evm.runCall({
    caller: createAddressFromString(opener),
    data: hexToBytes(data),
    gasLimit: 30_000_000n,
    block,
  });
  expect(execResult.exceptionError).toBeUndefined();
  return getAddress((createdAddress as { toString(): string }).toString());
}

const put = (address: Address, code: Hex): Promise<void> => evm.stateManager.putCode(createAddressFromString(address), hexToBytes(code));

async function ask<T>(functionName: 'isCertified' | 'countsOf' | 'contextOf', auditId: Hex): Promise<T> {
  const { ok, returned } = await call(registry, encodeFunctionData({ abi: auditRegistryAbi, functionName, args: [auditId] }));
  expect(ok).toBe(true);
  return decodeFunctionResult({ abi: auditRegistryAbi, functionName, data: returned }) as T;
}

beforeAll(async () => {
  world = await auditWorld();
  model = await world.commit('published');
  set = world.cut('published');
  evm = await createEVM({ common });
  const modules: Record<string, Address> = Object.fromEntries(moduleNames.map((name) => [name, zeroAddress]));
  const build = (abi: unknown, bytecode: Hex): Hex => encodeDeployData({ abi: abi as Abi, bytecode, args: [modules] });
  router = await deploy(build(verifierRouterAbi, verifierRouterBytecode));
  modules['verifierRouter'] = router;
  models = await deploy(build(modelRegistryAbi, modelRegistryBytecode));
  modules['modelRegistry'] = models;
  registry = await deploy(build(auditRegistryAbi, auditRegistryBytecode));
  await put(world.verifiers.auditVerifier.address, world.verifiers.auditVerifier.code);
  await put(world.verifiers.wellFormedVerifier.address, world.verifiers.wellFormedVerifier.code);
}, 600_000);

afterAll(async () => {
  await world.honk.close();
});

async function registerCircuit(
  made: Pick<AuditArtifacts, 'verifyingKey' | 'honkVerifier' | 'shapeBytes'>,
  verifier: Address,
  honk: Address,
): Promise<Hex> {
  await put(honk, made.honkVerifier.runtime);
  const { ok, returned } = await call(
    router,
    encodeFunctionData({
      abi: verifierRouterAbi,
      functionName: 'register',
      args: [keccak256(made.verifyingKey), honk, verifier, made.shapeBytes],
    }),
  );
  expect(ok).toBe(true);
  return returned;
}

test('a certificate is published: opened, proved chunk by chunk, certified once the model is well-formed', async () => {
  const { auditVerifier, wellFormedVerifier } = world.verifiers;
  const circuitId = await registerCircuit(world.artifacts, auditVerifier.address, '0x00000000000000000000000000000000000000b1');
  const wellFormedId = await registerCircuit(world.wellFormed, wellFormedVerifier.address, '0x00000000000000000000000000000000000000b2');
  expect(circuitId).toBe(auditCircuitId(world.artifacts, auditVerifier.code));
  expect(wellFormedId).toBe(wellFormedCircuitId(world.wellFormed, wellFormedVerifier.code));

  const fields = { root: set.tree.root, depth: 2, chunks: 3, samples: 3, classes: 2, groups: 2 };
  const registered = await call(registry, encodeFunctionData({ abi: auditRegistryAbi, functionName: 'registerSet', args: [fields] }));
  expect(BigInt(registered.returned)).toBe(set.id);
  const question = {
    circuitId,
    wellFormedCircuitId: wellFormedId,
    checkpointId: model.checkpointId,
    setId: set.id,
    setOwner: opener,
    draws: 0,
  };
  const opened = await call(registry, encodeFunctionData({ abi: auditRegistryAbi, functionName: 'open', args: [question] }));
  const auditId = opened.returned;
  expect(auditId).toBe(auditIdOf({ ...question, chainId: 31337n, registry, opener, nonce: 0n }));

  const certificate = await world.make(model, set, [], { opened: { registry, opener, nonce: 0n }, modelRegistry: models });
  expect(await world.verify(certificate)).toMatchObject({ valid: true, open: [expect.stringContaining(registry.toLowerCase())] });
  expect(BigInt(await ask('contextOf', auditId))).toBeGreaterThan(0n);

  // A chunk with counts that are not its own is refused there, too.
  const forged = structuredClone(certificate);
  const first = forged.chunks[0] as CountsCertificate['chunks'][number];
  first.counts[0] = toHex(BigInt(first.counts[0] as string) + 1n, { size: 32 });
  expect((await call(registry, (publishCalls(forged).find(({ what }) => what === 'chunk 0') as { data: Hex }).data)).ok).toBe(false);

  const calls = publishCalls(certificate);
  const gas: number[] = [];
  for (const { to, data, what } of [...calls.slice(1), calls[0] as (typeof calls)[number]]) {
    expect(await ask('isCertified', auditId), what).toBe(false);
    const sent = await call(getAddress(to), data, '0x00000000000000000000000000000000000000ff');
    expect(sent.ok, what).toBe(true);
    gas.push(sent.gas);
  }
  console.log(`gas: ${gas.join(', ')}`);
  expect(await ask('isCertified', auditId)).toBe(true);
  expect((await ask<readonly bigint[]>('countsOf', auditId)).map(Number)).toEqual(certificate.counts);
  for (const { to, data, what } of calls.filter(({ what }) => what.startsWith('chunk'))) {
    expect((await call(getAddress(to), data)).ok, `${what} again`).toBe(false);
  }
}, 300_000);
