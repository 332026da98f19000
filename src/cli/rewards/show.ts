import type { Address } from 'viem';
import { AssayError, exitCodes } from '../../errors.ts';
import { showTokens } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { connectReader } from '../framework/connectReader.ts';
import { devnetAccountOption } from '../framework/connectSigner.ts';
import { keyDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';
import type { Settings } from '../framework/settings.ts';
import { accountOption, payees } from './payees.ts';

type Input = { readonly account: Address | undefined; readonly devnetAccount: number | undefined };

type Shown = {
  /** Amounts in whole tokens. */
  readonly accounts: readonly {
    readonly account: Address;
    readonly claimable: string;
    readonly balance: string;
    readonly stake: { readonly active: string; readonly locked: string; readonly unbonding: string };
  }[];
};

export const rewardsShow = defineCommand<Input, Shown>({
  name: 'rewards show',
  summary: 'what an account may claim, holds and has staked',
  description: 'For a hot key its operator is shown as well: rewards of windows are credited to the operator.',
  options: { account: accountOption, devnetAccount: devnetAccountOption },
  examples: ['assay rewards show --key hot', 'assay rewards show --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --json'],
  async run({ settings }, { account, devnetAccount }) {
    const { getClaimable } = await import('../../chain/getClaimable.ts');
    const { getStake } = await import('../../chain/getStake.ts');
    const { getTokenBalance } = await import('../../chain/getTokenBalance.ts');
    const { chain, deployment } = await connectReader(settings);
    const accounts: Shown['accounts'][number][] = [];
    for (const payee of await payees(chain, deployment, account ?? (await addressOf(settings, devnetAccount)))) {
      const { active, locked, unbonding } = await getStake(chain, deployment, payee);
      accounts.push({
        account: payee,
        claimable: showTokens(await getClaimable(chain, deployment, payee)),
        balance: showTokens(await getTokenBalance(chain, deployment.addresses.token, payee)),
        stake: { active: showTokens(active), locked: showTokens(locked), unbonding: showTokens(unbonding) },
      });
    }
    return { accounts };
  },
  render: ({ accounts }) =>
    columns([
      ['account', 'claimable', 'balance', 'stake', 'locked', 'unbonding'],
      ...accounts.map((a) => [a.account, a.claimable, a.balance, a.stake.active, a.stake.locked, a.stake.unbonding]),
    ]),
});

/** The address of the key that the settings name; nothing is unlocked. */
async function addressOf(settings: Settings, devnetAccount: number | undefined): Promise<Address> {
  if (devnetAccount !== undefined) return (await import('../../chain/anvil.ts')).devnetAccount(devnetAccount).address;
  const { getAddress } = await import('viem');
  const { listKeys } = await import('../../node/keys.ts');
  const key = (await listKeys(keyDirectory(settings))).find(({ name }) => name === settings.key);
  if (key !== undefined) return getAddress(key.address);
  throw new AssayError('KEY_MISSING', `there is no key "${settings.key}"`, {
    hint: 'Name an account with --account, or a key with --key.',
    exitCode: exitCodes.keysNeeded,
  });
}
