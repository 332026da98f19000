import { type Address, encodeDeployData, type Hex, keccak256, numberToHex, pad, zeroAddress } from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { addInputs } from '../../src/chain/addInputs.ts';
import { devnetAccount } from '../../src/chain/anvil.ts';
import { type Sent, write } from '../../src/chain/call.ts';
import { cancelJob } from '../../src/chain/cancelJob.ts';
import { cancelProposal } from '../../src/chain/cancelProposal.ts';
import { captureSeed, seedDelay } from '../../src/chain/captureSeed.ts';
import { castVote } from '../../src/chain/castVote.ts';
import { claim } from '../../src/chain/claim.ts';
import { claimAudit } from '../../src/chain/claimAudit.ts';
import { claimMany } from '../../src/chain/claimMany.ts';
import { closeJob } from '../../src/chain/closeJob.ts';
import { collectDebt } from '../../src/chain/collectDebt.ts';
import { commitAttestation } from '../../src/chain/commitAttestation.ts';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import type { ChainWriter } from '../../src/chain/connectChain.ts';
import { delegateVotes } from '../../src/chain/delegateVotes.ts';
import { demandProof } from '../../src/chain/demandProof.ts';
import { deploymentModules } from '../../src/chain/deployment.ts';
import { deregisterNode } from '../../src/chain/deregisterNode.ts';
import { disputeAudit } from '../../src/chain/disputeAudit.ts';
import { drawAudit } from '../../src/chain/drawAudit.ts';
import { enrolValidator } from '../../src/chain/enrolValidator.ts';
import { ensureAllowance } from '../../src/chain/ensureAllowance.ts';
import { executeProposal } from '../../src/chain/executeProposal.ts';
import { expireLease } from '../../src/chain/expireLease.ts';
import { exposeDigest } from '../../src/chain/exposeDigest.ts';
import { finalize } from '../../src/chain/finalize.ts';
import { assayTokenAbi, assayTokenBytecode } from '../../src/chain/generated/AssayToken.ts';
import { rewardDistributorAbi } from '../../src/chain/generated/RewardDistributor.ts';
import { getDrawn } from '../../src/chain/getDrawn.ts';
import { getHead } from '../../src/chain/getHead.ts';
import { getStatement } from '../../src/chain/getStatement.ts';
import { governedCall } from '../../src/chain/governedCall.ts';
import { lease } from '../../src/chain/lease.ts';
import { merge } from '../../src/chain/merge.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { openAudit } from '../../src/chain/openAudit.ts';
import { openInferenceJob } from '../../src/chain/openInferenceJob.ts';
import { type JobTerms, openJob } from '../../src/chain/openJob.ts';
import { openJobWithPermit } from '../../src/chain/openJobWithPermit.ts';
import { pauseJob } from '../../src/chain/pauseJob.ts';
import { pauseNewJobs } from '../../src/chain/pauseNewJobs.ts';
import { propose } from '../../src/chain/propose.ts';
import { proveAuditChunk } from '../../src/chain/proveAuditChunk.ts';
import { proveWellFormed } from '../../src/chain/proveWellFormed.ts';
import { queueProposal } from '../../src/chain/queueProposal.ts';
import { rebond } from '../../src/chain/rebond.ts';
import { refundUnseeded } from '../../src/chain/refundUnseeded.ts';
import { registerAuditSet } from '../../src/chain/registerAuditSet.ts';
import { registerCircuit } from '../../src/chain/registerCircuit.ts';
import { registerDataset } from '../../src/chain/registerDataset.ts';
import { registerGenesis } from '../../src/chain/registerGenesis.ts';
import { registerModel } from '../../src/chain/registerModel.ts';
import { registerNode } from '../../src/chain/registerNode.ts';
import { releaseLease } from '../../src/chain/releaseLease.ts';
import { resumeJob } from '../../src/chain/resumeJob.ts';
import { retireValidator } from '../../src/chain/retireValidator.ts';
import { revealAttestation } from '../../src/chain/revealAttestation.ts';
import { revokeDataset } from '../../src/chain/revokeDataset.ts';
import { sendTransaction } from '../../src/chain/sendTransaction.ts';
import { settle } from '../../src/chain/settle.ts';
import { settleSeat } from '../../src/chain/settleSeat.ts';
import { signAnnouncement } from '../../src/chain/signAnnouncement.ts';
import { signPermit } from '../../src/chain/signPermit.ts';
import { slashByEquivocation } from '../../src/chain/slashByEquivocation.ts';
import { slashByEvidence } from '../../src/chain/slashByEvidence.ts';
import { slashWithheld } from '../../src/chain/slashWithheld.ts';
import { stake } from '../../src/chain/stake.ts';
import { stakeWithPermit } from '../../src/chain/stakeWithPermit.ts';
import { submit } from '../../src/chain/submit.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { transferToken } from '../../src/chain/transferToken.ts';
import { unbond } from '../../src/chain/unbond.ts';
import { unjail } from '../../src/chain/unjail.ts';
import { withdrawOwed } from '../../src/chain/withdrawOwed.ts';
import { withdrawStake } from '../../src/chain/withdrawStake.ts';
import {
  auditContext,
  checkpointId,
  encodeAuditShape,
  encodeShape,
  encodeWellFormedShape,
  modelId,
  proofHash,
  statementHash,
  wellFormedContext,
} from '../../src/commitment/ids.ts';
import { pack } from '../../src/commitment/packing.ts';
import {
  boundProof,
  ether,
  g1Twice,
  type SettlementStage,
  type StageParty,
  salt,
  stageCid,
  stageModel,
  startSettlementStage,
} from './settlementStage.ts';

