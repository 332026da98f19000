import { tmpdir } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { BackendType, Barretenberg } from '@aztec/bb.js';
import type { Srs } from '../commitment/srs.ts';
import { AssayError } from '../errors.ts';
import type { CompiledProgram } from './solveWitness.ts';

/** Public inputs and proof of one UltraHonk proof. */
export type HonkProof = {
  /** Field elements, in the circuit's order: public parameters, then the returned values. */
  readonly publicInputs: readonly bigint[];
  /** (82 + 12 log2(circuit size)) words. */
  readonly proof: Uint8Array;
};

/** Gates of a circuit, and the power of two that they pad to (as its exponent). */
export type CircuitSize = { readonly gates: number; readonly logSize: number };

export type UltraHonk = {
  verifyingKey(program: CompiledProgram): Promise<Uint8Array>;
  /** Source of the verifier contract, with the SRS's own tau in G2. */
  solidityVerifier(verifyingKey: Uint8Array): Promise<string>;
  /** @param witness gzipped witness map of noir_js */
  prove(program: CompiledProgram, verifyingKey: Uint8Array, witness: Uint8Array): Promise<HonkProof>;
  close(): Promise<void>;
};

export type CreateUltraHonkParameters = {
  /** Must reach the next power of two above the largest circuit. */
  readonly srs: Srs;
  readonly threads?: number;
};

/** keccak transcript and zero knowledge: what the generated EVM verifier expects. */
const settings = { ipaAccumulation: false, oracleHashType: 'keccak', disableZk: false, optimizedSolidityVerifier: true };

/** Bytes of a proof for a circuit of 2^logSize rows (bb 5.0.0, keccak, zero knowledge). */
export function honkProofBytes(logSize: number): number {
  return (82 + 12 * logSize) * 32;
}

const ignitionG2 = [
  '260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1',
  '0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0',
  '04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4',
  '22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55',
] as const;

/**
 * Starts Barretenberg as a native process of its own.
 *
 * @throws PROVER_UNAVAILABLE where this platform has no native build
 */
export async function createUltraHonk(parameters: CreateUltraHonkParameters): Promise<UltraHonk> {
  const { srs, threads } = parameters;
  const api = await startBarretenberg(srs.directory, threads);
  return {
    async verifyingKey(program) {
      return (await api.circuitComputeVk({ circuit: circuit(program), settings })).bytes;
    },
    async solidityVerifier(verificationKey) {
      const { solidityCode } = await api.circuitWriteSolidityVerifier({ verificationKey, settings });
      return withTau(solidityCode, srs);
    },
    async prove(program, verificationKey, witness) {
      try {
        const { publicInputs, proof } = await api.circuitProve({
          circuit: { ...circuit(program), verificationKey },
          witness: gunzipSync(witness),
          settings,
        });
        return {
          publicInputs: publicInputs.map((word) => BigInt(`0x${Buffer.from(word).toString('hex')}`)),
          proof: new Uint8Array(Buffer.concat(proof)),
        };
      } catch (cause) {
        throw new AssayError('PROVE_FAILED', 'the prover failed', { cause, details: String(cause) });
      }
    },
    async close() {
      await api.destroy();
    },
  };
}

/** Size of a circuit; needs no SRS. @throws PROVER_UNAVAILABLE */
export async function circuitSize(program: CompiledProgram): Promise<CircuitSize> {
  const api = await startBarretenberg(tmpdir(), undefined);
  try {
    const info = await api.circuitStats({
      circuit: { ...circuit(program), verificationKey: new Uint8Array() },
      includeGatesPerOpcode: false,
      settings,
    });
    return { gates: info.numGates, logSize: Math.log2(info.numGatesDyadic) };
  } finally {
    await api.destroy();
  }
}

function circuit(program: CompiledProgram): { name: string; bytecode: Uint8Array } {
  return { name: 'circuit', bytecode: gunzipSync(Buffer.from(program.bytecode, 'base64')) };
}

/** Native only: the WASM build fetches an SRS from the network as it starts, is 3 to 5 times slower, and takes no dev SRS. */
async function startBarretenberg(srsDirectory: string, threads: number | undefined): Promise<Barretenberg> {
  // Barretenberg reads its SRS from here; without it, it would try to download one.
  process.env['CRS_PATH'] = srsDirectory;
  const options = threads === undefined ? {} : { threads };
  try {
    const api = await Barretenberg.new({ ...options, backend: BackendType.NativeUnixSocket });
    // The process only begins to start: closed before it listens, it would reject a promise that nobody holds, and end this process.
    await api.blake2s({ data: new Uint8Array() });
    return api;
  } catch (cause) {
    throw new AssayError('PROVER_UNAVAILABLE', 'the native prover does not run on this machine', {
      cause,
      hint: 'Linux and macOS on x64 and arm64 are supported; `assay doctor` says more.',
    });
  }
}

/** Puts the SRS's tau where the generated contract carries Ignition's: four constants, each exactly once. */
function withTau(source: string, srs: Srs): string {
  return ignitionG2.reduce((text, constant, i) => {
    const parts = text.split(constant);
    if (parts.length !== 2)
      throw new AssayError('VERIFIER_TEMPLATE', 'the generated verifier does not carry the SRS where it was expected');
    return parts.join((srs.g2Tau[i] as bigint).toString(16).padStart(64, '0'));
  }, source);
}
