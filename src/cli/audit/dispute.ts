import type { Hex } from 'viem';
import { z } from 'zod';
import type { Claim } from '../../audit/claims.ts';
import type { CountsCertificate } from '../../audit/counts/countsCertificate.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { connectSigner, devnetAccountOption } from '../framework/connectSigner.ts';
import { columns } from '../framework/output.ts';
import { sayClaim } from './claims.ts';
import { assertVerifies, publish } from './publish.ts';
import { readRegistered } from './readCertificate.ts';

type Input = { readonly file: string; readonly with: string; readonly devnetAccount: number | undefined };

type Disputed = {
  readonly auditId: Hex;
  readonly otherId: Hex;
  /** Claims of the audit that the other one contradicts, and the transactions that say so; null where one said so before. */
  readonly disputed: readonly { readonly claimId: string; readonly claim: string; readonly because: string; readonly hash: Hex | null }[];
};

export const auditDispute = defineCommand<Input, Disputed>({
  name: 'audit dispute',
  summary: 'show on chain that another audit of the same model contradicts what was claimed',
  description:
    'Verifies both certificates, publishes the proofs of both that the chain does not have yet, and links every claim that the first audit made on chain to the one that contradicts it: the ' +
    'contract compares the counts. It says that a claim does not carry over to other samples, not that it was false of its own.',
  arguments: { file: { flags: '<certificate>', description: 'certificate whose claims are disputed', schema: z.string().min(1) } },
  options: {
    with: { flags: '--with <certificate>', description: 'certificate of the same model that contradicts it', schema: z.string().min(1) },
    devnetAccount: devnetAccountOption,
  },
  examples: ['assay audit dispute digits.cert.json --with shifted.cert.json --key auditor'],
  async run(context, input) {
    const { settings, progress } = context;
    const { claimContradiction } = await import('../../audit/claims.ts');
    const { claimFromChain } = await import('../../audit/claimFromChain.ts');
    const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
    const { disputeAudit } = await import('../../chain/disputeAudit.ts');
    const { getAuditClaims } = await import('../../chain/getAuditClaims.ts');
    const certificate = await readRegistered(input.file);
    const other = await readRegistered(input.with);
    const refuse = (message: string, hint: string): AssayError =>
      new AssayError('AUDIT_NOT_CONTRADICTED', message, { hint, exitCode: exitCodes.usage });
    const circuitsOf = ({ checkpointId, circuit, wellFormed }: CountsCertificate): string =>
      [checkpointId, circuit.circuitId, wellFormed.circuit.circuitId].join();
    if (circuitsOf(certificate) !== circuitsOf(other)) {
      throw refuse(
        'the certificates are of other models, or of sets of another cut',
        'A dispute compares audits of one model by one circuit: cut the other set alike (--chunk, groups, --thresholds).',
      );
    }
    await assertVerifies(context, input.file, certificate);
    await assertVerifies(context, input.with, other);
    const counts = { ...other.set, bins: other.thresholds.length + 1, counts: other.counts };
    const deployment = readDeployment(settings.deployment);
    const chain = await connectSigner(settings, input.devnetAccount);
    await assertDeployment(chain, deployment);
    const auditId = certificate.audit.auditId as Hex;
    const otherId = other.audit.auditId as Hex;
    // The file need not say what was claimed on chain.
    const held = async (): Promise<{ claimId: bigint; claim: Claim }[]> =>
      (await getAuditClaims(chain, deployment, auditId)).map((found) => ({ claimId: found.claimId, claim: claimFromChain(found) }));
    const isContradicted = ({ claim }: { claim: Claim }): boolean => claimContradiction(claim, counts) !== undefined;
    if (![...certificate.claims.map((claim) => ({ claim })), ...(await held())].some(isContradicted)) {
      throw refuse('no claim is contradicted by the counts of the other certificate', 'Compare both: assay audit verify FILE.');
    }
    await publish(context, chain, deployment, certificate);
    await publish(context, chain, deployment, other);
    const disputed: Disputed['disputed'][number][] = [];
    for (const { claimId, claim } of await held()) {
      const because = claimContradiction(claim, counts);
      if (because === undefined) continue;
      const hash = await progress.step(`dispute claim ${claimId}`, async () => {
        try {
          return (await disputeAudit(chain, deployment, { auditId, claimId, otherId })).hash;
        } catch (error) {
          if (error instanceof AssayError && error.code === 'CHAIN_ALREADY_DISPUTED') return null;
          throw error;
        }
      });
      disputed.push({ claimId: String(claimId), claim: `${claim.kind}: ${sayClaim(claim)}`, because, hash });
    }
    if (disputed.length === 0) {
      throw refuse(
        'who opened the audit has claimed nothing on chain that is contradicted',
        'A claim in a file alone is answered by showing the other file.',
      );
    }
    return { auditId, otherId, disputed };
  },
  render: ({ auditId, otherId, disputed }) =>
    columns([
      ['audit', auditId],
      ['contradicted by', otherId],
      ...disputed.flatMap(({ claimId, claim, because, hash }) => [
        [`claim ${claimId}`, claim],
        ['', `${because}${hash === null ? ' (disputed before)' : `; ${hash}`}`],
      ]),
    ]),
});
