import type { Address, Hex } from 'viem';
import type { ChainWriter } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import type { AuditRecord } from '../../chain/getAudit.ts';
import type { AuditSet } from '../../data/auditSet.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import type { CommandContext } from '../framework/command.ts';

export type OpenOnChainParameters = {
  readonly chain: ChainWriter;
  readonly deployment: Deployment;
  readonly set: AuditSet;
  readonly circuitId: Hex;
  readonly wellFormedCircuitId: Hex;
  readonly checkpointId: bigint;
  readonly setOwner: Address | undefined;
  readonly draws: number;
  /** One that is open already. */
  readonly auditId: Hex | undefined;
};

/**
 * The audit of this question that is open and not completed, opened by this account, or a new one; drawn where it is a draw. Whoever does not like a draw gets
 * the same one again: only what can never be drawn any more is left behind.
 *
 * @throws AUDIT_SET_UNREGISTERED, AUDIT_OTHER_QUESTION (exit 2), AUDIT_DRAW_LOST; those of the chain
 */
export async function openOnChain(context: CommandContext, parameters: OpenOnChainParameters): Promise<AuditRecord> {
  const { progress } = context;
  const { chain, deployment, set, circuitId, wellFormedCircuitId, checkpointId, draws } = parameters;
  const { drawAudit, drawDelay } = await import('../../chain/drawAudit.ts');
  const { getAudit } = await import('../../chain/getAudit.ts');
  const { getAuditSetBlock } = await import('../../chain/getAuditSetBlock.ts');
  const { listAudits } = await import('../../chain/listAudits.ts');
  const { openAudit } = await import('../../chain/openAudit.ts');
  const { waitForBlock } = await import('../../chain/waitForBlock.ts');
  const { getBlockNumber } = await import('viem/actions');
  const own = chain.account.address;
  const setOwner = parameters.setOwner ?? own;
  if ((await getAuditSetBlock(chain, deployment, set.id, setOwner)) === undefined) {
    throw new AssayError('AUDIT_SET_UNREGISTERED', `${setOwner} has not registered this set`, {
      hint: 'Register it first (assay audit set ... --register), or say who did (--set-owner ADDRESS).',
    });
  }
  const asked = { circuitId, wellFormedCircuitId, checkpointId, setId: set.id, setOwner, draws };
  const isAsked = (audit: AuditRecord): boolean =>
    audit.circuitId === circuitId &&
    audit.wellFormedCircuitId === wellFormedCircuitId &&
    audit.checkpointId === checkpointId &&
    audit.setId === set.id &&
    audit.setOwner.toLowerCase() === setOwner.toLowerCase() &&
    audit.draws === draws;
  const lost = (audit: AuditRecord, block: bigint): boolean => audit.state === 'opened' && block > audit.openedAt + drawDelay + drawBlocks;
  const block = await getBlockNumber(chain.client, { cacheTime: 0 });
  let audit: AuditRecord;
  if (parameters.auditId !== undefined) {
    audit = await getAudit(chain, deployment, parameters.auditId);
    if (!isAsked(audit)) {
      throw new AssayError('AUDIT_OTHER_QUESTION', `audit ${audit.auditId} asks about another model, set, circuit or draw`, {
        exitCode: exitCodes.usage,
      });
    }
  } else {
    const mine = await progress.step('open audits', () => listAudits(chain, deployment, { checkpointId, setId: set.id, opener: own }));
    const found = mine.findLast((one) => isAsked(one) && one.state !== 'completed' && !lost(one, block));
    if (found !== undefined) progress.note(`audit ${found.auditId} is open already: it goes on`);
    audit =
      found ??
      (await progress.step('open the audit', async () => getAudit(chain, deployment, (await openAudit(chain, deployment, asked)).auditId)));
  }
  if (audit.state !== 'opened') return audit;
  if (lost(audit, block)) {
    throw new AssayError('AUDIT_DRAW_LOST', `audit ${audit.auditId} was not drawn in time: it stays as it is, on show`, {
      hint: 'Open another: leave --audit out.',
    });
  }
  const source = audit.openedAt + drawDelay;
  await progress.step(`wait for block ${source}, which draws`, () => waitForBlock(chain, source, 3_600_000));
  await progress.step('draw', () => drawAudit(chain, deployment, audit.auditId));
  return getAudit(chain, deployment, audit.auditId);
}

/** AuditRegistry.DRAW_BLOCKS: the EVM knows the hashes of so many blocks. */
const drawBlocks = 256n;
