import { type Address, encodeAbiParameters, encodePacked, type Hex, hexToBytes, keccak256, numberToHex } from 'viem';
import { evidenceCommitment, proofHash, statementHash } from '../../src/commitment/ids.ts';
import type { Action, Announcement } from '../../src/protocol/model/action.ts';
import { demandBond } from '../../src/protocol/model/demands.ts';
import { isInference, jobOf, lapsesOf } from '../../src/protocol/model/jobs.ts';
import { headOf, isVoid } from '../../src/protocol/model/leases.ts';
import { mergedPoints } from '../../src/protocol/model/merges.ts';
import { bondFloor } from '../../src/protocol/model/parameters.ts';
import { factorOf } from '../../src/protocol/model/reputation.ts';
import { freeStake, isJailed, stakeOf } from '../../src/protocol/model/stakes.ts';
import { type Environment, type Lease, type State, type Terms, zeroAddress, zeroHash } from '../../src/protocol/model/state.ts';
import { contextFor, statementFor, toldOpen } from '../../src/protocol/model/submissions.ts';
import { attestationCommitment, digestOf, drawnFor } from '../../src/protocol/model/validators.ts';

// Random traces of settlement: at each step an action that the state makes likely, now and then one that is wrong. A step depends on its own seed
// and on the state that it finds, so a trace from which steps were taken is a trace, too.

/** A small generator of pseudo-random numbers (xorshift of 32 bits). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ 0x5bd1e995) | 0 || 1;
    for (let i = 0; i < 8; i++) this.int(2);
  }

  /** An integer in [0, n). */
  int(n: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % n;
  }

  chance(percent: number): boolean {
    return this.int(10_000) < percent * 100;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.int(list.length)];
    if (item === undefined && list.length === 0) throw new Error('nothing to pick from');
    return item as T;
  }

  between(low: number, high: number): bigint {
    return BigInt(low + this.int(high - low + 1));
  }

  word(): Hex {
    return keccak256(numberToHex(this.int(2 ** 31)));
  }
}

/** Who takes part. Keys of actors are addresses in lower case. */
export type Cast = {
  readonly requesters: readonly Address[];
  readonly operators: readonly Address[];
  /** Two hot keys for each operator. */
  readonly hotKeys: readonly (readonly Address[])[];
  readonly finders: readonly Address[];
  readonly treasury: Address;
  readonly payToken: Address;
  readonly training: Hex;
  readonly inference: Hex;
  readonly wellFormed: Hex;
  readonly dataset: Hex;
  readonly genesisPoints: readonly bigint[];
  readonly genesisId: bigint;
};

type Evidence = { readonly submissionId: Hex; readonly finder: Address; readonly make: (sender: Address) => Action };
type Attested = { readonly digest: Hex; readonly salt: Hex };

/** What the actors know and the chain does not: preimages of what they submitted, committed, attested. */
export type Memory = {
  readonly proofs: Map<Hex, { statement: readonly bigint[]; proof: Hex; opening: Hex }>;
  readonly evidence: Evidence[];
  readonly attested: Map<string, Attested>;
  /** Logarithms of a checkpoint's points, by its id. */
  readonly points: Map<bigint, readonly bigint[]>;
  readonly commitments: Set<Hex>;
};

export function newMemory(cast: Cast): Memory {
  return {
    proofs: new Map(),
    evidence: [],
    attested: new Map(),
    points: new Map([[cast.genesisId, cast.genesisPoints]]),
    commitments: new Set(),
  };
}

/** An action and the block that it waits for; at once where that is not ahead. */
export type Step = { readonly at: bigint; readonly action: Action };

const ether = 10n ** 18n;
const opening: Hex = '0x6f70656e696e67';

/** What the scripted verifier takes for a proof of this statement. */
export function boundProof(circuitId: Hex, open: boolean, statement: readonly bigint[]): Hex {
  const hash = keccak256(encodePacked(['bytes32', 'uint256', 'uint256[]'], [circuitId, open ? 1n : 0n, [...statement]]));
  return `0x01${hash.slice(2)}`;
}

/** The scripted verifier. */
export function scriptedVerify(circuitId: Hex, open: boolean, statement: readonly bigint[], proof: Hex, given: Hex): boolean {
  return given.length === opening.length && proof === boundProof(circuitId, open, statement);
}

/** What is not a proof: refused, reverting, answering something else, too long. */
function falseProof(random: Random): Hex {
  const kind = random.pick(['00', '00', '00', '02', '04', '05', '08', '01']);
  return `0x${kind}${random.word().slice(2)}${random.chance(5) ? '00' : ''}`;
}

