import { readdirSync } from 'node:fs';
import type { Abi, AbiFunction } from 'viem';
import { deploymentModules } from '../../src/chain/deployment.ts';

/** What has no action of its own, by reason. */
export const withoutAction: Readonly<Record<string, readonly string[]>> = {
  'the contracts call one another; anybody else is refused': [
    'ChallengeManager.closeDemand',
    'ChallengeManager.markSlashed',
    'JobManager.complete',
    'JobManager.paySeat',
    'JobManager.payUnit',
    'JobManager.refundRest',
    'ModelRegistry.recordCheckpoint',
    'ModelRegistry.recordMerge',
    'ReputationRegistry.gain',
    'ReputationRegistry.lose',
    'RewardDistributor.burnFromEscrow',
    'RewardDistributor.claimFor',
    'RewardDistributor.creditFromEscrow',
    'RewardDistributor.creditTransferred',
    'RewardDistributor.receiveEscrow',
    'StakeManager.collect',
    'StakeManager.lock',
    'StakeManager.penalise',
    'StakeManager.slash',
    'StakeManager.unlock',
    'TokenEmission.emitFor',
    'AssayToken.mint',
    'ValidatorManager.stakeChanged',
    'WindowManager.reject',
    'WindowManager.revoke',
  ],
  'the router asks statement verifiers': [
    'AuditVerifier',
    'Groth16InferenceVerifier',
    'HonkInferenceVerifier',
    'MembershipVerifier',
    'WellFormedVerifier',
    'WindowVerifier',
  ].flatMap((verifier) => [`${verifier}.describe`, `${verifier}.verify`]),
  'computed here as it is there, or told by another action': [
    'AuditRegistry.auditCount',
    'AuditRegistry.contextOf',
    'ChallengeManager.demandBond',
    'JobManager.announcementDigest',
    'JobManager.eip712Domain',
    'ModelRegistry.wellFormedContext',
    'NodeRegistry.eip712Domain',
    'NodeRegistry.hotKeyDigest',
    'StakeManager.freeStake',
    'StakeManager.isJailed',
    'StakeManager.jailBlocks',
    'TokenEmission.startBlock',
  ],
  'of any ERC-20 with votes': [
    'burn',
    'burnFrom',
    'checkpoints',
    'clock',
    'decimals',
    'delegateBySig',
    'getPastTotalSupply',
    'getPastVotes',
    'name',
    'numCheckpoints',
    'permit',
    'symbol',
    'totalSupply',
    'transferFrom',
  ].map((name) => `AssayToken.${name}`),
  'of any OpenZeppelin governor: other ways to vote, what a vote alone can call, and what the records tell': [
    'castVote',
    'castVoteBySig',
    'castVoteWithReasonAndParams',
    'castVoteWithReasonAndParamsBySig',
    'clock',
    'eip712Domain',
    'getProposalId',
    'getVotes',
    'getVotesWithParams',
    'hasVoted',
    'hashProposal',
    'name',
    'nonces',
    'onERC1155BatchReceived',
    'onERC1155Received',
    'onERC721Received',
    'proposalNeedsQueuing',
    'quorumDenominator',
    'quorumNumerator',
    'relay',
    'setProposalThreshold',
    'setVotingDelay',
    'setVotingPeriod',
    'supportsInterface',
    'updateQuorumNumerator',
    'updateTimelock',
    'version',
  ].map((name) => `AssayGovernor.${name}`),
};

const folder = new URL('../../src/chain/generated/', import.meta.url);
const modules = new Set<string>([...deploymentModules, 'minter']);

/** A function of a deployed contract: `call` is `Contract.function`. */
export type ContractCall = { readonly call: string; readonly abiName: string; readonly name: string; readonly writes: boolean };

/** Every function of every contract, but for constants and for who the other contracts are. */
export async function callsOfUsers(): Promise<ContractCall[]> {
  const calls: ContractCall[] = [];
  for (const file of readdirSync(folder)) {
    // The governor is the only one that calls its timelock.
    if (file === 'TimelockController.ts') continue;
    const made = (await import(/* @vite-ignore */ new URL(file, folder).href)) as Record<string, unknown>;
    const [abiName, abi] = Object.entries(made).find(([, value]) => Array.isArray(value)) as [string, Abi];
    const functions = abi.filter((item): item is AbiFunction => item.type === 'function');
    for (const { name, stateMutability } of functions) {
      if (/^[A-Z_]+$/.test(name) || name === 'wiring' || modules.has(name)) continue;
      const writes = stateMutability === 'nonpayable' || stateMutability === 'payable';
      calls.push({ call: `${file.slice(0, -3)}.${name}`, abiName, name, writes });
    }
  }
  return calls;
}
