// Imports run one way. Each line is a layer; a room may import from lines above its own, never from a room on its own line.
const layers = [
  ['commitment'],
  ['quant'],
  ['data', 'model'],
  ['train', 'proof'],
  ['protocol'],
  ['chain', 'net', 'store'],
  ['node'],
  ['audit', 'explorer'],
  ['cli'],
];
const rooms = layers.flat();
const verifierInterface = '^src/proof/verifier\\.ts$';

/** A room's own rule: it imports no sibling, no room of a later layer, and not the library entry. */
const directionRules = layers.flatMap((layer, i) =>
  layer.map((room) => {
    const forbidden = [...layer.filter((other) => other !== room), ...layers.slice(i + 1).flat()];
    const targets = [...forbidden.map((other) => `^src/${other}/`), '^src/index\\.ts$'];
    return {
      name: `direction-${room}`,
      comment: `src/${room} may import only what stands below it.`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: targets },
    };
  }),
);

module.exports = {
  forbidden: [
    ...directionRules,
    {
      name: 'errors-stand-alone',
      comment: 'src/errors.ts is below every room.',
      severity: 'error',
      from: { path: '^src/errors\\.ts$' },
      to: { path: '^src/' },
    },
    {
      name: 'protocol-knows-only-the-verifier',
      comment: 'The state machine is pure: of src/proof it knows the Verifier interface.',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { path: '^src/proof/', pathNot: verifierInterface },
    },
    {
      name: 'verifier-is-an-interface',
      comment: 'The one file of src/proof that the state machine sees pulls in no backend.',
      severity: 'error',
      from: { path: verifierInterface },
      to: { path: ['^src/(data|model|train|proof)/', 'node_modules'] },
    },
    {
      name: 'protocol-does-no-io',
      comment: 'No I/O in the state machine; the clock is passed in.',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'cli-is-the-top',
      comment: 'Only the command line imports the command line.',
      severity: 'error',
      from: { pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'production-imports-no-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|bin)/' },
    },
    {
      name: 'known-room',
      comment: 'A new room is added to the layers above first.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(errors|index)\\.ts$', `^src/(${rooms.join('|')})/`] },
      to: {},
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared-dependency',
      comment: 'The package ships without devDependencies.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'npm-optional'] },
    },
  ],
  options: {
    // TypeScript 7 has no JavaScript API for other tools: swc parses, and keeps type-only imports.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types', 'default'],
    },
  },
};
