import { type Address, type Hex, zeroHash } from 'viem';
import { read } from './call.ts';
import { chunksOf } from './chunksOf.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { auditRegistryAbi } from './generated/AuditRegistry.ts';
import type { AuditQuestion } from './openAudit.ts';

/** opened: its chunks are not drawn yet. drawn: they are known; of a whole set from the start. completed: each is proved. */
export type AuditState = 'opened' | 'drawn' | 'completed';

export type AuditRecord = Required<AuditQuestion> & {
  readonly auditId: Hex;
  readonly state: AuditState;
  /** With the nonce, a field of the audit's id. */
  readonly opener: Address;
  readonly nonce: bigint;
  /** Blocks: what was fixed before what. */
  readonly setRegisteredAt: bigint;
  readonly openedAt: bigint;
  /** Undefined before it is. */
  readonly completedAt: bigint | undefined;
  /** Chunks that it takes, in order; none while they are not drawn. */
  readonly wanted: readonly number[];
  /** Chunks that are proved. */
  readonly done: readonly number[];
  /** What drew the chunks; undefined before a draw, and of a whole set. */
  readonly seed: Hex | undefined;
  /** Of its claims, by audits that contradict them; `getAuditClaims` tells of which. */
  readonly disputes: bigint;
};

/** An audit as the registry holds it; `isCertified` says whether it counts. Throws CHAIN_UNKNOWN_AUDIT. */
export async function getAudit(chain: ChainReader, deployment: Deployment, auditId: Hex): Promise<AuditRecord> {
  const { question, wanted, done, completedAt, seed, ...stored } = await read(
    chain,
    auditRegistryAbi,
    deployment.addresses.auditRegistry,
    'audit',
    [auditId],
  );
  return {
    ...question,
    ...stored,
    auditId,
    state: completedAt !== 0n ? 'completed' : wanted !== 0n ? 'drawn' : 'opened',
    completedAt: completedAt === 0n ? undefined : completedAt,
    wanted: chunksOf(wanted),
    done: chunksOf(done),
    seed: seed === zeroHash ? undefined : seed,
  };
}
