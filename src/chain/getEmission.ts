import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { tokenEmissionAbi } from './generated/TokenEmission.ts';

/** Amounts in units of 1e-18 ASSAY. */
export type Emission = { readonly epoch: bigint; readonly budget: bigint; readonly minted: bigint };

/** What an epoch may mint and has minted. Default: the current epoch. */
export async function getEmission(chain: ChainReader, deployment: Deployment, epoch?: bigint): Promise<Emission> {
  const { tokenEmission } = deployment.addresses;
  const at = epoch ?? (await read(chain, tokenEmissionAbi, tokenEmission, 'epoch', []));
  const [budget, minted] = await Promise.all([
    read(chain, tokenEmissionAbi, tokenEmission, 'budgetOf', [at]),
    read(chain, tokenEmissionAbi, tokenEmission, 'mintedIn', [at]),
  ]);
  return { epoch: at, budget, minted };
}
