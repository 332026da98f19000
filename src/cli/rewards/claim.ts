import type { Address, Hex } from 'viem';
import { showTokens } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { connectSigner, devnetAccountOption } from '../framework/connectSigner.ts';
import { columns } from '../framework/output.ts';
import { accountOption, payees } from './payees.ts';

type Input = { readonly account: Address | undefined; readonly devnetAccount: number | undefined };
type Claimed = { readonly claims: readonly { readonly account: Address; readonly amount: string; readonly transactionHash: Hex }[] };

export const rewardsClaim = defineCommand<Input, Claimed>({
  name: 'rewards claim',
  summary: 'pay out what an account may claim',
  description:
    'Anyone may send a claim; only the account itself is paid. Without --account it is for the key that signs, and for the operator whose hot key that is.',
  options: { account: accountOption, devnetAccount: devnetAccountOption },
  examples: [
    'assay rewards claim --key hot --password-file ./hot.password',
    'assay rewards claim --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --devnet-account 2',
  ],
  async run({ settings, progress }, { account, devnetAccount }) {
    const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
    const { claim } = await import('../../chain/claim.ts');
    const { getClaimable } = await import('../../chain/getClaimable.ts');
    const deployment = readDeployment(settings.deployment);
    const chain = await connectSigner(settings, devnetAccount);
    await assertDeployment(chain, deployment);
    const claims: Claimed['claims'][number][] = [];
    for (const payee of account === undefined ? await payees(chain, deployment, chain.account.address) : [account]) {
      if ((await getClaimable(chain, deployment, payee)) === 0n) continue;
      const { amount, hash } = await progress.step(`claim for ${payee}`, () => claim(chain, deployment, { account: payee }));
      claims.push({ account: payee, amount: showTokens(amount), transactionHash: hash });
    }
    return { claims };
  },
  render: ({ claims }) =>
    claims.length === 0
      ? 'nothing to claim'
      : columns(claims.map(({ account, amount, transactionHash }) => [account, amount, transactionHash])),
});
