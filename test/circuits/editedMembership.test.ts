import { buildMembershipWitness } from '../../src/proof/membership/witness.ts';
import { describeEditedCircuit } from '../utils/editedCircuit.ts';
import { membershipArtifactsOf, membershipCase, testMembership } from '../utils/membershipFixture.ts';

const instance = testMembership(5);

describeEditedCircuit({
  what: 'the membership circuit',
  instance,
  artifacts: () => membershipArtifactsOf(instance),
  honest: async () => {
    const given = await membershipCase(instance, 'edited membership', { index: 1, place: 0 });
    return { p2: given.p2, ...buildMembershipWitness(given.p2, given) };
  },
  bare: ['context'],
  sample: 4,
  plantedSample: 1,
  plant: [
    {
      file: 'membership.nr',
      from: '    items[F + 1] = salt;\n',
      to: `    items[F + 1] = salt;
    // Safety: none, on purpose.
    let free = unsafe { guess(salt) };
    assert(free * free == free);
`,
    },
    {
      file: 'membership.nr',
      from: '// record = H(10;',
      to: 'unconstrained fn guess(x: Field) -> Field {\n    if x == 7 { 1 } else { 0 }\n}\n\n// record = H(10;',
    },
  ],
});
