import { encodeFunctionData, type Hex, toHex, zeroHash } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devnetAccount } from '../../src/chain/anvil.ts';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import { type ChainWriter, connectChain } from '../../src/chain/connectChain.ts';
import { deregisterNode } from '../../src/chain/deregisterNode.ts';
import { challengeManagerAbi } from '../../src/chain/generated/ChallengeManager.ts';
import { windowManagerAbi } from '../../src/chain/generated/WindowManager.ts';
import { getJob } from '../../src/chain/getJob.ts';
import type { LeaseRecord } from '../../src/chain/getLease.ts';
import { lease } from '../../src/chain/lease.ts';
import { registerNode } from '../../src/chain/registerNode.ts';
import { releaseLease } from '../../src/chain/releaseLease.ts';
import { slashByEvidence } from '../../src/chain/slashByEvidence.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { verifyingGas } from '../../src/chain/verifyingGas.ts';
import { proofHash, statementHash } from '../../src/commitment/ids.ts';
import type { Stage } from '../utils/adversaryCheats.ts';
import {
  type AdversaryDevnet,
  adversaryTerms,
  enrol,
  openRoundOn,
  type Party,
  prepareChain,
  startAdversaryDevnet,
} from '../utils/adversaryDevnet.ts';
import {
  announcementOf,
  type Entry,
  evidenceOf,
  isTrue,
  judge,
  leaseState,
  pursueEvidence,
  submission,
  submitAnyway,
  wealthOf,
} from '../utils/adversaryHandIn.ts';
import {
  type CircuitProof,
  contextFor,
  leaseRecord,
  openFor,
  proveInside,
  proveStory,
  type Story,
  wordsOf,
} from '../utils/adversaryProofs.ts';
import { openStage } from '../utils/adversaryRun.ts';
import { honestStory, trainStory } from '../utils/adversaryTraining.ts';
import { codeOf } from '../utils/codeOf.ts';

let devnet: AdversaryDevnet;
let stage: Stage;

/** The honest worker's lease of the second window and its proof; taken inside a scratch. */
async function holdSecond(party = devnet.honest): Promise<{ held: LeaseRecord; story: Story; entry: Entry; proof: CircuitProof }> {
  const { submissionId } = await lease(party.hot, devnet.deployment, stage.round.jobId, 0n, stage.head.id);
  const held = await leaseRecord(devnet, submissionId);
  const story = await honestStory(devnet, stage.round, held, stage.head);
  const proof = await proveInside(devnet, story);
  const opening = await openFor(devnet, proof, story, proof.statement);
  return { held, story, proof, entry: { statement: proof.statement, proof: proof.proof, opening, child: story.child } };
}

const submit = (chain: ChainWriter, submissionId: Hex, entry: Entry) =>
  submitAndSettle(chain, devnet.deployment, submission(submissionId, entry));

const rpc = (method: string, params: readonly unknown[]): Promise<unknown> => devnet.requester.client.request({ method, params } as never);

/** Sends without waiting for a block. */
async function post(chain: ChainWriter, to: Hex, data: Hex, tip: bigint): Promise<Hex> {
  const { client, account } = chain;
  const request = await client.prepareTransactionRequest({
    to,
    data,
    account,
    gas: 6_500_000n,
    maxPriorityFeePerGas: tip,
    // What anvil orders by.
    maxFeePerGas: 100n * 10n ** 9n + tip,
  } as never);
  if (account.type !== 'local') throw new Error('no key');
  const raw = await account.signTransaction(request as never);
  return (await client.request({ method: 'eth_sendRawTransaction', params: [raw as Hex] } as never)) as Hex;
}

/** Lets transactions wait for a block together, the best paid first. */
async function inOneBlock<T>(action: () => Promise<T>): Promise<T> {
  await rpc('evm_setAutomine', [false]);
  try {
    const result = await action();
    await rpc('evm_mine', []);
    return result;
  } finally {
    await rpc('evm_setAutomine', [true]);
  }
}

const statusOf = async (hash: Hex): Promise<string> => (await devnet.requester.client.getTransactionReceipt({ hash })).status;

beforeAll(async () => {
  devnet = await startAdversaryDevnet();
  stage = await openStage(devnet, 'replay');
});

