import { AssayError } from '../errors.ts';
import type { MinibatchSet } from './minibatchSet.ts';
import type { OpenedRecord } from './recordFile.ts';

/**
 * One sample of a data set, with its label.
 *
 * @param sample counted from 0 in the order of the minibatches
 * @param salt what hides it in its digest; 0 where it is public
 * @throws DATA_SAMPLE_UNKNOWN
 */
export function recordAt({ minibatches, batch, features }: MinibatchSet, sample: number, salt: bigint): OpenedRecord {
  const minibatch = Number.isSafeInteger(sample) && sample >= 0 ? minibatches[Math.floor(sample / batch)] : undefined;
  if (minibatch === undefined)
    throw new AssayError('DATA_SAMPLE_UNKNOWN', `there is no sample ${sample}: the set has ${minibatches.length * batch}, from 0 on`);
  const place = sample % batch;
  return {
    features: Array.from(minibatch.features.subarray(place * features, (place + 1) * features)),
    label: minibatch.labels[place] as number,
    salt: `0x${salt.toString(16).padStart(64, '0')}`,
  };
}
