import { expect, test } from 'vitest';
import { specId } from '../../src/commitment/ids.ts';
import { specOf } from '../../src/proof/specOf.ts';
import { defaultSpec, weightBits } from '../../src/quant/spec.ts';

test('every arithmetic that model import gives is found by its id, any other is not', () => {
  expect(specOf(specId(defaultSpec(4)))).toEqual(defaultSpec(4));
  const bits = { ...defaultSpec(2, 3), fx: 6, fa: 6, actBits: 9 };
  const imported = { ...bits, wmax: 2 ** (weightBits(bits) + 2) };
  expect(specOf(specId(imported))).toEqual(imported);
  expect(specOf(specId({ ...imported, wmax: imported.wmax - 1 }))).toBeUndefined();
});