/** One step that fits the state; `head` is the latest block. */
export function nextStep(state: State, env: Environment, cast: Cast, memory: Memory, random: Random): Step {
  const options = [...choices(state, env, cast, memory, random)];
  const total = options.reduce((sum, [weight]) => sum + weight, 0);
  let at = random.int(1_000_000) * (total / 1_000_000);
  let step: Step | undefined;
  for (const [weight, make] of options) {
    if (at < weight) {
      step = make();
      break;
    }
    at -= weight;
  }
  step ??= { at: 0n, action: { kind: 'unjail', sender: random.pick(cast.operators) } };
  return random.chance(12) ? perturb(step, state, cast, random) : step;
}

/** Of such a job the windows are submitted one after the other, so that many wait to be final. */
function hurried(terms: Terms): boolean {
  return terms.mode === 1n && terms.windows === 10n && terms.price === 7n;
}

type Choice = readonly [weight: number, make: () => Step];

function everybody(cast: Cast): Address[] {
  return [...cast.requesters, ...cast.operators, ...cast.hotKeys.flat(), ...cast.finders];
}

/** The same step, wrong in one thing, mostly. */
function perturb(step: Step, state: State, cast: Cast, random: Random): Step {
  const { action } = step;
  const how = random.int(5);
  if (how === 0) return { ...step, action: { ...action, sender: random.pick(everybody(cast)) } };
  if (how === 1) return { at: step.at - 1n, action };
  if (how === 2 && 'jobId' in action) return { ...step, action: { ...action, jobId: random.between(0, Number(state.jobCount) + 1) } };
  const submissions = Object.keys(state.leases) as Hex[];
  if (how <= 3 && 'submissionId' in action && submissions.length > 0) {
    return { ...step, action: { ...action, submissionId: random.chance(10) ? random.word() : random.pick(submissions) } };
  }
  return { at: step.at, action: spoil(action, random) };
}

function spoiltResults(results: readonly bigint[], random: Random): readonly bigint[] {
  return random.chance(50) ? results.slice(1) : [2n ** 255n, ...results.slice(1)];
}

function spoil(action: Action, random: Random): Action {
  switch (action.kind) {
    case 'openJob':
      return { ...action, terms: spoiltTerms(action.terms, random) };
    case 'lease':
      return random.chance(50) ? { ...action, expectedId: 17n } : { ...action, contributionIndex: action.contributionIndex + 1n };
    case 'submit':
      return random.chance(34)
        ? { ...action, statementHash: random.word() }
        : { ...action, results: spoiltResults(action.results, random) };
    case 'submitAndSettle':
      return { ...action, results: spoiltResults(action.results, random) };
    case 'settle':
    case 'slashByEvidence':
      return random.chance(50) ? { ...action, proof: falseProof(random) } : { ...action, statement: [1n, ...action.statement.slice(1)] };
    case 'slashByEquivocation':
      return random.chance(50)
        ? { ...action, second: action.first, secondStatement: action.firstStatement }
        : { ...action, salt: random.word() };
    case 'merge': {
      const [first = [], ...rest] = action.children;
      return random.pick([
        { ...action, base: action.base.map((point) => point + 1n) },
        { ...action, children: [first.map((point) => point + 1n), ...rest] },
        { ...action, children: rest },
        { ...action, children: [first.slice(1), ...rest] },
      ]);
    }
    case 'collectDebt':
      return { ...action, operator: random.word().slice(0, 42) as Address };
    case 'demand':
      return { ...action, value: random.chance(50) ? action.value - 1n : action.value + 7n };
    case 'stake':
    case 'unbond':
    case 'rebond':
      return { ...action, amount: random.chance(50) ? 0n : action.amount * 1_000n };
    case 'commitAttestation':
    case 'revealAttestation':
      return { ...action, seat: action.seat + 1n };
    case 'addInputs':
      return { ...action, inputs: random.pick([[], [2n ** 255n], Array.from({ length: 65 }, () => 1n)]) };
    case 'claimMany':
      return { ...action, accounts: action.accounts.slice(1) };
    case 'registerNode':
      return { ...action, hotKey: zeroAddress };
    case 'setGasPrice':
      return { ...action, price: 1n };
    case 'setEmissionBps':
      return { ...action, bps: 5_001n };
    case 'pauseNewJobs':
      return { ...action, blocks: 60_000n };
    case 'exposeDigest':
      return { ...action, proof: falseProof(random) };
    default:
      return action;
  }
}

