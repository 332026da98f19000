import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Hex, hexToBytes, keccak256, toHex } from 'viem';
import { groth16InferenceVerifierDeployedBytecode } from '../src/chain/generated/Groth16InferenceVerifier.ts';
import { honkInferenceVerifierDeployedBytecode } from '../src/chain/generated/HonkInferenceVerifier.ts';
import { membershipVerifierDeployedBytecode } from '../src/chain/generated/MembershipVerifier.ts';
import { wellFormedVerifierDeployedBytecode } from '../src/chain/generated/WellFormedVerifier.ts';
import { windowVerifierDeployedBytecode } from '../src/chain/generated/WindowVerifier.ts';
import { blockCount } from '../src/commitment/blocks.ts';
import { checkpointId, modelId } from '../src/commitment/ids.ts';
import { createKzg, type Kzg } from '../src/commitment/kzg.ts';
import { loadPoseidon2 } from '../src/commitment/poseidon2.ts';
import type { Srs } from '../src/commitment/srs.ts';
import type { Dataset } from '../src/data/dataset.ts';
import { loadMnist } from '../src/data/loadMnist.ts';
import { cutMinibatches, datasetTree } from '../src/data/minibatchSet.ts';
import { genesisWeights } from '../src/model/genesis.ts';
import { windowSteps } from '../src/node/windowSteps.ts';
import { circuitIdOf } from '../src/proof/circuitIdOf.ts';
import {
  getCircuit,
  type InferenceInstance,
  type MembershipInstance,
  type WellFormedInstance,
  type WindowInstance,
} from '../src/proof/circuitInstance.ts';
import { buildInferenceArtifacts, inferenceCircuitId } from '../src/proof/inference/inferenceArtifacts.ts';
import { type CommittedModel, proveInference } from '../src/proof/inference/proveInference.ts';
import { buildMembershipArtifacts } from '../src/proof/membership/artifacts.ts';
import { proveMembership } from '../src/proof/membership/proveMembership.ts';
import { proveWindow } from '../src/proof/proveWindow.ts';
import { randomScalar } from '../src/proof/randomScalar.ts';
import type { StatementProof } from '../src/proof/statementProof.ts';
import { createUltraHonk } from '../src/proof/ultrahonk.ts';
import { verifyProof } from '../src/proof/verifyProof.ts';
import { buildWellFormedArtifacts } from '../src/proof/wellFormed/artifacts.ts';
import { proveWellFormed } from '../src/proof/wellFormed/proveWellFormed.ts';
import { buildWindowArtifacts } from '../src/proof/windowArtifacts.ts';
import before from './measuredBefore.json' with { type: 'json' };
import published from './peers/published.json' with { type: 'json' };

/** One row of the table; seconds are wall clock, memory is in MB. */
type Row = {
  circuit: string;
  parameters: number;
  /** Samples that one proof is about: of training, or answered, or one among them; 0 for well-formed. */
  samples: number;
  /** Gates of a Noir circuit, constraints of a circom one, and the power of two that they pad to. */
  size: number;
  logSize: number;
  /** Compiling and making keys; 0 with --cached. */
  buildSeconds: number;
  buildMemory: number;
  witnessSeconds: number;
  proveSeconds: number;
  openSeconds: number;
  verifySeconds: number;
  /** Peak of this process and of the prover's, together. */
  memory: number;
  proofBytes: number;
  openingBytes: number;
  /** Execution gas of the statement's verifier, and the whole transaction's: with its base and calldata. */
  verifyGas: number;
  transactionGas: number;
};

const defaults = [
  'train-window-64-32-10-k1',
  'train-window-64-32-10',
  'train-window-196-64-10-k1',
  'train-window-196-64-10',
  'train-window-784-128-10-k1',
  'train-window-784-128-10',
  'inference-groth16-196-25-10',
  'inference-196-25-10',
  'inference-196-25-10-x100',
  'inference-groth16-784-128-10',
  'inference-784-128-10',
  'well-formed-196-25-10',
  'well-formed-784-128-10',
  'membership-64',
  'membership-196',
];

/**
 * `npm run -s bench -- prove [--json] [--cached] [CIRCUIT ...]`: gates or constraints, seconds, memory, bytes and gas of one proof of each circuit, on real MNIST
 * images (the 64-input circuits take the middle 8 x 8 of the pooled ones). Each circuit is compiled anew, in a cache of its own, unless --cached. Below stand what the same
 * windows took before, and what peers publish (docs/explain/peers.md says what their figures are of).
 */
