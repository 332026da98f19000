import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { exportOnnx } from '../../src/model/exportOnnx.ts';
import { classify } from '../../src/train/classify.ts';
import { stepCase } from '../utils/stepCases.ts';

test('the reference names the class that the exported model names, on random specs, shapes, weights and samples', async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(stepCase, async ({ spec, sizes, weights, features }) => {
      const session = await InferenceSession.create(exportOnnx(spec, sizes, weights), { logSeverityLevel: 3 });
      const shape = [features.length / (sizes[0] as number), sizes[0] as number];
      const { class: named } = await session.run({ features: new Tensor('uint8', features, shape) });
      const classes = classify(spec, sizes, weights, features);
      for (const c of classes) seen.add(c);
      expect([...classes]).toEqual([...((named as Tensor).data as BigInt64Array)].map(Number));
      await session.release();
    }),
    { numRuns: 150, seed: 7 },
  );
  expect(seen.size).toBeGreaterThan(3);
});
