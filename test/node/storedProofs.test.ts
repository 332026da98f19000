import { expect, test } from 'vitest';
import { type BlobId, blobId } from '../../src/commitment/blobId.ts';
import { proofHash } from '../../src/commitment/ids.ts';
import { storedProofs } from '../../src/node/storedProofs.ts';
import { encodeProofFile } from '../../src/proof/proofFile.ts';

const word = `0x${'12'.repeat(32)}` as const;
const good = { proof: Uint8Array.of(1, 2, 3), opening: Uint8Array.of(4, 5) };
const file = encodeProofFile({
  ...good,
  statementName: 'train-window',
  statement: [1n, 2n],
  chainId: 31337n,
  statementVerifier: `0x${'34'.repeat(20)}`,
  circuitId: word,
  statementVerifierCodeHash: word,
  proofVerifierCodeHash: word,
  shapeBytes: '0x56',
  open: true,
  contextPreimage: '0x',
});

test('a blob that only begins as a proof does not keep the others from being found', async () => {
  const blobs = [file.slice(0, 40), new TextEncoder().encode('ASSAYPF2'), Uint8Array.of(), file];
  const byId = new Map<BlobId, Uint8Array>(blobs.map((bytes) => [blobId(bytes), bytes]));
  const find = storedProofs({ readBlob: async (id) => byId.get(id), listBlobs: async () => [...byId.keys()] });
  expect(await find(proofHash(good.proof, good.opening))).toEqual(good);
  expect(await find(word)).toBeUndefined();
});
