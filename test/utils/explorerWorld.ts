import { type Hex, hexToBytes, keccak256, numberToHex, pad, parseAbi, toHex } from 'viem';
import { addInputs } from '../../src/chain/addInputs.ts';
import { write } from '../../src/chain/call.ts';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import { demandProof } from '../../src/chain/demandProof.ts';
import { finalize } from '../../src/chain/finalize.ts';
import { merge } from '../../src/chain/merge.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { nameCircuit } from '../../src/chain/nameCircuit.ts';
import { openInferenceJob } from '../../src/chain/openInferenceJob.ts';
import { openJob } from '../../src/chain/openJob.ts';
import { registerDataset } from '../../src/chain/registerDataset.ts';
import { registerGenesis } from '../../src/chain/registerGenesis.ts';
import { settle } from '../../src/chain/settle.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { checkpointId, proofHash, statementHash } from '../../src/commitment/ids.ts';
import { runtimeCode } from './evm.ts';
import {
  ether,
  g1,
  g1Twice,
  g1Zero,
  genesisPoints,
  opening,
  type SettlementStage,
  salt,
  stageCid,
  stageModelId,
  startSettlementStage,
  trained,
  windowShape,
} from './settlementStage.ts';
import { stageAudits } from './stageAudits.ts';

const tokenAbi = parseAbi(['function setSymbol(bytes)', 'function mint(uint256)']);
const showId = (id: bigint): string => numberToHex(id, { size: 32 });

export type ExplorerWorld = {
  readonly stage: SettlementStage;
  /** Pages of this chain, by what they show. */
  readonly pages: Readonly<Record<string, string>>;
  /** Of the job of which everything is a stranger's text, in the order of the texts. */
  readonly hostileJobs: readonly string[];
};

/**
 * A chain on which everything has happened that the explorer shows: an eager job, a merge, an optimistic job with a false window and a slash, answers, audits. Its
 * contracts are the real ones; what verifiers would say is scripted.
 *
 * @param texts bytes that strangers write wherever they may: one job each, whose token, circuit, data set and genesis say it
 */
export async function explorerWorld(texts: readonly Uint8Array[] = []): Promise<ExplorerWorld> {
  const stage = await startSettlementStage();
  const { requester, finder, deployment, alice, bob, carol, rpc } = stage;

  // A long eager job: more windows than a page lists.
  const eager = await stage.activeJob({ ...stage.eagerTerms, windows: 30, fee: ether });
  let last: Hex | undefined;
  for (let n = 0; n < 28; n++) last = (await stage.proveNext(n % 3 === 0 ? bob : alice, eager, 100n + BigInt(n))).submissionId;

  const merging = await stage.activeJob({ ...stage.eagerTerms, windows: 1, contributions: 2 });
  const children = [
    [g1Twice, g1Zero],
    [g1, g1],
  ] as const;
  for (const [index, party] of [bob, alice].entries()) {
    const { submissionId } = await stage.leaseNext(party, merging, BigInt(index));
    const results = trained(checkpointId(stageModelId, children[index] as (typeof children)[number]));
    await submitAndSettle(party.hot, deployment, { submissionId, results, proof: await stage.proofOf(submissionId, results), opening });
  }
  const { mergedId } = await merge(requester, deployment, { jobId: merging, base: genesisPoints, children });

  // An optimistic one: silence, a demand, a false window under an honest one.
  const optimistic = await stage.activeJob({ ...stage.optimisticTerms, validators: 0, validatorBps: 0 });
  const first = await stage.submitNext(alice, optimistic, 201n);
  await demandProof(finder, deployment, first.submissionId);
  await settle(carol.hot, deployment, { submissionId: first.submissionId, statement: first.statement, proof: first.proof, opening });
  const lie = await stage.submitNext(bob, optimistic, 202n, false);
  await stage.submitNext(carol, optimistic, 203n);
  const evidence = { statementHash: statementHash('train-window', lie.statement), proofHash: proofHash(lie.proof, opening), salt };
  await commitEvidence(finder, deployment, { submissionId: lie.submissionId, ...evidence });
  await settle(finder, deployment, { submissionId: lie.submissionId, statement: lie.statement, proof: lie.proof, opening, salt });
  await stage.submitNext(alice, optimistic, 204n);
  await mineBlocks(requester, Number(stage.optimisticTerms.finalityBlocks) + 1);
  await finalize(finder, deployment, optimistic);

  // Answers of a model that anyone may ask.
  const asked = await stage.circuitOf('ScriptedStatements.sol', 'ScriptedInference', windowShape);
  const { jobId: answers } = await openInferenceJob(requester, deployment, {
    circuitId: asked,
    checkpointId: checkpointId(stageModelId, genesisPoints),
    answers: 2,
    open: true,
    price: ether,
    bond: 100n * ether,
    leaseBlocks: 20,
    freeReleaseBlocks: 5,
    evidenceBlocks: 50,
  });
  await addInputs(requester, deployment, answers, [{ inputId: 9n, cid: stageCid }]);

  const audits = await stageAudits(stage);
  const hostileJobs = await hostileJobsOf(stage, texts);
  await rpc('anvil_mine', ['0x2']);
  const { hash } = await registerDataset(requester, deployment, { root: 5n, depth: 3, minibatches: 5, cid: stageCid, licence: 'CC0-1.0' });
  return {
    stage,
    hostileJobs,
    pages: {
      home: '/',
      jobs: '/jobs',
      job: `/job/${eager}`,
      'job that merges': `/job/${merging}`,
      'optimistic job': `/job/${optimistic}`,
      'job of answers': `/job/${answers}`,
      window: `/window/${eager}/27`,
      'window that merges': `/window/${merging}/0`,
      'false window': `/window/${optimistic}/1`,
      answer: `/window/${answers}/0`,
      proofs: '/proofs',
      proof: `/proof/${last}`,
      'false proof': `/proof/${lie.submissionId}`,
      nodes: '/nodes',
      node: `/node/${bob.cold.account.address}`,
      checkpoints: '/checkpoints',
      checkpoint: `/checkpoint/${showId(127n)}`,
      'merged checkpoint': `/checkpoint/${showId(mergedId)}`,
      genesis: `/checkpoint/${showId(checkpointId(stageModelId, genesisPoints))}`,
      audits: '/audits',
      audit: `/audit/${audits.completed}`,
      'audit that was left': `/audit/${audits.left}`,
      slashes: '/slashes',
      circuit: `/circuit/${stage.circuitId}`,
      transaction: `/tx/${hash}`,
      events: '/events',
      metrics: '/metrics',
      search: '/search?q=0x00',
      api: '/api',
    },
  };
}

