import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Address, formatUnits, isAddressEqual, keccak256, parseUnits, toHex } from 'viem';
import { devnetAccount, startAnvil } from '../../chain/anvil.ts';
import { type ChainWriter, connectChain } from '../../chain/connectChain.ts';
import { deployContracts } from '../../chain/deployContracts.ts';
import { type Deployment, writeDeployment } from '../../chain/deployment.ts';
import { windowVerifierDeployedBytecode } from '../../chain/generated/WindowVerifier.ts';
import { getEvents } from '../../chain/getEvents.ts';
import { getLineage } from '../../chain/getLineage.ts';
import { sendEther } from '../../chain/sendEther.ts';
import { transferToken } from '../../chain/transferToken.ts';
import { modelId } from '../../commitment/ids.ts';
import { AssayError } from '../../errors.ts';
import { createKey } from '../../node/keys.ts';
import type { RoleEvent } from '../../node/roleEvent.ts';
import { circuitIdOf } from '../../proof/circuitIdOf.ts';
import { getWindowCircuit } from '../../proof/circuitInstance.ts';
import { packagePath } from '../../proof/packagePath.ts';
import { buildWindowArtifacts, type WindowArtifacts } from '../../proof/windowArtifacts.ts';
import type { CommandContext } from '../framework/command.ts';
import { ceremonyDirectory, circuitCacheDirectory, keyDirectory } from '../framework/folders.ts';
import type { CheatSettings } from './cheatingWorker.ts';
import { type DemoProcess, startDemoProcess } from './demoProcess.ts';
import type { DemoReport } from './demoReport.ts';
import { finishDemo } from './finishDemo.ts';

export type DemoInput = {
  readonly circuit: string;
  readonly windows: number;
  readonly mode: 'eager' | 'optimistic';
  /** Folder for the roles' keys, databases and blobs. */
  readonly folder: string;
};

const tokens = (amount: string): bigint => parseUnits(amount, 18);
const terms = { price: '10', bond: '5', lapsePenalty: '1', stake: '20' } as const;
/** Short times, so that the demo is short; a block a second. */
const optimisticTerms = ['--mode', 'optimistic', '--finality-blocks', '20', '--answer-blocks', '20', '--validators', '2'] as const;
/** Below this the run has not shown that the job trained anything. */
const leastAccuracy = 0.4;
/** Genesis weights of this gain learn fastest in the first steps. */
const genesisGain = 4;
/** Fixed, so that two runs differ only in whom the chain's randomness gives which minibatch. */
const genesisSeed = keccak256(toHex('assay demo genesis v1'));

const roles = ['worker-a', 'worker-b', 'cheat', 'validator'] as const;
type RoleName = (typeof roles)[number];

const meanings = {
  dev: 'its secret is published, so anyone can forge proofs; for devnets only',
  public: "Aztec's Ignition ceremony; sound while one of its participants was honest",
} as const;

/**
 * The main job, end to end, each role a process of its own: train, prove, verify, pay, catch the cheat, check the lineage.
 *
 * @throws DEMO_FAILED where anything of that did not happen; DEMO_PROCESS_FAILED; errors of the roles
 */
