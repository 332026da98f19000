import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export type Totals = {
  passed: number;
  failed: number;
  skipped: number;
  /** Every skipped test with its reason. */
  skips: { name: string; reason: string }[];
  /** Every failed test, and every error outside of a test. */
  failures: string[];
};

/** Writes the run's totals, with the reason of each skipped test, to the file that `ASSAY_TEST_TOTALS` names. */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env['ASSAY_TEST_TOTALS'];
    if (file === undefined) return;
    const totals: Totals = { passed: 0, failed: 0, skipped: 0, skips: [], failures: [] };
    for (const testModule of testModules) {
      const inTests = count(testModule, totals);
      const outside = testModule.errors().length;
      if (outside > 0 || (!testModule.ok() && inTests === 0)) {
        totals.failed++;
        totals.failures.push(`${testModule.moduleId}: the file itself failed`);
      }
    }
    for (const error of unhandledErrors) {
      totals.failed++;
      totals.failures.push(`unhandled: ${error instanceof Error ? error.message : String((error as { message?: unknown }).message)}`);
    }
    writeFileSync(file, JSON.stringify(totals));
  }
}

/** Adds a file's tests to `totals` and returns how many of them failed. */
function count(testModule: TestModule, totals: Totals): number {
  let failed = 0;
  for (const test of testModule.children.allTests()) {
    const result = test.result();
    if (result.state === 'passed') totals.passed++;
    else if (result.state === 'failed') {
      failed++;
      totals.failed++;
      totals.failures.push(nameOf(test));
    } else {
      totals.skipped++;
      totals.skips.push({ name: nameOf(test), reason: (result.state === 'skipped' ? result.note : undefined) ?? 'no reason given' });
    }
  }
  return failed;
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}
