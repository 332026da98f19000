import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type AuditCli, auditCli } from '../../utils/auditCli.ts';
import type { CliResult } from '../../utils/runCli.ts';
import { useScratch } from '../../utils/useScratch.ts';

const scratch = useScratch('audit-cli');
let world: AuditCli;
let made: { setId: string };
const facts = <T>({ stdout }: CliResult): T => JSON.parse(stdout) as T;
const codes = ({ code, stdout }: CliResult): [number | null, string | undefined] => [
  code,
  (JSON.parse(stdout || '{}') as { error?: { code: string } }).error?.code,
];
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

beforeAll(async () => {
  world = await auditCli(scratch.path);
  const first = await world.set('right', '--output', world.at('right.audit'));
  expect(first.stderr).not.toContain('error');
  made = facts(first);
}, 120_000);

const prove = (out: string, ...args: string[]): Promise<CliResult> =>
  world.cli('audit', 'prove', '--model', world.at('model'), '--set', world.at('right.audit'), '--output', world.at(out), '--json', ...args);

describe('audit set', () => {
  test('says what was committed; the same samples give the same set, another group or a salt another', async () => {
    expect(made).toMatchObject({
      samples: 8,
      features: 4,
      chunks: 3,
      chunkSamples: 3,
      depth: 2,
      groups: [
        { group: 0, name: 'f', samples: 4 },
        { group: 1, name: 'm', samples: 4 },
      ],
      salted: false,
      registered: null,
    });
    expect(facts<{ setId: string }>(await world.set('right', '--output', world.at('again.audit'))).setId).toBe(made.setId);
    const salted = await world.set('right', '--salted', '--output', world.at('salted.audit'));
    expect(facts<{ setId: string }>(salted).setId).not.toBe(made.setId);
    expect((await stat(world.at('salted.audit'))).mode & 0o777).toBe(0o600);
    const named = await world.set('right', '--group-names', 'm', 'f', '--output', world.at('named.audit'));
    expect(facts<{ setId: string }>(named).setId).not.toBe(made.setId);
    const noise = ['--perturb', 'noise:1', '--seed', `0x${'11'.repeat(32)}`];
    const [one, two] = [
      await world.set('right', ...noise, '--output', world.at('n1.audit')),
      await world.set('right', ...noise, '--output', world.at('n2.audit')),
    ];
    expect(facts<{ setId: string }>(one).setId).toBe(facts<{ setId: string }>(two).setId);
    expect(facts<{ setId: string }>(one).setId).not.toBe(made.setId);
  }, 120_000);

  test('bad input is refused and writes nothing', async () => {
    const out = world.at('refused.audit');
    const csv = ['audit', 'set', world.at('right.csv'), '--header', '--output', out, '--json'];
    const sex = [...csv, '--label-column', 'label', '--group-column', 'sex'];
    const refusals: [string[], string, number][] = [
      [['audit', 'set', world.at('none.csv'), '--label-column', '0', '--output', out, '--json'], 'DATA_FILE_UNREADABLE', 1],
      [[...csv, '--label-column', 'nothing'], 'DATA_CSV_MALFORMED', 1],
      [[...csv, '--label-column', 'label', '--group-names', 'm'], 'CLI_BAD_OPTION', 2],
      [[...sex, '--limit', '9'], 'CLI_BAD_OPTION', 2],
      [[...sex, '--chunk', '1', '--depth', '2'], 'DATA_SET_INVALID', 1],
      [[...sex, '--model', world.at('model'), '--bits', '4'], 'CLI_BAD_OPTION', 2],
      [[...sex, '--model', world.at('nowhere')], 'MODEL_FOLDER_MISSING', 1],
      // Nothing is deployed.
      [[...sex, '--range', '0:16', '--register'], 'CHAIN_DEPLOYMENT_MISSING', 1],
    ];
    for (const [args, code, exit] of refusals)
      expect([args.slice(6), ...codes(await world.cli(...args))]).toEqual([args.slice(6), exit, code]);
    expect(await exists(out)).toBe(false);
    const good = await world.cli(...csv, '--label-column', 'label', '--group-column', 'sex', '--range', '0:16');
    expect(good.code).toBe(0);
  }, 180_000);
});