export async function runDemo({ settings, progress, cleanup }: CommandContext, input: DemoInput): Promise<DemoReport> {
  const started = performance.now();
  const instance = await getWindowCircuit(input.circuit);
  const processes: DemoProcess[] = [];
  const folderOf = (role: string): string => join(input.folder, role);
  const common = [
    '--cache',
    settings.cache,
    '--ceremony',
    settings.ceremony,
    ...(settings.srs === undefined ? [] : ['--srs', settings.srs]),
  ];
  const ceremony = { directory: ceremonyDirectory(settings), ...(settings.srs === undefined ? {} : { publicDirectory: settings.srs }) };

  const artifacts = await progress.step(
    `circuit ${instance.name} and ${settings.ceremony} ceremony (${meanings[settings.ceremony]})`,
    (update) =>
      buildWindowArtifacts({
        instance,
        ceremony: { ...ceremony, onProgress: (done, total) => update(`SRS ${done} of ${total}`) },
        cacheDirectory: circuitCacheDirectory(settings),
        onCompile: () => update('compiling, once for this machine'),
      }),
  );

  const anvil = await progress.step('chain: anvil', () => startAnvil({ blockTime: 1 }));
  cleanup.child(anvil.process);
  cleanup.add('the chain', anvil.stop);
  const { rpcUrl } = anvil;
  const chain = await connectChain({ rpcUrl, account: devnetAccount(0) });
  const deployment = await progress.step('contracts', () => deployContracts(chain));
  const deploymentFile = join(input.folder, 'deployment.json');
  await mkdir(input.folder, { recursive: true });
  writeDeployment(deploymentFile, deployment);

  const passwordFile = join(input.folder, 'password');
  await writeFile(passwordFile, `${randomBytes(16).toString('hex')}\n`, { mode: 0o600 });
  const accounts = await progress.step('keys and funds', () => fund(chain, deployment, passwordFile, folderOf));

  const assay = (role: string, args: readonly string[]): readonly string[] => [
    packagePath('bin/assay.js'),
    ...args,
    '--json',
    ...['--home', folderOf(role), '--rpc', rpcUrl, '--deployment', deploymentFile, '--password-file', passwordFile],
    ...common,
  ];
  const report = progress.note;
  const start = (role: string, argv: readonly string[]): DemoProcess => {
    const made = startDemoProcess({ role, argv, cleanup, onEvent: (name, event) => describe(report, name, event) });
    processes.push(made);
    return made;
  };

  const requester = start(
    'requester',
    assay('requester', [
      ...['job', 'create', '--wait', '--key', 'hot', '--circuit', instance.name, '--dataset', 'mnist', '--windows', String(input.windows)],
      ...[
        '--price',
        terms.price,
        '--bond',
        terms.bond,
        '--lapse-penalty',
        terms.lapsePenalty,
        '--genesis-gain',
        String(genesisGain),
        '--genesis-seed',
        genesisSeed,
      ],
      ...(input.mode === 'optimistic' ? optimisticTerms : []),
    ]),
  );
  const registered = progress.step('workers and validator register and bond', () =>
    Promise.all(
      roles.map(
        (role) =>
          start(
            `${role} registration`,
            assay(role, [
              role === 'validator' ? 'validator' : 'worker',
              ...['register', '--operator-key', 'operator', '--hot-key', 'hot', '--stake', terms.stake],
            ]),
          ).result,
      ),
    ),
  );
  if (input.mode === 'optimistic') {
    await progress.step('validator enrols', async () => {
      await registered;
      return start('validator enrolment', assay('validator', ['validator', 'enrol', '--key', 'hot'])).result;
    });
  }
  const opened = await progress.step('job: data set, model, genesis, escrow', async () => {
    await registered;
    return requester.waitFor('jobOpened');
  });
  const jobId = BigInt(opened.jobId);
  const peersOf = async (...of: DemoProcess[]): Promise<string[]> =>
    (await Promise.all(of.map((process) => process.waitFor('listening')))).flatMap((event) => event.addresses);
  const peerFlags = (addresses: readonly string[]): string[] => ['--peers', ...addresses];

  const validator = start(
    'validator',
    assay('validator', ['validator', 'run', '--key', 'hot', '--job', String(jobId), ...peerFlags(await peersOf(requester))]),
  );
  const peers = await peersOf(requester, validator);
  const workers = (['worker-a', 'worker-b'] as const).map((role) =>
    start(role, assay(role, ['worker', 'run', '--key', 'hot', '--job', String(jobId), '--turn', '30', ...peerFlags(peers)])),
  );
  const cheatSettings: CheatSettings = {
    rpcUrl,
    deploymentFile,
    keyDirectory: keyDirectory({ home: folderOf('cheat') }),
    key: 'hot',
    passwordFile,
    storeDirectory: join(folderOf('cheat'), 'worker'),
    ceremony,
    circuitDirectory: circuitCacheDirectory(settings),
    peers,
    jobId: Number(jobId),
    fromWindow: Math.min(2, input.windows - 1),
  };
  const cheatFile = join(input.folder, 'cheat.json');
  await writeFile(cheatFile, JSON.stringify(cheatSettings));
  const cheatProgram = fileURLToPath(import.meta.url).replace(/runDemo\.(ts|js)$/, 'cheatingWorker.$1');
  const cheat = start('cheat', [cheatProgram, cheatFile]);

  await progress.step(`${input.windows} windows, one cheat`, async (update) => {
    const watch = setInterval(() => {
      const done = workers
        .flatMap((worker) => worker.events)
        .filter(({ event }) => event.event === (input.mode === 'eager' ? 'submitted' : 'paid')).length;
      update(`${done} of ${input.windows} windows paid`);
    }, 500);
    try {
      await Promise.all([requester.result, validator.result, cheat.result, ...workers.map((worker) => worker.result)]);
    } finally {
      clearInterval(watch);
    }
  });

  const finished = await progress.step('accuracy and lineage', () =>
    finishDemo({
      chain,
      deployment,
      artifacts,
      jobId,
      stores: [join(folderOf('requester'), 'requester'), join(folderOf('worker-a'), 'worker'), join(folderOf('worker-b'), 'worker')],
    }),
  );
  const ledger = await readLedger({ chain, deployment, jobId, artifacts, processes, accounts });
  const result: DemoReport = {
    ceremony: { profile: artifacts.srs.profile, srsId: artifacts.srs.id, meaning: meanings[artifacts.srs.profile] },
    model: {
      circuit: instance.name,
      circuitId: circuitIdOf(artifacts, windowVerifierDeployedBytecode),
      modelId: modelId(artifacts.shape),
      sizes: instance.sizes,
      parameters: instance.sizes.slice(1).reduce((sum, m, l) => sum + m * ((instance.sizes[l] as number) + 1), 0),
      batch: 2 ** instance.spec.lb,
      steps: instance.steps,
      gates: artifacts.gates,
    },
    job: { id: Number(jobId), mode: input.mode, state: finished.state, price: terms.price, bond: terms.bond },
    ...ledger,
    accuracy: finished.accuracy,
    lineage: finished.lineage,
    processes: [{ role: 'chain', pid: anvil.process.pid ?? 0 }, ...processes.map(({ role, pid }) => ({ role, pid }))],
    seconds: (performance.now() - started) / 1000,
  };
  assertShown(result, input.windows);
  return result;
}

