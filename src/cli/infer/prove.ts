import { randomBytes } from 'node:crypto';
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { devNote } from '../framework/devNote.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { presentationOptions } from '../framework/presentationOptions.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';
import { isDeployed, verifierBinding } from './binding.ts';
import { chooseSystem } from './chooseSystem.ts';
import { readFeatures } from './readFeatures.ts';

type Input = {
  readonly model: string;
  readonly input: string;
  readonly index: readonly number[];
  readonly system: 'groth16' | 'ultrahonk' | undefined;
  readonly output: 'class' | 'logits';
  readonly public: boolean;
  readonly to: Address | undefined;
  readonly nonce: Hex | undefined;
  readonly expires: number | undefined;
  readonly out: string;
};

type Proved = {
  readonly proof: string;
  /** Opens the input's commitment. */
  readonly inputFile: string;
  readonly circuit: string;
  readonly system: 'groth16' | 'ultrahonk';
  /** Why this system. */
  readonly because: string;
  readonly ceremony: 'dev' | 'public';
  readonly checkpointId: Hex;
  readonly inputId: Hex;
  /** Classes, or logits sample by sample. */
  readonly answers: readonly (number | readonly number[])[];
  readonly circuitId: Hex;
  readonly bytes: number;
  readonly seconds: { readonly witness: number; readonly proof: number; readonly opening: number };
  /** Execution gas of the verifier's code. */
  readonly gas: number;
};

