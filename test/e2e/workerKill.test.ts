import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Hex, toFunctionSelector } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getLineage } from '../../src/chain/getLineage.ts';
import { getTokenBalance } from '../../src/chain/getTokenBalance.ts';
import { blobId } from '../../src/commitment/blobId.ts';
import { encodeDatasetBlob } from '../../src/data/datasetBlob.ts';
import { type Announcement, encodeAnnouncement } from '../../src/net/messages.ts';
import { announcedSubmissionId } from '../../src/node/openRole.ts';
import { openStore } from '../../src/store/openStore.ts';
import {
  type AdversaryDevnet,
  adversaryCache,
  adversaryTerms,
  checkpointBlob,
  type Round,
  startAdversaryDevnet,
} from '../utils/adversaryDevnet.ts';
import { startTestNode, type TestNode } from '../utils/netNodes.ts';
import { integers } from '../utils/random.ts';
import { type RpcProxy, selectorOf, startRpcProxy } from '../utils/rpcProxy.ts';
import { startWorker } from '../utils/startWorker.ts';
import { useScratch } from '../utils/useScratch.ts';
import type { WorkerProgramSettings } from '../utils/workerProgram.ts';

const scratch = useScratch('kill');
const submitSelector = toFunctionSelector('submitAndSettle(bytes32,uint256[],bytes,bytes)');
const leaseSelector = toFunctionSelector('lease(uint256,uint256,uint256)');

let devnet: AdversaryDevnet;
let round: Round;
let proxy: RpcProxy;
let peer: TestNode;
/** All that the worker's neighbour heard. */
const announcements: Announcement[] = [];

/** Where a worker dies: as it journals a state, or as a transaction of its goes out. */
type Kill = {
  readonly name: string;
  readonly state?: WorkerProgramSettings['kill'];
  readonly sending?: { readonly selector: Hex; readonly when: 'before' | 'after' };
};

const kills: readonly Kill[] = [
  { name: 'before the lease is broadcast', sending: { selector: leaseSelector, when: 'before' } },
  { name: 'after the lease is broadcast', sending: { selector: leaseSelector, when: 'after' } },
  ...['leased', 'trained', 'proved', 'announced', 'submitting'].flatMap((state): Kill[] => [
    { name: `before ${state} is journaled`, state: { state, when: 'before' } },
    { name: `after ${state} is journaled`, state: { state, when: 'after' } },
  ]),
  { name: 'before the submission is broadcast', sending: { selector: submitSelector, when: 'before' } },
  { name: 'after the submission is broadcast', sending: { selector: submitSelector, when: 'after' } },
  { name: 'before settled is journaled', state: { state: 'settled', when: 'before' } },
  { name: 'after settled is journaled', state: { state: 'settled', when: 'after' } },
];

const wanted = Number(process.env['ASSAY_KILLS'] ?? kills.length);
// Beyond the list: at random, so that a worker dies in windows and orders that the list does not have.
const plan = [
  ...kills,
  ...integers('kills', Math.max(0, wanted - kills.length)).map((n) => kills[Number(n % BigInt(kills.length))] as Kill),
].slice(0, wanted);
const windows = Math.max(3, plan.length - kills.length + 3);

beforeAll(async () => {
  devnet = await startAdversaryDevnet();
  round = await devnet.openRound('kill', windows);
  proxy = await startRpcProxy(devnet.rpcUrl);
  const { jobManager } = devnet.deployment.addresses;
  peer = await startTestNode('kill', {
    jobManager: jobManager.toLowerCase() as Hex,
    chainId: devnet.requester.chainId,
    submissionIdOf: announcedSubmissionId,
    announcements: {
      policy: async () => {},
      async handle(announcement) {
        announcements.push(announcement);
      },
    },
  });
  for (const bytes of [encodeDatasetBlob(round.dataset), checkpointBlob(devnet.artifacts, round.genesis)])
    peer.blobs.set(blobId(bytes), bytes);
});

afterAll(async () => {
  await peer?.stop();
  await proxy?.close();
  await devnet?.close();
});

it(`a worker killed ${plan.length} times proves, announces and is paid for each window once`, {
  timeout: 60_000 + plan.length * 12_000,
}, async () => {
  const storeDirectory = join(scratch.path, 'worker');
  mkdirSync(storeDirectory, { mode: 0o700 });
  const settings: WorkerProgramSettings = {
    ...adversaryCache(),
    rpcUrl: proxy.url,
    deployment: devnet.deployment,
    jobId: Number(round.jobId),
    account: 2,
    storeDirectory,
    peers: peer.addresses(),
    attestationTimeoutMs: 300,
    transactionTimeoutMs: 10_000,
  };
  const { token } = devnet.deployment.addresses;
  const operator = devnet.honest.operator.account.address;
  const before = await getTokenBalance(devnet.requester, token, operator);

  const died: string[] = [];
  for (const { name, state, sending } of plan) {
    const worker = startWorker({ ...settings, ...(state === undefined ? {} : { kill: state }) });
    proxy.hook = ({ method, params }, when) => {
      if (method !== 'eth_sendRawTransaction' || when !== sending?.when || selectorOf(params[0] as Hex) !== sending.selector)
        return 'go on';
      worker.child.kill('SIGKILL');
      return 'hang up';
    };
    const { signal, lines, stderr } = await worker.ended;
    expect({ name, signal, failed: lines.find(({ event }) => event === 'failed'), stderr }).toEqual({
      name,
      signal: 'SIGKILL',
      failed: undefined,
      stderr: '',
    });
    died.push(name);
  }
  proxy.hook = undefined;
  const { code, lines } = await startWorker(settings).ended;
  expect(lines.at(-1)).toMatchObject({ event: 'ended', state: 'completed' });
  expect(code).toBe(0);
  // The attacks happened.
  expect(died).toHaveLength(plan.length);

  // getLineage itself refuses a window that is finalized twice.
  const lineage = await getLineage(devnet.requester, devnet.deployment, round.jobId);
  expect(lineage.windows.map(({ windowIndex }) => Number(windowIndex))).toEqual(Array.from({ length: windows }, (_, i) => i));
  expect(new Set(lineage.windows.map((window) => window.operator))).toEqual(new Set([operator]));
  expect((await getTokenBalance(devnet.requester, token, operator)) - before).toBe(adversaryTerms.price * BigInt(windows));

  // Every window was announced, and never in two ways.
  const announced = new Map<string, Set<string>>();
  for (const announcement of announcements) {
    const ways = announced.get(announcement.submissionId) ?? new Set();
    announced.set(announcement.submissionId, ways.add(Buffer.from(encodeAnnouncement(announcement)).toString('hex')));
  }
  for (const ways of announced.values()) expect(ways.size).toBe(1);
  for (const { submissionId } of lineage.windows) expect([...announced.keys()]).toContain(submissionId.toLowerCase());

  const store = await openStore(storeDirectory);
  const all = await store.submissions.all();
  await store.close();
  expect(all.filter((submission) => submission.state === 'settled')).toHaveLength(windows);
  expect(all.filter((submission) => submission.state !== 'settled')).toEqual([]);
});
