import { decodeFunctionResult, encodeAbiParameters, encodeFunctionData, type Hex } from 'viem';
import { expect, test } from 'vitest';
import { auditVerifierAbi, auditVerifierDeployedBytecode } from '../../src/chain/generated/AuditVerifier.ts';
import { decodeAuditShape } from '../../src/commitment/decodeShape.ts';
import { auditWords } from '../../src/commitment/ids.ts';
import { srsIdOf } from '../../src/commitment/srs.ts';
import { codeOf } from '../utils/codeOf.ts';
import { testEvm } from '../utils/evm.ts';

// Thresholds of margins in a shape: contract and library read the same ones, and refuse the same.

const tau = [1n, 2n, 3n, 4n] as const;
const verifier: Hex = `0x${'11'.repeat(20)}`;
const types = ['bytes32', 'bytes32', 'uint256', 'uint32[]', ...Array.from({ length: 6 }, () => 'uint256'), 'uint256[4]'];

/** @param own samples, groups, treeDepth, outputKind, thresholds, proofBytes */
function shapeOf(classes: number, own: readonly bigint[]): Hex {
  const values = [`0x${'ab'.repeat(32)}`, srsIdOf(tau), 5n, [6, 5, classes], ...own, tau];
  return encodeAbiParameters(
    types.map((type) => ({ type })),
    values,
  );
}

const largest = 2n ** 32n - 1n;
/** 1 to 8: as many as there can be. */
const eight = 0x0000000800000007000000060000000500000004000000030000000200000001n;

const cases: readonly (readonly [string, number, bigint, bigint, number | undefined])[] = [
  ['none', 3, 1n, 0n, 6],
  ['none, of one class', 1, 2n, 0n, 6],
  ['one', 3, 1n, 7n, 7],
  ['two, up to the largest', 3, 1n, (largest << 32n) | 1n, 7],
  ['eight', 3, 47n, eight, 5 + 254],
  ['eight, of more counts than words hold', 3, 48n, eight, undefined],
  ['one, of one class', 1, 2n, 1n, undefined],
  ['the first is 0', 3, 1n, 1n << 32n, undefined],
  ['falling', 3, 1n, (4n << 32n) | 5n, undefined],
  ['equal', 3, 1n, (5n << 32n) | 5n, undefined],
  ['a gap', 3, 1n, (6n << 64n) | 5n, undefined],
  ['a gap before the last', 3, 1n, (7n << 224n) | 5n, undefined],
  ['all bits', 3, 1n, 2n ** 256n - 1n, undefined],
];

test.each(cases)('%s', async (_name, classes, groups, thresholds, words) => {
  const call = await testEvm({ [verifier]: auditVerifierDeployedBytecode });
  const shape = shapeOf(classes, [7n, groups, 1n, 0n, thresholds, 64n]);
  const data = encodeFunctionData({ abi: auditVerifierAbi, functionName: 'describe', args: [shape] });
  const { exception, returned } = await call({ to: verifier, data });
  if (words === undefined) {
    expect(exception).toBe('revert');
    return;
  }
  expect(exception).toBeUndefined();
  expect(decodeFunctionResult({ abi: auditVerifierAbi, functionName: 'describe', data: returned }).statementWords).toBe(words);
  expect(auditWords(decodeAuditShape(shape))).toBe(words);
});

test('the library refuses thresholds that do not rise', async () => {
  const read = (thresholds: bigint) => codeOf(() => decodeAuditShape(shapeOf(3, [7n, 1n, 1n, 0n, thresholds, 64n])));
  expect(await read(eight)).toBeUndefined();
  for (const [name, classes, groups, thresholds, words] of cases) {
    if (classes === 3 && groups === 1n) {
      expect(await read(thresholds), name).toBe(words === undefined ? 'COMMITMENT_SHAPE_MALFORMED' : undefined);
    }
  }
});
