import type { Address, Hex } from 'viem';
import type { Sent } from '../../chain/call.ts';
import type { ChainWriter } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import { showTokens, tokenAmount } from '../framework/amounts.ts';
import { type CommandContext, defineCommand } from '../framework/command.ts';
import { connectSigner, devnetAccountOption } from '../framework/connectSigner.ts';
import { columns } from '../framework/output.ts';

/** The sender's stake after the transaction, in whole tokens. */
type Moved = {
  readonly operator: Address;
  readonly active: string;
  readonly locked: string;
  readonly unbonding: string;
  readonly releaseBlock: number;
  readonly transactionHash: Hex;
};

type Verb = 'add' | 'unbond' | 'rebond' | 'withdraw' | 'unjail';
type Signed = { readonly devnetAccount: number | undefined };

const shown = ({ operator, active, locked, unbonding, releaseBlock, transactionHash }: Moved): string =>
  columns([
    ['operator', operator],
    ['active', `${active}, ${locked} of it locked`],
    ['unbonding', unbonding === '0' ? '0' : `${unbonding}, leaves from block ${releaseBlock}`],
    ['transaction', transactionHash],
  ]);

async function move<T>(
  { settings, progress }: CommandContext,
  devnetAccount: number | undefined,
  verb: Verb,
  send: (chain: ChainWriter, deployment: Deployment) => Promise<Sent & T>,
): Promise<Moved> {
  const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
  const { getStake } = await import('../../chain/getStake.ts');
  const deployment = readDeployment(settings.deployment);
  const chain = await connectSigner(settings, devnetAccount);
  await assertDeployment(chain, deployment);
  const { hash } = await progress.step(`stake ${verb}`, () => send(chain, deployment));
  const operator = chain.account.address;
  const { active, locked, unbonding, releaseBlock } = await getStake(chain, deployment, operator);
  return {
    operator,
    active: showTokens(active),
    locked: showTokens(locked),
    unbonding: showTokens(unbonding),
    releaseBlock: Number(releaseBlock),
    transactionHash: hash,
  };
}

/** A command that moves an amount of the sender's own stake. */
export function defineStakeAmount(
  verb: 'add' | 'unbond' | 'rebond',
  text: { readonly summary: string; readonly description: string },
  load: () => Promise<(chain: ChainWriter, deployment: Deployment, amount: bigint) => Promise<Sent>>,
) {
  return defineCommand<Signed & { readonly amount: bigint }, Moved>({
    name: `stake ${verb}`,
    ...text,
    arguments: { amount: { flags: '<amount>', description: 'in whole tokens', schema: tokenAmount } },
    options: { devnetAccount: devnetAccountOption },
    examples: [`assay stake ${verb} 25 --key operator`, `assay stake ${verb} 0.5 --devnet-account 2`],
    async run(context, { amount, devnetAccount }) {
      const action = await load();
      return move(context, devnetAccount, verb, (chain, deployment) => action(chain, deployment, amount));
    },
    render: shown,
  });
}

/** A command that moves all there is to move of the sender's own stake. */
export function defineStakeMove(
  verb: 'withdraw' | 'unjail',
  text: { readonly summary: string; readonly description: string },
  load: () => Promise<(chain: ChainWriter, deployment: Deployment) => Promise<Sent>>,
) {
  return defineCommand<Signed, Moved>({
    name: `stake ${verb}`,
    ...text,
    options: { devnetAccount: devnetAccountOption },
    examples: [`assay stake ${verb} --key operator`, `assay stake ${verb} --devnet-account 2`],
    async run(context, { devnetAccount }) {
      const action = await load();
      return move(context, devnetAccount, verb, action);
    },
    render: shown,
  });
}