afterAll(() => devnet?.close());

describe('copied from the mempool', () => {
  it('a proof sent by another account reverts, and its maker is paid all the same', async () => {
    await devnet.scratch(async () => {
      const { honest, adversary, stranger, deployment } = devnet;
      const { entry, held } = await holdSecond();
      const { submissionId, results } = submission(held.submissionId, entry);
      const data = encodeFunctionData({
        abi: windowManagerAbi,
        functionName: 'submitAndSettle',
        args: [submissionId, results, toHex(entry.proof), toHex(entry.opening)],
      });
      const before = await wealthOf(devnet, honest);
      const [victim, ...copies] = await inOneBlock(async () => {
        const sent = await post(honest.hot, deployment.addresses.windowManager, data, 1n);
        const pending = (await rpc('eth_getTransactionByHash', [sent])) as { input: Hex; to: Hex };
        return [
          sent,
          await post(adversary.hot, pending.to, pending.input, 10n ** 9n),
          await post(stranger, pending.to, pending.input, 2n * 10n ** 9n),
        ];
      });
      const receipts = await Promise.all(copies.map((hash) => devnet.requester.client.getTransactionReceipt({ hash: hash as Hex })));
      const own = await devnet.requester.client.getTransactionReceipt({ hash: victim as Hex });
      // The copies really came first, in the same block.
      for (const { status, blockNumber, transactionIndex } of receipts) {
        expect(status).toBe('reverted');
        expect(blockNumber).toBe(own.blockNumber);
        expect(transactionIndex).toBeLessThan(own.transactionIndex);
      }
      expect(own.status).toBe('success');
      expect((await wealthOf(devnet, honest)) - before).toBe(adversaryTerms.price);
    });
  });

  it('a commitment to evidence serves its finder only, and a copied slash reverts', async () => {
    await devnet.scratch(async () => {
      const { adversary, validator, deployment, honest } = devnet;
      const { held, entry } = await holdSecond(adversary);
      const lie: Entry = { ...entry, statement: entry.statement.with(7, (entry.statement[7] as bigint) + 1n) };
      const { message } = await announcementOf(devnet, adversary, stage.round, held, lie);
      const evidence = evidenceOf(message, lie, toHex(7, { size: 32 }));
      const committed = {
        submissionId: message.submissionId,
        statementHash: statementHash('train-window', lie.statement),
        proofHash: proofHash(lie.proof, lie.opening),
        salt: evidence.salt,
      };
      const { commitment } = await commitEvidence(validator.hot, deployment, committed);
      // The copier commits to the very same hash, and shows the evidence that it saw.
      const data = encodeFunctionData({ abi: challengeManagerAbi, functionName: 'commitEvidence', args: [commitment] });
      await inOneBlock(() => post(honest.hot, deployment.addresses.challengeManager, data, 1n));
      expect(await codeOf(() => slashByEvidence(honest.hot, deployment, evidence))).toBe('CHAIN_NOT_COMMITTED');
      expect(await codeOf(() => slashByEvidence(honest.hot, deployment, { ...evidence, salt: zeroHash }))).toBe('CHAIN_NOT_COMMITTED');
      const before = await wealthOf(devnet, validator);
      expect((await slashByEvidence(validator.hot, deployment, evidence)).slashed).toBe(adversaryTerms.bond);
      expect((await wealthOf(devnet, validator)) - before).toBe((adversaryTerms.bond * 30n) / 100n);
    });
  });

  it('a copied commitment that is mined first does not move the block from which its finder may show the evidence', async () => {
    await devnet.scratch(async () => {
      const { adversary, validator, deployment, honest } = devnet;
      const { held, entry } = await holdSecond(adversary);
      const lie: Entry = { ...entry, statement: entry.statement.with(7, (entry.statement[7] as bigint) + 1n) };
      const { message } = await announcementOf(devnet, adversary, stage.round, held, lie);
      const evidence = evidenceOf(message, lie);
      const committed = {
        submissionId: message.submissionId,
        statementHash: statementHash('train-window', lie.statement),
        proofHash: proofHash(lie.proof, lie.opening),
        salt: evidence.salt,
      };
      const probe = await devnet.scratch(() => commitEvidence(validator.hot, deployment, committed));
      const data = encodeFunctionData({ abi: challengeManagerAbi, functionName: 'commitEvidence', args: [probe.commitment] });
      const hashes = await inOneBlock(async () => [
        await post(validator.hot, deployment.addresses.challengeManager, data, 1n),
        await post(honest.hot, deployment.addresses.challengeManager, data, 10n ** 9n),
      ]);
      for (const hash of hashes) expect(await statusOf(hash)).toBe('success');
      expect((await slashByEvidence(validator.hot, deployment, evidence)).slashed).toBe(adversaryTerms.bond);
    });
  });
});

