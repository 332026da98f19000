import pc from 'picocolors';
import { cheats } from '../test/utils/adversaryCheats.ts';
import { startAdversaryDevnet } from '../test/utils/adversaryDevnet.ts';
import { type CheatResult, faultsOf, openStage, runCheat, runHonestly } from '../test/utils/adversaryRun.ts';

// Twelve cheats, each from `ASSAY_SEEDS` seeds (20), against the real prover, validator and contracts. `ASSAY_FIRST_SEED` moves on to other ones.

const seeds = Number(process.env['ASSAY_SEEDS'] ?? 20);
const firstSeed = Number(process.env['ASSAY_FIRST_SEED'] ?? 1);
if (![seeds, firstSeed].every((n) => Number.isSafeInteger(n) && n >= 1)) {
  console.error('ASSAY_SEEDS and ASSAY_FIRST_SEED are whole numbers from 1');
  process.exit(2);
}

const started = performance.now();
const devnet = await startAdversaryDevnet();
const results: CheatResult[] = [];
const faults: string[] = [];
let controls = 0;
try {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const stage = await openStage(devnet, `cheats ${seed}`);
    const honest = await runHonestly(stage);
    if (honest.gain > 0n && stage.paid > 0n && honest.verdict === 'accept') controls++;
    else faults.push(`seed ${seed}: the honest worker was not paid`);
    for (const cheat of cheats) {
      const result = await runCheat(stage, cheat);
      results.push(result);
      faults.push(...faultsOf(result).map((fault) => `seed ${seed}: ${fault}`));
    }
    console.error(`seed ${seed}: ${((performance.now() - started) / 1000).toFixed(0)} s, ${faults.length} faults`);
  }
} finally {
  await devnet.close();
}

const paidOf = (of: readonly CheatResult[]): number =>
  of.flatMap((r) => r.attempts).filter((a) => a.gain > 0n || a.submitted.status === 'success').length;
const row = (cells: readonly (string | number)[]): string =>
  cells.map((cell, i) => (i === 0 ? String(cell).padEnd(22) : String(cell).padStart(12))).join('');
console.log(row(['cheat', 'seeds', 'not provable', 'handed in', 'slashed', 'paid']));
for (const { name } of cheats) {
  const of = results.filter((result) => result.name === name);
  const attempts = of.flatMap((result) => result.attempts);
  const refusals = of.reduce((sum, result) => sum + result.refusals.length, 0);
  console.log(row([name, of.length, refusals, attempts.length, attempts.filter((a) => a.slashed > 0n).length, paidOf(of)]));
}
for (const fault of faults) console.log(pc.red(fault));
const attempts = results.flatMap((result) => result.attempts).length;
console.log(
  `${results.length} cheats, ${attempts} attempts, ${paidOf(results)} paid; ${controls} honest controls paid; ${faults.length} faults; ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
process.exitCode = faults.length === 0 && paidOf(results) === 0 && results.length === seeds * cheats.length ? 0 : 1;
