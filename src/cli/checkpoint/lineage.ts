import type { Address, Hex } from 'viem';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import { type ArchiveInput, archiveOptions, circuitSettings, openArchivedJob, openCommandArchive } from '../framework/archiveOptions.ts';
import { defineCommand } from '../framework/command.ts';
import { fieldId, showId } from '../framework/ids.ts';
import { jobNumber } from '../framework/jobOption.ts';
import { columns } from '../framework/output.ts';
import { findCheckpoint } from './findCheckpoint.ts';

type Input = ArchiveInput & { readonly id: bigint | undefined; readonly job: bigint | undefined; readonly verify: boolean };

type Line = {
  readonly jobId: number;
  readonly genesisId: Hex;
  readonly checkpointId: Hex;
  readonly windows: readonly {
    readonly window: number;
    readonly childId: Hex;
    readonly operator: Address;
    readonly lossSum: number;
    readonly submissionId: Hex;
    readonly transactionHash: Hex;
  }[];
  /** Null without --verify. */
  readonly verification: { readonly verified: boolean; readonly windows: number; readonly failures: readonly string[] } | null;
};

export const checkpointLineage = defineCommand<Input, Line>({
  name: 'checkpoint lineage',
  summary: 'the windows between genesis and a checkpoint, and whether they hold',
  description:
    'Lists the finalized windows that led to a checkpoint, or to the head of a job. With --verify the whole job is verified again from chain data and blobs: ' +
    'every proof, taken from the calldata that was paid for, by the verifier of the circuit rebuilt here; every statement against state and leases; genesis and ' +
    'head against their commitments (a head that no store has is trained again). Exit code 3 where anything of it fails.',
  arguments: { id: { flags: '[id]', description: 'checkpoint id, in hex or decimal', schema: fieldId.optional() } },
  options: {
    job: { flags: '--job <id>', description: 'the head of this job', schema: jobNumber.optional() },
    verify: { flags: '--verify', description: 'verify the whole job', schema: z.boolean().default(false) },
    ...archiveOptions,
  },
  examples: ['assay checkpoint lineage --job 1 --verify', `assay checkpoint lineage 0x${'0a'.repeat(32)}`],
  async run(context, { id, job, verify, ...input }) {
    const { getLineage } = await import('../../chain/getLineage.ts');
    if (id === undefined && job === undefined) {
      throw new AssayError('CLI_BAD_OPTION', 'give a checkpoint id or --job', { exitCode: exitCodes.usage });
    }
    const archive = await openCommandArchive(context, input);
    const { chain, deployment } = archive;
    const places = id === undefined ? [] : await findCheckpoint(chain, deployment, id);
    const place = places.find(({ jobId }) => job === undefined || jobId === job);
    if (id !== undefined && place === undefined) throw new AssayError('CHECKPOINT_UNKNOWN', `job ${job} has no checkpoint ${showId(id)}`);
    const jobId = place?.jobId ?? (job as bigint);
    const lineage = await getLineage(chain, deployment, jobId);
    const end = place?.index ?? lineage.checkpoints.length - 1;
    const windows = lineage.windows.filter(({ windowIndex }) => windowIndex < BigInt(end));
    return {
      jobId: Number(jobId),
      genesisId: showId(lineage.genesisId),
      checkpointId: showId(lineage.checkpoints[end] as bigint),
      windows: windows.map((w) => ({
        window: Number(w.windowIndex),
        childId: showId(w.childId),
        operator: w.operator,
        lossSum: Number(w.lossSum),
        submissionId: w.submissionId,
        transactionHash: w.transactionHash,
      })),
      verification: verify ? await verifyJob(context, archive, jobId) : null,
    };
  },
  render({ jobId, genesisId, windows, verification }) {
    const table = columns([
      ['window', 'checkpoint', 'loss', 'operator'],
      ['', genesisId, '', `genesis of job ${jobId}`],
      ...windows.map((w) => [String(w.window), w.childId, String(w.lossSum), w.operator]),
    ]);
    if (verification === null) return table;
    const { verified, failures } = verification;
    return `${table}\n\n${verified ? `verified: ${verification.windows} windows from genesis to head` : `NOT VERIFIED\n${failures.join('\n')}`}`;
  },
  exitCode: ({ verification }) => (verification === null || verification.verified ? exitCodes.ok : exitCodes.proofInvalid),
});

async function verifyJob(
  context: Parameters<typeof openCommandArchive>[0],
  archive: Awaited<ReturnType<typeof openCommandArchive>>,
  jobId: bigint,
): Promise<NonNullable<Line['verification']>> {
  const { getGenesis } = await import('../../chain/getGenesis.ts');
  const { getJob } = await import('../../chain/getJob.ts');
  const { blobId } = await import('../../commitment/blobId.ts');
  const { encodeCheckpoint } = await import('../../model/checkpoint.ts');
  const { findJobCircuit } = await import('../../node/findJobCircuit.ts');
  const { blobIdFromBytes } = await import('../../node/openRole.ts');
  const { verifyLineage } = await import('../../node/verifyLineage.ts');
  const { chain, deployment } = archive;
  const state = await getJob(chain, deployment, jobId);
  const { ceremony, circuitDirectory } = circuitSettings(context.settings);
  const artifacts = await context.progress.step('rebuild the circuit', (update) =>
    findJobCircuit(chain, deployment, state, { ceremony, cacheDirectory: circuitDirectory, onCompile: () => update('compiling') }),
  );
  // What the network has of the genesis counts as stored once it is here.
  const genesis = blobIdFromBytes((await getGenesis(chain, deployment, state.modelId, state.genesisId)).cid);
  const extra = new Map<string, Uint8Array>([[genesis, await archive.fetch(genesis)]]);
  const check = (stored: boolean) =>
    context.progress.step('verify every window', (update) =>
      verifyLineage({
        chain,
        deployment,
        jobId,
        artifacts,
        readBlob: async (id) => extra.get(id) ?? (stored ? archive.stored(id) : undefined),
        listBlobs: async () => [...extra.keys(), ...(stored ? await archive.list() : [])],
        onWindow: (done, total) => update(`${done} of ${total}`),
      }),
    );
  let result = await check(true);
  if (result.head === undefined) {
    const job = await openArchivedJob(context, archive, jobId);
    const { weights } = await context.progress.step('no store has the head: train again', () => job.checkpoint(state.headId));
    const bytes = encodeCheckpoint({ modelId: state.modelId, sizes: artifacts.instance.sizes, weights });
    extra.set(blobId(bytes), bytes);
    result = await check(false);
  }
  const { verified, windows, failures } = result;
  return { verified, windows, failures };
}
