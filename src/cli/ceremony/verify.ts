import { join } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import { exitCodes } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { ceremonyDirectory, ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { type ContributionFacts, contributionFacts, contributionRows } from './contributionFacts.ts';

type Input = {
  readonly circuit: string | undefined;
  readonly zkey: string | undefined;
  readonly ptau: string | undefined;
  readonly unfinished: boolean;
};

type Verified = {
  /** False where something that was checked is not what it should be. */
  readonly valid: boolean;
  /** The SRS of a public ceremony; null under the dev one, whose points are checked by their hashes whenever they are read. */
  readonly srs: { readonly directory: string; readonly id: Hex; readonly points: number; readonly powersOfOneTau: boolean } | null;
  readonly powersOfTau: { readonly file: string; readonly origin: 'published' | 'dev' | 'unknown'; readonly blake2b: string } | null;
  readonly key: {
    readonly circuit: string;
    readonly file: string;
    /** It follows from circuit, powers of tau and contributions. */
    readonly consistent: boolean;
    /** A beacon follows on at least one contribution, and nothing on the beacon. */
    readonly finished: boolean;
    /** Null for a key that is inconsistent or not finished: it is not to be used at all. */
    readonly profile: 'dev' | 'public' | null;
    /** Contributions whose secret is neither published nor guessable, the beacon not counted. */
    readonly counted: number;
    readonly setupId: Hex;
    readonly contributions: readonly ContributionFacts[];
    readonly why: string | null;
  } | null;
};

const file = pathSchema.optional();

export const ceremonyVerify = defineCommand<Input, Verified>({
  name: 'ceremony verify',
  summary: "verify a ceremony's files: SRS, powers of tau, keys",
  description:
    'With --circuit, a key is verified against circuit and powers of tau (--zkey and --ptau, else those of the cache and of the dev ceremony); this takes minutes for large circuits. With --ptau ' +
    "alone the file is held against the published hashes of the Perpetual Powers of Tau (with Hermez' beacon). With --ceremony public --srs DIR the points are checked by pairing. Exit code 3: a key " +
    'does not follow from its ceremony, or no beacon ends it (--unfinished lets that pass while a ceremony goes on); 6: a file is not one of the published ceremonies.',
  options: {
    circuit: { flags: '--circuit <name>', description: 'Groth16 circuit whose key is verified', schema: z.string().min(1).optional() },
    zkey: { flags: '--zkey <file>', description: 'the key (default: the one in the cache)', schema: file },
    ptau: { flags: '--ptau <file>', description: 'the powers of tau (default: those of the dev ceremony)', schema: file },
    unfinished: {
      flags: '--unfinished',
      description: 'the ceremony goes on: no beacon need end the key yet',
      schema: z.boolean().default(false),
    },
  },
  examples: [
    'assay ceremony verify --circuit inference-groth16-196-25-10',
    'assay ceremony verify --ptau powersOfTau28_hez_final_15.ptau',
    'assay ceremony verify --ceremony public --srs ./ignition',
  ],
  async run({ settings, progress }, { circuit, zkey, ptau, unfinished }) {
    const { AssayError } = await import('../../errors.ts');
    const ceremony = ceremonyOf(settings);
    if (circuit === undefined && zkey !== undefined)
      throw new AssayError('CLI_BAD_OPTION', '--circuit is missing', { exitCode: exitCodes.usage });
    if (circuit === undefined && ptau === undefined && ceremony.publicDirectory === undefined) {
      throw new AssayError('CLI_BAD_OPTION', 'verify what? --circuit, --ptau or a public --srs', { exitCode: exitCodes.usage });
    }

    let srs: Verified['srs'] = null;
    if (ceremony.publicDirectory !== undefined) {
      const { stat } = await import('node:fs/promises');
      const { checkSrs } = await import('../../proof/checkSrs.ts');
      const { ensureSrs } = await import('../../proof/ceremony.ts');
      const { ignitionSrsId, readSrs } = await import('../../commitment/srs.ts');
      const directory = ceremony.publicDirectory;
      srs = await progress.step('check the points of the SRS', async () => {
        const { size } = await stat(join(directory, 'bn254_g1.dat')).catch(() => ({ size: 0 }));
        const points = Math.floor(size / 64);
        try {
          await ensureSrs({ ...ceremony, points: 1 });
          const found = await readSrs(directory, points);
          return { directory, id: found.id, points, powersOfOneTau: await checkSrs(found) };
        } catch (error) {
          // Its tau in G2 is the one of the public ceremony, its points are others.
          if (!(error instanceof AssayError) || error.code !== 'SRS_CORRUPT') throw error;
          return { directory, id: ignitionSrsId, points, powersOfOneTau: false };
        }
      });
    }

    let powersOfTau: Verified['powersOfTau'] = null;
    const examine = async (path: string): Promise<NonNullable<Verified['powersOfTau']>> => {
      const { hashFile } = await import('../../proof/groth16/hashFile.ts');
      const { publishedPtau } = await import('../../proof/groth16/publishedPtau.ts');
      const blake2b = await progress.step('hash the powers of tau', (update) =>
        hashFile(path, 'blake2b512', (bytes) => update(`${Math.floor(bytes / 2 ** 20)} MB`)),
      );
      return { file: path, origin: publishedPtau.some((entry) => entry.blake2b === blake2b) ? 'published' : 'unknown', blake2b };
    };
    if (ptau !== undefined) powersOfTau = await examine(ptau);

    let key: Verified['key'] = null;
    if (circuit !== undefined) {
      const { buildCircomProgram } = await import('../../proof/circom/compileCircom.ts');
      const { ensureDevPtau } = await import('../../proof/groth16/devPtau.ts');
      const { assertFinished, countContributions, groth16Profile } = await import('../../proof/groth16/groth16Profile.ts');
      const { readZkey } = await import('../../proof/groth16/readZkey.ts');
      const { setUpGroth16, verifyKey } = await import('../../proof/groth16/setup.ts');
      const { getKnownCircuit } = await import('../../proof/knownCircuits.ts');
      const cacheDirectory = circuitCacheDirectory(settings);
      const instance = await getKnownCircuit(circuit, cacheDirectory);
      if (instance.statement !== 'inference' || instance.system !== 'circom') {
        throw new AssayError('CLI_BAD_OPTION', `${circuit} is proved by UltraHonk: it has no key of a ceremony`, {
          exitCode: exitCodes.usage,
        });
      }
      const program = await progress.step(`compile ${circuit}`, () => buildCircomProgram({ instance, cacheDirectory }));
      const r1cs = join(program.directory, 'circuit.r1cs');
      const profile = ceremony.publicDirectory === undefined ? 'dev' : 'public';
      const path =
        zkey ?? (await progress.step(`key of ${circuit}`, () => setUpGroth16({ name: circuit, r1cs, cacheDirectory, profile }))).zkeyPath;
      const read = await readZkey(path);
      let powers = ptau;
      if (powers === undefined) {
        // One power more than the circuit's: snarkjs' hash of a circuit reads a point beyond its domain.
        const made = await progress.step('dev powers of tau', (update) =>
          ensureDevPtau({
            directory: ceremonyDirectory(settings),
            power: read.power + 1,
            onProgress: (done, total) => update(`${Math.floor((100 * done) / total)} %`),
          }),
        );
        powers = made.path;
        powersOfTau = { ...(await examine(powers)), origin: 'dev' };
      }
      const used = powers;
      let why: string | null = null;
      await progress
        .step('verify the key', (update) =>
          verifyKey({
            r1cs,
            ptau: used,
            zkey: path,
            onProgress: (done, total, what) => update(`${what} ${Math.floor((100 * done) / total)} %`),
          }),
        )
        .catch((error: unknown) => {
          if (!(error instanceof AssayError) || error.code !== 'CEREMONY_INVALID') throw error;
          why = error.details ?? error.message;
        });
      let finished = true;
      try {
        assertFinished(read.contributions);
      } catch {
        finished = false;
      }
      key = {
        circuit,
        file: path,
        consistent: why === null,
        finished,
        profile: why === null && finished ? groth16Profile(powersOfTau?.origin === 'published', read.contributions) : null,
        counted: countContributions(read.contributions),
        setupId: read.setupId,
        contributions: contributionFacts(read.contributions),
        why,
      };
    }
    // Unknown powers of tau are no fault of a key that is said to be of the dev profile.
    const known = powersOfTau === null || powersOfTau.origin !== 'unknown' || key !== null;
    const sound = key === null || (key.consistent && (key.finished || unfinished));
    return { valid: sound && (srs === null || srs.powersOfOneTau) && known, srs, powersOfTau, key };
  },
  exitCode({ valid, key }) {
    if (valid) return exitCodes.ok;
    return key !== null && key.profile === null ? exitCodes.proofInvalid : exitCodes.artifactMismatch;
  },
  render({ srs, powersOfTau, key }) {
    const rows: string[][] = [];
    if (srs !== null)
      rows.push(['SRS', `${srs.points} points ${srs.powersOfOneTau ? 'of one tau' : 'that are NOT powers of one tau'}; ${srs.id}`]);
    if (powersOfTau !== null) {
      const origins = {
        published: "a published ceremony's",
        dev: 'the dev ceremony: its secret is published',
        unknown: 'of NO published ceremony',
      };
      rows.push(['powers of tau', `${origins[powersOfTau.origin]}; ${powersOfTau.file}`], ['', `blake2b ${powersOfTau.blake2b}`]);
    }
    if (key !== null) {
      const profiles = { dev: 'dev: anybody can forge', public: 'public', none: 'none: the key is not to be used' };
      rows.push(
        ['key', `${key.consistent ? 'follows from its ceremony' : `does NOT follow from its ceremony: ${key.why}`}; ${key.file}`],
        ['profile', profiles[key.profile ?? 'none']],
        ['contributions', `${key.counted} that count: one of their makers who forgot their secret is enough`],
        ['phase 2', key.finished ? key.setupId : 'goes on: not to be used'],
        ...contributionRows(key.contributions),
      );
    }
    return columns(rows);
  },
});