export const inferProve = defineCommand<Input, Proved>({
  name: 'infer prove',
  summary: "prove a committed model's answers, without showing its weights",
  description:
    "Runs the model in integers, proves that the answers are those of the committed weights, and verifies the proof with the contract's code before it writes it. The input " +
    'stays private behind a salted commitment (beside the proof, a file for those who may know it), or is public with --public. Without --system the estimate chooses: the least gas ' +
    'where the settings name a deployment, else the least seconds. Groth16 is weighed for single answers only and, where weights are private, only if its key is of a public ceremony with ' +
    'at least two contributions that count.',
  options: {
    model: { flags: '--model <folder>', description: 'model, as `assay model import` writes it', schema: pathSchema },
    input: {
      flags: '--input <file>',
      description: 'mnist, an IDX, .npy or CSV file of raw samples, or .json of integer features',
      schema: z.string().min(1),
    },
    index: {
      flags: '--index <numbers...>',
      description: 'which samples of the input, counted from 0 (default: all)',
      schema: z.array(z.coerce.number().int().min(0)).default([]),
    },
    system: { flags: '--system <name>', description: 'groth16 or ultrahonk', schema: z.enum(['groth16', 'ultrahonk']).optional() },
    output: {
      flags: '--output <kind>',
      description: 'what the proof shows: class (default) or logits',
      schema: z.enum(['class', 'logits']).default('class'),
    },
    public: { flags: '--public', description: 'the input is public: its commitment has no salt', schema: z.boolean().default(false) },
    ...presentationOptions,
    out: { flags: '--out <file>', description: 'where to write the proof', schema: pathSchema },
  },
  examples: [
    'assay infer prove --model ./digits --input mnist --index 7 --out seven.proof',
    'assay infer prove --model ./digits --input digit.json --output logits --system ultrahonk --public --out answer.proof',
  ],
  async run(context, input) {
    const { settings, progress, cleanup } = context;
    const { toHex } = await import('viem');
    const { createKzg } = await import('../../commitment/kzg.ts');
    const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
    const { encodePresentation, presentationContext } = await import('../../commitment/presentation.ts');
    const { encodeInputBlob } = await import('../../data/inputBlob.ts');
    const { readModelFolder } = await import('../../model/modelFolder.ts');
    const { encodeProofFile } = await import('../../proof/proofFile.ts');
    const { buildInferenceArtifacts, inferenceCircuitId } = await import('../../proof/inference/inferenceArtifacts.ts');
    const { proveInference } = await import('../../proof/inference/proveInference.ts');
    const { randomScalar } = await import('../../proof/randomScalar.ts');
    const { createUltraHonk } = await import('../../proof/ultrahonk.ts');
    const { verifyProof } = await import('../../proof/verifyProof.ts');
    const { keccak256, zeroAddress } = await import('viem');
    const model = await readModelFolder(input.model);
    const { spec, sizes } = model;
    const features = await readFeatures(input.input, input.index, model);
    const committed = {
      weights: model.weights,
      points: model.points,
      checkpointId: model.checkpointId,
      ...(model.sigmas && { sigmas: model.sigmas }),
    };
    const count = features.length / (sizes[0] as number);
    const cacheDirectory = circuitCacheDirectory(settings);
    const { instance, because } = await chooseSystem({
      model,
      inputs: count,
      output: input.output,
      ceremony: ceremonyOf(settings),
      cacheDirectory,
      purpose: isDeployed(context) ? 'chain' : 'file',
      ...(input.system && { system: input.system }),
    });
    const artifacts = await progress.step(`circuit ${instance.name}`, (update) =>
      buildInferenceArtifacts({ instance, ceremony: ceremonyOf(settings), cacheDirectory, onProgress: update }),
    );
    const { srs } = artifacts;
    if (model.srsId !== srs.id) {
      throw new AssayError('MODEL_SRS_MISMATCH', 'the model was committed under another ceremony than the one in the settings', {
        exitCode: exitCodes.artifactMismatch,
        hint: 'Choose the same --ceremony and --srs that `assay model import` was run with.',
      });
    }
    const binding = await verifierBinding(context, instance.system === 'noir' ? 'honkInference' : 'groth16Inference');
    const circuitId = inferenceCircuitId(artifacts, binding.statementVerifierCode);
    const presentation = {
      chainId: binding.chainId,
      verifier: binding.statementVerifier,
      prover: input.to ?? zeroAddress,
      nonce: input.nonce ?? toHex(randomBytes(32)),
      expiry: input.expires === undefined ? 0n : BigInt(Math.floor(Date.now() / 1000) + input.expires),
      circuitId,
    };
    const kzg = await createKzg(srs);
    cleanup.add('the committer', kzg.close);
    const prover =
      artifacts.backend.system === 'noir'
        ? { system: 'noir' as const, honk: await createUltraHonk({ srs, threads: settings.threads }) }
        : { system: 'circom' as const, ...(settings.prover !== undefined && { binary: settings.prover }) };
    if (prover.system === 'noir') cleanup.add('the prover', prover.honk.close);
    const salt = input.public ? 0n : randomScalar();
    const made = await progress.step('prove', (update) =>
      loadPoseidon2().then((p2) =>
        proveInference({
          artifacts,
          prover,
          p2,
          kzg,
          model: committed,
          features,
          salt,
          context: presentationContext(presentation),
          chainId: binding.chainId,
          verifier: binding.statementVerifier,
          circuitId,
          onStage: update,
        }),
      ),
    );
    const code = { statementVerifierCode: binding.statementVerifierCode, proofVerifierCode: artifacts.proofVerifierCode };
    const file = {
      ...made,
      chainId: binding.chainId,
      statementVerifier: binding.statementVerifier,
      circuitId,
      statementVerifierCodeHash: keccak256(code.statementVerifierCode),
      proofVerifierCodeHash: keccak256(code.proofVerifierCode),
      shapeBytes: artifacts.shapeBytes,
      open: false,
      contextPreimage: encodePresentation(presentation),
    };
    const { valid, gas } = await progress.step("verify with the contract's code", () => verifyProof({ ...file, ...code }));
    if (!valid)
      throw new AssayError('PROOF_INVALID', 'the proof that was just made does not verify', { hint: 'This is a bug: please report it.' });
    const bytes = encodeProofFile(file);
    const inputFile = `${input.out}.input`;
    await writeWholeFile(
      inputFile,
      encodeInputBlob({ featureBits: spec.fx, width: sizes[0] as number, features, salt }),
      salt === 0n ? undefined : 0o600,
    );
    await writeWholeFile(input.out, bytes);
    const perSample = made.values.length / count;
    return {
      proof: input.out,
      inputFile,
      circuit: instance.name,
      system: instance.system === 'noir' ? 'ultrahonk' : 'groth16',
      because,
      ceremony: artifacts.profile,
      checkpointId: showId(model.checkpointId),
      inputId: showId(made.inputId),
      answers: Array.from({ length: count }, (_, i) =>
        input.output === 'class' ? (made.values[i] as number) : made.values.slice(i * perSample, (i + 1) * perSample),
      ),
      circuitId,
      bytes: bytes.length,
      seconds: made.seconds,
      gas,
    };
  },
  render: ({ proof, inputFile, circuit, system, because, ceremony, checkpointId, inputId, answers, bytes, seconds, gas }) =>
    [
      columns([
        ['answer', answers.map((answer) => (typeof answer === 'number' ? String(answer) : `[${answer.join(', ')}]`)).join(', ')],
        ['checkpoint', checkpointId],
        ['input', inputId],
        ['circuit', `${circuit} (${system}: ${because})`],
        ['proof', `${proof} (${bytes} bytes)`],
        ['opens the input', inputFile],
        ['seconds', `witness ${seconds.witness.toFixed(1)}, proof ${seconds.proof.toFixed(1)}, opening ${seconds.opening.toFixed(1)}`],
        ['gas to verify', String(gas)],
      ]),
      ...devNote(ceremony),
    ].join('\n'),
});
