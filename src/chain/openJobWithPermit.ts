import { read } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { datasetRegistryAbi } from './generated/DatasetRegistry.ts';
import { type JobTerms, type OpenJobReturnType, openWith } from './openJob.ts';
import type { Permit } from './signPermit.ts';

/**
 * `openJob` with a permit of the job's token instead of an allowance (of ASSAY: price and fee of every unit together).
 *
 * @param permit signed by the sender for the JobManager (`signPermit`)
 */
export async function openJobWithPermit(
  chain: ChainWriter,
  deployment: Deployment,
  terms: JobTerms,
  permit: Permit,
): Promise<OpenJobReturnType> {
  const { datasetRegistry } = deployment.addresses;
  const licensorBps =
    terms.licensorBps ?? (await read(chain, datasetRegistryAbi, datasetRegistry, 'dataset', [terms.datasetId])).terms.feeBps;
  return openWith(chain, deployment, { ...terms, licensorBps }, permit);
}
