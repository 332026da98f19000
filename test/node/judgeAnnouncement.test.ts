import { numberToHex, zeroAddress, zeroHash } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getJob } from '../../src/chain/getJob.ts';
import type { LeaseRecord } from '../../src/chain/getLease.ts';
import { lease } from '../../src/chain/lease.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { blobId } from '../../src/commitment/blobId.ts';
import { proofHash } from '../../src/commitment/ids.ts';
import { AssayError } from '../../src/errors.ts';
import type { Announcement } from '../../src/net/messages.ts';
import { judgeAnnouncement } from '../../src/node/judgeAnnouncement.ts';
import { decodeProofFile, encodeProofFile, type ProofFile } from '../../src/proof/proofFile.ts';
import type { Stage } from '../utils/adversaryCheats.ts';
import { type AdversaryDevnet, checkpointBlob, startAdversaryDevnet } from '../utils/adversaryDevnet.ts';
import { announcementOf, type Entry, judge, submission } from '../utils/adversaryHandIn.ts';
import { contextFor, leaseRecord, openFor, proveInside, proveStory, type Story } from '../utils/adversaryProofs.ts';
import { openStage } from '../utils/adversaryRun.ts';
import { honestStory, trainStory } from '../utils/adversaryTraining.ts';

let devnet: AdversaryDevnet;
let stage: Stage;
let held: LeaseRecord;
let story: Story;
let announced: { message: Announcement; blobs: ReadonlyMap<string, Uint8Array> };

beforeAll(async () => {
  devnet = await startAdversaryDevnet();
  stage = await openStage(devnet, 'judge');
  const { submissionId } = await lease(devnet.honest.hot, devnet.deployment, stage.round.jobId, 0n, stage.head.id);
  held = await leaseRecord(devnet, submissionId);
  story = await honestStory(devnet, stage.round, held, stage.head);
  announced = await announcementOf(devnet, devnet.honest, stage.round, held, { ...(await proveStory(devnet, story)), child: story.child });
});

afterAll(() => devnet?.close());

const firstStep = (windowIndex: number): number => windowIndex * devnet.artifacts.instance.steps;

/** The announcement with its proof file changed, and the address of the changed file. */
function withFile(
  change: (file: ProofFile) => ProofFile,
  more: (message: Announcement, file: ProofFile) => Partial<Announcement> = () => ({}),
) {
  const file = change(decodeProofFile(announced.blobs.get(announced.message.proofCid) as Uint8Array));
  return withBytes(encodeProofFile(file), more(announced.message, file));
}

function withBytes(bytes: Uint8Array, more: Partial<Announcement> = {}) {
  return {
    message: { ...announced.message, proofCid: blobId(bytes), ...more },
    blobs: new Map([...announced.blobs, [blobId(bytes), bytes] as const]),
  };
}

it('accepts the honest worker’s announcement, and remembers its checkpoint', async () => {
  const { artifacts, circuitId, deployment, kzg, validator } = devnet;
  const remembered: bigint[] = [];
  const fetch = async (id: string): Promise<Uint8Array> => announced.blobs.get(id) as Uint8Array;
  const job = {
    artifacts,
    circuitId,
    statementVerifier: deployment.addresses.windowVerifier,
    kzg,
    firstStep,
    remember: ({ id }: { id: bigint }) => remembered.push(id),
  };
  const state = await getJob(validator.hot, deployment, stage.round.jobId);
  const { verdict, proof } = await judgeAnnouncement(
    { chain: validator.hot, deployment, fetch },
    job,
    state,
    held,
    announced.message,
    'peer',
  );
  expect([verdict, proof?.statement[2]]).toEqual(['accept', story.child.id]);
  expect(remembered).toEqual([story.child.id]);
});

it('accepts it still when its window has been finalized meanwhile and the head has moved on', async () => {
  await devnet.scratch(async () => {
    const { honest, deployment } = devnet;
    const file = decodeProofFile(announced.blobs.get(announced.message.proofCid) as Uint8Array);
    await submitAndSettle(honest.hot, deployment, submission(held.submissionId, file));
    expect((await getJob(honest.hot, deployment, stage.round.jobId)).headId).toBe(story.child.id);
    expect(await judge(devnet, stage.round, await leaseRecord(devnet, held.submissionId), announced)).toBe('accept');
  });
});

it('asks the announcement’s publisher first, for both blobs', async () => {
  const { artifacts, circuitId, deployment, kzg, validator } = devnet;
  const asked: (readonly string[] | undefined)[] = [];
  const fetch = async (id: string, first?: readonly string[]): Promise<Uint8Array> => {
    asked.push(first);
    const bytes = announced.blobs.get(id);
    if (bytes === undefined) throw new AssayError('NET_BLOB_NOT_FOUND', id);
    return bytes;
  };
  const state = await getJob(validator.hot, deployment, stage.round.jobId);
  const job = { artifacts, circuitId, statementVerifier: deployment.addresses.windowVerifier, kzg, firstStep, remember: () => undefined };
  await judgeAnnouncement({ chain: validator.hot, deployment, fetch }, job, state, held, announced.message, 'peer');
  expect(asked).toEqual([['peer'], ['peer']]);
});

