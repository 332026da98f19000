import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { getAddress, type Hex, keccak256, pad, toHex, zeroAddress, zeroHash } from 'viem';
import { describe, expect, it } from 'vitest';
import type { ChainEvent } from '../../src/chain/chainEvent.ts';
import { metricsOf } from '../../src/explorer/metrics.ts';
import { effectiveNumber, gini, quantile } from '../../src/explorer/statistics.ts';
import { addToSummary, bucketBlocks, emptySummary, type Summary } from '../../src/explorer/summary.ts';

const assay = getAddress(pad('0xa5', { size: 20 }));
const other = getAddress(pad('0x07', { size: 20 }));
const operatorAt = (i: number) => getAddress(`0x${keccak256(toHex(`operator ${i}`)).slice(26)}`);
const submissionAt = (i: number): Hex => keccak256(toHex(`submission ${i}`));
const circuitId = keccak256('0x01');

/** One thing that happens: who, in which job, how many blocks after the one before, and what. */
type Step = {
  readonly operator: number;
  readonly job: number;
  readonly wait: number;
  readonly end: 'final' | 'rejected' | 'released' | 'open';
  readonly delay: number;
  readonly pay: bigint;
  readonly stake: bigint;
  readonly slash: boolean;
};

const steps = fc.array(
  fc.record<Step>({
    operator: fc.integer({ min: 0, max: 6 }),
    job: fc.integer({ min: 0, max: 3 }),
    wait: fc.integer({ min: 1, max: 700 }),
    end: fc.constantFrom('final', 'final', 'final', 'rejected', 'released', 'open'),
    delay: fc.integer({ min: 0, max: 60 }),
    pay: fc.bigInt({ min: 0n, max: 10n ** 21n }),
    stake: fc.bigInt({ min: 1n, max: 10n ** 22n }),
    slash: fc.boolean(),
  }),
  { minLength: 1, maxLength: 120 },
);

const time = (block: number): number => 1_700_000_000 + 12 * block;

/** The events that these steps lead to, in order. Jobs 0 and 2 are eager, 3 pays in another token. */
function eventsOf(script: readonly Step[]): ChainEvent[] {
  const placed: { block: number; event: Record<string, unknown> }[] = [];
  const at = (block: number, module: string, name: string, args: Record<string, unknown>): void =>
    void placed.push({ block, event: { module, name, args } });
  for (let job = 0; job < 4; job++) {
    at(1, 'jobManager', 'JobOpened', {
      jobId: BigInt(job),
      terms: {
        token: job === 3 ? other : assay,
        mode: job % 2,
        contributions: 1,
        datasetId: circuitId,
        treasury: zeroAddress,
        wellFormedCircuit: zeroHash,
      },
    });
  }
  const windows = [0, 0, 0, 0];
  const last = [0, 0, 0, 0];
  let block = 1;
  for (const [i, { operator, job, wait, end, delay, pay, stake, slash }] of script.entries()) {
    block += wait;
    const [who, submissionId, jobId] = [operatorAt(operator), submissionAt(i), BigInt(job)];
    at(block, 'stakeManager', 'Staked', { operator: who, amount: stake });
    at(block, 'windowManager', 'LeaseTaken', { jobId, operator: who, submissionId });
    if (end === 'released') at(block + 1, 'windowManager', 'LeaseReleased', { submissionId, jobId, operator: who });
    if (end === 'released') continue;
    const statement = [0n, 0n, 0n, 0n, 0n, 0n, 0n, BigInt(1000 + i)];
    at(block + 1, 'windowManager', 'WindowSubmitted', { jobId, operator: who, submissionId, statement });
    if (end === 'open') continue;
    const done = block + 1 + delay;
    if (end === 'rejected') {
      if (slash)
        at(done, 'stakeManager', 'Slashed', { operator: who, finderPart: stake / 10n, harmedPart: stake / 20n, burned: stake / 4n });
      at(done, 'windowManager', 'WindowRejected', { jobId, operator: who, submissionId });
      continue;
    }
    // Windows of a job become final in order.
    const final = Math.max(done, last[job] as number);
    last[job] = final;
    const windowIndex = BigInt(windows[job] as number);
    windows[job] = (windows[job] as number) + 1;
    at(final, 'windowManager', 'WindowFinalized', {
      jobId,
      windowIndex,
      operator: who,
      submissionId,
      resultId: BigInt(i + 1),
      proved: true,
    });
    at(final, 'jobManager', 'UnitPaid', {
      jobId,
      submissionId,
      operator: who,
      workerPart: pay,
      validatorPart: 0n,
      licensorPart: pay / 7n,
      treasuryPart: 0n,
      feeBurned: pay / 5n,
      emitted: pay / 20n,
    });
    at(final, 'modelRegistry', 'CheckpointRecorded', {
      circuitId,
      checkpointId: BigInt(job * 1000) + windowIndex + 1n,
      parentId: BigInt(job * 1000) + windowIndex,
      version: windowIndex + 1n,
      proved: true,
    });
  }
  return placed
    .map((one, i) => ({ ...one, i }))
    .sort((a, b) => a.block - b.block || a.i - b.i)
    .map(
      ({ block: number, event }, logIndex) =>
        ({
          ...event,
          blockNumber: BigInt(number),
          blockHash: zeroHash,
          transactionHash: pad(toHex(logIndex), { size: 32 }),
          logIndex,
          time: time(number),
        }) as unknown as ChainEvent,
    );
}

