import { expect, test } from 'vitest';
import { setProblems } from '../../../src/cli/audit/setProblems.ts';
import { encodeAuditShape, specId } from '../../../src/commitment/ids.ts';
import { loadPoseidon2 } from '../../../src/commitment/poseidon2.ts';
import { srsIdOf } from '../../../src/commitment/srs.ts';
import { cutAuditSet } from '../../../src/data/auditSet.ts';
import { encodeAuditSet } from '../../../src/data/auditSetBlob.ts';
import { defaultSpec } from '../../../src/quant/spec.ts';
import { recutSet } from '../../utils/recutSet.ts';

const g2Tau = [1n, 2n, 3n, 4n] as const;

test('a certificate is of the set in a file, read as samples of the same cut', async () => {
  const dataset = {
    count: 6,
    width: 4,
    classes: 2,
    featureBits: 4,
    features: Uint8Array.from({ length: 24 }, (_, i) => (5 * i) % 16),
    labels: Uint8Array.of(0, 1, 1, 0, 0, 1),
  };
  const p2 = await loadPoseidon2();
  const set = cutAuditSet(p2, dataset, { samples: 3, depth: 2 });
  const shape = (spec: ReturnType<typeof defaultSpec>, sizes: readonly number[]) =>
    encodeAuditShape({
      specId: specId(spec),
      srsId: srsIdOf(g2Tau),
      blockLog: 7,
      sizes,
      samples: 3,
      groups: 1,
      treeDepth: 2,
      output: 'counts',
      thresholds: [],
      proofBytes: 100,
      g2Tau,
    });
  const problems = (file: Uint8Array, of: string, id = set.id) => {
    const setId = `0x${id.toString(16).padStart(64, '0')}`;
    return setProblems('right.audit', file, { kind: 'counts', set: { setId }, circuit: { shape: of } } as never);
  };
  const own = shape(defaultSpec(1), [4, 3, 2]);
  expect(await problems(encodeAuditSet(set), own)).toEqual([]);
  expect(await problems(encodeAuditSet(set), own, set.id + 1n)).toEqual([expect.stringContaining('it is of set 0x')]);
  // The same leaves, told to be of other samples; and a circuit that reads them so.
  const recut = encodeAuditSet(recutSet(set));
  expect(await problems(recut, own)).toEqual(['its circuit does not read the set as samples of 10 features of 2 bits']);
  const narrow = { ...defaultSpec(1), fx: 2, fa: 2 };
  const other = ['its circuit does not read the set as samples of 4 features of 4 bits'];
  expect(await problems(encodeAuditSet(set), shape(narrow, [4, 3, 2]))).toEqual(other);
  expect(await problems(encodeAuditSet(set), shape(defaultSpec(1), [10, 3, 2]))).toEqual(other);
  expect(await problems(encodeAuditSet(set), '0x00')).toEqual(other);
  const membership = { kind: 'membership' } as never;
  expect(await setProblems('right.audit', recut, membership)).toEqual(['a certificate of membership is of no audit set']);
});
