import { createHash } from 'node:crypto';
import { recoverTypedDataAddress } from 'viem';
import { type CreateNetNodeParameters, createNetNode, type NetNode } from '../../src/net/createNetNode.ts';
import { GossipActionError } from '../../src/net/errors.ts';
import type { Announcement } from '../../src/net/messages.ts';
import type { MessageSource } from '../../src/net/topicValidator.ts';
import { announcementTypes, signingDomain } from '../../src/protocol/typedData.ts';
import { chainId, expectedStatementHash, expectedSubmissionId, jobManager } from './netFixtures.ts';

/** Ed25519 seed of a fixture node. */
export function seedOf(name: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`assay test node ${name}`).digest());
}

/** The real signature check, against the operator named in the announcement itself. */
async function signaturePolicy(announcement: Announcement): Promise<void> {
  const signer = await recoverTypedDataAddress({
    domain: signingDomain(announcement.chainId, announcement.jobManager),
    types: announcementTypes,
    primaryType: 'Announcement',
    message: {
      submissionId: announcement.submissionId,
      statementHash: expectedStatementHash(announcement.statement),
      proofHash: announcement.proofHash,
    },
    signature: announcement.signature,
  });
  if (signer.toLowerCase() !== announcement.operator) throw new GossipActionError('REJECT', 'TEST_SIGNATURE', 'Not signed by the operator');
}

export type TestNode = NetNode & { received: { announcement: Announcement; source: MessageSource }[]; blobs: Map<string, Uint8Array> };

/** A real node on a free loopback port that keeps what it accepts. */
export async function startTestNode(name: string, change: Partial<CreateNetNodeParameters> = {}): Promise<TestNode> {
  const received: TestNode['received'] = [];
  const blobs = new Map<string, Uint8Array>();
  const node = await createNetNode({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    peers: [],
    privateKey: seedOf(name),
    chainId,
    jobManager,
    submissionIdOf: expectedSubmissionId,
    announcements: {
      policy: signaturePolicy,
      async handle(announcement, source) {
        received.push({ announcement, source });
      },
    },
    attestations: { policy: async () => {} },
    blobs: { get: async (id) => blobs.get(id) },
    ...change,
  });
  return Object.assign(node, { received, blobs });
}

/** Waits until `condition` holds; fails after `timeoutMs`. */
export async function until(condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`timed out waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
