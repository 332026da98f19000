import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { State } from '../../src/protocol/model/state.ts';
import { describeLines, runPrologue, runTrace, shrinkTrace, traceOf } from '../utils/runTrace.ts';
import { openTraceChain, type TraceChain } from '../utils/traceChain.ts';

// The model and the contracts do the same random traces: equal states, and the same error where one refuses. docs/explain/settlement.md decides which
// of the two is wrong. A seed is a trace: ASSAY_TRACE_SEED=n ASSAY_TRACES=1 runs one again.

const traces = Number(process.env['ASSAY_TRACES'] ?? '100');
const first = Number(process.env['ASSAY_TRACE_SEED'] ?? '1');
const steps = 50;

describe('settlement', () => {
  let chain: TraceChain;
  let start: State;

  beforeAll(async () => {
    chain = await openTraceChain();
    start = await runPrologue(chain);
  }, 600_000);

  afterAll(async () => {
    await chain?.stop();
  });

  it(`is the same in the model and on chain (${traces} traces of ${steps})`, { timeout: 24 * 3_600_000 }, async () => {
    const done = new Map<string, number>();
    const refused = new Map<string, number>();
    let all = 0;
    for (let seed = first; seed < first + traces; seed++) {
      const trace = traceOf(seed, steps);
      const { lines, failure } = await runTrace(chain, start, trace, 10);
      if (failure !== undefined) {
        const shrunk = await shrinkTrace(chain, start, trace);
        expect.fail(`trace ${seed}: ${shrunk.result.failure ?? failure}\n${describeLines(shrunk.result.lines)}`);
      }
      for (const { action, error } of lines) {
        all++;
        const [counts, key] = error === undefined ? [done, action.kind] : [refused, `${action.kind} ${error}`];
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    const table = (counts: ReadonlyMap<string, number>): string =>
      [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, count]) => `${key} ${count}`)
        .join(', ');
    const succeeded = [...done.values()].reduce((sum, count) => sum + count, 0);
    console.log(
      `${traces} traces, ${all} actions, ${Math.floor((100 * succeeded) / all)} % done: ${table(done)}\nrefused: ${table(refused)}`,
    );
    expect(succeeded / all).toBeGreaterThan(0.4);
    // Few traces cannot reach everything.
    if (traces < 1_000) return;
    expect(actionKinds.filter((kind) => !done.has(kind))).toEqual([]);
    const names = new Set([...refused.keys()].map((key) => key.split(' ')[1]));
    expect(errorNames.filter((name) => !names.has(name))).toEqual([]);
  });
});

const actionKinds = (
  'registerNode deregisterNode stake unbond rebond withdrawStake unjail enrol retire commitAttestation revealAttestation settleSeat exposeDigest ' +
  'openJob addInputs captureSeed refundUnseeded pause resume cancel close lease release expire submit submitAndSettle settle finalize merge ' +
  'commitEvidence slashByEvidence slashByEquivocation collectDebt demand slashWithheld withdrawCoin claim claimMany setGasPrice setEmissionBps pauseNewJobs'
).split(' ');

/** Errors of the calls that a trace makes, but for those that cannot happen in it: one transaction a block, well-formed bytes, plain tokens. */
const errorNames = (
  'ZeroHotKey HotKeyTaken SenderIsHotKey NotRegistered ZeroAmount StakeTooSmall StillUnbonding StillOwing NotJailed StillJailed ' +
  'NotEnrolled AlreadyEnrolled NoSuchSeat NotDrawn DrawUnavailable WrongSeatState NothingToAttest CommitWindowOver RevealTooEarly RevealWindowOver ' +
  'CommitmentMismatch DigestIsTrue SeatNotOver InvalidTerms NewJobsPaused UnsupportedMode NotAStart NotTheOwner NotWellFormed WindowsTooLong ' +
  'BondTooSmall LicenceShareTooSmall UnknownDataset UnknownCircuit NotAllowed UnknownJob WrongJobState SeedTooEarly SeedMissed SeedNotMissed ' +
  'NotAnInferenceJob InputCount OutOfField InputMissing NotLapsed WrongMode NotTheWorker Jailed NoSuchContribution WindowDone TooManyUnfinalized ' +
  'LeaseHeld PriorityWait StartMoved UnknownSubmission WrongLeaseState NotLeaseHolder ReleaseTooLate LeaseNotExpired ResultCount ProofRejected ' +
  'StatementMismatch ContextMismatch ProofMismatch NotFinalYet ProofDemanded NothingToFinalize NothingToMerge PointsMalformed PointsMismatch NotCommitted ' +
  'UnknownSigner EvidenceWindowOver AlreadySlashed EvidenceIsTrue NoEquivocation NotDemandable AlreadyDemanded DemandBondTooSmall NoDemand ' +
  'DemandNotOverdue NothingToCollect NothingToWithdraw NothingToClaim LengthMismatch NotGovernor NotGuardian OutOfBounds PauseTooSoon'
).split(' ');
