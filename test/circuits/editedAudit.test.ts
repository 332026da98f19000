import { buildAuditWitness } from '../../src/proof/audit/witness.ts';
import { auditArtifactsOf, auditCase, testAudit } from '../utils/auditFixture.ts';
import { describeEditedCircuit } from '../utils/editedCircuit.ts';

// With margins: every constraint of audits is in it.
const instance = testAudit([4, 3, 2], { thresholds: [13_000] });

describeEditedCircuit({
  what: 'the audit circuit',
  instance,
  artifacts: () => auditArtifactsOf(instance),
  honest: async () => {
    // The last chunk: a sample that only fills is among its own.
    const given = await auditCase(instance, 'edited audit', 2);
    return { p2: given.p2, ...buildAuditWitness(given.p2, given) };
  },
  sample: 8,
  plantedSample: 1,
  plant: [
    {
      file: 'audit.nr',
      from: '    items[FF + LF] = salt;\n',
      to: `    items[FF + LF] = salt;
    // Safety: none, on purpose.
    let free = unsafe { guess(salt) };
    assert(free * free == free);
`,
    },
    {
      file: 'audit.nr',
      from: '// The leaf stands at `index` under the root.',
      to: 'unconstrained fn guess(x: Field) -> Field {\n    if x == 7 { 1 } else { 0 }\n}\n\n// The leaf stands at `index` under the root.',
    },
  ],
});
