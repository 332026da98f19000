import { join } from 'node:path';
import type { Address, Hex } from 'viem';
import { AssayError, exitCodes } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { devNote } from '../framework/devNote.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';
import { verifierBinding } from '../infer/binding.ts';

type Input = { readonly folder: string; readonly output: string };

type Proved = {
  readonly checkpointId: Hex;
  readonly circuit: string;
  readonly circuitId: Hex;
  readonly ceremony: 'dev' | 'public';
  readonly wmax: number;
  /** One proof a segment. */
  readonly proofs: readonly { readonly segment: number; readonly file: string; readonly gas: number; readonly seconds: number }[];
  /** The registry that the proofs are for; null where nothing is deployed. */
  readonly registry: Address | null;
};

const folder = pathSchema;

/** A registry of no chain: proofs for it can be verified from their files alone. */
const noRegistry: Address = '0x0000000000000000000000000000000000000000';

export const modelWellFormed = defineCommand<Input, Proved>({
  name: 'model well-formed',
  summary: "prove that a private model's weights are small integers",
  description:
    'A hidden model could otherwise hold field elements of any size, and answer n inputs as it likes. Made once for each checkpoint, before its answers or audits count; ' +
    'large models take several proofs, and a run that was cut short goes on where it stopped.',
  arguments: { folder: { flags: '<folder>', description: 'model, as `assay model import` writes it', schema: folder } },
  options: { output: { flags: '--output <folder>', description: 'where to write the proofs', schema: folder } },
  examples: ['assay model well-formed ./digits --output ./digits-proofs'],
  async run(context, { folder: path, output }) {
    const { settings, progress, cleanup } = context;
    const { keccak256 } = await import('viem');
    const { wellFormedContext, wellFormedPreimage } = await import('../../commitment/ids.ts');
    const { createKzg } = await import('../../commitment/kzg.ts');
    const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
    const { readDeployment } = await import('../../chain/deployment.ts');
    const { readModelFolder } = await import('../../model/modelFolder.ts');
    const { decodeProofFile, encodeProofFile } = await import('../../proof/proofFile.ts');
    const { createUltraHonk } = await import('../../proof/ultrahonk.ts');
    const { verifyProof } = await import('../../proof/verifyProof.ts');
    const { circuitIdOf } = await import('../../proof/circuitIdOf.ts');
    const { buildWellFormedArtifacts } = await import('../../proof/wellFormed/artifacts.ts');
    const { wellFormedInstanceOf } = await import('../../proof/wellFormed/wellFormedInstanceOf.ts');
    const { wellFormedLayout } = await import('../../proof/wellFormed/circuit.ts');
    const { proveWellFormed } = await import('../../proof/wellFormed/proveWellFormed.ts');
    const { fileExists } = await import('../framework/fileExists.ts');
    const { readInputFile } = await import('../framework/readInputFile.ts');
    const model = await readModelFolder(path);
    const cacheDirectory = circuitCacheDirectory(settings);
    // The one that is known for this model, as paid answers ask for it; its proofs may cover another number of blocks.
    const instance = await wellFormedInstanceOf(model, cacheDirectory);
    const artifacts = await progress.step(`circuit ${instance.name}`, (update) =>
      buildWellFormedArtifacts({ instance, ceremony: ceremonyOf(settings), cacheDirectory, onCompile: () => update('compiling') }),
    );
    const { srs } = artifacts;
    if (srs.id !== model.srsId) {
      throw new AssayError('MODEL_SRS_MISMATCH', 'the model was committed under another ceremony than the one in the settings', {
        exitCode: exitCodes.artifactMismatch,
        hint: 'Choose the same --ceremony and --srs that `assay model import` was run with.',
      });
    }
    const binding = await verifierBinding(context, 'wellFormed');
    const circuitId = circuitIdOf(artifacts, binding.statementVerifierCode);
    const registry = binding.deployed ? readDeployment(settings.deployment).addresses.modelRegistry : null;
    const statementContext = wellFormedContext(binding.chainId, registry ?? noRegistry, circuitId);
    const kzg = await createKzg(srs);
    cleanup.add('the committer', kzg.close);
    const honk = await createUltraHonk({ srs, threads: settings.threads });
    cleanup.add('the prover', honk.close);
    const p2 = await loadPoseidon2();
    const { chainId, statementVerifier, statementVerifierCode } = binding;
    const code = { statementVerifierCode, proofVerifierCode: artifacts.honkVerifier.runtime };
    const proofs: Proved['proofs'][number][] = [];
    const { segments } = wellFormedLayout(instance);
    for (let segment = 0; segment < segments; segment++) {
      const file = join(output, `well-formed-${segment}.proof`);
      const about = { chainId, statementVerifier, circuitId, shapeBytes: artifacts.shapeBytes, open: false };
      if (await fileExists(file)) {
        const found = decodeProofFile(await readInputFile(file));
        const [foundContext, checkpointId, , foundSegment] = found.statement;
        const same =
          found.circuitId === circuitId &&
          found.statementVerifier === statementVerifier.toLowerCase() &&
          found.shapeBytes === artifacts.shapeBytes;
        if (same && foundContext === statementContext && checkpointId === model.checkpointId && foundSegment === BigInt(segment)) {
          const { valid, gas } = await verifyProof({ ...found, ...about, ...code });
          if (valid) {
            proofs.push({ segment, file, gas, seconds: 0 });
            continue;
          }
        }
      }
      const started = performance.now();
      const made = await progress.step(segments === 1 ? 'prove' : `prove segment ${segment + 1} of ${segments}`, (update) =>
        proveWellFormed({
          artifacts,
          honk,
          p2,
          kzg,
          model: {
            weights: model.weights,
            points: model.points,
            checkpointId: model.checkpointId,
            ...(model.sigmas && { sigmas: model.sigmas }),
          },
          segment,
          context: statementContext,
          chainId,
          verifier: statementVerifier,
          circuitId,
          onStage: update,
        }),
      );
      const { valid, gas } = await verifyProof({ ...made, ...about, ...code });
      if (!valid)
        throw new AssayError('PROOF_INVALID', 'the proof that was just made does not verify', { hint: 'This is a bug: please report it.' });
      await writeWholeFile(
        file,
        encodeProofFile({
          ...made,
          ...about,
          statementVerifierCodeHash: keccak256(code.statementVerifierCode),
          proofVerifierCodeHash: keccak256(code.proofVerifierCode),
          contextPreimage: wellFormedPreimage(chainId, registry ?? noRegistry, circuitId),
        }),
      );
      proofs.push({ segment, file, gas, seconds: (performance.now() - started) / 1000 });
    }
    return {
      checkpointId: showId(model.checkpointId),
      circuit: instance.name,
      circuitId,
      ceremony: srs.profile,
      wmax: model.spec.wmax,
      proofs,
      registry,
    };
  },
  render: ({ checkpointId, circuit, ceremony, wmax, proofs, registry }) =>
    [
      columns([
        ['checkpoint', checkpointId],
        ['proved', `every weight is an integer within ${wmax}`],
        ['circuit', circuit],
        ...proofs.map(({ file, gas, seconds }) => [
          'proof',
          `${file} (${seconds === 0 ? 'made before' : `${seconds.toFixed(1)} s`}, ${gas} gas to verify)`,
        ]),
        ['registry', registry ?? 'none: nothing is deployed here, the proofs count from their files alone'],
      ]),
      ...devNote(ceremony),
    ].join('\n'),
});
