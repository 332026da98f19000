import { homedir } from 'node:os';
import { join } from 'node:path';
import { blockCount, blockLimits } from '../src/commitment/blocks.ts';
import { createKzg, type Kzg } from '../src/commitment/kzg.ts';
import { openWindow } from '../src/commitment/opening.ts';
import type { Srs } from '../src/commitment/srs.ts';
import { AssayError } from '../src/errors.ts';
import { ensureSrs } from '../src/proof/ceremony.ts';
import { oneCheckpointFixture, openFixture } from '../test/utils/oneCheckpointFixture.ts';
import { type Candidate, verifyCandidate } from '../test/utils/openingCandidate.ts';
import { someWeights, windowFixture } from '../test/utils/openingFixture.ts';

const rounds = 3;
const blockLogs = [12, 13, 14, 15];
/** With the statements that are measured, and the blocks of a well-formed segment at blockLog 15. */
const models = [
  { sizes: [64, 32, 10], blocksPerProof: 2 },
  { sizes: [196, 64, 10], blocksPerProof: 2 },
  { sizes: [784, 128, 10], blocksPerProof: 5 },
  { sizes: [784, 1024, 1024, 10], blocksPerProof: 1 },
] as const;

type Work = { readonly seconds: number; readonly cpuSeconds: number };
type Row = {
  readonly sizes: readonly number[];
  readonly blockLog: number;
  readonly blocks: number;
  readonly statement: 'window, open' | 'window, owner' | 'inference' | 'well-formed';
  readonly commit: Work;
  readonly open: Work;
  readonly verify: Work;
  readonly bytes: number;
};

/** Least of several rounds: what the machine can do when nothing disturbs it. CPU seconds are those of all threads. */
async function best<T>(action: () => Promise<T>): Promise<Work & { value: T }> {
  let seconds = Number.POSITIVE_INFINITY;
  let cpuSeconds = Number.POSITIVE_INFINITY;
  let value!: T;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const before = process.cpuUsage();
    value = await action();
    const { user, system } = process.cpuUsage(before);
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
    cpuSeconds = Math.min(cpuSeconds, (user + system) / 1e6);
  }
  return { seconds, cpuSeconds, value };
}

/**
 * Seconds to commit a checkpoint, to open the claim of each statement and to verify the opening, in blocks of 2^12 to 2^15 weights: least of
 * three rounds. `--sizes 784-128-10` measures that model alone.
 */
export async function benchOpen(args: readonly string[]): Promise<void> {
  const json = args.includes('--json');
  const at = args.indexOf('--sizes');
  const chosen = at < 0 ? models : models.filter(({ sizes }) => sizes.join('-') === args[at + 1]);
  if (chosen.length === 0) {
    throw new AssayError('BENCH_MODEL_UNKNOWN', `there is no bench of ${args[at + 1]}`, {
      hint: `Known are: ${models.map(({ sizes }) => sizes.join('-')).join(', ')}.`,
    });
  }
  const directory = join(process.env['ASSAY_CACHE'] ?? join(process.env['ASSAY_HOME'] ?? join(homedir(), '.assay'), 'cache'), 'ceremony');
  const srs = await ensureSrs({ directory, points: 2 ** 15 + 1 });
  const kzg = await createKzg(srs);
  // The engine compiles itself while it first runs.
  await measured(kzg, srs, models[0].sizes, 12, 1);
  const rows: Row[] = [];
  for (const { sizes, blocksPerProof } of chosen) {
    for (const blockLog of blockLogs) {
      const made = await measured(kzg, srs, sizes, blockLog, blocksPerProof * 2 ** (15 - blockLog));
      rows.push(...made);
      if (!json) for (const row of made) print(row, rows.length === made.length && row === made[0]);
    }
  }
  await kzg.close();
  if (json) console.log(JSON.stringify({ ceremony: srs.profile, rows }));
}

async function measured(kzg: Kzg, srs: Srs, sizes: readonly number[], blockLog: number, blocksPerProof: number): Promise<Row[]> {
  const blocks = countOf(sizes, blockLog);
  if (blocks === undefined) return [];
  const weights = someWeights('bench', sizes);
  const commit = await best(() => kzg.commitCheckpoint(sizes, blockLog, weights));
  const rows: Row[] = [];
  const add = async (statement: Row['statement'], fixture: Omit<Candidate, 'opening'>, open: () => Promise<Uint8Array>) => {
    const opening = await best(open);
    const verify = await best(() => verifyCandidate({ ...fixture, opening: opening.value } as Candidate));
    if (!verify.value.valid) throw new Error(`the opening does not verify: ${verify.value.reason}`);
    rows.push({ sizes, blockLog, blocks, statement, commit, open: opening, verify, bytes: opening.value.length });
  };
  // Windows are proved of models whose circuits fit; the largest model only answers.
  if (sizes.length === 3) {
    for (const open of [true, false]) {
      const fixture = await windowFixture(kzg, srs, { sizes, blockLog, open });
      await add(open ? 'window, open' : 'window, owner', fixture, () => openWindow(kzg, fixture));
    }
  }
  for (const kind of ['inference', 'well-formed'] as const) {
    const fixture = await oneCheckpointFixture(kzg, srs, kind, { sizes, blockLog, weights, blocksPerProof });
    await add(kind, fixture, () => openFixture(kzg, fixture));
  }
  return rows;
}

/** Undefined where the model cannot be cut into blocks of this size. */
function countOf(sizes: readonly number[], blockLog: number): number | undefined {
  try {
    return blockCount(sizes, blockLog);
  } catch {
    console.error(`${sizes.join('-')} would need more than ${blockLimits.blocks} blocks of 2^${blockLog}`);
    return undefined;
  }
}

function print(row: Row, first: boolean): void {
  if (first) console.log('model              block  blocks  statement      commit s (cpu)   open s (cpu)     verify s  bytes');
  const figure = ({ seconds, cpuSeconds }: Work): string => `${seconds.toFixed(3)} (${cpuSeconds.toFixed(3)})`.padStart(15);
  const cells = [
    row.sizes.join('-').padEnd(17),
    `2^${row.blockLog}`.padStart(5),
    String(row.blocks).padStart(6),
    row.statement.padEnd(13),
    figure(row.commit),
    figure(row.open),
    row.verify.seconds.toFixed(3).padStart(8),
    String(row.bytes),
  ];
  console.log(cells.join('  '));
}