function summed(events: readonly ChainEvent[]): Summary {
  const summary = emptySummary();
  for (const event of events) addToSummary(summary, event, assay);
  return summary;
}

/** The mean difference of all pairs, over twice the mean: another way to the same number. */
function giniOfPairs(values: readonly number[]): number | undefined {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  if (values.length === 0 || mean === 0) return undefined;
  const difference = values.reduce((sum, a) => sum + values.reduce((inner, b) => inner + Math.abs(a - b), 0), 0);
  return difference / (2 * values.length ** 2 * mean);
}

type Args = Record<'workerPart' | 'licensorPart' | 'emitted' | 'amount' | 'finderPart' | 'harmedPart' | 'burned', bigint> & {
  readonly jobId: bigint;
  readonly operator: Hex;
  readonly submissionId: Hex;
};

/** Every metric again, from lists of events, without adding anything up as it comes. */
function naive(events: readonly ChainEvent[], period: number, block: number): Record<string, number | undefined> {
  const of = (name: string): { args: Args; at: number }[] =>
    events.filter((event) => event.name === name).map((event) => ({ args: event.args as unknown as Args, at: Number(event.blockNumber) }));
  const paid = of('UnitPaid');
  const operators = [...new Set(events.flatMap(({ args }) => ('operator' in args ? [args.operator] : [])))];
  const total = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
  const earned = operators.flatMap((operator) => {
    const units = paid.filter(({ args }) => args.operator === operator);
    if (units.length === 0) return [];
    return [Number(total(units.map(({ args }) => (args.jobId === 3n ? 0n : args.workerPart) + args.emitted)))];
  });
  const stakes = operators.flatMap((operator) => {
    const put = total(of('Staked').flatMap(({ args }) => (args.operator === operator ? [args.amount] : [])));
    const lost = total(
      of('Slashed').flatMap(({ args }) => (args.operator === operator ? [args.finderPart + args.harmedPart + args.burned] : [])),
    );
    return put - lost > 0n ? [Number(put - lost)] : [];
  });
  const units = operators.map((operator) => paid.filter(({ args }) => args.operator === operator).length).filter((n) => n > 0);
  const shares = (values: readonly number[]): number | undefined => {
    const sum = values.reduce((a, b) => a + b, 0);
    return sum === 0 ? undefined : sum ** 2 / values.reduce((a, b) => a + b * b, 0);
  };
  const buckets = Math.ceil(period / bucketBlocks);
  const now = Math.floor(block / bucketBlocks);
  const activeIn = (from: number, to: number): Set<Hex> =>
    new Set(
      (['LeaseTaken', 'WindowSubmitted', 'WindowFinalized'] as const)
        .flatMap(of)
        .filter(({ at }) => Math.floor(at / bucketBlocks) > from && Math.floor(at / bucketBlocks) <= to)
        .map(({ args }) => args.operator),
    );
  const [current, before] = [activeIn(now - buckets, now), activeIn(now - 2 * buckets, now - buckets)];
  const changed = [...current].filter((one) => !before.has(one)).length + [...before].filter((one) => !current.has(one)).length;
  const submitted = new Map(of('WindowSubmitted').map(({ args, at }) => [args.submissionId, at]));
  const latencies = of('WindowFinalized')
    .map(({ args, at }) => at - (submitted.get(args.submissionId) as number))
    .sort((a, b) => a - b);
  const rank = (q: number): number | undefined => latencies[Math.ceil(q * latencies.length) - 1];
  const depths = [0, 1, 2, 3]
    .map((job) => of('WindowFinalized').filter(({ args }) => args.jobId === BigInt(job)).length)
    .filter((n) => n > 0);
  const moved = paid
    .filter(({ args, at }) => args.jobId !== 3n && Math.floor(at / bucketBlocks) > now - buckets && Math.floor(at / bucketBlocks) <= now)
    .map(({ args }) => args.workerPart + args.licensorPart);
  const ratio = (a: number, b: number): number | undefined => (b === 0 ? undefined : a / b);
  return {
    'gini-rewards': giniOfPairs(earned),
    'gini-stake': giniOfPairs(stakes),
    'diversity-work': shares(units),
    'diversity-stake': shares(stakes),
    churn: ratio(changed, new Set([...current, ...before]).size),
    'token-velocity': Number(total(moved)) / 1e27,
    'provenance-depth-max': depths.length === 0 ? undefined : Math.max(...depths),
    'provenance-depth-mean': ratio(
      depths.reduce((a, b) => a + b, 0),
      depths.length,
    ),
    'latency-blocks-p50': rank(0.5),
    'latency-blocks-p95': rank(0.95),
    'latency-seconds-p50': latencies.length === 0 ? undefined : 12 * (rank(0.5) as number),
    'latency-seconds-p95': latencies.length === 0 ? undefined : 12 * (rank(0.95) as number),
    'slashing-frequency': ratio(1000 * of('Slashed').length, of('WindowSubmitted').length),
  };
}

