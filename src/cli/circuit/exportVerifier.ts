import { join } from 'node:path';
import type { Hex } from 'viem';
import type { CircuitInstance } from '../../proof/circuitInstance.ts';
import { defineCommand } from '../framework/command.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';
import { type SystemName, systemOf } from './describeCircuit.ts';
import { circuitArgument, type InstanceInput, instanceOptions } from './instanceOptions.ts';
import { prepareCircuit } from './prepareCircuit.ts';

type Input = InstanceInput & { readonly out: string };

type Exported = {
  readonly circuit: string;
  readonly system: SystemName;
  readonly profile: 'dev' | 'public';
  /** The statement's verifier contract of this package, which judges proof and opening together. */
  readonly statementVerifier: string;
  /** keccak of the runtime code of the contract that holds or is the key: EXTCODEHASH on chain. */
  readonly proofVerifierCodeHash: Hex;
  readonly setupId: Hex | null;
  readonly out: string;
  readonly files: readonly string[];
};

/** The contract that judges proof and opening of each statement, for UltraHonk. */
const honkStatementVerifiers: Readonly<Record<CircuitInstance['statement'], string>> = {
  'train-window': 'WindowVerifier',
  inference: 'HonkInferenceVerifier',
  'well-formed': 'WellFormedVerifier',
  audit: 'AuditVerifier',
  membership: 'MembershipVerifier',
};

export const circuitExportVerifier = defineCommand<Input, Exported>({
  name: 'circuit export-verifier',
  summary: "write a circuit's verifier as files",
  description:
    'UltraHonk: the generated contract, as Solidity source, creation code and runtime code. Groth16: the key, which stands on chain as the code of a contract (a STOP byte before it); the ' +
    'contract that reads it is the same for all circuits and comes along as source. manifest.json says what each file is, and the profile: a dev verifier accepts forgeries.',
  arguments: circuitArgument,
  options: {
    ...instanceOptions,
    out: {
      flags: '--out <dir>',
      description: 'folder to write into',
      schema: pathSchema,
    },
  },
  examples: ['assay circuit export-verifier inference-groth16-196-25-10 --out ./verifier'],
  async run(context, input) {
    const { keccak256, toHex } = await import('viem');
    const { readFile } = await import('node:fs/promises');
    const { packagePath } = await import('../../proof/packagePath.ts');
    const { progress, settings } = context;
    const cacheDirectory = circuitCacheDirectory(settings);
    const ceremony = ceremonyOf(settings);
    const instance = await prepareCircuit(context, input, { keys: true });
    const files: string[] = [];
    const put = async (name: string, bytes: Uint8Array | string): Promise<void> => {
      await writeWholeFile(join(input.out, name), bytes);
      files.push(name);
    };
    let profile: 'dev' | 'public';
    let runtime: Hex;
    let setupId: Hex | null = null;
    let statementVerifier: string;
    if (instance.statement === 'inference' && instance.system === 'circom') {
      const { buildGroth16Artifacts } = await import('../../proof/groth16/groth16Artifacts.ts');
      const made = await progress.step(`keys of ${instance.name}`, (update) =>
        buildGroth16Artifacts({ instance, ceremony, cacheDirectory, onProgress: update }),
      );
      ({ profile, setupId } = made);
      statementVerifier = 'Groth16InferenceVerifier';
      runtime = toHex(new Uint8Array([0, ...made.keyBytes]));
      await put('key.bin', made.keyBytes);
    } else {
      const { buildHonkArtifacts } = await import('../../proof/honkArtifacts.ts');
      const { createUltraHonk } = await import('../../proof/ultrahonk.ts');
      const made = await progress.step(`keys of ${instance.name}`, () => buildHonkArtifacts({ instance, ceremony, cacheDirectory }));
      profile = made.srs.profile;
      statementVerifier = honkStatementVerifiers[instance.statement];
      runtime = made.honkVerifier.runtime;
      const honk = await createUltraHonk({ srs: made.srs, threads: settings.threads });
      try {
        await put('HonkVerifier.sol', await honk.solidityVerifier(made.verifyingKey));
      } finally {
        await honk.close();
      }
      await put('verifyingKey.bin', made.verifyingKey);
      await put('creationCode.hex', `${made.honkVerifier.creation}\n`);
    }
    await put('runtimeCode.hex', `${runtime}\n`);
    await put(`${statementVerifier}.sol`, await readFile(packagePath(`contracts/src/${statementVerifier}.sol`)));
    const exported = {
      circuit: instance.name,
      system: systemOf(instance),
      profile,
      statementVerifier,
      proofVerifierCodeHash: keccak256(runtime),
      setupId,
      files: [...files, 'manifest.json'],
    };
    await put('manifest.json', `${JSON.stringify({ format: 'assay-verifier-v1', ...exported }, null, 2)}\n`);
    return { ...exported, out: input.out };
  },
  render: ({ circuit, system, profile, statementVerifier, proofVerifierCodeHash, out, files }) =>
    columns([
      ['circuit', `${circuit} (${system})`],
      ['profile', profile === 'dev' ? 'dev: accepts forgeries, for devnets only' : 'public'],
      ['verifier', `${statementVerifier}, with the code ${proofVerifierCodeHash}`],
      ['folder', out],
      ['files', files.join(', ')],
    ]),
});
