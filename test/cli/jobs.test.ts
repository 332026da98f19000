import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { devnetAccount } from '../../src/chain/anvil.ts';
import { decodeNpy } from '../../src/data/npy.ts';
import { decodeCheckpoint } from '../../src/model/checkpoint.ts';
import type { RoleEvent } from '../../src/node/roleEvent.ts';
import { getWindowCircuit } from '../../src/proof/circuitInstance.ts';
import type { ArithmeticSpec } from '../../src/quant/spec.ts';
import { readBlobs } from '../../src/store/readBlobs.ts';
import { classify } from '../../src/train/classify.ts';
import { bigintStep } from '../utils/bigintStep.ts';
import { type CliResult, runCli, type StartedCli, startCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('jobs');
const circuit = 'train-window-16-8-4';
const windows = 2;

/** Samples of four kinds that differ in which quarter of their 16 values is bright. */
function samples(count: number): string {
  let state = 7;
  const rows = Array.from({ length: count }, (_, s) => {
    const kind = s % 4;
    const values = Array.from({ length: 16 }, (_, i) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (i >> 2 === kind ? 12 : 0) + ((state >>> 16) % 4);
    });
    return [...values, kind].join(',');
  });
  return `${rows.join('\n')}\n`;
}

const events = (stderr: string): RoleEvent[] =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('{"event"'))
    .map((line) => JSON.parse(line) as RoleEvent);

