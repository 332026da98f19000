import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { defineCommand } from '../framework/command.ts';
import { ceremonyDirectory, ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';
import { type ContributionFacts, contributionFacts, contributionRows } from './contributionFacts.ts';

type Key = {
  readonly file: string;
  readonly profile: 'dev' | 'public';
  readonly power: number;
  readonly setupId: Hex;
  readonly contributions: readonly ContributionFacts[];
};

type Status = {
  /** Of the settings. `dev`: every secret is published. */
  readonly profile: 'dev' | 'public';
  readonly srs: { readonly directory: string; readonly id: Hex; readonly points: number };
  /** Powers of tau of the dev ceremony that are made. */
  readonly powersOfTau: readonly { readonly file: string; readonly power: number }[];
  readonly keys: readonly Key[];
  /** Keys that cannot be read. */
  readonly damaged: readonly string[];
};

export const ceremonyStatus = defineCommand<object, Status>({
  name: 'ceremony status',
  summary: 'which ceremony is used, and what of it is on this machine',
  description:
    'The profile of the settings, the SRS, powers of tau, and every Groth16 key in the cache with the contributions to its phase 2.',
  examples: ['assay ceremony status', 'assay ceremony status --ceremony public --srs ./ignition --json'],
  async run({ settings }) {
    const { ceremonySrsId } = await import('../../proof/ceremony.ts');
    const { readZkey } = await import('../../proof/groth16/readZkey.ts');
    const { AssayError } = await import('../../errors.ts');
    const ceremony = ceremonyOf(settings);
    const directory = ceremony.publicDirectory ?? ceremony.directory;
    const { size } = await stat(join(directory, 'bn254_g1.dat')).catch(() => ({ size: 0 }));
    const made = await readdir(ceremonyDirectory(settings)).catch(() => []);
    const powersOfTau = made
      .flatMap((name) => {
        const power = /^dev_(\d\d)\.ptau\.sha256$/.exec(name)?.[1];
        return power === undefined ? [] : [{ file: join(ceremonyDirectory(settings), name.replace('.sha256', '')), power: Number(power) }];
      })
      .sort((a, b) => a.power - b.power);
    const folder = circuitCacheDirectory(settings);
    const keys: Key[] = [];
    const damaged: string[] = [];
    for (const name of (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.zkey.json')).sort()) {
      const file = join(folder, name.slice(0, -'.json'.length));
      try {
        const { profile } = JSON.parse(await readFile(join(folder, name), 'utf8')) as { profile: Key['profile'] };
        const { power, setupId, contributions } = await readZkey(file);
        keys.push({
          file,
          profile,
          power,
          setupId,
          contributions: contributionFacts(contributions),
        });
      } catch (error) {
        if (!(error instanceof AssayError || error instanceof SyntaxError)) throw error;
        damaged.push(file);
      }
    }
    return {
      profile: ceremony.publicDirectory === undefined ? 'dev' : 'public',
      srs: { directory, id: await ceremonySrsId(ceremony), points: Math.floor(size / 64) },
      powersOfTau,
      keys,
      damaged,
    };
  },
  render: ({ profile, srs, powersOfTau, keys, damaged }) =>
    columns([
      ['profile', profile === 'dev' ? 'dev: its secrets are published, anybody can forge; for devnets only' : 'public'],
      ['SRS', `${srs.id}, ${srs.points} points in ${srs.directory}`],
      [
        'powers of tau',
        powersOfTau.length === 0
          ? 'none made (they are needed to verify keys only)'
          : powersOfTau.map(({ power }) => `2^${power}`).join(', '),
      ],
      ...keys.flatMap((key) => [
        ['key', `${key.file} (${key.profile}, 2^${key.power}), phase 2 ${key.setupId}`],
        ...contributionRows(key.contributions),
      ]),
      ...damaged.map((file) => ['damaged', file]),
    ]),
});