/** Makes every role's keys and gives them coins and tokens. @returns operator address by role */
async function fund(
  chain: ChainWriter,
  deployment: Deployment,
  passwordFile: string,
  folderOf: (role: string) => string,
): Promise<Readonly<Record<RoleName | 'requester', Address>>> {
  const { readFile } = await import('node:fs/promises');
  const password = (await readFile(passwordFile, 'utf8')).trimEnd();
  const made = async (role: string, name: string): Promise<Address> => {
    const directory = keyDirectory({ home: folderOf(role) });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // The keys live as long as this run, so scrypt need not take a second each.
    const { address } = await createKey({ directory, name, password, cost: 12 });
    await sendEther(chain, address, parseUnits('10', 18));
    return address;
  };
  const requester = await made('requester', 'hot');
  await transferToken(chain, deployment.addresses.token, requester, tokens('1000'));
  const operators: Partial<Record<RoleName | 'requester', Address>> = { requester };
  for (const role of roles) {
    const operator = await made(role, 'operator');
    await made(role, 'hot');
    await transferToken(chain, deployment.addresses.token, operator, tokens(terms.stake));
    operators[role] = operator;
  }
  return operators as Readonly<Record<RoleName | 'requester', Address>>;
}

/** A sentence for what a role reports. */
function describe(note: (text: string) => void, role: string, event: RoleEvent): void {
  const window = 'windowIndex' in event ? `window ${event.windowIndex}` : '';
  if (event.event === 'leased') note(`  ${role} leases ${window}`);
  if (event.event === 'proved') {
    note(
      `  ${role} proves ${window} in ${(event.witnessSeconds + event.proofSeconds + event.openingSeconds).toFixed(1)} s, loss ${event.lossSum}`,
    );
  }
  if (event.event === 'announced' && role === 'cheat')
    note(`  ${role} announces ${window}: child = parent, with a proof that cannot be true`);
  if (event.event === 'attested' && role === 'validator') note(`  ${role} says ${event.verdict}`);
  if (event.event === 'submitted') note(`  ${role} submits ${window}, for ${event.gas.toLocaleString('en')} gas`);
  if (event.event === 'paid') note(`  ${role} is paid for ${window}: silence made it final`);
  if (event.event === 'seat') note(`  ${role} has ${event.step} an attestation on chain`);
  if (event.event === 'slashed')
    note(`  ${role} showed the chain the cheat's signed lie: ${formatUnits(BigInt(event.amount), 18)} ASSAY slashed`);
  if (event.event === 'claimed') note(`  ${role} claims ${formatUnits(BigInt(event.amount), 18)} ASSAY`);
  if (event.event === 'warning') note(`  ${role}: ${event.code}: ${event.message}`);
}

type Ledger = Pick<DemoReport, 'windows' | 'slashed' | 'claimed'>;

