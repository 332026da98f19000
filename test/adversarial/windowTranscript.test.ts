import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { buildTree } from '../../src/commitment/merkle.ts';
import { openWindow } from '../../src/commitment/opening.ts';
import { type Poseidon2, spongeTags } from '../../src/commitment/poseidon2.ts';
import { compileSolidity } from '../../src/proof/compileSolidity.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, type HonkProof, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import type { WindowArtifacts } from '../../src/proof/windowArtifacts.ts';
import { codeOf } from '../utils/codeOf.ts';
import { type Acir, describeOpcode, dropOpcodes, forceWitness, inputWitnesses, packWitness, readAcir } from '../utils/windowAcir.ts';
import { type WindowCase, windowArtifactsOf, windowCase } from '../utils/windowFixture.ts';
import { forgeryInstance, forgeryWindows } from '../utils/windowForgeries.ts';
import {
  type ForgedMinibatch,
  type ForgedWindow,
  forgedDataset,
  forgeWindow,
  looseLeaf,
  looseTriples,
  packLoosely,
  solveLinear,
} from '../utils/windowForgery.ts';
import { compileMutants } from '../utils/windowMutant.ts';
import { honkVerdict, provedVerdict, type Verdict } from '../utils/windowVerdict.ts';

let honk: UltraHonk;
let kzg: Kzg;
let artifacts: WindowArtifacts;
let acir: Acir;
let verdict: Verdict;
let window: WindowCase;
let honest: ForgedWindow;

beforeAll(async () => {
  artifacts = await windowArtifactsOf(forgeryInstance);
  honk = await createUltraHonk({ srs: artifacts.srs });
  kzg = await createKzg(artifacts.srs);
  acir = readAcir(artifacts.program);
  verdict = await honkVerdict(artifacts.honkVerifier.runtime);
  window = await windowCase({ instance: forgeryInstance, label: 'plain', ...forgeryWindows.plain });
  honest = forgeWindow({ window });
});

afterAll(async () => {
  await honk.close();
  await kzg.close();
});

/** Proves a forger's witness against the real circuit, and against one without the constraints that it breaks. */
async function judged(
  values: Parameters<typeof packWitness>[0],
  violated: readonly number[],
): Promise<{ real: boolean; relaxed: boolean }> {
  const real = await provedVerdict(honk, verdict, artifacts, packWitness(values));
  const program = dropOpcodes(artifacts.program, violated);
  const verifyingKey = await honk.verifyingKey(program);
  const { runtime } = compileSolidity(await honk.solidityVerifier(verifyingKey), 'HonkVerifier');
  return { real, relaxed: await provedVerdict(honk, await honkVerdict(runtime), { program, verifyingKey }, packWitness(values)) };
}

describe('an input edited without redoing the transcript', () => {
  const edited: readonly (readonly [string, (inputs: ForgedWindow['inputs']) => unknown[], number])[] = [
    ...['context', 'parentId', 'childId', 'maskId', 'datasetRoot', 'batchSeed', 'firstStep', 'lossSum'].map(
      (name, i) => [name, (inputs: ForgedWindow['inputs']) => inputs['statement'] as unknown[], i] as const,
    ),
    ['blinder', (inputs) => [inputs['blinder']], 0],
    ['a salt', (inputs) => inputs['salts'] as unknown[], 0],
    ['y', (inputs) => inputs['parent_y0'] as unknown[], 2],
    ['y of the last layer', (inputs) => inputs['parent_y1'] as unknown[], 3],
    ['u', (inputs) => inputs['parent_u1'] as unknown[], 1],
    ['eR', (inputs) => [inputs['mask_claim']], 0],
  ];

  test.each(edited)('%s', async (_name, place, index) => {
    const inputs = structuredClone(honest.inputs);
    const target = place(inputs);
    const changed = `0x${((BigInt(target[index] as string) + 1n) % R).toString(16)}`;
    if (target.length === 1 && target !== inputs['salts']) {
      for (const name of ['blinder', 'mask_claim']) if (inputs[name] === target[0]) inputs[name] = changed;
    } else target[index] = changed;
    expect(inputs).not.toEqual(honest.inputs);
    const start = inputWitnesses(artifacts.program, inputs);
    // b, a and E stay what they were.
    acir.returned.forEach((witness, i) => {
      start[witness] = honest.outputs[i];
    });
    const { values, violated } = forceWitness(acir, window.p2, start);
    expect(violated.length).toBeGreaterThan(0);
    expect(acir.returned.map((witness) => values[witness])).toEqual(honest.outputs);
    expect(await judged(values, violated)).toEqual({ real: false, relaxed: true });
  });
});