/** Gas of one transaction. */
export type GasRow = {
  /** `Contract.function` */
  readonly call: string;
  readonly at: string;
  readonly gas: number;
};

type Operator = { readonly chain: ChainWriter; readonly key: PrivateKeyAccount };
type Stack = { readonly jobId: bigint; readonly windows: readonly Window[] };
type Window = { readonly submissionId: Hex; readonly statement: readonly bigint[]; readonly proof: Uint8Array };

/** Twice all of a job's times, and no more: they pass block by block. Jail is a quarter of it. */
const unbondingBlocks = 160n;
const jailBlocks = 41;
const times = { leaseBlocks: 20, finalityBlocks: 32, answerBlocks: 12, evidenceBlocks: 16 } as const;
/** ModelShape.MAX_PROOF_BYTES and MAX_BLOCKS, InferenceShape.MAX_OUTPUT_WORDS. */
const proofBytes = 65_536;
const blocks = 64;
const outputWords = 256;
/** 63 blocks of 102 rows and the bias: 64 points a checkpoint. */
const largeModel = { ...stageModel, sizes: [63 * 102, 10] };
/** 16 layers. */
const deepModel = { ...stageModel, sizes: Array.from({ length: 17 }, () => 8) };
/** 16 classes and 15 groups in the only bin there is: 3,840 counts. */
const auditModel = { ...stageModel, sizes: [63 * 64, 16] };
const windowOf = (model: typeof stageModel): Hex =>
  encodeShape({ ...model, batch: 16, steps: 4, treeDepth: 3, honkProofBytes: proofBytes });
const points = Array.from({ length: blocks }, () => g1Twice);
const longCid = new Uint8Array(128).fill(0xff);
const wellFormedShape = encodeWellFormedShape({ ...largeModel, blocksPerProof: blocks, wmax: 32_768, proofBytes });
const shortOpening = new TextEncoder().encode('opening');
const windowOpening = new Uint8Array(32 * (17 + 4 * blocks)).fill(0xff);
const opening = new Uint8Array(32 * (14 + 2 * blocks)).fill(0xff);
const answers = Array.from({ length: outputWords }, (_, k) => 2n ** 250n + BigInt(k));
const deadline = 2n ** 40n;

/** A proof of the greatest length that costs nearly all the gas that a verification may have. */
function largeProof(circuitId: Hex, open: boolean, statement: readonly bigint[]): Uint8Array {
  const proof = new Uint8Array(proofBytes).fill(0xff);
  proof.set(boundProof(circuitId, open, statement));
  proof[0] = 6;
  return proof;
}

/** One that burns all of it. */
const burningProof = new Uint8Array(proofBytes).fill(0xff).fill(3, 0, 1);

/**
 * Every call that users make, at its smallest and, where something in it can grow, at the largest that the contracts allow: a verifier that uses
 * all of its gas, proofs of 65,536 bytes, checkpoints of 64 blocks, answers of 256 words, eight windows that wait, each of another operator and with its
 * proof demanded. Small ones have verifiers that cost nearly nothing.
 *
 * @param onRow called as each is measured
 */
export async function gasTable(onRow?: (row: GasRow) => void): Promise<readonly GasRow[]> {
  const stage = await startSettlementStage({
    contracts: { unbondingBlocks, governance: { votingDelayBlocks: 2, votingPeriodBlocks: 4, timelockSeconds: 1n } },
  });
  const rows: GasRow[] = [];
  const row = async <T extends Pick<Sent, 'gasUsed'>>(call: string, at: string, sent: Promise<T>): Promise<T> => {
    const done = await sent;
    const made = { call, at, gas: Number(done.gasUsed) };
    rows.push(made);
    onRow?.(made);
    return done;
  };
  try {
    await measureAll(stage, row);
  } finally {
    await stage.close();
  }
  return rows;
}

type Row = <T extends Pick<Sent, 'gasUsed'>>(call: string, at: string, sent: Promise<T>) => Promise<T>;

async function measureAll(stage: SettlementStage, row: Row): Promise<void> {
  await measureVotes(stage, row);
  await measureRegistries(stage, row);
  await measureJobs(stage, row);
  const operators = await measureOperators(stage, row);
  await measureEager(stage, row);
  const pay = await otherToken(stage);
  await measureOptimistic(stage, row);
  await measureLargest(stage, row, operators, pay);
  await measureClaims(stage, row, pay);
  await measureAudits(stage, row);
  await row('NodeRegistry.deregister', '', deregisterNode(stage.carol.cold, stage.deployment));
}

