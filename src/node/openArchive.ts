import { randomBytes } from 'node:crypto';
import type { Hex } from 'viem';
import { type ChainReader, connectChain } from '../chain/connectChain.ts';
import { assertDeployment, type Deployment } from '../chain/deployment.ts';
import type { BlobId } from '../commitment/blobId.ts';
import { AssayError } from '../errors.ts';
import { createNetNode, type NetNode } from '../net/createNetNode.ts';
import { GossipActionError } from '../net/errors.ts';
import { readBlobs } from '../store/readBlobs.ts';
import { announcedSubmissionId } from './openRole.ts';

export type OpenArchiveParameters = {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** Store folders of this machine; they may belong to running nodes. */
  readonly stores: readonly string[];
  /** Multiaddrs to fetch from what no store has. */
  readonly peers: readonly string[];
  readonly signal: AbortSignal;
};

/** What looking back needs: the chain, and blobs from wherever they are. Keeps and signs nothing. */
export type Archive = {
  readonly chain: ChainReader;
  readonly deployment: Deployment;
  /** A blob of the stores. */
  stored(id: BlobId): Promise<Uint8Array | undefined>;
  /** Every blob of the stores. */
  list(): Promise<BlobId[]>;
  /** A blob from the stores, else from the peers. @throws BLOB_UNAVAILABLE */
  fetch(id: BlobId): Promise<Uint8Array>;
  close(): Promise<void>;
};

/**
 * Opens chain and stores for reading; peers are dialled once a blob is wanted that no store has.
 *
 * @throws CHAIN_RPC_UNREACHABLE, CHAIN_WRONG_CHAIN, CHAIN_NOT_DEPLOYED
 */
export async function openArchive(parameters: OpenArchiveParameters): Promise<Archive> {
  const { rpcUrl, deployment, peers, signal } = parameters;
  const chain = await connectChain({ rpcUrl, chainId: deployment.chainId });
  await assertDeployment(chain, deployment);
  const stores = parameters.stores.map(readBlobs);
  let net: Promise<NetNode> | undefined;
  const stored = async (id: BlobId): Promise<Uint8Array | undefined> => {
    for (const store of stores) {
      const bytes = await store.get(id);
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  };
  const unavailable = (id: BlobId, cause?: unknown): AssayError =>
    new AssayError('BLOB_UNAVAILABLE', `nobody who was asked has the blob ${id}`, {
      details: `asked: ${[...parameters.stores, ...peers].join(', ') || 'nobody'}`,
      hint: 'Name a store that has it (--data), or a node that serves it (--peers).',
      cause,
    });
  return {
    chain,
    deployment,
    stored,
    list: async () => (await Promise.all(stores.map((store) => store.list()))).flat(),
    async fetch(id) {
      const bytes = await stored(id);
      if (bytes !== undefined) return bytes;
      if (peers.length === 0) throw unavailable(id);
      net ??= dial(chain, deployment, peers);
      try {
        return await (await net).fetchBlob(id, { signal });
      } catch (cause) {
        throw unavailable(id, cause);
      }
    },
    async close() {
      await (await net?.catch(() => undefined))?.stop();
    },
  };
}

/** A node that only asks: it listens nowhere, takes no part in gossip, and has a name for this once. */
async function dial(chain: ChainReader, deployment: Deployment, peers: readonly string[]): Promise<NetNode> {
  const policy = async (): Promise<never> => {
    throw new GossipActionError('IGNORE', 'NOT_LISTENING', 'this node takes no part in gossip');
  };
  const node = await createNetNode({
    listen: [],
    peers,
    privateKey: new Uint8Array(randomBytes(32)),
    chainId: chain.chainId,
    jobManager: deployment.addresses.jobManager.toLowerCase() as Hex,
    submissionIdOf: announcedSubmissionId,
    announcements: { policy },
    attestations: { policy },
    blobs: { get: async () => undefined },
  });
  // Dialling goes on in the background; what is asked for first would find nobody yet.
  for (let wait = 0; wait < 50 && node.peers().length === 0; wait++) await new Promise((done) => setTimeout(done, 100));
  return node;
}
