import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blockCount } from '../../src/commitment/blocks.ts';
import { createKzg } from '../../src/commitment/kzg.ts';
import { writeModelFolder } from '../../src/model/modelFolder.ts';
import { ensureSrs } from '../../src/proof/ceremony.ts';
import { firstLargest, forwardPass } from '../../src/quant/forwardPass.ts';
import { defaultSpec, weightBits } from '../../src/quant/spec.ts';
import { fieldElements } from './random.ts';
import { type CliResult, runCli, type StartedCli, startCli } from './runCli.ts';
import { between, testCache, testCeremony } from './windowFixture.ts';

const sizes = [4, 3, 2];
const spec = defaultSpec(1);
const blockLog = 7;

/** A hidden model in a folder, and samples in CSV files: `right.csv`, which it answers rightly, and `wrong.csv`, half of which it does not. */
export async function auditCli(folder: string, environment: Readonly<Record<string, string>> = {}) {
  const at = (name: string): string => join(folder, name);
  const features = between('audit cli features', 8 * 4, 0, 15);
  const { weights, answers } = modelOf(features);
  const srs = await ensureSrs({ directory: testCeremony(), points: 2 ** blockLog + 1 });
  const kzg = await createKzg(srs);
  const sigmas = fieldElements('audit cli sigmas', blockCount(sizes, blockLog));
  const points = await kzg.commitCheckpoint(sizes, blockLog, weights, sigmas);
  await kzg.close();
  const about = { ceremony: 'dev', srsId: srs.id, input: null, classLabels: null, logitScale: null, report: {} } as const;
  const { checkpointId } = await writeModelFolder(at('model'), { spec, sizes, blockLog, points, weights, sigmas, ...about });

  const csv = (label: (answer: number, i: number) => number): string =>
    `a,b,c,d,label,sex\n${answers.map((answer, i) => `${features.slice(4 * i, 4 * i + 4).join()},${label(answer, i)},${i % 2 === 0 ? 'm' : 'f'}\n`).join('')}`;
  await writeFile(
    at('right.csv'),
    csv((answer) => answer),
  );
  await writeFile(
    at('wrong.csv'),
    csv((answer, i) => (i % 2 === 0 ? answer : 1 - answer)),
  );
  const options = { home: folder, environment: { ASSAY_CACHE: testCache(), ...environment } };
  const cli = (...args: string[]): Promise<CliResult> => runCli(args, options);
  const set = (name: string, ...args: string[]): Promise<CliResult> =>
    cli(
      ...['audit', 'set', at(`${name}.csv`), '--header', '--label-column', 'label', '--group-column', 'sex', '--model', at('model')],
      ...['--chunk', '3', '--depth', '2', '--json', ...args],
    );
  return {
    at,
    answers,
    checkpointId: `0x${checkpointId.toString(16).padStart(64, '0')}`,
    cli,
    start: (...args: string[]): StartedCli => startCli(args, options),
    set,
  };
}
/** The first model that gives both answers. */
function modelOf(features: readonly number[]): { weights: Int32Array[]; answers: number[] } {
  const largest = 2 ** weightBits(spec);
  for (let n = 0; ; n++) {
    const weights = sizes
      .slice(1)
      .map((m, l) => Int32Array.from(between(`audit cli weights ${n} ${l}`, ((sizes[l] as number) + 1) * m, -largest, largest)));
    const { z } = forwardPass(spec, sizes, weights, features).at(-1) as { z: Float64Array };
    const answers = firstLargest(z, 2);
    const ones = answers.filter((answer) => answer === 1).length;
    if (ones >= 3 && ones <= 5) return { weights, answers };
  }
}

export type AuditCli = Awaited<ReturnType<typeof auditCli>>;
