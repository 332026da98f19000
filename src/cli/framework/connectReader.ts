import type { ChainReader } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import type { Settings } from './settings.ts';

/**
 * Connects to the chain of the deployment in the settings, without an account.
 *
 * @throws CHAIN_DEPLOYMENT_MISSING, CHAIN_WRONG_CHAIN, CHAIN_NOT_DEPLOYED, CHAIN_RPC_UNREACHABLE
 */
export async function connectReader(settings: Settings): Promise<{ chain: ChainReader; deployment: Deployment }> {
  const { connectChain } = await import('../../chain/connectChain.ts');
  const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
  const deployment = readDeployment(settings.deployment);
  const chain = await connectChain({ rpcUrl: settings.rpc, chainId: deployment.chainId });
  await assertDeployment(chain, deployment);
  return { chain, deployment };
}