function spoiltTerms(terms: Terms, random: Random): Terms {
  return {
    ...terms,
    ...random.pick<Partial<Terms>>([
      { windows: 0n },
      { windows: 1_000_001n },
      { leaseBlocks: 61n },
      { freeReleaseBlocks: terms.leaseBlocks },
      { priorityBlocks: terms.leaseBlocks },
      { evidenceBlocks: 0n },
      { evidenceBlocks: 57n },
      { maxLapses: 0n },
      { finalityBlocks: terms.mode === 0n ? 10n : 9n },
      { answerBlocks: terms.mode === 0n ? 10n : 9n },
      { validators: 4n },
      { validators: 1n, validatorBps: 100n },
      { contributions: 0n },
      { contributions: 2n },
      { contributions: 9n },
      { price: 0n },
      { price: 10n ** 36n },
      { bond: 10n ** 17n, lapsePenalty: 0n },
      { lapsePenalty: terms.bond + 1n },
      { validatorBps: 5_001n },
      { treasuryBps: 5_001n, treasury: `0x${'44'.repeat(20)}` },
      { treasury: zeroAddress, treasuryBps: 3n },
      { treasury: `0x${'44'.repeat(20)}`, treasuryBps: 0n },
      { open: false, worker: zeroAddress },
      { open: false, worker: `0x${'44'.repeat(20)}`, wellFormedCircuit: `0x${'33'.repeat(32)}` },
      { open: false, wellFormedCircuit: zeroHash },
      { wellFormedCircuit: `0x${'33'.repeat(32)}` },
      { genesisId: 5n },
      { datasetId: `0x${'22'.repeat(32)}` },
      { circuitId: `0x${'11'.repeat(32)}` },
      { mode: 2n },
      { licensorBps: 0n },
    ]),
  };
}

/** Terms of any kind of job that can be opened, with short times. */
function someTerms(state: State, cast: Cast, memory: Memory, random: Random): Terms {
  const inference = random.chance(35);
  const mode = random.chance(60) ? 1n : 0n;
  const open = random.chance(85);
  const floor = bondFloor(state);
  const bond = random.pick([floor, floor + 1n, 7n * floor + 3n, 100n * ether > floor ? 100n * ether : floor]);
  const leaseBlocks = random.between(4, 16);
  const validators = mode === 1n ? random.between(0, 3) : 0n;
  const treasuryBps = random.pick([0n, 0n, 1n, 333n]);
  const known = [...memory.points.keys()].filter((id) => state.final[`${cast.training}/${id}`] === true);
  return {
    circuitId: inference ? cast.inference : cast.training,
    datasetId: inference ? zeroHash : cast.dataset,
    genesisId: open && known.length > 0 && random.chance(30) ? random.pick(known) : cast.genesisId,
    token: random.chance(70) ? cast.payToken : state.world.token,
    open,
    mode,
    contributions: mode === 0n && !inference && open ? random.pick([1n, 1n, 2n, 2n, 3n]) : 1n,
    validators,
    maxLapses: random.between(1, 2),
    windows: random.pick([1n, 2n, 3n, 4n, 10n, 10n]),
    leaseBlocks,
    freeReleaseBlocks: BigInt(random.int(Number(leaseBlocks))),
    priorityBlocks: BigInt(random.int(Number(leaseBlocks))),
    finalityBlocks: mode === 1n ? random.between(10, 16) : 0n,
    answerBlocks: mode === 1n ? random.between(10, 14) : 0n,
    evidenceBlocks: random.between(1, 12),
    price: random.pick([1n, 7n, 12_345n, 3n * ether + 1n]),
    fee: random.pick([0n, 1n, 7n, ether, 30n * ether + 1n, 350_000n * ether]),
    bond,
    lapsePenalty: random.pick([0n, 1n, bond / 7n, bond]),
    validatorBps: validators === 0n ? 0n : random.pick([0n, 1_000n, 2_001n]),
    licensorBps: inference ? 0n : random.pick([100n, 777n]),
    treasuryBps,
    treasury: treasuryBps === 0n ? zeroAddress : cast.treasury,
    worker: !open || random.chance(10) ? (cast.operators[0] as Address) : zeroAddress,
    wellFormedCircuit: !open || random.chance(10) ? cast.wellFormed : zeroHash,
  };
}

