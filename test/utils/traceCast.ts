import { type Address, type Hex, keccak256, numberToHex, pad } from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import type { Action } from '../../src/protocol/model/action.ts';
import type { World } from '../../src/protocol/model/state.ts';
import type { Cast } from './traces.ts';

const ether = 10n ** 18n;
const address = (n: number): Address => pad(numberToHex(n), { size: 20 });
const lower = (account: Address): Address => account.toLowerCase() as Address;

/** Two keys for each of the four operators; whoever signs without being a hot key has one, too. */
export const signers: Readonly<Record<Address, PrivateKeyAccount>> = Object.fromEntries(
  Array.from({ length: 10 }, (_, i) => {
    const account = privateKeyToAccount(pad(numberToHex(0xb0_00 + i), { size: 32 }));
    return [lower(account.address), account];
  }),
);
const keys = Object.keys(signers) as Address[];

export const people = {
  requesters: [address(0x1001), address(0x1002)],
  operators: [address(0x2001), address(0x2002), address(0x2003), address(0x2004)],
  hotKeys: [0, 2, 4, 6].map((i) => keys.slice(i, i + 2)),
  // Accounts that sign announcements without ever being anybody's hot key.
  finders: keys.slice(8),
  treasury: address(0x5001),
  governor: address(0x7001),
  guardian: address(0x7002),
} as const satisfies Partial<Cast> & { governor: Address; guardian: Address };

/** Share of the price that the dataset's licence asks. */
export const licenceBps = 100n;
export const unbondingBlocks = 120n;
export const guardianTerm = 1_000n;
export const datasetRoot = 4242n;
/** What every requester and operator starts with, of each token. */
export const purse = 10n ** 25n;
/** Logarithms of the genesis checkpoint's two points. */
export const genesisPoints = [1n, 2n] as const;

/** What has happened before every trace. */
export const prologue: readonly Action[] = people.operators
  .slice(0, 3)
  .flatMap((sender, i): Action[] => [
    { kind: 'registerNode', sender, hotKey: people.hotKeys[i]?.[0] ?? sender },
    { kind: 'stake', sender, amount: BigInt(1_000 + 400 * i) * ether + BigInt(i) },
    ...(i < 2 ? ([{ kind: 'enrol', sender }] as const) : []),
  ]);

const word = (name: string): Hex => keccak256(numberToHex(BigInt(name.length) + BigInt(name.charCodeAt(0)) * 1_000n));

/** A deployment that no chain knows, for traces of the model alone. */
export function pureCast(genesisId: bigint): Cast {
  const { requesters, operators, hotKeys, finders, treasury } = people;
  return {
    requesters,
    operators,
    hotKeys,
    finders,
    treasury,
    payToken: address(0x9002),
    training: word('training'),
    inference: word('inference'),
    wellFormed: word('well-formed'),
    dataset: word('dataset'),
    genesisPoints,
    genesisId,
  };
}

/** The world of `pureCast`. */
export function pureWorld(cast: Cast): World {
  const modelId = word('model');
  const shared = { modelId, points: 2n };
  return {
    chainId: 31337n,
    token: address(0x9001),
    jobManager: address(0x9003),
    windowManager: address(0x9004),
    challengeManager: address(0x9005),
    validatorManager: address(0x9006),
    rewardDistributor: address(0x9007),
    stakeManager: address(0x9008),
    governor: people.governor,
    guardian: people.guardian,
    unbondingBlocks,
    deployedBlock: 10n,
    guardianExpiry: 10n + guardianTerm,
    circuits: {
      [cast.training]: { ...shared, statement: 'train-window', steps: 4n, treeDepth: 3n, outputs: 0n },
      [cast.inference]: { ...shared, statement: 'inference', steps: 0n, treeDepth: 0n, outputs: 2n },
    },
    datasets: {
      [cast.dataset]: {
        registrant: people.requesters[1],
        depth: 3n,
        root: datasetRoot,
        feeBps: licenceBps,
        uses: 3n,
        expiryBlock: 0n,
        revoked: false,
      },
    },
    genesis: genesisOf(cast, modelId),
    wellFormed: { [`${cast.wellFormed}/${cast.genesisId}`]: true },
  };
}

/** Both requesters and the first operator registered the genesis. */
export function genesisOf(cast: Cast, modelId: Hex): Record<string, true> {
  const registrants = [...cast.requesters, ...cast.operators.slice(0, 1)];
  return Object.fromEntries(registrants.map((account) => [`${modelId}/${cast.genesisId}/${account}`, true] as const));
}

/** What everybody has before the prologue. */
export function pursesOf(cast: Cast, token: Address): Record<string, bigint> {
  const accounts = [...cast.requesters, ...cast.operators];
  return Object.fromEntries([token, cast.payToken].flatMap((t) => accounts.map((account) => [`${t}/${account}`, purse] as const)));
}
