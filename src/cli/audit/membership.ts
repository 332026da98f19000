import { randomBytes } from 'node:crypto';
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import { AssayError } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { devNote } from '../framework/devNote.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { presentationOptions } from '../framework/presentationOptions.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';
import { verifierBinding } from '../infer/binding.ts';
import { toolVersions } from './toolVersions.ts';

type Input = {
  readonly dataset: string;
  readonly sample: number;
  readonly public: boolean;
  readonly to: Address | undefined;
  readonly nonce: Hex | undefined;
  readonly expires: number | undefined;
  readonly output: string;
  readonly proof: string | undefined;
};

type Proved = {
  readonly certificate: string;
  readonly bytes: number;
  /** Opens the record. */
  readonly recordFile: string;
  /** The proof alone, where it was asked for. */
  readonly proof: string | null;
  readonly root: Hex;
  readonly record: Hex;
  readonly circuit: string;
  readonly ceremony: 'dev' | 'public';
  readonly nonce: Hex;
  readonly seconds: { readonly witness: number; readonly proof: number };
  /** Execution gas of the verifier's code. */
  readonly gas: number;
};

export const auditMembership = defineCommand<Input, Proved>({
  name: 'audit membership',
  summary: 'prove that a data set contains a record, without showing the others',
  description:
    'Proves against the root of the data set, which jobs and registries name, and writes a certificate; which minibatch the record is in, and what else is in it, stays hidden. The record stays ' +
    'hidden, too, behind a salted digest: the file OUTPUT.record opens it to those who may know it. With --public the digest has no salt and the certificate opens it. CBOR where the ' +
    'file ends in .cbor, else JSON.',
  options: {
    dataset: {
      flags: '--dataset <file>',
      description: 'data set, as `assay dataset import` writes it, with its salts',
      schema: pathSchema,
    },
    sample: {
      flags: '--sample <number>',
      description: 'which sample of the data set, counted from 0 in the order in which it is cut into minibatches',
      schema: z.coerce.number().int().min(0),
    },
    public: {
      flags: '--public',
      description: 'the record is public: no salt, and opened in the certificate',
      schema: z.boolean().default(false),
    },
    ...presentationOptions,
    output: { flags: '--output <file>', description: 'where to write the certificate', schema: pathSchema },
    proof: {
      flags: '--proof <file>',
      description: 'write the proof as a proof file, too, for `assay verify`',
      schema: pathSchema.optional(),
    },
  },
  examples: [
    'assay audit membership --dataset mnist.dataset --sample 7 --output seven.cert.json',
    `assay audit membership --dataset patients.dataset --sample 113 --nonce 0x${'5c'.repeat(32)} --expires 86400 --output mine.cert.cbor`,
  ],
  async run(context, input) {
    const { settings, progress, cleanup } = context;
    const { toHex, zeroAddress } = await import('viem');
    const { encodeCertificate, encodeCertificateCbor } = await import('../../audit/encodeCertificate.ts');
    const { makeMembershipCertificate } = await import('../../audit/membership/makeMembershipCertificate.ts');
    const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
    const { encodePresentation } = await import('../../commitment/presentation.ts');
    const { decodeDatasetBlob } = await import('../../data/datasetBlob.ts');
    const { recordAt } = await import('../../data/recordAt.ts');
    const { encodeRecordFile } = await import('../../data/recordFile.ts');
    const { buildMembershipArtifacts } = await import('../../proof/membership/artifacts.ts');
    const { membershipInstanceOf } = await import('../../proof/membership/membershipInstanceOf.ts');
    const { encodeProofFile } = await import('../../proof/proofFile.ts');
    const { randomScalar } = await import('../../proof/randomScalar.ts');
    const { createUltraHonk } = await import('../../proof/ultrahonk.ts');
    const { verifyProof } = await import('../../proof/verifyProof.ts');
    const set = decodeDatasetBlob(await readInputFile(input.dataset));
    const recordSalt = input.public ? 0n : randomScalar();
    const opened = recordAt(set, input.sample, recordSalt);
    const cacheDirectory = circuitCacheDirectory(settings);
    const instance = await membershipInstanceOf(set, cacheDirectory);
    const artifacts = await progress.step(`circuit ${instance.name}`, (update) =>
      buildMembershipArtifacts({ instance, ceremony: ceremonyOf(settings), cacheDirectory, onCompile: () => update('compiling') }),
    );
    const binding = await verifierBinding(context, 'membership');
    const honk = await createUltraHonk({ srs: artifacts.srs, threads: settings.threads });
    cleanup.add('the prover', honk.close);
    const p2 = await loadPoseidon2();
    const tools = await toolVersions();
    const nonce = input.nonce ?? toHex(randomBytes(32));
    const expiry = input.expires === undefined ? 0 : Math.floor(Date.now() / 1000) + input.expires;
    const prover = input.to ?? zeroAddress;
    const { certificate, proved } = await progress.step('prove', (update) =>
      makeMembershipCertificate({
        p2,
        honk,
        artifacts,
        verifier: { address: binding.statementVerifier, code: binding.statementVerifierCode },
        set,
        sample: input.sample,
        recordSalt,
        open: input.public,
        chainId: Number(binding.chainId),
        prover,
        nonce,
        expiry,
        tools,
        onStage: update,
      }),
    );
    const { circuitId, statementVerifierCodeHash, proofVerifierCodeHash } = certificate.circuit;
    const file = {
      ...proved,
      chainId: binding.chainId,
      statementVerifier: binding.statementVerifier,
      circuitId: circuitId as Hex,
      statementVerifierCodeHash: statementVerifierCodeHash as Hex,
      proofVerifierCodeHash: proofVerifierCodeHash as Hex,
      shapeBytes: artifacts.shapeBytes,
      open: false,
      contextPreimage: encodePresentation({
        chainId: binding.chainId,
        verifier: binding.statementVerifier,
        prover,
        nonce,
        expiry: BigInt(expiry),
        circuitId: circuitId as Hex,
      }),
    };
    const code = { statementVerifierCode: binding.statementVerifierCode, proofVerifierCode: artifacts.honkVerifier.runtime };
    const { valid, gas } = await progress.step("verify with the contract's code", () => verifyProof({ ...file, ...code }));
    if (!valid)
      throw new AssayError('PROOF_INVALID', 'the proof that was just made does not verify', { hint: 'This is a bug: please report it.' });
    const bytes = input.output.endsWith('.cbor') ? encodeCertificateCbor(certificate) : encodeCertificate(certificate);
    const recordFile = `${input.output}.record`;
    await writeWholeFile(recordFile, encodeRecordFile(opened), input.public ? undefined : 0o600);
    if (input.proof !== undefined) await writeWholeFile(input.proof, encodeProofFile(file));
    await writeWholeFile(input.output, bytes);
    return {
      certificate: input.output,
      bytes: bytes.length,
      recordFile,
      proof: input.proof ?? null,
      root: certificate.root as Hex,
      record: certificate.record as Hex,
      circuit: instance.name,
      ceremony: certificate.ceremony,
      nonce,
      seconds: proved.seconds,
      gas,
    };
  },
  render: ({ certificate, bytes, recordFile, proof, root, record, circuit, ceremony, nonce, seconds, gas }) =>
    [
      columns([
        ['root', root],
        ['record', record],
        ['circuit', circuit],
        ['nonce', nonce],
        ['certificate', `${certificate} (${bytes} bytes)`],
        ['opens the record', recordFile],
        ...(proof === null ? [] : [['proof', proof]]),
        ['seconds', `witness ${seconds.witness.toFixed(1)}, proof ${seconds.proof.toFixed(1)}`],
        ['gas to verify', String(gas)],
      ]),
      ...devNote(ceremony),
    ].join('\n'),
});
