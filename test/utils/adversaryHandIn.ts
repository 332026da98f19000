import { encodeFunctionData, type Hex, keccak256, numberToHex, toHex, zeroHash } from 'viem';
import { commitEvidence } from '../../src/chain/commitEvidence.ts';
import type { ChainWriter } from '../../src/chain/connectChain.ts';
import { windowManagerAbi } from '../../src/chain/generated/WindowManager.ts';
import { windowVerifierDeployedBytecode } from '../../src/chain/generated/WindowVerifier.ts';
import { getClaimable } from '../../src/chain/getClaimable.ts';
import { getJob } from '../../src/chain/getJob.ts';
import { getLease, type LeaseRecord } from '../../src/chain/getLease.ts';
import { getTokenBalance } from '../../src/chain/getTokenBalance.ts';
import { sendTransaction } from '../../src/chain/sendTransaction.ts';
import { signAnnouncement } from '../../src/chain/signAnnouncement.ts';
import { type SlashByEvidenceParameters, slashByEvidence } from '../../src/chain/slashByEvidence.ts';
import { submitAndSettle } from '../../src/chain/submitAndSettle.ts';
import { verifyingGas } from '../../src/chain/verifyingGas.ts';
import { blobId } from '../../src/commitment/blobId.ts';
import { modelId, proofHash, statementHash } from '../../src/commitment/ids.ts';
import { verifyOpening } from '../../src/commitment/verifyOpening.ts';
import { AssayError } from '../../src/errors.ts';
import { encodeCheckpoint } from '../../src/model/checkpoint.ts';
import type { Announcement } from '../../src/net/messages.ts';
import type { CommittedCheckpoint } from '../../src/node/jobMaterial.ts';
import { judgeAnnouncement, type Verdict } from '../../src/node/judgeAnnouncement.ts';
import { encodeProofFile } from '../../src/proof/proofFile.ts';
import type { WindowProof } from '../../src/proof/proveWindow.ts';
import { verifyProof } from '../../src/proof/verifyProof.ts';
import type { AdversaryDevnet, Party, Round } from './adversaryDevnet.ts';
import { type Binding, bindingOf } from './adversaryProofs.ts';
import { type Verdict as HonkVerdict, honkVerdict } from './windowVerdict.ts';

/** What somebody hands in for a lease: `statement` is what it is claimed to prove, the contract's own words for that lease. */
export type Entry = Omit<WindowProof, 'statementName'> & { readonly child: CommittedCheckpoint };

const verdicts = new Map<string, Promise<HonkVerdict>>();

/** Whether each half of an entry is true by itself, under the statement that is claimed. */
export async function halvesOf(
  devnet: AdversaryDevnet,
  entry: Omit<WindowProof, 'statementName'>,
  binding = bindingOf(devnet),
): Promise<{ honk: boolean; opening: boolean }> {
  const { runtime } = devnet.artifacts.honkVerifier;
  const verdict = verdicts.get(runtime) ?? honkVerdict(runtime);
  verdicts.set(runtime, verdict);
  const outputs = [0, 1, 2].map((i) => BigInt(toHex(entry.opening.subarray(32 * i, 32 * i + 32))));
  const opening = await verifyOpening({
    shape: devnet.artifacts.shape,
    statement: entry.statement,
    open: true,
    opening: entry.opening,
    chainId: binding.chainId,
    verifier: binding.statementVerifier,
    circuitId: binding.circuitId,
  });
  return {
    honk: await (await verdict)({ proof: entry.proof, publicInputs: [...entry.statement, ...outputs] }),
    opening: opening.valid,
  };
}

/** The verdict of the deployed code, off chain. */
export async function isTrue(
  devnet: AdversaryDevnet,
  entry: Omit<WindowProof, 'statementName'>,
  binding: Binding = bindingOf(devnet),
): Promise<boolean> {
  const { artifacts } = devnet;
  const { valid } = await verifyProof({
    ...entry,
    ...binding,
    statementVerifierCode: windowVerifierDeployedBytecode,
    proofVerifierCode: artifacts.honkVerifier.runtime,
    shapeBytes: artifacts.shapeBytes,
    open: true,
  });
  return valid;
}

/** What of an entry goes into `submitAndSettle`, under a lease. */
export function submission(submissionId: Hex, entry: Pick<WindowProof, 'statement' | 'proof' | 'opening'>) {
  const [, , childId, maskId, , , , lossSum] = entry.statement as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
  return { submissionId, results: [childId, maskId, lossSum], proof: entry.proof, opening: entry.opening };
}

export type Sent = { readonly status: 'success' | 'reverted'; readonly code: string | undefined };

/** Puts a submission into a block whatever the node foresees. @returns the transaction's status, and the code of the typed error that it ended with */
export async function submitAnyway(
  devnet: AdversaryDevnet,
  sender: ChainWriter,
  submissionId: Hex,
  entry: Omit<WindowProof, 'statementName'>,
): Promise<Sent> {
  const parameters = submission(submissionId, entry);
  const { results, proof, opening } = parameters;
  return devnet.scratch(async () => {
    const code = await submitAndSettle(sender, devnet.deployment, parameters).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof AssayError) return error.code;
        throw error;
      },
    );
    if (code === undefined) return { status: 'success', code };
    const receipt = await sendTransaction(sender, {
      to: devnet.deployment.addresses.windowManager,
      data: encodeFunctionData({
        abi: windowManagerAbi,
        functionName: 'submitAndSettle',
        args: [submissionId, results, toHex(proof), toHex(opening)],
      }),
      gas: verifyingGas(proof.length + opening.length),
    });
    return { status: receipt.status, code };
  });
}

