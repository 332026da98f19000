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
