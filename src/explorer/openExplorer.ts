import { join } from 'node:path';
import { type Address, hexToBigInt } from 'viem';
import { getBlockNumber } from 'viem/actions';
import { type ChainEvent, isEventName } from '../chain/chainEvent.ts';
import { connectChain } from '../chain/connectChain.ts';
import { assertDeployment, type Deployment } from '../chain/deployment.ts';
import { indexEvents } from '../chain/indexEvents.ts';
import { type IndexReader, indexReader } from '../chain/indexReader.ts';
import { AssayError, exitCodes, walkCauses } from '../errors.ts';
import { openChainIndex } from '../store/chainIndex.ts';
import { readBlobs } from '../store/readBlobs.ts';
import { auditRowOf, auditViewOf } from './auditViews.ts';
import type { Blobs } from './blobs.ts';
import { chainFacts } from './chainFacts.ts';
import { checkpointRowOf, checkpointViewOf, lineageViewOf } from './checkpointViews.ts';
import { circuitViewOf } from './circuitView.ts';
import type { Explorer, Paging } from './explorer.ts';
import { curveViewOf, jobRowOf, jobViewOf, samplesOf, windowRowOf, windowViewOf } from './jobViews.ts';
import { keepSummary } from './keepSummary.ts';
import { defaultPeriod, longestPeriod, metricsOf } from './metrics.ts';
import { nodePage, nodeViewOf } from './nodeViews.ts';
import { proofRowOf, proofViewOf, seatViewOf, slashRowOf } from './proofViews.ts';
import { readGas } from './readGas.ts';
import { compareWithChain, headlineOf } from './recompute.ts';
import { searchIndex } from './search.ts';
import { transactionViewOf } from './transactionView.ts';
import { type CircuitSettings, requireSettings, verifyStored } from './verifyStored.ts';
import {
  type EventNamed,
  eventRowOf,
  notFound,
  pageView,
  paging,
  parseAddress,
  parseHash,
  parseNumber,
  type ViewContext,
} from './viewContext.ts';
import type { PageView } from './views.ts';

export type OpenExplorerParameters = {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** Folder of the index; made where there is none. One process at a time. */
  readonly directory: string;
  /** Of the package, for `status`. */
  readonly version: string;
  /** Blocks that must follow one before it is indexed. Default 0. */
  readonly confirmations?: number;
  /** Milliseconds between looks at the chain. Default: the connection's. */
  readonly pollingInterval?: number;
  /** Where circuits and the ceremony's files are kept: without them nothing is verified. */
  readonly circuits?: CircuitSettings;
  /** Store folders of this machine to read blobs from; they may belong to running nodes. */
  readonly stores?: readonly string[];
};

/** Blocks whose hashes the index keeps: a deeper reorganisation makes it start over. */
const kept = 64;

/**
 * Opens the explorer of a deployment: an index of its events, kept at the head of the chain in the background until it is closed.
 *
 * @throws CHAIN_RPC_UNREACHABLE, CHAIN_WRONG_CHAIN, CHAIN_NOT_DEPLOYED, STORE_LOCKED, STORE_CORRUPT, STORE_OPEN
 *
 * @example
 * const explorer = await openExplorer({ rpcUrl: 'http://127.0.0.1:8545', deployment, directory: '/var/lib/assay/explorer', version: '0.1.0' });
 * await explorer.ready();
 * console.log((await explorer.jobs({ limit: 10 })).items);
 * await explorer.close();
 */
