import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { blockCount } from '../../src/commitment/blocks.ts';
import { createKzg } from '../../src/commitment/kzg.ts';
import { genesisWeights } from '../../src/model/genesis.ts';
import { writeModelFolder } from '../../src/model/modelFolder.ts';
import { ensureSrs } from '../../src/proof/ceremony.ts';
import { getCircuit } from '../../src/proof/circuitInstance.ts';
import { decodeProofFile, encodeProofFile } from '../../src/proof/proofFile.ts';
import { forwardPass } from '../../src/quant/forwardPass.ts';
import { fieldElements } from '../utils/random.ts';
import { type CliResult, runCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';
import { testCache, testCeremony } from '../utils/windowFixture.ts';

const scratch = useScratch('infer');
const cli = (...args: string[]): Promise<CliResult> => runCli(args, { home: scratch.path, environment: { ASSAY_CACHE: testCache() } });
const at = (name: string): string => join(scratch.path, name);
const samples = [0, 1, 2].map((s) => Array.from({ length: 16 }, (_, i) => (7 * i + 5 * s) % 16));
let logits: number[][];
let checkpointId: string;

beforeAll(async () => {
  const { spec, sizes, blockLog } = await getCircuit('inference-16-8-4');
  const weights = genesisWeights(spec, sizes, `0x${'5a'.repeat(32)}`, 4);
  const srs = await ensureSrs({ directory: testCeremony(), points: 2 ** blockLog + 1 });
  const kzg = await createKzg(srs);
  const sigmas = fieldElements('infer sigmas', blockCount(sizes, blockLog));
  const points = await kzg.commitCheckpoint(sizes, blockLog, weights, sigmas);
  await kzg.close();
  const about = { ceremony: 'dev', srsId: srs.id, input: null, classLabels: null, logitScale: null, report: {} } as const;
  const made = await writeModelFolder(at('model'), { spec, sizes, blockLog, points, weights, sigmas, ...about });
  checkpointId = `0x${made.checkpointId.toString(16).padStart(64, '0')}`;
  logits = samples.map((sample) => Array.from((forwardPass(spec, sizes, weights, sample).at(-1) as { z: Float64Array }).z));
  await writeFile(at('samples.json'), JSON.stringify(samples));
}, 120_000);

const prove = (out: string, ...args: string[]): Promise<CliResult> =>
  cli('infer', 'prove', '--model', at('model'), '--input', at('samples.json'), '--out', at(out), '--json', ...args);
const winner = (row: readonly number[]): number => row.indexOf(Math.max(...row));

describe('infer', () => {
  test('a class of a private model by UltraHonk: proved, verified, and everything around it refused where it does not fit', async () => {
    const nonce = `0x${'c0'.repeat(32)}`;
    const shower = `0x${'aa'.repeat(20)}`;
    const made = await prove('class.proof', '--index', '1', '--nonce', nonce, '--to', shower);
    expect(made.stderr).not.toContain('error');
    const facts = JSON.parse(made.stdout) as Record<string, unknown>;
    expect(facts).toMatchObject({ system: 'ultrahonk', ceremony: 'dev', checkpointId, answers: [winner(logits[1] as number[])] });
    expect((await stat(at('class.proof.input'))).mode & 0o777).toBe(0o600);

    const verify = (...args: string[]): Promise<CliResult> => cli('infer', 'verify', at('class.proof'), '--json', ...args);
    const all = await verify('--checkpoint', checkpointId, '--input', at('class.proof.input'), '--nonce', nonce, '--shown-by', shower);
    expect(all.code).toBe(0);
    expect(JSON.parse(all.stdout)).toMatchObject({
      verified: true,
      failures: [],
      context: { kind: 'presentation', chainId: 31337, nonce },
    });

    await prove('other.proof', '--index', '2', '--public');
    const wrong = await verify(
      ...['--checkpoint', `0x${'1'.repeat(64)}`, '--input', at('other.proof.input'), '--nonce', `0x${'c1'.repeat(32)}`],
      ...['--shown-by', `0x${'bb'.repeat(20)}`],
    );
    expect(wrong.code).toBe(3);
    expect((JSON.parse(wrong.stdout) as { failures: string[] }).failures).toEqual([
      `it is of checkpoint ${checkpointId}`,
      'it is of another input',
      'it was not made for this nonce',
      expect.stringMatching(/^only 0x[0-9a-f]{40} may show it$/i),
    ]);

    const file = decodeProofFile(await readFile(at('class.proof')));
    const changed = async (name: string, change: Partial<typeof file>): Promise<CliResult> => {
      await writeFile(at(name), encodeProofFile({ ...file, ...change }));
      return cli('verify', at(name), '--json');
    };
    const honest = await changed('same.proof', {});
    expect([honest.code, JSON.parse(honest.stdout).verified]).toEqual([0, true]);
    const refused = async (name: string, change: Partial<typeof file>): Promise<readonly string[]> => {
      const { code, stdout } = await changed(name, change);
      expect(code).toBe(3);
      return (JSON.parse(stdout) as { failures: readonly string[] }).failures;
    };
    const byVerifier = 'the verifier refuses the proof';
    // What it was made for cannot be left out: it may have expired.
    expect(await refused('stripped.proof', { contextPreimage: '0x' })).toEqual([
      expect.stringContaining('does not tell what the proof was made for'),
    ]);
    const word = file.statement.at(-1) as bigint;
    expect(await refused('answer.proof', { statement: file.statement.with(-1, word === 0n ? 1n : 0n) })).toEqual([byVerifier]);
    expect(await refused('opening.proof', { opening: file.opening.with(70, (file.opening[70] as number) ^ 1) })).toEqual([byVerifier]);
    expect(await refused('proof.proof', { proof: file.proof.with(99, (file.proof[99] as number) ^ 1) })).toEqual([byVerifier]);
    const others = { statementVerifier: `0x${'77'.repeat(20)}` } as const;
    expect(await refused('elsewhere.proof', others)).toEqual([byVerifier, 'its context is of another verifier than its file']);
  }, 120_000);

  test('logits by Groth16; several samples by UltraHonk; a proof that expires', async () => {
    const made = await prove('logits.proof', '--index', '0', '--system', 'groth16', '--output', 'logits', '--expires', '1');
    expect(JSON.parse(made.stdout)).toMatchObject({ system: 'groth16', answers: [logits[0]] });
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const late = await cli('infer', 'verify', at('logits.proof'), '--system', 'ultrahonk', '--json');
    expect(late.code).toBe(3);
    const { failures } = JSON.parse(late.stdout) as { failures: string[] };
    expect(failures).toEqual([expect.stringContaining('expired'), 'it is proved by groth16']);

    const batch = await prove('batch.proof');
    expect(JSON.parse(batch.stdout)).toMatchObject({ system: 'ultrahonk', answers: logits.map(winner) });
    expect((await cli('infer', 'verify', at('batch.proof'), '--input', at('batch.proof.input'), '--system', 'ultrahonk')).code).toBe(0);
  }, 180_000);

  test('bad input is refused with what to do, and writes nothing', async () => {
    const refusals: [string[], string, number][] = [
      [['--system', 'groth16'], 'CIRCUIT_INPUTS', 2],
      [['--index', '7'], 'CLI_INPUT_INVALID', 2],
      [['--input', at('none.npy')], 'DATA_FILE_UNREADABLE', 1],
      [['--model', at('nowhere')], 'MODEL_FOLDER', 1],
    ];
    await writeFile(at('wide.json'), JSON.stringify([1, 2, 3]));
    await writeFile(at('large.json'), JSON.stringify(Array.from({ length: 16 }, () => 16)));
    refusals.push([['--input', at('wide.json')], 'CLI_INPUT_INVALID', 2], [['--input', at('large.json')], 'CLI_INPUT_INVALID', 2]);
    for (const [args, code, exit] of refusals) {
      const { stdout, stderr, code: ended } = await prove('refused.proof', ...args);
      expect(stdout + stderr).toContain(code);
      expect([code, ended]).toEqual([code, exit]);
    }
    await expect(stat(at('refused.proof'))).rejects.toThrow('ENOENT');
    const noProof = await cli('infer', 'verify', at('samples.json'));
    expect([noProof.code, noProof.stderr.includes('PROOF_FILE_MALFORMED')]).toEqual([3, true]);
  }, 60_000);

  test('well-formed: proved once, taken up again, verified', async () => {
    const run = () => cli('model', 'well-formed', at('model'), '--output', at('proofs'), '--json');
    const made = JSON.parse((await run()).stdout) as { proofs: { file: string; seconds: number }[]; checkpointId: string };
    expect(made.checkpointId).toBe(checkpointId);
    expect(made.proofs.map(({ seconds }) => seconds > 0)).toEqual([true, true]);
    const again = JSON.parse((await run()).stdout) as typeof made;
    expect(again.proofs.map(({ seconds }) => seconds)).toEqual([0, 0]);
    const { file } = made.proofs[0] as { file: string };
    expect((await cli('verify', file)).code).toBe(0);
    const proof = decodeProofFile(await readFile(file));
    await writeFile(at('renamed.proof'), encodeProofFile({ ...proof, circuitId: `0x${'12'.repeat(32)}` }));
    const renamed = await cli('verify', at('renamed.proof'));
    expect([renamed.code, renamed.stderr]).toEqual([6, expect.stringContaining('CIRCUIT_MISMATCH')]);
  }, 120_000);

  test('an answer and the proofs that its model is well-formed make a certificate, which an edit makes false', async () => {
    await cli('model', 'well-formed', at('model'), '--output', at('proofs'), '--json');
    await prove('answered.proof', '--index', '1');
    const shown = ['--input', at('answered.proof.input')];
    const segments = [0, 1].map((segment) => at(`proofs/well-formed-${segment}.proof`));
    const certify = (...args: string[]): Promise<CliResult> =>
      cli('audit', 'answer', '--proof', at('answered.proof'), '--well-formed', ...segments, '--json', ...args);
    const made = await certify(...shown, '--output', at('answer.json'));
    expect(made.stderr).not.toContain('error');
    const answer = winner(logits[1] as number[]);
    expect(JSON.parse(made.stdout)).toMatchObject({ checkpointId, answers: [answer], opened: true });
    expect((await cli('audit', 'verify', at('answer.json'))).code).toBe(0);
    const text = await readFile(at('answer.json'), 'utf8');
    const other = (answer + 1) % 4;
    await writeFile(at('lie.json'), text.replace(/("answers": \[\s*)\d/, `$1${other}`));
    expect(await readFile(at('lie.json'), 'utf8')).not.toBe(text);
    const lie = await cli('audit', 'verify', at('lie.json'), '--json');
    expect([lie.code, (JSON.parse(lie.stdout) as { failures: string[] }).failures]).toEqual([
      3,
      ['its answers are not those of the statement'],
    ]);
    // Of another question than the one that was proved.
    await prove('asked.proof', '--index', '2');
    const foreign = await certify('--input', at('asked.proof.input'), '--output', at('foreign.json'));
    const { error } = JSON.parse(foreign.stdout) as { error: { code: string; details: string } };
    expect([foreign.code, error.code, error.details]).toEqual([1, 'PROOF_INVALID', 'what it opens is not the input that was answered']);
    await expect(stat(at('foreign.json'))).rejects.toThrow('ENOENT');
  }, 180_000);
});
