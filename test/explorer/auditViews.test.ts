import type { Hex } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getAuditCounts } from '../../src/chain/getAuditCounts.ts';
import { indexReader } from '../../src/chain/indexReader.ts';
import { syncIndex } from '../../src/chain/syncIndex.ts';
import { auditText } from '../../src/cli/explore/audit.ts';
import { createSheet } from '../../src/cli/explore/sheet.ts';
import { auditViewOf } from '../../src/explorer/auditViews.ts';
import { chainFacts } from '../../src/explorer/chainFacts.ts';
import { emptySummary } from '../../src/explorer/summary.ts';
import type { ViewContext } from '../../src/explorer/viewContext.ts';
import { auditView } from '../../src/explorer/views.ts';
import { memoryIndex } from '../utils/memoryIndex.ts';
import { type SettlementStage, startSettlementStage } from '../utils/settlementStage.ts';
import { stageAudits } from '../utils/stageAudits.ts';

const thresholds = [131_072, 400_000];

let stage: SettlementStage;
let context: ViewContext;
let plain: Hex;
let withMargins: Hex;

beforeAll(async () => {
  stage = await startSettlementStage();
  const { finder: chain, deployment } = stage;
  ({ completed: plain } = await stageAudits(stage));
  ({ completed: withMargins } = await stageAudits(stage, {
    thresholds,
    claims: [{ kind: 'calibration', class: 2, numerator: 9n, denominator: 10n }],
  }));
  const storage = memoryIndex();
  for (let caughtUp = false; !caughtUp; ) ({ caughtUp } = await syncIndex(chain, deployment, { storage }));
  const nothingKept = { setFact: async () => undefined, fact: async () => undefined };
  context = {
    chain,
    deployment,
    reader: indexReader(storage, deployment),
    facts: chainFacts(chain, deployment, nothingKept),
    summary: async () => emptySummary(),
  };
});

afterAll(() => stage?.close());

/** The view of an audit, held to its shape. */
const viewOf = async (auditId: Hex, about: ViewContext = context) => auditView.parse(await auditViewOf(about, auditId));

it('counts of an audit with thresholds are told by margin, as the registry has them', async () => {
  const view = await viewOf(withMargins);
  expect(view.thresholds).toEqual(thresholds);
  expect(view.counts).toEqual((await getAuditCounts(stage.finder, stage.deployment, withMargins)).map(String));
  expect(view.counts).toHaveLength(300);
  // Right answers reach both thresholds, wrong ones none.
  expect([view.counts?.[33 * 3 + 2], view.counts?.[37 * 3]]).toEqual(['10', '6']);
  expect(view.proved.map(({ counts }) => [counts?.[33 * 3 + 2], counts?.[37 * 3]])).toEqual([
    ['5', '3'],
    ['5', '3'],
  ]);
  expect(view.reliability).toEqual([
    { right: '0', samples: '6' },
    { right: '0', samples: '0' },
    { right: '10', samples: '10' },
  ]);
  expect(view.claims.map(({ kind, text }) => [kind, text])).toEqual([
    ['calibration', 'Of exactly 10 answers with a margin of at least 400000, at least 9 are right.'],
  ]);
});

it('an audit without thresholds has no table of margins', async () => {
  const view = await viewOf(plain);
  expect(view).toMatchObject({ thresholds: [], reliability: null });
  expect(view.counts).toEqual((await getAuditCounts(stage.finder, stage.deployment, plain)).map(String));
  expect([view.counts?.length, view.counts?.[33], view.counts?.[37]]).toEqual([100, '10', '6']);
});

it.each([
  ['the node does not tell the shape', async () => undefined],
  ['the shape is no audit’s', async () => ({ shape: '0x1234' })],
])('no counts are shown where %s', async (_why, circuit) => {
  const view = await viewOf(withMargins, { ...context, facts: { ...context.facts, circuit: circuit as ViewContext['facts']['circuit'] } });
  expect(view).toMatchObject({ thresholds: null, counts: null, reliability: null });
  expect(view.proved.map(({ counts }) => counts)).toEqual([null, null]);
  expect(view.claims[0]?.text).toContain('that reaches threshold 2 of the circuit');
  // What does not need the shape is there.
  expect(view).toMatchObject({ state: 'completed', chunks: { wanted: 2, proved: 2 } });
});

it('the command’s text has answers of all margins together, and right answers by margin', async () => {
  const sheet = createSheet(false, false);
  const lines = auditText(await viewOf(withMargins), sheet).split('\n');
  const cells = lines.map((line) => line.trim().split(/ {2,}/));
  expect(cells).toContainEqual(['3', '0', '0', '0', '10', '0', '0', '0', '6', '0', '0']);
  expect(cells).toContainEqual(['0', '0', '6', '0.0 %']);
  expect(cells).toContainEqual(['400000', '10', '10', '100.0 %']);
  expect(auditText(await viewOf(plain), sheet)).not.toContain('by margin');
});
