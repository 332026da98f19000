import { basename, dirname } from 'node:path';
import type { Address, Hex } from 'viem';
import { z } from 'zod';
import type { ChainWriter } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import type { AuditSet } from '../../data/auditSet.ts';
import type { Dataset } from '../../data/dataset.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import type { ModelCard } from '../../model/modelFolder.ts';
import { type CommandContext, defineCommand } from '../framework/command.ts';
import { connectSigner, devnetAccountOption } from '../framework/connectSigner.ts';
import { showId } from '../framework/ids.ts';
import { columns } from '../framework/output.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { writeWholeFile } from '../framework/writeWholeFile.ts';
import { loadTable, rangesOf, type SampleInput, sampleOptions, type Table, toSamples } from '../model/sampleOptions.ts';
import { assertGroupOptions, type GroupInput, type Groups, groupOptions, groupsOf } from './groups.ts';
import { type PerturbInput, perturbOption, perturbWith, seedOption } from './perturb.ts';

type Input = Pick<SampleInput, 'labelColumn' | 'header' | 'classNames' | 'pool' | 'range'> &
  GroupInput &
  PerturbInput & {
    readonly samples: string;
    readonly output: string;
    readonly labels: string | undefined;
    readonly model: string | undefined;
    readonly bits: number | undefined;
    readonly classes: number | undefined;
    readonly skip: number;
    readonly limit: number | undefined;
    readonly chunk: number | undefined;
    readonly depth: number;
    readonly salted: boolean;
    readonly register: boolean;
    readonly devnetAccount: number | undefined;
  };

type Made = {
  readonly file: string;
  readonly setId: Hex;
  readonly root: Hex;
  readonly samples: number;
  readonly features: number;
  readonly featureBits: number;
  readonly chunks: number;
  readonly chunkSamples: number;
  readonly depth: number;
  /** Samples of each class. */
  readonly classes: readonly { readonly class: number; readonly name: string | null; readonly samples: number }[];
  readonly groups: readonly { readonly group: number; readonly name: string; readonly samples: number }[];
  readonly salted: boolean;
  readonly bytes: number;
  /** Where it is registered. */
  readonly registered: { readonly registry: Address; readonly owner: Address; readonly block: string } | null;
};

const whole = (low: number, high: number) => z.coerce.number().int().min(low).max(high);
const { labelColumn, header, classNames, pool, range } = sampleOptions;

