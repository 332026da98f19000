import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import type { PageView, ProofRow, ProofView, StoredVerdict } from '../../explorer/views.ts';
import { paths } from '../../explorer/web/paths.ts';
import { defaultLimit, defineLook, pageText } from './defineLook.ts';
import { type PagingInput, pagingOptions } from './exploreOptions.ts';
import { proofTable, seatTable, slashTable } from './rows.ts';
import { amountText, placeText, type Sheet } from './sheet.ts';

type Input = PagingInput & {
  readonly id: string | undefined;
  readonly verify: boolean;
  readonly job: string | undefined;
  readonly operator: string | undefined;
};
type View = PageView<ProofRow> | ProofView | StoredVerdict;

/** The text of one submission and its proof. */
export function proofText(proof: ProofView, sheet: Sheet): string {
  const at = ({ at: place }: { readonly at: ProofView['submitted'] }): string => `${placeText(place)}, ${sheet.id(place.transaction)}`;
  const { paid, token } = proof;
  const parts = [
    sheet.title(`submission ${proof.submissionId}`),
    ...proof.text,
    '',
    sheet.facts([
      ['state', sheet.state(proof.state)],
      ['job', `${proof.jobId}, window ${proof.window}, contribution ${proof.contribution}`],
      ['operator', sheet.id(proof.operator)],
      ['leased', proof.leased === null ? undefined : placeText(proof.leased)],
      ['submitted', `${at({ at: proof.submitted })}, by ${sheet.id(proof.sender)}`],
      ['proved', proof.proved === null ? undefined : `${at(proof.proved)}, by ${sheet.id(proof.proved.by)}`],
      ['final', proof.final === null ? undefined : `${at(proof.final)}, by ${proof.final.proved ? 'proof' : 'silence'}`],
      [
        proof.over?.what ?? 'over',
        proof.over === null
          ? undefined
          : `${at(proof.over)}${proof.over.finder === null ? '' : `, found by ${sheet.id(proof.over.finder)}`}`,
      ],
      ['proof hash', sheet.id(proof.proofHash)],
      ['parent', proof.parentId === null ? undefined : sheet.id(proof.parentId)],
      ['result', proof.resultId === null ? undefined : sheet.id(proof.resultId)],
      [
        'circuit',
        proof.circuit === null
          ? undefined
          : `${sheet.id(proof.circuit.id)}, ${proof.circuit.name ?? proof.circuit.known?.instance ?? 'unnamed'}${proof.circuit.known?.gates == null ? '' : `, ${proof.circuit.known.gates} gates`}`,
      ],
      ['gas', proof.gas === null ? undefined : String(proof.gas)],
      [
        'latency',
        proof.latency === null
          ? undefined
          : `${proof.latency.blocks} blocks${proof.latency.seconds === null ? '' : `, ${proof.latency.seconds} s`}`,
      ],
      [
        'paid',
        paid === null
          ? undefined
          : `${amountText(paid.worker, token)} to the worker, ${amountText(paid.validators, token)} for validators, ${amountText(paid.licensor, token)} to the licensor, ${amountText(paid.treasury, token)} to the treasury; fee burned ${amountText(paid.feeBurned)}, emitted ${amountText(paid.emitted)}`,
      ],
    ]),
    '',
    sheet.title('public inputs'),
    factTable(sheet, proof.words),
  ];
  if (proof.seats.length > 0) parts.push('', sheet.title('seats'), seatTable(sheet, proof.seats));
  if (proof.demands.length > 0) {
    const rows = proof.demands.map((demand) => [
      sheet.id(demand.challenger),
      `${demand.bond} wei`,
      `until block ${demand.deadline}`,
      placeText(demand.at),
    ]);
    parts.push('', sheet.title('demands'), sheet.table(['challenger', 'bond', 'answer', 'demanded'], rows));
  }
  if (proof.slashes.length > 0) parts.push('', sheet.title('slashes'), slashTable(sheet, proof.slashes));
  parts.push('', `verify it yourself: ${proof.verifyCommand}`);
  return parts.join('\n');
}

function factTable(sheet: Sheet, facts: ProofView['words']): string {
  return sheet.table(
    ['word', 'value', ''],
    facts.map(({ name, value, text }) => [name, sheet.id(value), text]),
  );
}

/** The text of a verdict. */
function verdictText(verdict: StoredVerdict, sheet: Sheet): string {
  const where = { calldata: 'the calldata of its transaction', blobs: 'a blob', nowhere: 'nowhere' }[verdict.source];
  return [
    sheet.title(`submission ${verdict.submissionId}`),
    sheet.facts([
      ['verdict', sheet.state(verdict.verified ? 'verified' : 'false')],
      ['proof from', `${where}${verdict.transaction === null ? '' : `, ${sheet.id(verdict.transaction)}`}`],
      ['circuit', `${verdict.circuit}, rebuilt here; ${verdict.ceremony} ceremony`],
      ['took', `${verdict.seconds.toFixed(1)} s`],
    ]),
    ...verdict.failures.map((failure) => `! ${failure}`),
    '',
    factTable(sheet, verdict.statement),
  ].join('\n');
}

export const exploreProof = defineLook<Input, View>({
  name: 'explore proof',
  summary: 'a submission: what was proved, in words, its course and what it was paid; verified again',
  description:
    'Shows a submission by its id: what it states, its public inputs decoded, gas, payouts, seats, demands, slashes. Without an id it lists submissions, newest ' +
    'first. With --verify the proof is taken from the calldata that was paid for (or from a blob) and verified by the verifier of the circuit rebuilt here; ' +
    'exit code 3 where it is false.',
  arguments: { id: { flags: '[id]', description: 'id of the submission', schema: z.string().optional() } },
  options: {
    verify: {
      flags: '--verify',
      description: 'verify it again; with --json the verdict alone is printed',
      schema: z.boolean().default(false),
    },
    job: { flags: '--job <id>', description: 'list those to this job', schema: z.string().optional() },
    operator: { flags: '--operator <address>', description: 'list those of this operator', schema: z.string().optional() },
    ...pagingOptions,
  },
  examples: ['assay explore proof --job 1', `assay explore proof 0x${'5a'.repeat(32)} --verify`],
  async look(explorer, { id, verify, job, operator, limit = defaultLimit, cursor }, { progress }) {
    if (id === undefined) {
      if (verify) throw new AssayError('CLI_BAD_OPTION', '--verify needs the id of a submission', { exitCode: exitCodes.usage });
      return explorer.proofs({ limit, cursor, jobId: job, operator });
    }
    return verify ? progress.step('verify the proof', (update) => explorer.verifyStored(id, update)) : explorer.proof(id);
  },
  text(view, sheet) {
    if ('items' in view) return pageText(view, 'no submissions', (rows) => proofTable(sheet, rows));
    return 'verified' in view ? verdictText(view, sheet) : proofText(view, sheet);
  },
  path: (view) => ('items' in view ? undefined : paths.proof(view.submissionId)),
  exitCode: (view) => ('verified' in view && !view.verified ? exitCodes.proofInvalid : exitCodes.ok),
});
