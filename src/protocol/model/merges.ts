import { R } from '../../commitment/field.ts';
import { circuitOf, jobOf, refundRest } from './jobs.ts';
import { headOf, progressOf, slotOf } from './leases.ts';
import { refuse } from './refuse.ts';
import type { Environment, State } from './state.ts';
import { nextWindow, windowFinal } from './submissions.ts';

/** `base + sum(child - base)`, point by point; a point is named by its logarithm. */
export function mergedPoints(base: readonly bigint[], children: readonly (readonly bigint[])[]): bigint[] {
  return base.map((point, i) => {
    const sum = children.reduce((total, child) => total + (child[i] ?? 0n) - point, point);
    return ((sum % R) + R) % R;
  });
}

export function merge(
  state: State,
  env: Environment,
  jobId: bigint,
  base: readonly bigint[],
  children: readonly (readonly bigint[])[],
): void {
  const job = jobOf(state, jobId);
  const progress = progressOf(state, jobId);
  const { terms } = job;
  if (terms.contributions === 1n || progress.contributed < terms.contributions) refuse('NothingToMerge');
  const { modelId, points } = circuitOf(state, job);
  if (BigInt(children.length) !== terms.contributions) refuse('PointsMalformed');
  if ([base, ...children].some((list) => BigInt(list.length) !== points)) refuse('PointsMalformed');
  if (env.checkpointId(modelId, base) !== headOf(state, jobId)) refuse('PointsMismatch');
  for (const [c, child] of children.entries()) {
    if (env.checkpointId(modelId, child) !== slotOf(state, jobId, BigInt(c)).resultId) refuse('PointsMismatch');
  }
  nextWindow(state, env, jobId);
  windowFinal(state, jobId, env.checkpointId(modelId, mergedPoints(base, children)));
  refundRest(state, jobId);
}
