import { buildWellFormedWitness } from '../../src/proof/wellFormed/witness.ts';
import { describeEditedCircuit } from '../utils/editedCircuit.ts';
import { testWellFormed, wellFormedArtifactsOf, wellFormedCase } from '../utils/wellFormedFixture.ts';

const instance = testWellFormed([4, 3, 2]);

describeEditedCircuit({
  what: 'the well-formed circuit',
  instance,
  artifacts: () => wellFormedArtifactsOf(instance),
  honest: async () => {
    const given = await wellFormedCase(instance, 'edited well-formed');
    return { p2: given.p2, ...buildWellFormedWitness(given.p2, given) };
  },
  sample: 8,
  plantedSample: 1,
  plant: [
    {
      file: 'well_formed.nr',
      from: '    let mut sum = 0;\n',
      to: `    // Safety: none, on purpose.
    let free = unsafe { guess(b) };
    assert(free * free == free);
    let mut sum = 0;
`,
    },
    {
      file: 'well_formed.nr',
      from: '// w(b) = sum_i w_i b^i',
      to: 'unconstrained fn guess(x: Field) -> Field {\n    if x == 7 { 1 } else { 0 }\n}\n\n// w(b) = sum_i w_i b^i',
    },
  ],
});
