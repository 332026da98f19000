import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import type { Hex } from 'viem';
import { AssayError, exitCodes } from '../../errors.ts';
import { hashFile } from './hashFile.ts';
import { type Phase2Contribution, readZkey, type Zkey } from './readZkey.ts';
import { type Groth16Progress, runGroth16Worker } from './runGroth16Worker.ts';

/** Where a ceremony begins: the key that nobody contributed to, made from circuit and powers of tau. */
export type CeremonyStart = { readonly r1cs: string } & ({ readonly ptau: string } | { readonly dev: true });

export type ContributeParameters = {
  /** The key that the one before handed over, or what to begin with. */
  readonly from: string | CeremonyStart;
  /** Where the new key goes. */
  readonly path: string;
  /** At most 64 bytes, recorded in the key; nothing vouches for it. */
  readonly name: string;
  /** Mixed with 64 bytes of the system's randomness. */
  readonly entropy?: string;
  /** Ends the ceremony: a public random value that nobody could foresee, hashed 2^iterationsExp times. */
  readonly beacon?: { readonly hash: Hex; readonly iterationsExp: number };
  readonly onProgress?: Groth16Progress;
};

export type ContributeReturnType = Zkey & {
  /** What this contribution's maker attests. */
  readonly contribution: Phase2Contribution;
  /** Of the new file. */
  readonly sha256: string;
};

/**
 * Adds a contribution (and a beacon, which ends the ceremony) to phase 2 of a circuit's key. The secret lives in a child process, which ends.
 *
 * @throws GROTH16_FINISHED where a beacon has ended the ceremony; PHASE2_FAILED, ARTIFACT_CORRUPT, GROTH16_WORKER_FAILED
 */
export async function contribute(parameters: ContributeParameters): Promise<ContributeReturnType> {
  const { from, path, name, entropy = '', beacon, onProgress } = parameters;
  const begun = `${path}.0.partial`;
  const contributed = `${path}.1.partial`;
  const ended = `${path}.2.partial`;
  try {
    let last = begun;
    if (typeof from === 'string') last = from;
    else if ('dev' in from) await runGroth16Worker({ operation: 'dev-zkey', r1cs: from.r1cs, path: begun, contribute: false }, onProgress);
    else await runGroth16Worker({ operation: 'zkey-new', r1cs: from.r1cs, ptau: from.ptau, path: begun }, onProgress);
    const before = await readZkey(last);
    if (before.contributions.at(-1)?.kind === 'beacon') {
      throw new AssayError('GROTH16_FINISHED', 'a beacon has ended this ceremony', {
        exitCode: exitCodes.usage,
        hint: 'Contribute to the key from before the beacon, or begin anew.',
      });
    }
    // snarkjs asks on the terminal where it is given no text.
    const text = `${randomBytes(32).toString('hex')}${entropy}`;
    await runGroth16Worker({ operation: 'zkey-contribute', from: last, path: contributed, name, entropy: text }, onProgress);
    let made = contributed;
    if (beacon !== undefined) {
      const { hash, iterationsExp } = beacon;
      await runGroth16Worker(
        { operation: 'zkey-beacon', from: contributed, path: ended, name: 'beacon', hash: hash.slice(2), iterationsExp },
        onProgress,
      );
      made = ended;
    }
    const zkey = await readZkey(made);
    const sha256 = await hashFile(made, 'sha256');
    await rename(made, path);
    return { ...zkey, contribution: zkey.contributions[before.contributions.length] as Phase2Contribution, sha256 };
  } finally {
    for (const partial of [begun, contributed, ended]) await rm(partial, { force: true });
  }
}
