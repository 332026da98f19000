import { CID } from 'multiformats/cid';
import { type Address, type Hex, isAddressEqual, type LocalAccount, recoverTypedDataAddress } from 'viem';
import { type ChainWriter, connectChain } from '../chain/connectChain.ts';
import { assertDeployment, type Deployment } from '../chain/deployment.ts';
import { getHotKeyOwner } from '../chain/getHotKeyOwner.ts';
import { recoverAnnouncement } from '../chain/recoverAnnouncement.ts';
import type { BlobId } from '../commitment/blobId.ts';
import { statementHash, submissionId } from '../commitment/ids.ts';
import { AssayError } from '../errors.ts';
import { createNetNode, type NetNode, type TopicRole } from '../net/createNetNode.ts';
import { GossipActionError } from '../net/errors.ts';
import type { NetLog } from '../net/log.ts';
import type { Announcement, Attestation } from '../net/messages.ts';
import { attestationTypes, signingDomain } from '../protocol/typedData.ts';
import { openStore, type Store } from '../store/openStore.ts';
import type { TransactionTerms } from './journaledTransaction.ts';
import type { Emit } from './roleEvent.ts';

/** What every role is started with. */
export type RoleSettings = TransactionTerms & {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** Signs announcements or attestations, and sends transactions. */
  readonly account: LocalAccount;
  /** Folder of this role's database and blobs. */
  readonly storeDirectory: string;
  /** Shared folders of the ceremony's files and of compiled circuits. */
  readonly ceremony: { readonly directory: string; readonly publicDirectory?: string };
  readonly circuitDirectory: string;
  /** Multiaddrs. */
  readonly listen: readonly string[];
  readonly peers: readonly string[];
  /** Ed25519 seed of the libp2p identity. */
  readonly peerKey: Uint8Array;
  readonly threads?: number;
  readonly emit: Emit;
  readonly log?: NetLog;
  /** Aborted to end the role in order. */
  readonly signal: AbortSignal;
};

/** What is asked of a blob that a stranger names. */
export type FetchLimits = {
  /** Refused before it is received where it is longer. */
  readonly maxBytes: number;
  /** Longest time for the whole fetch, whoever is asked. */
  readonly timeoutMs: number;
  /** Throws where the bytes are not what they should be: they are not stored then. */
  check(bytes: Uint8Array): void;
};

/** A role's connections. */
export type Role = {
  readonly chain: ChainWriter;
  readonly deployment: Deployment;
  readonly store: Store;
  readonly net: NetNode;
  /** A blob from this node's store, else from its peers (then it is stored). @param first peers to ask first */
  fetch(id: BlobId, first?: readonly string[], limits?: FetchLimits): Promise<Uint8Array>;
  close(): Promise<void>;
};

export type RoleHandlers = {
  readonly onAnnouncement?: TopicRole<Announcement>['handle'];
  readonly onAttestation?: TopicRole<Attestation>['handle'];
};

