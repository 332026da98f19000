import type { ChainEvent } from '../chain/chainEvent.ts';
import type { FactView, TokenView } from './views.ts';
import { asJson } from './words.ts';

type Terms = Extract<ChainEvent, { name: 'JobOpened' }>['args']['terms'];

const percent = (bps: number): string => `${bps / 100} %`;
const blocks = (count: number): string => `${count} ${count === 1 ? 'block' : 'blocks'}`;

/** An amount in whole tokens where the decimals are known. */
export function showAmount(amount: bigint, { symbol, decimals }: Pick<TokenView, 'symbol' | 'decimals'>): string {
  if (decimals === null) return `${amount} units`;
  const scale = 10n ** BigInt(decimals);
  const rest = String(amount % scale)
    .padStart(decimals, '0')
    .replace(/0+$/, '');
  return `${amount / scale}${rest === '' || decimals === 0 ? '' : `.${rest}`} ${symbol ?? 'tokens'}`;
}

const assay = { symbol: 'ASSAY', decimals: 18 };

/** A job's terms, one by one, with what each means. */
export function describeTerms(terms: Terms, token: TokenView): FactView[] {
  const says: { readonly [name in keyof Terms]: string } = {
    circuitId: 'statement, architecture, arithmetic, ceremony and verifier code',
    datasetId: /^0x0+$/.test(terms.datasetId) ? 'none: the job asks for answers' : 'what is trained on',
    genesisId: 'the checkpoint that the first window starts from, or that is asked',
    token: `pays ${token.symbol ?? 'a token without a name'}`,
    open: terms.open ? 'weights are public' : 'weights are private: only their owner works',
    mode: terms.mode === 0 ? 'eager: a window is proved in the transaction that submits it' : 'optimistic: silence makes a window final',
    contributions: terms.contributions === 1 ? 'one proof a window' : `${terms.contributions} proofs from one parent, merged`,
    validators: `${terms.validators} seats drawn for each submission`,
    maxLapses: `anyone may close the job after ${terms.maxLapses} lease lengths without a proof`,
    windows: `${terms.windows} windows are paid for`,
    leaseBlocks: `a lease lasts ${blocks(terms.leaseBlocks)}`,
    freeReleaseBlocks: `and may be given back free of charge for ${blocks(terms.freeReleaseBlocks)}`,
    priorityBlocks: `a newcomer waits ${blocks(terms.priorityBlocks)} for a fresh window`,
    finalityBlocks: terms.mode === 0 ? 'not of an eager job' : `silence of ${blocks(terms.finalityBlocks)} makes a window final`,
    answerBlocks: terms.mode === 0 ? 'not of an eager job' : `a demanded proof is due within ${blocks(terms.answerBlocks)}`,
    evidenceBlocks: `a fault can be shown for ${blocks(terms.evidenceBlocks)} after a lease is over`,
    price: `${showAmount(terms.price, token)} for a unit`,
    fee: `${showAmount(terms.fee, assay)} burned for a unit`,
    bond: `${showAmount(terms.bond, assay)} of stake behind a unit`,
    lapsePenalty: `${showAmount(terms.lapsePenalty, assay)} burned for a lapse, doubled by each in a row`,
    validatorBps: `${percent(terms.validatorBps)} of the price to validators`,
    licensorBps: `${percent(terms.licensorBps)} to who registered the data set`,
    treasuryBps: `${percent(terms.treasuryBps)} to the treasury`,
    treasury: /^0x0+$/.test(terms.treasury) ? 'none' : 'gets the share above',
    worker: /^0x0+$/.test(terms.worker) ? 'anyone' : 'the only operator that may lease',
    wellFormedCircuit: /^0x0+$/.test(terms.wellFormedCircuit) ? 'not asked for' : 'under which the checkpoint is shown to be well-formed',
  };
  return Object.entries(terms).map(([name, value]) => ({
    name,
    value: String(asJson(value, name)),
    text: says[name as keyof Terms] ?? '',
  }));
}
