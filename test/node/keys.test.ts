import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { verifyMessage } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKey, listKeys, unlockKey } from '../../src/node/keys.ts';
import { loadPeerKey } from '../../src/node/peerKey.ts';
import { type PasswordInput, readPassword } from '../../src/node/readPassword.ts';

let root = '';
let directory = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assay-keys-'));
  directory = join(root, 'keys');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const password = 'correct horse';
const cost = 10;
/** The published test vectors of the web3 secret storage definition: password "testpassword". */
const published = {
  scrypt: {
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
      ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
      kdf: 'scrypt',
      kdfparams: { dklen: 32, n: 262144, p: 8, r: 1, salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19' },
      mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
    },
    address: '008aeeda4d805471df9b2a5b0f38a0c3bcba786b',
    id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
    version: 3,
  },
  pbkdf2: {
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
      ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
      kdf: 'pbkdf2',
      kdfparams: { c: 262144, dklen: 32, prf: 'hmac-sha256', salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd' },
      mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
    },
    address: '008aeeda4d805471df9b2a5b0f38a0c3bcba786b',
    id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
    version: 3,
  },
};

describe('keys', () => {
  it('are made, listed and unlocked; the file is private and holds no secret in the clear', async () => {
    const made = await createKey({ directory, name: 'worker', password, cost });
    await createKey({ directory, name: 'cold', password: 'other', cost });
    expect((await listKeys(directory)).map(({ name }) => name)).toEqual(['cold', 'worker']);
    expect((await listKeys(directory))[1]).toEqual({ ...made, address: made.address.toLowerCase() });
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const account = await unlockKey({ directory, name: 'worker', password });
    expect(account.address).toBe(made.address);
    const signature = await account.signMessage({ message: 'hello' });
    expect(await verifyMessage({ address: made.address, message: 'hello', signature })).toBe(true);
    // Public facts only: the secret does not travel with the account into a log.
    expect(Object.keys(JSON.parse(JSON.stringify(account))).sort()).toEqual(['address', 'publicKey', 'source', 'type']);
    expect(readFileSync(made.path, 'utf8')).not.toContain(password);
    expect(readdirSync(directory)).toEqual(['cold.json', 'worker.json']);
  });

  it('default to the cost of other wallets', async () => {
    const { path } = await createKey({ directory, name: 'worker', password });
    expect(JSON.parse(readFileSync(path, 'utf8')).crypto.kdfparams).toMatchObject({ n: 262144, r: 8, p: 1 });
    await unlockKey({ directory, name: 'worker', password });
  });

  it.each(['scrypt', 'pbkdf2'] as const)('open the published %s vector', async (kdf) => {
    await createKey({ directory, name: 'any', password, cost });
    writeFileSync(join(directory, 'published.json'), JSON.stringify(published[kdf]), { mode: 0o600 });
    const account = await unlockKey({ directory, name: 'published', password: 'testpassword' });
    expect(account.address.toLowerCase()).toBe('0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b');
  });

  it('are refused with a code and exit code 4', async () => {
    const { path } = await createKey({ directory, name: 'worker', password, cost });
    const good = readFileSync(path, 'utf8');
    const unlock = () => unlockKey({ directory, name: 'worker', password });
    await expect(unlockKey({ directory, name: 'worker', password: 'wrong' })).rejects.toMatchObject({ code: 'KEY_PASSWORD', exitCode: 4 });
    await expect(unlockKey({ directory, name: 'nobody', password })).rejects.toMatchObject({ code: 'KEY_MISSING', exitCode: 4 });
    await expect(createKey({ directory, name: 'worker', password, cost })).rejects.toMatchObject({ code: 'KEY_EXISTS' });
    expect(readFileSync(path, 'utf8')).toBe(good);
    for (const name of ['', '../worker', 'Worker', 'a/b', '.hidden', 'x'.repeat(65)]) {
      await expect(createKey({ directory, name, password, cost })).rejects.toMatchObject({ code: 'KEY_NAME', exitCode: 2 });
      await expect(unlockKey({ directory, name, password })).rejects.toMatchObject({ code: 'KEY_NAME' });
    }
    await expect(createKey({ directory, name: 'empty', password: '', cost })).rejects.toMatchObject({ code: 'KEY_PASSWORD_EMPTY' });
    const parsed = JSON.parse(good);
    const damaged = [
      good.slice(0, -20),
      'null',
      JSON.stringify({ ...parsed, version: 1 }),
      JSON.stringify({ ...parsed, address: '00'.repeat(20) }),
      JSON.stringify({ ...parsed, crypto: { ...parsed.crypto, ciphertext: 'zz' } }),
      // 2^40: would need 128 TiB.
      JSON.stringify({ ...parsed, crypto: { ...parsed.crypto, kdfparams: { ...parsed.crypto.kdfparams, n: 2 ** 40 } } }),
      JSON.stringify({ ...parsed, crypto: { ...parsed.crypto, kdfparams: { ...parsed.crypto.kdfparams, n: 1000 } } }),
      JSON.stringify({ ...parsed, crypto: { ...parsed.crypto, kdfparams: { ...parsed.crypto.kdfparams, r: 1 << 24 } } }),
    ];
    for (const text of damaged) {
      writeFileSync(path, text);
      await expect(unlock()).rejects.toMatchObject({ code: 'KEY_FILE', exitCode: 4 });
    }
    writeFileSync(path, good);
    await unlock();
    for (const mode of [0o640, 0o604, 0o620]) {
      chmodSync(path, mode);
      await expect(unlock()).rejects.toMatchObject({ code: 'KEY_PERMISSIONS', exitCode: 4 });
      await expect(listKeys(directory)).rejects.toMatchObject({ code: 'KEY_PERMISSIONS' });
    }
    chmodSync(path, 0o600);
    await unlock();
    expect(await listKeys(join(root, 'nowhere'))).toEqual([]);
  });
});

