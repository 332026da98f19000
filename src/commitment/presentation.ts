import { type Address, decodeAbiParameters, encodeAbiParameters, getAddress, type Hex, hexToBigInt, keccak256 } from 'viem';
import { R } from './field.ts';
import { tag } from './ids.ts';

/** What binds a proof that is made outside of a job: for whom, and until when. */
export type Presentation = {
  readonly chainId: bigint;
  /** The statement's verifier contract. */
  readonly verifier: Address;
  /** Who alone may show the proof; the zero address where anybody may. */
  readonly prover: Address;
  /** What the one who asked for the proof chose. */
  readonly nonce: Hex;
  /** Unix seconds; 0 for a proof that does not expire. */
  readonly expiry: bigint;
  readonly circuitId: Hex;
};

const types = [
  { type: 'bytes32' },
  { type: 'uint256' },
  { type: 'address' },
  { type: 'address' },
  { type: 'bytes32' },
  { type: 'uint256' },
  { type: 'bytes32' },
] as const;
const presentationTag = tag('assay.context.presentation.v1');

/** The bytes whose hash is the context (docs/reference/encodings.md, "Presentation context"). */
export function encodePresentation({ chainId, verifier, prover, nonce, expiry, circuitId }: Presentation): Hex {
  return encodeAbiParameters(types, [presentationTag, chainId, verifier, prover, nonce, expiry, circuitId]);
}

/** Reads what `encodePresentation` writes; undefined for anything else. */
export function decodePresentation(bytes: Hex): Presentation | undefined {
  try {
    const [name, chainId, verifier, prover, nonce, expiry, circuitId] = decodeAbiParameters(types, bytes);
    const presentation = { chainId, verifier: getAddress(verifier), prover: getAddress(prover), nonce, expiry, circuitId };
    return name === presentationTag && encodePresentation(presentation) === bytes ? presentation : undefined;
  } catch {
    return undefined;
  }
}

/** Context of a proof that is made outside of a job. */
export function presentationContext(presentation: Presentation): bigint {
  return hexToBigInt(keccak256(encodePresentation(presentation))) % R;
}
