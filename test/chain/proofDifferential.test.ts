import { encodeFunctionData, type Hex, numberToHex, toHex } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifierRouterAbi } from '../../src/chain/generated/VerifierRouter.ts';
import { windowVerifierDeployedBytecode } from '../../src/chain/generated/WindowVerifier.ts';
import { decodeProofFile, encodeProofFile } from '../../src/proof/proofFile.ts';
import { verifierGasCap, verifyProof } from '../../src/proof/verifyProof.ts';
import { type AdversaryDevnet, startAdversaryDevnet } from '../utils/adversaryDevnet.ts';
import { bindingOf, proveStory } from '../utils/adversaryProofs.ts';
import { trainStory } from '../utils/adversaryTraining.ts';
import { codeOf } from '../utils/codeOf.ts';
import { malformedProof, type ProofParts } from '../utils/malformedProofs.ts';

// The verdict of the in-process EVM against that of the router on a real node. 5,000 with `npm run test:malformed`.
const count = Number(process.env['ASSAY_MALFORMED'] ?? 100);

let devnet: AdversaryDevnet;
let honest: ProofParts;

beforeAll(async () => {
  devnet = await startAdversaryDevnet();
  const round = await devnet.openRound('differential');
  const { statement, proof, opening } = await proveStory(
    devnet,
    await trainStory(devnet, round, { context: 7n, parent: round.genesis, firstStep: 0 }),
  );
  honest = { statement, proof, opening };
});

afterAll(() => devnet?.close());

/** What the router says; it may not revert, whatever the proof. */
async function onChain({ statement, proof, opening }: ProofParts): Promise<boolean> {
  const { circuitId, deployment, requester } = devnet;
  const args = [circuitId, true, statement, toHex(proof), toHex(opening)] as const;
  const data = encodeFunctionData({ abi: verifierRouterAbi, functionName: 'verify', args });
  const call = { to: deployment.addresses.verifierRouter, data, gas: numberToHex(6_500_000) };
  const returned = (await requester.client.request({ method: 'eth_call', params: [call, 'latest'] } as never)) as Hex;
  return BigInt(returned) === 1n;
}

async function inProcess(parts: ProofParts): Promise<{ valid: boolean; gas: number }> {
  const { artifacts } = devnet;
  return verifyProof({
    ...parts,
    ...bindingOf(devnet),
    statementVerifierCode: windowVerifierDeployedBytecode,
    proofVerifierCode: artifacts.honkVerifier.runtime,
    shapeBytes: artifacts.shapeBytes,
    open: true,
  });
}

it('both accept the honest proof', async () => {
  const { valid, gas } = await inProcess(honest);
  expect([valid, await onChain(honest)]).toEqual([true, true]);
  expect(gas).toBeLessThan(1_600_000);
});

it(`both refuse ${count} malformed proofs, under the cap`, { timeout: 60_000 + count * 1_000 }, async () => {
  const kinds = new Map<string, number>();
  const wrong: string[] = [];
  let most = 0;
  for (let i = 0; i < count; i++) {
    const malformed = malformedProof(honest, 'malformed', i);
    const [{ valid, gas }, chain] = [await inProcess(malformed), await onChain(malformed)];
    most = Math.max(most, gas);
    kinds.set(malformed.what, (kinds.get(malformed.what) ?? 0) + 1);
    if (valid || chain) wrong.push(`${i} ${malformed.what}: in process ${valid}, on chain ${chain}`);
    if (valid !== chain) wrong.push(`${i} ${malformed.what}: they disagree`);
    if (BigInt(gas) > verifierGasCap) wrong.push(`${i} ${malformed.what}: ${gas} gas`);
  }
  expect(wrong).toEqual([]);
  expect([...kinds.values()].reduce((sum, n) => sum + n, 0)).toBe(count);
  expect(kinds.size).toBeGreaterThan(Math.min(count, 100) / 3);
  console.log(`${count} malformed proofs of ${kinds.size} kinds, at most ${most} gas`);
});

it('a proof file around a malformed proof is read or refused with its one code, and never anything else', async () => {
  const { artifacts } = devnet;
  const hash = `0x${'00'.repeat(32)}` as Hex;
  const around = (parts: ProofParts) => ({
    ...parts,
    ...bindingOf(devnet),
    open: true,
    shapeBytes: artifacts.shapeBytes,
    statementVerifierCodeHash: hash,
    proofVerifierCodeHash: hash,
    statementName: 'train-window' as const,
    contextPreimage: '0x' as const,
  });
  const file = encodeProofFile(around(honest));
  expect(decodeProofFile(file)).toEqual({ ...around(honest), statementVerifier: bindingOf(devnet).statementVerifier.toLowerCase() });
  let refused = 0;
  for (let i = 0; i < count; i++) {
    const cut = malformedProof({ statement: honest.statement, proof: file, opening: file }, 'file', i);
    const bytes = cut.proof === file ? cut.opening : cut.proof;
    const code = await codeOf(() => decodeProofFile(bytes));
    expect([undefined, 'PROOF_FILE_MALFORMED']).toContain(code);
    if (code !== undefined) refused++;
  }
  expect(refused).toBeGreaterThan(0);
});
