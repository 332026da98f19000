import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { eventAddresses } from '../src/chain/chainEvent.ts';
import { connectChain } from '../src/chain/connectChain.ts';
import { readLogs, widerSpan, widestSpan } from '../src/chain/readLogs.ts';
import type { Explorer } from '../src/explorer/explorer.ts';
import { explorerApp } from '../src/explorer/http/explorerApp.ts';
import { serveExplorer } from '../src/explorer/http/serveExplorer.ts';
import { openExplorer } from '../src/explorer/openExplorer.ts';
import { type SyntheticChain, serveSyntheticChain, syntheticChain } from '../test/utils/syntheticChain.ts';

/** Jobs of a chain with so many windows: one has half of them, one a fifth, the rest is small. */
function jobSizes(windows: number): number[] {
  const small = Math.max(1, Math.floor(windows / 100));
  const rest = windows - Math.floor(windows / 2) - Math.floor(windows / 5);
  const sizes = [Math.floor(windows / 2), Math.floor(windows / 5)];
  for (let left = rest; left > 0; left -= small) sizes.push(Math.min(small, left));
  return sizes;
}

type Timed = { readonly view: string; readonly p50: number; readonly p95: number };

/**
 * Seconds to rebuild the index of many windows, and milliseconds of every view then.
 *
 * The chain is synthetic: the logs of eager windows, 12 each as the contracts emit them, encoded by the generated ABIs, which a process beside this one
 * serves as a node would, over HTTP; they go through the same connection and the same synchronisation as any chain's. Options: --windows N (default
 * 100000), --rounds N of each view (default 20), --json.
 */
