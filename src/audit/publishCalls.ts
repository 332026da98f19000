import { type Address, encodeFunctionData, type Hex, hexToBigInt } from 'viem';
import { auditRegistryAbi } from '../chain/generated/AuditRegistry.ts';
import { modelRegistryAbi } from '../chain/generated/ModelRegistry.ts';
import type { CountsCertificate } from './counts/countsCertificate.ts';

/** A call to send. */
export type PublishCall = { readonly to: Address; readonly data: Hex; readonly what: string };

/**
 * The transactions that publish a certificate: each segment that is well-formed, then each chunk, one a transaction. The audit must have been opened, and
 * drawn where it is a draw; what is proved there already may be left out.
 */
export function publishCalls(certificate: CountsCertificate): PublishCall[] {
  const { audit, chunks, wellFormed } = certificate;
  return [
    ...wellFormed.segments.map(({ maskId, proof, opening }, segment) => ({
      to: wellFormed.registry as Address,
      what: `segment ${segment}`,
      data: encodeFunctionData({
        abi: modelRegistryAbi,
        functionName: 'proveWellFormed',
        args: [
          wellFormed.circuit.circuitId as Hex,
          hexToBigInt(certificate.checkpointId as Hex),
          BigInt(segment),
          hexToBigInt(maskId as Hex),
          proof as Hex,
          opening as Hex,
        ],
      }),
    })),
    ...chunks.map(({ chunk, maskId, counts, proof, opening }) => ({
      to: audit.registry as Address,
      what: `chunk ${chunk}`,
      data: encodeFunctionData({
        abi: auditRegistryAbi,
        functionName: 'prove',
        args: [
          audit.auditId as Hex,
          BigInt(chunk),
          hexToBigInt(maskId as Hex),
          counts.map((word) => hexToBigInt(word as Hex)),
          proof as Hex,
          opening as Hex,
        ],
      }),
    })),
  ];
}