/** Opens chain, store and network for a role; what was opened is closed again where a later part fails. */
export async function openRole(settings: RoleSettings, handlers: RoleHandlers): Promise<Role> {
  const { deployment, account, emit } = settings;
  const chain = await connectChain({ rpcUrl: settings.rpcUrl, chainId: deployment.chainId, account });
  await assertDeployment(chain, deployment);
  const store = await openStore(settings.storeDirectory);
  const { jobManager } = deployment.addresses;
  const ownerOf = cachedOwner(chain, deployment);
  try {
    const net = await createNetNode({
      listen: settings.listen,
      peers: settings.peers,
      privateKey: settings.peerKey,
      chainId: chain.chainId,
      jobManager: jobManager.toLowerCase() as Hex,
      submissionIdOf: announcedSubmissionId,
      announcements: {
        async policy(message) {
          // Which statement it signs is the job's to say, not the message's: 8 words may be a window's or an answer's.
          const [first, ...others] = signedNames(message);
          const requireSigned = async (name: SignedStatement): Promise<void> =>
            requireOwner(ownerOf, await signerOf(chain, deployment, message, name), message.operator, 'ANNOUNCEMENT_SIGNER');
          try {
            await requireSigned(first);
          } catch (error) {
            for (const name of others)
              if (
                await requireSigned(name).then(
                  () => true,
                  () => false,
                )
              )
                return;
            throw error;
          }
        },
        ...(handlers.onAnnouncement === undefined ? {} : { handle: handlers.onAnnouncement }),
      },
      attestations: {
        async policy(message) {
          const signer = await recoverTypedDataAddress({
            domain: signingDomain(chain.chainId, jobManager),
            types: attestationTypes,
            primaryType: 'Attestation',
            message: { submissionId: message.submissionId, proofHash: message.proofHash, verdict: message.verdict },
            signature: message.signature,
          }).catch((cause: unknown) => {
            throw new GossipActionError('REJECT', 'ATTESTATION_SIGNATURE', 'the attestation is not signed', { cause });
          });
          await requireOwner(ownerOf, signer, message.validator, 'ATTESTATION_SIGNER');
        },
        ...(handlers.onAttestation === undefined ? {} : { handle: handlers.onAttestation }),
      },
      blobs: { get: (id) => store.blobs.get(id) },
      ...(settings.log === undefined ? {} : { log: settings.log }),
    });
    emit({ event: 'listening', peerId: net.peerId, addresses: net.addresses() });
    return {
      chain,
      deployment,
      store,
      net,
      async fetch(id, first, limits) {
        const known = await store.blobs.get(id);
        if (known !== undefined) {
          limits?.check(known);
          return known;
        }
        const { signal } = settings;
        const bytes = await net.fetchBlob(id, {
          ...(first === undefined ? {} : { peers: first }),
          ...(limits === undefined
            ? { signal }
            : { maxBytes: limits.maxBytes, signal: AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)]) }),
        });
        limits?.check(bytes);
        await store.blobs.put(bytes);
        return bytes;
      },
      async close() {
        await net.stop();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A blob's address from the bytes on chain. @throws CHAIN_CID_INVALID */
export function blobIdFromBytes(bytes: Uint8Array): BlobId {
  try {
    return CID.decode(bytes).toString();
  } catch (cause) {
    throw new AssayError('CHAIN_CID_INVALID', 'the chain names no valid CID here', { cause });
  }
}

/** A blob's address as the bytes that go on chain. */
export function blobIdToBytes(id: BlobId): Uint8Array {
  return CID.parse(id).bytes;
}

/** The submission id that an announcement's own fields lead to. */
export function announcedSubmissionId(message: Announcement): Hex {
  return submissionId({
    chainId: BigInt(message.chainId),
    jobManager: message.jobManager,
    jobId: BigInt(message.jobId),
    windowIndex: BigInt(message.windowIndex),
    contributionIndex: BigInt(message.contributionIndex),
    leaseNonce: BigInt(message.leaseNonce),
  });
}

export type SignedStatement = 'train-window' | 'inference';

/** What statements an announcement of so many words can be of. */
export function signedNames({ statement }: Announcement): readonly [SignedStatement, ...SignedStatement[]] {
  return statement.length === 8 ? ['train-window', 'inference'] : ['inference'];
}

/** Who signed an announcement, taken as one of this statement. @throws GossipActionError (REJECT) where the signature is not canonical */
export function signerOf(chain: ChainWriter, deployment: Deployment, message: Announcement, name: SignedStatement): Promise<Address> {
  return recoverAnnouncement({
    chainId: chain.chainId,
    jobManager: deployment.addresses.jobManager,
    message: {
      submissionId: message.submissionId,
      statementHash: statementHash(name, message.statement.map(BigInt)),
      proofHash: message.proofHash,
    },
    signature: message.signature,
  }).catch((cause: unknown) => {
    // [REJECT] The signature is canonical.
    throw new GossipActionError('REJECT', 'ANNOUNCEMENT_SIGNATURE', 'the announcement is not signed', { cause });
  });
}

type OwnerOf = (hotKey: Address) => Promise<Address | undefined>;

/** A hot key belongs to its operator for ever, so a found owner is never asked for again. */
function cachedOwner(chain: ChainWriter, deployment: Deployment): OwnerOf {
  const owners = new Map<Address, Address>();
  return async (hotKey) => {
    const known = owners.get(hotKey);
    if (known !== undefined) return known;
    const owner = await getHotKeyOwner(chain, deployment, hotKey);
    if (owner !== undefined) owners.set(hotKey, owner);
    return owner;
  };
}

async function requireOwner(ownerOf: OwnerOf, signer: Address, claimed: Address, code: string): Promise<void> {
  // [IGNORE] The chain cannot be asked just now, or does not know the key yet: neither is the sender's fault.
  const owner = await ownerOf(signer).catch((cause: unknown) => {
    throw new GossipActionError('IGNORE', 'CHAIN_UNREACHABLE', 'the chain cannot be asked who signed', { cause });
  });
  if (owner === undefined) throw new GossipActionError('IGNORE', `${code}_UNKNOWN`, `${signer} is nobody's hot key`);
  // [REJECT] The signer is a hot key of the operator that the message names.
  if (!isAddressEqual(owner, claimed)) throw new GossipActionError('REJECT', code, `${signer} is the hot key of another operator`);
}
