import { readdirSync, readFileSync } from 'node:fs';
import { type Abi, type Address, concat, type Hex, keccak256, numberToHex, toFunctionSelector, toHex } from 'viem';
import { formatAbiItem } from 'viem/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devnetAccount, startAnvil } from '../../src/chain/anvil.ts';
import { cancelJob } from '../../src/chain/cancelJob.ts';
import { cancelProposal } from '../../src/chain/cancelProposal.ts';
import { captureSeed, seedDelay } from '../../src/chain/captureSeed.ts';
import { castVote } from '../../src/chain/castVote.ts';
import { claim } from '../../src/chain/claim.ts';
import { claimMany } from '../../src/chain/claimMany.ts';
import { closeJob } from '../../src/chain/closeJob.ts';
import { collectDebt } from '../../src/chain/collectDebt.ts';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import { type ChainWriter, connectChain } from '../../src/chain/connectChain.ts';
import { delegateVotes } from '../../src/chain/delegateVotes.ts';
import { deployCode } from '../../src/chain/deployCode.ts';
import { deployContracts } from '../../src/chain/deployContracts.ts';
import { assertDeployment, parseDeployment } from '../../src/chain/deployment.ts';
import { errorsAbi } from '../../src/chain/errorsAbi.ts';
import { executeProposal } from '../../src/chain/executeProposal.ts';
import { expireLease } from '../../src/chain/expireLease.ts';
import { verifierRouterAbi } from '../../src/chain/generated/VerifierRouter.ts';
import { getCircuit } from '../../src/chain/getCircuit.ts';
import { getCircuitNamed } from '../../src/chain/getCircuitNamed.ts';
import { getClaimable } from '../../src/chain/getClaimable.ts';
import { getDataset } from '../../src/chain/getDataset.ts';
import { getDebt } from '../../src/chain/getDebt.ts';
import { getEmission } from '../../src/chain/getEmission.ts';
import { getEscrow } from '../../src/chain/getEscrow.ts';
import { getEvents } from '../../src/chain/getEvents.ts';
import { getFinalHead } from '../../src/chain/getFinalHead.ts';
import { getGovernance } from '../../src/chain/getGovernance.ts';
import { getHotKeyOwner } from '../../src/chain/getHotKeyOwner.ts';
import { getJob } from '../../src/chain/getJob.ts';
import { getLapses } from '../../src/chain/getLapses.ts';
import { getLease } from '../../src/chain/getLease.ts';
import { getLiabilities } from '../../src/chain/getLiabilities.ts';
import { getLicenceFor } from '../../src/chain/getLicenceFor.ts';
import { getLicenceHash } from '../../src/chain/getLicenceHash.ts';
import { getLineage } from '../../src/chain/getLineage.ts';
import { getNode } from '../../src/chain/getNode.ts';
import { getOperatorFor } from '../../src/chain/getOperatorFor.ts';
import { getParameters } from '../../src/chain/getParameters.ts';
import { getPendingUnits } from '../../src/chain/getPendingUnits.ts';
import { getProposal } from '../../src/chain/getProposal.ts';
import { getProvenance } from '../../src/chain/getProvenance.ts';
import { getReputation } from '../../src/chain/getReputation.ts';
import { getSlot } from '../../src/chain/getSlot.ts';
import { getStake } from '../../src/chain/getStake.ts';
import { getStatement } from '../../src/chain/getStatement.ts';
import { getTokenBalance } from '../../src/chain/getTokenBalance.ts';
import { getTotalStake } from '../../src/chain/getTotalStake.ts';
import { getUnbondingBlocks } from '../../src/chain/getUnbondingBlocks.ts';
import { getVotes } from '../../src/chain/getVotes.ts';
import { governedCall } from '../../src/chain/governedCall.ts';
import { isModel } from '../../src/chain/isModel.ts';
import { isStart } from '../../src/chain/isStart.ts';
import { lease } from '../../src/chain/lease.ts';
import { listJobs } from '../../src/chain/listJobs.ts';
import { merge } from '../../src/chain/merge.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { nameCircuit } from '../../src/chain/nameCircuit.ts';
import { openJob } from '../../src/chain/openJob.ts';
import { openJobWithPermit } from '../../src/chain/openJobWithPermit.ts';
import { pauseJob } from '../../src/chain/pauseJob.ts';
import { pauseNewJobs } from '../../src/chain/pauseNewJobs.ts';
import { propose } from '../../src/chain/propose.ts';
import { queueProposal } from '../../src/chain/queueProposal.ts';
import { rebond } from '../../src/chain/rebond.ts';
import { recoverAnnouncement } from '../../src/chain/recoverAnnouncement.ts';
import { refundUnseeded } from '../../src/chain/refundUnseeded.ts';
import { registerCircuit } from '../../src/chain/registerCircuit.ts';
import { registerDataset } from '../../src/chain/registerDataset.ts';
import { registerGenesis } from '../../src/chain/registerGenesis.ts';
import { registerNode } from '../../src/chain/registerNode.ts';
import { releaseLease } from '../../src/chain/releaseLease.ts';
import { requireUse } from '../../src/chain/requireUse.ts';
import { resumeJob } from '../../src/chain/resumeJob.ts';
import { revokeDataset } from '../../src/chain/revokeDataset.ts';
import { setEmissionBps } from '../../src/chain/setEmissionBps.ts';
import { setGasPrice } from '../../src/chain/setGasPrice.ts';
import { signAnnouncement } from '../../src/chain/signAnnouncement.ts';
import { signPermit } from '../../src/chain/signPermit.ts';
import { slashByEvidence } from '../../src/chain/slashByEvidence.ts';
import { stake } from '../../src/chain/stake.ts';
import { stakeWithPermit } from '../../src/chain/stakeWithPermit.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { transferToken } from '../../src/chain/transferToken.ts';
import { unbond } from '../../src/chain/unbond.ts';
import { unjail } from '../../src/chain/unjail.ts';
import { verifyByRouter } from '../../src/chain/verifyByRouter.ts';
import { watchEvents } from '../../src/chain/watchEvents.ts';
import { withdrawStake } from '../../src/chain/withdrawStake.ts';
import {
  batchSeedOf,
  checkpointId,
  circuitId as circuitIdOf,
  contextOf,
  datasetId as datasetIdOf,
  proofHash,
  statementHash,
  submissionId as submissionIdOf,
} from '../../src/commitment/ids.ts';
import { ignitionSrsId } from '../../src/commitment/srs.ts';
import type { AssayError } from '../../src/errors.ts';
import { callsOfUsers, withoutAction } from '../utils/callsOfUsers.ts';
import { codeOf } from '../utils/codeOf.ts';
import {
  boundProof,
  ether,
  falseProof,
  g1,
  g1Twice,
  g1Zero,
  genesisId,
  genesisPoints,
  hotKeyOf,
  opening,
  type SettlementStage,
  salt,
  stageCid,
  stageModelId,
  startSettlementStage,
  trained,
  windowShape,
} from '../utils/settlementStage.ts';

