import type { Hex } from 'viem';
import type { BlobId } from '../commitment/blobId.ts';
import { proofHash } from '../commitment/ids.ts';
import { AssayError } from '../errors.ts';
import { decodeProofFile, isProofFile } from '../proof/proofFile.ts';
import type { FoundProof } from './verifySubmission.ts';

export type StoredProofsParameters = {
  readonly readBlob: (id: BlobId) => Promise<Uint8Array | undefined>;
  readonly listBlobs: () => Promise<readonly BlobId[]>;
};

/** Looks for proofs, by their hash, among the stored blobs, which are read once, when the first is asked for. */
export function storedProofs({ readBlob, listBlobs }: StoredProofsParameters): (wanted: Hex) => Promise<FoundProof | undefined> {
  let found: Promise<Map<Hex, FoundProof>> | undefined;
  const readAll = async (): Promise<Map<Hex, FoundProof>> => {
    const proofs = new Map<Hex, FoundProof>();
    for (const id of await listBlobs()) {
      const bytes = await readBlob(id);
      if (bytes === undefined || !isProofFile(bytes)) continue;
      try {
        const { proof, opening } = decodeProofFile(bytes);
        proofs.set(proofHash(proof, opening), { proof, opening });
      } catch (error) {
        // Stores keep what strangers made: it is no proof, and the others still are.
        if (!(error instanceof AssayError)) throw error;
      }
    }
    return proofs;
  };
  return async (wanted) => {
    found ??= readAll();
    return (await found).get(wanted);
  };
}
