import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createKzg } from '../../src/commitment/kzg.ts';
import { openWindow } from '../../src/commitment/opening.ts';
import { ignitionSrsId, readSrs } from '../../src/commitment/srs.ts';
import { getWindowCircuit } from '../../src/proof/circuitInstance.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk } from '../../src/proof/ultrahonk.ts';
import { buildWindowArtifacts } from '../../src/proof/windowArtifacts.ts';
import { buildWindowWitness } from '../../src/proof/windowWitness.ts';
import { windowFixture } from '../utils/openingFixture.ts';
import { openingHarness } from '../utils/openingHarness.ts';
import { useScratch } from '../utils/useScratch.ts';
import { testCache, windowCase } from '../utils/windowFixture.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

// The `public` profile over the first 32,769 points of Aztec's Ignition SRS, where this machine has them.

const publicDirectory = resolve(import.meta.dirname, '../../../shared/crs');
const reason = existsSync(join(publicDirectory, 'bn254_g1.dat')) ? undefined : "no folder ../shared/crs with Aztec's Ignition points";
const scratch = useScratch('public');

describe('the public ceremony', () => {
  test('a checkpoint of 784-128-10 in blocks of 2^15 opens over the Ignition points, in TypeScript and in the contract', async (context) => {
    if (reason !== undefined) return context.skip(reason);
    const srs = await readSrs(publicDirectory, 2 ** 15 + 1);
    expect(srs).toMatchObject({ id: ignitionSrsId, profile: 'public' });
    const kzg = await createKzg(srs);
    try {
      const harness = await openingHarness();
      for (const open of [true, false]) {
        const fixture = await windowFixture(kzg, srs, { sizes: [784, 128, 10], blockLog: 15, open, label: `ignition ${open}` });
        const opening = await openWindow(kzg, fixture);
        expect(await harness.agreed({ ...fixture, opening })).toBe('accepted');
        const claim = opening.slice();
        claim[95] = (claim[95] as number) ^ 1;
        expect(await harness.agreed({ ...fixture, opening: claim })).toBe('OPENING_PAIRING');
      }
    } finally {
      await kzg.close();
    }
  });

  test('a window of up to 2^15 gates: stock bb, the unmodified contract and our EVM agree', async (context) => {
    if (reason !== undefined) return context.skip(reason);
    const folder = join(scratch.path, 'ignition');
    await mkdir(folder, { recursive: true });
    for (const name of ['bn254_g1.dat', 'bn254_g2.dat']) await copyFile(join(publicDirectory, name), join(folder, name));
    const instance = await getWindowCircuit('train-window-64-32-10-k1');
    const made = await buildWindowArtifacts({
      instance,
      ceremony: { directory: scratch.path, publicDirectory: folder },
      cacheDirectory: join(testCache(), 'artifacts'),
    });
    expect(made.srs).toMatchObject({ id: ignitionSrsId, profile: 'public' });
    expect(made.logSize).toBe(15);
    const honk = await createUltraHonk({ srs: made.srs });
    const { Barretenberg, BackendType, UltraHonkVerifierBackend } = await import('@aztec/bb.js');
    const api = await Barretenberg.new({ backend: BackendType.NativeUnixSocket });
    try {
      // Nothing was put into the contract that bb wrote.
      const settings = { ipaAccumulation: false, oracleHashType: 'keccak', disableZk: false, optimizedSolidityVerifier: true };
      const { solidityCode } = await api.circuitWriteSolidityVerifier({ verificationKey: made.verifyingKey, settings });
      expect(await honk.solidityVerifier(made.verifyingKey)).toBe(solidityCode);

      const window = await windowCase({ instance, label: 'ignition' });
      const built = buildWindowWitness(window.p2, window);
      const { witness } = await solveWitness(made.program, built.inputs);
      const proof = await honk.prove(made.program, made.verifyingKey, witness);
      const verdict = await honkVerdict(made.honkVerifier.runtime);
      const stock = new UltraHonkVerifierBackend(api);
      const words = (values: readonly bigint[]): string[] => values.map((word) => `0x${word.toString(16).padStart(64, '0')}`);
      const bb = (publicInputs: readonly bigint[]): Promise<boolean> =>
        stock.verifyProof(
          { proof: proof.proof, publicInputs: words(publicInputs), verificationKey: made.verifyingKey },
          { verifierTarget: 'evm' },
        );
      const changed = proof.publicInputs.with(7, (proof.publicInputs[7] as bigint) + 1n);
      expect([await bb(proof.publicInputs), await verdict(proof)]).toEqual([true, true]);
      expect([await bb(changed), await verdict({ ...proof, publicInputs: changed })]).toEqual([false, false]);
    } finally {
      await api.destroy();
      await honk.close();
    }
  });
});
