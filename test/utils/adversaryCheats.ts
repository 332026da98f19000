import type { Hex } from 'viem';
import type { ChainWriter } from '../../src/chain/connectChain.ts';
import type { LeaseRecord } from '../../src/chain/getLease.ts';
import { lease } from '../../src/chain/lease.ts';
import { releaseLease } from '../../src/chain/releaseLease.ts';
import { batchIndex, leafDigest } from '../../src/commitment/merkle.ts';
import { type MinibatchSet, minibatchAt } from '../../src/data/minibatchSet.ts';
import { type CommittedCheckpoint, commitWeights } from '../../src/node/jobMaterial.ts';
import { referenceStep } from '../../src/train/referenceStep.ts';
import { type AdversaryDevnet, type Round, smallMinibatches } from './adversaryDevnet.ts';
import { type Entry, submitAnyway } from './adversaryHandIn.ts';
import {
  type Binding,
  bindingOf,
  contextFor,
  leaseRecord,
  openByForce,
  openFor,
  proveInside,
  proveStory,
  type Story,
  wordsOf,
} from './adversaryProofs.ts';
import { honestStory, type Training, trainStory } from './adversaryTraining.ts';
import { codeOf } from './codeOf.ts';

/** Where a cheat begins: the first window is finalized and paid, nobody holds a lease. */
export type Stage = {
  readonly devnet: AdversaryDevnet;
  readonly round: Round;
  /** Checkpoint that the next window starts from. */
  readonly head: CommittedCheckpoint;
  /** The honest worker's proof of the first window, as everybody can see it on chain. */
  readonly first: Entry;
  readonly firstSubmission: Hex;
};

/** Something that a cheat hands in. */
export type Attempt = {
  readonly what: string;
  readonly entry: Entry;
  /** Under which lease it is handed in. Default: the adversary's. */
  readonly submissionId?: Hex;
  /** Who sends it. Default: the adversary's hot key. */
  readonly sender?: ChainWriter;
  /** The statement and binding for which the proof, as a whole, is true; it was made for them. */
  readonly trueOf?: { readonly statement: readonly bigint[]; readonly binding?: Binding };
};

export type Cheating = {
  /** The lease that the attempts are made under. */
  readonly lease: LeaseRecord;
  /** Codes with which the product's own prover refused. */
  readonly refusals: readonly string[];
  readonly attempts: readonly Attempt[];
};

export type Cheat = { readonly name: string; readonly run: (stage: Stage) => Promise<Cheating> };

/** The adversary takes the next window, with a bond. */
async function takeLease({ devnet, round, head }: Stage, party = devnet.adversary): Promise<LeaseRecord> {
  const { submissionId } = await lease(party.hot, devnet.deployment, round.jobId, 0n, head.id);
  return leaseRecord(devnet, submissionId);
}

type Desk = { readonly stage: Stage; readonly held: LeaseRecord; readonly honest: Story };

async function sit(stage: Stage): Promise<Desk> {
  const held = await takeLease(stage);
  return { stage, held, honest: await honestStory(stage.devnet, stage.round, held, stage.head) };
}

const trained = ({ stage, held, honest }: Desk, changes: Partial<Training>): Promise<Story> =>
  trainStory(stage.devnet, stage.round, {
    context: contextFor(stage.devnet, held),
    parent: stage.head,
    firstStep: honest.firstStep,
    ...changes,
  });

/**
 * Tells the product's prover the lie as it is. A proof that comes out all the same is handed in.
 */
async function asTold({ stage }: Desk, lie: Story): Promise<{ refusals: string[]; attempts: Attempt[] }> {
  const made: Attempt[] = [];
  const code = await codeOf(async () => {
    const proof = await proveStory(stage.devnet, lie);
    made.push({ what: 'what the prover made of the lie', entry: { ...proof, child: lie.child } });
  });
  return { refusals: code === undefined ? [] : [code], attempts: made };
}

/**
 * Ids that are not those of the weights in the circuit. The circuit never sees an id, so its proof is true; the opening has to lie: forced to the
 * circuit's E, or true with an E of its own.
 */
async function halfTrue({ stage: { devnet } }: Desk, lie: Story, inside: Pick<Story, 'parent' | 'child'>): Promise<Attempt[]> {
  const proof = await proveInside(devnet, lie, inside);
  const entry = (opening: Uint8Array): Entry => ({ ...proof, opening, child: lie.child });
  return [
    {
      what: 'a true circuit proof, an opening whose remainder is dropped',
      entry: entry(await openByForce(devnet, proof, lie, 'remainder')),
    },
    {
      what: 'a true circuit proof, an opening that hides the difference in the purity claim',
      entry: entry(await openByForce(devnet, proof, lie, 'pure')),
    },
    { what: 'a true opening of another E than the circuit gave', entry: entry(await openFor(devnet, proof, lie, proof.statement)) },
  ];
}

