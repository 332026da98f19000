import type { Hex } from 'viem';
import { z } from 'zod';
import { defineCommand } from '../framework/command.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import { verifyInferenceFile } from '../infer/verifyInferenceFile.ts';
import { toolVersions } from './toolVersions.ts';
import { writeCertificate } from './writeCertificate.ts';

type Input = {
  readonly proof: string;
  readonly input: string | undefined;
  readonly wellFormed: readonly string[];
  readonly output: string;
};

type Made = {
  readonly certificate: string;
  readonly bytes: number;
  readonly checkpointId: Hex;
  readonly inputId: Hex;
  readonly answers: readonly (number | readonly number[])[];
  /** Whether the certificate opens the input. */
  readonly opened: boolean;
};

export const auditAnswer = defineCommand<Input, Made>({
  name: 'audit answer',
  summary: 'a certificate that an answer came from a committed model',
  description:
    'Puts together a proof of `assay infer prove` and the proofs of `assay model well-formed` (both for the same chain): the second are what makes the first worth anything where weights are hidden. ' +
    'With --input the certificate shows what was asked; otherwise only its commitment. Verified before it is written.',
  options: {
    proof: { flags: '--proof <file>', description: 'proof of the answer, as `assay infer prove` writes it', schema: pathSchema },
    input: { flags: '--input <file>', description: 'the .input file beside it: show the input', schema: pathSchema.optional() },
    wellFormed: {
      flags: '--well-formed <files...>',
      description: 'proofs that the model is well-formed, in the order of their segments, as `assay model well-formed` writes them',
      schema: z.array(pathSchema).min(1),
    },
    output: { flags: '--output <file>', description: 'where to write the certificate', schema: pathSchema },
  },
  examples: ['assay audit answer --proof seven.proof --well-formed digits-proofs/well-formed-0.proof --output seven.cert.json'],
  async run(context, input) {
    const { makeAnswerCertificate } = await import('../../audit/answer/makeAnswerCertificate.ts');
    const { collectSegments } = await import('../../audit/wellFormed/collectSegments.ts');
    const { decodeInputBlob } = await import('../../data/inputBlob.ts');
    const { decodeProofFile } = await import('../../proof/proofFile.ts');
    const { AssayError, exitCodes } = await import('../../errors.ts');
    const proof = decodeProofFile(await readInputFile(input.proof));
    if (proof.statementName !== 'inference') {
      throw new AssayError('PROOF_FILE_MISMATCH', `${input.proof} proves ${proof.statementName}, not an answer`, {
        exitCode: exitCodes.usage,
      });
    }
    const segments = await Promise.all(input.wellFormed.map(async (file) => decodeProofFile(await readInputFile(file))));
    const opened = input.input === undefined ? undefined : decodeInputBlob(await readInputFile(input.input));
    const { artifacts } = await verifyInferenceFile(context, proof);
    const certificate = makeAnswerCertificate({
      proof,
      artifacts,
      ...(opened !== undefined && { input: opened }),
      wellFormed: collectSegments(segments),
      tools: await toolVersions(),
    });
    const bytes = await writeCertificate(context, input.output, certificate, 'Are proofs, model and input those of one another?');
    const { checkpointId, inputId, answers } = certificate;
    return {
      certificate: input.output,
      bytes,
      checkpointId: checkpointId as Hex,
      inputId: inputId as Hex,
      answers,
      opened: opened !== undefined,
    };
  },
  render: ({ certificate, bytes, checkpointId, inputId, answers, opened }) =>
    columns([
      ['certificate', `${certificate} (${bytes} bytes)`],
      ['checkpoint', checkpointId],
      ['input', `${inputId}${opened ? ', shown' : ', hidden'}`],
      ['answers', answers.map((answer) => (typeof answer === 'number' ? String(answer) : `[${answer.join(', ')}]`)).join(', ')],
    ]),
});
