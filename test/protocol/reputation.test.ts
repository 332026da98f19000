import type { Address } from 'viem';
import { zeroAddress } from 'viem';
import { expect, test } from 'vitest';
import { reputationRegistryAbi, reputationRegistryBytecode } from '../../src/chain/generated/ReputationRegistry.ts';
import { factorAt, gained, halfLife, noReputation, type Reputation, scoreAt, scoreScale } from '../../src/protocol/reputation.ts';
import { evmChain } from '../utils/evmChain.ts';
import { integers } from '../utils/random.ts';

const ether = 10n ** 18n;
const jobManager: Address = '0x0000000000000000000000000000000000001002';
const stakeManager: Address = '0x0000000000000000000000000000000000001003';

async function deployed() {
  const chain = await evmChain();
  const names =
    'token nodeRegistry parameters verifierRouter datasetRegistry modelRegistry rewardDistributor reputationRegistry tokenEmission validatorManager challengeManager windowManager';
  const modules = { ...Object.fromEntries(names.split(' ').map((name) => [name, zeroAddress])), stakeManager, jobManager };
  const registry = await chain.create(jobManager, reputationRegistryAbi, reputationRegistryBytecode, [modules]);
  return {
    chain,
    send: (from: Address, name: string, ...args: unknown[]) => chain.call(from, registry, reputationRegistryAbi, name, args),
  };
}

test('the contract scores as the simulator does, at random blocks', async () => {
  const { chain, send } = await deployed();
  const operators = integers('operators', 6).map((word): Address => `0x${word.toString(16).padStart(64, '0').slice(24)}`);
  const kept = new Map<Address, Reputation>();
  const seen = { gains: 0, losses: 0 };
  for (const random of integers('reputation', 1_200)) {
    // Mostly blocks and days, now and then years.
    const stride = (random >> 8n) % 40n === 0n ? halfLife * 60n : (random >> 8n) % 3n === 0n ? halfLife : 5_000n;
    chain.block += (random >> 16n) % stride;
    const operator = operators[Number(random % 6n)] as Address;
    const before = kept.get(operator) ?? noReputation;
    const kind = (random >> 4n) % 10n;
    if (kind === 0n) {
      await send(stakeManager, 'lose', operator);
      kept.delete(operator);
      seen.losses++;
    } else if (kind < 6n) {
      const fee = kind === 1n ? 0n : kind === 2n ? (random >> 64n) % 10n : (random >> 64n) % (200n * ether);
      await send(jobManager, 'gain', operator, fee);
      kept.set(operator, gained(before, fee, chain.block));
      seen.gains++;
    }
    const now = kept.get(operator) ?? noReputation;
    expect(await send(jobManager, 'scoreOf', operator)).toBe(scoreAt(now, chain.block));
    expect(await send(jobManager, 'factorOf', operator)).toBe(factorAt(now, chain.block));
  }
  expect(seen.gains).toBeGreaterThan(400);
  expect(seen.losses).toBeGreaterThan(50);
}, 60_000);

test('a score halves in a half-life, in a straight line, and is over after 128', () => {
  const reputation = { score: 8n * ether, since: 1_000n };
  expect(scoreAt(reputation, 1_000n)).toBe(8n * ether);
  expect(scoreAt(reputation, 1_000n + halfLife / 2n)).toBe(6n * ether);
  expect(scoreAt(reputation, 1_000n + halfLife)).toBe(4n * ether);
  expect(scoreAt(reputation, 1_000n + 3n * halfLife)).toBe(ether);
  expect(scoreAt({ score: 2n ** 127n, since: 0n }, 128n * halfLife - 1n)).toBe(1n);
  expect(scoreAt({ score: 2n ** 127n, since: 0n }, 128n * halfLife)).toBe(0n);
  expect(factorAt({ score: scoreScale, since: 0n }, 0n)).toBe(12_500n);
  expect(factorAt({ score: 10n ** 30n, since: 0n }, 0n)).toBe(14_999n);
  expect(factorAt(noReputation, 5n)).toBe(10_000n);
});

test('row 19: fees split over 100 identities give none of them a higher factor than one would have', () => {
  const parts = new Map<bigint, Reputation>();
  let whole = noReputation;
  let block = 0n;
  for (const random of integers('split', 3_000)) {
    block += random % 4_000n;
    const fee = (random >> 32n) % (3n * ether);
    const identity = (random >> 128n) % 100n;
    whole = gained(whole, fee, block);
    parts.set(identity, gained(parts.get(identity) ?? noReputation, fee, block));
    expect([...parts.values()].filter((part) => factorAt(part, block) > factorAt(whole, block))).toEqual([]);
  }
  expect(parts.size).toBe(100);
  expect(factorAt(whole, block)).toBeGreaterThan(13_000n);
});