describe('a valid proof, replayed', () => {
  it('is refused once more for its own window, and for the next one', async () => {
    await devnet.scratch(async () => {
      const { honest, deployment } = devnet;
      const { entry, story, held } = await holdSecond();
      await submit(honest.hot, held.submissionId, entry);
      expect(await codeOf(() => submit(honest.hot, held.submissionId, entry))).toBe('CHAIN_WRONG_LEASE_STATE');
      const { submissionId } = await lease(honest.hot, deployment, stage.round.jobId, 0n, story.child.id);
      expect(await codeOf(() => submit(honest.hot, held.submissionId, entry))).toBe('CHAIN_WRONG_LEASE_STATE');
      expect(await codeOf(() => submit(honest.hot, submissionId, entry))).toBe('CHAIN_PROOF_REJECTED');
      expect((await getJob(honest.hot, deployment, stage.round.jobId)).finalized).toBe(2);
    });
  });

  it('is refused under a later lease of the same window by the same operator', async () => {
    await devnet.scratch(async () => {
      const { honest, deployment } = devnet;
      const first = await holdSecond();
      await releaseLease(honest.hot, deployment, first.held.submissionId);
      const { submissionId } = await lease(honest.hot, deployment, stage.round.jobId, 0n, stage.head.id);
      expect(await codeOf(() => submit(honest.hot, submissionId, first.entry))).toBe('CHAIN_PROOF_REJECTED');
      // The lease that it was made under is over.
      expect(await codeOf(() => submit(honest.hot, first.held.submissionId, first.entry))).toBe('CHAIN_WRONG_LEASE_STATE');
    });
  });

  it('is refused in another job on the same data and genesis', async () => {
    await devnet.scratch(async () => {
      const { honest, deployment } = devnet;
      const twin = await devnet.openRound('replay');
      expect(twin.jobId).not.toBe(stage.round.jobId);
      expect([twin.tree.root, twin.genesis.id]).toEqual([stage.round.tree.root, stage.round.genesis.id]);
      const { submissionId } = await lease(honest.hot, deployment, twin.jobId, 0n, twin.genesis.id);
      expect(await codeOf(() => submit(honest.hot, submissionId, stage.first))).toBe('CHAIN_PROOF_REJECTED');
      // The control: a proof made for it.
      const story = await honestStory(devnet, twin, await leaseRecord(devnet, submissionId), twin.genesis);
      await submit(honest.hot, submissionId, { ...(await proveStory(devnet, story)), child: story.child });
      expect((await getJob(honest.hot, deployment, twin.jobId)).finalized).toBe(1);
    });
  });

  it('is refused by another deployment on the same chain, and an announcement signed for the one is no evidence at the other', async () => {
    await devnet.scratch(async () => {
      const { deployment, requester } = await prepareChain(devnet.rpcUrl, devnet.artifacts);
      expect(deployment.addresses.jobManager).not.toBe(devnet.deployment.addresses.jobManager);
      const honest = await enrol(requester, deployment, 1);
      const other: AdversaryDevnet = { ...devnet, deployment, requester, honest };
      await expectRefusedElsewhere(other);
    });
  });

  it('is refused on another chain, by contracts at the same addresses', async () => {
    const other = await startAdversaryDevnet(1337);
    try {
      expect(other.deployment.addresses).toEqual(devnet.deployment.addresses);
      await expectRefusedElsewhere(other);
    } finally {
      await other.close();
    }
  });

  /** The first window's proof and a false announcement, taken to a deployment whose job, lease and operator have the same numbers. */
  async function expectRefusedElsewhere(other: AdversaryDevnet): Promise<void> {
    const round = await openRoundOn(other, 'replay', 4);
    expect([round.jobId, round.tree.root, round.genesis.id]).toEqual([stage.round.jobId, stage.round.tree.root, stage.round.genesis.id]);
    const { honest, deployment } = other;
    const { submissionId } = await lease(honest.hot, deployment, round.jobId, 0n, round.genesis.id);
    const held = await leaseRecord(other, submissionId);
    expect(await codeOf(() => submitAndSettle(honest.hot, deployment, submission(submissionId, stage.first)))).toBe('CHAIN_PROOF_REJECTED');
    // Told as if the other deployment's job had this one's seed: only context and binding differ.
    const twin = await trainStory(other, round, { context: contextFor(devnet, held), parent: round.genesis, firstStep: 0 });
    const proof = await proveInside(other, twin);
    const words = wordsOf({ ...twin, context: contextFor(other, held) }, proof.statement[3] as bigint);
    const entry: Entry = {
      statement: words,
      proof: proof.proof,
      opening: await openFor(other, proof, twin, words),
      child: twin.child,
    };
    expect(await codeOf(() => submitAndSettle(honest.hot, deployment, submission(submissionId, entry)))).toBe('CHAIN_PROOF_REJECTED');

    // Signed for the first deployment, shown to the other.
    const { message } = await announcementOf(devnet, devnet.honest, round, held, entry);
    const evidence = evidenceOf(message, entry);
    await commitEvidence(other.validator.hot, deployment, {
      ...message,
      statementHash: statementHash('train-window', words),
      salt: evidence.salt,
    });
    expect(await codeOf(() => slashByEvidence(other.validator.hot, deployment, evidence))).toBe('CHAIN_UNKNOWN_SIGNER');

    const own = await honestStory(other, round, held, round.genesis);
    await submitAndSettle(honest.hot, deployment, submission(submissionId, await proveStory(other, own)));
    expect((await getJob(honest.hot, deployment, round.jobId)).finalized).toBe(1);
  }
});

