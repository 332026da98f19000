import type { Weights } from '../commitment/kzg.ts';
import { binOf } from '../commitment/marginThresholds.ts';
import type { AuditSet } from '../data/auditSet.ts';
import type { Minibatch } from '../data/minibatch.ts';
import { auditLayout } from '../proof/audit/circuit.ts';
import { countAnswers } from '../proof/audit/witness.ts';
import type { AuditInstance } from '../proof/circuitInstance.ts';
import { answerMargins } from '../quant/answerMargins.ts';
import { firstLargest, forwardPass } from '../quant/forwardPass.ts';

/**
 * What an audit will count, before anything is proved.
 *
 * @param chunks those that the audit takes
 * @returns samples by label, answer and bin of margin: entry `(label * classes + answer) * bins + bin`
 */
export function planAudit(instance: AuditInstance, weights: Weights, set: AuditSet, chunks: readonly number[]): number[] {
  const layout = auditLayout(instance);
  const { classes } = layout;
  const totals = Array.from({ length: layout.counts }, () => 0);
  for (const chunk of chunks) {
    const content = set.chunks[chunk] as Minibatch;
    const { z } = forwardPass(instance.spec, instance.sizes, weights, content.features).at(-1) as { z: Float64Array };
    const bins = answerMargins(z, classes).map((margin) => binOf(margin, instance.thresholds));
    countAnswers(layout, content.labels, firstLargest(z, classes), bins).forEach((count, k) => {
      totals[k] = (totals[k] as number) + count;
    });
  }
  return totals;
}