/** A job for each text, which says it in every place that a stranger can write to. */
async function hostileJobsOf(stage: SettlementStage, texts: readonly Uint8Array[]): Promise<string[]> {
  const { requester, deployment, rpc } = stage;
  if (texts.length === 0) return [];
  const code = runtimeCode('test/utils/NamedToken.sol', 'NamedToken');
  const jobs: string[] = [];
  const { timelock } = deployment.addresses;
  await rpc('anvil_impersonateAccount', [timelock]);
  await rpc('anvil_setBalance', [timelock, numberToHex(ether)]);
  const governor = await stage.connect({ address: timelock, type: 'json-rpc' } as never);
  for (const [i, text] of texts.entries()) {
    const token = pad(numberToHex(0xbad000 + i), { size: 20 });
    await rpc('anvil_setCode', [token, code]);
    await write(requester, tokenAbi, token, 'setSymbol', [toHex(text.slice(0, 2_000))]);
    await write(requester, tokenAbi, token, 'mint', [1_000n * ether]);
    const words = new TextDecoder().decode(text).slice(0, 200);
    const licence = words.trim() === '' ? 'empty' : words;
    const { datasetId } = await registerDataset(requester, deployment, {
      root: 1_000n + BigInt(i),
      depth: 3,
      minibatches: 5,
      cid: stageCid,
      licence,
    });
    const name = new TextDecoder().decode(new TextEncoder().encode(words).slice(0, 60)).replace(/\ufffd/g, '');
    if (name !== '') await nameCircuit(governor, deployment, name, keccak256(toHex(`circuit ${i}`)));
    const { jobId } = await openJob(requester, deployment, { ...stage.eagerTerms, token, datasetId, price: ether });
    jobs.push(String(jobId));
  }
  // The last name is that of the circuit of all these jobs; and a CID may be any bytes.
  await nameCircuit(governor, deployment, '<img src=x onerror=pwned=1>', stage.circuitId);
  const cid = hexToBytes(`0x01551220${Buffer.from('<svg/onload=pwned=1>'.padEnd(32, ' ')).toString('hex')}`);
  await registerGenesis(stage.finder, deployment, {
    modelId: stageModelId,
    points: genesisPoints,
    cid,
    licence: '<script>pwned=1</script>',
  });
  return jobs;
}
