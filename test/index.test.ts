import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as assay from '../src/index.ts';

// What an integrator of audits and of the explorer starts from; that the package carries it is for test/e2e/pack.test.ts to show.
it.each([
  'makeCountsCertificate',
  'makeAnswerCertificate',
  'makeLineageCertificate',
  'makeMembershipCertificate',
  'encodeCertificate',
  'encodeCertificateCbor',
  'decodeCertificate',
  'verifyCertificate',
  'publishCertificate',
  'checkRegistry',
  'reliabilityOf',
  'openExplorer',
  'explorerApp',
  'serveExplorer',
] as const)('the library exports %s', (name) => {
  expect(assay).toMatchObject({ [name]: expect.any(Function) });
});

it('the library exports every action of the contracts', () => {
  const index = readFileSync('src/index.ts', 'utf8');
  const actions = readdirSync('src/chain')
    .filter((file) => file.endsWith('.ts'))
    // An action reads or writes a contract of a deployment, or a token.
    .filter((file) => /^import .*\b(read|write)\b.* from '\.\/call\.ts';$/m.test(readFileSync(`src/chain/${file}`, 'utf8')));
  expect(actions.length).toBeGreaterThan(100);
  expect(actions.filter((file) => !index.includes(`./chain/${file}'`))).toEqual([]);
});
