import { type Address, type Hex, isAddressEqual, zeroAddress, zeroHash } from 'viem';
import { read, type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { ensureAllowance } from './ensureAllowance.ts';
import { eventFrom } from './eventFrom.ts';
import { datasetRegistryAbi } from './generated/DatasetRegistry.ts';
import { jobManagerAbi } from './generated/JobManager.ts';
import type { JobMode } from './getJob.ts';
import type { Permit } from './signPermit.ts';

/** What jobs of every kind are paid and bonded by. Times in blocks, shares of the price in 1/10,000. */
export type PaymentTerms = {
  /** ERC-20 that pays. Default: the deployment's token. */
  readonly token?: Address;
  /** Of one unit (a contribution to a window, or an answer), in the token's units. */
  readonly price: bigint;
  /** Burned for every final unit, in units of 1e-18 ASSAY. Default 0. */
  readonly fee?: bigint;
  /** What a false submission or announcement costs, in units of 1e-18 ASSAY; at least the bond floor (`getParameters`). */
  readonly bond: bigint;
  /** Stake burned when an exclusive lease lapses; doubles with each lapse in a row, up to the bond. Default 0. */
  readonly lapsePenalty?: bigint;
  /** eager: proved in the transaction that submits it; optimistic: silence makes it final. Default eager. */
  readonly mode?: JobMode;
  readonly leaseBlocks: number;
  /** How long an exclusive lease may be released free of charge; less than leaseBlocks. */
  readonly freeReleaseBlocks: number;
  /** How long a newcomer waits for a fresh window; less than leaseBlocks. Default 0. */
  readonly priorityBlocks?: number;
  /** Optimistic: silence that makes a submission final, 10 or more. */
  readonly finalityBlocks?: number;
  /** Optimistic: time to post a proof that is demanded, 10 or more. */
  readonly answerBlocks?: number;
  /** How long after a lease its announcements can be slashed. */
  readonly evidenceBlocks: number;
  /** Lease lengths without a proof after a lapse until anyone may close the job. Default 8. */
  readonly maxLapses?: number;
  /** Optimistic: how many are drawn to attest each window, up to 3. Default 0. */
  readonly validators?: number;
  /** Their share together. Default 0. */
  readonly validatorBps?: number;
  /** Default 0. */
  readonly treasuryBps?: number;
  /** Gets treasuryBps. */
  readonly treasury?: Address | undefined;
};

export type JobTerms = PaymentTerms & {
  readonly circuitId: Hex;
  readonly datasetId: Hex;
  /** Checkpoint that the first window starts from. */
  readonly genesisId: bigint;
  readonly windows: number;
  /** Proofs from one parent a window, merged on chain; more than 1 in eager jobs only. Default 1. */
  readonly contributions?: number;
  /** Share of the dataset's registrant. Default: what its licence asks. */
  readonly licensorBps?: number | undefined;
  /** The weights are public. Default true; otherwise only `worker`, their owner, works. */
  readonly open?: boolean;
  /** The only operator that may lease. Default: any. */
  readonly worker?: Address | undefined;
  /** The circuit that has proved the genesis well-formed. Default: none need have, where the weights are open. */
  readonly wellFormedCircuit?: Hex | undefined;
};

export type OpenJobReturnType = Sent & { readonly jobId: bigint };

/**
 * Opens a training job and escrows price and fee of every unit (approving them first where needed).
 *
 * @throws CHAIN_INVALID_TERMS, CHAIN_BOND_TOO_SMALL, CHAIN_LICENCE_SHARE_TOO_SMALL, CHAIN_NOT_A_START, CHAIN_NEW_JOBS_PAUSED and the refusals
 * of `requireUse`
 */
export async function openJob(chain: ChainWriter, deployment: Deployment, terms: JobTerms): Promise<OpenJobReturnType> {
  const { datasetRegistry } = deployment.addresses;
  const licensorBps =
    terms.licensorBps ?? (await read(chain, datasetRegistryAbi, datasetRegistry, 'dataset', [terms.datasetId])).terms.feeBps;
  return openWith(chain, deployment, { ...terms, licensorBps });
}

/** Opens a job of any kind; `openJob` and `openInferenceJob` say what each kind needs. */
export async function openWith(
  chain: ChainWriter,
  deployment: Deployment,
  terms: JobTerms & { readonly licensorBps: number },
  permit?: Permit,
): Promise<OpenJobReturnType> {
  const { jobManager, token: assay } = deployment.addresses;
  const full = fullTerms(deployment, terms);
  const units = BigInt(full.windows * full.contributions);
  const [price, fee] = [full.price * units, full.fee * units];
  const paysInAssay = isAddressEqual(full.token, assay);
  if (permit === undefined) await ensureAllowance(chain, full.token, jobManager, paysInAssay ? price + fee : price);
  if (!paysInAssay && fee > 0n) await ensureAllowance(chain, assay, jobManager, fee);
  const { receipt, sent } =
    permit === undefined
      ? await write(chain, jobManagerAbi, jobManager, 'openJob', [full])
      : await write(chain, jobManagerAbi, jobManager, 'openJobWithPermit', [
          full,
          permit.value,
          permit.deadline,
          permit.v,
          permit.r,
          permit.s,
        ]);
  return { jobId: eventFrom(receipt, jobManagerAbi, 'JobOpened').jobId, ...sent };
}

/** Every term, as the contract takes it. */
function fullTerms({ addresses }: Deployment, terms: JobTerms & { readonly licensorBps: number }) {
  return {
    token: addresses.token,
    fee: 0n,
    lapsePenalty: 0n,
    priorityBlocks: 0,
    finalityBlocks: 0,
    answerBlocks: 0,
    maxLapses: 8,
    validators: 0,
    validatorBps: 0,
    treasuryBps: 0,
    contributions: 1,
    open: true,
    ...terms,
    mode: terms.mode === 'optimistic' ? 1 : 0,
    treasury: terms.treasury ?? zeroAddress,
    worker: terms.worker ?? zeroAddress,
    wellFormedCircuit: terms.wellFormedCircuit ?? zeroHash,
  };
}