test('a proof speaks of its own public inputs only', async () => {
  const { values } = forceWitness(acir, window.p2, inputWitnesses(artifacts.program, honest.inputs));
  const proof: HonkProof = await honk.prove(artifacts.program, artifacts.verifyingKey, packWitness(values));
  expect(proof.publicInputs).toEqual([...window.statement, ...honest.outputs]);
  expect(await verdict(proof)).toBe(true);
  for (const i of proof.publicInputs.keys()) {
    const old = proof.publicInputs[i] as bigint;
    for (const value of [old + 1n, old + R, 0n]) {
      expect(await verdict({ ...proof, publicInputs: proof.publicInputs.with(i, value) }), `word ${i}`).toBe(false);
    }
  }
  expect(await verdict({ ...proof, publicInputs: proof.publicInputs.slice(0, 10) })).toBe(false);
});

test('the index is drawn canonically: bits of h + r are refused, and nothing else stands in their way', async () => {
  const { p2 } = window;
  let alias: WindowCase | undefined;
  for (let i = 0; alias === undefined; i++) {
    const candidate = await windowCase({ instance: forgeryInstance, label: `alias ${i}`, gain: -2 });
    const h = p2.sponge(spongeTags.batchIndex, [candidate.statement[5] as bigint, candidate.statement[6] as bigint]);
    if (h + R < 1n << 254n) alias = candidate;
  }
  const h = p2.sponge(spongeTags.batchIndex, [alias.statement[5] as bigint, alias.statement[6] as bigint]);
  const depth = forgeryInstance.treeDepth;
  const second = Number(BigInt.asUintN(depth, h + R));
  expect(second).not.toBe(Number(BigInt.asUintN(depth, h)));
  const forged = forgeWindow({ window: alias, leafOf: (k, index) => (k === 0 ? second : index) });
  let draws = 0;
  const { values, violated } = forceWitness(acir, p2, inputWitnesses(artifacts.program, forged.inputs), (_name, _inputs, outputs) =>
    draws++ === 0 ? outputs.map((_, i) => ((h + R) >> BigInt(i)) & 1n) : undefined,
  );
  expect(draws).toBe(2);
  // All that fails is the comparison of the bits with r, which follows the bits at once.
  const bits = acir.opcodes.findIndex((opcode) => opcode.kind === 'hint');
  const next = acir.opcodes.findIndex((opcode, index) => index > bits && opcode.kind === 'poseidon2');
  expect(violated.length).toBeGreaterThan(0);
  expect(violated.filter((index) => index < bits || index > next || acir.opcodes[index]?.kind !== 'zero')).toEqual([]);
  expect(await judged(values, violated)).toEqual({ real: false, relaxed: true });
  expect(acir.returned.map((witness) => values[witness])).toEqual(forged.outputs);
  expect(forged.outputs[2]).toBe(forged.opened);
});

test('a node is not a leaf: without tag and length in the sponge, a deeper tree reads as another data set', async () => {
  const { untagged } = await compileMutants(forgeryInstance, {
    untagged: [{ file: 'sponge.nr', from: 'tag * two_pow_64 + N as Field', to: '0 * tag * two_pow_64' }],
  });
  const bare: Poseidon2 = {
    permute: window.p2.permute,
    sponge: (_tag, message) => {
      let state = [0n, 0n, 0n, 0n];
      for (let i = 0; i < message.length; i += 3) {
        state = window.p2.permute(state.map((x, j) => (j < 3 ? (x + (message[i + j] ?? 0n)) % R : x)));
      }
      return state[0] as bigint;
    },
  };
  for (const [p2, program, same] of [
    [bare, untagged, true],
    [window.p2, artifacts.program, false],
  ] as const) {
    const unsalted = (batches: readonly ForgedMinibatch[]): ForgedMinibatch[] => batches.map((batch) => ({ ...batch, salt: 0n }));
    // The published tree has twice as many leaves: the packed features and the packed labels of what shall be read as a minibatch.
    let root = 0n;
    const forged = forgeWindow({
      window: { ...window, p2 },
      dataset: unsalted,
      leaf: (batch) => looseLeaf(p2, batch, forgeryInstance.spec.fx),
      statement: (words) => {
        const published = unsalted(forgedDataset(window)).flatMap((batch) => [
          ...packLoosely(looseTriples(batch, forgeryInstance.spec.fx).flat(), 3 * forgeryInstance.spec.fx),
          ...packLoosely(
            batch.oneHot.map((row) => row.reduce((sum, bit, j) => sum + bit * BigInt(j), 0n)),
            8,
          ),
        ]);
        root = buildTree(p2, published, forgeryInstance.treeDepth + 1).root;
        return words.with(4, root);
      },
    });
    const { violated } = forceWitness(readAcir(program), window.p2, inputWitnesses(program, forged.inputs));
    if (same) {
      expect(violated).toEqual([]);
      expect((await solveWitness(program, forged.inputs)).outputs).toEqual(forged.outputs);
    } else {
      expect([...new Set(violated.map((index) => describeOpcode(acir, index)))]).toEqual(['minibatch: not the leaf that the seed selects']);
      expect(await codeOf(() => solveWitness(program, forged.inputs))).toBe('WITNESS_UNSATISFIED');
    }
  }
});

