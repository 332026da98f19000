import type { Explorer } from '../../../explorer/explorer.ts';
import { plainData } from '../../framework/plain.ts';
import { auditText } from '../audit.ts';
import { checkpointText } from '../checkpoint.ts';
import { jobText } from '../job.ts';
import { lineageTree } from '../lineageTree.ts';
import { nodeText } from '../node.ts';
import { proofText } from '../proof.ts';
import { proofTable, windowTable } from '../rows.ts';
import { createSheet } from '../sheet.ts';
import { transactionText } from '../tx.ts';
import { windowText } from '../window.ts';
import type { Target } from './tabs.ts';

/** What the live view shows of one thing, as lines of text without colours. */
export async function detailText(explorer: Explorer, target: Target): Promise<string> {
  const sheet = createSheet(false, false);
  const { id } = target;
  switch (target.type) {
    case 'text':
      return target.text;
    case 'job': {
      const [job, curve, windows, proofs] = await Promise.all([
        explorer.job(id),
        explorer.curve(id),
        explorer.windows(id, { newestFirst: true, limit: 10 }),
        explorer.proofs({ jobId: id, limit: 10 }),
      ]);
      const parts = [jobText(plainData({ ...job, curve }), sheet)];
      if (windows.items.length > 0) parts.push('', 'last final windows', windowTable(sheet, plainData(windows.items)));
      if (proofs.items.length > 0) parts.push('', 'last submissions', proofTable(sheet, plainData(proofs.items)));
      return parts.join('\n');
    }
    case 'window': {
      const [jobId = '', index = ''] = id.split('/');
      return windowText(plainData(await explorer.window(jobId, Number(index))), sheet);
    }
    case 'proof':
      return proofText(plainData(await explorer.proof(id)), sheet);
    case 'node': {
      const [node, slashed] = await Promise.all([explorer.node(id), explorer.slashes({ operator: id, limit: 20 })]);
      return nodeText(plainData({ ...node, slashed }), sheet);
    }
    case 'checkpoint': {
      const [checkpoint, lineage] = await Promise.all([explorer.checkpoint(id), explorer.lineage(id, { depth: 20 })]);
      return `${checkpointText(plainData(checkpoint), sheet)}\n\nhistory\n${lineageTree(plainData(lineage), sheet)}`;
    }
    case 'audit':
      return auditText(plainData(await explorer.audit(id)), sheet);
    case 'transaction':
      return transactionText(plainData(await explorer.transaction(id)), sheet);
    case 'circuit': {
      const { id: circuitId, name, statement, known } = plainData(await explorer.circuit(id));
      return sheet.facts([
        ['circuit', circuitId],
        ['name', name ?? 'none'],
        ['statement', statement],
        ['instance', known?.instance],
        ['gates', known?.gates == null ? undefined : String(known.gates)],
      ]);
    }
    default:
      return `${target.type} ${id}: look for what names it`;
  }
}
