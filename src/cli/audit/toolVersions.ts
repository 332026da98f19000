import { readFile } from 'node:fs/promises';
import { packagePath } from '../../proof/packagePath.ts';

/** Versions that a certificate names: of this package and of Barretenberg, which package.json pins. */
export async function toolVersions(): Promise<{ readonly assay: string; readonly barretenberg: string }> {
  const { version, dependencies } = JSON.parse(await readFile(packagePath('package.json'), 'utf8')) as {
    version: string;
    dependencies: Readonly<Record<string, string>>;
  };
  return { assay: version, barretenberg: dependencies['@aztec/bb.js'] as string };
}
