import { gunzipSync } from 'node:zlib';
import { BackendType, Barretenberg } from '@aztec/bb.js';
import type { Srs } from '../../src/commitment/srs.ts';
import type { CompiledProgram } from '../../src/proof/solveWitness.ts';

export type PlainProofs = {
  /** Public inputs and proof, in hex: the same for the same values. */
  prove(program: CompiledProgram, witness: Uint8Array): Promise<string>;
  close(): Promise<void>;
};

/** A prover without zero knowledge, hence without randomness: two witnesses with one proof are one witness to the prover. */
export async function plainProofs(srs: Srs): Promise<PlainProofs> {
  process.env['CRS_PATH'] = srs.directory;
  const api = await Barretenberg.new({ backend: BackendType.NativeUnixSocket });
  const settings = { ipaAccumulation: false, oracleHashType: 'keccak', disableZk: true, optimizedSolidityVerifier: true };
  return {
    async prove(program, witness) {
      const circuit = { name: 'circuit', bytecode: gunzipSync(Buffer.from(program.bytecode, 'base64')) };
      const { bytes: verificationKey } = await api.circuitComputeVk({ circuit, settings });
      const made = await api.circuitProve({ circuit: { ...circuit, verificationKey }, witness: gunzipSync(witness), settings });
      return Buffer.concat([...made.publicInputs, ...made.proof]).toString('hex');
    },
    close: () => api.destroy(),
  };
}