describe('what the circuit leaves to the opening', () => {
  const open = (outputs: readonly [bigint, bigint, bigint]): Promise<Uint8Array> =>
    openWindow(kzg, {
      sizes: forgeryInstance.sizes,
      blockLog: forgeryInstance.blockLog,
      open: true,
      parent: window.parent,
      child: window.child,
      mask: window.mask,
      statement: window.statement,
      outputs,
      chainId: 31337n,
      verifier: `0x${'33'.repeat(20)}`,
      circuitId: `0x${'22'.repeat(32)}`,
    });

  test('the honest claim opens', async () => {
    expect((await open(honest.outputs)).length).toBeGreaterThan(0);
  });

  test('sketches of other weights that give the same products: the circuit takes them, the opening does not', async () => {
    const forged = forgeWindow({
      window,
      sketches: (sketches, _b, trace) => {
        const rows = trace.inputs.flatMap((step) => step[0] as bigint[][]);
        const first = [1n, ...Array.from({ length: forgeryInstance.sizes[0] as number }, () => 0n)];
        const unseen = solveLinear([...rows, first], [...rows.map(() => 0n), 1n]) as bigint[];
        return {
          ...sketches,
          y: sketches.y.with(
            0,
            (sketches.y[0] as bigint[]).map((x, i) => (x + (unseen[i] as bigint)) % R),
          ),
        };
      },
    });
    expect((await solveWitness(artifacts.program, forged.inputs)).outputs).toEqual(forged.outputs);
    expect(forged.outputs[0]).toBe(honest.outputs[0]);
    expect(forged.outputs[2]).not.toBe(forged.opened);
    expect(await codeOf(() => open(forged.outputs))).toBe('OPENING_CLAIM_MISMATCH');
  });

  test("another claim of the mask: the circuit takes it, the opening doesn't", async () => {
    const forged = forgeWindow({ window, sketches: (sketches) => ({ ...sketches, eR: (sketches.eR + 1n) % R }) });
    expect((await solveWitness(artifacts.program, forged.inputs)).outputs).toEqual(forged.outputs);
    expect(forged.outputs[2]).not.toBe(forged.opened);
    expect(await codeOf(() => open(forged.outputs))).toBe('OPENING_CLAIM_MISMATCH');
  });

  test.each(['context', 'parentId', 'childId', 'maskId'])(
    'another %s: other challenges, so another proof and another opening',
    async (name) => {
      const index = ['context', 'parentId', 'childId', 'maskId'].indexOf(name);
      const forged = forgeWindow({ window, statement: (words) => words.with(index, ((words[index] as bigint) + 1n) % R) });
      expect((await solveWitness(artifacts.program, forged.inputs)).outputs).toEqual(forged.outputs);
      for (const i of [0, 1, 2]) expect(forged.outputs[i]).not.toBe(honest.outputs[i]);
    },
  );

  test('the same window proved with another blinder has other challenges', async () => {
    const again = forgeWindow({ window, blinder: 5n });
    expect((await solveWitness(artifacts.program, again.inputs)).outputs).toEqual(again.outputs);
    expect(again.outputs[2]).toBe(again.opened);
    for (const i of [0, 1, 2]) expect(again.outputs[i]).not.toBe(honest.outputs[i]);
  });
});
