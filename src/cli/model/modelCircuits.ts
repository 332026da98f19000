import type { CircuitInstance } from '../../proof/circuitInstance.ts';
import type { ArithmeticSpec } from '../../quant/spec.ts';

/** A circuit for a model, and the command that builds it. */
export type ModelCircuit = {
  readonly statement: 'inference' | 'well-formed';
  readonly system: 'groth16' | 'ultrahonk';
  /** Its name where the registry has it; null where it is made on demand. */
  readonly name: string | null;
  readonly command: string;
};

type Model = { readonly spec: ArithmeticSpec; readonly sizes: readonly number[]; readonly blockLog: number };

const sameSpec = (a: ArithmeticSpec, b: ArithmeticSpec): boolean =>
  (Object.keys(a) as (keyof ArithmeticSpec)[]).every((field) => a[field] === b[field]);

/** The circuits that prove things of a model: its answers in both systems, and that its weights are within wmax. */
export async function modelCircuits({ spec, sizes, blockLog }: Model): Promise<readonly ModelCircuit[]> {
  const { listCircuits } = await import('../../proof/circuitInstance.ts');
  const { defaultSpec } = await import('../../quant/spec.ts');
  const fits = (circuit: CircuitInstance): boolean =>
    circuit.sizes.join() === sizes.join() && circuit.blockLog === blockLog && sameSpec(circuit.spec, spec);
  const known = (await listCircuits()).filter(fits);
  const standard = defaultSpec(spec.lb, spec.lrk);
  const options = [
    ...(spec.lb === 4 ? [] : [`--batch-log ${spec.lb}`]),
    ...(spec.lrk === 1 ? [] : [`--lrk ${spec.lrk}`]),
    ...(spec.fx === standard.fx ? [] : [`--feature-bits ${spec.fx}`]),
    ...(spec.actBits === standard.actBits ? [] : [`--activation-bits ${spec.actBits}`]),
    ...(blockLog === 15 ? [] : [`--block-log ${blockLog}`]),
  ];
  const wanted = [
    { statement: 'inference', system: 'groth16' },
    { statement: 'inference', system: 'ultrahonk' },
    { statement: 'well-formed', system: 'ultrahonk' },
  ] as const;
  return wanted.map(({ statement, system }) => {
    const found = known.find(
      (c) =>
        c.statement === statement &&
        c.system === (system === 'groth16' ? 'circom' : 'noir') &&
        (c.statement !== 'inference' || (c.inputs === 1 && c.output === 'class')),
    );
    const name = found?.name ?? null;
    const which =
      name ??
      [sizes.join('-'), `--statement ${statement}`, ...(statement === 'inference' ? [`--system ${system}`] : []), ...options].join(' ');
    return { statement, system, name, command: `assay circuit build ${which}` };
  });
}
