import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import { defineCommand } from '../framework/command.ts';
import { circuitCacheDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';

type Input = {
  readonly circuit: string;
  readonly from: string | undefined;
  readonly ptau: string | undefined;
  readonly out: string;
  readonly name: string;
  readonly entropyFile: string | undefined;
  readonly beacon: Hex | undefined;
  readonly beaconIterations: number;
};

type Contributed = {
  readonly circuit: string;
  readonly zkey: string;
  readonly sha256: string;
  /** What the contributor publishes: their contribution's hash. */
  readonly contribution: Hex;
  /** Its place among all, counted from 1. */
  readonly number: number;
  readonly circuitHash: Hex;
  readonly contributions: readonly Hex[];
  /** The hash that ends phase 2; null as long as there is no beacon. */
  readonly setupId: Hex | null;
  readonly attestation: string;
};

const file = pathSchema;

export const ceremonyContribute = defineCommand<Input, Contributed>({
  name: 'ceremony contribute',
  summary: "contribute to phase 2 of a Groth16 circuit's keys",
  description:
    'As long as one contributor forgets their secret, nobody can forge. The secret is drawn from the system, mixed with the contents of --entropy-file where one is given, and forgotten when the ' +
    'step ends. Without --from a ceremony begins, with --ptau over those powers of tau, else over the dev ceremony (whose keys stay dev whoever contributes). The last contributor gives --beacon, ' +
    'a public value that nobody could foresee, as the hash of a block announced beforehand. Beside the key lies an attestation to publish.',
  options: {
    circuit: { flags: '--circuit <name>', description: 'Groth16 circuit', schema: z.string().min(1) },
    from: {
      flags: '--from <file>',
      description: 'key of the contributor before; verify it first (default: begin)',
      schema: file.optional(),
    },
    ptau: { flags: '--ptau <file>', description: 'powers of tau to begin with (default: the dev ceremony)', schema: file.optional() },
    out: { flags: '--out <file>', description: 'where to write the new key', schema: file },
    name: {
      flags: '--name <text>',
      description: 'recorded in the key, at most 64 bytes; nothing vouches for it',
      schema: z
        .string()
        .refine((text) => Buffer.byteLength(text) <= 64, 'at most 64 bytes')
        .default(''),
    },
    entropyFile: { flags: '--entropy-file <file>', description: 'randomness of your own, mixed in', schema: file.optional() },
    beacon: {
      flags: '--beacon <hex>',
      description: 'ends the ceremony with this public random value',
      schema: z
        .string()
        .regex(/^0x([0-9a-fA-F]{2}){16,64}$/, 'expected 16 to 64 bytes in hex')
        .transform((text) => text.toLowerCase() as Hex)
        .optional(),
    },
    beaconIterations: {
      flags: '--beacon-iterations <power>',
      description: 'the value is hashed 2^power times (default 10)',
      schema: z.coerce.number().int().min(10).max(40).default(10),
    },
  },
  examples: [
    'assay ceremony contribute --circuit inference-groth16-196-25-10 --ptau powersOfTau28_hez_final_15.ptau --name alice --out 1.zkey',
    'assay ceremony contribute --circuit inference-groth16-196-25-10 --from 1.zkey --name bob --out 2.zkey --beacon 0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
  ],
  async run({ settings, progress }, input) {
    const { AssayError, exitCodes } = await import('../../errors.ts');
    const { buildCircomProgram } = await import('../../proof/circom/compileCircom.ts');
    const { contribute } = await import('../../proof/groth16/contribute.ts');
    const { domainPower } = await import('../../proof/groth16/devZkey.ts');
    const { readR1cs } = await import('../../proof/groth16/readR1cs.ts');
    const { readZkey } = await import('../../proof/groth16/readZkey.ts');
    const { getKnownCircuit } = await import('../../proof/knownCircuits.ts');
    const cacheDirectory = circuitCacheDirectory(settings);
    const instance = await getKnownCircuit(input.circuit, cacheDirectory);
    if (instance.statement !== 'inference' || instance.system !== 'circom') {
      throw new AssayError('CLI_BAD_OPTION', `${instance.name} is proved by UltraHonk: it has no ceremony of its own`, {
        exitCode: exitCodes.usage,
      });
    }
    if (input.from !== undefined && input.ptau !== undefined) {
      throw new AssayError('CLI_BAD_OPTION', '--ptau begins a ceremony, --from goes on with one', { exitCode: exitCodes.usage });
    }
    const program = await progress.step(`compile ${instance.name}`, () => buildCircomProgram({ instance, cacheDirectory }));
    const r1csPath = join(program.directory, 'circuit.r1cs');
    let from: Parameters<typeof contribute>[0]['from'];
    if (input.from !== undefined) {
      const r1cs = await readR1cs(r1csPath);
      const before = await readZkey(input.from);
      if (before.wires !== r1cs.wires || before.publicValues !== r1cs.publicValues || before.power !== domainPower(r1cs)) {
        throw new AssayError('CEREMONY_MISMATCH', `${input.from} is no key of ${instance.name}`, { exitCode: exitCodes.artifactMismatch });
      }
      from = input.from;
    } else from = input.ptau === undefined ? { r1cs: r1csPath, dev: true } : { r1cs: r1csPath, ptau: input.ptau };
    const entropy = input.entropyFile === undefined ? undefined : (await readFile(input.entropyFile)).toString('hex');
    const made = await progress.step('contribute', (update) =>
      contribute({
        from,
        path: input.out,
        name: input.name,
        ...(entropy !== undefined && { entropy }),
        ...(input.beacon !== undefined && { beacon: { hash: input.beacon, iterationsExp: input.beaconIterations } }),
        onProgress: (done, total, what) => update(`${what} ${Math.floor((100 * done) / total)} %`),
      }),
    );
    const hashes = made.contributions.map(({ hash }) => hash);
    const contributed = {
      circuit: instance.name,
      sha256: made.sha256,
      contribution: made.contribution.hash,
      number: hashes.indexOf(made.contribution.hash) + 1,
      circuitHash: made.circuitHash,
      contributions: hashes,
      setupId: input.beacon === undefined ? null : made.setupId,
    };
    const attestation = `${input.out}.attestation.json`;
    await writeWholeFile(
      attestation,
      `${JSON.stringify({ format: 'assay-contribution-v1', name: input.name, ...contributed }, null, 2)}\n`,
    );
    return { ...contributed, zkey: input.out, attestation };
  },
  render: (made) =>
    columns([
      ['circuit', made.circuit],
      ['key', made.zkey],
      ['sha256', made.sha256],
      [`contribution ${made.number}`, made.contribution],
      ['circuit hash', made.circuitHash],
      ['phase 2', made.setupId ?? 'goes on: the last contributor gives --beacon'],
      ['attestation', `${made.attestation}: publish it`],
    ]),
});
