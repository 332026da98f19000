import { buildInferenceWitness } from '../../src/proof/inference/noirWitness.ts';
import { describeEditedCircuit } from '../utils/editedCircuit.ts';
import { inferenceArtifactsOf, inferenceCase, testInference } from '../utils/inferenceFixture.ts';

const instance = testInference([4, 3, 2], { inputs: 2 });

describeEditedCircuit({
  what: 'the inference circuit',
  instance,
  artifacts: () => inferenceArtifactsOf(instance),
  honest: async () => {
    // A neuron inside its range, so that a free excess exists; others beyond both edges.
    const given = await inferenceCase({ instance, label: 'edited inference', hidden: [60, -3, 140] });
    return { p2: given.p2, ...buildInferenceWitness(given.p2, given) };
  },
  sample: 8,
  plantedSample: 1,
  plant: [
    {
      file: 'inference.nr',
      from: '    items[FF] = salt;\n',
      to: `    items[FF] = salt;
    // Safety: none, on purpose.
    let free = unsafe { guess(salt) };
    assert(free * free == free);
`,
    },
    {
      file: 'inference.nr',
      from: '// The activations a (S x M)',
      to: 'unconstrained fn guess(x: Field) -> Field {\n    if x == 7 { 1 } else { 0 }\n}\n\n// The activations a (S x M)',
    },
  ],
});
