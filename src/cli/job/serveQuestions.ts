import type { RunAskerParameters } from '../../node/runAsker.ts';
import type { Answer } from '../../proof/inference/decodeOutputs.ts';
import type { CommandContext } from '../framework/command.ts';
import type { Served } from './serveUntilEnd.ts';

/** How a run of somebody who asks has ended. */
export type Questioned = Served & { readonly answers: readonly (readonly Answer[])[] };

/** Serves an inference job's inputs until every answer is there, the signal comes, or (with `wait` false) the inputs are on chain. */
export async function serveQuestions(
  context: Pick<CommandContext, 'cleanup'>,
  parameters: RunAskerParameters,
  wait: boolean,
): Promise<Questioned> {
  const { runAsker } = await import('../../node/runAsker.ts');
  const opened = new AbortController();
  let jobId = parameters.jobId === undefined ? undefined : Number(parameters.jobId);
  const signal = AbortSignal.any([parameters.signal, opened.signal]);
  try {
    const { state, finalized, answers, ...ended } = await runAsker({
      ...parameters,
      signal,
      emit(event) {
        parameters.emit(event);
        if (event.event === 'jobOpened') jobId = event.jobId;
        if (event.event === 'inputsAdded' && !wait) opened.abort();
      },
    });
    return { jobId: Number(ended.jobId), state, finalized, answers, interrupted: false };
  } catch (error) {
    if (!signal.aborted || jobId === undefined) throw error;
    return { jobId, state: 'active', finalized: 0, answers: [], interrupted: context.cleanup.signal.aborted };
  }
}
