import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { defineCommand } from '../framework/command.ts';
import { type DemoReport, renderReport } from './demoReport.ts';

type Input = {
  readonly circuit: string;
  readonly windows: number;
  readonly mode: 'eager' | 'optimistic';
  readonly keep: string | undefined;
};

export const demo = defineCommand<Input, DemoReport>({
  name: 'demo',
  summary: 'the whole system on this machine: train, prove, verify, pay, catch a cheat',
  description:
    'Starts an EVM node, a requester, two honest workers, one cheating worker and one validator as processes of their own, which talk over TCP. The job ' +
    'trains on real MNIST; every window is proved and verified on chain in the transaction that pays it; the cheat is found out and slashed; at the end ' +
    'the whole lineage is verified from chain data and stored blobs, and the accuracy measured. It fails where any of that does not happen. With --mode ' +
    'optimistic the windows become final by silence, the validator is drawn to attest them, and the cheat submits its false window on chain.',
  options: {
    circuit: {
      flags: '--circuit <name>',
      description: 'circuit of circuits.json (default train-window-196-64-10)',
      schema: z.string().default('train-window-196-64-10'),
    },
    windows: {
      flags: '--windows <count>',
      description: 'windows that the job pays for (default 6)',
      schema: z.coerce.number().int().min(1).max(1000).default(6),
    },
    mode: {
      flags: '--mode <mode>',
      description: 'eager (default) or optimistic',
      schema: z.enum(['eager', 'optimistic']).default('eager'),
    },
    keep: {
      flags: '--keep <dir>',
      description: "keep the roles' folders (keys, databases, blobs) here",
      schema: z.string().min(1).optional(),
    },
  },
  examples: ['assay demo', 'assay demo --json', 'assay demo --mode optimistic', 'assay demo --windows 12 --keep ./demo-run'],
  async run(context, { circuit, windows, mode, keep }) {
    const { runDemo } = await import('./runDemo.ts');
    const folder = keep ?? (await mkdtemp(join(tmpdir(), 'assay-demo-')));
    if (keep === undefined) context.cleanup.add('the demo folder', () => rm(folder, { recursive: true, force: true }));
    return runDemo(context, { circuit, windows, mode, folder });
  },
  render: renderReport,
});
