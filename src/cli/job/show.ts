import type { Address, Hex } from 'viem';
import { showTokens } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { connectReader } from '../framework/connectReader.ts';
import { showId } from '../framework/ids.ts';
import { jobNumber } from '../framework/jobOption.ts';
import { columns } from '../framework/output.ts';
import { describeJob, type JobFacts } from './describeJob.ts';

type Input = { readonly id: bigint };

type Shown = JobFacts & {
  readonly lease: {
    readonly submissionId: Hex;
    readonly state: string;
    readonly operator: Address;
    readonly window: number;
    readonly deadline: number;
  } | null;
  readonly finalizedWindows: readonly {
    readonly window: number;
    readonly operator: Address;
    readonly lossSum: number;
    readonly reward: string;
    readonly checkpointId: Hex;
    readonly submissionId: Hex;
    readonly transactionHash: Hex;
  }[];
  /** Of an inference job. */
  readonly answers: readonly {
    readonly input: number;
    readonly operator: Address;
    readonly inputId: Hex;
    /** The statement's output words. */
    readonly outputs: readonly Hex[];
    readonly reward: string;
    readonly submissionId: Hex;
    readonly transactionHash: Hex;
  }[];
};

export const jobShow = defineCommand<Input, Shown>({
  name: 'job show',
  summary: 'show a job: its terms, its lease, the windows that it has paid',
  arguments: { id: { flags: '<id>', description: 'number of the job', schema: jobNumber } },
  examples: ['assay job show 1'],
  async run({ settings }, { id }) {
    const { getJob } = await import('../../chain/getJob.ts');
    const { getLease } = await import('../../chain/getLease.ts');
    const { getLineage } = await import('../../chain/getLineage.ts');
    const { chain, deployment } = await connectReader(settings);
    const { getAnswers } = await import('../../chain/getAnswers.ts');
    const { statementName } = await getJob(chain, deployment, id);
    const answers = statementName === 'inference' ? await getAnswers(chain, deployment, id) : [];
    const windows = statementName === 'inference' ? [] : (await getLineage(chain, deployment, id)).windows;
    const job = await getJob(chain, deployment, id);
    const { getSlot } = await import('../../chain/getSlot.ts');
    const { holder } = await getSlot(chain, deployment, id);
    const lease = holder === undefined ? undefined : await getLease(chain, deployment, holder);
    return {
      ...describeJob(job),
      lease:
        lease === undefined
          ? null
          : {
              submissionId: lease.submissionId,
              state: lease.state,
              operator: lease.operator,
              window: Number(lease.windowIndex),
              deadline: Number(lease.deadline),
            },
      finalizedWindows: windows.map((w) => ({
        window: Number(w.windowIndex),
        operator: w.operator,
        lossSum: Number(w.lossSum),
        reward: showTokens(w.reward),
        checkpointId: showId(w.childId),
        submissionId: w.submissionId,
        transactionHash: w.transactionHash,
      })),
      answers: answers.map((a) => ({
        input: Number(a.windowIndex),
        operator: a.operator,
        inputId: showId(a.inputId),
        outputs: a.outputs.map(showId),
        reward: showTokens(a.reward),
        submissionId: a.submissionId,
        transactionHash: a.transactionHash,
      })),
    };
  },
  render(shown) {
    const { lease, finalizedWindows, answers } = shown;
    const asks = shown.statement === 'inference';
    const facts = columns([
      [
        'job',
        `${shown.jobId}: ${shown.state}, ${shown.finalized} of ${shown.windows} ${asks ? 'answers' : `windows of ${shown.steps} steps`}`,
      ],
      ['requester', shown.requester],
      [
        'price',
        `${shown.price} ${asks ? 'an answer' : 'a window'}, bond ${shown.bond}, penalty of a lapse ${shown.lapsePenalty}; ${shown.escrow} in escrow`,
      ],
      [
        'mode',
        shown.mode === 'eager'
          ? `eager, ${shown.contributions} ${shown.contributions === 1 ? 'proof' : 'proofs, merged,'} a window`
          : `optimistic: final after ${shown.finalityBlocks} blocks of silence, ${shown.submitted - shown.finalized} wait; ${shown.validators} validators a window`,
      ],
      [
        'leases',
        `${shown.leaseBlocks} blocks, the first ${shown.freeReleaseBlocks} free to give back; evidence for ${shown.evidenceBlocks} more`,
      ],
      ['circuit', shown.circuitId],
      ['model', shown.modelId],
      ...(asks
        ? [
            ['checkpoint', shown.genesisId],
            ['worker', shown.worker ?? 'anyone'],
            ['well-formed', shown.wellFormedCircuit ?? 'not asked for'],
          ]
        : [
            ['data set', `${shown.datasetId}, root ${shown.datasetRoot}`],
            ['genesis', shown.genesisId],
            ['head', shown.headId],
            ['seed', shown.batchSeed ?? 'not drawn yet'],
          ]),
      ['lease', lease === null ? 'none yet' : `window ${lease.window} of ${lease.operator}: ${lease.state}, until block ${lease.deadline}`],
    ]);
    if (answers.length > 0) {
      const answered = answers.map((a) => [
        String(a.input),
        a.operator,
        a.outputs.map((word) => String(BigInt(word))).join(' '),
        a.reward,
        a.submissionId,
      ]);
      return `${facts}\n\n${columns([['input', 'operator', 'output words', 'paid', 'submission'], ...answered])}`;
    }
    if (finalizedWindows.length === 0) return facts;
    const rows = finalizedWindows.map((w) => [String(w.window), w.operator, String(w.lossSum), w.reward, w.submissionId]);
    return `${facts}\n\n${columns([['window', 'operator', 'loss', 'paid', 'submission'], ...rows])}`;
  },
});