/** Who did what for how much: money and gas from the chain, seconds from the processes that spent them. */
async function readLedger(parameters: {
  readonly chain: ChainWriter;
  readonly deployment: Deployment;
  readonly jobId: bigint;
  readonly artifacts: WindowArtifacts;
  readonly processes: readonly DemoProcess[];
  readonly accounts: Readonly<Record<string, Address>>;
}): Promise<Ledger> {
  const { chain, deployment, jobId, artifacts, processes, accounts } = parameters;
  const roleOf = (account: Address): string =>
    Object.entries(accounts).find(([, address]) => isAddressEqual(address, account))?.[0] ?? account;
  const eventsOf = processes.flatMap(({ role, events }) => events.map(({ event, at }) => ({ role, event, at })));
  const { windows } = await getLineage(chain, deployment, jobId);
  const rows = await Promise.all(
    windows.map(async (window) => {
      const { submissionId, transactionHash } = window;
      const receipt = await chain.client.getTransactionReceipt({ hash: transactionHash });
      const of = <E extends RoleEvent['event']>(name: E, by?: string) =>
        eventsOf.find(
          ({ role, event }) =>
            event.event === name && 'submissionId' in event && event.submissionId === submissionId && (by ?? role) === role,
        );
      const proved = of('proved')?.event;
      const announced = of('announced');
      const attested = of('attested', 'validator');
      return {
        index: Number(window.windowIndex),
        worker: roleOf(window.operator),
        operator: window.operator,
        lossSum: Number(window.lossSum),
        proveSeconds: proved?.event === 'proved' ? proved.witnessSeconds + proved.proofSeconds + proved.openingSeconds : Number.NaN,
        gates: artifacts.gates,
        verdict: attested?.event.event === 'attested' ? attested.event.verdict : 'none',
        verdictSeconds: attested === undefined || announced === undefined ? Number.NaN : (attested.at - announced.at) / 1000,
        gas: Number(receipt.gasUsed),
        paid: formatUnits(window.reward, 18),
        transactionHash,
      };
    }),
  );
  const chainEvents = await getEvents(chain, deployment, { names: ['OperatorSlashed', 'Slashed', 'Claimed', 'LeaseTaken'] });
  const slashed = chainEvents.flatMap((event) => {
    if (event.name !== 'OperatorSlashed') return [];
    const parts = chainEvents.find((other) => other.name === 'Slashed' && other.transactionHash === event.transactionHash);
    const taken = chainEvents.find((other) => other.name === 'LeaseTaken' && other.args.submissionId === event.args.submissionId);
    const reason = eventsOf.find(
      ({ event: e }) => e.event === 'slashed' && e.submissionId.toLowerCase() === event.args.submissionId.toLowerCase(),
    );
    return [
      {
        worker: roleOf(event.args.operator),
        operator: event.args.operator,
        window: taken?.name === 'LeaseTaken' ? Number(taken.args.windowIndex) : -1,
        reason: reason?.event.event === 'slashed' ? reason.event.reason : 'unknown',
        amount: formatUnits(event.args.slashed, 18),
        finder: reason?.role ?? event.args.finder,
        finderPaid: parts?.name === 'Slashed' ? formatUnits(parts.args.finderPart, 18) : '0',
        transactionHash: event.transactionHash,
      },
    ];
  });
  const claimed = eventsOf.flatMap(({ role, event }) =>
    event.event === 'claimed' ? [{ role, account: event.account, amount: formatUnits(BigInt(event.amount), 18) }] : [],
  );
  return { windows: rows, slashed, claimed };
}

/** The demo shows something only if all of it happened. @throws DEMO_FAILED */
function assertShown(report: DemoReport, windows: number): void {
  const missing: string[] = [];
  if (report.windows.length < windows) missing.push(`only ${report.windows.length} of ${windows} windows were paid`);
  if (new Set(report.windows.map((window) => window.worker)).size < 2 && windows > 1) missing.push('only one worker was paid');
  if (report.windows.some((window) => !Number.isFinite(window.proveSeconds)))
    missing.push('no process reported how long a paid window took to prove');
  if (report.windows.some((window) => window.verdict !== 'accept'))
    missing.push('the validator did not accept every window before it was paid');
  if (report.slashed.length !== 1 || report.slashed[0]?.worker !== 'cheat') missing.push('the cheat was not slashed');
  if (report.windows.some((window) => window.worker === 'cheat')) missing.push('the cheat was paid');
  if (!report.lineage.verified || report.lineage.windows !== report.windows.length) missing.push('the lineage is not verified');
  if (!(report.accuracy.final >= leastAccuracy))
    missing.push(`accuracy is ${(100 * report.accuracy.final).toFixed(2)} %, below ${100 * leastAccuracy} %`);
  if (missing.length > 0) {
    throw new AssayError('DEMO_FAILED', 'the demo ran, but did not show what it should', {
      details: `${missing.join('\n')}\n${JSON.stringify(report)}`,
    });
  }
}
