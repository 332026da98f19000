import type { Weights } from '../commitment/kzg.ts';
import type { AuditSet } from '../data/auditSet.ts';
import type { Minibatch } from '../data/minibatch.ts';
import { auditLayout } from '../proof/audit/circuit.ts';
import { countAnswers } from '../proof/audit/witness.ts';
import type { AuditInstance } from '../proof/circuitInstance.ts';
import { firstLargest, forwardPass } from '../quant/forwardPass.ts';

/**
 * What an audit will count, before anything is proved.
 *
 * @param chunks those that the audit takes
 * @returns samples by label and answer: entry `label * classes + answer`
 */
export function planAudit(instance: AuditInstance, weights: Weights, set: AuditSet, chunks: readonly number[]): number[] {
  const { labels, classes, counts } = auditLayout(instance);
  const totals = Array.from({ length: counts }, () => 0);
  for (const chunk of chunks) {
    const content = set.chunks[chunk] as Minibatch;
    const { z } = forwardPass(instance.spec, instance.sizes, weights, content.features).at(-1) as { z: Float64Array };
    countAnswers(content.labels, firstLargest(z, classes), labels, classes).forEach((count, k) => {
      totals[k] = (totals[k] as number) + count;
    });
  }
  return totals;
}
