import type { Hex } from 'viem';
import { chunksOf } from '../chain/chunksOf.ts';
import { claimKinds } from '../chain/getAuditClaims.ts';
import { decodeAuditShape } from '../commitment/decodeShape.ts';
import { unpack } from '../commitment/packing.ts';
import { allEvents, type EventNamed, eventRowOf, latestEvent, named, notFound, placeOf, type ViewContext } from './viewContext.ts';
import type { AuditRow, AuditView } from './views.ts';
import { showId } from './words.ts';

/** Blocks after an audit was opened in which its draw must be made: the 8th is what draws, and the EVM knows 256 back. */
const lastDrawBlock = 8 + 256;

type Opened = EventNamed<'AuditOpened'>;

async function chunksWanted(context: ViewContext, { args }: Opened): Promise<readonly number[] | undefined> {
  const { question, auditId } = args;
  if (question.draws > 0) {
    const drawn = await latestEvent(context.reader, 'AuditDrawn', ['auditId', auditId]);
    return drawn === undefined ? undefined : chunksOf(drawn.args.wanted);
  }
  const set = await latestEvent(context.reader, 'SetRegistered', ['setId', args.setId]);
  return Array.from({ length: set?.args.set.chunks ?? 0 }, (_, chunk) => chunk);
}

export async function auditRowOf(context: ViewContext, event: Opened): Promise<AuditRow> {
  const { auditId, checkpointId, setId, opener, question } = event.args;
  const { reader } = context;
  const [wanted, proved, completed, indexed] = await Promise.all([
    chunksWanted(context, event),
    allEvents(reader, 'ChunkProved', ['auditId', auditId]),
    latestEvent(reader, 'AuditCompleted', ['auditId', auditId]),
    reader.indexed(),
  ]);
  const isLate = (indexed?.number ?? 0) > Number(event.blockNumber) + lastDrawBlock;
  return {
    id: auditId,
    checkpointId: showId(checkpointId),
    setId: showId(setId),
    opener,
    setOwner: question.setOwner,
    circuitId: question.circuitId,
    draws: question.draws,
    state: completed !== undefined ? 'completed' : wanted !== undefined ? 'drawn' : isLate ? 'abandoned' : 'opened',
    chunks: { wanted: wanted?.length ?? question.draws, proved: proved.length },
    opened: await placeOf(context, event),
  };
}

/** @throws EXPLORER_NOT_FOUND */
export async function auditViewOf(context: ViewContext, auditId: Hex): Promise<AuditView> {
  const { reader } = context;
  const opened = await latestEvent(reader, 'AuditOpened', ['auditId', auditId]);
  if (opened === undefined) throw notFound('audit', auditId);
  const { checkpointId, setId, question } = opened.args;
  const about = ['auditId', auditId] as const;
  const [row, sets, drawn, proved, completed, claims, disputes, ofSet, completedOfSet, segments, events, thresholds] = await Promise.all([
    auditRowOf(context, opened),
    allEvents(reader, 'SetRegistered', ['setId', setId]),
    latestEvent(reader, 'AuditDrawn', about),
    allEvents(reader, 'ChunkProved', about),
    latestEvent(reader, 'AuditCompleted', about),
    allEvents(reader, 'AuditClaimed', about),
    allEvents(reader, 'AuditDisputed', about),
    allEvents(reader, 'AuditOpened', ['setId', setId]),
    allEvents(reader, 'AuditCompleted', ['setId', setId]),
    allEvents(reader, 'SegmentProved', ['checkpointId', checkpointId]),
    reader.events({ about, limit: 200 }),
    thresholdsOf(context, question.circuitId),
  ]);
  const set = sets[0]?.args.set;
  const bins = (thresholds?.length ?? 0) + 1;
  const length = set === undefined || thresholds === undefined ? undefined : set.groups * set.classes ** 2 * bins;
  const chunks = proved.map((event) => ({ event, counts: countsIn(event.args.counts, length) }));
  const counts = chunks.reduce<readonly number[] | undefined>(
    (sums, { counts: own }) => own && sums?.map((sum, i) => sum + (own[i] as number)),
    length === undefined ? undefined : new Array<number>(length).fill(0),
  );
  const isWellFormed = segments.some(({ args }) => args.circuitId === question.wellFormedCircuitId && args.complete);
  return {
    ...row,
    text: sayAudit(row, set, isWellFormed, ofSet.length, completedOfSet.length),
    set:
      set === undefined
        ? null
        : {
            root: showId(set.root),
            depth: set.depth,
            chunks: set.chunks,
            samples: set.samples,
            classes: set.classes,
            groups: set.groups,
            registered: await Promise.all(sets.map(async (event) => ({ owner: event.args.owner, at: await placeOf(context, event) }))),
          },
    wellFormedCircuitId: question.wellFormedCircuitId,
    wellFormed: isWellFormed,
    drawn: drawn === undefined ? null : { seed: drawn.args.seed, wanted: chunksOf(drawn.args.wanted), at: await placeOf(context, drawn) },
    proved: await Promise.all(
      chunks.map(async ({ event, counts: own }) => ({
        chunk: Number(event.args.chunk),
        maskId: showId(event.args.maskId),
        counts: own?.map(String) ?? null,
        at: await placeOf(context, event),
      })),
    ),
    thresholds: thresholds === undefined ? null : [...thresholds],
    counts: counts?.map(String) ?? null,
    reliability: set === undefined || counts === undefined || bins === 1 ? null : reliabilityOf(counts, set.classes, bins),
    completed: completed === undefined ? null : await placeOf(context, completed),
    claims: await Promise.all(
      claims.map(async (event) => {
        const { claim, claimId } = event.args;
        const kind = claimKinds[claim.kind] ?? 'accuracy';
        const against = named(disputes, 'AuditDisputed').filter(({ args }) => args.claimId === claimId);
        return {
          id: String(claimId),
          kind,
          class: claim.class,
          numerator: String(claim.numerator),
          denominator: String(claim.denominator),
          text: sayClaim(kind, claim, thresholds),
          at: await placeOf(context, event),
          disputes: await Promise.all(
            against.map(async (other) => ({
              auditId: other.args.otherId,
              disputer: other.args.disputer,
              at: await placeOf(context, other),
            })),
          ),
        };
      }),
    ),
    tally: { opened: ofSet.length, completed: completedOfSet.length },
    events: await Promise.all(events.items.map((event) => eventRowOf(context, event))),
  };
}