const bond = 100n * ether;

/** Code of a contract that answers every call with the word `answer`. */
const answering = (answer: number): Hex => concat(['0x60', numberToHex(answer, { size: 1 }), '0x60005260206000f3']);

describe('chain actions on anvil', () => {
  let stage: SettlementStage;
  let requester: ChainWriter;
  let finder: ChainWriter;
  let deployment: SettlementStage['deployment'];

  beforeAll(async () => {
    const governance = { votingDelayBlocks: 10, votingPeriodBlocks: 20, timelockSeconds: 3_600n };
    stage = await startSettlementStage({ contracts: { governance } });
    ({ requester, finder, deployment } = stage);
  });

  afterAll(() => stage?.close());

  it('deploys the whole set, each contract within the gas of one transaction', async () => {
    await assertDeployment(requester, deployment);
    const sent = new Map<string, bigint>();
    for (let n = deployment.firstBlock; n <= deployment.blockNumber; n++) {
      const { transactions } = await requester.client.getBlock({ blockNumber: BigInt(n) });
      for (const hash of transactions) {
        const { contractAddress, gasUsed } = await requester.client.getTransactionReceipt({ hash });
        if (typeof contractAddress === 'string') sent.set(contractAddress.toLowerCase(), gasUsed);
      }
    }
    for (const [module, address] of Object.entries(deployment.addresses)) {
      // The governor makes it.
      if (module === 'timelock') continue;
      expect(sent.get(address.toLowerCase()), module).toBeLessThan(16_777_216n);
    }
    const { timelock, guardian, bondFloor, emissionBps } = await getParameters(requester, deployment);
    expect({ timelock, guardian }).toEqual({ timelock: deployment.addresses.timelock, guardian: requester.account.address });
    expect([bondFloor, emissionBps]).toEqual([ether, 2_500n]);
    expect(await getUnbondingBlocks(requester, deployment)).toBe(400n);
    expect(await getTotalStake(requester, deployment)).toBe(6_000n * ether);
  });

  it('knows every error that a contract declares', () => {
    const declared = new Set<string>();
    const read = (folder: string): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        // Examples are not deployed.
        if (entry.isDirectory()) entry.name !== 'examples' && read(`${folder}/${entry.name}`);
        else if (entry.name.endsWith('.sol')) {
          for (const [, name] of readFileSync(`${folder}/${entry.name}`, 'utf8').matchAll(/^\s*error (\w+)\(/gm))
            declared.add(name as string);
        }
      }
    };
    read('contracts/src');
    const known = new Set(errorsAbi.map(({ name }) => name));
    expect(declared.size).toBeGreaterThan(100);
    expect([...declared].filter((name) => !known.has(name))).toEqual([]);
    // A selector names one error.
    const bySelector = Map.groupBy(errorsAbi, (error) => toFunctionSelector(formatAbiItem(error)));
    for (const same of bySelector.values()) expect(new Set(same.map((error) => formatAbiItem(error))).size).toBe(1);
  });

  it('has an action for every call that users make', async () => {
    const texts = readdirSync('src/chain')
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(`src/chain/${file}`, 'utf8'));
    const calls = await callsOfUsers();
    expect(calls.length).toBeGreaterThan(150);
    const without = calls.filter(({ abiName, name }) => {
      const used = new RegExp(`\\b${abiName}\\b[^;]*'${name}'`);
      return !texts.some((text) => used.test(text));
    });
    // Each of these has its reason, and none that has got an action since is listed.
    expect(new Set(without.map(({ call }) => call))).toEqual(new Set(Object.values(withoutAction).flat()));
  });

  it('has the constants that docs/explain/economics.md names', async () => {
    const constants = new Map<string, Set<bigint>>();
    for (const [module, address] of Object.entries(deployment.addresses)) {
      const file = module === 'token' ? 'AssayToken' : `${module[0]?.toUpperCase()}${module.slice(1)}`;
      if (['Governor', 'Timelock'].includes(file) || file.endsWith('Verifier')) continue;
      const made = (await import(`../../src/chain/generated/${file}.ts`)) as Record<string, unknown>;
      const abi = Object.values(made).find((value) => Array.isArray(value)) as Abi;
      for (const item of abi) {
        if (item.type !== 'function' || !/^[A-Z_]+$/.test(item.name) || !item.outputs[0]?.type.startsWith('uint')) continue;
        const value = BigInt((await requester.client.readContract({ abi, address, functionName: item.name })) as bigint | number);
        constants.set(item.name, (constants.get(item.name) ?? new Set()).add(value));
      }
    }
    let named = 0;
    for (const [, names, values] of readFileSync('docs/explain/economics.md', 'utf8').matchAll(
      /^\| ([^|]*`[A-Z_]+`[^|]*) \| ([^|]*) \|/gm,
    )) {
      const said = [...(values as string).matchAll(/(\d+(?:,\d{3})*)( ASSAY)?/g)];
      for (const [i, [, name]] of [...(names as string).matchAll(/`([A-Z_]+)`/g)].entries()) {
        const [, digits, unit] = said[i] as unknown as [string, string, string | undefined];
        const value = BigInt(digits.replaceAll(',', '')) * (unit === undefined ? 1n : ether);
        expect({ name, values: constants.get(name as string) }).toEqual({ name, values: new Set([value]) });
        named++;
      }
    }
    expect(named).toBeGreaterThan(20);
  });

  it('computes the ids that TypeScript computes', async () => {
    const { address: proofVerifier } = await deployCode(requester, answering(1));
    const registered = await registerCircuit(requester, deployment, {
      vkHash: keccak256('0xaa'),
      proofVerifier,
      statementVerifier: deployment.addresses.windowVerifier,
      shape: windowShape,
    });
    const codeHash = async (address: Address): Promise<Hex> => keccak256((await requester.client.getCode({ address })) as Hex);
    const proofVerifierCodeHash = await codeHash(proofVerifier);
    const statementVerifierCodeHash = await codeHash(deployment.addresses.windowVerifier);
    expect(registered.circuitId).toBe(
      circuitIdOf('train-window', {
        verifyingKey: Uint8Array.from([0xaa]),
        proofVerifierCodeHash,
        statementVerifierCodeHash,
        shape: windowShape,
      }),
    );
    const router = { abi: verifierRouterAbi, address: deployment.addresses.verifierRouter } as const;
    expect(await requester.client.readContract({ ...router, functionName: 'PUBLIC_SRS_ID' })).toBe(ignitionSrsId);
    expect(await getCircuit(requester, deployment, registered.circuitId)).toMatchObject({
      modelId: stageModelId,
      steps: 4,
      treeDepth: 3,
      shape: windowShape,
    });
    const again = { modelId: stageModelId, points: genesisPoints, cid: stageCid, licence: 'CC0-1.0' };
    expect((await registerGenesis(requester, deployment, again)).checkpointId).toBe(genesisId);
    expect(await isModel(finder, deployment, stageModelId)).toBe(true);
    const hash = keccak256(toHex('CC0-1.0'));
    const { address } = requester.account;
    expect(await getLicenceHash(finder, deployment, stageModelId, genesisId, address)).toBe(hash);
    expect(await getLicenceHash(finder, deployment, stageModelId, genesisId, finder.account.address)).toBeUndefined();
    expect(await getLicenceFor(finder, deployment, stage.circuitId, stageModelId, genesisId, address)).toBe(hash);
    expect(await isStart(finder, deployment, stage.circuitId, stageModelId, genesisId, address)).toBe(true);
    expect(await isStart(finder, deployment, stage.circuitId, stageModelId, genesisId, finder.account.address)).toBe(false);
    const statement = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n];
    for (const [proof, verdict] of [
      [boundProof(stage.circuitId, true, statement), true],
      [falseProof, false],
    ] as const) {
      expect(await verifyByRouter(finder, deployment, stage.circuitId, true, statement, proof, opening)).toBe(verdict);
    }
  });

  it('runs an eager job from opening to claim, with the statement and ids of the encodings', async () => {
    const { alice, bob, circuitId, datasetId } = stage;
    const jobId = await stage.activeJob({ ...stage.eagerTerms, fee: 2n * ether });
    const opened = await getJob(requester, deployment, jobId);
    expect(opened).toMatchObject({
      state: 'active',
      mode: 'eager',
      headId: genesisId,
      finalId: genesisId,
      // In the same token: price and fee.
      escrow: 14n * ether,
      unitsLeft: 2n,
      modelId: stageModelId,
      datasetId,
      datasetRoot: 77n,
      steps: 4,
      treasury: undefined,
      worker: undefined,
      licensor: requester.account.address,
    });
    expect(await getEscrow(finder, deployment, jobId, deployment.addresses.token)).toBe(14n * ether);
    expect(await getSlot(requester, deployment, jobId)).toMatchObject({ holder: undefined, held: 0, raced: false, done: false });
    const seedBlock = await requester.client.getBlock({ blockNumber: opened.openBlock + seedDelay });
    expect(opened.batchSeed).toBe(batchSeedOf(seedBlock.hash, jobId));
    const before = await getClaimable(requester, deployment, alice.cold.account.address);
    const emittedBefore = await getEmission(requester, deployment);
    let parentId = genesisId;
    for (const [index, worker] of [alice.hot, alice.cold].entries()) {
      const reputation = await getReputation(requester, deployment, alice.cold.account.address);
      const leased = await lease(worker, deployment, jobId, 0n, parentId);
      const ids = {
        chainId: 31337n,
        jobManager: deployment.addresses.jobManager,
        jobId,
        windowIndex: BigInt(index),
        contributionIndex: 0n,
      };
      const { submissionId } = leased;
      expect(leased).toMatchObject({
        operator: alice.cold.account.address,
        windowIndex: BigInt(index),
        contributionIndex: 0n,
        registrationNonce: 1n,
        raced: false,
      });
      expect(submissionId).toBe(submissionIdOf({ ...ids, leaseNonce: leased.leaseNonce }));
      expect(await getOperatorFor(finder, deployment, alice.hotKey.address)).toBe(alice.cold.account.address);
      expect((await getSlot(requester, deployment, jobId)).holder).toBe(submissionId);
      const locked = (bond * 15_000n + reputation.factor - 1n) / reputation.factor;
      expect(await getLease(finder, deployment, submissionId)).toMatchObject({
        state: 'held',
        ended: undefined,
        jobId,
        locked,
        penalty: ether,
      });
      expect((await getStake(finder, deployment, alice.cold.account.address)).locked).toBe(locked);
      const childId = 1000n + BigInt(index);
      const results = trained(childId);
      const proof = await stage.proofOf(submissionId, results);
      const context = contextOf('train-window', {
        ...ids,
        leaseNonce: leased.leaseNonce,
        registrationNonce: 1n,
        operator: alice.cold.account.address,
        circuitId,
      });
      const statement = [context, parentId, childId, 77n, 77n, opened.batchSeed, 4n * BigInt(index), 88n];
      expect(await getStatement(finder, deployment, submissionId, results)).toEqual(statement);
      const submission = { submissionId, results, proof, opening };
      expect(await codeOf(() => submitAndSettle(bob.hot, deployment, submission))).toBe('CHAIN_NOT_LEASE_HOLDER');
      expect(await submitAndSettle(worker, deployment, submission)).toMatchObject({ submissionId, reward: 5n * ether });
      expect(await getLease(finder, deployment, submissionId)).toMatchObject({ state: 'finalized', locked: 0n });
      const { windows } = await getLineage(finder, deployment, jobId);
      expect(windows[index]).toMatchObject({
        statement,
        parentId,
        childId,
        lossSum: 88n,
        proofHash: proofHash(proof, opening),
        operator: alice.cold.account.address,
        proved: true,
        reward: 5n * ether,
      });
      parentId = childId;
    }
    expect(await getJob(requester, deployment, jobId)).toMatchObject({
      state: 'completed',
      submitted: 2,
      finalized: 2,
      headId: parentId,
      finalId: parentId,
      escrow: 0n,
      unitsLeft: 0n,
    });
    expect(await getFinalHead(finder, deployment, jobId)).toEqual({ checkpointId: parentId, windows: 2 });
    expect(await getProvenance(finder, deployment, circuitId, parentId)).toMatchObject({
      parentId: 1000n,
      version: 2,
      jobId,
      windowIndex: 1,
    });
    expect(await getProvenance(finder, deployment, circuitId, 31n)).toBeUndefined();
    expect(await codeOf(() => lease(bob.hot, deployment, jobId, 0n, parentId))).toBe('CHAIN_WRONG_JOB_STATE');
    // Half an ASSAY is minted for each fee of two that was burned.
    const emission = await getEmission(requester, deployment);
    expect(emission.minted - emittedBefore.minted).toBe(ether);
    const { score, factor } = await getReputation(requester, deployment, alice.cold.account.address);
    expect([score > 3n * ether, factor > 10_000n]).toEqual([true, true]);
    expect((await getStake(finder, deployment, alice.cold.account.address)).locked).toBe(0n);
    expect((await getClaimable(requester, deployment, alice.cold.account.address)) - before).toBe(10n * ether);
    const balance = await getTokenBalance(requester, deployment.addresses.token, alice.cold.account.address);
    expect((await getLiabilities(finder, deployment, deployment.addresses.token)).owed).toBeGreaterThanOrEqual(10n * ether);
    // Anyone may send the claim; the operator is paid.
    const { amount } = await claim(finder, deployment, { account: alice.cold.account.address });
    expect((await getTokenBalance(requester, deployment.addresses.token, alice.cold.account.address)) - balance).toBe(amount);
    expect(await codeOf(() => claim(finder, deployment, { account: alice.cold.account.address }))).toBe('CHAIN_NOTHING_TO_CLAIM');
    expect((await listJobs(requester, deployment, { limit: 1 })).map((job) => job.jobId)).toEqual([jobId]);
  });

  it('leases one at a time; releases free of charge early, expires with a penalty late, races then', async () => {
    const { alice, bob } = stage;
    const jobId = await stage.activeJob(stage.eagerTerms);
    expect(await codeOf(() => lease(alice.hot, deployment, jobId, 0n, 1n))).toBe('CHAIN_START_MOVED');
    expect(await codeOf(() => lease(alice.hot, deployment, jobId, 1n, genesisId))).toBe('CHAIN_NO_SUCH_CONTRIBUTION');
    expect(await codeOf(() => lease(finder, deployment, jobId, 0n, genesisId))).toBe('CHAIN_NOT_REGISTERED');
    const first = await stage.leaseNext(alice, jobId);
    expect(await codeOf(() => stage.leaseNext(bob, jobId))).toBe('CHAIN_LEASE_HELD');
    expect(await codeOf(() => releaseLease(bob.hot, deployment, first.submissionId))).toBe('CHAIN_NOT_LEASE_HOLDER');
    await releaseLease(alice.hot, deployment, first.submissionId);
    expect(await getLease(finder, deployment, first.submissionId)).toMatchObject({ state: 'released' });
    const { active } = await getStake(finder, deployment, bob.cold.account.address);
    const second = await stage.leaseNext(bob, jobId);
    await mineBlocks(requester, 6);
    expect(await codeOf(() => releaseLease(bob.hot, deployment, second.submissionId))).toBe('CHAIN_RELEASE_TOO_LATE');
    expect(await codeOf(() => expireLease(finder, deployment, second.submissionId))).toBe('CHAIN_LEASE_NOT_EXPIRED');
    await mineBlocks(requester, 15);
    await expireLease(finder, deployment, second.submissionId);
    expect(await getLease(finder, deployment, second.submissionId)).toMatchObject({ state: 'lapsed' });
    expect(await getStake(finder, deployment, bob.cold.account.address)).toMatchObject({ active: active - ether, locked: 0n });
    expect(await getSlot(finder, deployment, jobId)).toMatchObject({ raced: true, releases: 1 });
    expect(await getLapses(finder, deployment, jobId)).toBe(1n);
    // Both may hold it now.
    const third = await stage.leaseNext(alice, jobId);
    const fourth = await stage.leaseNext(bob, jobId);
    expect([third.raced, fourth.raced]).toEqual([true, true]);
    await releaseLease(bob.hot, deployment, fourth.submissionId);
    await pauseJob(requester, deployment, jobId);
    expect(await codeOf(() => stage.leaseNext(bob, jobId))).toBe('CHAIN_WRONG_JOB_STATE');
    await resumeJob(requester, deployment, jobId);
    expect(await codeOf(() => closeJob(finder, deployment, jobId))).toBe('CHAIN_NOT_LAPSED');
    expect(await codeOf(() => cancelJob(alice.hot, deployment, jobId))).toBe('CHAIN_NOT_ALLOWED');
    await cancelJob(requester, deployment, jobId);
    expect(await getJob(requester, deployment, jobId)).toMatchObject({ state: 'cancelled', escrow: 5n * ether });
    expect(await getPendingUnits(finder, deployment, jobId)).toBe(1n);
    await releaseLease(alice.hot, deployment, third.submissionId);
    expect((await getJob(requester, deployment, jobId)).escrow).toBe(0n);
    await claim(requester, deployment);
  });

  it('is closed by anyone when nobody proves it', async () => {
    const jobId = await stage.activeJob({ ...stage.eagerTerms, maxLapses: 2 });
    const { submissionId } = await stage.leaseNext(stage.alice, jobId);
    await mineBlocks(requester, 21);
    await expireLease(finder, deployment, submissionId);
    expect(await codeOf(() => closeJob(finder, deployment, jobId))).toBe('CHAIN_NOT_LAPSED');
    await mineBlocks(requester, 20);
    await closeJob(finder, deployment, jobId);
    expect(await getJob(requester, deployment, jobId)).toMatchObject({ state: 'cancelled', escrow: 0n });
  });

  it('merges the contributions to a window into the next parent', async () => {
    const { alice, bob } = stage;
    const jobId = await stage.activeJob({ ...stage.eagerTerms, windows: 1, contributions: 2 });
    const children = [
      [g1Twice, g1Zero],
      [g1, g1],
    ] as const;
    const childIds = children.map((points) => checkpointId(stageModelId, points));
    for (const [index, party] of [bob, alice].entries()) {
      const { submissionId } = await stage.leaseNext(party, jobId, BigInt(index));
      const results = trained(childIds[index] as bigint);
      expect(await codeOf(() => merge(finder, deployment, { jobId, base: genesisPoints, children }))).toBe('CHAIN_NOTHING_TO_MERGE');
      await submitAndSettle(party.hot, deployment, { submissionId, results, proof: await stage.proofOf(submissionId, results), opening });
    }
    expect(await codeOf(() => stage.leaseNext(alice, jobId))).toBe('CHAIN_WINDOW_DONE');
    expect(await getJob(finder, deployment, jobId)).toMatchObject({ contributed: 2, submitted: 0, finalized: 0 });
    expect(await getLineage(finder, deployment, jobId)).toMatchObject({ windows: [], headId: genesisId });
    const swapped = [children[1], children[0]];
    expect(await codeOf(() => merge(finder, deployment, { jobId, base: genesisPoints, children: swapped }))).toBe('CHAIN_POINTS_MISMATCH');
    const { mergedId } = await merge(finder, deployment, { jobId, base: genesisPoints, children });
    expect(mergedId).toBe(checkpointId(stageModelId, [g1Twice, g1]));
    expect(await getJob(finder, deployment, jobId)).toMatchObject({ state: 'completed', finalized: 1, finalId: mergedId });
    const { windows, merges, headId } = await getLineage(finder, deployment, jobId);
    expect(headId).toBe(mergedId);
    expect(windows.map(({ childId, contributionIndex }) => [childId, contributionIndex])).toEqual(childIds.map((id, i) => [id, BigInt(i)]));
    expect(merges).toMatchObject([{ windowIndex: 0n, baseId: genesisId, mergedId }]);
    expect(await getProvenance(finder, deployment, stage.circuitId, mergedId)).toMatchObject({ parentId: genesisId, jobId });
  });

  it('refuses a false proof, and slashes who announced it; it returns from jail', async () => {
    const { alice, bob } = stage;
    const jobId = await stage.activeJob(stage.eagerTerms);
    const { submissionId } = await stage.leaseNext(alice, jobId);
    const refused = await submitAndSettle(alice.hot, deployment, {
      submissionId,
      results: trained(1n),
      proof: falseProof,
      opening,
    }).catch((error: AssayError) => error);
    expect(refused).toMatchObject({ code: 'CHAIN_PROOF_REJECTED', exitCode: 3 });
    const statement = await getStatement(finder, deployment, submissionId, trained(1n));
    const message = { submissionId, statementHash: statementHash('train-window', statement), proofHash: proofHash(falseProof, opening) };
    const signing = { chainId: 31337, jobManager: deployment.addresses.jobManager, message };
    const signature = await signAnnouncement(alice.hotKey, signing);
    expect(await recoverAnnouncement({ ...signing, signature })).toBe(alice.hotKey.address);
    expect(await getHotKeyOwner(finder, deployment, alice.hotKey.address)).toBe(alice.cold.account.address);
    expect(await codeOf(() => recoverAnnouncement({ ...signing, signature: `${signature.slice(0, -2)}1d` as Hex }))).toBe(
      'CHAIN_SIGNATURE_INVALID',
    );
    const evidence = { submissionId, statementName: 'train-window' as const, statement, proof: falseProof, opening, signature, salt };
    expect(await codeOf(() => slashByEvidence(finder, deployment, evidence))).toBe('CHAIN_NOT_COMMITTED');
    await commitEvidence(finder, deployment, { ...message, salt });
    expect(await codeOf(() => slashByEvidence(bob.hot, deployment, evidence))).toBe('CHAIN_NOT_COMMITTED');
    const { active } = await getStake(requester, deployment, alice.cold.account.address);
    const owed = await getClaimable(requester, deployment, requester.account.address);
    const { operator, slashed } = await slashByEvidence(finder, deployment, evidence);
    expect({ operator, slashed }).toEqual({ operator: alice.cold.account.address, slashed: bond });
    const after = await getStake(requester, deployment, alice.cold.account.address);
    expect(after).toMatchObject({ active: active - bond, locked: 0n });
    expect(after.jailedUntil).toBeGreaterThan(0n);
    expect(await getClaimable(requester, deployment, finder.account.address)).toBe(30n * ether);
    expect((await getClaimable(requester, deployment, requester.account.address)) - owed).toBe(20n * ether);
    expect((await getReputation(requester, deployment, operator)).score).toBe(0n);
    expect(await codeOf(() => slashByEvidence(finder, deployment, evidence))).toBe('CHAIN_ALREADY_SLASHED');
    expect(await getLease(requester, deployment, submissionId)).toMatchObject({ state: 'revoked' });
    expect(await codeOf(() => stage.leaseNext(alice, jobId))).toBe('CHAIN_JAILED');
    // The job goes on.
    const next = await stage.leaseNext(bob, jobId);
    await releaseLease(bob.hot, deployment, next.submissionId);
    await cancelJob(requester, deployment, jobId);
    expect(await codeOf(() => unjail(alice.cold, deployment))).toBe('CHAIN_STILL_JAILED');
    await mineBlocks(requester, 100);
    await unjail(alice.cold, deployment);
    expect((await getStake(requester, deployment, alice.cold.account.address)).jailedUntil).toBe(0n);
    expect(await codeOf(() => unjail(alice.cold, deployment))).toBe('CHAIN_NOT_JAILED');
  });

  it('collects later what an operator could not pay when it was slashed', async () => {
    const cold = await stage.connect(devnetAccount(6));
    const operator = cold.account.address;
    const hotKey = hotKeyOf(6);
    await registerNode(cold, deployment, { hotKey, peerId: Uint8Array.from([0, 36, 8, 1, 18, 32, ...new Uint8Array(32).fill(6)]) });
    const jobId = await stage.activeJob(stage.eagerTerms);
    const { submissionId } = await stage.leaseNext(stage.bob, jobId);
    // Somebody without stake signs under another one's lease.
    const statement = await getStatement(finder, deployment, submissionId, trained(1n));
    const message = { submissionId, statementHash: statementHash('train-window', statement), proofHash: proofHash(falseProof, opening) };
    const signature = await signAnnouncement(hotKey, { chainId: 31337, jobManager: deployment.addresses.jobManager, message });
    const evidence = { submissionId, statementName: 'train-window' as const, statement, proof: falseProof, opening, signature, salt };
    await commitEvidence(finder, deployment, { ...message, salt });
    expect(await getDebt(finder, deployment, operator, submissionId)).toBeUndefined();
    expect((await slashByEvidence(finder, deployment, evidence)).slashed).toBe(0n);
    await releaseLease(stage.bob.hot, deployment, submissionId);
    expect(await getDebt(finder, deployment, operator, submissionId)).toEqual({ finder: finder.account.address, amount: bond });
    expect(await codeOf(() => collectDebt(requester, deployment, operator, submissionId))).toBe('CHAIN_NOTHING_TO_COLLECT');
    await transferToken(requester, deployment.addresses.token, operator, bond + ether);
    await stake(cold, deployment, bond + ether);
    expect(await getStake(finder, deployment, operator)).toMatchObject({ active: bond + ether, debt: bond, free: ether });
    const owed = await getClaimable(requester, deployment, finder.account.address);
    expect((await collectDebt(requester, deployment, operator, submissionId)).collected).toBe(bond);
    expect((await getClaimable(requester, deployment, finder.account.address)) - owed).toBe(30n * ether);
    expect(await getStake(finder, deployment, operator)).toMatchObject({ active: ether, debt: 0n });
    expect(await getDebt(finder, deployment, operator, submissionId)).toBeUndefined();
    await cancelJob(requester, deployment, jobId);
  });

  it('never slashes for a proof that the verifier accepts', async () => {
    const { bob } = stage;
    const jobId = await stage.activeJob(stage.eagerTerms);
    const { submissionId } = await stage.leaseNext(bob, jobId);
    const statement = await getStatement(finder, deployment, submissionId, trained(9n));
    const proof = await stage.proofOf(submissionId, trained(9n));
    const message = { submissionId, statementHash: statementHash('train-window', statement), proofHash: proofHash(proof, opening) };
    const signature = await signAnnouncement(bob.hotKey, { chainId: 31337, jobManager: deployment.addresses.jobManager, message });
    await commitEvidence(finder, deployment, { ...message, salt });
    const evidence = { submissionId, statementName: 'train-window' as const, statement, proof, opening, signature, salt };
    expect(await codeOf(() => slashByEvidence(finder, deployment, evidence))).toBe('CHAIN_EVIDENCE_IS_TRUE');
    await releaseLease(bob.hot, deployment, submissionId);
  });

  it('refunds a job whose seed was missed', async () => {
    const { jobId } = await openJob(requester, deployment, stage.eagerTerms);
    expect(await codeOf(() => captureSeed(finder, deployment, jobId))).toBe('CHAIN_SEED_TOO_EARLY');
    expect(await codeOf(() => refundUnseeded(finder, deployment, jobId))).toBe('CHAIN_SEED_NOT_MISSED');
    await mineBlocks(requester, 265);
    expect(await codeOf(() => captureSeed(finder, deployment, jobId))).toBe('CHAIN_SEED_MISSED');
    await refundUnseeded(finder, deployment, jobId);
    expect(await getJob(requester, deployment, jobId)).toMatchObject({ state: 'cancelled', escrow: 0n });
  });

  it('stakes by a permit, unbonds, rebonds and withdraws', async () => {
    const { carol } = stage;
    const { address } = carol.cold.account;
    const { active } = await getStake(finder, deployment, address);
    const { token, stakeManager } = deployment.addresses;
    const deadline = 2n ** 40n;
    const account = devnetAccount(4);
    const permit = await signPermit(finder, account, { token, spender: stakeManager, value: 7n * ether, deadline });
    await stakeWithPermit(carol.cold, deployment, permit);
    expect((await getStake(finder, deployment, address)).active).toBe(active + 7n * ether);
    await unbond(carol.cold, deployment, 3n * ether);
    await rebond(carol.cold, deployment, 2n * ether);
    expect(await getStake(finder, deployment, address)).toMatchObject({ active: active + 6n * ether, unbonding: ether });
    expect(await codeOf(() => withdrawStake(carol.cold, deployment))).toBe('CHAIN_STILL_UNBONDING');
    expect(await codeOf(() => unbond(carol.cold, deployment, 10_000n * ether))).toBe('CHAIN_STAKE_TOO_SMALL');
    await mineBlocks(requester, 400);
    expect((await withdrawStake(carol.cold, deployment)).amount).toBe(ether);
  });

  it('opens a job by a permit, and pays many claims at once', async () => {
    const { alice } = stage;
    const { token, jobManager } = deployment.addresses;
    // Whoever opens jobs here has a genesis of its own.
    await registerGenesis(alice.cold, deployment, { modelId: stageModelId, points: genesisPoints, cid: stageCid, licence: 'CC0-1.0' });
    const terms = { ...stage.eagerTerms, fee: ether };
    const permit = await signPermit(finder, devnetAccount(1), { token, spender: jobManager, value: 12n * ether, deadline: 2n ** 40n });
    const { jobId } = await openJobWithPermit(alice.cold, deployment, terms, permit);
    expect(await getJob(finder, deployment, jobId)).toMatchObject({
      state: 'open',
      escrow: 12n * ether,
      requester: alice.cold.account.address,
    });
    // Used already, and the allowance is gone with it.
    expect(await codeOf(() => openJobWithPermit(alice.cold, deployment, terms, permit))).toBe('CHAIN_ERC20_INSUFFICIENT_ALLOWANCE');
    await cancelJob(alice.cold, deployment, jobId);
    const claims = [alice.cold, stage.carol.cold, finder].map(({ account }) => ({ token, account: account.address }));
    const owed = await Promise.all(claims.map(({ account }) => getClaimable(finder, deployment, account)));
    expect(owed.map((amount) => amount > 0n)).toEqual([true, false, true]);
    expect((await claimMany(finder, deployment, claims)).succeeded).toBe(2);
    const many = Array.from({ length: 65 }, () => claims[0] as (typeof claims)[0]);
    expect(await codeOf(() => claimMany(finder, deployment, many))).toBe('CHAIN_TOO_MANY_CLAIMS');
  });

  it('keeps to a dataset licence: its share, its uses, its revocation', async () => {
    const { alice } = stage;
    const parameters = { root: 78n, depth: 3, minibatches: 5, cid: stageCid, licence: 'ask me', feeBps: 500, revocable: true };
    const { datasetId } = await registerDataset(alice.cold, deployment, parameters);
    const registrant = alice.cold.account.address;
    const defaults = { uses: 3, expiryBlock: 0n };
    expect(datasetId).toBe(datasetIdOf({ ...parameters, ...defaults, registrant }));
    expect(await getDataset(finder, deployment, datasetId)).toEqual({ datasetId, registrant, ...parameters, ...defaults, revoked: false });
    await requireUse(finder, deployment, datasetId, 1);
    const terms = { ...stage.eagerTerms, datasetId, price: 100n * ether };
    expect(await codeOf(() => openJob(requester, deployment, { ...terms, licensorBps: 499 }))).toBe('CHAIN_LICENCE_SHARE_TOO_SMALL');
    const jobId = await stage.activeJob(terms);
    const before = await getClaimable(finder, deployment, registrant);
    expect((await stage.proveNext(stage.bob, jobId, 50n)).reward).toBe(95n * ether);
    expect((await getClaimable(finder, deployment, registrant)) - before).toBe(5n * ether);
    expect(await codeOf(() => revokeDataset(finder, deployment, datasetId))).toBe('CHAIN_NOT_REGISTRANT');
    expect(await codeOf(() => revokeDataset(requester, deployment, stage.datasetId))).toBe('CHAIN_NOT_REVOCABLE');
    await revokeDataset(alice.cold, deployment, datasetId);
    expect(await codeOf(() => requireUse(finder, deployment, datasetId, 1))).toBe('CHAIN_LICENCE_REVOKED');
    expect(await codeOf(() => openJob(requester, deployment, terms))).toBe('CHAIN_LICENCE_REVOKED');
    // What is open goes on.
    await stage.proveNext(stage.bob, jobId, 51n);
    const evaluation = await registerDataset(alice.cold, deployment, { ...parameters, uses: 2 });
    expect(await codeOf(() => openJob(requester, deployment, { ...terms, datasetId: evaluation.datasetId }))).toBe('CHAIN_USE_NOT_ALLOWED');
  });

  it('lets the guardian stop new jobs, and the timelock alone set parameters and names', async () => {
    expect(await codeOf(() => pauseNewJobs(finder, deployment, 10n))).toBe('CHAIN_NOT_GUARDIAN');
    await pauseNewJobs(requester, deployment, 20n);
    expect((await getParameters(finder, deployment)).pausedUntil).toBeGreaterThan(0n);
    expect(await codeOf(() => openJob(requester, deployment, stage.eagerTerms))).toBe('CHAIN_NEW_JOBS_PAUSED');
    await pauseNewJobs(requester, deployment, 0n);
    const { jobId } = await openJob(requester, deployment, stage.eagerTerms);
    await cancelJob(requester, deployment, jobId);
    expect(await codeOf(() => setGasPrice(requester, deployment, 10n ** 10n))).toBe('CHAIN_NOT_GOVERNOR');
    expect(await codeOf(() => setEmissionBps(requester, deployment, 1n))).toBe('CHAIN_NOT_GOVERNOR');
    expect(await codeOf(() => nameCircuit(requester, deployment, 'windows', stage.circuitId))).toBe('CHAIN_NOT_GOVERNOR');
    expect(await getCircuitNamed(requester, deployment, 'windows')).toBeUndefined();
    // What a vote would make the timelock do.
    const { timelock } = deployment.addresses;
    await stage.rpc('anvil_impersonateAccount', [timelock]);
    await stage.rpc('anvil_setBalance', [timelock, numberToHex(ether)]);
    const governed = await stage.connect({ address: timelock, type: 'json-rpc' });
    await nameCircuit(governed, deployment, 'windows', stage.circuitId);
    await setGasPrice(governed, deployment, 30n * 10n ** 9n);
    await setEmissionBps(governed, deployment, 5_000n);
    expect(await codeOf(() => setEmissionBps(governed, deployment, 5_001n))).toBe('CHAIN_OUT_OF_BOUNDS');
    expect(await getCircuitNamed(requester, deployment, 'windows')).toBe(stage.circuitId);
    expect(await getParameters(requester, deployment)).toMatchObject({ emissionBps: 5_000n, bondFloor: 2n * ether });
    await setGasPrice(governed, deployment, 15n * 10n ** 9n);
    await setEmissionBps(governed, deployment, 2_500n);
  });

  it('binds a hot key for ever and counts registrations', async () => {
    const { bob, alice } = stage;
    const peerId = Uint8Array.from([0, 36, 8, 1, 18, 32, ...new Uint8Array(32).fill(9)]);
    const registered = await registerNode(bob.cold, deployment, { hotKey: hotKeyOf(9), peerId });
    expect(registered.registrationNonce).toBe(2n);
    expect(await getNode(requester, deployment, bob.cold.account.address)).toMatchObject({
      hotKey: hotKeyOf(9).address,
      peerIdHash: keccak256(toHex(peerId)),
    });
    expect(await getHotKeyOwner(requester, deployment, bob.hotKey.address)).toBe(bob.cold.account.address);
    expect(await codeOf(() => registerNode(alice.cold, deployment, { hotKey: bob.hotKey, peerId }))).toBe('CHAIN_HOT_KEY_TAKEN');
  });

  it('watches events in order', async () => {
    const seen: string[] = [];
    const errors: AssayError[] = [];
    const stop = watchEvents(requester, deployment, {
      fromBlock: (await requester.client.getBlockNumber({ cacheTime: 0 })) + 1n,
      onEvent: (event) => void seen.push(event.name),
      onError: (error) => void errors.push(error),
      pollingInterval: 20,
    });
    const { jobId } = await openJob(requester, deployment, stage.eagerTerms);
    await cancelJob(requester, deployment, jobId);
    await expect.poll(() => seen.includes('EscrowRefunded'), { timeout: 5_000 }).toBe(true);
    stop();
    expect(seen.filter((name) => name.startsWith('Job'))).toEqual(['JobOpened', 'JobCancelled']);
    expect(errors).toEqual([]);
    expect((await getEvents(requester, deployment, { names: ['NodeRegistered'] })).length).toBeGreaterThanOrEqual(3);
  });

  it('governs by votes: proposed, voted for, queued, executed by anyone', async () => {
    const { token } = deployment.addresses;
    const [voter, poor] = [requester, finder];
    const proposal = {
      calls: [
        governedCall(deployment, { gasPrice: 45n * 10n ** 9n }),
        governedCall(deployment, { emissionBps: 1_000n }),
        governedCall(deployment, { name: 'voted', circuitId: stage.circuitId }),
      ],
      description: 'Gas has become dearer',
    };
    expect(await getGovernance(finder, deployment)).toMatchObject({
      votingDelayBlocks: 10n,
      votingPeriodBlocks: 20n,
      threshold: 10n ** 24n,
      timelock: deployment.addresses.timelock,
      timelockSeconds: 3_600n,
    });
    // Tokens alone are no votes.
    expect(await getVotes(finder, deployment, voter.account.address)).toEqual({ votes: 0n, delegate: undefined });
    expect(await codeOf(() => propose(voter, deployment, proposal))).toBe('CHAIN_GOVERNOR_INSUFFICIENT_PROPOSER_VOTES');
    await delegateVotes(voter, deployment);
    const votes = await getTokenBalance(voter, token, voter.account.address);
    expect(await getVotes(finder, deployment, voter.account.address)).toEqual({ votes, delegate: voter.account.address });
    await mineBlocks(voter, 1);
    expect((await getGovernance(finder, deployment)).quorum).toBeGreaterThan(31_000_000n * ether);

    const { proposalId, voteStart, voteEnd, blockNumber } = await propose(voter, deployment, proposal);
    expect([voteStart, voteEnd]).toEqual([blockNumber + 10n, blockNumber + 30n]);
    const cast = { proposalId, vote: 'for', reason: 'it has' } as const;
    expect(await codeOf(() => castVote(voter, deployment, cast))).toBe('CHAIN_GOVERNOR_UNEXPECTED_PROPOSAL_STATE');
    expect(await getProposal(finder, deployment, proposalId)).toMatchObject({
      state: 'pending',
      proposer: voter.account.address,
      voteStart,
      voteEnd,
    });
    await mineBlocks(voter, 11);
    expect((await castVote(voter, deployment, cast)).weight).toBe(votes);
    expect(await codeOf(() => castVote(voter, deployment, cast))).toBe('CHAIN_GOVERNOR_ALREADY_CAST_VOTE');
    expect((await castVote(poor, deployment, { proposalId, vote: 'against' })).weight).toBe(0n);
    expect(await codeOf(() => queueProposal(poor, deployment, proposal))).toBe('CHAIN_GOVERNOR_UNEXPECTED_PROPOSAL_STATE');
    await mineBlocks(voter, 20);
    const { executableAt } = await queueProposal(poor, deployment, proposal);
    expect(await getProposal(finder, deployment, proposalId)).toEqual({
      state: 'queued',
      proposer: voter.account.address,
      voteStart,
      voteEnd,
      executableAt,
      votesFor: votes,
      votesAgainst: 0n,
      votesAbstaining: 0n,
    });
    expect(await codeOf(() => executeProposal(poor, deployment, proposal))).toBe('CHAIN_TIMELOCK_UNEXPECTED_OPERATION_STATE');
    await stage.rpc('evm_setNextBlockTimestamp', [Number(executableAt)]);
    await mineBlocks(voter, 1);
    const before = await getParameters(finder, deployment);
    await executeProposal(poor, deployment, proposal);
    expect(await getParameters(finder, deployment)).toEqual({
      ...before,
      gasPrice: 45n * 10n ** 9n,
      emissionBps: 1_000n,
      bondFloor: 3n * ether,
    });
    expect(await getCircuitNamed(finder, deployment, 'voted')).toBe(stage.circuitId);
    expect((await getProposal(finder, deployment, proposalId)).state).toBe('executed');

    const other = { ...proposal, description: 'Better not' };
    const { proposalId: otherId } = await propose(voter, deployment, other);
    expect(await codeOf(() => cancelProposal(poor, deployment, other))).toBe('CHAIN_GOVERNOR_UNABLE_TO_CANCEL');
    await cancelProposal(voter, deployment, other);
    expect((await getProposal(finder, deployment, otherId)).state).toBe('canceled');
    expect(await codeOf(() => getProposal(finder, deployment, 5n))).toBe('CHAIN_GOVERNOR_NONEXISTENT_PROPOSAL');
  });

  it('refuses a deployment of another chain, of nothing, or of an older version', async () => {
    expect(parseDeployment(JSON.parse(JSON.stringify(deployment)))).toEqual(deployment);
    expect(await codeOf(() => assertDeployment(requester, { ...deployment, chainId: 1 }))).toBe('CHAIN_WRONG_CHAIN');
    const addresses = { ...deployment.addresses, jobManager: '0x00000000000000000000000000000000000000aa' as Address };
    expect(await codeOf(() => assertDeployment(requester, { ...deployment, addresses }))).toBe('CHAIN_NOT_DEPLOYED');
    expect(() => parseDeployment({ ...deployment, addresses: { ...addresses, token: '0x12' } })).toThrow(/addresses.token/);
    const { version: _version, ...older } = deployment;
    expect(await codeOf(async () => parseDeployment(older))).toBe('CHAIN_DEPLOYMENT_VERSION');
    expect(await codeOf(async () => parseDeployment({ ...deployment, version: 4 }))).toBe('CHAIN_DEPLOYMENT_VERSION');
    expect(await codeOf(async () => parseDeployment({}))).toBe('CHAIN_DEPLOYMENT_INVALID');
  });

  it('says what is wrong with an endpoint or a port in a typed error', async () => {
    const { rpcUrl, port } = stage.anvil;
    expect(await codeOf(() => connectChain({ rpcUrl, chainId: 1 }))).toBe('CHAIN_WRONG_CHAIN');
    const dead = await connectChain({ rpcUrl: 'http://127.0.0.1:9', timeout: 2_000 }).catch((error: AssayError) => error);
    expect(dead).toMatchObject({ code: 'CHAIN_RPC_UNREACHABLE', exitCode: 5 });
    expect(await codeOf(() => connectChain({ rpcUrl: 'nonsense' }))).toBe('CHAIN_RPC_URL_INVALID');
    expect(await codeOf(() => startAnvil({ port }))).toBe('CHAIN_PORT_TAKEN');
    const poor = await stage.connect(hotKeyOf(77));
    expect(await codeOf(() => transferToken(poor, deployment.addresses.token, requester.account.address, 1n))).toMatch(
      /CHAIN_(OUT_OF_FUNDS|ERC20_INSUFFICIENT_BALANCE)/,
    );
  });
});

describe('dev profile', () => {
  it('is refused where the chain is not a devnet', async () => {
    const anvil = await startAnvil({ chainId: 1 });
    try {
      const owner = await connectChain({ rpcUrl: anvil.rpcUrl, account: devnetAccount(0), pollingInterval: 20 });
      const deployment = await deployContracts(owner);
      const { address: proofVerifier } = await deployCode(owner, answering(1));
      const { circuitId } = await registerCircuit(owner, deployment, {
        vkHash: keccak256('0x01'),
        proofVerifier,
        statementVerifier: deployment.addresses.windowVerifier,
        shape: windowShape,
      });
      const { datasetId } = await registerDataset(owner, deployment, {
        root: 77n,
        depth: 3,
        minibatches: 5,
        cid: stageCid,
        licence: 'CC0-1.0',
      });
      const terms = {
        circuitId,
        datasetId,
        genesisId,
        windows: 1,
        price: 1n,
        bond,
        leaseBlocks: 9,
        freeReleaseBlocks: 1,
        evidenceBlocks: 9,
      };
      expect(await codeOf(() => openJob(owner, deployment, terms))).toBe('CHAIN_DEV_PROFILE_REFUSED');
    } finally {
      await anvil.stop();
    }
  });
});