export async function benchExplorer(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { windows: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '20' }, json: { type: 'boolean' } },
  });
  const [windows, rounds] = [Number(values.windows), Number(values.rounds)];
  const chain = syntheticChain(jobSizes(windows));
  const node = fork(fileURLToPath(import.meta.url), [String(windows)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const directory = await mkdtemp(join(tmpdir(), 'assay-bench-explorer-'));
  try {
    const [rpcUrl] = (await once(node, 'message')) as [string];
    const stages = performance.now();
    const stage = (name: string): void => console.error(`${((performance.now() - stages) / 1000).toFixed(1).padStart(7)} s  ${name}`);
    stage('reading the logs alone');
    const readOnly = await measure(() => readAll(rpcUrl, chain));
    const open = (): Promise<Explorer> =>
      openExplorer({ rpcUrl, deployment: chain.deployment, directory, version: 'bench', pollingInterval: 50 });
    let explorer!: Explorer;
    stage('rebuilding the index');
    const rebuild = await measure(async () => {
      explorer = await open();
      await explorer.ready();
      // The numbers that are added up are part of it.
      await explorer.metrics();
    });
    const { counts } = await explorer.metrics();
    if (counts.windows !== windows || counts.events !== chain.logs)
      throw new Error(`${counts.windows} windows, ${counts.events} events were indexed`);
    stage('asking for every view');
    const views = await timeViews(explorer, chain, rounds);
    await explorer.close();
    stage('opening it again');
    const again = await measure(async () => {
      explorer = await open();
      await explorer.metrics();
    });
    const recomputed = await explorer.recompute();
    await explorer.close();
    const result = {
      bench: 'explorer',
      windows,
      logs: chain.logs,
      jobs: chain.jobs.length,
      readLogsSeconds: readOnly.seconds,
      rebuildSeconds: rebuild.seconds,
      rebuildCpuSeconds: rebuild.cpuSeconds,
      ratio: rebuild.seconds / readOnly.seconds,
      reopenSeconds: again.seconds,
      recompute: { equal: recomputed.equal, seconds: recomputed.seconds },
      views,
    };
    if (values.json === true) console.log(JSON.stringify(result));
    else print(result);
  } finally {
    node.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(action: () => Promise<void>): Promise<{ readonly seconds: number; readonly cpuSeconds: number }> {
  const started = performance.now();
  const before = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** Every log, and nothing done with it: what a rebuild cannot do without. */
async function readAll(rpcUrl: string, { deployment, head }: SyntheticChain): Promise<void> {
  const connection = await connectChain({ rpcUrl });
  let span = 2_000;
  for (let from = 1; from <= head; ) {
    const read = await readLogs(connection, { address: eventAddresses(deployment), fromBlock: BigInt(from), toBlock: BigInt(head), span });
    from = Number(read.toBlock) + 1;
    span = Math.min(widerSpan(read.span), 2_000, widestSpan);
  }
}

/** Every view at places all over the chain. */
async function timeViews(explorer: Explorer, chain: SyntheticChain, rounds: number): Promise<Timed[]> {
  const [big, second] = chain.jobs as [{ jobId: number; windows: number }, { jobId: number; windows: number }];
  const at = (round: number, of: number): number => Math.floor(((round * 0.618034) % 1) * of);
  const id = (value: bigint): string => `0x${value.toString(16).padStart(64, '0')}`;
  const submission = (round: number): string => chain.submissionOf(big.jobId, at(round, big.windows));
  const checkpoint = (round: number): string => id(chain.checkpointOf(big.jobId, at(round, big.windows)));
  const views: Readonly<Record<string, (round: number) => Promise<unknown>>> = {
    status: () => explorer.status(),
    metrics: () => explorer.metrics(),
    jobs: () => explorer.jobs({ limit: 50 }),
    job: (round) => explorer.job(String(chain.jobs[round % chain.jobs.length]?.jobId)),
    'job (largest)': () => explorer.job(String(big.jobId)),
    'windows, 50': (round) =>
      explorer.windows(String(big.jobId), { limit: 50, ...(round === 0 ? {} : { cursor: `${10 + at(round, 2 * chain.windows)}.0` }) }),
    'windows, 200 newest': () => explorer.windows(String(second.jobId), { limit: 200, newestFirst: true }),
    window: (round) => explorer.window(String(big.jobId), at(round, big.windows)),
    'curve (largest)': () => explorer.curve(String(big.jobId)),
    'proofs, 50': (round) => explorer.proofs(round % 2 === 0 ? { limit: 50 } : { limit: 50, operator: chain.operators[0] as string }),
    proof: (round) => explorer.proof(submission(round)),
    'nodes, 50': () => explorer.nodes({ limit: 50 }),
    node: (round) => explorer.node(chain.operators[round % chain.operators.length] as string).catch(() => undefined),
    'checkpoints, 50': () => explorer.checkpoints({ limit: 50 }),
    checkpoint: (round) => explorer.checkpoint(checkpoint(round)),
    'lineage, 50': (round) => explorer.lineage(checkpoint(round), { depth: 50 }),
    slashes: () => explorer.slashes(),
    audits: () => explorer.audits(),
    'events, 50': () => explorer.events({ limit: 50 }),
    'events of an operator': (round) => explorer.events({ operator: chain.operators[round % chain.operators.length] as string, limit: 50 }),
    'search, number': (round) => explorer.search(`${big.jobId}/${at(round, big.windows)}`),
    'search, prefix': (round) => explorer.search(submission(round).slice(0, 14)),
    'search, short prefix': () => explorer.search('0x5b0000'),
    transaction: async (round) =>
      explorer.transaction((await explorer.proof(submission(round))).submitted.transaction).catch(() => undefined),
  };
  // The same over HTTP, to the last byte of the page.
  const served = await serveExplorer(explorerApp(explorer), { port: 0 });
  const page = async (path: string): Promise<void> => {
    const response = await fetch(`${served.url}${path}`);
    await response.text();
    if (response.status !== 200) throw new Error(`/${path} gave ${response.status}`);
  };
  const pages: typeof views = {
    'page: home': () => page(''),
    'page: jobs': () => page('jobs'),
    'page: job (largest)': () => page(`job/${big.jobId}`),
    'page: job, far back': (round) => page(`job/${big.jobId}?cursor=${10 + at(round, 2 * chain.windows)}.0`),
    'page: window': (round) => page(`window/${big.jobId}/${at(round, big.windows)}`),
    'page: proofs': () => page('proofs'),
    'page: proof': (round) => page(`proof/${submission(round)}`),
    'page: nodes': () => page('nodes'),
    'page: node': (round) => page(`node/${chain.operators[round % chain.operators.length]}`),
    'page: checkpoint': (round) => page(`checkpoint/${checkpoint(round)}`),
    'page: metrics': () => page('metrics'),
    'page: search': (round) => page(`search?q=${submission(round).slice(0, 14)}`),
  };
  const timed: Timed[] = [];
  for (const [view, ask] of Object.entries({ ...views, ...pages })) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      const answer = await ask(round);
      // A page is not there before its text is.
      JSON.stringify(answer);
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    timed.push({ view, p50: times[Math.ceil(0.5 * rounds) - 1] as number, p95: times[Math.ceil(0.95 * rounds) - 1] as number });
  }
  await served.close();
  return timed;
}

function print(result: {
  readonly windows: number;
  readonly logs: number;
  readonly jobs: number;
  readonly readLogsSeconds: number;
  readonly rebuildSeconds: number;
  readonly rebuildCpuSeconds: number;
  readonly ratio: number;
  readonly reopenSeconds: number;
  readonly recompute: { readonly equal: boolean; readonly seconds: number };
  readonly views: readonly Timed[];
}): void {
  const { windows, logs, jobs, readLogsSeconds, rebuildSeconds, rebuildCpuSeconds, ratio, reopenSeconds, recompute } = result;
  console.log(`${windows} windows of ${jobs} jobs, ${logs} logs`);
  console.log(`reading the logs alone ${readLogsSeconds.toFixed(1)} s`);
  console.log(`rebuild ${rebuildSeconds.toFixed(1)} s (${rebuildCpuSeconds.toFixed(1)} s of CPU), ${ratio.toFixed(2)} times the reading`);
  console.log(
    `opening it again ${reopenSeconds.toFixed(2)} s; recompute from chain ${recompute.seconds.toFixed(1)} s, ${recompute.equal ? 'equal' : 'NOT EQUAL'}\n`,
  );
  console.log(`${'view'.padEnd(26)}${'p50 ms'.padStart(9)}${'p95 ms'.padStart(9)}`);
  for (const { view, p50, p95 } of result.views)
    console.log(`${view.padEnd(26)}${p50.toFixed(1).padStart(9)}${p95.toFixed(1).padStart(9)}`);
}

// The node, in a process of its own.
if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serveSyntheticChain(syntheticChain(jobSizes(Number(process.argv[2]))));
  process.send(url);
}