describe('what is not the proof that was signed', () => {
  const someCid = blobId(new Uint8Array(3));
  it.each([
    ['nobody serves it', () => ({ ...announced, message: { ...announced.message, proofCid: someCid } }), 'PROOF_UNAVAILABLE'],
    ['it is no proof file', () => withBytes(new Uint8Array(100)), 'PROOF_FILE_MALFORMED'],
    [
      'a byte follows its end',
      () => withBytes(Uint8Array.from([...(announced.blobs.get(announced.message.proofCid) as Uint8Array), 0])),
      'PROOF_FILE_MALFORMED',
    ],
    [
      'it is another proof than the signed hash names',
      () => withFile((f) => ({ ...f, opening: f.opening.with(40, 1) })),
      'PROOF_FILE_MISMATCH',
    ],
    ['it is for another chain', () => withFile((f) => ({ ...f, chainId: 1n })), 'PROOF_FILE_MISMATCH'],
    ['it is for another verifier', () => withFile((f) => ({ ...f, statementVerifier: zeroAddress })), 'PROOF_FILE_MISMATCH'],
    ['it is for another circuit', () => withFile((f) => ({ ...f, circuitId: zeroHash })), 'PROOF_FILE_MISMATCH'],
    ['it says that the weights are hidden', () => withFile((f) => ({ ...f, open: false })), 'PROOF_FILE_MISMATCH'],
    [
      'its statement is not the announced one',
      () => withFile((f) => ({ ...f, statement: f.statement.with(7, 1n) })),
      'PROOF_FILE_MISMATCH',
    ],
  ] as const)('%s', async (_name, make, expected) => {
    expect(await judge(devnet, stage.round, held, make())).toBe(expected);
  });
});

describe('a false proof', () => {
  it.each([
    ['of another loss', (f: ProofFile) => ({ ...f, statement: f.statement.with(7, (f.statement[7] as bigint) + 1n) })],
    ['with a changed circuit proof', (f: ProofFile) => ({ ...f, proof: f.proof.with(99, (f.proof[99] as number) ^ 1) })],
    ['with a changed opening', (f: ProofFile) => ({ ...f, opening: f.opening.with(-1, (f.opening.at(-1) as number) ^ 1) })],
    ['of no bytes', (f: ProofFile) => ({ ...f, proof: new Uint8Array(), opening: new Uint8Array() })],
  ])('%s', async (_name, change) => {
    const made = withFile(change, (_message, file) => ({
      statement: file.statement.map((word) => numberToHex(word, { size: 32 })),
      proofHash: proofHash(file.proof, file.opening),
    }));
    expect(await judge(devnet, stage.round, held, made)).toBe('PROOF_FALSE');
  });

  it('under another lease’s context is no lie: the chain may have been reorganised, and the circuit be another one', async () => {
    const made = withFile(
      (f) => ({ ...f, statement: f.statement.with(0, contextFor(devnet, held, { circuitId: zeroHash })) }),
      (_message, file) => ({ statement: file.statement.map((word) => numberToHex(word, { size: 32 })) }),
    );
    expect(await judge(devnet, stage.round, held, made)).toBe('STATEMENT_CONTEXT');
  });

  it('says nothing of the shape that its file names: the circuit’s own decides', async () => {
    const made = withFile((f) => ({ ...f, shapeBytes: '0x', proofVerifierCodeHash: zeroHash, statementVerifierCodeHash: zeroHash }));
    expect(await judge(devnet, stage.round, held, made)).toBe('accept');
  });
});

describe('a true proof of another statement', () => {
  const tell = async (told: Story): Promise<string> => {
    const proof = await proveInside(devnet, told);
    const opening = await openFor(devnet, proof, told, proof.statement);
    const entry: Entry = { statement: proof.statement, proof: proof.proof, opening, child: told.child };
    return judge(devnet, stage.round, held, await announcementOf(devnet, devnet.honest, stage.round, held, entry));
  };
  const trained = (changes: object): Promise<Story> =>
    trainStory(devnet, stage.round, { context: contextFor(devnet, held), parent: stage.head, firstStep: story.firstStep, ...changes });

  it('another lease', async () =>
    expect(await tell({ ...story, context: contextFor(devnet, held, { leaseNonce: 9n }) })).toBe('STATEMENT_CONTEXT'));
  it('another parent', async () => expect(await tell(await trained({ parent: stage.round.genesis }))).toBe('STATEMENT_PARENT'));
  it('another seed', async () => expect(await tell(await trained({ batchSeed: stage.round.batchSeed + 1n }))).toBe('STATEMENT_SEED'));
  it('another step', async () => expect(await tell(await trained({ firstStep: story.firstStep + 1 }))).toBe('STATEMENT_STEP'));
  it('another data set', async () => {
    const minibatches = stage.round.dataset.minibatches.slice(0, 4);
    const dataset = { ...stage.round.dataset, minibatches, leaves: stage.round.dataset.leaves.slice(0, 4) };
    expect(await tell(await trained({ dataset }))).toBe('STATEMENT_DATASET');
  });
});

describe('a child that is not to be had', () => {
  const withChild = (bytes: Uint8Array) => ({
    message: { ...announced.message, checkpointCid: blobId(bytes) },
    blobs: new Map([...announced.blobs, [blobId(bytes), bytes] as const]),
  });

  it('nobody serves it', async () => {
    const message = { ...announced.message, checkpointCid: blobId(new Uint8Array(5)) };
    expect(await judge(devnet, stage.round, held, { ...announced, message })).toBe('CHECKPOINT_UNAVAILABLE');
  });

  it('it is no checkpoint, or another one', async () => {
    expect(await judge(devnet, stage.round, held, withChild(new Uint8Array(5)))).toBe('CHECKPOINT_MISMATCH');
    expect(await judge(devnet, stage.round, held, withChild(checkpointBlob(devnet.artifacts, stage.head)))).toBe('CHECKPOINT_MISMATCH');
    expect(await judge(devnet, stage.round, held, withChild(checkpointBlob(devnet.artifacts, story.child)))).toBe('accept');
  });
});
