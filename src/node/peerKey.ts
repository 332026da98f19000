import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AssayError, exitCodes } from '../errors.ts';
import { readPrivateFile, writePrivateFile } from './privateFile.ts';

const header = 'assay-peer-key-v1 ed25519 ';

/**
 * The Ed25519 seed (32 bytes) of this node's libp2p identity, kept in `peer.key` in the key directory; made where there is none.
 *
 * It is not encrypted: it holds no money, and a node must start without a person.
 *
 * @throws KEY_FILE, KEY_PERMISSIONS, KEY_READ, KEY_WRITE
 */
export async function loadPeerKey(directory: string): Promise<Uint8Array> {
  const path = join(directory, 'peer.key');
  let text: string;
  try {
    text = await readPrivateFile(path);
  } catch (error) {
    if (!(error instanceof AssayError) || error.code !== 'KEY_MISSING') throw error;
    await writePrivateFile(path, `${header}${randomBytes(32).toString('hex')}\n`).catch((cause) => {
      // Another process has just made it: then that one counts.
      if (!(cause instanceof AssayError) || cause.code !== 'KEY_EXISTS') throw cause;
    });
    text = await readPrivateFile(path);
  }
  const seed = text.startsWith(header) ? text.slice(header.length).trimEnd() : '';
  if (!/^[0-9a-f]{64}$/.test(seed)) {
    throw new AssayError('KEY_FILE', `${path} holds no peer key`, {
      hint: 'Move it away to get a new one; the node then has another peer id, which its operator registers anew.',
      exitCode: exitCodes.keysNeeded,
    });
  }
  return new Uint8Array(Buffer.from(seed, 'hex'));
}