export async function benchProve(args: readonly string[]): Promise<void> {
  const json = args.includes('--json');
  const named = args.filter((arg) => !arg.startsWith('--'));
  const rows: Row[] = [];
  for (const name of named.length > 0 ? named : defaults) {
    if (!json) process.stderr.write(`${name} ...\n`);
    rows.push(await inChild(name, args.includes('--cached')));
  }
  if (json) {
    console.log(JSON.stringify({ bench: 'prove', cores: availableParallelism(), rows, before, published }, null, 2));
    return;
  }
  console.log(`${availableParallelism()} cores; seconds are wall clock, memory in MB`);
  console.table(
    Object.fromEntries(
      rows.map(({ circuit, ...row }) => [
        circuit,
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [key, key.endsWith('Seconds') ? Number(value.toFixed(2)) : Math.round(value)]),
        ),
      ]),
    ),
  );
  console.log(`\nbefore -> now (before: ${before.what}, ${before.commit})`);
  console.table(
    Object.fromEntries(
      before.rows.flatMap((old) => {
        const now = rows.find(({ circuit }) => circuit === old.circuit);
        if (now === undefined) return [];
        const change = (key: 'size' | 'logSize' | 'proveSeconds' | 'openSeconds' | 'memory' | 'transactionGas'): string => {
          const digits = key.endsWith('Seconds') ? 2 : 0;
          return `${old[key].toFixed(digits)} -> ${now[key].toFixed(digits)}`;
        };
        return [
          [
            old.circuit,
            {
              size: change('size'),
              logSize: change('logSize'),
              proveSeconds: change('proveSeconds'),
              openSeconds: change('openSeconds'),
              memory: change('memory'),
              transactionGas: change('transactionGas'),
            },
          ],
        ];
      }),
    ),
  );
  console.log('\npublished by peers, on machines of theirs');
  for (const { system, proves, size, seconds, source, ...more } of published) {
    const rest = [...('rows' in more ? [`${more.rows} constraints`] : []), ...('memoryMb' in more ? [`${more.memoryMb} MB`] : [])];
    console.log(`  ${[`${system}: ${size}`, `${seconds} s`, ...rest, proves].join('; ')}\n    ${source}`);
  }
}

/** A process for each circuit, so that its peak memory is its own. */
function inChild(name: string, cached: boolean): Promise<Row> {
  const child = fork(fileURLToPath(import.meta.url), [name, cached ? 'cached' : 'fresh'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    let row: Row | undefined;
    child.once('message', (message) => {
      row = message as Row;
    });
    child.once('exit', (code) => {
      if (row === undefined) reject(new Error(`${name}: the measuring process ended with ${code}`));
      else resolve(row);
    });
  });
}

/** Peak resident memory of a process in MB (Linux). */
function peakMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

function childProcesses(): number[] {
  return readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8')
      .split(' ')
      .filter((pid) => pid !== '')
      .map(Number),
  );
}

/** The largest value that `read` takes while `action` runs. */
async function watched<T>(read: () => number, action: () => Promise<T>): Promise<{ value: T; peak: number }> {
  let peak = 0;
  const look = (): void => {
    try {
      peak = Math.max(peak, read());
    } catch {
      // The process that was read has just ended.
    }
  };
  const timer = setInterval(look, 100);
  try {
    const value = await action();
    look();
    return { value, peak };
  } finally {
    clearInterval(timer);
  }
}

async function trainingSet(inputs: number): Promise<Dataset> {
  const { train } = await loadMnist({ pool: inputs === 784 ? 1 : 2, fx: 4, limit: 2048 });
  if (inputs === train.width) return train;
  const features = new Uint8Array(train.count * 64);
  for (let s = 0; s < train.count; s++) {
    for (let i = 0; i < 64; i++) features[s * 64 + i] = train.features[s * 196 + (3 + (i >> 3)) * 14 + 3 + (i & 7)] as number;
  }
  return { ...train, width: 64, features };
}

/** One statement's circuit, built, and what proves with it. */
type Prepared = {
  readonly srs: Srs;
  readonly size: number;
  readonly logSize: number;
  readonly samples: number;
  readonly open: boolean;
  readonly circuitId: Hex;
  readonly statementVerifierCode: Hex;
  readonly proofVerifierCode: Hex;
  readonly shapeBytes: Hex;
  readonly prove: (kzg: Kzg) => Promise<() => Promise<StatementProof & { seconds: { witness: number; proof: number; opening: number } }>>;
};

type Caches = { readonly ceremony: { readonly directory: string }; readonly cacheDirectory: string };

/** Where every proof of the benchmark counts. */
const binding = { chainId: 31337n, verifier: `0x${'5a'.repeat(20)}` as Hex };

/** A blinded checkpoint of real size; what its weights are costs nothing. */
async function committed(kzg: Kzg, instance: InferenceInstance | WellFormedInstance, model: Hex): Promise<CommittedModel> {
  const { spec, sizes, blockLog } = instance;
  const weights = genesisWeights(spec, sizes, keccak256(toHex('assay bench')));
  const sigmas = Array.from({ length: blockCount(sizes, blockLog) }, randomScalar);
  const points = await kzg.commitCheckpoint(sizes, blockLog, weights, sigmas);
  return { weights, sigmas, points, checkpointId: checkpointId(model, points) };
}

