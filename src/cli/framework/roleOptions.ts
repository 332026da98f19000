import { z } from 'zod';
import type { InputSpecs } from './command.ts';
import { devnetAccountOption } from './connectSigner.ts';
import type { RoleName } from './folders.ts';
import { pathSchema } from './pathSchema.ts';

/** What every command takes that runs a node. */
export type RoleInput = {
  readonly devnetAccount: number | undefined;
  readonly data: string | undefined;
  readonly listen: readonly string[];
  readonly peers: readonly string[];
};

const addresses = z.array(z.string().regex(/^\/[a-z0-9]+\//, 'expected multiaddrs, as /ip4/127.0.0.1/tcp/4001'));

/** The option that names a role's folder. */
export function dataOption(role: RoleName): InputSpecs<Pick<RoleInput, 'data'>>['data'] {
  return {
    flags: '--data <dir>',
    description: `folder of this node's database, blobs and libp2p identity (default <home>/${role})`,
    schema: pathSchema.optional(),
  };
}

/** The options of a command that runs a node. */
export function roleOptions(role: RoleName): InputSpecs<RoleInput> {
  return {
    devnetAccount: devnetAccountOption,
    data: dataOption(role),
    listen: {
      flags: '--listen <multiaddr...>',
      description: 'addresses to listen on (default /ip4/127.0.0.1/tcp/0: this machine only, any port)',
      schema: addresses.default(['/ip4/127.0.0.1/tcp/0']),
    },
    peers: {
      flags: '--peers <multiaddr...>',
      description: 'nodes to connect to, each ending in /p2p/ and its peer id; blobs come from direct neighbours',
      schema: addresses.default([]),
    },
  };
}
