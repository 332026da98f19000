import type { ChainReader } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import { AssayError } from '../../errors.ts';
import { showId } from '../framework/ids.ts';

/** Where a checkpoint stands: after `index` windows of a job; 0 is the genesis. */
export type CheckpointPlace = { readonly jobId: bigint; readonly index: number };

/**
 * The jobs in which a checkpoint stands, oldest first.
 *
 * @throws CHECKPOINT_UNKNOWN
 */
export async function findCheckpoint(chain: ChainReader, deployment: Deployment, id: bigint): Promise<readonly CheckpointPlace[]> {
  const { getEvents } = await import('../../chain/getEvents.ts');
  const places: CheckpointPlace[] = [];
  for (const event of await getEvents(chain, deployment, { names: ['JobOpened', 'WindowFinalized', 'WindowMerged'] })) {
    if (event.name === 'JobOpened' && event.args.terms.genesisId === id) places.push({ jobId: event.args.jobId, index: 0 });
    // A contribution is merged with others before anything starts from it: the merge's event follows.
    if (event.name === 'WindowFinalized' && event.args.resultId === id) {
      places.push({ jobId: event.args.jobId, index: Number(event.args.windowIndex) + 1 });
    }
    if (event.name === 'WindowMerged' && event.args.mergedId === id) {
      places.push({ jobId: event.args.jobId, index: Number(event.args.windowIndex) + 1 });
    }
  }
  if (places.length === 0) {
    throw new AssayError('CHECKPOINT_UNKNOWN', `no job of this deployment has the checkpoint ${showId(id)}`, {
      hint: 'assay job show lists the checkpoints of a job.',
    });
  }
  return places;
}

/** The id of a job's checkpoint after `index` windows. @throws CHECKPOINT_UNKNOWN */
export function checkpointAt({ checkpoints }: { readonly checkpoints: readonly bigint[] }, index: number): bigint {
  const id = checkpoints[index];
  if (id === undefined) {
    throw new AssayError('CHECKPOINT_UNKNOWN', `the job has ${checkpoints.length - 1} windows, so no checkpoint ${index}`, {
      hint: `--index goes from 0 (genesis) to ${checkpoints.length - 1}.`,
    });
  }
  return id;
}
