import type { Hex } from 'viem';
import type { ChainReader } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import { type AuditRecord, getAudit } from '../../chain/getAudit.ts';
import { type AuditClaimRecord, getAuditClaims } from '../../chain/getAuditClaims.ts';
import { type AuditTally, getAuditTally } from '../../chain/getAuditTally.ts';
import { isCertified } from '../../chain/isCertified.ts';
import { AssayError } from '../../errors.ts';
import type { CountsCertificate } from './countsCertificate.ts';
import { wantedChunks } from './verifyCounts.ts';

export type RegistryFindings = {
  /** What the registry says otherwise than the certificate. */
  readonly failures: readonly string[];
  /** Undefined where the registry has no such audit. */
  readonly audit?: AuditRecord;
  /** Every chunk is proved there, and that the model is well-formed. */
  readonly certified?: boolean;
  /** Audits opened and completed over the set: those that are not completed were given up, or go on. */
  readonly tally?: AuditTally;
  /** What was claimed there, and how often it was disputed. */
  readonly claims?: readonly AuditClaimRecord[];
};

/** What only a chain can say of a certificate: whether the audit was opened first, over whose set, and what became of others. */
export async function checkRegistry(chain: ChainReader, deployment: Deployment, certificate: CountsCertificate): Promise<RegistryFindings> {
  const { audit: told, set } = certificate;
  const { auditRegistry } = deployment.addresses;
  if (told.registry !== auditRegistry.toLowerCase() || told.chainId !== deployment.chainId) {
    return {
      failures: [
        `it was opened at registry ${told.registry} of chain ${told.chainId}, this one is ${auditRegistry} of chain ${deployment.chainId}`,
      ],
    };
  }
  const auditId = told.auditId as Hex;
  let audit: AuditRecord;
  try {
    audit = await getAudit(chain, deployment, auditId);
  } catch (error) {
    if (error instanceof AssayError && error.code === 'CHAIN_UNKNOWN_AUDIT') return { failures: ['the registry knows no such audit'] };
    throw error;
  }
  const failures: string[] = [];
  // Model, set, circuits, opener, nonce and draws are in the id. The seed is the chain's alone.
  if ((audit.seed ?? null) !== told.seed) failures.push('another seed drew the chunks of this audit, or none has yet');
  if (JSON.stringify(audit.wanted) !== JSON.stringify(wantedChunks(certificate))) failures.push('the audit takes other chunks');
  return {
    failures,
    audit,
    certified: await isCertified(chain, deployment, auditId),
    tally: await getAuditTally(chain, deployment, BigInt(set.setId)),
    claims: await getAuditClaims(chain, deployment, auditId),
  };
}
