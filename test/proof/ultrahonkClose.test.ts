import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const module = join(import.meta.dirname, '../../src/proof/ultrahonk.ts');

it('a prover closed as soon as it was started leaves nothing behind that ends the process', async () => {
  const program = `
    const { createUltraHonk } = await import(${JSON.stringify(module)});
    for (let i = 0; i < 8; i++) {
      const honk = await createUltraHonk({ srs: { directory: ${JSON.stringify(import.meta.dirname)} } });
      await honk.close();
    }
    // Longer than a start may take: what was left behind would come up by now.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    console.log('alive');
  `;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect([stdout, stderr]).toEqual(['alive\n', '']);
});