/** Right answers and samples by bin of margin; entry `(label * classes + answer) * bins + bin` of the counts. */
function reliabilityOf(counts: readonly number[], classes: number, bins: number): AuditView['reliability'] {
  return Array.from({ length: bins }, (_, bin) => {
    let [right, samples] = [0, 0];
    for (let i = bin; i < counts.length; i += bins) {
      const [label, answer] = [Math.floor(i / bins / classes), Math.floor(i / bins) % classes];
      const count = counts[i] as number;
      samples += count;
      if (label % classes === answer) right += count;
    }
    return { right: String(right), samples: String(samples) };
  });
}

/** Thresholds of margins that an audit's circuit has; undefined where its shape is not to be had, or is of counts that are not shown. */
async function thresholdsOf({ facts }: ViewContext, circuitId: Hex): Promise<readonly number[] | undefined> {
  const record = await facts.circuit(circuitId);
  try {
    const shape = record === undefined ? undefined : decodeAuditShape(record.shape);
    return shape?.output === 'counts' ? shape.thresholds : undefined;
  } catch {
    // Anyone may register a circuit of any shape.
    return undefined;
  }
}

/** Counts as a chunk's statement has them: 15 to a word, 16 bits each; undefined for words that are no such counts. */
function countsIn(words: readonly bigint[], length: number | undefined): readonly number[] | undefined {
  try {
    return length === undefined ? undefined : unpack(words, 16, length);
  } catch {
    return undefined;
  }
}

function sayClaim(
  kind: (typeof claimKinds)[number],
  { class: of, numerator, denominator }: { class: number; numerator: bigint; denominator: bigint },
  thresholds: readonly number[] | undefined,
): string {
  switch (kind) {
    case 'accuracy':
      return `At least ${numerator} of exactly ${denominator} answers are right.`;
    case 'recall':
      return `At least ${numerator} of exactly ${denominator} answers to samples of class ${of} are right.`;
    case 'parity':
      return `The groups’ rates of answer ${of} differ by at most ${numerator}/${denominator}.`;
    case 'equal-opportunity':
      return `The groups’ rates of right answers to class ${of} differ by at most ${numerator}/${denominator}.`;
    case 'calibration': {
      const margin = thresholds?.[of - 1];
      const reaches = margin === undefined ? `that reaches threshold ${of} of the circuit` : `of at least ${margin}`;
      return `Of exactly ${denominator} answers with a margin ${reaches}, at least ${numerator} are right.`;
    }
  }
}

function sayAudit(
  row: AuditRow,
  set: { chunks: number; samples: number } | undefined,
  isWellFormed: boolean,
  opened: number,
  completed: number,
): string[] {
  const { draws, state, chunks } = row;
  const states = {
    opened: 'Its chunks are not drawn yet.',
    drawn: `${chunks.proved} of ${chunks.wanted} chunks are proved.`,
    completed: 'Every chunk is proved.',
    abandoned: 'Nobody made the draw while the block that draws could be read: it counts for nothing, and stays on show.',
  } as const;
  return [
    draws === 0
      ? `Asks for the answers of a committed model to a whole committed set${set === undefined ? '' : ` of ${set.chunks} chunks of ${set.samples} samples`}.`
      : `Asks for the answers of a committed model to ${draws} chunks${set === undefined ? '' : ` of ${set.chunks}`} that a later block draws.`,
    states[state],
    isWellFormed
      ? 'The checkpoint is shown to be well-formed: it is a model of integers in range, not one fitted to these inputs.'
      : 'The checkpoint is not shown to be well-formed under the circuit that the audit names: do not rely on it.',
    `Over the same set ${opened} ${opened === 1 ? 'audit was' : 'audits were'} opened and ${completed} completed: whoever asks often may choose.`,
    'What is proved is what its circuits say, and anybody registers circuits: verifying the certificate (assay audit verify) rebuilds them.',
  ];
}
