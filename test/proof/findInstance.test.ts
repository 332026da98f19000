import { expect, test } from 'vitest';
import { type ModelShape, specId } from '../../src/commitment/ids.ts';
import { ceremonySrsId } from '../../src/proof/ceremony.ts';
import type { AuditInstance } from '../../src/proof/circuitInstance.ts';
import { findInstance } from '../../src/proof/findInstance.ts';
import { listKnownCircuits } from '../../src/proof/knownCircuits.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('findInstance');
const srsId = await ceremonySrsId({});
const shape: ModelShape = { specId: specId(defaultSpec(4)), srsId, blockLog: 15, sizes: [4, 2], g2Tau: [1n, 2n, 3n, 4n] };
const own = {
  statement: 'audit',
  system: 'noir',
  samples: 10,
  groups: 1,
  treeDepth: 4,
  output: 'counts',
  thresholds: [],
} as const satisfies Omit<AuditInstance, 'name' | 'sizes' | 'spec' | 'blockLog'>;
const find = (asked: Partial<Parameters<typeof findInstance<AuditInstance>>[0]> = {}) =>
  findInstance<AuditInstance>({ shape, own, ceremony: {}, cacheDirectory: scratch.path, hint: 'a hint', ...asked });

test('a shape leads to the circuit of its model and of all that its statement adds', async () => {
  const made = await find();
  expect(made).toMatchObject({ ...own, sizes: [4, 2], spec: defaultSpec(4) });
  // What is known is taken, not made again under another name.
  expect(await find()).toEqual(made);
  expect(await find({ own: { ...own, thresholds: [5] } })).toMatchObject({ thresholds: [5] });
  expect(await find({ shape: { ...shape, sizes: [4, 3] } })).toMatchObject({ ...own, sizes: [4, 3] });
  const names = (await listKnownCircuits(scratch.path)).map(({ name }) => name);
  expect(names.filter((name) => /^audit-4-[23]-x10-t4/.test(name))).toHaveLength(3);
});

test('another ceremony, an arithmetic that no model has, and a shape that contradicts itself have none', async () => {
  const other = `0x${'11'.repeat(32)}` as const;
  const mismatch = { name: 'AssayError', code: 'CIRCUIT_MISMATCH', hint: 'a hint' };
  await expect(find({ shape: { ...shape, srsId: other } })).rejects.toMatchObject(mismatch);
  await expect(find({ shape: { ...shape, specId: other } })).rejects.toMatchObject(mismatch);
  await expect(find({ fits: ({ spec }) => spec.lb === 5 })).rejects.toMatchObject(mismatch);
  expect(await find({ fits: ({ spec }) => spec.lb === 4 })).toEqual(await find());
});