async function measureVotes({ requester, finder, deployment, rpc }: SettlementStage, row: Row): Promise<void> {
  const { token, jobManager } = deployment.addresses;
  await row('AssayToken.approve', '', ensureAllowance(finder, token, jobManager, 1n) as Promise<Sent>);
  await row('AssayToken.transfer', '', transferToken(requester, token, finder.account.address, 10n * ether));
  await row('AssayToken.delegate', '', delegateVotes(requester, deployment));
  await mineBlocks(requester, 1);
  const proposal = { calls: [governedCall(deployment, { gasPrice: 15n * 10n ** 9n })], description: 'as it is' };
  const { proposalId } = await row('AssayGovernor.propose', '1 call', propose(requester, deployment, proposal));
  await mineBlocks(requester, 2);
  await row('AssayGovernor.castVoteWithReason', 'without a reason', castVote(requester, deployment, { proposalId, vote: 'for' }));
  await mineBlocks(requester, 5);
  const { executableAt } = await row('AssayGovernor.queue', '1 call', queueProposal(finder, deployment, proposal));
  await rpc('evm_setNextBlockTimestamp', [Number(executableAt) + 1]);
  await mineBlocks(requester, 1);
  await row('AssayGovernor.execute', '1 call', executeProposal(finder, deployment, proposal));
  const other = { ...proposal, description: 'or not' };
  await propose(requester, deployment, other);
  await row('AssayGovernor.cancel', '1 call', cancelProposal(requester, deployment, other));
  await row('Parameters.pauseNewJobs', 'begins', pauseNewJobs(requester, deployment, 4n));
  await row('Parameters.pauseNewJobs', 'ends', pauseNewJobs(requester, deployment, 0n));
}

async function measureRegistries(stage: SettlementStage, row: Row): Promise<void> {
  const { requester, deployment } = stage;
  const { windowVerifier } = deployment.addresses;
  const small = { ...stageModel, sizes: [1, 1], blockLog: 0 };
  await row('ModelRegistry.registerModel', '1 layer', registerModel(requester, deployment, small));
  await row('ModelRegistry.registerModel', '16 layers', registerModel(requester, deployment, deepModel));
  await registerModel(requester, deployment, largeModel);
  const genesis = { modelId: modelId(small), points: [g1Twice], cid: stageCid.subarray(0, 4), licence: 'CC0-1.0' };
  await row('ModelRegistry.registerGenesis', '1 block', registerGenesis(requester, deployment, genesis));
  const large = { modelId: modelId(largeModel), points, cid: longCid, licence: 'CC0-1.0' };
  await row('ModelRegistry.registerGenesis', '64 blocks', registerGenesis(requester, deployment, large));
  const vkHash = keccak256('0xaa');
  const register = (model: typeof stageModel) =>
    registerCircuit(requester, deployment, {
      vkHash,
      proofVerifier: windowVerifier,
      statementVerifier: windowVerifier,
      shape: windowOf(model),
    });
  await row('VerifierRouter.register', '1 layer', register(small));
  await row('VerifierRouter.register', '16 layers', register(deepModel));
  const data = { root: 77n, depth: 3, minibatches: 5, licence: 'CC-BY-4.0', revocable: true };
  const { datasetId } = await row(
    'DatasetRegistry.register',
    'cid of 36 bytes',
    registerDataset(requester, deployment, { ...data, cid: stageCid }),
  );
  await row(
    'DatasetRegistry.register',
    'cid of 128 bytes',
    registerDataset(requester, deployment, { ...data, depth: 32, minibatches: 2 ** 32, cid: longCid }),
  );
  await row('DatasetRegistry.revoke', '', revokeDataset(requester, deployment, datasetId));

  const id = checkpointId(modelId(largeModel), points);
  for (const [at, file, contract, proofOf, bytes] of [
    ['short proof', 'ScriptedStatements.sol', 'ScriptedWellFormed', boundProof, shortOpening],
    ['65,536 bytes, 64 blocks', 'ScriptedLargest.sol', 'LargestWellFormed', largeProof, opening],
  ] as const) {
    const circuitId = await stage.circuitOf(file, contract, wellFormedShape);
    const context = wellFormedContext(31337n, deployment.addresses.modelRegistry, circuitId);
    const proof = proofOf(circuitId, false, [context, id, 9n, 0n]);
    const proved = { circuitId, checkpointId: id, segment: 0n, maskId: 9n, proof, opening: bytes };
    await row('ModelRegistry.proveWellFormed', at, proveWellFormed(requester, deployment, proved));
  }
}

/** What a job can be charged for besides its price: every share, and the fee. */
const shares = { fee: ether, treasury: pad('0x7e', { size: 20 }), treasuryBps: 500, licensorBps: 500 } as const;

