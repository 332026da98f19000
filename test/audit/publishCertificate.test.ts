import { type Hex, keccak256 } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { correctOf } from '../../src/audit/claims.ts';
import type { CountsCertificate } from '../../src/audit/counts/countsCertificate.ts';
import type { MakeCountsCertificateParameters } from '../../src/audit/counts/makeCountsCertificate.ts';
import { publishCertificate } from '../../src/audit/publishCertificate.ts';
import { type Anvil, devnetAccount, startAnvil } from '../../src/chain/anvil.ts';
import { type ChainWriter, connectChain } from '../../src/chain/connectChain.ts';
import { deployContracts } from '../../src/chain/deployContracts.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { deployVerifier } from '../../src/chain/deployVerifier.ts';
import { drawDelay } from '../../src/chain/drawAudit.ts';
import { getAudit } from '../../src/chain/getAudit.ts';
import { getAuditClaims } from '../../src/chain/getAuditClaims.ts';
import { getAuditCounts } from '../../src/chain/getAuditCounts.ts';
import { mineBlocks } from '../../src/chain/mineBlocks.ts';
import { openAudit } from '../../src/chain/openAudit.ts';
import { registerAuditSet } from '../../src/chain/registerAuditSet.ts';
import { registerCircuit } from '../../src/chain/registerCircuit.ts';
import { drawSeed } from '../../src/commitment/ids.ts';
import type { AuditSet } from '../../src/data/auditSet.ts';
import type { AuditArtifacts } from '../../src/proof/audit/artifacts.ts';
import { circuitIdOf } from '../../src/proof/circuitIdOf.ts';
import type { CommittedModel } from '../../src/proof/inference/proveInference.ts';
import { type AuditWorld, auditWorld } from '../utils/auditWorld.ts';
import { codeOf } from '../utils/codeOf.ts';

// Certificates with real proofs, through the deployed contracts.

let world: AuditWorld;
let anvil: Anvil;
let opener: ChainWriter;
let other: ChainWriter;
let deployment: Deployment;
let verifiers: Pick<MakeCountsCertificateParameters, 'auditVerifier' | 'wellFormedVerifier'>;
let circuitId: Hex;
let wellFormedId: Hex;
let model: CommittedModel;
let set: AuditSet;

beforeAll(async () => {
  world = await auditWorld();
  anvil = await startAnvil();
  const connect = (n: number): Promise<ChainWriter> =>
    connectChain({ rpcUrl: anvil.rpcUrl, account: devnetAccount(n), pollingInterval: 20 });
  [opener, other] = [await connect(1), await connect(2)];
  deployment = await deployContracts(opener);
  const { auditVerifier, wellFormedVerifier } = deployment.addresses;
  verifiers = {
    auditVerifier: { ...world.verifiers.auditVerifier, address: auditVerifier },
    wellFormedVerifier: { ...world.verifiers.wellFormedVerifier, address: wellFormedVerifier },
  };
  const register = async (
    made: Pick<AuditArtifacts, 'verifyingKey' | 'honkVerifier' | 'shapeBytes'>,
    statementVerifier: Hex,
  ): Promise<Hex> => {
    const { address: proofVerifier } = await deployVerifier(opener, made.honkVerifier.creation);
    const vkHash = keccak256(made.verifyingKey);
    return (await registerCircuit(opener, deployment, { vkHash, proofVerifier, statementVerifier, shape: made.shapeBytes })).circuitId;
  };
  circuitId = await register(world.artifacts, auditVerifier);
  wellFormedId = await register(world.wellFormed, wellFormedVerifier);
  model = await world.commit('published');
  set = world.cut('published');
  const { root, depth } = set.tree;
  const registered = await registerAuditSet(opener, deployment, { ...set, root, depth, chunks: set.chunks.length });
  expect(registered.setId).toBe(set.id);
}, 600_000);

afterAll(async () => {
  await anvil?.stop();
  await world?.honk.close();
});

