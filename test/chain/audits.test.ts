import { readFileSync } from 'node:fs';
import { type Address, type Hex, keccak256, zeroHash } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Anvil, devnetAccount, startAnvil } from '../../src/chain/anvil.ts';
import { claimAudit } from '../../src/chain/claimAudit.ts';
import { type ChainWriter, connectChain } from '../../src/chain/connectChain.ts';
import { deployCode } from '../../src/chain/deployCode.ts';
import { deployContracts } from '../../src/chain/deployContracts.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { disputeAudit } from '../../src/chain/disputeAudit.ts';
import { drawAudit, drawDelay } from '../../src/chain/drawAudit.ts';
import { getAudit } from '../../src/chain/getAudit.ts';
import { type AuditClaim, claimKinds, getAuditClaims } from '../../src/chain/getAuditClaims.ts';
import { getAuditCounts } from '../../src/chain/getAuditCounts.ts';
import { getAuditSet } from '../../src/chain/getAuditSet.ts';
import { getAuditSetBlock } from '../../src/chain/getAuditSetBlock.ts';
import { getAuditTally } from '../../src/chain/getAuditTally.ts';
import { getEvents } from '../../src/chain/getEvents.ts';
import type { IndexField } from '../../src/chain/indexKeys.ts';
import { indexReader } from '../../src/chain/indexReader.ts';
import { isCertified } from '../../src/chain/isCertified.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { type AuditQuestion, openAudit } from '../../src/chain/openAudit.ts';
import { proveAuditChunk } from '../../src/chain/proveAuditChunk.ts';
import { proveWellFormed } from '../../src/chain/proveWellFormed.ts';
import { registerAuditSet } from '../../src/chain/registerAuditSet.ts';
import { registerCircuit } from '../../src/chain/registerCircuit.ts';
import { syncIndex } from '../../src/chain/syncIndex.ts';
import {
  type AuditFields,
  auditContext,
  auditIdOf,
  auditSetId,
  drawChunks,
  drawSeed,
  encodeAuditShape,
  encodeWellFormedShape,
  wellFormedContext,
} from '../../src/commitment/ids.ts';
import { pack } from '../../src/commitment/packing.ts';
import type { AssayError } from '../../src/errors.ts';
import { codeOf } from '../utils/codeOf.ts';
import { runtimeCode } from '../utils/evm.ts';
import { memoryIndex } from '../utils/memoryIndex.ts';
import { boundProof, falseProof, opening, stageModel } from '../utils/settlementStage.ts';

// Audits through the actions; proofs are judged by scripted verifiers that take the one statement whose hash a proof carries.

const checkpointId = 4242n;
const set = { root: 77n, depth: 3, chunks: 5, samples: 8, classes: 10, groups: 1 };
const setId = auditSetId(set);

/** Counts of a chunk: so many right answers of class 3, and so many times 7 said of it. */
const countsOf = (right: number, wrong: number): number[] => {
  const counts = Array.from({ length: 100 }, () => 0);
  counts[33] = right;
  counts[37] = wrong;
  return counts;
};

