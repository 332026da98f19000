import pc from 'picocolors';

/** What `assay demo --json` prints; docs/reference/demo.md describes every field. Amounts are in whole tokens, as decimal strings. */
export type DemoReport = {
  readonly ceremony: { readonly profile: 'dev' | 'public'; readonly srsId: string; readonly meaning: string };
  readonly model: {
    readonly circuit: string;
    readonly circuitId: string;
    readonly modelId: string;
    readonly sizes: readonly number[];
    readonly parameters: number;
    readonly batch: number;
    readonly steps: number;
    readonly gates: number;
  };
  readonly job: {
    readonly id: number;
    readonly mode: 'eager' | 'optimistic';
    readonly state: string;
    readonly price: string;
    readonly bond: string;
  };
  readonly windows: readonly {
    readonly index: number;
    readonly worker: string;
    readonly operator: string;
    readonly lossSum: number;
    /** Witness, UltraHonk proof and opening. */
    readonly proveSeconds: number;
    readonly gates: number;
    /** What the validator said, and how long after the announcement. */
    readonly verdict: string;
    readonly verdictSeconds: number;
    /** Of the transaction that made it final: that proved it, or found its silence over. */
    readonly gas: number;
    readonly paid: string;
    readonly transactionHash: string;
  }[];
  readonly slashed: readonly {
    readonly worker: string;
    readonly operator: string;
    readonly window: number;
    readonly reason: string;
    readonly amount: string;
    readonly finder: string;
    readonly finderPaid: string;
    readonly transactionHash: string;
  }[];
  readonly claimed: readonly { readonly role: string; readonly account: string; readonly amount: string }[];
  readonly accuracy: { readonly genesis: number; readonly final: number; readonly images: number };
  readonly lineage: { readonly verified: boolean; readonly windows: number };
  readonly processes: readonly { readonly role: string; readonly pid: number }[];
  readonly seconds: number;
};

const percent = (x: number): string => `${(100 * x).toFixed(2)} %`;

/** The ledger for people. */
export function renderReport(report: DemoReport): string {
  const rows = [
    ['window', 'worker', 'loss', 'prove s', 'verdict', 'gas', 'paid'],
    ...report.windows.map((w) => [
      String(w.index),
      w.worker,
      String(w.lossSum),
      w.proveSeconds.toFixed(1),
      `${w.verdict} (${w.verdictSeconds.toFixed(1)} s)`,
      w.gas.toLocaleString('en'),
      w.paid,
    ]),
  ];
  const widths = (rows[0] as string[]).map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd(),
  );
  const { model, accuracy, lineage } = report;
  return [
    '',
    pc.bold(
      `Job ${report.job.id}: ${model.sizes.join('-')} (${model.parameters.toLocaleString('en')} parameters), ${model.steps} steps of ${model.batch} samples a window`,
    ),
    `ceremony ${report.ceremony.profile}: ${report.ceremony.meaning}`,
    '',
    pc.bold(table[0] as string),
    ...table.slice(1),
    '',
    ...report.slashed.map(
      (s) =>
        `${pc.red('slashed')} ${s.worker} for window ${s.window}: ${s.reason}, ${s.amount} ASSAY; ${s.finder} got ${s.finderPaid} for finding it`,
    ),
    ...report.claimed.map((c) => `claimed ${c.amount} ASSAY by ${c.role}`),
    '',
    `accuracy on ${accuracy.images.toLocaleString('en')} test images: ${percent(accuracy.genesis)} at genesis, ${pc.green(percent(accuracy.final))} at the end`,
    `lineage from chain data and stored blobs: ${lineage.verified ? pc.green('verified') : pc.red('NOT verified')}, ${lineage.windows} windows`,
    `${report.processes.length} processes, ${report.seconds.toFixed(0)} s`,
  ].join('\n');
}
