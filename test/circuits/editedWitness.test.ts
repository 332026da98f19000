import { buildWindowWitness } from '../../src/proof/windowWitness.ts';
import { describeEditedCircuit } from '../utils/editedCircuit.ts';
import { testInstance, windowArtifactsOf, windowCase } from '../utils/windowFixture.ts';

const instance = testInstance([4, 3, 2], { treeDepth: 1 });

describeEditedCircuit({
  what: 'the window circuit',
  instance,
  artifacts: () => windowArtifactsOf(instance),
  honest: async () => {
    // A neuron inside its range, so that a free excess exists; others beyond both edges.
    const window = await windowCase({ instance, label: 'edited witness', hidden: [60, -3, 140], output: [9, 30] });
    return { p2: window.p2, ...buildWindowWitness(window.p2, window) };
  },
  sample: 60,
  plantedSample: 12,
  plant: [
    // In the function `loss`.
    {
      file: 'fixed.nr',
      from: 'let mut sum = 0;\n    for i in 0..B {',
      to: `let mut sum = 0;
    // Safety: none, on purpose.
    let free = unsafe { guess(errors[0][0]) };
    assert(free * free == free);
    for i in 0..B {`,
    },
    {
      file: 'fixed.nr',
      from: '// Sum of e^2 over a minibatch.',
      to: 'unconstrained fn guess(x: Field) -> Field {\n    if x == 7 { 1 } else { 0 }\n}\n',
    },
  ],
});
