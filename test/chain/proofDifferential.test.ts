import type { Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { Q, R } from '../../src/commitment/field.ts';
import { decodeProofFile, encodeProofFile } from '../../src/proof/proofFile.ts';
import { verifierGasCap } from '../../src/proof/verifyProof.ts';
import { codeOf } from '../utils/codeOf.ts';
import { type BackendName, backends, type DeployedProof, deployedProofs } from '../utils/deployedProofs.ts';
import { malformedProof, type ProofParts } from '../utils/malformedProofs.ts';

// The verdict of the in-process EVM against that of the router on a real node, for every verifier. 5,000 malformed proofs each with `npm run test:malformed`.
const count = Number(process.env['ASSAY_MALFORMED'] ?? 75);
const names = Object.keys(backends) as BackendName[];

let proofs: Record<BackendName, DeployedProof>;
let close: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ proofs, close } = await deployedProofs());
}, 300_000);

afterAll(() => close?.());

describe.each(names)('%s', (name) => {
  it('both accept the honest proof', async () => {
    const { honest, inProcess, onChain } = proofs[name];
    const { valid, gas } = await inProcess(honest);
    expect([valid, await onChain(honest)]).toEqual([true, true]);
    expect(gas).toBeLessThan(1_600_000);
  });

  it(`both refuse ${count} malformed proofs, under the cap`, { timeout: 60_000 + count * 1_000 }, async () => {
    const { honest, inProcess, onChain } = proofs[name];
    const kinds = new Map<string, number>();
    const wrong: string[] = [];
    let most = 0;
    for (let i = 0; i < count; i++) {
      const malformed = malformedProof(honest, `malformed ${name}`, i);
      const [{ valid, gas }, chain] = [await inProcess(malformed), await onChain(malformed)];
      most = Math.max(most, gas);
      kinds.set(malformed.what, (kinds.get(malformed.what) ?? 0) + 1);
      if (valid || chain) wrong.push(`${i} ${malformed.what}: in process ${valid}, on chain ${chain}`);
      if (valid !== chain) wrong.push(`${i} ${malformed.what}: they disagree`);
      if (BigInt(gas) > verifierGasCap) wrong.push(`${i} ${malformed.what}: ${gas} gas`);
    }
    expect(wrong).toEqual([]);
    expect([...kinds.values()].reduce((sum, n) => sum + n, 0)).toBe(count);
    expect(kinds.size).toBeGreaterThan(Math.min(count, 100) / 4);
    console.log(`${name}: ${count} malformed proofs of ${kinds.size} kinds, at most ${most} gas`);
  });
});

test('a Groth16 proof with A and B negated is the same proof: both accept it, and nothing is keyed by its bytes', async () => {
  const { honest, inProcess, onChain } = proofs['inference, Groth16'];
  const words = Array.from({ length: 8 }, (_, i) => BigInt(`0x${Buffer.from(honest.proof.subarray(32 * i, 32 * i + 32)).toString('hex')}`));
  const negated = words.map((word, i) => ([1, 4, 5].includes(i) && word !== 0n ? Q - word : word));
  const proof = Uint8Array.from(Buffer.from(negated.map((word) => word.toString(16).padStart(64, '0')).join(''), 'hex'));
  const parts = { ...honest, proof };
  expect([(await inProcess(parts)).valid, await onChain(parts)]).toEqual([true, true]);
});

test.each(names)('%s: public inputs beyond the field are refused by both', async (name) => {
  const { honest, inProcess, onChain } = proofs[name];
  for (let word = 0; word < honest.statement.length; word++) {
    const parts: ProofParts = { ...honest, statement: honest.statement.with(word, (honest.statement[word] as bigint) + R) };
    expect([(await inProcess(parts)).valid, await onChain(parts)]).toEqual([false, false]);
  }
});

it('a proof file around a malformed proof is read or refused with its one code, and never anything else', async () => {
  const hash = `0x${'00'.repeat(32)}` as Hex;
  const { honest } = proofs['inference, Groth16'];
  const file = {
    ...honest,
    chainId: 31337n,
    statementVerifier: `0x${'5a'.repeat(20)}` as Hex,
    circuitId: hash,
    open: false,
    shapeBytes: '0x0102' as Hex,
    statementVerifierCodeHash: hash,
    proofVerifierCodeHash: hash,
    contextPreimage: '0x' as Hex,
  };
  const bytes = encodeProofFile(file);
  const { statementName, statement, proof, opening } = honest;
  const { chainId, statementVerifier, circuitId, open, shapeBytes, contextPreimage } = file;
  const about = { chainId, statementVerifier, circuitId, open, shapeBytes, contextPreimage };
  const codes = { statementVerifierCodeHash: hash, proofVerifierCodeHash: hash };
  expect(decodeProofFile(bytes)).toEqual({ statementName, statement, proof, opening, ...about, ...codes });
  let refused = 0;
  for (let i = 0; i < Math.max(count, 100); i++) {
    const cut = malformedProof({ statement, proof: bytes, opening: bytes }, 'file', i);
    const code = await codeOf(() => decodeProofFile(cut.proof === bytes ? cut.opening : cut.proof));
    expect([undefined, 'PROOF_FILE_MALFORMED']).toContain(code);
    if (code !== undefined) refused++;
  }
  expect(refused).toBeGreaterThan(0);
});
