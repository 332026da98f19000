import type { ChainReader } from '../chain/connectChain.ts';
import type { Deployment } from '../chain/deployment.ts';
import { windowVerifierDeployedBytecode } from '../chain/generated/WindowVerifier.ts';
import { getDataset } from '../chain/getDataset.ts';
import type { Job } from '../chain/getJob.ts';
import type { WindowArtifacts } from '../proof/windowArtifacts.ts';
import { type FindCircuitParameters, findCircuit } from './jobMaterial.ts';

/** Rebuilds the circuit of a job from this package's own sources. @throws CIRCUIT_MISMATCH (exit code 6) */
export async function findJobCircuit(
  chain: ChainReader,
  deployment: Deployment,
  job: Job,
  parameters: Pick<FindCircuitParameters, 'ceremony' | 'cacheDirectory' | 'onCompile'>,
): Promise<WindowArtifacts> {
  const { depth } = await getDataset(chain, deployment, job.datasetId);
  return findCircuit({
    ...parameters,
    circuitId: job.circuitId,
    statementVerifierCode: windowVerifierDeployedBytecode,
    steps: job.steps,
    treeDepth: depth,
    modelId: job.modelId,
  });
}