/** An audit that is open, and its certificate. */
async function certificateOf(draws: number): Promise<CountsCertificate> {
  const question = { circuitId, wellFormedCircuitId: wellFormedId, checkpointId: model.checkpointId, setId: set.id, draws };
  const { auditId, nonce, blockNumber } = await openAudit(opener, deployment, question);
  await mineBlocks(opener, Number(drawDelay) + 1);
  const { hash } = await opener.client.getBlock({ blockNumber: blockNumber + drawDelay });
  const counts = { classes: 2, groups: 2, counts: world.counts(model, set) };
  const atLeast = correctOf(counts);
  return world.make(model, set, draws === 0 ? [{ kind: 'accuracy', atLeast, of: 8 }] : [], {
    ...verifiers,
    opened: { registry: deployment.addresses.auditRegistry, opener: opener.account.address, nonce },
    modelRegistry: deployment.addresses.modelRegistry,
    ...(draws === 0 ? {} : { draw: { draws, seed: drawSeed(hash, auditId) } }),
  });
}

test('a certificate is published once, by whomever, and claimed by its opener', async () => {
  expect(circuitId).toBe(circuitIdOf(world.artifacts, world.verifiers.auditVerifier.code));
  expect(wellFormedId).toBe(circuitIdOf(world.wellFormed, world.verifiers.wellFormedVerifier.code));
  const certificate = await certificateOf(0);
  const auditId = certificate.audit.auditId as Hex;
  expect(await world.verify(certificate)).toMatchObject({ valid: true });
  const segments = certificate.wellFormed.segments.map((_, i) => `segment ${i}`);

  // Of other chains and audits there is nothing to publish.
  const nowhere = { ...certificate, audit: { ...certificate.audit, chainId: 1 } };
  expect(await codeOf(() => publishCertificate(other, deployment, nowhere))).toBe('AUDIT_NOT_OPENED');
  const unknown = { ...certificate, audit: { ...certificate.audit, auditId: `0x${'0'.repeat(64)}` } };
  expect(await codeOf(() => publishCertificate(other, deployment, unknown))).toBe('AUDIT_NOT_OPENED');
  const elsewhere = { ...certificate, wellFormed: { ...certificate.wellFormed, registry: deployment.addresses.jobManager.toLowerCase() } };
  expect(await codeOf(() => publishCertificate(other, deployment, elsewhere))).toBe('AUDIT_NOT_OPENED');

  // One whose second chunk is forged stops there.
  const forged = structuredClone(certificate);
  const second = forged.chunks[1] as CountsCertificate['chunks'][number];
  second.counts[0] = `0x${(BigInt(second.counts[0] as string) + 1n).toString(16).padStart(64, '0')}`;
  const seen: string[] = [];
  expect(await codeOf(() => publishCertificate(other, deployment, forged, (what) => seen.push(what)))).toBe('CHAIN_PROOF_REJECTED');
  expect(seen).toEqual([...segments, 'chunk 0', 'chunk 1']);
  expect((await getAudit(other, deployment, auditId)).done).toEqual([0]);

  const rest = await publishCertificate(other, deployment, certificate);
  expect(rest.sent.map(({ what }) => what)).toEqual(['chunk 1', 'chunk 2']);
  expect(rest).toMatchObject({ auditId, certified: true, unclaimed: 1 });
  expect(await getAuditCounts(other, deployment, auditId)).toEqual(certificate.counts);
  const claimed = await publishCertificate(opener, deployment, certificate);
  expect(claimed.sent.map(({ what }) => what)).toEqual(['claim accuracy']);
  expect(claimed).toMatchObject({ certified: true, unclaimed: 0 });
  const right = correctOf({ classes: 2, groups: 2, counts: certificate.counts });
  expect(await getAuditClaims(other, deployment, auditId)).toMatchObject([{ kind: 'accuracy', numerator: BigInt(right), denominator: 8n }]);
  expect((await publishCertificate(opener, deployment, certificate)).sent).toEqual([]);
}, 300_000);

test('a draw is fixed on the way', async () => {
  const certificate = await certificateOf(1);
  const auditId = certificate.audit.auditId as Hex;
  const told = certificate.chunks.map(({ chunk }) => chunk);
  expect(told).toHaveLength(1);
  const { sent, certified } = await publishCertificate(other, deployment, certificate);
  expect(sent.map(({ what }) => what)).toEqual(['draw', `chunk ${told[0]}`]);
  expect(certified).toBe(true);
  expect(await getAudit(other, deployment, auditId)).toMatchObject({ state: 'completed', wanted: told, seed: certificate.audit.seed });
}, 300_000);