async function prepareWindow(instance: WindowInstance, caches: Caches): Promise<Prepared> {
  const artifacts = await buildWindowArtifacts({ instance, ...caches });
  const { sizes, spec, blockLog, treeDepth } = instance;
  const code = windowVerifierDeployedBytecode as Hex;
  const circuitId = circuitIdOf(artifacts, code);
  return {
    srs: artifacts.srs,
    size: artifacts.gates,
    logSize: artifacts.logSize,
    samples: instance.steps * 2 ** spec.lb,
    open: true,
    circuitId,
    statementVerifierCode: code,
    proofVerifierCode: artifacts.honkVerifier.runtime,
    shapeBytes: artifacts.shapeBytes,
    async prove(kzg) {
      const p2 = await loadPoseidon2();
      const honk = await createUltraHonk({ srs: artifacts.srs });
      const dataset = cutMinibatches(p2, await trainingSet(sizes[0] as number), { batch: 2 ** spec.lb, depth: treeDepth });
      const tree = datasetTree(p2, dataset);
      const parent = genesisWeights(spec, sizes, keccak256(toHex('assay bench')));
      const batchSeed = BigInt(keccak256(toHex('assay bench seed'))) >> 4n;
      const window = windowSteps({ p2, spec, sizes, dataset, tree, batchSeed, firstStep: 0, steps: instance.steps, parent });
      const model = modelId(artifacts.shape);
      const parentPoints = await kzg.commitCheckpoint(sizes, blockLog, parent);
      const childPoints = await kzg.commitCheckpoint(sizes, blockLog, window.child);
      const statement = {
        context: 1n,
        parentId: checkpointId(model, parentPoints),
        childId: checkpointId(model, childPoints),
        datasetRoot: tree.root,
        batchSeed,
        firstStep: 0,
        lossSum: window.lossSum,
      };
      return async () => {
        const made = await proveWindow({
          artifacts,
          p2,
          kzg,
          honk,
          statement,
          parent,
          child: window.child,
          parentPoints,
          childPoints,
          steps: window.steps,
          chainId: binding.chainId,
          statementVerifier: binding.verifier,
          circuitId,
        });
        await honk.close();
        return made;
      };
    },
  };
}

async function prepareInference(instance: InferenceInstance, caches: Caches): Promise<Prepared> {
  const artifacts = await buildInferenceArtifacts({ instance, ...caches });
  const { backend, srs } = artifacts;
  const code = (backend.system === 'noir' ? honkInferenceVerifierDeployedBytecode : groth16InferenceVerifierDeployedBytecode) as Hex;
  const circuitId = inferenceCircuitId(artifacts, code);
  const size = backend.system === 'noir' ? backend.honk.gates : backend.groth16.constraints;
  return {
    srs,
    size,
    logSize: backend.system === 'noir' ? backend.honk.logSize : Math.ceil(Math.log2(size + backend.groth16.program.publicInputs + 1)),
    samples: instance.inputs,
    open: false,
    circuitId,
    statementVerifierCode: code,
    proofVerifierCode: artifacts.proofVerifierCode,
    shapeBytes: artifacts.shapeBytes,
    async prove(kzg) {
      const p2 = await loadPoseidon2();
      const prover =
        backend.system === 'noir' ? { system: 'noir' as const, honk: await createUltraHonk({ srs }) } : { system: 'circom' as const };
      const { features } = await trainingSet(instance.sizes[0] as number);
      const model = await committed(kzg, instance, modelId(artifacts.shape));
      return async () => {
        const made = await proveInference({
          artifacts,
          prover,
          p2,
          kzg,
          model,
          features: features.slice(0, instance.inputs * (instance.sizes[0] as number)),
          salt: randomScalar(),
          context: 1n,
          ...binding,
          circuitId,
        });
        if (prover.system === 'noir') await prover.honk.close();
        return made;
      };
    },
  };
}

async function prepareWellFormed(instance: WellFormedInstance, caches: Caches): Promise<Prepared> {
  const artifacts = await buildWellFormedArtifacts({ instance, ...caches });
  const code = wellFormedVerifierDeployedBytecode as Hex;
  const circuitId = circuitIdOf(artifacts, code);
  return {
    srs: artifacts.srs,
    size: artifacts.gates,
    logSize: artifacts.logSize,
    samples: 0,
    open: false,
    circuitId,
    statementVerifierCode: code,
    proofVerifierCode: artifacts.honkVerifier.runtime,
    shapeBytes: artifacts.shapeBytes,
    async prove(kzg) {
      const p2 = await loadPoseidon2();
      const honk = await createUltraHonk({ srs: artifacts.srs });
      const model = await committed(kzg, instance, modelId(artifacts.shape));
      return async () => {
        const made = await proveWellFormed({ artifacts, honk, p2, kzg, model, segment: 0, context: 1n, ...binding, circuitId });
        await honk.close();
        return made;
      };
    },
  };
}

