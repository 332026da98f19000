import { expect, test } from 'vitest';
import { type ModelShape, specId } from '../../src/commitment/ids.ts';
import type { AuditInstance } from '../../src/proof/circuitInstance.ts';
import { rebuildInstance } from '../../src/proof/rebuildInstance.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('rebuildInstance');

/** The audit circuit of a shape that somebody wrote into a certificate. */
const rebuild = (change: { readonly blockLog?: number; readonly samples?: number } = {}) => {
  const { blockLog = 15, samples = 10 } = change;
  const shape: ModelShape = {
    specId: specId(defaultSpec(4)),
    srsId: `0x${'11'.repeat(32)}`,
    blockLog,
    sizes: [4, 2],
    g2Tau: [1n, 2n, 3n, 4n],
  };
  return rebuildInstance<AuditInstance>(shape, scratch.path, (common) => ({
    ...common,
    statement: 'audit',
    system: 'noir',
    samples,
    groups: 1,
    treeDepth: 4,
    output: 'counts',
    thresholds: [],
  }));
};

test('sizes that no circuit has are refused by name, whoever wrote them', async () => {
  expect((await rebuild())?.name).toBe('audit-4-2-x10-t4');
  for (const change of [{ blockLog: 16 }, { blockLog: 28 }, { samples: 1025 }, { samples: 70_000 }]) {
    await expect(rebuild(change), JSON.stringify(change)).rejects.toMatchObject({ name: 'AssayError', code: 'CIRCUIT_SHAPE' });
  }
});
