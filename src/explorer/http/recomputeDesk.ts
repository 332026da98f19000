import type { Explorer } from '../explorer.ts';
import type { RecomputeView } from '../views.ts';

/** The check reads every log of the chain, so it runs once at a time and at most so often, for everybody together. */
export const recomputeEveryMs = 60_000;

/** Runs the check against the chain, or gives what a run that is under way, or has just ended, finds. */
export function recomputeDesk(explorer: Pick<Explorer, 'recompute'>, now: () => number): () => Promise<RecomputeView> {
  let last: { readonly result: Promise<RecomputeView>; endedAt?: number } | undefined;
  return () => {
    if (last !== undefined && (last.endedAt === undefined || now() - last.endedAt < recomputeEveryMs)) return last.result;
    const run: { readonly result: Promise<RecomputeView>; endedAt?: number } = { result: explorer.recompute() };
    last = run;
    run.result.then(
      () => {
        run.endedAt = now();
      },
      () => {
        // A run that failed has found nothing that could be told again.
        if (last === run) last = undefined;
      },
    );
    return run.result;
  };
}
