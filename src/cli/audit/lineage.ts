import type { Hex } from 'viem';
import { type ArchiveInput, archiveOptions, openCommandArchive } from '../framework/archiveOptions.ts';
import { defineCommand } from '../framework/command.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { fieldId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { toolVersions } from './toolVersions.ts';
import { writeCertificate } from './writeCertificate.ts';

type Input = Pick<ArchiveInput, 'data'> & { readonly parent: bigint; readonly child: bigint; readonly output: string };

type Made = {
  readonly certificate: string;
  readonly bytes: number;
  readonly parentId: Hex;
  readonly childId: Hex;
  readonly jobs: readonly { readonly jobId: number; readonly firstWindow: number; readonly windows: number }[];
};

export const auditLineage = defineCommand<Input, Made>({
  name: 'audit lineage',
  summary: 'a certificate that one checkpoint was trained from another, through proved windows',
  description:
    'Collects the proofs of every final window between the two, from transactions and stores; nothing is proved anew. Verified before it is written.',
  options: {
    parent: { flags: '--parent <id>', description: 'checkpoint that training started from, or passed through', schema: fieldId },
    child: { flags: '--child <id>', description: 'checkpoint that it came to', schema: fieldId },
    output: {
      flags: '--output <file>',
      description: 'where to write the certificate',
      schema: pathSchema,
    },
    data: archiveOptions.data,
  },
  examples: [`assay audit lineage --parent 0x${'1a'.repeat(32)} --child 0x${'2b'.repeat(32)} --output descent.cert.cbor`],
  async run(context, input) {
    const { settings, progress } = context;
    const { makeLineageCertificate } = await import('../../audit/lineage/makeLineageCertificate.ts');
    const archive = await openCommandArchive(context, { data: input.data, peers: [] });
    const { chain, deployment } = archive;
    const tools = await toolVersions();
    const certificate = await progress.step('collect the proofs', (update) =>
      makeLineageCertificate({
        chain,
        deployment,
        parentId: input.parent,
        childId: input.child,
        ceremony: ceremonyOf(settings),
        cacheDirectory: circuitCacheDirectory(settings),
        tools,
        readBlob: archive.stored,
        listBlobs: archive.list,
        onProgress: update,
      }),
    );
    return {
      certificate: input.output,
      bytes: await writeCertificate(context, input.output, certificate),
      parentId: certificate.parentId as Hex,
      childId: certificate.childId as Hex,
      jobs: certificate.jobs.map(({ jobId, firstWindow, windows }) => ({ jobId, firstWindow, windows: windows.length })),
    };
  },
  render: ({ certificate, bytes, parentId, childId, jobs }) =>
    columns([
      ['certificate', `${certificate} (${bytes} bytes)`],
      ['parent', parentId],
      ['child', childId],
      ...jobs.map(({ jobId, firstWindow, windows }) => [`job ${jobId}`, `windows ${firstWindow} to ${firstWindow + windows - 1}`]),
    ]),
});
