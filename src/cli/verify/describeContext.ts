import { sayExpiry } from '../../commitment/sayExpiry.ts';
import type { ProofFile } from '../../proof/proofFile.ts';
import { showId } from '../framework/ids.ts';

/** What a proof was made for, as its file tells: null where the file does not, or tells something that its header contradicts. */
export type ContextFacts = {
  readonly kind: 'presentation' | 'job' | 'registry';
  readonly chainId: number;
  /** Of a presentation: who alone may show it (null: anybody), the nonce, and when it ends (unix seconds; null: never). */
  readonly shownBy: string | null;
  readonly nonce: string | null;
  readonly expiry: number | null;
  /** Of a job. */
  readonly jobId: number | null;
  readonly windowIndex: number | null;
  readonly operator: string | null;
};

/**
 * Reads what a proof's context is the hash of. That hash is checked where the file is read; whether it fits the rest of the file, and is still good, here.
 *
 * @param now unix seconds
 * @returns a sentence for people, the facts, and what is wrong with it
 */
export async function describeContext(
  proof: ProofFile,
  now: number,
): Promise<{ readonly facts: ContextFacts | null; readonly text: string; readonly failures: readonly string[] }> {
  const { decodeAbiParameters, isAddressEqual, zeroAddress } = await import('viem');
  const { contextPreimage, tag, wellFormedPreimage } = await import('../../commitment/ids.ts');
  const { decodePresentation } = await import('../../commitment/presentation.ts');
  const none = { shownBy: null, nonce: null, expiry: null, jobId: null, windowIndex: null, operator: null };
  const chainId = Number(proof.chainId);
  const failures: string[] = [];
  const fits = (told: bigint, circuitId: string): void => {
    if (told !== proof.chainId || circuitId !== proof.circuitId) failures.push('its context is of another chain or circuit than its file');
  };

  const presentation = decodePresentation(proof.contextPreimage);
  if (presentation !== undefined) {
    const { prover, nonce, expiry } = presentation;
    fits(presentation.chainId, presentation.circuitId);
    if (!isAddressEqual(presentation.verifier, proof.statementVerifier)) failures.push('its context is of another verifier than its file');
    const ends = expiry === 0n ? null : Number(expiry);
    if (ends !== null && ends < now) failures.push(`it expired ${sayExpiry(ends)}`);
    const shownBy = isAddressEqual(prover, zeroAddress) ? null : prover;
    const text = [
      `Made for chain ${chainId}, verifier ${proof.statementVerifier}, nonce ${nonce};`,
      `${shownBy === null ? 'anybody may show it' : `only ${shownBy} may show it`}${ends === null ? '' : `, until ${sayExpiry(ends)}`}.`,
    ].join(' ');
    return { facts: { ...none, kind: 'presentation', chainId, shownBy, nonce, expiry: ends }, text, failures };
  }

  const word = { type: 'uint256' } as const;
  const hash = { type: 'bytes32' } as const;
  const address = { type: 'address' } as const;
  try {
    if (proof.statementName === 'well-formed') {
      const [name, told, registry, circuitId] = decodeAbiParameters([hash, word, address, hash], proof.contextPreimage);
      if (name === tag('assay.context.well-formed.v1') && wellFormedPreimage(told, registry, circuitId) === proof.contextPreimage) {
        fits(told, circuitId);
        return {
          facts: { ...none, kind: 'registry', chainId },
          text: `Made for the model registry ${registry} of chain ${chainId}.`,
          failures,
        };
      }
    } else if (proof.statementName === 'train-window' || proof.statementName === 'inference') {
      const [name, told, jobManager, jobId, windowIndex, contributionIndex, leaseNonce, registrationNonce, operator, circuitId] =
        decodeAbiParameters([hash, word, address, word, word, word, word, word, address, hash], proof.contextPreimage);
      const lease = {
        chainId: told,
        jobManager,
        jobId,
        windowIndex,
        contributionIndex,
        leaseNonce,
        registrationNonce,
        operator,
        circuitId,
      };
      if (
        name === tag(`assay.context.${proof.statementName}.v1`) &&
        contextPreimage(proof.statementName, lease) === proof.contextPreimage
      ) {
        fits(told, circuitId);
        const facts = { ...none, kind: 'job' as const, chainId, jobId: Number(jobId), windowIndex: Number(windowIndex), operator };
        return { facts, text: `Made by ${operator} for window ${windowIndex} of job ${jobId} on chain ${chainId}.`, failures };
      }
    }
  } catch {
    // Falls through: it tells nothing that this package knows.
  }
  const context = showId(proof.statement[0] as bigint);
  return {
    facts: null,
    text: `What it was made for is not told (context ${context}).`,
    failures: ['the file does not tell what the proof was made for, so it may have expired or be meant for somebody else'],
  };
}
