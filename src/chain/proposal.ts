import { type Address, type Hex, keccak256, toHex } from 'viem';

/** A call that the timelock makes once a vote for it is won. */
export type GovernedCall = {
  readonly to: Address;
  readonly data: Hex;
  /** Native coin, in wei. Default 0. */
  readonly value?: bigint;
};

/** What is voted on: calls, in order, and why. Both together are what its id is the hash of. */
export type Proposal = { readonly calls: readonly GovernedCall[]; readonly description: string };

/** A proposal's calls as the governor takes them. */
export function proposedCalls({ calls }: Proposal): readonly [readonly Address[], readonly bigint[], readonly Hex[]] {
  return [calls.map(({ to }) => to), calls.map(({ value = 0n }) => value), calls.map(({ data }) => data)];
}

/** A proposal as the governor knows it again: its calls, and the hash of its description. */
export function proposalArguments(proposal: Proposal): readonly [...ReturnType<typeof proposedCalls>, Hex] {
  return [...proposedCalls(proposal), keccak256(toHex(proposal.description))];
}
