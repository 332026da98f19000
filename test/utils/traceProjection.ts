import type { Address, Hex } from 'viem';
import { isInference, jobOf, lapsesOf, pendingUnits } from '../../src/protocol/model/jobs.ts';
import { headOf } from '../../src/protocol/model/leases.ts';
import { factorOf, scoreOf } from '../../src/protocol/model/reputation.ts';
import { freeStake, isJailed, stakeOf } from '../../src/protocol/model/stakes.ts';
import { type LeaseState, type State, zeroAddress, zeroHash } from '../../src/protocol/model/state.ts';
import { balanceOf } from '../../src/protocol/model/tokens.ts';
import { weightAt } from '../../src/protocol/model/weights.ts';
import { epochOf } from '../../src/protocol/supply.ts';
import type { Contract, ReadCall, TraceChain } from './traceChain.ts';
import type { Memory } from './traces.ts';

/** One view of the contracts and what the model says that it answers. Of a struct, only the named fields count. */
type Fact = { readonly label: string; readonly call: ReadCall; readonly expected: unknown };

const jobStates = ['None', 'Open', 'Active', 'Paused', 'Completed', 'Cancelled'];
const leaseStates: readonly (LeaseState | 'None')[] = [
  'None',
  'Held',
  'Lapsed',
  'Submitted',
  'Finalized',
  'Rejected',
  'Orphaned',
  'Released',
  'Revoked',
];
const seatStates = ['Empty', 'Committed', 'Revealed', 'Settled'];

