import type { Action } from '../../src/protocol/model/action.ts';
import { apply } from '../../src/protocol/model/apply.ts';
import type { State } from '../../src/protocol/model/state.ts';
import { prologue } from './traceCast.ts';
import type { TraceChain } from './traceChain.ts';
import { differences } from './traceProjection.ts';
import { newMemory, nextStep, Random } from './traces.ts';

/** A trace is the seeds of its steps: without some of them it is a trace, too. */
export type Trace = readonly number[];
/** What was done, and what came of it. */
export type Line = { readonly block: bigint; readonly action: Action; readonly error: string | undefined };
export type Result = { readonly lines: readonly Line[]; readonly state: State; readonly failure: string | undefined };

export function traceOf(seed: number, steps: number): Trace {
  return Array.from({ length: steps }, (_, i) => seed * 1_009 + i);
}

/** Blocks whose hash an action may need. */
function needed(state: State): bigint[] {
  const seeds = Object.values(state.jobs).flatMap((job) => (job.state === 'Open' ? [job.openBlock + 8n] : []));
  const draws = Object.entries(state.submissions).flatMap(([id, { submittedAt }]) => {
    const lease = state.leases[id as keyof State['leases']];
    const validators = lease === undefined ? 0n : (state.jobs[lease.jobId.toString()]?.terms.validators ?? 0n);
    return validators > 0n ? [submittedAt + 1n] : [];
  });
  return [...seeds, ...draws];
}

/** Does the prologue on the contracts, once: every trace starts from the state that it leaves. @returns that state */
export async function runPrologue(chain: TraceChain): Promise<State> {
  let state = chain.start;
  for (const action of prologue) {
    const applied = apply(state, action, chain.environment(chain.head() + 1n));
    const error = await chain.send(action);
    if ('error' in applied || error !== undefined) throw new Error(`prologue: ${action.kind} ${error}`);
    state = applied.state;
  }
  const found = await differences(chain, state, newMemory(chain.cast));
  if (found.length > 0) throw new Error(`prologue:\n  ${found.join('\n  ')}`);
  await chain.snapshot();
  return state;
}

/**
 * Runs one trace on model and contracts.
 *
 * @param every the states are compared after so many actions, and at the end
 */
export async function runTrace(chain: TraceChain, start: State, trace: Trace, every: number): Promise<Result> {
  await chain.restore();
  const { cast } = chain;
  const memory = newMemory(cast);
  const lines: Line[] = [];
  let state = start;
  const compare = async (): Promise<string | undefined> => {
    const found = await differences(chain, state, memory);
    return found.length === 0 ? undefined : `states differ after ${lines.length} actions\n  ${found.join('\n  ')}`;
  };
  for (const [i, seed] of trace.entries()) {
    await chain.learn(needed(state));
    const { at, action } = nextStep(state, chain.environment(chain.head() + 1n), cast, memory, new Random(seed));
    await chain.mineTo(at - 1n);
    await chain.learn(needed(state));
    const block = chain.head() + 1n;
    const applied = apply(state, action, chain.environment(block));
    const expected = 'error' in applied ? applied.error : undefined;
    lines.push({ block, action, error: expected });
    const error = await (expected === undefined ? chain.send(action) : chain.refusal(action));
    if (error !== expected) {
      const failure = `action ${i + 1}: model ${expected ?? 'accepts'}, contract ${error ?? 'accepts'}`;
      return { lines, state, failure };
    }
    if ('state' in applied) state = applied.state;
    if ((i + 1) % every === 0 || i + 1 === trace.length) {
      const failure = await compare();
      if (failure !== undefined) return { lines, state, failure };
    }
  }
  return { lines, state, failure: undefined };
}

/** A failing trace with fewer steps that still fails: chunks of it are left out, ever smaller ones. */
export async function shrinkTrace(chain: TraceChain, start: State, trace: Trace): Promise<{ trace: Trace; result: Result }> {
  let kept = trace;
  let result = await runTrace(chain, start, kept, 1);
  kept = kept.slice(0, result.lines.length);
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < kept.length; ) {
      const shorter = [...kept.slice(0, from), ...kept.slice(from + size)];
      const tried = await runTrace(chain, start, shorter, 1);
      if (tried.failure === undefined) from += size;
      else {
        kept = shorter.slice(0, tried.lines.length);
        result = tried;
      }
    }
  }
  return { trace: kept, result };
}

/** A trace as people read it: block, sender, action, outcome. */
export function describeLines(lines: readonly Line[]): string {
  const short = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return value < 10n ** 30n ? value.toString() : `#${value.toString(16).slice(0, 8)}`;
    return typeof value === 'string' && value.length > 42 ? `${value.slice(0, 10)}..` : value;
  };
  return lines
    .map(({ block, action, error }) => {
      const { kind, sender, ...rest } = action;
      return `  ${block} ${sender.slice(0, 4)}..${sender.slice(-4)} ${kind} ${JSON.stringify(rest, short)} -> ${error ?? 'done'}`;
    })
    .join('\n');
}
