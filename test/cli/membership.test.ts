import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { encodeDatasetBlob } from '../../src/data/datasetBlob.ts';
import { cutMinibatches, datasetTree } from '../../src/data/minibatchSet.ts';
import { type CliResult, runCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';
import { testCache } from '../utils/windowFixture.ts';

const scratch = useScratch('membership');
const cli = (...args: string[]): Promise<CliResult> => runCli(args, { home: scratch.path, environment: { ASSAY_CACHE: testCache() } });
const at = (name: string): string => join(scratch.path, name);
let root: string;

beforeAll(async () => {
  const p2 = await loadPoseidon2();
  // The cut of the registry's smallest circuit.
  const set = cutMinibatches(
    p2,
    {
      count: 12,
      width: 16,
      classes: 4,
      featureBits: 4,
      features: Uint8Array.from({ length: 192 }, (_, i) => (i * 7 + Math.floor(i / 16)) % 16),
      labels: Uint8Array.from({ length: 12 }, (_, i) => i % 4),
    },
    { batch: 2, depth: 3, salt: (i) => BigInt(1000 + i) },
  );
  root = `0x${datasetTree(p2, set).root.toString(16).padStart(64, '0')}`;
  await writeFile(at('set.dataset'), encodeDatasetBlob(set));
});

test('a record of a private set: proved, verified, and refused for whom and what it is not of', async () => {
  const nonce = `0x${'c0'.repeat(32)}`;
  const shower = `0x${'aa'.repeat(20)}`;
  const about = ['--nonce', nonce, '--to', shower, '--proof', at('five.proof')];
  const made = await cli(
    'audit',
    'membership',
    '--dataset',
    at('set.dataset'),
    '--sample',
    '5',
    '--output',
    at('five.cert'),
    ...about,
    '--json',
  );
  expect(made.stderr).not.toContain('error');
  expect(JSON.parse(made.stdout)).toMatchObject({
    root,
    circuit: 'membership-16',
    ceremony: 'dev',
    nonce,
    recordFile: at('five.cert.record'),
  });
  expect((await stat(at('five.cert.record'))).mode & 0o777).toBe(0o600);

  const verify = async (...args: string[]): Promise<{ code: number | null; failures: string }> => {
    const { code, stdout } = await cli('audit', 'verify', at('five.cert'), '--json', ...args);
    return { code, failures: (JSON.parse(stdout) as { failures: string[] }).failures.join() };
  };
  const record = ['--record', at('five.cert.record')];
  expect(await verify(...record, '--root', root, '--nonce', nonce, '--shown-by', shower)).toEqual({ code: 0, failures: '' });
  const text = await readFile(at('five.cert.record'), 'utf8');
  await writeFile(at('other.record'), text.replace('"label": 1', '"label": 2'));
  const strange = ['--record', at('other.record'), '--root', nonce, '--nonce', root, '--shown-by', `0x${'bb'.repeat(20)}`];
  const refused = await verify(...strange);
  expect(refused.code).toBe(3);
  for (const why of ['another record', 'with root', 'this nonce', 'only 0xaaaa']) expect(refused.failures).toContain(why);

  const alone = await cli('verify', at('five.proof'), '--json');
  expect(alone.code).toBe(0);
  expect(JSON.parse(alone.stdout)).toMatchObject({ verified: true, circuit: 'membership-16', statement: { root } });
  // The last byte of the proof, which the length of an empty part and the context follow.
  const bytes = new Uint8Array(await readFile(at('five.proof')));
  const proofEnd = bytes.length - (4 + 7 * 32) - 4 - 1;
  await writeFile(at('bent.proof'), bytes.with(proofEnd, (bytes[proofEnd] as number) ^ 1));
  const bent = await cli('verify', at('bent.proof'), '--json');
  expect([bent.code, bent.stdout]).toEqual([3, expect.stringContaining('the verifier refuses the proof')]);
}, 180_000);

test('a sample that the set has not is refused before anything is proved', async () => {
  const { code, stderr } = await cli('audit', 'membership', '--dataset', at('set.dataset'), '--sample', '12', '--output', at('none.cert'));
  expect([code, stderr]).toEqual([1, expect.stringContaining('DATA_SAMPLE_UNKNOWN')]);
  await expect(stat(at('none.cert'))).rejects.toThrow('ENOENT');
}, 60_000);
