import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Hex, keccak256 } from 'viem';
import { expect, it } from 'vitest';
import type { Sent } from '../../src/chain/call.ts';
import { cancelJob } from '../../src/chain/cancelJob.ts';
import { claim } from '../../src/chain/claim.ts';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import { demandProof } from '../../src/chain/demandProof.ts';
import { expireLease } from '../../src/chain/expireLease.ts';
import { finalize } from '../../src/chain/finalize.ts';
import { getStatement } from '../../src/chain/getStatement.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { openJob } from '../../src/chain/openJob.ts';
import { rebond } from '../../src/chain/rebond.ts';
import { releaseLease } from '../../src/chain/releaseLease.ts';
import { settle } from '../../src/chain/settle.ts';
import { signAnnouncement } from '../../src/chain/signAnnouncement.ts';
import { slashByEvidence } from '../../src/chain/slashByEvidence.ts';
import { slashWithheld } from '../../src/chain/slashWithheld.ts';
import { stake } from '../../src/chain/stake.ts';
import { submit } from '../../src/chain/submit.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { unbond } from '../../src/chain/unbond.ts';
import { proofHash, statementHash } from '../../src/commitment/ids.ts';
import { ether, falseProof, opening, startSettlementStage, trained } from '../utils/settlementStage.ts';

// Gas of the calls that make up settlement, with verifiers that cost nearly nothing, against what was committed: a change of the contracts that makes one
// dearer or cheaper shows in its diff. `ASSAY_GAS=write vitest run test/chain/gas.test.ts` writes the table anew.

const file = fileURLToPath(new URL('../vectors/gas.json', import.meta.url));
/** Block hashes decide how many bytes of the seed are zero, and so what the calldata costs. */
const tolerance = 0.01;

it('every call costs what is committed, within one percent', async () => {
  const stage = await startSettlementStage();
  const { deployment, requester, finder, alice, bob, carol } = stage;
  const costs: Record<string, number> = {};
  const row = async <T extends Pick<Sent, 'gasUsed'>>(name: string, sent: Promise<T>): Promise<T> => {
    const done = await sent;
    costs[name] = Number(done.gasUsed);
    return done;
  };
  const salt: Hex = keccak256('0x6a5');
  try {
    await row('stake', stake(carol.cold, deployment, ether));
    await row('unbond', unbond(carol.cold, deployment, ether));
    await row('rebond', rebond(carol.cold, deployment, ether));

    await row('openJob', openJob(requester, deployment, stage.eagerTerms));
    const eager = await stage.activeJob(stage.eagerTerms);
    const first = await row('lease', stage.leaseNext(alice, eager));
    const results = trained(501n);
    const proof = await stage.proofOf(first.submissionId, results);
    await row(
      'submitAndSettle, eager',
      submitAndSettle(alice.hot, deployment, { submissionId: first.submissionId, results, proof, opening }),
    );
    await row('claim', claim(finder, deployment, { account: alice.cold.account.address }));
    const given = await stage.leaseNext(alice, eager);
    await row('release', releaseLease(alice.hot, deployment, given.submissionId));
    const lapsed = await stage.leaseNext(alice, eager);
    await mineBlocks(requester, 21);
    await row('expire', expireLease(finder, deployment, lapsed.submissionId));
    await row('cancel', cancelJob(requester, deployment, eager));

    const job = await stage.activeJob({ ...stage.optimisticTerms, windows: 10 });
    const taken = await stage.leaseNext(alice, job);
    const window = {
      submissionId: taken.submissionId,
      results,
      proofHash: proofHash(await stage.proofOf(taken.submissionId, results), opening),
    };
    await row('submit', submit(alice.hot, deployment, window));
    await mineBlocks(requester, 41);
    await row('finalize, one window', finalize(finder, deployment, job));
    const asked = await stage.submitNext(alice, job, 502n);
    await row('demand', demandProof(finder, deployment, asked.submissionId));
    await row('settle, true, demanded', settle(alice.hot, deployment, { ...asked, opening, salt }));
    const lie = await stage.submitNext(alice, job, 503n, false);
    await stage.submitNext(bob, job, 504n);
    await row('settle, false, one orphan', settle(finder, deployment, { ...lie, opening, salt }));
    const kept = await stage.submitNext(bob, job, 505n);
    await demandProof(finder, deployment, kept.submissionId);
    await mineBlocks(requester, 31);
    await row('slashWithheld', slashWithheld(finder, deployment, kept.submissionId));

    const held = await stage.leaseNext(carol, job);
    const { submissionId } = held;
    const statement = await getStatement(finder, deployment, submissionId, results);
    const message = { submissionId, statementHash: statementHash('train-window', statement), proofHash: proofHash(falseProof, opening) };
    const signature = await signAnnouncement(carol.hotKey, { chainId: 31337, jobManager: deployment.addresses.jobManager, message });
    await row('commitEvidence', commitEvidence(finder, deployment, { ...message, salt }));
    const evidence = { submissionId, statementName: 'train-window', statement, proof: falseProof, opening, signature, salt } as const;
    await row('slashByEvidence', slashByEvidence(finder, deployment, evidence));
  } finally {
    await stage.close();
  }
  if (process.env['ASSAY_GAS'] === 'write') writeFileSync(file, `${JSON.stringify(costs, undefined, 2)}\n`);
  const committed = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  expect(Object.keys(costs)).toEqual(Object.keys(committed));
  const moved = Object.entries(costs).filter(([name, gas]) => Math.abs(gas / (committed[name] as number) - 1) > tolerance);
  expect(Object.fromEntries(moved.map(([name, gas]) => [name, { gas, committed: committed[name] }]))).toEqual({});
});
