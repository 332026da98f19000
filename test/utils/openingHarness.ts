import { encodeFunctionData, type Hex, parseAbi, toHex } from 'viem';
import { type EvmResult, runtimeCode, testEvm } from './evm.ts';
import { type Candidate, encodeShapeOf, verifyCandidate } from './openingCandidate.ts';
import { fixtureVerifier } from './openingFixture.ts';

const abi = parseAbi([
  'function verify(bytes shape, bytes32 circuitId, bool open, uint256[] statement, bytes opening) view returns (bool)',
  'function check(bytes shape, bool open, bytes opening, uint256 z, uint256 kappa) view returns (bool)',
  'function verifyInference(bytes shape, bytes32 circuitId, uint256[] statement, bytes opening) view returns (bool)',
  'function checkInference(bytes shape, bytes opening, uint256 z, uint256 kappa) view returns (bool)',
  'function verifyWellFormed(bytes shape, bytes32 circuitId, uint256[] statement, bytes opening) view returns (bool)',
  'function checkWellFormed(bytes shape, uint256 segment, bytes opening, uint256 z, uint256 kappa) view returns (bool)',
]);

/** The opening check of the contracts in an EVM at the fixtures' verifier address. */
export type OpeningHarness = {
  verify(candidate: Candidate, shape?: Hex): Promise<EvmResult & { readonly verdict: boolean }>;
  check(candidate: Candidate, z: bigint, kappa: bigint): Promise<boolean>;
  /** The verdict of TypeScript, once it is that of the contract too. */
  agreed(candidate: Candidate): Promise<string>;
};

export async function openingHarness(): Promise<OpeningHarness> {
  const code = runtimeCode('test/utils/OpeningHarness.sol', 'OpeningHarness');
  const evms = new Map<string, ReturnType<typeof testEvm>>();
  const run = async (data: Hex, chainId: bigint, to = fixtureVerifier as Hex) => {
    const evm = evms.get(`${chainId} ${to}`) ?? testEvm({ [to]: code }, Number(chainId));
    evms.set(`${chainId} ${to}`, evm);
    const result = await (await evm)({ to, data });
    if (result.exception !== undefined) throw new Error(`the contract reverted: ${result.exception} ${result.returned}`);
    return { ...result, verdict: result.returned === toHex(1, { size: 32 }) };
  };
  const harness: OpeningHarness = {
    verify: (candidate, shape = encodeShapeOf(candidate)) => run(verifyCall(candidate, shape), candidate.chainId, candidate.verifier),
    check: async (candidate, z, kappa) => (await run(checkCall(candidate, z, kappa), candidate.chainId)).verdict,
    async agreed(candidate) {
      const verdict = await verifyCandidate(candidate);
      const { verdict: onChain } = await harness.verify(candidate);
      if (onChain !== verdict.valid) throw new Error(`TypeScript says ${JSON.stringify(verdict)}, the contract says ${onChain}`);
      return verdict.valid ? 'accepted' : verdict.reason;
    },
  };
  return harness;
}

function verifyCall(candidate: Candidate, shape: Hex): Hex {
  const { kind, circuitId, open, statement } = candidate;
  const opening = toHex(candidate.opening);
  if (kind === 'train-window')
    return encodeFunctionData({ abi, functionName: 'verify', args: [shape, circuitId, open, statement, opening] });
  const functionName = kind === 'inference' ? 'verifyInference' : 'verifyWellFormed';
  return encodeFunctionData({ abi, functionName, args: [shape, circuitId, statement, opening] });
}

function checkCall(candidate: Candidate, z: bigint, kappa: bigint): Hex {
  const shape = encodeShapeOf(candidate);
  const opening = toHex(candidate.opening);
  if (candidate.kind === 'train-window')
    return encodeFunctionData({ abi, functionName: 'check', args: [shape, candidate.open, opening, z, kappa] });
  if (candidate.kind === 'inference') return encodeFunctionData({ abi, functionName: 'checkInference', args: [shape, opening, z, kappa] });
  const segment = candidate.statement[3] as bigint;
  return encodeFunctionData({ abi, functionName: 'checkWellFormed', args: [shape, segment, opening, z, kappa] });
}
