import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Anvil, devnetAccount, startAnvil } from '../../../src/chain/anvil.ts';
import { connectChain } from '../../../src/chain/connectChain.ts';
import { deployContracts } from '../../../src/chain/deployContracts.ts';
import { type AuditCli, auditCli } from '../../utils/auditCli.ts';
import type { CliResult } from '../../utils/runCli.ts';
import { useScratch } from '../../utils/useScratch.ts';

const scratch = useScratch('audit-registry');
let anvil: Anvil;
let world: AuditCli;
const owner = devnetAccount(1).address;

beforeAll(async () => {
  anvil = await startAnvil();
  const chain = await connectChain({ rpcUrl: anvil.rpcUrl, account: devnetAccount(0) });
  const deployment = join(scratch.path, 'deployment.json');
  await writeFile(deployment, JSON.stringify(await deployContracts(chain)));
  world = await auditCli(scratch.path, { ASSAY_RPC: anvil.rpcUrl, ASSAY_DEPLOYMENT: deployment });
}, 300_000);

afterAll(async () => {
  await anvil.stop();
});

const facts = <T>(result: CliResult): T => {
  expect(result.stderr).not.toContain('error');
  return JSON.parse(result.stdout) as T;
};
const code = ({ stdout }: CliResult): string | undefined => (JSON.parse(stdout) as { error?: { code: string } }).error?.code;
const audit = (verb: string, ...args: string[]): Promise<CliResult> => world.cli('audit', verb, ...args, '--json');
const prove = (name: string, ...args: string[]): Promise<CliResult> =>
  audit(
    'prove',
    '--model',
    world.at('model'),
    '--set',
    world.at(`${name}.audit`),
    '--output',
    world.at(`${name}.json`),
    '--devnet-account',
    '2',
    ...args,
  );
const seconds = (count: number): number => 1000 * count;

test(
  'opened first, proved, published, contradicted: what the registry says at every step',
  async () => {
    facts(await world.set('right', '--output', world.at('right.audit')));
    expect(code(await prove('right'))).toBe('AUDIT_SET_UNREGISTERED');
    const { registered } = facts<{ registered: object }>(
      await world.set('right', '--output', world.at('right.audit'), '--register', '--devnet-account', '1'),
    );
    expect(registered).toMatchObject({ owner });

    // Taken up where it was left: one audit, whatever became of the first run.
    const run = world.start(
      ...['audit', 'prove', '--model', world.at('model'), '--set', world.at('right.audit'), '--output', world.at('right.json')],
      ...['--devnet-account', '2', '--set-owner', owner, '--claim', 'accuracy:100%'],
    );
    while (!run.output.stderr.includes('+ open the audit')) {
      expect([run.child.exitCode, run.output.stderr]).toEqual([null, run.output.stderr]);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    run.child.kill('SIGKILL');
    await run.ended;
    const proved = facts<{ auditId: string }>(await prove('right', '--set-owner', owner, '--claim', 'accuracy:100%'));
    const listed = facts<{ audits: { auditId: string; certified: boolean }[]; all: number }>(await audit('list'));
    expect([listed.all, listed.audits[0]]).toMatchObject([1, { auditId: proved.auditId, certified: false, state: 'drawn' }]);

    const verify = (): Promise<CliResult> => audit('verify', world.at('right.json'), '--chain');
    expect(facts(await verify())).toMatchObject({ verified: true, registry: { certified: false, tally: { opened: 1, completed: 0 } } });
    const sent = facts<{ sent: { what: string }[] }>(await audit('publish', world.at('right.json'), '--devnet-account', '2')).sent;
    expect(sent.map(({ what }) => what)).toEqual(['segment 0', 'chunk 0', 'chunk 1', 'chunk 2', 'claim accuracy']);
    expect(facts<{ sent: object[] }>(await audit('publish', world.at('right.json'), '--devnet-account', '3')).sent).toEqual([]);
    expect(facts(await verify())).toMatchObject({
      registry: { certified: true, tally: { opened: 1, completed: 1 }, claims: [{ kind: 'accuracy' }] },
    });

    // Its own counts do not contradict it; those of other labels do.
    const dispute = (other: string): Promise<CliResult> =>
      audit('dispute', world.at('right.json'), '--with', world.at(other), '--devnet-account', '4');
    expect(code(await dispute('right.json'))).toBe('AUDIT_NOT_CONTRADICTED');
    facts(await world.set('wrong', '--output', world.at('wrong.audit'), '--register', '--devnet-account', '2'));
    facts(await prove('wrong'));
    expect(facts(await dispute('wrong.json'))).toMatchObject({
      auditId: proved.auditId,
      disputed: [{ claimId: '0', because: expect.stringContaining('4 of 8') }],
    });
    // A certificate that is silent about what was claimed on chain does not hide it.
    const told = JSON.parse(await readFile(world.at('right.json'), 'utf8')) as object;
    await writeFile(world.at('silent.json'), `${JSON.stringify({ ...told, claims: [] }, null, 2)}\n`);
    expect(facts(await audit('dispute', world.at('silent.json'), '--with', world.at('wrong.json'), '--devnet-account', '4'))).toMatchObject(
      {
        disputed: [{ claimId: '0', hash: null }],
      },
    );
    const shown = await world.cli('audit', 'show', proved.auditId);
    expect([shown.code, shown.stdout]).toEqual([
      0,
      expect.stringMatching(/certified, disputed[\s\S]*DISPUTED by 1 audits[\s\S]*Anybody registers circuits/),
    ]);
    expect(code(await audit('show', `0x${'5a'.repeat(32)}`))).toBe('CHAIN_UNKNOWN_AUDIT');
  },
  seconds(900),
);