/** A proof that is true of another statement, handed in for the one that the chain asks about: as it is, and with its opening made anew. */
async function otherStatement({ stage: { devnet } }: Desk, told: Story, asked: Story, binding = bindingOf(devnet)): Promise<Attempt[]> {
  const proof = await proveInside(devnet, told);
  const words = wordsOf({ ...asked, child: told.child, lossSum: told.lossSum }, proof.statement[3] as bigint);
  const own = await openFor(devnet, proof, told, proof.statement, binding);
  return [
    {
      what: 'a true proof of another statement',
      entry: { statement: words, proof: proof.proof, opening: own, child: told.child },
      trueOf: { statement: proof.statement, binding },
    },
    {
      what: "a true circuit proof of another statement, an opening made for the chain's",
      entry: {
        statement: words,
        proof: proof.proof,
        opening: await openFor(devnet, proof, { parent: asked.parent, child: told.child }, words),
        child: told.child,
      },
    },
  ];
}

/** The data set with every label moved by one. */
function relabelled({ devnet, round }: Stage): MinibatchSet {
  const { p2 } = devnet;
  const minibatches = round.dataset.minibatches.map((batch) => ({ ...batch, labels: batch.labels.map((label) => (label + 1) % 4) }));
  const leaves = minibatches.map(({ features, labels, salt }) => leafDigest(p2, features, 4, labels, salt));
  return { ...round.dataset, minibatches, leaves };
}

/** The lie about the data, told under the job's own root: the path cannot lead there. */
async function otherData(desk: Desk, dataset: MinibatchSet): Promise<Cheating> {
  const told = await trained(desk, { dataset });
  const { refusals, attempts } = await asTold(desk, { ...told, datasetRoot: desk.honest.datasetRoot });
  // With the honest siblings too: the leaf is then the wrong one.
  const paths = told.steps.map((step, k) => ({ ...step, path: desk.honest.steps[k]?.path ?? [] }));
  const second = await asTold(desk, { ...told, datasetRoot: desk.honest.datasetRoot, steps: paths });
  return {
    lease: desk.held,
    refusals: [...refusals, ...second.refusals],
    attempts: [...attempts, ...second.attempts, ...(await otherStatement(desk, told, desk.honest))],
  };
}

/** A proof whose context is that of another lease, operator, job, window or chain. */
async function otherContext(
  stage: Stage,
  changes: Parameters<typeof contextFor>[2],
  binding?: Binding,
): Promise<Cheating & { desk: Desk }> {
  const desk = await sit(stage);
  const told = { ...desk.honest, context: contextFor(stage.devnet, desk.held, changes) };
  return { desk, lease: desk.held, refusals: [], attempts: await otherStatement(desk, told, desk.honest, binding) };
}