/** Signs an announcement of an entry with a party's hot key. */
export async function announcementOf(
  devnet: AdversaryDevnet,
  party: Party,
  round: Round,
  lease: LeaseRecord,
  entry: Entry,
): Promise<{ readonly message: Announcement; readonly blobs: ReadonlyMap<string, Uint8Array> }> {
  const { artifacts, deployment } = devnet;
  const { chainId } = devnet.requester;
  const { jobManager } = deployment.addresses;
  const { submissionId } = lease;
  const file = encodeProofFile({
    ...entry,
    ...bindingOf(devnet),
    open: true,
    shapeBytes: artifacts.shapeBytes,
    statementVerifierCodeHash: keccak256(windowVerifierDeployedBytecode),
    proofVerifierCodeHash: keccak256(artifacts.honkVerifier.runtime),
    statementName: 'train-window',
    contextPreimage: '0x',
  });
  const checkpoint = encodeCheckpoint({ modelId: modelId(artifacts.shape), sizes: artifacts.instance.sizes, weights: entry.child.weights });
  const hash = proofHash(entry.proof, entry.opening);
  const signature = await signAnnouncement(party.hotKey, {
    chainId,
    jobManager,
    message: { submissionId, statementHash: statementHash('train-window', entry.statement), proofHash: hash },
  });
  return {
    blobs: new Map([
      [blobId(file), file],
      [blobId(checkpoint), checkpoint],
    ]),
    message: {
      chainId,
      jobManager,
      jobId: Number(round.jobId),
      windowIndex: Number(lease.windowIndex),
      contributionIndex: Number(lease.contributionIndex),
      leaseNonce: Number(lease.leaseNonce),
      operator: party.operator.account.address,
      submissionId,
      statement: entry.statement.map((word) => numberToHex(word, { size: 32 })),
      proofHash: hash,
      proofCid: blobId(file),
      checkpointCid: blobId(checkpoint),
      signature,
    },
  };
}

/** What the product's validator says of an announcement whose blobs its sender serves. */
export async function judge(
  devnet: AdversaryDevnet,
  round: Round,
  lease: LeaseRecord,
  announced: { readonly message: Announcement; readonly blobs: ReadonlyMap<string, Uint8Array> },
): Promise<Verdict> {
  const { artifacts, circuitId, deployment, kzg, validator } = devnet;
  const state = await getJob(validator.hot, deployment, round.jobId);
  const fetch = async (id: string): Promise<Uint8Array> => {
    const bytes = announced.blobs.get(id);
    if (bytes === undefined) throw new AssayError('NET_BLOB_NOT_FOUND', `nobody has ${id}`);
    return bytes;
  };
  const role = { chain: validator.hot, deployment, fetch };
  const firstStep = (windowIndex: number): number => windowIndex * artifacts.instance.steps;
  const job = { artifacts, circuitId, statementVerifier: deployment.addresses.windowVerifier, kzg, firstStep, remember: () => undefined };
  return (await judgeAnnouncement(role, job, state, lease, announced.message, 'somebody')).verdict;
}

/** The evidence that an announcement and the bytes behind it make. */
export function evidenceOf(
  message: Announcement,
  entry: Omit<WindowProof, 'statementName'>,
  salt: Hex = zeroHash,
): SlashByEvidenceParameters {
  return {
    submissionId: message.submissionId,
    statementName: 'train-window',
    statement: entry.statement,
    proof: entry.proof,
    opening: entry.opening,
    signature: message.signature,
    salt,
  };
}

/** Commits evidence and shows it. @throws what the contract answers */
export async function pursueEvidence(
  devnet: AdversaryDevnet,
  finder: ChainWriter,
  message: Announcement,
  entry: Omit<WindowProof, 'statementName'>,
) {
  const evidence = evidenceOf(message, entry);
  await commitEvidence(finder, devnet.deployment, {
    submissionId: message.submissionId,
    statementHash: statementHash('train-window', entry.statement),
    proofHash: proofHash(entry.proof, entry.opening),
    salt: evidence.salt,
  });
  return slashByEvidence(finder, devnet.deployment, evidence);
}

/** All that a party has been paid or may claim, and could take away. */
export async function wealthOf(devnet: AdversaryDevnet, party: Party): Promise<bigint> {
  const { deployment, requester } = devnet;
  let sum = 0n;
  for (const { account } of [party.operator, party.hot]) {
    sum += await getClaimable(requester, deployment, account.address);
    sum += await getTokenBalance(requester, deployment.addresses.token, account.address);
  }
  return sum;
}

/** The lease of a submission id as it is now. */
export async function leaseState(devnet: AdversaryDevnet, submissionId: `0x${string}`): Promise<string | undefined> {
  return (await getLease(devnet.requester, devnet.deployment, submissionId))?.state;
}