describe('each field of the context binds', () => {
  const zero = '0x0000000000000000000000000000000000000001';
  it.each([
    ['chainId', { chainId: 1n }],
    ['jobManager', { jobManager: zero as Hex }],
    ['jobId', { jobId: 99n }],
    ['windowIndex', { windowIndex: 2n }],
    ['contributionIndex', { contributionIndex: 1n }],
    ['leaseNonce', { leaseNonce: 99n }],
    ['registrationNonce', { registrationNonce: 2n }],
    ['operator', { operator: zero as Hex }],
    ['circuitId', { circuitId: zeroHash as Hex }],
  ] as const)('%s', async (_name, changes) => {
    await devnet.scratch(async () => {
      const { honest } = devnet;
      const { submissionId } = await lease(honest.hot, devnet.deployment, stage.round.jobId, 0n, stage.head.id);
      const held = await leaseRecord(devnet, submissionId);
      const story = await honestStory(devnet, stage.round, held, stage.head);
      const told = { ...story, context: contextFor(devnet, held, changes) };
      const proof = await proveInside(devnet, told);
      const words = wordsOf(story, proof.statement[3] as bigint);
      const opening = await openFor(devnet, proof, story, words);
      const entry: Entry = { statement: words, proof: proof.proof, opening, child: story.child };
      // The attack is one: under its own context every part is true.
      const own = await openFor(devnet, proof, story, proof.statement);
      expect(await isTrue(devnet, { ...entry, statement: proof.statement, opening: own })).toBe(true);
      expect(await submitAnyway(devnet, honest.hot, held.submissionId, entry)).toEqual({
        status: 'reverted',
        code: 'CHAIN_PROOF_REJECTED',
      });
      expect(await submitAnyway(devnet, honest.hot, held.submissionId, { ...entry, opening: own })).toEqual({
        status: 'reverted',
        code: 'CHAIN_PROOF_REJECTED',
      });
      // Announced with the statement that it is true of: worthless, but no lie, and no evidence of one.
      const truth: Entry = { ...entry, statement: proof.statement, opening: own };
      const announced = await announcementOf(devnet, honest, stage.round, held, truth);
      expect(await judge(devnet, stage.round, held, announced)).toBe('STATEMENT_CONTEXT');
      expect(await codeOf(() => pursueEvidence(devnet, devnet.validator.hot, announced.message, truth))).toBe('CHAIN_CONTEXT_MISMATCH');
      // The control, in the same state.
      const honestProof = await proveStory(devnet, story);
      expect((await submitAnyway(devnet, honest.hot, held.submissionId, honestProof)).status).toBe('success');
    });
  });

  it.each([
    ['childId', 2],
    ['maskId', 3],
    ['lossSum', 7],
  ] as const)('%s, which the sender gives', async (_name, word) => {
    await devnet.scratch(async () => {
      const { honest } = devnet;
      const { entry, held } = await holdSecond();
      const changed: Entry = { ...entry, statement: entry.statement.with(word, (entry.statement[word] as bigint) + 1n) };
      expect(await submitAnyway(devnet, honest.hot, held.submissionId, changed)).toEqual({
        status: 'reverted',
        code: 'CHAIN_PROOF_REJECTED',
      });
      expect((await submitAnyway(devnet, honest.hot, held.submissionId, entry)).status).toBe('success');
    });
  });
});