export const auditSet = defineCommand<Input, Made>({
  name: 'audit set',
  summary: 'commit to the samples that models are audited with',
  description:
    'Reads labelled samples in their order, scales them, cuts them into chunks and writes them with the tree over them. The set id commits to samples, classes and groups: whoever has the same ' +
    'samples gets the same id, unless the set is salted. With --model the samples are scaled as that model takes them (its model.json is enough); otherwise --bits, --range and --pool say how. ' +
    'Register a set before a model is committed, and nobody can say that it was made for the model.',
  arguments: {
    samples: { flags: '<samples>', description: 'mnist (its test images), or an IDX, .npy or CSV file', schema: z.string().min(1) },
  },
  options: {
    output: {
      flags: '--output <file>',
      description: 'where to write the set',
      schema: pathSchema,
    },
    labels: { flags: '--labels <file>', description: 'labels of IDX or .npy samples', schema: z.string().min(1).optional() },
    model: {
      flags: '--model <folder>',
      description: 'model that the samples are for: a folder with its model.json',
      schema: pathSchema.optional(),
    },
    labelColumn,
    header,
    classNames,
    ...groupOptions,
    range,
    pool,
    bits: {
      flags: '--bits <count>',
      description: 'bits of a feature (default: those of the model, else 4)',
      schema: whole(1, 8).optional(),
    },
    classes: {
      flags: '--classes <count>',
      description: "number of classes (default: the model's, the class names', or the largest label and one)",
      schema: whole(2, 255).optional(),
    },
    skip: { flags: '--skip <count>', description: 'leave out the first so many samples', schema: whole(0, 2 ** 31).default(0) },
    limit: { flags: '--limit <count>', description: 'take so many samples (default: all)', schema: whole(1, 2 ** 31).optional() },
    chunk: {
      flags: '--chunk <count>',
      description: 'samples of a chunk, which one proof answers (default: 100, or all of fewer)',
      schema: whole(1, 1_024).optional(),
    },
    depth: {
      flags: '--depth <levels>',
      description: 'depth of the tree over the chunks (default 8: up to 256)',
      schema: whole(1, 8).default(8),
    },
    salted: {
      flags: '--salted',
      description: 'a private set: a random salt a chunk; the file, which has them, is for its owner and the prover alone',
      schema: z.boolean().default(false),
    },
    perturb: perturbOption,
    seed: seedOption,
    register: { flags: '--register', description: 'register the set on chain, under who signs', schema: z.boolean().default(false) },
    devnetAccount: devnetAccountOption,
  },
  examples: [
    'assay audit set mnist --limit 1000 --output mnist-1000.audit',
    'assay audit set people.csv --header --label-column label --group-column sex --model ./wages --output people.audit',
    'assay audit set mnist --limit 200 --perturb shift:1 --output shifted.audit',
  ],
  async run(context, input) {
    const { progress } = context;
    const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
    const { cutAuditSet } = await import('../../data/auditSet.ts');
    const { encodeAuditSet } = await import('../../data/auditSetBlob.ts');
    const { randomScalar } = await import('../../proof/randomScalar.ts');
    assertGroupOptions(input);
    // What cannot be registered is not written either.
    const registrar = input.register ? await openRegistrar(context, input.devnetAccount) : undefined;
    const card = input.model === undefined ? undefined : await readCard(input.model);
    const { dataset, groups, classLabels } = await progress.step('read and scale the samples', () => readLabelled(input, card));
    const changed = perturbWith(dataset, input);
    const set = await progress.step('commit', async () =>
      cutAuditSet(await loadPoseidon2(), changed, {
        samples: input.chunk ?? Math.min(100, dataset.count),
        depth: input.depth,
        ...(groups !== undefined && { groups: { count: groups.names.length, of: groups.of } }),
        ...(input.salted && { salt: randomScalar }),
      }),
    );
    const bytes = encodeAuditSet(set);
    // Written first: what is registered can be proved.
    await writeWholeFile(input.output, bytes, input.salted ? 0o600 : undefined);
    const registered = registrar === undefined ? null : await progress.step('register', () => register(registrar, set));
    const count = <K>(of: ArrayLike<K>, which: K): number => Array.from(of).filter((one) => one === which).length;
    return {
      file: input.output,
      setId: showId(set.id),
      root: showId(set.tree.root),
      samples: dataset.count,
      features: set.features,
      featureBits: set.featureBits,
      chunks: set.chunks.length,
      chunkSamples: set.samples,
      depth: set.tree.depth,
      classes: Array.from({ length: set.classes }, (_, k) => ({
        class: k,
        name: classLabels?.[k] === undefined ? null : String(classLabels[k]),
        samples: count(dataset.labels, k),
      })),
      groups: (groups?.names ?? []).map((name, group) => ({ group, name, samples: count(groups?.of ?? [], group) })),
      salted: input.salted,
      bytes: bytes.length,
      registered,
    };
  },
  render: (value) =>
    columns([
      ['file', `${value.file} (${value.bytes} bytes${value.salted ? ', with its salts: keep it to yourself' : ''})`],
      ['set', value.setId],
      ['root', value.root],
      ['samples', `${value.samples} of ${value.features} features, ${value.featureBits} bits each`],
      ['chunks', `${value.chunks} of ${value.chunkSamples}, tree of depth ${value.depth}`],
      [
        'classes',
        value.classes
          .map((one) => `${one.class}${one.name === null || one.name === String(one.class) ? '' : ` (${one.name})`}: ${one.samples}`)
          .join(', '),
      ],
      ...(value.groups.length === 0
        ? []
        : [['groups', value.groups.map((one) => `${one.group} (${one.name}): ${one.samples}`).join(', ')]]),
      ...(value.registered === null ? [] : [['registered', `by ${value.registered.owner} in block ${value.registered.block}`]]),
    ]),
});

/** The public part of a model: a folder, or its model.json. */
async function readCard(path: string): Promise<ModelCard> {
  const { readModelCard } = await import('../../model/modelFolder.ts');
  return readModelCard(basename(path) === 'model.json' ? dirname(path) : path);
}

type Labelled = {
  readonly dataset: Dataset;
  readonly groups: Groups | undefined;
  readonly classLabels: readonly (number | string)[] | undefined;
};

