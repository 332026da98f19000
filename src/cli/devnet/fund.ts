import { type Address, getAddress, isAddress, parseEther, toHex } from 'viem';
import { z } from 'zod';
import { showTokens, tokenAmount } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { connectSigner } from '../framework/connectSigner.ts';
import { columns } from '../framework/output.ts';

type Input = { readonly address: Address; readonly tokens: bigint };
/** What the account has afterwards, in whole tokens and ether. */
type Funded = { readonly address: Address; readonly tokens: string; readonly ether: string };

export const devnetFund = defineCommand<Input, Funded>({
  name: 'devnet fund',
  summary: 'give an account of a devnet stake tokens, and ether for gas',
  description:
    'Sends tokens from account 0, which holds the supply, and sees to it that the account has 10 ether. On a devnet only: elsewhere nobody can.',
  arguments: {
    address: {
      flags: '<address>',
      description: 'account to fund',
      schema: z
        .string()
        .refine((text) => isAddress(text), 'expected an address')
        .transform((text) => getAddress(text)),
    },
  },
  options: { tokens: { flags: '--tokens <amount>', description: 'whole tokens (default 1000)', schema: tokenAmount.default(10n ** 21n) } },
  examples: ['assay devnet fund 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --tokens 100'],
  async run({ settings }, { address, tokens }) {
    const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
    const { getTokenBalance } = await import('../../chain/getTokenBalance.ts');
    const { transferToken } = await import('../../chain/transferToken.ts');
    const { toChainError } = await import('../../chain/toChainError.ts');
    const deployment = readDeployment(settings.deployment);
    const chain = await connectSigner(settings, 0);
    await assertDeployment(chain, deployment);
    const { token } = deployment.addresses;
    if (tokens > 0n) await transferToken(chain, token, address, tokens);
    try {
      if ((await chain.client.getBalance({ address })) < parseEther('10')) {
        await chain.client.request({ method: 'anvil_setBalance', params: [address, toHex(parseEther('10'))] } as never);
      }
      const balance = await getTokenBalance(chain, token, address);
      return { address, tokens: showTokens(balance), ether: showTokens(await chain.client.getBalance({ address })) };
    } catch (error) {
      throw toChainError(error, chain.rpcUrl);
    }
  },
  render: ({ address, tokens, ether }) =>
    columns([
      ['account', address],
      ['tokens', tokens],
      ['ether', ether],
    ]),
});