describe('audits on anvil', () => {
  let anvil: Anvil;
  let owner: ChainWriter;
  let opener: ChainWriter;
  let other: ChainWriter;
  let deployment: Deployment;
  let circuitId: Hex;
  let wellFormedCircuitId: Hex;
  let question: AuditQuestion;

  beforeAll(async () => {
    anvil = await startAnvil();
    const connect = (n: number): Promise<ChainWriter> =>
      connectChain({ rpcUrl: anvil.rpcUrl, account: devnetAccount(n), pollingInterval: 20 });
    [owner, opener, other] = [await connect(0), await connect(1), await connect(2)];
    deployment = await deployContracts(owner);
    const { address: proofVerifier } = await deployCode(owner, '0x00');
    const scripted = async (file: string, contract: string, shape: Hex): Promise<Hex> => {
      const { address: statementVerifier } = await deployCode(owner, runtimeCode(`test/utils/${file}`, contract));
      return (await registerCircuit(owner, deployment, { vkHash: keccak256('0x01'), proofVerifier, statementVerifier, shape })).circuitId;
    };
    const auditShape = { ...stageModel, samples: 8, groups: 1, treeDepth: 3, output: 'counts', thresholds: [], proofBytes: 33 } as const;
    const wellFormedShape = { ...stageModel, blocksPerProof: 2, wmax: 32_768, proofBytes: 33 };
    circuitId = await scripted('ScriptedAudits.sol', 'ScriptedAudit', encodeAuditShape(auditShape));
    wellFormedCircuitId = await scripted('ScriptedStatements.sol', 'ScriptedWellFormed', encodeWellFormedShape(wellFormedShape));
    question = { circuitId, wellFormedCircuitId, checkpointId, setId, setOwner: owner.account.address };
  });

  afterAll(() => anvil?.stop());

  const fieldsOf = (nonce: bigint, draws = 0): AuditFields => ({
    chainId: 31337n,
    registry: deployment.addresses.auditRegistry,
    opener: opener.account.address,
    circuitId,
    checkpointId,
    setId,
    wellFormedCircuitId,
    draws,
    nonce,
  });

  /** A proof of this chunk, with these counts. */
  const chunkOf = (fields: AuditFields, chunk: number, values: readonly number[]) => {
    const counts = pack(values, 16);
    const statement = [auditContext(fields), checkpointId, 55n, set.root, BigInt(chunk), ...counts];
    return { auditId: auditIdOf(fields), chunk, maskId: 55n, counts, proof: boundProof(circuitId, false, statement), opening };
  };

  /** An audit of the whole set, all of whose chunks count the same. */
  const completed = async (right: number, wrong: number): Promise<Hex> => {
    const { auditId, nonce } = await openAudit(opener, deployment, question);
    for (let chunk = 0; chunk < set.chunks; chunk++) {
      const { completed } = await proveAuditChunk(other, deployment, chunkOf(fieldsOf(nonce), chunk, countsOf(right, wrong)));
      expect(completed).toBe(chunk === set.chunks - 1);
    }
    return auditId;
  };

  it('a set is registered under an owner, once', async () => {
    expect(await getAuditSet(other, deployment, setId)).toBeUndefined();
    expect(await codeOf(() => openAudit(opener, deployment, question))).toBe('CHAIN_UNKNOWN_SET');
    for (const change of [{ depth: 9 }, { chunks: 9 }, { samples: 0 }, { classes: 200, groups: 2 }])
      expect(await codeOf(() => registerAuditSet(owner, deployment, { ...set, ...change }))).toBe('CHAIN_SET_OUT_OF_RANGE');
    const registered = await registerAuditSet(owner, deployment, set);
    expect(registered.setId).toBe(setId);
    expect(await getAuditSet(other, deployment, setId)).toEqual(set);
    const blockOf = (account: Address): Promise<bigint | undefined> => getAuditSetBlock(other, deployment, setId, account);
    expect(await blockOf(owner.account.address)).toBe(registered.blockNumber);
    expect(await blockOf(other.account.address)).toBeUndefined();
    await registerAuditSet(owner, deployment, set);
    expect(await blockOf(owner.account.address)).toBe(registered.blockNumber);
    expect(await getAuditTally(other, deployment, setId)).toEqual({ opened: 0, completed: 0 });
  });

  it('an audit is opened before it is proved, chunk by chunk', async () => {
    const opened = await openAudit(opener, deployment, question);
    const { auditId, nonce, blockNumber } = opened;
    expect(auditId).toBe(auditIdOf(fieldsOf(nonce)));
    const fresh = {
      ...question,
      draws: 0,
      auditId,
      nonce,
      opener: opener.account.address,
      setRegisteredAt: await getAuditSetBlock(other, deployment, setId, owner.account.address),
      openedAt: blockNumber,
      completedAt: undefined,
      seed: undefined,
      disputes: 0n,
      state: 'drawn',
      wanted: [0, 1, 2, 3, 4],
      done: [],
    };
    expect(await getAudit(other, deployment, auditId)).toEqual(fresh);

    const good = chunkOf(fieldsOf(nonce), 3, countsOf(6, 2));
    const refused: [Partial<typeof good>, string][] = [
      [{ proof: falseProof }, 'CHAIN_PROOF_REJECTED'],
      [{ chunk: 2 }, 'CHAIN_PROOF_REJECTED'],
      [{ maskId: 56n }, 'CHAIN_PROOF_REJECTED'],
      [{ counts: pack(countsOf(7, 1), 16) }, 'CHAIN_PROOF_REJECTED'],
      [{ chunk: 5 }, 'CHAIN_CHUNK_NOT_WANTED'],
      [{ auditId: zeroHash }, 'CHAIN_UNKNOWN_AUDIT'],
    ];
    for (const [change, code] of refused) expect(await codeOf(() => proveAuditChunk(other, deployment, { ...good, ...change }))).toBe(code);
    const rejection = await proveAuditChunk(other, deployment, { ...good, proof: falseProof }).catch((error: AssayError) => error);
    expect((rejection as AssayError).exitCode).toBe(3);
    expect(await getAudit(other, deployment, auditId)).toEqual(fresh);
    expect((await proveAuditChunk(other, deployment, good)).completed).toBe(false);
    expect(await codeOf(() => proveAuditChunk(other, deployment, good))).toBe('CHAIN_CHUNK_DONE');
    expect(await getAudit(other, deployment, auditId)).toEqual({ ...fresh, done: [3] });
    expect(await getAuditCounts(other, deployment, auditId)).toEqual(countsOf(6, 2));
    expect(await isCertified(other, deployment, auditId)).toBe(false);
    expect(await codeOf(() => getAudit(other, deployment, zeroHash))).toBe('CHAIN_UNKNOWN_AUDIT');
    expect(await isCertified(other, deployment, zeroHash)).toBe(false);
  });

  it('a draw waits for its block; one that is missed stays on show', async () => {
    expect(await codeOf(() => openAudit(opener, deployment, { ...question, draws: 5 }))).toBe('CHAIN_DRAWS_OUT_OF_RANGE');
    const { auditId, nonce, blockNumber } = await openAudit(opener, deployment, { ...question, draws: 2 });
    expect(await getAudit(other, deployment, auditId)).toMatchObject({ state: 'opened', wanted: [], draws: 2 });
    const fields = fieldsOf(nonce, 2);
    expect(await codeOf(() => proveAuditChunk(other, deployment, chunkOf(fields, 0, countsOf(1, 0))))).toBe('CHAIN_NOT_DRAWN');
    expect(await codeOf(() => drawAudit(other, deployment, auditId))).toBe('CHAIN_DRAW_TOO_EARLY');
    await mineBlocks(other, Number(drawDelay));
    const { seed, chunks } = await drawAudit(other, deployment, auditId);
    const { hash } = await other.client.getBlock({ blockNumber: blockNumber + drawDelay });
    expect(seed).toBe(drawSeed(hash, auditId));
    expect(chunks).toEqual(drawChunks(seed, 5, 2).sort((a, b) => a - b));
    expect(await getAudit(other, deployment, auditId)).toMatchObject({ state: 'drawn', seed, wanted: chunks });
    expect(await codeOf(() => drawAudit(other, deployment, auditId))).toBe('CHAIN_NOTHING_TO_DRAW');
    for (const chunk of chunks) await proveAuditChunk(other, deployment, chunkOf(fields, chunk, countsOf(1, 1)));
    expect(await getAudit(other, deployment, auditId)).toMatchObject({ state: 'completed', done: chunks });

    const missed = await openAudit(opener, deployment, { ...question, draws: 1 });
    await mineBlocks(other, 8 + 256);
    expect(await codeOf(() => drawAudit(other, deployment, missed.auditId))).toBe('CHAIN_DRAW_TOO_LATE');
    expect(await getAuditTally(other, deployment, setId)).toEqual({ opened: 3, completed: 1 });
  });

  it('what a certified audit shows is claimed by its opener, and disputed by an audit that contradicts it', async () => {
    const auditId = await completed(6, 2);
    const claim: AuditClaim = { kind: 'recall', class: 3, numerator: 30n, denominator: 40n };
    expect(await codeOf(() => claimAudit(opener, deployment, auditId, claim))).toBe('CHAIN_NOT_CERTIFIED');
    const context = wellFormedContext(31337n, deployment.addresses.modelRegistry, wellFormedCircuitId);
    for (const segment of [0n, 1n, 2n, 3n]) {
      if (await isCertified(other, deployment, auditId)) break;
      const proof = boundProof(wellFormedCircuitId, false, [context, checkpointId, 9n, segment]);
      await proveWellFormed(other, deployment, { circuitId: wellFormedCircuitId, checkpointId, segment, maskId: 9n, proof, opening });
    }
    expect(await isCertified(other, deployment, auditId)).toBe(true);
    expect(await codeOf(() => claimAudit(other, deployment, auditId, claim))).toBe('CHAIN_NOT_THE_OPENER');
    expect(await codeOf(() => claimAudit(opener, deployment, auditId, { ...claim, class: 10 }))).toBe('CHAIN_CLAIM_OUT_OF_RANGE');
    const tooMuch = await claimAudit(opener, deployment, auditId, { ...claim, numerator: 31n }).catch((error: AssayError) => error);
    expect(tooMuch).toMatchObject({ code: 'CHAIN_CLAIM_NOT_BORNE_OUT', exitCode: 3 });
    expect(await getAuditClaims(other, deployment, auditId)).toEqual([]);
    const accuracy: AuditClaim = { kind: 'accuracy', class: 0, numerator: 29n, denominator: 40n };
    const { claimId, blockNumber } = await claimAudit(opener, deployment, auditId, claim);
    const second = await claimAudit(opener, deployment, auditId, accuracy);
    expect([claimId, second.claimId]).toEqual([0n, 1n]);

    const [equal, lower] = [await completed(3, 1), await completed(29, 11)];
    const dispute = (chosen: Partial<Parameters<typeof disputeAudit>[2]> = {}) =>
      disputeAudit(other, deployment, { auditId, claimId, otherId: lower, ...chosen });
    expect(await codeOf(() => dispute({ otherId: equal }))).toBe('CHAIN_NOT_CONTRADICTED');
    expect(await codeOf(() => dispute({ otherId: auditId }))).toBe('CHAIN_NOT_CONTRADICTED');
    // 29 of 40 are as many as the second claim says.
    expect(await codeOf(() => dispute({ claimId: 1n }))).toBe('CHAIN_NOT_CONTRADICTED');
    expect(await codeOf(() => dispute({ claimId: 2n }))).toBe('CHAIN_UNKNOWN_CLAIM');
    expect(await codeOf(() => dispute({ otherId: zeroHash }))).toBe('CHAIN_UNKNOWN_AUDIT');
    const { auditId: unproved } = await openAudit(opener, deployment, question);
    expect(await codeOf(() => dispute({ otherId: unproved }))).toBe('CHAIN_NOT_CERTIFIED');
    expect((await getAudit(other, deployment, auditId)).disputes).toBe(0n);
    await dispute();
    expect(await codeOf(() => dispute())).toBe('CHAIN_ALREADY_DISPUTED');
    expect(await getAuditClaims(other, deployment, auditId)).toEqual([
      { ...claim, claimId: 0n, claimedAt: blockNumber, disputes: 1n },
      { ...accuracy, claimId: 1n, claimedAt: second.blockNumber, disputes: 0n },
    ]);
    expect((await getAudit(other, deployment, auditId)).disputes).toBe(1n);
    expect(await isCertified(other, deployment, auditId)).toBe(true);
  });

  it('the index finds all that happened to an audit, and over a set', async () => {
    const storage = memoryIndex();
    for (let caughtUp = false; !caughtUp; ) ({ caughtUp } = await syncIndex(other, deployment, { storage }));
    const reader = indexReader(storage, deployment);
    const found = async (about: readonly [IndexField, string | bigint]) => (await reader.events({ about, limit: 200 })).items;
    const all = (await getEvents(other, deployment)).filter(({ module }) => module === 'auditRegistry');
    expect(new Set(all.map(({ name }) => name)).size).toBe(7);
    const audits = all.flatMap((event) => (event.name === 'AuditOpened' ? [event.args.auditId] : []));
    for (const auditId of audits) {
      expect(await found(['auditId', auditId])).toEqual(all.filter(({ args }) => 'auditId' in args && args.auditId === auditId));
    }
    expect(await found(['setId', setId])).toEqual(all.filter(({ args }) => 'setId' in args && args.setId === setId));
    expect((await found(['checkpointId', checkpointId])).filter(({ name }) => name === 'AuditOpened')).toHaveLength(audits.length);
    const disputed = all.flatMap((event) => (event.name === 'AuditDisputed' ? [event.args.auditId] : []));
    const names = (await found(['auditId', disputed[0] as Hex])).map(({ name }) => name);
    expect(names).toEqual([
      'AuditOpened',
      ...Array.from({ length: 5 }, () => 'ChunkProved'),
      'AuditCompleted',
      'AuditClaimed',
      'AuditClaimed',
      'AuditDisputed',
    ]);
  });

  it('names the kinds of claims in the order of the contract', () => {
    const kinds = /enum ClaimKind \{([^}]*)\}/
      .exec(readFileSync('contracts/src/interfaces/IAuditRegistry.sol', 'utf8'))?.[1]
      ?.split(',')
      .map((name) => name.trim());
    const named = claimKinds.map((kind) => kind.replace(/(^|-)([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase()));
    expect(named).toEqual(kinds);
  });
});
