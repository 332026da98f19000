import { type Address, getContractAddress, zeroAddress } from 'viem';
import { expect, test } from 'vitest';
import { assayTokenAbi, assayTokenBytecode } from '../../src/chain/generated/AssayToken.ts';
import { tokenEmissionAbi, tokenEmissionBytecode } from '../../src/chain/generated/TokenEmission.ts';
import {
  type BurnedFee,
  budgetOf,
  emissionOf,
  epochBlocks,
  epochOf,
  firstBudget,
  halvingEpochs,
  maxInitialSupply,
  maxSupply,
  simulateSupply,
} from '../../src/protocol/supply.ts';
import { evmChain } from '../utils/evmChain.ts';
import { integers } from '../utils/random.ts';

const ether = 10n ** 18n;
const startBlock = 12_345n;
const epochs = 1_000n;
const deployer: Address = '0x0000000000000000000000000000000000001001';
const jobManager: Address = '0x0000000000000000000000000000000000001002';
const worker: Address = '0x0000000000000000000000000000000000001003';

/** Up to three fees an epoch, at any block of it and at its first and last; some far above the budget, some of a few wei, some epochs without any. */
function randomFees(): BurnedFee[] {
  const fees: BurnedFee[] = [];
  for (const [i, random] of integers('supply', Number(epochs)).entries()) {
    const first = startBlock + BigInt(i) * epochBlocks;
    const offsets = [0n, random % epochBlocks, epochBlocks - 1n].slice(0, Number((random >> 32n) % 4n));
    for (const [j, offset] of offsets.sort((a, b) => Number(a - b)).entries()) {
      const word = random >> BigInt(40 + 50 * j);
      const size = word % 3n;
      const fee = size === 0n ? (word >> 2n) % 20n : size === 1n ? ((word >> 2n) % 2_000n) * ether + 1n : ((word >> 2n) % 600_000n) * ether;
      fees.push({ block: first + offset, fee, emissionBps: (word >> 30n) % 5_001n });
    }
  }
  return fees;
}

/** Token and emission as a deployment makes them, with accounts where the JobManager and who pays stand. */
async function deployed() {
  const chain = await evmChain();
  chain.block = startBlock;
  const names =
    'nodeRegistry parameters verifierRouter datasetRegistry modelRegistry rewardDistributor stakeManager reputationRegistry validatorManager challengeManager windowManager';
  const modules = {
    ...Object.fromEntries(names.split(' ').map((name) => [name, zeroAddress])),
    token: getContractAddress({ from: deployer, nonce: 0n }),
    tokenEmission: getContractAddress({ from: deployer, nonce: 1n }),
    jobManager,
  };
  const token = await chain.create(deployer, assayTokenAbi, assayTokenBytecode, [modules, jobManager, maxInitialSupply]);
  const emission = await chain.create(deployer, tokenEmissionAbi, tokenEmissionBytecode, [modules]);
  return {
    chain,
    ofToken: (name: string, ...args: unknown[]) => chain.call(jobManager, token, assayTokenAbi, name, args),
    ofEmission: (name: string, ...args: unknown[]) => chain.call(jobManager, emission, tokenEmissionAbi, name, args),
  };
}

test('the contracts mint what the simulator mints over 1,000 epochs', async () => {
  const { chain, ofToken, ofEmission } = await deployed();
  const fees = randomFees();
  const simulated = new Map(simulateSupply(maxInitialSupply, startBlock, fees).map((row) => [row.epoch, row]));
  let next = 0;
  let reached = 0;
  for (let epoch = 0n; epoch < epochs; epoch++) {
    let minted = 0n;
    for (let fee = fees[next]; fee !== undefined && epochOf(startBlock, fee.block) === epoch; fee = fees[++next]) {
      chain.block = fee.block;
      await ofToken('burn', fee.fee);
      const amount = emissionOf(fee.fee, fee.emissionBps, epoch, minted);
      expect(await ofEmission('emitFor', worker, fee.fee, fee.emissionBps)).toBe(amount);
      minted += amount;
    }
    expect(await ofEmission('mintedIn', epoch)).toBe(simulated.get(epoch)?.minted ?? 0n);
    const row = simulated.get(epoch);
    if (row === undefined) continue;
    expect(await ofEmission('epoch')).toBe(epoch);
    expect(await ofEmission('budgetOf', epoch)).toBe(row.budget);
    expect(await ofToken('totalSupply')).toBe(row.supply);
    if (row.minted === row.budget) reached++;
  }
  expect(next).toBe(fees.length);
  expect(fees.length).toBeGreaterThan(1_200);
  expect(reached).toBeGreaterThan(20);
  expect(await ofToken('balanceOf', worker)).toBe([...simulated.values()].reduce((sum, row) => sum + row.minted, 0n));
}, 120_000);

test('all budgets and the highest first supply are together at most the highest supply', () => {
  let all = maxInitialSupply;
  for (let halvings = 0n; budgetOf(halvings * halvingEpochs) > 0n; halvings++) all += budgetOf(halvings * halvingEpochs) * halvingEpochs;
  expect(all).toBeLessThanOrEqual(maxSupply);
  expect(all).toBeGreaterThan(maxSupply - ether);
  expect(budgetOf(10n ** 9n)).toBe(0n);
});

test('an epoch mints at most its budget, and at most half of what burned', () => {
  const rows = simulateSupply(maxInitialSupply, startBlock, randomFees());
  let supply = maxInitialSupply;
  for (const row of rows) {
    expect(row.minted).toBeLessThanOrEqual(row.budget);
    expect(2n * row.minted).toBeLessThanOrEqual(row.burned);
    expect(row.supply).toBe(supply - row.burned + row.minted);
    supply = row.supply;
  }
});

test('the example of simulateSupply', () => {
  expect(simulateSupply(1_000n, 0n, [{ block: 7_200n, fee: 100n, emissionBps: 2_500n }])).toEqual([
    { epoch: 1n, budget: firstBudget, burned: 100n, minted: 25n, supply: 925n },
  ]);
  expect(simulateSupply(1_000n, 0n, [])).toEqual([]);
});
