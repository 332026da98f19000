import type { Hex } from 'viem';

/** What a role reports as it happens: one JSON line each with `--json`, a sentence each otherwise. Amounts are decimal strings in wei. */
export type RoleEvent =
  | { readonly event: 'listening'; readonly peerId: string; readonly addresses: readonly string[] }
  | { readonly event: 'registered'; readonly operator: Hex; readonly hotKey: Hex; readonly registrationNonce: number }
  | { readonly event: 'staked'; readonly operator: Hex; readonly amount: string }
  | { readonly event: 'preparing'; readonly what: string }
  | { readonly event: 'jobOpened'; readonly jobId: number; readonly requester: Hex; readonly windows: number }
  | { readonly event: 'inputsAdded'; readonly jobId: number; readonly inputs: number }
  | { readonly event: 'seedCaptured'; readonly jobId: number }
  | { readonly event: 'leased'; readonly jobId: number; readonly windowIndex: number; readonly submissionId: Hex }
  | {
      readonly event: 'proved';
      readonly jobId: number;
      readonly windowIndex: number;
      readonly submissionId: Hex;
      readonly lossSum: number;
      readonly gates: number;
      readonly witnessSeconds: number;
      readonly proofSeconds: number;
      readonly openingSeconds: number;
    }
  | {
      readonly event: 'answered';
      readonly jobId: number;
      readonly windowIndex: number;
      readonly submissionId: Hex;
      readonly system: 'groth16' | 'ultrahonk';
      readonly witnessSeconds: number;
      readonly proofSeconds: number;
      readonly openingSeconds: number;
    }
  | {
      readonly event: 'announced';
      readonly jobId: number;
      readonly windowIndex: number;
      readonly submissionId: Hex;
      readonly listeners: number;
    }
  /** `seconds`: of the validator, how long it took to judge; of a worker, how long it waited for the word. */
  | { readonly event: 'attested'; readonly submissionId: Hex; readonly verdict: string; readonly validator: Hex; readonly seconds: number }
  | {
      readonly event: 'submitted';
      readonly jobId: number;
      readonly windowIndex: number;
      readonly submissionId: Hex;
      readonly gas: number;
      readonly transactionHash: Hex;
    }
  /** A transaction that waited too long for a block was sent again, for more a unit of gas (in wei). */
  | { readonly event: 'replaced'; readonly nonce: number; readonly transactionHash: Hex; readonly maxFeePerGas: string }
  /** Windows from this one on whose silence was over, or that were proved, are final now. */
  | { readonly event: 'finalized'; readonly jobId: number; readonly fromWindow: number }
  | { readonly event: 'merged'; readonly jobId: number; readonly windowIndex: number }
  /** This validator has demanded a proof that nobody showed. */
  | { readonly event: 'demanded'; readonly submissionId: Hex; readonly transactionHash: Hex }
  /** A proof was demanded of this worker, and posted. */
  | { readonly event: 'posted'; readonly submissionId: Hex; readonly transactionHash: Hex }
  /** A seat of a submission that this validator was drawn for. */
  | { readonly event: 'seat'; readonly submissionId: Hex; readonly seat: number; readonly step: 'committed' | 'revealed' | 'settled' }
  /** A window of an optimistic job is paid. */
  | { readonly event: 'paid'; readonly jobId: number; readonly windowIndex: number; readonly submissionId: Hex }
  | { readonly event: 'abandoned'; readonly submissionId: Hex; readonly reason: string }
  | {
      readonly event: 'slashed';
      readonly submissionId: Hex;
      readonly operator: Hex;
      readonly reason: string;
      readonly amount: string;
      readonly transactionHash: Hex;
    }
  /** Of what a slash could not take at once. */
  | {
      readonly event: 'collected';
      readonly submissionId: Hex;
      readonly operator: Hex;
      readonly amount: string;
      readonly transactionHash: Hex;
    }
  | { readonly event: 'claimed'; readonly account: Hex; readonly amount: string }
  | { readonly event: 'jobEnded'; readonly jobId: number; readonly state: string; readonly finalized: number }
  | { readonly event: 'warning'; readonly code: string; readonly message: string };

export type Emit = (event: RoleEvent) => void;