async function measureJobs({ requester, finder, deployment, eagerTerms, optimisticTerms }: SettlementStage, row: Row): Promise<void> {
  const { token, jobManager } = deployment.addresses;
  const plain = { ...eagerTerms, windows: 1 };
  await row('JobManager.openJob', 'eager, without shares', openJob(requester, deployment, plain));
  const { jobId } = await row(
    'JobManager.openJob',
    'optimistic, every share',
    openJob(requester, deployment, { ...optimisticTerms, ...times, ...shares }),
  );
  const permit = await signPermit(requester, devnetAccount(0), { token, spender: jobManager, value: 5n * ether, deadline });
  await row('JobManager.openJobWithPermit', 'eager, without shares', openJobWithPermit(requester, deployment, plain, permit));
  await mineBlocks(requester, Number(seedDelay));
  await row('JobManager.captureSeed', '', captureSeed(finder, deployment, jobId));
  await row('JobManager.pause', '', pauseJob(requester, deployment, jobId));
  await row('JobManager.resume', '', resumeJob(requester, deployment, jobId));
  await row('JobManager.cancel', 'nothing pending, fee', cancelJob(requester, deployment, jobId));
  const missed = await openJob(requester, deployment, plain);
  await mineBlocks(requester, 265);
  await row('JobManager.refundUnseeded', '', refundUnseeded(finder, deployment, missed.jobId));
}

/** Eight of them, enrolled one after the other, and each its own hot key. */
async function measureOperators(stage: SettlementStage, row: Row): Promise<readonly Operator[]> {
  const { requester, deployment, rpc } = stage;
  const { token, stakeManager } = deployment.addresses;
  const operators: Operator[] = [];
  for (let n = 0; n < 8; n++) {
    const key = privateKeyToAccount(pad(numberToHex(0xb000 + n), { size: 32 }));
    await rpc('anvil_setBalance', [key.address, numberToHex(100n * ether)]);
    await transferToken(requester, token, key.address, 3_000n * ether);
    const chain = await stage.connect(key);
    const peerId = new Uint8Array(n === 0 ? 2 : 64).fill(0xff);
    const registered = registerNode(chain, deployment, { hotKey: key, peerId });
    await (n < 2 ? row('NodeRegistry.register', `peer id of ${peerId.length} bytes`, registered) : registered);
    const staked = stake(chain, deployment, 2_000n * ether);
    await (n === 0 ? row('StakeManager.stake', 'first', staked) : staked);
    const enrolled = enrolValidator(chain, deployment);
    await ([0, 4, 7].includes(n) ? row('ValidatorManager.enrol', `${n} before it`, enrolled) : enrolled);
    operators.push({ chain, key });
  }
  const [{ chain, key }] = operators as [Operator];
  const permit = await signPermit(requester, key, { token, spender: stakeManager, value: ether, deadline });
  await row('StakeManager.stakeWithPermit', 'one of 8 enrolled', stakeWithPermit(chain, deployment, permit));
  await row('StakeManager.unbond', 'one of 8 enrolled', unbond(chain, deployment, 2n * ether));
  await row('StakeManager.rebond', 'one of 8 enrolled', rebond(chain, deployment, ether));
  await mineBlocks(requester, Number(unbondingBlocks));
  await row('StakeManager.withdraw', '', withdrawStake(chain, deployment));
  return operators;
}

async function measureEager(stage: SettlementStage, row: Row): Promise<void> {
  const { requester, finder, alice, bob, carol, deployment, eagerTerms } = stage;
  const eager = await stage.activeJob({ ...eagerTerms, maxLapses: 2 });
  const first = await row('WindowManager.lease', 'first', stage.leaseNext(alice, eager));
  const results = [501n, 77n, 88n];
  const proof = await stage.proofOf(first.submissionId, results);
  const window = { submissionId: first.submissionId, results, proof, opening: shortOpening };
  await row('WindowManager.submitAndSettle', 'eager, first window', submitAndSettle(alice.hot, deployment, window));
  const given = await stage.leaseNext(alice, eager);
  await row('WindowManager.release', 'free', releaseLease(alice.hot, deployment, given.submissionId));
  await stage.leaseNext(alice, eager);
  await mineBlocks(requester, 21);
  await row('WindowManager.lease', 'over one that is late', stage.leaseNext(bob, eager));
  await row('WindowManager.lease', 'of a raced slot', stage.leaseNext(carol, eager));
  await mineBlocks(requester, 21);
  await row('JobManager.close', 'two leases held', closeJob(finder, deployment, eager));
  const lapsing = await stage.activeJob(eagerTerms);
  const late = await stage.leaseNext(alice, lapsing);
  await mineBlocks(requester, 21);
  await row('WindowManager.expire', 'a lapse', expireLease(finder, deployment, late.submissionId));

  // A signed lie, and two results of one window; then what could not be taken at once.
  for (const party of [alice, bob]) {
    const job = await stage.activeJob(eagerTerms);
    const { submissionId } = await stage.leaseNext(party, job);
    const [one, two] = [await signedLie(stage, party, submissionId, 5n), await signedLie(stage, party, submissionId, 6n)];
    const committed = commitEvidence(finder, deployment, one);
    if (party === alice) {
      await row('ChallengeManager.commitEvidence', '', committed);
      await row('ChallengeManager.slashByEvidence', 'of a lease', slashByEvidence(finder, deployment, one));
      continue;
    }
    await committed;
    const both = { submissionId, statementName: 'train-window', first: one, second: two, salt } as const;
    await row('ChallengeManager.slashByEquivocation', 'of a lease', slashByEquivocation(finder, deployment, both));
  }
  await mineBlocks(requester, jailBlocks);
  await row('StakeManager.unjail', '', unjail(alice.cold, deployment));
  await unjail(bob.cold, deployment);
  await measureDebt(stage, row);
}

