import type { RunRequesterParameters } from '../../node/runRequester.ts';
import type { CommandContext } from '../framework/command.ts';

/** How a requester's run ended. */
export type Served = {
  readonly jobId: number;
  readonly state: string;
  readonly finalized: number;
  /** True where Ctrl-C came before the job's end. */
  readonly interrupted: boolean;
};

/** Runs the requester until the job ends, the signal comes, or (with `wait` false) the job is open. */
export async function serveUntilEnd(
  context: Pick<CommandContext, 'cleanup'>,
  parameters: RunRequesterParameters,
  wait: boolean,
): Promise<Served> {
  const { runRequester } = await import('../../node/runRequester.ts');
  const opened = new AbortController();
  let jobId = parameters.jobId === undefined ? undefined : Number(parameters.jobId);
  const signal = AbortSignal.any([parameters.signal, opened.signal]);
  try {
    const { state, finalized, ...ended } = await runRequester({
      ...parameters,
      signal,
      emit(event) {
        parameters.emit(event);
        if (event.event !== 'jobOpened') return;
        jobId = event.jobId;
        if (!wait) opened.abort();
      },
    });
    return { jobId: Number(ended.jobId), state, finalized, interrupted: false };
  } catch (error) {
    if (!signal.aborted || jobId === undefined) throw error;
    return { jobId, state: 'open', finalized: 0, interrupted: context.cleanup.signal.aborted };
  }
}