const metricsAt = (summary: Summary, block: number, period: number) =>
  metricsOf(summary, { block, period, assay, supply: 10n ** 27n, gas: { total: 0, transactions: 0 } });

describe('metrics', () => {
  it('are those that lists of events lead to, whatever happens', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 900, 7_200, 20_000), (script, period) => {
        const events = eventsOf(script);
        const block = Number(events.at(-1)?.blockNumber);
        const { metrics, counts } = metricsAt(summed(events), block, period);
        const told = Object.fromEntries(metrics.map(({ id, value }) => [id, value]));
        for (const [id, value] of Object.entries(naive(events, period, block))) {
          if (value === undefined) expect(told[id], id).toBeNull();
          else expect(told[id], id).toBeCloseTo(value, 9);
        }
        expect(counts.events).toBe(events.length);
        expect(counts.windows).toBe(events.filter(({ name }) => name === 'WindowFinalized').length);
      }),
      { numRuns: 60 },
    );
  });

  it('tell a summary that lost one event from one that has them all', () => {
    const script: Step[] = Array.from({ length: 30 }, (_, i) => ({
      operator: i % 4,
      job: i % 3,
      wait: 10,
      end: 'final',
      delay: i % 5,
      pay: BigInt(i + 1),
      stake: BigInt(i + 1),
      slash: false,
    }));
    const events = eventsOf(script);
    const block = Number(events.at(-1)?.blockNumber);
    const lost = events.findIndex(({ name }) => name === 'UnitPaid');
    const all = metricsAt(summed(events), block, 900);
    expect(metricsAt(summed(events.toSpliced(lost, 1)), block, 900)).not.toEqual(all);
    expect(metricsAt(summed(events), block, 900)).toEqual(all);
  });

  it('go on from a stored copy', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (script, cutAt) => {
        const events = eventsOf(script);
        const cut = cutAt % (events.length + 1);
        const copy = deserialize(serialize(summed(events.slice(0, cut)))) as Summary;
        for (const event of events.slice(cut)) addToSummary(copy, event, assay);
        expect(copy).toEqual(summed(events));
      }),
      { numRuns: 25 },
    );
  });

  it('have the values of known cases', () => {
    expect([gini([1, 1, 1, 1]), gini([0, 0, 0, 1]), gini([]), gini([0, 0])]).toEqual([0, 0.75, undefined, undefined]);
    expect([effectiveNumber([5, 5]), effectiveNumber([1, 0]), effectiveNumber([0])]).toEqual([2, 1, undefined]);
    const histogram = new Map([
      [7, 1],
      [1, 94],
      [3, 5],
    ]);
    expect([quantile(histogram, 0.5), quantile(histogram, 0.94), quantile(histogram, 0.95), quantile(histogram, 1)]).toEqual([1, 1, 3, 7]);
  });
});

describe('a curve', () => {
  it('keeps at most 2,000 evenly picked windows and the last', () => {
    const script: Step[] = Array.from({ length: 2_001 }, () => ({
      operator: 0,
      job: 0,
      wait: 2,
      end: 'final',
      delay: 0,
      pay: 1n,
      stake: 1n,
      slash: false,
    }));
    const { curve } = summed(eventsOf(script)).jobs.get('0') as {
      curve: Summary['jobs'] extends Map<string, infer J> ? (J extends { curve: infer C } ? C : never) : never;
    };
    expect(curve.every).toBe(2);
    expect(curve.points.map(({ window }) => window)).toEqual(Array.from({ length: 1001 }, (_, i) => 2 * i));
    expect(curve.last?.window).toBe(2_000);
    expect(curve.points[3]).toMatchObject({ paid: 1n, seconds: 12, lossSum: 1006n });
  });
});
