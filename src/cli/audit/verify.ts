import type { Hex } from 'viem';
import { z } from 'zod';
import type { AnswerCertificate } from '../../audit/answer/answerCertificate.ts';
import type { Certificate } from '../../audit/certificate.ts';
import type { RegistryFindings } from '../../audit/counts/checkRegistry.ts';
import { sayExpiry } from '../../commitment/sayExpiry.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import { type CommandContext, defineCommand } from '../framework/command.ts';
import { connectReader } from '../framework/connectReader.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { fieldId, showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import { type CountsFacts, countsFacts, countsRows, sayClaim } from './claims.ts';
import {
  type Expectations,
  expectationOptions,
  expectationProblems,
  type MembershipFacts,
  membershipFacts,
  membershipRows,
} from './expectations.ts';
import { readCertificate } from './readCertificate.ts';
import { setProblems } from './setProblems.ts';

type Input = Expectations & {
  readonly file: string;
  readonly checkpoint: bigint | undefined;
  readonly set: string | undefined;
  readonly chain: boolean;
};

type Verified = {
  readonly verified: boolean;
  readonly failures: readonly string[];
  /** What only a chain can show. */
  readonly open: readonly string[];
  readonly kind: Certificate['kind'];
  readonly ceremony: 'dev' | 'public';
  readonly checkpointId: Hex | null;
  readonly setId: Hex | null;
  readonly auditId: Hex | null;
  /** Null of another kind, and where it is false. */
  readonly counts: CountsFacts | null;
  readonly claims: readonly string[];
  /** Of an answer: what was asked, where it is shown, and what was answered. */
  readonly answer: AnswerFacts;
  /** Of a descent: its ends, and the windows between them. */
  readonly lineage: LineageFacts;
  /** Of a record of a data set. */
  readonly membership: MembershipFacts;
  /** What the registry says; null where it was not asked. */
  readonly registry: Omit<RegistryFindings, 'failures'> | null;
  /** What an honest proof still permits. */
  readonly permits: readonly string[];
};

export const auditVerify = defineCommand<Input, Verified>({
  name: 'audit verify',
  summary: 'verify a certificate, from the file alone',
  description:
    'Rebuilds circuits, keys and verifier code from this package and runs that code on every proof in the certificate; names everything that is wrong, and says what only a chain can show. Exit ' +
    'code 3 where it is false. With --checkpoint it must be of that model, with --set of that set. Of a record of a data set, --root, --record, --nonce and --shown-by say what it must be. With --chain (or --rpc, or --deployment) the registry is asked, too: whether the ' +
    'audit was opened first, over whose set, how many others were given up, and what was disputed.',
  arguments: { file: { flags: '<certificate>', description: 'certificate, JSON or CBOR', schema: z.string().min(1) } },
  options: {
    checkpoint: { flags: '--checkpoint <id>', description: 'the model that it must be of', schema: fieldId.optional() },
    set: { flags: '--set <file>', description: 'the audit set that it must be of', schema: z.string().min(1).optional() },
    chain: { flags: '--chain', description: 'ask the registry of the deployment in the settings', schema: z.boolean().default(false) },
    ...expectationOptions,
  },
  examples: [
    'assay audit verify digits.cert.json',
    'assay audit verify digits.cert.json --set mnist-1000.audit --chain',
    'assay audit verify seven.cert.json --record seven.cert.json.record',
  ],
  async run(context, input) {
    const { settings, progress, resolved } = context;
    const { verifyCertificate } = await import('../../audit/verifyCertificate.ts');
    const certificate = await readCertificate(input.file);
    const { failures, open, ceremony } = await progress.step('verify', (update) =>
      verifyCertificate({
        certificate,
        ceremony: ceremonyOf(settings),
        cacheDirectory: circuitCacheDirectory(settings),
        onProgress: update,
      }),
    );
    const all = [...failures];
    const counts = certificate.kind === 'counts' ? certificate : undefined;
    const checkpointId = 'checkpointId' in certificate ? (certificate.checkpointId as Hex) : null;
    if (input.checkpoint !== undefined && showId(input.checkpoint) !== checkpointId) {
      all.push(checkpointId === null ? `a certificate of ${certificate.kind} is of no model` : `it is of checkpoint ${checkpointId}`);
    }
    if (input.set !== undefined) all.push(...(await setProblems(input.set, await readInputFile(input.set), certificate)));
    all.push(...(await expectationProblems(certificate, input)));
    const asked = input.chain || resolved.sources.rpc === 'flag' || resolved.sources.deployment === 'flag';
    const { failures: denied, ...registry } = asked ? await askRegistry(context, certificate) : { failures: [] };
    all.push(...denied);
    return {
      verified: all.length === 0,
      failures: all,
      open: asked && registry.audit !== undefined ? [] : open,
      kind: certificate.kind,
      ceremony,
      checkpointId,
      setId: (counts?.set.setId as Hex | undefined) ?? null,
      auditId: (counts?.audit.auditId as Hex | undefined) ?? null,
      // Of what is false nothing is added up: its table may be of any size.
      counts:
        counts === undefined || failures.length > 0
          ? null
          : countsFacts({ ...counts.set, bins: counts.thresholds.length + 1, counts: counts.counts }),
      claims: (counts?.claims ?? []).map((claim) => `${claim.kind}: ${sayClaim(claim)}`),
      answer: answerFacts(certificate),
      lineage: lineageFacts(certificate),
      membership: membershipFacts(certificate),
      registry: asked ? registry : null,
      permits: certificate.permits,
    };
  },
  render(value) {
    if (!value.verified) return ['FALSE', ...value.failures].join('\n');
    const { counts, registry } = value;
    return [
      `true (${value.kind}, ${value.ceremony} ceremony)`,
      '',
      columns([
        ...(value.checkpointId === null ? [] : [['checkpoint', value.checkpointId]]),
        ...(value.setId === null ? [] : [['set', value.setId]]),
        ...(value.auditId === null ? [] : [['audit', value.auditId]]),
        ...(counts === null ? [] : countsRows(counts)),
        ...(value.answer === null ? [] : answerRows(value.answer)),
        ...(value.lineage === null ? [] : lineageRows(value.lineage)),
        ...membershipRows(value.membership),
        ...(registry === null ? [] : registryRows(registry)),
      ]),
      ...value.claims,
      ...(value.open.length === 0 ? [] : ['', 'Only a chain can say:', ...value.open.map((text) => `- ${text}`)]),
      '',
      'What an honest proof still permits:',
      ...value.permits.map((text) => `- ${text}`),
    ].join('\n');
  },
  exitCode: ({ verified }) => (verified ? exitCodes.ok : exitCodes.proofInvalid),
});

