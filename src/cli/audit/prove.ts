import { existsSync } from 'node:fs';
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import { defineCommand } from '../framework/command.ts';
import { connectSigner, devnetAccountOption } from '../framework/connectSigner.ts';
import { devNote } from '../framework/devNote.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { verifierBinding } from '../infer/binding.ts';
import { assertDraws } from './assertDraws.ts';
import { type AskedClaim, type CountsFacts, claimOption, countsFacts, countsRows, resolveClaims, sayClaim } from './claims.ts';
import { openOnChain } from './openOnChain.ts';
import { openQuestion, type QuestionInput, questionOptions } from './openQuestion.ts';
import { toolVersions } from './toolVersions.ts';
import { writeCertificate } from './writeCertificate.ts';

type Input = QuestionInput & {
  readonly claim: readonly AskedClaim[];
  readonly draws: number | undefined;
  readonly output: string;
  readonly offline: boolean;
  readonly setOwner: Address | undefined;
  readonly audit: Hex | undefined;
  readonly devnetAccount: number | undefined;
};

type Proved = {
  readonly certificate: string;
  readonly bytes: number;
  readonly auditId: Hex;
  readonly checkpointId: Hex;
  readonly setId: Hex;
  readonly chunks: readonly number[];
  readonly counts: CountsFacts;
  readonly claims: readonly string[];
  readonly ceremony: 'dev' | 'public';
  /** The AuditRegistry where it was opened first; null where it was opened on no chain. */
  readonly registry: Address | null;
  /** Parts that an earlier run had proved. */
  readonly kept: number;
  readonly seconds: number;
};

