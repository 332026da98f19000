import { type Hex, keccak256 } from 'viem';
import { circuitId } from '../commitment/ids.ts';
import type { CircuitInstance } from './circuitInstance.ts';
import { codeHash } from './compileSolidity.ts';
import type { HonkArtifacts } from './honkArtifacts.ts';

export type NamedArtifacts = Pick<HonkArtifacts, 'verifyingKey' | 'honkVerifier'> & {
  readonly instance: Pick<CircuitInstance, 'statement'>;
  readonly shapeBytes: Hex;
};

/** The id of a Noir circuit under a verifier of its statement of this runtime code. */
export function circuitIdOf({ instance, verifyingKey, honkVerifier, shapeBytes }: NamedArtifacts, statementVerifierRuntime: Hex): Hex {
  return circuitId(instance.statement, {
    verifyingKey,
    proofVerifierCodeHash: codeHash(honkVerifier),
    statementVerifierCodeHash: keccak256(statementVerifierRuntime),
    shape: shapeBytes,
  });
}
