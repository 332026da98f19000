import { existsSync } from 'node:fs';
import type { Address, Hex } from 'viem';
import type { CommandContext } from '../framework/command.ts';

/** Chain and verifier contract that a proof made on the command line is for, and the code that stands there. */
export type VerifierBinding = {
  readonly chainId: bigint;
  readonly statementVerifier: Address;
  readonly statementVerifierCode: Hex;
  readonly deployed: boolean;
};

/** Where nothing is deployed a proof is bound to this address on the devnet's chain id: it can be verified from its file alone, not on chain. */
const offlineVerifier: Address = '0x0000000000000000000000000000000000a55a70';

/** Whether the settings name a deployment, whose contracts can judge a proof. */
export const isDeployed = ({ settings }: CommandContext): boolean => existsSync(settings.deployment);

/** The verifier of the deployment in the settings, where there is one; otherwise the same code at an address of no chain. */
export async function verifierBinding(
  context: CommandContext,
  name: 'honkInference' | 'groth16Inference' | 'wellFormed' | 'membership' | 'audit',
): Promise<VerifierBinding> {
  const code = await verifierCode(name);
  if (!isDeployed(context)) return { chainId: 31337n, statementVerifier: offlineVerifier, statementVerifierCode: code, deployed: false };
  const { readDeployment } = await import('../../chain/deployment.ts');
  const { chainId, addresses } = readDeployment(context.settings.deployment);
  return { chainId: BigInt(chainId), statementVerifier: addresses[`${name}Verifier`], statementVerifierCode: code, deployed: true };
}

/** Runtime code of a statement verifier, as this package compiles it. */
export async function verifierCode(
  name: 'honkInference' | 'groth16Inference' | 'wellFormed' | 'window' | 'membership' | 'audit',
): Promise<Hex> {
  switch (name) {
    case 'honkInference':
      return (await import('../../chain/generated/HonkInferenceVerifier.ts')).honkInferenceVerifierDeployedBytecode;
    case 'groth16Inference':
      return (await import('../../chain/generated/Groth16InferenceVerifier.ts')).groth16InferenceVerifierDeployedBytecode;
    case 'wellFormed':
      return (await import('../../chain/generated/WellFormedVerifier.ts')).wellFormedVerifierDeployedBytecode;
    case 'membership':
      return (await import('../../chain/generated/MembershipVerifier.ts')).membershipVerifierDeployedBytecode;
    case 'audit':
      return (await import('../../chain/generated/AuditVerifier.ts')).auditVerifierDeployedBytecode;
    case 'window':
      return (await import('../../chain/generated/WindowVerifier.ts')).windowVerifierDeployedBytecode;
  }
}
