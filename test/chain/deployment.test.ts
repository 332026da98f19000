import { expect, test } from 'vitest';
import { type Deployment, deploymentModules, deploymentVersion, parseDeployment } from '../../src/chain/deployment.ts';

const addresses = Object.fromEntries(deploymentModules.map((module) => [module, `0x${'5a'.repeat(20)}`])) as Deployment['addresses'];
const manifest = { version: deploymentVersion, chainId: 31337, blockNumber: 9, firstBlock: 2, addresses };

test('a deployment carries the profile of its chain, and a manifest that says otherwise is refused', () => {
  expect(parseDeployment(manifest)).toEqual({ ...manifest, profile: 'dev' });
  expect(parseDeployment({ ...manifest, profile: 'dev' }).profile).toBe('dev');
  expect(parseDeployment({ ...manifest, chainId: 1 }).profile).toBe('public');
  for (const [chainId, profile] of [
    [31337, 'public'],
    [1, 'dev'],
    [1, 7],
  ]) {
    expect(() => parseDeployment({ ...manifest, chainId, profile })).toThrow(/not a deployment manifest: profile/);
  }
});