describe('registered anew between lease and submission', () => {
  const rotate = async (party: Party): Promise<ChainWriter> => {
    const hotKey = devnetAccount(42);
    await registerNode(party.operator, devnet.deployment, { hotKey, peerId: new Uint8Array(38).fill(9) });
    await rpc('anvil_setBalance', [hotKey.address, toHex(10n ** 18n)]);
    return connectChain({ rpcUrl: devnet.rpcUrl, account: hotKey });
  };

  it('the lease keeps the nonce it was taken under: the old hot key is out, the operator and the new one may submit that proof', async () => {
    for (const who of ['operator', 'new hot key'] as const) {
      await devnet.scratch(async () => {
        const { honest } = devnet;
        const { entry, held } = await holdSecond();
        expect(held.registrationNonce).toBe(1n);
        const renewed = await rotate(honest);
        expect(await codeOf(() => submit(honest.hot, held.submissionId, entry))).toBe('CHAIN_NOT_LEASE_HOLDER');
        await submit(who === 'operator' ? honest.operator : renewed, held.submissionId, entry);
        expect(await leaseState(devnet, held.submissionId)).toBe('finalized');
      });
    }
  });

  it('a proof made for the new nonce is refused under the old lease, and accepted under a new one', async () => {
    await devnet.scratch(async () => {
      const { honest, deployment } = devnet;
      const { held, story } = await holdSecond();
      const renewed = await rotate(honest);
      const later = { ...story, context: contextFor(devnet, held, { registrationNonce: 2n }) };
      const proof = { ...(await proveStory(devnet, later)), child: story.child };
      expect(await codeOf(() => submit(renewed, held.submissionId, proof))).toBe('CHAIN_PROOF_REJECTED');
      await releaseLease(renewed, deployment, held.submissionId);
      const { submissionId } = await lease(renewed, deployment, stage.round.jobId, 0n, stage.head.id);
      const again = await leaseRecord(devnet, submissionId);
      expect(again.registrationNonce).toBe(2n);
      const own = await honestStory(devnet, stage.round, again, stage.head);
      await submit(renewed, submissionId, { ...(await proveStory(devnet, own)), child: own.child });
    });
  });

  it('an operator that deregistered can finish its lease, and answers for what its old hot key signed', async () => {
    await devnet.scratch(async () => {
      const { adversary, validator, deployment } = devnet;
      const { entry, held } = await holdSecond(adversary);
      await deregisterNode(adversary.operator, deployment);
      expect(await codeOf(() => submit(adversary.hot, held.submissionId, entry))).toBe('CHAIN_NOT_LEASE_HOLDER');
      await devnet.scratch(() => submit(adversary.operator, held.submissionId, entry));
      const lie: Entry = { ...entry, statement: entry.statement.with(7, (entry.statement[7] as bigint) + 1n) };
      const { message } = await announcementOf(devnet, adversary, stage.round, held, lie);
      expect((await pursueEvidence(devnet, validator.hot, message, lie)).slashed).toBe(adversaryTerms.bond);
    });
  });
});

it('the gas that the tests send with is enough', () => {
  expect(verifyingGas(20_000)).toBeLessThan(6_500_000n);
});
