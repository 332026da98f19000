import { concatHex, type Hex, keccak256, numberToHex } from 'viem';
import type { Action } from '../../src/protocol/model/action.ts';
import { apply } from '../../src/protocol/model/apply.ts';
import { type Environment, initialState, type State, zeroHash } from '../../src/protocol/model/state.ts';
import { prologue, pureCast, pureWorld, purse, pursesOf } from './traceCast.ts';
import { abstractCheckpointId, type Cast, type Memory, newMemory, nextStep, Random, scriptedVerify } from './traces.ts';

export type Outcome = { readonly action: Action; readonly block: bigint; readonly error: string | undefined };
export type Visit = (before: State, after: State, outcome: Outcome, env: Environment) => void;
export type PureTrace = {
  readonly state: State;
  readonly cast: Cast;
  readonly memory: Memory;
  readonly env: (block: bigint) => Environment;
  readonly block: bigint;
};

/** What the model finds at a block of a chain whose hashes follow from a seed. */
function environment(block: bigint, seed: number): Environment {
  return {
    block,
    baseFee: 7n,
    blockHash: (n): Hex => keccak256(concatHex([numberToHex(BigInt(seed), { size: 32 }), numberToHex(n, { size: 32 })])),
    verify: scriptedVerify,
    checkpointId: abstractCheckpointId,
  };
}

function step(state: State, action: Action, env: Environment, visit: Visit | undefined): State {
  const applied = apply(state, action, env);
  const error = 'error' in applied ? applied.error : undefined;
  const after = 'error' in applied ? state : applied.state;
  visit?.(state, after, { action, block: env.block, error }, env);
  return after;
}

/** Runs a random trace of `steps` actions on the model alone. */
export function runPureTrace(seed: number, steps: number, visit?: Visit): PureTrace {
  const draft = pureCast(0n);
  const modelId = Object.values(pureWorld(draft).circuits)[0]?.modelId ?? zeroHash;
  const cast = pureCast(abstractCheckpointId(modelId, draft.genesisPoints));
  const world = pureWorld(cast);
  const supply = purse * BigInt(cast.requesters.length + cast.operators.length);
  const memory = newMemory(cast);
  let state = initialState(world, pursesOf(cast, world.token), supply);
  let head = 10n;
  for (const action of prologue) {
    head += 1n;
    state = step(state, action, environment(head, seed), undefined);
  }
  for (let i = 0; i < steps; i++) {
    const random = new Random(seed * 1_009 + i);
    const { at, action } = nextStep(state, environment(head + 1n, seed), cast, memory, random);
    const block = at > head ? at : head + 1n;
    const before = state;
    state = step(state, action, environment(block, seed), visit);
    head = state === before ? block - 1n : block;
  }
  return { state, cast, memory, env: (block) => environment(block, seed), block: head };
}
