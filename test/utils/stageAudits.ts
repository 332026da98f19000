import type { Hex } from 'viem';
import { claimAudit } from '../../src/chain/claimAudit.ts';
import type { AuditClaim } from '../../src/chain/getAuditClaims.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { openAudit } from '../../src/chain/openAudit.ts';
import { proveAuditChunk } from '../../src/chain/proveAuditChunk.ts';
import { proveWellFormed } from '../../src/chain/proveWellFormed.ts';
import { registerAuditSet } from '../../src/chain/registerAuditSet.ts';
import {
  type AuditFields,
  auditContext,
  checkpointId,
  encodeAuditShape,
  encodeWellFormedShape,
  wellFormedContext,
} from '../../src/commitment/ids.ts';
import { pack } from '../../src/commitment/packing.ts';
import { boundProof, genesisPoints, opening, type SettlementStage, stageModel, stageModelId } from './settlementStage.ts';

const right = 5;
const classes = 10;
const accuracy: AuditClaim = { kind: 'accuracy', class: 0, numerator: 10n, denominator: 16n };

/**
 * An audit of two chunks of eight samples, completed and claimed of, and a draw that was left. In each chunk five samples of class 3 are answered right, three
 * are answered 7; where there are thresholds, right answers reach all of them and wrong ones none.
 */
export async function stageAudits(
  stage: SettlementStage,
  { thresholds = [], claims = [accuracy] }: { readonly thresholds?: readonly number[]; readonly claims?: readonly AuditClaim[] } = {},
): Promise<{ completed: Hex; left: Hex }> {
  const { requester: owner, finder: opener, deployment } = stage;
  const shape = { ...stageModel, samples: 8, groups: 1, treeDepth: 3, output: 'counts', thresholds, proofBytes: 33 } as const;
  const circuitId = await stage.circuitOf('ScriptedAudits.sol', 'ScriptedAudit', encodeAuditShape(shape));
  const bounds = { ...stageModel, blocksPerProof: 8, wmax: 32_768, proofBytes: 33 };
  const wellFormedCircuitId = await stage.circuitOf('ScriptedStatements.sol', 'ScriptedWellFormed', encodeWellFormedShape(bounds));
  const audited = checkpointId(stageModelId, genesisPoints);
  const context = wellFormedContext(31337n, deployment.addresses.modelRegistry, wellFormedCircuitId);
  await proveWellFormed(owner, deployment, {
    circuitId: wellFormedCircuitId,
    checkpointId: audited,
    segment: 0n,
    maskId: 9n,
    proof: boundProof(wellFormedCircuitId, false, [context, audited, 9n, 0n]),
    opening,
  });
  const set = { root: 77n, depth: 3, chunks: 2, samples: 8, classes, groups: 1 };
  const { setId } = await registerAuditSet(owner, deployment, set);
  const question = { circuitId, wellFormedCircuitId, checkpointId: audited, setId, setOwner: owner.account.address };
  const { auditId, nonce } = await openAudit(opener, deployment, question);
  const fields: AuditFields = {
    chainId: 31337n,
    registry: deployment.addresses.auditRegistry,
    opener: opener.account.address,
    circuitId,
    checkpointId: audited,
    setId,
    wellFormedCircuitId,
    draws: 0,
    nonce,
  };
  const bins = thresholds.length + 1;
  const counts = Array.from({ length: classes * classes * bins }, () => 0);
  counts[33 * bins + bins - 1] = right;
  counts[37 * bins] = 8 - right;
  for (const chunk of [0, 1]) {
    const words = pack(counts, 16);
    const statement = [auditContext(fields), audited, 55n, set.root, BigInt(chunk), ...words];
    await proveAuditChunk(owner, deployment, {
      auditId,
      chunk,
      maskId: 55n,
      counts: words,
      proof: boundProof(circuitId, false, statement),
      opening,
    });
  }
  for (const claim of claims) await claimAudit(opener, deployment, auditId, claim);
  const { auditId: left } = await openAudit(opener, deployment, { ...question, draws: 1 });
  await mineBlocks(owner, 8 + 257);
  return { completed: auditId, left };
}