export async function openExplorer(parameters: OpenExplorerParameters): Promise<Explorer> {
  const { deployment, version, confirmations = 0, pollingInterval, circuits } = parameters;
  const chain = await connectChain({
    rpcUrl: parameters.rpcUrl,
    chainId: deployment.chainId,
    ...(pollingInterval === undefined ? {} : { pollingInterval }),
  });
  await assertDeployment(chain, deployment);
  const storage = await openChainIndex(join(parameters.directory, 'index'));
  const reader = indexReader(storage, deployment);
  const facts = chainFacts(chain, deployment, storage);
  const assay = deployment.addresses.token;
  const summary = keepSummary({ reader, storage, assay, firstBlock: deployment.firstBlock, kept });
  const context: ViewContext = { chain, deployment, reader, facts, summary: () => summary.current() };
  const stores = (parameters.stores ?? []).map(readBlobs);
  const blobs: Blobs | undefined =
    stores.length === 0
      ? undefined
      : {
          async get(id) {
            for (const store of stores) {
              const bytes = await store.get(id);
              if (bytes !== undefined) return bytes;
            }
            return undefined;
          },
          list: async () => [...new Set((await Promise.all(stores.map((store) => store.list()))).flat())],
        };
  const startedAt = new Date().toISOString();
  const listeners = new Set<(block: number) => void>();
  let failure: AssayError | undefined;
  let closed = false;
  const index = indexEvents(chain, deployment, {
    storage,
    confirmations,
    kept,
    ...(pollingInterval === undefined ? {} : { pollingInterval }),
    onProgress(block) {
      failure = undefined;
      for (const listener of listeners) listener(block);
    },
    onReorg: ({ ancestor }) => summary.rollBack(ancestor),
    onRange: (range) => summary.add(range),
    onError(error) {
      failure = error;
    },
  });
  const gas = readGas(context);

  /** An answer that was put together while blocks were taken back is put together again. */
  async function steady<T>(answer: () => Promise<T>): Promise<T> {
    if (closed) throw new AssayError('EXPLORER_CLOSED', 'the explorer is closed');
    try {
      return await answer();
    } catch (error) {
      if (walkCauses(error, (e) => (e as { code?: string }).code === 'CHAIN_EVENT_MISSING') === undefined) throw error;
      return answer();
    }
  }

  const onlyOne = (query: Readonly<Record<string, unknown>>, ...fields: readonly string[]): void => {
    const given = fields.filter((field) => query[field] !== undefined);
    if (given.length > 1) throw new AssayError('CHAIN_QUERY_INVALID', `ask by one of ${given.join(', ')}`, { exitCode: exitCodes.usage });
  };
  const field = (text: string): bigint => hexToBigInt(parseHash(text));

  /** The newest events of a name first. */
  const eventPage = async <name extends ChainEvent['name'], T>(
    name: name,
    about: Parameters<IndexReader['events']>[0]['about'],
    query: Paging,
    show: (event: EventNamed<name>) => Promise<T>,
  ): Promise<PageView<T>> =>
    pageView(await reader.events({ ...paging(query), name, about, newestFirst: true }), (event) => show(event as EventNamed<name>));

  /** An operator by its own address or its hot key's. */
  const operatorOf = async (account: Address): Promise<Address> => {
    const { operators } = await summary.current();
    if (operators.has(account)) return account;
    return [...operators].find(([, { hotKey }]) => hotKey === account)?.[0] ?? account;
  };

  return {
    status: async () => {
      const head = await getBlockNumber(chain.client, { cacheTime: 0 }).catch(() => undefined);
      const indexed = (await reader.indexed())?.number;
      return {
        chainId: chain.chainId,
        jobManager: deployment.addresses.jobManager,
        firstBlock: deployment.firstBlock,
        indexed: indexed ?? null,
        head: head === undefined ? null : Number(head),
        behind: head === undefined ? null : Math.max(0, Number(head) - confirmations - (indexed ?? deployment.firstBlock - 1)),
        confirmations,
        startedAt,
        version,
        error: failure === undefined ? null : { code: failure.code, message: failure.message },
        blobs: blobs !== undefined,
      };
    },
    async ready(block) {
      const target = block ?? Number(await getBlockNumber(chain.client, { cacheTime: 0 })) - confirmations;
      const isThere = async (): Promise<boolean> => target < deployment.firstBlock || ((await reader.indexed())?.number ?? -1) >= target;
      while (!closed) {
        if (await isThere()) return;
        await new Promise((done) => setTimeout(done, 20));
      }
      throw new AssayError('EXPLORER_CLOSED', 'the explorer was closed before it had come so far');
    },
    metrics: ({ period = defaultPeriod } = {}) =>
      steady(async () => {
        if (!Number.isInteger(period) || period < 1 || period > longestPeriod)
          throw new AssayError('EXPLORER_PERIOD', `a period has 1 to ${longestPeriod} blocks, not ${period}`, {
            exitCode: exitCodes.usage,
          });
        const [current, indexed, supply] = [await summary.current(), await reader.indexed(), await facts.supply()];
        const latest = [...current.jobs.values()].slice(-200).flatMap(({ curve }) => curve.last ?? []);
        gas.want(latest);
        return metricsOf(current, { block: indexed?.number, period, assay, supply, gas: gas.total() });
      }),
    recompute: () =>
      steady(async () => {
        const indexed = await reader.indexed();
        if (indexed === undefined) throw new AssayError('EXPLORER_NOT_INDEXED', 'no block is indexed yet');
        const headline = headlineOf(await summary.current(), assay);
        const block = await reader.indexed();
        // The index has gone on between the two: once more, of its new block.
        if (block === undefined || block.hash !== indexed.hash)
          return compareWithChain(chain, deployment, headlineOf(await summary.current(), assay), (await reader.indexed()) ?? indexed);
        return compareWithChain(chain, deployment, headline, indexed);
      }),
    search: (text) => steady(async () => searchIndex(reader, await summary.current(), text)),
    jobs: ({ requester, modelId, ...query } = {}) =>
      steady(async () => {
        onlyOne({ requester, modelId }, 'requester', 'modelId');
        const by = {
          ...(requester === undefined ? {} : { requester: parseAddress(requester) }),
          ...(modelId === undefined ? {} : { modelId: parseHash(modelId) }),
        };
        return pageView(await reader.jobs({ ...paging(query), ...by }), (job) => jobRowOf(context, job));
      }),
    job: (id) => steady(() => jobViewOf(context, parseNumber(id))),
    windows: (jobId, { newestFirst = false, ...query } = {}) =>
      steady(async () => {
        const id = parseNumber(jobId);
        const job = await reader.job(id);
        if (job === undefined) throw notFound('job', jobId);
        const trains = hexToBigInt(job.terms.datasetId) !== 0n;
        const page = await reader.events({ ...paging(query), name: 'WindowFinalized', about: ['jobId', id], newestFirst });
        return pageView(page, (event) => windowRowOf(context, id, (event as EventNamed<'WindowFinalized'>).args.submissionId, trains));
      }),
    window: (jobId, at) => steady(() => windowViewOf(context, parseNumber(jobId), at)),
    curve: (jobId) =>
      steady(async () => {
        const id = parseNumber(jobId);
        gas.want(samplesOf((await summary.current()).jobs.get(String(id))?.curve));
        return curveViewOf(context, id);
      }),
    proofs: ({ jobId, operator, ...query } = {}) =>
      steady(async () => {
        onlyOne({ jobId, operator }, 'jobId', 'operator');
        const about =
          jobId !== undefined
            ? (['jobId', parseNumber(jobId)] as const)
            : operator !== undefined
              ? (['operator', parseAddress(operator)] as const)
              : undefined;
        return eventPage('WindowSubmitted', about, query, (event) => proofRowOf(context, event));
      }),
    proof: (id) => steady(() => proofViewOf(context, parseHash(id))),
    verifyStored: (id, onStep) =>
      steady(() =>
        verifyStored(context, parseHash(id), { settings: requireSettings(circuits), blobs, ...(onStep === undefined ? {} : { onStep }) }),
      ),
    nodes: (query = {}) => steady(() => nodePage(context, query)),
    node: (operator) => steady(async () => nodeViewOf(context, await operatorOf(parseAddress(operator)))),
    slashes: ({ operator, ...query } = {}) =>
      steady(async () =>
        pageView(
          await reader.slashes({ ...paging(query), ...(operator === undefined ? {} : { operator: parseAddress(operator) }) }),
          (slash) => slashRowOf(context, slash),
        ),
      ),
    seats: ({ operator, submissionId, ...query } = {}) =>
      steady(async () => {
        onlyOne({ operator, submissionId }, 'operator', 'submissionId');
        const by = {
          ...(operator === undefined ? {} : { operator: parseAddress(operator) }),
          ...(submissionId === undefined ? {} : { submissionId: parseHash(submissionId) }),
        };
        return pageView(await reader.seats({ ...paging(query), ...by }), (seat) => seatViewOf(context, seat));
      }),
    checkpoints: ({ jobId, circuitId, ...query } = {}) =>
      steady(async () => {
        onlyOne({ jobId, circuitId }, 'jobId', 'circuitId');
        const about =
          jobId !== undefined
            ? (['jobId', parseNumber(jobId)] as const)
            : circuitId !== undefined
              ? (['circuitId', parseHash(circuitId)] as const)
              : undefined;
        return eventPage('CheckpointRecorded', about, query, (event) => checkpointRowOf(context, event));
      }),
    checkpoint: (id) => steady(() => checkpointViewOf(context, parseHash(id))),
    lineage: (id, query = {}) => steady(() => lineageViewOf(context, parseHash(id), query)),
    audits: ({ checkpointId, setId, ...query } = {}) =>
      steady(async () => {
        onlyOne({ checkpointId, setId }, 'checkpointId', 'setId');
        const about =
          checkpointId !== undefined
            ? (['checkpointId', field(checkpointId)] as const)
            : setId !== undefined
              ? (['setId', field(setId)] as const)
              : undefined;
        return eventPage('AuditOpened', about, query, (event) => auditRowOf(context, event));
      }),
    audit: (id) => steady(() => auditViewOf(context, parseHash(id))),
    circuit: (id) => steady(() => circuitViewOf(context, parseHash(id))),
    transaction: (hash) => steady(() => transactionViewOf(context, parseHash(hash))),
    events: ({ name, jobId, submissionId, operator, checkpointId, newestFirst = true, ...query } = {}) =>
      steady(async () => {
        onlyOne({ jobId, submissionId, operator, checkpointId }, 'jobId', 'submissionId', 'operator', 'checkpointId');
        if (name !== undefined && !isEventName(name))
          throw new AssayError('CHAIN_QUERY_INVALID', `the contracts have no event ${name.slice(0, 60)}`, { exitCode: exitCodes.usage });
        const about =
          jobId !== undefined
            ? (['jobId', parseNumber(jobId)] as const)
            : submissionId !== undefined
              ? (['submissionId', parseHash(submissionId)] as const)
              : operator !== undefined
                ? (['operator', parseAddress(operator)] as const)
                : checkpointId !== undefined
                  ? (['checkpointId', field(checkpointId)] as const)
                  : undefined;
        return pageView(await reader.events({ ...paging(query), name, about, newestFirst }), (event) => eventRowOf(context, event));
      }),
    onBlock(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      if (closed) return;
      closed = true;
      listeners.clear();
      await Promise.all([index.stop(), gas.stop()]);
      await summary.store();
      await storage.close();
    },
  };
}
