import type { RoleSettings } from '../../node/openRole.ts';
import type { Emit } from '../../node/roleEvent.ts';
import type { CommandContext } from './command.ts';
import { ceremonyOf, circuitCacheDirectory, type RoleName, roleDirectory } from './folders.ts';
import type { RoleInput } from './roleOptions.ts';
import type { TransactionInput } from './transactionOptions.ts';
import { unlockSigner } from './unlockSigner.ts';

/**
 * What a role is started with, from settings and options; unlocks its key.
 *
 * @throws what unlockSigner throws; CHAIN_DEPLOYMENT_MISSING, CHAIN_DEPLOYMENT_INVALID; those of loadPeerKey
 */
export async function roleSettings(
  context: CommandContext,
  role: RoleName,
  input: RoleInput & Partial<TransactionInput>,
  emit: Emit,
): Promise<RoleSettings> {
  const { settings, logger, cleanup } = context;
  const { readDeployment } = await import('../../chain/deployment.ts');
  const { loadPeerKey } = await import('../../node/peerKey.ts');
  const deployment = readDeployment(settings.deployment);
  const storeDirectory = input.data ?? roleDirectory(settings, role);
  return {
    rpcUrl: settings.rpc,
    deployment,
    account: await unlockSigner(settings, { devnetAccount: input.devnetAccount }),
    storeDirectory,
    ceremony: ceremonyOf(settings),
    circuitDirectory: circuitCacheDirectory(settings),
    listen: input.listen,
    peers: input.peers,
    peerKey: await loadPeerKey(storeDirectory),
    threads: settings.threads,
    ...(input.replaceAfter === undefined ? {} : { replaceAfterMs: input.replaceAfter * 1000 }),
    ...(input.maxFee === undefined ? {} : { maxFeePerGas: input.maxFee }),
    emit,
    log: logger,
    signal: cleanup.signal,
  };
}
