import { devnetChainIds } from '../chain/connectChain.ts';
import { AssayError, exitCodes } from '../errors.ts';

/**
 * Refuses a circuit whose set-up has a published secret, on any chain but a devnet: whoever reads it can forge answers. JobManager refuses the dev
 * SRS; of a Groth16 key's phase 2 it sees nothing.
 *
 * @throws CIRCUIT_DEV_KEY (exit code 6)
 */
export function refuseDevKey(
  chainId: number,
  { profile, instance }: { readonly profile: 'dev' | 'public'; readonly instance: { readonly name: string } },
): void {
  if (profile !== 'dev' || devnetChainIds.includes(chainId)) return;
  throw new AssayError('CIRCUIT_DEV_KEY', `the secret of the set-up of ${instance.name} is published: anybody can forge answers`, {
    details: `chain ${chainId} is no devnet`,
    hint: 'Use a circuit whose ceremony somebody else took part in: docs/security/ceremony.md.',
    exitCode: exitCodes.artifactMismatch,
  });
}
