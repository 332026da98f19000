import { BaseError, decodeErrorResult, type Hex, isHex } from 'viem';
import { AssayError, exitCodes, walkCauses } from '../errors.ts';
import { errorsAbi } from './errorsAbi.ts';

/** What to do about a revert, by the contract error's name. */
const hints: Readonly<Record<string, string>> = {
  NotRegistered: 'Register the operator and its hot key first.',
  StakeTooSmall: 'Stake more, or end a lease that holds a bond.',
  StartMoved: 'Another window or answer came first: fetch what the next one starts from, check it, and lease again.',
  LeaseHeld: 'Wait for the lease to end, or expire it after its deadline.',
  PriorityWait: 'Operators of better reputation may lease this window earlier: wait for the block.',
  TooManyUnfinalized: 'Finalize or settle earlier windows first.',
  WindowDone: 'Merge the contributions, or lease the next window.',
  ReleaseTooLate: 'Submit, or let the lease run out.',
  Jailed: 'Wait until the jail ends, then return: unjail.',
  StillJailed: 'Wait for the block in which the jail ends.',
  WrongMode: 'Eager jobs take submitAndSettle only.',
  NotFinalYet: 'Wait for the last block of the silence, or settle with the proof.',
  ProofDemanded: 'Settle with the proof, or wait for the deadline and slash.',
  DemandBondTooSmall: 'The base fee has risen: send more; what is too much can be withdrawn.',
  DrawUnavailable: 'The draw needs the hash of the block after the submission, which the chain keeps for 256 blocks.',
  NewJobsPaused: 'The guardian has stopped new jobs for a while.',
  BondTooSmall: 'Raise the bond to the floor that getParameters gives.',
  LicenceShareTooSmall: 'The dataset asks for a larger licensorBps.',
  InputMissing: 'Wait until the requester has added the input.',
  NotTheWorker: 'The job names the only operator that may answer.',
  NotTheOwner: 'Hidden weights are asked of the operator that registered their checkpoint.',
  NotWellFormed: 'The owner of the checkpoint has to prove it well-formed first.',
  SeedTooEarly: 'Wait for the seed block.',
  SeedMissed: 'Refund the job; its seed can no longer be drawn.',
  DevProfileRefused: 'Everybody knows the secret of the dev ceremony: use the public profile on this chain.',
  UnknownSet: 'The owner of the set has to register it first.',
  DrawTooEarly: 'Wait for the block.',
  DrawTooLate: 'The chain has forgotten the block that draws: this audit stays unfinished, on show; open another.',
  NotDrawn: 'Draw its chunks first.',
  NotCertified: 'Every chunk has to be proved, and the checkpoint shown to be well-formed.',
  NotTheOpener: 'Only the account that opened the audit says what it shows.',
  NotComparable: 'Open the other audit of the same checkpoint, by the same two circuits.',
  GovernorInsufficientProposerVotes: 'Delegate votes to the proposer first; what is staked does not vote.',
  GovernorUnexpectedProposalState: 'getProposal says how far it is.',
  TimelockUnexpectedOperationState: 'Wait until the proposal has been in the timelock for long enough: getProposal says until when.',
  ERC20InsufficientBalance: 'Fund the account with the token.',
  ERC20InsufficientAllowance: 'Approve the spender first.',
};

/** Reverts that say that what was sent is not true. */
const refutations = new Set(['ProofRejected', 'ClaimNotBorneOut']);

const reachability = new Set(['HttpRequestError', 'TimeoutError', 'SocketClosedError', 'WebSocketRequestError']);

const snake = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toUpperCase();

const show = (value: unknown): string =>
  JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? item.toString() : item)).replaceAll('"', '');

/** Finds the revert's bytes wherever viem or the node put them. */
function revertData(error: unknown): Hex | undefined {
  const found = walkCauses(error, (e) => {
    const { data, raw } = e as { data?: unknown; raw?: unknown };
    return (isHex(data) && data.length >= 10) || (isHex(raw) && raw.length >= 10);
  }) as { data?: unknown; raw?: unknown } | undefined;
  if (found === undefined) return undefined;
  return isHex(found.raw) ? found.raw : (found.data as Hex);
}

/** Name and arguments of a typed revert; undefined where no contract here declares it. */
export function decodeRevert(data: Hex): { name: string; args: readonly unknown[] } | undefined {
  try {
    const { errorName, args } = decodeErrorResult({ abi: errorsAbi, data });
    return { name: errorName, args: args ?? [] };
  } catch {
    return undefined;
  }
}

/**
 * Turns whatever a chain call threw into an AssayError.
 *
 * A typed revert `SomethingWrong(a, b)` gets the code `CHAIN_SOMETHING_WRONG`; other codes are CHAIN_RPC_UNREACHABLE (exit code 5),
 * CHAIN_OUT_OF_FUNDS, CHAIN_REVERTED (no typed reason), CHAIN_RPC_FAILED (the node answered with an error).
 */
export function toChainError(error: unknown, rpcUrl?: string): AssayError {
  if (error instanceof AssayError) return error;
  const data = revertData(error);
  const revert = data === undefined ? undefined : decodeRevert(data);
  if (revert !== undefined) {
    const hint = hints[revert.name];
    return new AssayError(`CHAIN_${snake(revert.name)}`, `the contract refused: ${revert.name}(${revert.args.map(show).join(', ')})`, {
      cause: error,
      exitCode: refutations.has(revert.name) ? exitCodes.proofInvalid : exitCodes.failure,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  const name = (e: unknown): string => (e instanceof Error ? e.name : '');
  if (walkCauses(error, (e) => reachability.has(name(e))) !== undefined) {
    return new AssayError('CHAIN_RPC_UNREACHABLE', `no answer from ${rpcUrl ?? 'the RPC endpoint'}`, {
      cause: error,
      hint: 'Start the node, or give another --rpc URL.',
      exitCode: exitCodes.network,
    });
  }
  const message = error instanceof BaseError ? error.shortMessage : error instanceof Error ? error.message : String(error);
  const details = error instanceof BaseError ? { details: error.details } : {};
  if (walkCauses(error, (e) => name(e) === 'InsufficientFundsError') !== undefined) {
    return new AssayError('CHAIN_OUT_OF_FUNDS', 'the account cannot pay for the gas', {
      cause: error,
      hint: 'Fund the account with native coins.',
    });
  }
  const reverted = walkCauses(error, (e) => ['ExecutionRevertedError', 'ContractFunctionRevertedError'].includes(name(e))) !== undefined;
  return new AssayError(reverted ? 'CHAIN_REVERTED' : 'CHAIN_RPC_FAILED', message, {
    cause: error,
    exitCode: reverted ? exitCodes.failure : exitCodes.network,
    ...details,
  });
}
