import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';

/**
 * The bytes of a node's libp2p peer id (its multihash), as they are registered on chain.
 *
 * @param privateKey Ed25519 seed, 32 bytes
 */
export async function peerIdBytes(privateKey: Uint8Array): Promise<Uint8Array> {
  return peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', privateKey)).toMultihash().bytes;
}
