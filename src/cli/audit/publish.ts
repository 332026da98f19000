import type { Hex } from 'viem';
import { z } from 'zod';
import type { CountsCertificate } from '../../audit/counts/countsCertificate.ts';
import type { PublishCertificateReturnType } from '../../audit/publishCertificate.ts';
import type { ChainWriter } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { type CommandContext, defineCommand } from '../framework/command.ts';
import { connectSigner, devnetAccountOption } from '../framework/connectSigner.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';
import { readRegistered } from './readCertificate.ts';

type Input = { readonly file: string; readonly devnetAccount: number | undefined };

export const auditPublish = defineCommand<Input, PublishCertificateReturnType>({
  name: 'audit publish',
  summary: "publish a certificate: its proofs, verified on chain, and the opener's claims",
  description:
    'Verifies the certificate here first, and sends nothing that is false (exit code 3). Then one transaction for each proof that the chain does not have yet; cut short, it goes on where it ' +
    'stopped. Anyone may publish the proofs; claims are published by who opened the audit.',
  arguments: { file: { flags: '<certificate>', description: 'certificate, JSON or CBOR', schema: z.string().min(1) } },
  options: { devnetAccount: devnetAccountOption },
  examples: ['assay audit publish digits.cert.json --key auditor'],
  async run(context, { file, devnetAccount }) {
    const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
    const certificate = await readRegistered(file);
    await assertVerifies(context, file, certificate);
    const deployment = readDeployment(context.settings.deployment);
    const chain = await connectSigner(context.settings, devnetAccount);
    await assertDeployment(chain, deployment);
    return publish(context, chain, deployment, certificate);
  },
  render: ({ auditId, sent, certified, unclaimed }) =>
    [
      columns([
        ['audit', auditId],
        ...sent.map(({ what, hash, gasUsed }) => [what, `${hash}, ${gasUsed} gas`]),
        ['certified', certified ? 'yes' : 'no'],
      ]),
      ...(sent.length === 0 ? ['all of it was there already'] : []),
      ...(unclaimed === 0 ? [] : [`${unclaimed} of its claims are left to who opened the audit`]),
    ].join('\n'),
});

/** @throws AUDIT_CERTIFICATE_FALSE (exit code 3) */
export async function assertVerifies({ settings, progress }: CommandContext, file: string, certificate: CountsCertificate): Promise<void> {
  const { verifyCertificate } = await import('../../audit/verifyCertificate.ts');
  const { failures } = await progress.step(`verify ${file}`, (update) =>
    verifyCertificate({ certificate, ceremony: ceremonyOf(settings), cacheDirectory: circuitCacheDirectory(settings), onProgress: update }),
  );
  if (failures.length === 0) return;
  throw new AssayError('AUDIT_CERTIFICATE_FALSE', `${file} is false`, { details: failures.join('\n'), exitCode: exitCodes.proofInvalid });
}

/** Sends what is missing, with progress. */
export async function publish(
  { progress }: CommandContext,
  chain: ChainWriter,
  deployment: Deployment,
  certificate: CountsCertificate,
): Promise<PublishCertificateReturnType> {
  const { publishCertificate } = await import('../../audit/publishCertificate.ts');
  return progress.step(`publish ${(certificate.audit.auditId as Hex).slice(0, 10)}`, (update) =>
    publishCertificate(chain, deployment, certificate, update),
  );
}
