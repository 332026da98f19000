import type { Address, Hex } from 'viem';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { fieldId, showId } from '../framework/ids.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import { type ContextFacts, describeContext } from '../verify/describeContext.ts';
import { sayAnswer, verifyInferenceFile } from './verifyInferenceFile.ts';

type Input = {
  readonly file: string;
  readonly checkpoint: bigint | undefined;
  readonly input: string | undefined;
  readonly nonce: Hex | undefined;
  readonly shownBy: Address | undefined;
  readonly system: 'groth16' | 'ultrahonk' | undefined;
};

type Verified = {
  readonly verified: boolean;
  readonly failures: readonly string[];
  readonly circuit: string;
  readonly system: 'groth16' | 'ultrahonk';
  readonly ceremony: 'dev' | 'public';
  readonly checkpointId: Hex;
  readonly inputId: Hex;
  readonly answers: readonly (number | readonly number[])[];
  /** What it was made for. */
  readonly context: ContextFacts | null;
  readonly meaning: string;
  readonly gas: number;
};

export const inferVerify = defineCommand<Input, Verified>({
  name: 'infer verify',
  summary: "verify a proof of a model's answers",
  description:
    'Rebuilds circuit, key and verifier code and runs that code in an in-process EVM. With --checkpoint the proof must be of that model, with --input of that input, with --nonce it must have been made for who chose it, with --shown-by for who shows it. An expired proof, or one that does not tell what it was made for, is refused. Exit code 3 where it is false.',
  arguments: { file: { flags: '<file>', description: 'proof file', schema: z.string().min(1) } },
  options: {
    checkpoint: { flags: '--checkpoint <id>', description: 'the model that it must be of', schema: fieldId.optional() },
    input: {
      flags: '--input <file>',
      description: 'the .input file that opens the commitment of the input',
      schema: pathSchema.optional(),
    },
    nonce: {
      flags: '--nonce <hex>',
      description: 'the nonce that it must carry, 32 bytes',
      schema: z
        .string()
        .regex(/^0x[0-9a-fA-F]{64}$/, 'expected 32 bytes in hex')
        .transform((text) => text.toLowerCase() as Hex)
        .optional(),
    },
    shownBy: {
      flags: '--shown-by <address>',
      description: 'who shows the proof: it must have been made for that address, or for anybody',
      schema: z
        .string()
        .regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address')
        .transform((text) => text.toLowerCase() as Address)
        .optional(),
    },
    system: {
      flags: '--system <name>',
      description: 'groth16 or ultrahonk: the system that it must be proved by (whoever ran phase 2 of a Groth16 key alone can forge)',
      schema: z.enum(['groth16', 'ultrahonk']).optional(),
    },
  },
  examples: [
    'assay infer verify seven.proof --input seven.proof.input',
    `assay infer verify answer.proof --checkpoint 0x${'1a'.repeat(32)} --nonce 0x${'5c'.repeat(32)}`,
  ],
  async run(context, { file, checkpoint, input, nonce, shownBy, system: wanted }) {
    const { inputIdOf } = await import('../../commitment/ids.ts');
    const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
    const { decodeInputBlob } = await import('../../data/inputBlob.ts');
    const { decodeProofFile } = await import('../../proof/proofFile.ts');
    const proof = decodeProofFile(await readInputFile(file));
    if (proof.statementName !== 'inference') {
      throw new AssayError('PROOF_FILE_MISMATCH', `${file} proves ${proof.statementName}, not an answer`, {
        exitCode: exitCodes.proofInvalid,
        hint: 'assay verify takes every kind of proof.',
      });
    }
    const { artifacts, answers, valid, gas } = await verifyInferenceFile(context, proof);
    const [, checkpointId, , inputId] = proof.statement as [bigint, bigint, bigint, bigint];
    const failures = valid ? [] : ['the verifier refuses the proof'];
    if (checkpoint !== undefined && checkpoint !== checkpointId) failures.push(`it is of checkpoint ${showId(checkpointId)}`);
    if (input !== undefined) {
      const opened = decodeInputBlob(await readInputFile(input));
      const p2 = await loadPoseidon2();
      const { spec, sizes, inputs } = artifacts.instance;
      const fits = opened.featureBits === spec.fx && opened.width === sizes[0] && opened.features.length === inputs * opened.width;
      if (!fits || inputIdOf(p2, opened.features, spec.fx, opened.salt) !== inputId) failures.push('it is of another input');
    }
    const told = await describeContext(proof, Date.now() / 1000);
    failures.push(...told.failures);
    if (nonce !== undefined && told.facts?.nonce !== nonce) failures.push('it was not made for this nonce');
    const meant = told.facts?.shownBy ?? undefined;
    if (shownBy !== undefined && meant !== undefined && meant.toLowerCase() !== shownBy) failures.push(`only ${meant} may show it`);
    const system = artifacts.instance.system === 'noir' ? 'ultrahonk' : 'groth16';
    if (wanted !== undefined && wanted !== system) failures.push(`it is proved by ${system}`);
    return {
      verified: failures.length === 0,
      failures,
      circuit: artifacts.instance.name,
      system,
      ceremony: artifacts.profile,
      checkpointId: showId(checkpointId),
      inputId: showId(inputId),
      answers,
      context: told.facts,
      meaning: sayAnswer(artifacts, proof.statement, answers, told.text, input !== undefined),
      gas,
    };
  },
  render({ verified, failures, circuit, meaning }) {
    if (!verified) return `FALSE (${circuit})\n${failures.join('\n')}`;
    return `true (${circuit})\n\n${meaning}`;
  },
  exitCode: ({ verified }) => (verified ? exitCodes.ok : exitCodes.proofInvalid),
});
