import type { Address } from 'viem';
import { z } from 'zod';
import { showTokens, tokenAmount } from './amounts.ts';
import { type AnyCommand, defineCommand } from './command.ts';
import { devnetAccountNumber } from './connectSigner.ts';
import { type RoleName, roleDirectory } from './folders.ts';
import { columns } from './output.ts';
import { pathSchema } from './pathSchema.ts';
import { reportRole } from './reportRole.ts';
import { dataOption } from './roleOptions.ts';
import { unlockSigner } from './unlockSigner.ts';

type Input = {
  readonly operatorKey: string | undefined;
  readonly operatorDevnetAccount: number | undefined;
  readonly hotKey: string | undefined;
  readonly hotPasswordFile: string | undefined;
  readonly hotDevnetAccount: number | undefined;
  readonly stake: bigint | undefined;
  readonly data: string | undefined;
};

type Registered = {
  readonly operator: Address;
  readonly hotKey: Address;
  readonly peerId: string;
  readonly registrationNonce: number;
  /** False where this very registration was there already. */
  readonly changed: boolean;
  /** The operator's stake afterwards, in whole tokens. */
  readonly stake: { readonly active: string; readonly locked: string; readonly free: string };
};

/** `worker register` and `validator register`: on chain both are nodes. */
export function defineRegister(role: Exclude<RoleName, 'requester'>): AnyCommand {
  return defineCommand<Input, Registered>({
    name: `${role} register`,
    summary: `register a ${role}: operator, hot key, libp2p identity, stake`,
    description:
      'The operator (cold) holds the stake and is paid; the hot key signs announcements and transactions of the running node, and can hold next to nothing. ' +
      'Registering again changes hot key or identity. With --stake, so much is added to the stake of the operator.',
    options: {
      operatorKey: {
        flags: '--operator-key <name>',
        description: 'key of the operator (default: the setting --key)',
        schema: z.string().min(1).optional(),
      },
      operatorDevnetAccount: {
        flags: '--operator-devnet-account <number>',
        description: "a devnet's published account as the operator",
        schema: devnetAccountNumber,
      },
      hotKey: { flags: '--hot-key <name>', description: `key that \`${role} run\` will use`, schema: z.string().min(1).optional() },
      hotPasswordFile: {
        flags: '--hot-password-file <file>',
        description: 'password of the hot key (default: the one of the operator)',
        schema: pathSchema.optional(),
      },
      hotDevnetAccount: {
        flags: '--hot-devnet-account <number>',
        description: "a devnet's published account as the hot key",
        schema: devnetAccountNumber,
      },
      stake: { flags: '--stake <amount>', description: 'stake so much more, in whole tokens', schema: tokenAmount.optional() },
      data: dataOption(role),
    },
    examples: [
      `assay ${role} register --operator-key cold --hot-key hot --stake 50`,
      `assay ${role} register --operator-devnet-account 1 --hot-devnet-account 2 --stake 50`,
    ],
    async run(context, input) {
      const { settings } = context;
      const { AssayError, exitCodes } = await import('../../errors.ts');
      if (input.hotKey === undefined && input.hotDevnetAccount === undefined) {
        throw new AssayError('CLI_BAD_OPTION', '--hot-key is missing', {
          hint: 'The operator and its hot key are two keys: assay key new makes one.',
          exitCode: exitCodes.usage,
        });
      }
      const { connectChain } = await import('../../chain/connectChain.ts');
      const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
      const { getNode } = await import('../../chain/getNode.ts');
      const { getStake } = await import('../../chain/getStake.ts');
      const { registerNode } = await import('../../chain/registerNode.ts');
      const { stake } = await import('../../chain/stake.ts');
      const { peerIdOfKey } = await import('../../net/createNetNode.ts');
      const { peerIdBytes } = await import('../../net/peerIdBytes.ts');
      const { loadPeerKey } = await import('../../node/peerKey.ts');
      const { isAddressEqual, keccak256 } = await import('viem');
      const emit = reportRole(context);

      const deployment = readDeployment(settings.deployment);
      const account = await unlockSigner(settings, { key: input.operatorKey, devnetAccount: input.operatorDevnetAccount });
      const hotKey = await unlockSigner(settings, {
        key: input.hotKey,
        passwordFile: input.hotPasswordFile,
        devnetAccount: input.hotDevnetAccount,
      });
      const chain = await connectChain({ rpcUrl: settings.rpc, chainId: deployment.chainId, account });
      await assertDeployment(chain, deployment);
      const operator = account.address;

      const peerKey = await loadPeerKey(input.data ?? roleDirectory(settings, role));
      const peerId = await peerIdBytes(peerKey);
      const known = await getNode(chain, deployment, operator);
      const same = known.hotKey !== undefined && isAddressEqual(known.hotKey, hotKey.address) && known.peerIdHash === keccak256(peerId);
      const registrationNonce = Number(
        same ? known.registrationNonce : (await registerNode(chain, deployment, { hotKey, peerId })).registrationNonce,
      );
      if (!same) emit({ event: 'registered', operator, hotKey: hotKey.address, registrationNonce });
      if (input.stake !== undefined) {
        await stake(chain, deployment, input.stake);
        emit({ event: 'staked', operator, amount: input.stake.toString() });
      }
      const { active, locked, free } = await getStake(chain, deployment, operator);
      const stakeNow = { active: showTokens(active), locked: showTokens(locked), free: showTokens(free) };
      return { operator, hotKey: hotKey.address, peerId: await peerIdOfKey(peerKey), registrationNonce, changed: !same, stake: stakeNow };
    },
    render: ({ operator, hotKey, peerId, registrationNonce, changed, stake }) =>
      columns([
        ['operator', operator],
        ['hot key', hotKey],
        ['peer id', peerId],
        ['registration', `${registrationNonce}${changed ? '' : ' (as before)'}`],
        ['stake', `${stake.active}, of which ${stake.free} free`],
      ]),
  });
}
