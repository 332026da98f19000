import { mod } from '../../src/commitment/field.ts';
import { tripleFeatures } from '../../src/commitment/merkle.ts';
import { spongeTags } from '../../src/commitment/poseidon2.ts';
import { fieldInput } from '../../src/proof/inference/forwardWitness.ts';
import { membershipLayout } from '../../src/proof/membership/circuit.ts';
import type { CircuitInputs } from '../../src/proof/windowWitness.ts';
import type { MembershipCase } from './membershipFixture.ts';
import { packLoosely } from './windowForgery.ts';

// An owner of data that knows no honesty: it chooses rows, places and paths by rules of its own; the record's digest follows from what it chose.

export type ForgeMembershipParameters = {
  readonly given: MembershipCase;
  /** Triples of the minibatch, row by row. */
  readonly triples?: (honest: readonly (readonly bigint[])[]) => readonly (readonly bigint[])[];
  readonly labels?: (honest: readonly bigint[]) => readonly bigint[];
  readonly oneHot?: (honest: readonly bigint[]) => readonly bigint[];
  readonly root?: bigint;
  readonly index?: bigint;
  readonly path?: readonly bigint[];
  readonly salt?: bigint;
};

export type ForgedMembership = { readonly inputs: CircuitInputs; readonly outputs: readonly bigint[] };

/** Builds a witness by the forger's rules. */
export function forgeMembership(parameters: ForgeMembershipParameters): ForgedMembership {
  const { given } = parameters;
  const { p2, instance, context, place, recordSalt } = given;
  const { spec } = instance;
  const layout = membershipLayout(instance);
  const rows = Array.from({ length: layout.batch }, (_, s) =>
    tripleFeatures(given.features, spec.fx, layout.batch)
      .slice(s * layout.triples, (s + 1) * layout.triples)
      .map(BigInt),
  );
  const triples = parameters.triples?.(rows) ?? rows;
  const honest = Array.from(given.labels, BigInt);
  const labels = parameters.labels?.(honest) ?? honest;
  const hot = Array.from({ length: layout.batch }, (_, s) => (s === place ? 1n : 0n));
  const oneHot = parameters.oneHot?.(hot) ?? hot;
  const chosen = (of: (row: number) => bigint): bigint => mod(oneHot.reduce((sum, bit, s) => sum + bit * of(s), 0n));
  const packed = triples.map((row) => packLoosely(row, 3 * spec.fx));
  const record = [
    ...Array.from({ length: layout.rowFields }, (_, f) => chosen((s) => (packed[s] as bigint[])[f] as bigint)),
    chosen((s) => labels[s] as bigint),
    recordSalt,
  ];
  return {
    inputs: {
      context: fieldInput(context),
      root: fieldInput(parameters.root ?? given.root),
      triples: triples.map((row) => row.map((value) => fieldInput(mod(value)))),
      labels: labels.map((value) => fieldInput(mod(value))),
      salt: fieldInput(parameters.salt ?? given.salt),
      index: fieldInput(parameters.index ?? BigInt(given.index)),
      siblings: (parameters.path ?? given.path).map(fieldInput),
      one_hot: oneHot.map((bit) => fieldInput(mod(bit))),
      record_salt: fieldInput(recordSalt),
    },
    outputs: [p2.sponge(spongeTags.record, record)],
  };
}