/** Evidence of a window whose proof is of zeros. */
async function signedLie({ requester, deployment }: SettlementStage, party: StageParty, submissionId: Hex, childId: bigint) {
  const statement = await getStatement(requester, deployment, submissionId, [childId, 77n, 88n]);
  const bytes = { proof: new Uint8Array(33), opening: shortOpening };
  const message = {
    submissionId,
    statementHash: statementHash('train-window', statement),
    proofHash: proofHash(bytes.proof, bytes.opening),
  };
  const signature = await signAnnouncement(party.hotKey, { chainId: 31337, jobManager: deployment.addresses.jobManager, message });
  return { statementName: 'train-window', statement, ...bytes, ...message, signature, salt } as const;
}

/** An operator whose other leases hold all of its stake when it is slashed. */
async function measureDebt(stage: SettlementStage, row: Row): Promise<void> {
  const { finder, carol, deployment, eagerTerms } = stage;
  const job = await stage.activeJob({ ...eagerTerms, bond: 600n * ether });
  const { submissionId } = await stage.leaseNext(carol, job);
  const lie = await signedLie(stage, carol, submissionId, 5n);
  await releaseLease(carol.hot, deployment, submissionId);
  const other = await stage.activeJob({ ...eagerTerms, bond: 1_200n * ether });
  const held = await stage.leaseNext(carol, other);
  await commitEvidence(finder, deployment, lie);
  await slashByEvidence(finder, deployment, lie);
  await releaseLease(carol.hot, deployment, held.submissionId);
  await row('ChallengeManager.collectDebt', '', collectDebt(finder, deployment, carol.cold.account.address, submissionId));
}

async function measureOptimistic(stage: SettlementStage, row: Row): Promise<void> {
  const { requester, finder, alice, bob, deployment } = stage;
  const terms = { ...stage.optimisticTerms, ...times, windows: 8, validators: 0, validatorBps: 0 };
  const job = await stage.activeJob(terms);
  const { submissionId } = await stage.leaseNext(alice, job);
  const results = [601n, 77n, 88n];
  const proof = await stage.proofOf(submissionId, results);
  const statement = await getStatement(requester, deployment, submissionId, results);
  const hashes = { statementHash: statementHash('train-window', statement), proofHash: proofHash(proof, shortOpening) };
  await row('WindowManager.submit', 'a window', submit(alice.hot, deployment, { submissionId, results, ...hashes }));
  await mineBlocks(requester, times.finalityBlocks + 1);
  await row('WindowManager.finalize', '1 window by silence', finalize(finder, deployment, job, 1));
  const asked = await stage.submitNext(alice, job, 602n);
  await row('ChallengeManager.demand', '', demandProof(finder, deployment, asked.submissionId));
  await row('WindowManager.settle', 'true, next to be final', settle(alice.hot, deployment, { ...asked, opening: shortOpening, salt }));
  await row('ChallengeManager.withdraw', '', withdrawOwed(alice.hot, deployment));
  const lie = await stage.submitNext(alice, job, 603n, false);
  await row('WindowManager.settle', 'false, 0 orphans', settle(finder, deployment, { ...lie, opening: shortOpening, salt }));
  const kept = await stage.submitNext(bob, job, 604n);
  await demandProof(finder, deployment, kept.submissionId);
  await mineBlocks(requester, times.answerBlocks + 1);
  await row('ChallengeManager.slashWithheld', '0 orphans', slashWithheld(finder, deployment, kept.submissionId));
  await mineBlocks(requester, jailBlocks);
  for (const party of [alice, bob]) await unjail(party.cold, deployment);
}

/** A plain token that is not the deployment's, of which the requester has all. */
async function otherToken({ requester }: SettlementStage): Promise<Address> {
  const set = Object.fromEntries(deploymentModules.map((name) => [name, zeroAddress])) as never;
  const args = [set, requester.account.address, 10n ** 6n * ether] as const;
  const { contractAddress } = await sendTransaction(requester, {
    data: encodeDeployData({ abi: assayTokenAbi, bytecode: assayTokenBytecode, args }),
  });
  return contractAddress as Address;
}

