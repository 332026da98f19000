import type { StatementName } from '../commitment/ids.ts';

/** A proof of one statement: what a statement's verifier contract takes, and what `proofHash` covers. */
export type StatementProof = {
  readonly statementName: StatementName;
  /** The statement's words (docs/reference/encodings.md), canonical field elements. */
  readonly statement: readonly bigint[];
  /** The proof system's own proof: UltraHonk or Groth16. */
  readonly proof: Uint8Array;
  /** Outputs, points and opening, which tie the proof to the committed checkpoints. */
  readonly opening: Uint8Array;
};