describe('peer key', () => {
  it('is made once, also by two at the same time, and refused when it is damaged or open to others', async () => {
    const [a, b] = await Promise.all([loadPeerKey(directory), loadPeerKey(directory)]);
    expect(a).toHaveLength(32);
    expect(b).toEqual(a);
    expect(await loadPeerKey(directory)).toEqual(a);
    expect(await loadPeerKey(join(root, 'other'))).not.toEqual(a);
    const path = join(directory, 'peer.key');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    await expect(loadPeerKey(directory)).rejects.toMatchObject({ code: 'KEY_PERMISSIONS', exitCode: 4 });
    chmodSync(path, 0o600);
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -5));
    await expect(loadPeerKey(directory)).rejects.toMatchObject({ code: 'KEY_FILE', exitCode: 4 });
    expect(existsSync(path)).toBe(true);
    // It is no EVM key, so it is not listed as one.
    expect(await listKeys(directory)).toEqual([]);
  });
});

describe('password', () => {
  function terminal(keys: string) {
    const modes: boolean[] = [];
    const input: PasswordInput = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => modes.push(raw) });
    const output = new PassThrough();
    let shown = '';
    output.on('data', (data: Buffer) => {
      shown += data.toString();
    });
    // One key at a time, as they are typed.
    (async () => {
      for (const key of keys) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        (input as PassThrough).write(key);
      }
    })();
    return { input, output, modes, shown: () => shown };
  }

  it('comes from the first line of a private file', async () => {
    const file = join(root, 'password');
    writeFileSync(file, `${password}\nnot this\n`, { mode: 0o600 });
    expect(await readPassword({ file, question: '' })).toBe(password);
    chmodSync(file, 0o644);
    await expect(readPassword({ file, question: '' })).rejects.toMatchObject({ code: 'KEY_PERMISSIONS', exitCode: 4 });
    await expect(readPassword({ file: join(root, 'none'), question: '' })).rejects.toMatchObject({ code: 'KEY_MISSING', exitCode: 4 });
  });

  it('comes from a terminal that does not show it', async () => {
    const { input, output, modes, shown } = terminal('secrex\u007ft pä\r');
    expect(await readPassword({ question: 'Password: ', input, output })).toBe('secret pä');
    expect(modes).toEqual([true, false]);
    expect(shown()).toBe('Password: \n');
  });

  it('is asked twice where it is set, can be cancelled, and needs a terminal', async () => {
    expect(await readPassword({ question: '', confirm: true, ...terminal('one\rone\r') })).toBe('one');
    await expect(readPassword({ question: '', confirm: true, ...terminal('one\rtwo\r') })).rejects.toMatchObject({
      code: 'KEY_PASSWORD_DIFFERS',
    });
    const cancelled = terminal('on\u0003');
    await expect(readPassword({ question: '', ...cancelled })).rejects.toMatchObject({ code: 'KEY_CANCELLED', exitCode: 4 });
    expect(cancelled.modes).toEqual([true, false]);
    await expect(readPassword({ question: '', input: new PassThrough() })).rejects.toMatchObject({ code: 'KEY_NO_TERMINAL', exitCode: 4 });
  });
});