async function readLabelled(input: Input, card: ModelCard | undefined): Promise<Labelled> {
  if (
    card !== undefined &&
    (input.bits !== undefined || input.range !== undefined || input.pool !== undefined || input.classes !== undefined)
  )
    throw usage('--model says how samples are scaled: leave --bits, --range, --pool and --classes out');
  const mnist = input.samples === 'mnist';
  const scale = await scaleOf(input, card);
  const classLabels = card?.classLabels ?? input.classNames;
  const all = await loadTable(
    {
      features: input.samples,
      labels: input.labels,
      part: 't10k',
      ...(input.groupColumn !== undefined && { group: { column: input.groupColumn, isFeature: input.groupIsFeature } }),
    },
    { ...input, pool: scale.pool, divide: 1, mean: 0, std: 1 },
    card?.classLabels ?? undefined,
    Number.POSITIVE_INFINITY,
  );
  if (all.labels.length === 0) throw usage('the samples have no labels: name their file (--labels) or their column (--label-column)');
  const groups = await groupsOf(all, input);
  const table = cut(all, input);
  const featureBits = card?.spec.fx ?? input.bits ?? 4;
  const ranges = scale.ranges ?? (await rangesOf(table, input.range));
  const classes = card?.sizes.at(-1) ?? input.classes ?? input.classNames?.length ?? (mnist ? 10 : Math.max(...Array.from(all.labels)) + 1);
  const { features, labels } = await toSamples(
    table,
    ranges,
    featureBits,
    { divide: 1, mean: 0, std: 1 },
    {
      inputs: card?.sizes[0] ?? table.width,
      classes,
      classLabels: card?.classLabels ?? undefined,
    },
  );
  return {
    dataset: { count: table.count, width: table.width, classes, featureBits, features, labels: labels as Uint8Array },
    groups: groups && { ...groups, of: groups.of.slice(input.skip, input.skip + table.count) },
    classLabels: classLabels ?? undefined,
  };
}

type Scale = { readonly ranges: Awaited<ReturnType<typeof rangesOf>> | undefined; readonly pool: SampleInput['pool'] };

/** How raw values become features: as the model's do, as mnist's are used to, or as the user says. */
async function scaleOf(input: Input, card: ModelCard | undefined): Promise<Scale> {
  if (card?.input) return { ranges: card.input.ranges, pool: card.input.pool ?? undefined };
  if (input.samples === 'mnist') {
    const factor = card === undefined || card.sizes[0] === 196 ? 2 : 1;
    return { ranges: input.range === undefined ? [[0, 256]] : undefined, pool: input.pool ?? { height: 28, width: 28, factor } };
  }
  // A training checkpoint takes levels as they are.
  if (card !== undefined) return { ranges: [[0, 2 ** card.spec.fx]], pool: undefined };
  return { ranges: undefined, pool: input.pool };
}

function cut(table: Table, { skip, limit }: Input): Table {
  const end = Math.min(table.count, limit === undefined ? table.count : skip + limit);
  if (skip >= table.count || (limit !== undefined && skip + limit > table.count)) {
    throw usage(`there are ${table.count} samples: none are left, or fewer than --limit, after --skip ${skip}`);
  }
  const { width } = table;
  return {
    ...table,
    count: end - skip,
    values: table.values.slice(skip * width, end * width),
    labels: Array.from(table.labels).slice(skip, end),
  };
}

type Registrar = { readonly chain: ChainWriter; readonly deployment: Deployment };

async function openRegistrar({ settings }: CommandContext, account: number | undefined): Promise<Registrar> {
  const { assertDeployment, readDeployment } = await import('../../chain/deployment.ts');
  const deployment = readDeployment(settings.deployment);
  const chain = await connectSigner(settings, account);
  await assertDeployment(chain, deployment);
  return { chain, deployment };
}

async function register({ chain, deployment }: Registrar, set: AuditSet): Promise<Made['registered']> {
  const { getAuditSetBlock } = await import('../../chain/getAuditSetBlock.ts');
  const { registerAuditSet } = await import('../../chain/registerAuditSet.ts');
  const owner = chain.account.address;
  const { classes, groups, samples, chunks, tree } = set;
  await registerAuditSet(chain, deployment, { root: tree.root, depth: tree.depth, chunks: chunks.length, samples, classes, groups });
  const block = await getAuditSetBlock(chain, deployment, set.id, owner);
  return { registry: deployment.addresses.auditRegistry, owner, block: String(block) };
}

function usage(message: string): AssayError {
  return new AssayError('CLI_BAD_OPTION', message, { exitCode: exitCodes.usage });
}
