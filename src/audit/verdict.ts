import type { Hex } from 'viem';
import { AssayError } from '../errors.ts';
import type { EnsureSrsParameters } from '../proof/ceremony.ts';

export type VerifyKindParameters<Kind> = {
  readonly certificate: Kind;
  readonly ceremony: Omit<EnsureSrsParameters, 'points'>;
  /** Folder of compiled circuits, keys and verifiers. */
  readonly cacheDirectory: string;
  readonly onProgress?: (what: string) => void;
};

export type VerifyCertificateReturnType = {
  /** Nothing was found wrong. */
  readonly valid: boolean;
  /** Why it is not valid. */
  readonly failures: readonly string[];
  /** What only a chain can show. */
  readonly open: readonly string[];
  readonly ceremony: 'dev' | 'public';
};

/** Collects what is wrong with a certificate. */
export type Findings = {
  readonly failures: string[];
  readonly must: (holds: boolean, problem: string) => void;
  readonly verdict: (open: readonly string[], ceremony: 'dev' | 'public') => VerifyCertificateReturnType;
};

export function findings(): Findings {
  const failures: string[] = [];
  return {
    failures,
    must: (holds, problem) => void (holds || failures.push(problem)),
    verdict: (open, ceremony) => ({ valid: failures.length === 0, failures, open, ceremony }),
  };
}

/** What a decoder reads; undefined where it refuses. */
export function readOrNone<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof AssayError) return undefined;
    throw error;
  }
}

/** A word of a certificate. */
export const wordOf = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;
