import type { Address } from 'viem';
import { refuse } from './refuse.ts';
import { type State, zeroAddress } from './state.ts';

/** Appoints a hot key, whose signature is taken as given. */
export function registerNode(state: State, sender: Address, hotKey: Address): void {
  if (hotKey === zeroAddress) refuse('ZeroHotKey');
  const senderOwner = state.hotKeys[sender];
  if (senderOwner !== undefined && senderOwner !== sender) refuse('SenderIsHotKey');
  const owner = state.hotKeys[hotKey];
  if (owner !== undefined && owner !== sender) refuse('HotKeyTaken');
  if (hotKey !== sender && state.nodes[hotKey] !== undefined) refuse('HotKeyTaken');
  state.hotKeys[hotKey] = sender;
  state.nodes[sender] = { hotKey, registrationNonce: (state.nodes[sender]?.registrationNonce ?? 0n) + 1n };
}

export function deregisterNode(state: State, sender: Address): void {
  const node = state.nodes[sender];
  if (node === undefined || node.hotKey === zeroAddress) refuse('NotRegistered');
  state.nodes[sender] = { hotKey: zeroAddress, registrationNonce: node.registrationNonce + 1n };
}

/** The operator for whom an account may act now. */
export function operatorFor(state: State, account: Address): Address {
  const own = state.nodes[account];
  if (own !== undefined && own.hotKey !== zeroAddress) return account;
  const owner = state.hotKeys[account];
  if (owner === undefined || state.nodes[owner]?.hotKey !== account) return refuse('NotRegistered');
  return owner;
}

/** Whether the account is the operator or its current hot key. */
export function actsFor(state: State, operator: Address, account: Address): boolean {
  return account === operator || (account !== zeroAddress && state.nodes[operator]?.hotKey === account);
}
