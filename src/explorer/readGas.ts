import type { Hex } from 'viem';
import type { Gas } from './metrics.ts';
import type { CurveSample } from './summary.ts';
import type { ViewContext } from './viewContext.ts';

/** Receipts that are asked for at once. */
const atOnce = 8;
/** Of which the gas is remembered, at most; what comes above is not asked for. */
const most = 100_000;

/** Reads receipts of proofs in the background: the index has no gas, and pages do not wait for it. */
export function readGas({ facts }: Pick<ViewContext, 'facts'>): {
  /** The latest are read first. */
  want(samples: readonly Pick<CurveSample, 'proof'>[]): void;
  /** Of those that were read. */
  total(): Gas;
  stop(): Promise<void>;
} {
  type Proof = { readonly transactionHash: Hex; readonly blockHash: Hex };
  const seen = new Set<Hex>();
  const queue: Proof[] = [];
  let total = 0;
  let transactions = 0;
  let stopped = false;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (queue.length > 0 && !stopped) {
      const batch = queue.splice(-atOnce);
      await Promise.all(
        batch.map(async (proof) => {
          const receipt = await facts.receipt(proof);
          if (receipt === undefined) {
            // The node does not have it now; another look may find it.
            seen.delete(proof.transactionHash);
            return;
          }
          total += receipt.gasUsed;
          transactions++;
        }),
      );
    }
  }

  return {
    want(samples) {
      for (const { proof } of samples) {
        if (proof === undefined || seen.has(proof.transactionHash) || seen.size >= most) continue;
        seen.add(proof.transactionHash);
        queue.push(proof);
      }
      if (queue.length === 0 || stopped) return;
      running ??= run().finally(() => {
        running = undefined;
      });
    },
    total: () => ({ total, transactions }),
    async stop() {
      stopped = true;
      await running;
    },
  };
}