async function prepareMembership(instance: MembershipInstance, caches: Caches): Promise<Prepared> {
  const artifacts = await buildMembershipArtifacts({ instance, ...caches });
  const code = membershipVerifierDeployedBytecode as Hex;
  const circuitId = circuitIdOf(artifacts, code);
  const batch = 2 ** instance.spec.lb;
  return {
    srs: artifacts.srs,
    size: artifacts.gates,
    logSize: artifacts.logSize,
    samples: batch,
    open: false,
    circuitId,
    statementVerifierCode: code,
    proofVerifierCode: artifacts.honkVerifier.runtime,
    shapeBytes: artifacts.shapeBytes,
    async prove() {
      const p2 = await loadPoseidon2();
      const honk = await createUltraHonk({ srs: artifacts.srs });
      const set = cutMinibatches(p2, await trainingSet(instance.sizes[0] as number), {
        batch,
        depth: instance.treeDepth,
        salt: randomScalar,
      });
      return async () => {
        const made = await proveMembership({ artifacts, honk, p2, set, sample: 100, recordSalt: randomScalar(), context: 1n });
        await honk.close();
        return { ...made, seconds: { ...made.seconds, opening: 0 } };
      };
    },
  };
}

async function measure(name: string, fresh: boolean): Promise<Row> {
  const instance = await getCircuit(name);
  const cache = process.env['ASSAY_CACHE'] ?? join(process.env['ASSAY_HOME'] ?? join(homedir(), '.assay'), 'cache');
  const scratch = await mkdtemp(join(tmpdir(), 'assay-bench-'));
  try {
    const caches = { ceremony: { directory: join(cache, 'ceremony') }, cacheDirectory: fresh ? scratch : join(cache, 'circuits') };
    const children = (): number => childProcesses().reduce((sum, pid) => sum + peakMemory(pid), 0);
    const building = performance.now();
    const { value: made, peak: buildMemory } = await watched(children, () => {
      if (instance.statement === 'train-window') return prepareWindow(instance, caches);
      if (instance.statement === 'inference') return prepareInference(instance, caches);
      if (instance.statement === 'well-formed') return prepareWellFormed(instance, caches);
      if (instance.statement === 'membership') return prepareMembership(instance, caches);
      throw new Error('audits have a benchmark of their own');
    });
    const buildSeconds = (performance.now() - building) / 1000;
    const kzg = await createKzg(made.srs);
    const prove = await made.prove(kzg);
    const { value: proof, peak: proverMemory } = await watched(children, prove);
    const memory = proverMemory + peakMemory(process.pid);
    const { circuitId, statementVerifierCode, proofVerifierCode, shapeBytes, open } = made;
    const { chainId, verifier } = binding;
    const started = performance.now();
    const verdict = await verifyProof({
      ...proof,
      chainId,
      statementVerifier: verifier,
      circuitId,
      statementVerifierCode,
      proofVerifierCode,
      shapeBytes,
      open,
    });
    const verifySeconds = (performance.now() - started) / 1000;
    if (!verdict.valid) throw new Error(`${name}: the verifier refuses the proof that was measured`);
    await kzg.close();
    const parts = [hexToBytes(shapeBytes), proof.proof, proof.opening];
    const bytes = parts.reduce((sum, part) => sum + part.length, 32 * (8 + proof.statement.length));
    const zeros = parts.flatMap((part) => [...part]).filter((byte) => byte === 0).length;
    return {
      circuit: name,
      parameters:
        instance.statement === 'membership'
          ? 0
          : instance.sizes.slice(1).reduce((sum, m, l) => sum + m * ((instance.sizes[l] as number) + 1), 0),
      samples: made.samples,
      size: made.size,
      logSize: made.logSize,
      buildSeconds: fresh ? buildSeconds : 0,
      buildMemory: fresh ? buildMemory : 0,
      witnessSeconds: proof.seconds.witness,
      proveSeconds: proof.seconds.proof,
      openSeconds: proof.seconds.opening,
      verifySeconds,
      memory,
      proofBytes: proof.proof.length,
      openingBytes: proof.opening.length,
      verifyGas: verdict.gas,
      transactionGas: verdict.gas + 21_000 + 16 * (bytes - zeros) + 4 * zeros,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.send !== undefined) {
  const [, , name, mode] = process.argv as unknown as [string, string, string, string];
  process.send(await measure(name, mode === 'fresh'), () => process.exit(0));
}
