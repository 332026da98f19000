import type { Hex } from 'viem';
import { z } from 'zod';
import { defineCommand } from '../framework/command.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { type SystemName, systemOf } from './describeCircuit.ts';
import { circuitArgument, type InstanceInput, instanceOptions } from './instanceOptions.ts';
import { prepareCircuit } from './prepareCircuit.ts';

type Input = InstanceInput & { readonly zkey: string | undefined; readonly ptau: string | undefined; readonly replace: boolean };

type SetUp = {
  readonly circuit: string;
  readonly system: SystemName;
  /** `dev`: a secret is published, and anybody can forge. */
  readonly profile: 'dev' | 'public';
  readonly srsId: Hex;
  /** sha256 of the verifying key. */
  readonly verifyingKey: string;
  /** The hash that ends phase 2; null for UltraHonk. */
  readonly setupId: Hex | null;
  readonly contributions: number | null;
  readonly provingKey: string | null;
};

const file = pathSchema.optional();

export const circuitSetup = defineCommand<Input, SetUp>({
  name: 'circuit setup',
  summary: "make a circuit's keys, or take those of a ceremony",
  description:
    'Under the dev ceremony keys are the same on every machine, and checked against the lock where the circuit is of the registry. Under the public one UltraHonk needs the SRS only; a Groth16 ' +
    'circuit needs the key that a ceremony ended with (--zkey) and the powers of tau that it began with (--ptau): both are verified, which takes minutes.',
  arguments: circuitArgument,
  options: {
    ...instanceOptions,
    zkey: { flags: '--zkey <file>', description: 'key that a ceremony ended with (groth16)', schema: file },
    ptau: { flags: '--ptau <file>', description: 'the powers of tau that it began with (groth16)', schema: file },
    replace: {
      flags: '--replace',
      description: 'put the key in the place of another one that was installed: the circuit gets another id',
      schema: z.boolean().default(false),
    },
  },
  examples: [
    'assay circuit setup inference-groth16-196-25-10',
    'assay circuit setup inference-groth16-196-25-10 --ceremony public --srs ./ignition --zkey final.zkey --ptau powersOfTau28_hez_final_15.ptau',
  ],
  async run(context, input) {
    const { AssayError, exitCodes } = await import('../../errors.ts');
    const { createHash } = await import('node:crypto');
    const { progress, settings } = context;
    const cacheDirectory = circuitCacheDirectory(settings);
    const ceremony = ceremonyOf(settings);
    const instance = await prepareCircuit(context, input, { keys: true });
    const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    if (instance.statement !== 'inference' || instance.system !== 'circom') {
      if (input.zkey !== undefined || input.ptau !== undefined) {
        throw new AssayError('CLI_BAD_OPTION', `${instance.name} is proved by UltraHonk: it has no ceremony of its own`, {
          exitCode: exitCodes.usage,
        });
      }
      const { buildHonkArtifacts } = await import('../../proof/honkArtifacts.ts');
      const made = await progress.step(`keys of ${instance.name}`, () => buildHonkArtifacts({ instance, ceremony, cacheDirectory }));
      return {
        circuit: instance.name,
        system: systemOf(instance),
        profile: made.srs.profile,
        srsId: made.srs.id,
        verifyingKey: sha256(made.verifyingKey),
        setupId: null,
        contributions: null,
        provingKey: null,
      };
    }
    if ((input.zkey === undefined) !== (input.ptau === undefined)) {
      throw new AssayError('CLI_BAD_OPTION', '--zkey and --ptau go together', { exitCode: exitCodes.usage });
    }
    if (input.zkey !== undefined && input.ptau !== undefined) {
      const { join } = await import('node:path');
      const { buildCircomProgram } = await import('../../proof/circom/compileCircom.ts');
      const { installKey } = await import('../../proof/groth16/setup.ts');
      const { zkey, ptau } = input;
      await progress.step(`verify the ceremony of ${instance.name}`, async (update) => {
        const program = await buildCircomProgram({ instance, cacheDirectory });
        await installKey({
          name: instance.name,
          r1cs: join(program.directory, 'circuit.r1cs'),
          cacheDirectory,
          zkey,
          ptau,
          replace: input.replace,
          onProgress: (done, total, what) => update(`${what} ${Math.floor((100 * done) / total)} %`),
        });
      });
    }
    const { buildGroth16Artifacts } = await import('../../proof/groth16/groth16Artifacts.ts');
    const made = await progress.step(`keys of ${instance.name}`, (update) =>
      buildGroth16Artifacts({ instance, ceremony, cacheDirectory, onProgress: update }),
    );
    return {
      circuit: instance.name,
      system: 'groth16',
      profile: made.profile,
      srsId: made.srs.id,
      verifyingKey: sha256(made.keyBytes),
      setupId: made.setupId,
      contributions: made.contributions.length,
      provingKey: made.zkeyPath,
    };
  },
  render: (made) =>
    columns([
      ['circuit', `${made.circuit} (${made.system})`],
      ['profile', made.profile === 'dev' ? 'dev: its secret is published, anybody can forge; for devnets only' : 'public'],
      ['SRS', made.srsId],
      ['verifying key', made.verifyingKey],
      ...(made.setupId === null
        ? []
        : [
            ['phase 2', `${made.setupId}, ${made.contributions} contributions, the beacon counted`],
            ['proving key', made.provingKey ?? ''],
          ]),
    ]),
});
