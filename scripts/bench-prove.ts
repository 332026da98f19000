import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Hex, hexToBytes, keccak256, toHex } from 'viem';
import { windowVerifierDeployedBytecode } from '../src/chain/generated/WindowVerifier.ts';
import { checkpointId, modelId } from '../src/commitment/ids.ts';
import { createKzg } from '../src/commitment/kzg.ts';
import { loadPoseidon2 } from '../src/commitment/poseidon2.ts';
import type { Dataset } from '../src/data/dataset.ts';
import { loadMnist } from '../src/data/loadMnist.ts';
import { cutMinibatches, datasetTree } from '../src/data/minibatchSet.ts';
import { genesisWeights } from '../src/model/genesis.ts';
import { windowSteps } from '../src/node/windowSteps.ts';
import { getWindowCircuit } from '../src/proof/circuitInstance.ts';
import { proveWindow } from '../src/proof/proveWindow.ts';
import { createUltraHonk } from '../src/proof/ultrahonk.ts';
import { verifyProof } from '../src/proof/verifyProof.ts';
import { buildWindowArtifacts, circuitIdOf } from '../src/proof/windowArtifacts.ts';

/** One row of the table; seconds are wall clock, memory is in MB. */
type Row = {
  circuit: string;
  parameters: number;
  samples: number;
  gates: number;
  logSize: number;
  /** 0 with --cached. */
  compileSeconds: number;
  compileMemory: number;
  witnessSeconds: number;
  proveSeconds: number;
  openSeconds: number;
  verifySeconds: number;
  /** Peak of this process and of the prover's, together. */
  memory: number;
  proofBytes: number;
  openingBytes: number;
  /** Execution gas of WindowVerifier.verify, and the whole transaction's: with its base and calldata. */
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
];

/**
 * `npm run -s bench -- prove [--json] [--cached] [CIRCUIT ...]`: gates, seconds, memory, bytes and gas of one window on real MNIST minibatches
 * (the 64-input circuits take the middle 8 x 8 of the pooled images). Each circuit is compiled anew, in a cache of its own, unless --cached.
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
    console.log(JSON.stringify({ bench: 'prove', cores: availableParallelism(), rows }, null, 2));
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

async function measure(name: string, fresh: boolean): Promise<Row> {
  const instance = await getWindowCircuit(name);
  const { sizes, spec, blockLog, treeDepth } = instance;
  const cache = process.env['ASSAY_CACHE'] ?? join(process.env['ASSAY_HOME'] ?? join(homedir(), '.assay'), 'cache');
  const scratch = await mkdtemp(join(tmpdir(), 'assay-bench-'));
  try {
    const children = (): number => childProcesses().reduce((sum, pid) => sum + peakMemory(pid), 0);
    const { value: artifacts, peak: compileMemory } = await watched(children, () =>
      buildWindowArtifacts({
        instance,
        ceremony: { directory: join(cache, 'ceremony') },
        cacheDirectory: fresh ? scratch : join(cache, 'circuits'),
      }),
    );
    const p2 = await loadPoseidon2();
    const kzg = await createKzg(artifacts.srs);
    const honk = await createUltraHonk({ srs: artifacts.srs });
    const dataset = cutMinibatches(p2, await trainingSet(sizes[0] as number), { batch: 2 ** spec.lb, depth: treeDepth });
    const tree = datasetTree(p2, dataset);
    const parent = genesisWeights(spec, sizes, keccak256(toHex('assay bench')));
    const batchSeed = BigInt(keccak256(toHex('assay bench seed'))) >> 4n;
    const window = windowSteps({ p2, spec, sizes, dataset, tree, batchSeed, firstStep: 0, steps: instance.steps, parent });
    const model = modelId(artifacts.shape);
    const parentPoints = await kzg.commitCheckpoint(sizes, blockLog, parent);
    const childPoints = await kzg.commitCheckpoint(sizes, blockLog, window.child);
    const verifierCode = windowVerifierDeployedBytecode as Hex;
    const circuitId = circuitIdOf(artifacts, verifierCode);
    const binding = { chainId: 31337n, statementVerifier: `0x${'5a'.repeat(20)}` as Hex, circuitId };
    const { value: proof, peak: proverMemory } = await watched(children, () =>
      proveWindow({
        ...binding,
        artifacts,
        p2,
        kzg,
        honk,
        statement: {
          context: 1n,
          parentId: checkpointId(model, parentPoints),
          childId: checkpointId(model, childPoints),
          datasetRoot: tree.root,
          batchSeed,
          firstStep: 0,
          lossSum: window.lossSum,
        },
        parent,
        child: window.child,
        parentPoints,
        childPoints,
        steps: window.steps,
      }),
    );
    const memory = proverMemory + peakMemory(process.pid);
    const started = performance.now();
    const verdict = await verifyProof({
      ...proof,
      ...binding,
      statementVerifierCode: verifierCode,
      proofVerifierCode: artifacts.honkVerifier.runtime,
      shapeBytes: artifacts.shapeBytes,
      open: true,
    });
    const verifySeconds = (performance.now() - started) / 1000;
    if (!verdict.valid) throw new Error(`${name}: the verifier refuses the proof that was measured`);
    await honk.close();
    await kzg.close();
    const calldata = hexToBytes(artifacts.shapeBytes).length + proof.proof.length + proof.opening.length + 32 * 16;
    const zeros = [hexToBytes(artifacts.shapeBytes), proof.proof, proof.opening]
      .flatMap((part) => [...part])
      .filter((byte) => byte === 0).length;
    return {
      circuit: name,
      parameters: sizes.slice(1).reduce((sum, m, l) => sum + m * ((sizes[l] as number) + 1), 0),
      samples: instance.steps * 2 ** spec.lb,
      gates: artifacts.gates,
      logSize: artifacts.logSize,
      compileSeconds: artifacts.program.compileSeconds,
      compileMemory: artifacts.program.compileSeconds > 0 ? compileMemory : 0,
      witnessSeconds: proof.seconds.witness,
      proveSeconds: proof.seconds.proof,
      openSeconds: proof.seconds.opening,
      verifySeconds,
      memory,
      proofBytes: proof.proof.length,
      openingBytes: proof.opening.length,
      verifyGas: verdict.gas,
      transactionGas: verdict.gas + 21_000 + 16 * (calldata - zeros) + 4 * zeros,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.send !== undefined) {
  const [, , name, mode] = process.argv as unknown as [string, string, string, string];
  process.send(await measure(name, mode === 'fresh'), () => process.exit(0));
}
