import fc from 'fast-check';
import {
  type Abi,
  type AbiEvent,
  type AbiParameter,
  decodeEventLog,
  encodeAbiParameters,
  encodeEventTopics,
  getAddress,
  type Hex,
} from 'viem';
import { describe, expect, it } from 'vitest';
import { logDecoder } from '../../src/chain/decodeLog.ts';

const generated = await Promise.all([
  import('../../src/chain/generated/AuditRegistry.ts').then((m) => m.auditRegistryAbi),
  import('../../src/chain/generated/ChallengeManager.ts').then((m) => m.challengeManagerAbi),
  import('../../src/chain/generated/CircuitNames.ts').then((m) => m.circuitNamesAbi),
  import('../../src/chain/generated/DatasetRegistry.ts').then((m) => m.datasetRegistryAbi),
  import('../../src/chain/generated/JobManager.ts').then((m) => m.jobManagerAbi),
  import('../../src/chain/generated/ModelRegistry.ts').then((m) => m.modelRegistryAbi),
  import('../../src/chain/generated/NodeRegistry.ts').then((m) => m.nodeRegistryAbi),
  import('../../src/chain/generated/RewardDistributor.ts').then((m) => m.rewardDistributorAbi),
  import('../../src/chain/generated/StakeManager.ts').then((m) => m.stakeManagerAbi),
  import('../../src/chain/generated/ValidatorManager.ts').then((m) => m.validatorManagerAbi),
  import('../../src/chain/generated/VerifierRouter.ts').then((m) => m.verifierRouterAbi),
  import('../../src/chain/generated/WindowManager.ts').then((m) => m.windowManagerAbi),
] as Promise<Abi>[]);
const events = generated.flatMap((abi) => abi.filter((item): item is AbiEvent => item.type === 'event'));

const hex = (bytes: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value): Hex => `0x${Buffer.from(value).toString('hex')}`);

function arbitraryOf(parameter: AbiParameter): fc.Arbitrary<unknown> {
  const { type } = parameter;
  if (type === 'tuple') {
    const { components } = parameter as { components: readonly AbiParameter[] };
    return fc.record(Object.fromEntries(components.map((one) => [one.name as string, arbitraryOf(one)])));
  }
  if (type.endsWith('[]')) return fc.array(arbitraryOf({ ...parameter, type: type.slice(0, -2) }), { maxLength: 9 });
  if (type === 'address') return hex(20).map((value) => getAddress(value));
  if (type === 'bool') return fc.boolean();
  if (type === 'string') return fc.string({ unit: 'grapheme', maxLength: 80 });
  if (type === 'bytes') return fc.uint8Array({ maxLength: 80 }).map((value): Hex => `0x${Buffer.from(value).toString('hex')}`);
  const [, bytes] = /^bytes(\d+)$/.exec(type) ?? [];
  if (bytes !== undefined) return hex(Number(bytes));
  const bits = Number(/^uint(\d+)$/.exec(type)?.[1]);
  const number = fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
  return bits <= 48 ? number.map(Number) : number;
}

describe('logs', () => {
  it.each(events.map((event) => [event.name, event] as const))('%s is read as viem reads it', (_name, event) => {
    const [selector, { decode }] = logDecoder(event);
    const args = fc.record(Object.fromEntries(event.inputs.map((input) => [input.name as string, arbitraryOf(input)])));
    fc.assert(
      fc.property(args, (given) => {
        const topics = encodeEventTopics({ abi: [event], args: given } as never) as [Hex, ...Hex[]];
        const rest = event.inputs.filter((input) => input.indexed !== true);
        const data = encodeAbiParameters(rest, rest.map((input) => given[input.name as string]) as never);
        expect(topics[0]).toBe(selector);
        const expected = decodeEventLog({ abi: [event], topics, data }).args ?? {};
        expect(decode(topics, data)).toEqual(expected);
        // What is cut off is none.
        if (rest.length > 0) expect(() => decode(topics, data.slice(0, -64) as Hex)).toThrow();
        if (topics.length > 1) expect(() => decode(topics.slice(0, -1), data)).toThrow();
      }),
      { numRuns: 6 },
    );
  });
});