/** Resolves with the first event of that name. */
async function event<N extends RoleEvent['event']>(cli: StartedCli, name: N): Promise<Extract<RoleEvent, { event: N }>> {
  for (;;) {
    const found = events(cli.output.stderr).find((e) => e.event === name);
    if (found !== undefined) return found as Extract<RoleEvent, { event: N }>;
    if (cli.child.exitCode !== null) throw new Error(`ended without ${name}:\n${cli.output.stdout}${cli.output.stderr}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

// One job from its opening to its end; what looks at it afterwards are tests of their own.
let home = '';
let devnet: StartedCli;
let environment: Record<string, string> = {};
let created: CliResult;
let worked: CliResult;
let judged: CliResult;

const assay = (...args: string[]): Promise<CliResult> => runCli(args, { home, environment, cwd: home });
const start = (...args: string[]): StartedCli => startCli(args, { home, environment, cwd: home });
async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await assay(...args, '--json');
  if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

beforeAll(async () => {
  home = join(scratch.path, 'home');
  await mkdir(home);
  await writeFile(join(home, 'samples.csv'), samples(64));
  devnet = start('devnet', 'up', '--port', '0', '--block-time', '1', '--json');
  await devnet.stdoutHas('\n');
  const { rpc, accounts } = JSON.parse(devnet.output.stdout) as { rpc: string; accounts: string[] };
  environment = { ASSAY_RPC: rpc };
  const layout = ['--label-column', '16', '--classes', '4', '--range', '0:16', '--batch', '2', '--depth', '3'];
  await json(
    'dataset',
    'import',
    'csv',
    '--features',
    'samples.csv',
    ...layout,
    '--held-out',
    '32',
    '--limit',
    '16',
    '--out',
    'kinds.dataset',
  );
  for (const account of [1, 3]) await json('devnet', 'fund', accounts[account] as string, '--tokens', '100');
  const register = ['register', '--stake', '20', '--operator-devnet-account'];
  await json('worker', ...register, '1', '--hot-devnet-account', '2');
  await json('validator', ...register, '3', '--hot-devnet-account', '4');

  const terms = ['--windows', String(windows), '--price', '2.5', '--bond', '5', '--genesis-seed', `0x${'42'.repeat(32)}`];
  const order = ['--circuit', circuit, '--dataset', 'kinds.dataset', ...terms, '--devnet-account', '0', '--json'];
  const requester = start('job', 'create', ...order);
  const served = (await event(requester, 'listening')).addresses;
  const { jobId } = await event(requester, 'jobOpened');
  const run = ['run', '--job', String(jobId), '--json', '--peers', ...served];
  const validator = start('validator', ...run, '--devnet-account', '4');
  const worker = start('worker', ...run, ...(await event(validator, 'listening')).addresses, '--devnet-account', '2');
  [created, worked, judged] = await Promise.all([requester.ended, worker.ended, validator.ended]);
});

afterAll(async () => {
  devnet.child.kill('SIGINT');
  await devnet.ended;
});

describe('a job', () => {
  test('ends for each of its nodes, with one result on stdout and the events on stderr', () => {
    expect(JSON.parse(created.stdout)).toMatchObject({ jobId: 1, state: 'completed', finalized: windows, interrupted: false, circuit });
    expect(JSON.parse(worked.stdout)).toMatchObject({ jobId: 1, state: 'completed', settled: windows });
    expect(JSON.parse(judged.stdout)).toMatchObject({ accepted: windows, refused: 0, slashed: 0 });
    expect([created.code, worked.code, judged.code]).toEqual([0, 0, 0]);
    const names = events(worked.stderr).map((e) => e.event);
    for (const name of ['listening', 'leased', 'proved', 'announced', 'attested', 'submitted', 'claimed', 'jobEnded']) {
      expect(names).toContain(name);
    }
    const verdicts = events(worked.stderr).flatMap((e) => (e.event === 'attested' ? [e.verdict] : []));
    expect(verdicts).toEqual(['accept', 'accept']);
  });

  test('is listed and shown', async () => {
    const { jobs } = await json<{ jobs: object[] }>('job', 'list');
    expect(jobs).toHaveLength(1);
    expect(jobs[0]).toMatchObject({ jobId: 1, state: 'completed', finalized: windows, price: '2.5', bond: '5', escrow: '0' });
    const shown = await json<{ finalizedWindows: { reward: string }[]; mode: string; lease: object | null }>('job', 'show', '1');
    expect(shown.finalizedWindows.map((w) => w.reward)).toEqual(['2.5', '2.5']);
    expect(shown).toMatchObject({ mode: 'eager', submitted: windows, finalized: windows });
    // There is no window left to lease.
    expect(shown.lease).toBeNull();
    const missing = await assay('job', 'show', '2');
    expect(missing.stderr).toContain('CHAIN_UNKNOWN_JOB');
    expect(missing.code).toBe(1);
  });

  test('has a result: ONNX, checkpoint, and how many test samples it gets right', async () => {
    type Result = {
      checkpointId: string;
      onnx: string;
      checkpoint: string;
      accuracy: { genesis: { total: number }; final: { correct: number; total: number } };
    };
    const result = await json<Result>('job', 'result', '1', '--out', 'result', '--test', 'kinds.dataset');
    expect(result.accuracy.final.total).toBe(32);
    const { spec, sizes } = await getWindowCircuit(circuit);
    const { weights } = decodeCheckpoint(await readFile(result.checkpoint));
    const features = decodeNpy(await readFile(join(home, 'kinds.dataset.test-features.npy'))).values as Uint8Array;
    const labels = decodeNpy(await readFile(join(home, 'kinds.dataset.test-labels.npy'))).values;
    const right = classify(spec, sizes, weights, features).filter((found, i) => found === labels[i]).length;
    expect(result.accuracy.final.correct).toBe(right);
    expect(result.accuracy.genesis.total).toBe(32);
    const shown = await json<{ headId: string }>('job', 'show', '1');
    expect(result.checkpointId).toBe(shown.headId);
    expect((await readFile(result.onnx)).length).toBeGreaterThan(500);
    // The file alone leads back to the id on chain, and the id to the job.
    const file = await json<{ checkpointId: string }>('checkpoint', 'show', result.checkpoint);
    expect(file.checkpointId).toBe(shown.headId);
    expect(await json('checkpoint', 'show', shown.headId)).toMatchObject({ places: [{ jobId: 1, index: windows }] });
    // The same weights by either way are the same model.
    await json('checkpoint', 'export', result.checkpoint, '--onnx', 'fromFile.onnx');
    await json('checkpoint', 'export', '--job', '1', '--onnx', 'fromJob.onnx', '--checkpoint', 'fromJob.checkpoint');
    expect((await readFile(join(home, 'fromJob.onnx'))).equals(await readFile(result.onnx))).toBe(true);
    expect((await readFile(join(home, 'fromJob.checkpoint'))).equals(await readFile(result.checkpoint))).toBe(true);
    expect((await readFile(join(home, 'fromFile.onnx'))).length).toBeGreaterThan(500);
  });

  test('has a lineage that verifies, with the stores of its nodes or the genesis alone', async () => {
    const verification = { verified: true, windows, failures: [] };
    expect(await json('checkpoint', 'lineage', '--job', '1', '--verify')).toMatchObject({ jobId: 1, verification });
    // The requester's store has no later checkpoint: the head is trained again.
    const requester = join(home, '.assay/requester');
    expect(await json('checkpoint', 'lineage', '--job', '1', '--verify', '--data', requester)).toMatchObject({ verification });
    const none = await assay('checkpoint', 'lineage', '--job', '1', '--verify', '--data', join(home, 'nowhere'));
    expect(none.stderr).toContain('BLOB_UNAVAILABLE');
    expect(none.code).toBe(1);
    const { headId } = await json<{ headId: string }>('job', 'show', '1');
    const line = await json<{ windows: object[]; verification: null }>('checkpoint', 'lineage', headId);
    expect(line.windows).toHaveLength(windows);
    expect(line.verification).toBe(null);
  }, 240_000);

  test('its lineage is certified from what is stored, and the certificate verifies without the chain', async () => {
    const { headId } = await json<{ headId: string }>('job', 'show', '1');
    const { genesisId } = await json<{ genesisId: string }>('checkpoint', 'lineage', headId);
    const between = ['--parent', genesisId, '--child', headId];
    const made = await json<object>('audit', 'lineage', ...between, '--output', 'descent.json');
    expect(made).toMatchObject({ parentId: genesisId, childId: headId, jobs: [{ jobId: 1, firstWindow: 0, windows }] });
    const offline = (file: string): Promise<CliResult> =>
      runCli(['audit', 'verify', file, '--json'], { home, environment: { ASSAY_RPC: 'http://127.0.0.1:9' }, cwd: home });
    expect((await offline('descent.json')).code).toBe(0);
    const text = await readFile(join(home, 'descent.json'), 'utf8');
    await writeFile(join(home, 'other.json'), text.replaceAll(headId, `${headId.slice(0, -1)}${headId.endsWith('0') ? '1' : '0'}`));
    const other = await offline('other.json');
    expect(other.code).toBe(3);
    expect((JSON.parse(other.stdout) as { failures: string[] }).failures).toEqual([
      `job 1, window ${windows - 1}, contribution 0: the verifier refuses its proof`,
    ]);
    const backwards = await assay('audit', 'lineage', '--parent', headId, '--child', genesisId, '--output', 'backwards.json');
    expect([backwards.code, backwards.stderr]).toEqual([1, expect.stringContaining('AUDIT_NO_LINEAGE')]);
    await expect(stat(join(home, 'backwards.json'))).rejects.toThrow('ENOENT');
  }, 240_000);

  test('its submissions verify again; one that nobody made is unknown', async () => {
    const { finalizedWindows } = await json<{ finalizedWindows: { submissionId: string; lossSum: number }[] }>('job', 'show', '1');
    const [first] = finalizedWindows as [{ submissionId: string; lossSum: number }];
    const verified = await json<{ meaning: string }>('verify', '--submission', first.submissionId);
    expect(verified).toMatchObject({ verified: true, circuit, ceremony: 'dev', paid: { jobId: 1, window: 0 } });
    expect(verified.meaning).toContain(`the squared errors sum to ${first.lossSum}.`);
    const unknown = await assay('verify', '--submission', `0x${'00'.repeat(32)}`);
    expect(unknown.stderr).toContain('SUBMISSION_UNKNOWN');
    expect(unknown.code).toBe(1);
  });

  test('the explorer shows it, and verifies its proof again from the calldata that was paid for', async () => {
    const shown = await json<{ state: string; curve: { points: { loss: number | null }[] } }>('explore', 'job', '1');
    expect(shown.state).toBe('completed');
    expect(shown.curve.points).toHaveLength(windows);
    const { items } = await json<{ items: { submissionId: string; checkpointId: string }[] }>('explore', 'window', '1', '--no-sync');
    const [first] = items as [{ submissionId: string; checkpointId: string }];
    const verdict = await json<object>('explore', 'proof', first.submissionId, '--verify');
    expect(verdict).toMatchObject({ verified: true, failures: [], circuit, ceremony: 'dev', source: 'calldata' });
    const tree = await assay('explore', 'checkpoint', first.checkpointId, '--lineage');
    expect(tree.stdout).toMatch(/^● .* window 0 of job 1.*\n● .* genesis/);
  });

  test('its proof files verify; an edited one is false, exit code 3', async () => {
    const blobs = readBlobs(join(home, '.assay/worker'));
    const files: Uint8Array[] = [];
    for (const id of await blobs.list()) {
      const bytes = (await blobs.get(id)) as Uint8Array;
      if (new TextDecoder().decode(bytes.subarray(0, 8)) === 'ASSAYPF2') files.push(bytes);
    }
    expect(files).toHaveLength(windows);
    const genuine = files[0] as Uint8Array;
    await writeFile(join(home, 'genuine.proof'), genuine);
    const accepted = await json<{ verified: boolean; gas: number }>('verify', 'genuine.proof');
    expect(accepted.verified).toBe(true);
    expect(accepted.gas).toBeGreaterThan(500_000);

    // The last word of the statement is the loss; it follows 158 bytes of header, a length and seven words.
    const lossEnd = 8 + 1 + 32 + 20 + 32 + 32 + 32 + 1 + 4 + 8 * 32 - 1;
    for (const [name, at] of [
      ['loss', lossEnd],
      // The context's ten words and their length follow it.
      ['opening', genuine.length - 10 * 32 - 5],
    ] as const) {
      const edited = genuine.slice();
      edited[at] = (edited[at] as number) ^ 1;
      await writeFile(join(home, `${name}.proof`), edited);
      const refused = await assay('verify', `${name}.proof`, '--json');
      expect(JSON.parse(refused.stdout)).toMatchObject({ verified: false, failures: ['the verifier refuses the proof'] });
      expect(refused.code).toBe(3);
    }
    await writeFile(join(home, 'cut.proof'), genuine.subarray(0, 1000));
    const cut = await assay('verify', 'cut.proof');
    expect(cut.stderr).toContain('PROOF_FILE_MALFORMED');
    expect(cut.code).toBe(3);
    // Another circuit id: this package cannot build it, so it says nothing about the proof.
    const foreign = genuine.slice();
    const circuitAt = 8 + 1 + 32 + 20;
    foreign[circuitAt] = (foreign[circuitAt] as number) ^ 1;
    await writeFile(join(home, 'foreign.proof'), foreign);
    const mismatch = await assay('verify', 'foreign.proof');
    expect(mismatch.stderr).toContain('CIRCUIT_MISMATCH');
    expect(mismatch.code).toBe(6);
  });

  test('a window can be done again from its exported files alone', async () => {
    await json('window', 'export', '--job', '1', '--window', '1', '--out', 'window');
    const folder = join(home, 'window');
    const read = async (name: string) => decodeNpy(await readFile(join(folder, name)));
    type Manifest = {
      spec: ArithmeticSpec;
      sizes: number[];
      batch: number;
      steps: number[];
      leaves: number[];
      lossSum: number;
      files: { parent: string[]; child: string[]; features: string; labels: string };
    };
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    const { spec, sizes, batch, files } = manifest;
    expect(manifest.steps).toEqual([2, 3]);
    const features = await read(files.features);
    const labels = await read(files.labels);
    expect(features.shape).toEqual([2, batch, 16]);
    expect(labels.shape).toEqual([2, batch]);
    const layers = (names: string[]) => Promise.all(names.map(async (name) => Array.from((await read(name)).values, Number)));
    const parent = await layers(files.parent);
    let weights = parent;
    let loss = 0n;
    for (let k = 0; k < manifest.steps.length; k++) {
      const width = batch * (sizes[0] as number);
      const step = bigintStep(
        spec,
        sizes,
        weights,
        Array.from(features.values.slice(k * width, (k + 1) * width), Number),
        Array.from(labels.values.slice(k * batch, (k + 1) * batch), Number),
      );
      weights = step.weights.map((layer) => layer.map(Number));
      loss += step.loss;
    }
    expect(weights).toEqual(await layers(files.child));
    expect(weights).not.toEqual(parent);
    expect(Number(loss)).toBe(manifest.lossSum);
    const missing = await assay('window', 'export', '--job', '1', '--window', '2', '--out', 'window');
    expect(missing.stderr).toContain('WINDOW_UNKNOWN');
  });

  test('its rewards have been paid to the operator; there is nothing left to claim', async () => {
    type Shown = { accounts: { account: string; claimable: string; balance: string; stake: { active: string; locked: string } }[] };
    const { accounts } = await json<Shown>('rewards', 'show', '--devnet-account', '2');
    expect(accounts).toHaveLength(2);
    // 100 funded, 20 staked, two windows of 2.5 claimed.
    expect(accounts[1]).toMatchObject({ claimable: '0', balance: '85', stake: { active: '20', locked: '0' } });
    expect(await json('rewards', 'claim', '--devnet-account', '2')).toEqual({ claims: [] });
  });
});

describe('nodes that are stopped', () => {
  test('--no-wait opens a job; job serve goes on, and each ends in order at Ctrl-C', async () => {
    const terms = ['--windows', '3', '--price', '1', '--bond', '1', '--devnet-account', '0', '--json'];
    const opened = await assay('job', 'create', '--no-wait', '--circuit', circuit, '--dataset', 'kinds.dataset', ...terms);
    expect(opened.code).toBe(0);
    expect(JSON.parse(opened.stdout)).toMatchObject({ jobId: 2, state: 'open', interrupted: false });

    const serving = start('job', 'serve', '2', '--devnet-account', '0', '--json');
    const { addresses } = await event(serving, 'listening');
    const worker = start('worker', 'run', '--job', '2', '--devnet-account', '2', '--json', '--peers', ...addresses);
    await event(worker, 'leased');
    worker.child.kill('SIGINT');
    const stopped = await worker.ended;
    expect(JSON.parse(stopped.stdout)).toMatchObject({ jobId: 2, interrupted: true });
    expect(stopped.code).toBe(0);
    // Whoever has nothing asks the node that serves.
    const nothing = ['job', 'result', '2', '--data', join(home, 'nowhere')];
    expect(await json(...nothing, '--peers', ...addresses)).toMatchObject({ jobId: 2, finalized: 0, accuracy: null });
    expect((await assay(...nothing)).stderr).toContain('BLOB_UNAVAILABLE');
    serving.child.kill('SIGINT');
    const served = await serving.ended;
    expect(JSON.parse(served.stdout)).toMatchObject({ jobId: 2, interrupted: true });
    expect(served.code).toBe(130);

    // The requester ends the job: what no lease holds comes back to it, once it claims.
    const move = (verb: string, account = '0') => json('job', verb, '2', '--devnet-account', account);
    await expect(move('cancel', '5')).rejects.toThrow('CHAIN_NOT_ALLOWED');
    expect(await move('pause')).toMatchObject({ jobId: 2, state: 'paused' });
    await expect(move('pause')).rejects.toThrow('CHAIN_WRONG_JOB_STATE');
    expect(await move('resume')).toMatchObject({ jobId: 2, state: 'active' });
    // One window is leased.
    expect(await move('cancel')).toMatchObject({ jobId: 2, state: 'cancelled', escrow: '1' });
    type Claimed = { claims: { account: string; amount: string }[] };
    const { claims } = await json<Claimed>('rewards', 'claim', '--account', devnetAccount(0).address, '--devnet-account', '5');
    expect(claims).toMatchObject([{ account: devnetAccount(0).address, amount: '2' }]);
  });

  test('a key that serves nobody is refused, exit code 4', async () => {
    for (const [role, code] of [
      ['worker', 'WORKER_NOT_REGISTERED'],
      ['validator', 'VALIDATOR_NOT_REGISTERED'],
    ] as const) {
      const refused = await assay(role, 'run', '--job', '1', '--devnet-account', '9');
      expect(refused.stderr).toContain(code);
      expect(refused.code).toBe(4);
    }
  });
});
