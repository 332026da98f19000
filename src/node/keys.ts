import { randomBytes, scrypt } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Keystore } from 'ox';
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { z } from 'zod';
import { AssayError, exitCodes } from '../errors.ts';
import { readPrivateFile, writePrivateFile } from './privateFile.ts';

export type Hex = `0x${string}`;

export type KeyInfo = { name: string; address: Hex; path: string };

const suffix = '.json';
const namePattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;
/** log2 of scrypt's N, with r = 8: 2^18 takes about a second and 256 MiB, as in other wallets. */
const defaultCost = 18;
const maxScryptBytes = 1 << 30;

const hexOf = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-fA-F]{${2 * bytes}}$`));
const salt = z.string().regex(/^([0-9a-fA-F]{2}){8,64}$/);
/** A web3 v3 keystore of a 32-byte key. Other wallets' files may have more keys. */
const keystoreFile = z.object({
  version: z.literal(3),
  id: z.string(),
  address: z.string().regex(/^(0x)?[0-9a-fA-F]{40}$/),
  crypto: z.intersection(
    z.object({ cipher: z.literal('aes-128-ctr'), ciphertext: hexOf(32), cipherparams: z.object({ iv: hexOf(16) }), mac: hexOf(32) }),
    z.discriminatedUnion('kdf', [
      z.object({
        kdf: z.literal('scrypt'),
        kdfparams: z.object({ dklen: z.literal(32), n: z.int().min(2), r: z.int().min(1), p: z.int().min(1).max(16), salt }),
      }),
      z.object({
        kdf: z.literal('pbkdf2'),
        kdfparams: z.object({ dklen: z.literal(32), c: z.int().min(1).max(10_000_000), prf: z.literal('hmac-sha256'), salt }),
      }),
    ]),
  ),
});
type KeystoreFile = z.infer<typeof keystoreFile>;

function pathOf(directory: string, name: string): string {
  if (!namePattern.test(name)) {
    throw new AssayError('KEY_NAME', `Not a name for a key: ${JSON.stringify(name)}`, {
      hint: 'Lowercase letters, digits, - and _, at most 64.',
      exitCode: exitCodes.usage,
    });
  }
  return join(directory, name + suffix);
}

async function scryptKey(password: string, { n, r, p, salt }: { n: number; r: number; p: number; salt: string }): Promise<Hex> {
  const derive = promisify(scrypt) as (password: string, salt: Uint8Array, length: number, options: object) => Promise<Buffer>;
  const key = await derive(password, Buffer.from(salt, 'hex'), 32, { N: n, r, p, maxmem: 2 * maxScryptBytes });
  return `0x${key.toString('hex')}`;
}

function malformed(path: string, details: string): AssayError {
  return new AssayError('KEY_FILE', `${path} is no web3 v3 keystore that can be read`, { details, exitCode: exitCodes.keysNeeded });
}

function parse(path: string, text: string): KeystoreFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw malformed(path, 'not JSON');
  }
  const result = keystoreFile.safeParse(json);
  if (!result.success) throw malformed(path, z.prettifyError(result.error));
  const { crypto } = result.data;
  // A file must not be able to ask for all memory.
  if (crypto.kdf === 'scrypt') {
    const { n, r } = crypto.kdfparams;
    if ((n & (n - 1)) !== 0 || 128 * n * r > maxScryptBytes) throw malformed(path, 'scrypt parameters out of range');
  }
  return result.data;
}

export type CreateKeyParameters = {
  directory: string;
  /** Lowercase letters, digits, - and _. */
  name: string;
  password: string;
  /** log2 of scrypt's N; default 18. Lower it only for keys without value. */
  cost?: number;
};

/**
 * Makes a new EVM key in a web3 v3 keystore that only its owner can read.
 *
 * @throws KEY_NAME, KEY_PASSWORD_EMPTY, KEY_EXISTS, KEY_WRITE
 */
export async function createKey({ directory, name, password, cost = defaultCost }: CreateKeyParameters): Promise<KeyInfo> {
  const path = pathOf(directory, name);
  if (password.length === 0) throw new AssayError('KEY_PASSWORD_EMPTY', 'A key needs a password', { exitCode: exitCodes.usage });
  const privateKey = generatePrivateKey();
  const { address } = privateKeyToAccount(privateKey);
  const kdfparams = { dklen: 32, n: 2 ** cost, r: 8, p: 1, salt: randomBytes(32).toString('hex') };
  const key = await scryptKey(password, kdfparams);
  const keystore = Keystore.encrypt(privateKey, key, {
    kdf: 'scrypt',
    kdfparams,
    iv: new Uint8Array(randomBytes(16)),
  });
  await writePrivateFile(path, `${JSON.stringify({ address: address.slice(2).toLowerCase(), ...keystore }, null, 2)}\n`);
  return { name, address, path };
}

/**
 * The EVM keys in `directory`, by name; none where there is no such directory. Nothing is unlocked.
 *
 * @throws KEY_FILE, KEY_PERMISSIONS, KEY_READ
 */
export async function listKeys(directory: string): Promise<KeyInfo[]> {
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new AssayError('KEY_READ', `Cannot read ${directory}`, { exitCode: exitCodes.keysNeeded, cause: error });
  });
  const names = entries.filter((entry) => entry.endsWith(suffix) && namePattern.test(entry.slice(0, -suffix.length))).sort();
  return Promise.all(
    names.map(async (entry) => {
      const path = join(directory, entry);
      const file = parse(path, await readPrivateFile(path));
      return { name: entry.slice(0, -suffix.length), address: `0x${file.address.replace(/^0x/, '').toLowerCase()}` as Hex, path };
    }),
  );
}

/**
 * Unlocks a key. What comes back signs; the secret itself is not in it.
 *
 * @throws KEY_MISSING, KEY_PASSWORD (wrong), KEY_FILE, KEY_PERMISSIONS, KEY_READ (all with exit code 4); KEY_NAME
 */
export async function unlockKey({
  directory,
  name,
  password,
}: {
  directory: string;
  name: string;
  password: string;
}): Promise<PrivateKeyAccount> {
  const path = pathOf(directory, name);
  const { address, ...keystore } = parse(path, await readPrivateFile(path));
  const { crypto } = keystore;
  // OpenSSL keeps to the RFC's N < 2^(16 r), which wallets that set r = 1 do not; ox computes those, more slowly.
  const native = crypto.kdf === 'scrypt' && Math.log2(crypto.kdfparams.n) < 16 * crypto.kdfparams.r;
  const key = native ? await scryptKey(password, crypto.kdfparams) : await Keystore.toKeyAsync(keystore as Keystore.Keystore, { password });
  let privateKey: Hex;
  try {
    privateKey = Keystore.decrypt(keystore as Keystore.Keystore, key, { as: 'Hex' });
  } catch {
    // The checksum covers password and ciphertext alike. No cause: nothing derived from the password may reach a log.
    throw new AssayError('KEY_PASSWORD', `The password does not open ${path}`, {
      hint: 'A wrong password, or a damaged file.',
      exitCode: exitCodes.keysNeeded,
    });
  }
  const account = privateKeyToAccount(privateKey);
  if (account.address.slice(2).toLowerCase() !== address.replace(/^0x/, '').toLowerCase())
    throw malformed(path, 'the key in it has another address');
  return account;
}