describe('audit plan and prove', () => {
  test('plan says what holds, before anything is compiled or proved', async () => {
    const args = ['audit', 'plan', '--model', world.at('model'), '--set', world.at('right.audit'), '--json'];
    const planned = await world.cli(...args, '--claim', 'accuracy:8/8', 'accuracy:100%', 'accuracy:9/8', 'parity:1:1/1000');
    const { counts, claims, chunks, audit } = facts<{
      counts: { correct: number };
      claims: { holds: boolean }[];
      chunks: object;
      audit: { proofs: number; gas: number };
    }>(planned);
    expect(counts).toMatchObject({ samples: 8, correct: 8 });
    expect(chunks).toEqual({ taken: 3, of: 3, samples: 3 });
    expect(claims.slice(0, 3).map(({ holds }) => holds)).toEqual([true, true, false]);
    expect(audit.proofs).toBe(3);
    expect(codes(await world.cli(...args, '--claim', 'recall:2:50%'))).toEqual([2, 'CLI_BAD_OPTION']);
    expect(codes(await world.cli(...args, '--draws', '3'))).toEqual([2, 'AUDIT_DRAW_INVALID']);
  }, 120_000);

  test('one right answer more than there are: nothing is proved, nothing is written', async () => {
    const wrong = await prove('wrong.json', '--claim', 'accuracy:9/8');
    expect(codes(wrong)).toEqual([3, 'AUDIT_CLAIM_FALSE']);
    expect(wrong.stderr).not.toContain('circuit');
    expect(await exists(world.at('wrong.json'))).toBe(false);
    await writeFile(world.at('no.audit'), 'no set');
    const noSet = await world.cli(
      'audit',
      'prove',
      '--model',
      world.at('model'),
      '--set',
      world.at('no.audit'),
      '--output',
      world.at('no.json'),
      '--json',
    );
    expect(codes(noSet)).toEqual([1, 'DATA_SET_MALFORMED']);
    for (const args of [
      ['--draws', '1'],
      ['--set-owner', `0x${'11'.repeat(20)}`],
    ]) {
      expect(codes(await prove('no.json', ...args))).toEqual([2, 'CLI_BAD_OPTION']);
    }
  }, 120_000);

  test('a run that was killed goes on with what it had proved; a damaged part is never written into a certificate', async () => {
    const parts = world.at('cert.json.parts');
    const run = world.start(
      'audit',
      'prove',
      '--model',
      world.at('model'),
      '--set',
      world.at('right.audit'),
      '--output',
      world.at('cert.json'),
    );
    const names = (): Promise<string[]> => readdir(parts).catch(() => []);
    while (!(await names()).some((name) => name.startsWith('chunk-0') && name.endsWith('.json'))) {
      expect([run.child.exitCode, run.output.stderr]).toEqual([null, run.output.stderr]);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    run.child.kill('SIGKILL');
    await run.ended;
    expect(await exists(world.at('cert.json'))).toBe(false);

    const chunk = `${parts}/${(await names()).find((name) => name.startsWith('chunk-0')) as string}`;
    const kept = await readFile(chunk, 'utf8');
    const part = JSON.parse(kept) as { about: string; part: { proof: string } };
    await writeFile(
      chunk,
      JSON.stringify({ ...part, part: { ...part.part, proof: part.part.proof.replace(/.$/, (last) => (last === '0' ? '1' : '0')) } }),
    );
    const damaged = await prove('cert.json', '--claim', 'accuracy:8/8');
    expect(codes(damaged)).toEqual([1, 'PROOF_INVALID']);
    expect(await exists(world.at('cert.json'))).toBe(false);

    // What is no part at all is proved again.
    await writeFile(chunk, '{');
    const proved = await prove('cert.json', '--claim', 'accuracy:8/8', 'recall:1:100%');
    expect(proved.stderr).not.toContain('error');
    expect(facts(proved)).toMatchObject({ chunks: [0, 1, 2], registry: null, kept: 3, counts: { samples: 8, correct: 8 } });
    expect(await exists(parts)).toBe(false);
  }, 240_000);
});

describe('audit verify', () => {
  const verify = (file: string, ...args: string[]): Promise<CliResult> => world.cli('audit', 'verify', world.at(file), '--json', ...args);

  test('an honest certificate is true, from the file alone, of that model and that set', async () => {
    const { code, stdout } = await verify('cert.json', '--checkpoint', world.checkpointId, '--set', world.at('right.audit'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      verified: true,
      failures: [],
      kind: 'counts',
      checkpointId: world.checkpointId,
      setId: made.setId,
      open: [expect.stringContaining('no chain')],
      registry: null,
    });
    const read = await world.cli('audit', 'verify', world.at('cert.json'));
    expect(read.stdout).toContain('What an honest proof still permits');
    const other = await verify('cert.json', '--checkpoint', `0x${'1'.repeat(64)}`, '--set', world.at('salted.audit'));
    expect(other.code).toBe(3);
    expect(facts<{ failures: string[] }>(other).failures).toEqual([
      `it is of checkpoint ${world.checkpointId}`,
      expect.stringContaining(`it is of set ${made.setId}`),
    ]);
  }, 120_000);

  test('what was changed is false, exit code 3, and told', async () => {
    const text = await readFile(world.at('cert.json'), 'utf8');
    const certificate = JSON.parse(text) as { claims: { atLeast: number }[]; counts: number[]; set: object };
    const file = async (name: string, content: unknown): Promise<void> =>
      writeFile(world.at(name), typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
    await file('claim.json', { ...certificate, claims: [{ ...certificate.claims[0], atLeast: 9 }, certificate.claims[1]] });
    const claim = await verify('claim.json');
    expect([claim.code, facts<{ failures: string[] }>(claim).failures]).toEqual([3, ['accuracy: 8 of 8 answers are right, fewer than 9']]);
    await file('counts.json', { ...certificate, counts: certificate.counts.map((count, i) => (i === 0 ? count + 1 : count)) });
    const raised = await verify('counts.json');
    expect([raised.code, facts<{ failures: string[] }>(raised).failures]).toEqual([3, ['its counts are not the sum of its chunks']]);
    // Nobody adds up a table of 255^3 entries because a file says so.
    await file('huge.json', { ...certificate, set: { ...certificate.set, classes: 255, groups: 255 } });
    const huge = await verify('huge.json');
    expect([huge.code, facts<{ counts: null }>(huge).counts]).toEqual([3, null]);
    for (const [name, content] of [
      ['short.json', text.slice(0, -3)],
      ['spaces.json', text.replace('  "kind"', '   "kind"')],
      ['empty.json', ''],
      ['none.json', '{}'],
    ] as const) {
      await file(name, content);
      expect([name, ...codes(await verify(name))]).toEqual([name, 3, 'AUDIT_CERTIFICATE_MALFORMED']);
    }
    expect(codes(await verify('nowhere.json'))).toEqual([1, 'CLI_FILE_UNREADABLE']);
    await file('same.json', certificate);
    expect((await verify('same.json')).code).toBe(0);
    // Nothing of it is on a chain.
    for (const verb of [['publish'], ['dispute', '--with', world.at('same.json')]]) {
      expect(codes(await world.cli('audit', verb[0] as string, world.at('same.json'), ...verb.slice(1), '--json'))).toEqual([
        2,
        'AUDIT_NOT_ON_CHAIN',
      ]);
    }
  }, 180_000);

  test('somebody else, who has never heard of the circuits, rebuilds them from the file', async () => {
    const cache = world.at('cache');
    await mkdir(cache);
    const { code, stderr } = await world.cli('audit', 'verify', world.at('cert.json'), '--cache', cache);
    expect([code, stderr.includes('error')]).toEqual([0, false]);
    await rm(cache, { recursive: true });
  }, 240_000);
});
