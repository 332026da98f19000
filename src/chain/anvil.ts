import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type HDAccount, mnemonicToAccount } from 'viem/accounts';
import { AssayError, exitCodes } from '../errors.ts';

export type StartAnvilParameters = {
  /** 0 lets the system choose. Default 0. */
  readonly port?: number;
  /** Default 31337. */
  readonly chainId?: number;
  /** Also a block every so many seconds. Default: blocks only for transactions, one each, at once. */
  readonly blockTime?: number;
  /** File that keeps the chain between runs. */
  readonly state?: string;
  /** Funded accounts (see `devnetAccount`). Default 10. */
  readonly accounts?: number;
};

export type Anvil = {
  readonly rpcUrl: string;
  readonly port: number;
  readonly chainId: number;
  readonly process: ChildProcess;
  /** Ends the process and waits for it. */
  readonly stop: () => Promise<void>;
};

/** Everybody's mnemonic: the accounts that a devnet funds. Worth nothing anywhere else. */
const devnetMnemonic = 'test test test test test test test test test test test junk';

/** The devnet's funded account number `index`. Its key is public. */
export function devnetAccount(index: number): HDAccount {
  return mnemonicToAccount(devnetMnemonic, { addressIndex: index });
}

function anvilBinary(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve('@foundry-rs/anvil-linux-amd64/package.json');
    const binary = join(dirname(manifest), 'bin', 'anvil');
    if (existsSync(binary)) return binary;
  } catch {
    // Not installed for this platform: one on the PATH may do.
  }
  return 'anvil';
}

/**
 * Starts a local EVM node (hardfork osaka, with its cap on a transaction's gas) on the loopback interface; it ends with this process.
 *
 * @throws CHAIN_ANVIL_MISSING, CHAIN_PORT_TAKEN, CHAIN_ANVIL_FAILED
 */
export async function startAnvil(parameters: StartAnvilParameters = {}): Promise<Anvil> {
  const { port = 0, chainId = 31337, blockTime, state, accounts = 10 } = parameters;
  const args = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId), '--accounts', String(accounts)];
  args.push('--mnemonic', devnetMnemonic, '--hardfork', 'osaka', '--enable-tx-gas-limit');
  if (blockTime !== undefined) args.push('--block-time', String(blockTime), '--mixed-mining');
  if (state !== undefined) {
    // Where the folder is missing anvil keeps nothing, and says nothing.
    mkdirSync(dirname(state), { recursive: true });
    args.push('--state', state);
  }
  const child = spawn(anvilBinary(), args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => {
      process.off('exit', kill);
      resolve();
    });
  });
  const listening = await new Promise<number>((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000);
      const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(output);
      if (match !== null) resolve(Number(match[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (cause) => {
      process.off('exit', kill);
      reject(
        new AssayError('CHAIN_ANVIL_MISSING', 'anvil did not start', {
          cause,
          hint: 'Install the optional dependency @foundry-rs/anvil-linux-amd64, or put anvil 1.7 on the PATH.',
        }),
      );
    });
    child.once('close', (code) => {
      if (/address already in use/i.test(output)) {
        reject(
          new AssayError('CHAIN_PORT_TAKEN', `port ${port} is taken`, { hint: 'Choose another port, or 0.', exitCode: exitCodes.network }),
        );
        return;
      }
      reject(new AssayError('CHAIN_ANVIL_FAILED', `anvil ended with code ${code} before it listened`, { details: output.slice(-2_000) }));
    });
  });
  const stop = async (): Promise<void> => {
    // SIGTERM lets it write its state.
    child.kill('SIGTERM');
    const timer = setTimeout(kill, 5_000);
    await exited;
    clearTimeout(timer);
  };
  return { rpcUrl: `http://127.0.0.1:${listening}`, port: listening, chainId, process: child, stop };
}
