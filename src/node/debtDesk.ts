import type { Hex } from 'viem';
import { collectDebt } from '../chain/collectDebt.ts';
import { getDebt } from '../chain/getDebt.ts';
import { getStake } from '../chain/getStake.ts';
import { AssayError } from '../errors.ts';
import type { Role } from './openRole.ts';
import type { Emit } from './roleEvent.ts';

/** What operators still owe for the lies that this validator has shown, since bonds held their stake then. */
export type DebtDesk = {
  /** Collects what is free now. What fails is told and tried again. */
  tend(): Promise<void>;
};

export function createDebtDesk(role: Pick<Role, 'chain' | 'deployment' | 'store'>, emit: Emit): DebtDesk {
  const { chain, deployment, store } = role;
  const paid = new Set<string>();

  const follow = async (submissionId: Hex, operator: Hex): Promise<void> => {
    const debt = await getDebt(chain, deployment, operator, submissionId);
    if (debt === undefined) {
      paid.add(`${operator}/${submissionId}`);
      return;
    }
    const { active, unbonding, locked } = await getStake(chain, deployment, operator);
    const within = active + unbonding - locked;
    // A part is worth its transaction only where no bond is to bring the rest.
    if (within === 0n || (within < debt.amount && locked > 0n)) return;
    const { collected, hash } = await collectDebt(chain, deployment, operator, submissionId);
    emit({ event: 'collected', submissionId, operator, amount: collected.toString(), transactionHash: hash });
  };

  return {
    async tend() {
      for (const { state, submissionId, operator } of await store.evidence.all()) {
        if (state !== 'slashed' || paid.has(`${operator}/${submissionId}`)) continue;
        try {
          await follow(submissionId, operator);
        } catch (error) {
          if (!(error instanceof AssayError)) throw error;
          // Somebody else was first: the finder's part is this validator's all the same.
          if (error.code === 'CHAIN_NOTHING_TO_COLLECT') continue;
          emit({ event: 'warning', code: error.code, message: error.message });
        }
      }
    },
  };
}