/** Settlement at its largest: eight windows of eight operators that wait, paid in another token, with every share and a fee. */
async function measureLargest(stage: SettlementStage, row: Row, operators: readonly Operator[], pay: Address): Promise<void> {
  const { requester, finder, deployment } = stage;
  const circuitId = await stage.circuitOf('ScriptedLargest.sol', 'LargestWindow', windowOf(largeModel));
  const genesisId = checkpointId(modelId(largeModel), points);
  const terms: JobTerms = {
    ...stage.optimisticTerms,
    ...shares,
    circuitId,
    genesisId,
    token: pay,
    windows: 8,
    ...times,
    validators: 3,
    validatorBps: 600,
  };
  await row('JobManager.openJob', 'another token, 64 blocks, every share', openJob(requester, deployment, terms));
  const resultsOf = (childId: bigint) => [childId, 77n, 88n];

  const submitUnder = async ({ chain }: Operator, jobId: bigint, childId: bigint, burns = false): Promise<Window> => {
    const { submissionId } = await lease(chain, deployment, jobId, 0n, await getHead(requester, deployment, jobId));
    const results = resultsOf(childId);
    const statement = await getStatement(requester, deployment, submissionId, results);
    const proof = burns ? burningProof : largeProof(circuitId, true, statement);
    const hashes = { statementHash: statementHash('train-window', statement), proofHash: proofHash(proof, windowOpening) };
    await submit(chain, deployment, { submissionId, results, ...hashes });
    return { submissionId, statement, proof };
  };
  /** Eight windows, the lowest of them false where it shall be. */
  const stackUp = async (burns: boolean): Promise<Stack> => {
    const jobId = await stage.activeJob(terms);
    const windows: Window[] = [];
    for (const [k, operator] of operators.entries()) windows.push(await submitUnder(operator, jobId, BigInt(700 + k), burns && k === 0));
    return { jobId, windows };
  };
  const demandAll = async ({ windows }: Stack): Promise<Window> => {
    for (const { submissionId } of windows) await demandProof(finder, deployment, submissionId);
    return windows[0] as Window;
  };
  /** What `action` does to the chain is taken back. */
  const scratch = async (action: () => Promise<unknown>): Promise<void> => {
    const snapshot = await stage.rpc('evm_snapshot');
    await action();
    await stage.rpc('evm_revert', [snapshot]);
  };
  /** What the lowest window's operator signs, committed as evidence by the finder. */
  const signedBy = async ({ submissionId, proof }: Window, statement: readonly bigint[], commits: boolean) => {
    const message = { submissionId, statementHash: statementHash('train-window', statement), proofHash: proofHash(proof, windowOpening) };
    const { key } = operators[0] as Operator;
    const signature = await signAnnouncement(key, { chainId: 31337, jobManager: deployment.addresses.jobManager, message });
    if (commits) await commitEvidence(finder, deployment, { ...message, salt });
    await mineBlocks(requester, 1);
    return { statementName: 'train-window', statement, proof, opening: windowOpening, ...message, signature, salt } as const;
  };

  const lying = await stackUp(true);
  await scratch(async () => {
    const lie = await demandAll(lying);
    const evidence = await signedBy(lie, lie.statement, true);
    const settled = () => settle(finder, deployment, { ...lie, opening: windowOpening, salt });
    await scratch(() => row('WindowManager.settle', 'false, 65,536 bytes, 7 orphans, all demanded', settled()));
    await row('ChallengeManager.slashByEvidence', '65,536 bytes, 7 orphans, all demanded', slashByEvidence(finder, deployment, evidence));
  });
  const honest = await stackUp(false);
  await scratch(async () => {
    await mineBlocks(requester, times.finalityBlocks + 1);
    await row('WindowManager.finalize', '8 windows by silence, every share', finalize(finder, deployment, honest.jobId, 8));
  });
  await scratch(async () => {
    const kept = await demandAll(honest);
    const both = [await signedBy(kept, kept.statement, true), await signedBy(kept, kept.statement.with(2, 5n), false)] as const;
    const equivocation = { submissionId: kept.submissionId, statementName: 'train-window', first: both[0], second: both[1], salt } as const;
    await scratch(() =>
      row('ChallengeManager.slashByEquivocation', '7 orphans, all demanded', slashByEquivocation(finder, deployment, equivocation)),
    );
    await mineBlocks(requester, times.answerBlocks + 1);
    await row('ChallengeManager.slashWithheld', '7 orphans, all demanded', slashWithheld(finder, deployment, kept.submissionId));
  });
  await measureSeats(stage, row, operators, honest);
  await measureMerge(stage, row, operators, {
    ...terms,
    mode: 'eager',
    finalityBlocks: 0,
    answerBlocks: 0,
    validators: 0,
    validatorBps: 0,
    windows: 1,
  });
  await measureAnswers(stage, row, operators[1] as Operator, pay);
}

/** Seats of windows whose proofs are the longest. */
async function measureSeats(
  { requester, finder, deployment }: SettlementStage,
  row: Row,
  operators: readonly Operator[],
  { jobId, windows }: Stack,
): Promise<void> {
  await mineBlocks(requester, 2);
  const taken: {
    readonly submissionId: Hex;
    readonly seat: bigint;
    readonly digest: Hex;
    readonly by: Operator;
    readonly window: Window;
  }[] = [];
  // The latest is the one whose draw is open for longest.
  for (const window of windows.toReversed()) {
    for (let seat = 0n; seat < 3n && taken.length < 2; seat++) {
      const drawn = await getDrawn(requester, deployment, window.submissionId, seat);
      const by = operators.find(({ key }) => key.address === drawn);
      if (by === undefined) continue;
      const { submissionId } = window;
      // The second one has not had the bytes.
      const proof = taken.length === 0 ? window.proof : burningProof;
      const about = { submissionId, seat, operator: by.key.address, proof, opening: windowOpening, salt };
      const committed = commitAttestation(by.chain, deployment, about);
      const { digest } = await (taken.length === 0 ? row('ValidatorManager.commitAttestation', '8 enrolled', committed) : committed);
      taken.push({ submissionId, seat, digest, by, window });
    }
  }
  const [honest, blind] = taken as [(typeof taken)[number], (typeof taken)[number]];
  await mineBlocks(requester, times.finalityBlocks / 2 + 1);
  await row('ValidatorManager.revealAttestation', '', revealAttestation(honest.by.chain, deployment, { ...honest, salt }));
  await revealAttestation(blind.by.chain, deployment, { ...blind, salt });
  const bytes = { proof: blind.window.proof, opening: windowOpening };
  await row(
    'ValidatorManager.exposeDigest',
    '65,536 bytes',
    exposeDigest(finder, deployment, { submissionId: blind.submissionId, seat: blind.seat, ...bytes }),
  );
  await mineBlocks(requester, times.finalityBlocks);
  await finalize(finder, deployment, jobId, 8);
  await mineBlocks(requester, times.answerBlocks);
  await row('ValidatorManager.settleSeat', 'paid', settleSeat(finder, deployment, honest.submissionId, honest.seat));
  await mineBlocks(requester, jailBlocks);
  await unjail(blind.by.chain, deployment);
  const { chain } = operators[0] as Operator;
  await row('ValidatorManager.retire', 'one of 8', retireValidator(chain, deployment));
  await enrolValidator(chain, deployment);
}

