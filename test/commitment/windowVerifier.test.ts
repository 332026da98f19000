import {
  concat,
  decodeErrorResult,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  keccak256,
  parseAbi,
  stringToHex,
  toHex,
} from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeShape, modelId } from '../../src/commitment/ids.ts';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { openWindow } from '../../src/commitment/opening.ts';
import { type EvmResult, runtimeCode, testEvm } from '../utils/evm.ts';
import { type Fixture, fixtureVerifier, windowFixture } from '../utils/openingFixture.ts';
import { testSrs } from '../utils/srs.ts';

const abi = parseAbi([
  'function verify(bytes shape, address proofVerifier, bytes32 circuitId, bool open, uint256[] statement, bytes proof, bytes opening) view returns (bool)',
  'function describe(bytes shape) pure returns ((bytes32 statementType, bytes32 circuitTag, bytes32 modelId, bytes32 srsId, uint32 steps, uint32 treeDepth, uint32 statementWords, uint32 proofBytes, uint32 openingBytes))',
  'error InsufficientGas(uint256 available, uint256 needed)',
  'error ShapeMalformed()',
]);
const honks = ['ExactHonk', 'RevertingHonk', 'BurningHonk', 'LongHonk', 'TwoHonk', 'SilentHonk'] as const;
const address = (honk: (typeof honks)[number]): Hex => `0x${(honks.indexOf(honk) + 0x1000).toString(16).padStart(40, '0')}`;
const yes = toHex(1, { size: 32 });
const no = toHex(0, { size: 32 });

let kzg: Kzg;
let call: Awaited<ReturnType<typeof testEvm>>;
let fixture: Fixture;
let opening: Uint8Array;
let proof: Hex;
beforeAll(async () => {
  const srs = await testSrs(65);
  kzg = await createKzg(srs);
  call = await testEvm({
    [fixtureVerifier]: runtimeCode('src/WindowVerifier.sol', 'WindowVerifier'),
    ...Object.fromEntries(honks.map((honk) => [address(honk), runtimeCode('test/utils/HonkStandIns.sol', honk)])),
  });
  fixture = await windowFixture(kzg, srs);
  opening = await openWindow(kzg, fixture);
  const publicInputs = keccak256(concat([...fixture.statement, ...fixture.outputs].map((word) => toHex(word, { size: 32 }))));
  proof = concat([stringToHex('ok', { size: 32 }), publicInputs]);
}, 60_000);
afterAll(() => kzg.close());

type Changes = { honk?: Hex; proof?: Hex; opening?: Hex; statement?: readonly bigint[]; shape?: Hex; gasLimit?: bigint };

function verify(changes: Changes = {}): Promise<EvmResult> {
  const statement = changes.statement ?? fixture.statement;
  const data = encodeFunctionData({
    abi,
    functionName: 'verify',
    args: [
      changes.shape ?? encodeShape(fixture.shape),
      changes.honk ?? address('ExactHonk'),
      fixture.circuitId,
      true,
      statement,
      changes.proof ?? proof,
      changes.opening ?? toHex(opening),
    ],
  });
  return call({ to: fixtureVerifier, data, ...(changes.gasLimit === undefined ? {} : { gasLimit: changes.gasLimit }) });
}

describe('a window', () => {
  test('is proved where both proofs hold, and the UltraHonk verifier is given the statement and the outputs', async () => {
    expect(await verify()).toMatchObject({ exception: undefined, returned: yes });
  });

  test('is not where either does not, and nothing reverts', async () => {
    const bad = opening.slice();
    bad[95] = (bad[95] as number) ^ 1;
    const changes: Changes[] = [
      { opening: toHex(bad) },
      { opening: '0x' },
      { proof: '0x' },
      { proof: concat([proof, '0x00']) },
      { proof: concat([stringToHex('no', { size: 32 }), `0x${proof.slice(66)}`]) },
      { shape: '0x' },
      { shape: concat([encodeShape(fixture.shape), '0x00']) },
      { statement: fixture.statement.map((word, i) => (i === 7 ? word + 1n : word)) },
      { statement: fixture.statement.slice(0, 7) },
      { statement: [...fixture.statement, 0n] },
      { statement: [] },
    ];
    for (const change of changes) expect(await verify(change)).toMatchObject({ exception: undefined, returned: no });
  });

  test('is not by a verifier that reverts, burns its gas, answers too long, neither, nothing, or is not there', async () => {
    for (const honk of honks.slice(1))
      expect(await verify({ honk: address(honk) }), honk).toMatchObject({ exception: undefined, returned: no });
    expect(await verify({ honk: '0x000000000000000000000000000000000000dEaD' })).toMatchObject({ exception: undefined, returned: no });
    // The burner got its cap, no more.
    const { gas } = await verify({ honk: address('BurningHonk') });
    const { gas: good } = await verify();
    expect(gas - good).toBeGreaterThan(1_500_000);
    expect(gas - good).toBeLessThan(1_600_001);
  });

  test('is never judged with too little gas: any limit gives the true verdict or a typed error', async () => {
    let judged = 0;
    let refused = 0;
    for (let gasLimit = 100_000n; gasLimit <= 2_500_000n; gasLimit += 60_000n) {
      const { exception, returned } = await verify({ gasLimit });
      if (exception === undefined) {
        expect(returned).toBe(yes);
        judged++;
      } else {
        // Below the first check the call itself runs dry; the caller sees a failed call, not a verdict.
        if (returned !== '0x') expect(decodeErrorResult({ abi, data: returned }).errorName).toBe('InsufficientGas');
        refused++;
      }
    }
    expect(judged).toBeGreaterThan(3);
    expect(refused).toBeGreaterThan(10);
  }, 30_000);
});

describe('a shape', () => {
  const describeShape = (shape: Hex) =>
    call({ to: fixtureVerifier, data: encodeFunctionData({ abi, functionName: 'describe', args: [shape] }) });

  test('tells statement, lengths, model and SRS', async () => {
    const { returned } = await describeShape(encodeShape(fixture.shape));
    expect(decodeFunctionResult({ abi, functionName: 'describe', data: returned })).toEqual({
      statementType: keccak256(stringToHex('train-window')),
      circuitTag: keccak256(stringToHex('assay.circuit.train-window.v1')),
      modelId: modelId(fixture.shape),
      srsId: fixture.shape.srsId,
      steps: fixture.shape.steps,
      treeDepth: fixture.shape.treeDepth,
      statementWords: 8,
      proofBytes: hexToBytes(proof).length,
      openingBytes: opening.length,
    });
  });

  test('that is none is refused with a typed error', async () => {
    const { exception, returned } = await describeShape('0x1234');
    expect(exception).toBe('revert');
    expect(decodeErrorResult({ abi, data: returned }).errorName).toBe('ShapeMalformed');
  });
});
