import type { Sent } from '../src/chain/call.ts';
import { finalize } from '../src/chain/finalize.ts';
import { getHead } from '../src/chain/getHead.ts';
import { lease } from '../src/chain/lease.ts';
import { mineBlocks } from '../src/chain/mineBlocks.ts';
import { settle } from '../src/chain/settle.ts';
import { submit } from '../src/chain/submit.ts';
import { submitAndSettle } from '../src/chain/submitAndSettle.ts';
import { proofHash, statementHash } from '../src/commitment/ids.ts';
import type { CommittedCheckpoint } from '../src/node/jobMaterial.ts';
import { type AdversaryDevnet, openRoundOn, type Round, startAdversaryDevnet } from '../test/utils/adversaryDevnet.ts';
import { submission } from '../test/utils/adversaryHandIn.ts';
import { leaseRecord, proveStory } from '../test/utils/adversaryProofs.ts';
import { honestStory } from '../test/utils/adversaryTraining.ts';
import { type GasRow, gasTable } from '../test/utils/gasTable.ts';

/** EIP-7825: no transaction has more. */
const transactionLimit = 16_777_216;

const gasOf = ({ gasUsed }: Pick<Sent, 'gasUsed'>): number => Number(gasUsed);

/**
 * Gas of every call that users make, whole transactions on anvil, small and at the largest sizes that the contracts allow; and what one honest window costs
 * in each mode, with real proofs of the smallest circuit. What verification itself costs at other sizes is `bench -- prove`'s to say.
 */
export async function benchGas(args: readonly string[]): Promise<void> {
  const rows = await gasTable(({ call, at }) => process.stderr.write(`${call} ${at}\n`));
  const devnet = await startAdversaryDevnet();
  const real = await measureWindows(devnet).finally(() => devnet.close());
  const windows = { eager: total(real.eager), optimistic: total(real.optimistic) };
  const proved = [...real.eager, ...real.optimistic, ...real.settled];
  const over = [...rows, ...proved].filter(({ gas }) => gas > transactionLimit);
  if (args.includes('--json')) {
    console.log(JSON.stringify({ circuit: devnet.artifacts.instance.name, transactionLimit, windows, proved, rows }, undefined, 2));
  } else {
    const all = [...proved, ...rows];
    const width = Math.max(...all.map(({ call }) => call.length));
    for (const { call, at, gas } of all) console.log(`${call.padEnd(width)}  ${gas.toLocaleString('en').padStart(10)}  ${at}`);
    const [eager, optimistic] = [windows.eager, windows.optimistic].map((gas) => gas.toLocaleString('en'));
    console.log(`\none honest window (${devnet.artifacts.instance.name}): eager ${eager} gas (lease, submitAndSettle)`);
    console.log(`optimistic ${optimistic} gas (lease, submit, finalize), ${(windows.optimistic / windows.eager).toFixed(2)} of that`);
  }
  if (over.length > 0) throw new Error(`beyond ${transactionLimit} gas: ${over.map(({ call, at }) => `${call} (${at})`).join(', ')}`);
}

const total = (rows: readonly GasRow[]): number => rows.reduce((sum, { gas }) => sum + gas, 0);

type Windows = Readonly<Record<'eager' | 'optimistic' | 'settled', readonly GasRow[]>>;

/** One window in each mode, and one that somebody else proves, by a worker that has delivered none before. */
async function measureWindows(devnet: AdversaryDevnet): Promise<Windows> {
  const { deployment, honest, adversary, colluder, requester } = devnet;
  const at = `a real proof of ${devnet.artifacts.instance.name}`;
  const row = (name: string, of: string, sent: Pick<Sent, 'gasUsed'>): GasRow => ({
    call: `WindowManager.${name}`,
    at: of,
    gas: gasOf(sent),
  });
  const prepare = async ({ hot }: typeof honest, round: Round, parent: CommittedCheckpoint) => {
    const taken = await lease(hot, deployment, round.jobId, 0n, await getHead(requester, deployment, round.jobId));
    const story = await honestStory(devnet, round, await leaseRecord(devnet, taken.submissionId), parent);
    const proof = await proveStory(devnet, story);
    const entry = { ...proof, child: story.child };
    const hashes = { statementHash: statementHash('train-window', entry.statement), proofHash: proofHash(entry.proof, entry.opening) };
    return { taken, entry, hashes, given: submission(taken.submissionId, entry) };
  };

  const first = await openRoundOn(devnet, 'gas eager', 1, {}, { fee: 10n ** 18n });
  const eager = await prepare(honest, first, first.genesis);
  const proved = await submitAndSettle(honest.hot, deployment, eager.given);

  const times = { finalityBlocks: 40, answerBlocks: 40, validators: 3, validatorBps: 600 };
  const calm = await openRoundOn(devnet, 'gas optimistic', 2, {}, { mode: 'optimistic', fee: 10n ** 18n, ...times });
  const silent = await prepare(adversary, calm, calm.genesis);
  const submitted = await submit(adversary.hot, deployment, { ...silent.given, ...silent.hashes });
  await mineBlocks(requester, 41);
  const final = await finalize(requester, deployment, calm.jobId, 1);
  const asked = await prepare(colluder, calm, silent.entry.child);
  await submit(colluder.hot, deployment, { ...asked.given, ...asked.hashes });
  const { statement, proof, opening } = asked.entry;
  const settled = await settle(requester, deployment, { submissionId: asked.taken.submissionId, statement, proof, opening });
  return {
    eager: [row('lease', 'eager', eager.taken), row('submitAndSettle', `eager, ${at}`, proved)],
    optimistic: [
      row('lease', 'optimistic', silent.taken),
      row('submit', 'optimistic', submitted),
      row('finalize', '1 window by silence, three seats', final),
    ],
    settled: [row('settle', `true, ${at}`, settled)],
  };
}