async function measureMerge(stage: SettlementStage, row: Row, operators: readonly Operator[], terms: JobTerms): Promise<void> {
  const { requester, deployment } = stage;
  const id = terms.genesisId;
  for (const contributions of [2, 8]) {
    const jobId = await stage.activeJob({ ...terms, contributions });
    for (const [c, { chain }] of operators.slice(0, contributions).entries()) {
      const { submissionId } = await lease(chain, deployment, jobId, BigInt(c), id);
      const results = [id, 77n, 88n];
      const proof = largeProof(terms.circuitId, true, await getStatement(requester, deployment, submissionId, results));
      const settled = submitAndSettle(chain, deployment, { submissionId, results, proof, opening: windowOpening });
      await (c === 0 && contributions === 8
        ? row('WindowManager.submitAndSettle', 'eager, 65,536 bytes, a contribution of 8, every share', settled)
        : settled);
    }
    const children = Array.from({ length: contributions }, () => points);
    await row(
      'WindowManager.merge',
      `${contributions} contributions, 64 blocks`,
      merge(requester, deployment, { jobId, base: points, children }),
    );
  }
}

async function measureAnswers(stage: SettlementStage, row: Row, { chain }: Operator, pay: Address): Promise<void> {
  const { requester, finder, deployment } = stage;
  const circuitId = await stage.circuitOf('ScriptedLargest.sol', 'LargestAnswer', windowOf(largeModel));
  const id = checkpointId(modelId(largeModel), points);
  const { circuitId: _circuit, datasetId: _dataset, genesisId: _genesis, windows: _windows, ...terms } = stage.optimisticTerms;
  const { licensorBps: _licensor, ...other } = shares;
  const asked = {
    ...terms,
    ...times,
    ...other,
    circuitId,
    checkpointId: id,
    open: true,
    token: pay,
    answers: 64,
    validators: 3,
    validatorBps: 600,
  };
  const { jobId } = await openInferenceJob(requester, deployment, asked);
  const input = (n: number) => ({ inputId: 2n ** 250n + BigInt(n), cid: n === 0 ? stageCid : longCid });
  const [one] = await addInputs(requester, deployment, jobId, [input(0)]);
  await row('JobManager.addInputs', '1', Promise.resolve(one as Sent));
  const large = await openInferenceJob(requester, deployment, asked);
  const [many] = await addInputs(
    requester,
    deployment,
    large.jobId,
    Array.from({ length: 64 }, (_, n) => input(n + 1)),
  );
  await row('JobManager.addInputs', '64, cids of 128 bytes', Promise.resolve(many as Sent));

  const leaseNext = async (n: number) => {
    const { submissionId } = await lease(chain, deployment, large.jobId, 0n, input(n + 1).inputId);
    const results = [55n, ...answers];
    const statement = await getStatement(requester, deployment, submissionId, results);
    return { submissionId, results, statement, proof: largeProof(circuitId, false, statement), opening };
  };
  const first = await leaseNext(0);
  await row(
    'WindowManager.submitAndSettle',
    'optimistic, an answer of 256 words, 65,536 bytes, every share',
    submitAndSettle(chain, deployment, first),
  );
  const second = await leaseNext(1);
  const hashes = { statementHash: statementHash('inference', second.statement), proofHash: proofHash(second.proof, opening) };
  await row('WindowManager.submit', 'an answer of 256 words', submit(chain, deployment, { ...second, ...hashes }));
  await demandProof(finder, deployment, second.submissionId);
  await row(
    'WindowManager.settle',
    'true, an answer of 256 words, 65,536 bytes, every share',
    settle(finder, deployment, { ...second, salt }),
  );
}