type AnswerFacts = Pick<AnswerCertificate, 'inputId' | 'input' | 'answers' | 'presentation'> | null;
type LineageFacts = { readonly parentId: string; readonly childId: string; readonly jobs: number; readonly windows: number } | null;

function answerFacts(certificate: Certificate): AnswerFacts {
  if (certificate.kind !== 'answer') return null;
  const { inputId, input, answers, presentation } = certificate;
  return { inputId, input, answers, presentation };
}

function answerRows({ inputId, input, answers, presentation: { nonce, prover, expiry } }: NonNullable<AnswerFacts>): string[][] {
  return [
    ['input', `${inputId}${input === null ? ', hidden' : ', shown in the file'}`],
    ['answers', answers.map((answer) => (typeof answer === 'number' ? String(answer) : `[${answer.join(', ')}]`)).join(', ')],
    ['nonce', nonce],
    ['shown by', /^0x0+$/.test(prover) ? 'anybody' : prover],
    ...(expiry === 0 ? [] : [['until', sayExpiry(expiry)]]),
  ];
}

function lineageFacts(certificate: Certificate): LineageFacts {
  if (certificate.kind !== 'lineage') return null;
  const { parentId, childId, jobs } = certificate;
  return { parentId, childId, jobs: jobs.length, windows: jobs.reduce((sum, { windows }) => sum + windows.length, 0) };
}

function lineageRows({ parentId, childId, jobs, windows }: NonNullable<LineageFacts>): string[][] {
  return [
    ['parent', parentId],
    ['child', childId],
    ['between', `${windows} ${windows === 1 ? 'window' : 'windows'} of ${jobs} ${jobs === 1 ? 'job' : 'jobs'}`],
  ];
}

async function askRegistry({ settings, progress }: CommandContext, certificate: Certificate): Promise<RegistryFindings> {
  if (certificate.kind !== 'counts') {
    throw new AssayError('AUDIT_NOT_ON_CHAIN', `a certificate of ${certificate.kind} is in no registry`, {
      exitCode: exitCodes.usage,
      hint: 'Verify it without --chain, --rpc and --deployment.',
    });
  }
  const { checkRegistry } = await import('../../audit/counts/checkRegistry.ts');
  const { chain, deployment } = await connectReader(settings);
  return progress.step('registry', () => checkRegistry(chain, deployment, certificate));
}

/** What a registry says, in rows. */
function registryRows({ audit, certified, tally, claims }: Omit<RegistryFindings, 'failures'>): string[][] {
  if (audit === undefined || tally === undefined) return [];
  const disputed = (claims ?? []).filter(({ disputes }) => disputes > 0n).length;
  return [
    ['opened', `in block ${audit.openedAt} by ${audit.opener}; set of ${audit.setOwner}, registered in block ${audit.setRegisteredAt}`],
    [
      'chunks',
      `${audit.done.length} of ${audit.draws === 0 ? audit.wanted.length : audit.draws} proved on chain${certified === true ? '; certified' : ''}`,
    ],
    ['of the set', `${tally.opened} audits opened, ${tally.completed} completed`],
    ['claimed', claims === undefined || claims.length === 0 ? 'nothing' : `${claims.length} on chain, ${disputed} of them disputed`],
  ];
}
