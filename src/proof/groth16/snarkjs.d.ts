// The parts of snarkjs 0.7.6 that this project calls. The package ships no types.
declare module 'snarkjs' {
  export type Logger = Record<'debug' | 'info' | 'warn' | 'error', (text: string) => void>;
  type Memory = { readonly type: 'mem'; readonly data: Uint8Array };
  type Points = readonly (readonly string[])[];

  export const zKey: {
    /** @returns the circuit's hash, or -1 */
    newZKey(r1cs: string, ptau: string, zkey: string, logger?: Logger): Promise<Uint8Array | number>;
    contribute(from: string, to: string, name: string, entropy: string, logger?: Logger): Promise<Uint8Array>;
    beacon(from: string, to: string, name: string, hash: string, iterationsExp: number, logger?: Logger): Promise<Uint8Array | false>;
    verifyFromR1cs(r1cs: string, ptau: string, zkey: string, logger?: Logger): Promise<boolean>;
  };
  export const groth16: {
    prove(
      zkey: string,
      wtns: string | Memory,
      logger?: Logger,
    ): Promise<{
      readonly proof: { readonly pi_a: readonly string[]; readonly pi_b: Points; readonly pi_c: readonly string[] };
      readonly publicSignals: readonly string[];
    }>;
  };
}
