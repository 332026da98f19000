import { mod } from '../../src/commitment/field.ts';
import { binOf } from '../../src/commitment/marginThresholds.ts';
import { leafDigest } from '../../src/commitment/merkle.ts';
import { spongeTags } from '../../src/commitment/poseidon2.ts';
import { auditLayout, countBits } from '../../src/proof/audit/circuit.ts';
import { fieldInput, forwardWitness } from '../../src/proof/inference/forwardWitness.ts';
import type { CircuitInputs } from '../../src/proof/windowWitness.ts';
import { answerMargins } from '../../src/quant/answerMargins.ts';
import type { AuditCase } from './auditFixture.ts';
import { packLoosely } from './windowForgery.ts';

// A model's owner that knows no honesty: it counts by rules of its own, and redoes transcript, sketches and claim, so that all that depends on a lie
// agrees with it. What leaves its range is not stopped here.

export type ForgeAuditParameters = {
  readonly given: AuditCase;
  readonly binding?: bigint;
  readonly root?: bigint;
  readonly chunk?: bigint;
  readonly path?: readonly bigint[];
  readonly labels?: (honest: readonly number[]) => readonly number[];
  /** The class that each sample is said to get, as a row that is 1 there. */
  readonly oneHot?: (honest: readonly (readonly bigint[])[]) => readonly (readonly bigint[])[];
  /** The bin that each sample's margin is said to be in, as a row that is 1 there. */
  readonly bins?: (honest: readonly (readonly bigint[])[]) => readonly (readonly bigint[])[];
  /** The second largest logit (shifted) of each sample. */
  readonly second?: (honest: readonly number[]) => readonly number[];
  /** The counts of the statement, from those that follow from labels and answers. */
  readonly counts?: (honest: readonly bigint[]) => readonly bigint[];
  /** The counts of the witness, once b is known. */
  readonly table?: (said: readonly bigint[], truth: readonly bigint[], b: bigint) => readonly bigint[];
  /** The public words, where they are not those of the counts. */
  readonly words?: (honest: readonly bigint[]) => readonly bigint[];
};

export type ForgedAudit = {
  readonly inputs: CircuitInputs;
  readonly outputs: readonly [bigint, bigint, bigint];
  readonly words: readonly bigint[];
};

/** Counts and builds a witness by the forger's rules. */
export function forgeAudit(parameters: ForgeAuditParameters): ForgedAudit {
  const { given } = parameters;
  const { p2, instance, features, weights, mask, blinder, salt, countSalt } = given;
  const { sizes, spec } = instance;
  const layout = auditLayout(instance);
  const { classes, zBits } = layout;
  const forward = forwardWitness(p2, { spec, sizes, zBits, features, weights, mask, blinder });
  const labels = parameters.labels?.(Array.from(given.labels)) ?? Array.from(given.labels);
  const row = (length: number, at: number): bigint[] => Array.from({ length }, (_, i) => (i === at ? 1n : 0n));
  const honestOneHot = forward.classes.map((answer) => row(classes, answer));
  const oneHot = parameters.oneHot?.(honestOneHot) ?? honestOneHot;
  const margins = answerMargins(forward.logits, classes);
  const honestBins = margins.map((margin) => row(layout.bins, binOf(margin, instance.thresholds)));
  const bins = parameters.bins?.(honestBins) ?? honestBins;
  const offset = 2 ** ((zBits.at(-1) as number) - 1);
  const second = margins.map((margin, s) => Math.max(...forward.logits.subarray(s * classes, (s + 1) * classes)) - margin + offset);
  const truth = Array.from({ length: layout.counts }, () => 0n);
  // A sample counts for each class and in each bin for what its rows have there.
  labels.forEach((label, s) => {
    if (label >= layout.labels) return;
    oneHot[s]?.forEach((answer, k) => {
      bins[s]?.forEach((part, bin) => {
        const at = (label * classes + k) * layout.bins + bin;
        truth[at] = mod((truth[at] as bigint) + answer * part);
      });
    });
  });
  const said = parameters.counts?.(truth) ?? truth;
  const packed = packLoosely(said, countBits);
  const honest = countSalt === undefined ? packed : [p2.sponge(spongeTags.counts, [...packed, countSalt])];
  const words = parameters.words?.(honest) ?? honest;
  const binding = parameters.binding ?? given.binding;
  const root = parameters.root ?? given.root;
  const chunk = parameters.chunk ?? BigInt(given.chunk);
  const leaf = leafDigest(p2, features, spec.fx, labels, salt);
  const items = [binding, root, chunk, ...words, blinder, leaf, ...forward.packed.flat()];
  const { inputs, outputs } = forward.finish(items, true);
  const table = parameters.table?.(said, truth, outputs[0]) ?? said;
  return {
    inputs: {
      ...inputs,
      binding: fieldInput(binding),
      root: fieldInput(root),
      chunk: fieldInput(chunk),
      counts: words.map(fieldInput),
      salt: fieldInput(salt),
      siblings: (parameters.path ?? given.path).map(fieldInput),
      labels,
      table: table.map((count) => fieldInput(mod(count))),
      one_hot: oneHot.map((one) => one.map((bit) => fieldInput(mod(bit)))),
      ...(layout.bins > 1 && {
        second: (parameters.second?.(second) ?? second).map((value) => fieldInput(mod(BigInt(value)))),
        bins: bins.map((one) => one.map((part) => fieldInput(mod(part)))),
      }),
      ...(countSalt !== undefined && { count_salt: fieldInput(countSalt) }),
    },
    outputs,
    words,
  };
}
