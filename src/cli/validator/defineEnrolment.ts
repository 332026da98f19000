import type { Address, Hex } from 'viem';
import type { Sent } from '../../chain/call.ts';
import type { ChainWriter } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { showTokens } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { connectSigner, devnetAccountOption } from '../framework/connectSigner.ts';
import { columns } from '../framework/output.ts';

type Input = { readonly devnetAccount: number | undefined };
type Enrolment = { readonly operator: Address; readonly weight: string; readonly totalWeight: string; readonly transactionHash: Hex };

/** A command that puts the operator of the key that signs into the draw, or takes it out. */
export function defineEnrolment(
  verb: 'enrol' | 'retire',
  text: { readonly summary: string; readonly description: string },
  load: () => Promise<(chain: ChainWriter, deployment: Deployment) => Promise<Sent>>,
) {
  return defineCommand<Input, Enrolment>({
    name: `validator ${verb}`,
    ...text,
    options: { devnetAccount: devnetAccountOption },
    examples: [`assay validator ${verb} --key hot`, `assay validator ${verb} --devnet-account 4`],
    async run({ settings, progress }, { devnetAccount }) {
      const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
      const { getHotKeyOwner } = await import('../../chain/getHotKeyOwner.ts');
      const { getTotalWeight } = await import('../../chain/getTotalWeight.ts');
      const { getWeight } = await import('../../chain/getWeight.ts');
      const action = await load();
      const deployment = readDeployment(settings.deployment);
      const chain = await connectSigner(settings, devnetAccount);
      await assertDeployment(chain, deployment);
      const signer = chain.account.address;
      const operator = await getHotKeyOwner(chain, deployment, signer);
      if (operator === undefined) {
        throw new AssayError('VALIDATOR_NOT_REGISTERED', `${signer} is nobody's hot key`, {
          exitCode: exitCodes.keysNeeded,
          hint: 'Register it with its operator: assay validator register.',
        });
      }
      const { hash } = await progress.step(`${verb} ${operator}`, () => action(chain, deployment));
      return {
        operator,
        weight: showTokens(await getWeight(chain, deployment, operator)),
        totalWeight: showTokens(await getTotalWeight(chain, deployment)),
        transactionHash: hash,
      };
    },
    render: ({ operator, weight, totalWeight, transactionHash }) =>
      columns([
        ['operator', operator],
        ['weight', `${weight} of ${totalWeight}`],
        ['transaction', transactionHash],
      ]),
  });
}
