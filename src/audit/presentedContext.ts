import type { Address, Hex } from 'viem';
import type { z } from 'zod';
import { presentationContext } from '../commitment/presentation.ts';
import { sayExpiry } from '../commitment/sayExpiry.ts';
import type { CertificateCircuit, presentationSchema } from './parts.ts';
import type { Findings } from './verdict.ts';

/**
 * The context of a certificate's proof: for whom it was made. That it has expired is found.
 *
 * @param now unix seconds
 */
export function presentedContext(
  { presentation, circuit }: { readonly presentation: z.infer<typeof presentationSchema>; readonly circuit: CertificateCircuit },
  { must }: Findings,
  now: number,
): bigint {
  const { chainId, prover, nonce, expiry } = presentation;
  must(expiry === 0 || expiry >= now, `it expired ${sayExpiry(expiry)}`);
  return presentationContext({
    chainId: BigInt(chainId),
    verifier: circuit.statementVerifier as Address,
    prover: prover as Address,
    nonce: nonce as Hex,
    expiry: BigInt(expiry),
    circuitId: circuit.circuitId as Hex,
  });
}