export const auditProve = defineCommand<Input, Proved>({
  name: 'audit prove',
  summary: 'prove how a private model answers a committed set, counted, and write the certificate',
  description:
    'Claims that the counts do not bear out are refused before anything is proved (exit code 3). Where a deployment is set, the audit is opened on chain first, and drawn where it is a ' +
    'draw; --offline leaves the chain out, and the certificate says so. A run that was cut short goes on where it stopped: the same audit, with the chunks that are proved already ' +
    '(kept in OUTPUT.parts). The certificate is verified before it is written. CBOR where the file ends in .cbor, else JSON.',
  options: {
    ...questionOptions,
    claim: claimOption,
    draws: {
      flags: '--draws <count>',
      description: 'take so many chunks, drawn by the block that comes eight blocks after the audit (default: the whole set)',
      schema: z.coerce.number().int().min(1).max(255).optional(),
    },
    output: {
      flags: '--output <file>',
      description: 'where to write the certificate',
      schema: pathSchema,
    },
    offline: {
      flags: '--offline',
      description: 'open the audit on no chain, whatever the settings say',
      schema: z.boolean().default(false),
    },
    setOwner: {
      flags: '--set-owner <address>',
      description: 'who registered the set (default: who signs)',
      schema: z
        .string()
        .regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address')
        .transform((text) => text as Address)
        .optional(),
    },
    audit: {
      flags: '--audit <id>',
      description: 'prove this open audit (default: the one of this question that this account has open, else a new one)',
      schema: z
        .string()
        .regex(/^0x[0-9a-fA-F]{64}$/, 'expected 32 bytes in hex')
        .transform((text) => text.toLowerCase() as Hex)
        .optional(),
    },
    devnetAccount: devnetAccountOption,
  },
  examples: [
    'assay audit prove --model ./digits --set mnist-1000.audit --claim accuracy:900/1000 --output digits.cert.json',
    'assay audit prove --model ./wages --set people.audit --claim accuracy:70% parity:high:20/100 equal-opportunity:high:20% --output wages.cert.json --offline',
    'assay audit prove --model ./digits --set pool.audit --draws 5 --claim accuracy:90% --key auditor --output drawn.cert.cbor',
  ],
  async run(context, input) {
    const { settings, progress, cleanup } = context;
    const { zeroAddress } = await import('viem');
    const { assertClaims } = await import('../../audit/claims.ts');
    const { makeCountsCertificate } = await import('../../audit/counts/makeCountsCertificate.ts');
    const { keepParts } = await import('../../audit/once.ts');
    const { planAudit } = await import('../../audit/planAudit.ts');
    const { createKzg } = await import('../../commitment/kzg.ts');
    const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
    const { circuitIdOf } = await import('../../proof/circuitIdOf.ts');
    const { buildAuditArtifacts } = await import('../../proof/audit/artifacts.ts');
    const { createUltraHonk } = await import('../../proof/ultrahonk.ts');
    const { buildWellFormedArtifacts } = await import('../../proof/wellFormed/artifacts.ts');
    const started = performance.now();
    const onChain = !input.offline && existsSync(settings.deployment);
    if (!onChain && (input.draws !== undefined || input.audit !== undefined || input.setOwner !== undefined)) {
      throw new AssayError('CLI_BAD_OPTION', '--draws, --audit and --set-owner are for audits on a chain', {
        exitCode: exitCodes.usage,
        hint: input.offline ? 'Leave --offline out.' : 'Name a deployment: --deployment FILE.',
      });
    }
    const { model, set, circuit, wellFormed: wellFormedCircuit } = await openQuestion(context, input);
    assertDraws(input.draws, set.chunks.length);
    const table = (counts: readonly number[]) => ({
      classes: set.classes,
      groups: set.groups,
      bins: circuit.thresholds.length + 1,
      counts,
    });
    const claimsOf = async (wanted: readonly number[]) => {
      const counts = table(planAudit(circuit, model.weights, set, wanted));
      const claims = resolveClaims(input.claim, counts, model.classLabels);
      assertClaims(claims, counts);
      return claims;
    };
    const all = set.chunks.map((_, i) => i);
    // Of the whole set it is known at once; of a draw, afterwards.
    let claims = await progress.step('answer the set', async () => (input.draws === undefined ? claimsOf(all) : []));

    const build = { ceremony: ceremonyOf(settings), cacheDirectory: circuitCacheDirectory(settings) };
    const wellFormed = await progress.step(`circuit ${wellFormedCircuit.name}`, (update) =>
      buildWellFormedArtifacts({ ...build, instance: wellFormedCircuit, onCompile: () => update('compiling') }),
    );
    const artifacts = await progress.step(`circuit ${circuit.name}`, (update) =>
      buildAuditArtifacts({ ...build, instance: circuit, onCompile: () => update('compiling') }),
    );
    if (model.srsId !== artifacts.srs.id) {
      throw new AssayError('MODEL_SRS_MISMATCH', 'the model was committed under another ceremony than the one in the settings', {
        exitCode: exitCodes.artifactMismatch,
        hint: 'Choose the same --ceremony and --srs that `assay model import` was run with.',
      });
    }
    const auditBinding = await verifierBinding(context, 'audit');
    const wellFormedBinding = await verifierBinding(context, 'wellFormed');
    const circuitId = circuitIdOf(artifacts, auditBinding.statementVerifierCode);
    const wellFormedId = circuitIdOf(wellFormed, wellFormedBinding.statementVerifierCode);
    let auditVerifier = auditBinding.statementVerifier;
    let wellFormedVerifier = wellFormedBinding.statementVerifier;
    let opened: Parameters<typeof makeCountsCertificate>[0]['opened'];
    let draw: Parameters<typeof makeCountsCertificate>[0]['draw'];
    let modelRegistry: Address = zeroAddress;
    if (onChain) {
      const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
      const { ensureCircuit } = await import('../../node/ensureCircuit.ts');
      const deployment = readDeployment(settings.deployment);
      const chain = await connectSigner(settings, input.devnetAccount);
      await assertDeployment(chain, deployment);
      const ensure = (made: typeof artifacts | typeof wellFormed, id: Hex, statementVerifier: Address): Promise<Address> =>
        ensureCircuit(chain, deployment, {
          circuitId: id,
          verifyingKey: made.verifyingKey,
          proofVerifierCode: made.honkVerifier.runtime,
          statementVerifier,
          shapeBytes: made.shapeBytes,
        });
      await progress.step('circuits on chain', async () => {
        auditVerifier = await ensure(artifacts, circuitId, auditVerifier);
        wellFormedVerifier = await ensure(wellFormed, wellFormedId, wellFormedVerifier);
      });
      const audit = await openOnChain(context, {
        chain,
        deployment,
        set,
        circuitId,
        wellFormedCircuitId: wellFormedId,
        checkpointId: model.checkpointId,
        setOwner: input.setOwner,
        draws: input.draws ?? 0,
        auditId: input.audit,
      });
      opened = { registry: deployment.addresses.auditRegistry, opener: audit.opener, nonce: audit.nonce };
      modelRegistry = deployment.addresses.modelRegistry;
      if (audit.seed !== undefined) {
        draw = { draws: audit.draws, seed: audit.seed };
        claims = await claimsOf(audit.wanted);
      }
    }

    const folder = `${input.output}.parts`;
    const parts = keepParts(folder);
    const { srs } = artifacts.srs.count > wellFormed.srs.count ? artifacts : wellFormed;
    const kzg = await createKzg(srs);
    cleanup.add('the committer', kzg.close);
    const honk = await createUltraHonk({ srs, threads: settings.threads });
    cleanup.add('the prover', honk.close);
    const p2 = await loadPoseidon2();
    const tools = await toolVersions();
    const { weights, points, checkpointId, sigmas } = model;
    const certificate = await progress.step('prove', (update) =>
      makeCountsCertificate({
        p2,
        kzg,
        honk,
        artifacts,
        wellFormed,
        auditVerifier: { address: auditVerifier, code: auditBinding.statementVerifierCode },
        wellFormedVerifier: { address: wellFormedVerifier, code: wellFormedBinding.statementVerifierCode },
        model: { weights, points, checkpointId, ...(sigmas !== undefined && { sigmas }) },
        set,
        claims,
        // Not bound to a chain where it is opened on none.
        chainId: onChain ? Number(auditBinding.chainId) : 0,
        ...(opened !== undefined && { opened }),
        ...(draw !== undefined && { draw }),
        modelRegistry,
        tools,
        onProgress: update,
        once: parts.once,
      }),
    );
    const bytes = await writeCertificate(
      context,
      input.output,
      certificate,
      parts.kept.length > 0 ? `Delete ${folder} and run it again: a part from an earlier run is damaged.` : undefined,
    );
    await parts.discard();
    return {
      certificate: input.output,
      bytes,
      auditId: certificate.audit.auditId as Hex,
      checkpointId: showId(model.checkpointId),
      setId: showId(set.id),
      chunks: certificate.chunks.map(({ chunk }) => chunk),
      counts: countsFacts(table(certificate.counts)),
      claims: certificate.claims.map((claim) => `${claim.kind}: ${sayClaim(claim)}`),
      ceremony: certificate.ceremony,
      registry: opened?.registry ?? null,
      kept: parts.kept.length,
      seconds: (performance.now() - started) / 1000,
    };
  },
  render: (value) =>
    [
      columns([
        ['certificate', `${value.certificate} (${value.bytes} bytes)`],
        ['audit', `${value.auditId}${value.registry === null ? ', opened on no chain' : ''}`],
        ['checkpoint', value.checkpointId],
        ['set', value.setId],
        ...countsRows(value.counts),
        [
          'proved',
          `${value.chunks.length} ${value.chunks.length === 1 ? 'chunk' : 'chunks'} in ${value.seconds.toFixed(0)} s${value.kept === 0 ? '' : `, ${value.kept} parts from an earlier run`}`,
        ],
      ]),
      ...value.claims,
      ...devNote(value.ceremony),
    ].join('\n'),
});