/** The twelve ways to be paid for what was not done. Each makes the best of it that is known. */
export const cheats: readonly Cheat[] = [
  {
    name: 'frozen weights',
    async run(stage) {
      const desk = await sit(stage);
      const lie = { ...desk.honest, child: stage.head };
      const told = await asTold(desk, lie);
      return { lease: desk.held, ...told, attempts: [...told.attempts, ...(await halfTrue(desk, lie, desk.honest))] };
    },
  },
  {
    name: 'wrong learning rate',
    async run(stage) {
      const desk = await sit(stage);
      const twice = await trained(desk, { rate: 2 });
      const told = await asTold(desk, twice);
      const lie = { ...desk.honest, child: twice.child };
      return { lease: desk.held, ...told, attempts: [...told.attempts, ...(await halfTrue(desk, lie, desk.honest))] };
    },
  },
  {
    name: 'other batch',
    async run(stage) {
      const desk = await sit(stage);
      const told = await asTold(desk, await trained(desk, { shift: 1 }));
      // The seed that would select the batches one likes better.
      const seeded = await trained(desk, { batchSeed: stage.round.batchSeed + 1n });
      return { lease: desk.held, ...told, attempts: [...told.attempts, ...(await otherStatement(desk, seeded, desk.honest))] };
    },
  },
  {
    name: 'another data set',
    async run(stage) {
      const desk = await sit(stage);
      return otherData(desk, await smallMinibatches(stage.devnet.p2, `another ${stage.round.jobId} ${stage.round.batchSeed}`));
    },
  },
  {
    name: 'swapped labels',
    async run(stage) {
      return otherData(await sit(stage), relabelled(stage));
    },
  },
  {
    name: 'stale parent',
    async run(stage) {
      const { devnet, round, head } = stage;
      const moved = await codeOf(() => lease(devnet.adversary.hot, devnet.deployment, round.jobId, 0n, round.genesis.id));
      const desk = await sit(stage);
      const stale = await trained(desk, { parent: round.genesis });
      // Its own id, and the head's id over the stale weights.
      const told = await asTold(desk, { ...stale, parent: { ...head, weights: round.genesis.weights } });
      return {
        lease: desk.held,
        refusals: [...told.refusals, ...(moved === undefined ? [] : [moved])],
        attempts: [
          ...told.attempts,
          ...(await otherStatement(desk, stale, desk.honest)),
          ...(await halfTrue(desk, { ...stale, parent: head }, stale)),
        ],
      };
    },
  },
  {
    name: 'skipped step',
    async run(stage) {
      const desk = await sit(stage);
      const { devnet, head } = stage;
      const { spec, sizes } = devnet.artifacts.instance;
      const first = desk.honest.steps[0] as Story['steps'][number];
      const index = batchIndex(devnet.p2, stage.round.batchSeed, desk.honest.firstStep, stage.round.tree.depth);
      const batch = minibatchAt(devnet.p2, stage.round.dataset, index);
      const once = referenceStep(spec, sizes, head.weights, batch);
      const child = await commitWeights(devnet.kzg, devnet.artifacts, once.weights);
      // The same step said twice, and a window that begins a step later.
      const told = await asTold(desk, { ...desk.honest, child, steps: [first, first], lossSum: 2 * once.loss });
      const later = await trained(desk, { firstStep: desk.honest.firstStep + 1 });
      return {
        lease: desk.held,
        ...told,
        attempts: [
          ...told.attempts,
          ...(await halfTrue(desk, { ...desk.honest, child }, desk.honest)),
          ...(await otherStatement(desk, later, desk.honest)),
        ],
      };
    },
  },
  {
    name: 'copied proof',
    async run(stage) {
      const { devnet, round, head } = stage;
      const theirs = await takeLease(stage, devnet.honest);
      const story = await honestStory(devnet, round, theirs, head);
      const proof = await proveStory(devnet, story);
      const victim: Entry = { ...proof, child: story.child };
      // Out of the mempool, while the victim still holds the lease.
      const raced = await submitAnyway(devnet, devnet.adversary.hot, theirs.submissionId, victim);
      await releaseLease(devnet.honest.hot, devnet.deployment, theirs.submissionId);
      const held = await takeLease(stage);
      const asked = [contextFor(devnet, held), ...proof.statement.slice(1)];
      return {
        lease: held,
        refusals: raced.status === 'reverted' && raced.code !== undefined ? [raced.code] : [],
        attempts: [
          {
            what: "another worker's proof of the same window",
            entry: { ...victim, statement: asked },
            trueOf: { statement: proof.statement },
          },
        ],
      };
    },
  },
  {
    name: 'other operator',
    async run(stage) {
      const { operator } = stage.devnet.colluder;
      return otherContext(stage, { operator: operator.account.address });
    },
  },
  {
    name: 'other job',
    async run(stage) {
      return otherContext(stage, { jobId: stage.round.jobId + 1n });
    },
  },
  {
    name: 'other window',
    async run(stage) {
      const { desk, ...cheating } = await otherContext(stage, { windowIndex: 2n });
      const { first } = stage;
      const [, , childId, mask, , , , loss] = first.statement as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
      const asked = wordsOf({ ...desk.honest, child: { ...stage.head, id: childId }, lossSum: Number(loss) }, mask);
      const trueOf = { statement: first.statement };
      return {
        ...cheating,
        attempts: [
          ...cheating.attempts,
          { what: 'the proof of the window before, for this window', entry: { ...first, statement: asked }, trueOf },
          {
            what: 'the proof of the window before, once more',
            entry: { ...first, statement: asked },
            submissionId: stage.firstSubmission,
            trueOf,
          },
        ],
      };
    },
  },
  {
    name: 'other chain',
    async run(stage) {
      const chainId = 1337n;
      return otherContext(stage, { chainId }, { ...bindingOf(stage.devnet), chainId });
    },
  },
];
