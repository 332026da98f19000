import { expect, it } from 'vitest';
import { explorerApp } from '../../../src/explorer/http/explorerApp.ts';
import type { AuditView } from '../../../src/explorer/views.ts';
import { fakeExplorer, fakeIds } from '../../utils/fakeExplorer.ts';

/** The page of an audit, as text. */
async function pageOf(change: Partial<AuditView> = {}): Promise<string> {
  const explorer = fakeExplorer();
  const audit = { ...(await explorer.audit(fakeIds.audit)), ...change };
  const app = explorerApp({ ...explorer, audit: async () => audit });
  const page = await (await app.fetch(new Request(`http://127.0.0.1:8080/audit/${fakeIds.audit}`))).text();
  await app.close();
  return page.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
}

it('answers of every margin are in one table, right answers by margin in another', async () => {
  const page = await pageOf();
  expect(page).toContain('13 of 16 right (81.25 %)');
  expect(page).toContain('Class 0 1 Recall 0 7 1 87.5 % 1 2 6 75 %');
  expect(page).toContain('Margin from Right Answers Share 0 2 5 40 % 131,072 11 11 100 %');
});

it('an audit without thresholds has no second table', async () => {
  const page = await pageOf({ thresholds: [], counts: ['7', '1', '2', '6'], reliability: null });
  expect(page).toContain('Class 0 1 Recall 0 7 1 87.5 % 1 2 6 75 %');
  expect(page).not.toContain('By margin');
});

it('counts whose circuit is not known are not shown as none', async () => {
  const page = await pageOf({ thresholds: null, counts: null, reliability: null });
  expect(page).toContain('its counts cannot be read');
  expect(page).not.toContain('Recall');
});