function* choices(state: State, env: Environment, cast: Cast, memory: Memory, random: Random): Generator<Choice> {
  const now = env.block;
  const at = (block: bigint, action: Action): Step => ({ at: block, action });
  const anybody = (): Address => random.pick(everybody(cast));
  /** The operator itself or its hot key. */
  const hand = (operator: Address): Address => {
    const hot = state.nodes[operator]?.hotKey ?? zeroAddress;
    return hot !== zeroAddress && random.chance(50) ? hot : operator;
  };
  const jobIds = Object.keys(state.jobs).map(BigInt);

  yield [
    jobIds.length === 0 ? 200 : jobIds.length < 3 ? 4 : 0,
    () => at(now, { kind: 'openJob', sender: random.pick(cast.requesters), terms: someTerms(state, cast, memory, random) }),
  ];
  for (const jobId of jobIds) yield* jobChoices(jobId);
  for (const submissionId of Object.keys(state.leases) as Hex[]) yield* leaseChoices(submissionId);
  for (const [i, operator] of cast.operators.entries()) yield* operatorChoices(operator, i);
  for (const evidence of memory.evidence) {
    // Mostly what can still be shown.
    const { deadline = 0n, ended = 0n, jobId, state: lease } = state.leases[evidence.submissionId] ?? {};
    const terms = jobId === undefined ? undefined : jobOf(state, jobId).terms;
    const late = lease !== 'Submitted' && now > deadline + (terms?.evidenceBlocks ?? 0n) && now > ended + (terms?.evidenceBlocks ?? 0n);
    yield [late ? 0.3 : 6, () => at(now, evidence.make(evidence.finder))];
    yield [0.1, () => at(now, evidence.make(random.pick(cast.finders)))];
  }
  for (const [key, debt] of Object.entries(state.debts)) {
    const [operator, submissionId] = key.split('/') as [Address, Hex];
    yield [debt.amount > 0n ? 3 : 0.2, () => at(now, { kind: 'collectDebt', sender: anybody(), operator, submissionId })];
  }
  yield* moneyChoices();
  const { governor, guardian } = state.world;
  const someone = (right: Address): Address => (random.chance(80) ? right : anybody());
  yield [
    0.3,
    () => at(now, { kind: 'setGasPrice', sender: someone(governor), price: random.pick([15n * 10n ** 9n, 10n ** 9n, 2n * 10n ** 10n]) }),
  ];
  yield [0.3, () => at(now, { kind: 'setEmissionBps', sender: someone(governor), bps: random.pick([0n, 2_500n, 5_000n]) })];
  yield [0.3, () => at(now, { kind: 'pauseNewJobs', sender: someone(guardian), blocks: random.pick([0n, 1n, 2n, 9n]) })];

  function* jobChoices(jobId: bigint): Generator<Choice> {
    const job = jobOf(state, jobId);
    const { terms, requester } = job;
    const progress = state.progress[jobId.toString()];
    if (progress === undefined) return;
    const inference = isInference(state, job);
    if (job.state === 'Open') {
      yield [30, () => at(job.openBlock + 9n, { kind: 'captureSeed', sender: anybody(), jobId })];
      yield [0.6, () => at(job.openBlock + 265n, { kind: 'refundUnseeded', sender: anybody(), jobId })];
      yield [0.2, () => at(job.openBlock + 265n, { kind: 'captureSeed', sender: anybody(), jobId })];
    }
    yield [job.state === 'Active' ? 0.5 : 0.1, () => at(now, { kind: 'pause', sender: requester, jobId })];
    yield [job.state === 'Paused' ? 8 : 0.1, () => at(now, { kind: 'resume', sender: requester, jobId })];
    yield [job.state === 'Cancelled' || job.state === 'Completed' ? 0.1 : 0.4, () => at(now, { kind: 'cancel', sender: requester, jobId })];
    const lapses = lapsesOf(state, env, jobId);
    const room = terms.maxLapses > lapses ? terms.maxLapses - lapses : 0n;
    yield [lapses > 0n ? 2 : 0.1, () => at(now + room * terms.leaseBlocks, { kind: 'close', sender: anybody(), jobId })];
    if (inference && BigInt(job.inputs.length) < terms.windows) {
      const inputs = Array.from({ length: 1 + random.int(Number(terms.windows) - job.inputs.length) }, () => random.between(900, 999));
      yield [
        job.inputs.length === Number(progress.submitted) ? 12 : 1,
        () => at(now, { kind: 'addInputs', sender: requester, jobId, inputs }),
      ];
    } else yield [0.05, () => at(now, { kind: 'addInputs', sender: requester, jobId, inputs: [1n] })];
    const below = state.holders[`${jobId}/${progress.finalized}`];
    const submission = below === undefined ? undefined : state.submissions[below];
    if (submission !== undefined && progress.submitted > progress.finalized) {
      const over = submission.submittedAt + terms.finalityBlocks + (random.chance(85) ? 1n : 0n);
      yield [
        submission.proved ? 8 : 3,
        () => at(submission.proved ? now : over, { kind: 'finalize', sender: anybody(), jobId, count: random.between(1, 8) }),
      ];
    } else yield [0.1, () => at(now, { kind: 'finalize', sender: anybody(), jobId, count: 1n })];
    if (terms.contributions > 1n && progress.contributed === terms.contributions) {
      const head = headOf(state, jobId);
      const children = Array.from({ length: Number(terms.contributions) }, (_, c) =>
        memory.points.get(state.slots[`${jobId}/${c}`]?.resultId ?? 0n),
      );
      const base = memory.points.get(head);
      if (base !== undefined && children.every((child) => child !== undefined)) {
        const points = mergedPoints(base, children as bigint[][]);
        yield [
          20,
          () => {
            memory.points.set(env.checkpointId(state.world.circuits[terms.circuitId]?.modelId ?? zeroHash, points), points);
            return at(now, { kind: 'merge', sender: anybody(), jobId, base, children: children as bigint[][] });
          },
        ];
      }
    } else
      yield [0.05, () => at(now, { kind: 'merge', sender: anybody(), jobId, base: cast.genesisPoints, children: [cast.genesisPoints] })];
    const startId = inference ? job.inputs[Number(progress.submitted)] : headOf(state, jobId);
    for (let c = 0n; c < terms.contributions; c++) {
      const slot = state.slots[`${jobId}/${c}`];
      const fresh = slot === undefined || slot.windowIndex !== progress.submitted || slot.epoch !== progress.epoch;
      const holder = fresh ? undefined : state.leases[slot.holder];
      const raced = !fresh && slot.raced;
      const done = !fresh && slot.done;
      const taken = holder?.state === 'Held' && !raced;
      const able = cast.operators.filter(
        (o) =>
          (terms.worker === zeroAddress || terms.worker === o) &&
          !isJailed(state, o) &&
          (state.nodes[o]?.hotKey ?? zeroAddress) !== zeroAddress,
      );
      const rich = able.filter((o) => freeStake(state, o) * 2n >= terms.bond * 3n);
      const operator = random.pick(rich.length > 0 && random.chance(95) ? rich : able.length > 0 ? able : cast.operators);
      const factor = factorOf(state, env, operator);
      const wait = raced ? 0n : (terms.priorityBlocks * (15_000n - factor)) / 5_000n;
      const since = progress.availableAt === 0n ? job.activeBlock : progress.availableAt;
      const good =
        job.state === 'Active' &&
        !done &&
        startId !== undefined &&
        progress.submitted < terms.windows &&
        progress.submitted - progress.finalized < 8n;
      const weight = !good ? (hurried(terms) ? 6 : 0.3) : taken ? 0.4 : raced ? 5 : hurried(terms) ? 60 : 10;
      const when = taken && random.chance(60) ? holder.deadline + 1n : since + wait;
      yield [weight, () => at(when, { kind: 'lease', sender: hand(operator), jobId, contributionIndex: c, expectedId: startId ?? 1n })];
    }
  }

  /** Results of a window, and whether the proof behind them is a true one. */
  function resultsFor(lease: Lease): bigint[] {
    const job = jobOf(state, lease.jobId);
    const circuit = state.world.circuits[job.terms.circuitId];
    if (circuit === undefined) return [];
    if (circuit.statement === 'inference') return [77n, ...Array.from({ length: Number(circuit.outputs) }, () => random.between(0, 9))];
    const points = cast.genesisPoints.map(() => random.between(1, 5));
    const childId = env.checkpointId(circuit.modelId, points);
    memory.points.set(childId, points);
    return [childId, random.between(70, 79), random.between(80, 83)];
  }

  function proofOf(lease: Lease, statement: readonly bigint[], truth: boolean): Hex {
    const job = jobOf(state, lease.jobId);
    return truth ? boundProof(job.terms.circuitId, toldOpen(state, job), statement) : falseProof(random);
  }

  function* leaseChoices(submissionId: Hex): Generator<Choice> {
    const lease = state.leases[submissionId];
    if (lease === undefined) return;
    const job = jobOf(state, lease.jobId);
    const { terms } = job;
    const gone = isVoid(state, lease);
    const { operator } = lease;
    const live = lease.state === 'Held' || lease.state === 'Lapsed';
    const old = Object.keys(state.leases).length;
    // What is over is tried seldom, so that long traces stay on what goes on.
    const seldom = 0.6 / old;
    const ready = live && !gone ? (lease.state === 'Held' ? (hurried(terms) ? 60 : 12) : 3) : seldom;
    const name = state.world.circuits[terms.circuitId]?.statement ?? 'train-window';
    if (terms.mode === 1n || random.chance(5)) {
      yield [
        ready,
        () => {
          const results = resultsFor(lease);
          const known = state.submissions[submissionId] === undefined;
          let said: Hex = zeroHash;
          let hash: Hex = zeroHash;
          if (job.batchSeed !== 0n || name === 'inference') {
            const statement = statementFor(state, lease, results);
            const proof = proofOf(lease, statement, random.chance(70));
            said = statementHash(name, statement);
            hash = proofHash(hexToBytes(proof), hexToBytes(opening));
            if (known) memory.proofs.set(submissionId, { statement, proof, opening });
          }
          return at(now, { kind: 'submit', sender: hand(operator), submissionId, results, statementHash: said, proofHash: hash });
        },
      ];
    }
    yield [
      terms.mode === 0n ? ready * 1.3 : ready / 4,
      () => {
        const results = resultsFor(lease);
        const statement = statementFor(state, lease, results);
        const proof = proofOf(lease, statement, random.chance(93));
        if (state.submissions[submissionId] === undefined) memory.proofs.set(submissionId, { statement, proof, opening });
        return at(now, { kind: 'submitAndSettle', sender: hand(operator), submissionId, results, proof, opening });
      },
    ];
    const held = lease.state === 'Held';
    yield [held ? (gone ? 6 : 1.5) : seldom, () => at(now, { kind: 'release', sender: hand(operator), submissionId })];
    yield [held && (gone || lease.raced) ? 2 : seldom, () => at(lease.deadline + 1n, { kind: 'release', sender: anybody(), submissionId })];
    yield [
      held ? 2 : seldom,
      () => at(lease.deadline + (random.chance(85) ? 1n : 0n), { kind: 'expire', sender: anybody(), submissionId }),
    ];
    yield* evidenceChoices(submissionId, lease, live ? 1 : lease.state === 'Submitted' ? 1.5 : seldom * 4);

    const submission = state.submissions[submissionId];
    const preimage = memory.proofs.get(submissionId);
    if (submission === undefined || preimage === undefined) return;
    const standing = lease.state === 'Submitted';
    const demand = state.demands[submissionId];
    yield [
      standing && !submission.proved ? (hurried(terms) ? 0.2 : demand?.open === true ? 5 : 3) : seldom,
      () => at(now, { kind: 'settle', sender: random.pick([...cast.finders, anybody()]), submissionId, ...preimage, salt: cast.dataset }),
    ];
    yield [
      standing && !submission.proved && demand === undefined ? 3 : seldom,
      () => {
        const last = submission.submittedAt + terms.finalityBlocks;
        const when = random.chance(10) ? last + (random.chance(50) ? 1n : 0n) : now;
        return at(when, { kind: 'demand', sender: anybody(), submissionId, value: demandBond(env) });
      },
    ];
    yield [
      demand?.open === true ? 4 : seldom,
      () => at((demand?.deadline ?? now) + (random.chance(85) ? 1n : 0n), { kind: 'slashWithheld', sender: anybody(), submissionId }),
    ];
    for (let seat = 0n; seat < terms.validators; seat++) yield* seatChoices(submissionId, seat, lease, seldom);
  }

  function* seatChoices(submissionId: Hex, seat: bigint, lease: Lease, seldom: number): Generator<Choice> {
    const { terms } = jobOf(state, lease.jobId);
    const submission = state.submissions[submissionId];
    const preimage = memory.proofs.get(submissionId);
    if (submission === undefined || preimage === undefined) return;
    const key = `${submissionId}/${seat}`;
    const taken = state.seats[key];
    const middle = submission.submittedAt + terms.finalityBlocks / 2n;
    // Only what the actors can know: the block of the draw is mined.
    const known = now > submission.submittedAt + 1n && now <= submission.submittedAt + 257n;
    const drawn = known ? drawnFor(state, env, submissionId, seat) : zeroAddress;
    const { proof } = preimage;
    if (taken === undefined) {
      const open = drawn !== zeroAddress && now <= middle;
      const operator = drawn === zeroAddress ? random.pick(cast.operators) : drawn;
      yield [
        open ? 12 : seldom,
        () => {
          const digest = random.chance(55) ? digestOf(operator, proof, opening) : random.word();
          const salt = random.word();
          memory.attested.set(key, { digest, salt });
          const when = random.chance(10) ? middle + (random.chance(50) ? 1n : 0n) : now;
          return at(when, {
            kind: 'commitAttestation',
            sender: hand(operator),
            submissionId,
            seat,
            commitment: attestationCommitment(submissionId, seat, operator, digest, salt),
          });
        },
      ];
    }
    const attested = memory.attested.get(key) ?? { digest: zeroHash, salt: zeroHash };
    const who = taken === undefined || taken.operator === zeroAddress ? random.pick(cast.operators) : taken.operator;
    const revealing = taken?.state === 'Committed' && now <= submission.submittedAt + terms.finalityBlocks;
    yield [
      revealing ? 16 : seldom,
      () => {
        const when = middle + random.pick([0n, 1n, 1n, 1n, 1n, 1n, terms.finalityBlocks / 2n, terms.finalityBlocks]);
        const digest = random.chance(97) ? attested.digest : random.word();
        return at(when, { kind: 'revealAttestation', sender: hand(who), submissionId, seat, digest, salt: attested.salt });
      },
    ];
    const over = lease.state === 'Finalized' || lease.state === 'Rejected' || lease.state === 'Orphaned';
    yield [over && taken?.state !== 'Settled' ? 4 : seldom, () => at(now, { kind: 'settleSeat', sender: anybody(), submissionId, seat })];
    yield [
      taken?.state === 'Revealed' ? (taken.digest === digestOf(taken.operator, proof, opening) ? 0.7 : 8) : seldom,
      () => at(now, { kind: 'exposeDigest', sender: random.pick(cast.finders), submissionId, seat, proof, opening, salt: cast.dataset }),
    ];
  }

  function* evidenceChoices(submissionId: Hex, lease: Lease, weight: number): Generator<Choice> {
    const job = jobOf(state, lease.jobId);
    const { terms } = job;
    const name = state.world.circuits[terms.circuitId]?.statement ?? 'train-window';
    const words = name === 'inference' ? 4 + Number(state.world.circuits[terms.circuitId]?.outputs ?? 0n) : 8;
    const standing = memory.proofs.get(submissionId);
    yield [
      weight,
      () => {
        const finder = random.pick([...cast.finders, ...cast.finders, lease.operator]);
        // Who cannot pay at once shall lie, too: it owes.
        const poor = cast.operators.filter(
          (o) => (state.nodes[o]?.hotKey ?? zeroAddress) !== zeroAddress && freeStake(state, o) + stakeOf(state, o).unbonding < terms.bond,
        );
        const liar = poor.length > 0 && random.chance(40) ? random.pick(poor) : lease.operator;
        const signer = random.chance(70)
          ? (state.nodes[liar]?.hotKey ?? zeroAddress)
          : random.pick([...cast.hotKeys.flat(), ...cast.hotKeys.flat(), random.pick(cast.finders)]);
        const use = standing !== undefined && random.chance(60);
        // Mostly of this lease: what is not is nobody's fault.
        const context = random.chance(90) ? contextFor(state, lease) : random.between(1, 3);
        const some = Array.from({ length: words }, (_, i) => (i === 0 ? context : random.between(1, 3)));
        const statement = use ? standing.statement : some;
        const first = { statement, proof: use ? standing.proof : proofOf(lease, statement, random.chance(10)), opening };
        const salt = cast.dataset;
        const announce = (words: readonly bigint[], proof: Hex, by: Address): Announcement => ({
          submissionId,
          statementHash: statementHash(name, words),
          proofHash: proofHash(hexToBytes(proof), hexToBytes(opening)),
          signer: by === zeroAddress ? random.pick(cast.finders) : by,
        });
        const announcement = announce(first.statement, first.proof, signer);
        const commitment = evidenceCommitment({ ...announcement, finder, salt });
        memory.commitments.add(commitment);
        if (memory.evidence.length > 3) memory.evidence.shift();
        if (random.chance(65)) {
          memory.evidence.push({
            submissionId,
            finder,
            make: (sender) => ({ kind: 'slashByEvidence', sender, announcement, ...first, salt }),
          });
        } else {
          const changed = random.chance(80) ? (name === 'inference' ? 4 : random.pick([2, 7])) : random.int(words);
          const other = statement.map((word, i) => (i === changed ? word + 1n : word));
          const second = announce(other, first.proof, random.chance(90) ? announcement.signer : random.pick(cast.hotKeys.flat()));
          memory.evidence.push({
            submissionId,
            finder,
            make: (sender) => ({
              kind: 'slashByEquivocation',
              sender,
              first: announcement,
              firstStatement: statement,
              second,
              secondStatement: other,
              salt,
            }),
          });
        }
        return at(now, { kind: 'commitEvidence', sender: finder, commitment });
      },
    ];
  }

  function* operatorChoices(operator: Address, index: number): Generator<Choice> {
    const stake = stakeOf(state, operator);
    const registered = (state.nodes[operator]?.hotKey ?? zeroAddress) !== zeroAddress;
    const hotKey = random.pick([...(cast.hotKeys[index] ?? []), ...(cast.hotKeys[index] ?? []), random.pick(cast.hotKeys.flat())]);
    yield [registered ? 0.2 : 4, () => at(now, { kind: 'registerNode', sender: operator, hotKey })];
    yield [0.08, () => at(now, { kind: 'registerNode', sender: random.pick(cast.hotKeys.flat()), hotKey })];
    yield [registered ? 0.12 : 0.1, () => at(now, { kind: 'deregisterNode', sender: operator })];
    const free = freeStake(state, operator);
    // Whoever owes and wants to leave all the same.
    const owes = stake.debt > 0n;
    yield [
      owes && free === 0n ? 12 : free < 200n * ether ? (index === 3 ? 1 : 3) : 0.4,
      () => at(now, { kind: 'stake', sender: operator, amount: random.pick([1n, ether, 777n * ether + 1n, 500n * ether]) }),
    ];
    const some = random.pick([1n, 3n * ether, free / 2n, free, free + 1n, 11n]);
    yield [free > 0n ? (owes ? 12 : 0.7) : 0.1, () => at(now, { kind: 'unbond', sender: operator, amount: some })];
    const back = random.pick([1n, stake.unbonding, stake.unbonding / 2n, stake.unbonding + 1n]);
    yield [stake.unbonding > 0n ? 0.6 : 0.1, () => at(now, { kind: 'rebond', sender: operator, amount: back })];
    yield [
      stake.unbonding > 0n ? (owes ? 12 : 0.4) : 0.05,
      () => at(stake.releaseBlock - (random.chance(15) ? 1n : 0n), { kind: 'withdrawStake', sender: operator }),
    ];
    yield [
      isJailed(state, operator) ? 1.5 : 0.1,
      () => at(stake.jailedUntil - (random.chance(15) ? 1n : 0n), { kind: 'unjail', sender: operator }),
    ];
    const enrolled = state.enrolled[operator] === true;
    yield [enrolled || !registered ? 0.1 : 3, () => at(now, { kind: 'enrol', sender: hand(operator) })];
    yield [enrolled ? 0.25 : 0.05, () => at(now, { kind: 'retire', sender: hand(operator) })];
  }

  function* moneyChoices(): Generator<Choice> {
    const owed = Object.entries(state.claimable).filter(([, amount]) => amount > 0n);
    const split = (key: string): [Address, Address] => key.split('/') as [Address, Address];
    const one = (): [Address, Address] => (owed.length > 0 ? split(random.pick(owed)[0]) : [state.world.token, anybody()]);
    yield [
      owed.length > 0 ? 1.5 : 0.1,
      () => {
        const [token, account] = one();
        return at(now, { kind: 'claim', sender: anybody(), token, account });
      },
    ];
    yield [0.1, () => at(now, { kind: 'claim', sender: anybody(), token: cast.payToken, account: anybody() })];
    yield [
      owed.length > 0 ? 0.7 : 0.1,
      () => {
        const pairs = [one(), one(), [cast.payToken, anybody()] as const];
        return at(now, {
          kind: 'claimMany',
          sender: anybody(),
          tokens: pairs.map(([token]) => token),
          accounts: pairs.map(([, account]) => account),
        });
      },
    ];
    const coins = (Object.entries(state.owed) as [Address, bigint][]).filter(([, amount]) => amount > 0n);
    yield [
      coins.length > 0 ? 1.5 : 0.1,
      () => at(now, { kind: 'withdrawCoin', sender: coins.length > 0 ? random.pick(coins)[0] : anybody() }),
    ];
  }
}

/** Checkpoint ids without curve arithmetic, for traces that no contract sees. */
export function abstractCheckpointId(modelId: Hex, points: readonly bigint[]): bigint {
  const hash = keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'uint256[]' }], [modelId, [...points]]));
  return BigInt(hash) >> 4n;
}
