import type { AuditRow, CheckpointRow, EventRow, JobRow, NodeRow, ProofRow, SeatView, SlashRow, WindowRow } from '../../explorer/views.ts';
import { amountText, numberText, placeText, type Sheet } from './sheet.ts';

// The lists that several commands show, one function each.

export function jobTable(sheet: Sheet, rows: readonly JobRow[]): string {
  return sheet.table(
    ['job', 'state', 'mode', 'asks', 'final', 'price', 'paid', 'requester', 'opened'],
    rows.map((job) => [
      job.id,
      sheet.state(job.state),
      job.mode,
      job.statement === 'inference' ? 'answers' : 'training',
      `${job.finalized} of ${job.windows}`,
      amountText(job.price, job.token),
      amountText(job.paid, job.token),
      sheet.id(job.requester),
      placeText(job.opened),
    ]),
  );
}

export function windowTable(sheet: Sheet, rows: readonly WindowRow[]): string {
  return sheet.table(
    ['window', 'contribution', 'operator', 'by', 'loss', 'units', 'gas', 'seconds', 'checkpoint', 'submission', 'final'],
    rows.map((unit) => [
      String(unit.index),
      String(unit.contribution),
      sheet.id(unit.operator),
      unit.proved ? 'proof' : 'silence',
      unit.lossSum ?? '-',
      unit.reward,
      numberText(unit.gas),
      numberText(unit.seconds),
      sheet.id(unit.checkpointId),
      sheet.id(unit.submissionId),
      placeText(unit.final),
    ]),
  );
}

export function proofTable(sheet: Sheet, rows: readonly ProofRow[]): string {
  return sheet.table(
    ['submission', 'job', 'window', 'contribution', 'state', 'operator', 'submitted'],
    rows.map((proof) => [
      sheet.id(proof.submissionId),
      proof.jobId,
      String(proof.window),
      String(proof.contribution),
      sheet.state(proof.state),
      sheet.id(proof.operator),
      placeText(proof.submitted),
    ]),
  );
}

export function nodeTable(sheet: Sheet, rows: readonly NodeRow[]): string {
  return sheet.table(
    ['operator', 'units', 'stake', 'earned', 'seats', 'slashes', 'registered'],
    rows.map((node) => [
      sheet.id(node.operator),
      String(node.units),
      amountText(node.stake),
      node.rewards.map(({ token, amount }) => amountText(amount, token)).join(', ') || '-',
      String(node.seats),
      String(node.slashes),
      placeText(node.registered),
    ]),
  );
}

export function checkpointTable(sheet: Sheet, rows: readonly CheckpointRow[]): string {
  return sheet.table(
    ['checkpoint', 'job', 'window', 'version', 'by', 'parent', 'recorded'],
    rows.map((one) => [
      sheet.id(one.id),
      one.jobId,
      String(one.window),
      String(one.version),
      one.proved ? 'proof' : 'silence',
      sheet.id(one.parentId),
      placeText(one.recorded),
    ]),
  );
}

export function auditTable(sheet: Sheet, rows: readonly AuditRow[]): string {
  return sheet.table(
    ['audit', 'state', 'chunks', 'drawn', 'checkpoint', 'set', 'opener', 'opened'],
    rows.map((audit) => [
      sheet.id(audit.id),
      sheet.state(audit.state),
      `${audit.chunks.proved} of ${audit.chunks.wanted}`,
      audit.draws === 0 ? 'whole set' : String(audit.draws),
      sheet.id(audit.checkpointId),
      sheet.id(audit.setId),
      sheet.id(audit.opener),
      placeText(audit.opened),
    ]),
  );
}

export function slashTable(sheet: Sheet, rows: readonly SlashRow[]): string {
  return sheet.table(
    ['slashed', 'for', 'burned', 'finder', 'finder has', 'harmed have', 'submission', 'at'],
    rows.map((slash) => [
      sheet.id(slash.operator),
      sheet.state(slash.reason),
      amountText(slash.burned),
      sheet.id(slash.finder),
      amountText(slash.finderPart),
      amountText(slash.harmedPart),
      sheet.id(slash.submissionId),
      placeText(slash.at),
    ]),
  );
}

export function seatTable(sheet: Sheet, rows: readonly SeatView[]): string {
  return sheet.table(
    ['seat', 'validator', 'state', 'submission', 'committed'],
    rows.map((seat) => [
      String(seat.seat),
      sheet.id(seat.operator),
      sheet.state(seat.state),
      sheet.id(seat.submissionId),
      placeText(seat.committed),
    ]),
  );
}

export function eventTable(sheet: Sheet, rows: readonly EventRow[]): string {
  return sheet.table(
    ['block', 'event', ''],
    rows.map((event) => [String(event.at.block), event.name, event.text]),
  );
}