async function measureClaims(stage: SettlementStage, row: Row, pay: Address): Promise<void> {
  const { requester, finder, alice, deployment, rpc } = stage;
  const { token, rewardDistributor, stakeManager } = deployment.addresses;
  await row(
    'RewardDistributor.claim',
    'of an account that has none yet',
    claim(finder, deployment, { token: pay, account: shares.treasury }),
  );
  await row('RewardDistributor.claim', 'of one that has some', claim(finder, deployment, { account: alice.cold.account.address }));
  // As if 64 accounts had been credited of slashes.
  const accounts = Array.from({ length: 64 }, (_, n) => pad(numberToHex(0xcafe00 + n), { size: 20 }));
  await transferToken(requester, token, rewardDistributor, 66n * ether);
  await rpc('anvil_impersonateAccount', [stakeManager]);
  await rpc('anvil_setBalance', [stakeManager, numberToHex(ether)]);
  const module = await stage.connect({ address: stakeManager, type: 'json-rpc' });
  for (const account of accounts)
    await write(module, rewardDistributorAbi, rewardDistributor, 'creditTransferred', [token, account, ether]);
  const claims = accounts.map((account) => ({ token, account }));
  await row('RewardDistributor.claimMany', '1', claimMany(finder, deployment, claims.slice(0, 1)));
  await claimMany(finder, deployment, claims.slice(1, 2));
  for (const account of accounts.slice(0, 2))
    await write(module, rewardDistributorAbi, rewardDistributor, 'creditTransferred', [token, account, ether]);
  await row('RewardDistributor.claimMany', '64', claimMany(finder, deployment, claims));
}

async function measureAudits(stage: SettlementStage, row: Row): Promise<void> {
  const { requester, finder, deployment } = stage;
  const bounds = encodeWellFormedShape({ ...auditModel, blocksPerProof: blocks, wmax: 32_768, proofBytes });
  const wellFormedCircuitId = await stage.circuitOf('ScriptedStatements.sol', 'ScriptedWellFormed', bounds);
  const audited = checkpointId(modelId(auditModel), points);
  const context = wellFormedContext(31337n, deployment.addresses.modelRegistry, wellFormedCircuitId);
  const shown = { circuitId: wellFormedCircuitId, checkpointId: audited, segment: 0n, maskId: 9n, opening: shortOpening };
  await proveWellFormed(requester, deployment, { ...shown, proof: boundProof(wellFormedCircuitId, false, [context, audited, 9n, 0n]) });

  for (const size of ['small', 'large'] as const) {
    const large = size === 'large';
    const [groups, samples, depth, chunks] = large ? [15, 65_535, 8, 256] : [1, 8, 1, 2];
    const at = `${groups * 256} counts`;
    const shape = encodeAuditShape({ ...auditModel, samples, groups, treeDepth: depth, output: 'counts', thresholds: [], proofBytes });
    const [file, contract] = large ? ['ScriptedLargest.sol', 'LargestAudit'] : ['ScriptedAudits.sol', 'ScriptedAudit'];
    const circuitId = await stage.circuitOf(file, contract, shape);
    const set = { root: 77n, depth, chunks, samples, classes: 16, groups };
    const { setId } = await row('AuditRegistry.registerSet', `${chunks} chunks`, registerAuditSet(requester, deployment, set));
    const question = { circuitId, wellFormedCircuitId, checkpointId: audited, setOwner: requester.account.address };
    const drawn = await row('AuditRegistry.open', at, openAudit(finder, deployment, { ...question, setId, draws: chunks - 1 }));
    await mineBlocks(requester, 8);
    await row('AuditRegistry.draw', `${chunks - 1} of ${chunks}`, drawAudit(requester, deployment, drawn.auditId));

    // One proof completes an audit of one chunk.
    const single = await registerAuditSet(requester, deployment, { ...set, chunks: 1 });
    /** An audit whose right answers are `right` a class, with one of each wrong one. */
    const completed = async (right: number, name?: string): Promise<Hex> => {
      const { auditId, nonce } = await openAudit(finder, deployment, { ...question, setId: single.setId });
      const counts = pack(
        Array.from({ length: groups * 256 }, (_, k) => ((k % 256) % 17 === 0 ? right : 1)),
        16,
      );
      const ids = { chainId: 31337n, registry: deployment.addresses.auditRegistry, opener: finder.account.address };
      const fields = { ...ids, circuitId, wellFormedCircuitId, checkpointId: audited, setId: single.setId, nonce, draws: 0 };
      const statement = [auditContext(fields), audited, 55n, set.root, 0n, ...counts];
      const proof = (large ? largeProof : boundProof)(circuitId, false, statement);
      const chunk = { auditId, chunk: 0, maskId: 55n, counts, proof, opening: large ? opening : shortOpening };
      const proved = proveAuditChunk(requester, deployment, chunk);
      await (name === undefined ? proved : row('AuditRegistry.prove', name, proved));
      return auditId;
    };
    const auditId = await completed(3, large ? `${at}, 65,536 bytes` : at);
    const otherId = await completed(1);
    const claimed = claimAudit(finder, deployment, auditId, {
      kind: 'accuracy',
      class: 0,
      numerator: 48n * BigInt(groups),
      denominator: 288n * BigInt(groups),
    });
    const { claimId } = await row('AuditRegistry.claim', at, claimed);
    await row('AuditRegistry.dispute', at, disputeAudit(finder, deployment, { auditId, claimId, otherId }));
  }
}