/** Everything that both keep. */
function factsOf(chain: TraceChain, state: State, memory: Memory): Fact[] {
  const { contracts, cast, world } = chain;
  const env = chain.environment(chain.head());
  const facts: Fact[] = [];
  const add = (label: string, contract: Contract, name: string, args: readonly unknown[], expected: unknown): void => {
    facts.push({ label, call: [contract, name, args], expected });
  };
  const { token } = contracts;
  const pay: Contract = { ...token, address: cast.payToken };
  const tokens = [token, pay];
  const accounts: Address[] = [...cast.requesters, ...cast.operators, ...cast.hotKeys.flat(), ...cast.finders, cast.treasury];

  add('supply', token, 'totalSupply', [], state.supply);
  for (const at of tokens) {
    for (const account of [...accounts, world.stakeManager, world.rewardDistributor, world.jobManager]) {
      add(`balance ${at.address} ${account}`, at, 'balanceOf', [account], balanceOf(state, at.address, account));
    }
    for (const account of accounts) {
      const owed = state.claimable[`${at.address}/${account}`] ?? 0n;
      add(`claimable ${at.address} ${account}`, contracts.rewardDistributor, 'claimable', [at.address, account], owed);
    }
    const sum = (entries: Record<string, bigint>, of: (key: string) => boolean): bigint =>
      Object.entries(entries).reduce((total, [key, amount]) => (of(key) ? total + amount : total), 0n);
    const escrowed = sum(state.escrow, (key) => key.endsWith(`/${at.address}`));
    const owed = sum(state.claimable, (key) => key.startsWith(`${at.address}/`));
    add(`liabilities ${at.address}`, contracts.rewardDistributor, 'liabilities', [at.address], [escrowed, owed]);
  }

  let totalStake = 0n;
  let totalWeight = 0n;
  for (const operator of [...cast.operators, ...cast.requesters]) {
    const { active, locked, unbonding, releaseBlock, jailedUntil, debt } = stakeOf(state, operator);
    totalStake += active + unbonding;
    const weight = weightAt(state, operator, env.block);
    totalWeight += weight;
    const { stakeManager, nodeRegistry, validatorManager, reputationRegistry } = contracts;
    add(`stake ${operator}`, stakeManager, 'stakeOf', [operator], { active, locked, unbonding, releaseBlock, jailedUntil, debt });
    add(`free ${operator}`, stakeManager, 'freeStake', [operator], freeStake(state, operator));
    add(`jailed ${operator}`, stakeManager, 'isJailed', [operator], isJailed(state, operator));
    const node = state.nodes[operator] ?? { hotKey: zeroAddress, registrationNonce: 0n };
    add(`node ${operator}`, nodeRegistry, 'node', [operator], node);
    add(`weight ${operator}`, validatorManager, 'weightOf', [operator], weight);
    add(`score ${operator}`, reputationRegistry, 'scoreOf', [operator], scoreOf(state, env, operator));
    add(`factor ${operator}`, reputationRegistry, 'factorOf', [operator], factorOf(state, env, operator));
  }
  add('total stake', contracts.stakeManager, 'totalStake', [], totalStake);
  add('total weight', contracts.validatorManager, 'totalWeight', [], totalWeight);
  for (const key of cast.hotKeys.flat()) add(`owner ${key}`, contracts.nodeRegistry, 'ownerOf', [key], state.hotKeys[key] ?? zeroAddress);
  for (const account of accounts) add(`coin owed ${account}`, contracts.challengeManager, 'owedTo', [account], state.owed[account] ?? 0n);
  for (const commitment of memory.commitments) {
    add(`commitment ${commitment}`, contracts.challengeManager, 'committedBlock', [commitment], state.committed[commitment] ?? 0n);
  }
  const epoch = epochOf(world.deployedBlock, env.block);
  add('minted', contracts.tokenEmission, 'mintedIn', [epoch], state.minted[epoch.toString()] ?? 0n);
  add('gas price', contracts.parameters, 'gasPrice', [], state.gasPrice);
  add('emission share', contracts.parameters, 'emissionBps', [], state.emissionBps);
  add('paused until', contracts.parameters, 'pausedUntil', [], state.pausedUntil);
  add('jobs', contracts.jobManager, 'jobCount', [], state.jobCount);

  for (const jobId of Object.keys(state.jobs).map(BigInt)) jobFacts(jobId);
  for (const submissionId of Object.keys(state.leases) as Hex[]) leaseFacts(submissionId);
  return facts;

  function jobFacts(jobId: bigint): void {
    const { jobManager, windowManager, rewardDistributor } = contracts;
    const job = jobOf(state, jobId);
    const { terms, requester, unitsLeft, openBlock, activeBlock, licensor, emissionBps, batchSeed, datasetRoot } = job;
    const facts = { requester, unitsLeft, openBlock, activeBlock, licensor, emissionBps, batchSeed, datasetRoot };
    add(`job ${jobId}`, jobManager, 'jobOf', [jobId], { ...facts, state: BigInt(jobStates.indexOf(job.state)) });
    add(`inputs ${jobId}`, jobManager, 'inputCount', [jobId], BigInt(job.inputs.length));
    const progress = state.progress[jobId.toString()];
    if (progress === undefined) return;
    add(`progress ${jobId}`, windowManager, 'progressOf', [jobId], progress);
    for (const at of new Set([terms.token, world.token])) {
      add(`escrow ${jobId} ${at}`, rewardDistributor, 'escrowOf', [jobId, at], state.escrow[`${jobId}/${at}`] ?? 0n);
    }
    add(`pending ${jobId}`, windowManager, 'pendingUnits', [jobId], pendingUnits(state, jobId));
    add(`lapses ${jobId}`, windowManager, 'lapsesOf', [jobId], lapsesOf(state, env, jobId));
    if (!isInference(state, job)) add(`head ${jobId}`, windowManager, 'headOf', [jobId], headOf(state, jobId));
    add(`final head ${jobId}`, windowManager, 'finalHeadOf', [jobId], [progress.finalId, progress.finalized]);
    for (let c = 0n; c < terms.contributions; c++) {
      const slot = state.slots[`${jobId}/${c}`];
      const fresh = slot === undefined || slot.windowIndex !== progress.submitted || slot.epoch !== progress.epoch;
      const empty = { held: 0n, lapsedAt: 0n, releases: 0n, raced: false, done: false };
      const { held, lapsedAt, releases, raced, done } = fresh ? empty : slot;
      add(`slot ${jobId}/${c}`, windowManager, 'slotOf', [jobId, c], { held, lapsedAt, releases, raced, done });
    }
    for (let w = 0n; w < progress.submitted + 2n; w++) {
      add(`holder ${jobId}/${w}`, windowManager, 'submissionAt', [jobId, w], state.holders[`${jobId}/${w}`] ?? zeroHash);
    }
    if (!isInference(state, job)) return;
    for (let w = 0n; w < terms.windows; w++) {
      const holder = state.holders[`${jobId}/${w}`];
      const outputs = w < progress.finalized && holder !== undefined ? state.submissions[holder]?.outputs : undefined;
      add(`answer ${jobId}/${w}`, windowManager, 'answerOf', [jobId, w], outputs);
    }
  }

  function leaseFacts(submissionId: Hex): void {
    const { windowManager, challengeManager, validatorManager } = contracts;
    const lease = state.leases[submissionId];
    if (lease === undefined) return;
    const { terms } = jobOf(state, lease.jobId);
    add(`lease ${submissionId}`, windowManager, 'leaseOf', [submissionId], {
      ...lease,
      state: BigInt(leaseStates.indexOf(lease.state)),
    });
    const made = terms.mode === 1n ? state.submissions[submissionId] : undefined;
    const { statementHash, proofHash, resultId, submittedAt, proved, withheld } = made ?? {
      statementHash: zeroHash,
      proofHash: zeroHash,
      resultId: 0n,
      submittedAt: 0n,
      proved: false,
      withheld: false,
    };
    add(`submission ${submissionId}`, windowManager, 'submissionOf', [submissionId], {
      statementHash,
      proofHash,
      resultId,
      submittedAt,
      proved,
      withheld,
    });
    const demand = state.demands[submissionId] ?? { challenger: zeroAddress, bond: 0n, deadline: 0n, open: false };
    add(`demand ${submissionId}`, challengeManager, 'demandOf', [submissionId], demand);
    for (const operator of cast.operators) {
      const slashed = state.slashed[`${operator}/${submissionId}`] === true;
      add(`slashed ${operator} ${submissionId}`, challengeManager, 'isSlashed', [operator, submissionId], slashed);
      const debt = state.debts[`${operator}/${submissionId}`] ?? { finder: zeroAddress, amount: 0n };
      add(`debt ${operator} ${submissionId}`, challengeManager, 'debtOf', [operator, submissionId], debt);
    }
    for (let seat = 0n; seat < terms.validators; seat++) {
      const kept = state.seats[`${submissionId}/${seat}`];
      const { operator, bond, commitment, digest } = kept ?? { operator: zeroAddress, bond: 0n, commitment: zeroHash, digest: zeroHash };
      const at = BigInt(seatStates.indexOf(kept?.state ?? 'Empty'));
      add(`seat ${submissionId}/${seat}`, validatorManager, 'seatOf', [submissionId, seat], {
        operator,
        bond,
        commitment,
        digest,
        state: at,
      });
    }
  }
}

/** Comparable text: numbers of any kind alike, addresses in lower case, of a struct what `like` names. */
function text(value: unknown, like: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint' || typeof value === 'number') return value.toString();
  if (typeof value === 'string') return value.toLowerCase();
  if (Array.isArray(value)) return `[${value.map((item, i) => text(item, Array.isArray(like) ? like[i] : undefined)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys((typeof like === 'object' && like !== null ? like : value) as object).sort();
    return `{${names.map((name) => `${name}: ${text((value as Record<string, unknown>)[name], undefined)}`).join(', ')}}`;
  }
  return String(value);
}

/** Where contracts and model differ: one line each. */
export async function differences(chain: TraceChain, state: State, memory: Memory): Promise<string[]> {
  const facts = factsOf(chain, state, memory);
  const answers = await chain.read(facts.map(({ call }) => call));
  const found = facts.flatMap(({ label, expected }, i) => {
    const [model, contract] = [text(expected, expected), text(answers[i], expected)];
    return model === contract ? [] : [`${label}\n    model    ${model}\n    contract ${contract}`];
  });
  const coin = await chain.coinOf(chain.world.challengeManager);
  return coin === state.coin ? found : [...found, `coin of the ChallengeManager: model ${state.coin}, contract ${coin}`];
}
