import { decodeFunctionResult, encodeFunctionData, type Hex, parseAbi } from 'viem';
import { beforeAll, expect, test } from 'vitest';
import { claimOnChain } from '../../src/audit/claimOnChain.ts';
import {
  type AuditCounts,
  type Claim,
  claimContradiction,
  claimProblem,
  correctOf,
  reliabilityOf,
  samplesOf,
} from '../../src/audit/claims.ts';
import { claimKinds } from '../../src/chain/getAuditClaims.ts';
import { runtimeCode, testEvm } from '../utils/evm.ts';
import { between } from '../utils/windowFixture.ts';

// What the contract says of a claim is what the library says, over counts and claims that lie on its boundary, beside it, and anywhere.

const abi = parseAbi([
  'struct Claim { uint8 kind; uint8 class; uint64 numerator; uint64 denominator; }',
  'struct Verdict { bool inRange; bool holds; bool contradicts; }',
  'function judge(Claim[] claims, uint256[] counts, uint256 classes, uint256 bins) pure returns (Verdict[])',
]);
const library: Hex = `0x${'11'.repeat(20)}`;
let call: Awaited<ReturnType<typeof testEvm>>;

beforeAll(async () => {
  call = await testEvm({ [library]: runtimeCode('test/utils/AuditClaimsHarness.sol', 'AuditClaimsHarness') });
}, 60_000);

type Judged = { readonly holds: boolean; readonly contradicts: boolean };

async function judge(claims: readonly Claim[], { classes, bins = 1, counts }: AuditCounts): Promise<{ verdicts: Judged[]; gas: number }> {
  const onChain = claims.map((claim) => ({ ...claimOnChain(claim), kind: claimKinds.indexOf(claim.kind) }));
  const data = encodeFunctionData({ abi, functionName: 'judge', args: [onChain, counts.map(BigInt), BigInt(classes), BigInt(bins)] });
  const { exception, returned, gas } = await call({ to: library, data, gasLimit: 1_000_000_000n });
  expect(exception).toBeUndefined();
  const found = decodeFunctionResult({ abi, functionName: 'judge', data: returned });
  return {
    verdicts: found.map(({ inRange, holds, contradicts }) => ({ holds: inRange && holds, contradicts: inRange && contradicts })),
    gas,
  };
}

const expected = (claims: readonly Claim[], counts: AuditCounts): Judged[] =>
  claims.map((claim) => ({
    holds: claimProblem(claim, counts) === undefined,
    contradicts:
      !('class' in claim && claim.class >= counts.classes) &&
      !('margin' in claim && claim.margin >= (counts.bins ?? 1)) &&
      claimContradiction(claim, counts) !== undefined,
  }));

/** Many counts are 0, some are as large as counts get. */
function someCounts(label: string, [classes, groups, bins]: readonly [number, number, number]): AuditCounts {
  const entries = groups * classes ** 2 * bins;
  const largest = between(`${label} largest`, entries, 0, 3).map((size) => [0, 3, 40, 256 * 65_535][size] as number);
  const parts = between(`${label} parts`, entries, 0, 1_000);
  return { classes, groups, bins, counts: largest.map((top, i) => Math.floor((top * (parts[i] as number)) / 1_000)) };
}

/** Claims of each kind and class: those that just hold, those that just do not. */
function claimsAbout(label: string, counts: AuditCounts): Claim[] {
  const off = between(label, 3, -1, 1) as [number, number, number];
  const claims: Claim[] = [];
  const reliability = reliabilityOf(counts);
  for (let margin = 1; margin <= reliability.length; margin++) {
    const [hits, samples] = reliability
      .slice(margin)
      .reduce<[number, number]>(([right, all], bin) => [right + bin.hits, all + bin.samples], [0, 0]);
    const of = Math.max(0, samples + (off[0] === 0 ? off[2] : 0));
    claims.push({ kind: 'calibration', margin, atLeast: Math.max(0, hits + off[0]), of });
  }
  for (let k = 0; k <= counts.classes; k++) {
    const about = k === counts.classes ? {} : { class: k };
    const atLeast = Math.max(0, correctOf(counts, about) + off[0]);
    const of = Math.max(0, samplesOf(counts, about) + (off[0] === 0 ? off[1] : 0));
    claims.push(k === counts.classes ? { kind: 'accuracy', atLeast, of } : { kind: 'recall', class: k, atLeast, of });
    for (const kind of ['parity', 'equal-opportunity'] as const) {
      const among = kind === 'parity' ? {} : { class: k };
      // The difference of some two groups, or a little less.
      for (let g = 1; g < counts.groups; g++) {
        const [a, n, b, m] = [g, 0].flatMap((group) => [
          samplesOf(counts, { ...among, group, answer: k }),
          samplesOf(counts, { ...among, group }),
        ]) as [number, number, number, number];
        const exact = { numerator: Math.abs(a * m - b * n), denominator: n * m };
        if (exact.denominator > 0 && exact.denominator < 2 ** 32) {
          claims.push({ kind, class: k, atMost: { ...exact, numerator: Math.max(0, exact.numerator + (off[2] ?? 0)) } });
        }
      }
      claims.push({ kind, class: k, atMost: { numerator: 1, denominator: 3 } });
    }
  }
  return claims;
}

test('contract and library judge alike', async () => {
  const seen = { holds: 0, fails: 0, contradicts: 0, doesNot: 0 };
  const shapes = [
    [2, 1, 1],
    [2, 2, 3],
    [3, 4, 1],
    [4, 3, 5],
    [1, 3, 1],
  ] as const;
  for (let i = 0; i < 12; i++) {
    const shape = shapes[i % shapes.length] as (typeof shapes)[number];
    const [counts, others] = [someCounts(`claims ${i}`, shape), someCounts(`others ${i}`, shape)];
    const claims = claimsAbout(`claims ${i}`, counts);
    for (const told of [counts, others]) {
      const { verdicts } = await judge(claims, told);
      expect(verdicts, JSON.stringify({ claims, told })).toEqual(expected(claims, told));
      for (const { holds, contradicts } of verdicts) {
        expect(holds && contradicts, 'never both').toBe(false);
        seen[holds ? 'holds' : 'fails']++;
        seen[contradicts ? 'contradicts' : 'doesNot']++;
      }
    }
  }
  for (const times of Object.values(seen)) expect(times).toBeGreaterThan(30);
}, 60_000);

test('as many labels and counts as there can be, within the gas of one transaction', async () => {
  const claims: Claim[] = [{ kind: 'parity', class: 1, atMost: { numerator: 1, denominator: 2 ** 32 } }];
  for (const shape of [
    [15, 17, 1],
    [2, 127, 1],
    [2, 106, 9],
  ] as const) {
    const counts = someCounts('largest', shape);
    const { verdicts, gas } = await judge(claims, counts);
    expect(verdicts).toEqual(expected(claims, counts));
    // It judges twice; beside that a claim reads at most 480 words of counts.
    expect(gas).toBeLessThan(8_000_000);
  }
});
