import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DemoReport } from '../../src/cli/demo/demoReport.ts';
import { runCli, startCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('demo');
/** Compiled circuits and the ceremony, shared with the other tests. */
const cache = process.env['ASSAY_CACHE'] ?? join(tmpdir(), 'assay-test-cache');

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('assay demo', () => {
  it('trains on MNIST, proves, pays two workers, slashes the cheat and verifies the lineage, in processes of their own', async () => {
    const started = Date.now();
    const { code, stdout, stderr } = await runCli(['demo', '--windows', '3', '--json'], {
      home: scratch.path,
      environment: { ASSAY_CACHE: cache },
    });
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout) as DemoReport;
    expect(report.ceremony.profile).toBe('dev');
    expect(report.job.state).toBe('completed');
    expect(report.windows.map((window) => window.index)).toEqual([0, 1, 2]);
    expect(new Set(report.windows.map((window) => window.worker))).toEqual(new Set(['worker-a', 'worker-b']));
    for (const window of report.windows) {
      expect(window).toMatchObject({ verdict: 'accept', paid: '10', gates: report.model.gates });
      expect(window.lossSum).toBeGreaterThan(0);
      expect(window.proveSeconds).toBeGreaterThan(0);
      expect(window.proveSeconds).toBeLessThan((Date.now() - started) / 1000);
      expect(window.gas).toBeLessThan(16_777_216);
    }
    expect(report.slashed).toMatchObject([{ worker: 'cheat', reason: 'PROOF_FALSE', amount: '5', finder: 'validator', finderPaid: '1.5' }]);
    // Every token of the rewards is with a worker or, for its find, the validator.
    const claimed = report.claimed.reduce((sum, { amount }) => sum + Number(amount), 0);
    expect(claimed).toBe(3 * 10 + 1.5);
    expect(report.lineage).toEqual({ verified: true, windows: 3 });
    expect(report.accuracy.images).toBe(10_000);
    expect(report.accuracy.genesis).toBeLessThan(0.3);
    expect(report.accuracy.final).toBeGreaterThanOrEqual(0.4);
    // Seven roles and registrations beside the chain, none of them this process, all of them gone.
    expect(new Set(report.processes.map(({ pid }) => pid)).size).toBe(report.processes.length);
    expect(report.processes.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['chain', 'requester', 'worker-a', 'worker-b', 'cheat', 'validator']),
    );
    expect(report.processes.filter(({ pid }) => alive(pid))).toEqual([]);
  }, 600_000);

  it('does the same by silence: false work that was submitted on chain is rejected, and done again', async () => {
    const { code, stdout, stderr } = await runCli(['demo', '--windows', '3', '--mode', 'optimistic', '--json'], {
      home: scratch.path,
      environment: { ASSAY_CACHE: cache },
    });
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout) as DemoReport;
    expect(report.job).toMatchObject({ mode: 'optimistic', state: 'completed' });
    expect(report.windows.map((window) => window.index)).toEqual([0, 1, 2]);
    // The worker's part: the price without the share of two seats.
    for (const window of report.windows) expect(window).toMatchObject({ verdict: 'accept', paid: '9.4' });
    expect(report.slashed).toMatchObject([{ worker: 'cheat', reason: 'PROOF_FALSE', amount: '5', finder: 'validator', finderPaid: '1.5' }]);
    expect(stderr).toContain('committed an attestation on chain');
    expect(report.lineage).toEqual({ verified: true, windows: 3 });
  }, 600_000);

  it('ends every process that it started on Ctrl-C', async () => {
    const before = new Set(await processesOfDemo());
    const demo = startCli(['demo', '--windows', '3'], { home: scratch.path, environment: { ASSAY_CACHE: cache } });
    await expect.poll(() => demo.output.stderr, { timeout: 240_000, interval: 200 }).toContain('leases window 0');
    const running = (await processesOfDemo()).filter((pid) => !before.has(pid));
    expect(running.length).toBeGreaterThanOrEqual(6);
    demo.child.kill('SIGINT');
    const { code } = await demo.ended;
    expect(code).not.toBe(0);
    await expect.poll(() => running.filter(alive), { timeout: 20_000 }).toEqual([]);
  }, 400_000);
});

/** Pids of anvil and of every node program of this package. */
async function processesOfDemo(): Promise<number[]> {
  const { readFile } = await import('node:fs/promises');
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (/anvil|bin\/assay\.js|cheatingWorker/.test(command)) found.push(Number(entry));
  }
  return found;
}
